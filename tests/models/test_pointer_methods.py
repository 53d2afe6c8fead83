"""How a method is judged where the source is known."""

import numpy as np
import pytest

from rollout_lab.models import finds_source, load_pointer_model, mean_and_interval, reader_rows, sample_task
from rollout_lab.rollout import rollout


@pytest.fixture(scope="module")
def gate():
    cases = sample_task("gate", 100, np.random.default_rng(8))
    return cases, load_pointer_model("gate").run(cases)[1]


def test_each_method_s_row_is_what_its_name_says(gate):
    cases, attentions = gate
    rows = reader_rows(attentions, cases.reader)
    assert len(rows) == 2 * len(attentions) + 3
    np.testing.assert_allclose(rows["layer 2"], attentions[1, :, :, cases.reader].mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(rows["mean row, layer 1"], attentions[0].mean(axis=(1, 2)), atol=1e-6)
    for formula in ("none", "recursion", "identity"):
        expected = rollout(attentions, residual=formula)[:, cases.reader]
        np.testing.assert_allclose(rows[formula], expected, atol=1e-6)


def test_a_find_is_the_largest_weight_and_no_tie():
    cases = sample_task("gate", 1, np.random.default_rng(0))
    source = cases.source[0]
    other = (source + 1) % 10
    row = np.zeros((1, 11))
    row[0, source] = 0.3
    assert finds_source(row, cases)[0]
    row[0, other] = 0.3
    assert not finds_source(row, cases)[0]
    row[0, other] = 0.2
    row[0, cases.reader] = 0.5  # what the reader keeps does not count
    assert finds_source(row, cases)[0]
    row[0, other] = 0.31
    assert not finds_source(row, cases)[0]


def test_rows_are_not_changed_by_being_judged(gate):
    cases, attentions = gate
    rows = attentions[0, :, 0, cases.reader]
    before = rows.copy()
    finds_source(rows, cases)
    assert (rows == before).all()


def test_random_rows_find_the_source_as_often_as_chance():
    cases = sample_task("relay", 5000, np.random.default_rng(1))
    found = finds_source(np.random.default_rng(2).random((5000, 12)), cases)
    assert abs(found.mean() - 1 / 11) < 0.02


def test_the_interval_covers_the_mean_19_times_in_20():
    rng = np.random.default_rng(0)
    for seeds in (2, 5, 8, 15):
        samples = rng.normal(0.5, 0.02, size=(seeds, 4000))
        _, low, high = mean_and_interval(samples)
        assert abs(((low < 0.5) & (high > 0.5)).mean() - 0.95) < 0.012


def test_the_interval_stays_between_0_and_1():
    mean, low, high = mean_and_interval([0.9, 1.0, 1.0])
    assert 0 <= low < mean < high == 1


@pytest.mark.parametrize("seeds", [1, 16])
def test_too_few_or_too_many_seeds_are_refused(seeds):
    with pytest.raises(ValueError, match=f"{seeds} seeds; expected 2 to 15"):
        mean_and_interval(np.ones(seeds))
