"""Ask again, in a later lesson or session, what was missed before."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from .in_lessons import ask, practice_item
from .kept_answers import Kind, all_answers
from .key import ChoiceKey, Key, unseal
from .predicting import prediction_item
from .schema import Option, PracticeItem, Question, with_neutral_words
from .scoring import WIDTH, wrapped

_MOST = 3
_LEAD = "Once more."


def review(name: str = "", answer: Any = None) -> None:
    """Ask up to three items again that you missed before, those first that you have not seen for longest.

    What you have answered right since is not asked. With nothing missed, it says so in one line.

    Parameters
    ----------
    name
        The number of the lesson that you are opening, such as "02": its own items are left out, because they
        stand below. With an `answer`, the id of the item.
    answer
        For front ends without widgets: a letter, a number, or a list of places, judged in print.

    Raises
    ------
    ValueError
        If an `answer` comes to what is not to be reviewed.
    """
    from IPython.display import display

    missed = _missed()
    if answer is not None:
        if name not in missed:
            raise ValueError(f"nothing to review in {name!r}; there are: {', '.join(missed) or 'none'}")
        ask(missed[name][1], missed[name][0], answer, lead=_LEAD)
        return
    others = [each for each in missed.values() if not name or not each[1].lesson.startswith(f"{name}_")]
    if not others:
        print("Nothing to review: none of your answers waits for a second try.")
    else:
        some = f": {_MOST} of {len(others)}" if len(others) > _MOST else ""
        print(f"What you missed before{some}.\nWhat you get right now is not asked again.")
    functions = [
        each.item
        for each in all_answers()
        if each.kind == "self-check" and each.answer.right is False and not each.answer.sealed
    ]
    if functions:
        print(wrapped(f"In the self-check quizzes, try again: {', '.join(functions)}.", WIDTH))
    for kind, item in others[:_MOST]:
        display(ask(item, kind, lead=_LEAD, call="review", again=True))


def _missed() -> dict[str, tuple[Kind, PracticeItem]]:
    """What was missed last time and can be asked alone, by id, those first that were answered longest ago.

    A prediction comes back as a question, since the reader has seen its outcome. A gap does not come back: it
    is filled by code that needs the cells of its lesson. Nor does a function of a self-check, which stands in
    the quiz's notebook. Nor do the questions before and after, which must stay a measure.
    """
    missed: dict[str, tuple[Kind, PracticeItem]] = {}
    answers = all_answers()
    asked_again = {each.item for each in answers if each.kind == "again"}
    for kind, name, answer in answers:
        if answer.right is False:
            with suppress(ValueError):  # no item of this version of the course, or a key that it cannot read
                if kind == "self-check" and answer.sealed:
                    missed[name] = kind, _of_self_check(unseal(answer.sealed), answer.lesson)
                elif kind == "practice":
                    missed[name] = "practice", practice_item(name)
                elif kind == "again" or (kind == "prediction" and name not in asked_again):
                    missed[name] = "again", _as_question(name)
    return missed


def _as_question(name: str) -> Question:
    item = prediction_item(name)
    return _question(name, item.lesson, item.stem, item.key, item.options, item.explanation)


def _of_self_check(key: Key, lesson: str) -> Question:
    if not isinstance(key, ChoiceKey):
        raise ValueError("no question")
    options = tuple(
        Option(
            letter=letter,
            text=option.text,
            name=option.misconception,
            diagnosis=option.diagnosis or None,
            lesson=option.lesson or None,
        )
        for letter, option in key.options.items()
    )
    right = next(letter for letter, option in key.options.items() if option.right)
    return _question(key.item, f"{lesson}#", key.stem, right, options, key.explanation)


def _question(
    name: str, lesson: str, stem: str, key: str, options: Sequence[Option], explanation: str
) -> Question:
    return with_neutral_words(
        Question(
            id=name,
            kind="choice",
            objective="Answer right what you missed.",
            minutes=1,
            difficulty=1,
            lesson=lesson,
            explanation=explanation,
            stem=stem,
            key=key,
            options=tuple(options),
        )
    )
