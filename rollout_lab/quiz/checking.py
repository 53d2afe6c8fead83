"""Gaps in a lesson: what a reader worked out in code, judged at once, and kept."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .answers import Judged, read_number
from .bundled import bundled_item, bundled_names
from .kept_answers import KeptAnswer, keep_answer
from .schema import Gap, near
from .scoring import WIDTH, wrapped
from .sections import read_again
from .was_that_it import WAS_THAT_IT, how_to_reply

_YOUR_TURN = "Your turn: put your answer in place of None and run this cell again."


def gap_names() -> list[str]:
    return bundled_names("gaps")


def gap_item(name: str) -> Gap:
    item = bundled_item("gaps", name)
    assert isinstance(item, Gap)
    return item


def check(name: str, value: Any) -> None:
    """Say whether a reader's own result is right, and if not, what it shows; whatever it is, nothing fails.

    Parameters
    ----------
    name
        The gap's id.
    value
        A number, a list or an array of numbers; None, or with a None in it, while the gap is open.

    Raises
    ------
    ValueError
        If there is no such gap.

    >>> check("02-goes-round", [1 / 2, 1 / 4])
    the weight of A → C → B → A: Not yet. This is a list of 2
    numbers; it should be one number.
    """
    item = gap_item(name)
    verdict = _YOUR_TURN if _is_open(value) else _judge_and_keep(item, value)
    print(wrapped(f"{item.asked}: {verdict}", WIDTH))


def _is_open(value: Any) -> bool:
    value = value.tolist() if hasattr(value, "tolist") else value
    return value is None or (isinstance(value, list | tuple) and any(map(_is_open, value)))


def _judge_and_keep(item: Gap, value: Any) -> str:
    feedback, verdict, name = judge_gap(item, value)
    if not verdict:
        return feedback
    answer = KeptAnswer(given=_numbers(value), right=verdict == "right", belief=name)
    note = keep_answer(f"gap-{item.id}", answer)
    asked = f"{WAS_THAT_IT} {how_to_reply(item.id)}" if name else None
    return "\n".join(filter(None, [feedback, asked, note]))


def judge_gap(item: Gap, value: Any, again: Callable[[str], str] = read_again) -> Judged:
    """Judge what is no open gap; `again` names a section. There is no verdict on what has another form."""
    try:
        given = _numbers(value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return Judged(f"Not yet. This cannot be read as numbers; it should be {_form(item.key)}.")
    right = near(given, item.key, item.tolerance)
    beliefs = (each for each in item.misconceptions if near(given, each.answer, item.tolerance))
    belief = next(beliefs, None)
    if right:
        return Judged(f"Yes, that agrees. {item.explanation}", "right")
    if belief:
        return Judged(f"Not yet. {belief.diagnosis}\n{again(belief.lesson)}", "wrong", belief.name or "")
    if _shape(given) != _shape(item.key):
        return Judged(f"Not yet. This is {_form(given)}; it should be {_form(item.key)}.")
    return Judged(f"Not yet. {_of_form(item, given) or item.otherwise}", "wrong")


def _of_form(item: Gap, given: Any) -> str:
    """What is said of numbers that are right but for how they are written."""
    key, found = list(_flat(item.key)), list(_flat(given))
    if 0 <= min(key) <= max(key) <= 1 < max(found):
        hundredth = tuple(each / 100 for each in found)
        if near(hundredth, tuple(key), item.tolerance):
            return "These are percent. Give shares of 1: 0.25 for 25 %."
    if all(one == round(one, 1) and abs(one - each) < 0.0501 for one, each in zip(found, key, strict=True)):
        return "Right so far, but rounded to one decimal. Give two decimals at least."
    return ""


def _numbers(value: Any) -> Any:
    """Numbers in any form as a float, or as tuples of floats."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, str):
        return read_number(value)
    if isinstance(value, Sequence):
        return tuple(map(_numbers, value))
    if not math.isfinite(number := float(value)):
        raise ValueError("not finite")
    return number


def _flat(numbers: Any) -> Iterator[float]:
    if isinstance(numbers, tuple):
        for each in numbers:
            yield from _flat(each)
    else:
        yield numbers


def _shape(numbers: Any) -> tuple[int, ...] | None:
    """The shape of numbers, None if their rows differ."""
    if not isinstance(numbers, tuple):
        return ()
    inner = {_shape(each) for each in numbers} or {()}
    (first, *others) = inner
    return None if others or first is None else (len(numbers), *first)


def _form(numbers: Any) -> str:
    match _shape(numbers):
        case ():
            return "one number"
        case (n,):
            return f"a list of {n} number{'s' * (n != 1)}"
        case (n, columns):
            return f"{n} row{'s' * (n != 1)} of {columns} number{'s' * (columns != 1)}"
        case None:
            return "a list of rows that differ in length"
        case shape:
            return f"an array of shape {shape}"


def compare(
    mine: Any,
    right: Any,
    *,
    hint: str = "",
    beliefs: Iterable[tuple[Any, str]] = (),
    what: str = "",
    atol: float = 0.006,
) -> None:
    """Say whether a reader's own result agrees with `right`, as lessons of version 0.1 do.

    `hint` follows a wrong result; `beliefs` are pairs of a wrong result and what to say to that one instead;
    `what` names the gap. None, or a list with a None in it, is an open gap.

    >>> compare(0.5, 0.25, hint="Multiply along the path.")
    Not yet. Multiply along the path.
    """
    import numpy as np

    def same(value: Any) -> bool:
        try:
            found = np.asarray(mine, dtype=float)
        except (TypeError, ValueError):
            return False
        return found.shape == np.shape(value) and bool(np.allclose(found, value, rtol=0, atol=atol))

    if mine is None or (isinstance(mine, list | tuple) and any(one is None for one in mine)):
        verdict = _YOUR_TURN
    elif same(right):
        verdict = "Yes, that agrees."
    else:
        verdict = f"Not yet. {next((words for value, words in beliefs if same(value)), hint)}".rstrip()
    print(f"{what}: {verdict}" if what else verdict)
