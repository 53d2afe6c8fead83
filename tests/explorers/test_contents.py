"""What each explorer computes, says and opens on, against the library."""

import re
from importlib import import_module
from itertools import product

import numpy as np
import pytest

from rollout_lab.attention import attention_weights
from rollout_lab.explorers import (
    attention_explorer,
    edge_weights,
    formula_comparison,
    head_view,
    inputs,
    overview,
    path_tracer,
    residual_weight,
    rollout_stepper,
    row_collapse,
    scores_to_weights,
)
from rollout_lab.models import load_example, paper_example
from rollout_lab.paths import top_paths
from rollout_lab.rollout import add_identity, augmented_layers, rollout, rollout_steps

# The names that the package offers are the functions.
formula_comparison_module = import_module("rollout_lab.explorers.formula_comparison")
head_view_module = import_module("rollout_lab.explorers.head_view")
overview_module = import_module("rollout_lab.explorers.overview")
path_tracer_module = import_module("rollout_lab.explorers.path_tracer")
residual_weight_module = import_module("rollout_lab.explorers.residual_weight")
rollout_stepper_module = import_module("rollout_lab.explorers.rollout_stepper")
row_collapse_module = import_module("rollout_lab.explorers.row_collapse")
scores_module = import_module("rollout_lab.explorers.scores_to_weights")

MAPS = np.random.default_rng(1).dirichlet(np.full(6, 0.4), size=(4, 3, 6))
WORDS = [f"word{i}" for i in range(6)]
PAPER = paper_example()
SENTENCE = load_example("coreference")


def test_the_head_view_sends_each_head_and_the_mean_of_all_to_the_browser():
    sent = np.frombuffer(head_view(MAPS, WORDS).weights, dtype="<f4").reshape(4, 1 + 3, 6, 6)
    assert (sent[:, 1:] == MAPS.astype(np.float32)).all()
    assert np.allclose(sent[:, 0], MAPS.mean(axis=1))
    assert len(head_view(MAPS[:, 0], WORDS).weights) == 4 * 6 * 6 * 4


def test_in_the_head_view_one_token_stands_out_a_reader_or_a_source():
    explorer = head_view(SENTENCE.attentions, SENTENCE.tokens, query=3)
    A = SENTENCE.attentions[0].mean(axis=0)
    assert f"and {A[3, 3]:.2f} from itself" in explorer.sentence
    explorer.choose(source=0)
    assert explorer.values["query"] is None
    assert f"on average a position reads {A[:, 0].mean():.2f} from it" in explorer.sentence
    explorer.choose(query=1)
    assert explorer.values["source"] is None


def test_a_sink_is_read_more_than_twice_an_even_share():
    maps = np.array([[[0.5, 0.25, 0.25, 0], [0.5, 0.5, 0, 0], [0.5, 0, 0.5, 0], [0.51, 0, 0, 0.49]]])
    explorer = head_view(maps, list("ABCD"), fade=True)
    assert explorer.data["sinks"] == [[[0]]]
    assert "lines from “A” are faded" in explorer.sentence
    maps[0, 3] = [0.49, 0, 0, 0.51]
    assert "lines from no position are faded" in head_view(maps, list("ABCD"), fade=True).sentence


def test_the_head_view_refuses_what_has_no_room():
    with pytest.raises(ValueError, match="room for 64 tokens, found 65"):
        head_view(np.full((1, 65, 65), 1 / 65), ["a"] * 65)
    with pytest.raises(ValueError, match=r"2,048,000 weights.*attentions\[:48\]"):
        head_view(np.full((50, 10, 64, 64), 1 / 64, dtype=np.float32), ["a"] * 64)


def test_the_attention_explorer_opens_on_a_strong_link_between_two_words():
    explorer = attention_explorer(SENTENCE.attentions, SENTENCE.tokens)
    A = SENTENCE.attentions[explorer.values["layer"] - 1, explorer.values["head"] - 1]
    row = A[explorer.values["query"]]
    assert SENTENCE.tokens[explorer.values["query"]] not in ("[CLS]", "[SEP]", ".")
    assert SENTENCE.tokens[row.argmax()] not in ("[CLS]", "[SEP]", ".")
    assert row.max() > 0.5


def test_the_attention_explorer_offers_no_head_where_there_is_one():
    assert "head" not in attention_explorer(PAPER.attentions, PAPER.tokens).choices


@pytest.mark.parametrize("name", ["identity", "none", "recursion"])
def test_each_step_is_a_product_that_comes_out(name):
    steps = rollout_steps(MAPS, residual=name, normalize=name != "recursion")
    for layer in range(1, 5):
        step = rollout_stepper_module.compute(MAPS, layer, name)
        assert np.allclose(step.after, steps[layer - 1])
        before = np.eye(6) if step.before is None else step.before
        assert np.allclose(step.factor @ before, step.after)


