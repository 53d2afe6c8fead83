"""Whatever a student's function does, its call comes back as data, and in silence."""

import functools
import importlib
import json
import logging
import sys
import warnings

import numpy as np
import pytest
from msgspec import to_builtins

import rollout_lab
from rollout_lab.classroom.build.bank import define
from rollout_lab.quiz.key import Outcome
from rollout_lab.quiz.running import call, call_on_probes

from .judging import function_key

MATRIX = np.array([[0.25, 0.75], [0.5, 0.5]])


@pytest.mark.parametrize(
    "result",
    [
        MATRIX,
        MATRIX.astype(np.float32),
        MATRIX.astype(np.float16),
        MATRIX.astype(np.longdouble),
        MATRIX.tolist(),
        tuple(map(tuple, MATRIX)),
        list(MATRIX),
        np.asfortranarray(MATRIX),
        MATRIX + 1e-9j,
    ],
    ids=lambda result: f"{type(result).__name__} {getattr(result, 'dtype', '')}",
)
def test_a_result_may_be_an_array_of_any_float_type_a_list_or_a_tuple(result):
    outcome = call(lambda: result, [])
    assert outcome == Outcome(MATRIX.tolist(), [2, 2], half=outcome.half)


def test_half_precision_is_noted_for_its_results_have_three_digits_only():
    half = MATRIX.astype(np.float16)
    for result, noted in [
        (half, True),
        (list(map(list, half)), True),
        (MATRIX, False),
        (np.float32(half), False),
    ]:
        assert call(lambda result=result: result, []).half is noted


def test_an_outcome_is_data_that_json_can_hold():
    for result in (MATRIX, 3, [True, False], np.float32(0.5), [], [float("nan"), float("inf")]):
        outcome = call(lambda result=result: result, [])
        assert outcome == Outcome(outcome.value, outcome.shape)
        json.dumps(to_builtins(outcome))


@pytest.mark.parametrize(
    ("result", "complaint"),
    [
        (None, "does it end in return?"),
        ("0.5", "dtype <U3"),
        (1j, "complex"),
        (MATRIX + 1e-5j, "complex"),
        ({"a": 1}, "of type dict, not an array"),
        ([[1.0], [1.0, 2.0]], "inhomogeneous"),
        ((x for x in [1.0]), "of type generator"),
        (len, "of type builtin_function"),
    ],
    ids=["nothing", "text", "complex", "slightly complex", "mapping", "ragged", "generator", "function"],
)
def test_a_result_that_is_no_array_of_numbers_is_an_error_that_says_so(result, complaint):
    assert complaint in call(lambda: result, []).error


@pytest.mark.parametrize(
    "error", [ValueError, ZeroDivisionError, SystemExit, KeyboardInterrupt, GeneratorExit]
)
def test_an_exception_of_any_kind_is_an_error_and_ends_nothing(error):
    def fails():
        raise error("because")

    assert call(fails, []) == Outcome(error=f"{error.__name__}: because")


def test_an_exception_that_cannot_be_put_into_words_is_an_error_too():
    class Speechless(Exception):
        def __str__(self):
            raise SystemExit

    def fails(error):
        raise error

    assert call(fails, [Speechless()]) == Outcome(error="Speechless")
    assert call(fails, [KeyError("x")]) == Outcome(error="KeyError: 'x'")
    assert call(fails, [ValueError("\ud800")]) == Outcome(error="ValueError: ?")
    assert call(fails, [ValueError("x" * 10**6)]).error == "ValueError: " + "x" * 188


def test_a_function_that_calls_itself_for_ever_is_an_error():
    def forever(x):
        return forever(x)

    assert call(forever, [1]).error.startswith("RecursionError")


def test_a_function_that_takes_other_arguments_is_an_error():
    assert "positional argument" in call(lambda a, b: a, [1]).error


def test_a_changed_argument_is_seen_and_does_no_harm():
    def greedy(a):
        a += 1
        return a

    mine = np.zeros(2)
    assert call(greedy, [mine]) == Outcome([1.0, 1.0], [2], modified=True)
    assert mine.tolist() == [0, 0]


def test_a_result_that_is_the_argument_itself_does_not_count_as_changed():
    assert not call(lambda a: a, [np.ones(2)]).modified


