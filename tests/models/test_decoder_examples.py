import numpy as np
import pytest

from rollout_lab.faithfulness import per_word, spearman
from rollout_lab.models import (
    decoder_example_names,
    load_decoder_example,
    load_decoder_positions,
)
from rollout_lab.rollout import rollout
from tools.make_decoder_maps import read_prompts

NAMES = decoder_example_names()
EXAMPLES = {name: load_decoder_example(name) for name in NAMES}
POSITIONS = load_decoder_positions()


def uniform(N):
    return np.tri(N) / np.arange(1, N + 1)[:, None]


@pytest.mark.parametrize("name", NAMES)
def test_maps_are_causal_and_their_rows_sum_to_1(name):
    example, N = EXAMPLES[name], len(EXAMPLES[name].tokens)
    for maps in (example.attentions, example.value_norms):
        assert maps.shape == (30, 1, N, N)
        assert maps.dtype == np.float32
        np.testing.assert_allclose(maps.sum(axis=-1), 1, atol=1e-6)
        assert (np.triu(maps, k=1) == 0).all()
        assert (maps >= 0).all()
    assert (np.triu(example.gradient_attention, k=1) == 0).all()
    assert example.residual_share.shape == (30, N)
    assert 0 < example.residual_share.min() < example.residual_share.max() < 1


@pytest.mark.parametrize("name", NAMES)
def test_words_tokens_and_blank_outs_belong_to_the_text(name):
    example = EXAMPLES[name]
    assert "".join(example.tokens) == f"<|endoftext|>{example.text}"
    for word in example.words:
        assert "".join(example.tokens[position] for position in word.positions).strip() == word.text
        assert example.text[word.start : word.stop] == word.text
    assert {how: moved.shape for how, moved in example.blank_out.items()} == dict.fromkeys(
        ("mask", "removal"), (len(example.words),)
    )
    assert np.log(0.1) < example.log_probability < 0


def test_of_the_30_prompts_that_were_tried_18_are_bundled_as_they_were_written():
    tried = read_prompts()
    assert (len(tried), len(NAMES)) == (30, 18)
    for name, example in EXAMPLES.items():
        assert (example.kind, example.text, example.answer) == tried[name]


def test_one_prompt_has_its_heads_and_their_mean_is_the_map():
    (with_heads,) = (example for example in EXAMPLES.values() if example.heads is not None)
    assert with_heads.heads.shape == (30, 9, 13, 13)
    np.testing.assert_allclose(with_heads.heads.mean(axis=1), with_heads.attentions[:, 0], atol=1e-3)


@pytest.mark.parametrize(
    ("name", "word"),
    [("capital", "Berlin"), ("hot", "hot"), ("night", "day"), ("code", "stone"), ("key", "drawer")],
)
def test_hiding_the_word_that_decides_costs_the_answer_most(name, word):
    example = EXAMPLES[name]
    assert example.words[example.blank_out["mask"][:-1].argmax()].text == word


def test_a_caller_may_change_what_was_loaded():
    load_decoder_example("hot").residual_share[:] = 0
    load_decoder_example("hot").token_ids[:] = 0
    assert load_decoder_example("hot").residual_share.min() > 0
    assert load_decoder_example("hot").token_ids.max() > 0


def test_an_unknown_name_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="expected one of 'capital', 'language'"):
        load_decoder_example("coreference")


def test_thirty_layers_with_one_half_pour_into_the_first_token_as_their_null_does():
    on_first = [rollout(example.attentions, queries=-1)[0] for example in EXAMPLES.values()]
    null = [rollout([uniform(len(e.tokens))] * 30, queries=-1)[0] for e in EXAMPLES.values()]
    assert np.min(on_first) > 0.9998
    assert 0.996 < np.min(null) < np.max(null) < 0.9995


def last_rows(example):
    """The last row of each map that is compared with blank-out."""
    A, N = example.attentions.astype(float), len(example.tokens)
    share = example.residual_share.mean(axis=1)[:, None, None]
    relevance = np.eye(N)
    for layer in example.gradient_attention.astype(float):
        relevance = relevance + layer @ relevance
    identity = rollout(A, queries=-1)
    return {
        "identity": identity,
        "identity minus null": identity - rollout([uniform(N)] * 30, queries=-1),
        "recursion": rollout(A, residual="recursion", queries=-1),
        "measured by layer": rollout((1 - share) * A[:, 0] + share * np.eye(N), residual="none", queries=-1),
        "last layer": A[-1, 0, -1],
        "value norms of the last layer": example.value_norms[-1, 0, -1],
        "gradient x attention": relevance[-1],
    }


@pytest.mark.parametrize(
    ("method", "rho", "with_place", "named"),
    [
        ("identity", -0.34, -0.96, 0),
        ("identity minus null", 0.25, 0.93, 6),
        ("recursion", 0.40, 0.27, 6),
        ("measured by layer", -0.27, -0.63, 2),
        ("last layer", 0.39, 0.57, 6),
        ("value norms of the last layer", 0.48, 0.61, 7),
        ("gradient x attention", 0.55, 0.60, 10),
    ],
)
def test_the_table_of_rank_correlations_is_what_the_maps_give(method, rho, with_place, named):
    """Mean over the prompts: with blank-out, with the word's place, and how often both name the same word."""
    found = []
    for example in EXAMPLES.values():
        score = per_word(last_rows(example)[method], example.words[:-1])
        moved, places = example.blank_out["mask"][:-1], np.arange(len(score))
        found.append((spearman(score, moved), spearman(score, places), score.argmax() == moved.argmax()))
    assert np.mean(found, axis=0)[:2] == pytest.approx([rho, with_place], abs=0.01)
    assert np.sum(found, axis=0)[2] == named


def test_in_long_texts_the_measured_weighting_is_not_drained_and_the_first_token_leads_all_the_same():
    assert POSITIONS.identity[:, 0].min() > 0.99
    measured = POSITIONS.measured
    np.testing.assert_allclose(measured.sum(axis=1), 1, atol=1e-5)
    assert 0.7 < measured[:, 0].mean() < 0.85
    rest = measured[:, 1:].mean(axis=0)
    assert rest[:64].sum() > rest[128:192].sum() < rest[192:].sum()  # a U over the other tokens
    influence = POSITIONS.gradient / POSITIONS.gradient.sum(axis=1, keepdims=True)
    assert influence[:, 0].mean() < 0.05
