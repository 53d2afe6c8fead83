"""The identity's weight from 0 to 1: from no residual at all to nothing but residual."""

from functools import partial

import numpy as np

from rollout_lab.figures.words import distinct, number, tidy
from rollout_lab.paths import hop_distribution
from rollout_lab.rollout import fuse_heads, rollout

from .inputs import maps_of, position_of, telling_row
from .matrix_view import Control, Frame, MatrixView, Panel, row_menu

WEIGHTS = tuple(step / 20 for step in range(21))


def compute(maps: np.ndarray, weight: float) -> tuple[np.ndarray, float]:
    """R for one identity weight, `(N, N)`, and how many attention hops a path makes on average."""
    hops = hop_distribution(len(maps), weight)
    return rollout(maps, residual=weight), float(np.arange(len(hops)) @ hops)


def frame(maps, *, weight: float) -> Frame:
    R, hops = compute(maps, weight)
    title = f"Weight {weight:.2f}: {_hops(hops, 'hop')} on average"
    return Frame(title, [Panel("R", R)], {f"weight {weight:.2f}": R})


def sentence(layers: int, tokens, shown: Frame, *, query: int, weight: float) -> str:
    row, names = shown.panels[0].matrix[query], distinct(tokens, quoted=True)
    best = int(np.argmax(np.where(np.arange(len(row)) == query, -1, row)))
    hops = layers * (1 - weight)
    return (
        f"With identity weight {weight:.2f}, a path makes {_hops(hops, 'attention hop')} on average over "
        f"{layers} layers; the row of {names[query]} keeps {number(row[query])} on itself and "
        f"draws {number(row[best])} from {names[best]}."
    )


def _hops(mean: float, noun: str) -> str:
    return f"{tidy(mean)} {noun}" if np.isclose(mean, 1) else f"{tidy(mean)} {noun}s"


def residual_weight(attentions, tokens, *, query=None, weight=0.5, key=None) -> MatrixView:
    """Slide the identity's weight from 0 to 1 and watch R go from collapse to identity.

    Parameters
    ----------
    attentions, tokens, query, key
        As for every explorer, see `rollout_lab.explorers`.
    weight : number from 0 to 1
        Where to open.

    Examples
    --------
    >>> from rollout_lab.models import paper_example
    >>> example = paper_example()
    >>> print(residual_weight(example.attentions, example.tokens, query=1).sentence)
    With identity weight 0.50, a path makes 1 attention hop on average over 2 layers;
    the row of “B” keeps 0.75 on itself and draws 0.19 from “C”.
    """
    maps, tokens = maps_of(attentions, tokens)
    query = position_of(query, tokens, telling_row(maps, tokens), "query")
    weights = sorted({*WEIGHTS, weight})
    controls = {
        "weight": Control("slider", "Weight of the identity", {f"{w:.2f}": w for w in weights}),
        "query": row_menu("Output (row)", tokens),
    }
    start = {"weight": weight, "query": query}
    parts = partial(frame, fuse_heads(maps)), partial(sentence, len(maps), tokens)
    return MatrixView(("residual", tokens, maps.shape, key), tokens, controls, start, *parts, curve="weight")
