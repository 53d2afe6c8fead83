"""The pointer tasks and models: what is known of them by construction holds, and they answer well."""

from itertools import pairwise

import numpy as np
import pytest

from rollout_lab.models import load_pointer_model, pointer_seeds, pointer_tasks, sample_task
from rollout_lab.models.pointer import DATA
from rollout_lab.rollout import rollout
from rollout_lab.successors import block_output, block_vectors
from tests.tools.test_train_pointer_models import small_model
from tools.train_pointer_models import HELD_OUT, held_out_accuracy

TASKS = list(pointer_tasks())
ASKING = ["chase_2", "chase_3", "gate"]
MODELS = [(task, seed) for task in TASKS for seed in pointer_seeds(task)]


def draw(task, n=200, seed=5):
    return sample_task(task, n, np.random.default_rng(seed))


def every(cases):
    return np.arange(len(cases))


class TestTheTasks:
    @pytest.mark.parametrize("task", ASKING)
    def test_the_source_is_the_card_that_the_named_card_points_to(self, task):
        cases = draw(task)
        assert (cases.pointers[every(cases), cases.via] == cases.source).all()
        assert (cases.source != cases.via).all()
        assert (cases.answer == cases.letters[every(cases), cases.source]).all()

    @pytest.mark.parametrize("task", TASKS)
    def test_every_source_is_about_equally_frequent(self, task):
        cases = draw(task, 5000)
        share = np.bincount(cases.source) / len(cases)
        share = share[1:] if task.startswith("chase") else share  # nothing points to the first card
        assert abs(share - share.mean()).max() < 0.03

    @pytest.mark.parametrize("task", TASKS)
    def test_the_inputs_say_what_the_tokens_say(self, task):
        cases = draw(task, 20)
        letters = np.array(list("abcdefghij"))
        for k in every(cases):
            for token, ones in zip(cases.tokens(k), cases.inputs[k], strict=True):
                stands = np.flatnonzero(ones)
                if task == "relay":
                    (symbol,) = stands
                    assert token == (letters[symbol] if symbol < 10 else letters[symbol - 10].upper())
                elif token.startswith("?"):
                    assert stands.tolist() == [20 + int(token[1:])]
                else:
                    slot, _, rest = token.partition(":")
                    letter, _, pointer = rest.partition("→")
                    assert letters[stands[0]] == letter
                    assert stands[1] == 10 + int(pointer or slot)

    def test_a_chase_points_to_later_cards_and_no_card_reads_a_later_one(self):
        for task in ("chase_2", "chase_3"):
            cases = draw(task)
            assert (cases.pointers[:, :-1] > np.arange(9)).all()
            assert not np.triu(cases.mask, k=1).any()

    def test_at_the_gate_the_question_sees_the_named_card_alone(self):
        cases = draw("gate")
        asking = cases.mask[:, cases.reader]
        assert (asking.sum(axis=1) == 1).all()
        assert asking[every(cases), cases.via].all()
        assert not cases.mask[:, :-1, cases.reader].any()

    def test_in_the_relay_each_position_sees_three_to_each_side(self):
        mask = draw("relay", 2).mask[1]
        assert [mask[i].sum() for i in (0, 1, 5, 11)] == [4, 5, 7, 4]
        assert (np.linalg.matrix_power(mask.astype(int), 3)[11] > 0).tolist() == [False] * 2 + [True] * 10
        assert (np.linalg.matrix_power(mask.astype(int), 4)[11] > 0).all()

    def test_a_moved_letter_is_another_one_in_that_slot_alone(self):
        cases = draw("gate", 30)
        moved = cases.with_letters_moved(cases.source)
        differs = moved.letters != cases.letters
        assert (differs.sum(axis=1) == 1).all()
        assert differs[every(cases), cases.source].all()
        assert (cases.letters == draw("gate", 30).letters).all()

    def test_some_of_the_cases_can_be_picked(self):
        cases = draw("relay", 10)
        far = cases[cases.source < 4]
        assert len(far) == (cases.source < 4).sum()
        assert (far.source < 4).all()
        assert draw("gate", 10)[2:5].tokens(0) == draw("gate", 10).tokens(2)

    def test_another_seed_draws_other_cases(self):
        for task in TASKS:
            assert (draw(task, seed=1).letters != draw(task, seed=2).letters).any(axis=1).all()

    def test_an_unknown_task_is_answered_with_the_known_ones(self):
        with pytest.raises(ValueError, match=r"no task is called 'chase'; expected one of: chase_2, .*gate"):
            sample_task("chase", 1, np.random.default_rng(0))


