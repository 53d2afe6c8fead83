"""Attention flow: how much could pass from an input position to an output position, if layers were pipes.

Where rollout multiplies weights, flow reads them as capacities: what passes along a path is bounded by its
narrowest link, and paths share the links that they have in common.
"""

import sys

import numpy as np

from rollout_lab._arguments import as_positions
from rollout_lab._inputs import as_single, erase_pads
from rollout_lab.rollout import augmented_layers

# The solver counts in 32-bit integers. With whole units of 2**-30 a cut through c links is off by c/2 of them
# at most: by less than 1e-4 where there are fewer than 200,000 links.
_UNITS = 2**30


def attention_flow(attentions, *, heads="mean", queries=None, renormalize=False, keep=None):
    """The maximum flow from each output position down to each input position.

    Parameters
    ----------
    attentions : as for `rollout`
        One example: a batch axis may only have length 1.
    heads, queries, renormalize, keep
        As for `rollout`. A row takes an N-th of the time of all of them.

    Returns
    -------
    (N, N) float64, or (N,) for an int in `queries`, or (Q, N) for a list
        `F[i, j]`: the maximum flow from output i, on top, to input j, at the bottom, through a graph with one
        node for each position above and below every layer and the capacities (A + I) / 2. Not normalised:
        each entry is a problem of its own, and rows sum to anything. Exact to 1e-4.

    Raises ModuleNotFoundError where SciPy, which solves the N·N flow problems, is not installed.

    Source: Abnar & Zuidema (2020), section 3, "attention flow".

    Examples
    --------
    In layer 1, C reads half from A. In layer 2, B reads half from C. The narrowest links on the way from B to
    A hold (1/2)/2:

    >>> layer_1 = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.0, 0.5]]
    >>> layer_2 = [[1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]]
    >>> attention_flow([layer_1, layer_2])[1].round(4)
    array([0.25, 0.75, 0.25])
    """
    layers = augmented_layers(attentions, normalize=False, heads=heads, renormalize=renormalize, keep=keep)
    layers = [as_single(A) / 2 for A in layers]
    N = len(layers[0])
    outputs = range(N) if queries is None else as_positions(queries, N)
    flow = flow_through(layers)
    F = np.array([[flow(output, source) for source in range(N)] for output in np.atleast_1d(outputs)])
    return erase_pads(F if np.ndim(outputs) else F[0], keep)


def flow_through(capacities):
    """The maximum flow through a layered graph, as a function of an output and a source position.

    `capacities`: L matrices (N, N), the first layer first. Raises `ModuleNotFoundError` without SciPy.

    >>> flow = flow_through([np.array([[0.5, 0.0], [0.25, 0.75]])])
    >>> round(flow(1, 0), 4)
    0.25
    """
    try:
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import maximum_flow
    except ModuleNotFoundError as error:
        cure = "which is not installed here: `pip install scipy` or `conda install scipy`"
        if sys.platform == "emscripten":
            cure = "which a browser loads (14 MB) for a cell that says `import scipy`: run such a cell first"
        raise ModuleNotFoundError(
            f"attention_flow solves its flow problems with SciPy, {cure}. "
            "Everything else in rollout_lab does without"
        ) from error

    L, N = len(capacities), len(capacities[0])
    # No flow exceeds what one output position can take in, so this many units of it fit into 32 bits.
    units = int(_UNITS / max(1.0, capacities[-1].sum(axis=-1).max()))
    held = np.rint(units * np.stack(capacities)).astype(np.int32)
    # Node l·N + i is position i above layer l. Information goes up; the solver is quicker that way, too.
    below = np.arange(L * N, dtype=np.int32).reshape(L, 1, N)
    above, below = np.broadcast_arrays(below.swapaxes(1, 2) + np.int32(N), below)
    graph = csr_array((held.ravel(), (below.ravel(), above.ravel())), shape=((L + 1) * N, (L + 1) * N))

    def flow(output, source):
        return float(maximum_flow(graph, source, L * N + output, method="dinic").flow_value / units)

    return flow
