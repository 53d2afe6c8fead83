"""Three successors of attention rollout: they also use what an attention map leaves out.

- **Value norms** weigh each attention weight with the vector that it carries.
- **ALTI** asks how much of a token's new state each of these vectors makes up.
- **Gradient × attention** asks which weights the output depends on.

The first two are made from `Block`, which `Encoder.encode(text, blocks=True)` and `PointerModel.blocks` give.
What does not fit is refused with ValueError, and what holds no real numbers with TypeError.
"""

from typing import NamedTuple

import numpy as np

from rollout_lab._arrays import as_floats, as_vectors, as_weights, broadcast_shape, refuse
from rollout_lab.rollout import rollout


class LayerNorm(NamedTuple):
    """A LayerNorm as it was applied: it scales and shifts by `gain` and `shift`, both (d,).

    Before that it divides each state by its own `spread` (..., N, 1). With that given it is linear, but for
    the shift.
    """

    gain: np.ndarray
    shift: np.ndarray
    spread: np.ndarray


class Block(NamedTuple):
    """One attention block as it was computed for N tokens: y = norm(x + sum over heads of A · V · W + bias).

    Fields: `attention` (..., H, N, N), A; `values` (..., H, N, e), V; `output` (H, e, d), the part of W_O
    that belongs to each head; `states` (..., N, d), x; `bias` (d,); `norm`, a `LayerNorm`. A model without
    bias or LayerNorm has None there.
    """

    attention: np.ndarray
    values: np.ndarray
    output: np.ndarray
    states: np.ndarray
    bias: np.ndarray | None = None
    norm: LayerNorm | None = None


def weighted_values(attention, values, output):
    """What each token hands to each other one: v[i, j] = sum over heads h of A_h[i, j] · V_h[j] · W_h.

    Parameters
    ----------
    attention : (..., H, N, N)
    values : (..., H, N, e)
        A vector for each head and token.
    output : (H, e, d)
        What a head's mixed values are multiplied with: its part of W_O.

    Returns
    -------
    (..., N, N, d)
        `v[..., i, j]` is what i takes from j. Summed over j it is what attention adds to i, but for a bias.

    Source: Kobayashi et al. (2020), "Attention is Not Only a Weight", section 3.

    Examples
    --------
    One head, two tokens. The first one reads half from each:

    >>> weighted_values([[[0.5, 0.5], [0.0, 1.0]]], values=[[[1.0], [6.0]]], output=[[[1.0, 0.0]]])[0]
    array([[0.5, 0. ],
           [3. , 0. ]])
    """
    A = as_weights(attention, "attention", "(..., H, N, N)")
    values, output = as_vectors(values, "values"), as_vectors(output, "output")
    H, N, e = A.shape[-3], A.shape[-1], values.shape[-1]
    batches = broadcast_shape(A.shape[:-3], values.shape[:-3])
    if values.shape[-3:-1] != (H, N) or output.ndim != 3 or output.shape[:2] != (H, e) or batches is None:
        raise ValueError(
            f"attention has shape {A.shape}, values {values.shape} and output {output.shape}; expected "
            "(..., H, N, N), (..., H, N, e) and (H, e, d), with the same heads H and tokens N"
        )
    return np.einsum("...hij,...hjd->...ijd", A, values @ output)


def value_norms(attention, values, output):
    """How long the vectors are that each token takes from each other one: ‖v[i, j]‖ of `weighted_values`.

    Takes what `weighted_values` takes. Returns (..., N, N). Rows sum to anything; to roll layers of it out:
    `rollout(layers, heads=None, renormalize=True)`. Source: Kobayashi et al. (2020), section 3.

    The first token reads half from each; the second one's value is six times as long:

    >>> value_norms([[[0.5, 0.5], [0.0, 1.0]]], values=[[[1.0], [6.0]]], output=[[[1.0, 0.0]]])
    array([[0.5, 3. ],
           [0. , 6. ]])
    """
    return np.linalg.norm(weighted_values(attention, values, output), axis=-1)


def block_vectors(block):
    """What each token's new state is made of: the weighted values, its own old state, both through the norm.

    Parameters
    ----------
    block : Block

    Returns
    -------
    (..., N, N, d)
        T[i, j] = L_i(v[i, j] + [i = j] · x_i), where L_i is the linear part of the LayerNorm. Summed over j
        it is the new state of i, but for the biases, which belong to no token. Its norms over d are those of
        Kobayashi et al. (2021).

    Source: Kobayashi et al. (2021), "Incorporating Residual and Normalization Layers into Analysis of Masked
    Language Models".

    Examples
    --------
    >>> block = Block([[[0.5, 0.5], [0.0, 1.0]]], [[[1.0], [6.0]]], [[[1.0, 0.0]]], [[0.0, 2.0], [0.0, 7.0]])
    >>> np.linalg.norm(block_vectors(block), axis=-1).round(2)
    array([[2.06, 3.  ],
           [0.  , 9.22]])
    """
    if not isinstance(block, Block):
        raise TypeError(f"found {type(block).__name__} in place of a Block; alti takes a list of them")
    v, x = weighted_values(block.attention, block.values, block.output), as_vectors(block.states, "states")
    parts = {"states": (x, v.shape[:-3] + v.shape[-2:]), "bias": (block.bias, v.shape[-1:])}
    parts |= {name: (getattr(block.norm, name, None), v.shape[-1:]) for name in ("gain", "shift")}
    for name, (part, shape) in parts.items():
        if part is not None and np.shape(part) != shape:
            raise ValueError(f"{name} has shape {np.shape(part)}; expected {shape}")
    own = np.arange(x.shape[-2])
    v[..., own, own, :] += x
    return linear_part(block.norm, v)


