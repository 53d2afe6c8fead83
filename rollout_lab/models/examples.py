"""Bundled sentences with their attention maps, and the three-token example for paper."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

_DATA = files(__package__) / "data"


@dataclass(frozen=True, eq=False)
class Example:
    """One sentence with the attention that a model gave it.

    Fields: `name`; `text`, the sentence; `tokens`, a tuple of N strings; `attentions`, float32
    `(L, H, N, N)` with layers first, whose rows (last axis: what is read from) sum to 1; `teaches`, one
    sentence that says what to look for; `residual_share`, float32 `(L, N)`, the measured share that the
    residual connection has in each state (see `Encoding`), or None where nothing was measured.

    >>> load_example("coreference").attentions.shape
    (6, 12, 15, 15)
    """

    name: str
    text: str
    tokens: tuple[str, ...]
    attentions: np.ndarray
    teaches: str
    residual_share: np.ndarray | None = None

    def __repr__(self):
        shape = "×".join(map(str, self.attentions.shape))
        return f"Example({self.name!r}: {self.text!r}, attentions {shape})"


def example_names():
    """Names of the bundled sentences, in the order in which they are best met.

    Returns a tuple of strings, each good for `load_example`.

    >>> "coreference" in example_names()
    True
    """
    return tuple(_sentences())


def load_example(name):
    """A bundled sentence with its attention maps, as an `Example`.

    The maps are all-MiniLM-L6-v2's, stored in float32 as `Encoder.encode` computed them, so nothing is
    rounded. Every call reads its own copy, about a millisecond: change it as you like.

    Parameters
    ----------
    name : one of `example_names()`
        Another raises ValueError.

    Examples
    --------
    >>> example = load_example("negation")
    >>> example.tokens[:4]
    ('[CLS]', 'the', 'film', 'was')
    """
    sentences = _sentences()
    if name not in sentences:
        raise ValueError(f"no example is called {name!r}; expected one of: {', '.join(sentences)}")
    with (_DATA / f"{name}.npz").open("rb") as file, np.load(file) as stored:
        return Example(
            name=name,
            text=sentences[name]["text"],
            tokens=tuple(stored["tokens"].tolist()),
            attentions=stored["attentions"],
            teaches=sentences[name]["teaches"],
            residual_share=stored["residual_share"],
        )


def paper_example():
    """Three tokens and two one-head layers, small enough to multiply by hand.

    In layer 1, C reads half of A; in layer 2, B reads half of C; every other weight is a token's own. So A
    reaches B through C, though neither layer links B to A, and the other order of the layers loses it.

    Returns an `Example` with tokens `("A", "B", "C")` and attentions `(2, 1, 3, 3)`.

    >>> first, second = paper_example().attentions[:, 0]
    >>> (second @ first)[1]  # how much B draws from A, B and C
    array([0.25, 0.5 , 0.25], dtype=float32)
    >>> (first @ second)[1]
    array([0. , 0.5, 0.5], dtype=float32)
    """
    first = [[1, 0, 0], [0, 1, 0], [1 / 2, 0, 1 / 2]]
    second = [[1, 0, 0], [0, 1 / 2, 1 / 2], [0, 0, 1]]
    return Example(
        name="paper",
        text="A B C",
        tokens=("A", "B", "C"),
        attentions=np.array([[first], [second]], dtype=np.float32),
        teaches="A reaches B through C, though no single layer links B to A.",
    )


@cache
def _sentences():
    """The bundle's table of contents: name -> text and what it teaches."""
    return tomllib.loads((_DATA / "sentences.toml").read_text(encoding="utf-8"))
