"""Read and judge what a student gives for a practice item."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from .schema import NumberTask, PracticeItem, Question, Task, WrongNumber, WrongPlaces
from .scoring import read_again


class Unread(ValueError):
    """What was given cannot be read as an answer; the message says what would be one."""


def read_number(text: str) -> float:
    """A number as students write it.

    >>> [read_number(text) for text in ("0.25", " 1/4", "25 %", "0,25", "−.25", "1e-2")]
    [0.25, 0.25, 0.25, 0.25, -0.25, 0.01]
    >>> read_number("a quarter")
    Traceback (most recent call last):
    ...
    rollout_lab.quiz.answers.Unread: “a quarter” is no number. Write it like 0.25, 1/4 or 25 %.
    """
    tidy = text.strip().replace("−", "-").replace(",", ".")
    whole = r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)"
    found = re.fullmatch(rf"{whole}(?:\s*/\s*{whole})?\s*(%?)", tidy, re.IGNORECASE)
    if not tidy:
        raise Unread("Type a number, such as 0.25 or 1/4.")
    if not found or (found[2] and float(found[2]) == 0):
        raise Unread(f"“{text.strip()}” is no number. Write it like 0.25, 1/4 or 25 %.")
    value = float(found[1]) / float(found[2] or 1) / (100 if found[3] else 1)
    if not math.isfinite(value):
        raise Unread(f"“{text.strip()}” is too large a number.")
    return value


def read_answer(item: Task, given: Any) -> Any:
    """The answer that `given` is: a number for text, a tuple of places otherwise. Raises Unread."""
    if isinstance(item, NumberTask):
        return read_number(str(given))
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise Unread(f"Give places as a list, such as {list(item.key)[::-1]}.")
    return tuple(given)


def judge(item: PracticeItem, given: Any) -> tuple[str, str]:
    """The verdict on a letter or on the answer to a task, and what the student reads.

    The verdict is "right" or "wrong", and "" for what cannot be read as an answer.
    """
    if isinstance(item, Question):
        return _judge_letter(item, given)
    try:
        answer = read_answer(item, given)
    except Unread as unread:
        return "", str(unread)
    tolerance = item.tolerance if isinstance(item, NumberTask) else None

    def is_answer(other: Any) -> bool:
        return bool(answer == other if tolerance is None else abs(answer - other) <= tolerance)

    if is_answer(item.key):
        return "right", f"Right. {item.explanation}"
    beliefs: Sequence[WrongNumber | WrongPlaces] = item.misconceptions
    for belief in beliefs:
        if is_answer(belief.answer):
            return "wrong", f"Not yet. {belief.diagnosis}\n{read_again(belief.lesson)}"
    return "wrong", f"Not yet. {item.otherwise}"


def _judge_letter(question: Question, letter: Any) -> tuple[str, str]:
    options = {option.letter: option for option in question.options}
    if not isinstance(letter, str) or letter not in options:
        return "", choose_one_of(options)
    belief = options[letter].misconception
    if belief is None:
        return "right", f"Right. {question.explanation}"
    where = f"\n{read_again(belief.lesson)}" if belief.name else ""
    return "wrong", f"Not yet. {belief.diagnosis}{where}"


def choose_one_of(letters: Iterable[str]) -> str:
    """What is said where no option has the letter that was given."""
    return f"Choose one of the letters {', '.join(letters)}."
