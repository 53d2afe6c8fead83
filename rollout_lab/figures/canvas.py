"""A white canvas measured in inches, on which every figure is drawn.

Matplotlib's axes cost 6 ms each and a line of its text 1 ms, too much for a slider with sixty labels beside
it. A canvas has no axes, and its text is cached outlines drawn as one shape.
"""

import warnings
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection, QuadMesh
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

from .picture import Figure

INK, GREY, MARK = "#1a1a1a", "#595959", "#c2410c"
# Dark enough for text on white (contrast above 4.5), and told apart by dash, marker and hatch as well.
SERIES: tuple[dict[str, Any], ...] = (
    {"color": "#1f3b73", "linestyle": "-", "marker": "o", "texture": "full"},
    {"color": "#b34700", "linestyle": (0, (5, 1.5)), "marker": "s", "texture": "full striped"},
    {"color": "#00705a", "linestyle": (0, (5, 1.5, 1, 1.5)), "marker": "^", "texture": "hollow"},
    {"color": "#8a2f78", "linestyle": (0, (1.2, 1.2)), "marker": "D", "texture": "hollow striped"},
    {"color": "#4d4d4d", "linestyle": (0, (8, 2)), "marker": "v", "texture": "full split"},
    {"color": "#7a5c00", "linestyle": (0, (3, 1, 1, 1, 1, 1)), "marker": "P", "texture": "hollow split"},
)
MAX_WIDTH = 7.3  # inches; 701 CSS pixels fit the output of a notebook cell in a window 900 pixels wide
MIN_WIDTH = 4.8  # inches; a long title gets this much, whatever the picture needs
TITLE = 11.5  # points

_POINTS = 10  # the size at which text is measured
_LINE = 1.22  # distance of two baselines, in sizes of the letters
_RISE = {"baseline": 0.0, "center": 0.365, "top": 0.76, "bottom": -0.24}  # of the baseline under the anchor


