"""The formulas on the same attention: as written, and normalised."""

from functools import partial

import numpy as np

from rollout_lab.figures import Figure, Pictures, grouped_bars, heatmaps, side_by_side
from rollout_lab.figures.words import distinct, number, tidy
from rollout_lab.rollout import FORMULAS, rollout

from .inputs import layer_of, maps_of, position_of, telling_row
from .widget_base import Stage, choice, layer_slider, token_choice

_NAMED = 8  # tokens up to which the matrices have room for names
_NUMBERS = {3: "Three", 4: "Four", 5: "Five"}


def compute(maps: np.ndarray, layers: int, normalize: bool) -> dict[str, np.ndarray]:
    """R of each formula over the first `layers` layers: name -> `(N, N)`."""
    return {name: rollout(maps[:layers], residual=name, normalize=normalize) for name in FORMULAS}


def draw(maps, tokens, *, query: int, layers: int, normalize: bool) -> Figure | Pictures:
    """The matrices with one row drawn as bars, and what their rows sum to as written."""
    written = compute(maps, layers, False)
    shown = compute(maps, layers, True) if normalize else written
    sums = {name: tidy(R[query].sum()) for name, R in written.items()}
    titles = [
        f"“{name}”: {FORMULAS[name].formula}\nas written, rows sum to {total}" for name, total in sums.items()
    ]
    names = distinct(tokens)
    draws = ", ".join(
        f"{name} from {names[int(np.argmax(R[query]))]} ({number(R[query].max())})"
        for name, R in shown.items()
    )
    state = "normalised to 1" if normalize else "as written"
    *most, last = (f"{total} ({name})" for name, total in sums.items())
    alt = (
        f"Over {layers} of {len(maps)} layers the rows sum to {', '.join(most)} and {last}; {state}, "
        f"the row of “{names[query]}” draws most: {draws}."
    )
    title = f"{_NUMBERS[len(sums)]} formulas, {_NUMBERS[len(sums)].lower()} sums: {', '.join(sums.values())}"
    title += "; normalised, their rows still differ" if normalize else ""
    scale = None if normalize else "each"
    options = {"titles": titles, "title": title, "row": query, "vmax": scale, "alt": alt}
    if len(tokens) <= _NAMED:
        return heatmaps(list(shown.values()), tokens, xlabel="input j", ylabel="output i", **options)
    maps_ = heatmaps(list(shown.values()), tokens, ticks=False, bars=False, **options)
    rows = {f"“{name}”": R[query] for name, R in shown.items()}
    return side_by_side(
        maps_, grouped_bars(rows, tokens, title=f"The row of “{tokens[query]}”, {state}", xlabel="input j")
    )


def formula_comparison(attentions, tokens, *, query=None, layers=None, normalize=True, key=None) -> Stage:
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
    the row of “B” draws most: none from B (0.50), recursion from B (0.50), identity from B (0.75).
    """
    maps, tokens = maps_of(attentions, tokens)
    layers = layer_of(layers, maps, len(maps), "layers")
    query = position_of(query, tokens, telling_row(maps, tokens), "query")
    controls = {
        "query": token_choice("Output (row)", tokens, query),
        "layers": layer_slider("Layers multiplied", len(maps), layers),
        "normalize": choice("normalize", "Rows", {"normalised": True, "as written": False}, normalize),
    }
    return Stage(("formulas", tokens, maps.shape, key), controls, partial(draw, maps, tokens))
