"""Does what is to be drawn fit together? Each refusal names what was found and what was expected."""

import operator
from collections.abc import Mapping

import numpy as np

from rollout_lab._arrays import as_floats, refuse

from .canvas import SERIES


def tokens_of(tokens, what: str = "tokens") -> tuple[str, ...]:
    if isinstance(tokens, str):
        raise TypeError(
            f"{what} must be a sequence of strings, found one string {tokens!r}; write [{tokens!r}]."
        )
    tokens = tuple(str(token) for token in tokens)
    if not tokens:
        raise ValueError(f"{what} is empty; give one string for each position.")
    return tokens


def matrix_of(matrix, rows, columns, what: str) -> np.ndarray:
    matrix = _numbers(matrix, what)
    if matrix.ndim != 2:
        hint = " Choose a layer and a head, or fuse the heads first." if matrix.ndim > 2 else ""
        raise ValueError(f"{what} must be a matrix (2 axes), found shape {matrix.shape}.{hint}")
    if matrix.shape != (len(rows), len(columns)):
        raise ValueError(
            f"{what} has shape {matrix.shape}, but there are {len(rows)} tokens for its rows and "
            f"{len(columns)} for its columns; give one token for each row, and `columns` where they differ."
        )
    return matrix


def vector_of(values, length: int, what: str, partner: str) -> np.ndarray:
    values = _numbers(values, what)
    if values.ndim != 1:
        raise ValueError(f"{what} must be one row of numbers (1 axis), found shape {values.shape}.")
    if len(values) != length:
        raise ValueError(f"{what} has {len(values)} numbers for {length} {partner}; give one for each.")
    return values


def series_of(series, convert) -> dict[str, np.ndarray]:
    if not isinstance(series, Mapping):
        raise TypeError(f"expected a mapping from names to numbers, found {type(series).__name__}.")
    if not 1 <= len(series) <= len(SERIES):
        raise ValueError(
            f"expected 1 to {len(SERIES)} named series, found {len(series)}; more cannot be told apart."
        )
    return {str(name): convert(values, repr(name)) for name, values in series.items()}


def index_of(index, length: int, what: str) -> int:
    try:
        index = operator.index(index)
    except TypeError:
        raise TypeError(f"{what} must be a whole number, found {index!r}.") from None
    if not -length <= index < length:
        raise IndexError(f"{what} is {index}, but there are {length} positions: 0 to {length - 1}.")
    return index % length


def cells_of(mark, rows: int, columns: int) -> list[tuple[int, int]]:
    if mark is None:
        return []
    cells = np.asarray(mark)
    if cells.ndim not in (1, 2) or cells.shape[-1] != 2:
        raise ValueError(
            f"mark must be one (i, j) or a list of them, found {mark!r}; to outline a row use row=."
        )
    cells = np.atleast_2d(cells)
    return [(index_of(i, rows, "mark row"), index_of(j, columns, "mark column")) for i, j in cells]


def _numbers(values, what: str) -> np.ndarray:
    values = as_floats(values, what).astype(float)
    refuse(values, ~np.isfinite(values), what, "finite numbers")
    return values
