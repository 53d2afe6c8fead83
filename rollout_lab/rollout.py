"""Attention rollout: how much each output position draws from each input position.

Every layer mixes what the layer below handed it, so the layers multiply, the last one leftmost.
`simple_rollout` is the paper's formula. `rollout` is the same for every form in which models give attention,
for the other ways to count the residual connection (`FORMULAS`), and for single rows.

Abnar & Zuidema (2020), "Quantifying Attention Flow in Transformers", section 3, equation 1.

All functions refuse what does not fit with ValueError, TypeError or IndexError: what was found, in which
layer, and what was expected.
"""

from typing import NamedTuple

import numpy as np

from rollout_lab import _fast
from rollout_lab._arguments import (
    HEADS,
    as_flag,
    as_layer_index,
    as_positions,
    as_share,
    check_name,
    is_number,
)
from rollout_lab._arrays import as_weights
from rollout_lab._inputs import (
    as_keep,
    check_fits_its_dtype,
    check_rows_hold_weight,
    erase_pads,
    read_layer,
    split_layers,
)


def simple_rollout(attentions, weight=0.5):
    """Attention rollout as the paper has it: `attentions` (L, N, N), first layer first, gives R (N, N).

    `weight` is the identity's. The same comes from `rollout`:

    >>> layers = np.array([[[1, 0, 0], [0, 1, 0], [0.5, 0, 0.5]], [[1, 0, 0], [0, 0.5, 0.5], [0, 0, 1]]])
    >>> bool((simple_rollout(layers) == rollout(layers)).all())
    True
    """
    identity = np.eye(len(attentions[0]))
    R = identity
    for A in attentions:  # each layer is multiplied from the left
        R = ((1 - weight) * A + weight * identity) @ R
    return R


class Formula(NamedTuple):
    """One way to count the residual connection, as `residual=` names it.

    `label` is its name in a menu; `formula` says how a layer A comes onto the rollout R of the layers below;
    `identity_in` is what the identity is added to: each "layer", the "rollout" below it, or nothing.
    """

    label: str
    formula: str
    identity_in: str | None = None


# Every list of formulas, in menus, figures and studies, is made from this one.
FORMULAS = {
    "none": Formula("no residual", "R ← A @ R"),
    "recursion": Formula("recursion, as written", "R ← A @ (R + I)", identity_in="rollout"),
    "identity": Formula("A + I, normalised", "R ← (A + I) @ R", identity_in="layer"),
}


def fuse_heads(attention, how="mean"):
    """Make one matrix of a layer's heads.

    Parameters
    ----------
    attention : (..., H, N, N)
    how : "mean", "max" or "min"
        The maximum and the minimum are taken as they come: their rows need not sum to 1.

    Returns
    -------
    (..., N, N)

    Examples
    --------
    >>> fuse_heads([[[1.0, 0.0], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]]])
    array([[0.75, 0.25],
           [0.5 , 0.5 ]])
    """
    check_name(how, HEADS, "how")
    return _fused(as_weights(attention, "attention", "(..., H, N, N)"), how)


def add_identity(attention, weight=0.5):
    """Put the residual connection beside the attention: a position also keeps what it had.

    Parameters
    ----------
    attention : (..., N, N)
    weight : number from 0 to 1, or None
        The identity's share w in (1 - w)·A + w·I; None gives A + I as it is.

    Returns
    -------
    (..., N, N)

    Source: Abnar & Zuidema (2020), section 3, with weight 0.5.

    Examples
    --------
    >>> add_identity([[0.5, 0.5], [1.0, 0.0]])
    array([[0.75, 0.25],
           [0.5 , 0.5 ]])
    """
    A = as_weights(attention, "attention", "(..., N, N)")
    return _with_identity(A, None if weight is None else as_share(weight, "weight"))


