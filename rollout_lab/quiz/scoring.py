"""Judge an answer by its key: which points it earns and which misconception it shows.

Judging reads data only: the student's function runs in `running`, in another process if need be.
"""

import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from .comparing import is_right, matches
from .explaining import explain, explain_failure, not_written
from .key import Belief, ChoiceKey, Digest, FunctionKey, Outcome
from .python_mistakes import MODIFIES_ITS_ARGUMENT, find_mistake
from .sections import read_again

NO_ANSWER = "no answer"
LIBRARY_VERSION = "library-version"
"""The misconception of a function that calls the library's own."""


@dataclass(frozen=True)
class Verdict:
    """What an answer earns and what it shows.

    `credit` is the share of the points, 0 to 1. `misconception` names the belief found, two joined by a plus;
    `lesson` is the anchor of the section to read again, if any.
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
    """The option letter that an answer means, or None: case, width and what is no letter do not count."""
    if not isinstance(answer, str):
        return None
    # East Asian keyboards write letters of full width, and what is pasted may bring invisible characters.
    letter = "".join(c for c in unicodedata.normalize("NFKC", answer[:100]) if c.isalnum()).upper()
    return letter if letter in letters and len(letter) == 1 else None


def is_blank(answer: Any) -> bool:
    """Whether nothing was answered yet: None or an empty text."""
    return answer is None or (isinstance(answer, str) and not answer.strip())


def judge_choice(answer: Any, key: ChoiceKey) -> Verdict:
    """Judge the answer to a question."""
    letter = read_letter(answer, list(key.options))
    if letter is None:
        found = NO_ANSWER if is_blank(answer) else repr(answer)[:80]
        return Verdict(0.0, found, "No option was chosen, so there is nothing to judge.")
    option = key.options[letter]
    answer = f"{letter}) {option.text}"
    if option.right:
        return Verdict(1.0, answer, key.explanation)
    return Verdict(option.credit, answer, option.diagnosis, option.misconception, option.lesson)


def judge_function(outcomes: Sequence[Outcome], key: FunctionKey) -> Verdict:
    """Judge a student's function by what its calls came to."""
    answer = f"your function {key.item}"
    if library := next((outcome.library for outcome in outcomes if outcome.library is not None), None):
        message = f"It calls rollout_lab's own {library}, which is what the exercise asks you to write. "
        return Verdict(0.0, answer, f"{message}Write it with NumPy.", LIBRARY_VERSION, key.lesson)
    all_run = len(outcomes) == len(key.probes)
    if not all_run or all(outcome.error is not None for outcome in outcomes):
        answer = NO_ANSWER if all_run and not_written(outcomes) else answer
        message = f"It could not be judged. {explain_failure(outcomes, key)}"
        return Verdict(0.0, answer, message, lesson=key.lesson)
    verdict = replace(_judge_results(outcomes, key), answer=answer)
    if any(outcome.modified for outcome in outcomes):
        mistake = MODIFIES_ITS_ARGUMENT
        before = "The results are right, but:" if verdict.right else f"{verdict.message}\nBesides:"
        return Verdict(
            verdict.credit * mistake.credit,
            answer,
            f"{before} {mistake.diagnosis}",
            "+".join(filter(None, [verdict.misconception, mistake.name])),
            verdict.lesson or key.lesson,
        )
    return verdict


def _judge_results(outcomes: Sequence[Outcome], key: FunctionKey) -> Verdict:
    """The verdict on outcomes one of which at least is a result, without the answer's name.

    A diagnosis is given only if every call came out as a misconception, or a pair of them, predicts.
    """
    right = [is_right(outcome, probe, key) for outcome, probe in zip(outcomes, key.probes, strict=True)]
    if all(right):
        return Verdict(1.0, "", key.explanation)
    beliefs = {belief.name: belief for belief in key.misconceptions}
    for belief in beliefs.values():
        if _explains(belief.results, outcomes):
            return Verdict(belief.credit, "", belief.diagnosis, counted([belief]), belief.lesson)
    for pair in key.pairs:
        if _explains(pair.results, outcomes):
            first, second = (beliefs[name] for name in pair.names)
            return Verdict(
                first.credit * second.credit,
                "",
                "Two mistakes at once explain every result of yours. Each is described as though it were "
                f"alone.\n- {first.diagnosis}\n- {second.diagnosis}",
                counted([first, second]),
                first.lesson,
            )
    if mistake := find_mistake(outcomes, key):
        return Verdict(mistake.credit, "", mistake.diagnosis, mistake.name, key.lesson)
    return Verdict(0.0, "", explain(outcomes, right, key), lesson=key.lesson)


def counted(beliefs: Sequence[Belief]) -> str | None:
    """The names under which a verdict counts beliefs."""
    return "+".join(belief.name for belief in beliefs if belief.counted) or None


def _explains(results: Sequence[Digest], outcomes: Sequence[Outcome]) -> bool:
    return all(matches(outcome, result) for outcome, result in zip(outcomes, results, strict=True))


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
    record = {**asdict(verdict), "text": render(verdict, points)}
    del record["message"]
    return {RECORD: record, "text/plain": ""}


WIDTH = 64
"""What a line of output holds in a window of 1000 pixels beside the list of files."""


def wrapped(text: str, width: int = 100) -> str:
    """A text in lines that fit a notebook's output and nbgrader's feedback."""
    lines = []
    for line in text.splitlines():
        indent = "  " if line.startswith("- ") else line[: len(line) - len(line.lstrip())]
        lines.append(textwrap.fill(line, width, subsequent_indent=indent))
    return "\n".join(lines)
