"""Rollout in one glance: many maps multiply into one, and one row of it is what you read."""

from functools import partial

import numpy as np

from rollout_lab.figures.words import distinct, largest, subscript
from rollout_lab.rollout import augmented_layers, fuse_heads, rollout

from .inputs import maps_of, position_of, telling_row
from .matrix_view import Control, Frame, MatrixView, Panel, row_menu

_WHOLE = 7  # layers up to which each one is shown
_ALONE, _ALL = "last layer alone", "rollout, all layers"


def compute(maps: np.ndarray, residual: str) -> tuple[list[np.ndarray], np.ndarray]:
    """The matrices that are multiplied, first layer first, and their product R: each `(N, N)`."""
    return list(augmented_layers(maps, residual=residual)), rollout(maps, residual=residual)


def frame(maps, *, residual: bool) -> Frame:
    """The layers' maps, last layer on the left, equals R."""
    layers, R = compute(maps, "identity" if residual else "none")
    total, letter = len(maps), "Â" if residual else "A"
    shown, between = list(range(total))[::-1], ["@"] * (total - 1) + ["="]
    if total > _WHOLE:
        shown, between = [total - 1, total - 2, total - 3, 1, 0], ["@", "@", "…", "@", "="]
    panels = [Panel(f"{letter}{subscript(index + 1)}", layers[index], row=False) for index in shown]
    title = f"{total} maps multiply into R, and its rows say where outputs draw from"
    rows = {_ALONE: fuse_heads(maps[-1]), _ALL: R}
    return Frame(title, [*panels, Panel("R", R)], rows, between=tuple(between))


def sentence(total: int, tokens, shown: Frame, *, query: int, residual: bool) -> str:
    last, row = (shown.rows[name][query] for name in (_ALONE, _ALL))
    return (
        f"{total} attention maps multiply into one map R, the last layer on the left; through all layers, "
        f"“{distinct(tokens)[query]}” draws most from {largest(row, tokens, 3)}, while the last layer alone "
        f"reads most from {largest(last, tokens, 3)}."
    )


def overview(attentions, tokens, *, query=None, residual=True, key=None) -> MatrixView:
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
    from “B” 0.50, “A” 0.25, “C” 0.25, while the last layer alone reads most from “B” 0.50, “C” 0.50.
    """
    maps, tokens = maps_of(attentions, tokens)
    query = position_of(query, tokens, telling_row(maps, tokens), "query")
    controls = {
        "query": row_menu("Output (row of R)", tokens),
        "residual": Control("check", "with the residual connection", {"no": False, "yes": True}),
    }
    start = {"query": query, "residual": residual}
    say = partial(sentence, len(maps), tokens)
    return MatrixView(
        ("overview", tokens, maps.shape, key), tokens, controls, start, partial(frame, maps), say
    )
