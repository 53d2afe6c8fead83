"""Read and judge what a student gives for a practice item."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from .schema import NumberTask, PracticeItem, Question
from .scoring import read_again


def read_number(text: str) -> float:
    """A number as students write it. Raises ValueError with what would be one."""
    tidy = text.strip().replace("−", "-").replace(",", ".")
    whole = r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)"
    found = re.fullmatch(rf"{whole}(?:\s*/\s*{whole})?\s*(%?)", tidy, re.IGNORECASE)
    if not tidy:
        raise ValueError("Type a number, such as 0.25 or 1/4.")
    if not found or (found[2] and float(found[2]) == 0):
        raise ValueError(f"“{text.strip()}” is no number. Write it like 0.25, 1/4 or 25 %.")
    value = float(found[1]) / float(found[2] or 1) / (100 if found[3] else 1)
    if not math.isfinite(value):
        raise ValueError(f"“{text.strip()}” is too large a number.")
    return value


def judge(item: PracticeItem, given: Any) -> tuple[str, str]:
    """What the student reads of an answer, and "right", "wrong", or "" for what cannot be read as one."""
    if isinstance(item, Question):
        return _judge_letter(item, given)
    answer: Any
    if isinstance(item, NumberTask):
        try:
            answer = read_number(str(given))
        except ValueError as unread:
            return str(unread), ""
    elif isinstance(given, Sequence) and not isinstance(given, str):
        answer = tuple(given)
    else:
        return f"Give places as a list, such as {list(item.key)[::-1]}.", ""

    def is_answer(other: Any) -> bool:
        near = isinstance(item, NumberTask) and abs(answer - other) <= item.tolerance
        return bool(near or answer == other)

    if is_answer(item.key):
        return f"Right. {item.explanation}", "right"
    for belief in item.misconceptions:
        if is_answer(belief.answer):
            return f"Not yet. {belief.diagnosis}\n{read_again(belief.lesson)}", "wrong"
    return f"Not yet. {item.otherwise}", "wrong"


def _judge_letter(question: Question, letter: Any) -> tuple[str, str]:
    options = {option.letter: option for option in question.options}
    if not isinstance(letter, str) or letter not in options:
        return choose_one_of(options), ""
    belief = options[letter].misconception
    if belief is None:
        return f"Right. {question.explanation}", "right"
    where = f"\n{read_again(belief.lesson)}" if belief.name else ""
    return f"Not yet. {belief.diagnosis}{where}", "wrong"


def choose_one_of(letters: Iterable[str]) -> str:
    return f"Choose one of the letters {', '.join(letters)}."
