"""Does rollout match the model? Every map against blank-out, on 400 sentences from five sources.

Each word of a sentence is hidden in turn, by mask or by removal, and the turn of the model's sentence vector
and of its [CLS] state is measured (`rollout_lab.faithfulness.blank_out`). Each map, and each guess that looks
at no attention, is then compared with that by rank correlation: over all words, over content words alone, and
with signs counted as words.

`load_study` hands out the correlations, `load_blank_out` what was measured on one of the bundled examples.
`python -m tools.measure_blank_out`, in a clone, makes both from the model.
"""

import re
import tomllib
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np

from rollout_lab.faithfulness import OUTPUTS, WAYS, Word, bare_words, words_at
from rollout_lab.models.examples import load_example

DATA = files(__package__)
WORD_SETS = ("all", "content", "with signs")
WEIGHTS = tuple(round(0.1 * tenth, 1) for tenth in range(1, 10))
GUESSES = (
    *("input norm", "kept share", "rarity", "word length", "pieces", "place", "content word"),
    "the other way",
)
"""The methods that are no maps: guesses without attention, and blank-out itself."""
HALVES = ("choosing", "telling")
READINGS = {"embedding": "embedding", "cls": "cls", "embedding by [CLS]": "embedding"}  # of which output


@dataclass(frozen=True, eq=False)
class Study:
    """The correlations of every method with blank-out, sentence by sentence.

    Fields: `sentences`, S strings; `sources`, the name of each one's source; `methods`, M names, those of
    `maps_of`, `successors_of` and `guesses` in tools/study_methods.py and "the other way", which is blank-out
    itself done the other way; `n_words` `(S, 3)`, how many words there are by `WORD_SETS`; `residual_share`
    `(S, L)`, the measured share of the residual in each layer, averaged over tokens; `rho` and `hit`, both
    `(S, 3, 3, 2, M)` by `WORD_SETS`, `READINGS` and `WAYS` and in steps of 0.01: the rank correlation, which
    is 0 for a method that puts the words in no order, and 1 where the method's first word is blank-out's
    first, else 0 (where k words share the method's first place, 1/k).

    A reading is an output and the rows of a map that are held against it: "embedding" the mean of all rows,
    as the embedding is the mean of all positions; "cls" the first row; "embedding by [CLS]" the first row
    though the output is the embedding.
    """

    sentences: tuple[str, ...]
    sources: np.ndarray
    methods: tuple[str, ...]
    n_words: np.ndarray
    residual_share: np.ndarray
    rho: np.ndarray
    hit: np.ndarray

    def correlations(self, method, *, words="all", reading="embedding", how="mask"):
        """The rank correlations of one method, one for each sentence: `(S,)`. Raises `ValueError`.

        Here and below a pair of methods stands for their difference: how far the first leads the second.
        """
        return self._of(self.rho, method, words, reading, how)

    def hits(self, method, *, words="all", reading="embedding", how="mask"):
        """Whether the method and blank-out agree on the most important word: `(S,)`, 1 or 0."""
        return self._of(self.hit, method, words, reading, how)

    def interval(self, method, **which):
        """Mean correlation and its 95 % interval over sources: `(mean, low, high)`, as `t_interval` gives it.

        `method`: one, or a list of M, and then each of the three is `(M,)`; `which` as for `correlations`.
        """
        if not isinstance(method, list):
            return t_interval(self.correlations(method, **which), self.sources)
        return t_interval(np.stack([self.correlations(one, **which) for one in method], axis=1), self.sources)

    def half(self, name):
        """Half of the sentences of each source: "choosing" its 1st, 3rd, 5th ..., "telling" the others.

        What was chosen because it did well is told on other sentences. Raises `ValueError`.

        >>> [len(load_study().half(name).sentences) for name in HALVES]
        [200, 200]
        """
        if name not in HALVES:
            raise ValueError(f"half {name!r} is unknown; expected one of {', '.join(HALVES)}")
        places = [np.flatnonzero(self.sources == source) for source in dict.fromkeys(self.sources.tolist())]
        chosen = np.concatenate([each[HALVES.index(name) :: 2] for each in places])
        rows = {field: getattr(self, field)[chosen] for field in ("sources", "n_words", "residual_share")}
        texts = tuple(self.sentences[s] for s in chosen)
        return replace(self, sentences=texts, rho=self.rho[chosen], hit=self.hit[chosen], **rows)

    def in_words(self, method, **which):
        """Mean and interval of one method as text, with `which` as for `correlations`.

        >>> load_study().in_words("other words", words="every")
        Traceback (most recent call last):
        ValueError: words='every' is unknown; expected one of all, content, with signs
        """
        mean, low, high = self.interval(method, **which)
        sign = "+" * isinstance(method, tuple)
        return f"{mean:{sign}.2f} [{low:{sign}.2f}, {high:{sign}.2f}]".replace("-", "\N{MINUS SIGN}")

    def by_source(self, method, **which):
        """Mean and interval as text, and behind them the mean of each source.

        >>> load_study().by_source(("recursion", "recursion"))
        '+0.00 [+0.00, +0.00]; by source +0.00 +0.00 +0.00 +0.00 +0.00'
        """
        means = source_means(self.correlations(method, **which), self.sources)
        sign = "+" * isinstance(method, tuple)
        each = " ".join(f"{mean:{sign}.2f}" for mean in means).replace("-", "\N{MINUS SIGN}")
        return f"{self.in_words(method, **which)}; by source {each}"

    def table(self, methods, columns):
        """A Markdown table of means and intervals.

        `methods`: a mapping from a method, or a pair, to how it is called; `columns`: a mapping from a
        heading to a mapping of what `correlations` takes.
        """
        rows = [
            [label, *(self.in_words(method, **which) for which in columns.values())]
            for method, label in methods.items()
        ]
        rows = [["", *columns], ["---"] * (1 + len(columns)), *rows]
        text = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        return re.sub(r", (?=[^\[|]*\])", ",\N{NO-BREAK SPACE}", text)  # no break inside a bracket

    def _of(self, values, method, words, reading, how):
        if isinstance(method, tuple):
            first, second = (self._of(values, one, words, reading, how) for one in method)
            return first - second
        place = []
        for value, names, what in (
            (words, WORD_SETS, "words"),
            (reading, tuple(READINGS), "reading"),
            (how, WAYS, "how"),
            (method, self.methods, "method"),
        ):
            if value not in names:
                raise ValueError(f"{what}={value!r} is unknown; expected one of {', '.join(names)}")
            place.append(names.index(value))
        return values[:, *place]


