"""Validate names what grading would mend, in words for a student, and goes on."""

import copy
import io
import json
import re

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.server_extensions.validate_assignment.handlers import ValidateAssignmentHandler
from nbgrader.validator import Validator

from rollout_lab.classroom.grade.validate import AGAIN, mend, nbgrader_s_validate, validate
from rollout_lab.launch import SETTINGS

from ..nbgrader_class import read
from ..submission.broken import FULL, QUIZ, SHELF, find

MENDED = {
    "answer_cell_copied": [
        r"This cell \(number 22 from the top\) is a copy of the cell softmax \(number 21\)"
    ],
    "hidden_test_cell_copied": [
        r"\(number 36 from the top\) is a copy of the cell test_softmax \(number 23\)"
    ],
    "all_cells_pasted_twice": [r"\(number \d+ from the top\) is a copy of the cell \w+ \(number \d+\)"] * 33,
    "answer_cell_split": [r"\(number 30 from the top\) is a copy of the cell fuse_heads \(number 29\)"],
    "every_locked_cell_deleted": [r"The quiz's own cell (check|test)_\w+ is missing"] * 16,
    "answer_cell_deleted_and_written_anew": ["The cell for your answer to softmax is missing"],
    "cells_in_reverse_order": ["Cells of the quiz do not stand in the order"],
    "test_cell_moved_to_the_top": ["Cells of the quiz do not stand in the order"],
    "answer_cell_turned_into_markdown": [
        r"\(attention_weights, number 25 .* was a code cell and is a markdown"
    ],
    "answer_cell_turned_raw": [r"\(q1, number 5 .* was a code cell and is a raw cell now"],
    "locked_cells_unlocked_and_edited": [r"The quiz's own cell \w+ is not as it was handed out"] * 25,
    "points_raised_by_the_student": [r"The quiz's own cell (check|test)_\w+ is not as it was handed out"]
    * 16,
    "metadata_of_another_type": ["The quiz's own cell check_q1 is missing"],
    "another_kernel": ["asks for the kernel 'ir', which is not on this machine"],
    "saved_by_vs_code": ["asks for the kernel 'venv', which is not on this machine"],
}
"""What Validate says of a notebook on the shelf, a pattern for each thing; of the others it says nothing."""


@pytest.fixture
def right(answered):
    """The quiz with right answers, to be changed."""
    return read(answered.course / "release" / QUIZ / f"{QUIZ}.ipynb")


@pytest.fixture
def printed(answered, tmp_path):
    """What `nbgrader validate` prints of a notebook; for the kernel nbgrader's own configuration holds."""

    def run(notebook: dict | str) -> str:
        path = tmp_path / f"{QUIZ}.ipynb"
        path.write_text(notebook if isinstance(notebook, str) else json.dumps(notebook), "utf-8")
        validator = Validator(config=answered.config)
        validator.stream = io.StringIO()
        validator.validate_and_print(str(path))
        return validator.stream.getvalue()

    return run


def mended(notebook: dict) -> tuple[nbformat.NotebookNode, list[str]]:
    """A notebook after mending, and what its student reads of each thing, before any cell has run."""
    node = nbformat.from_dict(nbformat.reads(json.dumps(notebook), as_version=4))
    return node, [" ".join(text.split()) for _source, text in mend(node)]


@pytest.mark.parametrize(
    "name", [name for name, (_break, expected, _told) in SHELF.items() if expected == FULL]
)
def test_what_grading_mends_is_named_and_the_check_can_go_on(right, name):
    files = SHELF[name][0](right)
    notebook, said = mended(json.loads(files[f"{QUIZ}.ipynb"]))
    assert len(said) == len(MENDED.get(name, [])), said
    for text, pattern in zip(said, MENDED.get(name, []), strict=True):
        assert re.search(pattern, text)
    MetadataValidator().validate_nb(notebook)


def test_advice_is_given_once_for_all_things_of_a_kind(right):
    _notebook, said = mended(json.loads(SHELF["every_locked_cell_deleted"][0](right)[f"{QUIZ}.ipynb"]))
    assert [AGAIN in text for text in said] == [True] + [False] * 15


def test_a_deleted_setup_cell_is_named(right):
    del right["cells"][find(right, "setup")]
    _notebook, (said,) = mended(right)
    assert said.startswith("The quiz's own cell setup is missing. Grading puts it back")


def test_a_copied_cell_is_named_and_the_other_answers_are_checked(right, printed):
    position = find(right, "softmax")
    right["cells"].insert(position + 1, copy.deepcopy(right["cells"][position]) | {"id": "copied"})
    right["cells"][find(right, "q1")]["source"] = 'answer_q1 = ""'
    text = printed(right)
    assert "2 THING(S) TO LOOK AT" in text
    assert text.index("is a copy of the cell softmax (number 21)") < text.index("q1 is not answered yet")
    assert "Traceback" not in text
    assert "corrupted" not in text
    assert "..." not in text.replace('"""', "")  # nbgrader cuts lines that are too long


def test_a_cell_that_ends_the_process_is_told_of(right, printed):
    right["cells"][find(right, "q1")]["source"] = "import os\nos._exit(1)"
    assert "A cell ended the notebook's process" in printed(right)


def test_metadata_that_cannot_be_mended_here_are_told_of(right, printed):
    right["cells"][find(right, "check_q1")]["metadata"]["nbgrader"]["cell_type"] = "markdown"
    text = printed(right)
    assert "What nbgrader keeps beside the cells is damaged" in text
    assert "Traceback" not in text


def test_a_file_that_is_no_notebook_is_named_with_the_reason(printed):
    assert f"{QUIZ}.ipynb breaks off at line 1: it was cut short" in printed('{"cells": [')


def test_a_notebook_of_another_shape_is_checked_and_what_cannot_be_read_is_named(right, printed):
    right["cells"][0]["source"] = 7
    right["cells"][1]["outputs"] = "none"
    text = printed({"cells": right["cells"], "metadata": 7})
    assert "1 THING(S) TO LOOK AT" in text
    assert "The text of cell 1 could not be read. For a clean copy get the quiz again" in text


def test_cells_of_another_course_are_not_missed_and_stay_where_they_are():
    ours = {"schema_version": 3, "solution": False, "grade": True, "locked": True, "points": 1, "task": False}
    cells = [
        nbformat.v4.new_code_cell("1", metadata={"nbgrader": ours | {"grade_id": name, "cell_type": "code"}})
        for name in ("test_squares", "squares")
    ]
    notebook, said = mended(nbformat.v4.new_notebook(cells=cells))
    assert said == []
    assert [cell.metadata.nbgrader.grade_id for cell in notebook.cells] == ["test_squares", "squares"]


def test_the_settings_of_a_student_s_jupyterlab_install_it_without_a_clone(monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(SETTINGS / "common"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Validator, "validate", nbgrader_s_validate)
    ValidateAssignmentHandler.load_config(None)
    assert Validator.validate is validate
