"""Right is right in any style; the library's own version of what is asked is no answer in any disguise."""

from __future__ import annotations

import functools
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

import rollout_lab

from .judging import COURSE, EXERCISES, SEEDS, named, verdict_on_function


def by_rows(scores):
    if scores.ndim > 1:
        return [by_rows(row) for row in scores]
    exponentials = [math.exp(score - max(scores)) for score in scores]
    return [e / sum(exponentials) for e in exponentials]


def from_logarithms(scores):
    return np.exp(scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True))


def in_float32(scores):
    scores = scores.astype(np.float32)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def weights_entry_by_entry(query, key):
    n_q, n_k, d = len(query), len(key), len(query[0])
    weights = []
    for i in range(n_q):
        scores = [sum(query[i][c] * key[j][c] for c in range(d)) / d**0.5 for j in range(n_k)]
        weights.append(tuple(by_rows(np.array(scores))))
    return tuple(weights)


def weights_by_einsum(query, key):
    scores = np.einsum("id,jd->ij", query.astype(np.float32), key.astype(np.float32))
    return in_float32(scores / np.sqrt(np.float32(query.shape[-1])))


def weights_scaled_beforehand(query, key):
    return rollout_lab.softmax((query / query.shape[1] ** 0.25) @ (key / key.shape[1] ** 0.25).T)


def heads_in_loops(attention):
    H, N, _ = attention.shape
    return [[sum(attention[h][i][j] for h in range(H)) / H for j in range(N)] for i in range(N)]


def heads_by_einsum(attention):
    return np.einsum("hij->ij", attention) / len(attention)


def heads_by_share(attention):
    return np.tensordot(np.full(len(attention), 1 / len(attention)), attention, axes=1).astype(np.float32)


def product_by_reduce(layers):
    return functools.reduce(lambda R, A: A @ R, layers)


def product_by_recursion(layers):
    return layers[0].tolist() if len(layers) == 1 else layers[-1] @ product_by_recursion(layers[:-1])


def product_over_paths(layers):
    N = layers.shape[-1]
    R = np.zeros((N, N))
    for i, j in itertools.product(range(N), repeat=2):
        row = {i: 1.0}
        for A in layers[::-1]:
            row = {k: sum(weight * A[m, k] for m, weight in row.items()) for k in range(N)}
        R[i, j] = row[j]
    return R


def product_of_transposes(layers):
    R = np.eye(layers.shape[-1], dtype=np.float32)
    for A in layers:
        R = R @ A.T.astype(np.float32)
    return R.T


