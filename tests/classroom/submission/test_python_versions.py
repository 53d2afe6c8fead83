"""Hand-ins from other editors and Pythons: what is no change is not named as one, what differs is said."""

import json
import logging
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import nbformat
import pytest
from nbgrader.preprocessors import OverwriteCells
from packaging.utils import canonicalize_name

from rollout_lab.classroom.grade.assignment import grade
from rollout_lab.classroom.grade.preprocessors import RepairCells
from rollout_lab.classroom.sandbox.interpreter import LIBRARY, InterpreterError, interpreter
from rollout_lab.classroom.sandbox.runner import Cell, Job, run_submission

from ..nbgrader_class import ROOT, Classroom, read
from .broken import QUIZ, find

GUIDE = (ROOT / "quizzes" / "README.md").read_text("utf-8")
NOW = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def right(answered):
    """The quiz with right answers, to be changed."""
    return nbformat.read(answered.course / "release" / QUIZ / f"{QUIZ}.ipynb", as_version=4)


def sanitised(classroom: Classroom, notebook, caplog) -> tuple[nbformat.NotebookNode, list[str]]:
    """A hand-in as nbgrader's first steps leave it, and what they tell the instructor."""
    database = f"sqlite:///{classroom.course / 'gradebook.db'}"
    resources = {
        "nbgrader": {"notebook": QUIZ, "assignment": QUIZ, "db_url": database},
        "metadata": {"path": str(classroom.course / "release" / QUIZ)},
    }
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
    "blanks at line ends": lambda text: text.replace("\n", " \n") + "\n",
    "all at once": lambda text: text.replace("    ", "\t").replace("\n", "\t\r\n") + "\r\n",
    "accents taken apart": lambda text: unicodedata.normalize("NFD", text),
    "blanks that do not break": lambda text: text.replace(" ", "\u00a0"),
    "curly quotes": lambda text: text.replace('"', "\u201c").replace("'", "\u2019"),
    "Unicode's line ends": lambda text: text.replace("\n", "\u2028"),
    "a byte order mark": lambda text: "\ufeff" + text,
}


@pytest.mark.parametrize("editor", EDITORS)
def test_what_an_editor_does_to_all_cells_is_no_change_of_the_quiz(answered, right, caplog, editor):
    given, _said = sanitised(answered, nbformat.from_dict(right), caplog)
    sources = {
        cell.metadata.nbgrader.grade_id: cell.source for cell in given.cells if "nbgrader" in cell.metadata
    }
    for cell in right.cells:
        cell.source = EDITORS[editor](cell.source)
    notebook, said = sanitised(answered, right, caplog)
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
    answered, right, caplog, change
):
    cell = right.cells[find(right, "check_softmax")]
    given = cell.source
    cell.source = given.replace(*change).replace("\n", "\r\n")
    notebook, said = sanitised(answered, right, caplog)
    (line,) = said
    assert line == ("What the quiz itself says had been changed in check_softmax: the original stands again.")
    assert notebook.cells[find(notebook, "check_softmax")].source == given


@pytest.fixture(scope="module")
def another_python(tmp_path_factory):
    """An environment of its own, with all that this one has."""
    folder = tmp_path_factory.mktemp("another") / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (ours,) = (path for path in sys.path if path.endswith("site-packages"))
    theirs = folder / "lib" / f"python{NOW}" / "site-packages"
    theirs.rmdir()
    theirs.symlink_to(ours)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def graded(tmp_path_factory, answered, course):
    """Hand-ins that say which Python they were written in, graded by this one: the class, and the notes."""
    classroom = answered.copy_to(tmp_path_factory.mktemp("newer"))
    softmax = course.items["softmax"].reference
    newer = {"softmax": f"type Scores = what a newer Python reads\n{softmax}"}
    late = {"softmax": "def softmax(scores):\n    from itertools import of_a_newer_python"}
    hand_ins = {
        "newer": ("3.99.1", newer),
        "in-a-call": ("3.99.1", late),
        "runs-all-the-same": ("3.99.1", {}),
        "wrong-in-this-python": (f"{NOW}.1", newer),
        "of-no-known-version": (None, newer),
    }
    for student, (version, given) in hand_ins.items():
        path = classroom.lay_submission(student, QUIZ, given)
        notebook = read(path)
        notebook["metadata"]["language_info"] = {"name": "python", "version": version}
        path.write_text(json.dumps(notebook), "utf-8")
    done = grade(classroom.course, QUIZ, sandboxed=False)
    return classroom, {each.student: each.notes for each in done.now}


