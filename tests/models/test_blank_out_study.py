"""The study's bundle: what is in it, that it fits together, and that a part of it comes out again."""

import tomllib

import numpy as np
import pytest

from rollout_lab import attention_flow
from rollout_lab.faithfulness import OUTPUTS, WAYS, blank_out, words_of
from rollout_lab.models import example_names, load_example
from rollout_lab.models.blank_out_study import (
    DATA,
    READINGS,
    WEIGHTS,
    WORD_SETS,
    bootstrap,
    load_blank_out,
    load_study,
)
from tools.measure_blank_out import compare, measure, occurrences_in


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


@pytest.mark.parametrize("part", [slice(7, None, 50)])
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
    with pytest.raises(ValueError, match="no example is called 'negatoin'"):
        load_blank_out("negatoin")


class TestBootstrap:
    def test_of_values_that_are_all_equal_is_a_point(self):
        assert bootstrap(np.full(20, 0.3), np.repeat(["x", "y"], 10)) == pytest.approx((0.3, 0.3, 0.3))

    def test_holds_the_mean(self):
        values = np.random.default_rng(0).normal(size=100)
        mean, low, high = bootstrap(values, np.repeat(list("abcde"), 20))
        assert mean == pytest.approx(values.mean())
        assert low < mean < high

    def test_is_wide_where_sources_differ_and_narrow_where_only_sentences_do(self):
        values = np.random.default_rng(0).normal(size=100)
        by_source = values + np.repeat([-2, -1, 0, 1, 2], 20)
        widths = [
            np.subtract(*bootstrap(each, np.repeat(list("abcde"), 20))[:0:-1]) for each in (values, by_source)
        ]
        assert widths[1] > 2 * widths[0]
