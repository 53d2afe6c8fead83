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
    for name in ("largest", "largest_in_layer_1", "largest_in_layer_12", "largest_moved", "share", "boxes"):
        assert len(getattr(trials, name)) == n
    assert (trials.largest < trials.n_patches).all()
    assert len(set(trials.photographs)) == 4
    assert (np.abs(trials.rho) <= 1).all()


def test_the_crops_of_the_cup_come_in_slide_order_and_places_are_counted_in_the_photograph():
    slide = PHOTO.trials.slide()
    assert slide.boxes[:, 0].tolist() == list(range(60, 141, 10))
    assert [int(name.split()[-1]) for name in slide.inputs] == slide.boxes[:, 0].tolist()
    row = rollout(PHOTO.attentions, queries=0)[1:]
    bundled = slide.inputs.index("coffee, 140 px, from 80")
    assert slide.largest[bundled] == row.argmax()
    assert slide.largest_in_layer_12[bundled] == PHOTO.attentions[-1, 0, 0, 1:].argmax()
    assert slide.largest_moved[bundled] == PHOTO.moved_cls.argmax()
    # What moves with the crop, a patch to the left for each 40 pixels, stays where it was.
    still = slide.corners(np.array([45, 45, 45, 45, 44, 44, 44, 44, 43]))
    assert np.abs(still - still[0]).max() < 40
    assert slide.places(np.full(9, 45)) == 3


def test_what_lesson_06_says_of_the_four_photographs_holds_in_each():
    trials = PHOTO.trials
    rho = dict(zip(trials.methods, trials.rho[:8].T, strict=True))
    assert len(set(trials.photographs[:8])) == 4
    assert (rho["rollout, identity, from layer 7"] > rho["rollout, identity"]).all()
    assert np.abs(rho["rollout, measured share"] - rho["rollout, identity"]).mean() < 0.1
    for size in (slice(4), slice(4, 8)):
        assert rho["contrast of the patch"][size].mean() > rho["rollout, identity"][size].mean() - 0.02
