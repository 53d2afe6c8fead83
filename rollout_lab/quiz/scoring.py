"""Judge an answer by a sealed key: which points it earns and which misconception it shows.

A key is plain data (a dictionary that JSON can hold), so that a graded notebook needs neither
the item bank nor a reference solution. Judging reads data only: the student's function runs in
``running``, in another process if need be.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .comparing import matches, right
from .explaining import explain, explain_failure, not_written
from .running import Outcome
from .slips import MODIFIES_ITS_ARGUMENT, find_slip

NO_ANSWER = "no answer"
"""What a verdict repeats where nothing was answered."""


@dataclass(frozen=True)
class Verdict:
    """What an answer earns and what it shows.

    ``credit`` is the share of the points, 0 to 1. ``misconception`` is the name of the belief
    found, or None; the names of two that come together are joined by a plus. ``answer`` repeats what
    the student gave, ``message`` says why, ``lesson`` is the anchor of the section to read again (""
    when nothing is to be read).
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
    """The option letter that an answer means, or None: case, width and what is no letter do not count.

    >>> read_letter(" b)", "ABCD"), read_letter("\uff22", "ABCD"), read_letter("E", "ABCD")
    ('B', 'B', None)
    """
    if not isinstance(answer, str):
        return None
    # East Asian keyboards write letters of full width, and what is pasted may bring invisible characters.
    letter = "".join(c for c in unicodedata.normalize("NFKC", answer[:100]) if c.isalnum()).upper()
    return letter if letter in letters and len(letter) == 1 else None


def is_blank(answer: Any) -> bool:
    """Whether nothing was answered yet: None or an empty text."""
    return answer is None or (isinstance(answer, str) and not answer.strip())


def judge_choice(answer: Any, key: Mapping[str, Any]) -> Verdict:
    """The verdict on the answer to a question; ``key`` is the item's, unsealed."""
    options = key["options"]
    letter = read_letter(answer, list(options))
    if letter is None:
        found = NO_ANSWER if is_blank(answer) else repr(answer)[:80]
        return Verdict(0.0, found, "No option was chosen, so there is nothing to judge.")
    option = options[letter]
    answer = f"{letter}) {option['text']}"
    if option["right"]:
        return Verdict(1.0, answer, key["explanation"])
    return Verdict(option["credit"], answer, option["diagnosis"], option["misconception"], option["lesson"])


def judge_function(outcomes: Sequence[Outcome], key: Mapping[str, Any]) -> Verdict:
    """The verdict on a student's function, from what its calls came to.

    The outcomes are compared with the expected ones first, then with those of each misconception
    and of each pair of misconceptions: a diagnosis is given only if every call came out as it
    predicts. What matches none is explained by a counterexample.
    """
    library = next((outcome["library"] for outcome in outcomes if "library" in outcome), None)
    if library:
        return _verdict(
            key,
            0.0,
            f"It calls rollout_lab's own {library}, which is what the exercise asks you to write. "
            "Write it with NumPy.",
            "library-version",
        )
    if len(outcomes) != len(key["probes"]) or all("error" in outcome for outcome in outcomes):
        verdict = _verdict(key, 0.0, f"It could not be judged. {explain_failure(outcomes, key)}")
        blank = len(outcomes) == len(key["probes"]) and not_written(outcomes)
        return replace(verdict, answer=NO_ANSWER) if blank else verdict
    verdict = _judge_results(outcomes, key)
    modified = any(outcome.get("modified") for outcome in outcomes)
    return _with_changed_argument(verdict, key) if modified else verdict


def _judge_results(outcomes: Sequence[Outcome], key: Mapping[str, Any]) -> Verdict:
    each = [right(outcome, probe, key) for outcome, probe in zip(outcomes, key["probes"], strict=True)]
    if all(each):
        return _verdict(key, 1.0, key["explanation"])
    known = _known(outcomes, key)
    if known:
        return known
    slip = find_slip(outcomes, key)
    if slip:
        return _verdict(key, slip.credit, slip.diagnosis, slip.name)
    return _verdict(key, 0.0, explain(outcomes, each, key))


