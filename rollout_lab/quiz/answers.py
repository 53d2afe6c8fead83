"""Read and judge what a student gives for a practice item."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from .schema import EntryTask, NumberTask, OrderTask, PracticeItem, Question
from .sections import read_again_link

POWER = r"([1-9]\d{0,2})\s*(?:\^|\*\*)\s*(-?\d{1,2})"  # such as 2^5
_WHOLE = r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)"
NUMBER = rf"{_WHOLE}(?:\s*/\s*{_WHOLE})?\s*(%?)"
"""A decimal or a quotient, in percent or not, as patterns that a browser reads too."""


def read_number(text: str) -> float:
    """A number as students write it. Raises ValueError with what would be one."""
    tidy = text.strip().replace("−", "-").replace(",", ".")
    tidy = re.sub(f"^{POWER}$", lambda found: repr(float(found[1]) ** int(found[2])), tidy)
    found = re.fullmatch(NUMBER, tidy, re.IGNORECASE)
    if not tidy:
        raise ValueError("Type a number, such as 0.25 or 1/4.")
    if not found or (found[2] and float(found[2]) == 0):
        raise ValueError(f"“{text.strip()}” is no number. Write it like 0.25, 1/4 or 25 %.")
    value = float(found[1]) / float(found[2] or 1) / (100 if found[3] else 1)
    if not math.isfinite(value):
        raise ValueError(f"“{text.strip()}” is too large a number.")
    return value


class Judged(NamedTuple):
    """What the student reads of an answer, "right", "wrong" or "" for none, and the belief that it shows."""

    feedback: str
    verdict: str = ""
    belief: str = ""


def judge(item: PracticeItem, given: Any) -> Judged:
    """Judge an answer to a practice item, whatever it is."""
    if isinstance(item, Question):
        return _judge_letter(item, given)
    answer: Any
    if isinstance(item, NumberTask):
        try:
            answer = read_number(str(given))
        except ValueError as unread:
            return Judged(str(unread))
    elif _are_places(given, item):
        answer = tuple(given)
    else:
        return Judged(f"Give places as a list, such as {list(item.key)[::-1]}.")

    def is_answer(other: Any) -> bool:
        near = isinstance(item, NumberTask) and abs(answer - other) <= item.tolerance
        return bool(near or answer == other)

    if is_answer(item.key):
        return Judged(f"Right. {item.explanation}", "right")
    for belief in item.misconceptions:
        if is_answer(belief.answer):
            words = f"Not yet. {belief.diagnosis}\n{read_again_link(belief.lesson)}"
            return Judged(words, "wrong", belief.name or "")
    return Judged(f"Not yet. {item.otherwise}", "wrong")


def _are_places(given: Any, item: OrderTask | EntryTask) -> bool:
    """Whether these are all pieces in some order, or a row and a column that there are."""
    if not isinstance(given, Sequence) or not all(isinstance(place, int) for place in given):
        return False
    if isinstance(item, OrderTask):
        return sorted(given) == list(range(len(item.pieces)))
    ends = len(item.matrices[0].rows), len(item.matrices[0].columns)
    return len(given) == 2 and all(0 <= place < end for place, end in zip(given, ends, strict=True))


def _judge_letter(question: Question, letter: Any) -> Judged:
    options = {option.letter: option for option in question.options}
    if not isinstance(letter, str) or letter not in options:
        return Judged(choose_one_of(options))
    belief = options[letter].misconception
    if belief is None:
        return Judged(f"Right. {question.explanation}", "right")
    where = f"\n{read_again_link(belief.lesson)}" if belief.name else ""
    return Judged(f"Not yet. {belief.diagnosis}{where}", "wrong", belief.name or "")


def choose_one_of(letters: Iterable[str]) -> str:
    return f"Choose one of the letters {', '.join(letters)}."
