import math
import sys

import numpy as np
import pytest

from rollout_lab.models import Encoder, ModelNotFetched
from rollout_lab.models.encoder import _erf, read_safetensors
from rollout_lab.successors import block_output, block_vectors, linear_part, weighted_values

TEXT = "The keys to the cabinet are on the table."


@pytest.fixture(scope="module")
def encoding(encoder):
    return encoder.encode(TEXT)


def test_everything_computed_is_float32_and_of_the_documented_shape(encoding):
    n = len(encoding.tokens)
    shapes = {
        "attentions": (6, 12, n, n),
        "hidden_states": (7, n, 384),
        "embedding": (384,),
        "residual_share": (6, n),
    }
    for name, shape in shapes.items():
        array = getattr(encoding, name)
        assert (array.shape, array.dtype) == (shape, np.float32), name


def test_rows_of_every_map_sum_to_one(encoding):
    np.testing.assert_allclose(encoding.attentions.sum(axis=-1), 1, atol=1e-6)


def test_the_embedding_is_the_mean_of_the_last_states_at_its_own_length(encoding):
    np.testing.assert_allclose(encoding.embedding, encoding.hidden_states[-1].mean(axis=0), atol=1e-6)
    assert not 0.99 < np.linalg.norm(encoding.embedding) < 1.01


def test_the_product_that_is_quicker_in_a_browser_gives_the_same(encoder, encoding, monkeypatch):
    monkeypatch.setattr(sys, "platform", "emscripten")
    there = encoder.encode(TEXT)
    np.testing.assert_allclose(there.embedding, encoding.embedding, atol=1e-5)
    assert there.embedding.dtype == np.float32


def test_sentences_of_like_meaning_lie_closer_than_others(encoder):
    def direction(text):
        embedding = encoder.encode(text).embedding
        return embedding / np.linalg.norm(embedding)

    sentence = direction("A man is eating food.")
    assert sentence @ direction("Someone is having a meal.") > 0.5
    assert sentence @ direction("The stock market fell sharply.") < 0.2


def test_the_residual_share_lies_between_one_half_and_one_on_average(encoding):
    # Measured on MiniLM: 0.63 to 0.78 for each layer's mean.
    assert ((encoding.residual_share.mean(axis=1) > 0.5) & (encoding.residual_share.mean(axis=1) < 0.9)).all()


def test_blocks_are_kept_on_request_and_change_nothing_else(encoder, encoding):
    assert encoding.blocks is encoding.last_norms is None
    with_blocks = encoder.encode(TEXT, blocks=True)
    np.testing.assert_array_equal(with_blocks.hidden_states, encoding.hidden_states)
    assert len(with_blocks.blocks) == len(with_blocks.last_norms) == 6
    for block, A, states in zip(
        with_blocks.blocks, encoding.attentions, encoding.hidden_states[:-1], strict=True
    ):
        np.testing.assert_array_equal(block.attention, A)
        np.testing.assert_array_equal(block.states, states)


def test_what_tokens_hand_to_one_another_adds_up_to_what_the_layer_computes(encoder):
    encoding = encoder.encode(TEXT, blocks=True)
    for layer, block in enumerate(encoding.blocks):
        # Nothing but the lengths of the attention's real output is kept: in the residual's share.
        added = weighted_values(block.attention, block.values, block.output).sum(axis=1) + block.bias
        own, added = (np.linalg.norm(vectors, axis=-1) for vectors in (block.states, added))
        np.testing.assert_allclose(own / (own + added), encoding.residual_share[layer], atol=1e-5)
        # From the sum of the block's vectors, the MLP and the second LayerNorm lead to the real next states.
        states, norm = block_output(block, block_vectors(block)), encoding.last_norms[layer]
        summed = states + encoder._mlp(f"encoder.layer.{layer}", states)
        above = linear_part(norm, summed[:, np.newaxis])[:, 0] + norm.shift
        np.testing.assert_allclose(above, encoding.hidden_states[layer + 1], atol=1e-5)


def test_a_token_that_is_not_kept_is_read_by_no_position_in_no_layer(encoder):
    keep = np.ones(len(encoder.tokenize(TEXT)), dtype=bool)
    keep[5] = False
    encoding = encoder.encode(TEXT, keep=keep)
    assert (encoding.attentions[..., 5] == 0).all()
    np.testing.assert_allclose(encoding.attentions.sum(axis=-1), 1, atol=1e-6)
    np.testing.assert_allclose(encoding.embedding, encoding.hidden_states[-1][keep].mean(axis=0), atol=1e-6)


def test_what_a_token_that_is_not_kept_says_makes_no_difference_to_the_others(encoder):
    keep = np.array([True, True, False, True, True])
    one, other = (encoder.encode(f"the {word} .", keep=keep) for word in ("dog", "tax"))
    np.testing.assert_array_equal(one.hidden_states[:, keep], other.hidden_states[:, keep])
    np.testing.assert_array_equal(one.embedding, other.embedding)


def test_masked_padding_changes_nothing_for_the_real_tokens(encoder, encoding):
    # Padding written into the text comes before the closing [SEP], so that one is masked as well.
    real = len(encoding.tokens) - 1
    bare = encoder.encode(TEXT, keep=np.arange(real + 1) < real)
    padded = encoder.encode(TEXT + "[PAD]" * 4, keep=np.arange(real + 5) < real)
    np.testing.assert_allclose(padded.embedding, bare.embedding, atol=1e-5)
    np.testing.assert_allclose(
        padded.attentions[..., :real, :real], bare.attentions[..., :real, :real], atol=1e-6
    )


@pytest.mark.parametrize(
    ("keep", "error", "message"),
    [
        ([1, 1, 1], TypeError, "keep has dtype int64; expected bool"),
        ([True, True], ValueError, r"keep has shape \(2,\); expected \(3,\)"),
        ([False] * 3, ValueError, "False throughout; expected at least one"),
    ],
)
def test_a_keep_that_does_not_fit_is_refused(encoder, keep, error, message):
    with pytest.raises(error, match=message):
        encoder.encode("word", keep=np.array(keep))


def test_loading_without_the_model_says_what_to_run(monkeypatch, tmp_path):
    monkeypatch.setenv("ROLLOUT_LAB_CACHE", str(tmp_path))
    with pytest.raises(ModelNotFetched, match=r"Run `.*rollout-lab fetch-model`") as caught:
        Encoder.load()
    assert str(tmp_path) in str(caught.value)


def test_the_error_function_is_off_by_a_few_float32_steps_at_most():
    x = np.linspace(-6, 6, 2001, dtype=np.float32)
    exact = np.array([math.erf(value) for value in x])
    assert np.abs(_erf(x) - exact).max() < 5e-7
    assert _erf(x).dtype == np.float32


@pytest.mark.parametrize("content", [b"short", b"\x08" + b"\0" * 7 + b"not json"])
def test_a_file_without_a_safetensors_header_is_refused(tmp_path, content):
    path = tmp_path / "broken.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"broken\.safetensors has no safetensors header"):
        read_safetensors(path)