def rollout(
    attentions,
    *,
    residual="identity",
    normalize=True,
    heads="mean",
    start_layer=0,
    queries=None,
    renormalize=False,
    keep=None,
):
    """How much each output position draws from each input position, through all layers.

    Parameters
    ----------
    attentions : sequence of L layers, or an array with layers first
        Each layer is (N, N), (H, N, N) or (B, H, N, N), the first layer first, its rows summing to 1 (within
        0.005; 0.02 in half precision): NumPy arrays, nested lists, or PyTorch tensors such as a Hugging Face
        model's `outputs.attentions`. No shape tells heads from a batch: (B, N, N) with fused heads, as
        `nn.MultiheadAttention` returns it, needs heads=None. Nor does it tell one layer from all of them:
        `outputs.attentions[-1]` alone is read as B layers. Where a model's array comes whole, or one layer
        (H, N, N) alone, a warning says how it is read; NumPy's own arrays are taken as layers first.
    residual : "identity", "recursion", "none", or a number from 0 to 1
        ============  ==============================================  ==============================
        "none"        R_l = A_l @ R_{l-1}                             A row sums to 1.
        "identity"    the same with A + I in place of A               To 2^L, unless normalised.
        a number w    the same with (1 - w)·A + w·I in place of A     A row sums to 1.
        "recursion"   R_l = A_l @ (R_{l-1} + I)                       To L, unless normalised.
        ============  ==============================================  ==============================
    normalize : bool
        Divide the rows of each (augmented) layer by their sums before multiplying; for "recursion", the
        rows of the final R, once. False is the formula as written. Where rows sum to 1, normalising A + I
        gives the (A + I) / 2 of the paper.
    heads : "mean", "max", "min" or None
        How to fuse heads. None: they are fused already and every axis before (N, N) is a batch axis.
    start_layer : int
        Leave out the layers below this one; 0 is the first layer.
    queries : int or list of int, optional
        Compute only these rows, in O(L·N²) instead of O(L·N³). Negative ones count from the end.
    renormalize : bool
        Divide each head's rows by their sums first, for models whose rows sum to less than 1 because a sink
        takes the rest, such as gpt-oss. Rows may then sum to anything above 0.
    keep : bool (N,) or (B, N), optional
        Which positions are tokens, as `attention_mask == 1` says. The others are pads. What their rows and
        columns hold is not checked, be it NaN; in R they are 0, also where `queries` names one; the rest is
        as if they were cut off. So a token that reads from a pad has a row that sums to less than 1: it is
        refused, or divided by its sum with `renormalize`.

    Returns
    -------
    (..., N, N), or (..., N) for an int in `queries`, or (..., Q, N) for a list
        `R[..., i, j]`: how much output position i draws from input position j.

    Source: Abnar & Zuidema (2020), section 3, equation 1.

    Examples
    --------
    In layer 1, C reads from A. In layer 2, B reads from C. So B has drawn from A, by way of C:

    >>> layer_1 = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    >>> layer_2 = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]
    >>> rollout([layer_1, layer_2], residual="none")
    array([[1., 0., 0.],
           [1., 0., 0.],
           [1., 0., 0.]])
    >>> rollout([layer_1, layer_2], queries=1)
    array([0.25, 0.5 , 0.25])

    Three matrices in each layer: three heads of one example, or a batch of three whose heads are fused:

    >>> layer = np.full((3, 2, 2), 0.5)
    >>> rollout([layer, layer]).shape
    (2, 2)
    >>> rollout([layer, layer], heads=None).shape
    (3, 2, 2)

    C is a pad here:

    >>> rollout([np.eye(3), layer_1], keep=[True, True, False])
    array([[1., 0., 0.],
           [0., 1., 0.],
           [0., 0., 0.]])
    """
    plan = _plan(attentions, residual, normalize, heads, start_layer, renormalize, keep)
    with np.errstate(over="ignore", invalid="ignore"):  # _finished refuses what overflows
        if queries is None:
            R = spare = None
            for A in _fast.factors(*plan, reuse=True):
                R, spare = (A.copy() if R is None else _one_layer_up(A, R, residual, spare)), R
        else:
            R = _rows(plan, queries, residual)
    return _finished(R, residual, normalize, keep)


def rollout_steps(
    attentions,
    *,
    residual="identity",
    normalize=True,
    heads="mean",
    start_layer=0,
    renormalize=False,
    keep=None,
):
    """The rollout up to each layer: what `rollout` passes through on its way up.

    Parameters
    ----------
    attentions, residual, normalize, heads, start_layer, renormalize, keep
        As for `rollout`.

    Returns
    -------
    (L, ..., N, N)
        `steps[l]` is the rollout of the first l + 1 layers used, so `steps[-1]` is the rollout itself. With
        `start_layer` there are as many steps as layers are left.

    Examples
    --------
    >>> swap = [[0.0, 1.0], [1.0, 0.0]]
    >>> rollout_steps([swap, swap], residual="none")
    array([[[0., 1.],
            [1., 0.]],
           [[1., 0.],
            [0., 1.]]])
    """
    layers, indices, *how = _plan(attentions, residual, normalize, heads, start_layer, renormalize, keep)
    steps = np.empty(0)
    with np.errstate(over="ignore", invalid="ignore"):  # _finished refuses what overflows
        for i, A in enumerate(_fast.factors(layers, indices, *how, reuse=True)):
            if i == 0:
                steps = np.empty((len(indices), *A.shape), A.dtype)
            steps = steps.astype(np.result_type(steps, A), copy=False)  # layers may differ in precision
            steps[i] = A if i == 0 else _one_layer_up(A, steps[i - 1], residual, steps[i])
    for R in steps:
        _finished(R, residual, normalize, keep)
    return steps


