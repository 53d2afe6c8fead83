"""How a method is judged where the source is known."""

import numpy as np
import pytest

from rollout_lab.models import (
    finds_source,
    load_pointer_model,
    mean_and_interval,
    pointer_seeds,
    pointer_tasks,
    reader_rows,
    sample_task,
    successor_rows,
)
from rollout_lab.rollout import rollout
from rollout_lab.successors import Block, alti, alti_layer, gradient_attention, value_norms


@pytest.fixture(scope="module")
def gate():
    cases = sample_task("gate", 100, np.random.default_rng(8))
    return cases, load_pointer_model("gate").run(cases)[1]


def test_each_method_s_row_is_what_its_name_says(gate):
    cases, attentions = gate
    rows = reader_rows(attentions, cases.reader)
    assert len(rows) == 2 * len(attentions) + 3
    np.testing.assert_allclose(rows["layer 2"], attentions[1, :, :, cases.reader].mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(rows["mean row, layer 1"], attentions[0].mean(axis=(1, 2)), atol=1e-6)
    for formula in ("none", "recursion", "identity"):
        expected = rollout(attentions, residual=formula)[:, cases.reader]
        np.testing.assert_allclose(rows[formula], expected, atol=1e-6)


def test_each_successor_s_row_is_what_its_name_says(gate):
    cases, attentions = gate
    model = load_pointer_model("gate")
    rows, blocks = successor_rows(model, cases), model.blocks(cases)
    layers = [alti_layer(block) for block in blocks]
    np.testing.assert_allclose(rows["ALTI"], (layers[1] @ layers[0])[:, cases.reader], atol=1e-6)
    norms = [value_norms(*block[:3]) for block in blocks]
    np.testing.assert_allclose(rows["value norms, last layer"], norms[1][:, cases.reader], atol=1e-6)
    half = [A / A.sum(axis=-1, keepdims=True) / 2 + np.eye(11) / 2 for A in norms]
    np.testing.assert_allclose(rows["value norms"], (half[1] @ half[0])[:, cases.reader], atol=1e-6)
    relevant = np.maximum(0, attentions * model.attention_gradients(cases)).mean(axis=2)
    first, second = relevant + np.eye(11)
    np.testing.assert_allclose(rows["gradient × attention"], (second @ first)[:, cases.reader], rtol=1e-4)
    # A card is a letter and a pointer: the length of the two rows of the embedding that they pick.
    card = model.weights["embedding"][[cases.letters[0, 3], 10 + cases.pointers[0, 3]]].sum(axis=0)
    assert rows["longest input vector"][0, 3] == pytest.approx(np.linalg.norm(card), rel=1e-5)


def test_a_find_is_the_largest_weight_and_no_tie():
    cases = sample_task("gate", 1, np.random.default_rng(0))
    source = cases.source[0]
    other = (source + 1) % 10
    row = np.zeros((1, 11))
    row[0, source] = 0.3
    assert finds_source(row, cases)[0]
    row[0, other] = 0.3
    assert not finds_source(row, cases)[0]
    row[0, other] = 0.2
    row[0, cases.reader] = 0.5  # what the reader keeps does not count
    assert finds_source(row, cases)[0]
    row[0, other] = 0.31
    assert not finds_source(row, cases)[0]


def test_rows_are_not_changed_by_being_judged(gate):
    cases, attentions = gate
    rows = attentions[0, :, 0, cases.reader]
    before = rows.copy()
    finds_source(rows, cases)
    assert (rows == before).all()


def test_random_rows_find_the_source_as_often_as_chance():
    cases = sample_task("relay", 5000, np.random.default_rng(1))
    found = finds_source(np.random.default_rng(2).random((5000, 12)), cases)
    assert abs(found.mean() - 1 / 11) < 0.02


def test_the_interval_covers_the_mean_19_times_in_20():
    rng = np.random.default_rng(0)
    for seeds in (2, 5, 8, 15, 23):
        samples = rng.normal(0.5, 0.02, size=(seeds, 4000))
        _, low, high = mean_and_interval(samples)
        assert abs(((low < 0.5) & (high > 0.5)).mean() - 0.95) < 0.012


def test_the_interval_stays_between_0_and_1():
    mean, low, high = mean_and_interval([0.9, 1.0, 1.0])
    assert 0 <= low < mean < high == 1


@pytest.mark.parametrize("shares", [[], [1.0], 1.0])
def test_too_few_seeds_are_refused(shares):
    with pytest.raises(ValueError, match="expected at least 2"):
        mean_and_interval(shares)


class TestWhatLesson04SaysOfTheBundledModels:
    """Its prose and its practice items lean on these."""

    @pytest.fixture(scope="class")
    @staticmethod
    def runs():
        """task -> cases and the attention of every seed's model on them."""
        rng, runs = np.random.default_rng(11), {}
        for task in pointer_tasks():
            cases = sample_task(task, 150, rng)
            models = [load_pointer_model(task, seed) for seed in pointer_seeds(task)]
            runs[task] = cases, [model.run(cases)[1] for model in models]
        return runs

    @staticmethod
    def share(run, **options):
        cases, attentions = run
        rows = [rollout(A, queries=cases.reader, **options) for A in attentions]
        return np.mean([finds_source(row, cases) for row in rows])

    def test_no_formula_and_no_single_layer_finds_the_source_in_every_task(self, runs):
        found = {}
        for task, (cases, attentions) in runs.items():
            rows = [reader_rows(A, cases.reader) for A in attentions]
            for method in rows[0]:
                share = np.mean([finds_source(row[method], cases) for row in rows])
                found.setdefault(method, {})[task] = share
        assert all(min(by_task.values()) < 0.9 for by_task in found.values())
        assert found["layer 2"]["chase_2"] > 0.95
        assert found["layer 3"]["chase_3"] > 0.95
        assert found["none"]["gate"] > 0.95
        assert max(found[method]["gate"] for method in ("layer 1", "layer 2", "recursion", "identity")) == 0
        assert max(found["none"][task] for task in ("chase_2", "chase_3")) < 0.6
        assert found["identity"]["relay"] < 0.6 < 0.75 < found["none"]["relay"]

    def test_no_weight_of_the_identity_does_either(self, runs):
        worst = [min(self.share(run, residual=w) for run in runs.values()) for w in np.arange(0, 1, 0.1)]
        assert max(worst) < 0.7

    def test_of_the_successors_alti_and_gradients_do_better_in_their_worst_task(self, runs):
        found = {}
        for task, (cases, _) in runs.items():
            for seed in pointer_seeds(task):
                for name, rows in successor_rows(load_pointer_model(task, seed), cases[:60]).items():
                    found.setdefault(name, {}).setdefault(task, []).append(finds_source(rows, cases[:60]))
        found = {name: {task: np.mean(hits) for task, hits in by.items()} for name, by in found.items()}
        assert min(*found["ALTI"].values(), *found["gradient × attention"].values()) > 0.75
        assert found["value norms"]["gate"] == found["value norms, last layer"]["gate"] == 0
        guess = found["longest input vector"]
        assert guess["relay"] > 0.75 > 0.15 > max(guess[task] for task in ("chase_2", "chase_3", "gate"))

    def test_the_maximum_over_heads_shifts_the_find_as_less_identity_would(self, runs):
        for task in ("chase_2", "chase_3"):
            assert self.share(runs[task], heads="max") < self.share(runs[task]) - 0.05
        assert self.share(runs["relay"], heads="max") > self.share(runs["relay"])

    def test_at_the_gate_the_rule_derived_on_paper_foretells_every_case(self, runs):
        cases, every_seed = runs["gate"]
        every = np.arange(len(cases))
        for attentions in every_seed:
            card = attentions[0].mean(axis=1)[every, cases.via]
            a, s = card[every, cases.source], card[every, cases.via]
            assert (rollout(attentions, queries=cases.reader)[every, cases.via] > 0.4999).all()
            for w in (0.1, 0.2, 0.3):
                lead = (1 - w) * (a - s) - 2 * w
                found = finds_source(rollout(attentions, residual=w, queries=cases.reader), cases)
                clear = abs(lead) > 1e-4
                assert (found == (lead > 0))[clear].all()

    def test_the_answer_takes_one_hop_in_the_chase_two_at_the_gate_and_most_in_the_relay(self, runs):
        hops = {}
        for task, (cases, _) in runs.items():
            by_hops = load_pointer_model(task).score_by_hops(cases)
            of_source = by_hops[:, np.arange(len(cases)), cases.source].sum(axis=1)
            hops[task] = of_source @ np.arange(len(of_source)) / of_source.sum()
        assert hops["chase_2"] == pytest.approx(1, abs=0.25)
        assert hops["chase_3"] == pytest.approx(1, abs=0.35)
        assert hops["gate"] == pytest.approx(2, abs=1e-3)
        assert 3 < hops["relay"] < 4

    def test_in_the_relay_a_guess_leads_the_formulas(self, runs):
        cases, attentions = runs["relay"]
        rows = [reader_rows(A, cases.reader) for A in attentions]
        found = {name: [finds_source(row[name], cases).mean() for row in rows] for name in rows[0]}
        lead = mean_and_interval(np.subtract(found["mean row, layer 1"], found["none"]), (-1, 1))
        assert lead[1] > 0
        assert np.mean(found["none"]) > max(np.mean(found[name]) for name in ("identity", "recursion"))

    def test_chase_2_is_the_price_of_values_and_gradients(self, runs):
        cases, attentions = runs["chase_2"]
        rows = [successor_rows(load_pointer_model("chase_2", seed), cases) for seed in range(len(attentions))]
        half = [finds_source(rollout(A, queries=-1), cases).mean() for A in attentions]
        for name in ("ALTI", "gradient × attention"):
            found = [finds_source(row[name], cases).mean() for row in rows]
            assert mean_and_interval(np.subtract(half, found), (-1, 1))[1] > 0

    def test_the_unit_of_the_score_decides_what_gradients_find_and_the_path_sum_finds_nearly_all(self, runs):
        shares = {}
        for task, (cases, attentions) in runs.items():
            model, maps = load_pointer_model(task, 1), attentions[1]
            slopes = model.attention_gradients(cases)
            for times in (0.1, 10):
                rows = gradient_attention(maps, times * slopes)[:, cases.reader]
                shares[task, times] = finds_source(rows, cases).mean()
            assert finds_source(model.score_by_hops(cases).sum(axis=0), cases).mean() > 0.95
        assert shares["gate", 0.1] < 0.8 < 0.99 < shares["gate", 10]
        assert shares["chase_2", 10] < 0.5 < 0.99 < shares["chase_2", 0.1]

    def test_of_the_two_stories_alti_gives_one_map_and_a_gradient_a_tie(self):
        sharp = np.array([[1.0, 0, 0], [0, 0, 1], [1, 0, 0]])
        places = np.eye(9).reshape(3, 1, 3, 9)  # three parts of a state: own letter, fetched, said
        state = places[0, 0] + sharp @ places[1, 0]
        first = Block(sharp[None], np.eye(3)[None], places[1], places[0, 0])
        maps = [
            alti([first, Block(sharp[None], state[None, :, part : part + 3], places[2], state)])
            for part in (3, 0)
        ]
        np.testing.assert_allclose(maps[0], maps[1])
        # What C fetched is handed on: by 1 a unit of weight, in both layers.
        slopes = np.zeros((2, 1, 3, 3))
        slopes[0, 0, 2, 0] = slopes[1, 0, 1, 2] = 1
        A_leads, _, C_leads = gradient_attention(np.array([sharp[None]] * 2), slopes)[1]
        assert A_leads == C_leads == 1
