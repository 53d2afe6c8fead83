"""Attention rollout from queries and keys, for texts so long that attention maps (N, N) fit in no memory.

A row or a column of a product needs no factor whole: weights are made in strips of rows, used and forgotten.
"""

import math
import sys
import time

import numpy as np

from rollout_lab._arguments import as_flag, as_layer_index, as_positions, is_number
from rollout_lab._arrays import as_array, as_mask, as_vectors, at, broadcast_shape, first, refuse
from rollout_lab._inputs import check_fits_its_dtype
from rollout_lab.rollout import _check_residual, is_product

_STRIP = 2**19  # weights made at once, to stay in the processor's cache; but 128 rows at least
_QUIET = 3.0  # seconds before progress is told


def rollout_from_qk(
    query,
    key,
    *,
    queries=None,
    sources=None,
    causal=False,
    mask=None,
    scale=None,
    residual="identity",
    normalize=True,
    start_layer=0,
):
    """Rows of the rollout, or its sums over groups of sources, from queries and keys, heads averaged.

    The same as `rollout` of the maps `attention_weights(query[l], key[l])`, which are never made whole: time
    grows with N², memory beyond `query` and `key` with N. On a long run stderr tells how far it is.

    Parameters
    ----------
    query : sequence of L layers, or an array with layers first
        Each layer is (H, N, d) or (B, H, N, d), first layer first, with rotary positions already in.
    key : the same, (H_kv, N, d) or (B, H_kv, N, d)
        With H_kv < H, each H / H_kv query heads in a row share a key head (grouped-query attention).
    queries : int or list of int
        Compute these rows, as in `rollout`. Either this or `sources` is needed.
    sources : (N, g)
        Compute R @ sources. With a 1 for each token of a word, sentence or page, and 0 elsewhere, a column is
        what each output draws from it.
    causal : bool
        A query may attend to itself and to what stands before it.
    mask : bool, broadcasts to ([B,] H, N, N), optional
        True where a query may attend to a key. `(N,)` hides keys, such as padding, from every query;
        `(B, 1, 1, N)` hides those of each example.
    scale : number, optional
        What the scores are multiplied by, 1/√d if not given.
    residual, normalize, start_layer
        As for `rollout`.

    Returns
    -------
    (..., N) for an int in `queries`, (..., Q, N) for a list, (..., N, g) for `sources`

    Examples
    --------
    One layer, one head, three tokens, d = 1; then two groups, of the first two tokens and of the last:

    >>> query = key = np.log([[[[2.0], [1.0], [1.0]]]])
    >>> rollout_from_qk(query, key, queries=2, causal=True)
    array([0.16666667, 0.16666667, 0.66666667])
    >>> rollout_from_qk(query, key, sources=[[1, 0], [1, 0], [0, 1]], causal=True)[2]
    array([0.33333333, 0.66666667])
    """
    _check_residual(residual)
    normalize, causal = as_flag(normalize, "normalize"), as_flag(causal, "causal")
    query, key, (*batch, H, N, d) = _layers(query=query, key=key)
    used, by_row = range(as_layer_index(start_layer, len(query)), len(query)), queries is not None
    if by_row == (sources is not None):
        found = "both queries and sources" if by_row else "neither queries nor sources"
        raise ValueError(f"got {found}; expected one of them. All of R is sources=np.eye({N})")
    if by_row:
        positions = as_positions(queries, N)
        given = (np.arange(N) == np.reshape(positions, (-1, 1))) * 1.0
    else:
        given = as_array(sources, "sources")
        if given.ndim != 2 or len(given) != N:
            raise ValueError(f"sources has shape {given.shape}; expected (N, g) for N = {N} tokens")
    mask = None if mask is None else _as_mask(mask, (*batch, H, N, N), causal)
    if scale is not None and not (is_number(scale) and math.isfinite(scale)):
        raise ValueError(f"scale={scale!r}; expected a finite number, or None for 1/√d")
    scale = 1 / math.sqrt(d) if scale is None else float(scale)
    b = float(residual) if is_number(residual) else 0.5 * (residual == "identity")
    a, b = (1.0, 1.0) if residual == "identity" and not normalize else (1 - b, b)  # the layers are a·A + b·I
    tell = _progress(len(used) * math.prod(batch) * H)
    given = R = np.broadcast_to(as_vectors(given, "sources"), (*batch, *given.shape))
    total, dtype = np.zeros_like(R), np.dtype(np.float16)  # which is narrower than any layer
    with np.errstate(over="ignore", invalid="ignore"):  # refused below
        for index in reversed(used) if by_row else used:
            q, k = as_vectors(query[index], f"query[{index}]"), as_vectors(key[index], f"key[{index}]")
            dtype = np.result_type(dtype, q, k)
            given, R, total = (x.astype(dtype, copy=False) for x in (given, R, total))
            AR = np.empty_like(R)
            for each in np.ndindex(*batch):
                seen = None if mask is None else mask[each]
                strips = _strips(q[each], k[each], R[each], by_row, scale, causal, seen, tell)
                AR[each] = _summed_over_heads(R[each], by_row, strips) / H
            if is_product(residual):
                R = a * AR + b * R
            else:  # the sum of what each layer and those above it give, or A_L ... (A_2 (A_1 + I) + I)
                R, total = (AR, total + AR) if by_row else (AR + given, AR)
    R = R if is_product(residual) else total / (len(used) if normalize else 1)
    if not normalize:
        check_fits_its_dtype(np.abs(R))
    refuse(R, ~np.isfinite(R), "R @ sources", f"smaller sources, for layers in {R.dtype}")
    return R[..., 0, :] if by_row and np.ndim(positions) == 0 else R


