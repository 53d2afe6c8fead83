"""The fast way to a rollout's factors gives what the plain way gives, in blocks of any size."""

import tracemalloc
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout_lab import _fast, rollout, rollout_steps
from rollout_lab.rollout import augmented_layers
from tests.strategies import RESIDUALS, attentions_with_pads, random_attentions

SIZES = st.fixed_dictionaries(  # bytes: a row, several, whole layers, several of them
    {name: st.sampled_from([1, 100, 300, 1000, 2**20]) for name in ("_BLOCK", "_TOGETHER", "_TINY")}
)
HOW = st.fixed_dictionaries(
    {
        "residual": st.sampled_from(RESIDUALS),
        "normalize": st.booleans(),
        "heads": st.sampled_from(["mean", "max", "min", None]),
        "renormalize": st.booleans(),
        "start_layer": st.sampled_from([0, 0, 1]),
    }
)


def layouts_of(A):
    """The same layers, each of them as memory may hold it."""
    return {
        "C": list(A),
        "Fortran": [np.asfortranarray(layer) for layer in A],
        "transposed": [np.ascontiguousarray(layer.swapaxes(-1, -2)).swapaxes(-1, -2) for layer in A],
        "backwards": [np.ascontiguousarray(layer[..., ::-1, ::-1])[..., ::-1, ::-1] for layer in A],
        "other bytes": [layer.astype(layer.dtype.newbyteorder()) for layer in A],
        "two precisions": [layer.astype([np.float32, np.float64][i % 2]) for i, layer in enumerate(A)],
    }


def plainly():
    return patch.object(_fast, "_read", side_effect=_fast._Doubtful)


@given(
    attentions_with_pads(batch=True, heads=True),
    HOW,
    SIZES,
    st.sampled_from(list(layouts_of(np.ones((1, 1, 1))))),
    st.sampled_from([np.float64, np.float32, np.float16]),
    st.booleans(),
    st.data(),
)
def test_fast_is_plain(given_with_pads, how, sizes, layout, dtype, has_pads, data):
    A, keep = given_with_pads
    n = A.shape[-1]
    if not has_pads:
        keep, A = None, np.nan_to_num(np.abs(A), posinf=1) + 1e-3
        A /= A.sum(axis=-1, keepdims=True)
    layers = layouts_of(A.astype(dtype))[layout]
    how |= {"start_layer": min(how["start_layer"], len(A) - 1), "keep": keep}
    queries = data.draw(st.lists(st.integers(-n, n - 1), min_size=1, max_size=3))
    calls = (
        lambda: rollout(layers, **how),
        lambda: rollout(layers, queries=queries, **how),
        lambda: rollout_steps(layers, **how),
        lambda: np.stack(list(augmented_layers(layers, **how))),
    )
    for call in calls:
        results = []
        for way in (plainly(), patch.multiple(_fast, **sizes)):
            with way:
                try:
                    results.append(call())
                except ValueError as error:  # no weight in a row: in the same words
                    results.append(str(error))
        plain, fast = results
        if isinstance(plain, str) or isinstance(fast, str):
            assert fast == plain
        else:
            assert fast.dtype == plain.dtype
            np.testing.assert_allclose(fast, plain, rtol=5e-6, atol=1e-12 if fast.dtype == float else 1e-6)


@pytest.mark.parametrize("block", [1, 100, 2**20])
@pytest.mark.parametrize("queries", [None, 0])
def test_what_is_refused_in_any_block_is_refused_by_name(monkeypatch, block, queries):
    monkeypatch.setattr(_fast, "_BLOCK", block)
    for bad, message in [(np.nan, "holds nan at"), (-0.1, "holds -0.1 at"), (2, "row at .* sums to 2.")]:
        for where in [(0, 0, 0), (1, 3, 0), (1, 2, 4)]:
            A = random_attentions(3, 2, 5, 5)
            A[(1, *where)] = bad
            with pytest.raises(ValueError, match=rf"layer 1 .*{message}"):
                rollout(A, queries=queries)


def test_what_only_the_plain_way_can_judge_is_right_after_all():
    A = random_attentions(3, 2, 5, 5)
    A[1] *= 1.00498  # almost too far from 1
    with patch.object(_fast, "_read", wraps=_fast._read) as read:
        R = rollout(A)
    assert read.called
    A[1] /= 1.00498
    np.testing.assert_allclose(R, rollout(A), rtol=2e-2)


@pytest.mark.parametrize(
    ("matrices", "call", "dtype"),
    [
        (3, rollout, np.float32),
        (0.1, lambda A: rollout(A, queries=0), np.float32),
        (4 + 1, rollout_steps, np.float32),  # the result, and the factor at hand
        (0.4, lambda A: rollout(A, queries=0), np.float16),  # a layer, widened at once, is two matrices
    ],
)
def test_memory_beyond_the_input(matrices, call, dtype):
    A = np.full((4, 2, 1024, 1024), 1 / 1024, dtype)
    tracemalloc.start()
    try:
        call(A)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= (matrices + 0.02) * 4 * 1024**2
