"""The private build: what one instructor keeps from students, laid over the public bank.

`quizzes/private.yml` is ignored by git. It may hold:

    seeds: {options: 7, probes: 12345}      # in which order options stand; which hidden calls are made
    points: {choice: 1, softmax: 4}         # by kind of item, or by item
    items: my_items                         # a folder beside this file with own items, in the bank's form
    assignments:                            # the items of a quiz, in place of the public list
      quiz1_single_layer_attention: [q1, my_question, softmax, my_exercise]

Each field may be left out. An own item with the name of one of the bank stands in its place.
"""

import contextlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from msgspec.structs import asdict, replace

from rollout_lab.quiz.breaking import break_key, define, judge_break, read_input
from rollout_lab.quiz.form import FormError, check_function
from rollout_lab.quiz.running import call_on_probes
from rollout_lab.quiz.schema import BankItem, BreakIt, Exercise, ItemError, Missed
from rollout_lab.quiz.scoring import judge_function

from .bank import Course, check_plan, exercise_key, load_course, load_items

FILE = "private.yml"
SOURCE = "private_source"  # the folder for nbgrader's source notebooks, in the place of `source`


def class_course(quizzes: Path) -> Course:
    """The course by which this instructor's class is graded: the bank, with the private file laid over it.

    Raises ItemError that names file and field when one of them is broken.
    """
    course, path = load_course(quizzes / "bank"), quizzes / FILE
    if not path.exists():
        return course
    try:
        plan = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ItemError(f"{FILE}: this is not valid YAML: {error}") from error
    plan = _mapping(plan, FILE, ("seeds", "points", "items", "assignments"))
    seeds, points, lists = (
        _mapping(plan.get(field), f"{FILE}: field {field}", known)
        for field, known in (
            ("seeds", ("options", "probes")),
            ("points", None),
            ("assignments", [assignment.name for assignment in course.assignments]),
        )
    )
    for name, names in lists.items():
        if not (isinstance(names, list) and names and all(isinstance(each, str) for each in names)):
            raise ItemError(
                f"{FILE}: field assignments.{name}: expected a list of item names such as [q1, softmax], "
                f"found {names!r}"
            )
    items = _own_items(plan.get("items"), quizzes)
    course = replace(
        course,
        assignments=tuple(replace(a, items=tuple(lists.get(a.name, a.items))) for a in course.assignments),
        items={**course.items, **items},
        worth={**course.worth, **points},
        seeds={**course.seeds, **seeds},
    )
    check_plan(course, FILE)
    for item in items.values():
        if isinstance(item, Exercise):
            check_exercise(item, course.seeds["probes"])
        elif isinstance(item, BreakIt):
            check_break(item, course.items)
    return course


def _mapping(given: Any, where: str, known: Sequence[str] | None) -> dict[str, Any]:
    """Names with values, {} where nothing is given; `known` are the names that there may be, None for any."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise ItemError(f"{where}: expected names with values, such as {{name: value}}, found {given!r}")
    for name in given:
        if not isinstance(name, str) or (known is not None and name not in known):
            expected = "a name" if known is None else f"one of {', '.join(known)}"
            raise ItemError(f"{where}: there is no {name!r} here; expected {expected}")
    return given


def _own_items(name: Any, quizzes: Path) -> dict[str, BankItem]:
    if name is None:
        return {}
    if not isinstance(name, str) or not (quizzes / name).is_dir():
        raise ItemError(
            f"{FILE}: field items: expected a folder beside this file with an item in each .toml file, "
            f"found {name!r}"
        )
    return load_items(quizzes / name)


def check_exercise(exercise: Exercise, seed: int) -> None:
    """Raise ItemError unless an exercise judges its own solutions as it says; tests see to the bank's."""
    where = f"{exercise.id}.toml: field"
    try:
        key = exercise_key(exercise, seed, 1.0)
        reference = {exercise.id: define(exercise.starter + exercise.reference, exercise.id)}
        example = {name: eval(code, {"np": np}) for name, code in asdict(exercise.example).items()}
        with contextlib.redirect_stdout(io.StringIO()):
            check_function(exercise.id, reference, **example)
    except FormError as error:
        raise ItemError(f"{where} example: the reference does not pass it: {error}") from error
    except Exception as error:
        raise ItemError(f"{exercise.id}.toml: its code does not run: {error!r}") from error
    for position, probe in enumerate(key.probes):
        if probe.expected.error is not None:
            raise ItemError(
                f"{where} probes[{position % len(exercise.probes)}]: expected a result of the reference, "
                f"found {probe.expected.error}"
            )
    for position, belief in enumerate(exercise.misconceptions):
        verdict = judge_function(call_on_probes(define(belief.code, exercise.id), key), key)
        if (verdict.message, verdict.credit) != (belief.diagnosis.strip(), belief.credit):
            raise ItemError(
                f"{where} misconceptions[{position}].code: expected probes that tell it from the reference "
                f"and from the other misconceptions, but it is judged: {verdict.message}"
            )


def check_break(item: BreakIt, exercises: Mapping[str, BankItem]) -> None:
    """Raise ItemError unless an item to break judges its own examples as it says; tests see to the others."""
    key = break_key(item, exercises)
    for expected in (*item.solutions, *item.non_solutions):
        missed = expected if isinstance(expected, Missed) else None
        source = missed.input if missed else str(expected)
        verdict = judge_break(read_input(eval(source, {"np": np})), key)
        shows = (missed.shows or verdict.misconception) if missed else None
        if verdict.right is bool(missed) or shows != verdict.misconception:
            raise ItemError(f"{item.id}.toml: the input {source} is judged: {verdict.message}")