def t_interval(values, sources):
    """Means over the sources' means, and their 95 % intervals: Student's t, with a degree of freedom fewer.

    Sentences of one source are alike, so what counts is how far the sources lie apart: five sources are five
    values, however many sentences each has. (A bootstrap over five sources holds the truth in about 88 % of
    trials where it says 95: a test simulates both.) Sentences of a single source are taken one by one.

    Parameters
    ----------
    values : (S, ...)
        A row for each sentence.
    sources : (S,)
        Where each is from.

    Returns
    -------
    mean, low, high : each (...)
        Fewer than two values raise ValueError.

    Examples
    --------
    >>> mean, low, high = t_interval(np.array([0.0, 0.2, 0.4, 0.4, 0.6]), np.array(list("aabcc")))
    >>> print(f"{mean:.2f} [{low:.2f}, {high:.2f}]")  # three means: 0.1, 0.4, 0.5
    0.33 [-0.18, 0.85]
    """
    means = source_means(values, sources)
    if len(means) == 1:
        means = np.asarray(values, dtype=np.float64)
    if len(means) < 2:
        raise ValueError(
            f"there is {len(means)} value; expected at least 2, whose distance makes the interval"
        )
    n, mean = len(means), means.mean(axis=0)
    half = _t_975(n - 1) * means.std(axis=0, ddof=1) / n**0.5
    return tuple(each if mean.ndim else float(each) for each in (mean, mean - half, mean + half))


