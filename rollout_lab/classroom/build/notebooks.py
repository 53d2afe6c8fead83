"""Notebooks that come out the same to the byte, and the lessons' made from their text form."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from html import unescape
from pathlib import Path
from typing import Any

Cell = dict[str, Any]
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def markdown(source: str, **metadata: Any) -> Cell:
    """A Markdown cell."""
    return {"cell_type": "markdown", "metadata": metadata, "source": source.strip("\n")}


def code(source: str, **metadata: Any) -> Cell:
    """A code cell without outputs."""
    return markdown(source, **metadata) | {"cell_type": "code", "execution_count": None, "outputs": []}


def notebook_text(name: str, cells: Iterable[Cell]) -> str:
    """The text of the notebook file `name` with these cells; an edit changes the edited cells' ids alone."""
    seen: Counter[str] = Counter()
    done = []
    for cell in cells:
        content = f"{name}\n{cell['cell_type']}\n{cell['source']}"
        seen[content] += 1
        digest = hashlib.sha256(f"{content}\n{seen[content]}".encode()).hexdigest()
        done.append({**cell, "id": digest[:12], "source": cell["source"].splitlines(keepends=True)})
    notebook = {"cells": done, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


FOLDED = ("# Question:", "# Picture:", "# Explorer:", "# What came out", "# Check yourself", "# Break it")
"""What the first line of a lesson's cell begins with if its code is folded away: only that line is seen."""
DEEPER = "## Deeper"
"""How the title of a section begins that is folded when a lesson is opened."""


def lesson_cells(path: Path) -> list[Cell]:
    """The cells of a lesson in jupytext's `py:percent` form."""
    import jupytext

    cells = []
    for cell in jupytext.reads(path.read_text("utf-8"), fmt="py:percent").cells:
        kept = {name: value for name, value in cell.metadata.items() if name in ("tags", "jupyter")}
        if cell.cell_type == "code" and cell.source.startswith(FOLDED):
            kept["jupyter"] = {"source_hidden": True}
        elif cell.cell_type == "markdown" and cell.source.startswith(DEEPER):
            kept["jp-MarkdownHeadingCollapsed"] = True
        cells.append((markdown if cell.cell_type == "markdown" else code)(cell.source, **kept))
    return cells


def lesson_notebook(path: Path, minutes: Mapping[str, str]) -> str:
    """The text of the notebook built from a lesson; `minutes` holds what stands for `{name}` in its prose.

    What its first code cell shows before it is run stands in an HTML file beside the lesson, if at all.
    """
    cells = lesson_cells(path)
    if (opening := path.with_suffix(".html")).exists():
        html = opening.read_text("utf-8").strip()
        shown = {"text/html": html, "text/plain": unescape(re.findall('alt="([^"]*)"', html)[0])}
        first = next(cell for cell in cells if cell["cell_type"] == "code")
        first["outputs"] = [{"output_type": "display_data", "data": shown, "metadata": {}}]
    for cell in cells:
        if cell["cell_type"] == "markdown":
            for name, text in minutes.items():
                cell["source"] = cell["source"].replace(f"{{{name}}}", text)
    return notebook_text(f"course/{path.stem}", cells)


def lesson_title(path: Path) -> str:
    """The title of a lesson in its text form."""
    return re.findall(r"^# # (.+)$", path.read_text("utf-8"), re.MULTILINE)[0]


def section_titles(path: Path) -> dict[str, str]:
    """The titles of a lesson's sections by the anchors with which items name them."""
    titles = re.findall(r"^# ## (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-"): title for title in titles}
