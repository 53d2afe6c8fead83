"""all-MiniLM-L6-v2, a BERT encoder, run in NumPy."""

import json
import struct
import sys
from dataclasses import dataclass

import numpy as np

from rollout_lab.attention import attend
from rollout_lab.successors import Block, LayerNorm

from .fetch import model_path
from .tokenizer import tokenize

SCALES = ".scales"
_DTYPES = {"F32": "<f4", "F16": "<f2", "I8": "i1"}


@dataclass(frozen=True, eq=False)
class Encoding:
    """What the encoder computed for one text of N tokens; every array is float32.

    Fields: `tokens`, a tuple of N strings, `[CLS]` first and `[SEP]` last; `attentions` `(L, H, N, N)`,
    rows sum to 1; `hidden_states` `(L + 1, N, d)`, the input embeddings first; `embedding` `(d,)`, the
    sentence's vector: the mean of the last hidden states, not scaled to length 1; `residual_share`
    `(L, N)`, from 0 to 1: how long the state carried past a layer's attention is, compared with what the
    attention adds to it, ‖x‖ / (‖x‖ + ‖attention output‖).

    Only where `encode` was asked for `blocks`, else None: `blocks`, a tuple of L `Block`, what the successors
    of rollout need of each layer's attention; `last_norms`, a tuple of L `LayerNorm`, the one after each MLP.
    """

    tokens: tuple[str, ...]
    attentions: np.ndarray
    hidden_states: np.ndarray
    embedding: np.ndarray
    residual_share: np.ndarray
    blocks: tuple[Block, ...] | None = None
    last_norms: tuple[LayerNorm, ...] | None = None


class Encoder:
    """A BERT encoder that hands out every attention map: `Encoder.load().encode("A sentence.")`.

    Source: Devlin et al. (2019) for the architecture, Wang et al. (2020) for the distilled MiniLM.
    """

    def __init__(self, config, vocabulary, weights):
        self._config = config
        self._ids = {piece: row for row, piece in enumerate(vocabulary)}
        self._weights = weights

    @classmethod
    def load(cls, folder=None):
        """The encoder with the weights that `fetch_model` brought; they are read as they are needed.

        In a browser those have 8 bits: site/edition/weights.py made them, and says how little that changes.

        `folder`, a `pathlib.Path`, is where the files are, if not where `fetch_model` puts them. Raises
        `ModelNotFetched`, which says how to fetch them, where they are not there.
        """
        folder = folder or model_path()
        return cls(
            config=json.loads((folder / "config.json").read_text(encoding="utf-8")),
            vocabulary=(folder / "vocab.txt").read_text(encoding="utf-8").split("\n")[:-1],
            weights=read_safetensors(folder / "model.safetensors"),
        )

    def tokenize(self, text):
        """The N tokens of a text, a tuple of strings with `[CLS]` first and `[SEP]` last.

        Raises `TypeError` for what is not a string; `ValueError` for an empty text and for one of more
        than 512 tokens, which the model has no positions for.
        """
        tokens = tuple(tokenize(text, self._ids))
        limit = self._config["max_position_embeddings"]
        if len(tokens) > limit:
            raise ValueError(
                f"text has {len(tokens)} tokens, with [CLS] and [SEP]; the model reads at most {limit}: "
                "shorten it or encode it in parts"
            )
        return tokens

    def encode(self, text, keep=None, blocks=False):
        """Run a text through the model and keep all it computed, as an `Encoding`.

        Parameters
        ----------
        text : str
            What `tokenize` takes.
        keep : bool (N,) over `tokenize(text)`, optional
            A token that is False may be read by no position, in any layer, and does not count in the
            embedding, as if it were padding; its own row is still computed. None keeps all. What does not
            fit raises TypeError or ValueError.
        blocks : bool
            Whether to keep `blocks` and `last_norms` as well.
        """
        tokens = self.tokenize(text)
        keep = _checked(keep, tokens)
        hidden = self._embed(tokens)
        hidden_states, attentions, shares, kept, last_norms = [hidden], [], [], [], []
        for layer in range(self._config["num_hidden_layers"]):
            name = f"encoder.layer.{layer}"
            attended, weights, value = self._attention(f"{name}.attention", hidden, keep)
            attentions.append(weights)
            shares.append(_share(hidden, attended))
            norm = self._norm(f"{name}.attention.output.LayerNorm", hidden + attended)
            states = _normalise(norm, hidden + attended)
            added = self._mlp(name, states)
            last_norms.append(self._norm(f"{name}.output.LayerNorm", states + added))
            if blocks:
                output, bias = self._projection(name, value)
                kept.append(Block(weights, value, output, hidden, bias, norm))
            hidden = _normalise(last_norms[-1], states + added)
            hidden_states.append(hidden)
        return Encoding(
            tokens=tokens,
            attentions=np.stack(attentions),
            hidden_states=np.stack(hidden_states),
            embedding=hidden[keep].mean(axis=0),
            residual_share=np.stack(shares),
            blocks=tuple(kept) if blocks else None,
            last_norms=tuple(last_norms) if blocks else None,
        )

    def _embed(self, tokens):
        ids = [self._ids[token] for token in tokens]
        words = self._weights["embeddings.word_embeddings.weight"][ids]
        positions = self._weights["embeddings.position_embeddings.weight"][: len(ids)]
        segment = self._weights["embeddings.token_type_embeddings.weight"][0]
        states = words + positions + segment
        return _normalise(self._norm("embeddings.LayerNorm", states), states)

    def _attention(self, name, hidden, keep):
        """What the heads add to each token's state `(N, d)`, their weights `(H, N, N)` and their values."""
        query, key, value = (
            self._split_heads(self._linear(f"{name}.self.{role}", hidden))
            for role in ("query", "key", "value")
        )
        mixed, weights = attend(query, key, value, mask=keep)
        side_by_side = mixed.swapaxes(0, 1).reshape(hidden.shape)
        return self._linear(f"{name}.output.dense", side_by_side), weights, value

    def _projection(self, name, value):
        """What mixed values are multiplied with, by head `(H, d / H, d)`, and what is added then `(d,)`."""
        dense = f"{name}.attention.output.dense"
        H, _, e = value.shape
        return self._weights[f"{dense}.weight"].T.reshape(H, e, -1), self._weights[f"{dense}.bias"]

    def _mlp(self, name, states):
        inner = _gelu(self._linear(f"{name}.intermediate.dense", states))
        return self._linear(f"{name}.output.dense", inner)

    def _split_heads(self, states):
        """`(N, d)` -> `(H, N, d / H)`"""
        return states.reshape(len(states), self._config["num_attention_heads"], -1).swapaxes(0, 1)

    def _linear(self, name, states):
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        if sys.platform == "emscripten":  # without BLAS einsum takes half of the time
            return np.einsum("ni,oi->no", states, weight) + bias
        return states @ weight.T + bias

    def _norm(self, name, states):
        variance = states.var(axis=-1, keepdims=True)
        spread = np.sqrt(variance + np.float32(self._config["layer_norm_eps"]))
        return LayerNorm(self._weights[f"{name}.weight"], self._weights[f"{name}.bias"], spread)