bootstrap = t_interval  # what notebooks of version 0.1 call it


def source_means(values, sources):
    """The mean of each source, in the order in which sources first come: `(number of sources, ...)`."""
    values, sources = np.asarray(values, dtype=np.float64), np.asarray(sources)
    if len(values) != len(sources):
        raise ValueError(f"found {len(values)} values of {len(sources)} sources; expected a source for each")
    return np.array([values[sources == name].mean(axis=0) for name in dict.fromkeys(sources.tolist())])


def _t_975(df):
    """The 97.5 % quantile of Student's t, to 0.2 %: two values, then Fisher's expansion of it in 1 / df."""
    if df < 3:
        return (12.706, 4.303)[df - 1]
    return 1.96 + 2.372 / df + 2.823 / df**2 + 2.556 / df**3 + 1.59 / df**4


def load_study():
    """The bundled results, a `Study`.

    >>> study = load_study()
    >>> len(study.sentences) >= 300
    True
    >>> study.correlations("identity").shape == (len(study.sentences),)
    True
    """
    with (DATA / "results.npz").open("rb") as file, np.load(file) as stored:
        sentences = sentences_by_source()
        return Study(
            sentences=tuple(text for texts in sentences.values() for text in texts),
            sources=np.array([name for name, texts in sentences.items() for _ in texts]),
            methods=tuple(stored["methods"].tolist()),
            n_words=stored["n_words"],
            residual_share=stored["residual_share"],
            rho=stored["rho"] / 100,
            hit=stored["hit"] / 100,
        )


@dataclass(frozen=True, eq=False)
class BlankOut:
    """What was measured on a bundled example.

    Fields: `words`, a tuple of n `Word`; `moved`, how -> output -> `(n,)`, as `blank_out` gives it for
    "mask" and "removal"; `pairs`, output -> `(n, n)`, the same with two words masked at once, to three digits
    (one word alone on the diagonal); `flow` `(N, N)`, its attention flow.
    """

    words: tuple[Word, ...]
    moved: dict[str, dict[str, np.ndarray]]
    pairs: dict[str, np.ndarray]
    flow: np.ndarray


def load_blank_out(name):
    """What was measured on one of `example_names()`, a `BlankOut`. Raises `ValueError` for another name.

    >>> found = load_blank_out("negation")
    >>> [word.text for word in found.words][:3]
    ['The', 'film', 'was']
    >>> found.moved["mask"]["embedding"].shape == (len(found.words),)
    True
    """
    text = load_example(name).text
    with (DATA / "examples.npz").open("rb") as file, np.load(file) as stored:
        places, moved, flow = (stored[f"{name}.{part}"] for part in ("places", "moved", "flow"))
    with (DATA / "pairs.npz").open("rb") as file, np.load(file) as stored:
        pairs = dict(zip(OUTPUTS, stored[name].astype(np.float64), strict=True))
    return BlankOut(
        words=tuple(words_at(text, places.tolist())),
        moved={
            how: dict(zip(OUTPUTS, by_output, strict=True))
            for how, by_output in zip(WAYS, moved, strict=True)
        },
        pairs=pairs,
        flow=flow,
    )


@cache
def occurrences():
    """How often each word stands in the study's sentences: a `Counter` by word, in lower case.

    >>> occurrences()["the"] > occurrences()["language"] > occurrences()["axolotl"]
    True
    """
    texts = (text for texts in sentences_by_source().values() for text in texts)
    return Counter(word for text in texts for word in bare_words(text))


def sentences_by_source():
    """The study's sentences: source -> list of texts."""
    sources = tomllib.loads((DATA / "sentences.toml").read_text(encoding="utf-8"))
    return {name: source["sentences"] for name, source in sources.items()}
