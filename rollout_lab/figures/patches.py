"""A photograph and what its patches weigh."""

import math

import numpy as np
from matplotlib import colormaps
from matplotlib.image import BboxImage
from matplotlib.transforms import Bbox, TransformedBbox

from .canvas import GREY, INK, MARK, Canvas, wrap
from .checks import index_of, series_of, vector_of
from .picture import Figure
from .words import number, sentence

_SIDE, _GAP = 1.66, 0.12  # inches
_NOTE = "Dot: largest weight. Each map has its own scale; colours follow the square root of the weight."
_COMMON = "Dot: largest weight. One scale for all maps, in shares of a map's sum; a flat map has"


def patch_maps(
    pixels, maps, grid, *, title, photograph="the photograph", mark=None, common=False, alt=None
) -> Figure:
    """A photograph, and beside it maps over its patches.

    Parameters
    ----------
    pixels : (height, width, 3) uint8
    maps : mapping from a name to (P,) weights, patches row by row
        At most six.
    grid : rows and columns of patches
    title, alt : str
    photograph : str
        Its caption.
    mark : int, optional
        A patch outlined in the photograph, counted from 0.
    common : bool
        Whether maps are drawn as shares of their sums, on one colour scale: then a flat map looks flat.

    Examples
    --------
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
    if common:
        maps = {name: row / max(row.sum(), 1e-12) for name, row in maps.items()}
    top_share = max((row.max() for row in maps.values()), default=1.0)
    count = len(maps) + 1
    lines = math.ceil(count / 4)
    per_row = math.ceil(count / lines)
    pitch = _SIDE + _GAP
    names = [wrap(name, _SIDE, 9) for name in (photograph, *maps)]
    above = 0.08 + 0.155 * max(name.count("\n") + 1 for name in names)
    block = _SIDE * rows / columns + above + 0.06
    width = max(0.2 + per_row * pitch - _GAP, 4.8)
    note = wrap(f"{_COMMON} {1 / (rows * columns):.1%} everywhere." if common else _NOTE, width - 0.2, 8)
    below = 0.05 + 0.24 * common
    canvas = Canvas(width, lines * block + below + 0.07 + 0.14 * (note.count("\n") + 1), title)
    canvas.write(0.1, below, note, size=8, color=GREY, va="bottom")
    if common:
        _draw_scale(canvas, top_share)
    side = _SIDE / columns
    for k, (name, weights) in enumerate(zip(names, [None, *maps.values()], strict=True)):
        line, place = divmod(k, per_row)
        left, top = 0.1 + place * pitch, canvas.top - line * block - above
        canvas.write(left + _SIDE / 2, top + 0.05, name, ha="center", va="bottom")
        # The lower left corner of every patch.
        x = left + side * np.tile(np.arange(columns), rows)
        y = top - side * np.repeat(np.arange(1, rows + 1), columns)
        if weights is None:
            _draw_photograph(canvas, pixels, left, y[-1], _SIDE, side * rows)
            if mark is not None:
                patch = index_of(mark, rows * columns, "mark")
                for edge, lw, zorder in (("white", 3, 4), (MARK, 1.5, 5)):
                    canvas.boxes(x[patch], y[patch], side, side, "none", edge=edge, lw=lw, zorder=zorder)
            continue
        most = top_share if common else max(weights.max(), 1e-12)
        colours = colormaps["cividis"](np.sqrt(np.maximum(weights, 0) / most))
        canvas.boxes(x, y, side, side, colours, edge=colours, lw=0.3)
        best = [weights.argmax()]
        canvas.curve(x[best] + side / 2, y[best] + side / 2, marker="o", markersize=4, color=INK)
    listed = " ".join(f"{name}: {_describe(weights, columns)}." for name, weights in maps.items())
    opening = f"{photograph[:1].upper()}{photograph[1:]}, and maps over {rows} by {columns} patches."
    return canvas.finish(alt or f"{sentence(title)}{opening} {listed}")


def _draw_photograph(canvas: Canvas, pixels, left, bottom, width, height) -> None:
    frame = Bbox.from_bounds(left, bottom, width, height)
    picture = BboxImage(TransformedBbox(frame, canvas.inches))
    picture.set_data(pixels)
    canvas.figure.add_artist(picture)
    canvas.figure.coloured.append(frame.extents)


def _draw_scale(canvas: Canvas, most: float) -> None:
    """Colours from 0 to the largest share, in steps of its square root, with a share at each quarter."""
    left, length, steps = 0.35, 3.6, 72
    x = left + length / steps * np.arange(steps)
    colours = colormaps["cividis"]((np.arange(steps) + 0.5) / steps)
    canvas.boxes(x, 0.17, length / steps, 0.08, colours, edge=colours, lw=0.3)
    for quarter in np.linspace(0, 1, 5):
        canvas.write(left + length * quarter, 0.15, f"{most * quarter**2:.1%}", size=8, ha="center", va="top")


def _describe(weights, columns: int) -> str:
    row, column = divmod(int(weights.argmax()), columns)
    peak, median = float(weights.max()), float(np.median(weights))
    times = f", which is {peak / median:.1f} times the median" if median > 0 else ""
    return f"largest {number(peak)} at row {row}, column {column}{times}"
