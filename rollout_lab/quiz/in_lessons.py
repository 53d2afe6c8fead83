"""Practice items inside a lesson: instant and kind; answers are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .answers import judge
from .bundled import bundled_item, bundled_names
from .progress import keep, kept
from .schema import PracticeItem, Question
from .scoring import read_letter

if TYPE_CHECKING:
    from .widget import OptionsWidget, TaskWidget

_CHECK = "Check yourself."


def practice_names() -> list[str]:
    return bundled_names("practice")


def practice_item(name: str) -> PracticeItem:
    item = bundled_item("practice", name)
    assert isinstance(item, PracticeItem)  # a function is written in a quiz, not in a lesson
    return item


def practice(name: str, answer: Any = None) -> OptionsWidget | TaskWidget | None:
    """Show a practice item; an answer brings its diagnosis at once.

    Parameters
    ----------
    name
        The item's id.
    answer
        For front ends without widgets: a letter, a number, or a list of places, judged in print instead.

    Returns
    -------
    The widget, or None with an `answer`. The result is kept in the working copy.

    Raises
    ------
    ValueError
        If there is no such item.
    """
    item = practice_item(name)
    if answer is not None:
        if isinstance(item, Question):
            answer = read_letter(answer, [option.letter for option in item.options]) or answer
        print(f"{_CHECK} {item.stem}\n{_judge_and_keep(item, answer)[0]}")
        return None
    from .widget import OptionsWidget, TaskWidget

    widget: OptionsWidget | TaskWidget
    if isinstance(item, Question):
        options = [(option.letter, option.text) for option in item.options]
        widget = OptionsWidget(lead=_CHECK, question=item.stem, label="Options", options=options)
        widget.item, widget.how = item.id, f"practice({item.id!r}, {item.options[0].letter!r})"
        widget.tell("Choose an option.")
    else:
        widget = TaskWidget(item, lead=_CHECK)
    before = (kept(f"practice-{item.id}") or {}).get(widget.answer)
    if before not in (None, ""):
        setattr(widget, widget.answer, before)
        widget.tell(*judge(item, before))

    def answered(_change: object) -> None:
        widget.tell(*_judge_and_keep(item, getattr(widget, widget.answer)))

    widget.observe(answered, widget.count)
    return widget


def _judge_and_keep(item: PracticeItem, given: Any) -> tuple[str, str]:
    feedback, verdict = judge(item, given)
    if verdict:
        field = "chosen" if isinstance(item, Question) else "given"
        if note := keep(f"practice-{item.id}", {field: given, "right": verdict == "right"}):
            feedback += f"\n{note}"
    return feedback, verdict
