"""Train the pointer models, less than a minute each, in NumPy: `python -m tools.train_pointer_models`."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from rollout_lab.models.pointer import ROLES, PointerModel
from rollout_lab.models.pointer_cases import LETTERS, pointer_tasks, sample_task, task_layers
from tools.make_examples import DATA

FOLDER = DATA / "pointer"
SIZE = 32  # d, the length of a state
STEPS = {"chase_2": 3000, "chase_3": 3000, "relay": 1000, "gate": 1000}
BATCH = 128
HELD_OUT, HELD_OUT_SEED = 2000, 2**32


def initial_weights(task, rng, size=SIZE):
    """Random weights for a model of a task: name -> float32 array."""
    N, F = sample_task(task, 1, rng).inputs.shape[1:]

    def normal(*shape, scale):
        return (scale * rng.normal(size=shape)).astype(np.float32)

    one = size**-0.5  # keeps the length of a state
    weights = {
        "embedding": normal(F, size, scale=0.5),
        "position": normal(N, size, scale=0.5),
        "letter": normal(size, len(LETTERS), scale=one),
    }
    for layer in range(task_layers(task)):
        weights |= {f"{role}_{layer}": normal(size, size, scale=one) for role in ROLES}
        weights[f"output_{layer}"] = normal(size, size, scale=one / 2)
    return weights


def loss_and_gradient(model, cases):
    """The mean cross-entropy of the right letters, and its derivative by every weight: name -> array."""
    scores, records = model.forward(cases)
    rows = np.arange(len(cases))
    log_shares = scores - scores.max(axis=-1, keepdims=True)
    log_shares -= np.log(np.exp(log_shares).sum(axis=-1, keepdims=True))
    loss = -log_shares[rows, cases.answer].mean()

    by_scores = np.exp(log_shares)
    by_scores[rows, cases.answer] -= 1
    by_scores /= len(cases)

    weights = model.weights
    top = records[-1].states + records[-1].mixed @ weights[f"output_{model.n_layers - 1}"]
    gradient = {"letter": top[:, cases.reader].T @ by_scores}
    by_states = np.zeros_like(top)
    by_states[:, cases.reader] = by_scores @ weights["letter"].T
    for layer, record in reversed([*enumerate(records)]):
        gradient[f"output_{layer}"] = _product(record.mixed, by_states)
        _, by_role, by_states = model.layer_down(layer, record, by_states)
        gradient |= {f"{role}_{layer}": _product(record.states, each) for role, each in by_role.items()}
    gradient["position"] = by_states.sum(axis=0)
    gradient["embedding"] = _product(cases.inputs, by_states)
    return loss, gradient


def _product(left, right):
    """leftᵀ · right, summed over cases and positions."""
    return left.reshape(-1, left.shape[-1]).T @ right.reshape(-1, right.shape[-1])


class Adam:
    """Adam (Kingma & Ba 2015), with a rate that first rises and then falls to a twentieth."""

    def __init__(self, weights, steps, rate=3e-3, keep=(0.9, 0.98)):
        self.weights, self.steps, self.rate, self.keep, self.step = weights, steps, rate, keep, 0
        self.mean = {name: np.zeros_like(values) for name, values in weights.items()}
        self.square = {name: np.zeros_like(values) for name, values in weights.items()}

    def update(self, gradient):
        """Move the weights, in place, one step down the gradient."""
        self.step += 1
        rate = self.rate * min(1, self.step / 200) * max(1 / 20, 1 - self.step / self.steps)
        kept = [1 - keep**self.step for keep in self.keep]
        for name, g in gradient.items():
            mean, square = self.mean[name], self.square[name]
            mean += (1 - self.keep[0]) * (g - mean)
            square += (1 - self.keep[1]) * (g**2 - square)
            self.weights[name] -= rate * (mean / kept[0]) / (np.sqrt(square / kept[1]) + 1e-8)


def train(task, seed, steps=None):
    """Train a `PointerModel`, on cases drawn afresh in each of `steps`, those of `STEPS` when left out."""
    rng = np.random.default_rng(seed)
    model = PointerModel(task, initial_weights(task, rng), seed)
    steps = steps or STEPS[task]
    adam = Adam(model.weights, steps)
    for _ in tqdm(range(steps), desc=f"{task}, seed {seed}"):
        _, gradient = loss_and_gradient(model, sample_task(task, BATCH, rng))
        adam.update(gradient)
    return model


def held_out_accuracy(model, n=HELD_OUT):
    """The share of right answers on n cases that no training seed draws."""
    cases = sample_task(model.task, n, np.random.default_rng(HELD_OUT_SEED))
    prediction, _ = model.run(cases)
    return float((prediction == cases.answer).mean())


def bundle(task, seeds, folder, steps=None):
    """Train a task's models and write their weights, in half precision, into one file; returns its path."""
    stored = []
    for seed in seeds:
        trained = train(task, seed, steps).weights
        weights = {name: values.astype(np.float16) for name, values in trained.items()}
        rounded = {name: values.astype(np.float32) for name, values in weights.items()}
        accuracy = held_out_accuracy(PointerModel(task, rounded, seed))
        stored.append({**weights, "accuracy": np.float32(accuracy)})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{task}.npz"
    arrays: dict[str, Any] = {name: np.stack([each[name] for each in stored]) for name in stored[0]}
    np.savez_compressed(path, **arrays)
    return path


def main(arguments=None):
    """Train what the command line asks for, and say how well it does."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tasks", nargs="*", metavar="task", help=f"of {', '.join(pointer_tasks())}; else all")
    parser.add_argument("--seeds", type=int, default=8, help="how many models of each task (default 8)")
    parser.add_argument("--steps", type=int, help=f"training steps (default {STEPS})")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to write (default: the package)")
    options = parser.parse_args(arguments)
    for task in options.tasks or pointer_tasks():
        path = bundle(task, range(options.seeds), options.folder, options.steps)
        accuracy = np.load(path)["accuracy"]
        size = path.stat().st_size / 1000
        print(f"{path.name}: {size:.0f} KB; held-out accuracy {', '.join(f'{a:.4f}' for a in accuracy)}")


if __name__ == "__main__":
    main()
