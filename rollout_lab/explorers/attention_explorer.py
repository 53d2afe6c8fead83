"""One layer's attention, head by head: what does a token read directly?"""

from functools import partial

import numpy as np

from rollout_lab.figures import Figure, heatmap
from rollout_lab.figures.checks import index_of
from rollout_lab.figures.words import distinct, largest
from rollout_lab.rollout import fuse_heads

from .inputs import layer_of, maps_of, position_of, telling_link
from .widget_base import Stage, choice, layer_slider, token_choice

_MEAN = 0  # the choice "mean of all heads"; heads count from 1


def compute(maps: np.ndarray, layer: int, head: int) -> np.ndarray:
    """The map of one head, or the mean of all for head 0: `(N, N)`; layer and head count from 1."""
    return fuse_heads(maps[layer - 1]) if head == _MEAN else maps[layer - 1, head - 1]


def draw(maps, tokens, *, layer: int, query: int, head: int = _MEAN) -> Figure:
    """The map with the row of `query` outlined and drawn as bars."""
    A = compute(maps, layer, head)
    names = distinct(tokens)
    which = "" if maps.shape[1] == 1 else ", mean of all heads" if head == _MEAN else f", head {head}"
    best = int(np.argmax(A[query]))
    title = f"Layer {layer}{which}: “{tokens[query]}” reads “{tokens[best]}” most"
    alt = (
        f"In layer {layer}{which}, “{names[query]}” reads most from {largest(A[query], tokens, 3)}, "
        f"and {A[query, query]:.2f} from itself."
    )
    return heatmap(A, tokens, title=title, row=query, alt=alt)


def attention_explorer(attentions, tokens, *, layer=None, head=None, query=None, key=None) -> Stage:
    """Choose a layer, a head and a token, and see what that token reads.

    Parameters
    ----------
    attentions, tokens, key
        As for every explorer, see `rollout_lab.explorers`.
    layer, head, query : int, optional
        Where to open: layer and head count from 1, head 0 is the mean of all, `query` is the row's position.
        Left out, it opens on the strongest link between two words.

    Examples
    --------
    >>> from rollout_lab.models import paper_example
    >>> example = paper_example()
    >>> attention_explorer(example.attentions, example.tokens, layer=2, query=1).sentence
    'In layer 2, “B” reads most from B 0.50, C 0.50, and 0.50 from itself.'
    """
    maps, tokens = maps_of(attentions, tokens)
    heads = maps.shape[1]
    start = telling_link(maps, tokens)
    controls = {"layer": layer_slider("Layer", len(maps), layer_of(layer, maps, start[0] + 1, "layer"))}
    if heads > 1:
        options = {"mean of all": _MEAN, **{str(h): h for h in range(1, heads + 1)}}
        head = start[1] + 1 if head is None else index_of(head, heads + 1, "head")
        controls["head"] = choice("head", "Head", options, head)
    query = position_of(query, tokens, start[2], "query")
    controls["query"] = token_choice("Token that reads (row)", tokens, query)
    return Stage(("attention", tokens, maps.shape, key), controls, partial(draw, maps, tokens))