def linear_part(norm, vectors):
    """Each of the (..., N, K, d) vectors that a state is the sum of, through a `LayerNorm` without its shift.

    None for a norm gives back the vectors. The spread is that of the whole state, so sums stay sums.

    >>> norm = LayerNorm(gain=np.ones(2), shift=np.zeros(2), spread=np.array([[2.0]]))
    >>> linear_part(norm, np.array([[[5.0, 1.0], [0.0, 2.0]]]))
    array([[[ 1. , -1. ],
            [-0.5,  0.5]]])
    """
    if norm is None:
        return vectors
    centred = vectors - vectors.mean(axis=-1, keepdims=True)
    return norm.gain * centred / norm.spread[..., np.newaxis, :]


def block_output(block, vectors):
    """The new state of each token, (..., N, d): the sum of its `block_vectors`, and the biases.

    >>> block = Block([[[1.0]]], [[[3.0]]], [[[1.0, 0.0]]], [[0.0, 2.0]], bias=[0.5, 0.0])
    >>> block_output(block, block_vectors(block))
    array([[3.5, 2. ]])
    """
    y = vectors.sum(axis=-2)
    if block.bias is not None:
        y = y + linear_part(block.norm, np.asarray(block.bias)[np.newaxis, np.newaxis])[..., 0, :]
    return y if block.norm is None else y + block.norm.shift


def alti_layer(block):
    """The share of each token j in the new state of token i, by how near its part comes to the whole.

    Parameters
    ----------
    block : Block

    Returns
    -------
    (..., N, N)
        c[i, j] = max(0, ‖y_i‖ - ‖y_i - T[i, j]‖), divided by the sum of its row; T is `block_vectors`, y is
        `block_output`, and ‖·‖ sums absolute values. Where no part of a row comes near, the one that is
        least far gets all: a choice made here, for the formula leaves 0 / 0.

    Source: Ferrando et al. (2022), "Measuring the Mixing of Contextual Information in the Transformer".

    The first state, (3.5, 2), is made of (0.5, 2) and (3, 0):

    >>> block = Block([[[0.5, 0.5], [0.0, 1.0]]], [[[1.0], [6.0]]], [[[1.0, 0.0]]], [[0.0, 2.0], [0.0, 7.0]])
    >>> alti_layer(block)
    array([[0.45454545, 0.54545455],
           [0.        , 1.        ]])
    """
    T = block_vectors(block)
    y = block_output(block, T)[..., np.newaxis, :]
    near = _manhattan(y) - _manhattan(y - T)
    nearest = near.max(axis=-1, keepdims=True)
    shares = np.where(nearest > 0, np.maximum(0, near), near == nearest)
    return shares / shares.sum(axis=-1, keepdims=True)


def alti(blocks, **options):
    """ALTI: the rollout of `alti_layer` over L blocks, the first layer first; no identity is added.

    `options` are those of `rollout`, such as `queries` and `start_layer`. Returns (..., N, N), rows sum to 1.

    >>> block = Block([[[0.5, 0.5], [0.0, 1.0]]], [[[1.0], [6.0]]], [[[1.0, 0.0]]], [[0.0, 2.0], [0.0, 7.0]])
    >>> alti([block, block], queries=0).round(3)
    array([0.207, 0.793])
    """
    return rollout([alti_layer(block) for block in blocks], residual="none", heads=None, **options)


def gradient_attention(attentions, gradients):
    """Gradient × attention: a rollout of the weights that the output depends on.

    Parameters
    ----------
    attentions : (L, ..., H, N, N)
        First layer first.
    gradients : (L, ..., H, N, N)
        The derivative of one number, such as the score of the answer, by each attention weight.

    Returns
    -------
    (..., N, N)
        R, which begins as the identity and grows in each layer by R ← R + Ā R, where Ā is the mean over heads
        of max(0, gradient · A). That is rollout with A + I, of such Ā, not normalised: rows sum to anything.

    Source: Chefer et al. (2021), "Generic Attention-model Explainability for Interpreting Bi-Modal and
    Encoder-Decoder Transformers", equations 5 and 6.

    Examples
    --------
    The score falls if the first token reads the second:

    >>> gradient_attention([[[[0.5, 0.5], [0.0, 1.0]]]], [[[[2.0, -1.0], [0.0, 0.5]]]])
    array([[2. , 0. ],
           [0. , 1.5]])
    """
    A = as_weights(attentions, "attentions", "(L, ..., H, N, N)")
    gradients = as_floats(gradients, "gradients")
    if gradients.shape != A.shape:
        raise ValueError(f"gradients has shape {gradients.shape}; expected that of attentions, {A.shape}")
    refuse(gradients, ~np.isfinite(gradients), "gradients", "finite numbers")
    relevant = np.maximum(0, gradients * A).mean(axis=-3)
    R = np.eye(A.shape[-1], dtype=relevant.dtype)
    for layer in relevant:
        R = R + layer @ R
    return R


def _manhattan(vectors):
    return np.abs(vectors).sum(axis=-1)