def test_nothing_that_a_function_prints_logs_or_warns_of_is_seen(capfd):
    handler = logging.StreamHandler(sys.stderr)
    logging.getLogger().addHandler(handler)
    try:

        def noisy():
            print("to stdout")
            print("to stderr", file=sys.stderr)
            warnings.warn("a warning", stacklevel=1)
            logging.getLogger("student").error("a log line")
            return np.log(np.zeros(1)) * 0

        assert call(noisy, []).shape == [1]
    finally:
        logging.getLogger().removeHandler(handler)
    assert capfd.readouterr() == ("", "")


def test_the_students_session_is_left_as_it_was():
    before = (sys.stdout, sys.stderr, np.geterr(), list(warnings.filters), sys.getprofile())
    call(lambda: 1 / 0, [], ["softmax"])
    assert (sys.stdout, sys.stderr, np.geterr(), list(warnings.filters), sys.getprofile()) == before
    assert logging.getLogger().isEnabledFor(logging.ERROR)


# The library's own version of what is asked


def imported_under_another_name():
    from rollout_lab import softmax as s

    return lambda scores: s(scores)


def by_way_of_the_module():
    import rollout_lab.attention as r

    return lambda scores: r.softmax(scores)


def looked_up_by_name():
    return lambda scores: getattr(importlib.import_module("rollout_lab." + "attention"), "soft" + "max")(
        scores
    )


def imported_inside():
    return define(
        "def softmax(scores):\n    import rollout_lab as r\n    return r.attention.softmax(scores)", "softmax"
    )


def taken_as_it_is():
    return rollout_lab.softmax


def taken_as_a_partial():
    return functools.partial(rollout_lab.softmax, axis=-1)


def reached_through_another_function():
    return lambda scores: rollout_lab.attention_weights(scores[None] * scores.size**0.5, np.eye(scores.size))


def hidden_by_an_exception():
    def softmax(scores):
        try:
            return rollout_lab.softmax(scores)
        except BaseException:
            e = np.exp(scores - scores.max(axis=-1, keepdims=True))
            return e / e.sum(axis=-1, keepdims=True)

    return softmax


@pytest.mark.parametrize(
    "disguise",
    [
        imported_under_another_name,
        by_way_of_the_module,
        looked_up_by_name,
        imported_inside,
        taken_as_it_is,
        taken_as_a_partial,
        reached_through_another_function,
        hidden_by_an_exception,
    ],
)
def test_the_librarys_own_version_is_noticed_however_it_comes_in(disguise):
    function = disguise()
    assert call(function, [np.arange(3.0)], ["softmax"]) == Outcome(library="softmax")


def test_without_the_watch_these_disguises_work_so_that_it_is_the_watch_that_refuses_them():
    right = call(rollout_lab.softmax, [np.arange(3.0)])
    assert call(hidden_by_an_exception(), [np.arange(3.0)]) == right
    assert call(reached_through_another_function(), [np.arange(3.0)]).shape == [1, 3]


def test_a_students_own_function_of_the_same_name_is_welcome():
    namespace = {"np": np, "__name__": "__main__"}
    code = "def softmax(s):\n    return s\ndef attention_weights(q, k):\n    return softmax(q)"
    exec(code, namespace)
    assert call(namespace["attention_weights"], [1.0, 2.0], ["softmax"]).value == 1.0


def test_other_functions_of_the_library_are_welcome():
    outcome = call(lambda scores: rollout_lab.softmax(scores), [np.arange(3.0)], ["attention_weights"])
    assert outcome.shape == [3]


# Collecting


def test_a_function_is_called_once_for_every_probe():
    key = function_key("softmax")
    assert len(call_on_probes(lambda scores: scores, key)) == len(key.probes)


@pytest.mark.parametrize(("answer", "found"), [(None, "not defined"), (3, "int, not a function")])
def test_what_is_no_function_is_an_error_that_says_so(answer, found):
    (outcome,) = call_on_probes(answer, function_key("softmax"))
    assert "softmax" in outcome.error
    assert found in outcome.error


def test_an_interrupted_call_ends_the_collection():
    calls = []

    def endless(scores):
        calls.append(scores)
        raise KeyboardInterrupt

    (outcome,) = call_on_probes(endless, function_key("softmax"))
    assert "ran too long" in outcome.error
    assert len(calls) == 1


def test_one_failing_call_does_not_lose_the_others():
    outcomes = call_on_probes(lambda scores: np.linalg.norm(scores, axis=(0, 1)), function_key("softmax"))
    assert {outcome.error is not None for outcome in outcomes} == {True, False}
