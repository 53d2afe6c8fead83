"""Compare what a call came to with what it should have come to, or with what a misconception makes of it."""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

from .key import BreakKey, Digest, FunctionKey, Outcome, Probe
from .running import arguments_of

TOLERANCE, IN_HALF_PRECISION = (1e-4, 1e-6), (1e-2, 1e-3)
"""Relative and absolute; numbers in half precision have three digits."""


def same(outcome: Outcome, other: Outcome) -> bool:
    """Whether two calls came to the same: equal shapes and close numbers, or an error in both."""
    if outcome.error is not None or other.error is not None:
        return outcome.error is not None and other.error is not None
    relative, absolute = IN_HALF_PRECISION if outcome.half else TOLERANCE
    return outcome.shape == other.shape and np.allclose(
        outcome.value, other.value, rtol=relative, atol=absolute, equal_nan=True
    )


def is_right(outcome: Outcome, probe: Probe, key: FunctionKey | BreakKey) -> bool:
    """Whether a call came to what the key asks for: the expected numbers, or any heaviest path."""
    if key.compare != "path":
        return same(outcome, probe.expected)
    if not is_path(outcome, probe):
        return False
    layers, *_ends = arguments_of(probe)
    found, best = (weight_of_path(layers, result.value) for result in (outcome, probe.expected))
    return bool(np.isclose(found, best, rtol=TOLERANCE[0], atol=0))


def digest(outcome: Outcome) -> Digest:
    """An outcome as its shape and one weighted sum of its numbers, or None for an error."""
    if outcome.error is not None:
        return None
    values = _finite(outcome)
    return [*outcome.shape, float(f"{_weights(values.size) @ values:.7g}")]


def matches(outcome: Outcome, print_: Digest) -> bool:
    """Whether an outcome is the one of which a digest was taken, within the tolerance of `same`."""
    if print_ is None or outcome.error is not None:
        return print_ is None and outcome.error is not None
    *shape, expected = print_
    if outcome.shape != shape:
        return False
    values = _finite(outcome)
    relative, absolute = IN_HALF_PRECISION if outcome.half else TOLERANCE
    weights = _weights(values.size)
    allowed = np.abs(weights) @ (relative * np.abs(values) + absolute)
    return bool(abs(weights @ values - expected) <= allowed)


def _finite(outcome: Outcome) -> np.ndarray:
    values = np.ravel(outcome.value)
    # Which of infinity and NaN comes out depends on the way of writing; beyond this range sums overflow. All
    # count alike, as a number that no result has.
    return np.where(np.abs(values) < 1e300, values, -17.3)


@cache
def _weights(size: int) -> np.ndarray:
    """Weights between -1 and 1 without a pattern, so that hardly any two results have the same sum."""
    return np.sin(np.arange(1, size + 1) ** 2)


def weight_of_path(layers: np.ndarray, positions: Sequence[float]) -> float:
    """The product of the weights along a path that lists the output first."""
    steps = zip(reversed(layers), positions[:-1], positions[1:], strict=True)
    return float(math.prod(layer[int(i), int(j)] for layer, i, j in steps))


def is_path(outcome: Outcome, probe: Probe) -> bool:
    """Whether an outcome lists L + 1 positions from the probe's output to its source."""
    layers, output, source = arguments_of(probe)
    if outcome.error is not None or outcome.shape != [len(layers) + 1]:
        return False
    positions = np.array(outcome.value)
    whole = (positions == np.round(positions)) & (positions >= 0) & (positions < layers.shape[-1])
    return bool(whole.all() and positions[0] == output and positions[-1] == source)
