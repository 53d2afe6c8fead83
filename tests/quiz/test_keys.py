"""Sealed keys come back whole, and come out the same everywhere."""

from __future__ import annotations

import json
import math
import textwrap

from rollout_lab.classroom.build.bank import exercise_key, question_key
from rollout_lab.quiz.keys import seal, unseal

from .judging import COURSE, EXERCISES, QUESTIONS, function_key


def test_a_key_comes_back_as_it_was():
    for question in QUESTIONS:
        key = question_key(question, "ABCD", 1.0)
        assert unseal(seal(key)) == key
    for exercise in EXERCISES:
        key = exercise_key(exercise, 7, 2.0)
        assert repr(unseal(seal(key))) == repr(json.loads(json.dumps(key, sort_keys=True)))


def test_a_key_that_a_notebook_has_wrapped_comes_back():
    sealed = seal({"text": "A → C → B " * 50})
    assert unseal("\n" + "\n  ".join(textwrap.wrap(sealed, 40)) + "\n") == unseal(sealed)


def test_not_a_number_survives_the_seal():
    assert math.isnan(unseal(seal({"value": math.nan}))["value"])


def test_the_same_key_gives_the_same_string_whatever_its_order():
    assert seal({"a": 1, "b": [2, 3]}) == seal({"b": [2, 3], "a": 1})


def test_the_same_item_and_seed_give_the_same_string():
    for exercise in EXERCISES:
        assert seal(exercise_key(exercise, 3, 2.0)) == seal(exercise_key(exercise, 3, 2.0))


def test_another_probe_seed_draws_other_calls():
    for exercise in EXERCISES:
        assert function_key(exercise.id, 1)["probes"] != function_key(exercise.id, 2)["probes"]


def test_a_sealed_key_cannot_be_read_at_a_glance():
    question = COURSE.items["q1"]
    sealed = seal(question_key(question, "ABCD", 1.0))
    assert not any(word in sealed for word in ("Across", "multiple", question.explanation))
    assert sealed.isascii()


def test_a_key_is_small_enough_to_stand_in_a_notebook():
    assert max(len(seal(function_key(exercise.id))) for exercise in EXERCISES) < 20_000
