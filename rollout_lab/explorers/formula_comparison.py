"""The three formulas on the same attention: as written, and normalised."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np

from rollout_lab.explorers.inputs import maps_of, position_of, telling_row
from rollout_lab.explorers.widget_base import Stage, labelled, layer_slider, token_choice
from rollout_lab.figures import Figure, Pictures, grouped_bars, heatmaps, side_by_side
from rollout_lab.figures.checks import index_of
from rollout_lab.figures.words import distinct, number, tidy
from rollout_lab.rollout import rollout

FORMULAS = {"none": "R ← A @ R", "recursion": "R ← A @ (R + I)", "identity": "R ← (A + I) @ R"}

_NAMED = 8  # tokens up to which three matrices have room for names


def compute(maps: np.ndarray, layers: int, normalize: bool) -> dict[str, np.ndarray]:
    """R of each formula over the first `layers` layers: name -> `(N, N)`."""
    return {name: rollout(maps[:layers], residual=name, normalize=normalize) for name in FORMULAS}


def draw(maps, tokens, *, query: int, layers: int, normalize: bool) -> Figure | Pictures:
    """The three matrices with one row drawn as bars, and what their rows sum to as written."""
    written = compute(maps, layers, False)
    shown = compute(maps, layers, True) if normalize else written
    sums = {name: tidy(R[query].sum()) for name, R in written.items()}
    titles = [
        f"“{name}”: {formula}\nas written, rows sum to {sums[name]}" for name, formula in FORMULAS.items()
    ]
    names = distinct(tokens)
    draws = ", ".join(
        f"{name} from {names[int(np.argmax(R[query]))]} ({number(R[query].max())})"
        for name, R in shown.items()
    )
    state = "normalised to 1" if normalize else "as written"
    said = (
        f"Over {layers} of {len(maps)} layers the rows sum to {sums['none']} (none), "
        f"{sums['recursion']} (recursion) and {sums['identity']} (identity); {state}, "
        f"the row of “{names[query]}” draws most: {draws}."
    )
    title = f"Three formulas, three sums: {', '.join(sums.values())}" + (
        "; normalised, their rows still differ" if normalize else ""
    )
    scale = None if normalize else "each"
    options = {"titles": titles, "title": title, "row": query, "vmax": scale, "alt": said}
    if len(tokens) <= _NAMED:
        return heatmaps(list(shown.values()), tokens, xlabel="input j", ylabel="output i", **options)
    maps_ = heatmaps(list(shown.values()), tokens, ticks=False, bars=False, **options)
    rows = {f"“{name}”": R[query] for name, R in shown.items()}
    return side_by_side(
        maps_, grouped_bars(rows, tokens, title=f"The row of “{tokens[query]}”, {state}", xlabel="input j")
    )


def formula_comparison(attentions, tokens, *, query=None, layers=None, normalize=True, key=None) -> Stage:
    """The three formulas side by side: `"none"`, `"recursion"` and `"identity"`.

    `attentions`: one sentence's layers, in any form that `rollout` takes; `tokens`: N strings; `query`: the
    row to compare, a position; `layers`: how many of them, from the first, all when left out; `normalize`:
    whether it opens on rows that sum to 1. `key` tells apart two explorers of the same data.
    Returns a widget whose `.figure()` is the picture as it stands.
    Raises ValueError, TypeError or IndexError when the arguments do not fit together.

    >>> from rollout_lab.models import paper_example
    >>> example = paper_example()
    >>> print(formula_comparison(example.attentions, example.tokens, query=1).status.text)
    Over 2 of 2 layers the rows sum to 1 (none), 2 (recursion) and 4 (identity); normalised to 1,
    the row of “B” draws most: none from B (0.50), recursion from B (0.50), identity from B (0.75).
    """
    maps, tokens = maps_of(attentions, tokens)
    layers = len(maps) if layers is None else index_of(layers - 1, len(maps), "layers - 1") + 1
    query = position_of(query, tokens, telling_row(maps, tokens), "query")
    options = [("normalised", True), ("as written", False)]
    controls = {
        "query": token_choice("Output (row)", tokens, query),
        "layers": layer_slider("Layers multiplied", len(maps), layers),
        "normalize": labelled(widgets.Dropdown, "Rows", options=options, value=normalize),
    }

    def show(**values):
        return draw(maps, tokens, **values)

    return Stage(("formulas", tokens, maps.shape, query, layers, normalize, key), controls, show)
