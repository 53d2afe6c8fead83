"""Attention flow against networkx, its limits, its speed, and what it does without SciPy."""

import subprocess
import sys
from unittest.mock import patch

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout_lab import add_identity, attention_flow, fuse_heads, softmax
from rollout_lab.flow import flow_through
from rollout_lab.models import example_names, load_example, paper_example
from tests.strategies import attentions, attentions_with_pads, random_attentions


def networkx_graph(capacities):
    """The layered graph of (L, N, N) capacities; ("in", j) is a node of layer 0."""
    graph = nx.DiGraph()
    for layer, capacity in enumerate(capacities):
        for i, j in np.ndindex(capacity.shape):
            graph.add_edge((layer + 1, i), (layer, j), capacity=float(capacity[i, j]))
    return graph


def flow_by_networkx(capacities):
    L, N = len(capacities), len(capacities[0])
    graph = networkx_graph(capacities)
    return [[nx.maximum_flow_value(graph, (L, i), (0, j)) for j in range(N)] for i in range(N)]


@settings(max_examples=25)
@given(attentions(max_layers=4, max_tokens=4, heads=True), st.sampled_from(["mean", "max", "min"]))
def test_flow_is_what_networkx_finds_for_half_of_a_plus_i(A, heads):
    capacities = [add_identity(fuse_heads(layer, heads), None) / 2 for layer in A]
    np.testing.assert_allclose(attention_flow(A, heads=heads), flow_by_networkx(capacities), atol=1e-4)


@pytest.mark.parametrize("name", ["word_order", "garden_path"])
def test_flow_through_a_real_sentence_is_what_networkx_finds(name):
    A = load_example(name).attentions
    capacities = add_identity(fuse_heads(A.astype(float)))
    np.testing.assert_allclose(attention_flow(A), flow_by_networkx(capacities), atol=1e-4)


def test_flow_between_two_nodes_is_exact_where_many_links_share_the_flow():
    capacities = add_identity(random_attentions(8, 24, 24))
    flow, graph = flow_through(capacities), networkx_graph(capacities)
    for output, source in [(0, 0), (3, 20)]:
        expected = nx.maximum_flow_value(graph, (8, output), (0, source))
        assert flow(output, source) == pytest.approx(expected, abs=1e-4)


def test_flow_through_one_layer_is_its_capacity():
    A = random_attentions(1, 5, 5)
    np.testing.assert_allclose(attention_flow(A), add_identity(A[0]), atol=1e-6)


@given(attentions(heads=True))
def test_no_flow_exceeds_what_leaves_its_output_or_reaches_its_input(A):
    flows = attention_flow(A)
    first, last = (add_identity(fuse_heads(layer)) for layer in (A[0], A[-1]))
    assert (flows <= last.sum(axis=1)[:, None] + 1e-6).all()
    assert (flows <= first.sum(axis=0) + 1e-6).all()


@given(attentions(heads=True))
def test_the_flow_to_oneself_is_at_least_the_residual_path(A):
    assert (np.diagonal(attention_flow(A)) >= 0.5 - 1e-6).all()


def test_every_form_of_input_gives_the_same_flow():
    A = random_attentions(3, 2, 4, 4)
    F = attention_flow(A)
    for same in (list(A), A[:, None], [layer.tolist() for layer in A]):
        np.testing.assert_array_equal(attention_flow(same), F)
    np.testing.assert_array_equal(attention_flow(A.mean(axis=1), heads=None), F)


@settings(max_examples=15)
@given(attentions_with_pads(max_layers=3, max_tokens=4, heads=True), st.booleans())
def test_flow_among_the_tokens_is_that_of_matrices_without_pads(given_with_pads, renormalize):
    A, keep = given_with_pads
    F = np.zeros((len(keep), len(keep)))
    F[np.ix_(keep, keep)] = attention_flow(A[..., keep, :][..., keep])
    np.testing.assert_allclose(attention_flow(A, keep=keep, renormalize=renormalize), F, atol=1e-6)
    np.testing.assert_allclose(attention_flow(A[:, None], keep=keep[None]), F, atol=1e-6)


