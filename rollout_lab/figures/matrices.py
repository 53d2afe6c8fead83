"""Matrices as heatmaps, alone or side by side, with one row drawn as bars beneath."""

import math

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import Normalize, PowerNorm

from .canvas import GREY, INK, MARK, MAX_WIDTH, SERIES, Canvas, lean_of, name_columns, text_width, wrap
from .checks import cells_of, index_of, matrix_of, tokens_of
from .picture import Figure
from .words import distinct, largest, number, row_sums, sentence, short

_BARS = 0.9  # inches: height of the row drawn as bars
_SMALLEST = 6.5  # points
_NOTE = "Dot: largest weight of its row. Colours follow the square root of the weight."
_LARGE = 10  # a matrix with more rows or columns gets no numbers in its cells


def heatmap(matrix, tokens, *, title, columns=None, **options) -> Figure:
    """One matrix as a heatmap, tokens along both sides, the numbers in its cells when it is small.

    Parameters
    ----------
    matrix : (rows, columns)
        Usually weights `A[i, j]` or `R[i, j]`.
    tokens : one string a row
    title, alt : str
    columns : one string a column, optional
        `tokens` when left out.
    **options
        Those of `heatmaps`: `xlabel`, `ylabel`, `annotate`, `mark`, `row`, `vmax`, `ticks`, `alt`.

    Examples
    --------
    >>> print(heatmap([[0.9, 0.1], [0.4, 0.6]], ["A", "B"], title="Both read mostly themselves").alt)
    Both read mostly themselves. Heatmap, 2 by 2, rows: query position i, columns: key position j.
    Largest entries: A from A 0.90, B from B 0.60, B from A 0.40. Rows sum to 1.
    """
    return heatmaps([matrix], tokens, titles=[""], title=title, columns=columns, **options)


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
    bars=True,
    vmax=None,
    width=MAX_WIDTH,
    per_row=None,
    between=(),
    ticks=True,
    alt=None,
) -> Figure:
    """Several matrices side by side, on one colour scale.

    Where the cells hold no numbers, colours follow the square root of the weight, so that small weights show
    beside a large one, and a dot marks the largest entry of each row.

    Parameters
    ----------
    matrices : sequence of (rows, columns), all of one shape
    tokens : one string a row
    titles : one short string a matrix
    title, alt : str
    columns : one string a column, optional
        Where they differ from `tokens`.
    annotate : bool, optional
        Numbers in the cells; left out, where they fit.
    mark : (i, j) or a list of them, optional
        Outlined cells.
    row : int, or one int or None a matrix, optional
        A row that is outlined in each matrix and drawn as bars beneath it; with `bars=False` only outlined.
    vmax : float or "each", optional
        The end of the colour scale; "each" gives every matrix a scale of its own.
    width : float
        Inches that the whole may take.
    per_row : int, optional
        How many stand in a line.
    between : list of str
        Signs between neighbours, such as `["@", "="]`.
    ticks : bool
        Whether the tokens stand along the sides.

    Examples
    --------
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
    rows = _rows(row, len(matrices), len(tokens))

    with_bars = bars and any(i is not None for i in rows)
    with_scale = vmax != "each"
    grid = _Grid(
        tokens, columns, titles, per_row, with_bars, bool(between), ticks, annotate, with_scale, width
    )
    canvas = Canvas(grid.width, grid.height, title)
    scales = _scales(matrices, vmax, grid.annotate)
    peaks = [0.0 if i is None else float(x[i].max()) for x, i in zip(matrices, rows, strict=True)]
    for k, (values, chosen) in enumerate(zip(matrices, rows, strict=True)):
        panel = _Panel(grid, k, canvas.top)
        canvas.write(panel.left, panel.top + 0.03, grid.titles[k], size=9.5, va="bottom")
        _draw_cells(canvas, values, scales[k], panel, grid.annotate)
        for i, j in marks:
            _outline(canvas, panel, i, j, 1)
        floor = panel.bottom
        if chosen is not None:
            _outline(canvas, panel, chosen, 0, len(columns))
            if bars:
                floor -= 0.12 + _BARS
                _draw_row(canvas, values[chosen], max(peaks) if with_scale else peaks[k], panel, floor)
                if ticks and panel.is_first:
                    name = f"row “{short(tokens[chosen], 9)}”"
                    canvas.write(0.16, floor + _BARS / 2, name, size=8.5, ha="center", turn=90)
        if ticks:
            _name_sides(canvas, panel, grid, floor, xlabel, ylabel, chosen)
        if k < len(between) and not panel.is_last:
            x, y = panel.left + panel.width + grid.gap / 2, (panel.top + panel.bottom) / 2
            canvas.write(x, y, between[k], size=min(15, 34 * grid.gap), ha="center")
    if grid.colour_bar:
        panel = _Panel(grid, grid.per_row - 1, canvas.top)
        _draw_colour_bar(canvas, scales[0], panel.left + panel.width + 0.13, panel.bottom, 0.11, panel.height)
    if grid.note:
        canvas.write(0.1, 0.05, grid.note, size=8, color=GREY, va="bottom")
    return canvas.finish(
        alt or _describe(matrices, tokens, columns, titles, title, xlabel, ylabel, rows, marks)
    )


class _Grid:
    """The sizes of everything, in inches: a cell's follows from the room and the number of tokens."""

    def __init__(self, tokens, columns, titles, per_row, bars, signs, ticks, annotate, with_scale, room):
        self.rows, self.columns, self.count = len(tokens), len(columns), len(titles)
        large = max(self.rows, self.columns)
        usual = 3 if self.count in (3, 5, 6, 9) or large > _LARGE else 4
        self.per_row = min(self.count, per_row or usual)
        self.name_size = 9.0 if large <= 12 else 8.0
        self.row_names = [short(token) for token in tokens]
        self.column_names = [short(token) for token in columns]
        self.gap = 0.3 if not ticks else 0.5 if signs else 0.32
        names = max(text_width(name, self.name_size) for name in self.row_names) if ticks else 0
        left, right = (0.42 + names, 0.15) if ticks else (0.15, 0.15)
        wanted = 0.62 if large <= 5 else 0.45 if large <= _LARGE else 3.0 / large + 0.05

        def cell(left, right):
            free = room - left - right - self.gap * (self.per_row - 1)
            return min(wanted, free / (self.per_row * self.columns))

        fits = cell(left, right) >= 0.4 and large <= _LARGE
        self.annotate = fits if annotate is None else annotate
        self.colour_bar = ticks and not self.annotate and with_scale
        right = 0.8 if self.colour_bar else right
        self.lean, self.names_height = 0, 0.0
        if ticks:
            self.lean, self.names_height = lean_of(self.column_names, self.name_size, cell(left, right))
        if self.lean == 45:
            left = max(left, self.names_height - cell(left, right) / 2)
        self.cell, self.left = cell(left, right), left
        # Smaller names where cells are narrow; only some of them where that would be too small.
        points = 66 * self.cell
        self.name_size = min(self.name_size, max(points, _SMALLEST))
        step = math.ceil(_SMALLEST / points)
        for shown in (self.row_names, self.column_names):
            shown[:] = [name if k % step == 0 else "" for k, name in enumerate(shown)]
        self.pitch = max(self.cell * self.columns, 0.9 if ticks else 0) + self.gap
        self.titles = [wrap(text, self.pitch - 0.1, 9.5) if text else "" for text in titles]
        title_lines = max(text.count("\n") + 1 if text else 0 for text in self.titles)
        self.title_height = 0.06 + 0.17 * title_lines
        self.block = self.title_height + self.cell * self.rows + (_BARS + 0.12 if bars else 0) + 0.1
        self.width = left + self.per_row * self.pitch - self.gap + right
        self.note = "" if self.annotate or not ticks else wrap(_NOTE, self.width - 0.15, 8)
        note_height = 0.06 + 0.14 * (self.note.count("\n") + 1) if self.note else 0.02
        below = self.names_height + (0.2 if ticks else 0) + note_height
        self.height = math.ceil(self.count / self.per_row) * self.block + below


