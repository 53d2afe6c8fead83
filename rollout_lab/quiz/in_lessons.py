"""Practice items, predictions and gaps inside a lesson: instant and kind; choices are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from .answers import choose_one_of, judge
from .progress import keep, kept
from .schema import LETTERS, BreakIt, Exercise, PracticeItem, Question, load_item
from .scoring import read_letter

if TYPE_CHECKING:
    from .widget import OptionsWidget, TaskWidget

_PRACTICE = resources.files(__package__) / "practice"
_CHECK = "Check yourself."
_KEPT = "Kept. Go on: the lesson shows it beside what comes out."
_asked: dict[str, tuple[str, dict[str, str]]] = {}  # predictions asked for in this kernel


def practice_names() -> list[str]:
    names = (file.name for file in _PRACTICE.iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


@cache
def practice_item(name: str) -> PracticeItem:
    file = _PRACTICE / f"{name}.toml"
    if not file.is_file():
        raise ValueError(f"there is no practice item {name!r}; there are: {', '.join(practice_names())}")
    item = load_item(file)
    assert not isinstance(item, Exercise | BreakIt)  # a function is written in a quiz, not in a lesson
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


def predict(
    name: str, question: str = "", options: Sequence[str] = (), answer: str | None = None
) -> OptionsWidget | None:
    """Ask for a prediction before the lesson shows the answer, and keep it.

    Parameters
    ----------
    name
        Identifies the prediction; `reveal(name, ...)` shows it again.
    question, options
        The question and the texts to choose from, at most eight.
    answer
        A letter, for front ends without widgets: `predict(name, answer="B")`, after the lesson has asked.

    Returns
    -------
    The widget, or None with an `answer`.

    Raises
    ------
    ValueError
        If an `answer` comes before the question.
    """
    if options:
        _asked[name] = question, dict(zip(LETTERS, options, strict=False))
    elif name not in _asked:
        raise ValueError(
            f"no prediction {name!r} has been asked for yet: run the cell of the lesson that asks"
        )
    question, texts = _asked[name]
    if answer is not None:
        letter = read_letter(answer, list(texts))
        print(_predicted(name, texts[letter]) if letter else choose_one_of(texts))
        return None
    from .widget import OptionsWidget

    before = kept(f"prediction-{name}")
    widget = OptionsWidget(
        lead="Predict first.",
        question=question,
        label="Your prediction",
        options=list(texts.items()),
        chosen=next((letter for letter, text in texts.items() if text == before), ""),
    )
    widget.kind, widget.item, widget.how = "prediction", name, f"predict({name!r}, answer='A')"
    widget.tell(_KEPT if widget.chosen else "Choose what you expect. Nobody grades it.")
    widget.observe(lambda _change: widget.tell(_predicted(name, texts[widget.chosen])), "clicks")
    return widget


def _predicted(name: str, text: str) -> str:
    note = keep(f"prediction-{name}", text)
    return _KEPT if note is None else f"Go on: the lesson shows it beside what comes out.\n{note}"


def reveal(name: str, outcome: str) -> None:
    """Show the prediction kept under `name` beside what came out, as Markdown."""
    from IPython.display import Markdown, display

    mine = "**You made no prediction** (choose one above, then run this cell again)."
    if before := kept(f"prediction-{name}"):
        mine = f"**You predicted:** {before}"
    display(Markdown(f"{mine}\n\n**What comes out:** {outcome}"))


def compare(
    mine: Any,
    right: Any,
    *,
    hint: str = "",
    beliefs: Iterable[tuple[Any, str]] = (),
    what: str = "",
    atol: float = 0.006,
) -> None:
    """Say whether a reader's own result agrees with the right one; whatever it is, nothing fails.

    Parameters
    ----------
    mine, right
        The reader's number or array, None (or a list with a None in it) while the gap is open; the right one.
    hint, beliefs
        What follows a wrong result; pairs of a wrong result and what to say to that one instead.
    what
        Names the gap where a cell has several.
    atol
        How near is near enough: two decimals.

    >>> compare(None, 0.25)
    Your turn: put your answer in place of None and run this cell again.
    >>> compare([1 / 4, 3 / 4], [0.25, 0.75])
    Yes, that agrees.
    >>> compare(0.5, 0.25, hint="Multiply along the path.")
    Not yet. Multiply along the path.
    """
    import numpy as np

    def near(value: Any) -> bool:
        try:
            found = np.asarray(mine, dtype=float)
        except (TypeError, ValueError):
            return False
        return found.shape == np.shape(value) and bool(np.allclose(found, value, rtol=0, atol=atol))

    if mine is None or (isinstance(mine, (list, tuple)) and any(one is None for one in mine)):
        verdict = "Your turn: put your answer in place of None and run this cell again."
    elif near(right):
        verdict = "Yes, that agrees."
    else:
        verdict = f"Not yet. {next((words for value, words in beliefs if near(value)), hint)}".rstrip()
    print(f"{what}: {verdict}" if what else verdict)
