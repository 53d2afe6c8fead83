"""What the explorers that are drawn in the browser stand on: choices come in, what they mean goes out."""

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import numpy as np
import traitlets

from rollout_lab._widget_output import BUNDLES
from rollout_lab.figures.graph import usual_threshold
from rollout_lab.figures.words import distinct, short
from rollout_lab.rollout import FORMULAS, augmented_layers, is_product

from .edge_weights import edges
from .widget_base import Explorer, refuse_unless_offered


class Live(Explorer, anywidget.AnyWidget):
    """An explorer that the browser draws, and that asks the kernel what each choice comes to.

    A subclass gives its script as `_esm`, and defines `answer(**values)`, a mapping with what the browser
    cannot know and under "status" the sentence; and `draw(**values)`, the static figure. `choices` holds the
    values that may be chosen; `start`: those on which it opens; `data`: what the browser has from the start.
    """

    _css = BUNDLES / "explorer.css"
    answer: Callable[..., dict[str, Any]]

    data = traitlets.Dict().tag(sync=True)
    chosen = traitlets.Dict().tag(sync=True)
    # What the pointer or the focus is on: it is shown in place of what is chosen, and never kept.
    pointed = traitlets.Dict().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, key, choices, start, data, **traits):
        self.key = (*key, *start.values())
        self._choices = {name: tuple(values) for name, values in choices.items()}
        for name, value in start.items():
            refuse_unless_offered(name, value, self.choices[name])
        kept = {name: value for name, value in self.kept().items() if value in self.choices[name]}
        chosen = {**start, **kept}
        super().__init__(data=data, chosen=chosen, shown=self._answered(chosen), **traits)
        self.observe(lambda _change: self.keep(self.chosen), "chosen")
        self.observe(self._show, ["chosen", "pointed"])

    choices = property(lambda self: self._choices)
    values = property(lambda self: dict(self.chosen))
    sentence = property(lambda self: self.shown["status"])

    def _move(self, values: Mapping[str, Any]) -> None:
        self.pointed, self.chosen = {}, {**self.chosen, **values}

    def _answered(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"values": dict(values), **self.answer(**values)}

    def _show(self, _change: Any) -> None:
        self.shown = self._answered({**self.chosen, **self.pointed})


def names_in(tokens) -> dict[str, Any]:
    """The tokens as the browser writes them, and as it speaks of them."""
    return {"tokens": [short(token) for token in tokens], "names": distinct(tokens)}


class LiveGraph(Live):
    """The layered graph of one sentence in the browser.

    A subclass defines `graph(residual)` as well: what the browser is to know of a formula besides its edges.
    `choices["residual"]` holds the formulas that may be chosen.
    """

    graph: Callable[[str], dict[str, Any]]

    def __init__(self, maps, tokens, key, choices, start, **data):
        self._maps, self._tokens = maps, tokens
        residuals = choices["residual"]
        self._layers = {name: layers_of(maps, name) for name in residuals}
        graphs = {}
        for name, layers in self._layers.items():
            cut = usual_threshold(layers)
            graph = {"edges": edges(layers, cut), "cut": cut, "identityIn": FORMULAS[name].identity_in}
            graphs[name] = graph | self.graph(name)
        data |= {
            **names_in(tokens),
            "layers": len(maps),
            "residuals": [(FORMULAS[name].label, name) for name in residuals],
            "graphs": graphs,
        }
        super().__init__(key, choices, start, data)


def layers_of(maps: np.ndarray, residual: str) -> np.ndarray:
    """The matrices that are multiplied, `(L, N, N)`; a recursion, divided at its end, is shown as written."""
    return np.stack(list(augmented_layers(maps, residual=residual, normalize=is_product(residual))))
