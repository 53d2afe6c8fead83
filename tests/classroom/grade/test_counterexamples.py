"""What a student whose mistake nobody foresaw reads in nbgrader's feedback."""

import html
import re

import pytest

from rollout_lab.quiz.key import unseal

from ...quiz.judging import verdict_on_function
from ...quiz.shelves import wrong_answers
from ..nbgrader_class import Classroom, read, sources

ASSIGNMENT = "quiz2_matrix_product"
EXERCISES = ("rollout_product", "rollout_steps", "strongest_path")
STUDENTS = ("ada", "emmy")
pytestmark = pytest.mark.xdist_group("pipeline")


@pytest.fixture(scope="module")
def given():
    """The answers of two students: for each exercise the first and the last that nobody foresaw."""
    unforeseen = {
        name: [a for a in wrong_answers(name) if a.finding == "counterexample"] for name in EXERCISES
    }
    return {
        student: {name: unforeseen[name][which] for name in EXERCISES}
        for student, which in zip(STUDENTS, (0, -1), strict=True)
    }


@pytest.fixture(scope="module")
def graded(tmp_path_factory, given):
    classroom = Classroom(tmp_path_factory.mktemp("counterexamples"))
    classroom.release(ASSIGNMENT)
    for student in STUDENTS:
        classroom.hand_in(student, ASSIGNMENT, {name: a.code for name, a in given[student].items()})
    classroom.collect(ASSIGNMENT)
    for student in STUDENTS:
        classroom.autograde(ASSIGNMENT, student)
    pages = {student: classroom.feedback(ASSIGNMENT, student).read_text("utf-8") for student in STUDENTS}
    return classroom, pages


def seen(page):
    """What a page shows, line by line."""
    return html.unescape(re.sub(r"<(style|script).*?</\1>|<[^>]+>", "", page, flags=re.DOTALL))


@pytest.mark.parametrize("student", STUDENTS)
def test_the_counterexample_stands_in_the_feedback_line_by_line(graded, given, student):
    _classroom, pages = graded
    page = seen(pages[student])
    for name in EXERCISES:
        verdict = verdict_on_function(name, given[student][name].function())
        assert verdict.message in page
        assert "expected" in verdict.message


@pytest.mark.parametrize("student", STUDENTS)
def test_no_hidden_call_stands_in_it(graded, student):
    classroom, pages = graded
    source = read(classroom.course / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
    page = seen(pages[student])
    for name in EXERCISES:
        key = unseal(re.search(r'"""\n(.*)\n"""', sources(source)[f"test_{name}"], re.DOTALL)[1])
        hidden = [probe for probe in key.probes if not probe.shown]
        numbers = set(re.findall(r"0\.\d{5,}", str([probe.arguments for probe in hidden])))
        assert len(numbers) > 50
        assert not [number for number in numbers if number[:7] in page]


def test_what_nobody_foresaw_earns_nothing(graded):
    classroom, _pages = graded
    for student in STUDENTS:
        scores = classroom.scores(ASSIGNMENT, student)
        assert {name: scores[name] for name in EXERCISES} == dict.fromkeys(EXERCISES, 0.0)
