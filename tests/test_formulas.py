"""One table of formulas: a name that is added to it appears wherever formulas are listed."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import rollout_lab
from rollout_lab import explorers
from rollout_lab.explorers import formula_comparison, path_tracer, rollout_stepper
from rollout_lab.figures import layered_graph
from rollout_lab.models import load_example, paper_example, reader_rows
from rollout_lab.paths import top_paths
from rollout_lab.rollout import FORMULAS, augmented_layers, is_product, rollout, simple_rollout
from tests.strategies import random_attentions
from tools import study_methods

PACKAGE = Path(rollout_lab.__file__).parent
ROOT = PACKAGE.parent
PAPER = paper_example()
SENTENCE = (PAPER.attentions, PAPER.tokens)


@pytest.fixture
def twin(monkeypatch):
    """A formula that was added to the table."""
    added = FORMULAS["identity"]._replace(label="the twin", formula="R ← (A + I) @ R, again")
    monkeypatch.setitem(FORMULAS, "twin", added)
    return "twin"


def test_an_added_formula_is_computed_and_its_name_is_offered(twin):
    A = random_attentions(3, 2, 4, 4)
    assert (rollout(A, residual=twin) == rollout(A)).all()
    assert (rollout(A, residual=twin, queries=1) == rollout(A, queries=1)).all()
    assert top_paths(A, 0, 1, residual=twin) == top_paths(A, 0, 1)
    with pytest.raises(ValueError, match=f"expected one of '{twin}', 'identity'"):
        rollout(A, residual="triplet")


@pytest.mark.parametrize("open_explorer", [rollout_stepper, path_tracer])
def test_an_added_formula_can_be_chosen_by_its_label(twin, open_explorer):
    explorer = open_explorer(*SENTENCE, key=twin)
    assert ("the twin", twin) in explorer.data["residuals"]
    explorer.choose(residual=twin)
    assert explorer.figure().alt


def test_an_added_formula_is_compared_with_the_others(twin):
    explorer = formula_comparison(*SENTENCE, key=twin)
    assert "2 (recursion), 4 (identity) and 4 (twin)" in explorer.sentence
    assert f"“{twin}”" in explorers.source_finder(*SENTENCE, query=1, source=2, key=twin).sentence


def test_an_added_formula_is_in_the_studies(twin):
    assert twin in reader_rows(np.full((2, 1, 1, 3, 3), 1 / 3), reader=2)
    example = load_example("negation")
    assert (study_methods.maps_of(example)[twin] == study_methods.maps_of(example)["identity"]).all()


@pytest.mark.parametrize("name", FORMULAS)
def test_what_is_no_product_has_no_paths_and_no_graph(name):
    explorer = path_tracer(*SENTENCE, key="products")
    assert (name in explorer.choices["residual"]) == is_product(name)
    if is_product(name):
        assert layered_graph(*SENTENCE, residual=name, title="Paths").alt
        product = np.linalg.multi_dot(list(augmented_layers(PAPER.attentions, residual=name))[::-1])
        np.testing.assert_allclose(product, rollout(PAPER.attentions, residual=name), rtol=1e-6)
    else:
        with pytest.raises(ValueError, match="sum of products"):
            top_paths(PAPER.attentions, 1, 0, residual=name)
        with pytest.raises(ValueError, match="not a product"):
            layered_graph(*SENTENCE, residual=name, title="Paths")


def test_no_other_list_of_all_formulas_is_kept_by_hand():
    literals = [
        f"{path.relative_to(ROOT).as_posix()}, line {node.lineno}"
        for folder in (PACKAGE, ROOT / "tools")
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Tuple, ast.List, ast.Set, ast.Dict))
        and set(FORMULAS) <= {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
    ]
    assert [place.split(",")[0] for place in literals] == ["rollout_lab/rollout.py"], literals


def test_no_script_of_a_widget_knows_a_formula_by_its_name():
    scripts = {path.name: path.read_text(encoding="utf-8") for path in ROOT.glob("javascript/[sw]*/*.js")}
    assert "identityIn" in scripts["rollout_stepper.js"]
    by_name = re.compile(
        rf'residual\s*[!=]==\s*"|"({"|".join(FORMULAS.keys() - {"none"})})"'
    )  # CSS knows a "none" too
    assert [name for name, script in scripts.items() if by_name.search(script)] == []


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.5, 1.0])
def test_the_plain_form_is_the_rollout(weight):
    A = random_attentions(4, 5, 5)
    np.testing.assert_allclose(simple_rollout(A, weight), rollout(A, residual=weight), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(simple_rollout(A), rollout(A), rtol=1e-12)