def test_the_instructor_is_told_that_versions_differ_where_that_may_be_why_an_answer_fails(graded):
    _classroom, notes = graded
    said = (
        f"softmax: written with Python 3.99, and Python {NOW} could not run it. To grade with the newer one: "
        "rollout-lab grade --python /path/to/python3.99"
    )
    assert notes == {
        "newer": [said],
        "in-a-call": [said],
        "runs-all-the-same": [],
        "wrong-in-this-python": [],
        "of-no-known-version": [],
    }


@pytest.mark.parametrize(
    ("student", "cells"), [("newer", ["softmax", "test_softmax"]), ("in-a-call", ["test_softmax"])]
)
def test_the_student_is_told_too_in_the_cell_that_failed_and_in_the_verdict(graded, student, cells):
    classroom, _notes = graded
    notebook = read(classroom.course / "autograded" / student / QUIZ / f"{QUIZ}.ipynb")
    said = f"saved with Python 3.99 and graded with Python {NOW}"
    told = [
        cell["metadata"]["nbgrader"]["grade_id"]
        for cell in notebook["cells"]
        if said in " ".join(json.dumps(cell.get("outputs", "")).replace("\\n", " ").split())
    ]
    assert told == cells


def test_nbgrader_autograde_tells_it_in_its_log(graded, tmp_path):
    classroom = graded[0].copy_to(tmp_path)
    done = classroom.api.autograde(QUIZ, "newer", force=True)
    assert f"softmax: written with Python 3.99, and Python {NOW} could not run it" in done["log"]


def test_a_class_is_graded_by_the_python_that_the_instructor_names(graded, another_python, tmp_path):
    classroom = graded[0].copy_to(tmp_path)
    here = os.path.relpath(another_python)
    one = ["runs-all-the-same"]
    (done,) = grade(classroom.course, QUIZ, students=one, sandboxed=False, python=here).now
    assert (done.score, done.notes) == (done.max_score, [])
    assert grade(classroom.course, QUIZ, students=one, sandboxed=False, python=here).up_to_date == 1
    with (classroom.course / "nbgrader_config.py").open("a") as settings:
        settings.write(f"\nc.ExecuteInSandbox.python = {str(another_python)!r}\n")
    assert grade(classroom.course, QUIZ, students=one, sandboxed=False).up_to_date == 1


WALLS = pytest.param(True, marks=pytest.mark.needs("bubblewrap"))


@pytest.mark.parametrize("sandboxed", [False, WALLS])
def test_the_named_python_plays_with_this_library_and_its_own_packages(another_python, sandboxed):
    look = (
        "import sys, numpy, rollout_lab\nprint(sys.prefix, numpy.__file__, rollout_lab.__file__, sep='\\n')"
    )
    cells = (Cell("code", "look", look),)
    record = run_submission(Job(cells, sandboxed=sandboxed, python=str(another_python)))
    prefix, numpy, library = record.outputs[0][0]["text"].splitlines()
    assert prefix == str(another_python.parents[1])
    assert Path(library) == LIBRARY
    assert numpy.startswith(prefix)
    assert record.python.startswith(NOW)


def test_a_python_that_cannot_play_is_refused_with_what_it_lacks_and_a_cure(tmp_path):
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    with pytest.raises(InterpreterError) as refused:
        interpreter(str(bare / "bin" / "python"))
    lacks, cure = str(refused.value).split(". Install: ")
    (printed,) = re.findall(r"/python -m pip install ([a-z_ -]+)$", GUIDE, re.MULTILINE)
    assert lacks.startswith(f"{bare}/bin/python lacks what a student's notebook needs: ")
    named = {canonicalize_name(name) for name in printed.split()}
    come_along = {"ipython", "pillow", "traitlets"}  # with ipywidgets and matplotlib
    assert set(lacks.split(": ")[1].split(", ")) == named | come_along
    assert cure.startswith(f"{bare}/bin/python -m pip install ")
    old = tmp_path / "old"
    old.write_text("""#!/bin/sh\necho '["/old", [3, 9], [], {}]'\n""")
    old.chmod(0o755)
    with pytest.raises(InterpreterError, match=r"old is Python 3.9: 3.11 or newer is needed"):
        interpreter(str(old))
    old.write_text(f"""#!/bin/sh\necho '["/new", [3, 99], ["{Path.home()}"], {{}}]'\n""")
    with pytest.raises(InterpreterError, match=r"a sandbox with it would show all that lies there"):
        interpreter(str(old))
    with pytest.raises(InterpreterError, match=r"true does not run as a Python"):
        interpreter(shutil.which("true"))
    with pytest.raises(InterpreterError, match=r"no program 'no-such-python': give the path"):
        interpreter("no-such-python")
