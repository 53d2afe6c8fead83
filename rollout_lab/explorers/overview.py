"""Rollout in one glance: many maps multiply into one, and one row of it is what you read."""

from functools import partial

import ipywidgets as widgets
import numpy as np

from rollout_lab.figures import Pictures, grouped_bars, heatmaps, side_by_side
from rollout_lab.figures.words import distinct, largest, subscript
from rollout_lab.rollout import augmented_layers, fuse_heads, rollout

from .inputs import maps_of, position_of, telling_row
from .widget_base import Stage, labelled, token_choice

_WHOLE = 7  # layers up to which each one is shown


def compute(maps: np.ndarray, residual: str) -> tuple[list[np.ndarray], np.ndarray]:
    """The matrices that are multiplied, first layer first, and their product R: each `(N, N)`."""
    return list(augmented_layers(maps, residual=residual)), rollout(maps, residual=residual)


def draw(maps, tokens, *, query: int, residual: bool) -> Pictures:
    """The layers' maps, last layer on the left, equals R; and the chosen row beside the last layer's."""
    layers, R = compute(maps, "identity" if residual else "none")
    last = fuse_heads(maps[-1])[query]
    total, names = len(layers), distinct(tokens)
    shown = list(range(total))[::-1]
    between = ["@"] * (total - 1) + ["="]
    if total > _WHOLE:
        shown = [total - 1, total - 2, total - 3, 1, 0]
        between = ["@", "@", "…", "@", "="]
    letter = "Â" if residual else "A"
    alt = (
        f"{total} attention maps multiply into one map R, the last layer on the left; through all layers, "
        f"“{names[query]}” draws most from {largest(R[query], tokens, 3)}, while the last layer alone "
        f"reads most from {largest(last, tokens, 3)}."
    )
    strip = heatmaps(
        [*(layers[index] for index in shown), R],
        tokens,
        titles=[*(f"{letter}{subscript(index + 1)}" for index in shown), "R"],
        title=f"{total} maps multiply into R, and its rows say where outputs draw from",
        per_row=len(shown) + 1,
        between=between,
        row=[*(None for _ in shown), query],
        bars=False,
        ticks=False,
        alt=alt,
    )
    bars = grouped_bars(
        {"last layer alone": last, "rollout, all layers": R[query]},
        tokens,
        title=f"Where “{tokens[query]}” draws from: one layer against all",
        xlabel="key or input j",
    )
    return side_by_side(strip, bars)


def overview(attentions, tokens, *, query=None, residual=True, key=None) -> Stage:
    """What rollout is, in one picture: the layers' maps, their product R, and one row of it.

    Parameters
    ----------
    attentions, tokens, query, key
        As for every explorer, see `rollout_lab.explorers`.
    residual : bool
        Whether the residual connection counts.

    Examples
    --------
    >>> from rollout_lab.models import paper_example
    >>> example = paper_example()
    >>> print(overview(example.attentions, example.tokens, query=1, residual=False).sentence)
    2 attention maps multiply into one map R, the last layer on the left; through all layers, “B” draws most
    from B 0.50, A 0.25, C 0.25, while the last layer alone reads most from B 0.50, C 0.50.
    """
    maps, tokens = maps_of(attentions, tokens)
    query = position_of(query, tokens, telling_row(maps, tokens), "query")
    controls = {
        "query": token_choice("Output (row of R)", tokens, query),
        "residual": labelled(widgets.Checkbox, "with the residual connection", value=residual, indent=False),
    }
    return Stage(("overview", tokens, maps.shape, key), controls, partial(draw, maps, tokens))
