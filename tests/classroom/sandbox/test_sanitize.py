"""Whatever a student's process says becomes plain data, and little of it."""

import json
import tracemalloc

import pytest

from rollout_lab.classroom import limits
from rollout_lab.classroom.sandbox import sanitize
from rollout_lab.quiz.key import Outcome

NO_RESULT = Outcome(error="what came back from the call was no result")


def outcome(value, shape):
    (read,) = sanitize.outcomes([{"value": value, "shape": shape}])
    return read


@pytest.mark.parametrize(
    ("value", "shape"),
    [([], [0]), ([[], []], [2, 0]), ([], [0, 3]), ([], [limits.NUMBERS, 0]), (1.5, []), ([[1, 2]], [1, 2])],
)
def test_a_result_may_have_an_empty_axis(value, shape):
    assert outcome(value, shape).shape == shape


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ([], [limits.NUMBERS + 1, 0]),
        ([], [0, 2 * 10**9]),
        ([], [10**5, 10**5, 0]),
        ([], [10**4000] * 60 + [0]),
        ([0.0] * (limits.NUMBERS + 1), [limits.NUMBERS + 1]),
        (1, [1] * 65),
        (1, [True]),
        (1, [1.0]),
        (1, "1"),
        ([1, 2], [-1]),
        ([1, 2, 3], [2]),
        ([[1], [2, 3]], [2]),
        ({}, []),
    ],
    ids=lambda case: repr(case)[:40],
)
def test_a_shape_that_its_numbers_do_not_have_or_that_takes_much_room_is_no_result(value, shape):
    tracemalloc.start()
    assert outcome(value, shape) == NO_RESULT
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()


def test_the_largest_result_that_is_read():
    assert outcome([0.0] * limits.NUMBERS, [limits.NUMBERS]).shape == [limits.NUMBERS]


def test_no_other_name_can_stand_where_the_library_s_version_is_named():
    said = [{"library": "softmax"}, {"library": "the hidden arguments"}, {"library": ["softmax"]}]
    assert sanitize.outcomes(said, ["softmax"]) == [Outcome(library="softmax"), NO_RESULT, NO_RESULT]


@pytest.mark.parametrize("part", [b"[],", b"{},", b"1,", b'"ab",', b'{"a":[1.5]},'])
def test_a_line_of_many_values_is_refused_before_it_takes_memory(monkeypatch, part):
    structure = sum(map(part.count, (b",", b":", b"[", b"{")))
    times = (limits.VALUES - 7) // structure
    tracemalloc.start()
    line = b'{"event": "called", "cell": 0, "outcomes": [' + part * times + b"0]}"
    assert len(sanitize.event(line).outcomes) == times + 1
    assert tracemalloc.get_traced_memory()[1] < 60e6
    tracemalloc.stop()
    with pytest.raises(ValueError, match="more values than one may"):
        sanitize.event(line.replace(b"0]}", part * 7 + b"0]}"))


@pytest.mark.parametrize(
    "line",
    [b"\xff", b"[" * 10**5, b"1" * 10**5, b'{"event":' * 10**4, b"null", b"[]", b'"event"', b""],
    ids=lambda line: repr(line[:10]),
)
def test_what_is_no_event_is_none_and_raises_nothing(line):
    assert sanitize.event(line) is None


def test_what_has_the_right_form_is_read_and_the_rest_of_it_is_left_out():
    assert sanitize.event(b'{"event": "ready", "cell": 1}').cell == 1
    assert [sanitize.event(line) for line in (b'{"event": "ready", "cell": "1"}', b"?")] == [None, None]
    assert [sanitize.text("a\ud800b"), sanitize.text(12)] == ["a?b", ""]
    shown = {"output_type": "display_data", "data": {"text/plain": "x"}}
    said = {**shown, "data": {"text/plain": "x", "text/html": "<b>x</b>"}}
    assert sanitize.outputs([said]) == [{**shown, "metadata": {}}]
    said = {"value": [[1, 2]], "shape": [1, 2], "right": True}
    assert sanitize.outcomes([said]) == [Outcome([[1.0, 2.0]], [1, 2])]
    assert list(map(sanitize.numbers, ([2, 3], [], [10, 0]))) == [6, 1, 10]


def test_numbers_that_are_no_numbers_are_read_as_such_and_judged_wrong():
    said = b'{"event": "called", "cell": 0, "outcomes": [{"value": [1e999, NaN, -Infinity], "shape": [3]}]}'
    (read,) = sanitize.outcomes(sanitize.event(said).outcomes)
    assert json.dumps(read.value) == "[Infinity, NaN, -Infinity]"


@pytest.mark.parametrize(("key", "most"), [("ename", limits.ERROR_NAME), ("evalue", limits.ERROR)])
def test_an_error_of_a_cell_is_read_to_the_limit(key, most):
    said = [{"output_type": "error", key: "x" * length} for length in (most, most + 1)]
    assert [len(each[key]) for each in sanitize.outputs(said)] == [most, most]


def test_texts_errors_and_outcomes_of_calls_are_read_to_the_limit():
    for error in ("x" * limits.ERROR_OF_A_CALL, "x" * (limits.ERROR_OF_A_CALL + 1)):
        assert sanitize.outcomes([{"error": error}]) == [Outcome(error="x" * limits.ERROR_OF_A_CALL)]
    for text in ("x" * limits.TEXT, "x" * (limits.TEXT + 1)):
        assert sanitize.text(text) == "x" * limits.TEXT
    for number in (limits.OUTCOMES, limits.OUTCOMES + 1):
        assert len(sanitize.outcomes([{"value": 1, "shape": []}] * number)) == limits.OUTCOMES
