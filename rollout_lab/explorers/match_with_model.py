"""How well a map matches blank-out, as one assumption is changed from end to end."""

from functools import partial
from typing import Any

import numpy as np

from rollout_lab.faithfulness import WAYS
from rollout_lab.figures import Figure, lines
from rollout_lab.figures.words import number, tidy
from rollout_lab.models.blank_out_study import WEIGHTS, Study, bootstrap, load_study

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
EVERYWHERE = "all sources"


def compute(study: Study, varied: str, reading: str, how: str, source: str):
    """Mean correlation and its interval by word set, along `VARIED[varied]`: name -> (mean, low, high)."""
    here = (study.sources == source) | (source == EVERYWHERE)
    found = {}
    for name, words in SETS.items():
        rho = [
            study.correlations(method, words=words, reading=reading, how=how)
            for method in VARIED[varied].values()
        ]
        found[name] = bootstrap(np.stack(rho, axis=1)[here], study.sources[here])
    return int(here.sum()), found


def draw(study: Study, *, varied: str, reading: str, how: str, source: str) -> Figure:
    """A curve with its interval for each set of words."""
    count, found = compute(study, varied, reading, how, source)
    x = np.array(list(VARIED[varied]), dtype=float)
    best = {name: int(np.argmax(mean)) for name, (mean, _, _) in found.items()}
    runs = "; ".join(
        f"over {name} the mean rank correlation runs from {number(mean[0])} to {number(mean[-1])}, highest "
        f"{number(mean[best[name]])} at {tidy(x[best[name]])}"
        for name, (mean, _, _) in found.items()
    )
    alt = (
        f"{count} sentences, {source}, blank-out by {how}, {READING_NAMES[reading]}; along {varied} from "
        f"{tidy(x[0])} to {tidy(x[-1])}: {runs}."
    )
    return lines(
        x,
        {name: mean for name, (mean, _, _) in found.items()},
        bands={name: (low, high) for name, (_, low, high) in found.items()},
        title=f"Match with the {READING_NAMES[reading]}, by {varied}",
        xlabel=varied,
        ylabel="mean rank correlation",
        ylim=(-1, 1),
        alt=alt,
    )


def match_with_model(*, varied="weight of the identity", reading="embedding", how="mask", key=None) -> Stage:
    """Vary one assumption of rollout and see, in the bundled study, how well the map matches blank-out.

    Parameters
    ----------
    varied : one of `VARIED`
    reading : one of `READING_NAMES`
    how : "mask" or "removal"
    key : tells apart two explorers of the same data

    Examples
    --------
    >>> match_with_model().sentence[:68]
    '400 sentences, all sources, blank-out by mask, sentence embedding; a'
    """
    study = load_study()
    sources = (EVERYWHERE, *study.sources.tolist())
    controls = {
        "varied": choice("varied", "Vary", {name: name for name in VARIED}, varied),
        "reading": choice(
            "reading", "Output", {label: name for name, label in READING_NAMES.items()}, reading
        ),
        "how": choice("how", "Blank out by", {name: name for name in WAYS}, how),
        "source": choice("source", "Sentences from", {name: name for name in sources}, EVERYWHERE),
    }
    return Stage(("match", key), controls, partial(draw, study))
