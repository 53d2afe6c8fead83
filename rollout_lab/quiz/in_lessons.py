"""Practice items, predictions and gaps inside a lesson: instant and kind; choices are kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources

from .answers import Unread, is_right, read_answer, task_feedback
from .progress import keep, kept
from .schema import LETTERS, Item, Question, Task, load_item
from .scoring import read_again, read_letter


def practice_names() -> tuple[str, ...]:
    """The ids of all practice items, in alphabetical order."""
    folder = resources.files(__package__) / "practice"
    return tuple(
        sorted(file.name[: -len(".toml")] for file in folder.iterdir() if file.name.endswith(".toml"))
    )


@cache
def practice_item(name: str) -> Item:
    """The practice item with this id. Raises ValueError when there is none."""
    file = resources.files(__package__) / "practice" / f"{name}.toml"
    if not file.is_file():
        raise ValueError(f"there is no practice item {name!r}; there are: {', '.join(practice_names())}")
    return load_item(file, check=False)


def practice(name: str, answer=None):
    """Show a practice item; an answer brings its diagnosis at once.

    ``name`` is the item's id. Returns the widget; its result is kept in the working copy. ``answer`` is for
    front ends without widgets: a letter, a number, or a list of places, judged in print instead.
    Raises ValueError when there is no such item.
    """
    item = practice_item(name)
    if answer is not None:
        answer = _letter(answer, item) if isinstance(item, Question) else answer
        print(f"{_CHECK} {item.stem}\n{_told(feedback(item, answer), _keep_practice(item, answer))}")
        return None
    return _task_widget(item) if isinstance(item, Task) else _options_widget(item)


_CHECK = "Check yourself."


def _options_widget(item: Question):
    from .widget import OptionsWidget

    before = kept(f"practice-{item.id}") or {}
    widget = OptionsWidget(
        lead=_CHECK,
        question=item.stem,
        label="Options",
        options=[(o.letter, o.text) for o in item.options],
        chosen=before.get("chosen", ""),
    )
    widget.item, widget.how = item.id, f"practice({item.id!r}, {item.options[0].letter!r})"
    if widget.chosen:
        widget.tell(feedback(item, widget.chosen), verdict(item, widget.chosen))
    else:
        widget.tell("Choose an option.")

    def clicked(_change):
        note = _keep_practice(item, widget.chosen)
        widget.tell(_told(feedback(item, widget.chosen), note), verdict(item, widget.chosen))

    widget.observe(clicked, "clicks")
    return widget


def _task_widget(item: Task):
    from .widget import TaskWidget

    widget = TaskWidget(item, lead=_CHECK)
    before = kept(f"practice-{item.id}") or {}
    if "given" in before:
        widget.given = before["given"]
        widget.tell(feedback(item, widget.given), verdict(item, widget.given))

    def tried(_change):
        note = _keep_practice(item, widget.given)
        widget.tell(_told(feedback(item, widget.given), note), verdict(item, widget.given))

    widget.observe(tried, "tries")
    return widget


def _letter(answer, item: Question):
    return read_letter(answer, [option.letter for option in item.options]) or answer


def _told(said: str, note: str | None) -> str:
    """What is said of an answer, and after it, where there is one, why it is not kept."""
    return said if note is None else f"{said}\n{note}"


def _keep_practice(item: Item, given) -> str | None:
    judged = verdict(item, given)
    if not judged:
        return None
    name = "chosen" if isinstance(item, Question) else "given"
    return keep(f"practice-{item.id}", {name: given, "right": judged == "right"})


def verdict(item: Item, given) -> str:
    """Whether an answer to a practice item is "right" or "wrong"; "" for what is no answer."""
    if isinstance(item, Task):
        try:
            return "right" if is_right(item, read_answer(item, given)) else "wrong"
        except Unread:
            return ""
    if given not in [option.letter for option in item.options]:
        return ""
    return "right" if given == item.key else "wrong"


def feedback(item: Item, given) -> str:
    """What a student reads after answering a practice item: with a letter, or as the task asks."""
    if isinstance(item, Task):
        return task_feedback(item, given)
    option = next((option for option in item.options if option.letter == given), None)
    if option is None:
        return _among(option.letter for option in item.options)
    belief = option.misconception
    if belief is None:
        return f"Right. {item.explanation}"
    where = f"\n{read_again(belief.lesson)}" if belief.name else ""
    return f"Not yet. {belief.diagnosis}{where}"


_asked: dict[str, tuple[str, list[tuple[str, str]]]] = {}  # predictions asked for in this kernel


def predict(name: str, question: str = "", options: Sequence[str] = (), answer: str | None = None):
    """Ask for a prediction before the lesson shows the answer, and keep it.

    ``name`` identifies the prediction, ``options`` are the texts to choose from (at most eight).
    Returns the widget. ``reveal(name, ...)`` shows the prediction again. ``answer`` is a letter, for front
    ends without widgets: ``predict(name, answer="B")`` after the lesson has asked. Raises ValueError before.
    """
    if options:
        _asked[name] = question, list(zip(LETTERS, options, strict=False))
    elif name not in _asked:
        raise ValueError(
            f"no prediction {name!r} has been asked for yet: run the cell of the lesson that asks"
        )
    question, choices = _asked[name]
    texts = dict(choices)
    if answer is not None:
        letter = read_letter(answer, list(texts))
        print(_predicted(name, texts[letter]) if letter else _among(texts))
        return None
    from .widget import OptionsWidget

    before = kept(f"prediction-{name}")
    widget = OptionsWidget(
        lead="Predict first.",
        question=question,
        label="Your prediction",
        options=choices,
        chosen=next((letter for letter, text in choices if text == before), ""),
    )
    widget.kind, widget.item, widget.how = "prediction", name, f"predict({name!r}, answer='A')"
    widget.tell(_KEPT if widget.chosen else "Choose what you expect. Nobody grades it.")
    widget.observe(lambda _change: widget.tell(_predicted(name, texts[widget.chosen])), "clicks")
    return widget


_KEPT = "Kept. Go on: the lesson shows it beside what comes out."


def _predicted(name: str, text: str) -> str:
    """Keep a prediction, and say so, or why not."""
    note = keep(f"prediction-{name}", text)
    return _KEPT if note is None else f"Go on: the lesson shows it beside what comes out.\n{note}"


def _among(letters) -> str:
    return f"Choose one of the letters {', '.join(letters)}."


def reveal(name: str, outcome: str):
    """Show the prediction kept under ``name`` beside what came out, as Markdown."""
    before = kept(f"prediction-{name}")
    mine = (
        f"**You predicted:** {before}"
        if before
        else "**You made no prediction** (choose one above, then run this cell again)."
    )
    _show_markdown(f"{mine}\n\n**What comes out:** {outcome}")


def compare(mine, right, *, hint: str = "", beliefs=(), what: str = "", atol: float = 0.006) -> None:
    """Say whether a reader's own result agrees with the right one; whatever it is, nothing fails.

    ``mine``: a number or an array, None (or a list with a None in it) while the gap is open; ``right``: what
    it should be. ``hint`` follows a wrong result; ``beliefs`` are pairs of a wrong result and what to say to
    that one; ``what`` names the gap where a cell has several. ``atol``: two decimals are near enough.

    >>> compare(None, 0.25)
    Your turn: put your answer in place of None and run this cell again.
    >>> compare([1 / 4, 3 / 4], [0.25, 0.75])
    Yes, that agrees.
    >>> compare(0.5, 0.25, hint="Multiply along the path.")
    Not yet. Multiply along the path.
    """
    import numpy as np

    def near(value) -> bool:
        try:
            found = np.asarray(mine, dtype=float)
        except (TypeError, ValueError):
            return False
        return found.shape == np.shape(value) and np.allclose(found, value, rtol=0, atol=atol)

    if mine is None or (isinstance(mine, (list, tuple)) and any(one is None for one in mine)):
        verdict = "Your turn: put your answer in place of None and run this cell again."
    elif near(right):
        verdict = "Yes, that agrees."
    else:
        verdict = f"Not yet. {next((said for value, said in beliefs if near(value)), hint)}".rstrip()
    print(f"{what}: {verdict}" if what else verdict)


def _show_markdown(text: str) -> None:
    from IPython.display import Markdown, display

    display(Markdown(text))
