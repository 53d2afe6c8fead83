"""Numbers of the class report, against examples worked by hand and against what must hold of any class."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rollout_lab.classroom.report.item_statistics import FEWEST, chance, difficulty, discrimination, histogram

POINTS = st.sampled_from([0.0, 0.5, 1.0, 2.0])
CLASSES = st.integers(FEWEST, 40).flatmap(
    lambda n: st.lists(st.tuples(POINTS, POINTS, POINTS), min_size=n, max_size=n)
)


def test_difficulty_by_hand():
    assert difficulty([0, 1, 2, 2, 0], most=2) == 0.5


def test_discrimination_by_hand():
    # deviations of the item: +-1/2 (5 of each), of the rest: -1.5 -1.5 -1.5 -0.5 -0.5, 0.5 0.5 1.5 1.5 1.5
    points = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    rest = [1, 1, 1, 2, 2, 3, 3, 4, 4, 4]
    by_hand = (10 * 0.5 * 1.1) / math.sqrt(10 * 0.25 * (6 * 2.25 + 4 * 0.25))
    assert discrimination(points, rest) == pytest.approx(by_hand)


def test_the_item_is_not_correlated_with_itself():
    """Two items that have nothing to do with each other: with the item in its total, r would be 0.71."""
    item, other = [0, 0, 1, 1] * 3, [0, 1, 0, 1] * 3
    assert discrimination(item, other) == pytest.approx(0)
    assert np.corrcoef(item, np.add(item, other))[0, 1] == pytest.approx(math.sqrt(0.5))


@given(CLASSES)
def test_discrimination_is_a_correlation_and_knows_nothing_of_units(rows):
    points, *others = np.array(rows).T
    rest = np.sum(others, axis=0)
    found = discrimination(points, rest)
    assume(not isinstance(found, str))
    assert -1 <= found <= 1
    assert discrimination(3 * points + 1, rest) == pytest.approx(found)
    assert discrimination(-points, rest) == pytest.approx(-found)


@given(st.lists(POINTS, max_size=FEWEST - 1))
def test_a_small_class_has_none_whatever_its_points(points):
    assert discrimination(points, points) == "undefined: fewer than 10 students"


@given(st.integers(FEWEST, 50), POINTS)
def test_an_item_or_a_rest_that_is_the_same_for_all_has_none(students, same):
    assert discrimination([same] * students, range(students)).startswith("undefined: all have the same")
    assert discrimination(range(students), [same] * students).endswith("in all the rest")


def test_lists_of_different_students_are_refused():
    with pytest.raises(ValueError, match="found 3 and 2"):
        discrimination([1, 2, 3], [1, 2])


@given(st.lists(st.floats(-5, 40).map(lambda score: round(score, 3)), min_size=1), st.integers(1, 30))
def test_a_histogram_counts_everyone_once_where_they_belong(scores, most):
    ranges = histogram(scores, most)
    assert [high for _low, high, _count in ranges[:-1]] == [low for low, _high, _count in ranges[1:]]
    assert (ranges[-1][0], ranges[-1][1]) == (most, math.inf)
    assert sum(low >= 0 for low, _high, _count in ranges) <= 13
    for low, high, count in ranges:
        assert count == sum(low <= score < high for score in scores)


def test_chance_bounds_what_unrelated_points_correlate():
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=(2000, 2, 30))
    within = [abs(discrimination(a, b)) <= chance(30) for a, b in drawn]
    assert np.mean(within) == pytest.approx(0.95, abs=0.015)