@pytest.mark.parametrize("queries", [2, -1, [0, 3], [1, 1]])
def test_queries_are_rows_of_the_flow(queries):
    A, keep = random_attentions(3, 2, 4, 4), [True, True, False, True]
    for how in ({}, {"keep": keep, "renormalize": True}):
        rows = attention_flow(A, queries=queries, **how)
        np.testing.assert_array_equal(rows, attention_flow(A, **how)[queries])


def test_flow_of_rows_solves_no_other_problems():
    with pytest.raises(IndexError, match="queries=4 is out of range; expected -4 to 3 for 4 tokens"):
        attention_flow(random_attentions(1, 4, 4), queries=4)
    with patch("rollout_lab.flow.flow_through") as through:
        through.return_value.side_effect = lambda output, source: 10 * output + source
        assert attention_flow(random_attentions(2, 4, 4), queries=3).tolist() == [30, 31, 32, 33]
    assert through.return_value.call_count == 4


def test_flow_through_rows_that_a_sink_left_short_is_that_of_rows_made_whole():
    A = random_attentions(2, 2, 4, 4)
    np.testing.assert_allclose(attention_flow(A * 0.8, renormalize=True), attention_flow(A), atol=1e-6)


def test_the_input_is_left_as_it_was():
    A = random_attentions(3, 2, 4, 4)
    before = A.copy()
    attention_flow(A)
    np.testing.assert_array_equal(A, before)


def test_a_batch_of_several_examples_is_refused():
    with pytest.raises(ValueError, match=r"a batch of shape \(2,\); expected one example"):
        attention_flow(random_attentions(3, 2, 2, 4, 4))


def test_the_narrowest_link_bounds_a_path():
    F = attention_flow(paper_example().attentions)
    b, a = 1, 0
    assert F[b, a] == pytest.approx(0.25, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_flow_saturates_with_depth_at_the_first_layer_s_column_sum(seed):
    A = random_attentions(6, 12, 12, seed=seed)
    ceiling = np.minimum(1, add_identity(A[0]).sum(axis=0))
    assert np.isclose(attention_flow(A), ceiling, atol=1e-4).mean() > 0.9


def test_where_scipy_is_missing_the_error_says_what_to_install():
    code = """
        import sys
        sys.modules["scipy"] = None
        from rollout_lab import attention_flow, rollout
        layers = [[[1.0]]]
        assert rollout(layers) == 1
        try:
            attention_flow(layers)
        except ModuleNotFoundError as error:
            print(error)
        sys.platform = "emscripten"
        try:
            attention_flow(layers)
        except ModuleNotFoundError as error:
            print(error)
    """
    code = "\n".join(line[8:] for line in code.splitlines())
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "SciPy, which is not installed here: `pip install scipy`" in done.stdout
    assert "for a cell that says `import scipy`" in done.stdout  # in a browser


def test_flow_through_many_layers_is_what_networkx_finds():
    # In flat, sharp and sink-ridden attention.
    scores = np.random.default_rng(0).normal(size=(12, 64, 64))
    sink = 2 * scores + 5 * np.eye(64)[0]
    for A in (softmax(scores), softmax(3 * scores), softmax(sink)):
        capacities = add_identity(A)
        flow, graph = flow_through(capacities), networkx_graph(capacities)
        for output, source in [(40, 20), (63, 63)]:
            expected = nx.maximum_flow_value(graph, (12, output), (0, source))
            assert flow(output, source) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("name", example_names()[:2])
def test_flows_are_those_of_separate_problems_and_not_normalised(name):
    F = attention_flow(load_example(name).attentions)
    assert F.dtype == np.float64
    assert not np.allclose(F.sum(axis=1), 1, atol=0.1)
