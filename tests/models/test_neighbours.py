import re
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import binomtest

from rollout_lab.faithfulness import per_word, words_of
from rollout_lab.models import Encoder, ModelNotFetched
from rollout_lab.models.blank_out_study import occurrences
from rollout_lab.models.neighbours import Recording, encoder_or_recording, wrong_neighbours
from rollout_lab.rollout import rollout
from tools.make_examples import APPLICATIONS

CASES = wrong_neighbours()


def cosine(one, other):
    return one @ other / np.sqrt((one @ one) * (other @ other))


def similarities(source, case):
    asked = source.encode(case.query).embedding
    return [cosine(asked, source.encode(text).embedding) for text in (case.right, case.wrong)]


def without_each_word(source, case):
    n = len(source.tokenize(case.query))
    for word in words_of(case.query, source.tokenize):
        yield ~np.isin(np.arange(n), word.positions)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.query)
class TestEveryRecordedCase:
    def test_goes_wrong_and_has_maps_over_its_tokens(self, case):
        recording = Recording.load()
        right, wrong = similarities(recording, case)
        assert wrong > right
        asked = recording.encode(case.query)
        n = len(asked.tokens)
        assert asked.attentions.shape == (6, 1, n, n)
        np.testing.assert_allclose(rollout(asked.attentions).sum(axis=-1), 1, atol=1e-5)

    def test_is_recorded_without_each_of_its_words(self, case):
        recording = Recording.load()
        moved = [recording.encode(case.query, keep).embedding for keep in without_each_word(recording, case)]
        assert len(np.unique(moved, axis=0)) == len(moved) > 3

    def test_is_what_the_encoder_computes(self, case, encoder):
        recording = Recording.load()
        assert recording.tokenize(case.query) == encoder.tokenize(case.query)
        calls = [(case.query, keep) for keep in without_each_word(encoder, case)]
        for call in [*calls, (case.query, None), (case.right, None), (case.wrong, None)]:
            recorded, computed = recording.encode(*call).embedding, encoder.encode(*call).embedding
            np.testing.assert_allclose(recorded, computed, atol=1e-3)
        np.testing.assert_allclose(
            recording.encode(case.query).attentions[:, 0],
            encoder.encode(case.query).attentions.mean(axis=1),
            atol=1e-6,
        )


@pytest.fixture(params=["recording", "encoder"])
def source(request):
    return Recording.load() if request.param == "recording" else request.getfixturevalue("encoder")


def test_a_guess_without_a_model_names_the_word_more_often_than_any_map(source):
    """The table of lesson 06: which tool names the word whose hiding helps the right text most."""
    named, least = [], []
    for case in CASES:
        words, asked = words_of(case.query, source.tokenize), source.encode(case.query)
        hidden = [source.encode(case.query, keep).embedding for keep in without_each_word(source, case)]
        texts = [source.encode(text).embedding for text in (case.right, case.wrong)]
        leads = [np.diff([cosine(vector, text) for text in texts]).item() for vector in hidden]
        least.append(min(leads))
        helps = words[int(np.argmin(leads))]
        rivals = [
            word
            for word in words
            if re.search(rf"\b{word.text}\b", case.wrong, re.IGNORECASE)
            and not re.search(rf"\b{word.text}\b", case.right, re.IGNORECASE)
        ]
        rarest = min(rivals, key=lambda word: occurrences()[word.text.lower()])
        maps = {
            "last": asked.attentions[-1].mean(axis=0),
            "identity": rollout(asked.attentions),
            "recursion": rollout(asked.attentions, residual="recursion"),
        }
        best = {name: words[int(per_word(R.mean(axis=0), words).argmax())] for name, R in maps.items()}
        best["vector"] = words[int(np.argmin([cosine(asked.embedding, vector) for vector in hidden]))]
        named.append({"rule": rarest is helps} | {name: word is helps for name, word in best.items()})
    counts = {name: sum(one[name] for one in named) for name in named[0]}
    assert counts == {"rule": 11, "last": 8, "identity": 4, "recursion": 9, "vector": 9}
    assert sum(lead < 0 for lead in least) == 6
    assert sum(1 / len(words_of(case.query, source.tokenize)) for case in CASES) == pytest.approx(
        2.88, abs=0.01
    )
    for other, p in {"recursion": 0.0625, "last": 0.21875, "rule": 0.0390625}.items():
        gained = sum(one[other] > one["identity"] for one in named)
        lost = sum(one[other] < one["identity"] for one in named)
        assert binomtest(lost, gained + lost).pvalue == pytest.approx(p)


def test_no_two_words_but_account_keep_the_wrong_text_ahead_and_the_frame_does(source):
    case, words = CASES[0], words_of(CASES[0].query, source.tokenize)
    texts = [source.encode(text).embedding for text in (case.right, case.wrong)]
    places = np.arange(len(source.tokenize(case.query)))

    def lead(text, *hidden):
        keep = ~np.isin(places, [p for word in hidden for p in word.positions]) if hidden else None
        return np.diff([cosine(source.encode(text, keep).embedding, other) for other in texts]).item()

    assert min(lead(case.query, *pair) for pair in combinations(words[:-1], 2)) > 0.04
    assert all(lead(text) < 0 for text in case.rewritten[:2])
    asked, frame = (source.encode(text).embedding for text in (case.query, case.rewritten[2]))
    assert 0.03 < cosine(asked, texts[1]) - cosine(asked, frame) < 0.05


def test_what_was_not_recorded_asks_for_the_model():
    recording = Recording.load()
    with pytest.raises(ModelNotFetched, match="'Good morning' is not in the recording"):
        recording.encode("Good morning")
    with pytest.raises(ModelNotFetched, match="was recorded, but not with keep="):
        recording.encode(CASES[0].right, np.arange(len(recording.tokenize(CASES[0].right))) != 1)


def test_changing_what_was_recorded_does_not_change_the_recording():
    Recording.load().encode(CASES[0].query).attentions[:] = 0
    assert Recording.load().encode(CASES[0].query).attentions.sum() > 0


def test_the_recording_stands_in_where_the_model_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("ROLLOUT_LAB_CACHE", str(tmp_path))
    assert isinstance(encoder_or_recording(), Recording)


def test_the_encoder_answers_where_the_model_is_there(encoder):
    assert isinstance(encoder_or_recording(), Encoder)


def test_the_applications_are_small():
    assert sum(path.stat().st_size for path in APPLICATIONS.iterdir()) < 600_000
