"""How fast rollouts are and what memory they hold, beside floors and others' formulas, and how that grows."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator

import numpy as np

from rollout_lab import attention_flow, rollout, rollout_from_qk, rollout_steps, top_paths

from . import known_formulas
from .stopwatch import Growth, Held, Pair, Timed, own_seconds, peak

# Layers, heads, tokens; how often in a round, and how many rounds.
SIZES = (
    (6, 12, 20, 50, 9),
    (12, 12, 64, 20, 9),
    (12, 12, 197, 2, 9),
    (12, 12, 512, 1, 9),
    (24, 16, 1024, 1, 5),
)


def random_layers(L: int, H: int, N: int) -> list[np.ndarray]:
    """Attention (1, H, N, N) in single precision, as a model hands it out for one text."""
    rng = np.random.default_rng(0)
    scores = (np.exp(2 * rng.standard_normal((1, H, N, N), dtype=np.float32)) for _ in range(L))
    return [each / each.sum(axis=-1, keepdims=True) for each in scores]


def averages(layers: list[np.ndarray]) -> list[np.ndarray]:
    """Reading all heads once, which no rollout can do without: by a product, which is the fastest way."""
    share = np.full(layers[0].shape[1], 1 / layers[0].shape[1], np.float32)
    return [share @ A.reshape(len(share), -1) for A in layers]


def floor(layers: list[np.ndarray]) -> np.ndarray:
    """The averages and their product: what no rollout of all rows can do without."""
    N = layers[0].shape[-1]
    R, *others = (A.reshape(N, N) for A in averages(layers))
    for A in others:
        R = A @ R
    return R


def formulas(layers: list[np.ndarray]) -> dict[str, Callable[[], object]]:
    """What all rows are timed beside, by name: the floor and known formulas, in PyTorch if it is there."""
    known = {
        "the floor": lambda: floor(layers),
        "the plain loop": lambda: known_formulas.plain_loop(layers),
        "Abnar's formula": lambda: known_formulas.all_steps(layers),
        "keras-io's formula": lambda: known_formulas.all_steps(layers, np.float32),
        "vit-explain's formula": lambda: known_formulas.from_the_identity(layers),
        "Chefer's formula": lambda: known_formulas.from_a_layer(layers),
    }
    if torch := pytorch():
        tensors = [torch.from_numpy(A) for A in layers]
        known |= {
            "the plain loop, PyTorch": lambda: known_formulas.plain_loop(tensors, torch),
            "vit-explain's formula, PyTorch": lambda: known_formulas.from_the_identity(tensors, torch),
            "Chefer's formula, PyTorch": lambda: known_formulas.from_a_layer(tensors, torch),
            "fused, PyTorch": lambda: known_formulas.fused_in_torch(tensors, torch),
        }
    return known


def formulas_of_a_row(layers: list[np.ndarray]) -> dict[str, Callable[[], object]]:
    """What a row is timed beside, by name."""
    known: dict[str, Callable[[], object]] = {"one read": lambda: averages(layers)}
    if torch := pytorch():
        tensors = [torch.from_numpy(A) for A in layers]
        known["fused, PyTorch"] = lambda: known_formulas.row_in_torch(tensors, torch)
    return known


def pytorch():
    """PyTorch with one thread, as NumPy has here; None if it is not installed."""
    if not importlib.util.find_spec("torch"):
        return None
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    return torch


def rollouts() -> Iterator[Pair | Growth | Held]:
    """`rollout`, its rows and its steps, beside what no rollout can do without and what others do."""
    for size in SIZES:
        yield from at_size(*size)
    layers = random_layers(12, 12, 197)
    for k in (5, 1000):
        paths = own_seconds(lambda k=k: top_paths(layers, 0, 1, k))
        yield Pair(f"top_paths, k = {k}, 197 tokens", "rollout", paths, own_seconds(lambda: rollout(layers)))
    layers_of_one_head = random_layers(12, 1, 128)
    row, two = (own_seconds(lambda Q=Q: attention_flow(layers_of_one_head, queries=Q)) for Q in ([0], [0, 1]))
    yield Pair("attention_flow, two rows, 12 layers, 128 tokens", "one row", two, row, 1)
    yield from growth()
    yield from without_maps(2048, rounds=5)


def at_size(L: int, H: int, N: int, times: int, rounds: int) -> Iterator[Pair | Held]:
    layers, size = random_layers(L, H, N), f"{L} layers, {H} heads, {N} tokens"
    for name, call, besides in (
        ("rollout", lambda: rollout(layers), formulas(layers)),
        ("rollout, a row", lambda: rollout(layers, queries=0), formulas_of_a_row(layers)),
        ("rollout_steps", lambda: rollout_steps(layers), {"rollout": lambda: rollout(layers)}),
    ):
        for beside, other in besides.items():
            timed = own_seconds(call, times), own_seconds(other, times)
            yield Pair(f"{name}, {size}", beside, *timed, rounds)
    if N == 512:
        yield from memory(layers, size)


def memory(layers: list[np.ndarray], size: str) -> Iterator[Held]:
    """What rollouts hold beyond their input, in matrices (N, N)."""
    matrix, result = layers[0][0, 0].nbytes, len(layers)
    for name, call, beside, its in (
        ("rollout", lambda: rollout(layers), "wanted at most", 3),
        ("rollout, a row", lambda: rollout(layers, queries=0), "wanted at most", 0.1),
        ("rollout_steps", lambda: rollout_steps(layers), "its result", result),
    ):
        amount: Callable[[], float] = lambda call=call: peak(call) / matrix  # noqa: E731
        yield Held(f"{name}, memory, {size}", beside, amount, its, "matrices")


def growth() -> Iterator[Growth]:
    """How times grow with tokens, layers and heads."""
    at = {
        "N, 12 layers, 12 heads": (
            "2 (heads) to 3 (products)",
            "2",
            (128, 256, 512, 1024),
            lambda n: (12, 12, n),
        ),
        "L, 12 heads, 256 tokens": ("1", "1", (3, 6, 12, 24), lambda n: (n, 12, 256)),
        "H, 12 layers, 256 tokens": (
            "0 (products) to 1 (heads)",
            "1",
            (4, 8, 16, 32),
            lambda n: (12, n, 256),
        ),
    }
    for name, (all_rows, a_row, sizes, shape) in at.items():
        for what, theory, queries in (("rollout", all_rows, None), ("rollout, a row", a_row, 0)):

            def time_at(n: int, shape=shape, queries=queries) -> Timed:
                layers = random_layers(*shape(n))
                return own_seconds(lambda: rollout(layers, queries=queries))

            yield Growth(f"{what}, with {name}", theory, sizes, time_at)
    for what, given in GIVEN.items():

        def time_without_maps(n: int, given=given) -> Timed:
            query, key = queries_and_keys(3, 4, n, 64)
            return own_seconds(lambda: rollout_from_qk(query, key, **given(n)))

        yield Growth(
            f"rollout_from_qk, {what}, with N, 3 layers, 4 heads", "2", (512, 1024, 2048), time_without_maps
        )


# What `rollout_from_qk` is asked for at N tokens.
GIVEN: dict[str, Callable[[int], dict]] = {
    "a row": lambda N: {"queries": N - 1},
    "16 sources": lambda N: {"sources": np.eye(16, dtype=np.float32).repeat(-(-N // 16), axis=0)[:N]},
}


def queries_and_keys(L: int, H: int, N: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """As a model hands them out: (L, H, N, d), in single precision."""
    rng = np.random.default_rng(0)
    query, key = (rng.standard_normal((L, H, N, d), dtype=np.float32) for _ in range(2))
    return query, key


def scores_and_exp(query: np.ndarray, key: np.ndarray) -> None:
    """What no attention of one head can do without: the product of queries and keys, and its exp.

    In strips of rows, as `rollout_from_qk` goes, so that they stay in a cache.
    """
    N = len(query)
    rows = min(N, max(128, 2**19 // N))
    room = np.empty((rows, N), np.float32)
    for start in range(0, N, rows):
        strip = query[start : start + rows]
        E = np.matmul(strip, key.T, out=room[: len(strip)])
        np.exp(E, out=E)


def without_maps(N: int, L: int = 12, H: int = 12, d: int = 64, rounds: int = 1) -> Iterator[Pair | Held]:
    """A row, and sums over 16 sources, from queries and keys: time, and memory beyond these, in one run.

    The floor is that of one head, times the number of heads. A row needs but one row of the last layer, so
    that layer's heads do not count for it.
    """
    query, key = queries_and_keys(L, H, N, d)
    query *= 0.3  # so that the softmax is neither flat nor one key's alone
    size = f"{N:,} tokens, {L} layers, {H} heads"
    for what, given in GIVEN.items():
        heads = H * (L - 1 if what == "a row" else L)
        held: list[int] = []

        def run(given=given, held=held) -> None:
            held.append(peak(lambda: rollout_from_qk(query, key, **given(N))))

        one_head = own_seconds(lambda: scores_and_exp(query[0, 0], key[0, 0]), 3)
        times = f"product and exp of a head, times {heads}"
        yield Pair(
            f"rollout_from_qk, {what}, {size}",
            times,
            own_seconds(run),
            lambda one_head=one_head, heads=heads: heads * one_head(),
            rounds,
        )
        maps = L * H * N * N * 4 / 1e6
        beyond: Callable[[], float] = lambda held=held: max(held) / 1e6  # noqa: E731
        yield Held(f"rollout_from_qk, {what}, memory, {size}", "the maps would be", beyond, maps, "MB")


def long_text() -> Iterator[Pair | Held]:
    """`rollout_from_qk` where no maps fit: 32,768 tokens. A quarter of an hour, and 3 GB of memory."""
    yield from without_maps(32_768)
