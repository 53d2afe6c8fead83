"""The widget of "break it": matrices to type into, and below them what two functions come to."""

from html import escape
from typing import Any

import numpy as np
import traitlets

from rollout_lab._widget_output import BUNDLES

from .breaking import ROW_SUMS, Trial
from .comparing import TOLERANCE
from .key import Outcome
from .schema import BreakIt
from .widget import _Asked

WRONG, RIGHT = "The function above gives", "Right is"


class BreakItWidget(_Asked):
    """A wrong function, an input to change, and both functions' results beside each other.

    `given` holds matrices of texts as they are typed, `shown` the row sums and the results as texts.
    """

    _esm = BUNDLES / "break_it.js"
    _css = BUNDLES / "break_it.css"
    answer, count, kind = "given", "tries", "break"

    task = traitlets.Dict().tag(sync=True)
    given: traitlets.List[list[list[str]]] = traitlets.List().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)
    tries = traitlets.Int().tag(sync=True)

    def __init__(self, item: BreakIt, values: np.ndarray, **traits: Any) -> None:
        self.item = item.id
        self.how = f"break_it({item.id!r}, {item.start})"
        matrices = values.reshape(-1, *np.atleast_2d(values).shape[-2:])
        count, rows, columns = matrices.shape
        names = item.matrices or ("",) * count
        self._rows = item.tokens or tuple(map(str, range(rows)))
        self._columns = item.tokens or tuple(map(str, range(columns)))
        task = {"code": item.wrong.strip(), "names": names, "rows": self._rows, "columns": self._columns}
        task |= {"sums": item.input.stochastic, "labels": [WRONG, RIGHT]}
        given = [[[_text(x) for x in row] for row in matrix] for matrix in matrices]
        super().__init__(task=task, given=given, question=item.stem.strip(), **traits)

    def row_name(self, *place: int) -> str:
        """A row's place in the words that stand beside it."""
        *matrix, row = place
        name = self.task["names"][matrix[0]] if matrix else ""
        return f"Row {self._rows[row]}{f' of the {name}' if name else ''}"

    def results(self, sums: np.ndarray | None, trial: Trial | None = None) -> dict[str, Any]:
        """What to show of an input: its row sums, and both results with the entries marked that differ."""
        shown: dict[str, Any] = {"sums": []}
        if sums is not None:
            signs = [["✓" if abs(x - 1) <= ROW_SUMS else "✗" for x in row] for row in sums]
            shown["sums"] = [
                [f"{_text(x)} {sign}" for x, sign in zip(*each, strict=True)]
                for each in zip(sums, signs, strict=True)
            ]
        if trial is not None:
            wrong, right = trial.wrong, trial.probe.expected
            marks = True
            if wrong.error is None and wrong.shape == right.shape:
                relative, absolute = TOLERANCE
                marks = ~np.isclose(wrong.value, right.value, rtol=relative, atol=absolute)
            tables = [_table(wrong), _table(right)]
            shape = np.shape(tables[1])
            shown |= {"results": tables, "marks": np.broadcast_to(np.atleast_2d(marks), shape).tolist()}
        return shown

    def __repr__(self) -> str:
        """What a front end without widgets shows."""
        lines = [*self._asked_text(), "", self.task["code"], ""]
        for name, matrix in zip(self.task["names"], self.given, strict=True):
            lines += [name, *("  " + "  ".join(row) for row in matrix)]
        for label, table in zip(self.task["labels"], self.shown.get("results", ()), strict=False):
            lines += [label, *("  " + "  ".join(row) for row in table)]
        return "\n".join([*lines, self.status, "To answer, run this line with your numbers:", self.how])

    def _body(self) -> str:
        sums = self.shown.get("sums") or [[]] * len(self.given)
        parts = [f"<pre><code>{escape(self.task['code'])}</code></pre>"]
        for name, matrix, of_rows in zip(self.task["names"], self.given, sums, strict=False):
            parts.append(self._html(name, matrix, of_rows))
        for label, table in zip(self.task["labels"], self.shown.get("results", ()), strict=False):
            parts.append(self._html(label, table, [], self.shown["marks"]))
        return "".join(parts)

    def _html(
        self, name: str, table: list[list[str]], sums: list[str], marks: list[list[bool]] | None = None
    ) -> str:
        rows = ""
        for i, row in enumerate(table):
            cells = [("≠ " if marks and _at(marks, i, j) else "") + text for j, text in enumerate(row)]
            rows += "<tr>" + "".join(f"<td>{escape(x)}</td>" for x in [*cells, *sums[i : i + 1]]) + "</tr>"
        return f"<table><caption>{escape(name)}</caption><tbody>{rows}</tbody></table>"


def _at(marks: list[list[bool]], i: int, j: int) -> bool:
    return marks[i][j] if i < len(marks) and j < len(marks[i]) else True


def _text(value: float) -> str:
    return f"{value:.4g}"


def _table(outcome: Outcome) -> list[list[str]]:
    if outcome.error is not None:
        return [[outcome.error]]
    values = np.atleast_2d(np.array(outcome.value))
    return [[_text(x) for x in row] for row in values.reshape(-1, values.shape[-1])]
