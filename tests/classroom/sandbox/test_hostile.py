"""Hostile submissions through the real grader: what must happen to each, and to all that stand beside."""

import hashlib
import json
import shutil
import socket
import tomllib
from pathlib import Path

import numpy as np
import psutil
import pytest

from rollout_lab.classroom import limits
from rollout_lab.classroom.grade.assignment import grade

from ..nbgrader_class import Classroom, fill_in, read, right_answers, sources

pytestmark = pytest.mark.needs("bubblewrap")
SHELF = tomllib.loads(Path(__file__).with_name("hostile.toml").read_text("utf-8"))["hostile"]
NAMES = [hostile["name"] for hostile in SHELF]
QUIZ = "quiz1_single_layer_attention"
WRONG = "def softmax(scores):\n    return scores"
SECRET, NEIGHBOUR = "the grader's own secret", "what a neighbour wrote"


def digests(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def right(course, keys):
    (assignment,) = (a for a in course.assignments if a.name == QUIZ)
    return right_answers(course, keys, assignment)


@pytest.fixture(scope="module")
def played(tmp_path_factory, right):
    """The class with every hostile submission and a neighbour, graded once: (class, grades, what changed)."""
    classroom = Classroom(tmp_path_factory.mktemp("hostile"))
    with (classroom.course / "nbgrader_config.py").open("a") as settings:
        settings.write("\nc.Execute.timeout = 4\nc.ExecuteInSandbox.memory = 2**30\n")
    released = classroom.release(QUIZ) / f"{QUIZ}.ipynb"
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.MonkeyPatch.context() as patch:
        listener.settimeout(0.1)
        patch.setattr(limits, "FILES_MADE", 2000)
        patch.setenv("ROLLOUT_LAB_SECRET", SECRET)
        meant = {
            "RIGHT": right["softmax"],
            "WRONG": WRONG,
            "COURSE": str(classroom.course),
            "QUIZ": QUIZ,
            "LIBRARY": np.__file__,
            "PORT": str(listener.getsockname()[1]),
        }
        for hostile in [*SHELF, {"name": "neighbour", "code": "RIGHT"}]:
            code = hostile["code"]
            for word, meaning in meant.items():
                code = code.replace(word, meaning)
            folder = classroom.course / "submitted" / hostile["name"] / QUIZ
            folder.mkdir(parents=True)
            shutil.copy(released, folder)
            fill_in(folder / released.name, right | {hostile.get("item", "softmax"): code})
            (folder / "own.txt").write_text(NEIGHBOUR if hostile["name"] == "neighbour" else "")
        before = digests(classroom.course)
        done = grade(classroom.course, QUIZ)
        after = digests(classroom.course)
        with pytest.raises(TimeoutError):
            listener.accept()
    changed = {path for path in before if after.get(path) != before[path]}
    return classroom, {graded.student: graded for graded in done.now}, changed


def autograded(classroom: Classroom, student: str) -> dict:
    return read(classroom.course / "autograded" / student / QUIZ / f"{QUIZ}.ipynb")


def outputs(notebook: dict) -> str:
    """All that the cells of a notebook show."""
    shown = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    return "\n".join(json.dumps(output, ensure_ascii=False) for output in shown)


@pytest.mark.parametrize("hostile", SHELF, ids=NAMES)
def test_a_hostile_submission_gets_what_it_deserves_and_the_instructor_a_note(played, course, hostile):
    classroom, graded, _changed = played
    notes = graded[hostile["name"]].notes
    assert graded[hostile["name"]].score is not None, notes
    scores = classroom.scores(QUIZ, hostile["name"])
    expected = {item: course.points(item) for item in scores}
    expected[hostile.get("item", "softmax")] *= hostile.get("score", 1)
    assert scores == expected, notes
    if hostile.get("note") != "":
        assert any(note.startswith(hostile["note"]) for note in notes) if "note" in hostile else not notes
    assert hostile.get("seen", "") in outputs(autograded(classroom, hostile["name"]))


@pytest.mark.parametrize("student", NAMES)
def test_nothing_is_read_that_is_not_the_submission_s_own(played, student):
    classroom, *_ = played
    notebook = autograded(classroom, student)
    shown = outputs(notebook)
    sealed = [
        line
        for name, text in sources(notebook).items()
        if name.startswith("test_")
        for line in text.splitlines()
    ]
    secrets = [line for line in sealed if len(line) >= 60]
    assert secrets
    telling = ("SQLite format", "FOUND /", "REACHED", "WRITTEN", "<script", "0.7331")
    for secret in (*secrets, SECRET, NEIGHBOUR, *telling):
        assert secret not in shown


def test_nothing_is_changed_but_the_gradebook(played):
    classroom, _graded, changed = played
    assert changed == {str(classroom.course / "gradebook.db")}


def test_a_neighbour_s_grade_is_what_it_would_be_without_them(played, course):
    classroom, graded, _changed = played
    assert graded["neighbour"].notes == []
    assert classroom.scores(QUIZ, "neighbour") == {
        i: course.points(i) for i in classroom.scores(QUIZ, "neighbour")
    }


@pytest.mark.usefixtures("played")
def test_no_process_outlives_the_grading():
    everywhere = psutil.process_iter(["cmdline"])
    assert [p.pid for p in everywhere if "98765" in (p.info["cmdline"] or [])] == []


@pytest.mark.parametrize("grader", ["nbgrader autograde", "rollout-lab grade"])
def test_a_hidden_test_that_is_tagged_to_be_skipped_earns_nothing(played, right, grader):
    classroom, *_ = played
    student = grader.replace(" ", "-")
    path = classroom.course / "submitted" / student / QUIZ / f"{QUIZ}.ipynb"
    path.parent.mkdir(parents=True)
    shutil.copy(classroom.course / "release" / QUIZ / path.name, path)
    fill_in(path, right | {"softmax": WRONG})
    notebook = read(path)
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution"]
    path.write_text(json.dumps(notebook), "utf-8")
    if grader == "rollout-lab grade":
        grade(classroom.course, QUIZ, students=[student])
    else:
        classroom.autograde(QUIZ, student)
    assert classroom.scores(QUIZ, student)["softmax"] == 0
    assert classroom.scores(QUIZ, student)["fuse_heads"] == 2
