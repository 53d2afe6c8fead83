"""Slips that are possible in any exercise are found by behaviour and told apart from wrong ideas."""

import numpy as np
import pytest

from .judging import EXERCISES, function_key, named, stub_of, verdict_on_code, verdict_on_function


def right_softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_every_exercise_makes_its_first_call_twice(exercise):
    first, *others = function_key(exercise.id).probes
    assert others[-1] == first


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_a_right_function_that_fails_when_it_is_called_again_is_not_the_same_twice(exercise):
    once = exercise.starter + exercise.reference
    code = f"{once}\nright, calls = {exercise.id}, []\n\ndef {exercise.id}(*arguments):\n"
    code += (
        "    calls.append(1)\n    return right(*arguments) * 0.5 if len(calls) > 1 else right(*arguments)\n"
    )
    if exercise.id == "strongest_path":
        code = code.replace("right(*arguments) * 0.5", "[7, *right(*arguments)]")
    assert verdict_on_code(exercise.id, code).misconception == "not-the-same-twice"


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_a_function_that_returns_one_result_for_all_ignores_its_argument(exercise):
    verdict = verdict_on_function(exercise.id, lambda *_arguments: [0.25, 0.75])
    assert (verdict.credit, verdict.misconception) == (0.0, "ignores-its-argument")


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_right_numbers_in_another_shape_earn_half_and_are_shown_an_example(exercise):
    code = exercise.starter + exercise.reference
    code += f"\nright = {exercise.id}\n\ndef {exercise.id}(*arguments):\n    return [right(*arguments)]\n"
    verdict = verdict_on_code(exercise.id, code)
    assert (verdict.credit, verdict.misconception) == (0.5, "right-numbers-in-another-shape")
    assert "returned an array of shape (1, " in verdict.message
    assert "expected an array of shape (" in verdict.message


@pytest.mark.parametrize("exercise", **named([e for e in EXERCISES if e.id != "hop_distribution"]))
def test_a_function_that_writes_into_its_argument_earns_half_of_what_it_would(exercise):
    code = exercise.starter + exercise.reference
    code += f"\nright = {exercise.id}\n\ndef {exercise.id}(first, *others):\n"
    code += "    result = np.array(right(first, *others))\n    first += 1\n    return result\n"
    verdict = verdict_on_code(exercise.id, code)
    assert (verdict.credit, verdict.misconception) == (0.5, "modifies-its-argument")
    assert verdict.lesson == exercise.lesson


def test_what_is_wrong_for_a_reason_not_known_and_writes_into_its_argument_is_told_both():
    def wrong(scores):
        scores *= 0.9
        return right_softmax(scores)

    verdict = verdict_on_function("softmax", wrong)
    assert (verdict.credit, verdict.misconception) == (0.0, "modifies-its-argument")
    assert "A small one in which it is not" in verdict.message
    assert "changes the array" in verdict.message


def test_numbers_in_another_order_are_no_matter_of_shape():
    verdict = verdict_on_function("fuse_heads", lambda attention: attention.mean(axis=0).T.ravel())
    assert verdict.credit == 0


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_a_stub_shows_no_slip(exercise):
    assert verdict_on_code(exercise.id, stub_of(exercise)).misconception is None
