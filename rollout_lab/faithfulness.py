"""Does a map say what the model uses? Hide one word after the other and see how far the output moves.

What is called blank-out here is the occlusion of Zeiler & Fergus (2014), on words; Abnar & Zuidema (2020),
section 4, compare rollout with it by rank correlation.

What does not fit, or cannot be ranked, is refused with ValueError or TypeError.
"""

import re
from typing import NamedTuple

import numpy as np

from rollout_lab._arguments import check_name
from rollout_lab._arrays import as_floats

# English words of the closed classes: determiners, pronouns, prepositions, conjunctions, auxiliaries, "not".
FUNCTION_WORDS = frozenset(
    """
    a an the this that these those each every either neither some any no all both half such what which whose
    i me my mine myself you your yours yourself yourselves he him his himself she her hers herself it its
    itself we us our ours ourselves they them their theirs themselves one oneself who whom someone somebody
    something anyone anybody anything everyone everybody everything nobody nothing none other another
    aboard about above across after against along among amongst around as at before behind below beneath
    beside besides between beyond by despite down during except for from in inside into like near of off on
    onto out outside over past per since than through throughout till to toward towards under underneath until
    unto up upon via with within without
    and or but nor so yet if unless whether while whereas because although though when whenever where wherever
    how why there
    be am is are was were been being have has had having do does did done doing can could may might must shall
    should will would ought cannot not
    can't won't shan't
    """.split()  # noqa: SIM905
)
OUTPUTS = ("embedding", "cls")
WAYS = ("mask", "removal")

_PART = re.compile(r"[\w\u0300-\u036f]+(?:['’.-][\w\u0300-\u036f]+|,\d+)*|\S")
_CONTRACTION = re.compile(r"n?'[a-z]+$")


class Word(NamedTuple):
    """A word of a text, or a sign: `text[start:stop]`, and the positions of its tokens, a tuple of ints."""

    text: str
    start: int
    stop: int
    positions: tuple[int, ...]

    @property
    def is_sign(self):
        """Whether it is no word: a comma, a bracket, a dash."""
        return not self.text[0].isalnum()

    @property
    def is_content(self):
        """Whether the word is of an open class: a noun, a verb, an adjective, an adverb, a name, a number."""
        if self.is_sign:
            return False
        word = self.text.lower().replace("’", "'")
        return not {word, _CONTRACTION.sub("", word)} & FUNCTION_WORDS


def words_of(text, tokenize, signs=False):
    """The words of a text with their tokens; the special tokens belong to none.

    Parameters
    ----------
    text : str
    tokenize : callable
        From a text to its tokens, one special token first and one last: `Encoder.tokenize`.
    signs : bool
        Whether commas, brackets and other signs count as well.

    Returns
    -------
    list of Word

    Examples
    --------
    >>> words_of("Hi, Jo!", lambda text: ["[CLS]", *re.findall(r"\\w|[^\\w ]", text), "[SEP]"])
    [Word(text='Hi', start=0, stop=2, positions=(1, 2)), Word(text='Jo', start=4, stop=6, positions=(4, 5))]
    """
    words: list[Word] = []
    tokens: list[str] = []
    for part in _PART.finditer(text):
        inner = tokenize(part.group())[1:-1]
        positions = tuple(range(1 + len(tokens), 1 + len(tokens) + len(inner)))
        tokens += inner
        words.append(Word(part.group(), *part.span(), positions))
    whole = list(tokenize(text)[1:-1])
    if tokens != whole:
        raise ValueError(f"the words of {text!r} have the tokens {tokens}, but the text has {whole}")
    return [word for word in words if signs or not word.is_sign]


def words_at(text, places):
    """Words of a text by where they stand, for each `(start, stop)` in it and `(first, end)` in its tokens.

    >>> words_at("Hi, Jo", [(4, 6, 3, 5)])
    [Word(text='Jo', start=4, stop=6, positions=(3, 4))]
    """
    return [
        Word(text[start:stop], start, stop, tuple(range(first, end))) for start, stop, first, end in places
    ]


def bare_words(text):
    """The words of a text in lower case, without tokens and signs: a list of strings.

    >>> bare_words("Hi, Jo: how's it?")
    ['hi', 'jo', "how's", 'it']
    """
    return [part for part in _PART.findall(text.lower()) if part[0].isalnum()]


