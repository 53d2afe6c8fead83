"""Six questions at the start of the course and, in other numbers, after lesson 03: a reader's own gain."""

from __future__ import annotations

from typing import Any

from .answers import Judged
from .bundled import bundled_item
from .in_lessons import ask, practice_item
from .kept_answers import kept_answer
from .schema import PracticeItem
from .tables import Table

ITEMS = (
    "heads-in-a-mean",
    "position-after-layers",
    "read-r-by-row",
    "which-layer-first",
    "what-a-path-weighs",
    "row-sum-of-a-recursion",
)
"""Practice items of lessons 01 to 03; in the folder `after/` each has a twin of the same name."""

_OF = len(ITEMS)
_MARKS = {True: "✓ right", False: "✗ not right", None: "– not answered"}


def after_item(name: str) -> PracticeItem:
    item = bundled_item("after", name)
    assert isinstance(item, PracticeItem)
    return item


def before(item: str = "", answer: Any = None) -> None:
    """Ask six questions before the course has taught what they are about; they come back after lesson 03.

    You do not hear now which of your answers are right: that would teach the questions, and your gain would
    say nothing about the lessons.

    Parameters
    ----------
    item, answer
        For front ends without widgets: a question's id, and a letter or a number.

    Raises
    ------
    ValueError
        If there is no such question among the six.
    """
    told = Judged("Noted. You hear whether it is right after lesson 03.")

    def shown(judged: Judged) -> Judged:
        return told if judged.verdict else judged

    if answer is not None:
        ask(practice_item(_one_of_six(item)), "before", answer, lead="", shown=shown)
        return
    minutes = sum(practice_item(name).minutes for name in ITEMS) / 2  # a guess is quicker than an answer
    print(
        f"{_OF} questions, about {minutes:.0f} minutes. You have not learnt this yet:\n"
        "answer what you can, and leave out the rest. Nobody grades it.\n"
        "After lesson 03 you see what you have gained."
    )
    _ask_all(practice_item, "before", shown=shown)


def after(item: str = "", answer: Any = None) -> None:
    """Ask the six questions of `before` in other numbers, with diagnoses, and show what you have gained.

    Parameters
    ----------
    item, answer
        For front ends without widgets: a question's id, and a letter or a number.

    Raises
    ------
    ValueError
        If there is no such question among the six.
    """
    from IPython.display import display

    if answer is not None:
        ask(after_item(_one_of_six(item)), "after", answer, lead="")
        print(gain())
        return
    table = None

    def counted() -> None:
        if table is not None:
            table.update(gain())

    _ask_all(after_item, "after", then=counted)
    table = display(gain(), display_id=True)


def _ask_all(item_of: Any, kind: Any, **more: Any) -> None:
    from IPython.display import display

    for number, name in enumerate(ITEMS, start=1):
        display(ask(item_of(name), kind, lead=f"{number} of {_OF}.", call=kind, **more))


def _one_of_six(name: str) -> str:
    if name not in ITEMS:
        raise ValueError(f"there is no question {name!r} before and after; there are: {', '.join(ITEMS)}")
    return name


def gain() -> Table:
    """What was right before and after; what was not answered counts as not right."""
    marks = [
        tuple(getattr(kept_answer(f"{kind}-{name}"), "right", None) for kind in ("before", "after"))
        for name in ITEMS
    ]
    rows = [
        [practice_item(name).objective.rstrip("."), *(_MARKS[mark] for mark in pair)]
        for name, pair in zip(ITEMS, marks, strict=True)
    ]
    return Table("Before and after", ("What it asks", "Before", "After"), rows, [in_one_line()])


def in_one_line() -> str:
    """The gain in a sentence; how many were right before is not told as long as nothing is answered after."""
    counts = []
    given = {
        kind: [answer for name in ITEMS if (answer := kept_answer(f"{kind}-{name}"))]
        for kind in ("before", "after")
    }
    if not given["after"]:
        return f"Before the lessons: {len(given['before'])} of {_OF} answered. After lesson 03: none yet."
    for answers in given.values():
        right = sum(answer.right is True for answer in answers)
        some = f" ({len(answers)} answered)" if len(answers) < _OF else ""
        counts.append(f"{right} of {_OF} right{some}")
    return f"Before the lessons: {counts[0]}. After lesson 03: {counts[1]}."
