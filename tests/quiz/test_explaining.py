"""What matches no known misconception gets a counterexample, from the calls that are kept for showing."""

import re

import numpy as np
import pytest

from rollout_lab.quiz.explaining import explain_failure
from rollout_lab.quiz.grading import grade, self_check
from rollout_lab.quiz.key import Outcome, seal
from rollout_lab.quiz.running import STOPPED, call_on_probes
from rollout_lab.quiz.scoring import judge_function, render, wrapped

from .judging import EXERCISES, SEEDS, function_key, named, verdict_on_function


def right_product(layers):
    R = layers[0]
    for A in layers[1:]:
        R = A @ R
    return R.copy()


def half_of_it(layers):
    return right_product(layers) / 2


HALF_OF_IT = """\
It is right in 0 of 14 calls.
A small one in which it is not:
rollout_product(
    [[[ 0.5,  0.5],
      [   0,    1]],
     [[   1,    0],
      [0.25, 0.75]]]
)
returned
    [[  0.25,   0.25],
     [0.0625, 0.4375]]
expected
    [[  0.5,   0.5],
     [0.125, 0.875]]
What the statement promises and your function does not keep:
- the product A_L … A_1 of several layers
- up to six layers and eight positions
- layers in which weights are 0
- a single layer: its own matrix
- a single position"""


def test_a_counterexample_shows_the_call_what_came_back_and_what_was_expected():
    assert verdict_on_function("rollout_product", half_of_it).message == HALF_OF_IT


def test_nothing_in_it_is_wrapped_where_it_is_printed(capsys):
    grade("rollout_product", {"rollout_product": half_of_it}, seal(function_key("rollout_product")))
    assert HALF_OF_IT in capsys.readouterr().out


def test_a_self_check_shows_the_same(capsys):
    keys = {"rollout_product": seal(function_key("rollout_product"))}
    self_check("rollout_product", {"rollout_product": half_of_it}, keys)
    assert HALF_OF_IT in capsys.readouterr().out


def test_the_first_of_the_small_calls_that_goes_wrong_is_shown():
    two_layers_only = verdict_on_function("rollout_product", lambda layers: layers[1] @ layers[0])
    shown, _expected = two_layers_only.message.split("returned")
    assert shown.count("]]") == 3
    assert "a single layer" in two_layers_only.message


def test_a_small_call_that_fails_shows_its_error():
    def no_vectors(scores):
        if scores.ndim == 1:
            raise ValueError("what is this?")
        e = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    message = verdict_on_function("softmax", no_vectors).message
    assert "softmax([0, 1, 2])\nfailed with\n    ValueError: what is this?\nexpected\n" in message


def test_where_all_calls_fail_one_of_the_small_ones_is_shown():
    message = verdict_on_function("augment", lambda attention: attention @ np.eye(99)).message
    assert message.startswith("It could not be judged. Every call of it fails.\nFor example:\naugment(\n")
    assert "failed with\n    ValueError" in message
    assert "expected\n" in message


def test_where_the_calls_were_stopped_a_sentence_says_so():
    key = function_key("augment")
    assert explain_failure([Outcome(error=STOPPED)], key) == "It was stopped because it ran too long."
    assert explain_failure([], key) == "It was not run."


def test_a_name_that_is_gone_is_told_what_to_do():
    message = verdict_on_function("augment", lambda attention: matrix / 2).message  # noqa: F821
    assert "NameError: name 'matrix' is not defined" in message
    assert "Restart the kernel" in message


def test_other_shapes_are_named():
    message = verdict_on_function("fuse_heads", lambda attention: attention[0, 0] * 2).message
    assert "returned an array of shape (2,)\n" in message
    assert "expected an array of shape (2, 2)\n" in message


def test_many_numbers_are_not_printed():
    message = verdict_on_function("fuse_heads", lambda attention: np.zeros((50, len(attention)))).message
    assert "returned an array of shape (50, 3)\n    (too many numbers to show)" in message


def test_digits_are_shown_until_the_difference_is_seen():
    for error, returned in [(8e-3, "0.126"), (3e-4, "0.125037")]:

        def wrong(layers, error=error):
            R = right_product(layers)
            R[-1, 0] *= 1 + error
            return R

        assert returned in verdict_on_function("rollout_product", wrong).message


def test_nearly_right_numbers_are_told_how_near_and_how_near_is_near_enough():
    message = verdict_on_function("rollout_product", lambda layers: right_product(layers).round(3)).message
    assert re.search(r"none is off by more than 0\.000\d", message)
    assert "relative 1e-4" in message
    assert "near" not in verdict_on_function("rollout_product", half_of_it).message


def test_a_path_is_shown_with_its_weight():
    message = verdict_on_function("strongest_path", lambda A, i, j: [i] * len(A) + [j]).message
    assert "strongest_path(\n    [[[" in message
    found, best = map(float, re.findall(r"a path whose weights multiply to (\S+)", message))
    assert found < best


def test_what_is_no_path_is_called_none():
    message = verdict_on_function("strongest_path", lambda A, i, j: [i, j, j, j, j]).message
    assert re.search(r"which is not a list of \d positions that starts at \d and ends at \d", message)


def test_what_goes_wrong_in_hidden_calls_only_is_told_without_showing_any():
    class Loud(Exception):
        pass

    def no_big_ones(layers):
        if layers.shape[-1] == 8:
            raise IndexError(str(layers))
        return right_product(layers)

    def very_loud(layers):
        if layers.shape[-1] == 8:
            raise type(str(layers[0, 0]), (Loud,), {})
        return right_product(layers)

    for function, named_ in [(no_big_ones, "ended with IndexError."), (very_loud, "ended with an error.")]:
        message = verdict_on_function("rollout_product", function).message
        assert "The small ones that may be shown are among them" in message
        assert named_ in message
        assert "- up to six layers" in message
        assert "[" not in message


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_what_is_shown_is_small_and_the_same_for_every_seed(exercise):
    shown = [[p for p in function_key(exercise.id, seed).probes if p.shown] for seed in SEEDS[:2]]
    assert shown[0] == shown[1]
    assert len(shown[0]) >= 3
    for probe in shown[0]:
        assert sum(np.size(argument) for argument in probe.arguments) <= 24
        assert np.size(probe.expected.value) <= 25


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_a_counterexample_fits_a_page(exercise):
    def wrong(*arguments):
        return np.full(np.shape(arguments[0]), arguments[0] * 1.2345678)

    lines = wrapped(render(verdict_on_function(exercise.id, wrong), 2.0)).splitlines()
    assert max(map(len, lines)) <= 100
    assert len(lines) <= 40


def test_what_a_call_came_to_before_the_hidden_ones_is_shown_in_place_of_what_it_came_to_later():
    key = function_key("rollout_product")
    outcomes = call_on_probes(half_of_it, key)
    first, *others = [o for o, p in zip(outcomes, key.probes, strict=True) if p.shown]
    for later in others:
        later.seen = Outcome(error="ValueError: said before")
    first.seen = Outcome([[0.5, 0.5], [0.125, 0.875]], [2, 2])  # which is right
    message = judge_function(outcomes, key).message
    assert "0.0625" not in message
    assert "failed with\n    ValueError: said before" in message
