"""Practice items inside a lesson: instant and kind; answers are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .answers import Judged, judge
from .bundled import bundled_item, bundled_names
from .kept_answers import KeptAnswer, Kind, keep_answer, kept_answer
from .schema import PracticeItem, Question
from .scoring import read_letter
from .sections import without_links
from .was_that_it import WAS_THAT_IT, how_to_reply

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
    return ask(practice_item(name), "practice", answer)


def ask(
    item: PracticeItem,
    kind: Kind,
    answer: Any = None,
    *,
    lead: str = _CHECK,
    call: str = "practice",
    again: bool = False,
    shown: Callable[[Judged], Judged] = lambda judged: judged,
    then: Callable[[], None] = lambda: None,
) -> OptionsWidget | TaskWidget | None:
    """Ask an item and keep the answer as one of this kind, or judge an `answer` in print.

    `call` names the function that answers without widgets. Asked `again`, an item shows no earlier answer.
    `shown` is what the student sees of a judgement; `then` follows each answer.
    """
    kept_as = f"{kind}-{item.id}"

    def told_of(given: Any) -> Judged:
        return shown(judge(item, given))

    def judged_and_kept(given: Any) -> Judged:
        judged, told = judge(item, given), told_of(given)
        if judged.verdict:
            field = "chosen" if isinstance(item, Question) else "given"
            answer = KeptAnswer(**{field: given}, right=judged.verdict == "right", belief=judged.belief)
            if note := keep_answer(kept_as, answer):
                told = told._replace(feedback=f"{told.feedback}\n{note}")
        return told

    if answer is not None:
        if isinstance(item, Question):
            answer = read_letter(answer, [option.letter for option in item.options]) or answer
        told = judged_and_kept(answer)
        print(without_links(f"{lead} {item.stem}\n{told.feedback}"))
        if told.belief:
            print(f"{WAS_THAT_IT} {how_to_reply(item.id)}")
        then()
        return None
    from .widget import OptionsWidget, TaskWidget

    widget: OptionsWidget | TaskWidget
    if isinstance(item, Question):
        options = [(option.letter, option.text) for option in item.options]
        widget = OptionsWidget(lead=lead, question=item.stem, label="Options", options=options)
        widget.item, widget.how = item.id, f"{call}({item.id!r}, {item.options[0].letter!r})"
        widget.tell("Choose an option.")
    else:
        widget = TaskWidget(item, call, lead=lead)
    widget.kept_as, widget.told_of = kept_as, told_of
    before = None if again else getattr(kept_answer(kept_as), widget.answer, None)
    if judge(item, before).verdict:
        setattr(widget, widget.answer, before)
        widget.tell(*told_of(before))

    def answered(_change: object) -> None:
        widget.tell(*judged_and_kept(getattr(widget, widget.answer)))
        then()

    widget.observe(answered, widget.count)
    return widget
