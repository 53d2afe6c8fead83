"""Reading what a student gives for a practice item that is answered by doing, and what it is told."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from .schema import Misconception, Task
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
    if not text.strip():
        raise Unread("Type a number, such as 0.25 or 1/4.")
    if not found or (found[2] and float(found[2]) == 0):
        raise Unread(f"“{text.strip()}” is no number. Write it like 0.25, 1/4 or 25 %.")
    value = float(found[1]) / float(found[2] or 1) / (100 if found[3] else 1)
    if not math.isfinite(value):
        raise Unread(f"“{text.strip()}” is too large a number.")
    return value


def read_answer(item: Task, given: Any) -> Any:
    """The answer that ``given`` is: a number for text, a tuple of places otherwise. Raises Unread."""
    if item.kind == "number":
        return read_number(str(given))
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise Unread(f"Give places as a list, such as {list(item.key)[::-1]}.")
    return tuple(given)


def is_right(item: Task, answer: Any) -> bool:
    """Whether an answer is the right one, a number within the item's tolerance."""
    return _same(item, answer, item.key)


def belief_of(item: Task, answer: Any) -> Misconception | None:
    """The misconception that leads to this wrong answer, or None where none is known to."""
    return next((belief for wrong, belief in item.beliefs if _same(item, answer, wrong)), None)


def task_feedback(item: Task, given: Any) -> str:
    """What a student reads after giving an answer."""
    try:
        answer = read_answer(item, given)
    except Unread as unread:
        return str(unread)
    if is_right(item, answer):
        return f"Right. {item.explanation}"
    belief = belief_of(item, answer)
    if belief is None:
        return f"Not yet. {item.otherwise}"
    return f"Not yet. {belief.diagnosis}\n{read_again(belief.lesson)}"


def _same(item: Task, one: Any, other: Any) -> bool:
    return abs(one - other) <= item.tolerance if item.kind == "number" else one == other
