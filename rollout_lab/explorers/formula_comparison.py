"""The formulas on the same attention: as written, and normalised."""

from functools import partial

import numpy as np

from rollout_lab.figures.words import distinct, number, tidy
from rollout_lab.rollout import FORMULAS, fuse_heads, rollout

from .inputs import layer_of, maps_of, position_of, telling_row
from .matrix_view import Control, Frame, MatrixView, Panel, row_menu

_NUMBERS = {3: "Three", 4: "Four", 5: "Five"}


def compute(maps: np.ndarray, layers: int, normalize: bool) -> dict[str, np.ndarray]:
    """R of each formula over the first `layers` layers: name -> `(N, N)`."""
    return {name: rollout(maps[:layers], residual=name, normalize=normalize) for name in FORMULAS}


def frame(maps, *, layers: int, normalize: bool) -> Frame:
    """The matrices, and what their rows sum to as written."""
    written = compute(maps, layers, False)
    shown = compute(maps, layers, True) if normalize else written
    sums = {name: tidy(R.sum(axis=-1).mean()) for name, R in written.items()}
    panels = [
        Panel(f"“{name}”", R, f"{FORMULAS[name].formula}\nas written, rows sum to {sums[name]}")
        for name, R in shown.items()
    ]
    title = f"{_NUMBERS[len(sums)]} formulas, {_NUMBERS[len(sums)].lower()} sums: {', '.join(sums.values())}"
    title += "; normalised, their rows still differ" if normalize else ""
    rows = {f"“{name}”": R for name, R in shown.items()}
    return Frame(title, panels, rows, 1.0 if normalize else "each")


def sentence(maps, tokens, shown: Frame, *, query: int, layers: int, normalize: bool) -> str:
    names = distinct(tokens, quoted=True)
    sums = [f"{tidy(R[query].sum())} ({name})" for name, R in compute(maps, layers, False).items()]
    draws = ", ".join(
        f"{name.strip('“”')} from {names[int(np.argmax(R[query]))]} ({number(R[query].max())})"
        for name, R in shown.rows.items()
    )
    state = "normalised to 1" if normalize else "as written"
    return (
        f"Over {layers} of {len(maps)} layers the rows sum to {', '.join(sums[:-1])} and {sums[-1]}; "
        f"{state}, the row of {names[query]} draws most: {draws}."
    )


def formula_comparison(
    attentions, tokens, *, query=None, layers=None, normalize=True, key=None
) -> MatrixView:
    """The formulas of `residual=` by name, side by side.

    Parameters
    ----------
    attentions, tokens, query, key
        As for every explorer, see `rollout_lab.explorers`.
    layers : int, optional
        How many of them, from the first; all when left out.
    normalize : bool
        Whether it opens on rows that sum to 1.

    Examples
    --------
    >>> from rollout_lab.models import paper_example
    >>> example = paper_example()
    >>> print(formula_comparison(example.attentions, example.tokens, query=1).sentence)
    Over 2 of 2 layers the rows sum to 1 (none), 2 (recursion) and 4 (identity); normalised to 1,
    the row of “B” draws most: none from “B” (0.50), recursion from “B” (0.50), identity from
    “B” (0.75).
    """
    maps, tokens = maps_of(attentions, tokens)
    layers = layer_of(layers, maps, len(maps), "layers")
    query = position_of(query, tokens, telling_row(maps, tokens), "query")
    controls = {
        "query": row_menu("Output (row)", tokens),
        "layers": Control("slider", "Layers multiplied", {str(k): k for k in range(1, len(maps) + 1)}),
        "normalize": Control("menu", "Rows", {"normalised": True, "as written": False}),
    }
    start = {"query": query, "layers": layers, "normalize": normalize}
    fused = fuse_heads(maps)
    parts = partial(frame, fused), partial(sentence, fused, tokens)
    return MatrixView(("formulas", tokens, maps.shape, key), tokens, controls, start, *parts)
