"""A photograph and what its patches weigh."""

from __future__ import annotations

import math

import numpy as np

from rollout_lab.figures.checks import index_of, series_of, vector_of
from rollout_lab.figures.picture import Figure
from rollout_lab.figures.sheet import GREY, INK, MARK, Sheet, wrap
from rollout_lab.figures.words import number, sentence

_SIDE, _GAP = 1.66, 0.12  # inches
_NOTE = "Dot: largest weight. Each map has its own scale; colours follow the square root of the weight."


def patch_maps(pixels, maps, grid, *, title, photograph="the photograph", mark=None, alt=None) -> Figure:
    """A photograph, and beside it maps over its patches.

    `pixels`: `(height, width, 3)` uint8; `maps`: a mapping from a name to `(P,)` weights, patches row by row,
    at most six; `grid`: rows and columns of patches; `title`: the finding; `photograph`: its caption;
    `mark`: a patch outlined in the photograph, counted from 0; `alt` replaces the computed text alternative.
    Raises ValueError, TypeError or IndexError when they do not fit together.

    >>> pixels = np.zeros((4, 4, 3), dtype=np.uint8)
    >>> print(patch_maps(pixels, {"R": [0.1, 0.2, 0.6, 0.1]}, (2, 2), title="One patch leads").alt)
    One patch leads. The photograph, and maps over 2 by 2 patches. R: largest 0.60 at row 1, column 0,
    which is 4.0 times the median.
    """
    rows, columns = (int(side) for side in grid)
    pixels = np.asarray(pixels)
    if pixels.ndim != 3 or pixels.shape[-1] != 3:
        raise ValueError(f"pixels has shape {pixels.shape}; expected (height, width, 3).")
    maps = series_of(maps, lambda row, name: vector_of(row, rows * columns, name, "patches"))
    count = len(maps) + 1
    per_row = min(count, 4)
    pitch = _SIDE + _GAP
    lines = math.ceil(count / per_row)
    names = [wrap(name, _SIDE, 9) for name in (photograph, *maps)]
    above = 0.08 + 0.155 * max(name.count("\n") + 1 for name in names)
    block = _SIDE * rows / columns + above + 0.06
    width = max(0.2 + per_row * pitch - _GAP, 4.8)
    note = wrap(_NOTE, width - 0.2, 8)
    sheet = Sheet(width, lines * block + 0.12 + 0.14 * (note.count("\n") + 1), title)
    sheet.write(0.1, 0.05, note, size=8, color=GREY, va="bottom")
    for k, name in enumerate(names):
        line, place = divmod(k, per_row)
        left, top = 0.1 + place * pitch, sheet.top - line * block
        sheet.write(left + _SIDE / 2, top - above + 0.05, name, ha="center", va="bottom")
        axes = _axes(sheet, left, top - block + 0.06, _SIDE, block - above - 0.06)
        if k == 0:
            axes.imshow(pixels, extent=(-0.5, columns - 0.5, rows - 0.5, -0.5), aspect="auto")
            if mark is not None:
                row, column = divmod(index_of(mark, rows * columns, "mark"), columns)
                axes.plot(*_frame(column, row, 0.5), color="white", linewidth=3, clip_on=False)
                axes.plot(*_frame(column, row, 0.5), color=MARK, linewidth=1.5, clip_on=False)
            continue
        weights = list(maps.values())[k - 1]
        axes.imshow(
            np.sqrt(np.maximum(weights, 0)).reshape(rows, columns), cmap="cividis", vmin=0, aspect="auto"
        )
        row, column = divmod(int(weights.argmax()), columns)
        axes.plot(column, row, marker="o", markersize=4, color=INK)
    said = " ".join(f"{name}: {_say(weights, columns)}." for name, weights in maps.items())
    seen = f"{photograph[:1].upper()}{photograph[1:]}, and maps over {rows} by {columns} patches."
    return sheet.finish(alt or f"{sentence(title)}{seen} {said}")


def _axes(sheet: Sheet, left, bottom, width, height):
    axes = sheet.figure.add_axes(
        (left / sheet.width, bottom / sheet.height, width / sheet.width, height / sheet.height)
    )
    axes.set_axis_off()
    return axes


def _frame(x, y, half):
    return (
        [x - half, x + half, x + half, x - half, x - half],
        [y - half, y - half, y + half, y + half, y - half],
    )


def _say(weights, columns: int) -> str:
    row, column = divmod(int(weights.argmax()), columns)
    peak, median = float(weights.max()), float(np.median(weights))
    times = f", which is {peak / median:.1f} times the median" if median > 0 else ""
    return f"largest {number(peak)} at row {row}, column {column}{times}"
