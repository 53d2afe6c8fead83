import numpy as np
import pytest

from rollout_lab.models import (
    decoder_example_names,
    load_decoder_example,
    load_decoder_positions,
)
from tools.make_decoder_maps import read_prompts

NAMES = decoder_example_names()
EXAMPLES = {name: load_decoder_example(name) for name in NAMES}
POSITIONS = load_decoder_positions()


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


def test_rows_over_long_texts_hold_the_whole_weight():
    for rows in (POSITIONS.identity, POSITIONS.measured):
        np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)