def read_safetensors(path):
    """The tensors of a safetensors file, by name, mapped from disk and read-only, float32 when used."""
    raw = np.memmap(path, dtype=np.uint8, mode="r")
    try:
        (length,) = struct.unpack("<Q", bytes(raw[:8]))
        header = json.loads(bytes(raw[8 : 8 + length]))
    except (struct.error, ValueError) as error:
        raise ValueError(
            f"{path} has no safetensors header ({error}); delete it and fetch the model again"
        ) from error
    body = raw[8 + length :]
    tensors: dict[str, np.ndarray | _Scaled] = {
        name: np.asarray(body[slice(*entry["data_offsets"])]).view(_DTYPES[dtype]).reshape(entry["shape"])
        for name, entry in header.items()
        if (dtype := entry.get("dtype")) in _DTYPES
    }
    for name in [each for each in tensors if each + SCALES in tensors]:
        table = _Scaled(tensors[name], tensors.pop(name + SCALES))
        # Of the embeddings a sentence reads few rows; whole, they would take 47 MB.
        tensors[name] = table if "embeddings" in name else table[:]
    return tensors


class _Scaled:
    """A table `(n, d)` of 8-bit integers with a scale `(n, groups)` for each group of a row's entries."""

    def __init__(self, integers, scales):
        self._integers, self._scales = integers, scales

    def __getitem__(self, rows):
        integers, scales = self._integers[rows], self._scales[rows].astype(np.float32)
        return (integers.reshape(*scales.shape, -1) * scales[..., np.newaxis]).reshape(integers.shape)


def _checked(keep, tokens):
    if keep is None:
        return np.ones(len(tokens), dtype=bool)
    keep = np.asarray(keep)
    if keep.dtype != bool:
        raise TypeError(f"keep has dtype {keep.dtype}; expected bool, True for a token that may be read")
    if keep.shape != (len(tokens),):
        raise ValueError(f"keep has shape {keep.shape}; expected ({len(tokens)},), one entry for each token")
    if not keep.any():
        raise ValueError("keep is False throughout; expected at least one token that may be read")
    return keep


def _normalise(norm, states):
    return (states - states.mean(axis=-1, keepdims=True)) / norm.spread * norm.gain + norm.shift


def _share(kept, added):
    kept, added = np.linalg.norm(kept, axis=-1), np.linalg.norm(added, axis=-1)
    return kept / (kept + added)


def _gelu(x):
    """x · Φ(x), the exact form, with Φ from the error function."""
    return x * (1 + _erf(x / np.sqrt(np.float32(2)))) / 2


def _erf(x):
    """The error function, off by less than 5e-7 in float32 (Abramowitz & Stegun 1964, 7.1.26)."""
    t = 1 / (1 + np.float32(0.3275911) * np.abs(x))
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.sign(x) * (1 - series * np.exp(-x * x))
