"""Value norms, ALTI and gradient × attention, against loops that are written from their definitions."""

import numpy as np
import pytest
from hypothesis import given

from rollout_lab import alti, gradient_attention, rollout, softmax, value_norms, weighted_values
from rollout_lab.successors import Block, LayerNorm, alti_layer, block_output, block_vectors
from tests import strategies

H, N, E, D = 2, 4, 3, 5


def drawn(seed, *batch, norm=True):
    """A `Block` of random numbers, its LayerNorm's spread as the states have it."""
    rng = np.random.default_rng(seed)
    attention, states = softmax(rng.normal(size=(*batch, H, N, N))), rng.normal(size=(*batch, N, D))
    values, output, bias = rng.normal(size=(*batch, H, N, E)), rng.normal(size=(H, E, D)), rng.normal(size=D)
    side_by_side = (attention @ values).swapaxes(-3, -2).reshape(*batch, N, H * E)
    summed = states + side_by_side @ output.reshape(H * E, D) + bias
    if not norm:
        return Block(attention, values, output, states, bias), summed
    gain, shift = rng.normal(size=(2, D))
    spread = np.sqrt(summed.var(axis=-1, keepdims=True) + 1e-12)
    normed = (summed - summed.mean(axis=-1, keepdims=True)) / spread * gain + shift
    return Block(attention, values, output, states, bias, LayerNorm(gain, shift, spread)), normed


def taken(block, i, j):
    """What token i takes from token j, head by head."""
    return sum(block.attention[h, i, j] * block.values[h, j] @ block.output[h] for h in range(H))


def part(block, i, j):
    """What of the new state of i is owed to j."""
    vector = taken(block, i, j) + (block.states[i] if i == j else 0)
    if block.norm is None:
        return vector
    return block.norm.gain * (vector - vector.mean()) / block.norm.spread[i]


def every_pair(function, block):
    return np.array([[function(block, i, j) for j in range(N)] for i in range(N)])


@pytest.mark.parametrize("norm", [True, False])
def test_vectors_are_those_of_the_definition_head_by_head_and_pair_by_pair(norm):
    block, _ = drawn(0, norm=norm)
    vectors = every_pair(taken, block)
    np.testing.assert_allclose(weighted_values(*block[:3]), vectors)
    np.testing.assert_allclose(value_norms(*block[:3]), np.sqrt((vectors**2).sum(axis=-1)))
    np.testing.assert_allclose(block_vectors(block), every_pair(part, block))


@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
def test_vectors_and_biases_add_up_to_the_state_that_the_block_computes(batch, norm):
    block, state = drawn(1, *batch, norm=norm)
    np.testing.assert_allclose(block_output(block, block_vectors(block)), state)


def test_a_share_of_alti_is_how_near_a_part_comes_to_the_whole():
    block, state = drawn(2)

    def near(block, i, j):
        return max(0, sum(abs(state[i])) - sum(abs(state[i] - part(block, i, j))))

    expected = every_pair(near, block)
    assert (expected == 0).any()
    np.testing.assert_allclose(alti_layer(block), expected / expected.sum(axis=1, keepdims=True))


def test_alti_of_two_tokens_is_the_one_on_paper():
    # Both read half from each. The first adds (1, 0) to (1, 0), the second (0, 4): y_1 = (1.5, 2).
    # Its parts (1.5, 0) and (0, 2) are 2 and 1.5 away from it, of 3.5; those of y_2 = (0.5, 2) are 2 and 0.5.
    values, own = np.array([[[1.0, 0.0], [0.0, 4.0]]]), np.array([[1.0, 0.0], [0.0, 0.0]])
    block = Block(np.full((1, 2, 2), 0.5), values, np.eye(2)[None], own)
    np.testing.assert_allclose(alti_layer(block), [[1.5 / 3.5, 2 / 3.5], [0.5 / 2.5, 2 / 2.5]])


def test_where_no_part_comes_near_the_least_far_one_gets_all():
    # The parts (9, 0) and (-8, 0) make (1, 0), from which they are 8 and 9 away.
    values = np.array([[[18.0, 0.0], [-16.0, 0.0]]])
    block = Block(np.full((1, 2, 2), 0.5), values, np.eye(2)[None], np.zeros((2, 2)))
    np.testing.assert_array_equal(alti_layer(block), [[1, 0], [1, 0]])


def test_alti_multiplies_its_layers_the_last_one_leftmost():
    blocks = [drawn(seed, 2)[0] for seed in range(3)]
    first, second, third = (alti_layer(block) for block in blocks)
    np.testing.assert_allclose(alti(blocks), third @ second @ first)
    np.testing.assert_allclose(alti(blocks, start_layer=1, queries=2), (third @ second)[:, 2])


@given(strategies.attentions(heads=True, batch=True))
def test_where_every_gradient_is_1_it_is_rollout_with_the_identity_not_normalised(attentions):
    R = gradient_attention(attentions, np.ones_like(attentions))
    np.testing.assert_allclose(R, rollout(attentions, normalize=False), rtol=1e-6)


def test_gradients_pick_weights_before_the_heads_are_averaged():
    rng = np.random.default_rng(3)
    A, gradients = softmax(rng.normal(size=(2, 5, H, N, N))), rng.normal(size=(2, 5, H, N, N))
    R = np.eye(N)
    for layer in range(2):
        kept = sum(
            np.where(gradients[layer, :, h] > 0, gradients[layer, :, h], 0) * A[layer, :, h] for h in (0, 1)
        )
        R = R + kept / H @ R
    np.testing.assert_allclose(gradient_attention(A, gradients), R)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda b: value_norms(b.attention[0], *b[1:3]),
            r"attention has shape \(4, 4\); expected \(..., H, N",
        ),
        (lambda b: value_norms(b.attention, b.values[:1], b.output), r"values \(1, 4, 3\) and output"),
        (lambda b: value_norms(*b[:2], b.output[0]), r"output \(3, 5\); expected .* \(H, e, d\)"),
        (lambda b: value_norms(-b.attention, *b[1:3]), "attention holds -.*no negative weights"),
        (lambda b: value_norms(b.attention, b.values * np.nan, b.output), "values holds nan"),
        (lambda b: alti([b._replace(states=b.states[1:])]), r"states has shape \(3, 5\); expected \(4, 5\)"),
        (lambda b: alti([b._replace(bias=b.bias[1:])]), r"bias has shape \(4,\); expected \(5,\)"),
        (lambda b: alti([b._replace(norm=b.norm._replace(gain=1.0))]), r"gain has shape \(\); expected"),
        (
            lambda b: gradient_attention(b.attention, b.attention),
            r"\(2, 4, 4\); expected \(L, ..., H, N, N\)",
        ),
        (
            lambda b: gradient_attention([b.attention], b.attention),
            r"gradients .* of attentions, \(1, 2, 4, 4",
        ),
        (lambda b: gradient_attention([b.attention], [b.attention * np.inf]), "gradients holds inf"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call(drawn(4)[0])


@pytest.mark.parametrize("blocks", [drawn(5)[0], [drawn(5)[0].attention]])
def test_alti_of_what_is_no_list_of_blocks_is_refused(blocks):
    with pytest.raises(TypeError, match="found ndarray in place of a Block; alti takes a list of them"):
        alti(blocks)
