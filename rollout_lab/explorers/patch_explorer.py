"""Rollout over a photograph: what one output draws from the patches, as weight and first layer change."""

from functools import partial

import numpy as np

from rollout_lab.faithfulness import spearman
from rollout_lab.figures.patches import patch_maps
from rollout_lab.figures.picture import Figure
from rollout_lab.figures.words import number
from rollout_lab.rollout import fuse_heads, rollout

from .inputs import layer_of, maps_of, position_of
from .widget_base import Stage, layer_slider, token_choice, weight_slider


def compute(layers: np.ndarray, query: int, weight: float, start: int) -> dict[str, np.ndarray]:
    """The row of `query` over the patches `(P,)`: in the first layer used, the rollout and the last layer."""
    rows = {
        f"first layer used: {start}": layers[start - 1, query],
        f"rollout, {start} to {len(layers)}": rollout(
            layers, residual=weight, start_layer=start - 1, queries=query
        ),
        f"last layer: {len(layers)}": layers[-1, query],
    }
    return {name: row[1:] for name, row in rows.items()}


def draw(layers, photograph, tokens, *, query: int, weight: float, start: int) -> Figure:
    """The photograph, blank-out on [CLS], and the three rows over its patches, on one colour scale."""
    maps, moved = compute(layers, query, weight, start), photograph.moved_cls
    first, row, _ = maps.values()
    best = int(row.argmax())
    same = "which is also" if first.argmax() == best else "which is not"
    patch = tokens[1 + best]
    alt = (
        f"With identity weight {weight:.2f} and layers {start} to {len(layers)}, {tokens[query]} draws most "
        f"from patch {patch}: {row[best] / row.sum():.1%} of what it draws from patches, "
        f"{row[best] / np.median(row):.1f} times the median; {same} the patch it reads most in layer {start}."
    )
    if query == 0:
        less = "less" if moved[best] < np.median(moved) else "more"
        alt += (
            f" Rank correlation with what turns [CLS]: {number(spearman(row, moved))}. "
            f"Greying out that patch turns it {less} than most patches do."
        )
    return patch_maps(
        photograph.pixels,
        {f"greyed out: [CLS] turns, at most by {number(moved.max())}": moved, **maps},
        photograph.grid,
        title=f"Patch {patch} gets {number(row[best] / np.median(row))} times the median",
        photograph="outlined: that patch",
        mark=best,
        common=True,
        alt=alt,
    )


def patch_explorer(photograph, *, query=0, weight=0.5, start=1, key=None) -> Stage:
    """Choose an output, the identity's weight and the first layer; see the rollout beside blank-out.

    Parameters
    ----------
    photograph : Photograph
        As `load_photograph` gives it.
    query : int
        The output, a position; `[CLS]` is 0.
    weight : number from 0 to 1
        The identity's.
    start : int
        The first layer used, counted from 1.
    key : tells apart two explorers of the same data

    Examples
    --------
    >>> from rollout_lab.models.photograph import load_photograph
    >>> patch_explorer(load_photograph(), start=7).sentence[:62]
    'With identity weight 0.50 and layers 7 to 12, [CLS] draws most'
    """
    maps, tokens = maps_of(photograph.attentions, photograph.tokens)
    layers, query = fuse_heads(maps), position_of(query, tokens, 0, "query")
    controls = {
        "weight": weight_slider(weight),
        "start": layer_slider("First layer", len(layers), layer_of(start, layers, 1, "start")),
        "query": token_choice("Output (row)", tokens, query),
    }
    shown = partial(draw, layers, photograph, tokens)
    return Stage(("patches", tokens, maps.shape, key), controls, shown)
