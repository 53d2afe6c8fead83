"""Checks the arguments beside the attention: names, numbers, flags and positions.

Every error says what was found, what was expected and what to do about it.
"""

import operator
from numbers import Real

import numpy as np

HEADS = ("mean", "max", "min")


def check_name(value, names, argument, or_else=""):
    """One of a few names."""
    expected = f"expected one of {', '.join(map(repr, names))}{or_else}"
    if not isinstance(value, str):
        raise TypeError(f"{argument}={value!r} is of type {type(value).__name__}; {expected}")
    if value not in names:
        raise ValueError(f"{argument}={value!r} is unknown; {expected}")


def is_number(value):
    """Whether a value is a real number, for which True and False do not pass."""
    return isinstance(value, Real) and not isinstance(value, bool)


def as_flag(value, argument):
    """True or False, and not what merely counts as one: "False" is true for Python."""
    if not _is_bool(value):
        raise TypeError(f"{argument}={value!r} is of type {type(value).__name__}; expected True or False")
    return bool(value)


def as_share(value, argument):
    """A number from 0 to 1 as a plain float: a NumPy one would turn float32 matrices into float64."""
    if not is_number(value):
        raise TypeError(
            f"{argument}={value!r} is of type {type(value).__name__}; expected a number from 0 to 1"
        )
    if not 0 <= value <= 1:
        raise ValueError(f"{argument}={value!r} is out of range; expected a number from 0 to 1")
    return float(value)


def as_count(value, argument):
    """A whole number of at least 1."""
    count = _as_int(value, argument)
    if count < 1:
        raise ValueError(f"{argument}={count} is too small; expected at least 1")
    return count


def as_layer_index(value, n_layers):
    """The layer to start from: 0 is the first, and nothing counts from the end."""
    index = _as_int(value, "start_layer")
    if not 0 <= index < n_layers:
        raise IndexError(
            f"start_layer={index} is out of range; expected 0 to {n_layers - 1} for {n_layers} layers"
        )
    return index


def as_position(value, n_tokens, argument):
    """A token's position from 0; negative ones count from the end."""
    index = _as_int(value, argument)
    if not -n_tokens <= index < n_tokens:
        raise IndexError(
            f"{argument}={index} is out of range; expected {-n_tokens} to {n_tokens - 1} "
            f"for {n_tokens} tokens"
        )
    return index % n_tokens


def as_positions(queries, n_tokens):
    """The selected rows: an int for a single one, else a list of ints."""
    if isinstance(queries, slice):
        queries = range(n_tokens)[queries]
    if hasattr(queries, "__iter__") and not hasattr(queries, "__getitem__"):
        kind = type(queries).__name__
        raise TypeError(f"queries is of type {kind}; expected an int or a list of ints: pass list(queries)")
    if isinstance(queries, (str, bytes)) or not hasattr(queries, "__len__") or np.ndim(queries) == 0:
        _as_int(queries, "queries", "an int or a list of ints")
        return as_position(queries, n_tokens, "queries")
    if np.ndim(queries) > 1:
        raise ValueError(f"queries has shape {np.shape(queries)}; expected an int or a flat list of ints")
    if len(queries) == 0:
        raise ValueError("queries selects nothing; expected at least one position, or None for every row")
    if _is_bool(queries) or all(_is_bool(query) for query in queries):
        raise TypeError("queries is a mask of True and False; expected positions: np.flatnonzero(queries)")
    return [as_position(query, n_tokens, "queries") for query in queries]


def _as_int(value, argument, expected="an int"):
    try:
        if _is_bool(value):
            raise TypeError
        return operator.index(value)
    except TypeError:
        kind = type(value).__name__
        raise TypeError(f"{argument}={value!r} is of type {kind}; expected {expected}") from None


def _is_bool(value):
    # Python's own, NumPy's, and PyTorch's, which would pass for the int 1 or 0.
    return isinstance(value, bool) or str(getattr(value, "dtype", "")).endswith("bool")
