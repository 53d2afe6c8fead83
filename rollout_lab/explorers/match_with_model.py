"""How well a map matches blank-out, as one assumption is changed from end to end."""

from functools import partial
from typing import Any

import numpy as np

from rollout_lab.faithfulness import WAYS
from rollout_lab.figures import Figure, lines
from rollout_lab.figures.words import number, tidy
from rollout_lab.models.blank_out_study import WEIGHTS, Study, load_study, t_interval

from .widget_base import Stage, choice

# As the identity's weight tends to 1, what a row draws from others tends to a multiple of the layers' mean.
_WEIGHTS: dict[Any, str] = {0.0: "none", **{w: f"weight {w}" for w in WEIGHTS}, 1.0: "layers averaged"}
VARIED: dict[str, dict[Any, str]] = {
    "weight of the identity": _WEIGHTS,
    "first layer of the rollout": {1: "identity", **{n: f"from layer {n}" for n in range(2, 7)}},
    "last layer of the rollout": {**{n: f"to layer {n}" for n in range(1, 6)}, 6: "identity"},
    "one layer alone": {n: f"layer {n}" for n in range(1, 7)},
}
READING_NAMES = {
    "embedding": "sentence embedding",
    "cls": "[CLS] state",
    "embedding by [CLS]": "sentence embedding, read from the [CLS] row",
}
SETS = {"all words": "all", "content words": "content", "words and signs": "with signs"}
BESIDE = {
    "last layer alone": "layer 6",
    "value norms, last layer": "value norms, last layer",
    "ALTI": "ALTI",
    "guess: rarer words": "rarity",
    "the model itself": "the other way",
}
"""What every curve is held against: two successors, a single layer, a guess, and the ceiling."""
EVERYWHERE = "all sources"


def compute(study: Study, varied: str, source: str, **which):
    """Means and intervals along `VARIED[varied]`, and of the methods in `BESIDE`: each (mean, low, high)."""
    here = (study.sources == source) | (source == EVERYWHERE)
    methods = [*VARIED[varied].values(), *BESIDE.values()]
    rho = np.stack([study.correlations(method, **which) for method in methods], axis=1)
    found, n = t_interval(rho[here], study.sources[here]), len(VARIED[varied])
    return int(here.sum()), [each[:n] for each in found], [each[n:] for each in found]


def draw(study: Study, *, varied: str, words: str, reading: str, how: str, source: str) -> Figure:
    """The curve of the rollout with its interval, and a level line for each method beside it."""
    count, (mean, low, high), (beside, _, _) = compute(
        study, varied, source, words=words, reading=reading, how=how
    )
    x = np.array(list(VARIED[varied]), dtype=float)
    best, among = int(np.argmax(mean)), {value: name for name, value in SETS.items()}[words]
    levels = "; ".join(f"{name} {number(value)}" for name, value in zip(BESIDE, beside, strict=True))
    alt = (
        f"{count} sentences, {source}, {among}, blank-out by {how}, {READING_NAMES[reading]}; along {varied} "
        f"from {tidy(x[0])} to {tidy(x[-1])} the mean rank correlation runs from {number(mean[0])} to "
        f"{number(mean[-1])}, highest {number(mean[best])} [{number(low[best])}, {number(high[best])}] at "
        f"{tidy(x[best])}. Beside it: {levels}."
    )
    level_lines = {name: np.full(len(x), value) for name, value in zip(BESIDE, beside, strict=True)}
    return lines(
        x,
        {"this rollout": mean, **level_lines},
        bands={"this rollout": (low, high)},
        title=f"Match with the {READING_NAMES[reading]}, {among}",
        xlabel=varied,
        ylabel="mean rank correlation",
        ylim=(-0.6, 1),
        key=True,
        alt=alt,
    )


def match_with_model(
    *, varied="weight of the identity", words="all", reading="embedding", how="mask", key=None
) -> Stage:
    """Vary one assumption of rollout and see, in the bundled study, how well the map matches blank-out.

    Parameters
    ----------
    varied : one of `VARIED`
    words : "all", "content" or "with signs"
    reading : one of `READING_NAMES`
    how : "mask" or "removal"
    key : tells apart two explorers of the same data

    Examples
    --------
    >>> match_with_model().sentence[:68]
    '400 sentences, all sources, all words, blank-out by mask, sentence e'
    """
    study = load_study()
    sources = (EVERYWHERE, *study.sources.tolist())
    controls = {
        "varied": choice("varied", "Vary", {name: name for name in VARIED}, varied),
        "words": choice("words", "Words", SETS, words),
        "reading": choice(
            "reading", "Output", {label: name for name, label in READING_NAMES.items()}, reading
        ),
        "how": choice("how", "Blank out by", {name: name for name in WAYS}, how),
        "source": choice("source", "Sentences from", {name: name for name in sources}, EVERYWHERE),
    }
    return Stage(("match", key), controls, partial(draw, study))
