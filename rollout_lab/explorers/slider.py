"""A slider that Python answers: whether widgets work here."""

import ipywidgets as widgets

from rollout_lab._widget_output import GO_ON, SavedAsHtml

from .widget_base import Status, layer_slider


class SliderCheck(SavedAsHtml, widgets.VBox):
    """A slider, and below it what Python heard of it."""

    def __init__(self):
        self.slider, self.status = layer_slider("layer", 6, 1), Status()
        self.slider.observe(lambda _change: self._answer(), "value")
        self.status.watch([self.slider])
        super().__init__([self.slider, self.status])
        self.add_class("rollout-lab-stage")
        self._answer()

    def _answer(self) -> None:
        self.status.say(f"Python hears: layer {self.slider.value}")

    def saved_text(self) -> str:
        return f"{self.status.text}. No slider is shown here; go on all the same."

    def saved_html(self) -> str:
        return f"<p>{self.status.text}. <em>{GO_ON}</em></p>"


def slider_check() -> SliderCheck:
    """A slider that Python answers, to see whether widgets work here.

    >>> slider_check().status.text
    'Python hears: layer 1'
    """
    return SliderCheck()
