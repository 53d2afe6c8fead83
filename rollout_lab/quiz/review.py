"""Ask again, in a later lesson or session, what was missed before."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from .in_lessons import ask, practice_item
from .kept_answers import Kind, all_answers
from .predicting import prediction_item
from .schema import PracticeItem, Question, with_neutral_words

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
        print(f"What you missed before{some}. What you get right now is not asked again.")
    in_quizzes = [a.item for a in all_answers() if a.kind == "self-check" and a.answer.right is False]
    if in_quizzes:
        print(f"In the self-check quizzes, try again: {', '.join(in_quizzes)}.")
    for kind, item in others[:_MOST]:
        display(ask(item, kind, lead=_LEAD, call="review", again=True))


def _missed() -> dict[str, tuple[Kind, PracticeItem]]:
    """What was missed last time and can be asked alone, by id, those first that were answered longest ago.

    A prediction comes back as a question, since the reader has seen its outcome. A gap does not come back: it
    is filled by code that needs the cells of its lesson. Nor does a self-check: its text stands in the quiz's
    notebook, not in this library. Nor do the questions before and after, which must stay a measure.
    """
    missed: dict[str, tuple[Kind, PracticeItem]] = {}
    answers = all_answers()
    asked_again = {each.item for each in answers if each.kind == "again"}
    for kind, name, answer in answers:
        if answer.right is False:
            with suppress(ValueError):  # no item of this version of the course
                if kind == "practice":
                    missed[name] = "practice", practice_item(name)
                elif kind == "again" or (kind == "prediction" and name not in asked_again):
                    missed[name] = "again", _as_question(name)
    return missed


def _as_question(name: str) -> Question:
    item = prediction_item(name)
    return with_neutral_words(
        Question(
            id=name,
            kind="choice",
            objective=item.objective,
            minutes=item.minutes,
            difficulty=item.difficulty,
            lesson=item.lesson,
            explanation=item.explanation,
            stem=item.stem,
            key=item.key,
            options=item.options,
        )
    )
