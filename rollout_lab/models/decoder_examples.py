"""Prompts that a real decoder completed: its attention maps, and what hiding each word does to its answer.

SmolLM2-135M-Instruct has 30 layers and 9 heads; three heads in a row share keys and values. 30 prompts were
written down, each with the one token that is right, before the model was asked; those are bundled whose right
answer is the model's most likely next token. `python -m tools.make_decoder_maps` computed all of it.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from rollout_lab._arguments import check_name
from rollout_lab.faithfulness import WAYS, Word, words_at

_FILE = files(__package__) / "data" / "decoder" / "prompts.npz"


@dataclass(frozen=True, eq=False)
class DecoderExample:
    """A prompt of N tokens and what the decoder made of it, in L = 30 layers and H = 9 heads.

    The text: `name`; `kind`, what is asked for: "fact", "opposite", ...; `text`; `tokens`, N strings with the
    spaces in front of them; the first, `<|endoftext|>`, was put in front of every text, so that token 1 is no
    word; `words`, n `Word`s; `token_ids` `(N,)`: the lower, the earlier a token came into the vocabulary, so
    the more common it is.

    The answer: `answer`, the most likely next token; `log_probability` of it; `blank_out`, for each of `WAYS`
    to hide a word `(n,)`: by how much that log-probability falls. As "mask" no later token reads the word.
    The last word cannot be hidden so: the answer is read off at its place.

    Maps, float32, zero above the diagonal (stored in half precision): `attentions` `(L, 1, N, N)`, the mean
    over heads, and `heads` `(L, H, N, N)`, for the prompt "capital" alone, else None; `value_norms`
    `(L, 1, N, N)`, the length of weight times value, which is what a token adds to another one's state, all
    heads together. The rows of these sum to 1. `gradient_attention` `(L, N, N)`: gradient of the
    log-probability times attention, what is below 0 left out, the mean over heads; its rows sum to anything.

    Lengths: `residual_share` `(L, N)`, as in `Encoding`; `input_norm` and `input_gradient` `(N,)`, of each
    token's embedding, and of the gradient of the log-probability by it.

    Sources: Kobayashi et al. (2020) for `value_norms`, Chefer et al. (2021) for `gradient_attention`.
    """

    name: str
    kind: str
    text: str
    answer: str
    tokens: tuple[str, ...]
    words: tuple[Word, ...]
    token_ids: np.ndarray
    log_probability: float
    blank_out: dict[str, np.ndarray]
    attentions: np.ndarray
    heads: np.ndarray | None
    value_norms: np.ndarray
    gradient_attention: np.ndarray
    residual_share: np.ndarray
    input_norm: np.ndarray
    input_gradient: np.ndarray

    def __repr__(self):
        return f"DecoderExample({self.name!r}: {self.text!r} →{self.answer!r}, {len(self.tokens)} tokens)"


class DecoderPositions(NamedTuple):
    """Last rows over the 256 positions of T texts, and attention's share in each layer.

    Fields: `gradient` `(T, 256)`, the length of the gradient of the most likely token's probability by each
    embedding; `identity` `(T, 256)`, the rollout with ½; `measured` `(T, 256)`, the rollout that weighs each
    layer's attention by `attention_share` `(30,)`, ‖attention output‖ / (‖x‖ + ‖attention output‖), the mean
    over tokens and texts.

    Source: Herasimchyk et al. (2026), whose λ this share is, and whose measure of influence the gradient is.
    """

    gradient: np.ndarray
    identity: np.ndarray
    measured: np.ndarray
    attention_share: np.ndarray


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
    >>> example.words[example.blank_out["mask"].argmax()].text
    'Berlin'
    """
    names = decoder_example_names()
    check_name(name, names, "name")
    kept = _fields(name)
    kind, text, answer = (str(_stored()[f][names.index(name)]) for f in ("kinds", "texts", "answers"))
    maps = {field: kept.pop(field).astype(np.float32) for field in ("attentions", "value_norms")}
    heads = kept.pop("heads", None)
    return DecoderExample(
        name=name,
        kind=kind,
        text=text,
        answer=answer,
        tokens=tuple(kept.pop("tokens").tolist()),
        words=tuple(words_at(text, kept.pop("places").tolist())),
        log_probability=float(kept.pop("log_probability")),
        blank_out=dict(zip(WAYS, kept.pop("blank_out").astype(np.float64), strict=True)),
        **{field: _whole_rows(each)[:, None] for field, each in maps.items()},
        heads=None if heads is None else _whole_rows(heads.astype(np.float32)),
        gradient_attention=kept.pop("gradient_attention").astype(np.float32),
        **{field: each.copy() for field, each in kept.items()},
    )


def load_decoder_positions():
    """What the decoder draws from each position of long texts, as `DecoderPositions`.

    The T = 23 texts are sentences of the blank-out study, shuffled, without any connection between them.

    >>> positions = load_decoder_positions()
    >>> positions.measured.shape, positions.attention_share.shape
    ((23, 256), (30,))
    """
    return DecoderPositions(**{name: each.copy() for name, each in _fields("positions").items()})


def _fields(name):
    start = f"{name}."
    return {field.removeprefix(start): each for field, each in _stored().items() if field.startswith(start)}


def _whole_rows(maps):
    return maps / maps.sum(axis=-1, keepdims=True)


@cache
def _stored():
    with _FILE.open("rb") as file, np.load(file) as stored:
        return {name: stored[name] for name in stored.files}