def per_word(row, words):
    """One row of a map, word by word: what a word of several tokens receives is the sum over them.

    `row`: (..., N), a number for each token; `words`: n of `words_of`. Returns (..., n).

    >>> per_word([0.4, 0.1, 0.2, 0.3], [Word("hi", 0, 2, (1, 2)), Word("jo", 3, 5, (3,))])
    array([0.3, 0.3])
    """
    row = as_floats(row, "row")
    return np.stack([row[..., list(word.positions)].sum(axis=-1) for word in words], axis=-1)


def blank_out(encode, text, words, how="mask", also=()):
    """How far the model's output moves when each word in turn is hidden from it.

    Parameters
    ----------
    encode : callable
        `encode(text, keep=None)` gives an object with `embedding` (d,) and `hidden_states` (L + 1, N, d), as
        `Encoder.encode` does; `keep` (N,) is False for tokens that nobody may read.
    text : str
    words : list of Word
        Which words to hide, one at a time: those of `words_of`, or some of them.
    how : "mask" or "removal"
        "mask" leaves the word's place empty. "removal" takes it out of the text, so that the rest closes up
        and is tokenized anew.
    also : positions
        Tokens that "mask" hides besides, each time: those of a second word. "removal" refuses them.

    Returns
    -------
    dict from output to (n,) float64
        "embedding": the sentence's vector. "cls": the last state of the first token. Each number is
        1 - cosine: 0 where the output does not move, 1 where it turns by a right angle, 2 at most.

    Source: Abnar & Zuidema (2020), section 4, there on the probability of the model's answer.

    Examples
    --------
    A "model" whose vector counts the letters a and b. Without "bb" only a is left:

    >>> from types import SimpleNamespace
    >>> def encode(text, keep=None):
    ...     vector = np.array([text.count("a"), text.count("b")])
    ...     return SimpleNamespace(embedding=vector, hidden_states=vector.reshape(1, 1, 2))
    >>> words = words_of("aa bb", lambda text: ["[CLS]", *text.split(), "[SEP]"])
    >>> blank_out(encode, "aa bb", words, how="removal")["embedding"].round(3)
    array([0.293, 0.293])
    """
    check_name(how, WAYS, "how")
    if how == "removal" and len(also):
        raise ValueError(f'also={also} can only be masked; expected how="mask", or words to remove alone')
    whole = encode(text)
    n_tokens = whole.hidden_states.shape[1]

    def without(word):
        if how == "removal":
            return encode(text[: word.start] + text[word.stop :])
        return encode(text, keep=~np.isin(np.arange(n_tokens), (*word.positions, *also)))

    moved = [[turn(*pair) for pair in zip(_outputs(whole), _outputs(without(w)), strict=True)] for w in words]
    return dict(zip(OUTPUTS, np.transpose(moved), strict=True))


def spearman(a, b):
    """Spearman's rank correlation: whether two lists of numbers put the same things in the same order.

    Parameters
    ----------
    a, b : (n,)
        Only their order counts. Equal values share the average of their ranks.

    Returns
    -------
    float
        1 for the same order, -1 for the opposite one, about 0 where one tells nothing about the other.

    Source: Spearman (1904).

    Examples
    --------
    >>> spearman([0.1, 0.2, 0.7], [5, 6, 9])
    1.0
    >>> round(spearman([1, 2, 2, 4], [1, 2, 3, 4]), 3)
    0.949
    """
    a, b = (as_floats(values, name) for values, name in ((a, "a"), (b, "b")))
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2:
        raise ValueError(
            f"a has shape {a.shape} and b has shape {b.shape}; expected two flat lists of the same length, "
            "at least 2"
        )
    a, b = (ranks(values, name) for values, name in ((a, "a"), (b, "b")))
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def ranks(values, name="values"):
    """The place of each value in increasing order, 1 for the smallest; equal values share the average.

    `values`: (n,); returns (n,) float64. Raises `ValueError` for NaN and for values that are all equal.

    >>> ranks([10, 30, 20, 30])
    array([1. , 3.5, 2. , 3.5])
    """
    values = as_floats(values, name)
    if np.isnan(values).any():
        raise ValueError(f"{name} holds NaN at [{int(np.isnan(values).argmax())}]; expected numbers")
    distinct, place, times = np.unique(values, return_inverse=True, return_counts=True)
    if len(distinct) < 2:
        raise ValueError(
            f"{name} holds {distinct[0]:g} {len(values)} times, which is no order; expected different values"
        )
    last = times.cumsum()
    return (last - (times - 1) / 2)[place]


def _outputs(encoding):
    return encoding.embedding, encoding.hidden_states[-1][0]


def turn(before, after):
    """How far a vector (d,) turns: 1 - cosine."""
    before, after = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    return 1 - before @ after / np.sqrt((before @ before) * (after @ after))
