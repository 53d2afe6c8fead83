"""Every answer on the shelves is judged as it should be: right however written, wrong and told why."""

import math
import re

import numpy as np
import pytest

from rollout_lab.classroom.build.bank import define, overriding
from rollout_lab.quiz.python_mistakes import (
    ANOTHER_SHAPE,
    IGNORES_ITS_ARGUMENT,
    MODIFIES_ITS_ARGUMENT,
    NOT_THE_SAME_TWICE,
)
from rollout_lab.quiz.scoring import render

from .judging import COURSE, EXERCISES, SEEDS, function_key, named, verdict_on_function
from .shelves import right_answers, wrong_answers

each_exercise = pytest.mark.parametrize("exercise", **named(EXERCISES))
RIGHT = [answer for exercise in EXERCISES for answer in right_answers(exercise.id)]
WRONG = [answer for exercise in EXERCISES for answer in wrong_answers(exercise.id)]
MISTAKES = (NOT_THE_SAME_TWICE, IGNORES_ITS_ARGUMENT, ANOTHER_SHAPE, MODIFIES_ITS_ARGUMENT)
UNKNOWN = "counterexample"


def credit_of(exercise, finding):
    """What an answer earns by what is found in it: each of two mistakes takes its share."""
    if finding == UNKNOWN:
        return 0.0
    credits = {belief.name: belief.credit for belief in COURSE.items[exercise].misconceptions}
    credits |= {mistake.name: mistake.credit for mistake in MISTAKES}
    return math.prod(credits[name] for name in finding.split("+"))


def counted_in(answer):
    """The names under which what is found in an answer is counted."""
    beliefs = COURSE.items[answer.exercise].misconceptions
    return set(answer.finding.split("+")) - {each.name for each in beliefs if not each.counted} or {UNKNOWN}


# Right


@each_exercise
def test_the_right_answers_are_twelve_or_more_from_as_many_minds(exercise):
    answers = right_answers(exercise.id)
    assert len({answer.heading for answer in answers}) == len(answers) >= 12
    assert len({answer.code for answer in answers}) == len(answers)


@pytest.mark.parametrize("seed", SEEDS[:3])
@pytest.mark.parametrize("answer", RIGHT, ids=str)
def test_a_right_answer_earns_full_marks_however_it_is_written(answer, seed):
    verdict = verdict_on_function(answer.exercise, answer.function(), seed)
    assert verdict.credit == 1.0, render(verdict)
    assert verdict.misconception is None


# Wrong


@each_exercise
def test_every_misconception_of_the_bank_is_on_the_shelf_in_another_coding(exercise):
    codes = {}
    for answer in wrong_answers(exercise.id):
        codes.setdefault(answer.finding, []).append(re.sub(r"\s", "", answer.code))
    for belief in exercise.misconceptions:
        assert belief.name in codes
        assert re.sub(r"\s", "", belief.code) not in codes[belief.name]


@each_exercise
def test_pairs_mistakes_of_python_and_what_nobody_foresaw_are_on_the_shelf_too(exercise):
    answers = wrong_answers(exercise.id)
    beliefs = {belief.name for belief in exercise.misconceptions}
    pairs = {a.finding for a in answers if "+" in a.finding and set(a.finding.split("+")) <= beliefs}
    assert len(pairs) >= 3
    assert len({a.finding for a in answers} & {mistake.name for mistake in MISTAKES}) >= 3
    assert sum(a.finding == UNKNOWN for a in answers) >= 6


@pytest.mark.parametrize("seed", SEEDS[:2])
@pytest.mark.parametrize("answer", WRONG, ids=str)
def test_a_wrong_answer_is_caught_and_told_why(answer, seed):
    np.random.seed(seed)  # noqa: NPY002 (what some answers draw from; two draws may come out alike)
    verdict = verdict_on_function(answer.exercise, answer.function(), seed)
    assert set((verdict.misconception or UNKNOWN).split("+")) == counted_in(answer), render(verdict)
    assert verdict.credit == credit_of(answer.exercise, answer.finding) < 1


@pytest.mark.parametrize("answer", [a for a in WRONG if a.finding == UNKNOWN], ids=str)
def test_what_nobody_foresaw_gets_a_counterexample_or_the_promise_it_breaks(answer):
    message = verdict_on_function(answer.exercise, answer.function()).message
    promises = COURSE.items[answer.exercise].promises.values()
    if "may be shown are among them" in message:
        assert any(f"- {promise}" in message for promise in promises)
    else:
        assert f"\n{answer.exercise}(" in message
        assert "\nexpected" in message
        assert "\nreturned" in message or "\nfailed with" in message


def test_most_of_what_nobody_foresaw_can_be_shown():
    unknown = [answer for answer in WRONG if answer.finding == UNKNOWN]
    messages = [verdict_on_function(answer.exercise, answer.function()).message for answer in unknown]
    assert sum("\nexpected" in message for message in messages) >= 0.85 * len(messages)


NUMERAL = r"\d*\.\d+(?:e-?\d+)?"


def numerals(values):
    """How the numbers of a call may be written; short ones occur anywhere and tell nothing."""
    numbers = [number for value in values for number in np.ravel(value).tolist()]
    return {
        text for n in numbers for text in (f"{n:.4g}", f"{n:.6g}", repr(n)) if len(text.strip("-0.")) >= 4
    }


@each_exercise
def test_nothing_that_is_said_shows_a_hidden_call(exercise):
    values = {"hidden": [], "shown": []}
    for probe in function_key(exercise.id).probes:
        values["shown" if probe.shown else "hidden"] += [*probe.arguments, probe.expected.value]
    secrets = numerals(values["hidden"]) - numerals(values["shown"])
    for answer in wrong_answers(exercise.id):
        said = render(verdict_on_function(exercise.id, answer.function()))
        returned = said.partition("returned")[2].partition("expected")[0]
        assert not secrets & (set(re.findall(NUMERAL, said)) - set(re.findall(NUMERAL, returned)))


# How pairs are built


@each_exercise
def test_a_twist_brings_its_own_misconception_into_the_reference(exercise):
    reference = define(exercise.starter + exercise.reference, exercise.id)
    twisted = [belief for belief in exercise.misconceptions if belief.twist]
    assert twisted
    for belief in twisted:
        function = eval(belief.twist, {"np": np, "overriding": overriding})(reference)
        assert verdict_on_function(exercise.id, function).message == belief.diagnosis.strip()


@each_exercise
def test_a_pair_that_comes_to_nothing_new_is_left_out(exercise):
    key = function_key(exercise.id)
    known = [belief.results for belief in key.misconceptions]
    found = [pair.results for pair in key.pairs]
    assert len(found) >= 10
    assert not any(results in known for results in found)
    assert len({str(results) for results in found}) == len(found)