class _Panel:
    """Where the k-th matrix lies on the canvas, and the middles of its cells."""

    def __init__(self, grid: _Grid, k: int, canvas_top: float):
        line, place = divmod(k, grid.per_row)
        self.is_first, self.is_last = place == 0, place == grid.per_row - 1
        self.is_lowest = k + grid.per_row >= grid.count
        self.cell, self.width, self.height = grid.cell, grid.cell * grid.columns, grid.cell * grid.rows
        self.left = grid.left + place * grid.pitch
        self.top = canvas_top - line * grid.block - grid.title_height
        self.bottom = self.top - self.height
        self.xs = self.left + self.cell * (np.arange(grid.columns) + 0.5)
        self.ys = self.top - self.cell * (np.arange(grid.rows) + 0.5)


def _rows(row, matrices: int, tokens: int) -> list[int | None]:
    rows = list(row) if np.ndim(row) else [row] * matrices
    if len(rows) != matrices:
        raise ValueError(
            f"row names {len(rows)} rows for {matrices} matrices; give one int, or one for each."
        )
    return [None if i is None else index_of(i, tokens, "row") for i in rows]


def _scales(matrices, vmax, linear: bool) -> list[Normalize]:
    lows = [min(float(values.min()), 0.0) for values in matrices]
    highs = [max(float(values.max()), 1e-12) for values in matrices]
    if vmax != "each":
        lows = [min(lows)] * len(lows)
        highs = [max(highs) if vmax is None else float(vmax)] * len(highs)
    linear = linear or min(lows) < 0
    return [
        Normalize(low, high) if linear else PowerNorm(0.5, low, high, clip=True)
        for low, high in zip(lows, highs, strict=True)
    ]


