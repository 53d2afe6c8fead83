"""Whatever way is taken, in whatever dress the result comes and whatever is probed: right is right."""

import functools
import warnings
from collections import UserList

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rollout_lab.classroom.build.bank import define, exercise_key
from rollout_lab.quiz.running import call_on_probes
from rollout_lab.quiz.scoring import judge_function, render

from .judging import EXERCISES, named
from .shelves import right_answers

DRESSES = {
    "as it is": lambda result: result,
    "array": np.array,
    "list": lambda result: np.asarray(result, dtype=float).tolist(),
    "list of arrays": lambda result: list(np.asarray(result, dtype=float)),
    "tuples": lambda result: nested(tuple, np.asarray(result, dtype=float).tolist()),
    "float32": lambda result: np.asarray(result, dtype=np.float32),
    "float16": lambda result: np.asarray(result, dtype=np.float16),
    "long double": lambda result: np.asarray(result, dtype=np.longdouble),
    "columns first": lambda result: np.asfortranarray(np.asarray(result, dtype=float)),
    "read-only": lambda result: np.broadcast_to(result, np.shape(result)),
    "a view with gaps": lambda result: np.repeat(np.asarray(result, dtype=float), 2, axis=0)[::2],
    "masked": lambda result: np.ma.masked_array(np.asarray(result, dtype=float)),
    "object": lambda result: np.asarray(result, dtype=object),
    "off by a little": lambda result: np.asarray(result, dtype=float) * (1 + 1e-5),
}
PATH_DRESSES = {name: dress for name, dress in DRESSES.items() if name != "off by a little"}


def nested(kind, result):
    return kind(nested(kind, inner) for inner in result) if isinstance(result, list) else result


def plain(function):
    return function


def talking(function):
    def talk(*arguments):
        print("called with", *arguments)
        warnings.warn("on my way", stacklevel=1)
        return function(*arguments)

    return talk


def copying(function):
    return lambda *arguments: function(*(np.array(a) if isinstance(a, np.ndarray) else a for a in arguments))


def with_rows_of_columns(function):
    return lambda *arguments: function(
        *(np.asfortranarray(a) if isinstance(a, np.ndarray) else a for a in arguments)
    )


def working_twice(function):
    def twice(*arguments):
        function(*arguments)
        return function(*arguments)

    return twice


def partial(function):
    return functools.partial(function)


class Called(UserList):
    """An object that is called, and a list of what it was called with."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def __call__(self, first, *others):
        self.append(first)
        return self.function(first, *others)


MANNERS = [plain, talking, copying, with_rows_of_columns, working_twice, partial, Called]


quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_no_right_answer_is_ever_diagnosed(exercise):
    # What was rounded to half precision stays rounded in another dress; float16 is a dress of its own here.
    answers = [a for a in right_answers(exercise.id) if "half precision" not in a.heading]
    dresses = PATH_DRESSES if exercise.compare == "path" else DRESSES
    # Results are compared with the right ones first: without misconceptions all is the same, but quick.
    bare = replace(exercise, misconceptions=())

    @settings(quick, max_examples=40)
    @given(
        st.sampled_from(answers),
        st.lists(st.sampled_from(MANNERS), max_size=3),
        st.sampled_from(sorted(dresses)),
        st.integers(0, 2**32 - 1),
    )
    def always_right(answer, manners, dress, seed):
        right = answer.function()
        function = functools.reduce(
            lambda f, manner: manner(f), manners, lambda *arguments: dresses[dress](right(*arguments))
        )
        key = exercise_key(bare, seed, 2.0)
        verdict = judge_function(call_on_probes(function, key), key)
        assert verdict.right, render(verdict)

    always_right()


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_every_misconception_shows_and_is_told_from_the_others_whatever_seed_is_chosen(exercise):
    @settings(quick, max_examples=5)
    @given(st.integers(0, 2**32 - 1))
    def always_found(seed):
        key = exercise_key(exercise, seed, 2.0)
        for belief in exercise.misconceptions:
            verdict = judge_function(call_on_probes(define(belief.code, exercise.id), key), key)
            assert verdict.message == belief.diagnosis.strip()

    always_found()
