"""Steps that `nbgrader_config.py` adds to nbgrader's own."""

import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook, Notebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from sqlalchemy.exc import SAWarning

from rollout_lab.classroom.notes import limited
from rollout_lab.classroom.submission import quiz_builds
from rollout_lab.classroom.submission.folder import read_left_out
from rollout_lab.classroom.submission.notebook_format import normalise_notebook
from rollout_lab.classroom.submission.python_versions import tell_student, version_gap
from rollout_lab.classroom.submission.repair import (
    MENDED,
    GivenCell,
    Mended,
    called,
    grade_id,
    is_unchanged,
    line_feeds,
    repair,
    same_text,
)

# nbgrader adds a student's first submission in an order of which SQLAlchemy warns three times; it is saved.
warnings.filterwarnings("ignore", category=SAWarning, module=r"nbgrader\.")

PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")  # Markdown may take it for more than text
HIDDEN = "BEGIN HIDDEN TESTS"

Resources = dict[str, Any]


class RepairCells(NbGraderPreprocessor):
    """Restore the metadata, types and order of the quiz's cells before nbgrader reads them.

    What was mended is logged, and listed in a cell at the top of the graded notebook, which feedback shows.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            given = _given_cells(gradebook.find_notebook(names["notebook"], names["assignment"]))
        before = nb.metadata.pop(MENDED, [])
        nb.cells = from_dict(normalise_notebook(nb)[0]["cells"])
        for cell in nb.cells:
            cell.source = line_feeds(cell.source)
        untouched = [cell for cell in nb.cells if is_unchanged(cell)]
        seen = quiz_builds.seen(nb.cells, untouched)
        nb.cells, mended = repair(nb.cells, given)
        if changed := _restore(nb.cells, untouched, given):
            mended.append(Mended("changed", ", ".join(changed)))
        nb.cells, build_notes = quiz_builds.read_by_text(nb.cells, given, seen)
        notes = limited([*map(str, mended), *build_notes])
        for note in notes:
            self.log.warning(note)
        notes = [*limited(map(str, before if isinstance(before, list) else [])), *notes]
        left_out = read_left_out(Path(resources["metadata"]["path"]))
        parts = [_listed("Mended before grading.", notes), _listed("Files that were not taken.", left_out)]
        if text := "\n\n".join(filter(None, parts)):
            nb.cells.insert(0, new_markdown_cell(text))
        return nb, resources


class ExecuteSayingVersions(Execute):
    """nbgrader's `Execute`, with notes where code of a newer Python fails."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        written = dict(nb.metadata)
        nb, resources = super().preprocess(nb, resources)  # which writes its own version into the metadata
        gap = version_gap(written, nb.metadata.get("language_info", {}).get("version", ""))
        names = [called(cell, number) for number, cell in enumerate(nb.cells, 1) if tell_student(cell, gap)]
        if gap and names:
            self.log.warning(gap.for_instructor(names))
        return nb, resources


class CheckPrivateBuild(NbGraderPreprocessor):
    """Refuse to generate a private quiz that is not what `private.yml` makes by now."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        from rollout_lab.classroom.build.repository import differs, private_files

        path = Path(resources["metadata"]["path"]).resolve() / f"{resources['nbgrader']['notebook']}.ipynb"
        repo = path.parents[3]
        text = private_files(repo).get(path.relative_to(repo))
        if text is not None and differs(path, text):
            raise RuntimeError(f"{path} is not what private.yml makes by now. Run: rollout-lab build")
        return nb, resources


def _listed(title: str, lines: Sequence[str]) -> str:
    """Lines of text as a list in Markdown, "" if there are none."""
    text = "".join("\n- " + PUNCTUATION.sub(r"\\\g<0>", each) for each in lines)
    return f"**{title}**\n{text}" if text else ""


def _restore(cells: list[NotebookNode], untouched: list[NotebookNode], given: list[GivenCell]) -> list[str]:
    """Give locked cells the quiz's text, without nbgrader's warning of each; returns which were edited."""
    locked = {each.grade_id: each.source for each in given if each.metadata["locked"]}
    edited = []
    for cell in cells:
        name = grade_id(cell) or ""
        source = locked.get(name, cell.source)
        hidden = HIDDEN in source  # so it is not what was released
        if not (hidden or same_text(cell.source, source) or any(cell is each for each in untouched)):
            edited.append(name)
        cell.source = source
    return edited


def _given_cells(notebook: Notebook) -> list[GivenCell]:
    """The cells of a quiz as the gradebook keeps them since it was generated."""
    graded = {cell.name: cell for cell in notebook.grade_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    given = []
    for cell in notebook.source_cells:
        metadata = {
            "schema_version": 3,
            "grade_id": cell.name,
            "solution": cell.name in solutions,
            "grade": cell.name in graded,
            "locked": cell.locked,
            "task": False,
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
        }
        if cell.name in graded:
            metadata["points"] = graded[cell.name].max_score
        given.append(GivenCell(cell.name, cell.cell_type, cell.source, metadata))
    return given
