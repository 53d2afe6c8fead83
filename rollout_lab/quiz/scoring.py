"""Judge an answer by a sealed key: which points it earns and which misconception it shows.

A key is plain data (a dictionary that JSON can hold), so that a graded notebook needs neither
the item bank nor a reference solution. Judging reads data only: the student's function runs in
``running``, in another process if need be.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .running import Outcome, arguments_of

RELATIVE, ABSOLUTE = 1e-4, 1e-6


@dataclass(frozen=True)
class Verdict:
    """What an answer earns and what it shows.

    ``credit`` is the share of the points, 0 to 1. ``misconception`` is the name of the belief
    found, or None. ``answer`` repeats what the student gave, ``message`` says why, ``lesson`` is
    the anchor of the section to read again ("" when nothing is to be read).
    """

    credit: float
    answer: str
    message: str
    misconception: str | None = None
    lesson: str = ""

    @property
    def right(self) -> bool:
        return self.credit == 1.0


def read_letter(answer: Any, letters: Sequence[str]) -> str | None:
    """The option letter that an answer means, or None: case, spaces and a bracket do not count.

    >>> read_letter(" b)", "ABCD"), read_letter("(B", "ABCD"), read_letter("E", "ABCD")
    ('B', 'B', None)
    """
    if not isinstance(answer, str):
        return None
    letter = answer.strip().strip("().:>").strip().upper()
    return letter if letter in letters and len(letter) == 1 else None


def is_blank(answer: Any) -> bool:
    """Whether nothing was answered yet: None or an empty text."""
    return answer is None or (isinstance(answer, str) and not answer.strip())


def judge_choice(answer: Any, key: Mapping[str, Any]) -> Verdict:
    """The verdict on the answer to a question; ``key`` is what ``build_key`` made of the item."""
    options = key["options"]
    letter = read_letter(answer, list(options))
    if letter is None:
        found = "no answer" if is_blank(answer) else repr(answer)[:80]
        return Verdict(0.0, found, "No option was chosen, so there is nothing to judge.")
    option = options[letter]
    answer = f"{letter}) {option['text']}"
    if option["right"]:
        return Verdict(1.0, answer, key["explanation"])
    return Verdict(option["credit"], answer, option["diagnosis"], option["misconception"], option["lesson"])


def judge_function(outcomes: Sequence[Outcome], key: Mapping[str, Any]) -> Verdict:
    """The verdict on a student's function, from what its calls came to.

    The outcomes are compared with the expected ones first, then with each misconception's: a
    diagnosis is given only if every probe came out as that misconception predicts.
    """
    answer = f"your function {key['item']}"
    probes = key["probes"]
    for outcome in outcomes:
        if "library" in outcome:
            return Verdict(
                0.0,
                answer,
                f"It calls rollout_lab's own {outcome['library']}, which is what the exercise asks you to "
                "write. Write it with NumPy.",
                "library-version",
                key["lesson"],
            )
    if len(outcomes) != len(probes) or all("error" in outcome for outcome in outcomes):
        reason = next((outcome["error"] for outcome in outcomes if "error" in outcome), "It was not run.")
        if reason.startswith("NotImplementedError"):
            reason = "It is not written yet."
        return Verdict(0.0, answer, f"It could not be judged. {reason}", None, key["lesson"])

    right = [_right(outcome, probe, key) for outcome, probe in zip(outcomes, probes, strict=True)]
    if all(right):
        if any(outcome.get("modified") for outcome in outcomes):
            return Verdict(
                0.5,
                answer,
                "The results are right, but the function changes the array it is given: whoever calls it "
                "works with other numbers afterwards. Work on a copy: write R = R + I, not R += I.",
                "modifies-its-argument",
                key["lesson"],
            )
        return Verdict(1.0, answer, key["explanation"])
    for misconception in key["misconceptions"]:
        if all(
            _same(outcome, predicted)
            for outcome, predicted in zip(outcomes, misconception["outcomes"], strict=True)
        ):
            return Verdict(
                misconception["credit"],
                answer,
                misconception["diagnosis"],
                misconception["name"],
                misconception["lesson"],
            )
    return Verdict(0.0, answer, _unknown(outcomes, right, key), None, key["lesson"])


def _unknown(outcomes: Sequence[Outcome], right: Sequence[bool], key: Mapping[str, Any]) -> str:
    """A useful sentence on a result that matches no known misconception: which promise it breaks."""
    broken = [key["promises"][p["promise"]] for p, ok in zip(key["probes"], right, strict=True) if not ok]
    kept = sum(right)
    parts = [
        f"It is right in {kept} of {len(right)} hidden calls. "
        "What the statement promises and your function does not keep:"
    ]
    parts += [f"- {text}" for text in dict.fromkeys(broken)]
    failed = next(outcome for outcome, ok in zip(outcomes, right, strict=True) if not ok)
    if "error" in failed:
        parts.append(f"One of those calls ended with: {failed['error']}")
    return "\n".join(parts)


def _right(outcome: Outcome, probe: Mapping[str, Any], key: Mapping[str, Any]) -> bool:
    if key.get("compare") == "path":
        return _is_best_path(outcome, probe)
    return _same(outcome, probe["expected"])


def _same(outcome: Outcome, other: Outcome) -> bool:
    if "error" in outcome or "error" in other:
        return "error" in outcome and "error" in other
    return outcome["shape"] == other["shape"] and np.allclose(
        outcome["value"], other["value"], rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True
    )


def _is_best_path(outcome: Outcome, probe: Mapping[str, Any]) -> bool:
    """Whether the outcome is a path from output to source as heavy as the expected one."""
    layers, output, source = arguments_of(probe)
    if "error" in outcome or outcome["shape"] != [len(layers) + 1]:
        return False
    positions = np.array(outcome["value"])
    if (positions != np.round(positions)).any() or not (
        (positions >= 0) & (positions < layers.shape[-1])
    ).all():
        return False
    positions = positions.astype(int)
    if positions[0] != output or positions[-1] != source:
        return False
    return bool(
        np.isclose(
            _weight(layers, positions), _weight(layers, probe["expected"]["value"]), rtol=RELATIVE, atol=0
        )
    )


def _weight(layers: np.ndarray, positions: Sequence[float]) -> float:
    weight = 1.0
    for layer, i, j in zip(reversed(layers), positions[:-1], positions[1:], strict=True):
        weight *= layer[int(i), int(j)]
    return weight


def render(verdict: Verdict, points: float | None = None) -> str:
    """A verdict as text, a line for each thing said."""
    mark = {1.0: "Right", 0.0: "Not yet"}.get(verdict.credit, "Partly right")
    if points is not None:
        mark += f": {verdict.credit * points:g} of {points:g} points"
    lines = [f"{mark}.", f"You answered: {verdict.answer}", verdict.message]
    if verdict.lesson:
        lesson, section = verdict.lesson.split("#")
        lines.append(f'Read again: lesson {lesson}, section "{section.replace("-", " ")}".')
    return "\n".join(lines)


def wrapped(text: str, width: int = 100) -> str:
    """A text in lines that fit a notebook's output and nbgrader's feedback.

    >>> print(wrapped("- a line that is too long", width=16))
    - a line that is
      too long
    """
    return "\n".join(
        textwrap.fill(line, width, subsequent_indent="  " if line.startswith("- ") else "")
        for line in text.splitlines()
    )
