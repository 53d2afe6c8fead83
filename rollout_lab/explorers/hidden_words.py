"""Blank-out beside a map: each word hidden in turn, alone or together with a second one."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import NamedTuple

import numpy as np

from rollout_lab.faithfulness import Word, blank_out, per_word, spearman, turn, words_of
from rollout_lab.figures import Figure, grouped_bars
from rollout_lab.figures.words import distinct, number
from rollout_lab.models import Encoder, ModelNotFetched, load_example
from rollout_lab.models.blank_out_study import load_blank_out, occurrences
from rollout_lab.models.neighbours import Recording, wrong_neighbours
from rollout_lab.rollout import FORMULAS, fuse_heads, rollout
from rollout_lab.successors import alti, value_norms

from .widget_base import Stage, choice

NOTHING = -1
READINGS = {
    "embedding": "sentence vector, mean of all rows",
    "cls": "[CLS] state, its row",
    "likeness": "likeness of the two texts, mean of all rows",
}
_FIRST = "rollout, identity"
_OUTPUTS = {
    "embedding": "The sentence vector turns most",
    "cls": "The state of [CLS] turns most",
    "likeness": "The likeness changes most",
}


class Measured(NamedTuple):
    """A text of n words: its words, its maps, and how far an output moves without some of the words.

    `maps` `(N, N)` by name; `outputs`, what may move, by their names in `READINGS`; `moved(output, also)`
    `(n,)`, without each word, where the word number `also` is hidden as well, or `NOTHING`; `pairs`, whether
    two words can be hidden at once.
    """

    words: Sequence[Word]
    maps: dict[str, np.ndarray]
    outputs: tuple[str, ...]
    moved: Callable[[str, int], np.ndarray]
    pairs: bool = True


def bundled(name: str, encoder: Encoder | None) -> Measured:
    """A bundled sentence. It needs no encoder, which adds the maps that look at values."""
    example, found = load_example(name), load_blank_out(name)

    def moved(output, also):
        return found.moved["mask"][output] if also == NOTHING else found.pairs[output][also]

    read = encoder.encode(example.text, blocks=True) if encoder else example
    return Measured(found.words, _maps(read), ("embedding", "cls"), moved)


def measured(source: Encoder | Recording, text: str, other: str) -> Measured:
    """A text, alone or with another one, as the source takes it. Raises as the source does."""
    whole = source.encode(text, blocks=True) if isinstance(source, Encoder) else source.encode(text)
    words, places = words_of(text, source.tokenize), np.arange(len(whole.tokens))
    if len(words) < 3:
        raise ValueError("Blank-out needs at least three words to put in order. Type a longer text.")
    if whole.attentions is None:
        raise ModelNotFetched(f"the maps of {text!r} are not in the recording")
    against = source.encode(other).embedding if other else None

    @cache  # another map is held against the same words
    def moved(output, also):
        hidden = () if also == NOTHING else words[also].positions
        if against is None:
            return blank_out(source.encode, text, words, also=hidden)[output]
        without = [source.encode(text, ~np.isin(places, (*word.positions, *hidden))) for word in words]
        return np.array([turn(one.embedding, against) for one in without]) - turn(whole.embedding, against)

    outputs = ("embedding", "cls") if against is None else ("likeness",)
    pairs = isinstance(source, Encoder) or text == wrong_neighbours()[0].query
    return Measured(words, _maps(whole), outputs, moved, pairs)


def _maps(read) -> dict[str, np.ndarray]:
    """The maps of an `Encoding`, of an `Example`, which has no blocks, or of a `Recorded`, which has less."""
    layers = fuse_heads(read.attentions.astype(np.float64))
    maps = {
        **{f"rollout, {name}": rollout(layers, residual=name) for name in reversed(FORMULAS)},
        **{f"layer {index} alone": A for index, A in enumerate(layers, 1)},
    }
    if getattr(read, "residual_share", None) is not None:
        share = read.residual_share.astype(np.float64)[..., None]
        kept = (1 - share) * layers + share * np.eye(layers.shape[-1])
        maps["rollout, measured share"] = rollout(kept, residual="none")
    if getattr(read, "blocks", None):
        last = read.blocks[-1]
        norms = value_norms(last.attention, last.values, last.output)
        maps["value norms, last layer"] = norms / norms.sum(axis=-1, keepdims=True)
        maps["ALTI"] = alti(read.blocks)
    return maps


def guesses_of(words: Sequence[Word]) -> dict[str, np.ndarray]:
    """What one may say of each word without a model `(n,)`."""
    return {
        "guess by rarity": np.array([1 / (1 + occurrences()[word.text.lower()]) for word in words]),
        "guess by length": np.array([len(word.text) for word in words]),
    }


def draw(text: Measured, scores, *, scored: str, output: str, also: int) -> Figure:
    """Each word's share by the map, and beside it what the model does without the word."""
    row = scores[scored]
    if row.ndim == 2:
        row = per_word(row[0] if output == "cls" else row.mean(axis=0), text.words)
    moved, names = text.moved(output, also), distinct([word.text for word in text.words], brief=True)
    compared = [k for k in range(len(names)) if k != also]
    sizes = np.abs(moved)
    try:
        said = f"rank correlation {number(spearman(row[compared], sizes[compared]))}"
    except ValueError:
        said = "no order to compare"
    together = "" if also == NOTHING else f" together with “{names[also]}”"
    alt = (
        f"{_capital(scored)} and blank-out: {said}, {len(compared)} words hidden one by one{together}. "
        f"{_OUTPUTS[output]} without {_first(sizes, names)}; {scored} puts first {_first(row, names)}."
    )
    if output == "likeness":
        for k, sign, how in ((moved.argmax(), 1, "less"), (moved.argmin(), -1, "more")):
            if sign * moved[k] > 0:
                alt += f" Without “{names[k]}” the texts are {how} alike."
    return grouped_bars(
        {scored: row / (row.sum() or 1), "blank-out": moved / (sizes.sum() or 1)},
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


def hidden_words(text: Measured, key, scored: str) -> Stage:
    """Choose a map, an output and a second word to hide. It opens on the map `scored`, if there is one."""
    scores = text.maps | guesses_of(text.words)
    names = distinct([word.text for word in text.words], brief=True)
    also = {"nothing else" if text.pairs else "two at once need the model": NOTHING}
    also |= {name: k for k, name in enumerate(names) if text.pairs}
    controls = {
        "scored": choice(
            "scored", "Map", {name: name for name in scores}, scored if scored in scores else _FIRST
        ),
        "output": choice("output", "Output", {READINGS[o]: o for o in text.outputs}, text.outputs[0]),
        "also": choice("also", "Hide as well", also, NOTHING),
    }
    return Stage(("hidden", *names, key), controls, partial(draw, text, scores))
