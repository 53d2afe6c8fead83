"""Prompts that a real decoder completed: its attention maps, and what hiding each word does to its answer.

The decoder is SmolLM2-135M-Instruct: 30 layers, 9 heads, of which three in a row share their keys and values.
Thirty prompts were written down, each with the one token that is right, before the model was asked. Those are
bundled whose right answer is the model's most likely next token. Computed by `python -m tools.make_decoder_maps`.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from rollout_lab._arguments import check_name
from rollout_lab.faithfulness import WAYS, Word

_FILE = files(__package__) / "data" / "decoder.npz"


@dataclass(frozen=True, eq=False)
class DecoderExample:
    """A prompt of N tokens with what the decoder made of it, in L = 30 layers.

    Fields: `name`; `kind`, what it asks for: "fact", "opposite", ...; `text`; `tokens`, N strings with the spaces
    in front of them; the first, `<|endoftext|>`, starts every text. `answer`, the most likely next token, and
    `log_probability` of it. `attentions` float32 `(L, 1, N, N)`, the mean over heads, zero above the diagonal;
    `heads` `(L, 9, N, N)` for the prompt "capital", else None. `residual_share` `(L, N)`, as in `Encoding`.
    `value_norms` `(L, 1, N, N)`: how long a vector each token adds to each other one's state, all heads
    together, weight times value, divided by the row's sum. (Maps are stored in half precision, rows divided by their sums.) `words`, n
    `Word`s; `blank_out`, for each of `WAYS` to hide a word `(n,)`: by how much the log-probability of the answer
    falls. As "mask" no later token reads the word; the last word cannot be hidden so, since the answer is read
    at its own place. `token_ids` `(N,)`: the lower, the earlier in building the vocabulary, so the more common.
    `input_norm` `(N,)`, the length of each token's embedding.
    """

    name: str
    kind: str
    text: str
    answer: str
    tokens: tuple[str, ...]
    log_probability: float
    attentions: np.ndarray
    heads: np.ndarray | None
    residual_share: np.ndarray
    value_norms: np.ndarray
    words: tuple[Word, ...]
    blank_out: dict[str, np.ndarray]
    token_ids: np.ndarray
    input_norm: np.ndarray

    def __repr__(self):
        return f"DecoderExample({self.name!r}: {self.text!r} →{self.answer!r}, {len(self.tokens)} tokens)"


def decoder_example_names():
    """Names of the prompts, a tuple of strings, each good for `load_decoder_example`.

    >>> decoder_example_names()[:2]
    ('capital', 'language')
    """
    return tuple(_stored()["names"].tolist())


def load_decoder_example(name):
    """A prompt that SmolLM2-135M-Instruct completed rightly, as a `DecoderExample`.

    Parameters
    ----------
    name : one of `decoder_example_names()`
        Another raises ValueError.

    Examples
    --------
    >>> example = load_decoder_example("capital")
    >>> example.text, example.answer
    ('Paris is the capital of France. Berlin is the capital of', ' Germany')
    >>> example.attentions.shape
    (30, 1, 13, 13)
    """
    names, stored = decoder_example_names(), _stored()
    check_name(name, names, "name")
    which, own = names.index(name), f"{name}."
    kept = {field.removeprefix(own): value for field, value in stored.items() if field.startswith(own)}
    text = str(stored["texts"][which])
    for maps in ("attentions", "value_norms", "heads"):
        if maps in kept:
            kept[maps] = kept[maps].astype(np.float32)
            kept[maps] /= kept[maps].sum(axis=-1, keepdims=True)
    return DecoderExample(
        name=name,
        kind=str(stored["kinds"][which]),
        text=text,
        answer=str(stored["answers"][which]),
        tokens=tuple(kept["tokens"].tolist()),
        log_probability=float(kept["log_probability"]),
        attentions=kept["attentions"][:, None],
        heads=kept.get("heads"),
        residual_share=kept["residual_share"].copy(),
        value_norms=kept["value_norms"][:, None],
        words=tuple(
            Word(text[start:stop], start, stop, tuple(range(first, end)))
            for start, stop, first, end in kept["places"].tolist()
        ),
        blank_out=dict(zip(WAYS, kept["blank_out"].astype(np.float64), strict=True)),
        token_ids=kept["token_ids"].astype(int),
        input_norm=kept["input_norm"].copy(),
    )


@cache
def _stored():
    with _FILE.open("rb") as file, np.load(file) as stored:
        return {name: stored[name] for name in stored.files}
