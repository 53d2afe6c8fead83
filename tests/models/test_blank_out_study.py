"""The study's bundle: what is in it, that it fits together, and that a part of it comes out again."""

import tomllib
from collections import Counter

import numpy as np
import pytest

from rollout_lab import attention_flow
from rollout_lab.faithfulness import OUTPUTS, WAYS, blank_out, words_of
from rollout_lab.models import example_names, load_example
from rollout_lab.models.blank_out_study import (
    DATA,
    GUESSES,
    HALVES,
    READINGS,
    WEIGHTS,
    WORD_SETS,
    load_blank_out,
    load_study,
    t_interval,
)
from tools.measure_blank_out import compare, measure, occurrences_in
from tools.study_methods import guesses


@pytest.fixture(scope="module")
def study():
    return load_study()


def every_way(study, method):
    return [
        study.correlations(method, words=words, reading=reading, how=how)
        for words in WORD_SETS
        for reading in READINGS
        for how in WAYS
    ]


def test_the_sentences_are_at_least_300_different_ones_from_five_sources_of_equal_size(study):
    assert len(set(study.sentences)) == len(study.sentences) >= 300
    _, counts = np.unique(study.sources, return_counts=True)
    assert len(counts) >= 5
    assert len(set(counts)) == 1


def test_every_source_names_its_author_its_licence_and_where_it_was_taken_from():
    for source in tomllib.loads((DATA / "sentences.toml").read_text("utf-8")).values():
        assert all(source[field] for field in ("title", "author", "licence", "taken_from"))


def test_every_sentence_has_content_words_enough_for_an_order(study):
    n_words, n_content, n_with_signs = study.n_words.T
    assert (n_content >= 4).all()
    assert (n_words > n_content).mean() > 0.9
    assert (n_with_signs >= n_words).all()


def test_the_bundle_is_small():
    assert sum((DATA / name).stat().st_size for name in ("results.npz", "examples.npz")) < 600_000


def test_every_method_that_the_lesson_compares_is_there(study):
    assert set(study.methods) >= {
        *(f"layer {number}" for number in range(1, 7)),
        "layers averaged",
        "none",
        "recursion",
        "identity",
        *(f"weight {w}" for w in WEIGHTS),
        "measured weight",
        *(f"from layer {number}" for number in range(2, 7)),
        "flow",
        *("value norms, last layer", "value norms", "block norms", "ALTI", "ALTI, from layer 3"),
        *("GlobEnc", "GlobEnc, from layer 3"),
        "input norm",
        "rarity",
        "place",
        "the other way",
    }


def test_correlations_are_correlations(study):
    for method in study.methods:
        for rho in every_way(study, method):
            assert rho.shape == (len(study.sentences),)
            assert np.abs(rho).max() <= 1


def test_methods_that_are_the_same_by_definition_have_the_same_correlations(study):
    for one, other in [("weight 0.5", "identity")]:
        np.testing.assert_array_equal(every_way(study, one), every_way(study, other))
    for_cls = {"reading": "cls"}
    np.testing.assert_array_equal(
        study.correlations("from layer 6", **for_cls), study.correlations("layer 6", **for_cls)
    )


def test_blank_out_done_the_other_way_is_the_same_comparison_from_both_sides(study):
    for words in WORD_SETS:
        there, back = (study.correlations("the other way", words=words, how=how) for how in WAYS)
        np.testing.assert_array_equal(there, back)


def test_what_puts_words_in_no_order_correlates_with_nothing(study):
    assert (study.correlations("content word", words="content") == 0).all()


def test_the_residual_s_share_is_a_share(study):
    assert study.residual_share.shape == (len(study.sentences), 6)
    assert ((study.residual_share > 0) & (study.residual_share < 1)).all()


@pytest.mark.parametrize("part", [slice(7, None, 100)])
def test_a_part_of_the_study_comes_out_again(study, encoder, part):
    occurrences = occurrences_in(encoder, study.sentences)
    for s in range(len(study.sentences))[part]:
        found, n_words, share = measure(encoder, study.sentences[s], occurrences)
        again = np.array([found[method] for method in study.methods])  # (M, 3, 3, 2, 2)
        off = np.abs(np.moveaxis(again, 0, -2)[..., 0] - study.rho[s])
        # Another machine's last digits may swap two words whose values are next to equal, and no more.
        assert off.mean() < 0.01  # rounded to 0.01 in the bundle
        assert off.max() < 0.1
        assert (n_words == study.n_words[s]).all()
        np.testing.assert_allclose(share, study.residual_share[s], atol=1e-4)


@pytest.mark.parametrize("name", ["negation", "word_pieces"])
def test_what_is_bundled_for_an_example_is_what_blank_out_gives(encoder, name):
    example, bundled = load_example(name), load_blank_out(name)
    words = words_of(example.text, encoder.tokenize)
    assert list(bundled.words) == words
    for how in WAYS:
        moved = blank_out(encoder.encode, example.text, words, how)
        for output in OUTPUTS:
            np.testing.assert_allclose(bundled.moved[how][output], moved[output], atol=1e-5)
    for k, word in enumerate(words):
        both = blank_out(encoder.encode, example.text, words, also=word.positions)
        for output in OUTPUTS:
            np.testing.assert_allclose(bundled.pairs[output][k], both[output], atol=1e-3)


@pytest.mark.parametrize("name", example_names())
def test_the_bundled_flow_of_an_example_is_its_attention_flow(name):
    flow = attention_flow(load_example(name).attentions)
    np.testing.assert_allclose(load_blank_out(name).flow, flow, atol=1e-5)


