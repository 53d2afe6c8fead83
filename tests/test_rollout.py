from functools import reduce
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout_lab import add_identity, fuse_heads, rollout, rollout_steps
from tests.strategies import RESIDUALS, attentions, attentions_with_pads, random_attentions

residuals = st.sampled_from(RESIDUALS)


def product(layers, n):
    """The last layer leftmost; nothing to multiply is the identity."""
    return reduce(lambda R, A: A @ R, layers, np.eye(n))


@given(attentions(heads=True, batch=True))
def test_rows_of_the_three_formulas_sum_to_1_to_L_and_to_2_to_the_L(A):
    n_layers = len(A)
    assert rollout(A, residual="none", normalize=False).sum(-1) == pytest.approx(1)
    assert rollout(A, residual="recursion", normalize=False).sum(-1) == pytest.approx(n_layers)
    assert rollout(A, residual="identity", normalize=False).sum(-1) == pytest.approx(2**n_layers)


@given(attentions(heads=True, batch=True), residuals)
def test_rows_of_a_normalised_rollout_sum_to_one(A, residual):
    R = rollout(A, residual=residual)
    assert R.shape == (A.shape[1], *A.shape[-2:])
    assert (R >= 0).all()
    assert R.sum(-1) == pytest.approx(1)


def test_the_last_layer_stands_on_the_left():
    A_1, A_2, A_3 = random_attentions(3, 4, 4)
    R = rollout([A_1, A_2, A_3], residual="none")
    np.testing.assert_allclose(R, A_3 @ A_2 @ A_1)
    assert not np.allclose(R, A_1 @ A_2 @ A_3)


@given(attentions(max_layers=4, max_tokens=4))
def test_an_entry_without_identity_sums_over_every_path(A):
    n_layers, n, _ = A.shape
    expected = np.zeros((n, n))
    for positions in np.ndindex(*[n] * (n_layers + 1)):  # the output first, the source last
        hops = zip(A[::-1], positions, positions[1:], strict=False)
        expected[positions[0], positions[-1]] += np.prod([layer[i, j] for layer, i, j in hops])
    np.testing.assert_allclose(rollout(A, residual="none"), expected, atol=1e-12)


@given(attentions())
def test_the_recursion_is_the_sum_of_the_products_from_every_layer_up(A):
    n_layers, n, _ = A.shape
    closed = sum(product(A[k:], n) for k in range(n_layers))
    np.testing.assert_allclose(rollout(A, residual="recursion", normalize=False), closed)
    np.testing.assert_allclose(rollout(A, residual="recursion"), closed / n_layers)


@given(attentions())
def test_the_identity_form_is_the_sum_over_all_subsets_of_layers(A):
    n_layers, n, _ = A.shape
    subsets = [s for size in range(n_layers + 1) for s in combinations(range(n_layers), size)]
    assert len(subsets) == 2**n_layers
    total = sum(product(A[list(s)], n) for s in subsets)
    np.testing.assert_allclose(rollout(A, normalize=False), total)
    np.testing.assert_allclose(rollout(A), total / 2**n_layers)


@given(attentions(), st.floats(0, 1))
def test_a_number_is_the_share_of_the_identity(A, weight):
    expected = product([(1 - weight) * layer + weight * np.eye(A.shape[-1]) for layer in A], A.shape[-1])
    np.testing.assert_allclose(rollout(A, residual=weight), expected, atol=1e-12)
    np.testing.assert_allclose(rollout(A, residual=weight, normalize=False), expected, atol=1e-12)


@given(attentions())
def test_half_identity_none_and_nothing_but_identity_are_numbers_too(A):
    np.testing.assert_allclose(rollout(A, residual=0.5), rollout(A), rtol=1e-10)
    np.testing.assert_allclose(rollout(A, residual=0), rollout(A, residual="none"), rtol=1e-10)
    np.testing.assert_allclose(rollout(A, residual=1), np.eye(A.shape[-1]))


@given(attentions(causal=True, heads=True), residuals)
def test_causal_stays_causal(A, residual):
    assert not np.triu(rollout(A, residual=residual), 1).any()


@given(attentions(heads=True), residuals, st.randoms(use_true_random=False))
def test_permuting_tokens_permutes_the_rollout(A, residual, random):
    order = random.sample(range(A.shape[-1]), A.shape[-1])
    permuted = A[..., order, :][..., order]
    expected = rollout(A, residual=residual)[order][:, order]
    np.testing.assert_allclose(rollout(permuted, residual=residual), expected, atol=1e-12)


@given(attentions(heads=True, batch=True), residuals, st.booleans(), st.data())
def test_every_step_is_the_rollout_of_the_layers_so_far(A, residual, normalize, data):
    start = data.draw(st.integers(0, len(A) - 1))
    steps = rollout_steps(A, residual=residual, normalize=normalize, start_layer=start)
    assert steps.shape == (len(A) - start, A.shape[1], *A.shape[-2:])
    for depth, R in enumerate(steps, start + 1):
        np.testing.assert_allclose(R, rollout(A[start:depth], residual=residual, normalize=normalize))


