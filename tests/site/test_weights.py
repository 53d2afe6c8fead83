"""The encoder's weights for the browser: their size, what rounding changes, what is said of it."""

import re

import numpy as np
import pytest
from edition import weights

from rollout_lab.explorers.own_sentence import ROUNDED
from rollout_lab.models import Encoder, ModelNotFetched, example_names, fetch


@pytest.fixture(scope="module")
def browser(model_folder, tmp_path_factory):
    """The encoder as a browser has it: from the site's parts, put together."""
    live = tmp_path_factory.mktemp("live")
    weights.build(live)
    folder = live / fetch.SITE_FOLDER
    for name in fetch.FILES:
        parts = sorted(folder.glob(f"{name}.*"), key=lambda part: int(part.suffix[1:]))
        (folder / name).write_bytes(b"".join(part.read_bytes() for part in parts))
    assert "Apache License" in (folder / "LICENSE").read_text("utf-8")
    assert fetch.EIGHT_BIT.sha256 in (folder / "NOTICE").read_text("utf-8")
    assert sum((folder / name).stat().st_size for name in fetch.FILES) < 25e6
    return Encoder.load(folder)


@pytest.fixture(scope="module")
def changes(browser):
    return [weights.change(browser, name) for name in example_names()]


def test_the_explorer_tells_by_how_much_rounding_moves_attention_and_rollout(changes):
    weight, entry = re.findall(r"0\.\d+", ROUNDED)
    assert weight == f"{max(each.weights.max() for each in changes):.3f}"
    assert entry == f"{max(each.rows.max() for each in changes):.4f}"


def test_blank_out_keeps_the_order_of_the_words(changes):
    assert min(order for each in changes for order in each.order) > 1 - 1e-9
    assert all(first for each in changes for first in each.first)


def test_the_widths_of_the_tensors_are_those_of_full_precision(browser, model_folder):
    whole, few = (each.encode("A boat.", blocks=True) for each in (Encoder.load(model_folder), browser))
    assert few.attentions.dtype == few.blocks[0].output.dtype == np.float32
    assert np.abs(few.embedding - whole.embedding).max() < 0.02


def test_weights_that_became_others_are_refused(tmp_path):
    other = tmp_path / "model.safetensors"
    other.write_bytes(weights.packed({"encoder.layer.0": np.ones((2, 32), dtype=np.float32)}))
    with pytest.raises(weights.OtherWeights, match=r"became Pin.*, expected Pin\(size=24374512"):
        weights.eight_bit(other)


def test_without_the_model_the_site_is_built_and_says_what_it_lacks(tmp_path, monkeypatch, capsys):
    def nowhere():
        raise ModelNotFetched("Offline?")

    monkeypatch.setattr(weights, "fetch_model", nowhere)
    (tmp_path / fetch.SITE_FOLDER).mkdir(parents=True)
    weights.build(tmp_path)
    assert "!!! THE SITE HAS NO MODEL" in capsys.readouterr().err
    assert not (tmp_path / fetch.SITE_FOLDER).exists()
