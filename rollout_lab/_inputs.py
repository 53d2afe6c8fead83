"""Reads what callers hand in, so that the mathematics next door can stay short.

Every error says what was found, where, what was expected and what to do about it.
"""

import operator
from collections.abc import Sequence
from numbers import Real

import numpy as np

HEADS = ("mean", "max", "min")
RESIDUALS = ("identity", "recursion", "none")

_LAYER_FORMS = "(N, N), (H, N, N) or (B, H, N, N)"
_ASK_FOR_WEIGHTS = (
    'fused attention keeps no weights: load the model with attn_implementation="eager" '
    "and call it with output_attentions=True"
)


def as_floats(values, name):
    """An array of floats from an array, nested lists or a tensor; half precision and integers are widened."""
    array = _as_array(values, name)
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype == np.float16:
        return array.astype(np.float32)
    return array


def as_scores(values, axis):
    """Scores for a softmax over `axis`: finite, or -inf where no weight may go, but not everywhere."""
    array = as_floats(values, "scores")
    if array.size == 0:
        raise ValueError(f"scores has shape {array.shape}, which is empty; expected at least one score")
    if not array.max() < np.inf:
        where = _first(~(array < np.inf))
        raise ValueError(f"scores holds {array[where]} at {_at(where)}; expected finite numbers or -inf")
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
    if not np.isfinite(array).all():
        where = _first(~np.isfinite(array))
        raise ValueError(f"{name} holds {array[where]} at {_at(where)}; expected finite numbers")
    return array


def as_mask(mask, shape):
    """A boolean mask that fits scores of `shape` and leaves every query something to attend to."""
    mask = np.asarray(detached(mask))
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
            f"mask leaves the query at {_at(_first(blind))} nothing to attend to; expected a True in its row"
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
    _check_square(array.shape, name)
    _check_values(array, name)
    return array


def split_layers(attentions, heads):
    """The layers of `attentions`, first layer first, checked for form; their values are still unread."""
    if heads is not None:
        check_name(heads, HEADS, "heads", or_else=" or None for layers that are fused already")
    layers = [_with_shape(layer, _layer_name(i)) for i, layer in enumerate(_sequence(attentions))]
    if not layers:
        raise ValueError("attentions holds no layers; expected at least one")
    first = tuple(layers[0].shape)
    for i, layer in enumerate(layers):
        shape, name = tuple(layer.shape), _layer_name(i)
        if len(shape) < 2:
            raise ValueError(
                f"{name} has shape {shape}; expected {_LAYER_FORMS}. "
                "If `attentions` is one layer, wrap it in a list: [attention]"
            )
        if heads is not None and len(shape) > 4:
            raise ValueError(
                f"{name} has shape {shape}; expected {_LAYER_FORMS}. "
                "For more batch axes fuse the heads first and pass heads=None"
            )
        _check_square(shape, name)
        if shape != first:
            raise ValueError(
                f"{name} has shape {shape} but layer 0 has {first}; every layer needs the same shape. "
                "If only the number of heads differs, fuse each layer's heads first and pass heads=None"
            )
    return layers


def read_layer(layer, index):
    """One layer from `split_layers` as floats, after its values are checked: non-negative, rows sum to 1."""
    name = _layer_name(index)
    tolerance = 2e-2 if str(getattr(layer, "dtype", "")).endswith("float16") else 1e-3
    array = as_floats(layer, name)
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.einsum("...ij->...i", array)  # reads the heads faster than sum(axis=-1) does
        off = ~(np.abs(sums - 1) <= tolerance)
    if off.any() or array.min() < 0:
        _check_values(array, name)
        row = _first(off)
        raise ValueError(
            f"{name}: the row at {_at(row)} sums to {sums[row]:.6g}; expected 1 within {tolerance:g}. "
            "Give attention weights after the softmax, without dropout (model.eval()) and before adding any "
            "identity; attention[i, j] is how much query i reads from key j"
        )
    return array


def check_rows_hold_weight(sums, name):
    """Rows whose sums are about to be divided by."""
    if not (sums > 0).all():
        row = _first(~(sums > 0))[:-1]
        raise ValueError(
            f"{name}: the row at {_at(row)} sums to 0 once the heads are fused, so it cannot be divided by "
            'its sum. Fuse with heads="mean", add the identity or pass normalize=False'
        )


def check_name(value, names, argument, or_else=""):
    """One of a few names."""
    expected = f"expected one of {', '.join(map(repr, names))}{or_else}"
    if not isinstance(value, str):
        raise TypeError(f"{argument}={value!r} is of type {type(value).__name__}; {expected}")
    if value not in names:
        raise ValueError(f"{argument}={value!r} is unknown; {expected}")


def check_residual(residual):
    """One of the three names, or the identity's weight."""
    if isinstance(residual, Real) and not isinstance(residual, bool):
        as_share(residual, "residual")
    else:
        check_name(residual, RESIDUALS, "residual", or_else=" or a number from 0 to 1, the identity's weight")