def test_the_step_before_a_recursion_is_shown_without_the_identity_it_adds():
    step = rollout_stepper_module.compute(MAPS, 3, "recursion")
    steps = rollout_steps(MAPS, residual="recursion", normalize=False)
    assert np.allclose(rollout_stepper_module.row_before(step, 2, "recursion"), steps[1][2])


def test_the_stepper_counts_the_layers_from_one_and_says_the_formula():
    explorer = rollout_stepper(MAPS, WORDS)
    assert explorer.values["layer"] == 2
    explorer.choose(layer=1)
    assert explorer.sentence.startswith("After layer 1 of 4 (R₁ = Â₁)")
    explorer.choose(layer=4, residual="recursion")
    assert explorer.sentence.startswith("After layer 4 of 4 (R₄ = A₄ @ (R₃ + I))")


@pytest.mark.parametrize("name", ["identity", "none", "recursion"])
def test_the_stepper_spells_out_an_entry_as_its_sum(name):
    explorer = rollout_stepper(PAPER.attentions, PAPER.tokens, residual=name, layer=2)
    explorer.choose(query=1, source=2)
    entry, terms = explorer.sentence.removesuffix(".").split(" = ")[1].split(": ")
    products = [np.prod([float(x) for x in re.findall(r"[\d.]+", term)]) for term in terms.split(" + ")]
    assert np.isclose(sum(products), float(entry), rtol=1e-2)
    assert np.isclose(
        rollout(PAPER.attentions, residual=name, normalize=name != "recursion")[1, 2], float(entry), rtol=1e-2
    )


def test_the_stepper_opens_the_example_for_paper_on_b_reaching_a():
    explorer = rollout_stepper(PAPER.attentions, PAPER.tokens)
    assert explorer.values["query"] == PAPER.tokens.index("B")
    assert "“A” 0.06; before it, from “B” 1.00." in explorer.sentence


def test_the_tracer_shows_the_entry_of_r_and_its_heaviest_paths():
    for name in ("identity", "none"):
        trace = path_tracer_module.compute(MAPS, 3, 1, 4, name)
        assert np.isclose(trace.entry, rollout(MAPS, residual=name)[3, 1])
        heaviest = top_paths(MAPS, 3, 1, 4, residual=name)
        assert [path.positions for path in trace.paths] == [path.positions for path in heaviest]
        assert np.allclose([path.weight for path in trace.paths], [path.weight for path in heaviest])
        assert trace.n_paths == 6**3


@pytest.mark.parametrize("residual", ["identity", "none"])
def test_what_passes_the_links_of_a_layer_adds_up_to_the_entry_and_to_the_row(residual):
    layers = np.stack(list(augmented_layers(MAPS, residual=residual)))
    R = rollout(MAPS, residual=residual)
    assert np.allclose(edge_weights.passing(layers, 3, 1).sum(axis=(1, 2)), R[3, 1])
    whole = edge_weights.passing(layers, 3)
    assert np.allclose(whole.sum(axis=(1, 2)), 1)
    assert np.allclose(whole[0].sum(axis=0), R[3])
    assert np.allclose(whole, sum(edge_weights.passing(layers, 3, source) for source in range(6)))


def test_what_passes_a_link_is_the_weight_of_all_paths_that_take_it():
    layers = MAPS.mean(axis=1)[:3]
    every = top_paths(layers, 3, 1, k=10_000, residual="none")
    through = sum(path.weight for path in every if path.positions[1:3] == (4, 0))
    assert np.isclose(edge_weights.passing(layers, 3, 1)[1, 4, 0], through)


def test_the_chain_of_a_recursion_and_what_leaves_it_add_up_to_the_row():
    layers = MAPS.mean(axis=1)
    R = rollout(MAPS, residual="recursion", normalize=False)
    chain, ends = edge_weights.passing(layers, 3, recursion=True), edge_weights.ending(layers, 3)
    assert np.allclose(chain[0].sum(axis=0) + ends.sum(axis=0), R[3])
    assert np.isclose(chain[-1].sum(), R[3].sum())
    one = edge_weights.passing(layers, 3, 1, recursion=True)
    assert np.isclose(one[0].sum() + edge_weights.ending(layers, 3, 1).sum(), R[3, 1])
    assert np.isclose(one[-1].sum(), R[3, 1])


def test_the_browser_gets_the_edges_that_count_weakest_first_in_four_digits():
    assert edge_weights.edges(np.array([[[0.5, 0.0], [0.25, 0.1]]]), 0.2) == [[1, 1, 0, 0.25], [1, 0, 0, 0.5]]
    assert edge_weights.brief(np.array([0.123456, 1.0])) == [0.1235, 1.0]


