"""Rollout one layer at a time: the layer, the product so far, and one row of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rollout_lab._widget_output import BUNDLES
from rollout_lab.explorers.browser_base import Live
from rollout_lab.explorers.edge_weights import brief, edges, ending, passing
from rollout_lab.explorers.inputs import maps_of, position_of, telling_row
from rollout_lab.figures import Figure, heatmaps
from rollout_lab.figures.checks import index_of
from rollout_lab.figures.graph import usual_threshold
from rollout_lab.figures.words import count, distinct, largest, number, short, subscript, tidy
from rollout_lab.rollout import augmented_layers, rollout_steps

RESIDUALS = [
    ("A + I, normalised", "identity"),
    ("no residual", "none"),
    ("recursion, as written", "recursion"),
]
_PRODUCT_FITS = 8  # tokens up to which all three matrices of the product are shown
_RIBBON = 0.01  # a link that carries less of the row has no ribbon
_TERMS = 3  # how many terms of an entry are spelt out


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


def names_of(layer: int, residual: str) -> dict[str, str]:
    """How the step's matrices are called, and its formula.

    >>> names_of(3, "recursion")["formula"]
    'R₃ = A₃ @ (R₂ + I)'
    """
    factor = f"Â{subscript(layer)}" if residual == "identity" else f"A{subscript(layer)}"
    before = f"R{subscript(layer - 1)}" + (" + I" if residual == "recursion" else "")
    product = f"{factor} @ ({before})" if residual == "recursion" else f"{factor} @ {before}"
    after = f"R{subscript(layer)}"
    return {
        "factor": factor,
        "before": before,
        "after": after,
        "formula": f"{after} = {factor if layer == 1 else product}",
    }


def sentence(step: Step, tokens, *, layers: int, layer: int, query: int, residual: str) -> str:
    """What the step does to the row of `query`."""
    formula, name = names_of(layer, residual)["formula"], distinct(tokens)[query]
    said = f"After layer {layer} of {layers} ({formula}), the output at “{name}” draws most from "
    said += largest(step.after[query], tokens, 3)
    if layer > 1:
        said += f"; before it, from {largest(row_before(step, query, residual), tokens, 3)}"
    return f"{said}."


def entry_sentence(step: Step, tokens, *, layer: int, query: int, source: int, residual: str) -> str:
    """One entry of the product as the sum that it is: a term for each position in between."""
    names = distinct(tokens)
    after = names_of(layer, residual)["after"]
    entry = f"{after}[{names[query]}, {names[source]}] = {tidy(step.after[query, source])}"
    if step.before is None:
        return f"{entry}, the weight in layer 1."
    terms = step.factor[query] * step.before[:, source]
    order = [k for k in np.argsort(-terms, kind="stable") if terms[k] > 0]
    if not order:
        return f"{entry}: nothing that the output reads in layer {layer} holds any of {names[source]}."
    listed = [
        f"{tidy(step.factor[query, k])} × {tidy(step.before[k, source])} by way of {names[k]}"
        for k in order[:_TERMS]
    ]
    more = f" + {count(len(order) - _TERMS, 'smaller term')}" if len(order) > _TERMS else ""
    return f"{entry}: {' + '.join(listed)}{more}."


def draw(maps, tokens, *, layer: int, query: int, residual: str) -> Figure:
    """The matrices of one step, the row of `query` in each outlined and drawn as bars."""
    step, names = compute(maps, layer, residual), names_of(layer, residual)
    matrices = [step.factor, step.after]
    titles = [f"{names['factor']}: layer {layer}", names["formula"]]
    rows, between = [query, query], ["="] if layer == 1 else []
    if len(tokens) <= _PRODUCT_FITS and layer > 1:
        matrices.insert(1, step.before)
        titles = [
            f"{names['factor']}: layer {layer}",
            f"{names['before']}: so far",
            f"{names['after']}: now",
        ]
        rows, between = [query, None, query], ["@", "="]
    # One scale for all steps, so that a step to the next layer compares; the recursion's rows outgrow it.
    scale = "each" if residual == "recursion" else 1.0
    return heatmaps(
        matrices,
        tokens,
        titles=titles,
        title=_finding(step, tokens, layer, query, residual),
        row=rows,
        between=between,
        vmax=scale,
        xlabel="key or input j",
        ylabel="query or output i",
        alt=sentence(step, tokens, layers=len(maps), layer=layer, query=query, residual=residual),
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


class RolloutStepper(Live):
    """The growing graph in the browser, with the matrices of the step beside it."""

    _esm = BUNDLES / "rollout_stepper.js"

    def __init__(self, maps, tokens, key, start):
        self._maps, self._tokens = maps, tokens
        self._layers = {
            name: np.stack(list(augmented_layers(maps, name, name != "recursion", "mean")))
            for _, name in RESIDUALS
        }
        everyone = range(len(tokens))
        choices = {
            "layer": range(1, len(maps) + 1),
            "query": everyone,
            "source": (None, *everyone),
            "residual": [name for _, name in RESIDUALS],
        }
        graphs = {}
        for name, layers in self._layers.items():
            cut = usual_threshold(layers)
            factors = [names_of(layer, name)["factor"] for layer in choices["layer"]]
            graphs[name] = {"edges": edges(layers, cut), "cut": cut, "factors": factors}
        data = {
            "tokens": [short(token) for token in tokens],
            "names": distinct(tokens),
            "layers": len(maps),
            "residuals": RESIDUALS,
            "graphs": graphs,
        }
        super().__init__(key, data, choices, start)

    def answer(self, *, layer, query, source, residual):
        step, recursion = compute(self._maps, layer, residual), residual == "recursion"
        layers = self._layers[residual][:layer]
        # The recursion's rows sum to the number of layers; shares are of what the whole row draws.
        whole = step.after[query].sum()
        row = passing(layers, query, recursion=recursion) / whole
        entry = step.after[query, source] if source is not None else 0
        ends = ending(layers, query, source) / whole if recursion else np.zeros((0, len(self._tokens)))
        told = {"layer": layer, "query": query, "residual": residual}
        if source is None:
            status = sentence(step, self._tokens, layers=len(self._maps), **told)
        else:
            status = entry_sentence(step, self._tokens, source=source, **told)
        within = passing(layers, query, source, recursion=recursion) / entry if entry else None
        held = np.vstack([row.sum(axis=1), np.eye(len(self._tokens))[query]])
        if source is None:
            held[0] += ends.sum(axis=0)
        return {
            "status": status,
            "names": {**names_of(layer, residual), "after": names_of(layer, residual)["formula"]},
            "factor": brief(step.factor),
            "before": None
            if step.before is None or len(self._tokens) > _PRODUCT_FITS
            else brief(step.before),
            "after": brief(step.after),
            "most": 1.0 if not recursion else brief(step.after.max()),
            "row": edges(row, _RIBBON),
            "ends": [
                [level + 1, k, brief(x)]
                for level, line in enumerate(ends)
                for k, x in enumerate(line)
                if x >= _RIBBON
            ],
            "entry": [] if within is None else edges(within, _RIBBON),
            "held": brief(held),
            "largest": [int(j) for j in np.argsort(-step.after[query])[:3]],
        }

    def draw(self, *, layer, query, residual, source=None) -> Figure:
        return draw(self._maps, self._tokens, layer=layer, query=query, residual=residual)


def rollout_stepper(
    attentions, tokens, *, layer=None, query=None, residual="identity", key=None
) -> RolloutStepper:
    """Multiply the layers one by one and watch the row you care about.

    `attentions`: one sentence's layers, in any form that `rollout` takes; `tokens`: N strings; `layer`: where
    to open, counted from 1; `query`: the row, a position; left out, a word that comes to read what no single
    layer shows it. `residual`: `"identity"`, `"none"` or `"recursion"`. `key` tells apart two explorers of
    the same data. Returns a widget whose `.figure()` is the picture as it stands.
    Raises ValueError, TypeError or IndexError when the arguments do not fit together.

    >>> from rollout_lab.models import paper_example
    >>> example = paper_example()
    >>> stepper = rollout_stepper(example.attentions, example.tokens, residual="none")
    >>> stepper.sentence
    'After layer 2 of 2 (R₂ = A₂ @ R₁), the output at “B” draws most from B 0.50, A 0.25, C 0.25; before it,
    from B 1.00.'
    """
    maps, tokens = maps_of(attentions, tokens)
    layers = len(maps)
    layer = min(2, layers) if layer is None else index_of(layer - 1, layers, "layer - 1") + 1
    query = position_of(query, tokens, telling_row(maps, tokens), "query")
    start = {"layer": layer, "query": query, "source": None, "residual": residual}
    return RolloutStepper(maps, tokens, ("stepper", tokens, maps.shape, layer, query, residual, key), start)
