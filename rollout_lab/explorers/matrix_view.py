"""Matrices side by side, and one row of them: what the browser draws from data that it is sent once."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any, Literal, NamedTuple

import numpy as np

from rollout_lab._widget_output import BUNDLES
from rollout_lab.figures import Pictures, grouped_bars, heatmaps, lines, side_by_side
from rollout_lab.figures.words import distinct

from .browser_base import Live, names_in
from .edge_weights import brief

_NAMED = 8  # tokens up to which several matrices have room for names
_CURVES = 4


class Control(NamedTuple):
    """A choice of one value: a "menu", a "slider" or a "check" box."""

    kind: str
    label: str
    options: Mapping[str, Any]


class Panel(NamedTuple):
    """One matrix; `row` says whether the row that is read is outlined in it."""

    title: str
    matrix: np.ndarray
    caption: str = ""
    row: bool = True


class Frame(NamedTuple):
    """What one setting of all choices but the row comes to; `rows` are compared, the same row of each."""

    title: str
    panels: list[Panel]
    rows: dict[str, np.ndarray]
    scale: float | Literal["each"] = 1.0
    between: tuple[str, ...] = ()


def sent(controls: Mapping[str, Control]) -> list[tuple]:
    """The controls as the browser is told of them."""
    return [(name, each.kind, each.label, list(each.options.items())) for name, each in controls.items()]


def row_menu(label: str, tokens) -> Control:
    """The choice of a row by its token; positions are shown, since a token may occur twice."""
    return Control("menu", label, {f"{i}  {token}": i for i, token in enumerate(tokens)})


class MatrixView(Live):
    """Matrices, and one row of them as numbers and bars.

    `controls` hold the choice "query" and others; `frame(**others)` is what these come to, and
    `sentence(frame, query=..., **others)` says it. With `curve`, the name of a slider, the row is also drawn
    over all its values.
    """

    _esm = BUNDLES / "matrix_view.js"

    def __init__(
        self,
        key,
        tokens,
        controls: Mapping[str, Control],
        start: Mapping[str, Any],
        frame: Callable[..., Frame],
        sentence: Callable[..., str],
        curve: str | None = None,
    ):
        self._tokens, self._say = tokens, sentence
        self._curve = (curve, controls[curve].label) if curve else None
        choices = {name: tuple(control.options.values()) for name, control in controls.items()}
        self._by = [name for name in controls if name != "query"]
        settings = product(*(choices[name] for name in self._by))
        self._frames = {values: frame(**dict(zip(self._by, values, strict=True))) for values in settings}
        data = {
            "label": key[0],
            **names_in(tokens),
            "controls": sent(controls),
            "by": self._by,
            "curve": curve,
            "leading": [self._leading(query) for query in range(len(tokens))] if curve else [],
            **self._drawn(),
        }
        super().__init__(key, choices, start, data)

    def _drawn(self) -> dict[str, Any]:
        """The frames, which refer to the matrices by number, so that none is sent twice."""
        matrices: dict[int, np.ndarray] = {}

        def index(matrix: np.ndarray) -> int:
            matrices.setdefault(id(matrix), matrix)
            return list(matrices).index(id(matrix))

        frames = [
            {
                "title": frame.title,
                "between": frame.between,
                "panels": [
                    {
                        "title": panel.title,
                        "caption": panel.caption,
                        "row": panel.row,
                        "matrix": index(panel.matrix),
                        "most": brief(panel.matrix.max() if frame.scale == "each" else frame.scale),
                    }
                    for panel in frame.panels
                ],
                "rows": [(name, index(matrix)) for name, matrix in frame.rows.items()],
            }
            for frame in self._frames.values()
        ]
        return {"frames": frames, "matrices": brief(list(matrices.values()))}

    def _frame(self, values: Mapping[str, Any]) -> Frame:
        return self._frames[tuple(values[name] for name in self._by)]

    def rows(self, query: int) -> np.ndarray:
        """The row over all values of the curve: `(values, N)`."""
        return np.stack([next(iter(frame.rows.values()))[query] for frame in self._frames.values()])

    def _leading(self, query: int) -> list[int]:
        """The row's own token, and the sources with the largest share of what others give, at any value."""
        rows = self.rows(query)
        others = np.delete(np.arange(rows.shape[1]), query)
        given = rows[:, others]
        total = given.sum(axis=1, keepdims=True)
        shares = np.divide(given, total, out=np.zeros_like(given), where=total > 0)
        order = others[np.argsort(-shares.max(axis=0, initial=0), kind="stable")]
        return [query, *order.tolist()][:_CURVES]

    def answer(self, *, query, **by):
        return {"status": self._say(self._frame(by), query=query, **by)}

    def draw(self, *, query, **by) -> Pictures:
        """The matrices as heatmaps, and beside them the row as curves or as bars."""
        frame, tokens = self._frame(by), self._tokens
        alone = len(frame.panels) == 1
        left = heatmaps(
            [panel.matrix for panel in frame.panels],
            tokens,
            titles=["\n".join(filter(None, [panel.title, panel.caption])) for panel in frame.panels],
            title=frame.title,
            row=[query if panel.row else None for panel in frame.panels],
            between=frame.between,
            per_row=len(frame.panels),
            vmax=frame.scale,
            bars=False,
            ticks=alone or (len(tokens) <= _NAMED and not frame.between),
            xlabel="input j",
            ylabel="output i",
            alt=self.answer(query=query, **by)["status"],
            **({"width": 4.0} if alone else {}),
        )
        title = f"The row of “{tokens[query]}”"
        if self._curve is None:
            rows = {name: matrix[query] for name, matrix in frame.rows.items()}
            return side_by_side(left, grouped_bars(rows, tokens, title=title, xlabel="input j"))
        curve, label = self._curve
        over, names = self.rows(query), distinct(tokens, brief=True)
        right = lines(
            self.choices[curve],
            {f"“{names[j]}”": over[:, j] for j in self._leading(query)},
            title=title,
            xlabel=label,
            ylabel="weight in the row",
            cursor=by[curve],
            ylim=(0, 1.02),
            size=(7.1 - left.get_figwidth(), 3.4),
        )
        return side_by_side(left, right)
