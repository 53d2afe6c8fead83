"""course/README.md: what a visitor to a code host sees of each lesson before anything is installed."""

import tomllib
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from .bank import load_course
from .minutes import announced
from .notebooks import lesson_cells

WORDS = Path("course/text/gallery.toml")
PAGE = Path("course/README.md")
ALT, CELL = "Description", "Source"
"""Under these names a picture's PNG carries its text alternative, and the cell that drew it."""


class Shown(NamedTuple):
    """A lesson's name, its title, its file's words and the cell and the file of its picture."""

    name: str
    title: str
    says: str
    text: str
    cell: str
    picture: Path


def gallery(repo: Path) -> list[Shown]:
    """What is shown of each lesson, in order. Raises ValueError for a picture that no cell draws."""
    found = []
    for name, entry in tomllib.loads((repo / WORDS).read_text("utf-8")).items():
        cells = lesson_cells(repo / "course" / "text" / f"{name}.py")
        opening = f"# {entry['picture']}\n"
        drawn = [cell["source"] for cell in cells if cell["source"].startswith(opening)]
        if len(drawn) != 1:
            raise ValueError(f"{WORDS}: {len(drawn)} cells of {name} begin with {opening!r}; expected one")
        title = cells[0]["source"].splitlines()[0].removeprefix("# ")
        picture = Path("docs/pictures") / f"{name[:2]}.png"
        found.append(Shown(name, title, entry["says"].replace("\n", " "), entry["text"], drawn[0], picture))
    return found


def built_gallery(repo: Path) -> str:
    """The text of course/README.md."""
    course, lines = load_course(repo / "quizzes" / "bank"), [_BEFORE]
    for lesson in gallery(repo):
        minutes = announced(course, repo / "course" / "text" / f"{lesson.name}.py")["minutes"]
        if not (repo / lesson.picture).exists():
            raise FileNotFoundError(f"{lesson.picture} is missing; make it with python -m tools.make_gallery")
        with Image.open(repo / lesson.picture) as picture:
            alt = picture.info.get(ALT, "")
        lines.append(
            f"## [{lesson.name[:2]} {lesson.title}]({lesson.name}.ipynb)\n\n"
            f"{lesson.says} *{minutes} minutes.*\n\n"
            f'<img src="../{lesson.picture.as_posix()}" width="620" alt="{_escaped(alt)}">\n\n'
            f"In the commissioned text: {_escaped(lesson.text)}.\n"
        )
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace("\n", " ")


_BEFORE = """\
# The lessons

Each notebook opens with what you will be able to do, and asks you to predict before it shows. The pictures
below are drawn by the lessons' own cells; there you can move them. To run the lessons: `make lab`, see the
[README](../README.md). To read ahead, or to look something up: the [cheat sheet](cheat_sheet.html), one page
to print. What to know before: the [refresher](refresher.ipynb).

*(This page is built from `text/gallery.toml` and the lessons.)*
"""
