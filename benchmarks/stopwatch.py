"""What `make bench` measures with: two things timed in turn, growth with a size, memory at its peak."""

from __future__ import annotations

import math
import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import NamedTuple

Timed = Callable[[], float]
Row = dict[str, str | float]


class Pair(NamedTuple):
    """Two things to time in turn: what is asked about, and what it is held against."""

    what: str
    beside: str
    time_what: Timed
    time_beside: Timed
    rounds: int = 5

    def row(self) -> Row:
        rounds = [(self.time_what(), self.time_beside()) for _ in range(self.rounds)]
        ratio = statistics.median(what / beside for what, beside in rounds)
        what, beside = (statistics.median(column) for column in zip(*rounds, strict=True))
        return {"what": self.what, "seconds": what, "beside": self.beside, "its": beside, "ratio": ratio}


class Growth(NamedTuple):
    """How the time of something grows with a size, beside the power that theory gives it."""

    what: str
    theory: str
    sizes: tuple[int, ...]
    time_at: Callable[[int], Timed]

    def row(self) -> Row:
        return {"what": self.what, "exponent": exponent(self), "theory": self.theory}


class Held(NamedTuple):
    """How much memory something holds at its peak beyond what it was given, beside another amount."""

    what: str
    beside: str
    amount: Callable[[], float]
    its: float
    unit: str

    def row(self) -> Row:
        amount = self.amount()
        own = {"what": self.what, "amount": amount, "unit": self.unit}
        return {**own, "beside": self.beside, "its": self.its, "ratio": amount / self.its}


def seconds(action: Callable[[], object]) -> Timed:
    """The stopwatch around an action."""

    def timed() -> float:
        start = time.perf_counter()
        action()
        return time.perf_counter() - start

    return timed


def own_seconds(action: Callable[[], object], times: int = 1) -> Timed:
    """The time that this thread had a core for one of `times` actions: neighbours count little."""

    def timed() -> float:
        start = time.thread_time()
        for _ in range(times):
            action()
        return (time.thread_time() - start) / times

    return timed


def peak(action: Callable[[], object]) -> int:
    """The bytes that an action's arrays and objects held at once, by tracemalloc."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def exponent(growth: Growth) -> float:
    """The slope of the times over the sizes, both as logarithms, by least squares; the sizes run in turn."""
    timers = [growth.time_at(size) for size in growth.sizes]
    rounds = [[timer() for timer in timers] for _ in range(6)][1:]  # the first one warms up
    times = (math.log(statistics.median(column)) for column in zip(*rounds, strict=True))
    return statistics.linear_regression([math.log(size) for size in growth.sizes], list(times)).slope
