"""Read the item bank and the course plan, and turn items into keys."""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import field
from msgspec.structs import asdict

from rollout_lab.quiz.breaking import define, functions_of
from rollout_lab.quiz.comparing import digest
from rollout_lab.quiz.key import Belief, Call, ChoiceKey, FunctionKey, KeyOption, Outcome, Pair, Probe
from rollout_lab.quiz.running import arguments_of, call
from rollout_lab.quiz.schema import (
    LETTERS,
    BankItem,
    BreakIt,
    Exercise,
    ItemError,
    Option,
    Question,
    Strict,
    load_item,
    read_toml,
    typed,
)
from rollout_lab.quiz.scoring import judge_function

PLAN = "course.toml"
_KINDS = ("choice", "function", "break")


class Assignment(Strict, frozen=True):
    """One quiz notebook: its name, title, the lesson it follows and its items in order."""

    name: str
    title: str
    lesson: str
    items: tuple[str, ...]


class Plan(Strict, frozen=True, kw_only=True):
    """What `course.toml` says; `course_id` is the course's name in nbgrader, `subject` what it is about.

    `worth` holds points by kind of item, and by item where an item is worth something else.
    """

    course_id: str
    subject: str = "the subject"
    worth: Mapping[str, float] = field(name="points")
    seeds: Mapping[str, int]
    assignments: tuple[Assignment, ...]


class Course(Plan, frozen=True, kw_only=True):
    """A plan with the items of the bank by id."""

    items: Mapping[str, BankItem]

    def points(self, item: str) -> float:
        """What full marks on an item are worth."""
        return float(self.worth.get(item, self.worth[self.items[item].kind]))


def load_course(folder: Path) -> Course:
    """The course in `folder` (`quizzes/bank`): `course.toml` and one TOML file per item.

    Raises ItemError when a file is broken or the plan does not fit the items.
    """
    plan = typed(read_toml(folder / PLAN), Plan, PLAN)
    course = Course(**asdict(plan), items=load_items(folder))
    check_plan(course, PLAN)
    return course


def load_items(folder: Path) -> dict[str, BankItem]:
    """The items in a folder by id, a TOML file each."""
    items: dict[str, BankItem] = {}
    for path in sorted(path for path in folder.glob("*.toml") if path.name != PLAN):
        item = load_item(path)
        if not isinstance(item, BankItem):
            raise ItemError(f'{path.name}: kind "{item.kind}" is for practice alone, not for a quiz')
        if not item.id.isidentifier():
            raise ItemError(f'{path.name}: field "id": expected letters, digits and _, found {item.id!r}')
        items[item.id] = item
    return items


def check_plan(course: Course, where: str) -> None:
    """Raise ItemError unless items, points and seeds that the plan in the file `where` names are sound."""
    for assignment in course.assignments:
        for item in assignment.items:
            if item not in course.items:
                raise ItemError(f"{where}: {assignment.name} asks for {item!r}, but there is no {item}.toml")
            if assignment.items.count(item) > 1:
                raise ItemError(f"{where}: {assignment.name} asks for {item!r} twice")
            _check_break(course, course.items[item])
            if not {item, course.items[item].kind} & course.worth.keys():
                raise ItemError(f"{where}: field points: expected points for {course.items[item].kind!r}")
    for name, points in course.worth.items():
        if name not in (*_KINDS, *course.items):
            kinds = ", ".join(_KINDS)
            raise ItemError(f"{where}: field points.{name}: expected a kind ({kinds}) or the id of an item")
        if isinstance(points, bool) or not isinstance(points, int | float) or not 0 < points < math.inf:
            raise ItemError(f"{where}: field points.{name}: expected a number above 0, found {points!r}")
    for name, seed in course.seeds.items():
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise ItemError(f"{where}: field seeds.{name}: expected a whole number from 0, found {seed!r}")


def _check_break(course: Course, item: BankItem) -> None:
    """Raise ItemError if an item plays a misconception that its exercise does not have."""
    if isinstance(item, BreakIt):
        try:
            functions_of(item, course.items)
        except (LookupError, AttributeError):
            raise ItemError(
                f"{item.id}.toml: field plays: there is no exercise {item.function!r} with a misconception "
                f"{item.plays!r}"
            ) from None