def as_share(value, argument):
    """A number from 0 to 1 as a plain float: a NumPy one would turn float32 matrices into float64."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(
            f"{argument}={value!r} is of type {type(value).__name__}; expected a number from 0 to 1"
        )
    if not 0 <= value <= 1:
        raise ValueError(f"{argument}={value!r} is out of range; expected a number from 0 to 1")
    return float(value)


def as_count(value, argument):
    """A whole number of at least 1."""
    count = _as_int(value, argument)
    if count < 1:
        raise ValueError(f"{argument}={count} is too small; expected at least 1")
    return count


def as_layer_index(value, n_layers):
    """The layer to start from: 0 is the first, and nothing counts from the end."""
    index = _as_int(value, "start_layer")
    if not 0 <= index < n_layers:
        raise IndexError(
            f"start_layer={index} is out of range; expected 0 to {n_layers - 1} for {n_layers} layers"
        )
    return index


def as_position(value, n_tokens, argument):
    """A token's position from 0; negative ones count from the end."""
    index = _as_int(value, argument)
    if not -n_tokens <= index < n_tokens:
        raise IndexError(
            f"{argument}={index} is out of range; expected {-n_tokens} to {n_tokens - 1} "
            f"for {n_tokens} tokens"
        )
    return index % n_tokens


def as_positions(queries, n_tokens):
    """The selected rows: an int for a single one, else a list of ints."""
    if isinstance(queries, slice):
        queries = range(n_tokens)[queries]
    if isinstance(queries, (str, bytes)) or not hasattr(queries, "__len__") or np.ndim(queries) == 0:
        return as_position(queries, n_tokens, "queries")
    if np.ndim(queries) > 1:
        raise ValueError(f"queries has shape {np.shape(queries)}; expected an int or a flat list of ints")
    if len(queries) == 0:
        raise ValueError("queries selects nothing; expected at least one position, or None for every row")
    return [as_position(query, n_tokens, "queries") for query in queries]


def as_single(layer):
    """The (N, N) matrix of one example from a fused layer, whose batch axes may only have length 1."""
    if layer.size > layer.shape[-1] ** 2:
        raise ValueError(
            f"attentions hold a batch of shape {layer.shape[:-2]}; expected one example. "
            "Pick one, for instance the first: [layer[0] for layer in attentions]"
        )
    return layer.reshape(layer.shape[-2:]).astype(np.float64)


def detached(values):
    """A PyTorch tensor, known by its methods, as NumPy (which has no bfloat16); anything else as it is."""
    if not hasattr(values, "detach"):
        return values
    tensor = values.detach().cpu()
    if str(tensor.dtype).endswith("bfloat16"):
        tensor = tensor.float()
    return tensor.numpy()


def _sequence(attentions):
    if attentions is None:
        raise TypeError(f"attentions is None; {_ASK_FOR_WEIGHTS}")
    if hasattr(attentions, "shape"):
        shape = tuple(attentions.shape)
        if len(shape) < 3:
            raise ValueError(
                f"attentions has shape {shape}; expected layers first: (L, N, N), (L, H, N, N) or "
                "(L, B, H, N, N). If it is one layer, wrap it in a list: [attention]"
            )
        return attentions
    if isinstance(attentions, Sequence) and not isinstance(attentions, (str, bytes)):
        return attentions
    raise TypeError(
        f"attentions is of type {type(attentions).__name__}; expected a sequence of layers or an array with "
        "layers first, such as a Hugging Face model's outputs.attentions"
    )


def _layer_name(index):
    return f"layer {index} (attentions[{index}])"


def _with_shape(layer, name):
    if layer is None:
        raise TypeError(f"{name} is None; {_ASK_FOR_WEIGHTS}")
    return layer if hasattr(layer, "shape") else _as_array(layer, name)


def _as_array(values, name):
    if isinstance(values, (list, tuple)):
        values = [detached(value) for value in values]
    try:
        array = np.asarray(detached(values))
    except ValueError:
        raise ValueError(f"{name} is ragged; expected rows of equal length") from None
    if array.dtype.name == "bfloat16":  # as JAX gives it
        array = array.astype(np.float32)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {array.dtype}; expected real numbers, such as float32 or float64")
    return array


def _check_square(shape, name):
    if 0 in shape:
        raise ValueError(
            f"{name} has shape {tuple(shape)}, which is empty; expected at least one token and one head"
        )
    if shape[-1] != shape[-2]:
        raise ValueError(
            f"{name} has shape {tuple(shape)}, whose last two axes differ; expected N queries by N keys over "
            "the same tokens (self-attention, not cross-attention)"
        )


def _check_values(array, name):
    for bad, expected in [(~np.isfinite(array), "finite numbers"), (array < 0, "no negative weights")]:
        if bad.any():
            where = _first(bad)
            raise ValueError(f"{name} holds {array[where]} at {_at(where)}; expected {expected}")


def _first(mask):
    return tuple(int(i) for i in np.argwhere(mask)[0])


def _at(index):
    return "[" + ", ".join(map(str, index)) + "]"


def _as_int(value, argument):
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{argument}={value!r} is of type {type(value).__name__}; expected an int") from None
