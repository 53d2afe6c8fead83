"""Make the pictures of `course/README.md` by the lessons' own cells: `python -m tools.make_gallery [NN ...]`.

A PNG carries its text alternative, and the cell that drew it: a test finds a cell that has changed since.
"""

import base64
import html
import io
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from rollout_lab.classroom.build.gallery import ALT, CELL, Shown, gallery

REPO = Path(__file__).parents[1]
_PICTURE = re.compile(r'<img alt="([^"]*)"[^>]*src="data:image/png;base64,([^"]+)"')


def picture_of(lesson: Shown) -> Image.Image:
    """The last picture that the lesson's cell draws; the cells before it are run, too."""
    notebook = nbformat.read(REPO / "course" / f"{lesson.name}.ipynb", as_version=4)
    sources = [cell.source for cell in notebook.cells]
    notebook.cells = notebook.cells[: sources.index(lesson.cell) + 1]
    NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": REPO / "course"}}
    ).execute()
    shown = [output.data.get("text/html", "") for output in notebook.cells[-1].outputs if "data" in output]
    alt, data = _PICTURE.findall("".join(shown))[-1]
    picture = Image.open(io.BytesIO(base64.b64decode(data)))
    picture.info = {ALT: html.unescape(alt)}
    return picture


def save(picture: Image.Image, lesson: Shown) -> None:
    """Write a picture in few colours, with what is said of it."""
    said = PngInfo()
    said.add_itxt(ALT, picture.info[ALT])
    said.add_itxt(CELL, lesson.cell)
    picture.convert("RGB").quantize(64).save(REPO / lesson.picture, "png", optimize=True, pnginfo=said)


if __name__ == "__main__":
    for each in gallery(REPO):
        if each.name[:2] in sys.argv[1:] or not sys.argv[1:]:
            save(picture_of(each), each)
            print(each.picture)
