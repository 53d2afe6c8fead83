"""What lesson 04 says of the decoder, recomputed from the bundled maps."""

from functools import reduce

import numpy as np
import pytest

from rollout_lab import rollout, spearman
from rollout_lab.faithfulness import per_word
from rollout_lab.models import (
    decoder_example_names,
    load_decoder_example,
    load_decoder_positions,
    mean_and_interval,
)

PROMPTS = [load_decoder_example(name) for name in decoder_example_names()]


def last_row(maps, weight):
    """The last row, residual and attention mixed layer by layer: `weight` is (30, N or 1, 1) or a number."""
    mixed = (1 - weight) * maps + weight * np.eye(maps.shape[-1])
    return rollout(mixed, residual="none", heads=None, queries=-1)


def uniform(example):
    N = len(example.tokens)
    return np.stack([np.tri(N) / np.arange(1, N + 1)[:, None]] * 30)


def over_kinds(values):
    kinds = np.array([example.kind for example in PROMPTS])
    return mean_and_interval([np.mean(np.array(values)[kinds == kind]) for kind in set(kinds)], (-99, 99))


def test_half_leaves_what_the_null_leaves_and_the_measured_share_more():
    for example in PROMPTS:
        maps, share = example.attentions[:, 0], example.residual_share[..., None]
        assert last_row(maps, 0.5)[0] > 0.999
        assert last_row(uniform(example), 0.5)[0] > 0.99
        assert last_row(maps, share)[0] > last_row(uniform(example), share)[0] + 0.1
    assert np.mean([last_row(e.attentions[:, 0], e.residual_share[..., None])[0] for e in PROMPTS]) > 0.9


def test_over_long_texts_both_sides_are_right_about_something():
    long = load_decoder_positions()
    influence = long.gradient / long.gradient.sum(axis=1, keepdims=True)
    assert long.identity[:, 0].min() > 0.99
    assert mean_and_interval(long.measured[:, 0])[1] > 0.7
    assert mean_and_interval(influence[:, 0])[2] < 0.05
    for rows in (long.measured, influence):  # a U
        parts = rows[:, 1:].reshape(-1, 15, 17).mean(axis=(0, 2))
        assert parts[0] > parts[1] > parts[7] < parts[13] < parts[14]
    rho = [spearman(*pair) for pair in zip(long.measured[:, 1:], influence[:, 1:], strict=True)]
    _, low, high = mean_and_interval(rho, (-1, 1))  # but place by place they do not agree
    assert -0.2 < low < 0 < high < 0.2


def test_in_most_layers_token_1_is_read_more_than_it_hands_on():
    read = np.mean([e.attentions[:, 0, 1:, 0].mean(axis=1) for e in PROMPTS], axis=0)
    handed = np.mean([e.value_norms[:, 0, 1:, 0].mean(axis=1) for e in PROMPTS], axis=0)
    assert 24 <= (read > handed).sum() < 30


def test_berlin_and_france_carry_germany():
    fall = PROMPTS[0].blank_out["mask"][:-1]
    assert PROMPTS[0].answer == " Germany"
    assert [PROMPTS[0].words[k].text for k in np.argsort(-fall)[:2]] == ["Berlin", "France"]


@pytest.mark.parametrize("weight", [0.5, "token", "layer", "last layer", "gradient"])
def test_no_map_leads_the_guess_and_at_half_it_is_the_place(weight):
    lead, place, mirror = [], [], []
    for e in PROMPTS:
        share, words, fall = e.residual_share[..., None], e.words[:-1], e.blank_out["mask"][:-1]
        w = {"token": share, "layer": share.mean(axis=1, keepdims=True)}.get(weight, weight)
        if weight == "gradient":
            row = reduce(lambda R, A: R + A @ R, e.gradient_attention, np.eye(len(e.tokens)))[-1]
            null = 0
        else:
            maps = (e.attentions[:, 0], uniform(e))
            row, null = (A[-1, -1] if weight == "last layer" else last_row(A, w) for A in maps)
        guess = np.arange(len(words)) + 100 * np.array([word.is_content for word in words])
        lead.append(spearman(per_word(row, words), fall) - spearman(guess, fall))
        place.append(spearman(per_word(row, words), np.arange(len(words))))
        mirror.append(spearman(per_word(row - null, words), np.arange(len(words))))
    assert over_kinds(lead)[1] < 0
    if weight == 0.5:
        assert over_kinds(place)[2] < -0.8
        assert over_kinds(mirror)[1] > 0.7