def product_by_einsum(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = np.einsum("ik,kj->ij", A, R)
    return R


def steps_by_accumulate(layers):
    return list(itertools.accumulate(layers, lambda R, A: A @ R))


def steps_of_growing_products(layers):
    return tuple(product_by_reduce(layers[: number + 1]).tolist() for number in range(len(layers)))


def steps_written_into_a_copy(layers):
    steps = layers.astype(np.float32)
    for number in range(1, len(steps)):
        steps[number] = steps[number] @ steps[number - 1]
    return steps


def path_by_brute_force(layers, output, source):
    N = layers.shape[-1]

    def weight(path):
        return math.prod(A[i, j] for A, i, j in zip(layers[::-1], path[:-1], path[1:], strict=True))

    between = itertools.product(range(N), repeat=len(layers) - 1)
    return max(((output, *middle, source) for middle in between), key=weight)


def path_by_logarithms(layers, output, source):
    with np.errstate(divide="ignore"):
        costs = -np.log(layers.astype(np.float32))
    cost, choices = costs[0][:, source], []
    for layer in costs[1:]:
        choices.insert(0, (layer + cost).argmin(axis=1))
        cost = (layer + cost).min(axis=1)
    path = [float(output)]
    for choice in choices:
        path.append(float(choice[int(path[-1])]))
    return np.array([*path, source])


def path_by_memory(layers, output, source):
    @functools.cache
    def best(position, below):
        if below == 1:
            return layers[0][position, source], (position, source)
        further = (best(k, below - 1) for k in range(layers.shape[-1]))
        return max(
            (layers[below - 1][position, path[0]] * weight, (position, *path)) for weight, path in further
        )

    return list(best(output, len(layers))[1])


def path_from_the_top(layers, output, source):
    best = {output: (1.0, [output])}
    for A in layers[::-1]:
        best = {
            k: max((weight * A[path[-1], k], [*path, k]) for weight, path in best.values())
            for k in range(layers.shape[-1])
        }
    return best[source][1]


def augmented_by_halves(attention):
    return (attention + np.eye(len(attention))) / 2


def augmented_in_loops(attention):
    N = len(attention)
    return [[(attention[i][j] + (i == j)) / 2 for j in range(N)] for i in range(N)]


def augmented_on_the_diagonal(attention):
    augmented = attention.astype(np.float32)
    augmented[np.diag_indices(len(augmented))] += 1
    return (augmented.T / augmented.sum(axis=1)).T


def identity_normalised_at_the_end(layers):
    R = functools.reduce(lambda R, A: (A + np.eye(len(A))) @ R, layers, np.eye(layers.shape[-1]))
    return R / R.sum(axis=-1, keepdims=True)


def identity_over_subsets(layers):
    N = layers.shape[-1]
    roads = itertools.product(*[(np.eye(N), A) for A in layers])
    return sum(product_by_reduce(road) for road in roads) / 2 ** len(layers)


def identity_without_a_matrix(layers):
    R = augmented_by_halves(layers[0]).astype(np.float32)
    for A in layers[1:]:
        R = (A.astype(np.float32) @ R + R) / 2
    return R.tolist()


def recursion_from_zeros(layers):
    R = np.zeros(layers.shape[1:])
    for A in layers:
        R = A @ (R + np.eye(len(A)))
    return R


def recursion_as_its_sum(layers):
    return sum(product_by_reduce(layers[start:]) for start in range(len(layers)))


def recursion_calling_itself(layers):
    A = layers[-1].astype(np.float32)
    if len(layers) == 1:
        return A.tolist()
    return (A @ (np.array(recursion_calling_itself(layers[:-1])) + np.eye(len(A)))).tolist()


def recursion_multiplied_out(layers):
    R = layers[0].copy()
    for A in layers[1:]:
        R = A @ R
        R += A
    return R


def hops_by_counting(n_layers):
    return [math.comb(n_layers, k) / 2**n_layers for k in range(n_layers + 1)]


def hops_as_fractions(n_layers):
    return tuple(Fraction(math.comb(n_layers, k), 2**n_layers) for k in range(n_layers + 1))


def hops_layer_by_layer(n_layers):
    hops = np.zeros(n_layers + 1, dtype=np.float32)
    hops[0] = 1
    for _layer in range(n_layers):
        hops = (hops + np.concatenate([[0], hops[:-1]])) / 2
    return hops


def hops_by_recursion(n_layers):
    if n_layers == 0:
        return [1.0]
    below = hops_by_recursion(n_layers - 1)
    return [(stay + hop) / 2 for stay, hop in zip([*below, 0], [0, *below], strict=True)]


RIGHT = {
    "softmax": [by_rows, from_logarithms, in_float32],
    "attention_weights": [weights_entry_by_entry, weights_by_einsum, weights_scaled_beforehand],
    "fuse_heads": [heads_in_loops, heads_by_einsum, heads_by_share],
    "rollout_product": [
        *(product_by_reduce, product_by_recursion, product_over_paths),
        *(product_of_transposes, product_by_einsum),
    ],
    "rollout_steps": [steps_by_accumulate, steps_of_growing_products, steps_written_into_a_copy],
    "strongest_path": [path_by_brute_force, path_by_logarithms, path_by_memory, path_from_the_top],
    "augment": [augmented_by_halves, augmented_in_loops, augmented_on_the_diagonal],
    "rollout_with_identity": [
        *(identity_normalised_at_the_end, identity_over_subsets, identity_without_a_matrix),
    ],
    "rollout_recursion": [
        *(recursion_from_zeros, recursion_as_its_sum),
        *(recursion_calling_itself, recursion_multiplied_out),
    ],
    "hop_distribution": [hops_by_counting, hops_as_fractions, hops_layer_by_layer, hops_by_recursion],
}


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_every_exercise_is_solved_here_in_three_styles_at_least(exercise):
    assert len(RIGHT[exercise.id]) >= 3


@pytest.mark.parametrize("seed", SEEDS[:2])
@pytest.mark.parametrize(("name", "solution"), [(name, s) for name in RIGHT for s in RIGHT[name]])
def test_a_right_solution_in_another_style_earns_full_marks(name, solution, seed):
    verdict = verdict_on_function(name, solution, seed)
    assert verdict.credit == 1.0, verdict


LIBRARY = {
    "softmax": lambda scores: rollout_lab.softmax(scores),
    "attention_weights": lambda query, key: rollout_lab.attend(query, key, key)[1],
    "fuse_heads": lambda attention: rollout_lab.rollout([attention], residual="none"),
    "rollout_product": lambda layers: rollout_lab.rollout(layers, residual="none"),
    "rollout_steps": lambda layers: rollout_lab.rollout_steps(layers, residual="none"),
    "strongest_path": lambda layers, output, source: (
        rollout_lab.top_paths(layers, output, source, 1, residual="none")[0].positions
    ),
    "augment": lambda attention: rollout_lab.add_identity(attention),
    "rollout_with_identity": lambda layers: rollout_lab.rollout(layers),
    "rollout_recursion": lambda layers: rollout_lab.rollout(layers, residual="recursion", normalize=False),
    "hop_distribution": lambda n_layers: rollout_lab.hop_distribution(n_layers),
}


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_the_librarys_own_version_is_refused_and_is_right_otherwise(exercise):
    verdict = verdict_on_function(exercise.id, LIBRARY[exercise.id])
    assert (verdict.credit, verdict.misconception) == (0.0, "library-version")
    assert any(f"rollout_lab's own {name}," in verdict.message for name in exercise.library_versions)


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_library_versions_are_names_that_the_library_offers(exercise):
    assert exercise.library_versions
    assert set(exercise.library_versions) <= set(rollout_lab.__all__)


def test_attention_weights_may_call_the_librarys_softmax_as_its_statement_says():
    assert "the one of `rollout_lab`" in " ".join(COURSE.items["attention_weights"].statement.split())
    assert weights_scaled_beforehand in RIGHT["attention_weights"]