def option_orders(course: Course, seed: int) -> dict[str, str]:
    """For each question the bank's letters in the order in which the options are shown.

    `"CABD"` shows the bank's option C under the letter A. Over the questions of the course the shown letters
    of the keys are as balanced as they can be; in a quiz of n questions no letter comes more than ceil(n / 4)
    times. Commissioned questions are drawn first: what is asked beside them does not move their options.
    """
    draw = random.Random(seed)
    quizzes = [
        [q for name in a.items if isinstance(q := course.items[name], Question)] for a in course.assignments
    ]
    orders: dict[str, str] = {}
    shown: dict[str, str] = {}
    for block in (True, False):
        some = [question for quiz in quizzes for question in quiz if question.commissioned == block]
        shown |= _drawn_letters(some, shown, quizzes, draw)
        orders |= _drawn_orders(some, shown, draw)
    return orders


def _drawn_letters(
    some: Sequence[Question],
    given: Mapping[str, str],
    quizzes: Sequence[Sequence[Question]],
    draw: random.Random,
) -> dict[str, str]:
    """Letters for the keys of some questions; `given` are those of others."""
    letters = {question.id: [option.letter for option in question.options] for question in some}
    least, best = math.inf, {}
    # Letters are drawn until they are balanced, so that every balanced choice is equally likely: letters
    # dealt out in turn would let students guess the last ones. Of eight questions in quizzes of 2, 4 and 2
    # one draw in 114 is balanced; 20,000 draws (half a second) leave room for many more questions. Where
    # nothing can be balanced, as with few options, the best draw counts.
    for _attempt in range(20_000):
        shown = {question.id: draw.choice(letters[question.id]) for question in some}
        uneven = _unevenness({**given, **shown}, quizzes)
        if uneven < least:
            least, best = uneven, shown
        if not uneven:
            break
    return best


def _drawn_orders(some: Sequence[Question], shown: Mapping[str, str], draw: random.Random) -> dict[str, str]:
    """The options of questions in an order that shows each key under its letter."""
    orders, letters = {}, {question.id: [option.letter for option in question.options] for question in some}
    for question in some:
        others = [letter for letter in letters[question.id] if letter != question.key]
        draw.shuffle(others)
        others.insert(letters[question.id].index(shown[question.id]), question.key)
        orders[question.id] = "".join(others)
    return orders


def _unevenness(shown: Mapping[str, str], quizzes: Sequence[Sequence[Question]]) -> int:
    """How far the letters of the keys are from balance, and how often one comes too often within a quiz."""
    counts = [list(shown.values()).count(letter) for letter in "ABCD"]
    again = 0
    for quiz in quizzes:
        letters = [shown[question.id] for question in quiz if question.id in shown]
        again += sum(max(0, letters.count(each) - math.ceil(len(letters) / 4)) for each in set(letters))
    return max(0, max(counts) - min(counts) - 1) + again


def shown_options(question: Question, order: str) -> dict[str, Option]:
    """The options by the letters under which they are shown."""
    by_letter = {option.letter: option for option in question.options}
    return {shown: by_letter[letter] for shown, letter in zip(LETTERS, order, strict=False)}


def question_key(question: Question, order: str, points: float) -> ChoiceKey:
    """The key of a question whose options are shown in `order`."""
    return ChoiceKey(
        item=question.id,
        points=points,
        commissioned=question.commissioned,
        explanation=question.explanation.strip(),
        options={shown: _key_option(option) for shown, option in shown_options(question, order).items()},
    )


def _key_option(option: Option) -> KeyOption:
    belief = option.misconception
    if belief is None:
        return KeyOption(text=option.text, right=True, formerly=list(option.formerly))
    return KeyOption(
        text=option.text,
        right=False,
        formerly=list(option.formerly),
        credit=belief.credit,
        misconception=belief.name,
        diagnosis=belief.diagnosis.strip(),
        lesson=belief.lesson,
    )


