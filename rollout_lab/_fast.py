"""The factors of a rollout as fast as memory allows; `rollout.simple_rollout` writes them plainly.

Layers are read in blocks that fit a cache. While a block is there it is checked, its heads are fused and its
rows are divided, so that memory is read once. Small layers share a block. What does not pass the check here
goes the plain way, which refuses it by name, or finds that it was right after all.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from rollout_lab._inputs import floats_of, keep_of_each, with_pads_apart

_BLOCK = 2**21  # bytes


class Recipe(NamedTuple):
    """How a layer becomes a factor: attention · its fused heads + identity · I, divided by its rows' sums."""

    heads: str | None
    attention: float
    identity: float
    normalize: bool
    renormalize: bool
    keep: Any


class _Doubtful(Exception):
    """Something in a block that the plain way must judge."""


def factors(layers, indices, recipe, plain, *, reuse=False):
    """The factor (..., N, N) of each layer; `plain(index)` is the plain way to it.

    With `reuse` a factor may be overwritten by the next one.
    """
    spare = None
    for group in _groups(layers, indices):
        try:
            spare = _factors_of(layers, group, recipe, spare if reuse else None)
        except _Doubtful:
            yield from map(plain, group)
        else:
            yield from spare


def rows(layers, indices, recipe, plain, positions):
    """These rows of the first of `indices`' factor, of that times the second's, and so on: (..., Q, N).

    A product from the left needs no matrix but the layer's own, so a large layer's factor is never made.
    """
    r = None
    for group in _groups(layers, indices):
        try:
            if len(group) == 1:
                r = _rows_through(layers, group, recipe, r, positions)
                yield r
                continue
            below = _factors_of(layers, group, recipe)
        except _Doubtful:
            below = map(plain, group)
        for A in below:
            r = A[..., positions, :] if r is None else r @ A
            yield r


def _groups(layers, indices):
    together = max(1, _BLOCK // (4 * math.prod(layers[0].shape)))
    return [indices[i : i + together] for i in range(0, len(indices), together)]


class _Group(NamedTuple):
    """Layers as one array (M, H, N, N), the axes before a result's (N, N), and what they are checked by."""

    A: Any
    lead: tuple[int, ...]
    tolerance: float
    keep: Any


def _read(layers, indices, recipe):
    arrays, tolerances = zip(*(floats_of(layers[index], index) for index in indices), strict=True)
    shape = arrays[0].shape
    lead = shape[:-2] if recipe.heads is None or len(shape) == 2 else shape[:-3]
    heads = 1 if len(lead) == len(shape) - 2 else shape[-3]
    A = arrays[0] if len(arrays) == 1 else np.stack(arrays)
    keep = None if recipe.keep is None else keep_of_each(recipe.keep, (len(arrays), *lead))
    return _Group(A.reshape(-1, heads, *shape[-2:]), lead, min(tolerances), keep)


@np.errstate(over="ignore", invalid="ignore")  # what is not finite is doubtful
def _factors_of(layers, indices, recipe, spare=None):
    """The factors of some layers, (len(indices), ..., N, N), in the memory of `spare` if they fit there."""
    group = _read(layers, indices, recipe)
    (M, H, N, _), dtype = group.A.shape, np.result_type(group.A)  # in the machine's order of bytes
    fits = spare is not None and (spare.size, spare.dtype) == (M * N * N, dtype)
    out = spare.reshape(M, N, N) if fits else np.empty((M, N, N), dtype)
    sums = np.empty((M, H, N), dtype)
    for _ in _blocks(group, recipe, out, sums):
        pass
    sums = _checked(sums, out, recipe, group.tolerance)
    if recipe.normalize:
        out /= sums[..., np.newaxis]
    if recipe.identity:
        diagonal = out.reshape(M, N * N)[:, :: N + 1]
        diagonal += recipe.identity / sums if recipe.normalize else recipe.identity
    return out.reshape(len(indices), *group.lead, N, N)


@np.errstate(over="ignore", invalid="ignore")
def _rows_through(layers, indices, recipe, r, positions):
    """`r` (..., Q, N) times the factor of one layer; without `r`, the rows at `positions` of the factor."""
    group = _read(layers, indices, recipe)
    (M, H, N, _), dtype = group.A.shape, np.result_type(group.A)
    if r is None:
        r = np.zeros((*group.lead, len(positions), N), dtype)
        r[..., np.arange(len(positions)), positions] = 1
    r = r.reshape(M, -1, N)
    out, sums = np.zeros(r.shape, np.result_type(r, dtype)), np.empty((M, H, N), dtype)
    for some, these, fused in _blocks(group, recipe, None, sums):
        part, divisors = r[some, :, these], _checked(sums[some, :, these], fused, recipe, group.tolerance)
        if recipe.normalize:
            part = part / divisors[:, np.newaxis]
        out[some] += part @ fused
        if recipe.identity:
            out[some, :, these] += recipe.identity * part
    return out.reshape(*group.lead, -1, N)


def _blocks(group, recipe, out, sums):
    """Of every block: which examples, which rows, their fused heads. `sums` (M, H, N) takes their rows' sums.

    Fused heads lie in `out` (M, N, N), or, if it is None, in memory that the next block overwrites.
    """
    A, keep = group.A, group.keep
    M, H, N, _ = A.shape
    copies = 1 if keep is None and not recipe.renormalize else 4
    height = min(N, max(1, _BLOCK // (copies * A.itemsize * H * N)))
    many = max(1, _BLOCK // (copies * A.itemsize * H * N * N))
    if small := out is None:  # so small that it hardly counts beside a large layer
        height = min(height, max(N // 16, 2**14 // N, 1))
        out = np.empty((min(M, many), height, N), sums.dtype)
    ones, share = np.ones(N, sums.dtype), np.full(H, recipe.attention / H, A.dtype)
    for some in (slice(m, m + many) for m in range(0, M, many)):
        for these in (slice(i, i + height) for i in range(0, N, height)):
            block, its_sums = A[some, :, these], sums[some, :, these]
            n, rows = block.shape[0], block.shape[2]
            fused = out[:n, :rows] if small else out[some, these]
            if keep is not None:
                block = with_pads_apart(block, keep[some], these.start)
            if recipe.renormalize:
                whole = block @ ones
                if not (whole.min() > 0 and whole.max() < np.inf):
                    raise _Doubtful
                block = block / whole[..., np.newaxis]
            # First the mean, which reads memory fastest; what the others need lies in the cache then.
            if recipe.heads in ("max", "min"):
                (np.maximum if recipe.heads == "max" else np.minimum).reduce(block, axis=1, out=fused)
                fused *= recipe.attention
            else:
                np.matmul(share, block.reshape(n, H, rows * N), out=fused.reshape(n, rows * N))
            np.matmul(block, ones, out=its_sums)
            if block.min() < 0:
                raise _Doubtful
            yield some, these, fused


def _checked(sums, fused, recipe, tolerance):
    """The sums (..., N) of a factor's rows, once those of the heads' rows, (..., H, N), are found to be 1."""
    if not np.abs(sums - 1).max() <= 0.99 * tolerance:
        raise _Doubtful
    if recipe.heads not in ("max", "min"):
        H = sums.shape[-2]
        return np.full(H, recipe.attention / H, sums.dtype) @ sums + recipe.identity
    sums = fused.sum(axis=-1) + recipe.identity
    if recipe.normalize and not sums.min() > 0:
        raise _Doubtful
    return sums
