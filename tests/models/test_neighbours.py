import numpy as np
import pytest

from rollout_lab.faithfulness import words_of
from rollout_lab.models import Encoder, ModelNotFetched
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