def _verdict(
    key: Mapping[str, Any],
    credit: float,
    message: str,
    misconception: str | None = None,
    lesson: str | None = None,
) -> Verdict:
    lesson = ("" if credit == 1 else key["lesson"]) if lesson is None else lesson
    return Verdict(credit, f"your function {key['item']}", message, misconception, lesson)


def _known(outcomes: Sequence[Outcome], key: Mapping[str, Any]) -> Verdict | None:
    """The misconception of the item that explains every call, or the two that do together."""
    beliefs = {belief["name"]: belief for belief in key["misconceptions"]}
    for belief in beliefs.values():
        if _explains(belief["results"], outcomes):
            return _verdict(key, belief["credit"], belief["diagnosis"], belief["name"], belief["lesson"])
    for pair in key["pairs"]:
        if _explains(pair["results"], outcomes):
            first, second = (beliefs[name] for name in pair["names"])
            return _verdict(
                key,
                first["credit"] * second["credit"],
                "Two mistakes at once explain every result of yours. Each is described as though it were "
                f"alone.\n- {first['diagnosis']}\n- {second['diagnosis']}",
                f"{first['name']}+{second['name']}",
                first["lesson"],
            )
    return None


def _explains(results: Sequence[Any], outcomes: Sequence[Outcome]) -> bool:
    return all(matches(outcome, result) for outcome, result in zip(outcomes, results, strict=True))


def _with_changed_argument(verdict: Verdict, key: Mapping[str, Any]) -> Verdict:
    """A verdict on a function that changes its argument besides: it earns half of what it would."""
    slip = MODIFIES_ITS_ARGUMENT
    before = "The results are right, but:" if verdict.right else f"{verdict.message}\nBesides:"
    names = f"{verdict.misconception}+{slip.name}" if verdict.misconception else slip.name
    lesson = verdict.lesson or key["lesson"]
    return _verdict(key, verdict.credit * slip.credit, f"{before} {slip.diagnosis}", names, lesson)


def render(verdict: Verdict, points: float | None = None) -> str:
    """A verdict as text, a line for each thing said."""
    mark = {1.0: "Right", 0.0: "Not yet"}.get(verdict.credit, "Partly right")
    if points is not None:
        mark += f": {verdict.credit * points:g} of {points:g} points"
    lines = [f"{mark}.", f"You answered: {verdict.answer}", verdict.message]
    if verdict.lesson:
        lines.append(read_again(verdict.lesson))
    return "\n".join(lines)


RECORD = "application/vnd.rollout-lab.verdict+json"
"""The MIME type under which a graded cell's output carries what its verdict shows."""


def recorded(verdict: Verdict, points: float) -> dict[str, Any]:
    """A verdict as data of an output, for class report and feedback page; a notebook shows nothing of it."""
    record = {
        "credit": verdict.credit,
        "answer": verdict.answer,
        "misconception": verdict.misconception,
        "lesson": verdict.lesson,
        "text": render(verdict, points),
    }
    return {RECORD: record, "text/plain": ""}


def read_again(anchor: str) -> str:
    """Where to read again, in words.

    >>> read_again("02_matrix_product_rollout#the-order-matters")
    'Read again: lesson 02_matrix_product_rollout, section "the order matters".'
    """
    lesson, section = anchor.split("#")
    return f'Read again: lesson {lesson}, section "{section.replace("-", " ")}".'


def wrapped(text: str, width: int = 100) -> str:
    """A text in lines that fit a notebook's output and nbgrader's feedback.

    >>> print(wrapped("- a line that is too long", width=16))
    - a line that is
      too long
    """
    lines = text.splitlines()
    indents = ["  " if line.startswith("- ") else line[: len(line) - len(line.lstrip())] for line in lines]
    return "\n".join(
        textwrap.fill(line, width, subsequent_indent=indent)
        for line, indent in zip(lines, indents, strict=True)
    )
