"""The factors of a rollout as fast as memory allows; `rollout.simple_rollout` writes them plainly.

Layers are read in blocks that fit a cache. While a block is there it is checked and its heads are fused, so
that memory is read once. What is done with sums and with factors is done for several small layers at once.
What does not pass the check here goes the plain way, which refuses it by name, or finds that it was right
after all.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from rollout_lab._inputs import floats_of, keep_of_each, with_pads_apart

_BLOCK = 2**21  # bytes that a cache holds
_TOGETHER = 2**18  # bytes of the factors that are made at once, of small layers
_TINY = 2**15  # bytes of a layer that is copied beside others faster than it is read alone


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
    for group in _groups(layers, indices, recipe):
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
    for group in _groups(layers, indices, recipe):
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


def _groups(layers, indices, recipe):
    *batch, N, _ = layers[0].shape
    together = max(1, _TOGETHER // (4 * math.prod(batch if recipe.heads is None else batch[:-1]) * N * N))
    return [indices[i : i + together] for i in range(0, len(indices), together)]


class _Group(NamedTuple):
    """Arrays (B, H, N, N), each a layer, or one for tiny layers; and what they are checked and fused by."""

    arrays: list
    lead: tuple[int, ...]  # the axes before a result's (N, N)
    tolerance: float
    keep: Any
    ones: Any
    share: Any


def _read(layers, indices, recipe):
    arrays, tolerances = zip(*(floats_of(layers[i], i, widen=False) for i in indices), strict=True)
    *lead, N, _ = arrays[0].shape
    H = 1 if recipe.heads is None or not lead else lead.pop()
    dtype = np.result_type(np.float32, *arrays)  # in the machine's order of bytes
    keep = None if recipe.keep is None else keep_of_each(recipe.keep, (1, *lead))
    if len(arrays) > 1 and arrays[0].nbytes <= _TINY:
        keep = None if keep is None else np.tile(keep, (len(arrays), 1))
        arrays = (np.stack(arrays),)
    return _Group(
        [A.reshape(-1, H, N, N) for A in arrays],
        tuple(lead),
        min(tolerances),
        keep,
        np.ones(N, dtype),
        np.full(H, recipe.attention / H, dtype),
    )


@np.errstate(over="ignore", invalid="ignore")  # what is not finite is doubtful
def _factors_of(layers, indices, recipe, spare=None):
    """The factors of some layers, (len(indices), ..., N, N), in the memory of `spare` if they fit there."""
    group = _read(layers, indices, recipe)
    M, (B, H, N, _), dtype = len(group.arrays), group.arrays[0].shape, group.ones.dtype
    fits = spare is not None and (spare.size, spare.dtype) == (M * B * N * N, dtype)
    out = spare.reshape(M, B, N, N) if fits else np.empty((M, B, N, N), dtype)
    sums = np.empty((M, B, H, N), dtype)
    blocks = _blocks(group, recipe)
    for m, A in enumerate(group.arrays):
        for some, these in blocks:
            _fuse(A, some, these, group, recipe, out[m, some, these], sums[m, some, :, these])
    _check(sums, group)
    if recipe.normalize:
        sums = _sums_of_fused(sums, out, group, recipe)
        out /= sums[..., np.newaxis]
    if recipe.identity:
        diagonal = out.reshape(M, B, N * N)[..., :: N + 1]
        diagonal += recipe.identity / sums if recipe.normalize else recipe.identity
    return out.reshape(len(indices), *group.lead, N, N)


@np.errstate(over="ignore", invalid="ignore")
def _rows_through(layers, indices, recipe, r, positions):
    """`r` (..., Q, N) times the factor of one layer; without `r`, the rows at `positions` of the factor."""
    group = _read(layers, indices, recipe)
    [A], dtype = group.arrays, group.ones.dtype
    B, H, N, _ = A.shape
    if r is None:
        r = np.zeros((B, len(positions), N), dtype)
        r[:, np.arange(len(positions)), positions] = 1
    r = r.reshape(B, -1, N).astype(np.result_type(r, dtype))
    out, sums = np.zeros_like(r), np.empty((B, H, N), dtype)
    # So low that their fused heads hardly count beside a large layer.
    blocks = _blocks(group, recipe, max(N // 20, 3 * 2**12 // N))
    memory = np.empty(A[blocks[0][0], 0, blocks[0][1]].shape, dtype)
    for some, these in blocks:
        part, its_sums = r[some, :, these], sums[some, :, these]
        fused = memory[: part.shape[0], : part.shape[2]]
        _fuse(A, some, these, group, recipe, fused, its_sums)
        if recipe.normalize:
            part /= _sums_of_fused(its_sums, fused, group, recipe)[:, np.newaxis]
        out[some] += part @ fused
    _check(sums, group)
    if recipe.identity:
        out += recipe.identity * r
    return out.reshape(*group.lead, -1, N)


def _blocks(group, recipe, highest=math.inf):
    """Which examples and which rows make each block; `highest` rows at most."""
    B, H, N, _ = group.arrays[0].shape
    is_copied = group.keep is not None or recipe.renormalize or group.arrays[0].dtype.char == "e"
    copies = 4 if is_copied else 1
    row = copies * group.ones.itemsize * H * N
    height, many = max(1, min(N, highest, _BLOCK // row)), max(1, _BLOCK // (row * N))
    return [
        (slice(m, min(m + many, B)), slice(i, min(i + height, N)))
        for m in range(0, B, many)
        for i in range(0, N, height)
    ]


def _fuse(A, some, these, group, recipe, fused, sums):
    """Check the rows `these` of `some` examples of a layer, but for their `sums` (n, H, h), and fuse them."""
    block = A[some, :, these]
    if block.dtype.char == "e":
        block = block.astype(np.float32)  # here, not the whole layer
    if group.keep is not None:
        block = with_pads_apart(block, group.keep[some], these.start)
    if recipe.renormalize:
        whole = block @ group.ones
        if not (whole.min() > 0 and whole.max() < np.inf):
            raise _Doubtful
        block = block / whole[..., np.newaxis]
    # First the mean, which reads memory fastest; what the others need lies in the cache then.
    if recipe.heads in ("max", "min"):
        (np.maximum if recipe.heads == "max" else np.minimum).reduce(block, axis=1, out=fused)
        fused *= recipe.attention
    else:
        n, H, h, N = block.shape
        np.matmul(group.share, block.reshape(n, H, h * N), out=fused.reshape(n, h * N))
    np.matmul(block, group.ones, out=sums)
    if block.min() < 0:
        raise _Doubtful


def _check(sums, group):
    """Sums of the rows of heads are 1."""
    off = 0.99 * group.tolerance
    if not (sums.min() >= 1 - off and sums.max() <= 1 + off):
        raise _Doubtful


def _sums_of_fused(sums, fused, group, recipe):
    """The sums (..., N) of a factor's rows, before it is divided by them, from those of heads (..., H, N)."""
    if recipe.heads not in ("max", "min"):
        return group.share @ sums + recipe.identity
    sums = fused.sum(axis=-1) + recipe.identity
    if not sums.min() > 0:
        raise _Doubtful
    return sums
