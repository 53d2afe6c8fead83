"""The options widget: buttons that report a click to the kernel and write a letter into the cell."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets


class OptionsWidget(anywidget.AnyWidget):
    """Options as buttons, with a line of text below that says what a click came to.

    ``variable`` names the variable to which the cell assigns the letter; "" for none. ``chosen``
    is the letter last clicked, ``written`` the letter that stands in the cell thanks to a click,
    ``clicks`` counts, so that a second click on the same option is seen too.
    """

    _esm = Path(__file__).with_name("options.js")
    _css = Path(__file__).with_name("options.css")

    label = traitlets.Unicode().tag(sync=True)
    options = traitlets.List().tag(sync=True)
    variable = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    written = traitlets.Unicode().tag(sync=True)
    clicks = traitlets.Int().tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)

    def __repr__(self) -> str:
        """What a front end without widgets shows."""
        lines = [f"{letter}) {text}" for letter, text in self.options]
        return "\n".join([self.label, *lines, self.status])
