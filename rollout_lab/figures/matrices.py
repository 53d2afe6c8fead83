"""Matrices as heatmaps, alone or side by side, with one row drawn as bars beneath."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from rollout_lab.figures.checks import cells_of, index_of, matrix_of, tokens_of
from rollout_lab.figures.picture import (
    GREY,
    INK,
    MARK,
    MAX_WIDTH,
    SERIES,
    Figure,
    canvas,
    lean_height,
    name_columns,
    place,
    plain,
    styled,
    text_width,
    wrap,
)
from rollout_lab.figures.words import distinct, largest, number, row_sums, sentence, short

_BARS = 0.9  # inches: height of the row drawn as bars
_LARGE = 10  # a matrix with more rows or columns gets no numbers in its cells


def heatmap(matrix, tokens, *, title, columns=None, **options) -> Figure:
    """One matrix as a heatmap, tokens along both sides, the numbers in its cells when it is small.

    `matrix`: `(rows, columns)`, usually weights `A[i, j]` or `R[i, j]`; `tokens`: one string a row; `title`: the
    finding, as a sentence; `columns`: one string a column, the tokens themselves when left out.
    `options` are those of `heatmaps`: `xlabel`, `ylabel`, `annotate`, `mark`, `row`, `vmax`, `ticks`, `alt`.
    Raises ValueError, TypeError or IndexError when they do not fit together.

    >>> print(heatmap([[0.9, 0.1], [0.4, 0.6]], ["A", "B"], title="Both read mostly themselves").alt)
    Both read mostly themselves. Heatmap, 2 by 2, rows: query position i, columns: key position j.
    Largest entries: A from A 0.90, B from B 0.60, B from A 0.40. Rows sum to 1.
    """
    return heatmaps([matrix], tokens, titles=[""], title=title, columns=columns, **options)


@styled
def heatmaps(
    matrices,
    tokens,
    *,
    titles,
    title=None,
    columns=None,
    xlabel="key position j",
    ylabel="query position i",
    annotate=None,
    mark=None,
    row=None,
    vmax=None,
    per_row=None,
    between=(),
    ticks=True,
    alt=None,
) -> Figure:
    """Several matrices side by side, on one colour scale.

    `matrices`: a sequence of `(rows, columns)`, all of one shape; `titles`: a short one for each; `title`: the
    finding of them all; `columns`: names of the columns where they differ from `tokens`.
    `annotate`: numbers in the cells (left out: when they fit). `mark`: `(i, j)` or a list of them, outlined.
    `row`: an int; that row is outlined in each matrix and drawn as bars beneath it.
    `vmax`: the largest value of the colour scale; `"each"` gives every matrix a scale of its own.
    `per_row`: how many stand in a line; `between`: signs between neighbours, such as `["@", "="]`;
    `ticks=False` leaves the token names out; `alt` replaces the computed text alternative.
    Raises ValueError, TypeError or IndexError when matrices, tokens, titles and marks do not fit together.

    >>> print(heatmaps([np.eye(2), np.full((2, 2), 0.5)], ["A", "B"], titles=["one", "two"]).alt)
    2 heatmaps, 2 by 2, rows: query position i, columns: key position j.
    one: largest entry A from A 1.00, rows sum to 1. two: largest entry A from A 0.50, rows sum to 1.
    """
    tokens = tokens_of(tokens)
    columns = tokens if columns is None else tokens_of(columns, "columns")
    matrices, titles = list(matrices), list(titles)
    if not matrices:
        raise ValueError("heatmaps() got no matrix; give at least one.")
    if len(titles) != len(matrices):
        raise ValueError(f"{len(matrices)} matrices need {len(matrices)} titles, found {len(titles)}.")
    named = "the matrix" if len(matrices) == 1 else "matrix {}"
    matrices = [matrix_of(values, tokens, columns, named.format(k)) for k, values in enumerate(matrices)]
    marks = cells_of(mark, len(tokens), len(columns))
    row = None if row is None else index_of(row, len(tokens), "row")

    grid = _Grid(
        matrices, tokens, columns, titles, per_row, row is not None, bool(between), ticks, annotate, vmax
    )
    figure, top = canvas(grid.width, grid.height, title)
    scales = _scales(matrices, vmax)
    bar_heights = [float(values[row].max()) for values in matrices] if row is not None else []
    for k, values in enumerate(matrices):
        left, bottom = grid.corner(k, top)
        axes = place(figure, left, bottom, grid.panel_width, grid.panel_height)
        _draw_matrix(axes, values, scales[k], grid)
        axes.set_title(grid.titles[k], loc="left", fontsize=9.5, pad=4, linespacing=1.1)
        for i, j in marks:
            axes.add_patch(_outline(j, i, 1))
        lowest = axes
        if row is not None:
            axes.add_patch(_outline(0, row, len(columns)))
            lowest = place(figure, left, bottom - 0.12 - _BARS, grid.panel_width, _BARS)
            _draw_row(lowest, values[row], bar_heights[k] if vmax == "each" else max(bar_heights))
            if grid.is_first(k):
                lowest.set_ylabel(f"row {short(tokens[row], 9)}", fontsize=8.5)
            axes.set_xticks([])
        if ticks:
            _name_sides(axes, lowest, grid, grid.is_first(k), row)
            if grid.is_first(k):
                axes.set_ylabel(ylabel)
            if grid.panel_width > 1.1:
                lowest.set_xlabel(xlabel, labelpad=2)
        else:
            axes.set_yticks([])
            lowest.set_xticks([])
        if k < len(between) and not grid.is_last(k):
            x = (left + grid.panel_width + grid.gap / 2) / figure.get_figwidth()
            y = (bottom + grid.panel_height / 2) / figure.get_figheight()
            figure.text(x, y, between[k], ha="center", va="center", fontsize=15)
    if grid.colour_bar:
        _draw_colour_bar(place(figure, *grid.colour_bar_box(top)), scales[0])
    figure.alt = alt or _say(matrices, tokens, columns, titles, title, xlabel, ylabel, row, marks)
    return figure


class _Grid:
    """Where everything goes, in inches: the size of a cell follows from the room and the number of tokens."""

    def __init__(
        self, matrices, tokens, columns, titles, per_row, with_row, with_signs, ticks, annotate, vmax
    ):
        rows, cols, k = len(tokens), len(columns), len(matrices)
        large = max(rows, cols)
        self.per_row = min(k, per_row or (3 if k in (3, 5, 6, 9) or large > _LARGE else 4))
        self.lines = math.ceil(k / self.per_row)
        self.name_size = 9 if large <= 12 else 8
        self.row_names = [short(token) for token in tokens]
        self.column_names = [short(token) for token in columns]
        self.gap = 0.55 if with_signs else 0.32
        names = max(text_width(name, self.name_size) for name in self.row_names) if ticks else 0
        left, right = (0.42 + names, 0.15) if ticks else (0.15, 0.15)
        wanted = min(0.62, 3.4 / large + 0.1)

        def cell(left, right):
            room = MAX_WIDTH - left - right - self.gap * (self.per_row - 1)
            return min(wanted, room / (self.per_row * cols))

        fits = cell(left, right) >= 0.4 and large <= _LARGE
        self.annotate = fits if annotate is None else annotate
        self.colour_bar = not self.annotate and vmax != "each"
        right = 0.75 if self.colour_bar else right
        self.cell = cell(left, right)
        self.lean, below, overhang = lean_height(self.column_names, self.name_size, self.cell)
        if ticks:
            left = max(left, overhang)
            self.cell = cell(left, right)
        else:
            below = 0
        self.left = left
        self.panel_width, self.panel_height = self.cell * cols, self.cell * rows
        self.pitch = max(self.panel_width, 0.9 if ticks else 0) + self.gap
        self.titles = [wrap(text, self.pitch - 0.1, 9.5) if text else "" for text in titles]
        title_lines = max(text.count("\n") + 1 if text else 0 for text in self.titles)
        self.title_height = 0.06 + 0.17 * title_lines
        below += 0.26 if ticks else 0.06
        self.block = self.title_height + self.panel_height + (0.12 + _BARS if with_row else 0) + below
        self.width = left + self.per_row * self.pitch - self.gap + right
        self.height = self.lines * self.block + 0.02

    def is_first(self, k: int) -> bool:
        return k % self.per_row == 0

    def is_last(self, k: int) -> bool:
        return k % self.per_row == self.per_row - 1

    def corner(self, k: int, top: float) -> tuple[float, float]:
        line, column = divmod(k, self.per_row)
        return (
            self.left + column * self.pitch,
            top - line * self.block - self.title_height - self.panel_height,
        )

    def colour_bar_box(self, top: float) -> tuple[float, float, float, float]:
        _, bottom = self.corner(0, top)
        end = self.left + (self.per_row - 1) * self.pitch + self.panel_width
        return end + 0.13, bottom, 0.11, self.panel_height


def _scales(matrices, vmax) -> list[Normalize]:
    lows = [min(float(values.min()), 0.0) for values in matrices]
    highs = [max(float(values.max()), 1e-12) for values in matrices]
    if vmax == "each":
        return [Normalize(low, high) for low, high in zip(lows, highs, strict=True)]
    return [Normalize(min(lows), max(highs) if vmax is None else float(vmax))] * len(matrices)


def _draw_matrix(axes, values, scale, grid: _Grid) -> None:
    rows, cols = values.shape
    axes.imshow(values, cmap="cividis", norm=scale, aspect="auto", interpolation="nearest")
    axes.set_xlim(-0.5, cols - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    if grid.cell >= 0.2:
        axes.hlines(np.arange(1, rows) - 0.5, -0.5, cols - 0.5, color="white", lw=1)
        axes.vlines(np.arange(1, cols) - 0.5, -0.5, rows - 0.5, color="white", lw=1)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, pad=3)
    if grid.annotate:
        for (i, j), value in np.ndenumerate(values):
            dark = scale(value) < 0.55
            text = number(value) if abs(value) >= 0.01 else f"{value:.2f}"
            axes.text(j, i, text, ha="center", va="center", color="white" if dark else INK, fontsize=9)
    else:
        # A dot at the largest entry of each row: the picture reads without its colours, too.
        best = values.argmax(axis=1)
        peak = values.max(axis=1)
        size = min(5.0, 72 * grid.cell * 0.34)
        for colour, chosen in (("white", scale(peak) < 0.55), (INK, scale(peak) >= 0.55)):
            axes.plot(best[chosen], np.flatnonzero(chosen), "o", ms=size, color=colour, mew=0)


def _draw_row(axes, weights, high: float) -> None:
    axes.bar(range(len(weights)), weights, 0.8, color=SERIES[0]["color"])
    axes.set_xlim(-0.5, len(weights) - 0.5)
    axes.set_ylim(0, 1.28 * max(high, 1e-12))
    best = int(np.argmax(weights))
    side = "left" if best == 0 else "right" if best == len(weights) - 1 else "center"
    shift = {"left": -0.4, "center": 0, "right": 0.4}[side]
    axes.text(best + shift, weights[best], number(weights[best]), ha=side, va="bottom", fontsize=8.5)
    plain(axes)
    axes.set_yticks([0])
    axes.tick_params(axis="y", length=0)


def _draw_colour_bar(axes, scale: Normalize) -> None:
    ramp = np.linspace(scale.vmin, scale.vmax, 128)[:, None]
    axes.imshow(ramp, aspect="auto", origin="lower", cmap="cividis", extent=(0, 1, scale.vmin, scale.vmax))
    axes.yaxis.tick_right()
    axes.set_xticks([])
    axes.tick_params(length=2, labelsize=8, pad=2)
    axes.locator_params(axis="y", nbins=5)
    axes.spines[:].set_edgecolor(GREY)


def _outline(column: int, row: int, width: int) -> Rectangle:
    return Rectangle(
        (column - 0.5, row - 0.5), width, 1, fill=False, edgecolor=MARK, lw=2.2, clip_on=False, zorder=4
    )


def _name_sides(axes, lowest, grid: _Grid, first: bool, row) -> None:
    name_columns(lowest, grid.column_names, grid.name_size, grid.lean)
    if not first:
        axes.set_yticks([])
        return
    axes.set_yticks(range(len(grid.row_names)), grid.row_names, fontsize=grid.name_size)
    if row is not None:
        axes.get_yticklabels()[row].set_fontweight("bold")


def _say(matrices, tokens, columns, titles, title, xlabel, ylabel, row, marks) -> str:
    rows_spoken, columns_spoken = distinct(tokens), distinct(columns)
    size = f"{len(tokens)} by {len(columns)}, rows: {ylabel}, columns: {xlabel}."

    def entries(values, k):
        order = np.argsort(-values, axis=None, kind="stable")[:k]
        cells = (np.unravel_index(flat, values.shape) for flat in order)
        return ", ".join(
            f"{rows_spoken[i]} from {columns_spoken[j]} {number(values[i, j])}" for i, j in cells
        )

    if len(matrices) == 1:
        values = matrices[0]
        said = f"{sentence(title)}Heatmap, {size} Largest entries: {entries(values, 3)}. Rows {row_sums(values)}."
    else:
        each = " ".join(
            f"{sentence(name)[:-2] or k}: largest entry {entries(values, 1)}, rows {row_sums(values)}."
            for k, (name, values) in enumerate(zip(titles, matrices, strict=True))
        )
        said = f"{sentence(title)}{len(matrices)} heatmaps, {size} {each}"
    if row is not None:
        draws = "; ".join(largest(values[row], columns, 3) for values in matrices)
        said += f" Row {rows_spoken[row]}, outlined and drawn as bars: {draws}."
    if marks:
        shown = "; ".join(
            f"{rows_spoken[i]} from {columns_spoken[j]} {', '.join(number(values[i, j]) for values in matrices)}"
            for i, j in marks
        )
        said += f" Outlined: {shown}."
    return said
