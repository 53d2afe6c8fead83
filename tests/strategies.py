"""Attention that hypothesis can draw: small, of every shape, sharp or flat, dense or with zeros."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

# The same examples on every run, so that a red test is red for everyone.
settings.register_profile("course", deadline=None, max_examples=40, derandomize=True)
settings.load_profile("course")

RESIDUALS = ("identity", "recursion", "none", 0.0, 0.3, 1.0)


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


def random_attentions(*shape, seed=0, dtype=np.float64):
    """The same attention of that shape on every call, for examples that need no search."""
    weights = np.random.default_rng(seed).random(shape)
    return (weights / weights.sum(axis=-1, keepdims=True)).astype(dtype)
