"""Tiny attention-only transformers, trained for tasks whose source is known.

    states = inputs · embedding + position
    states = states + (heads of attention side by side) · output      in every layer
    scores = states[reader] · letter

No LayerNorm and no MLP: once the attention weights are given, the score of a letter is a plain sum over
paths, which `PointerModel.score_by_hops` takes apart (Elhage et al. 2021, "A Mathematical Framework for
Transformer Circuits"). Trained by `python -m tools.train_pointer_models`.
"""

from importlib.resources import files
from typing import NamedTuple

import numpy as np

from rollout_lab.attention import attention_weights
from rollout_lab.successors import Block

from .pointer_cases import task_layers

HEADS = 2
DATA = files(__package__) / "data" / "pointer"


class LayerRecord(NamedTuple):
    """What a layer computed: its input (n, N, d), and of every head query, key, value and weights."""

    states: np.ndarray
    query: np.ndarray
    key: np.ndarray
    value: np.ndarray
    weights: np.ndarray
    mixed: np.ndarray


class PointerModel:
    """A trained model: `load_pointer_model(task, seed)`.

    `task` and `seed` say which; `accuracy` is the share of right answers on held-out cases, as measured
    when the model was bundled; `weights` is a mapping from names to arrays.
    """

    def __init__(self, task, weights, seed=None, accuracy=None):
        self.task, self.weights, self.seed, self.accuracy = task, weights, seed, accuracy
        self.n_layers = task_layers(task)

    def __repr__(self):
        return f"PointerModel({self.task!r}, seed={self.seed}, held-out accuracy {self.accuracy:.4f})"

    def run(self, cases):
        """Answer n cases.

        Parameters
        ----------
        cases : Cases
            n cases of the task that the model was trained for; others raise ValueError.

        Returns
        -------
        prediction : (n,) int
            The letter with the highest score, as an index into "a" to "j".
        attentions : (L, n, H, N, N) float32
            Rows sum to 1. `rollout(attentions)` is (n, N, N).
        """
        scores, records = self.forward(cases)
        return scores.argmax(axis=-1), np.stack([record.weights for record in records])

    def maps(self, cases, case=0):
        """The attention in one of n cases, `(L, H, N, N)` float32, as figures and explorers take it."""
        return self.run(cases[case : case + 1])[1][:, 0]

    def score_by_hops(self, cases):
        """What each position adds to the score of the right letter, apart by the number of attention hops.

        The score is counted from the mean over all letters. With the attention weights held as they are, it
        is an exact sum over paths, values and output matrices included.

        Parameters
        ----------
        cases : Cases
            n cases.

        Returns
        -------
        (L + 1, n, N)
            `[h, k, j]`: what the input at position j of case k adds over paths that take exactly h hops.
        """
        _, records = self.forward(cases)
        letter = self.weights["letter"]
        towards = np.zeros_like(records[0].states)
        towards[:, cases.reader] = (letter - letter.mean(axis=1, keepdims=True)).T[cases.answer]
        # From the output down: a direction in each position's state, for every number of hops so far.
        by_hops = [towards] + [np.zeros_like(towards)] * self.n_layers
        for layer in reversed(range(self.n_layers)):
            hopped = [self._one_hop_down(layer, records[layer].weights, by) for by in by_hops[:-1]]
            by_hops = [by_hops[0], *(stay + hop for stay, hop in zip(by_hops[1:], hopped, strict=True))]
        return np.stack([(by * records[0].states).sum(axis=-1) for by in by_hops])

    def blocks(self, cases, forward=None):
        """The attention of every layer in n cases, a tuple of L `Block`, each with the cases as a batch axis.

        `forward` is what the method of that name gave for these cases, if it is at hand.

        >>> from rollout_lab import alti
        >>> from rollout_lab.models import sample_task
        >>> cases = sample_task("gate", 5, np.random.default_rng(0))
        >>> alti(load_pointer_model("gate").blocks(cases), queries=cases.reader).shape
        (5, 11)
        """
        _, records = forward or self.forward(cases)
        outputs = [self.weights[f"output_{layer}"] for layer in range(self.n_layers)]
        return tuple(
            Block(record.weights, record.value, output.reshape(HEADS, -1, output.shape[-1]), record.states)
            for record, output in zip(records, outputs, strict=True)
        )

    def attention_gradients(self, cases, forward=None):
        """The derivative of the answer's score by every attention weight, the later layers' answer included.

        Parameters
        ----------
        cases : Cases
            n cases.
        forward : tuple, optional
            What the method of that name gave for these cases, if it is at hand.

        Returns
        -------
        (L, n, H, N, N)
            The answer is the model's own: the letter with the highest score, be it right or wrong. A weight
            is moved by itself, as if its row need not sum to 1.

        Examples
        --------
        >>> from rollout_lab import gradient_attention
        >>> from rollout_lab.models import sample_task
        >>> model, cases = load_pointer_model("gate"), sample_task("gate", 5, np.random.default_rng(0))
        >>> gradient_attention(model.run(cases)[1], model.attention_gradients(cases)).shape
        (5, 11, 11)
        """
        scores, records = forward or self.forward(cases)
        by_states = np.zeros_like(records[0].states)
        by_states[:, cases.reader] = self.weights["letter"].T[scores.argmax(axis=-1)]
        gradients = np.empty([self.n_layers, *records[0].weights.shape], dtype=by_states.dtype)
        for layer in reversed(range(self.n_layers)):
            gradients[layer], _, by_states = self.layer_down(layer, records[layer], by_states)
        return gradients

    def layer_down(self, layer, record, by_states):
        """One layer of the chain rule, given the derivative of something by the layer's output `(n, N, d)`.

        Returns its derivative by the attention weights `(n, H, N, N)`; by query, key and value, heads side by
        side, name -> `(n, N, d)`; and by the layer's input `(n, N, d)`.
        """
        A = record.weights
        by_mixed = split_heads(by_states @ self.weights[f"output_{layer}"].T)
        by_A = by_mixed @ record.value.swapaxes(-1, -2)
        # Softmax: raising one score lowers the other weights of its row.
        by_products = A * (by_A - (by_A * A).sum(axis=-1, keepdims=True)) / np.sqrt(record.key.shape[-1])
        by_products = by_products.astype(A.dtype)
        by_role = {
            "query": join_heads(by_products @ record.key),
            "key": join_heads(by_products.swapaxes(-1, -2) @ record.query),
            "value": join_heads(A.swapaxes(-1, -2) @ by_mixed),
        }
        for role, by_projected in by_role.items():
            by_states = by_states + by_projected @ self.weights[f"{role}_{layer}"].T
        return by_A, by_role, by_states

    def forward(self, cases):
        """Scores of the ten letters (n, 10), and a `LayerRecord` of every layer."""
        weights, inputs = self.weights, cases.inputs
        expected = (len(weights["position"]), len(weights["embedding"]))
        if inputs.shape[1:] != expected:
            raise ValueError(
                f"cases of {cases.task!r} have inputs of shape {inputs.shape}; this model was trained for "
                f"{self.task!r} and expects (n, {expected[0]}, {expected[1]})"
            )
        states = inputs @ weights["embedding"] + weights["position"]
        mask, records = cases.mask[:, None], []
        for layer in range(self.n_layers):
            query, key, value = (split_heads(states @ weights[f"{role}_{layer}"]) for role in ROLES)
            A = attention_weights(query, key, mask)
            mixed = join_heads(A @ value)
            records.append(LayerRecord(states, query, key, value, A, mixed))
            states = states + mixed @ weights[f"output_{layer}"]
        return states[:, cases.reader] @ weights["letter"], records

    def _one_hop_down(self, layer, A, towards):
        mixed = split_heads(towards @ self.weights[f"output_{layer}"].T)
        return join_heads(A.swapaxes(-1, -2) @ mixed) @ self.weights[f"value_{layer}"].T


