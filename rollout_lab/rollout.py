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
    layers = augmented_layers(
        attentions,
        residual=residual,
        normalize=normalize,
        heads=heads,
        start_layer=start_layer,
        renormalize=renormalize,
        keep=keep,
        last_first=queries is not None,
    )
    with np.errstate(over="ignore", invalid="ignore"):  # _finished refuses what overflows
        if queries is None:
            R = next(layers)
            for A in layers:
                R = _one_layer_up(A, R, residual)
        else:
            R = _rows(layers, queries, residual)
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
    layers = augmented_layers(
        attentions,
        residual=residual,
        normalize=normalize,
        heads=heads,
        start_layer=start_layer,
        renormalize=renormalize,
        keep=keep,
    )
    with np.errstate(over="ignore", invalid="ignore"):  # _finished refuses what overflows
        steps = [next(layers)]
        for A in layers:
            steps.append(_one_layer_up(A, steps[-1], residual))
        return np.stack([_finished(R, residual, normalize, keep) for R in steps])


def augmented_layers(
    attentions,
    *,
    residual="identity",
    normalize=True,
    heads="mean",
    start_layer=0,
    renormalize=False,
    keep=None,
    last_first=False,
):
    """The matrices (..., N, N) that a rollout multiplies, one at a time: fused, augmented, normalised.

    Takes what `rollout` takes, and raises what it raises. `last_first` hands out the last layer first. In
    these matrices a position that `keep` leaves out reads itself, and nothing else reads it.

    >>> [A] = augmented_layers([[[0.5, 0.5], [0.0, 1.0]]])
    >>> A
    array([[0.75, 0.25],
           [0.  , 1.  ]])
    """
    _check_residual(residual)
    normalize, renormalize = as_flag(normalize, "normalize"), as_flag(renormalize, "renormalize")
    layers = split_layers(attentions, heads)
    indices = range(as_layer_index(start_layer, len(layers)), len(layers))
    if keep is not None:
        keep = as_keep(keep, tuple(layers[0].shape), heads)

    def augmented(index):
        A = read_layer(layers[index], index, renormalize, keep)
        if heads is not None and A.ndim > 2:
            A = _fused(A, heads)
        if is_number(residual):
            A = _with_identity(A, float(residual))
        elif FORMULAS[residual].identity_in == "layer":
            A = _with_identity(A, None)
        elif FORMULAS[residual].identity_in == "rollout":
            return A  # `_one_layer_up` adds the identity, and `_finished` divides at the end
        return _normalised(A, f"layer {index}") if normalize else A

    return map(augmented, reversed(indices) if last_first else indices)


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


def _one_layer_up(A, R, residual):
    return A @ (R if is_product(residual) else _with_identity(R, None))


def _rows(last_first, queries, residual):
    # Read from the left, a row of A_L ... A_1 is a row of A_L, times A_{L-1}, times A_{L-2} and so on: no
    # matrix-matrix product is needed. The recursion is the sum of what that gives on the way down.
    A = next(last_first)
    positions = as_positions(queries, A.shape[-1])
    R = row = A[..., np.atleast_1d(positions), :]
    for A in last_first:
        row = row @ A
        R = row if is_product(residual) else R + row
    return R if np.ndim(positions) else R[..., 0, :]


def _finished(R, residual, normalize, keep):
    if normalize and not is_product(residual):
        R = _normalised(R, "the rollout")
    if not normalize:
        check_fits_its_dtype(R)
    return np.array(erase_pads(R, keep))  # a copy: R of a single layer may be the caller's own array


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
