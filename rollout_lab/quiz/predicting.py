"""Predictions in a lesson: asked before it shows what comes out, kept, and set beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

from .answers import Judged, choose_one_of
from .bundled import bundled_item, bundled_names
from .progress import keep, kept
from .schema import LETTERS, Expected, Prediction, normal_text
from .scoring import read_letter
from .sections import read_again_link

if TYPE_CHECKING:
    from .widget import OptionsWidget

_KEPT = "Kept. Go on: the lesson shows it beside what comes out."
_revealed: dict[str, tuple[Any, dict[str, Any]]] = {}  # outcomes, and what the items' words name besides
_asked: dict[str, tuple[str, dict[str, str]]] = {}  # by notebooks that bring question and options along


def prediction_names() -> list[str]:
    return bundled_names("predictions")


def prediction_item(name: str) -> Prediction:
    item = bundled_item("predictions", name)
    assert isinstance(item, Prediction)
    return item


def predict(
    name: str, question: str = "", options: Sequence[str] = (), answer: str | None = None
) -> OptionsWidget | None:
    """Ask for a prediction before the lesson shows the answer, and keep it.

    Parameters
    ----------
    name
        The item's id; `reveal(name, ...)` shows the prediction again.
    question, options
        A question and at most eight texts, where there is no item: notebooks of version 0.1 bring them along.
    answer
        A letter, for front ends without widgets: `predict(name, answer="B")`.

    Returns
    -------
    The widget, or None with an `answer`.

    Raises
    ------
    ValueError
        If there is no such item, and no question was asked under this name.
    """
    if options:
        _asked[name] = question, dict(zip(LETTERS, options, strict=False))
    item = None if name in _asked and (options or answer is not None) else _item(name)
    if item is not None:
        _asked.pop(name, None)
        question, texts = item.stem, {option.letter: option.text for option in item.options}
    elif name in _asked:
        question, texts = _asked[name]
    else:
        raise ValueError(
            f"no prediction {name!r} has been asked for yet: run the cell of the lesson that asks. "
            f"There are items for {', '.join(prediction_names())}"
        )
    if answer is not None:
        letter = read_letter(answer, list(texts))
        print(_predicted(name, item, letter, texts[letter]) if letter else choose_one_of(texts))
        return None
    from .widget import OptionsWidget

    widget = OptionsWidget(
        lead="Predict first.",
        question=question,
        label="Your prediction",
        options=list(texts.items()),
        chosen=_letter(kept(f"prediction-{name}"), texts, item),
    )
    widget.kind, widget.item, widget.how = "prediction", name, f"predict({name!r}, answer='A')"
    widget.told_of = lambda _letter: Judged(_KEPT)
    widget.tell(_KEPT if widget.chosen else "Choose what you expect. Nobody grades it.")
    widget.observe(
        lambda _change: widget.tell(_predicted(name, item, widget.chosen, texts[widget.chosen])), "clicks"
    )
    return widget


def _item(name: str) -> Prediction | None:
    return prediction_item(name) if name in prediction_names() else None


def _text(before: Any) -> str:
    """The text of a kept prediction: version 0.1 kept nothing else."""
    return str(before.get("text", "")) if isinstance(before, dict) else str(before or "")


def _letter(before: Any, texts: Mapping[str, str], item: Prediction | None) -> str:
    """The letter that a kept prediction has among these options, or ""."""
    formerly = {option.letter: option.formerly for option in item.options} if item else {}
    text = normal_text(_text(before))
    known = ((letter, [now, *formerly.get(letter, ())]) for letter, now in texts.items())
    return next((letter for letter, words in known if text in map(normal_text, words)), "")


def _predicted(name: str, item: Prediction | None, letter: str, text: str) -> str:
    note = keep(f"prediction-{name}", {"letter": letter, "text": text} if item else text)
    return _KEPT if note is None else f"Go on: the lesson shows it beside what comes out.\n{note}"


def reveal(name: str, outcome: Any, **values: Any) -> None:
    """Show, as Markdown, what was predicted beside what came out, and why it comes out so.

    Parameters
    ----------
    name
        The item's id.
    outcome
        What the lesson has computed: a number, a string or a list; or, in notebooks that bring their question
        along, what came out in words.
    values
        What the item's words about the outcome name besides.

    Raises
    ------
    ValueError
        If there is no such item, or a value is missing that the item names.
    """
    from IPython.display import Markdown, display

    before, item = kept(f"prediction-{name}"), _item(name)
    right = _come_true(item, outcome) if item else None
    # Notebooks of version 0.1 say what comes out in words, and give no values, which items mostly need.
    in_words = isinstance(outcome, str) and not values and not right
    if name in _asked or (in_words and (item is None or "{" in item.comes_out.replace("{outcome", ""))):
        mine = _text(before)
        lines = [f"**You predicted:** {mine}" if mine else _NONE, f"**What comes out:** {outcome}"]
    else:
        item = prediction_item(name)
        texts = {option.letter: option.text for option in item.options}
        mine = _letter(before, texts, item)
        lines = _lines(item, outcome, values, mine, _text(before))
        _revealed[name] = outcome, values
        if mine:
            record = {"letter": mine, "text": texts[mine], "right": bool(right and mine == right.letter)}
            keep(f"prediction-{name}", {**(before if isinstance(before, dict) else {}), **record})
    display(Markdown("\n\n".join(lines)))


def revealed() -> dict[str, dict[str, list[str]]]:
    """What each prediction of the outcomes shown so far would be told, by item and letter; "" is none."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, (outcome, values) in _revealed.items():
        item = prediction_item(name)
        texts = {"": "", **{option.letter: option.text for option in item.options}}
        found[name] = {mine: _lines(item, outcome, values, mine, text) for mine, text in texts.items()}
    return found


