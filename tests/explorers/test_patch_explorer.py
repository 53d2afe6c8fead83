"""The photograph's explorer and its figure."""

import io

import numpy as np
import pytest
from PIL import Image

from rollout_lab.explorers import patch_explorer
from rollout_lab.faithfulness import spearman
from rollout_lab.figures.patches import patch_maps
from rollout_lab.models.photograph import load_photograph
from rollout_lab.rollout import rollout

PHOTO = load_photograph()


def test_it_says_whether_the_peak_comes_from_the_first_layer_used():
    assert "which is also the patch it reads most in layer 1" in patch_explorer(PHOTO).sentence


def test_blank_out_stands_beside_the_rollout_and_a_flat_map_looks_flat():
    shown = patch_explorer(PHOTO, start=7).sentence
    assert f"Rank correlation with what turns [CLS]: {spearman(rollout_of(7), PHOTO.moved_cls):.2f}" in shown
    maps = {"flat": np.full(100, 5.0), "sharp": np.eye(100)[3] + 0.01}
    own, common = (
        np.asarray(
            Image.open(io.BytesIO(patch_maps(PHOTO.pixels, maps, PHOTO.grid, title="x", common=c).png(50)))
        )
        for c in (False, True)
    )
    yellow = [(each[..., 0] > 200) & (each[..., 2] < 100) for each in (own, common)]
    assert yellow[0].sum() > 5 * yellow[1].sum()  # on its own scale a flat map is all of the largest colour


def rollout_of(start):
    return rollout(PHOTO.attentions, start_layer=start - 1, queries=0)[1:]


def test_maps_that_do_not_fit_the_grid_are_refused():
    with pytest.raises(ValueError, match="'R' has 3 numbers for 4 patches"):
        patch_maps(np.zeros((4, 4, 3)), {"R": [1, 2, 3]}, (2, 2), title="x")
    with pytest.raises(ValueError, match="pixels has shape"):
        patch_maps(np.zeros((4, 4)), {"R": [1, 2, 3, 4]}, (2, 2), title="x")
    with pytest.raises(IndexError, match="mark is 4"):
        patch_maps(np.zeros((4, 4, 3)), {"R": [1, 2, 3, 4]}, (2, 2), title="x", mark=4)


def test_the_text_alternative_names_the_largest_patch():
    figure = patch_maps(PHOTO.pixels, {"importance": PHOTO.importance}, PHOTO.grid, title="The cup")
    row, column = divmod(int(PHOTO.importance.argmax()), 10)
    assert f"at row {row}, column {column}" in figure.alt