def test_the_weights_along_a_path_multiply_to_its_weight():
    for path in top_paths(MAPS, 3, 1, k=4, residual="none"):
        assert np.isclose(np.prod(path_tracer_module.links(MAPS.mean(axis=1), path)), path.weight)


def test_the_picture_of_the_tracer_lists_its_paths_source_first():
    explorer = path_tracer(MAPS, WORDS, output=3, source=1, k=4)
    paths = explorer.shown["paths"]
    assert len(paths) == 4
    assert all(path["positions"][0] == 1 and path["positions"][-1] == 3 for path in paths)
    explorer.pointed = {"source": 2}
    assert explorer.shown["values"]["source"] == 2
    assert explorer.values["source"] == 1


def test_the_tracer_counts_only_paths_that_carry_weight():
    every = top_paths(PAPER.attentions, 1, 1, k=100)
    assert path_tracer_module.compute(
        inputs.maps_of(PAPER.attentions, PAPER.tokens)[0], 1, 1, 5, "identity"
    ).n_paths == len(every)
    explorer = path_tracer(PAPER.attentions, PAPER.tokens, output=0, source=2)
    assert explorer.sentence == "R[A, C] = 0: no path leads from the source up to the output."


def test_the_tracer_opens_on_comparable_paths_or_on_a_detour():
    explorer = path_tracer(SENTENCE.attentions, SENTENCE.tokens)
    output, source = explorer.values["output"], explorer.values["source"]
    weights = [path.weight for path in top_paths(SENTENCE.attentions, output, source, k=3)]
    assert output != source
    assert weights[2] > weights[0] / 2
    detour = path_tracer(PAPER.attentions, PAPER.tokens)
    assert detour.sentence == "R[B, A] = 0.0625 is one single path: A → C → B."


def test_the_three_formulas_sum_to_1_and_l_and_2_to_the_l():
    for layers in (1, 2, 4):
        written = formula_comparison_module.compute(MAPS, layers, False)
        sums = [R.sum(axis=-1) for R in written.values()]
        assert np.allclose(sums, [[1] * 6, [layers] * 6, [2**layers] * 6])
        for name, R in formula_comparison_module.compute(MAPS, layers, True).items():
            assert np.allclose(R, rollout(MAPS[:layers], residual=name))
    assert "rows sum to 1 (none), 4 (recursion) and 16 (identity)" in formula_comparison(MAPS, WORDS).sentence


def test_the_weight_of_the_identity_goes_from_the_product_to_the_identity():
    R, hops = residual_weight_module.compute(MAPS, 0.0)
    assert np.allclose(R, rollout(MAPS, residual="none"))
    assert np.isclose(hops, 4)
    R, hops = residual_weight_module.compute(MAPS, 1.0)
    assert np.allclose(R, np.eye(6))
    assert np.isclose(hops, 0)
    rows = residual_weight(MAPS, WORDS).rows(2)
    assert np.allclose(rows[10], rollout(MAPS, residual="identity", queries=2))
    assert "4 attention hops" in residual_weight(MAPS, WORDS, weight=0.0).sentence


@pytest.mark.parametrize("open_explorer", [formula_comparison, overview, residual_weight])
def test_the_browser_is_sent_the_matrices_of_every_setting_in_the_order_of_the_controls(open_explorer):
    explorer = open_explorer(MAPS, WORDS)
    offered = [explorer.choices[name] for name in explorer.data["by"]]
    for values, frame in zip(product(*offered), explorer.data["frames"], strict=True):
        explorer.choose(**dict(zip(explorer.data["by"], values, strict=True)))
        sent = explorer.data["matrices"][frame["panels"][-1]["matrix"]]
        how = {"residual": "identity"} | explorer.values
        how["residual"] = {True: "identity", False: "none"}.get(how["residual"], how["residual"])
        layers = MAPS[: how.get("layers", 4)]
        R = rollout(layers, residual=how.get("weight", how["residual"]), normalize=how.get("normalize", True))
        np.testing.assert_allclose(sent, R, rtol=1e-3, atol=1e-12)


def test_a_weight_between_the_steps_of_the_slider_opens_there():
    explorer = residual_weight(MAPS, WORDS, weight=0.37)
    assert explorer.sentence.startswith("With identity weight 0.37")
    assert len(explorer.choices["weight"]) == 22


