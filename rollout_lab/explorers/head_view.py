"""One layer's attention as lines between two columns of tokens: a head, a token, who reads what."""

import numpy as np
import traitlets

from rollout_lab._widget_output import BUNDLES
from rollout_lab.figures import Figure, heatmap
from rollout_lab.figures.checks import index_of
from rollout_lab.figures.words import distinct, largest, number
from rollout_lab.rollout import fuse_heads

from .browser_base import Live, names_in
from .inputs import layer_of, maps_of

MEAN = 0  # the choice "mean of the heads"; heads count from 1
_SINK = 2  # a position is a sink if it is read more than so many times an even share
_LONGEST = 64  # tokens that two columns have room for
_MOST = 2_000_000  # weights that are sent to the browser, four bytes each


def compute(maps: np.ndarray, layer: int, head: int) -> np.ndarray:
    """The map of one head, or the mean of all for head 0: `(N, N)`; layer and head count from 1."""
    return fuse_heads(maps[layer - 1]) if head == MEAN else maps[layer - 1, head - 1]


def sinks_of(A: np.ndarray) -> np.ndarray:
    """The positions that are read more than twice an even share, 1/N, on average over the readers."""
    return np.flatnonzero(A.mean(axis=-2) > _SINK / A.shape[-1])


def sentences(maps, tokens, *, layer, head=MEAN, query=None, source=None, fade=False) -> tuple[str, str]:
    """What is shown: a title, and a sentence that says more."""
    A, names = compute(maps, layer, head), distinct(tokens)
    which = "" if maps.shape[1] == 1 else ", mean of all heads" if head == MEAN else f", head {head}"
    where, mean = f"Layer {layer}{which}", A.mean(axis=0)
    if query is not None:
        best = int(np.argmax(A[query]))
        title = f"“{tokens[query]}” reads “{tokens[best]}” most"
        said = (
            f"“{names[query]}” reads most from {largest(A[query], tokens, 3)}, "
            f"and {A[query, query]:.2f} from itself"
        )
    elif source is not None:
        best = int(np.argmax(A[:, source]))
        title = f"“{tokens[source]}” is read most by “{tokens[best]}”"
        said = (
            f"“{names[source]}” is read most by {largest(A[:, source], tokens, 3)}; "
            f"on average a position reads {number(mean[source])} from it (an even share: {1 / len(A):.2f})"
        )
    else:
        title = f"“{tokens[int(np.argmax(mean))]}” is read most"
        said = f"positions read most from {largest(mean, tokens, 3)} on average"
    faded = ""
    if fade:
        found = " and ".join(f"“{names[j]}”" for j in sinks_of(A)) or "no position"
        faded = f"; lines from {found} are faded"
    return f"{where}: {title}", f"In {where[0].lower()}{where[1:]}, {said}{faded}."


def draw(maps, tokens, *, layer, head=MEAN, query=None, source=None, fade=False) -> Figure:
    """The map, the reader's row outlined and drawn as bars, or the source's column outlined."""
    chosen = {"layer": layer, "head": head, "query": query, "source": source, "fade": fade}
    title, alt = sentences(maps, tokens, **chosen)
    column = None if source is None else [(i, source) for i in range(len(tokens))]
    return heatmap(compute(maps, layer, head), tokens, title=title, row=query, mark=column, alt=alt)


class HeadView(Live):
    """Two columns of tokens in the browser, which has all maps; the kernel says what they show."""

    _esm = BUNDLES / "head_view.js"

    # (L, 1 + H, N, N), float32: for each layer the mean of its heads and the heads; one map where H is 1.
    weights = traitlets.Bytes().tag(sync=True)

    def __init__(self, maps, tokens, key, start):
        self._maps, self._tokens = maps, tokens
        layers, heads, n, _ = maps.shape
        everyone = (None, *range(n))
        choices = {
            "layer": range(1, layers + 1),
            "query": everyone,
            "source": everyone,
            "fade": (False, True),
        }
        choices |= {"head": range(heads + 1)} if heads > 1 else {}
        shown = maps if heads == 1 else np.concatenate([fuse_heads(maps)[:, None], maps], axis=1)
        data = names_in(tokens) | {
            "layers": layers,
            "maps": shown.shape[1],
            "sinks": [[sinks_of(A).tolist() for A in layer] for layer in shown],
            "rule": f"read more than twice an even share (column mean above {_SINK}/{n} = {_SINK / n:.2g})",
        }
        weights = np.ascontiguousarray(shown, dtype="<f4").tobytes()
        super().__init__(("heads", tokens, maps.shape, key), choices, start, data, weights=weights)

    def _move(self, values):
        # One token stands out: a reader or a source.
        for one, other in (("query", "source"), ("source", "query")):
            if values.get(one) is not None:
                values = {other: None, **values}
        super()._move(values)

    def answer(self, **values):
        return {"status": sentences(self._maps, self._tokens, **values)[1]}

    def draw(self, **values) -> Figure:
        return draw(self._maps, self._tokens, **values)


def head_view(attentions, tokens, *, layer=1, head=None, query=None, fade=False, key=None) -> HeadView:
    """Point at a token and see what it reads in one layer; choose among all heads by their little maps.

    Sources stand on the left and readers on the right, since information goes from the source to the reader:
    a line from j to i is `A[i, j]`.

    Parameters
    ----------
    attentions, tokens, key
        As for every explorer, see `rollout_lab.explorers`; at most 64 tokens.
    layer : int
        Where to open, counted from 1.
    head : int, optional
        Counted from 1; left out, or 0: the mean of the heads.
    query : int, optional
        The position of the reader that stands out; left out, all lines are shown.
    fade : bool
        Whether lines from sinks are faded: from positions that are read more than twice an even share, 1/N.

    Examples
    --------
    >>> from rollout_lab.models import paper_example
    >>> example = paper_example()
    >>> head_view(example.attentions, example.tokens, layer=2, query=1).sentence
    'In layer 2, “B” reads most from “B” 0.50, “C” 0.50, and 0.50 from itself.'
    """
    maps, tokens = maps_of(attentions, tokens)
    layers, heads, n, _ = maps.shape
    if n > _LONGEST:
        raise ValueError(
            f"head_view has room for {_LONGEST} tokens, found {n}; "
            "rollout_lab.figures.heatmap shows one map of a longer sentence."
        )
    if maps.size > _MOST:
        raise ValueError(
            f"{layers} layers of {heads} heads over {n} tokens are {maps.size:,} weights; head_view sends up "
            f"to {_MOST:,} to the browser. Give it fewer layers: attentions[:{_MOST * layers // maps.size}]"
        )
    start = {
        "layer": layer_of(layer, maps, 1, "layer"),
        "query": None if query is None else index_of(query, n, "query"),
        "source": None,
        "fade": bool(fade),
    }
    head = MEAN if head is None else index_of(head, heads + 1, "head")
    return HeadView(maps, tokens, key, start | ({"head": head} if heads > 1 else {}))
