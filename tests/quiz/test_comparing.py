"""Close is close, in the precision in which a result comes; a digest stands for a whole result."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from rollout_lab.quiz.comparing import digest, matches, same
from rollout_lab.quiz.key import Outcome

from .judging import verdict_on_function


def outcome_of(array, **flags):
    return Outcome(np.asarray(array).tolist(), list(np.shape(array)), **flags)


def right_softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def test_a_right_result_in_half_precision_is_right():
    assert verdict_on_function("softmax", lambda scores: np.float16(right_softmax(scores))).right


def test_half_precision_excuses_its_own_rounding_and_nothing_more():
    for error, same_ in [(0.005, True), (0.02, False)]:
        assert same(outcome_of([0.5 + error / 2], half=True), outcome_of([0.5])) is same_
    assert not same(outcome_of([0.5025]), outcome_of([0.5]))


def test_a_result_is_the_same_within_the_tolerance_and_its_digest_is_its_shape_and_one_number():
    assert same(outcome_of([0.50001]), outcome_of([0.5]))
    assert digest(outcome_of([[0.25, 0.75]])) == [1, 2, -0.3572341]


def test_an_error_is_the_same_as_another_error_and_as_nothing_else():
    assert same(Outcome(error="ValueError"), Outcome(error="TypeError"))
    assert not same(Outcome(error="ValueError"), outcome_of([1.0]))
    assert not same(outcome_of([1.0]), Outcome(error="ValueError"))


numbers = st.floats(-1e6, 1e6)
results = arrays(float, array_shapes(max_dims=3, max_side=5), elements=numbers)


@given(results)
def test_a_result_matches_its_own_fingerprint_also_within_the_tolerance(result):
    printed = digest(outcome_of(result))
    assert matches(outcome_of(result), printed)
    assert matches(outcome_of(result * (1 + 5e-5)), printed)


@given(results)
def test_another_shape_does_not_match(result):
    assert not matches(outcome_of(result[None]), digest(outcome_of(result)))


def test_another_order_of_the_same_numbers_hardly_ever_matches():
    rng = np.random.default_rng(0)
    matched = 0
    for result in rng.dirichlet(np.ones(4), size=(500, 4)):
        printed = digest(outcome_of(result))
        matched += matches(outcome_of(result.T), printed) + matches(outcome_of(result[::-1]), printed)
    assert matched <= 3


@pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_matches_what_is_none_at_the_same_place_only(strange):
    printed = digest(outcome_of([strange, 0.25]))
    assert matches(outcome_of([np.nan, 0.25]), printed)
    assert not matches(outcome_of([0.25, np.nan]), printed)
    assert not matches(outcome_of([0.75, 0.25]), printed)


def test_the_fingerprint_of_an_error_matches_errors():
    assert matches(Outcome(error="ValueError"), digest(Outcome(error="TypeError")))
    assert not matches(outcome_of([1.0]), digest(Outcome(error="TypeError")))
    assert not matches(Outcome(error="ValueError"), digest(outcome_of([1.0])))
