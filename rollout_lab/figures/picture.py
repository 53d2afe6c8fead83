"""What every figure shares: the text alternative, the look, and a canvas measured in inches."""

from __future__ import annotations

import base64
import html
import io
import warnings
from functools import lru_cache

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

INK, GREY, MARK = "#1a1a1a", "#595959", "#c2410c"
# Dark enough for text on white (contrast above 4.5), and told apart by dash, marker and hatch as well.
SERIES = (
    {"color": "#1f3b73", "linestyle": "-", "marker": "o", "hatch": ""},
    {"color": "#b34700", "linestyle": (0, (5, 1.5)), "marker": "s", "hatch": "////"},
    {"color": "#00705a", "linestyle": (0, (5, 1.5, 1, 1.5)), "marker": "^", "hatch": "...."},
    {"color": "#8a2f78", "linestyle": (0, (1.2, 1.2)), "marker": "D", "hatch": "xxxx"},
    {"color": "#4d4d4d", "linestyle": (0, (8, 2)), "marker": "v", "hatch": "----"},
    {"color": "#7a5c00", "linestyle": (0, (3, 1, 1, 1, 1, 1)), "marker": "P", "hatch": "++++"},
)
MAX_WIDTH = 8.5  # inches; 816 CSS pixels fit the output of a notebook cell in a window 900 pixels wide
MIN_WIDTH = 4.8  # inches; a long title gets this much, whatever the picture needs

styled = rc_context(
    {
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": GREY,
        "axes.facecolor": "white",
        "axes.linewidth": 0.8,
        "xtick.color": INK,
        "ytick.color": INK,
        "font.family": "sans-serif",
        "font.size": 9,
        "hatch.linewidth": 0.6,
        # A token may hold a dollar sign; it is text, not mathematics.
        "text.parse_math": False,
    }
)


class Figure(MatplotlibFigure):
    """A matplotlib figure with a text alternative in `.alt`; a notebook shows it as an `<img alt=...>`.

    >>> figure = Figure(figsize=(2, 1))
    >>> figure.alt = "Nothing, on white"
    >>> figure.html()[:61]
    '<img alt="Nothing, on white" width="192" height="96" style="m'
    """

    alt = ""

    def png(self, dpi: float = 144) -> bytes:
        """The picture as PNG bytes, `dpi` pixels to the inch."""
        self.set_dpi(dpi)
        buffer = io.BytesIO()
        with warnings.catch_warnings():
            # A token in a script that the font lacks shows as a box here, in full in the text alternative.
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            FigureCanvasAgg(self).print_png(buffer, pil_kwargs={"compress_level": 3})
        return buffer.getvalue()

    def html(self, dpi: float = 144) -> str:
        """The picture as an HTML `<img>`, with its text alternative and its size in CSS pixels."""
        width, height = (round(96 * side) for side in self.get_size_inches())
        data = base64.b64encode(self.png(dpi)).decode("ascii")
        return (
            f'<img alt="{html.escape(self.alt)}" width="{width}" height="{height}" '
            f'style="max-width:100%;height:auto;background:#fff" src="data:image/png;base64,{data}">'
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.alt, "text/html": self.html()}


class Pictures:
    """Figures shown one beside the other, or one under the other where the width does not suffice."""

    def __init__(self, *figures: Figure):
        self.figures = figures

    @property
    def alt(self) -> str:
        """The text alternatives of all, a line each."""
        return "\n".join(figure.alt for figure in self.figures)

    def html(self, dpi: float = 144) -> str:
        """All pictures as HTML `<img>` elements in a box that wraps."""
        images = "".join(figure.html(dpi) for figure in self.figures)
        return f'<div style="display:flex;flex-wrap:wrap;align-items:start;background:#fff">{images}</div>'

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.alt, "text/html": self.html()}


def side_by_side(*figures: Figure) -> Pictures:
    """Show several figures together, each with its own text alternative.

    >>> len(side_by_side(Figure(), Figure()).figures)
    2
    """
    return Pictures(*figures)


def canvas(width: float, height: float, title: str | None) -> tuple[Figure, float]:
    """A white figure of `width` by `height` inches plus its title, and the height left under the title."""
    if title:
        width = max(width, min(MIN_WIDTH, text_width(title, 11.5, "bold") + 0.25))
    text = wrap(title, width - 0.2, 11.5, "bold") if title else ""
    title_height = 0.12 + 0.2 * (text.count("\n") + 1) if text else 0.05
    figure = Figure(figsize=(width, height + title_height), facecolor="white")
    if text:
        total = height + title_height
        figure.text(
            0.1 / width, 1 - 0.06 / total, text, va="top", fontsize=11.5, fontweight="bold", linespacing=1.15
        )
    return figure, height


def place(figure: Figure, left: float, bottom: float, width: float, height: float):
    """Axes at a position in inches, measured from the lower left corner."""
    w, h = figure.get_size_inches()
    return figure.add_axes((left / w, bottom / h, width / w, height / h))


def plain(axes) -> None:
    """Leave only the two spines that carry ticks."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8.5, length=3)


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width in inches of a line of text at `size` points."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] / 72


def wrap(text: str, width: float, size: float, weight: str = "normal") -> str:
    """Break text into lines that fit `width` inches at `size` points; lines already broken stay so."""
    wrapped = []
    for line in text.split("\n"):
        words, current = line.split(), ""
        for word in words:
            longer = f"{current} {word}".strip()
            if current and text_width(longer, size, weight) > width:
                wrapped.append(current)
                longer = word
            current = longer
        wrapped.append(current)
    return "\n".join(wrapped)


def lean_of(names, size: float, pitch: float) -> tuple[int, float]:
    """Degrees by which names must turn to fit under columns `pitch` inches wide, and their height then."""
    widest = max(text_width(name, size) for name in names)
    if widest <= 0.9 * pitch:
        return 0, 0.2
    if pitch >= 0.19:
        return 45, 0.72 * widest + 0.14
    return 90, widest + 0.08


def name_columns(axes, names, size: float, lean: int) -> None:
    """Token names under the columns, turned by `lean` degrees."""
    axes.set_xticks(range(len(names)), names, fontsize=size)
    axes.tick_params(axis="x", length=0, pad=3)
    if lean:
        va = "top" if lean == 45 else "center"
        for label in axes.get_xticklabels():
            label.set(rotation=lean, ha="right", va=va, rotation_mode="anchor")
