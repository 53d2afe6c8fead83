from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout_lab import Path, add_identity, hop_distribution, rollout, top_paths
from tests.strategies import attentions, attentions_with_pads, random_attentions

residuals = st.sampled_from(["identity", "none", 0.0, 0.3, 1.0])
ALL = 10**6


def every_path(matrices, output, source):
    """All paths of weight above 0 through the matrices (L, N, N), by trying every one; heaviest first."""
    n_layers, n, _ = matrices.shape
    paths = []
    for between in product(range(n), repeat=n_layers - 1):
        positions = (output, *between, source)
        weight = np.prod([matrices[-1 - step][positions[step : step + 2]] for step in range(n_layers)])
        paths.append((weight, positions))
    return sorted(((w, p) for w, p in paths if w > 0), reverse=True)


def multiplied_layers(A, residual):
    """What the rollout multiplies, written out: heads averaged, identity added, rows divided."""
    A = A.mean(axis=1)
    if residual == "none":
        return A
    return add_identity(A, 0.5 if residual == "identity" else residual)


@given(attentions(max_layers=4, max_tokens=4, heads=True), residuals, st.data())
def test_the_heaviest_paths_are_those_that_trying_every_path_finds(A, residual, data):
    n = A.shape[-1]
    output, source = data.draw(st.integers(0, n - 1)), data.draw(st.integers(0, n - 1))
    k = data.draw(st.integers(1, 12))
    layers = multiplied_layers(A, residual)
    expected = every_path(layers, output, source)[:k]
    found = top_paths(A, output, source, k, residual=residual)
    np.testing.assert_allclose([path.weight for path in found], [weight for weight, _ in expected])
    assert len({path.positions for path in found}) == len(found)
    for path in found:
        assert path.positions[0] == output
        assert path.positions[-1] == source
        hops = zip(layers[::-1], path.positions, path.positions[1:], strict=False)
        assert path.weight == pytest.approx(np.prod([layer[i, j] for layer, i, j in hops]))


@given(attentions(max_layers=4, max_tokens=4, heads=True), residuals, st.sampled_from(["mean", "max"]))
def test_the_weights_of_all_paths_sum_to_the_entry_of_the_rollout(A, residual, heads):
    n = A.shape[-1]
    R = rollout(A, residual=residual, heads=heads)
    for output, source in [(0, 0), (0, n - 1), (n - 1, 0)]:
        paths = top_paths(A, output, source, ALL, residual=residual, heads=heads)
        assert sum(path.weight for path in paths) == pytest.approx(R[output, source], abs=1e-12)


@given(attentions(heads=True))
def test_more_paths_begin_with_the_fewer(A):
    many = top_paths(A, 0, -1, 20)
    assert many == sorted(many, key=lambda path: -path.weight)
    for k in range(1, len(many)):
        few = [path.weight for path in top_paths(A, 0, -1, k)]
        assert few == pytest.approx([path.weight for path in many[:k]])


