"""Reads single arrays, nested lists and tensors as NumPy arrays of floats, and refuses what is none.

Every error says what was found, where, what was expected and what to do about it.
"""

import numpy as np

from rollout_lab import _causes


def as_floats(values, name, *, widen=True):
    """An array of floats from an array, nested lists or a tensor; integers, and halves to `widen`, grow."""
    if type(values) is np.ndarray and values.dtype.char in "fd":  # at once, for it is nearly always so
        return values
    array = as_array(values, name)
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if widen and array.dtype.char == "e":
        return array.astype(np.float32)
    return array


def as_scores(values, axis):
    """Scores for a softmax over `axis`: finite, or -inf where no weight may go, but not everywhere."""
    array = as_floats(values, "scores")
    if array.size == 0:
        raise ValueError(f"scores has shape {array.shape}, which is empty; expected at least one score")
    refuse(array, ~(array < np.inf), "scores", "finite numbers or -inf")
    if np.isneginf(array.max(axis=axis)).any():
        raise ValueError(
            f"scores of shape {array.shape} hold nothing but -inf somewhere along axis {axis}; "
            "expected at least one finite score to give the weight to"
        )
    return array


def as_vectors(values, name):
    """Finite vectors (..., n, d)."""
    array = as_floats(values, name)
    if array.ndim < 2 or array.size == 0:
        raise ValueError(f"{name} has shape {array.shape}; expected (..., n, d), neither of them 0")
    refuse(array, ~np.isfinite(array), name, "finite numbers")
    return array


def as_mask(mask, shape):
    """A boolean mask that fits scores of `shape` and leaves every query something to attend to."""
    mask = np.asarray(detached(mask, "mask"))
    if mask.dtype != bool:
        raise TypeError(f"mask has dtype {mask.dtype}; expected bool, True where a query may attend to a key")
    common = broadcast_shape(mask.shape, shape)
    if common is None or common[-2:] != shape[-2:]:
        raise ValueError(
            f"mask has shape {mask.shape}; expected it to broadcast to (..., n_q, n_k) = {shape}"
        )
    blind = ~np.broadcast_to(mask, common).any(axis=-1)
    if blind.any():
        raise ValueError(
            f"mask leaves the query at {at(first(blind))} nothing to attend to; expected a True in its row"
        )
    return mask


def broadcast_shape(*shapes):
    """The shape that `shapes` broadcast to, or None if they do not fit."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def as_weights(values, name, form):
    """Square, finite, non-negative matrices as floats; their rows may sum to anything."""
    array = as_floats(values, name)
    if array.ndim < form.count(","):  # (..., N, N) has two named axes, (..., H, N, N) three
        raise ValueError(f"{name} has shape {array.shape}; expected {form}")
    check_square(array.shape, name)
    check_values(array, name)
    return array


def detached(values, name):
    """A PyTorch tensor, known by its methods, as NumPy (which has no bfloat16); anything else as it is."""
    if hasattr(values, "filled"):
        raise TypeError(
            f"{name} is a masked array, whose mask would be lost; expected plain numbers. For weights pass "
            ".filled(0), and name the tokens with keep= of rollout; for scores .filled(-np.inf)"
        )
    if not hasattr(values, "detach"):
        return values
    try:
        tensor = values.detach().cpu()
        if str(tensor.dtype).endswith("bfloat16"):
            tensor = tensor.float()
        return tensor.numpy()
    except (TypeError, RuntimeError) as error:
        raise TypeError(
            f"{name} cannot be read as numbers: it is {_causes.of_unreadable_tensor(values)}"
        ) from error


def as_array(values, name):
    """An array of real numbers, in the precision in which it comes."""
    if isinstance(values, (list, tuple)):
        values = [detached(value, name) for value in values]
    try:
        array = np.asarray(detached(values, name))
    except ValueError:
        raise ValueError(
            f"{name} is ragged; expected rows of equal length. If it is the pair that nn.MultiheadAttention "
            "returns, take its second part, the weights"
        ) from None
    if array.dtype.name == "bfloat16":  # as JAX gives it
        array = array.astype(np.float32)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {array.dtype}; expected real numbers, such as float32 or float64")
    return array


def check_square(shape, name):
    """A shape (..., N, N), none of its axes empty."""
    if 0 in shape:
        raise ValueError(
            f"{name} has shape {tuple(shape)}, which is empty; expected at least one token and one head"
        )
    if shape[-1] != shape[-2]:
        raise ValueError(
            f"{name} has shape {tuple(shape)}, whose last two axes differ; expected N queries by N keys over "
            f"the same tokens. {_causes.of_last_axes(shape)}"
        )


def check_values(array, name):
    """Weights that are finite and not negative."""
    refuse(array, ~np.isfinite(array), name, "finite numbers", _causes.of_value)
    refuse(array, array < 0, name, "no negative weights", _causes.of_value)


def refuse(array, bad, name, expected, cause=None):
    """Raise ValueError for the first value that is `bad`, with what `cause` says of it."""
    if bad.any():
        value, where = array[first(bad)], at(first(bad))
        why = f". {cause(value)}" if cause else ""
        raise ValueError(f"{name} holds {value} at {where}; expected {expected}{why}")


def first(mask):
    """The index of the first True, as ints."""
    return tuple(int(i) for i in np.argwhere(mask)[0])


def at(index):
    """An index as it is written in code."""
    return "[" + ", ".join(map(str, index)) + "]"
