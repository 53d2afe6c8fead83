"""The figure that carries its text alternative, and several of them side by side."""

import base64
import html
import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as MatplotlibFigure
from PIL import Image

# Beside a taller picture the canvas is made longer, not the drawing larger.
_LOOK = "max-width:100%;height:auto;background:#fff;object-fit:contain;object-position:left top"


class Figure(MatplotlibFigure):
    """A matplotlib figure with a text alternative in `.alt`; a notebook shows it as an `<img alt=...>`."""

    alt = ""

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
        """The picture as an HTML `<img>`, with its text alternative and its size in CSS pixels."""
        width, height = (round(96 * side) for side in self.get_size_inches())
        data = base64.b64encode(self.png(dpi)).decode("ascii")
        return (
            f'<img alt="{html.escape(self.alt)}" width="{width}" height="{height}" '
            f'style="{_LOOK}" src="data:image/png;base64,{data}">'
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
        return f'<div style="display:flex;flex-wrap:wrap">{images}</div>'

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.alt, "text/html": self.html()}


side_by_side = Pictures
