"""Rollout one layer at a time: the layer, the product so far, and one row of it."""

from typing import NamedTuple

import numpy as np

from rollout_lab._widget_output import BUNDLES
from rollout_lab.figures import Figure, heatmaps
from rollout_lab.figures.words import count, distinct, largest, number, subscript, tidy
from rollout_lab.rollout import FORMULAS, is_product, rollout_steps

from .browser_base import LiveGraph, layers_of
from .edge_weights import RIBBON, brief, edges, ending, passing
from .inputs import layer_of, maps_of, position_of, telling_row

_PRODUCT_FITS = 8  # tokens up to which all three matrices of the product are shown
_TERMS = 3  # how many terms of an entry are spelt out


class Step(NamedTuple):
    """One multiplication, `after = factor @ before`; `before` is None at the first layer."""

    factor: np.ndarray
    before: np.ndarray | None
    after: np.ndarray


def compute(maps: np.ndarray, layer: int, residual: str) -> Step:
    """The step that layer `layer` (from 1) takes; each matrix is `(N, N)`."""
    factor = layers_of(maps, residual)[layer - 1]
    # The recursion's rows are divided once, at the end, so its steps are shown as written.
    steps = rollout_steps(maps[:layer], residual=residual, normalize=is_product(residual))
    before = None if layer == 1 else steps[-2]
    if before is not None and not is_product(residual):
        before = before + np.eye(len(before))
    return Step(factor, before, steps[-1])


def names_of(layer: int, residual: str) -> dict[str, str]:
    """How the step's matrices are called, and its formula."""
    identity_in = FORMULAS[residual].identity_in
    factor = f"{'Â' if identity_in == 'layer' else 'A'}{subscript(layer)}"
    before, after = f"R{subscript(layer - 1)}", f"R{subscript(layer)}"
    product = f"{factor} @ {before}"
    if identity_in == "rollout":
        before = f"{before} + I"
        product = f"{factor} @ ({before})"
    return {
        "factor": factor,
        "before": before,
        "after": after,
        "formula": f"{after} = {factor if layer == 1 else product}",
    }


def sentence(step: Step, tokens, *, layers: int, layer: int, query: int, residual: str) -> str:
    """What the step does to the row of `query`."""
    formula, name = names_of(layer, residual)["formula"], distinct(tokens)[query]
    text = f"After layer {layer} of {layers} ({formula}), the output at “{name}” draws most from "
    text += largest(step.after[query], tokens, 3)
    if layer > 1:
        text += f"; before it, from {largest(row_before(step, query, residual), tokens, 3)}"
    return f"{text}."


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
    factor = f"{names['factor']}: layer {layer}"
    if step.before is not None and len(tokens) <= _PRODUCT_FITS:
        matrices, rows, between = [step.factor, step.before, step.after], [query, None, query], ["@", "="]
        titles = [factor, f"{names['before']}: so far", f"{names['after']}: now"]
    else:
        matrices, rows, between = [step.factor, step.after], [query, query], ["="] if layer == 1 else []
        titles = [factor, names["formula"]]
    # One scale for all steps, so that a step to the next layer compares; the recursion's rows outgrow it.
    scale = 1.0 if is_product(residual) else "each"
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
    """The row of `query` before a step from layer 2 on, without a recursion's identity: `(N,)`."""
    assert step.before is not None
    row = step.before[query].copy()
    if not is_product(residual):
        row[query] -= 1
    return row


class RolloutStepper(LiveGraph):
    """The growing graph in the browser, with the matrices of the step beside it."""

    _esm = BUNDLES / "rollout_stepper.js"

    def __init__(self, maps, tokens, key, start):
        everyone = range(len(tokens))
        choices = {
            "layer": range(1, len(maps) + 1),
            "query": everyone,
            "source": (None, *everyone),
            "residual": tuple(reversed(FORMULAS)),
        }
        super().__init__(maps, tokens, ("stepper", tokens, maps.shape, key), choices, start)

    def graph(self, residual):
        return {"factors": [names_of(layer + 1, residual)["factor"] for layer in range(len(self._maps))]}

    def answer(self, *, layer, query, source, residual):
        step, recursion = compute(self._maps, layer, residual), not is_product(residual)
        layers = self._layers[residual][:layer]
        # The recursion's rows sum to the number of layers; shares are of what the whole row draws.
        whole = step.after[query].sum()
        row = passing(layers, query, recursion=recursion) / whole
        held = np.vstack([row.sum(axis=1), np.eye(len(self._tokens))[query]])
        ends = ending(layers, query, source) / whole if recursion else np.zeros((0, len(self._tokens)))
        chosen = {"layer": layer, "query": query, "residual": residual}
        within = []
        if source is None:
            status = sentence(step, self._tokens, layers=len(self._maps), **chosen)
            held[0] += ends.sum(axis=0)
        else:
            status = entry_sentence(step, self._tokens, source=source, **chosen)
            if entry := step.after[query, source]:
                within = edges(passing(layers, query, source, recursion=recursion) / entry, RIBBON)
        has_room = step.before is not None and len(self._tokens) <= _PRODUCT_FITS
        names = names_of(layer, residual)
        return {
            "status": status,
            "names": {**names, "after": names["formula"]},
            "factor": brief(step.factor),
            "before": brief(step.before) if has_room else None,
            "after": brief(step.after),
            "most": brief(step.after.max()) if recursion else 1.0,
            "row": edges(row, RIBBON),
            "ends": [[k + 1, i, brief(ends[k, i])] for k, i in np.argwhere(ends >= RIBBON).tolist()],
            "entry": within,
            "held": brief(held),
            "largest": np.argsort(-step.after[query])[:3].tolist(),
        }

    def draw(self, *, layer, query, residual, source=None) -> Figure:
        return draw(self._maps, self._tokens, layer=layer, query=query, residual=residual)


def rollout_stepper(
    attentions, tokens, *, layer=None, query=None, residual="identity", key=None
) -> RolloutStepper:
    """Multiply the layers one by one and watch the row you care about.

    Parameters
    ----------
    attentions, tokens, query, key
        As for every explorer, see `rollout_lab.explorers`.
    layer : int, optional
        Where to open, counted from 1.
    residual : "identity", "none" or "recursion"

    Examples
    --------
    >>> from rollout_lab.models import paper_example
    >>> example = paper_example()
    >>> rollout_stepper(example.attentions, example.tokens, residual="none").sentence
    'After layer 2 of 2 (R₂ = A₂ @ R₁), the output at “B” draws most from “B” 0.50, “A” 0.25, “C” 0.25;
    before it, from “B” 1.00.'
    """
    maps, tokens = maps_of(attentions, tokens)
    layer = layer_of(layer, maps, min(2, len(maps)), "layer")
    query = position_of(query, tokens, telling_row(maps, tokens), "query")
    start = {"layer": layer, "query": query, "source": None, "residual": residual}
    return RolloutStepper(maps, tokens, key, start)
