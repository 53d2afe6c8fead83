import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tests.strategies  # noqa: F401  (sets the profile)
from rollout_lab import attend, attention_weights, softmax

scores = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=1, max_dims=4, max_side=5),
    elements=st.floats(-1e4, 1e4),
)


@given(scores, st.data())
def test_softmax_sums_to_one_along_the_axis_asked_for(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    weights = softmax(x, axis=axis)
    assert weights.shape == x.shape
    assert (weights >= 0).all()
    assert weights.sum(axis=axis) == pytest.approx(1)


@given(scores, st.floats(-1e3, 1e3))
def test_softmax_ignores_a_constant_added_to_every_score(x, constant):
    np.testing.assert_allclose(softmax(x + constant), softmax(x), rtol=1e-8, atol=1e-12)


def test_softmax_is_the_ratio_of_exponentials():
    x = np.array([[0.0, 1.0, -2.0], [3.0, 0.5, 0.25]])
    expected = [[math.exp(v) / sum(math.exp(u) for u in row) for v in row] for row in x]
    np.testing.assert_allclose(softmax(x), expected)
    np.testing.assert_allclose(softmax(x.T, axis=0), np.transpose(expected))


def test_softmax_gives_minus_infinity_no_weight():
    np.testing.assert_array_equal(softmax([0.0, -np.inf, 0.0]), [0.5, 0.0, 0.5])


@pytest.mark.parametrize(
    ("given_dtype", "dtype"),
    [(np.float16, np.float32), (np.float32, np.float32), (np.float64, np.float64), (np.int64, np.float64)],
)
def test_attention_keeps_single_precision_and_widens_half(given_dtype, dtype):
    x = np.array([[1, 2], [3, 5]], dtype=given_dtype)
    output, weights = attend(x, x, x, mask=np.tri(2, dtype=bool))
    assert softmax(x).dtype == weights.dtype == output.dtype == dtype


@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_attention_follows_the_formula_position_by_position(n_q, n_k, d, seed):
    rng = np.random.default_rng(seed)
    q, k, v = rng.normal(size=(2, n_q, d)), rng.normal(size=(2, n_k, d)), rng.normal(size=(2, n_k, 3))
    output, weights = attend(q, k, v)
    assert weights.shape == (2, n_q, n_k)
    for b, i in np.ndindex(2, n_q):
        e = [math.exp(sum(q[b, i] * k[b, j]) / math.sqrt(d)) for j in range(n_k)]
        np.testing.assert_allclose(weights[b, i], np.array(e) / sum(e))
        np.testing.assert_allclose(output[b, i], sum(w * x for w, x in zip(weights[b, i], v[b], strict=True)))


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_a_causal_mask_leaves_earlier_positions_as_if_later_ones_did_not_exist(n, seed):
    x = np.random.default_rng(seed).normal(size=(n, 4))
    weights = attention_weights(x, x, mask=np.tri(n, dtype=bool))
    assert not np.triu(weights, 1).any()
    for m in range(1, n + 1):
        np.testing.assert_allclose(
            weights[:m, :m], attention_weights(x[:m], x[:m], mask=np.tri(m, dtype=bool)), rtol=1e-12
        )


def test_a_key_mask_hides_padding_exactly():
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 4))
    real = np.array([[True] * 5, [True, True, True, False, False]])
    weights = attention_weights(x, x, mask=real[:, None, None, :])
    assert weights.shape == (2, 3, 5, 5)
    assert (weights[1, :, :, 3:] == 0).all()
    np.testing.assert_allclose(weights[1, :, :3, :3], attention_weights(x[1, :, :3], x[1, :, :3]), rtol=1e-12)


def test_attention_leaves_its_arguments_alone():
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(3, 4, 4))
    mask = np.tri(4, dtype=bool)
    for array in (q, k, v, mask):
        array.setflags(write=False)
    output, weights = attend(q, k, v, mask)
    assert output.flags.writeable
    assert weights.flags.writeable
    assert softmax(q).flags.writeable


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: softmax([1.0, np.nan]), ValueError, r"scores holds nan at \[1\]"),
        (lambda: softmax([[1.0, 0.0], [0.0, np.inf]]), ValueError, r"scores holds inf at \[1, 1\]"),
        (lambda: softmax([[0.0], [-np.inf]]), ValueError, r"shape \(2, 1\).*nothing but -inf.*axis -1"),
        (lambda: softmax(np.zeros((3, 0))), ValueError, r"shape \(3, 0\).*empty"),
        (lambda: softmax(np.zeros(3), axis=1), ValueError, "axis 1"),
        (lambda: softmax([1j]), TypeError, "complex128.*expected real numbers"),
        (lambda: softmax(["a"]), TypeError, "expected real numbers"),
        (lambda: softmax([1.0, None]), TypeError, "object.*expected real numbers"),
        (lambda: softmax([[1.0], [1.0, 2.0]]), ValueError, "scores is ragged"),
        (lambda: attention_weights(np.zeros(4), np.zeros((2, 4))), ValueError, r"query has shape \(4,\)"),
        (lambda: attention_weights(np.zeros((2, 0)), np.zeros((2, 0))), ValueError, r"shape \(2, 0\)"),
        (lambda: attention_weights([[np.inf]], [[1.0]]), ValueError, r"query holds inf at \[0, 0\]"),
        (
            lambda: attention_weights(np.zeros((2, 3)), np.zeros((2, 4))),
            ValueError,
            r"\(2, 3\).*\(2, 4\).*same d",
        ),
        (lambda: attention_weights(np.zeros((2, 2, 3)), np.zeros((5, 2, 3))), ValueError, r"\(5, 2, 3\)"),
        (lambda: attention_weights([[1.0]], [[1.0]], mask=[[1]]), TypeError, "mask has dtype int64.*bool"),
        (
            lambda: attention_weights([[1.0]], [[1.0], [1.0]], mask=np.ones((2, 2), bool)),
            ValueError,
            r"mask has shape \(2, 2\).*\(1, 2\)",
        ),
        (
            lambda: attention_weights(np.ones((2, 1)), np.ones((3, 1)), mask=np.ones(2, bool)),
            ValueError,
            r"mask has shape \(2,\).*\(2, 3\)",
        ),
        (
            lambda: attention_weights(np.ones((2, 1)), np.ones((2, 1)), mask=[[True, False], [False, False]]),
            ValueError,
            r"query at \[1\] nothing to attend to",
        ),
        (
            lambda: attend([[1.0]], [[1.0]], [[1.0], [2.0]]),
            ValueError,
            r"value has shape \(2, 1\).*one vector",
        ),
    ],
)
def test_an_error_names_the_argument_what_was_found_and_what_was_expected(call, error, message):
    with pytest.raises(error, match=message):
        call()
