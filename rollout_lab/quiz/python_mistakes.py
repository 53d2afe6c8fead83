"""Mistakes of Python that are possible in any exercise: a name and a diagnosis for each."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .comparing import is_right, same
from .explaining import counterexample
from .key import FunctionKey, Outcome


@dataclass(frozen=True)
class Mistake:
    """A mistake of Python: its name, the share of the points that it leaves, and what to say of it."""

    name: str
    credit: float
    diagnosis: str


NOT_THE_SAME_TWICE = Mistake(
    "not-the-same-twice",
    0.0,
    "Called twice with the same arguments, your function gives two different results. It depends on "
    "more than its arguments: on random numbers, on what it kept from an earlier call, or on a variable "
    "outside that it changes. (A default like steps=[] is made once and shared by all calls.) Make all that "
    "it needs inside it, anew in each call.",
)
IGNORES_ITS_ARGUMENT = Mistake(
    "ignores-its-argument",
    0.0,
    "Your function returns the same whatever it is given. It works with a variable of the notebook in place "
    "of its argument, or has a result written into it. Use the names that stand in the brackets after def.",
)
ANOTHER_SHAPE = Mistake(
    "right-numbers-in-another-shape",
    0.5,
    "Your numbers are right and stand in the right order, but in an array of another shape than asked for. "
    "Remove the axis that is too many or add the one that is missing: [0], reshape or keepdims may help.",
)
MODIFIES_ITS_ARGUMENT = Mistake(
    "modifies-its-argument",
    0.5,
    "Your function changes the array that it is given: whoever calls it works with other numbers afterwards. "
    "Work on a copy: write R = R + I, not R += I.",
)


def find_mistake(outcomes: Sequence[Outcome], key: FunctionKey) -> Mistake | None:
    """The mistake that explains why a function is not right in every call, or None."""
    calls = list(zip(outcomes, key.probes, strict=True))
    if any(
        p.arguments == q.arguments and not same(o, r) for (o, p), (r, q) in itertools.combinations(calls, 2)
    ):
        return NOT_THE_SAME_TWICE
    if all(outcome.error is None and same(outcome, outcomes[0]) for outcome in outcomes):
        return IGNORES_ITS_ARGUMENT
    if all(is_right(_in_shape(outcome, probe.expected), probe, key) for outcome, probe in calls):
        example = counterexample(calls, key)
        return replace(ANOTHER_SHAPE, diagnosis="\n".join(filter(None, [ANOTHER_SHAPE.diagnosis, example])))
    return None


def _in_shape(outcome: Outcome, expected: Outcome) -> Outcome:
    if outcome.error is not None or np.size(outcome.value) != np.size(expected.value):
        return outcome
    value = np.reshape(outcome.value, expected.shape).tolist()
    return Outcome(value, expected.shape, half=outcome.half)
