"""Build the notebooks that students open from the lessons' text form."""

from __future__ import annotations

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
