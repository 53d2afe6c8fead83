import numpy as np
import pytest

from rollout_lab.faithfulness import spearman
from rollout_lab.models.photograph import load_photograph
from rollout_lab.rollout import rollout

PHOTO = load_photograph()


def test_it_has_maps_over_cls_and_its_patches():
    assert PHOTO.attentions.shape == (12, 1, 101, 101)
    assert PHOTO.attentions.dtype == np.float32
    np.testing.assert_allclose(PHOTO.attentions.sum(axis=-1), 1, atol=1e-6)
    assert PHOTO.pixels.shape == (140, 140, 3)
    assert PHOTO.pixels.dtype == np.uint8
    assert PHOTO.tokens[:2] + PHOTO.tokens[-1:] == ("[CLS]", "0,0", "9,9")


def test_importance_is_highest_on_the_cup_and_low_in_the_corners():
    importance = PHOTO.importance.reshape(PHOTO.grid)
    assert importance[2:5, 4:7].min() > 0.8
    assert importance[[0, 0, -1, -1], [0, -1, 0, -1]].max() < 0.4


def test_rollout_piles_up_on_a_patch_that_the_first_layer_reads_and_the_model_does_not_need():
    row = rollout(PHOTO.attentions, queries=0)[1:]
    peak = row.argmax()
    assert row[peak] > 10 * np.median(row)
    assert PHOTO.attentions[0, 0, 0, 1:].argmax() == peak
    assert (PHOTO.moved_cls > PHOTO.moved_cls[peak]).sum() > 50


@pytest.mark.parametrize(
    ("method", "options"), [("rollout, identity", {}), ("rollout, none", {"residual": "none"})]
)
def test_the_trials_hold_what_the_bundled_maps_give(method, options):
    trials = PHOTO.trials
    row = rollout(PHOTO.attentions, queries=0, **options)[1:]
    recorded = trials.rho[0, trials.methods.index(method)]
    assert spearman(row, PHOTO.moved_cls) == pytest.approx(recorded, abs=0.01)
    assert trials.inputs[0] == "coffee, 140 px, from 80"


def test_each_trial_has_an_entry_for_every_field():
    trials, n = PHOTO.trials, len(PHOTO.trials.inputs)
    assert trials.rho.shape == (n, len(trials.methods))
    assert len(trials.largest) == len(trials.largest_in_layer_1) == len(trials.share) == n
    assert (trials.largest < trials.n_patches).all()
    assert (np.abs(trials.rho) <= 1).all()
