"""`make bench` prints a table of ratios; no test asserts what they are."""

import json
import re
from functools import partial

import numpy as np
import pytest

from benchmarks import known_formulas, rollout
from benchmarks.__main__ import MEASURES, SLOW, main
from benchmarks.stopwatch import Growth, Held, Pair, exponent
from rollout_lab import rollout as of_the_library

FORMULAS = {
    "the floor, of A + I": lambda layers: rollout.floor(
        [(A + np.eye(A.shape[-1], dtype=A.dtype)) / 2 for A in layers]
    ),
    "plain loop": known_formulas.plain_loop,
    "Abnar": known_formulas.all_steps,
    "keras-io": partial(known_formulas.all_steps, dtype=np.float32),
    "vit-explain": known_formulas.from_the_identity,
    "Chefer": known_formulas.from_a_layer,
}
IN_TORCH = ("plain_loop", "from_the_identity", "from_a_layer", "fused_in_torch", "row_in_torch")


def test_a_measure_is_a_row_with_the_ratio_to_what_was_run_in_turn(capfd, tmp_path):
    assert main(["examples"], tmp_path) == 0
    [row] = json.loads((tmp_path / "bench-examples.json").read_text())
    assert row["ratio"] > 0
    assert row["beside"] in (tmp_path / "bench-examples.svg").read_text()
    last = capfd.readouterr().out.splitlines()[-1]
    assert re.fullmatch(
        r"\| load_example\('\w+'\) \| [\d.e-]+ \| numpy.load \| [\d.e-]+ \| [\d.e-]+ \|", last
    )


def test_an_unknown_measure_is_named_with_those_there_are(capsys):
    assert main(["redraws"]) == 2
    assert f"no measure is called redraws; there are: {', '.join(MEASURES)}" in capsys.readouterr().err


def test_growth_is_the_power_of_the_size():
    assert exponent(Growth("a cube", "3", (2, 4, 8), lambda n: lambda: 5e-6 * n**3)) == pytest.approx(3)


def test_memory_is_what_an_action_held_at_once():
    zeros = Held(
        "zeros", "as many", lambda: rollout.peak(lambda: np.zeros(10**6)) / 8e6, 1, "megabytes"
    ).row()
    assert zeros["ratio"] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("name", FORMULAS)
def test_what_rollout_is_timed_beside_gives_what_rollout_gives(name):
    layers = rollout.random_layers(3, 2, 5)
    np.testing.assert_allclose(FORMULAS[name](layers), of_the_library(layers)[0], atol=1e-6)


@pytest.mark.torch
@pytest.mark.parametrize("name", IN_TORCH)
def test_so_does_what_it_is_timed_beside_in_pytorch(name):
    torch = pytest.importorskip("torch")
    layers = rollout.random_layers(3, 2, 5)
    [expected] = of_the_library(layers, queries=0 if name.startswith("row") else None)
    R = getattr(known_formulas, name)([torch.from_numpy(A) for A in layers], torch)
    np.testing.assert_allclose(R.numpy(), expected, atol=1e-6)


def test_a_text_without_maps_is_timed_beside_its_floor_and_its_memory_is_that_of_the_same_run():
    assert {"long", "prompt"} == SLOW
    rows = []
    for measure in rollout.without_maps(300, L=2, H=2, d=8):
        assert isinstance(measure, (Pair, Held))
        rows.append(measure.row())
    kinds = [("a row", 2), ("16 sources", 4)]
    for (what, heads), time, memory in zip(kinds, rows[::2], rows[1::2], strict=True):
        assert what in time["what"]
        assert what in memory["what"]
        assert time["beside"].endswith(f"times {heads}")
        assert memory["its"] == 2 * 2 * 300**2 * 4 / 1e6
        assert 0 < memory["amount"] < memory["its"]