class Canvas:
    """A canvas `width` by `height` inches plus its title, origin at the lower left corner."""

    def __init__(self, width: float, height: float, title: str | None = None):
        if title:
            width = max(width, min(MIN_WIDTH, text_width(title, TITLE, bold=True) + 0.25))
            title = wrap(title, width - 0.2, TITLE, bold=True)
        room = 0.14 + 0.195 * (title.count("\n") + 1) if title else 0.05
        self.width, self.height, self.top = width, height + room, height
        self.figure = Figure(figsize=(width, self.height), facecolor="white")
        self.inches = self.figure.dpi_scale_trans
        self._letters: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
        if title:
            self.write(0.1, self.height - 0.07, title, size=TITLE, bold=True, va="top")

    def write(self, x, y, text, *, size=9, bold=False, color=INK, ha="left", va="center", turn=0) -> None:
        """Text anchored at (x, y), turned counterclockwise by `turn` degrees; lines break at newlines."""
        cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        lines = text.split("\n")
        first = -_RISE[va] * size / 72
        if va == "center":
            first += (len(lines) - 1) * _LINE * size / 144
        elif va == "bottom":
            first += (len(lines) - 1) * _LINE * size / 72
        for number, line in enumerate(lines):
            vertices, codes = _outline(line, size, bold)
            if not len(vertices):
                continue
            shift = {"left": 0, "center": -0.5, "right": -1}[ha] * text_width(line, size, bold)
            offset = np.array([shift, first - number * _LINE * size / 72])
            turned = (vertices + offset) @ np.array([[cos, sin], [-sin, cos]]) + np.array([x, y])
            self._letters.setdefault(color, []).append((turned, codes))

    def boxes(self, x, y, width, height, color, *, edge="none", lw=0, zorder=2) -> None:
        """Rectangles with lower left corners at (x, y); every argument may be a number or one for each."""
        x, y, width, height = np.broadcast_arrays(*map(np.atleast_1d, (x, y, width, height)))
        corners = np.stack([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
        if isinstance(color, str) and isinstance(edge, str):
            points = corners[[0, 1, 2, 3, 0]].transpose(2, 0, 1).reshape(-1, 2)
            codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
            path = Path(points, np.tile(codes, len(points) // 5))
            self._add(PathPatch(path, facecolor=color, edgecolor=edge, linewidth=lw, zorder=zorder))
            return
        self.figure.coloured.append((x.min(), y.min(), (x + width).max(), (y + height).max()))
        look = {"facecolors": color, "edgecolors": edge, "linewidths": lw, "zorder": zorder}
        self._add(PolyCollection(list(corners.transpose(2, 0, 1)), **look))

    def mesh(self, xs, ys, side, colours) -> None:
        """Squares that touch, centred on columns `xs` and rows `ys`: many times quicker than as boxes."""
        across = np.append(xs - side / 2, xs[-1] + side / 2)
        down = np.append(ys + side / 2, ys[-1] - side / 2)
        self.figure.coloured.append((across[0], down[-1], across[-1], down[0]))
        corners = np.stack(np.meshgrid(across, down), axis=-1)
        self._add(QuadMesh(corners, facecolors=colours, antialiased=False, zorder=2))

    def bars(self, x, y, width, height, color, texture="full", *, upright=True) -> None:
        """Boxes that are told apart by more than their colour; matplotlib's hatches take 20 ms a row."""
        x, y, width, height = np.broadcast_arrays(*map(np.atleast_1d, (x, y, width, height)))
        hollow = texture.startswith("hollow")
        inset = 0.012 if hollow else 0.0
        face, edge = ("white", color) if hollow else (color, "none")
        self.boxes(x + inset, y, width - 2 * inset, height, face, edge=edge, lw=1.4 if hollow else 0)
        ink = color if hollow else "white"
        ends = []
        for left, low, wide, high in zip(x, y, width, height, strict=True):
            across, along = (wide, high) if upright else (high, wide)
            cuts = []
            if "striped" in texture:
                steps = np.copysign(np.arange(0.05, abs(along) - 0.015, 0.05), along)
                cuts = [((0.0, at), (across, at)) for at in steps]
            elif "split" in texture:
                cuts = [((across / 2, 0.0), (across / 2, along))]
            for cut in cuts:
                ends.append([(left + a, low + b) if upright else (left + b, low + a) for a, b in cut])
        if ends:
            self.strokes(ends, color=ink, lw=1.1, zorder=2.5)

    def polygons(self, corners, color, *, zorder=2) -> None:
        """Filled polygons, `(n, corners, 2)`."""
        self._add(PolyCollection(corners, facecolors=color, edgecolors="none", zorder=zorder))

    def strokes(self, segments, *, color=INK, lw=0.8, dash="-", zorder=2) -> None:
        """Straight lines, `(n, 2, 2)` from point to point; `color` and `lw` may hold one for each."""
        if isinstance(color, str) and np.ndim(lw) == 0:  # one shape, in half the time
            points = np.reshape(segments, (-1, 2))
            path = Path(points, np.tile([Path.MOVETO, Path.LINETO], len(points) // 2))
            look = {"edgecolor": color, "linewidth": lw, "linestyle": dash, "capstyle": "butt", "fill": False}
            self._add(PathPatch(path, **look, zorder=zorder))
            return
        look = {"colors": color, "linewidths": lw, "linestyles": dash, "capstyle": "butt", "zorder": zorder}
        self._add(LineCollection(segments, **look))

    def curve(self, xs, ys, *, zorder=3, **look) -> None:
        """One line through points, or its markers; `look` as in matplotlib's Line2D."""
        self._add(Line2D(xs, ys, zorder=zorder, **look))

    def finish(self, alt: str) -> Figure:
        """The figure, with everything written on it."""
        for color, pieces in self._letters.items():
            vertices, codes = (np.concatenate(part) for part in zip(*pieces, strict=True))
            outline = Path(vertices, codes)
            self._add(PathPatch(outline, facecolor=color, linewidth=0, zorder=6))
        self.figure.alt = alt
        return self.figure

    def _add(self, artist) -> None:
        artist.set_transform(self.inches)
        artist.set_clip_on(False)
        self.figure.add_artist(artist, clip=False)


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width in inches of a line of text at `size` points."""
    return _advance(text, bold) * size / 72


def wrap(text: str, width: float, size: float, bold: bool = False) -> str:
    """Break text into lines that fit `width` inches at `size` points; lines already broken stay so."""
    wrapped = []
    for line in text.split("\n"):
        current = ""
        for word in line.split():
            longer = f"{current} {word}".strip()
            if current and text_width(longer, size, bold) > width:
                wrapped.append(current)
                longer = word
            current = longer
        wrapped.append(current)
    return "\n".join(wrapped)


def key_places(names, width: float, sign: float) -> list[tuple[int, float]]:
    """Row and start, in inches, of each entry of a key: a sign and a name. Rows are at most `width` long."""
    places, row, start = [], 0, 0.0
    for name in names:
        wide = sign + text_width(name, 9)
        if start and start + wide > width:
            row, start = row + 1, 0.0
        places.append((row, start))
        start += wide + 0.25
    return places


def lean_of(names, size: float, pitch: float) -> tuple[int, float]:
    """Degrees by which names must turn to fit under columns `pitch` inches wide, and their height then."""
    widest = max(text_width(name, size) for name in names)
    if widest <= 0.9 * pitch:
        return 0, 0.2
    if pitch >= 0.19:
        return 45, 0.72 * widest + 0.13
    return 90, widest + 0.08


def name_columns(canvas: Canvas, xs, y, names, size: float, lean: int, bold=(), above=False) -> None:
    """Names beneath the columns, or above them, turned by `lean` degrees."""
    ha = "center" if not lean else "left" if above else "right"
    va = "center" if lean else "bottom" if above else "top"
    dx, dy = (0.0, 0.0) if lean != 45 else (0.02, 0.03) if above else (0.0, -0.03)
    for i, (x, name) in enumerate(zip(xs, names, strict=True)):
        canvas.write(x + dx, y + dy, name, size=size, bold=i in bold, turn=lean, ha=ha, va=va)


@lru_cache(maxsize=4096)
def _advance(text: str, bold: bool) -> float:
    """Width of a line of text in sizes of its letters."""
    with _missing_letters_allowed():
        return text_to_path.get_text_width_height_descent(text, _font(bold), ismath=False)[0] / _POINTS


@lru_cache(maxsize=4096)
def _outline(text: str, size: float, bold: bool) -> tuple[np.ndarray, np.ndarray]:
    """The outline of a line of text in inches, its baseline starting at the origin."""
    with _missing_letters_allowed():
        vertices, codes = text_to_path.get_text_path(_font(bold), text, ismath=False)
    scale = size / text_to_path.FONT_SCALE / 72
    return np.asarray(vertices, dtype=float).reshape(-1, 2) * scale, np.asarray(codes, dtype=np.uint8)


@contextmanager
def _missing_letters_allowed():
    with warnings.catch_warnings():
        # A token in a script that the font lacks shows as boxes here, and in full in the text alternative.
        warnings.filterwarnings("ignore", message=r"Glyph (.|\n)* missing from")
        yield


@lru_cache(maxsize=2)
def _font(bold: bool) -> FontProperties:
    return FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal", size=_POINTS)
