"""What every explorer stands on: controls in a row, a picture, and a sentence that says what it shows."""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from rollout_lab._widget_output import BUNDLES, GO_ON, MOST, SavedAsHtml, picture_html
from rollout_lab.figures import Figure, Pictures

DPI = 115  # a fifth more than CSS pixels: sharp enough, and a third quicker than the static figures' 144

# What was last chosen in each explorer, so that running its cell again does not lose it.
CHOSEN: dict[Hashable, dict[str, Any]] = {}


class Status(anywidget.AnyWidget):
    """A sentence in a live region that stays, so that a screen reader speaks it when it changes.

    It also gives ipywidgets' sliders the accessible name that they lack, keeps JupyterLab from taking the
    keys of the controls around it for its own shortcuts, and says so where the kernel does not answer a
    control. `controls` are the models to watch; `heard` counts the answers.
    """

    _esm = BUNDLES / "status.js"
    _css = BUNDLES / "status.css"

    text = traitlets.Unicode().tag(sync=True)
    heard = traitlets.Int().tag(sync=True)
    controls: traitlets.List = traitlets.List().tag(sync=True)

    def watch(self, controls: Iterable[widgets.Widget]) -> None:
        """Say so where the kernel does not answer one of these controls."""
        self.controls = [control.model_id for control in controls]
        for control in controls:
            if isinstance(control, widgets.Button):
                control.on_click(lambda _button: self.say(self.text))

    def say(self, text: str) -> None:
        """Answer a control."""
        with self.hold_sync():
            self.text, self.heard = text, self.heard + 1


class Explorer(SavedAsHtml):
    """What every explorer offers, and what is saved of it: its picture and its sentence.

    `key` makes it the same one when its cell runs again; `draw(**values)` is the picture as a static figure;
    `choices` are the values that may be chosen, by name, and `values` those that are; `sentence` is what is
    shown, in words: the text alternative of the picture.
    """

    key: tuple[Hashable, ...]
    draw: Callable[..., Figure | Pictures]
    choices = property(lambda self: {})
    values = property(lambda self: {})
    sentence: property
    _move: Callable[[Mapping[str, Any]], None]

    def choose(self, **values: Any) -> None:
        """Choose as a user would. Raises KeyError or ValueError for what is not on offer."""
        for name, value in values.items():
            refuse_unless_offered(name, value, self.choices[name])
        self._move(values)

    def figure(self) -> Figure | Pictures:
        """The picture as it stands, as a static figure."""
        return self.draw(**self.values)

    def kept(self) -> dict[str, Any]:
        """What was last chosen when the cell ran before."""
        return CHOSEN.get(self.key, {})

    def keep(self, values: Mapping[str, Any]) -> None:
        CHOSEN[self.key] = dict(values)

    def saved_text(self) -> str:
        return self.sentence

    def saved_picture(self) -> str:
        return picture_html(self.figure())

    def saved_html(self) -> str:
        values = escape(json.dumps(self.values, default=str))
        data = f'data-explorer="{escape(str(self.key[0]))}" data-values="{values}"'
        return (
            f'<figure class="rollout-explorer" style="margin:0" {data}>{self.saved_picture()}'
            f"<figcaption>{escape(self.saved_text(), quote=False)} "
            f"<em>As it was when the cell ran. {GO_ON}</em></figcaption></figure>"
        )


class Stage(Explorer, widgets.VBox):
    """An explorer whose picture the kernel draws.

    `key` begins its key, the values of the `controls` on which it opens end it. `draw`, called with these
    values, returns the picture, whose text alternative is the sentence.
    """

    def __init__(self, key, controls: Mapping[str, widgets.Widget], draw: Callable[..., Figure | Pictures]):
        self.controls, self.draw = dict(controls), draw
        self.key = (*key, *self.values.values())
        self.picture, self.status = widgets.HTML(), Status()
        self._move(self.kept())
        for control in self.controls.values():
            control.observe(self._redraw, "value")
        self.status.watch(self.controls.values())
        row = widgets.HBox(tuple(self.controls.values()))
        row.layout = widgets.Layout(flex_flow="row wrap", align_items="center", grid_gap="2px 14px")
        super().__init__([row, self.status, self.picture])
        self.add_class("rollout-lab-stage")
        self._redraw()

    choices = property(lambda self: {name: _offered(control) for name, control in self.controls.items()})
    values = property(lambda self: {name: control.value for name, control in self.controls.items()})
    sentence = property(lambda self: self.status.text)

    def saved_picture(self) -> str:
        drawn = self.picture.value
        return drawn if len(drawn.encode()) <= MOST else super().saved_picture()

    def _move(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self.controls[name].value = value

    def _redraw(self, change: Any = None) -> None:
        figure = self.figure()
        if change is not None:
            self.keep(self.values)
        self.picture.value = figure.html(DPI)
        self.status.say(figure.alt.split("\n")[0])


def refuse_unless_offered(name: str, value: Any, offered: tuple[Any, ...]) -> None:
    if value not in offered:
        raise ValueError(f"{name} is {value!r}; expected one of {', '.join(map(repr, offered))}")


def _offered(control: widgets.Widget) -> tuple[Any, ...]:
    if isinstance(control, widgets.Dropdown):
        return tuple(value for _, value in control.options)
    steps = round((control.max - control.min) / control.step)
    # Rounded as the slider does: 3 * 0.05 is not 0.15.
    return tuple(round(control.min + step * control.step, 10) for step in range(steps + 1))


def labelled(
    widget: type[widgets.Widget], description: str, width: str = "auto", **options
) -> widgets.Widget:
    """A control whose label is never cut off."""
    layout = widgets.Layout(width=width, margin="2px 0")
    return widget(description=description, style={"description_width": "initial"}, layout=layout, **options)


def choice(
    name: str, description: str, options: Mapping[str, Any], value: Any, width: str = "auto"
) -> widgets.Dropdown:
    """A choice of one value by its label. Raises ValueError, with the argument's `name`, for another one."""
    refuse_unless_offered(name, value, tuple(options.values()))
    return labelled(widgets.Dropdown, description, width, options=list(options.items()), value=value)


def token_choice(description: str, tokens: Sequence[str], value: int) -> widgets.Dropdown:
    """A choice of one position by its token; positions are shown, since a token may occur twice."""
    options = [(f"{i}  {token}", i) for i, token in enumerate(tokens)]
    return labelled(widgets.Dropdown, description, options=options, value=value)


def layer_slider(description: str, layers: int, value: int) -> widgets.IntSlider:
    """A layer, counted from 1 as in A_1."""
    return labelled(widgets.IntSlider, description, "310px", min=1, max=layers, value=value)


def weight_slider(value: float) -> widgets.FloatSlider:
    """The identity's weight, from 0 to 0.95."""
    bounds = {"min": 0.0, "max": 0.95, "step": 0.05, "value": value, "readout_format": ".2f"}
    return labelled(widgets.FloatSlider, "Weight of the identity", "400px", **bounds)