def test_the_heaviest_path_need_not_take_the_heaviest_step_first():
    top = [[0.6, 0.4, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    bottom = [[0.4, 0.3, 0.3], [0.0, 0.1, 0.9], [0.0, 0.0, 1.0]]
    [best, second] = top_paths([bottom, top], output=0, source=2, residual="none")
    assert best == Path((0, 1, 2), pytest.approx(0.36))
    assert second == Path((0, 0, 2), pytest.approx(0.18))


def test_equal_paths_are_found_without_trying_them_all():
    A = np.full((24, 40, 40), 1 / 40)  # 40^23 paths, all of the same weight
    paths = top_paths(A, 3, 5, k=50, residual="none")
    assert len({path.positions for path in paths}) == 50
    assert [path.weight for path in paths] == pytest.approx([40.0**-24] * 50)


def test_a_position_out_of_reach_has_no_paths():
    A = np.tril(np.ones((3, 4, 4)))
    A /= A.sum(axis=-1, keepdims=True)
    assert top_paths(A, output=0, source=3) == []
    assert len(top_paths(A, output=3, source=3)) == 1


@pytest.mark.parametrize("faint", np.logspace(-14, -12, 21))
def test_a_path_too_light_for_a_float_is_left_out_and_never_ends_elsewhere(faint):
    step_on = np.eye(26, k=1)
    step_on[[0, -1]] = 0
    A = faint * step_on
    A[:, 0] = 1 - A.sum(axis=-1)
    paths = top_paths([A] * 24, output=1, source=25, residual="none")  # one path, of weight faint^24
    assert all(path.positions == tuple(range(1, 26)) and path.weight > 0 for path in paths)
    assert paths or faint**24 < 1e-320


def test_a_path_holds_plain_numbers_and_negative_positions_count_from_the_end():
    A = random_attentions(3, 2, 4, 4, dtype=np.float32)
    [path] = top_paths(A, output=-1, source=np.int64(-4), k=1)
    positions, weight = path
    assert (positions[0], positions[-1], len(positions)) == (3, 0, 4)
    assert {type(position) for position in positions} == {int}
    assert type(weight) is float


def test_a_single_example_may_carry_its_batch_axis():
    A = random_attentions(3, 2, 4, 4)
    assert top_paths(A[:, None], 0, 1) == top_paths(A, 0, 1) == top_paths(list(A), 0, 1)
    for path, same in zip(top_paths(A.mean(axis=1), 0, 1, heads=None), top_paths(A, 0, 1), strict=True):
        assert path == (same.positions, pytest.approx(same.weight))


@given(attentions_with_pads(max_layers=3, max_tokens=4, heads=True), st.booleans())
def test_paths_among_the_tokens_are_those_of_matrices_without_pads(given_with_pads, renormalize):
    A, keep = given_with_pads
    tokens = np.flatnonzero(keep)
    cut = A[..., keep, :][..., keep]
    for i, output in enumerate(tokens):
        found = top_paths(A, output, tokens[0], ALL, keep=keep, renormalize=renormalize)
        expected = top_paths(cut, i, 0, ALL)
        assert {path.positions for path in found} == {tuple(tokens[list(p.positions)]) for p in expected}
        np.testing.assert_allclose([path.weight for path in found], [path.weight for path in expected])
    for pad in np.flatnonzero(~keep):
        assert not top_paths(A, pad, pad, keep=keep)
        assert not top_paths(A, tokens[0], pad, keep=keep)
        assert not top_paths(A, pad, tokens[0], keep=keep)
    with_batch_axis = top_paths(A[:, None], tokens[0], tokens[0], keep=keep[None])
    assert with_batch_axis == top_paths(A, tokens[0], tokens[0], keep=keep)


def test_paths_through_rows_that_a_sink_left_short_are_those_of_rows_made_whole():
    A = random_attentions(3, 2, 4, 4)
    whole = top_paths(A, 0, 3)
    for path, same in zip(top_paths(A * 0.8, 0, 3, renormalize=True), whole, strict=True):
        assert path == (same.positions, pytest.approx(same.weight))


def test_attention_is_left_alone_by_the_search():
    A = random_attentions(3, 4, 4)
    before = A.copy()
    top_paths(A, 0, 1, residual="none", heads=None)
    np.testing.assert_array_equal(A, before)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"residual": "recursion"}, ValueError, "recursion.*expected"),
        ({"residual": "all"}, ValueError, "residual='all' is unknown"),
        ({"residual": 2}, ValueError, "residual=2 is out of range"),
        ({"heads": "sum"}, ValueError, "heads='sum' is unknown"),
        ({"heads": None}, ValueError, r"batch of shape \(2,\); expected one example"),
        ({"k": 0}, ValueError, "k=0 is too small; expected at least 1"),
        ({"k": 2.5}, TypeError, "k=2.5 is of type float"),
        ({"k": True}, TypeError, "k=True is of type bool"),
        ({"output": 4}, IndexError, "output=4 is out of range; expected -4 to 3 for 4 tokens"),
        ({"source": -5}, IndexError, "source=-5 is out of range"),
        ({"source": "A"}, TypeError, "source='A' is of type str"),
        ({"attentions": np.eye(4)}, ValueError, r"shape \(4, 4\)"),
        ({"attentions": np.ones((2, 4, 4))}, ValueError, r"layer 0 .*sums to 4"),
        ({"attentions": random_attentions(2, 3, 2, 4, 4)}, ValueError, r"batch of shape \(3,\)"),
    ],
)
def test_a_search_for_paths_refuses_bad_arguments_by_name_and_value(arguments, error, message):
    good = {"attentions": random_attentions(2, 2, 4, 4), "output": 0, "source": 0}
    with pytest.raises(error, match=message):
        top_paths(**good | arguments)


@given(st.integers(1, 60), st.floats(0, 1))
def test_hops_are_probabilities_with_the_mean_that_attentions_share_gives(n_layers, weight):
    p = hop_distribution(n_layers, weight)
    assert p.shape == (n_layers + 1,)
    assert (p >= 0).all()
    assert p.sum() == pytest.approx(1)
    assert p @ np.arange(n_layers + 1) == pytest.approx(n_layers * (1 - weight))


@pytest.mark.parametrize("weight", [0.5, 0.7])
def test_hops_are_as_a_simulation_counts_them(weight):
    n_layers, walkers = 6, 200_000
    hops = (np.random.default_rng(0).random((walkers, n_layers)) >= weight).sum(axis=1)
    counted = np.bincount(hops, minlength=n_layers + 1) / walkers
    p = hop_distribution(n_layers, weight)
    assert (np.abs(counted - p) < 5 * np.sqrt(p * (1 - p) / walkers)).all()


@given(attentions(max_layers=4), st.floats(0.1, 0.9))
def test_hops_divide_the_rollout_by_how_many_layers_took_part(A, weight):
    n_layers, n, _ = A.shape
    by_hops = np.zeros(n_layers + 1)
    for taken in product([False, True], repeat=n_layers):
        matrices = [(1 - weight) * a if hop else weight * np.eye(n) for a, hop in zip(A, taken, strict=True)]
        row = np.eye(n)[0]
        for matrix in matrices[::-1]:
            row = row @ matrix
        by_hops[sum(taken)] += row.sum()
    np.testing.assert_allclose(hop_distribution(n_layers, weight), by_hops)


def test_without_identity_every_layer_is_a_hop_and_with_nothing_else_none_is():
    np.testing.assert_array_equal(hop_distribution(3, 0), [0, 0, 0, 1])
    np.testing.assert_array_equal(hop_distribution(3, 1), [1, 0, 0, 0])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0,), ValueError, "n_layers=0 is too small"),
        ((2.0,), TypeError, "n_layers=2.0 is of type float"),
        ((2, 1.5), ValueError, "weight=1.5 is out of range"),
        ((2, np.nan), ValueError, "weight=nan is out of range"),
        ((2, None), TypeError, "weight=None is of type NoneType"),
    ],
)
def test_hops_refuse_bad_arguments_by_name_and_value(arguments, error, message):
    with pytest.raises(error, match=message):
        hop_distribution(*arguments)