@given(attentions(heads=True, batch=True), residuals, st.booleans(), st.data())
def test_queries_are_the_rows_of_the_full_result(A, residual, normalize, data):
    n = A.shape[-1]
    full = rollout(A, residual=residual, normalize=normalize)
    position = st.integers(-n, n - 1)
    for queries in (data.draw(position), data.draw(st.lists(position, min_size=1, max_size=2 * n))):
        rows = rollout(A, residual=residual, normalize=normalize, queries=queries)
        expected = full[:, queries]
        assert rows.shape == expected.shape
        np.testing.assert_allclose(rows, expected, atol=1e-12)


@pytest.mark.parametrize(
    "queries", [[0, 2], (0, 2), np.array([0, 2]), range(0, 3, 2), slice(0, 3, 2), [0, np.int8(-1)]]
)
def test_a_selection_of_rows_comes_in_any_form_that_numpy_knows(queries):
    A = random_attentions(3, 3, 3)
    np.testing.assert_allclose(rollout(A, queries=queries), rollout(A)[[0, 2]])


@pytest.mark.parametrize("query", [1, -2, np.int64(1), np.array(1)])
def test_a_single_row_loses_its_axis(query):
    A = random_attentions(3, 3, 3)
    np.testing.assert_allclose(rollout(A, queries=query), rollout(A)[1])


@given(attentions(heads=True))
def test_heads_are_fused_before_the_layers_are_multiplied(A):
    for how, fuse in {"mean": np.mean, "max": np.max, "min": np.min}.items():
        fused = np.stack([fuse_heads(layer, how) for layer in A])
        np.testing.assert_allclose(fused, fuse(A, axis=1), atol=1e-15)
        augmented = fused + np.eye(A.shape[-1])
        augmented /= augmented.sum(-1, keepdims=True)
        np.testing.assert_allclose(rollout(A, heads=how), product(augmented, A.shape[-1]), atol=1e-12)


def test_max_and_min_over_heads_are_taken_as_they_come():
    A = random_attentions(2, 3, 4, 4)
    assert (rollout(A, residual="none", heads="max", normalize=False).sum(-1) > 1).all()
    assert (rollout(A, residual="none", heads="min", normalize=False).sum(-1) < 1).all()


@given(attentions(heads=True))
def test_without_fusing_every_leading_axis_is_a_batch_axis(A):
    separate = rollout(A, heads=None)
    assert separate.shape == A.shape[1:]
    for head, R in enumerate(separate):
        np.testing.assert_allclose(R, rollout(A[:, head]), atol=1e-12)
    np.testing.assert_allclose(rollout(A[:, None, None], heads=None)[0, 0], separate)


def test_fusing_heads_is_the_same_for_any_number_of_axes_before_them():
    A = random_attentions(2, 3, 4, 5, 5)
    assert fuse_heads(A).shape == (2, 3, 5, 5)
    np.testing.assert_allclose(fuse_heads(A)[1, 2], fuse_heads(A[1, 2]))
    np.testing.assert_allclose(fuse_heads(A.swapaxes(-1, -2)), A.swapaxes(-1, -2).mean(axis=2))


@given(attentions(batch=True), st.floats(0, 1))
def test_the_identity_takes_its_share_and_leaves_the_rest_to_attention(A, weight):
    np.testing.assert_allclose(add_identity(A, weight), (1 - weight) * A + weight * np.eye(A.shape[-1]))
    assert add_identity(A, weight).sum(-1) == pytest.approx(1)


@given(attentions())
def test_adding_the_identity_as_it_is_makes_rows_sum_to_two(A):
    augmented = add_identity(A, weight=None)
    np.testing.assert_array_equal(augmented, A + np.eye(A.shape[-1]))
    np.testing.assert_allclose(augmented / 2, add_identity(A))


@given(attentions(heads=True), residuals, st.data())
def test_starting_higher_up_leaves_out_the_layers_below(A, residual, data):
    start = data.draw(st.integers(0, len(A) - 1))
    R = rollout(A, residual=residual, start_layer=start)
    np.testing.assert_allclose(R, rollout(A[start:], residual=residual))
    rows = rollout(A, residual=residual, start_layer=start, queries=[0])
    np.testing.assert_allclose(rows, R[[0]], atol=1e-12)


def without_pads(A, keep):
    """The matrices over the tokens alone: pads cut off by hand."""
    return A[..., keep, :][..., keep]


def with_zeros_for_pads(R, keep):
    full = np.zeros((*R.shape[:-2], len(keep), len(keep)))
    full[..., np.ix_(keep, keep)[0], np.ix_(keep, keep)[1]] = R
    return full


HOW = st.fixed_dictionaries(
    {
        "residual": residuals,
        "normalize": st.booleans(),
        "heads": st.sampled_from(["mean", "max"]),
        "renormalize": st.booleans(),
    }
)


