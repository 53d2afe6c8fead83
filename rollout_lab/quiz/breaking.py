"""Judge an input on which a wrong function should go wrong: "break it".

An input is data from a stranger. It is read as plain numbers, without running any code of theirs, and checked
against the statement's promises before our own two functions, right and wrong, are run on it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec.structs import asdict

from .comparing import is_right
from .explaining import array_text, beside_expected
from .key import Agreement, BreakKey, Call, Input, Outcome, Probe
from .python_mistakes import Mistake
from .running import arguments_of, call
from .schema import BreakIt, Exercise
from .scoring import NO_ANSWER, Verdict

ROW_SUMS = 5e-3
"""How far from 1 a row's sum may lie."""
_MOST, _DEEPEST = 10_000, 6
_NUMBERS = tuple({kind for kind in np.sctypeDict.values() if np.dtype(kind).kind in "biuf"})
_NOT_GIVEN = "there is no input yet"

BREAKS_A_PROMISE = Mistake(
    "breaks-a-promise",
    0.0,
    "Your input is not what the statement promises, so a function may do with it what it likes.",
)
AGREE = Mistake(
    "both-functions-agree",
    0.0,
    "Both functions come to the same on your input, so it does not show what is wrong.",
)


class _NotNumbers(ValueError):
    """An answer is no array of numbers; the message says what it is."""


def read_input(answer: Any) -> Outcome:
    """An answer as numbers: an array, or nested lists and tuples. No code of the student's runs."""
    if answer is None:
        return Outcome(error=_NOT_GIVEN)
    try:
        value, _room = _plain(answer, _DEEPEST, _MOST)
        shape = _shape(value)
    except _NotNumbers as error:
        return Outcome(error=str(error))
    return Outcome(value, shape)


def _plain(value: Any, depth: int, room: int) -> tuple[Any, int]:
    """Nested lists of floats, and for how many more numbers there is room."""
    if issubclass(type(value), np.ndarray):  # isinstance would ask the value itself
        array = np.ndarray.view(value, np.ndarray)  # a class of the student's may have methods of its own
        if array.size > room or array.dtype.kind not in "biufO":
            raise _NotNumbers(f"it is an array of shape {array.shape} and dtype {array.dtype}")
        value = array.tolist()
    if type(value) in (list, tuple):
        if not depth or len(value) > room:
            raise _NotNumbers("it is nested too deeply or too long")
        items = []
        for each in value:
            item, room = _plain(each, depth - 1, room)
            items.append(item)
        return items, room - (not items)
    if type(value) not in (bool, int, float, *_NUMBERS):
        raise _NotNumbers("it holds something that is no number")
    if room <= 0:
        raise _NotNumbers("it holds too many numbers")
    try:
        return float(value), room - 1
    except OverflowError:
        raise _NotNumbers("it holds a number that is too large") from None


def _shape(value: Any) -> list[int]:
    if not isinstance(value, list):
        return []
    shapes = [_shape(each) for each in value]
    if any(shape != shapes[0] for shape in shapes):
        raise _NotNumbers("its rows are not all equally long")
    return [len(value), *(shapes[0] if shapes else [])]


def promises(wanted: Input) -> str:
    """What the statement promises of an input, in Markdown."""
    names = ["L", "M", "N"][-len(wanted.least) :]
    if wanted.square:
        names[-2] = "N"
    shape = f"`({', '.join(names)}{',' * (len(names) == 1)})`"
    sides = dict(zip(names, zip(wanted.least, wanted.most, strict=True), strict=True))
    bounds = [f"{name} is {a}" if a == b else f"{name} is {a} to {b}" for name, (a, b) in sides.items()]
    numbers = f"numbers from {_number(wanted.low)} to {_number(wanted.high)}"
    rows = "; every row sums to 1" * wanted.stochastic
    return f"an array of shape {shape}, where {_and(bounds)}; {numbers}{rows}"


