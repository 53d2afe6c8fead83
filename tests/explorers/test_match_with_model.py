"""The explorer of the blank-out study: its numbers are the study's, and its sentence says them."""

import pytest

from rollout_lab.explorers.match_with_model import (
    BESIDE,
    EVERYWHERE,
    READING_NAMES,
    VARIED,
    compute,
    match_with_model,
)
from rollout_lab.models.blank_out_study import load_study


@pytest.fixture(scope="module")
def study():
    return load_study()


@pytest.mark.parametrize("varied", VARIED)
def test_every_assumption_that_can_be_varied_is_in_the_study(study, varied):
    assert {*VARIED[varied].values(), *BESIDE.values()} <= set(study.methods)


@pytest.mark.parametrize("varied", VARIED)
def test_the_curve_and_what_is_beside_it_are_means_of_the_study(study, varied):
    which = {"words": "content", "reading": "cls", "how": "removal"}
    count, curve, beside = compute(study, varied, EVERYWHERE, **which)
    assert count == len(study.sentences)
    for (mean, low, high), methods in ((curve, VARIED[varied]), (beside, BESIDE)):
        assert (low <= mean).all()
        assert (mean <= high).all()
        for value, method in zip(mean, methods.values(), strict=True):
            assert value == pytest.approx(study.correlations(method, **which).mean())


def test_one_source_alone_is_its_sentences_alone(study):
    count, (mean, _, _), _ = compute(study, "one layer alone", "jargon")
    here = study.sources == "jargon"
    assert count == here.sum()
    assert mean[0] == pytest.approx(study.correlations("layer 1")[here].mean())


def test_it_opens_with_a_picture_and_a_sentence_that_gives_the_numbers(study):
    explorer = match_with_model(key="opens")
    assert "<img" in explorer.picture.value
    assert f"{len(study.sentences)} sentences, all sources, all words, blank-out by mask" in explorer.sentence
    assert f"runs from {study.correlations('none').mean():.2f}" in explorer.sentence
    assert f"last layer alone {study.correlations('layer 6').mean():.2f}" in explorer.sentence


@pytest.mark.parametrize(
    "wrong", [{"varied": "heads"}, {"words": "nouns"}, {"reading": "logits"}, {"how": "delete"}]
)
def test_what_is_not_on_offer_is_refused(wrong):
    with pytest.raises(ValueError, match="expected one of"):
        match_with_model(**wrong)


def test_every_reading_of_the_study_is_on_offer():
    assert match_with_model().choices["reading"] == tuple(READING_NAMES)
