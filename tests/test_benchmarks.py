"""`make bench` prints a table of ratios; no test asserts what they are."""

import re

from benchmarks.__main__ import MEASURES, main


def test_a_measure_is_a_row_with_the_ratio_to_what_was_run_in_turn(capfd):
    assert main(["examples"]) == 0
    last = capfd.readouterr().out.splitlines()[-1]
    assert re.fullmatch(
        r"\| load_example\('\w+'\) \| [\d.e-]+ \| numpy.load \| [\d.e-]+ \| [\d.e-]+ \|", last
    )


def test_an_unknown_measure_is_named_with_those_there_are(capsys):
    assert main(["redraws"]) == 2
    assert f"no measure is called redraws; there are: {', '.join(MEASURES)}" in capsys.readouterr().err