def _and(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def _number(value: float) -> str:
    return f"{value:,.10g}".replace(",", "\N{NO-BREAK SPACE}").replace("-", "−")


def broken_promise(given: Outcome, wanted: Input, row_name: Callable[..., str] | None = None) -> str:
    """Which promise an input breaks, "" if it keeps all; `row_name` says in words where a row stands."""
    if given.error is not None:
        return f"{wanted.name} must be an array of numbers, but {given.error}"
    shape, most = tuple(given.shape), wanted.most
    fits = len(shape) == len(most) and all(
        low <= side <= high for low, side, high in zip(wanted.least, shape, most, strict=True)
    )
    if not fits or (wanted.square and shape[-1] != shape[-2]):
        return f"{wanted.name} has the shape {shape}, but must be {promises(wanted).split(';')[0]}"
    array = np.array(given.value)
    outside = array[~((array >= wanted.low) & (array <= wanted.high))]
    if outside.size:
        low, high = _number(wanted.low), _number(wanted.high)
        return f"{wanted.name} holds {outside[0]:g}, but its numbers must be from {low} to {high}"
    sums = array.sum(axis=-1)
    if wanted.stochastic and (wrong := np.argwhere(np.abs(sums - 1) > ROW_SUMS)).size:
        place = tuple(wrong[0].tolist())
        row = row_name(*place) if row_name else f"{wanted.name}[{', '.join(map(str, place))}]"
        return f"{row} sums to {sums[place]:.4g}, but every row must sum to 1"
    return ""


def define(code: str, name: str) -> Callable[..., Any]:
    """The function `name` that a piece of item code defines; it may use np."""
    namespace: dict[str, Any] = {"np": np}
    exec(code, namespace)
    function: Callable[..., Any] = namespace[name]
    return function


def break_key(item: BreakIt, exercises: Mapping[str, Any], points: float = 1.0) -> BreakKey:
    """The key of an item; the exercise that it speaks of is among `exercises`, unless it has its own code."""
    right, wrong = functions_of(item, exercises)
    exercise = exercises.get(item.function)
    return BreakKey(
        item=item.id,
        points=points,
        lesson=item.lesson,
        explanation=item.explanation.strip(),
        function=item.function,
        right=right,
        wrong=wrong,
        compare=exercise.compare if isinstance(exercise, Exercise) and item.plays else "close",
        input=Input(**asdict(item.input)),
        after=list(item.after),
        agreements=[
            Agreement(
                name=str(each.name), when=str(each.when), diagnosis=each.diagnosis.strip(), lesson=each.lesson
            )
            for each in item.misconceptions
        ],
        otherwise=item.otherwise.strip(),
    )


def functions_of(item: BreakIt, exercises: Mapping[str, Any]) -> tuple[str, str]:
    """The code of the right function and of the wrong one. Raises LookupError where there is none."""
    if not item.plays:
        return item.right, item.wrong
    exercise = exercises[item.function]
    wrong = {belief.name: belief.code for belief in exercise.misconceptions}
    return exercise.starter + exercise.reference, wrong[item.plays]


@dataclass(frozen=True)
class Trial:
    """What the `wrong` function comes to on an input, the `probe` with what is right, and whether they part.

    `reason` says why they do not, if that is known.
    """

    wrong: Outcome
    probe: Probe
    parted: bool
    reason: Agreement | None = None


def try_out(given: Outcome, key: BreakKey) -> Trial:
    """Run our own two functions on an input that keeps the promises.

    They part if the right function's result is sound and the wrong one's is another.
    """
    arguments = [given.value, *key.after]
    right, wrong = (
        call(define(code, key.function), arguments_of(Call(arguments))) for code in (key.right, key.wrong)
    )
    sound = right.error is None and bool(np.isfinite(right.value).all())
    probe = Probe(arguments=arguments, promise="", expected=right)
    if sound and not is_right(wrong, probe, key):
        return Trial(wrong, probe, True)
    reasons = (each for each in key.agreements if _holds(each.when, given, wrong, key))
    return Trial(wrong, probe, False, next(reasons, None))


def judge_break(given: Outcome, key: BreakKey) -> Verdict:
    """Judge an input by what our own two functions come to on it."""
    answer = _shown(given)
    if given.error == _NOT_GIVEN:
        return Verdict(0.0, NO_ANSWER, "There is no input to judge.", lesson=key.lesson)
    if promise := broken_promise(given, key.input):
        said = f"{BREAKS_A_PROMISE.diagnosis} {promise}."
        return Verdict(0.0, answer, said, BREAKS_A_PROMISE.name, key.lesson)
    trial = try_out(given, key)
    labels = ("The function of the question gives", "Right is")
    both = "\n".join(beside_expected(trial.wrong, trial.probe, key.compare, labels))
    if trial.parted:
        return Verdict(1.0, answer, f"It goes wrong on your input.\n{both}\n{key.explanation}")
    if reason := trial.reason:
        return Verdict(0.0, answer, f"{reason.diagnosis}\n{both}", reason.name, reason.lesson)
    return Verdict(0.0, answer, f"{AGREE.diagnosis} {key.otherwise}\n{both}", AGREE.name, key.lesson)


def _holds(when: str, given: Outcome, wrong: Outcome, key: BreakKey) -> bool:
    try:
        names = {"np": np, key.input.name: np.array(given.value), "wrong": wrong.value}
        return bool(eval(when, names))
    except Exception:  # of an expression that asks for more than this input has
        return False


def _shown(given: Outcome) -> str:
    if given.error is not None:
        return "no array of numbers"
    text = re.sub(r"\[ +", "[", " ".join(array_text(np.array(given.value), 6).split()))
    return text if len(text) <= 400 and "[" in text else f"an array of shape {tuple(given.shape)}"