def _draw_cells(canvas: Canvas, values, scale, panel: _Panel, annotate: bool) -> None:
    x, y = (part.ravel() for part in np.meshgrid(panel.xs, panel.ys))
    colours = colormaps["cividis"](scale(values.ravel()))
    if annotate:
        side = panel.cell - 0.012
        canvas.boxes(x - side / 2, y - side / 2, side, side, colours)
        for x_, y_, value in zip(x, y, values.ravel(), strict=True):
            text = number(value) if abs(value) >= 0.01 else f"{value:.2f}"
            canvas.write(x_, y_, text, ha="center", color=_on(scale(value)))
        return
    canvas.mesh(panel.xs, panel.ys, panel.cell, colours)
    best = values.argmax(axis=1)
    colours = np.array([_on(share) for share in scale(values.max(axis=1))])
    for colour in np.unique(colours):
        chosen = colours == colour
        look = {"marker": "o", "linestyle": "none", "markeredgewidth": 0, "color": str(colour)}
        size = min(5, 72 * panel.cell * 0.3)
        canvas.curve(panel.xs[best[chosen]], panel.ys[chosen], markersize=size, **look)


def _outline(canvas: Canvas, panel: _Panel, row: int, column: int, columns: int) -> None:
    corner = panel.xs[column] - panel.cell / 2, panel.ys[row] - panel.cell / 2
    lw = min(2.2, 72 * panel.cell * 0.3)
    canvas.boxes(*corner, columns * panel.cell, panel.cell, "none", edge=MARK, lw=lw, zorder=4)


def _name_sides(canvas: Canvas, panel: _Panel, grid: _Grid, floor, xlabel, ylabel, chosen) -> None:
    if panel.is_first:
        for i, (y, name) in enumerate(zip(panel.ys, grid.row_names, strict=True)):
            canvas.write(panel.left - 0.06, y, name, size=grid.name_size, ha="right", bold=i == chosen)
        canvas.write(0.16, (panel.top + panel.bottom) / 2, ylabel, ha="center", turn=90)
    if panel.is_lowest:
        name_columns(canvas, panel.xs, floor - 0.05, grid.column_names, grid.name_size, grid.lean)
        if panel.width > 1.1:
            y = floor - grid.names_height - 0.02
            canvas.write(panel.left + panel.width / 2, y, xlabel, ha="center", va="top")