class TestTheBundle:
    def test_holds_at_least_five_models_of_each_task_within_the_promised_size(self):
        assert {path.stem for path in DATA.iterdir()} == set(TASKS)
        assert all(len(pointer_seeds(task)) >= 5 for task in TASKS)
        assert all(path.stat().st_size < 500_000 for path in DATA.iterdir())

    @pytest.mark.parametrize(("task", "seed"), MODELS)
    def test_every_model_answers_as_well_as_it_says(self, task, seed):
        model = load_pointer_model(task, seed)
        assert model.accuracy > 0.99
        found = held_out_accuracy(model, n=400)
        spread = np.sqrt(model.accuracy * (1 - model.accuracy) / 400 + 1 / HELD_OUT**2)
        assert abs(found - model.accuracy) < 4 * spread + 1 / 400

    def test_seeds_are_different_models(self):
        cases = draw("chase_2", 20)
        first, second = (load_pointer_model("chase_2", seed).run(cases)[1] for seed in (0, 1))
        assert abs(first - second).max() > 0.1

    def test_an_unknown_task_or_seed_is_answered_with_the_known_ones(self):
        with pytest.raises(ValueError, match="no task is called 'chase'"):
            load_pointer_model("chase")
        with pytest.raises(ValueError, match="no gate model has seed 99; expected one of 0 to"):
            load_pointer_model("gate", 99)
        with pytest.raises(ValueError, match="no gate model has seed -1"):
            load_pointer_model("gate", -1)

    def test_cases_of_another_task_are_refused(self):
        with pytest.raises(ValueError, match=r"cases of 'relay' have inputs .* trained for 'gate'"):
            load_pointer_model("gate").run(draw("relay", 2))


@pytest.mark.parametrize("task", TASKS)
class TestAModel:
    def test_gives_maps_that_a_rollout_takes_as_they_are(self, task):
        cases = draw(task, 8)
        model, N = load_pointer_model(task), cases.reader + 1
        _, attentions = model.run(cases)
        assert attentions.shape == (model.n_layers, 8, 2, N, N)
        assert attentions.dtype == np.float32
        np.testing.assert_allclose(attentions.sum(axis=-1), 1, atol=1e-5)
        assert rollout(attentions, queries=cases.reader).shape == (8, N)

    def test_reads_nothing_that_its_mask_hides(self, task):
        cases = draw(task, 50)
        _, attentions = load_pointer_model(task).run(cases)
        assert (attentions.max(axis=(0, 2))[~cases.mask] == 0).all()

    def test_answers_each_case_by_itself(self, task):
        cases, model = draw(task, 20), load_pointer_model(task)
        together, attentions = model.run(cases)
        alone, attention = model.run(cases[7:8])
        assert alone[0] == together[7]
        np.testing.assert_allclose(attention[:, 0], attentions[:, 7], atol=1e-5)
        assert (model.maps(cases, 7) == attention[:, 0]).all()

    def test_answers_with_another_letter_when_the_source_s_changes_and_with_no_other_else(self, task):
        model, cases = load_pointer_model(task), draw(task, 300)
        before, _ = model.run(cases)
        for slot in range(cases.letters.shape[1]):
            moved = cases.with_letters_moved(np.full(len(cases), slot))
            after, _ = model.run(moved)
            is_source = cases.source == slot
            assert (after[is_source] == moved.answer[is_source]).mean() > 0.97 if is_source.any() else True
            assert (after[~is_source] == before[~is_source]).mean() > 0.97

    def test_takes_its_score_apart_without_a_remainder(self, task):
        model, cases = load_pointer_model(task), draw(task, 30)
        scores, _ = model.forward(cases)
        expected = (scores - scores.mean(axis=1, keepdims=True))[every(cases), cases.answer]
        by_hops = model.score_by_hops(cases)
        assert by_hops.shape == (model.n_layers + 1, 30, cases.reader + 1)
        np.testing.assert_allclose(by_hops.sum(axis=(0, 2)), expected, rtol=1e-3, atol=1e-3)

    def test_owes_its_score_to_the_source(self, task):
        model, cases = load_pointer_model(task), draw(task)
        by_position = model.score_by_hops(cases).sum(axis=0)
        from_source = by_position[every(cases), cases.source]
        assert from_source.sum() / by_position.sum() > 0.85
        assert (by_position[:, : cases.letters.shape[1]].argmax(axis=1) == cases.source).mean() > 0.9


