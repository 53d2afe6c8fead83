"""Make the study's results from the model, in some ten minutes: `python -m tools.measure_blank_out`.

In rollout_lab/models/blank_out_study: reads `sentences.toml`, writes `results.npz` and `examples.npz`.
On another machine the last digits may swap two words whose values are next to equal. Correlations then move
by less than 0.01 on average, and by less than 0.1 each.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from rollout_lab.faithfulness import WAYS, blank_out, spearman, words_of
from rollout_lab.flow import attention_flow
from rollout_lab.models import blank_out_study
from rollout_lab.models.blank_out_study import READINGS, WORD_SETS, sentences_by_source
from rollout_lab.models.encoder import Encoder
from rollout_lab.models.examples import example_names, load_example
from tools.study_methods import guesses, importance, maps_of, successors_of

FOLDER = Path(blank_out_study.__file__).parent


def measure(encoder, text, occurrences):
    """One sentence of the study: method -> `(3, 3, 2, 2)`, by word set, reading and way, then (rho, hit).

    Also returns the number of words by word set, `(3,)`, and the residual's share in each layer, `(L,)`.
    """
    encoding = encoder.encode(text, blocks=True)
    words = words_of(text, encoder.tokenize, signs=True)
    sets = [
        np.array([not word.is_sign for word in words]),
        np.array([word.is_content for word in words]),
        np.ones(len(words), dtype=bool),
    ]
    moved = {how: blank_out(encoder.encode, text, words, how) for how in WAYS}
    maps = maps_of(encoding) | successors_of(encoding)
    others = guesses(encoding, words, occurrences)

    def scores(reading, how):
        yield from ((name, importance(M, words, reading)) for name, M in maps.items())
        yield from others.items()
        yield "the other way", moved[WAYS[1 - WAYS.index(how)]][READINGS[reading]]

    found: dict[str, np.ndarray] = {}
    for r, h in np.ndindex(len(READINGS), len(WAYS)):
        reading, how = list(READINGS)[r], WAYS[h]
        for method, score in scores(reading, how):
            cells = found.setdefault(method, np.zeros((len(WORD_SETS), len(READINGS), len(WAYS), 2)))
            for s, chosen in enumerate(sets):
                cells[s, r, h] = compare(score[chosen], moved[how][READINGS[reading]][chosen])
    return found, [chosen.sum() for chosen in sets], encoding.residual_share.mean(axis=1)


def compare(score, moved):
    """The rank correlation of a score with what moved, and whether they agree on the first word."""
    rho = spearman(score, moved) if np.ptp(score) > 0 else 0.0
    first = score == score.max()
    return rho, float(first[moved.argmax()] / first.sum())


def occurrences_in(encoder, texts):
    """How often each word and each sign, in lower case, occurs in the texts."""
    return Counter(
        word.text.lower() for text in texts for word in words_of(text, encoder.tokenize, signs=True)
    )


def measure_all(encoder):
    """Measure every sentence, and write `results.npz`."""
    texts = [text for texts in sentences_by_source().values() for text in texts]
    occurrences = occurrences_in(encoder, texts)
    found, n_words, shares = zip(*(measure(encoder, text, occurrences) for text in tqdm(texts)), strict=True)
    methods = list(found[0])
    cells = np.stack([[one[method] for method in methods] for one in found])  # (S, M, 3, 3, 2, 2)
    rho, hit = np.moveaxis(cells, 1, -2)[..., 0], np.moveaxis(cells, 1, -2)[..., 1]
    np.savez_compressed(
        FOLDER / "results.npz",
        methods=np.array(methods),
        n_words=np.array(n_words, dtype=np.uint8),
        residual_share=np.array(shares, dtype=np.float32),
        rho=np.round(100 * rho).astype(np.int8),
        hit=np.round(100 * hit).astype(np.uint8),
    )


def measure_examples(encoder):
    """Measure every bundled example, and write `examples.npz`."""
    arrays: dict[str, Any] = {}
    for name in example_names():
        example = load_example(name)
        words = words_of(example.text, encoder.tokenize)
        moved = [list(blank_out(encoder.encode, example.text, words, how).values()) for how in WAYS]
        places = [(word.start, word.stop, word.positions[0], word.positions[-1] + 1) for word in words]
        arrays[f"{name}.places"] = np.array(places, dtype=np.uint8)
        arrays[f"{name}.moved"] = np.array(moved, dtype=np.float32)
        arrays[f"{name}.flow"] = attention_flow(example.attentions).astype(np.float32)
    np.savez_compressed(FOLDER / "examples.npz", **arrays)


if __name__ == "__main__":
    encoder = Encoder.load()
    measure_all(encoder)
    measure_examples(encoder)
