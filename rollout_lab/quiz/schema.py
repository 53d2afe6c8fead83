"""Items: one schema for practice, self-check copies and graded quizzes.

An item is a TOML file with the fields of one of the classes below. Each wrong option of a question, wrong
implementation of an exercise and wrong answer to a task (of which quizzes have none) is a misconception.
"""

import ast
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources.abc import Traversable
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_type_hints

from msgspec import Meta, Struct, ValidationError, convert, field
from msgspec.structs import force_setattr, replace

from . import key

LETTERS = "ABCDEFGH"

T = TypeVar("T")
Text = Annotated[str, Meta(min_length=1)]
Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9]*([-_][a-z0-9]+)*$")]
Letter = Annotated[str, Meta(pattern="^[A-H]$")]
Anchor = Annotated[str, Meta(pattern="^[0-9]{2}_[a-z0-9_]+#[a-z0-9-]+$")]
"""A section of a lesson: the lesson's file, and the section's title in small letters with hyphens."""
Credit = Annotated[float, Meta(ge=0, lt=1)]
"""The share of an item's points that a wrong answer earns."""
Positive = Annotated[float, Meta(gt=0)]
Names = Annotated[tuple[Text, ...], Meta(min_length=1)]
Places = Annotated[tuple[Annotated[int, Meta(ge=0)], ...], Meta(min_length=2)]

# For items from elsewhere: in the course's own every option has a diagnosis.
_NEUTRAL = "That is not the answer here. Read the question once more, then compare the other options."


class ItemError(ValueError):
    """An item file is broken; the message names the file, the field and what was expected."""


def normal_text(text: str) -> str:
    """Text in one line and in one Unicode form, so that texts that read the same are equal."""
    return " ".join(unicodedata.normalize("NFC", text).split())


class Expression(str):
    """A Python expression."""