def test_without_a_hop_a_position_adds_only_what_it_holds_itself():
    model, cases = load_pointer_model("relay"), draw("relay", 20)
    stays = model.score_by_hops(cases)[0]
    assert (stays[:, : cases.reader] == 0).all()


def test_one_hop_is_what_a_single_layer_hands_over():
    model, cases = load_pointer_model("chase_2"), draw("chase_2", 10)
    weights = model.weights
    _, records = model.forward(cases)
    towards = weights["letter"] - weights["letter"].mean(axis=1, keepdims=True)
    total = 0
    for layer, record in enumerate(records):
        for head in range(2):
            own = slice(16 * head, 16 * (head + 1))
            moved = weights[f"value_{layer}"][:, own] @ weights[f"output_{layer}"][own] @ towards
            per_letter = records[0].states @ moved  # (n, N, 10)
            score = per_letter[every(cases), :, cases.answer]
            total = total + record.weights[:, head, cases.reader] * score
    np.testing.assert_allclose(model.score_by_hops(cases)[1], total, atol=1e-3)


@pytest.mark.parametrize("task", TASKS)
def test_the_blocks_of_a_model_add_up_to_the_states_of_its_next_layer(task):
    model, cases = load_pointer_model(task), draw(task, 5)
    blocks = model.blocks(cases)
    for block, above in pairwise(blocks):
        np.testing.assert_allclose(block_output(block, block_vectors(block)), above.states, atol=1e-4)
    scores = block_output(blocks[-1], block_vectors(blocks[-1]))[:, cases.reader] @ model.weights["letter"]
    np.testing.assert_allclose(scores, model.forward(cases)[0], rtol=1e-4, atol=1e-3)


def score_of_the_answer(model, cases, added):
    """By the definition, head by head: what the model's own answer scores with `added` to its weights."""
    w, states = model.weights, cases.inputs @ model.weights["embedding"] + model.weights["position"]
    for layer in range(model.n_layers):
        new = states.copy()
        for head, part in enumerate(np.array_split(np.arange(states.shape[-1]), 2)):
            query, key, value = (states @ w[f"{role}_{layer}"][:, part] for role in ("query", "key", "value"))
            products = query @ key.swapaxes(1, 2) / np.sqrt(len(part))
            A = np.exp(np.where(cases.mask, products, -np.inf))
            A = A / A.sum(axis=-1, keepdims=True) + added[layer, :, head]
            new += A @ value @ w[f"output_{layer}"][part]
        states = new
    return states[:, cases.reader] @ w["letter"]


@pytest.mark.parametrize("task", TASKS)
def test_the_gradient_by_the_attention_weights_agrees_with_finite_differences(task):
    model, cases = small_model(task), draw(task, 3)
    gradients, step = model.attention_gradients(cases), 1e-5
    answer = model.run(cases)[0]
    for seed in range(4):
        direction = np.random.default_rng(seed).normal(size=gradients.shape) * cases.mask[:, None]
        there, back = (score_of_the_answer(model, cases, sign * step * direction) for sign in (1, -1))
        numeric = (there - back)[every(cases), answer] / (2 * step)
        np.testing.assert_allclose((gradients * direction).sum(axis=(0, 2, 3, 4)), numeric, rtol=1e-5)
