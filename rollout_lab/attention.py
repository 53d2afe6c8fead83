"""Scaled dot-product attention: where the weights that rollout multiplies come from.

    A = softmax(Q Kᵀ / √d),   output = A V

Vaswani et al. (2017), "Attention Is All You Need", section 3.2.1, equation 1.

All functions raise ValueError for shapes that do not fit, NaN or inf, and rows that leave no weight to give;
TypeError for anything but real numbers, or a mask that is not boolean.
"""

import math

import numpy as np

from rollout_lab._arrays import as_mask, as_scores, as_vectors, broadcast_shape


def softmax(scores, axis=-1):
    """Turn scores into weights that sum to 1 along one axis; a higher score gets more weight.

    Parameters
    ----------
    scores : array of any shape
        Finite numbers, or -inf where no weight may go.
    axis : int
        The axis along which the weights sum to 1.

    Returns
    -------
    array of the same shape
        float32 stays float32, half precision becomes float32, integers become float64.

    Examples
    --------
    >>> softmax([0.0, 0.0, np.log(2)])
    array([0.25, 0.25, 0.5 ])
    >>> softmax([1000.0, 1000.0])
    array([0.5, 0.5])
    """
    scores = as_scores(scores, axis)
    # Taking the largest score away changes no ratio, and e^1000 would overflow.
    exponentials = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def attention_weights(query, key, mask=None):
    """How much each query position reads from each key position.

    Parameters
    ----------
    query : (..., n_q, d)
    key : (..., n_k, d)
    mask : bool, broadcasts to (..., n_q, n_k), optional
        True where a query may attend to a key. `(n_k,)` hides keys, such as padding, from every query;
        `np.tri(n, dtype=bool)` is the causal mask.

    Returns
    -------
    (..., n_q, n_k)
        `A[..., i, j]`: query i reads this share from key j. Each row sums to 1.

    Examples
    --------
    >>> query = [[1.0, 0.0], [0.0, 0.0]]
    >>> key = [[0.0, 5.0], [0.0, 7.0]]
    >>> attention_weights(query, key)
    array([[0.5, 0.5],
           [0.5, 0.5]])
    >>> attention_weights(query, key, mask=np.tri(2, dtype=bool))
    array([[1. , 0. ],
           [0.5, 0.5]])
    """
    query, key = as_vectors(query, "query"), as_vectors(key, "key")
    d = query.shape[-1]
    if key.shape[-1] != d or broadcast_shape(query.shape[:-2], key.shape[:-2]) is None:
        raise ValueError(
            f"query has shape {query.shape} and key {key.shape}; expected (..., n_q, d) and (..., n_k, d) "
            "with the same d"
        )
    scores = query @ key.swapaxes(-1, -2) / math.sqrt(d)
    if mask is not None:
        scores = np.where(as_mask(mask, scores.shape), scores, -np.inf)
    return softmax(scores)


def attend(query, key, value, mask=None):
    """Mix the values for each query position, by how much it reads from each key position.

    Parameters
    ----------
    query, key, mask
        As for `attention_weights`.
    value : (..., n_k, d_v)

    Returns
    -------
    output : (..., n_q, d_v)
    weights : (..., n_q, n_k)
        What `attention_weights` gives.

    Examples
    --------
    >>> output, weights = attend([[1.0, 0.0]], [[0.0, 5.0], [0.0, 7.0]], value=[[10.0], [20.0]])
    >>> weights
    array([[0.5, 0.5]])
    >>> output
    array([[15.]])
    """
    weights = attention_weights(query, key, mask)
    value = as_vectors(value, "value")
    n_k = weights.shape[-1]
    if value.shape[-2] != n_k or broadcast_shape(weights.shape[:-2], value.shape[:-2]) is None:
        raise ValueError(
            f"value has shape {value.shape}; expected (..., {n_k}, d_v), one vector for each key"
        )
    return weights @ value, weights
