"""Form checks judge the form of an answer and say what to do; they never judge whether it is right."""

import numpy as np
import pytest

import rollout_lab
from rollout_lab.quiz.form import PASSED, FormError, check_choice, check_function

from .judging import COURSE, QUESTIONS, named


def refusal_of_choice(**namespace):
    with pytest.raises(FormError) as refusal:
        check_choice("q1", namespace)
    return str(refusal.value)


# Choices


@pytest.mark.parametrize("question", **named(QUESTIONS))
def test_every_letter_of_a_question_passes_right_or_wrong(question, capsys):
    for letter in "ABCD":
        check_choice(question.id, {f"answer_{question.id}": letter})
    assert capsys.readouterr().out == f"{PASSED}\n" * 4


@pytest.mark.parametrize("answer", ["b", "B)", " B ", "(b)"])
def test_a_letter_passes_in_any_dress(answer, capsys):
    check_choice("q1", {"answer_q1": answer})
    assert capsys.readouterr().out.strip() == PASSED


@pytest.mark.parametrize("answer", [None, "", "  "])
def test_an_unanswered_question_is_told_so_with_the_line_to_write(answer):
    message = refusal_of_choice(answer_q1=answer)
    assert "q1 is not answered yet" in message
    assert 'answer_q1 = "A"' in message


def test_a_question_whose_cell_was_not_run_is_told_to_run_it():
    assert "Run the answer cell above" in refusal_of_choice()


@pytest.mark.parametrize("answer", ["E", "AB", 3, ["B"], np.array(["B", "A"]), print, 1j], ids=repr)
def test_what_is_no_letter_is_told_which_letters_there_are(answer):
    message = refusal_of_choice(answer_q1=answer)
    assert "one of the letters A, B, C, D in quotation marks" in message
    assert repr(answer)[:20] in message


@pytest.mark.parametrize("line", ["answer_q1 = B", "answer_q1=b", "  answer_q1 =  B   # surely"])
@pytest.mark.parametrize("value", [{}, {"answer_q1": ""}, {"answer_q1": "A"}], ids=["none", "blank", "older"])
def test_a_bare_letter_gets_a_message_of_its_own_even_where_an_older_answer_stands(line, value):
    message = refusal_of_choice(In=["", 'answer_q1 = "A"', f"{line}\nchoose(...)"], **value)
    assert "needs quotation marks" in message
    assert 'answer_q1 = "B"' in message


def test_a_bare_letter_that_names_something_else_gets_the_same_message():
    message = refusal_of_choice(In=["answer_q1 = B"], answer_q1=np.eye(2), B=np.eye(2))
    assert "needs quotation marks" in message


def test_a_bare_letter_mended_since_is_forgotten(capsys):
    check_choice("q1", {"In": ["answer_q1 = B", 'answer_q1 = "B"'], "answer_q1": "B"})
    assert capsys.readouterr().out.strip() == PASSED
    message = refusal_of_choice(In=["answer_q1 = B", 'answer_q1 = "E"'], answer_q1="E")
    assert "quotation marks, found 'E'" in message


def test_the_bare_letter_of_another_question_is_none_of_this_ones_business():
    assert "not answered yet" in refusal_of_choice(In=["answer_q10 = B"], answer_q1="")


@pytest.mark.parametrize(
    "named_in", [np.eye(3), 5, None, [np.eye(3)]], ids=["array", "number", "None", "list"]
)
def test_a_student_may_call_a_variable_as_ipython_calls_its_history(named_in, capsys):
    check_choice("q1", {"In": named_in, "answer_q1": "B"})
    assert capsys.readouterr().out.strip() == PASSED


# Functions

EXAMPLE = {
    "arguments": [[[1, 0], [1, 1]]],
    "expected": [[0.5, 0], [0.5, 0.5]],
    "library_versions": ["softmax"],
}


def halve(a):
    return a / 2


def refusal_of_function(function, **changes):
    with pytest.raises(FormError) as refusal:
        check_function("halve", {"halve": function}, **{**EXAMPLE, **changes})
    return str(refusal.value)


@pytest.mark.parametrize(
    "function",
    [halve, lambda a: halve(a).tolist(), lambda a: halve(a).astype(np.float32), lambda a: tuple(a / 2)],
)
def test_a_function_that_gets_the_example_right_passes(function, capsys):
    check_function("halve", {"halve": function}, **EXAMPLE)
    assert capsys.readouterr().out == f"{PASSED}\n"


def test_only_the_example_is_judged(capsys):
    check_function("halve", {"halve": lambda a: [[0.5, 0], [0.5, 0.5]]}, **EXAMPLE)
    assert capsys.readouterr().out == f"{PASSED}\n"


def test_a_nested_list_reaches_the_function_as_a_float64_array():
    seen = []
    check_function("halve", {"halve": lambda a: seen.append(a) or a / 2}, **EXAMPLE)
    assert seen[0].dtype == np.float64


def test_plain_numbers_reach_the_function_as_they_are():
    seen = []
    check_function("f", {"f": lambda n: seen.append(n) or n}, arguments=[2], expected=2)
    assert type(seen[0]) is int


def not_written(a):
    raise NotImplementedError


def failing(a):
    raise ValueError("because")


def using_the_library(a):
    return rollout_lab.softmax(a)


def in_place(a):
    a /= 2
    return a


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (None, "no function of this name is defined"),
        (3, "this is of type int, not a function"),
        (not_written, "not written yet. Replace the line raise NotImplementedError"),
        (failing, "failed. ValueError: because"),
        (lambda a: None, "does it end in return?"),
        (lambda a: a[0], "returned an array of shape (2,), expected (2, 2)"),
        (lambda a: a, "Work it out on paper once"),
        (lambda a: a * np.nan, "Work it out on paper once"),
        (lambda: 0, "positional argument"),
        (using_the_library, "rollout_lab's own softmax"),
        (in_place, "changes the array it is given"),
    ],
)
def test_each_wrong_form_gets_a_message_that_says_what_to_do(function, message):
    refusal = refusal_of_function(function)
    assert refusal.startswith("halve")
    assert message in refusal


def test_a_wrong_result_is_shown_beside_the_expected_one_and_the_call():
    message = refusal_of_function(lambda a: a)
    assert "halve([[1., 0.],\n [1., 1.]]) returned" in message
    assert "[[0.5 0. ]\n [0.5 0.5]]" in message


def test_a_notebook_shows_the_message_and_no_traceback():
    assert FormError("say this")._render_traceback_() == ["FormError: say this"]


def test_the_check_of_a_path_wants_the_one_heaviest_path():
    exercise = COURSE.items["strongest_path"]
    example = {"arguments": eval(exercise.example.arguments), "expected": eval(exercise.example.expected)}
    with pytest.raises(FormError, match="returned"):
        check_function("strongest_path", {"strongest_path": lambda *_: [0, 2, 2]}, **example)
