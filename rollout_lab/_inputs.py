"""Reads the layers of attention that callers hand in, so that the mathematics next door can stay short.

Every error says what was found, where, what was expected and what to do about it.
"""

import sys
import warnings
from collections.abc import Sequence

import numpy as np

from rollout_lab import _causes
from rollout_lab._arguments import HEADS, check_name
from rollout_lab._arrays import as_array, as_floats, at, check_square, check_values, detached, first

_LAYER_FORMS = "(N, N), (H, N, N) or (B, H, N, N)"


def split_layers(attentions, heads):
    """The layers of `attentions`, first layer first, checked for form; their values are still unread."""
    if heads is not None:
        check_name(heads, HEADS, "heads", or_else=" or None for layers that are fused already")
    layers = []
    for i, layer in enumerate(_sequence(attentions)):
        name = _layer_name(i)
        layers.append(_with_shape(layer, name))
        shape, shape_of_first = tuple(layers[i].shape), tuple(layers[0].shape)
        if len(shape) < 2:
            raise ValueError(
                f"{name} has shape {shape}; expected {_LAYER_FORMS}. "
                "If `attentions` is one layer, wrap it in a list: [attention]. If it is the plain tuple of a "
                "model (return_dict=False), pass the attentions in it"
            )
        if heads is not None and len(shape) > 4:
            raise ValueError(
                f"{name} has shape {shape}; expected {_LAYER_FORMS}. {_causes.GENERATED}. "
                "For more batch axes fuse the heads first and pass heads=None"
            )
        check_square(shape, name)
        if shape != shape_of_first:
            raise ValueError(
                f"{name} has shape {shape} but layer 0 has {shape_of_first}; every layer needs the same "
                f"shape. {_causes.of_different_layers(shape, shape_of_first)}"
            )
    if not layers:
        raise ValueError(
            f"attentions holds no layers; expected at least one. If a model gave it, {_causes.NO_WEIGHTS}"
        )
    _warn_of_another_reading(attentions, layers, heads)
    return layers


def read_layer(layer, index, renormalize=False, keep=None):
    """One layer from `split_layers` as floats, after its values are checked: non-negative, rows sum to 1.

    With `renormalize` rows may sum to anything above 0, and are divided by it. With `keep`, from `as_keep`, a
    position that is left out reads itself, and nobody else reads it, so what it held does not matter.
    """
    name = _layer_name(index)
    given, tolerance = floats_of(layer, index)
    array = given if keep is None else with_pads_apart(given, keep)
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.einsum("...ij->...i", array)  # reads the heads faster than sum(axis=-1) does
        off = ~((sums > 0) & (sums < np.inf)) if renormalize else ~(np.abs(sums - 1) <= tolerance)
    if off.any() or array.min() < 0:
        check_values(array, name)
        row = first(off)
        expected = "more than 0" if renormalize else f"1 within {tolerance:g}"
        if keep is not None and abs(given[row].sum() - 1) <= tolerance:
            cause = _causes.of_share_for_pads(sums[row])
        else:
            columns_sum_to_one = (np.abs(array[row[:-1]].sum(axis=0) - 1) <= tolerance).all()
            cause = _causes.of_row_sum(sums[row], columns_sum_to_one)
        raise ValueError(
            f"{name}: the row at {at(row)} sums to {sums[row]:.6g}; expected {expected}. {cause}"
        )
    return array / sums[..., np.newaxis] if renormalize else array


def floats_of(layer, index, *, widen=True):
    """One layer as floats, and how far from 1 its rows may sum; without `widen`, float16 stays as it is."""
    array = as_floats(layer, _layer_name(index), widen=widen)
    # In bfloat16, widened or not, a weight is off by up to 2^-8 of itself.
    is_new = array is not layer
    is_half = array.dtype.char == "e" or (is_new and str(getattr(layer, "dtype", "")).endswith("float16"))
    return array, 2e-2 if is_half else 5e-3


def as_keep(keep, shape, heads):
    """Which positions of layers of `shape` are tokens: bool (N,), or (B, N) for each example of a batch."""
    keep = np.asarray(detached(keep, "keep"))
    if keep.dtype != bool:
        raise TypeError(
            f"keep has dtype {keep.dtype}; expected bool, True for a token: pass attention_mask == 1"
        )
    N, has_batch = shape[-1], len(shape) > (2 if heads is None else 3)
    forms = [(N,), (shape[0], N)] if has_batch else [(N,)]
    if keep.shape not in forms:
        raise ValueError(
            f"keep has shape {keep.shape}; expected {' or '.join(map(str, forms))}, True for a token, "
            f"for layers of shape {shape}"
        )
    if not keep.any(axis=-1).all():
        where = f" of example {first(~keep.any(axis=-1))[0]}" if keep.ndim > 1 else ""
        raise ValueError(f"keep leaves out every position{where}; expected at least one token")
    return keep


def with_pads_apart(array, keep, top=0):
    """Rows of attention (..., n, N) from `top` on: pads read themselves, and nobody else reads them."""
    n, N = array.shape[-2:]
    columns, rows = (_along(each, array.ndim - 1) for each in (keep, keep[..., top : top + n]))
    among_tokens = rows[..., :, np.newaxis] & columns[..., np.newaxis, :]
    pads_alone = np.eye(n, N, top, dtype=array.dtype) * ~rows[..., np.newaxis]
    return np.where(among_tokens, array, pads_alone)


