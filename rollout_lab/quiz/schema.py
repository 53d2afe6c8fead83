"""Items: one schema for practice, self-check copies and graded quizzes.

An item is a TOML file. A question (``kind = "choice"``) has options, an exercise
(``kind = "function"``) has implementations, a task (``kind = "number"``, ``"order"`` or ``"entry"``,
for practice alone) has answers; a wrong option, implementation or answer are the same thing, a
misconception with a name, a diagnosis and the lesson section that repairs it.
"""

from __future__ import annotations

import ast
import json
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import combinations
from pathlib import Path
from typing import Any

LETTERS = "ABCDEFGH"


class ItemError(ValueError):
    """An item file is broken; the message names the file, the field and what was expected."""


def normal_text(text: str) -> str:
    r"""A text in one line and in one form of its characters: what texts that read the same have in common.

    >>> normal_text("e\u0301t\u00e9 \r\n  ici") == normal_text("\u00e9te\u0301 ici")
    True
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


@dataclass(frozen=True)
class Misconception:
    """A belief behind a wrong answer.

    ``name`` is None for an option that carries no belief (it has words of its own all the same, and is
    left out of counts). ``credit`` is the share of the item's points that the answer earns.
    Exercises only: ``code`` is the implementation that the belief leads to; ``twist``, where there
    is one, is an expression for a function that brings the belief into any implementation, so that
    pairs of beliefs can be built.
    """

    name: str | None
    diagnosis: str
    lesson: str
    credit: float = 0.0
    code: str | None = None
    twist: str | None = None


@dataclass(frozen=True)
class Option:
    """One option of a question; ``misconception`` is None for the key.

    ``formerly`` are the words that it had when earlier notebooks were handed out.
    """

    letter: str
    text: str
    misconception: Misconception | None
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A multiple-choice question; ``key`` is the letter of the right option."""

    id: str
    objective: str
    minutes: float
    difficulty: int
    lesson: str
    stem: str
    explanation: str
    key: str
    options: tuple[Option, ...]
    note: str = ""
    hints: tuple[str, ...] = ()
    kind: str = "choice"


@dataclass(frozen=True)
class Probe:
    """Arguments of one call, as an expression, and the promise of the statement that it tests.

    A call is hidden unless it is ``shown``: kept for showing to whoever gets it wrong.
    """

    promise: str
    arguments: str
    shown: bool = False


@dataclass(frozen=True)
class Exercise:
    """A function that the student writes, with all that is needed to judge it by its behaviour."""

    id: str
    objective: str
    minutes: float
    difficulty: int
    lesson: str
    statement: str
    starter: str
    reference: str
    explanation: str
    hints: tuple[str, ...]
    library_versions: tuple[str, ...]
    example_arguments: str
    example_expected: str
    promises: Mapping[str, str]
    probes: tuple[Probe, ...]
    misconceptions: tuple[Misconception, ...]
    compare: str = "close"
    stretch: bool = False
    kind: str = "function"

    def __hash__(self) -> int:  # the promises are a dictionary, which has none
        return hash((self.id, self.reference))


@dataclass(frozen=True)
class Matrix:
    """A matrix that an item shows: ``values`` as they are read, such as ``"1/2"``; ``"?"`` is to be found."""

    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]

    def hole(self) -> tuple[int, int] | None:
        """Row and column of the ``"?"``, or None."""
        places = ((i, j) for i, row in enumerate(self.values) for j, text in enumerate(row) if text == "?")
        return next(places, None)


@dataclass(frozen=True)
class Task:
    """A practice item that is answered by doing: find a number, bring pieces into order, point at an entry.

    ``key`` is the right answer: a number; the places of ``pieces`` in the right order; row and column of
    the one matrix. ``beliefs`` pairs each wrong answer that a belief leads to with that belief;
    ``otherwise`` is what any other wrong answer is told. ``computed`` are expressions for the key and for
    the answers of the beliefs, in this order, None where none is given: tests evaluate them, nothing else
    does. A number is right within ``tolerance``.
    """

    id: str
    kind: str
    objective: str
    minutes: float
    difficulty: int
    lesson: str
    stem: str
    explanation: str
    otherwise: str
    key: Any
    beliefs: tuple[tuple[Any, Misconception], ...]
    computed: tuple[str | None, ...]
    pieces: tuple[str, ...] = ()
    matrices: tuple[Matrix, ...] = ()
    tolerance: float = 0.0


Item = Question | Exercise | Task
TASKS = ("number", "order", "entry")

# For items from elsewhere: in the course's own every option has a diagnosis.
_NEUTRAL = "That is not the answer here. Read the question once more, then compare the other options."


@cache
def _validators():
    import fastjsonschema  # only builders and tests check items; students load checked ones

    schema = json.loads(resources.files(__package__).joinpath("item.schema.json").read_text("utf-8"))
    return {
        kind: fastjsonschema.compile({"definitions": schema["definitions"], **schema["definitions"][kind]})
        for kind in ("choice", "function", *TASKS)
    }


