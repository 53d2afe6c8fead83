"""Hand-ins from other editors and Pythons: what is no change is not named as one, what differs is said."""

from __future__ import annotations

import logging

import nbformat
import pytest
from nbgrader.preprocessors import OverwriteCells

from rollout_lab.classroom.preprocessors import RepairCells

from .broken import QUIZ, find
from .playing import Classroom, fill_in, right_answers


@pytest.fixture(scope="module")
def released(tmp_path_factory, course, keys):
    """A course with quiz 1 released, and the release filled in with right answers."""
    classroom = Classroom(tmp_path_factory.mktemp("versions"))
    (assignment,) = (a for a in course.assignments if a.name == QUIZ)
    fill_in(classroom.release(QUIZ) / f"{QUIZ}.ipynb", right_answers(course, keys, assignment))
    return classroom


@pytest.fixture
def right(released):
    """The quiz with right answers, to be changed."""
    return nbformat.read(released.course / "release" / QUIZ / f"{QUIZ}.ipynb", as_version=4)


def sanitised(classroom: Classroom, notebook, caplog) -> tuple[nbformat.NotebookNode, list[str]]:
    """A hand-in as nbgrader's first steps leave it, and what they tell the instructor."""
    database = f"sqlite:///{classroom.course / 'gradebook.db'}"
    resources = {"nbgrader": {"notebook": QUIZ, "assignment": QUIZ, "db_url": database}}
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        for step in (RepairCells, OverwriteCells):
            notebook, resources = step(log=logging.getLogger()).preprocess(notebook, resources)
    return notebook, [record.getMessage() for record in caplog.records]


EDITORS = {
    "line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "line ends of an old Mac": lambda text: text.replace("\n", "\r"),
    "mixed line ends": lambda text: text.replace("\n", "\r\n", 1),
    "a tab for four spaces": lambda text: text.replace("    ", "\t"),
    "a tab for eight spaces": lambda text: text.replace("        ", "\t"),
    "blanks at line ends": lambda text: text.replace("\n", " \n") + "\n",
    "all at once": lambda text: text.replace("    ", "\t").replace("\n", "\t\r\n") + "\r\n",
}


@pytest.mark.parametrize("editor", EDITORS)
def test_what_an_editor_does_to_all_cells_is_no_change_of_the_quiz(released, right, caplog, editor):
    given, _said = sanitised(released, nbformat.from_dict(right), caplog)
    sources = {
        cell.metadata.nbgrader.grade_id: cell.source for cell in given.cells if "nbgrader" in cell.metadata
    }
    for cell in right.cells:
        cell.source = EDITORS[editor](cell.source)
    notebook, said = sanitised(released, right, caplog)
    assert said == []
    for cell in notebook.cells:
        assert "\r" not in cell.source
        if cell.metadata.get("nbgrader", {}).get("locked"):
            assert cell.source == sources[cell.metadata.nbgrader.grade_id]


@pytest.mark.parametrize(
    "change",
    [("np", "numpy"), ("\n", "\n\n\n"), ("softmax", " softmax")],
    ids=["a word", "lines", "an indent"],
)
def test_a_changed_cell_of_the_quiz_is_named_and_put_back_also_with_other_line_ends(
    released, right, caplog, change
):
    cell = right.cells[find(right, "check_softmax")]
    given = cell.source
    cell.source = given.replace(*change).replace("\n", "\r\n")
    notebook, said = sanitised(released, right, caplog)
    (line,) = said
    assert line.startswith("Attribute 'checksum' for cell check_softmax has changed!")
    assert notebook.cells[find(notebook, "check_softmax")].source == given
