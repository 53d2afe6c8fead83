"""A class of broken notebooks under either way of grading: none stops or changes another's grade."""

import copy
import functools
import json
import re

import pytest

from ..nbgrader_class import Classroom, fill_in, grade_flags, read, right_answers
from .broken import BLANK, FOUND, FULL, NONE, QUIZ, SHAPED, SHELF

pytestmark = pytest.mark.xdist_group("broken")
ORDINARY = "Zoë Ångström-李"
WAYS = {
    "nbgrader": ["nbgrader", "autograde", QUIZ],
    "rollout-lab": ["rollout-lab", "grade", QUIZ, *grade_flags()],
}


def each(nbgrader: tuple[str, ...] = (), rollout_lab: tuple[str, ...] = ()):
    """Run a test for each notebook that either way of grading should bring to one of the grades named."""
    wanted = {"nbgrader": nbgrader, "rollout-lab": rollout_lab}
    cases = [(way, name) for way in WAYS for name in SHELF if SHELF[name][1] in wanted[way]]
    return pytest.mark.parametrize(("graded", "name"), cases, indirect=["graded"])


@pytest.fixture(params=WAYS)
def graded(request, batch):
    """The classroom after one batch over all broken notebooks, what was handed in, what was said."""
    return batch(request.param)


@pytest.fixture(scope="module")
def batch(tmp_path_factory, commands, course, keys):
    """Grade the class in one of the ways; each is gone but once."""
    return functools.cache(lambda way: grade_the_class(way, tmp_path_factory, commands, course, keys))


def grade_the_class(way, tmp_path_factory, commands, course, keys):
    classroom = Classroom(tmp_path_factory.mktemp("broken"))
    release = classroom.release(QUIZ) / f"{QUIZ}.ipynb"
    blank = release.read_text("utf-8")
    fill_in(release, right_answers(course, keys, QUIZ))
    right = read(release)
    handed_in = {
        name: breaking(copy.deepcopy(right))
        for name, (breaking, expected, _told) in SHELF.items()
        if way == "rollout-lab" or expected != SHAPED
    }
    # One whose name comes first and one whose name comes last: neither may suffer.
    handed_in |= {"a-first": {release.name: json.dumps(right)}, ORDINARY: {release.name: json.dumps(right)}}
    handed_in |= {"nobody": {release.name: BLANK}}
    for content in handed_in.values():
        content.update({name: blank for name, text in content.items() if text == BLANK})
    for student, content in handed_in.items():
        for name, text in content.items():
            path = classroom.course / "submitted" / student / QUIZ / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)
    run = commands.run(*WAYS[way], cwd=classroom.course)
    return classroom, handed_in, run.stdout + run.stderr


@each(nbgrader=(FULL,), rollout_lab=(FULL, FOUND, SHAPED))
def test_right_answers_in_a_broken_notebook_earn_every_point(graded, course, name):
    classroom, *_ = graded
    scores = classroom.scores(QUIZ, name)
    assert scores == {item: course.points(item) for item in scores}
    assert len(scores) == 8


@each(rollout_lab=(NONE,))
def test_what_cannot_be_read_is_not_graded_and_is_named(graded, name):
    classroom, _handed_in, log = graded
    assert f"  {name}: NOT GRADED: " in log
    assert not (classroom.course / "autograded" / name).exists()


@each(nbgrader=(NONE, FOUND))
def test_what_nbgrader_cannot_read_or_find_gets_no_points_and_is_named_in_its_log(graded, name):
    classroom, _handed_in, log = graded
    with classroom.api.gradebook as gradebook:
        names = [submission.student.id for submission in gradebook.assignment_submissions(QUIZ)]
    if name in names:
        assert set(classroom.scores(QUIZ, name).values()) <= {0.0, None}
    assert f"for student '{name}'" in log or f"submitted/{name}" in log


@each(rollout_lab=(FULL, FOUND, SHAPED, NONE))
def test_rollout_lab_grade_tells_what_it_took_for_the_quiz_or_why_there_is_none(graded, name):
    classroom, _handed_in, log = graded
    notes = "\n".join(line for line in log.splitlines() if line.startswith(f"  {name}: "))
    told = SHELF[name][2]
    assert re.search(told, notes) if told else "was taken for" not in notes
    assert str(classroom.folder) not in notes


@pytest.mark.parametrize("student", ["a-first", ORDINARY])
def test_the_others_are_graded_as_if_nothing_had_happened(graded, course, student):
    classroom, _handed_in, log = graded
    assert classroom.scores(QUIZ, student) == {
        item: course.points(item) for item in classroom.scores(QUIZ, student)
    }
    assert f"  {student}: " not in log


@pytest.mark.parametrize("graded", ["rollout-lab"], indirect=True)
def test_a_blank_quiz_alone_earns_nothing_and_is_called_blank(graded):
    classroom, _handed_in, log = graded
    assert set(classroom.scores(QUIZ, "nobody").values()) == {0.0}
    assert f"  nobody: {QUIZ}.ipynb is blank: nothing was written into its answer cells" in log


def test_what_a_student_handed_in_is_left_as_it_was(graded):
    classroom, handed_in, _log = graded
    for student, content in handed_in.items():
        folder = classroom.course / "submitted" / student / QUIZ
        found = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        assert found == {n: t.encode() if isinstance(t, str) else t for n, t in content.items()}


def test_feedback_says_what_was_mended(graded):
    classroom, *_ = graded
    classroom.must(classroom.api.generate_feedback(QUIZ, "cells_in_reverse_order"))
    (page,) = (classroom.course / "feedback" / "cells_in_reverse_order").rglob("*.html")
    text = page.read_text("utf-8")
    assert "Mended before grading" in text
    assert "stand in the quiz" in text


@pytest.mark.parametrize("graded", ["rollout-lab"], indirect=True)
@pytest.mark.parametrize(
    ("student", "told"),
    [
        ("values_of_other_types", "The text of cell 1 could not be read."),
        ("values_of_other_types", "timestamp.txt tells no time"),
        ("a_name_that_markdown_would_take_for_a_picture", "&lt;b&gt;![x](attachment:y).ipynb, which holds"),
    ],
)
def test_feedback_says_which_notebook_was_taken_and_what_could_not_be_read(graded, student, told):
    classroom, *_ = graded
    classroom.must(classroom.api.generate_feedback(QUIZ, student))
    (page,) = (classroom.course / "feedback" / student).rglob("*.html")
    assert told in page.read_text("utf-8")