@pytest.mark.parametrize("d", scores_module.DIMENSIONS)
def test_scores_become_the_librarys_weights(d):
    keys, (x, y) = np.array(scores_module.KEYS), (0.7, -1.2)
    row = scores_module.compute(keys, x=x, y=y, temperature=1.0, d=d, divide=True)
    # In more dimensions: the plane's numbers and zeros, made longer so that dot products grow by √(d / 2).
    grown = np.zeros((4, d))
    grown[:, :2] = np.vstack([keys, [x, y]]) * (d / 2) ** 0.25
    np.testing.assert_allclose(row.dots, grown[:3] @ grown[3])
    np.testing.assert_allclose(row.weights, attention_weights(grown[3:], grown[:3])[0])
    undivided = scores_module.compute(keys, x=x, y=y, temperature=d**0.5, d=d, divide=False)
    np.testing.assert_allclose(undivided.weights, row.weights)


def test_scores_to_weights_opens_between_two_keys_and_b_can_be_made_to_read_itself():
    explorer = scores_to_weights()
    assert explorer.sentence.startswith("With q = (1.5, −0.3), “B” reads “A” 0.59, “C” 0.39, “B” 0.02")
    explorer.choose(x=-2.0, y=0.0)
    assert "“B” reads “B” 0.93" in explorer.sentence
    explorer.choose(d=512, divide=False)
    assert "“B” reads B 1.00 (scores not divided by √512" in explorer.sentence


def test_keys_that_are_not_in_a_plane_are_refused():
    with pytest.raises(ValueError, match=r"keys have shape \(3, 4\); expected \(3, 2\)"):
        scores_to_weights(np.ones((3, 4)))


def test_a_source_that_leads_late_along_the_weights_has_a_curve_of_its_own():
    question = load_example("question")
    explorer = residual_weight(question.attentions, question.tokens, query=0)
    rows = explorer.rows(0)[:, 1:]
    keys = question.tokens.index("keys") - 1
    assert (rows.max(axis=0) > rows[:, keys].max()).sum() >= 3
    assert rows[-2].argsort()[-2:].tolist().count(keys) == 1
    assert "“keys”: from" in explorer.figure().alt


def test_equal_rows_measure_zero_and_the_identity_one():
    for measure in row_collapse_module.MEASURES.values():
        assert measure(np.full((4, 4), 0.25)) < 1e-12
        assert np.isclose(measure(np.eye(4)), 1)
        assert measure(np.ones((1, 1))) == 0


def test_rows_grow_alike_with_depth_and_faster_without_a_residual():
    _, measured = row_collapse_module.compute(MAPS, row_collapse_module.DISTANCE)
    for values in measured.values():
        assert (np.diff(values) <= 1e-12).all()
    assert measured["none"][-1] < measured["identity"][-1]
    said = row_collapse(MAPS, WORDS, measure=row_collapse_module.DISTANCE, depth=1).sentence
    assert f"is {measured['none'][0]:.2f} without residual" in said


def test_the_overview_multiplies_what_it_shows():
    for name, weight in (("identity", 0.5), ("none", 0.0)):
        layers, R = overview_module.compute(MAPS, name)
        assert np.allclose(layers, add_identity(MAPS.mean(axis=1), weight))
        assert np.allclose(np.linalg.multi_dot(layers[::-1]), R)


def test_an_opening_given_by_the_caller_is_kept():
    chosen = attention_explorer(MAPS, WORDS, layer=3, head=0, query=-1).values
    assert (chosen["layer"], chosen["head"], chosen["query"]) == (3, 0, 5)
    assert rollout_stepper(MAPS, WORDS, layer=4, query=0, residual="none").values["layer"] == 4
    assert path_tracer(MAPS, WORDS, output=1, source=2, k=1).values["source"] == 2


def test_an_opening_out_of_range_is_refused():
    with pytest.raises(IndexError, match="query is 6"):
        overview(MAPS, WORDS, query=6)
    with pytest.raises(IndexError, match="layer"):
        rollout_stepper(MAPS, WORDS, layer=5)
    with pytest.raises(IndexError, match="head"):
        attention_explorer(MAPS, WORDS, head=4)


def test_words_leave_out_special_tokens_and_punctuation():
    assert list(inputs.words_of(["[CLS]", "it", "##s", ",", "fine", "[SEP]"])) == [1, 2, 4]
    assert list(inputs.words_of(["[CLS]", "!"])) == [0, 1]


def test_the_steppers_title_says_what_the_step_changed():
    def finding(layer):
        step = rollout_stepper_module.compute(
            inputs.maps_of(PAPER.attentions, PAPER.tokens)[0], layer, "none"
        )
        return rollout_stepper_module._finding(step, PAPER.tokens, layer, 1, "none")

    assert finding(1) == "After layer 1, “B” draws from itself alone"
    assert finding(2) == "Layer 2 lets “B” reach “A” and “C” for the first time"
