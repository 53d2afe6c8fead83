"""Build the notebooks that students open from the lessons' text form."""

from __future__ import annotations

import re
from pathlib import Path

from .notebooks import code, markdown, notebook_text


def lesson_notebook(path: Path) -> str:
    """The text of the notebook built from a lesson in jupytext's ``py:percent`` form."""
    import jupytext

    notebook = jupytext.reads(path.read_text("utf-8"), fmt="py:percent")
    make = {"markdown": markdown, "code": code}
    return notebook_text(
        f"course/{path.stem}",
        [make[cell.cell_type](cell.source, **_kept(cell.metadata)) for cell in notebook.cells],
    )


def _kept(metadata: dict) -> dict:
    return {name: value for name, value in metadata.items() if name in ("tags", "jupyter")}


def lesson_title(path: Path) -> str:
    """The title of a lesson in its text form."""
    return re.search(r"^# # (.+)$", path.read_text("utf-8"), re.MULTILINE)[1]


def section_titles(path: Path) -> dict[str, str]:
    """The titles of a lesson's sections by the anchors with which items name them."""
    titles = re.findall(r"^# ## (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-"): title for title in titles}
