"""The source finder: which methods put their largest weight on a source."""

from importlib import import_module

import numpy as np
import pytest

from rollout_lab.explorers import source_finder
from rollout_lab.models import finds_source, load_pointer_model, paper_example, reader_rows, sample_task
from rollout_lab.rollout import rollout

# The names that the package offers are the functions.
source_finder_module = import_module("rollout_lab.explorers.source_finder")

MAPS = np.random.default_rng(1).dirichlet(np.full(6, 0.4), size=(4, 3, 6))
WORDS = [f"word{i}" for i in range(6)]


def test_each_line_is_the_row_of_its_method():
    rows = source_finder_module.compute(MAPS, 2, 0.3)
    assert list(rows)[:4] == [f"layer {k} alone" for k in (1, 2, 3, 4)]
    assert np.allclose(rows["layer 3 alone"], MAPS[2, :, 2].mean(axis=0))
    assert np.allclose(rows["“recursion”"], rollout(MAPS, residual="recursion")[2])
    assert np.allclose(rows["weight 0.30"], rollout(MAPS, residual=0.3)[2])


@pytest.mark.parametrize("task", ["chase_2", "gate"])
def test_it_names_the_methods_that_find_the_source(task):
    cases = sample_task(task, 1, np.random.default_rng(4))
    model = load_pointer_model(task)
    explorer = source_finder(
        model.maps(cases), cases.tokens(), query=cases.reader, source=int(cases.source[0])
    )
    found, missed = explorer.status.text.split("; not by ")
    for name, rows in reader_rows(model.run(cases)[1], cases.reader).items():
        if not name.startswith("mean row"):
            said = f"“{name}”" if not name.startswith("layer") else f"{name} alone"
            assert said in (found if finds_source(rows, cases)[0] else missed)


@pytest.mark.parametrize(("weight", "twin"), [(0, "“none”"), (0.5, "“identity”"), (0.3, "")])
def test_a_line_that_repeats_a_formula_says_so_and_counts_once(weight, twin, monkeypatch):
    monkeypatch.setattr(source_finder_module, "heatmap", lambda *_, **shown: shown)
    shown = source_finder_module.draw(MAPS[:3], WORDS, query=2, source=0, weight=weight)
    assert f" of {6 if twin else 7} methods" in shown["title"]
    named, last = shown["alt"].split(". At identity weight")
    assert last.endswith(f", as by {twin}.") == bool(twin)
    assert f"weight {weight:.2f}" not in named or not twin


def test_a_tie_is_no_find():
    tied = np.full((2, 3, 3), 1 / 3)
    said = source_finder(tied, ["A", "B", "C"], query=0, source=1).status.text
    assert said.startswith("A draws from B: no method gives it the largest weight.")


def test_it_opens_on_another_position_than_the_output():
    for query in range(6):
        values = source_finder(MAPS, WORDS, query=query).values
        assert values["query"] == query
        assert values["source"] != query


def test_the_output_itself_can_be_the_source():
    example = paper_example()
    said = source_finder(example.attentions, example.tokens, query=1, source=1).status.text
    assert said.startswith("B draws from B: the largest weight by layer 1 alone")


def test_a_source_out_of_range_is_refused():
    with pytest.raises(IndexError, match="source is 9"):
        source_finder(MAPS, WORDS, query=0, source=9)
