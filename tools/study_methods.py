"""What is compared with the model: maps of attention, its successors, and guesses that never look at it."""

import numpy as np

from rollout_lab.faithfulness import per_word
from rollout_lab.flow import attention_flow
from rollout_lab.models.blank_out_study import WEIGHTS
from rollout_lab.rollout import FORMULAS, fuse_heads, rollout, rollout_steps
from rollout_lab.successors import alti, block_vectors, linear_part, value_norms


def maps_of(encoding):
    """Every map of the study for one encoded sentence of N tokens: method -> (N, N).

    Heads are averaged. "layer l" is that layer alone, "layers averaged" their mean; the names in
    `FORMULAS` are the rollouts by each; "weight w" gives the identity that weight, "measured weight" gives it
    in each layer and row the share that was measured there, "measured weight by layer" the same to all rows
    of a layer, their mean; "from layer l" is the identity form without the layers below l, "to layer l"
    without those above; "flow" is attention flow.
    """
    layers = fuse_heads(encoding.attentions.astype(np.float64))
    layers /= layers.sum(axis=-1, keepdims=True)
    L = len(layers)
    share = encoding.residual_share.astype(np.float64)[..., None]
    measured = {
        "measured weight": _with_identity(layers, share),
        "measured weight by layer": _with_identity(layers, share.mean(axis=1, keepdims=True)),
    }
    return {
        **{f"layer {number}": A for number, A in enumerate(layers, 1)},
        "layers averaged": layers.mean(axis=0),
        **{name: rollout(layers, residual=name) for name in FORMULAS},
        **{f"weight {w}": rollout(layers, residual=w) for w in WEIGHTS},
        **{name: rollout(augmented, residual="none") for name, augmented in measured.items()},
        **{f"from layer {number}": rollout(layers, start_layer=number - 1) for number in range(2, L + 1)},
        **{
            f"{name}, from layer {number}": rollout(augmented, residual="none", start_layer=number - 1)
            for name, augmented in measured.items()
            for number in range(2, L + 1)
        },
        **{f"to layer {number}": R for number, R in enumerate(rollout_steps(layers)[:-1], 1)},
        "flow": attention_flow(layers),
    }


def successors_of(encoding):
    """The maps of the study that use more than attention: method -> (N, N), of `encode(text, blocks=True)`.

    Layers of norms have their rows divided by their sums. "value norms" are those of Kobayashi et al. (2020),
    rolled out with the identity at one half. "block norms" are those of Kobayashi et al. (2021), with the
    residual and the first LayerNorm in them; "GlobEnc" has the second LayerNorm as well, but not the MLP
    (Modarressi et al. 2022, whose code does not divide the rows). Both are plain products, as is "ALTI"
    (Ferrando et al. 2022). "from layer 3" leaves out the layers below.
    """
    vectors = [block_vectors(block) for block in encoding.blocks]
    both = [linear_part(norm, each) for norm, each in zip(encoding.last_norms, vectors, strict=True)]
    values = _shares([value_norms(each.attention, each.values, each.output) for each in encoding.blocks])
    globenc = _shares(np.linalg.norm(both, axis=-1))
    return {
        "value norms, last layer": values[-1],
        "value norms": rollout(values),
        "block norms": rollout(_shares(np.linalg.norm(vectors, axis=-1)), residual="none"),
        "GlobEnc": rollout(globenc, residual="none"),
        "GlobEnc, from layer 3": rollout(globenc, residual="none", start_layer=2),
        "ALTI": alti(encoding.blocks),
        "ALTI, from layer 3": alti(encoding.blocks, start_layer=2),
    }


def importance(matrix, words, reading):
    """What a map (N, N) says of each word: (n,), by the rows that `Study` names for a reading."""
    return per_word(matrix.mean(axis=0) if reading == "embedding" else matrix[0], words)


def guesses(encoding, words, occurrences):
    """What one might say of each word without attention: guess -> (n,).

    "kept share" is what is left of a token when each layer keeps the measured share of it.
    """
    return {
        "input norm": per_word(np.linalg.norm(encoding.hidden_states[0], axis=-1), words),
        "kept share": per_word(encoding.residual_share.prod(axis=0), words),
        "rarity": np.array([-occurrences[word.text.lower()] for word in words], dtype=float),
        "word length": np.array([len(word.text) for word in words], dtype=float),
        "pieces": np.array([len(word.positions) for word in words], dtype=float),
        "place": np.array([word.start for word in words], dtype=float),
        "content word": np.array([word.is_content for word in words], dtype=float),
    }


def _with_identity(layers, share):
    return (1 - share) * layers + share * np.eye(layers.shape[-1])


def _shares(layers):
    layers = np.asarray(layers, dtype=np.float64)
    return layers / layers.sum(axis=-1, keepdims=True)
