"""Does rollout match the model? Every map against blank-out, on 400 sentences from five sources.

Each word of a sentence is hidden in turn, by mask or by removal, and the turn of the model's sentence vector
and of its [CLS] state is measured (`rollout_lab.faithfulness.blank_out`). Each map, and each guess that looks
at no attention, is then compared with that by rank correlation: over all words, over content words alone, and
with signs counted as words.

`load_study` hands out the correlations, `load_blank_out` what was measured on one of the bundled examples.
`python -m tools.measure_blank_out`, in a clone, makes both from the model.
"""

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from rollout_lab.faithfulness import OUTPUTS, WAYS, Word, bare_words
from rollout_lab.models.examples import load_example

DATA = files(__package__)
WORD_SETS = ("all", "content", "with signs")
WEIGHTS = tuple(round(0.1 * tenth, 1) for tenth in range(1, 10))
READINGS = {"embedding": "embedding", "cls": "cls", "embedding by [CLS]": "embedding"}  # of which output


@dataclass(frozen=True, eq=False)
class Study:
    """The correlations of every method with blank-out, sentence by sentence.

    Fields: `sentences`, S strings; `sources`, the name of each one's source; `methods`, M names, those of
    `maps_of` and `guesses` in tools/study_methods.py and "the other way", which is blank-out itself done the
    other way; `n_words` `(S, 3)`, how many words there are by `WORD_SETS`; `residual_share` `(S, L)`, the
    measured share of the residual in each layer, averaged over tokens; `rho` and `hit`, both `(S, 3, 3, 2,
    M)` by `WORD_SETS`, `READINGS` and `WAYS` and in steps of 0.01: the rank correlation, which is 0 for a
    method that puts the words in no order, and 1 where the method's first word is blank-out's first, else 0
    (where k words share the method's first place, 1/k).

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
        """The rank correlations of one method, one for each sentence: `(S,)`. Raises `ValueError`."""
        return self._of(self.rho, method, words, reading, how)

    def hits(self, method, *, words="all", reading="embedding", how="mask"):
        """Whether the method and blank-out agree on the most important word: `(S,)`, 1 or 0."""
        return self._of(self.hit, method, words, reading, how)

    def interval(self, method, **which):
        """Mean correlation and its 95 % interval over sources: `(mean, low, high)`, as `bootstrap` gives it.

        `method`: one, or a list of M, and then each of the three is `(M,)`; `which` as for `correlations`.
        """
        if isinstance(method, str):
            return bootstrap(self.correlations(method, **which), self.sources)
        return bootstrap(np.stack([self.correlations(one, **which) for one in method], axis=1), self.sources)

    def in_words(self, method, **which):
        """Mean and interval of one method as text, with `which` as for `correlations`.

        >>> load_study().in_words("other words", words="every")
        Traceback (most recent call last):
        ValueError: words='every' is unknown; expected one of all, content, with signs
        """
        mean, low, high = self.interval(method, **which)
        return f"{mean:.2f} [{low:.2f}, {high:.2f}]".replace("-", "\N{MINUS SIGN}")

    def table(self, methods, columns):
        """A Markdown table of means and intervals.

        `methods`: a mapping from a method to how it is called; `columns`: a mapping from a heading to a
        mapping of what `correlations` takes.
        """
        rows = [
            [label, *(self.in_words(method, **which) for which in columns.values())]
            for method, label in methods.items()
        ]
        head = ["", *columns]
        return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))

    def _of(self, values, method, words, reading, how):
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


def bootstrap(values, sources):
    """Means over sentences, and their 95 % intervals: sources are drawn anew, then the sentences of each.

    With few sources the interval is wide, as it should be.

    Parameters
    ----------
    values : (S, ...)
        A row for each sentence.
    sources : (S,)
        Where each is from.

    Returns
    -------
    mean, low, high : each (...)

    Examples
    --------
    >>> bootstrap(np.array([0.0, 0.0, 1.0, 1.0]), np.array(["x", "x", "y", "y"]))
    (0.5, 0.0, 1.0)
    """
    values = np.asarray(values, dtype=np.float64)
    shares = _resampled(tuple(np.asarray(sources).tolist()))
    means = np.tensordot(shares, values, axes=1)
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    return tuple(each if values.ndim > 1 else float(each) for each in (values.mean(axis=0), low, high))


@cache
def _resampled(sources, draws=2000):
    """What share each sentence has in each of the resampled studies, (draws, S): rows sum to 1."""
    rng = np.random.default_rng(0)
    groups = [np.flatnonzero(np.array(sources) == name) for name in sorted(set(sources))]
    chosen = rng.integers(len(groups), size=(draws, len(groups)))
    shares = np.zeros((draws, len(sources)))
    for number, group in enumerate(groups):
        draw, _ = np.nonzero(chosen == number)
        again = rng.choice(group, size=(len(draw), len(group)))
        np.add.at(shares, (draw[:, None], again), 1 / again.shape[1] / len(groups))
    return shares


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
        words=tuple(
            Word(text[start:stop], start, stop, tuple(range(first, end)))
            for start, stop, first, end in places.tolist()
        ),
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
