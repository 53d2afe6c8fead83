"""The figure that carries its text alternative, and several of them side by side."""

import base64
import html
import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as MatplotlibFigure
from PIL import Image

# Beside a taller picture the canvas is made longer, not the drawing larger.
_LOOK = "display:block;max-width:100%;height:auto;background:#fff;object-fit:contain;object-position:left top"

# In JupyterLab's dark theme ink and paper change places (white becomes the theme's #111); a matrix's or a
# photograph's own colours, which mean something, stay. An untrusted notebook drops the style: then all stays.
_FRAME = "position:relative;display:inline-block;max-width:100%;line-height:0"
_DARK = (
    "<style>[data-jp-theme-light=false] .rollout-figure{clip-path:inset(1px)}"  # rounded edges
    "[data-jp-theme-light=false] .rollout-ink"
    "{position:absolute;inset:0;pointer-events:none;backdrop-filter:invert(.933) hue-rotate(180deg)}</style>"
)


class Figure(MatplotlibFigure):
    """A matplotlib figure with a text alternative in `.alt`; a notebook shows it as an `<img alt=...>`."""

    alt = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.coloured: list[tuple[float, float, float, float]] = []
        """Boxes whose colours carry meaning: left, bottom, right and top in inches."""

    def png(self, dpi: float = 144) -> bytes:
        """The picture as PNG bytes, `dpi` pixels to the inch."""
        self.set_dpi(dpi)
        canvas = FigureCanvasAgg(self)
        canvas.draw()
        buffer = io.BytesIO()
        # Nothing shines through white: without the alpha channel the file is smaller and sooner done.
        Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy()).save(
            buffer, "png", compress_level=3
        )
        return buffer.getvalue()

    def html(self, dpi: float = 144) -> str:
        """The picture as an HTML `<img>` with its text alternative and its size in CSS pixels."""
        width, height = (round(96 * side) for side in self.get_size_inches())
        data = base64.b64encode(self.png(dpi)).decode("ascii")
        return (
            f'<span class="rollout-figure" style="{_FRAME}">'
            f'<img alt="{html.escape(self.alt)}" width="{width}" height="{height}" '
            f'style="{_LOOK}" src="data:image/png;base64,{data}">'
            f'<span class="rollout-ink" style="clip-path:{self._all_but_coloured()}"></span>{_DARK}</span>'
        )

    def _all_but_coloured(self) -> str:
        """The picture's outline with holes, as a CSS polygon in per cent of its width and height."""
        wide, high = self.get_size_inches()
        points = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
        for left, bottom, right, top in self.coloured:
            x0, x1, y0, y1 = (
                100 * part for part in (left / wide, right / wide, 1 - top / high, 1 - bottom / high)
            )
            points += [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0), (0, 0)]
        return f"polygon(evenodd,{','.join(f'{x:.4g}% {y:.4g}%' for x, y in points)})"

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
        return f'<div style="display:flex;flex-wrap:wrap">{images}</div>'

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.alt, "text/html": self.html()}


side_by_side = Pictures