def load_item(path: Path | Any, *, check: bool = True) -> Item:
    """The item in a TOML file.

    ``path`` is a path or an importlib resource. With ``check=False`` the schema is not
    consulted, which saves the import of the validator for items that were checked when built.
    Raises ItemError with the file's name, the field and what was expected.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ItemError(f"{path.name}: this is not valid TOML: {error}") from error
    return parse_item(data, path.name, check=check)


def parse_item(data: Mapping[str, Any], where: str, *, check: bool = True) -> Item:
    """The item in a mapping as TOML gives it; ``where`` names its origin in error messages."""
    if check:
        _check(data, where)
    return {"choice": _question, "function": _exercise}.get(data["kind"], _task)(data)


def _check(data: Mapping[str, Any], where: str) -> None:
    from fastjsonschema import JsonSchemaValueException

    kind = data.get("kind")
    if kind not in _validators():
        kinds = ", ".join(f'"{known}"' for known in _validators())
        raise ItemError(f'{where}: field "kind" must be one of {kinds}, found {kind!r}')
    try:
        _validators()[kind](dict(data))
    except JsonSchemaValueException as error:
        raise ItemError(f"{where}: {error.message.replace('data.', 'field ', 1)}") from error
    if where.endswith(".toml") and where != f"{data['id']}.toml":
        raise ItemError(f'{where}: field "id" is {data["id"]!r}, but the file is named {where!r}')
    {"choice": _check_question, "function": _check_exercise}.get(kind, _check_task)(data, where)


def _check_question(data: Mapping[str, Any], where: str) -> None:
    letters = [option["letter"] for option in data["options"]]
    if letters != list(LETTERS[: len(letters)]):
        raise ItemError(f"{where}: field options: the letters must run A, B, C, ..., found {letters}")
    if data["key"] not in letters:
        raise ItemError(f"{where}: field key is {data['key']!r}, but the options are {letters}")
    for position, option in enumerate(data["options"]):
        field = f"{where}: field options[{position}]"
        carried = [name for name in ("lesson", "credit") if name in option]
        if option["letter"] == data["key"]:
            if "misconception" in option or "diagnosis" in option or carried:
                raise ItemError(f"{field}: the right option carries no misconception and no diagnosis")
        elif "misconception" in option:
            for needed in ("diagnosis", "lesson"):
                if needed not in option:
                    raise ItemError(f"{field}.{needed} is missing: a named misconception needs one")
            _check_credit(option, field)
        elif carried:
            raise ItemError(
                f"{field}.{carried[0]}: the option names no misconception. Name one, or leave this out if "
                "the option carries no belief"
            )
    _check_unique([o["misconception"] for o in data["options"] if "misconception" in o], where, "options")
    texts = [normal_text(text) for o in data["options"] for text in (o["text"], *o.get("formerly", ()))]
    if twice := [text for text in texts if texts.count(text) > 1]:
        raise ItemError(f"{where}: field options: the text {twice[0]!r} stands twice")


def _check_exercise(data: Mapping[str, Any], where: str) -> None:
    _check_unique([m["misconception"] for m in data["misconceptions"]], where, "misconceptions")
    untested = set(data["promises"])
    for position, probe in enumerate(data["probes"]):
        if probe["promise"] not in data["promises"]:
            raise ItemError(
                f"{where}: field probes[{position}].promise is {probe['promise']!r}, "
                f"but the promises are {sorted(data['promises'])}"
            )
        untested.discard(probe["promise"])
    if untested:
        raise ItemError(f"{where}: field probes: no probe tests the promises {sorted(untested)}")
    if len({probe.get("shown", False) for probe in data["probes"]}) < 2:
        raise ItemError(f"{where}: field probes: some must be shown (shown = true) and some hidden")
    for position, misconception in enumerate(data["misconceptions"]):
        _check_credit(misconception, f"{where}: field misconceptions[{position}]")
    fields = {"starter": data["starter"], "reference": data["starter"] + data["reference"]}
    fields |= {f"misconceptions[{i}].code": m["code"] for i, m in enumerate(data["misconceptions"])}
    for field, code in fields.items():
        defined = [getattr(node, "name", None) for node in _parse(code, "exec", where, field).body]
        if data["id"] not in defined:
            raise ItemError(f"{where}: field {field} does not define {data['id']}(...)")
    expressions = {f"probes[{i}].arguments": probe["arguments"] for i, probe in enumerate(data["probes"])}
    expressions |= {f"example.{name}": text for name, text in data["example"].items()}
    expressions |= {
        f"misconceptions[{i}].twist": m["twist"] for i, m in enumerate(data["misconceptions"]) if "twist" in m
    }
    for field, text in expressions.items():
        _parse(text, "eval", where, field)


def _check_task(data: Mapping[str, Any], where: str) -> None:
    _check_unique([m["misconception"] for m in data["misconceptions"]], where, "misconceptions")
    for position, matrix in enumerate(data.get("matrices", ())):
        shape, columns = [len(row) for row in matrix["values"]], matrix.get("columns", matrix["rows"])
        if shape != [len(columns)] * len(matrix["rows"]):
            raise ItemError(
                f"{where}: field matrices[{position}].values has rows of {shape} entries, but there are "
                f"{len(matrix['rows'])} rows and {len(columns)} columns"
            )
    answers = {"key": data["key"]}
    answers |= {f"misconceptions[{i}].answer": m["answer"] for i, m in enumerate(data["misconceptions"])}
    for field, answer in answers.items():
        _check_possible(answer, data, f"{where}: field {field}")
    if data["kind"] == "order" and data["key"] == sorted(data["key"]):
        raise ItemError(f"{where}: field key: the pieces stand in the right order already")
    for (field, one), (other_field, other) in combinations(answers.items(), 2):
        same = abs(one - other) <= 2 * data["tolerance"] if data["kind"] == "number" else one == other
        if same:
            raise ItemError(f"{where}: field {other_field} is {other}, too near to {field}, {one}")
    sources = {"computed": data.get("computed")}
    sources |= {
        f"misconceptions[{i}].computed": m.get("computed") for i, m in enumerate(data["misconceptions"])
    }
    for field, code in sources.items():
        if code is not None:
            _parse(code, "eval", where, field)


def _check_possible(answer: Any, data: Mapping[str, Any], field: str) -> None:
    if data["kind"] == "order" and sorted(answer) != list(range(len(data["pieces"]))):
        raise ItemError(f"{field} must hold each of 0 to {len(data['pieces']) - 1} once, found {answer}")
    if data["kind"] == "entry":
        (matrix,) = data["matrices"]
        shape = (len(matrix["rows"]), len(matrix.get("columns", matrix["rows"])))
        if len(answer) != 2 or any(place >= length for place, length in zip(answer, shape, strict=True)):
            raise ItemError(f"{field} must be a row and a column of a {shape} matrix, found {answer}")


def _parse(code: str, mode: str, where: str, field: str) -> Any:
    try:
        return ast.parse(code, mode=mode)
    except SyntaxError as error:
        raise ItemError(f"{where}: field {field} is not Python: {error}") from error


def _check_credit(misconception: Mapping[str, Any], field: str) -> None:
    if misconception.get("credit", 0) >= 1:
        raise ItemError(f"{field}.credit must be less than 1, found {misconception['credit']}")


def _check_unique(names: Iterable[str], where: str, field: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ItemError(f"{where}: field {field}: the misconception {name!r} stands twice")
        seen.add(name)


def _question(data: Mapping[str, Any]) -> Question:
    options = tuple(
        Option(
            option["letter"],
            option["text"],
            None
            if option["letter"] == data["key"]
            else Misconception(
                option.get("misconception"),
                option.get("diagnosis", _NEUTRAL),
                option.get("lesson", data["lesson"]),
                option.get("credit", 0.0),
            ),
            tuple(option.get("formerly", ())),
        )
        for option in data["options"]
    )
    return Question(**{**data, "options": options, "hints": tuple(data.get("hints", ()))})


def _task(data: Mapping[str, Any]) -> Task:
    fields = dict(data)
    beliefs = fields.pop("misconceptions")
    return Task(
        **{
            **fields,
            "key": _frozen(data["key"]),
            "beliefs": tuple(
                (_frozen(m["answer"]), Misconception(m["misconception"], m["diagnosis"], m["lesson"]))
                for m in beliefs
            ),
            "computed": tuple(each.get("computed") for each in (data, *beliefs)),
            "pieces": tuple(data.get("pieces", ())),
            "matrices": tuple(
                Matrix(
                    m["name"],
                    tuple(m["rows"]),
                    tuple(m.get("columns", m["rows"])),
                    tuple(tuple(row) for row in m["values"]),
                )
                for m in data.get("matrices", ())
            ),
        }
    )


def _frozen(answer: Any) -> Any:
    return tuple(answer) if isinstance(answer, list) else answer


def _exercise(data: Mapping[str, Any]) -> Exercise:
    fields = dict(data)
    example = fields.pop("example")
    return Exercise(
        **{
            **fields,
            "hints": tuple(data["hints"]),
            "library_versions": tuple(data["library_versions"]),
            "example_arguments": example["arguments"],
            "example_expected": example["expected"],
            "probes": tuple(Probe(**probe) for probe in data["probes"]),
            "misconceptions": tuple(
                Misconception(
                    m["misconception"],
                    m["diagnosis"],
                    m["lesson"],
                    m.get("credit", 0.0),
                    m["code"],
                    m.get("twist"),
                )
                for m in data["misconceptions"]
            ),
        }
    )
