"""Training in NumPy: the gradient is the gradient, the seed decides, and a short run learns."""

import numpy as np
import pytest

from rollout_lab.models import load_pointer_model, pointer_tasks, sample_task
from rollout_lab.models.pointer import PointerModel
from tools.train_pointer_models import (
    Adam,
    bundle,
    held_out_accuracy,
    initial_weights,
    loss_and_gradient,
    main,
    train,
)


def small_model(task, seed=0):
    """A model of four-dimensional states in float64, far from a flat region."""
    rng = np.random.default_rng(seed)
    weights = initial_weights(task, rng, size=4)
    return PointerModel(task, {name: 1.5 * values.astype(np.float64) for name, values in weights.items()})


@pytest.mark.parametrize("task", pointer_tasks())
def test_the_gradient_agrees_with_finite_differences(task):
    model, cases = small_model(task), sample_task(task, 6, np.random.default_rng(1))
    _, gradient = loss_and_gradient(model, cases)
    assert gradient.keys() == model.weights.keys()
    rng = np.random.default_rng(2)
    for name, values in model.weights.items():
        assert gradient[name].shape == values.shape
        direction = rng.normal(size=values.shape)
        step, start = 1e-5, values.copy()
        losses = []
        for sign in (1, -1):
            model.weights[name] = start + sign * step * direction
            losses.append(loss_and_gradient(model, cases)[0])
        model.weights[name] = start
        numeric = (losses[0] - losses[1]) / (2 * step)
        assert np.isclose((gradient[name] * direction).sum(), numeric, rtol=1e-5, atol=1e-8), name


def test_the_loss_is_the_cross_entropy_of_the_right_letters():
    model, cases = load_pointer_model("gate"), sample_task("gate", 50, np.random.default_rng(3))
    scores, _ = model.forward(cases)
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    expected = -np.log(shares[np.arange(50), cases.answer]).mean()
    assert np.isclose(loss_and_gradient(model, cases)[0], expected, rtol=1e-3, atol=1e-6)


def test_adam_walks_into_a_valley():
    weights = {"x": np.array([3.0, -2.0], dtype=np.float32)}
    adam = Adam(weights, steps=2000, rate=0.05)
    for _ in range(2000):
        adam.update({"x": 2 * weights["x"]})
    assert abs(weights["x"]).max() < 0.01
    assert weights["x"].dtype == np.float32


def test_a_seed_decides_the_weights():
    one, again, other = (train("gate", seed, steps=5) for seed in (3, 3, 4))
    for name, values in one.weights.items():
        assert values.dtype == np.float32
        np.testing.assert_allclose(values, again.weights[name], rtol=1e-5, atol=1e-6)
        assert abs(values - other.weights[name]).max() > 0.01


def test_the_command_writes_a_bundle_and_says_how_well_it_does(tmp_path, capsys):
    main(["gate", "--seeds", "2", "--steps", "3", "--folder", str(tmp_path)])
    said = capsys.readouterr()
    assert "gate.npz" in said.out
    assert "held-out accuracy 0." in said.out
    assert "gate, seed 1: 100%" in said.err
    with np.load(tmp_path / "gate.npz") as stored:
        assert stored["accuracy"].shape == (2,)
        assert stored["query_1"].shape == (2, 32, 32)
        assert stored["query_1"].dtype == np.float16


def test_a_short_run_learns_and_stores_the_accuracy_of_what_it_stores(tmp_path):
    untrained = PointerModel("relay", initial_weights("relay", np.random.default_rng(0)))
    assert held_out_accuracy(untrained, n=400) < 0.3
    with np.load(bundle("relay", [0], tmp_path, steps=300)) as stored:
        weights = {name: values[0].astype(np.float32) for name, values in stored.items()}
    accuracy = weights.pop("accuracy")
    assert accuracy > 0.8
    assert held_out_accuracy(PointerModel("relay", weights)) == pytest.approx(accuracy, abs=1e-3)


def test_training_on_an_unknown_task_is_refused():
    with pytest.raises(ValueError, match="no task is called 'chess'"):
        train("chess", 0, steps=1)
