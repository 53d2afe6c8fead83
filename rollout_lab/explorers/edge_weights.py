"""Through which edges of the layered graph does an entry, or a row, of R come?"""

import numpy as np

RIBBON = 0.01  # an edge that carries less than this share of an entry or a row has no ribbon


def passing(layers, output: int, source: int | None = None, *, recursion: bool = False) -> np.ndarray:
    """What comes through every edge, `(L, N, N)`: all paths that take the edge, added up.

    `layers`: the matrices that are multiplied, `(L, N, N)`, first layer first; `output`: the row; `source`:
    the column, or None for the whole row; `recursion`: whether paths may also end after each layer, as in
    `R_l = A_l @ (R_{l-1} + I)`. An edge's value is what reaches the output from its upper end, times its
    weight, times what its lower end holds of the source; at each layer of a product they add up to
    `R[output, source]`.
    """
    layers = np.asarray(layers, dtype=float)
    identity = np.eye(layers.shape[-1])
    start = np.ones(len(identity)) if source is None else identity[source]
    held = [start]
    for A in layers[:-1]:
        held.append(A @ held[-1] + (start if recursion else 0))
    through, reaching = [], identity[output]
    for A, below in zip(layers[::-1], held[::-1], strict=True):
        through.append(reaching[:, None] * A * below)
        reaching = reaching @ A
    return np.stack(through[::-1])


def ending(layers, output: int, source: int | None = None) -> np.ndarray:
    """What leaves the chain of a recursion after each layer but the last, `(L - 1, N)`.

    From position `k` after layer `l` it comes straight from input `k`, past all layers below: the `I` in
    `A_{l+1} @ (R_l + I)`.
    """
    layers = np.asarray(layers, dtype=float)
    ends, identity = np.empty((len(layers) - 1, layers.shape[-1])), np.eye(layers.shape[-1])
    reaching = identity[output]
    for level in reversed(range(len(ends))):
        ends[level] = reaching = reaching @ layers[level + 1]
    return ends if source is None else ends * identity[source]


def edges(weights, least: float) -> list[list[float]]:
    """The entries of `(L, N, N)` from `least` on: layer from 1, output, input, weight; weakest first."""
    found = np.argwhere(np.asarray(weights) >= least).tolist()
    listed = [[layer + 1, i, j, brief(weights[layer][i][j])] for layer, i, j in found]
    return sorted(listed, key=lambda edge: edge[3])


def brief(values):
    """Numbers with four significant digits, as lists: what a picture needs, in few bytes."""
    if np.ndim(values):
        return [brief(value) for value in values]
    return float(f"{float(values):.4g}")
