"""Make what the first cell of lesson 00 shows before it is run: `python -m tools.make_opening`."""

import base64
import io
import re
from pathlib import Path
from typing import Any

from PIL import Image

from rollout_lab.classroom.build.notebooks import lesson_cells
from rollout_lab.figures import Figure

LESSON = Path(__file__).parents[1] / "course" / "text" / "00_start_here.py"
PICTURE = LESSON.with_suffix(".html")
_DATA = re.compile(r"(?<=data:image/png;base64,)[^\"]+")


def opening() -> Figure:
    """The picture of the explorer that the lesson's first cell makes."""
    first = next(cell for cell in lesson_cells(LESSON) if cell["cell_type"] == "code")
    *lines, explorer = first["source"].splitlines()
    namespace: dict[str, Any] = {}
    exec("\n".join(lines), namespace)
    return eval(explorer, namespace).figure()


def small(figure: Figure) -> str:
    """The picture as HTML, in 32 colours: every copy of the lesson holds it."""
    html = figure.html(120)
    picture = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(_DATA.findall(html)[0]))).quantize(32).save(
        picture, "png", optimize=True
    )
    return _DATA.sub(base64.b64encode(picture.getvalue()).decode("ascii"), html)


if __name__ == "__main__":
    PICTURE.write_text(small(opening()) + "\n", "utf-8", newline="\n")