@pytest.mark.parametrize(("score", "rho", "hit"), [([1, 2, 3], 0.5, 0), ([1, 1, 1], 0, 1 / 3)])
def test_a_score_without_an_order_shares_the_first_place(score, rho, hit):
    assert compare(np.array(score), np.array([0.1, 0.3, 0.2])) == (rho, hit)


def test_unknown_names_are_answered_with_the_known_ones(study):
    with pytest.raises(ValueError, match="method='layer 7' is unknown; expected one of layer 1"):
        study.correlations("layer 7")
    with pytest.raises(ValueError, match="reading='logits' is unknown; expected one of embedding, cls"):
        study.correlations("identity", reading="logits")
    with pytest.raises(ValueError, match="half 'third' is unknown; expected one of choosing, telling"):
        study.half("third")
    with pytest.raises(ValueError, match="found 3 values of 2 sources; expected a source for each"):
        t_interval(np.ones(3), ["a", "b"])
    with pytest.raises(ValueError, match="no example is called 'negatoin'"):
        load_blank_out("negatoin")


def covered(interval, sources):
    """In what share of simulated studies an interval holds the true mean, 0, of five sources of 80 sentences.

    The spreads are those of the study's rollout with the identity: 0.084 between sources, 0.267 within.
    """
    rng = np.random.default_rng(0)
    values = np.repeat(rng.normal(0, 0.084, (5, 2000)), 80, axis=0) + rng.normal(0, 0.267, (400, 2000))
    low, high = interval(values, sources)
    return ((low < 0) & (high > 0)).mean()


def drawn_anew(values, sources):
    """The interval of a bootstrap: sources are drawn with repetition, then the sentences of each."""
    rng, means = np.random.default_rng(1), []
    for _ in range(400):
        drawn = rng.integers(5, size=5)[:, None] * 80 + rng.integers(80, size=(5, 80))
        means.append(np.bincount(drawn.ravel(), minlength=len(sources)) / len(sources) @ values)
    return np.quantile(means, [0.025, 0.975], axis=0)


def test_the_interval_holds_the_truth_as_often_as_it_says_and_a_bootstrap_over_five_sources_does_not():
    sources = np.repeat(list("abcde"), 80)
    assert covered(lambda *given: t_interval(*given)[1:], sources) == pytest.approx(0.95, abs=0.015)
    assert 0.85 < covered(drawn_anew, sources) < 0.91


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 12, 80])
def test_the_interval_is_student_s_over_the_means_of_the_sources(n):
    stats = pytest.importorskip("scipy.stats")
    means = np.random.default_rng(n).normal(size=n)
    values = np.repeat(means, 3) + np.tile([-1, 0, 1], n)
    spread = stats.sem(means) * stats.t.ppf(0.975, n - 1)
    for given, sources in ((values, np.repeat(np.arange(n), 3)), (means, np.zeros(n))):
        mean, low, high = t_interval(given, sources)
        assert mean == pytest.approx(means.mean())
        assert (low, high) == pytest.approx((means.mean() - spread, means.mean() + spread), rel=0.005)


def test_the_two_halves_have_each_sentence_once_and_as_many_of_every_source(study):
    halves = [study.half(name) for name in HALVES]
    texts = [set(half.sentences) for half in halves]
    assert not texts[0] & texts[1]
    assert texts[0] | texts[1] == set(study.sentences)
    for half in halves:
        assert set(np.unique(half.sources, return_counts=True)[1]) == {len(half.sentences) // 5}
        rows = [study.sentences.index(text) for text in half.sentences]
        np.testing.assert_array_equal(half.correlations("flow"), study.correlations("flow")[rows])


def test_a_pair_of_methods_is_their_difference_and_is_told_source_by_source(study):
    which = {"words": "content", "reading": "cls"}
    gap = study.correlations("identity", **which) - study.correlations("layer 6", **which)
    np.testing.assert_array_equal(study.correlations(("identity", "layer 6"), **which), gap)
    lead = study.hits("identity", **which) - study.hits("layer 6", **which)
    np.testing.assert_array_equal(study.hits(("identity", "layer 6"), **which), lead)
    told = study.by_source(("identity", "layer 6"), **which)
    assert told.startswith("−0.42 [−0.52, −0.33]; by source ")
    assert f"{gap[study.sources == study.sources[0]].mean():.2f}".replace("-", "−") in told


@pytest.mark.parametrize(
    ("half", "method", "verdicts"),
    [
        ("telling", "identity", "----"),
        ("telling", "measured weight", "+---"),
        ("telling", "value norms, last layer", "+0+0"),
        ("telling", "GlobEnc, from layer 3", "+0+0"),
        ("telling", "ALTI", "+0+0"),
        (None, "recursion", "0000"),
    ],
)
def test_what_lesson_05_says_of_the_last_layer_survives(study, half, method, verdicts):
    part = study.half(half) if half else study
    found = ""
    for reading in ("embedding", "cls"):
        for words in ("all", "content"):
            _, low, high = part.interval((method, "layer 6"), words=words, reading=reading)
            found += "+" if low > 0 else "-" if high < 0 else "0"
    assert found == verdicts


@pytest.mark.parametrize(
    ("method", "leads"), [("GlobEnc, from layer 3", True), ("ALTI", True), ("layer 6", False)]
)
def test_what_lesson_05_says_of_the_strongest_guess_holds_in_the_telling_half(study, method, leads):
    telling = study.half("telling")
    for reading in ("embedding", "cls"):
        _, low, _ = telling.interval((method, "kept share"), reading=reading)
        assert (low > 0) is leads


def test_the_guesses_are_the_methods_that_are_no_maps(study, encoder):
    words = words_of("A word.", encoder.tokenize)
    assert {*guesses(encoder.encode("A word."), words, Counter()), "the other way"} == set(GUESSES)
    assert set(GUESSES) < set(study.methods)