def _summed_over_heads(R, by_row, strips):
    """R @ A `by_row`, else A @ R. A strip of A is E, divided by the sums of its rows: those of E @ 1."""
    ones, out = np.ones((R.shape[-1 if by_row else 0], 1), R.dtype), np.zeros_like(R)
    S = ones if by_row else np.concatenate([R, ones], axis=1)
    for rows, E in strips:
        n = E.shape[1]
        mixed = E @ S[:n]
        if by_row:
            out[:, :n] += (R[:, rows] / mixed.T) @ E
        else:
            out[rows] += mixed[:, :-1] / mixed[:, -1:]
    return out


def _strips(query, key, R, by_row, scale, causal, mask, tell):
    """For each head, b rows at a time: which, and the exponentials (b, n) of their scores with n keys."""
    H, N, _ = query.shape
    rows = np.flatnonzero(R.any(axis=0)) if by_row else np.arange(N)  # a row without weight adds nothing
    b = max(128, _STRIP // N)
    room = np.empty(min(b, len(rows)) * N, np.result_type(query, key))
    for h in range(H):
        q, k = query[h], key[h * len(key) // H]
        longest = np.sqrt(np.einsum("nd,nd->n", k, k).max())
        for strip in (rows[i : i + b] for i in range(0, len(rows), b)):
            scaled = q[strip] * q.dtype.type(scale)
            largest = longest * np.sqrt(np.einsum("nd,nd->n", scaled, scaled).max())  # no score is larger
            if not np.isfinite(largest):
                raise ValueError(f"scores of head {h} go beyond {room.dtype}; expected smaller numbers")
            n = strip[-1] + 1 if causal else N
            E = np.matmul(scaled, k[:n].T, out=room[: len(strip) * n].reshape(len(strip), n))
            if mask is not None:
                np.copyto(E, -np.inf, where=~mask[h, strip, :n])
            if causal:
                np.copyto(E[:, strip[0] + 1 :], -np.inf, where=np.arange(strip[0] + 1, n) > strip[:, None])
            if largest > 40:  # else no exponential, and no sum of them, overflows
                E -= E.max(axis=1, keepdims=True)
            yield strip, np.exp(E, out=E)
            tell(len(strip) / len(rows))


def _layers(**given):
    """Queries and keys as lists of layers, still unread, and the shape of every layer's queries."""
    for name, x in given.items():
        if not hasattr(x, "shape") and not isinstance(x, (list, tuple)):
            raise TypeError(f"{name} is of type {type(x).__name__}; expected a list of layers")
        given[name] = [y if hasattr(y, "shape") else as_array(y, f"{name}[{i}]") for i, y in enumerate(x)]
    query, key = given.values()
    if not query or len(query) != len(key):
        raise ValueError(f"query has {len(query)} layers and key {len(key)}; expected as many, at least one")
    shapes = [(tuple(q.shape), tuple(k.shape)) for q, k in zip(query, key, strict=True)]
    for i, (q, k) in enumerate(shapes):
        H, H_kv = (q[-3], k[-3]) if len(q) == len(k) in (3, 4) else (1, 0)
        if 0 in (*q, H_kv) or H % H_kv or (*k[:-3], *k[-2:]) != (*q[:-3], *q[-2:]) or q != shapes[0][0]:
            raise ValueError(
                f"query[{i}] has shape {q} and key[{i}] {k}; expected ([B,] H, N, d), {shapes[0][0]} as in "
                "the first, and ([B,] H_kv, N, d), H a multiple of H_kv. One layer alone goes in a list"
            )
    return query, key, q


def _as_mask(mask, shape, causal):
    mask = as_mask(mask, shape[-2:])
    if broadcast_shape(mask.shape, shape) != shape:
        raise ValueError(f"mask has shape {mask.shape}; expected it to broadcast to {shape}")
    if causal and (blind := mask.argmax(axis=-1) > np.arange(shape[-1])).any():
        where = f"the query at {at(first(blind))} nothing to attend to"
        raise ValueError(f"mask and causal together leave {where}. If it is a pad, cut it off")
    return np.broadcast_to(mask, shape)


def _progress(total):
    """A function to call with what is done, which rewrites the last line of stderr after some seconds."""
    began, done, due = time.monotonic(), 0.0, _QUIET

    def tell(part):
        nonlocal done, due
        done, seconds = done + part, time.monotonic() - began
        at_end = done > total - 1e-3
        if seconds > due or (at_end and due > _QUIET):
            due, end = seconds + 0.5, "\n" if at_end else ""
            print(f"\rrollout_from_qk: {done / total:.0%}", end=end, file=sys.stderr, flush=True)

    return tell
