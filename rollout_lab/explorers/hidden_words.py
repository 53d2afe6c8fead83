"""Blank-out beside a map: each word hidden in turn, alone or together with a second one."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from rollout_lab.faithfulness import Word, blank_out, per_word, spearman, turn, words_of
from rollout_lab.figures import Figure, grouped_bars
from rollout_lab.figures.words import distinct, number
from rollout_lab.models import load_example
from rollout_lab.models.blank_out_study import load_blank_out, occurrences
from rollout_lab.rollout import fuse_heads, rollout

from .widget_base import Stage, choice

READINGS = {
    "embedding": "sentence vector, mean of all rows",
    "cls": "[CLS] state, its row",
    "likeness": "likeness of the two texts, mean of all rows",
}
_OUTPUTS = {
    "embedding": "The sentence vector turns most",
    "cls": "The state of [CLS] turns most",
    "likeness": "The likeness changes most",
}


class Measured(NamedTuple):
    """A text of n words: its words, its maps `(L, H, N, N)`, the residual's share `(L, N)` or None.

    `outputs` are what may move, by their names in `READINGS`; `moved(output, also)` is how far it moves
    without each word `(n,)`, where the word number `also` is hidden as well, or None.
    """

    words: Sequence[Word]
    attentions: np.ndarray
    share: np.ndarray | None
    outputs: tuple[str, ...]
    moved: Callable[[str, int | None], np.ndarray]


def bundled(name: str) -> Measured:
    """A bundled sentence, which needs no model."""
    example, found = load_example(name), load_blank_out(name)

    def moved(output, also):
        return found.moved["mask"][output] if also is None else found.pairs[output][also]

    return Measured(found.words, example.attentions, example.residual_share, ("embedding", "cls"), moved)


def measured(source, text: str, other: str) -> Measured:
    """A text as an `Encoder` takes it, or with `other` a `Recording`, too: raises as these do."""
    whole, words = source.encode(text), words_of(text, source.tokenize)
    places = np.arange(len(whole.tokens))
    if len(words) < 3:
        raise ValueError("Blank-out needs at least three words to put in order. Type a longer text.")
    against = source.encode(other).embedding if other else None

    def moved(output, also):
        hidden = () if also is None else words[also].positions
        if against is None:
            return blank_out(source.encode, text, words, also=hidden)[output]
        without = [source.encode(text, ~np.isin(places, (*word.positions, *hidden))) for word in words]
        return np.array([turn(one.embedding, against) for one in without]) - turn(whole.embedding, against)

    outputs = ("embedding", "cls") if against is None else ("likeness",)
    return Measured(words, whole.attentions, getattr(whole, "residual_share", None), outputs, moved)


def scores_of(text: Measured) -> dict[str, np.ndarray]:
    """What there is to hold against blank-out: maps `(N, N)`, and guesses `(n,)` that look at none."""
    layers = fuse_heads(text.attentions.astype(np.float64))
    maps = {
        **{f"rollout, {name}": rollout(layers, residual=name) for name in ("identity", "recursion", "none")},
        **{f"layer {index} alone": A for index, A in enumerate(layers, 1)},
    }
    if text.share is not None:
        share = text.share.astype(np.float64)[..., None]
        kept = (1 - share) * layers + share * np.eye(layers.shape[-1])
        maps["rollout, measured share"] = rollout(kept, residual="none")
    return maps | {
        "a guess: the rarer word": np.array([-occurrences()[word.text.lower()] for word in text.words]),
        "a guess: the longer word": np.array([len(word.text) for word in text.words]),
    }


def draw(text: Measured, scores, *, scored: str, output: str, also: int | None) -> Figure:
    """Each word's share by the map, and beside it what the model does without the word."""
    row = scores[scored]
    if row.ndim == 2:
        row = per_word(row[0] if output == "cls" else row.mean(axis=0), text.words)
    moved, names = text.moved(output, also), distinct([word.text for word in text.words])
    compared = [k for k in range(len(names)) if k != also]
    sizes = np.abs(moved)
    try:
        said = f"rank correlation {number(spearman(row[compared], sizes[compared]))}"
    except ValueError:
        said = "no order to compare"
    together = "" if also is None else f" together with “{names[also]}”"
    alt = (
        f"{_capital(scored)} and blank-out: {said}, {len(compared)} words hidden one by one{together}. "
        f"{_OUTPUTS[output]} without {_first(sizes, names)}; the map puts first {_first(row, names)}."
    )
    if output == "likeness":
        parted, joined = (k for k in (moved.argmax(), moved.argmin()))
        alt += f" Without “{names[parted]}” the texts are less alike" if moved[parted] > 0 else ""
        alt += f"; without “{names[joined]}” more." if moved[joined] < 0 else "."
    row = row - min(row.min(), 0)  # rarity is counted downwards
    return grouped_bars(
        {scored: row / row.sum(), "blank-out": moved / sizes.sum()},
        names,
        title=f"{_capital(scored)} and blank-out: {said}",
        xlabel=f"word hidden{together}",
        ylabel="share",
        alt=alt,
    )


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _first(row: np.ndarray, names: Sequence[str]) -> str:
    return ", ".join(f"“{names[k]}”" for k in np.argsort(-row, kind="stable")[:3])


def hidden_words(text: Measured, key) -> Stage:
    """Choose a map, an output and a second word to hide."""
    scores = scores_of(text)
    names = distinct([word.text for word in text.words])
    alone: dict[str, int | None] = {"nothing else": None}
    controls = {
        "scored": choice("scored", "Map", {name: name for name in scores}, next(iter(scores))),
        "output": choice("output", "Output", {READINGS[o]: o for o in text.outputs}, text.outputs[0]),
        "also": choice("also", "Hide as well", alone | {name: k for k, name in enumerate(names)}, None),
    }
    return Stage(("hidden", *names, key), controls, partial(draw, text, scores))
