"""The widgets of questions and tasks: what a student does reaches the kernel, whose words come back."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

from .schema import Task

_HERE = Path(__file__).parent


class OptionsWidget(anywidget.AnyWidget):
    """Options as buttons, with a line of text below that says what a click came to.

    ``variable`` names the variable to which the cell assigns the letter; "" for none. ``chosen``
    is the letter last clicked, ``written`` the letter that stands in the cell thanks to a click,
    ``clicks`` counts, so that a second click on the same option is seen too.
    """

    _esm = _HERE / "options.js"
    _css = _HERE / "options.css"

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


_ASKED = {
    "number": "Type your number and press Enter, or Check.",
    "order": "Bring the pieces into order, then Check.",
    "entry": "Click the entry, or go there with the arrow keys and press Enter.",
}


class TaskWidget(anywidget.AnyWidget):
    """A number to type, pieces to bring into order or an entry to point at, and what that came to.

    ``given`` is what the student gave last: text, or a list of places; ``tries`` counts, so that the same
    answer given again is seen too.
    """

    _esm = _HERE / "task.js"
    _css = "\n".join((_HERE / name).read_text("utf-8") for name in ("options.css", "task.css"))

    task = traitlets.Dict().tag(sync=True)
    given = traitlets.Any().tag(sync=True)
    tries = traitlets.Int().tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)

    def __init__(self, item: Task):
        self._item = item
        matrices = [vars(matrix) | {"hole": matrix.hole()} for matrix in item.matrices]
        task = {"kind": item.kind, "pieces": item.pieces, "matrices": matrices}
        super().__init__(task=task, given=None, status=_ASKED[item.kind])

    def __repr__(self) -> str:
        """What a front end without widgets shows."""
        lines = [f"{place}: {piece}" for place, piece in enumerate(self._item.pieces)]
        for matrix in self._item.matrices:
            lines += [f"{matrix.name}, columns {', '.join(matrix.columns)}"]
            lines += [
                f"  {row}: {'  '.join(values)}"
                for row, values in zip(matrix.rows, matrix.values, strict=True)
            ]
        example = {
            "number": '"1/4"',
            "order": "[1, 0, ...] (places from 0)",
            "entry": "[0, 1] (row, column, from 0)",
        }
        return "\n".join([*lines, f"Answer with practice({self._item.id!r}, {example[self._item.kind]})."])
