"""What the explorers that are drawn in the browser stand on: choices come in, what they mean goes out."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import anywidget
import traitlets

from rollout_lab._widget_output import BUNDLES
from rollout_lab.figures import Figure, Pictures

from . import widget_base


class Live(widget_base.Explorer, anywidget.AnyWidget):
    """An explorer drawn in the browser, which asks the kernel what each choice comes to.

    A subclass gives its script as `_esm`, and defines `answer(**values)`, a mapping with everything to draw
    and under "status" the sentence, and `draw(**values)`, the static figure.
    `key`: what makes this explorer the same one when its cell runs again; `data`: what never changes;
    `choices`: the values that may be chosen, by name; `start`: the values it opens on.
    """

    _css = BUNDLES / "explorer.css"

    data = traitlets.Dict().tag(sync=True)
    chosen = traitlets.Dict().tag(sync=True)
    # What the pointer or the focus is on: it is shown in place of what is chosen, and never kept.
    pointed = traitlets.Dict().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, key: Hashable, data: Mapping, choices: Mapping[str, tuple], start: Mapping):
        self.key, self.choices = key, {name: tuple(values) for name, values in choices.items()}
        for name, value in start.items():
            if value not in self.choices[name]:
                raise ValueError(
                    f"{name} is {value!r}; expected one of {', '.join(map(repr, choices[name]))}"
                )
        kept = {name: v for name, v in widget_base._chosen.get(key, {}).items() if v in self.choices[name]}
        chosen = {**start, **kept}
        super().__init__(data=dict(data), chosen=chosen, shown=self._answered(chosen))
        self.observe(self._keep, "chosen")
        self.observe(self._show, ["chosen", "pointed"])

    @property
    def values(self) -> dict[str, object]:
        """What is chosen, by name."""
        return dict(self.chosen)

    @property
    def sentence(self) -> str:
        """What is shown, in words: the text alternative of the picture."""
        return self.shown["status"]

    def choose(self, **values) -> None:
        """Choose as a user would. Raises KeyError or ValueError for what is not on offer."""
        for name, value in values.items():
            widget_base.refuse_unless_offered(name, value, self.choices[name])
        self.pointed, self.chosen = {}, {**self.chosen, **values}

    def figure(self) -> Figure | Pictures:
        """The picture as it stands, as a static figure."""
        return self.draw(**self.chosen)

    def answer(self, **values) -> dict:
        raise NotImplementedError

    def draw(self, **values) -> Figure | Pictures:
        raise NotImplementedError

    def _answered(self, values: Mapping) -> dict:
        return {"values": dict(values), **self.answer(**values)}

    def _keep(self, _change) -> None:
        widget_base._chosen[self.key] = dict(self.chosen)

    def _show(self, _change) -> None:
        self.shown = self._answered({**self.chosen, **self.pointed})
