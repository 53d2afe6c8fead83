"""The photograph's explorer and its figure."""

import numpy as np
import pytest

from rollout_lab.explorers import patch_explorer
from rollout_lab.figures.patches import patch_maps
from rollout_lab.models.photograph import load_photograph

PHOTO = load_photograph()


def test_it_says_whether_the_peak_comes_from_the_first_layer_used():
    assert "which is also the patch it reads most in layer 1" in patch_explorer(PHOTO).sentence


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