class Strict(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a TOML file, which holds these fields and no others."""


class _Belief(Strict, kw_only=True, frozen=True):
    name: Name | None = field(name="misconception")
    diagnosis: Text
    lesson: Anchor


class Misconception(_Belief, kw_only=True, frozen=True):
    """A belief behind a wrong answer; without a name it is left out of counts."""

    credit: Credit = 0.0


class Option(Strict, kw_only=True, frozen=True):
    """One option of a question; `formerly` are the words that it had in notebooks handed out earlier."""

    letter: Letter
    text: Text
    formerly: tuple[Text, ...] = ()
    name: Name | None = field(name="misconception", default=None)
    diagnosis: Text | None = None
    lesson: Anchor | None = None
    credit: Credit | None = None

    @property
    def misconception(self) -> Misconception | None:
        """The belief of whoever chooses this option; None for the key."""
        diagnosis, lesson, credit = self.diagnosis, self.lesson, self.credit or 0.0
        if diagnosis is None or lesson is None:
            return None
        return Misconception(name=self.name, diagnosis=diagnosis, lesson=lesson, credit=credit)


class _Item(Strict, kw_only=True, frozen=True):
    id: Name
    objective: Text
    minutes: Positive
    difficulty: Literal[1, 2, 3]
    lesson: Anchor
    explanation: Text


class Question(_Item, kw_only=True, frozen=True):
    """A multiple-choice question; `key` is the letter of the right option.

    A `commissioned` one is asked in the words of whoever ordered the course.
    """

    kind: Literal["choice"]
    commissioned: bool = False
    stem: Text
    note: Text = ""
    hints: tuple[Text, ...] = ()
    key: Letter
    options: Annotated[tuple[Option, ...], Meta(min_length=2, max_length=8)]


class Example(Strict, frozen=True):
    """The worked example of an exercise."""

    arguments: Expression
    expected: Expression


class Probe(Strict, frozen=True):
    """The arguments of a call, and the promise that it tests; if `shown`, for showing to whoever fails it."""

    promise: Text
    arguments: Expression
    shown: bool = False


class Implementation(Misconception, kw_only=True, frozen=True):
    """A belief's code for an exercise; `twist`, a function, brings the belief into any other.

    What is not `counted` is no belief: it is diagnosed under its name, and left out of counts.
    """

    name: Name = field(name="misconception")
    counted: bool = True
    code: Text
    twist: Expression | None = None


class Exercise(_Item, kw_only=True, frozen=True):
    """A function that the student writes, with all that is needed to judge it by its behaviour."""

    kind: Literal["function"]
    statement: Text
    starter: Text
    reference: Text
    hints: tuple[Text, ...] = ()
    compare: Literal["close", "path"] = "close"
    library_versions: tuple[Text, ...] = ()
    example: Example
    promises: Annotated[dict[str, Text], Meta(min_length=1)]
    probes: Annotated[tuple[Probe, ...], Meta(min_length=2)]
    misconceptions: Annotated[tuple[Implementation, ...], Meta(min_length=4)]

    def __hash__(self) -> int:  # the promises are a dictionary, which has none
        return hash((self.id, self.reference))


class Matrix(Strict, frozen=True):
    """A matrix that an item shows: `values` as they are read, such as `"1/2"`; `"?"` is to be found."""

    name: Text
    rows: Names
    values: Annotated[tuple[Names, ...], Meta(min_length=1)]
    columns: Names = ()

    def __post_init__(self) -> None:
        force_setattr(self, "columns", self.columns or self.rows)

    def hole(self) -> tuple[int, int] | None:
        """Row and column of the `"?"`, or None."""
        places = ((i, j) for i, row in enumerate(self.values) for j, text in enumerate(row) if text == "?")
        return next(places, None)


class WrongNumber(_Belief, kw_only=True, frozen=True):
    """A number that a belief leads to; `computed` is for tests alone."""

    answer: float
    computed: Expression


class WrongPlaces(_Belief, kw_only=True, frozen=True):
    """An order or an entry that a belief leads to."""

    answer: Places
    computed: Expression | None = None


class _Task(_Item, kw_only=True, frozen=True):
    """A practice item that is answered by doing; `otherwise` is for wrong answers that no belief leads to."""

    stem: Text
    otherwise: Text
    matrices: Annotated[tuple[Matrix, ...], Meta(min_length=1)] = ()


class NumberTask(_Task, kw_only=True, frozen=True):
    """Find a number; it is right within `tolerance`."""

    kind: Literal["number"]
    key: float
    computed: Expression
    tolerance: Positive
    misconceptions: Annotated[tuple[WrongNumber, ...], Meta(min_length=1)]


class OrderTask(_Task, kw_only=True, frozen=True):
    """Bring pieces into order; `key` holds their places in the right order."""

    kind: Literal["order"]
    pieces: Annotated[tuple[Text, ...], Meta(min_length=3, max_length=8)]
    key: Places
    computed: Expression | None = None
    misconceptions: Annotated[tuple[WrongPlaces, ...], Meta(min_length=1)]


class EntryTask(_Task, kw_only=True, frozen=True):
    """Point at an entry of the one matrix; `key` is its row and its column."""

    kind: Literal["entry"]
    matrices: Annotated[tuple[Matrix, ...], Meta(min_length=1, max_length=1)]
    key: Annotated[Places, Meta(max_length=2)]
    computed: Expression | None = None
    misconceptions: Annotated[tuple[WrongPlaces, ...], Meta(min_length=1)]


class Input(key.Input, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The array that breaks a function, and what the statement promises of it."""


class Agreement(_Belief, kw_only=True, frozen=True):
    """Why an input breaks nothing: `when`, an expression over the input's name, np and `wrong`, is true."""

    when: Expression


class Missed(Strict, frozen=True):
    """An input that earns nothing, for tests, and the name of what it shows."""

    input: Expression
    shows: Name | None = None


class BreakIt(_Item, kw_only=True, frozen=True):
    """A wrong `function`, for which an input is asked on which it goes wrong.

    It is the misconception `plays` of the exercise `function`, or, in lessons, its own code: `right` and
    `wrong`. `after` are arguments that follow the input. Lessons begin with the input `start`: `matrices` by
    name, whose rows and columns stand for `tokens`.
    """

    kind: Literal["break"]
    stem: Text
    function: Text
    plays: Name | None = None
    right: Text = ""
    wrong: Text = ""
    input: Input
    after: tuple[int, ...] = ()
    start: list[Any] = []
    matrices: tuple[Text, ...] = ()
    tokens: tuple[Text, ...] = ()
    hints: tuple[Text, ...] = ()
    otherwise: Text
    misconceptions: Annotated[tuple[Agreement, ...], Meta(min_length=1)]
    solutions: Annotated[tuple[Expression, ...], Meta(min_length=1)]
    non_solutions: Annotated[tuple[Missed, ...], Meta(min_length=1)]

    def __hash__(self) -> int:  # `start` is a list, which has none
        return hash(self.id)


BankItem = Question | Exercise | BreakIt
"""What a quiz may hold."""
Task = NumberTask | OrderTask | EntryTask
PracticeItem = Question | Task
"""What a lesson may ask."""
Item = Question | Exercise | BreakIt | Task
KINDS: dict[str, type[Item]] = {"choice": Question, "function": Exercise, "break": BreakIt}
KINDS |= {"number": NumberTask, "order": OrderTask, "entry": EntryTask}


def load_item(path: Path | Traversable) -> Item:
    """The item in a TOML file. Raises ItemError with the file's name, the field and what was expected."""
    return parse_item(read_toml(path), path.name)


def read_toml(path: Path | Traversable) -> dict[str, Any]:
    """What a TOML file holds. Raises ItemError with the file's name and the line."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ItemError(f"{path.name}: this is not valid TOML: {error}") from error


def parse_item(data: Mapping[str, Any], where: str) -> Item:
    """The item in a mapping as TOML gives it; `where` names its origin in error messages."""
    kind = KINDS.get(data.get("kind", ""))
    if kind is None:
        kinds = ", ".join(f'"{known}"' for known in KINDS)
        raise ItemError(f'{where}: field "kind" must be one of {kinds}, found {data.get("kind")!r}')
    item = typed(data, kind, where)
    if where.endswith(".toml") and where != f"{item.id}.toml":
        raise ItemError(f'{where}: field "id" is {item.id!r}, but the file is named {where!r}')
    for problem in _problems(item):
        raise ItemError(f"{where}: field {problem}")
    return _with_neutral_words(item) if isinstance(item, Question) else item


def _with_neutral_words(question: Question) -> Question:
    """The question with a diagnosis and a lesson for each wrong option."""
    options = list(question.options)
    for position, option in enumerate(options):
        if option.letter != question.key:
            diagnosis, lesson = option.diagnosis or _NEUTRAL, option.lesson or question.lesson
            options[position] = replace(option, diagnosis=diagnosis, lesson=lesson)
    return replace(question, options=tuple(options))


_TYPES = {"float": "number", "int": "integer", "str": "string", "bool": "boolean"}
_WORDS = (
    (r"Object missing required field `(.+)`", "must contain ['{0}']"),
    (r"Object contains unknown field `(.+)`", "must not contain {{'{0}'}}, but may contain {known}"),
    (r"Invalid enum value .*", "must be one of {choices}"),
    (r"Expected `str` of length >= (\d+)", "must be longer than or equal to {0} characters"),
    (r"Expected `.+` of length >= (\d+)", "must contain at least {0} items"),
    (r"Expected `.+` of length <= (\d+)", "must contain less than or equal to {0} items"),
    (r"Expected `str.*` matching regex '(.+)'", "must match pattern {0}"),
    (r"Expected `.+` > ([\d.]+)", "must be bigger than {0}"),
    (r"Expected `.+` >= ([\d.]+)", "must be bigger than or equal to {0}"),
    (r"Expected `.+` < ([\d.]+)", "must be less than {0}"),
    (r"Expected `(\w+).*`, got .*", "must be {type}"),
)


def _expression(kind: type, text: object) -> Expression:
    if not isinstance(text, str):
        raise ValueError("must be string")
    try:
        ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise ValueError(f"is not Python: {error}") from error
    return Expression(text)


def typed(data: Mapping[str, Any], kind: type[T], where: str) -> T:
    """What a file holds as an instance of a class. Raises ItemError in our words, with the field first."""
    try:
        return convert(data, kind, dec_hook=_expression)
    except ValidationError as error:
        problem, _, path = str(error).partition(" - at `$.")
    place = path.rstrip("`")
    hint = get_type_hints(kind).get(re.split(r"\W", place)[0], kind)  # of options[0].text: that of options
    choices = list(get_args(hint))
    table = choices[0] if choices else hint
    for pattern, words in _WORDS:
        if found := re.fullmatch(pattern, problem):
            first = found[1].removesuffix(".0") if found.groups() else ""
            known = ", ".join(getattr(table, "__struct_encode_fields__", ()))
            problem = words.format(first, known=known, choices=choices, type=_TYPES.get(first, first))
            break
    raise ItemError(f"{where}: {f'field {place}' if place else 'the file'} {problem}")


def _problems(item: Item) -> Iterator[str]:
    """What types cannot say: each thing that is wrong with an item, beginning with the field."""
    if isinstance(item, Question):
        yield from _question_problems(item)
        return
    yield from _twice([belief.name for belief in item.misconceptions], "misconceptions: the misconception")
    if isinstance(item, BreakIt):
        yield from _break_problems(item)
    else:
        yield from _exercise_problems(item) if isinstance(item, Exercise) else _task_problems(item)


def _question_problems(question: Question) -> Iterator[str]:
    letters = [option.letter for option in question.options]
    if letters != list(LETTERS[: len(letters)]):
        yield f"options: the letters must run A, B, C, ..., found {letters}"
    if question.key not in letters:
        yield f"key is {question.key!r}, but the options are {letters}"
    for position, option in enumerate(question.options):
        place, belief = f"options[{position}]", ("diagnosis", "lesson", "credit")
        carried = [each for each in belief if getattr(option, each) is not None]
        if option.letter == question.key:
            if option.name or carried:
                yield f"{place}: the right option carries no misconception and no diagnosis"
        elif option.name:
            for needed in [each for each in ("diagnosis", "lesson") if each not in carried]:
                yield f"{place}.{needed} is missing: a named misconception needs one"
        elif carried and carried != ["diagnosis"]:
            yield (
                f"{place}.{carried[-1]}: the option names no misconception. Name one, or leave this out if "
                "the option carries no belief"
            )
    yield from _twice([option.name for option in question.options], "options: the misconception")
    texts = [normal_text(text) for option in question.options for text in (option.text, *option.formerly)]
    yield from _twice(texts, "options: the text")


def _exercise_problems(exercise: Exercise) -> Iterator[str]:
    promises = sorted(exercise.promises)
    for position, probe in enumerate(exercise.probes):
        if probe.promise not in promises:
            yield f"probes[{position}].promise is {probe.promise!r}, but the promises are {promises}"
    if untested := sorted(exercise.promises.keys() - {probe.promise for probe in exercise.probes}):
        yield f"probes: no probe tests the promises {untested}"
    if len({probe.shown for probe in exercise.probes}) < 2:
        yield "probes: some must be shown (shown = true) and some hidden"
    codes = {"starter": exercise.starter, "reference": exercise.starter + exercise.reference}
    codes |= {f"misconceptions[{i}].code": belief.code for i, belief in enumerate(exercise.misconceptions)}
    for place, code in codes.items():
        try:
            tree = ast.parse(code)
            compile(tree, place, "exec")  # which finds, say, a `return` outside the function
        except SyntaxError as error:
            yield f"{place} is not Python: {error}"
        else:
            if exercise.id not in [getattr(node, "name", None) for node in tree.body]:
                yield f"{place} does not define {exercise.id}(...)"


def _break_problems(item: BreakIt) -> Iterator[str]:
    sides = (len(item.input.least), len(item.input.most))
    if sides[0] != sides[1] or not sides[0]:
        yield f"input: least and most must have a number for each axis, found {sides[0]} and {sides[1]}"
    if not (item.plays or (item.right and item.wrong and item.start)):
        yield "plays: name the misconception of the exercise, or give right, wrong and start for a lesson"


def _task_problems(task: Task) -> Iterator[str]:
    for position, matrix in enumerate(task.matrices):
        lengths = [len(row) for row in matrix.values]
        if lengths != [len(matrix.columns)] * len(matrix.rows):
            yield (
                f"matrices[{position}].values has rows of {lengths} entries, but there are "
                f"{len(matrix.rows)} rows and {len(matrix.columns)} columns"
            )
    answers: dict[str, Any] = {"key": task.key}
    beliefs: Sequence[WrongNumber | WrongPlaces] = task.misconceptions
    answers |= {f"misconceptions[{i}].answer": belief.answer for i, belief in enumerate(beliefs)}
    if not isinstance(task, NumberTask):
        answers = {place: list(answer) for place, answer in answers.items()}
    for place, answer in answers.items():
        if isinstance(task, OrderTask) and sorted(answer) != list(range(len(task.pieces))):
            yield f"{place} must hold each of 0 to {len(task.pieces) - 1} once, found {answer}"
        elif isinstance(task, EntryTask):
            shape = (len(task.matrices[0].rows), len(task.matrices[0].columns))
            if len(answer) != 2 or answer[0] >= shape[0] or answer[1] >= shape[1]:
                yield f"{place} must be a row and a column of a {shape} matrix, found {answer}"
    if isinstance(task, OrderTask) and list(task.key) == sorted(task.key):
        yield "key: the pieces stand in the right order already"
    for (place, one), (other_place, other) in combinations(answers.items(), 2):
        if abs(one - other) <= 2 * task.tolerance if isinstance(task, NumberTask) else one == other:
            yield f"{other_place} is {other}, too near to {place}, {one}"


def _twice(texts: Sequence[str | None], what: str) -> Iterator[str]:
    for position, text in enumerate(texts):
        if text is not None and text in texts[:position]:
            yield f"{what} {text!r} stands twice"
