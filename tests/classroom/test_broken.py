"""A class of broken notebooks under plain `nbgrader autograde`: none stops or changes another's grade."""

from __future__ import annotations

import copy
import json
import subprocess
import sys

import pytest

from .broken import FULL, QUIZ, SHELF
from .playing import Classroom, fill_in, read, right_answers

pytestmark = pytest.mark.xdist_group("broken")
ORDINARY = "Zoë Ångström-李"


@pytest.fixture(scope="module")
def graded(tmp_path_factory, course, keys):
    """The classroom after one batch over all broken notebooks, what each student had handed in, the log."""
    classroom = Classroom(tmp_path_factory.mktemp("broken"))
    release = classroom.release(QUIZ) / f"{QUIZ}.ipynb"
    assignment = next(a for a in course.assignments if a.name == QUIZ)
    fill_in(release, right_answers(course, keys, assignment))
    right = read(release)
    handed_in = {name: breaking(copy.deepcopy(right)) for name, (breaking, _expected) in SHELF.items()}
    # One whose name comes first and one whose name comes last: neither may suffer.
    handed_in |= {"a-first": {release.name: json.dumps(right)}, ORDINARY: {release.name: json.dumps(right)}}
    for student, content in handed_in.items():
        for name, text in content.items():
            path = classroom.course / "submitted" / student / QUIZ / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", QUIZ],
        cwd=classroom.course,
        capture_output=True,
        text=True,
        timeout=600,
    )
    return classroom, handed_in, run.stdout + run.stderr


@pytest.mark.parametrize("name", [name for name, (_breaking, expected) in SHELF.items() if expected == FULL])
def test_right_answers_in_a_broken_notebook_earn_every_point(graded, course, name):
    classroom, *_ = graded
    scores = classroom.scores(QUIZ, name)
    assert scores == {item: course.points(item) for item in scores}
    assert len(scores) == 5


@pytest.mark.parametrize("name", [name for name, (_breaking, expected) in SHELF.items() if expected != FULL])
def test_what_cannot_be_read_gets_no_points_and_is_named_in_the_log(graded, name):
    classroom, _handed_in, log = graded
    with classroom.api.gradebook as gradebook:
        names = [submission.student.id for submission in gradebook.assignment_submissions(QUIZ)]
    if name in names:
        assert set(classroom.scores(QUIZ, name).values()) <= {0.0, None}
    assert f"for student '{name}'" in log or f"submitted/{name}" in log


@pytest.mark.parametrize("student", ["a-first", ORDINARY])
def test_the_others_are_graded_as_if_nothing_had_happened(graded, course, student):
    classroom, *_ = graded
    assert classroom.scores(QUIZ, student) == {
        item: course.points(item) for item in classroom.scores(QUIZ, student)
    }


def test_what_a_student_handed_in_is_left_as_it_was(graded):
    classroom, handed_in, _log = graded
    for student, content in handed_in.items():
        folder = classroom.course / "submitted" / student / QUIZ
        assert {
            str(p.relative_to(folder)): p.read_text("utf-8") for p in folder.rglob("*") if p.is_file()
        } == content


def test_feedback_says_what_was_mended(graded):
    classroom, *_ = graded
    classroom.must(classroom.api.generate_feedback(QUIZ, "cells_in_reverse_order"))
    (page,) = (classroom.course / "feedback" / "cells_in_reverse_order").rglob("*.html")
    text = page.read_text("utf-8")
    assert "Mended before grading" in text
    assert "stand in the quiz" in text
