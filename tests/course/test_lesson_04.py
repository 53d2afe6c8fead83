"""What lesson 04 says of the decoder, recomputed from the bundled maps."""

import numpy as np
import pytest

from rollout_lab import rollout, spearman
from rollout_lab.faithfulness import per_word
from rollout_lab.models import decoder_example_names, load_decoder_example, mean_and_interval

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


def test_weighed_by_layer_both_ends_have_more_than_a_token_between():
    rows = [last_row(e.attentions[:, 0], e.residual_share.mean(axis=1)[:, None, None]) for e in PROMPTS]
    for end in (1, -1):
        assert over_kinds([row[end] / row[2:-1].mean() for row in rows])[1] > 1
    assert max(last_row(e.attentions[:, 0], 0.5)[-1] for e in PROMPTS) < 1e-4


def test_in_most_layers_token_1_is_read_more_than_it_hands_on():
    read = np.mean([e.attentions[:, 0, 1:, 0].mean(axis=1) for e in PROMPTS], axis=0)
    handed = np.mean([e.value_norms[:, 0, 1:, 0].mean(axis=1) for e in PROMPTS], axis=0)
    assert 24 <= (read > handed).sum() < 30


def test_berlin_and_france_carry_germany():
    fall = PROMPTS[0].blank_out["mask"][:-1]
    assert PROMPTS[0].answer == " Germany"
    assert [PROMPTS[0].words[k].text for k in np.argsort(-fall)[:2]] == ["Berlin", "France"]


@pytest.mark.parametrize("weight", [0.5, "token", "layer", "last layer"])
def test_no_map_agrees_with_blank_out_clearly_better_than_its_place_does(weight):
    more, rest = [], []
    for e in PROMPTS:
        share = e.residual_share[..., None]
        w = {"token": share, "layer": share.mean(axis=1, keepdims=True)}.get(weight, weight)
        maps = (e.attentions[:, 0], uniform(e))
        row, null = (A[-1, -1] if weight == "last layer" else last_row(A, w) for A in maps)
        fall = e.blank_out["mask"][:-1]
        agrees = [spearman(per_word(r, e.words[:-1]), fall) for r in (row, row - null, np.arange(len(row)))]
        more.append(agrees[0] - agrees[2])
        rest.append(agrees[1])
    assert over_kinds(more)[1] < 0
    assert over_kinds(rest)[1] < 0