def exercise_key(exercise: Exercise, seed: int, points: float) -> FunctionKey:
    """The key of an exercise: probes drawn from `seed`, the expected and the misconceived results."""
    drawn = [_rounded(probe_arguments(p.arguments, seed + 1000 * n)) for n, p in enumerate(exercise.probes)]
    reference = define(exercise.starter + exercise.reference, exercise.id)
    probes = [
        Probe(arguments=arguments, shown=probe.shown, promise=probe.promise, expected=outcome)
        for arguments, probe, outcome in zip(drawn, exercise.probes, _outcomes(reference, drawn), strict=True)
    ]
    probes.append(probes[0])  # the first call again: does it come to the same?
    drawn.append(drawn[0])
    beliefs = {belief.name: define(belief.code, exercise.id) for belief in exercise.misconceptions}
    key = FunctionKey(
        item=exercise.id,
        points=points,
        compare=exercise.compare,
        lesson=exercise.lesson,
        explanation=exercise.explanation.strip(),
        library_versions=list(exercise.library_versions),
        promises=dict(exercise.promises),
        probes=probes,
        misconceptions=[
            Belief(
                name=belief.name,
                credit=belief.credit,
                diagnosis=belief.diagnosis.strip(),
                lesson=belief.lesson,
                counted=belief.counted,
                results=list(map(digest, _outcomes(beliefs[belief.name], drawn))),
            )
            for belief in exercise.misconceptions
        ],
    )
    for belief in exercise.misconceptions:
        if belief.twist:
            twist = eval(belief.twist, {"np": np, "overriding": overriding})
            for other, function in beliefs.items():
                outcomes = _outcomes(twist(function), drawn)
                if other != belief.name and _is_news(outcomes, key):
                    key.pairs.append(Pair((belief.name, other), list(map(digest, outcomes))))
    return key


def _is_news(outcomes: Sequence[Outcome], key: FunctionKey) -> bool:
    """Whether a pair of misconceptions comes to results enough, and to none that are right or known."""
    if sum(outcome.error is None for outcome in outcomes) < 3:
        return False
    verdict = judge_function(outcomes, key)
    return not verdict.credit and verdict.misconception is None


def stochastic(rng: np.random.Generator, *shape: int, sharpness: float = 1.5) -> np.ndarray:
    """Random row-stochastic matrices: entries positive, the last axis sums to 1."""
    weights = np.exp(sharpness * rng.normal(size=shape))
    return weights / weights.sum(axis=-1, keepdims=True)


def relabelled(rng: np.random.Generator, layers: np.ndarray, output: int, source: int) -> list[Any]:
    """Layers (L, N, N) and two positions, all reordered: paths that do not tie go on not to tie."""
    order = rng.permutation(layers.shape[-1])
    places = np.argsort(order)
    return [layers[:, order][:, :, order], int(places[output]), int(places[source])]


def probe_arguments(expression: str, seed: int) -> list[Any]:
    """The arguments that a probe's expression makes; it may use np, rng, stochastic and relabelled."""
    names = {"stochastic": stochastic, "relabelled": relabelled}
    return eval(expression, {"np": np, "rng": np.random.default_rng(seed), **names})


def overriding(array: np.ndarray, **methods: Callable[..., Any]) -> np.ndarray:
    """A view of an array with other methods, for twists: one that never divides, say.

    >>> overriding(np.ones(2), __truediv__=lambda a, _other: a) / 2
    overriding([1., 1.])
    """
    return array.view(type("overriding", (np.ndarray,), methods))


def _outcomes(function: Callable[..., Any], calls: Sequence[list[Any]]) -> list[Outcome]:
    return [_short(call(function, arguments_of(Call(arguments)))) for arguments in calls]


def _short(outcome: Outcome) -> Outcome:
    if outcome.error is not None:
        return Outcome(error=outcome.error.split(":")[0])
    return Outcome(_rounded(outcome.value), outcome.shape)


def _rounded(value: Any) -> Any:
    """Arrays as nested lists with seven significant digits: short, and the same on every machine."""
    if isinstance(value, np.ndarray | list | tuple):
        return [_rounded(v) for v in (value.tolist() if isinstance(value, np.ndarray) else value)]
    return float(f"{value:.7g}") if isinstance(value, float) else value