def augmented_layers(
    attentions,
    *,
    residual="identity",
    normalize=True,
    heads="mean",
    start_layer=0,
    renormalize=False,
    keep=None,
):
    """The matrices (..., N, N) that a rollout multiplies, one at a time: fused, augmented, normalised.

    Takes what `rollout` takes, and raises what it raises. In these matrices a position that `keep` leaves out
    reads itself, and nothing else reads it.

    >>> [A] = augmented_layers([[[0.5, 0.5], [0.0, 1.0]]])
    >>> A
    array([[0.75, 0.25],
           [0.  , 1.  ]])
    """
    return _fast.factors(*_plan(attentions, residual, normalize, heads, start_layer, renormalize, keep))


def is_product(residual):
    """Whether the rollout with this `residual` is the product of one matrix for each layer."""
    return is_number(residual) or FORMULAS[residual].identity_in != "rollout"


def check_is_product(residual):
    """Refuse a `residual` whose rollout is not one product, where paths through all layers are asked for."""
    if not is_product(residual):
        names = ", ".join(f'"{name}"' for name in reversed(FORMULAS) if is_product(name))
        raise ValueError(
            f'residual="{residual}" is not a product of one matrix a layer but a sum of products, whose '
            f"paths skip layers; expected {names} or a number from 0 to 1, the identity's weight"
        )


def _check_residual(residual):
    if is_number(residual):
        as_share(residual, "residual")
    else:
        names = tuple(reversed(FORMULAS))
        check_name(residual, names, "residual", or_else=" or a number from 0 to 1, the identity's weight")


def _plan(attentions, residual, normalize, heads, start_layer, renormalize, keep):
    """What `_fast` makes factors from: layers, which of them, the recipe, and the plain way to one factor."""
    _check_residual(residual)
    normalize, renormalize = as_flag(normalize, "normalize"), as_flag(renormalize, "renormalize")
    layers = split_layers(attentions, heads)
    indices = range(as_layer_index(start_layer, len(layers)), len(layers))
    if keep is not None:
        keep = as_keep(keep, tuple(layers[0].shape), heads)
    weight = float(residual) if is_number(residual) else None
    in_layer = weight is not None or FORMULAS[residual].identity_in == "layer"
    divide = normalize and is_product(residual)  # else `_finished` divides at the end
    attention, identity = (1.0, float(in_layer)) if weight is None else (1 - weight, weight)

    def plain(index):
        A = read_layer(layers[index], index, renormalize, keep)
        if heads is not None and A.ndim > 2:
            A = _fused(A, heads)
        if in_layer:
            A = _with_identity(A, weight)
        return _normalised(A, f"layer {index}") if divide else A

    recipe = _fast.Recipe(heads, attention, identity, divide, renormalize, keep)
    return layers, indices, recipe, plain


def _one_layer_up(A, R, residual, out=None):
    fits = out is not None and A.dtype == R.dtype == out.dtype
    above = np.matmul(A, R, out=out if fits else None)
    if not is_product(residual):
        above += A  # A @ (R + I)
    return above


def _rows(plan, queries, residual):
    # Read from the left, a row of A_L ... A_1 is a row of A_L, times A_{L-1}, times A_{L-2} and so on: no
    # matrix-matrix product is needed. The recursion is the sum of what that gives on the way down.
    layers, indices, recipe, plain = plan
    positions = as_positions(queries, layers[0].shape[-1])
    rows = _fast.rows(layers, indices[::-1], recipe, plain, np.atleast_1d(positions))
    R = next(rows)
    for row in rows:
        R = row if is_product(residual) else R + row
    return R if np.ndim(positions) else R[..., 0, :]


def _finished(R, residual, normalize, keep):
    # In place: nobody else holds R.
    if normalize and not is_product(residual):
        sums = R.sum(axis=-1, keepdims=True)
        check_rows_hold_weight(sums, "the rollout")
        R /= sums
    if not normalize:
        check_fits_its_dtype(R)
    return erase_pads(R, keep)


def _normalised(A, name):
    sums = A.sum(axis=-1, keepdims=True)
    check_rows_hold_weight(sums, name)
    return A / sums


def _with_identity(A, weight):
    # In A's dtype: NumPy's float64 by default would turn everything that follows into float64.
    identity = np.eye(A.shape[-1], dtype=A.dtype)
    return A + identity if weight is None else (1 - weight) * A + weight * identity


def _fused(A, how):
    if how == "mean":
        # A vector-matrix product, because BLAS reads the heads faster than mean(axis=-3) does.
        H, N = A.shape[-3:-1]
        share = np.full(H, 1 / H, dtype=A.dtype)
        return (share @ A.reshape(*A.shape[:-2], N * N)).reshape(*A.shape[:-3], N, N)
    return A.max(axis=-3) if how == "max" else A.min(axis=-3)