def _on(share: float) -> str:
    """The colour of what stands on a cell, given where its weight lies on the colour scale."""
    return "white" if share < 0.55 else INK


def _draw_row(canvas: Canvas, weights, high: float, panel: _Panel, floor: float) -> None:
    xs, cell = panel.xs, panel.cell
    heights = np.maximum(weights, 0) * _BARS / (1.25 * max(high, 1e-12))
    canvas.boxes(xs - 0.4 * cell, floor, 0.8 * cell, heights, SERIES[0]["color"])
    left, right = panel.left, panel.left + panel.width
    canvas.strokes([((left, floor), (right, floor))], color=GREY)
    placed: list[tuple[float, float, float]] = []
    for j in np.argsort(-weights, kind="stable")[:4]:
        text = number(weights[j])
        half = text_width(text, 8) / 2
        x = np.clip(xs[j], left + half - 0.02, max(right - half + 0.02, left + half))
        # A number is left out rather than written over another one or over a neighbouring bar.
        clear = (heights <= heights[j]) | (np.abs(xs - x) > half + 0.4 * cell)
        apart = all(
            abs(x - x2) > half + half2 + 0.03 or abs(heights[j] - h) > 0.15 for x2, half2, h in placed
        )
        if clear.all() and apart and (heights[j] > 0.01 or not placed):
            canvas.write(x, floor + heights[j], text, size=8, ha="center", va="bottom")
            placed.append((x, half, heights[j]))


def _draw_colour_bar(canvas: Canvas, scale: Normalize, left, bottom, width, height) -> None:
    shades = np.linspace(0, 1, 64)
    step = height / len(shades)
    colours = colormaps["cividis"](shades)
    canvas.boxes(left, bottom + step * np.arange(len(shades)), width, step, colours, edge=colours, lw=0.3)
    shares = (0, 0.01, 0.05, 0.2, 0.5) if isinstance(scale, PowerNorm) else (0, 0.25, 0.5, 0.75)
    low, high = float(scale.vmin or 0), float(scale.vmax or 1)
    for tick in [*(float(f"{low + share * (high - low):.1g}") for share in shares), high]:
        y = bottom + height * float(scale(tick))
        text = number(tick) if tick >= 0.01 else f"{tick:g}"
        canvas.strokes([((left + width, y), (left + width + 0.03, y))], color=GREY)
        canvas.write(left + width + 0.06, y, text, size=8)


def _describe(matrices, tokens, columns, titles, title, xlabel, ylabel, rows, marks) -> str:
    rows_spoken, columns_spoken = distinct(tokens), distinct(columns)
    size = f"{len(tokens)} by {len(columns)}, rows: {ylabel}, columns: {xlabel}."

    def entries(values, k):
        order = np.argsort(-values, axis=None, kind="stable")[:k]
        cells = (np.unravel_index(flat, values.shape) for flat in order)
        return ", ".join(
            f"{rows_spoken[i]} from {columns_spoken[j]} {number(values[i, j])}" for i, j in cells
        )

    if len(matrices) == 1:
        top = entries(matrices[0], 3)
        text = f"{sentence(title)}Heatmap, {size} Largest entries: {top}. Rows {row_sums(matrices[0])}."
    else:
        each = " ".join(
            f"{sentence(name)[:-2] or k}: largest entry {entries(values, 1)}, rows {row_sums(values)}."
            for k, (name, values) in enumerate(zip(titles, matrices, strict=True))
        )
        text = f"{sentence(title)}{len(matrices)} heatmaps, {size} {each}"
    drawn = [(i, values) for i, values in zip(rows, matrices, strict=True) if i is not None]
    if drawn:
        draws = "; ".join(f"row “{rows_spoken[i]}”: {largest(values[i], columns, 3)}" for i, values in drawn)
        text += f" Outlined and drawn as bars, {draws}."
    if marks:
        shown = "; ".join(
            f"{rows_spoken[i]} from {columns_spoken[j]} {', '.join(number(x[i, j]) for x in matrices)}"
            for i, j in marks
        )
        text += f" Outlined: {shown}."
    return text