def keep_of_each(keep, lead):
    """`keep` for every example of axes `lead`, whose last ones are those of the layers: (prod(lead), N)."""
    N = keep.shape[-1]
    return np.broadcast_to(_along(keep, len(lead)), (*lead, N)).reshape(-1, N)


def erase_pads(R, keep):
    """R (..., N), with 0 put in the columns of positions that `keep` leaves out; pads' rows hold no other."""
    if keep is not None:
        R *= _along(np.asarray(detached(keep, "keep")), R.ndim)
    return R


def check_rows_hold_weight(sums, name):
    """Rows whose sums are about to be divided by."""
    if not (sums > 0).all():
        row = first(~(sums > 0))[:-1]
        raise ValueError(
            f"{name}: the row at {at(row)} sums to 0 once the heads are fused, so it cannot be divided by "
            'its sum. Fuse with heads="mean", add the identity or pass normalize=False'
        )


def check_fits_its_dtype(R):
    """A product whose rows were not divided by their sums on the way, and so double with every layer."""
    if not np.isfinite(R.max()):
        cure = "Pass normalize=True" + ("" if R.dtype == np.float64 else ", or the layers as float64")
        raise ValueError(
            f"the rollout grows beyond {np.finfo(R.dtype).max:.2g}, the largest number in {R.dtype}: without "
            f"normalising, the rows of A + I sum to 2, those of L layers to 2^L. {cure}"
        )


def as_single(layer):
    """The (N, N) matrix of one example from a fused layer, whose batch axes may only have length 1."""
    if layer.size > layer.shape[-1] ** 2:
        raise ValueError(
            f"attentions hold a batch of shape {layer.shape[:-2]}; expected one example. "
            "Pick one, for instance the first: [layer[0] for layer in attentions]"
        )
    return layer.reshape(layer.shape[-2:]).astype(np.float64)


def _sequence(attentions):
    if attentions is None:
        raise TypeError(f"attentions is None; {_causes.NO_WEIGHTS}")
    if _has_shape(attentions, "attentions"):
        shape = tuple(attentions.shape)
        if len(shape) < 3:
            raise ValueError(
                f"attentions has shape {shape}; expected layers first: (L, N, N), (L, H, N, N) or "
                "(L, B, H, N, N). If it is one layer, wrap it in a list: [attention]"
            )
        return attentions
    is_output = hasattr(attentions, "attentions")  # some are tuples too
    if isinstance(attentions, Sequence) and not isinstance(attentions, (str, bytes)) and not is_output:
        return attentions
    raise TypeError(
        f"attentions is of type {type(attentions).__name__}; expected a sequence of layers or an array with "
        f"layers first. {_causes.of_type(attentions)}"
    )


def _warn_of_another_reading(attentions, layers, heads):
    L, shape = len(layers), tuple(layers[0].shape)
    if _is_of_a_model(attentions) and len(shape) < 4:
        form = "fused heads" if heads is None or len(shape) == 2 else f"{shape[0]} heads each"
        reading = (
            f"attentions is one array of shape {(L, *shape)}, read as {L} layers of {form}. If it is one "
            "layer, such as outputs.attentions[-1], pass outputs.attentions, or [attention] for this layer "
            "alone. If its first axis is the layers, list(attentions) says so."
        )
    elif L == 1 and len(shape) == 3 and shape[0] > 1 and heads == "mean" and not hasattr(attentions, "shape"):
        reading = (
            f"the only layer has shape {shape}, read as {shape[0]} heads of one example. If its first axis "
            "is a batch, whose heads are fused as nn.MultiheadAttention fuses them, pass heads=None. If it "
            "is heads, [fuse_heads(attention)] says so."
        )
    else:
        return
    warnings.warn(reading, stacklevel=_stacklevel_of_the_caller())


def _is_of_a_model(attentions):
    # A PyTorch tensor or the like, or an array that looks into the memory of one, as tensor.numpy() does.
    # NumPy's own arrays were stacked by somebody, and are taken at their word: layers first.
    if not isinstance(attentions, np.ndarray):
        return hasattr(attentions, "shape")
    while isinstance(attentions, np.ndarray):
        attentions = attentions.base
    return hasattr(attentions, "detach")


def _stacklevel_of_the_caller():
    # Of a warning in the function that asks for it, so that it names the first line outside this package.
    level, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] == __package__:
        level, frame = level + 1, frame.f_back
    return level


def _layer_name(index):
    return f"layer {index} (attentions[{index}])"


def _has_shape(values, name):
    if getattr(values, "is_nested", False):  # PyTorch's, which may raise when asked for its shape
        detached(values, name)
    return hasattr(values, "shape")


def _with_shape(layer, name):
    if layer is None:
        raise TypeError(f"{name} is None; {_causes.NO_WEIGHTS}")
    if isinstance(layer, (list, tuple)) and layer and len(getattr(layer[0], "shape", ())) > 3:
        raise ValueError(
            f"{name} is a {type(layer).__name__} of arrays of shape {tuple(layer[0].shape)}; expected one "
            f"array, {_LAYER_FORMS}. {_causes.GENERATED}"
        )
    return layer if _has_shape(layer, name) else as_array(layer, name)


def _along(keep, ndim):
    # (N,) fits the last axis of anything; the examples of (B, N) stand first.
    return keep if keep.ndim == 1 else np.expand_dims(keep, tuple(range(1, ndim - 1)))
