"""Texts for which a search by MiniLM finds the wrong neighbour, and what the encoder computed for them."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from .encoder import Encoder
from .fetch import ModelNotFetched, how_to_fetch, is_fetched

_DATA = files(__package__) / "data" / "applications"


class Neighbours(NamedTuple):
    """A query, the text that belongs to it by meaning, and the one that MiniLM places closer.

    `rewritten`: a tuple of texts that were tried in place of one of them.
    """

    query: str
    right: str
    wrong: str
    rewritten: tuple[str, ...] = ()


class Recorded(NamedTuple):
    """What is kept of an `Encoding`: `tokens`; `embedding` `(d,)`; `attentions`, or None for a text with
    hidden tokens and for one that is no query: `(L, 1, N, N)`, averaged over the heads.
    """

    tokens: tuple[str, ...]
    attentions: np.ndarray | None
    embedding: np.ndarray


def wrong_neighbours():
    """The bundled cases, a tuple of `Neighbours`.

    >>> wrong_neighbours()[0].right
    'Close my profile for good.'
    """
    read = tomllib.loads((_DATA / "wrong_neighbours.toml").read_text(encoding="utf-8"))
    return tuple(
        Neighbours(**case | {"rewritten": tuple(case.get("rewritten", ()))}) for case in read["neighbours"]
    )


class Recording:
    """Stands in for `Encoder`: answers the calls it has heard before, as the encoder answered them.

    Embeddings are kept in half precision, so similarities are off by less than 1e-3.

    >>> Recording.load().encode("How do I delete my account?").tokens[4:6]
    ('del', '##ete')
    """

    def __init__(self, tokens, embeddings, attentions):
        self._tokens, self._embeddings, self._attentions = tokens, embeddings, attentions

    @classmethod
    @cache
    def load(cls):
        """The bundled recording: `wrong_neighbours` and each of their queries without each of its words."""
        with (_DATA / "recording.npz").open("rb") as file, np.load(file) as stored:
            tokens = (tuple(each.split()) for each in stored["tokens"].tolist())
            calls, embeddings = stored["calls"].tolist(), stored["embeddings"].astype(np.float32)
            return cls(
                dict(zip(stored["texts"].tolist(), tokens, strict=True)),
                dict(zip(calls, embeddings, strict=True)),
                {case.query: stored[f"attentions_{k}"] for k, case in enumerate(wrong_neighbours())},
            )

    def tokenize(self, text):
        """As `Encoder.tokenize`. Raises `ModelNotFetched` for a text that was not recorded."""
        if text not in self._tokens:
            raise ModelNotFetched(
                f"{text!r} is not in the recording, and without the model it cannot be encoded. Run "
                f"{how_to_fetch()}"
            )
        return self._tokens[text]

    def encode(self, text, keep=None):
        """As `Encoder.encode`, with a `Recorded` as the result.

        Raises `ModelNotFetched` for a text, or a choice of `keep`, that was not recorded.
        """
        tokens = self.tokenize(text)
        call = call_name(text, keep)
        if call not in self._embeddings:
            raise ModelNotFetched(f"{text!r} was recorded, but not with keep={keep}; that needs the model")
        attentions = self._attentions.get(text) if keep is None else None
        return Recorded(
            tokens, None if attentions is None else attentions.copy(), self._embeddings[call].copy()
        )


def encoder_or_recording():
    """The `Encoder`, where the model has been fetched; elsewhere the `Recording`."""
    return Encoder.load() if is_fetched() else Recording.load()


def call_name(text, keep):
    """A call of `encode` as a string: the text, and the positions that were hidden.

    >>> call_name("Hi there", np.array([True, False, True, True]))
    'Hi there | 1'
    """
    hidden = () if keep is None else np.flatnonzero(~np.asarray(keep))
    return f"{text} | {','.join(map(str, hidden))}"
