"""The paths behind one entry of R: from which token, through which tokens, in how many hops.

A product of layers is a sum over paths, one position in every layer:

    R[i, j] = sum over all k of A_L[i, k_1] · ... · A_1[k_{L-1}, j]

What does not fit is refused as by `rollout`.
"""

from functools import cache
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from rollout_lab._arguments import as_count, as_position, as_share
from rollout_lab._inputs import as_single, erase_pads
from rollout_lab.rollout import augmented_layers, check_is_product


class Path(NamedTuple):
    """One path through the layers, and what it adds to R[output, source].

    `positions` are L + 1 ints, the output's first and the source's last: layer L leads from the first to the
    second, layer 1 from the last but one to the last. `weight` is the product of the L weights on the way.

    >>> Path(positions=(1, 2, 0), weight=0.25)
    Path(positions=(1, 2, 0), weight=0.25)
    """

    positions: tuple[int, ...]
    weight: float


def top_paths(
    attentions,
    output,
    source,
    k=5,
    *,
    residual="identity",
    heads="mean",
    renormalize=False,
    keep=None,
):
    """The heaviest paths from an output position down to a source position.

    Parameters
    ----------
    attentions : as for `rollout`
        One example: a batch axis may only have length 1.
    output, source : int
        Positions in the last layer's output and in the input; negative ones count from the end.
    k : int
        How many paths to return at most.
    residual : "identity", "none", or a number from 0 to 1
        As for `rollout`, normalised. The recursion is not one product, so its paths differ in length.
    heads, renormalize, keep
        As for `rollout`.

    Returns
    -------
    list of Path
        Heaviest first. Paths of weight 0 are left out, so there may be fewer than k, or none, as from or
        to a position that `keep` leaves out. The weights of all paths sum to `rollout(...)[output, source]`.

    Examples
    --------
    In layer 1, C reads from A. In layer 2, B reads from C. So B draws from A by way of C:

    >>> layer_1 = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    >>> layer_2 = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]
    >>> top_paths([layer_1, layer_2], output=1, source=0)
    [Path(positions=(1, 2, 0), weight=0.25)]
    """
    layers = augmented_layers(attentions, residual=residual, heads=heads, renormalize=renormalize, keep=keep)
    check_is_product(residual)
    k = as_count(k, "k")
    layers = [as_single(A) for A in layers]
    N = layers[0].shape[-1]
    output, source = as_position(output, N, "output"), as_position(source, N, "source")

    # From the input up: the heaviest path from position i above a layer down to the source weighs
    # reach[layer][i].
    reach = [erase_pads(np.eye(N), keep)[source]]
    for A in layers:
        reach.append((A * reach[-1]).max(axis=1))

    # From the output down: walk the heaviest path. At every step the second best way is put aside, with the
    # weight of the heaviest path that begins with it. The heaviest road put aside begins the next path, and
    # the next best way beside its last step is put aside in its place.
    @cache
    def ways(layer, position):
        onward = layers[layer][position] * reach[layer]
        least = np.partition(onward, -k)[-k] if k < N else 0
        best = np.flatnonzero((onward >= least) & (onward > 0))  # a few instead of all to be sorted
        best = best[np.argsort(-onward[best], kind="stable")]
        return list(zip(best.tolist(), onward[best].tolist(), strict=True))

    def put_aside(begun, weight, rank):
        after = ways(len(layers) - len(begun), begun[-1])
        if rank < len(after) and weight * after[rank][1] > 0:
            position, onward = after[rank]
            heappush(roads, (-weight * onward, (*begun, position), weight, rank))

    paths: list[Path] = []
    roads: list[tuple[float, tuple[int, ...], float, int]] = []
    put_aside((output,), 1.0, 0)
    while roads and len(paths) < k:
        _, (*begun, position), weight, rank = heappop(roads)
        put_aside(begun, weight, rank + 1)
        for layer in reversed(range(len(layers) + 1 - len(begun))):
            weight *= layers[layer][begun[-1], position]
            begun.append(position)
            if layer:
                put_aside(begun, weight, 1)
                position = ways(layer - 1, position)[0][0]
        paths.append(Path(tuple(begun), float(weight)))
    return sorted(
        (path for path in paths if path.weight > 0), key=lambda path: (-path.weight, path.positions)
    )


def hop_distribution(n_layers, weight=0.5):
    """How likely 0, 1, ..., L attention hops are when every layer leaves the same share to the identity.

    Parameters
    ----------
    n_layers : int
        L, at least 1.
    weight : number from 0 to 1
        The identity's share: with it a path stays where it is, otherwise attention takes it one hop further.

    Returns
    -------
    (L + 1,)
        `p[h]`: the share of R that came by exactly h hops, a binomial distribution with mean L·(1 - weight).
        An attention hop from a token to itself counts as a hop.

    Examples
    --------
    >>> hop_distribution(2)
    array([0.25, 0.5 , 0.25])
    """
    L, w = as_count(n_layers, "n_layers"), as_share(weight, "weight")
    hops = np.ones(1)
    for _ in range(L):
        hops = np.convolve(hops, [w, 1 - w])  # stay, or one hop more
    return hops