ROLES = ("query", "key", "value")


def split_heads(states):
    """`(n, N, d)` -> `(n, H, N, d / H)`"""
    n, N, d = states.shape
    return states.reshape(n, N, HEADS, d // HEADS).swapaxes(1, 2)


def join_heads(heads):
    """`(n, H, N, d / H)` -> `(n, N, d)`"""
    n, H, N, d = heads.shape
    return heads.swapaxes(1, 2).reshape(n, N, H * d)


def pointer_seeds(task):
    """The seeds that a model of this task was trained with, a range. Raises `ValueError` if there is none.

    >>> len(pointer_seeds("gate")) >= 5
    True
    """
    return range(len(_stored(task, "accuracy")["accuracy"]))


def load_pointer_model(task, seed=0):
    """A trained model with its weights, as a `PointerModel`.

    Parameters
    ----------
    task : str
        One of `pointer_tasks()`; another raises ValueError.
    seed : int
        One of `pointer_seeds(task)`; another raises ValueError.

    Examples
    --------
    >>> from rollout_lab.models import sample_task
    >>> model = load_pointer_model("gate", seed=0)
    >>> cases = sample_task("gate", 100, np.random.default_rng(1))
    >>> prediction, attentions = model.run(cases)
    >>> (prediction == cases.answer).mean() > 0.98
    np.True_
    >>> attentions.shape
    (2, 100, 2, 11, 11)
    """
    stored = _stored(task)
    seeds = range(len(stored["accuracy"]))
    if seed not in seeds:
        raise ValueError(f"no {task} model has seed {seed!r}; expected one of 0 to {seeds[-1]}")
    own = {name: values[seed].astype(np.float32) for name, values in stored.items()}
    return PointerModel(task, own, seed, float(own.pop("accuracy")))


def _stored(task, *names):
    task_layers(task)  # refuses an unknown task by its name
    with (DATA / f"{task}.npz").open("rb") as file, np.load(file) as arrays:
        return {name: arrays[name] for name in names or arrays.files}
