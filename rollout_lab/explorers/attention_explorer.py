"""One layer's attention, head by head: what does a token read directly?"""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np

from rollout_lab.explorers.inputs import maps_of, position_of, telling_link
from rollout_lab.explorers.widget_base import Stage, labelled, layer_slider, token_choice
from rollout_lab.figures import Figure, heatmap
from rollout_lab.figures.checks import index_of
from rollout_lab.figures.words import distinct, largest
from rollout_lab.rollout import fuse_heads

_MEAN = 0  # the choice "mean of all heads"; heads count from 1


def compute(maps: np.ndarray, layer: int, head: int) -> np.ndarray:
    """The map of one head, or the mean of all for head 0: `(N, N)`; layer and head count from 1."""
    return fuse_heads(maps[layer - 1]) if head == _MEAN else maps[layer - 1, head - 1]


def draw(maps, tokens, *, layer: int, head: int, query: int) -> Figure:
    """The map with the row of `query` outlined and drawn as bars."""
    A = compute(maps, layer, head)
    names = distinct(tokens)
    which = "" if maps.shape[1] == 1 else ", mean of all heads" if head == _MEAN else f", head {head}"
    best = int(np.argmax(A[query]))
    title = f"Layer {layer}{which}: “{tokens[query]}” reads “{tokens[best]}” most"
    said = (
        f"In layer {layer}{which}, “{names[query]}” reads most from {largest(A[query], tokens, 3)}, "
        f"and {A[query, query]:.2f} from itself."
    )
    return heatmap(A, tokens, title=title, row=query, alt=said)


def attention_explorer(attentions, tokens, *, layer=None, head=None, query=None, key=None) -> Stage:
    """Choose a layer, a head and a token, and see what that token reads.

    `attentions`: one sentence's layers, in any form that `rollout` takes; `tokens`: N strings; `layer` and
    `head`: where to open, both counted from 1 and head 0 the mean of all; `query`: the row, a position. Left
    out, it opens on the strongest link between two words. `key` tells apart two explorers of the same data.
    Returns a widget whose `.figure()` is the picture as it stands.
    Raises ValueError, TypeError or IndexError when the arguments do not fit together.

    >>> from rollout_lab.models import paper_example
    >>> example = paper_example()
    >>> attention_explorer(example.attentions, example.tokens, layer=2, query=1).status.text
    'In layer 2, “B” reads most from B 0.50, C 0.50, and 0.50 from itself.'
    """
    maps, tokens = maps_of(attentions, tokens)
    layers, heads = maps.shape[:2]
    start = telling_link(maps, tokens)
    layer = start[0] + 1 if layer is None else index_of(layer - 1, layers, "layer - 1") + 1
    head = (start[1] + 1 if heads > 1 else _MEAN) if head is None else index_of(head, heads + 1, "head")
    query = position_of(query, tokens, start[2], "query")
    head_options = [("mean of all", _MEAN), *((str(h), h) for h in range(1, heads + 1))]
    controls = {"layer": layer_slider("Layer", layers, layer)}
    if heads > 1:
        controls["head"] = labelled(widgets.Dropdown, "Head", options=head_options, value=head)
    controls["query"] = token_choice("Token that reads (row)", tokens, query)

    def show(*, layer, query, head=_MEAN):
        return draw(maps, tokens, layer=layer, head=head, query=query)

    return Stage(("attention", tokens, maps.shape, layer, head, query, key), controls, show)