def _lines(item: Prediction, outcome: Any, values: Mapping[str, Any], mine: str, text: str) -> list[str]:
    return [
        f"**You predicted:** {text}" if mine else _NONE,
        f"**What comes out:** {_in_words(item, outcome, values)}",
        *_verdict(item, mine, _come_true(item, outcome)),
    ]


_NONE = "**You made no prediction** (choose one above, then run this cell again)."


def _come_true(item: Prediction, outcome: Any) -> Expected | None:
    """The option that an outcome makes right: the nearest number, or what equals it; None if none does."""
    found = outcome.tolist() if hasattr(outcome, "tolist") else outcome
    if isinstance(found, Real) and not isinstance(found, bool):
        apart = {
            abs(option.value - float(found)): option
            for option in reversed(item.options)
            if isinstance(option.value, float) and math.isfinite(found)
        }
        return apart[min(apart)] if apart else None
    found = tuple(found) if isinstance(found, list) else found
    same = (one for one in item.options if type(one.value) is type(found) and one.value == found)
    return next(same, None)


def _in_words(item: Prediction, outcome: Any, values: Mapping[str, Any]) -> str:
    try:
        return item.comes_out.format(outcome=outcome, **values)
    except KeyError as missing:
        raise ValueError(f"reveal({item.id!r}, ...) lacks the value {missing.args[0]}=...") from missing
    except (TypeError, ValueError, IndexError, AttributeError) as error:
        raise ValueError(f"prediction {item.id!r} cannot say what comes out, {outcome!r}: {error}") from error


def _verdict(item: Prediction, mine: str, right: Expected | None) -> list[str]:
    if right is None:
        return ["None of the options fits what came out here.", item.explanation]
    if mine == right.letter:
        return [f"✓ **As you predicted.** {item.explanation}"]
    chosen = next((option for option in item.options if option.letter == mine), None)
    if chosen is None:
        return [item.explanation]
    lines = [f"✗ **Not what you predicted.** {chosen.diagnosis or ''}".rstrip()]
    if chosen.name and chosen.lesson:
        lines[0] += f" {read_again_link(chosen.lesson)}"
    return [*lines, item.explanation]
