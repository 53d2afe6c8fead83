"""Attention that hypothesis can draw: small, of every shape, sharp or flat, dense or with zeros."""

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from rollout_lab.rollout import FORMULAS

# The same examples on every run, so that a red test is red for everyone; a busy machine makes none red.
settings.register_profile(
    "course",
    deadline=None,
    max_examples=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("course")

RESIDUALS = (*FORMULAS, 0.0, 0.3, 1.0)


@st.composite
def attentions(draw, *, max_layers=5, max_tokens=6, heads=False, batch=False, causal=False):
    """`(L, N, N)` float64 with rows that sum to 1; with `heads` also H axes, with `batch` also B axes."""
    shape = [draw(st.integers(1, max_layers))]
    shape += [draw(st.integers(1, 3))] if batch else []
    shape += [draw(st.integers(1, 4))] if heads else []
    n = draw(st.integers(1, max_tokens))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weights = rng.gamma(draw(st.sampled_from([0.2, 1.0, 10.0])), size=(*shape, n, n))
    if draw(st.booleans()):
        weights *= rng.random(weights.shape) < 0.6
    # Every row keeps some weight on itself, so that no mask can empty it.
    weights += 1e-3 * np.eye(n)
    if causal:
        weights = np.tril(weights)
    return weights / weights.sum(axis=-1, keepdims=True)


@st.composite
def attentions_with_pads(draw, *, batch=False, **options):
    """Attention as from `attentions`, under a key mask, and `keep`: bool (N,), or (B, N) with `batch`.

    What stands in the rows and columns of pads is anything that models leave there.
    """
    A = draw(attentions(batch=batch, **options))
    n = A.shape[-1]
    keep = np.array(draw(st.lists(st.lists(st.booleans(), min_size=n, max_size=n), min_size=3, max_size=3)))
    keep = keep[: A.shape[1]] if batch else keep[0]
    keep[..., draw(st.integers(0, n - 1))] = True
    rows = keep.reshape(*keep.shape[:-1], *[1] * (A.ndim - keep.ndim - 2), n) if batch else keep
    among_tokens = np.broadcast_to(rows[..., :, None] & rows[..., None, :], A.shape)
    A = np.where(among_tokens, A, 0)
    A /= np.maximum(A.sum(axis=-1, keepdims=True), 1e-300)
    left_there = [draw(st.sampled_from([0, 1 / n, 7, -3, np.nan, np.inf])) for _ in range(2)]
    is_pad_row = np.broadcast_to(~rows[..., :, None], A.shape)
    A = np.where(among_tokens, A, np.where(is_pad_row, *left_there))
    return A, keep


def random_attentions(*shape, seed=0, dtype=np.float64):
    """The same attention of that shape on every call, for examples that need no search."""
    weights = np.random.default_rng(seed).random(shape)
    return (weights / weights.sum(axis=-1, keepdims=True)).astype(dtype)
