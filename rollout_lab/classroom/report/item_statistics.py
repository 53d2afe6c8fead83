"""Numbers that describe a class and the items of a test. They know nothing of notebooks and gradebooks."""

import math
from collections.abc import Sequence

import numpy as np

FEWEST = 10  # with fewer students a correlation says more about who was there than about the item


def difficulty(points: Sequence[float], most: float) -> float:
    """The mean share of an item's points: 1 if all have full marks, 0 if nobody has any.

    Test theory calls it the item difficulty although a high value means an easy item.

    >>> difficulty([2, 1, 0, 2], most=2)
    0.625
    """
    return float(np.mean(points)) / most


def discrimination(points: Sequence[float], rest: Sequence[float]) -> float | str:
    """The corrected item-total correlation: Pearson's r of students' points in an item and in all the rest.

    The item itself is no part of `rest`, or it would be correlated with itself (Guilford, 1953, Educational
    and Psychological Measurement 13, 87-93). Where there is no such number, the result says in words why.

    >>> discrimination([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], [1, 2, 1, 2, 1, 3, 4, 3, 4, 3]).__round__(3)
    0.898
    >>> discrimination([1, 1, 0], [3, 2, 1])
    'undefined: fewer than 10 students'
    >>> discrimination([1] * 10, range(10))
    'undefined: all have the same points in it'
    """
    if len(points) != len(rest):
        raise ValueError(
            f"expected points and rest of the same students, found {len(points)} and {len(rest)}"
        )
    if len(points) < FEWEST:
        return f"undefined: fewer than {FEWEST} students"
    for numbers, where in ((points, "in it"), (rest, "in all the rest")):
        if np.ptp(numbers) < 1e-9:
            return f"undefined: all have the same points {where}"
    return float(np.clip(np.corrcoef(points, rest)[0, 1], -1, 1))


def chance(students: int) -> float:
    """How near to 0 a correlation of unrelated things stays in 19 of 20 classes of this size, by Fisher's z.

    >>> round(chance(12), 2), round(chance(1000), 2)
    (0.57, 0.06)
    """
    return math.tanh(1.96 / math.sqrt(students - 3))  # whose standard error is 1 / sqrt(n - 3)


def histogram(scores: Sequence[float], most: float) -> list[tuple[float, float, int]]:
    """Ranges of scores with how many lie in each: `(low, high, count)`, low included and high not.

    The ranges are equally wide and at most twelve lie below `most`; the last, `(most, inf, count)`, holds
    full marks, and what extra credit lifts above them.

    >>> histogram([0, 0.5, 1, 4, 4], most=4)
    [(0.0, 0.5, 1), (0.5, 1.0, 1), (1.0, 1.5, 1), (1.5, 2.0, 0), (2.0, 2.5, 0),
     (2.5, 3.0, 0), (3.0, 3.5, 0), (3.5, 4.0, 0), (4.0, inf, 2)]
    """
    widths = (step * 10.0**power for power in range(-1, 9) for step in (1, 2, 5))
    width = next(width for width in widths if most / width <= 12)
    rounded = np.round(scores, 9)  # 0.1 + 0.2 belongs where 0.3 does
    first = min(0, math.floor(rounded.min() / width))
    lows = [round(step * width, 9) for step in range(first, math.ceil(most / width - 1e-9))]
    edges = [*lows, float(most), math.inf]
    counts, _edges = np.histogram(rounded, edges)
    return list(zip(edges[:-1], edges[1:], map(int, counts), strict=True))
