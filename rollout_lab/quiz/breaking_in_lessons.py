""" "Break it" inside a lesson: change an input until a wrong function and the right one part."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from .answers import read_number
from .breaking import break_key, broken_promise, judge_break, read_input, try_out
from .bundled import bundled_item
from .kept_answers import KeptAnswer, keep_answer, kept_answer
from .key import BreakKey, Outcome
from .schema import BreakIt
from .scoring import render
from .sections import read_again_link

if TYPE_CHECKING:
    from .breaking_widget import BreakItWidget

_LEAD = "Break it."
ASKED = "Change an entry until the two results part. The Tab key leads from entry to entry."


@cache
def break_item(name: str) -> tuple[BreakIt, BreakKey]:
    item = bundled_item("breaks", name)
    assert isinstance(item, BreakIt)
    return item, break_key(item, {})


def break_it(name: str, answer: Any = None) -> BreakItWidget | None:
    """Show a wrong function, and an input to change until it goes wrong.

    Parameters
    ----------
    name
        The item's id.
    answer
        For front ends without widgets: an array or nested lists, judged in print instead.

    Returns
    -------
    The widget, or None with an `answer`. The last input is kept in the working copy.

    Raises
    ------
    ValueError
        If there is no such item.
    """
    item, key = break_item(name)
    if answer is not None:
        given = read_input(answer)
        verdict = judge_break(given, key)
        print(f"{_LEAD} {item.stem}\n\n{item.wrong.strip()}\n\n{render(verdict)}")
        _keep(name, given.value, verdict.right)
        return None
    from .breaking_widget import BreakItWidget

    kept = kept_answer(f"break-{name}")
    before = kept and kept.given
    start, shape = np.array(item.start, dtype=float), np.shape(item.start)
    try:
        values = np.array(before, dtype=float).reshape(shape) if before else start
    except (TypeError, ValueError):  # of another version of the item
        values, before = start, None
    widget = BreakItWidget(item, values, lead=_LEAD)

    def changed(_change: object) -> None:
        try:
            numbers = [[[read_number(text) for text in row] for row in matrix] for matrix in widget.given]
        except (ValueError, TypeError, AttributeError) as unread:
            widget.shown = {}
            widget.tell(str(unread))
            return
        given = read_input(np.array(numbers).reshape(shape))
        status, verdict = _look(widget, given, key)
        note = _keep(name, given.value, verdict == "right")
        widget.tell(f"{status}\n{note}" if note else status, verdict)

    looked = _look(widget, read_input(values), key)
    widget.tell(*(looked if before else (ASKED, "")))
    widget.observe(changed, widget.count)
    return widget


def _look(widget: BreakItWidget, given: Outcome, key: BreakKey) -> tuple[str, str]:
    """Show what both functions come to on an input; what there is to say of it, and "right" if they part."""
    sums = np.atleast_2d(np.array(given.value).sum(axis=-1)) if key.input.stochastic else None
    widget.shown = widget.results(sums)
    if promise := broken_promise(given, key.input, widget.row_name):
        return f"{promise}.", ""
    trial = try_out(given, key)
    widget.shown = widget.results(sums, trial)
    if trial.parted:
        return f"The two results part. {key.explanation}", "right"
    if trial.reason is None:
        return f"The two results agree. {key.otherwise}", ""
    return f"The two results agree. {trial.reason.diagnosis}\n{read_again_link(trial.reason.lesson)}", ""


def _keep(name: str, given: Any, right: bool) -> str | None:
    """Keep the last input; what was broken once stays so."""
    earlier = kept_answer(f"break-{name}")
    broken = right or bool(earlier and earlier.right)
    return keep_answer(f"break-{name}", KeptAnswer(given=given, right=broken))
