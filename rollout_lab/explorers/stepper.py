"""Rollout one layer at a time: the layer, the product so far, and one row of it."""

from __future__ import annotations

from typing import NamedTuple

import ipywidgets as widgets
import numpy as np

from rollout_lab.explorers.reading import maps_of, position_of, telling_row
from rollout_lab.explorers.stage import Stage, labelled, layer_slider, token_choice
from rollout_lab.figures import Figure, heatmaps
from rollout_lab.figures.checks import index_of
from rollout_lab.figures.words import distinct, largest, number, subscript
from rollout_lab.rollout import augmented_layers, rollout_steps

RESIDUALS = [
    ("A + I, normalised", "identity"),
    ("no residual", "none"),
    ("recursion, as written", "recursion"),
]
_PRODUCT_FITS = 8  # tokens up to which all three matrices of the product are shown


class Step(NamedTuple):
    """One multiplication, `after = factor @ before`; `before` is None at the first layer."""

    factor: np.ndarray
    before: np.ndarray | None
    after: np.ndarray


def compute(maps: np.ndarray, layer: int, residual: str) -> Step:
    """The step that layer `layer` (from 1) takes; each matrix is `(N, N)`."""
    # The recursion's rows are divided once, at the end, so its steps are shown as written.
    normalize = residual != "recursion"
    factor = list(augmented_layers(maps, residual, normalize, "mean"))[layer - 1]
    steps = rollout_steps(maps, residual=residual, normalize=normalize)
    if layer == 1:
        return Step(factor, None, steps[0])
    before = steps[layer - 2]
    return Step(factor, before + np.eye(len(before)) if residual == "recursion" else before, steps[layer - 1])


def draw(maps, tokens, *, layer: int, query: int, residual: str) -> Figure:
    """The matrices of one step, the row of `query` in each outlined and drawn as bars."""
    step = compute(maps, layer, residual)
    names, layers = distinct(tokens), len(maps)
    factor_name = f"Â{subscript(layer)}" if residual == "identity" else f"A{subscript(layer)}"
    before_name = f"R{subscript(layer - 1)}" + (" + I" if residual == "recursion" else "")
    before_in_product = f"({before_name})" if residual == "recursion" else before_name
    after_name = f"R{subscript(layer)}"
    formula = f"{after_name} = {factor_name}" + (f" @ {before_in_product}" if layer > 1 else "")
    matrices, titles = [step.factor, step.after], [f"{factor_name}: layer {layer}", formula]
    rows, between = [query, query], ["="] if layer == 1 else []
    if len(tokens) <= _PRODUCT_FITS and layer > 1:
        matrices.insert(1, step.before)
        titles = [f"{factor_name}: layer {layer}", f"{before_name}: so far", f"{after_name}: now"]
        rows, between = [query, None, query], ["@", "="]
    now = largest(step.after[query], tokens, 3)
    said = f"After layer {layer} of {layers} ({formula}), the output at {names[query]} draws most from {now}"
    if layer > 1:
        said += f"; before it, from {largest(row_before(step, query, residual), tokens, 3)}"
    title = _finding(step, tokens, layer, query, residual)
    # One scale for all steps, so that a step to the next layer compares; the recursion's rows outgrow it.
    scale = "each" if residual == "recursion" else 1.0
    return heatmaps(
        matrices,
        tokens,
        titles=titles,
        title=title,
        row=rows,
        between=between,
        vmax=scale,
        xlabel="key or input j",
        ylabel="query or output i",
        alt=said + ".",
    )


def _finding(step: Step, tokens, layer: int, query: int, residual: str) -> str:
    row, token = step.after[query], tokens[query]
    if step.before is not None:
        reached = np.flatnonzero((row > 0) & (row_before(step, query, residual) == 0))
        if 1 <= len(reached) <= 2:
            new = " and ".join(f"“{tokens[j]}”" for j in reached)
            return f"Layer {layer} lets “{token}” reach {new} for the first time"
    best = int(np.argmax(np.where(np.arange(len(row)) == query, -1, row)))
    if best == query or row[best] == 0:
        return f"After layer {layer}, “{token}” draws from itself alone"
    kept = f"keeps {number(row[query])} of itself"
    return f"After layer {layer}, “{token}” {kept} and draws {number(row[best])} from “{tokens[best]}”"


def row_before(step: Step, query: int, residual: str) -> np.ndarray:
    """The row of `query` before the step, without the identity that the recursion adds: `(N,)`."""
    row = step.before[query].copy()
    if residual == "recursion":
        row[query] -= 1
    return row


def rollout_stepper(attentions, tokens, *, layer=None, query=None, residual="identity", key=None) -> Stage:
    """Multiply the layers one by one and watch the row you care about.

    `attentions`: one sentence's layers, in any form that `rollout` takes; `tokens`: N strings; `layer`: where
    to open, counted from 1; `query`: the row, a position; left out, a word that comes to read what no single
    layer shows it. `residual`: `"identity"`, `"none"` or `"recursion"`. `key` tells apart two explorers of
    the same data. Returns a widget whose `.figure()` is the picture as it stands.
    Raises ValueError, TypeError or IndexError when the arguments do not fit together.

    >>> from rollout_lab.models import paper_example
    >>> example = paper_example()
    >>> stepper = rollout_stepper(example.attentions, example.tokens, residual="none")
    >>> print(stepper.status.text)
    After layer 2 of 2 (R₂ = A₂ @ R₁), the output at B draws most from B 0.50, A 0.25, C 0.25;
    before it, from B 1.00.
    """
    maps, tokens = maps_of(attentions, tokens)
    layers = len(maps)
    layer = min(2, layers) if layer is None else index_of(layer - 1, layers, "layer - 1") + 1
    query = position_of(query, tokens, telling_row(maps, tokens), "query")
    slider = layer_slider("Layers multiplied", layers, layer)
    controls = {
        "layer": slider,
        "query": token_choice("Output (row)", tokens, query),
        "residual": labelled(widgets.Dropdown, "Residual", options=RESIDUALS, value=residual),
    }
    back = widgets.Button(description="Back", tooltip="One layer less", layout=widgets.Layout(width="70px"))
    next_ = widgets.Button(description="Next", tooltip="Multiply by the next layer", button_style="primary")
    next_.layout = widgets.Layout(width="70px")
    back.on_click(lambda _: setattr(slider, "value", max(slider.value - 1, 1)))
    next_.on_click(lambda _: setattr(slider, "value", min(slider.value + 1, layers)))

    def show(**values):
        return draw(maps, tokens, **values)

    key = ("stepper", tokens, maps.shape, layer, query, residual, key)
    return Stage(key, controls, show, buttons=(back, next_))
