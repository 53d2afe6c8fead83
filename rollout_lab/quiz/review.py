"""Ask again, in a later lesson or session, what was missed before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from .in_lessons import ask, practice_item
from .kept_answers import Answered, all_answers
from .schema import PracticeItem

_MOST = 3
_LEAD = "Once more."


def review(lesson: str = "") -> None:
    """Ask up to three items again that you missed before, those first that you have not seen for longest.

    What you have answered right since is not asked. With nothing missed, it says so in one line.

    Parameters
    ----------
    lesson
        The number of the lesson that you are opening, such as "02": its own items are left out, because
        they stand below.
    """
    from IPython.display import display

    missed = list(_missed(lesson))
    elsewhere = ", ".join(f"`{name}`" for name in _missed_in_quizzes())
    if not missed:
        print("Nothing to review: none of your answers waits for a second try.")
    else:
        some = f", {_MOST} of {len(missed)}" if len(missed) > _MOST else ""
        print(f"What you missed before{some}. Right answers will not be asked again.")
    if elsewhere:
        print(f"In the self-check quizzes, try again: {elsewhere}.")
    for answered, item in missed[:_MOST]:
        kind = "practice" if answered.kind == "practice" else "again"
        display(ask(item, kind, lead=_LEAD, again=True))


def _missed(lesson: str) -> Iterator[tuple[Answered, PracticeItem]]:
    """What was missed last time and can be asked alone, oldest first.

    A prediction comes back as a question, since the reader has seen its outcome. A gap does not come back: it
    is filled by code that needs the cells of its lesson. Nor does a self-check: its text stands in the quiz's
    notebook, not in this library. Nor do the questions before and after, which must stay a measure.
    """
    answers = all_answers()
    again = {each.item: each.answer for each in answers if each.kind == "again"}
    for answered in answers:
        if answered.kind == "prediction" and answered.item in again:
            continue
        if answered.kind in ("practice", "prediction", "again") and answered.answer.right is False:
            with suppress(ValueError):  # an item that this version of the course does not have
                item = practice_item(answered.item)
                if not lesson or not item.lesson.startswith(f"{lesson}_"):
                    yield answered, item


def _missed_in_quizzes() -> list[str]:
    return [each.item for each in all_answers() if each.kind == "self-check" and each.answer.right is False]