@given(attentions_with_pads(heads=True), HOW, st.data())
def test_keeping_the_tokens_is_cutting_the_pads_off_whatever_stands_in_them(given_with_pads, how, data):
    A, keep = given_with_pads
    how["start_layer"] = data.draw(st.integers(0, len(A) - 1))
    cut = without_pads(A, keep)
    R = rollout(A, keep=keep, **how)
    np.testing.assert_allclose(R, with_zeros_for_pads(rollout(cut, **how), keep), atol=1e-12)
    steps = with_zeros_for_pads(rollout_steps(cut, **how), keep)
    np.testing.assert_allclose(rollout_steps(A, keep=keep, **how), steps, atol=1e-12)
    for queries in (data.draw(st.integers(0, len(keep) - 1)), list(range(len(keep)))):
        rows = rollout(A, keep=keep, queries=queries, **how)
        np.testing.assert_allclose(rows, R[queries], atol=1e-12)


@given(attentions_with_pads(batch=True, heads=True), HOW, st.data())
def test_each_example_of_a_batch_keeps_its_own_tokens(given_with_pads, how, data):
    A, keep = given_with_pads
    query = data.draw(st.integers(0, keep.shape[1] - 1))
    R, rows = rollout(A, keep=keep, **how), rollout(A, keep=keep, queries=query, **how)
    np.testing.assert_allclose(rows, R[:, query], atol=1e-12)
    for b, kept in enumerate(keep):
        alone = rollout(without_pads(A[:, b], kept), **how)
        np.testing.assert_allclose(R[b], with_zeros_for_pads(alone, kept), atol=1e-12)
    fused_already = rollout(A, keep=keep, **how | {"heads": None})  # each head a chain of its own
    for b, kept in enumerate(keep):
        np.testing.assert_array_equal(fused_already[b], fused_already[b] * kept)


def test_keep_comes_in_any_form_and_is_left_as_it_was():
    A = np.full((2, 2, 3, 3), 1 / 3)
    A[:, :, :2, :2], A[:, :, :2, 2] = 0.5, 0
    keep = np.array([True, True, False])
    before = A.copy(), keep.copy()
    for same in (keep, [True, True, False], (True, True, False)):
        np.testing.assert_array_equal(
            rollout(A, keep=same), [[0.625, 0.375, 0], [0.375, 0.625, 0], [0, 0, 0]]
        )
    np.testing.assert_array_equal(A, before[0])
    np.testing.assert_array_equal(keep, before[1])
    assert rollout(A.astype(np.float32), keep=keep).dtype == np.float32


def test_a_token_that_reads_a_pad_is_refused_unless_what_is_left_is_divided_by_its_sum():
    A = random_attentions(3, 2, 4, 4)  # no mask hid the last two positions
    keep = np.array([True, True, False, False])
    with pytest.raises(
        ValueError, match=r"row at \[0, 0\] sums to .*keep leaves out.*attention_mask.*renormalize"
    ):
        rollout(A, keep=keep)
    cut = without_pads(A, keep)
    divided = rollout(cut / cut.sum(axis=-1, keepdims=True))
    np.testing.assert_allclose(rollout(A, keep=keep, renormalize=True)[:2, :2], divided)


def test_a_bad_row_of_a_token_is_refused_beside_pads():
    A = np.full((1, 3, 3), 1 / 3)
    A[0, :2, :2], A[0, :2, 2] = 0.5, 0
    for bad, message in [
        (np.nan, r"holds nan at \[1, 0\]"),
        (-0.5, "negative"),
        (2, r"row at \[1\] sums to 2.5"),
    ]:
        A[0, 1, 0] = bad
        with pytest.raises(ValueError, match=message):
            rollout(A, keep=[True, True, False])


@given(attentions(batch=True, heads=True), residuals, st.data())
def test_renormalising_gives_each_heads_rows_back_what_a_sink_took(A, residual, data):
    seed = data.draw(st.integers(0, 2**32 - 1))
    left = np.random.default_rng(seed).uniform(0.2, 1, size=A.shape[:-1])[..., None]
    R = rollout(A, residual=residual)
    np.testing.assert_allclose(rollout(A * left, residual=residual, renormalize=True), R, atol=1e-12)
    steps = rollout_steps(A * left, residual=residual, renormalize=True)
    np.testing.assert_allclose(steps[-1], R, atol=1e-12)


def test_renormalising_cannot_help_a_row_of_nothing_or_what_is_no_weight():
    A = random_attentions(2, 3, 3)
    A[1, 2] = 0
    with pytest.raises(ValueError, match=r"layer 1 .*row at \[2\] sums to 0; expected more than 0.*keep="):
        rollout(A, renormalize=True)
    for bad in (-0.1, np.nan, np.inf):
        A[1, 2, 0] = bad
        with pytest.raises(ValueError, match=r"layer 1 .*holds .* at \[2, 0\]"):
            rollout(A, renormalize=True)
