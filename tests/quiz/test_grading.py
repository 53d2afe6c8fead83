"""What the cells of quiz notebooks call: a builtin float for nbgrader, and words for the student."""

import subprocess
import sys

import numpy as np
import pytest

from rollout_lab.classroom.build.bank import define
from rollout_lab.quiz.grading import grade, judge, self_check
from rollout_lab.quiz.key import seal

from .judging import COURSE, EXERCISES, choice_key, function_key, named, stub_of

Q8 = seal(choice_key("q8"))
SOFTMAX = seal(function_key("softmax"))


class Hostile:
    """An answer that fails whatever one asks of it."""

    def __repr__(self):
        raise RuntimeError("not even a name")


@pytest.mark.parametrize(
    ("answer", "points"),
    [("B", 1.0), ("b)", 1.0), ("A", 0.5), ("C", 0.0), ("", 0.0), (None, 0.0), (3, 0.0), (Hostile(), 0.0)],
    ids=["right", "dressed", "half", "wrong", "blank", "none", "number", "hostile"],
)
def test_a_choice_earns_a_builtin_float_and_a_word(answer, points, capfd):
    earned = grade("q8", {"answer_q8": answer}, Q8)
    assert type(earned) is float
    assert earned == points
    out, err = capfd.readouterr()
    assert f"{points:g} of 1 points" in out
    assert err == ""


def test_an_answer_that_was_never_given_earns_a_builtin_float(capfd):
    for item, sealed in (("q8", Q8), ("softmax", SOFTMAX)):
        earned = grade(item, {}, sealed)
        assert type(earned) is float
        assert earned == 0.0
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_an_exercise_earns_a_builtin_float_and_keeps_stderr_clean(exercise, capfd):
    sealed = seal(function_key(exercise.id))
    codes = {exercise.starter + exercise.reference: COURSE.points(exercise.id), stub_of(exercise): 0.0}
    codes |= {belief.code: COURSE.points(exercise.id) * belief.credit for belief in exercise.misconceptions}
    for code, points in codes.items():
        earned = grade(exercise.id, {exercise.id: define(code, exercise.id)}, sealed)
        assert type(earned) is float
        assert earned == points
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "answer", [3, "softmax", np.eye(2), Hostile(), print, sys.exit, Hostile, np.float64(2)]
)
def test_any_object_at_all_in_place_of_a_function_earns_nothing(answer, capfd):
    earned = grade("softmax", {"softmax": answer}, SOFTMAX)
    assert type(earned) is float
    assert earned == 0.0
    out, err = capfd.readouterr()
    assert "0 of 2 points" in out
    assert err == ""


def test_the_score_is_the_last_thing_a_cell_shows_and_nothing_is_written_to_stderr():
    code = (
        "from rollout_lab.quiz import grade\nimport numpy as np\n"
        "def softmax(s):\n    print('student')\n    return np.log(s * 0)\n"
        f"print(repr(grade('softmax', globals(), '''{SOFTMAX}''')))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "0.0"
    assert "student" not in done.stdout


def test_a_self_check_says_what_grading_would_say_without_the_points(capsys):
    for item, sealed, answer in (("q8", Q8, {"answer_q8": "A"}), ("softmax", SOFTMAX, {"softmax": np.exp})):
        self_check(item, answer, {item: sealed})
        checked = capsys.readouterr().out
        grade(item, answer, sealed)
        graded = capsys.readouterr().out
        assert checked.splitlines()[1:] == graded.splitlines()[1:]
        assert "points" not in checked.splitlines()[0]


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_what_numpy_is_told_to_raise_changes_no_verdict(exercise):
    with np.errstate():
        for code in (exercise.starter + exercise.reference, *(b.code for b in exercise.misconceptions)):
            function = define(code, exercise.id)
            tiny = {exercise.id: lambda *a, function=function: np.multiply(function(*a), 1e-318)}
            both = []
            for how in ("ignore", "raise"):
                np.seterr(all=how)
                both.append(judge(exercise.id, {exercise.id: function}, function_key(exercise.id)))
                both.append(judge(exercise.id, tiny, function_key(exercise.id)))
            assert both[:2] == both[2:]


def test_a_self_check_of_an_answer_that_cannot_be_read_says_so(capsys):
    self_check("q8", {"answer_q8": Hostile()}, {"q8": Q8})
    assert "could not be read" in capsys.readouterr().out


def test_points_stand_in_the_course_plan_and_nowhere_else():
    assert choice_key("q8").points == COURSE.points("q8") == 1.0
    assert function_key("softmax").points == COURSE.points("softmax") == 2.0
