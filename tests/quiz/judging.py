"""The course's items, and the verdict on an answer to one of them, by the road that graded notebooks take."""

from functools import cache
from pathlib import Path

import numpy as np

import rollout_lab
import rollout_lab.faithfulness
import rollout_lab.models
from rollout_lab.classroom.build.bank import define, exercise_key, load_course, question_key
from rollout_lab.classroom.build.notebooks import section_titles
from rollout_lab.models.blank_out_study import load_blank_out
from rollout_lab.quiz.key import seal, unseal
from rollout_lab.quiz.running import call_on_probes
from rollout_lab.quiz.schema import BreakIt, Exercise, Prediction, Question
from rollout_lab.quiz.scoring import judge_choice, judge_function

ROOT = Path(__file__).parents[2]
BANK = ROOT / "quizzes" / "bank"
COURSE = load_course(BANK)
QUESTIONS = [item for item in COURSE.items.values() if isinstance(item, Question)]
EXERCISES = [item for item in COURSE.items.values() if isinstance(item, Exercise)]
BREAKS = [item for item in COURSE.items.values() if isinstance(item, BreakIt)]
SEEDS = [COURSE.seeds["probes"], 1, 2, 3, 4]
"""The course's own probe seed, and others that an instructor might choose."""

MATHEMATICS = {name: getattr(rollout_lab, name) for room in rollout_lab._NAMES.values() for name in room}
MATHEMATICS |= {name: getattr(rollout_lab.models, name) for name in rollout_lab.models.__all__}
MATHEMATICS |= {"np": np, "faithfulness": rollout_lab.faithfulness, "load_blank_out": load_blank_out}
"""What an item's `computed` may call."""


@cache
def function_key(name, seed=SEEDS[0]):
    return unseal(seal(exercise_key(COURSE.items[name], seed, COURSE.points(name))))


@cache
def choice_key(name, order="ABCD"):
    return unseal(seal(question_key(COURSE.items[name], order, COURSE.points(name))))


def verdict_on_function(name, function, seed=SEEDS[0]):
    key = function_key(name, seed)
    return judge_function(call_on_probes(function, key), key)


def verdict_on_code(name, code, seed=SEEDS[0]):
    return verdict_on_function(name, define(code, name), seed)


def verdict_on_choice(name, answer):
    return judge_choice(answer, choice_key(name))


def stub_of(exercise):
    """The exercise as a student gets it: the starter, not written yet."""
    return exercise.starter + "    raise NotImplementedError\n"


def beliefs_of(item):
    """The misconceptions of an item's wrong answers, also those without a name."""
    if isinstance(item, Question | Prediction):
        return [option.misconception for option in item.options if option.misconception is not None]
    return item.misconceptions


def check_sections(item):
    """Each section that an item sends its readers to is there."""
    for anchor in {item.lesson, *(belief.lesson for belief in beliefs_of(item))}:
        lesson, section = anchor.split("#")
        assert section in sections(lesson), anchor


def sections(lesson):
    """The anchors of a lesson's second-level headings."""
    return section_titles(ROOT / "course" / "text" / f"{lesson}.py").keys()


def named(items):
    """Items as pytest parameters that show their ids."""
    return {"argvalues": items, "ids": [item.id for item in items]}
