"""`make bench` prints a table of ratios; no test asserts what they are."""

import json
import re

import pytest

from benchmarks.__main__ import MEASURES, Growth, exponent, main


def test_a_measure_is_a_row_with_the_ratio_to_what_was_run_in_turn(capfd, tmp_path):
    assert main(["examples"], tmp_path) == 0
    [row] = json.loads((tmp_path / "bench.json").read_text())
    assert row["ratio"] > 0
    assert row["beside"] in (tmp_path / "bench.svg").read_text()
    last = capfd.readouterr().out.splitlines()[-1]
    assert re.fullmatch(
        r"\| load_example\('\w+'\) \| [\d.e-]+ \| numpy.load \| [\d.e-]+ \| [\d.e-]+ \|", last
    )


def test_an_unknown_measure_is_named_with_those_there_are(capsys):
    assert main(["redraws"]) == 2
    assert f"no measure is called redraws; there are: {', '.join(MEASURES)}" in capsys.readouterr().err


def test_growth_is_the_power_of_the_size():
    assert exponent(Growth("a cube", "3", (2, 4, 8), lambda n: lambda: 5e-6 * n**3)) == pytest.approx(3)
