"""Which build of a quiz a hand-in shows, and what its letters mean in the build that grades it.

Another seed puts the options of a question in another order, so letters are read by the texts of the options
that stood beside them: in the answer cell's `choose` call, and in the cell that states the question. One that
cannot be read is refused, as a guess would be a wrong score that nobody can see. Which option is right plays
no part: a letter and its text make one choice, so a student gains nothing by changing either.
"""

import ast
import hashlib
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from rollout_lab.classroom import limits
from rollout_lab.classroom.notes import plain
from rollout_lab.quiz.key import ChoiceKey, key_in
from rollout_lab.quiz.names import ANSWER_VARIABLE, CHECK, STATEMENT, TEST
from rollout_lab.quiz.schema import LETTERS, normal_text
from rollout_lab.quiz.scoring import read_letter

from .repair import GivenCell, forms, grade_id

METADATA = "rollout_lab"  # where an answer cell's metadata hold its build: {"rollout_lab": {"build": ...}}

OPTION = re.compile(r"^- \*\*([A-H])\)\*\* (.*?)(?=^- \*\*[A-H]\)\*\* |^\s*$|\Z)", re.MULTILINE | re.DOTALL)
MAGIC = re.compile(r"^[ \t]*[%!?].*$", re.MULTILINE)
ANSWER = re.compile(rf"\b{ANSWER_VARIABLE}(\w+)")
DYNAMIC = object()  # stands for a letter that only running its cell would tell

READING = """\
# Added by grading: this notebook shows other options than the quiz does now, or another order of them.
# The answer to {name} is read by the text of its option.
from rollout_lab.quiz.grading import reletter

reletter("{name}", globals(), {letters})"""

OTHER_OPTIONS = (
    "this notebook shows other options than the quiz does now, or another order of them. The answer was read "
    "by the text of its option."
)
OTHER_WORDS = (
    "this notebook asks in other words than the quiz does now. The answer was judged by what the quiz "
    "asks now."
)
NOT_ASKED = "not asked by the quiz as it is now."
UNKNOWN = (
    "{0}: this notebook is of another build of the quiz, and does not tell what stood beside the letter {1}. "
    "Ask the student to answer in the new notebook"
)
NO_OPTION = (
    "{0}: this notebook shows {1}) “{2}”, which is no option of the quiz as it is now. If it was only "
    'reworded, add formerly = ["..."] with the old words to that option in {0}.toml, build and generate '
    "again. If it was replaced, ask the student to answer in the new notebook"
)


class UnreadLetter(ValueError):
    """A hand-in of another build with a letter that cannot be read; the message says why and what to do."""


def fingerprint(statement: str) -> str:
    """What stands for an item as its student sees it: a hash of what its cell asks, options in their order.

    Points, hints and hidden calls are no part of it: the answer stays as good when these change.
    """
    return hashlib.sha256(normal_text(_body(statement)).encode("utf-8", "replace")).hexdigest()[:12]


def unseen(options: str) -> str:
    """A list of options in a form that Markdown does not show; notebooks of 29276af show theirs."""
    return f"<!--\n{options}\n\n-->"


def _body(statement: str) -> str:
    """A statement without title, objective and hints."""
    text = forms(statement)[-1]  # without what editors add at the ends of lines
    text = re.sub(r"^<!--\n|\n-->$", "", text, flags=re.MULTILINE)
    *_title_and_objective, body = f"{text}\n\n\n\n".split("\n\n", 2)
    return body.split("<details>")[0]


def _options(statement: str) -> dict[str, str]:
    return {match[1]: match[2] for match in OPTION.finditer(_body(statement))}


def _words(statement: str) -> list[str]:
    """What a statement says, in whatever order its options stand."""
    options = map(normal_text, _options(statement).values())
    return [normal_text(OPTION.sub("", _body(statement))), *sorted(options)]


@dataclass(frozen=True)
class Seen:
    """What a hand-in shows by item."""

    statements: Mapping[str, str]
    untouched: frozenset[str]  # items whose statement is as it was handed out
    builds: Mapping[str, str]  # the fingerprints that answer cells carry


def seen(cells: Iterable[NotebookNode], untouched: Sequence[NotebookNode]) -> Seen:
    """What a hand-in shows before anything is mended; `untouched` are its cells that are as handed out."""
    statements: dict[str, str] = {}
    builds: dict[str, str] = {}
    unchanged: set[str] = set()
    for cell in cells:
        name, own = grade_id(cell) or "", cell.metadata.get(METADATA)
        item = name.removeprefix(STATEMENT)
        if item != name and item not in statements:
            statements[item] = cell.source if len(cell.source) <= limits.READ_FOR_LETTERS else ""
            unchanged |= {item} if any(cell is each for each in untouched) else set()
        elif isinstance(own, Mapping) and isinstance(own.get("build"), str):
            builds.setdefault(name, own["build"])
    return Seen(statements, frozenset(unchanged), builds)


def read_by_text(
    cells: Sequence[NotebookNode], given: Sequence[GivenCell], was: Seen
) -> tuple[list[NotebookNode], list[str]]:
    """A hand-in's cells with what reads letters of another build by their text, and what there is to say.

    `cells` stand in the quiz's order, `given` are the quiz's cells as it is now.
    Raises UnreadLetter where a letter that was chosen cannot be read.
    """
    sources = {each.grade_id: each.source for each in given}
    written = [(grade_id(cell), says) for cell, says in _written(cells)]
    names = [each.grade_id for each in given if each.is_answer]
    items = [_Item(name, sources, was, written) for name in names]
    others = [item for item in items if item.has_other_options]
    if refused := {item.name: why for item in items if (why := item.refusal(bool(others)))}:
        first, *more = refused
        raise UnreadLetter(refused[first] + (f" (likewise {', '.join(more)})" if more else ""))
    reading = {item.place: item.reading() for item in others}
    done = [each for cell in cells for each in (reading.get(grade_id(cell) or ""), cell) if each is not None]
    notes = {
        OTHER_OPTIONS: [item.name for item in others],
        OTHER_WORDS: [item.name for item in items if item.has_other_words],
        NOT_ASKED: sorted(filter(str.isidentifier, was.statements.keys() - set(names))),
    }
    return done, [f"{plain(', '.join(who), 200)}: {what}" for what, who in notes.items() if who]


@dataclass(frozen=True)
class _Says:
    """What a cell says of questions, by item: the options that it shows, the letter that it assigns."""

    calls: Mapping[str, dict[str, str]]
    letters: Mapping[str, Any]


_Written = Sequence[tuple[str | None, _Says]]  # what the cells of a hand-in say, with their grade ids


class _Item:
    """An item of the quiz as it is now, beside what a hand-in shows of it.

    `letters` gives for the letters of the hand-in those that their options have now; a letter that cannot
    be read is not in it. It is None if the hand-in does not tell which options it showed.
    """

    def __init__(self, name: str, sources: Mapping[str, str], was: Seen, written: _Written):
        now, then = sources.get(STATEMENT + name, ""), was.statements.get(name, "")
        key = key_in(sources.get(TEST + name, ""))
        options = key.options if isinstance(key, ChoiceKey) else {}
        self.name = name
        self.place = next((place for place in (CHECK + name, TEST + name) if place in sources), "")
        self.now = {
            normal_text(text): letter
            for letter, option in options.items()
            for text in (option.text, *option.formerly)
        }
        self.same = {letter: letter for letter in options}
        self.call, self.chosen = _call_and_letter(name, written)
        self.stated = _options(then)
        build, answer = fingerprint(now), was.builds.get(name)
        statement = fingerprint(then) if name in was.untouched else None
        self.letters = self._letters(build, answer, statement)
        self.has_other_options = bool(options) and self.letters not in (None, self.same)
        if statement:
            self.has_other_words = _words(then) != _words(now)
        else:
            self.has_other_words = answer not in (None, build) and not self.has_other_options

    def _letters(self, build: str, answer: str | None, statement: str | None) -> dict[str, str] | None:
        """`build` is the fingerprint of now, the others those of the answer cell and of the statement."""
        if self.call:
            letters = self._read(self.call)
            for others in (self._read(self.stated), self.same if answer == build else {}):
                # For a text that a student changed: the others tell, if all else stands where they say.
                if letters and all(letters.get(letter, now) == now for letter, now in others.items()):
                    letters = others | letters
            return letters
        if answer and statement and answer != statement:  # the cells of two builds
            return {}
        if build in (answer, statement):
            return self.same
        if self.stated:
            return self._read(self.stated)
        return {} if answer else None

    def _read(self, texts: Mapping[str, str]) -> dict[str, str]:
        found = {letter: self.now.get(normal_text(text)) for letter, text in texts.items()}
        return {letter: now for letter, now in found.items() if now is not None}

    def reading(self) -> NotebookNode:
        """The cell that gives the answer the letter that its option has now."""
        return new_code_cell(
            READING.format(name=self.name, letters=dict(sorted((self.letters or {}).items())))
        )

    def refusal(self, others: bool) -> str:
        """Why the chosen letter cannot be read, or ""; `others`: other answers are of another build."""
        letters = self.letters if self.letters is not None else ({} if others else self.same)
        shown = self.stated | self.call
        chosen = set(shown or self.same)
        if self.chosen is not DYNAMIC:
            chosen &= {read_letter(self.chosen, LETTERS)}
        for letter in sorted(chosen - letters.keys()):
            text = normal_text(shown.get(letter, ""))
            known = letter not in shown or text in self.now
            return (UNKNOWN if known else NO_OPTION).format(self.name, letter, plain(text, 80))
        return ""


def _call_and_letter(name: str, written: _Written) -> tuple[dict[str, str], Any]:
    """The options that were shown last before the item is tested, and the letter that was assigned last."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    letter, tested = "", False
    for cell, says in written:
        tested = tested or cell == TEST + name
        if tested:
            after = after or says.calls.get(name, {})
        else:
            before, letter = says.calls.get(name, before), says.letters.get(name, letter)
    return before or after, letter


def _written(cells: Iterable[NotebookNode]) -> Iterator[tuple[NotebookNode, _Says]]:
    """What each cell says of questions; a cell that is no Python, or too long, may say anything."""
    room = limits.READ_FOR_LETTERS
    for cell in cells:
        source = cell.source if cell.cell_type == "code" else ""
        tree = None
        if ("choose" in source or ANSWER_VARIABLE in source) and len(source) <= room:
            room -= len(source)
            tree = _parsed(source)
        yield cell, _says(tree) if tree else _Says({}, dict.fromkeys(ANSWER.findall(source), DYNAMIC))


def _says(tree: ast.Module) -> _Says:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Call | ast.Name)]
    calls: dict[str, dict[str, str]] = {}
    assigned: Counter[str] = Counter()
    plainly: dict[str, Any] = {}
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(node, ast.Call):
            calls |= _shown(node)
        elif isinstance(node.ctx, ast.Store):
            assigned[node.id] += 1
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=letter)):
                assigned[name] -= 1
                plainly[name] = letter
    letters = {
        name.removeprefix(ANSWER_VARIABLE): DYNAMIC if otherwise else plainly[name]
        for name, otherwise in assigned.items()
        if name.startswith(ANSWER_VARIABLE)
    }
    return _Says(calls, letters)


def _shown(call: ast.Call) -> dict[str, dict[str, str]]:
    """The options by letter that a call of `choose` shows, by its item; {} for another call."""
    match call:
        case ast.Call(
            func=ast.Name(id="choose") | ast.Attribute(attr="choose"),
            args=[ast.Constant(value=str(item)), *_],
            keywords=options,
        ):
            texts = {
                each.arg: each.value.value
                for each in options
                if each.arg in tuple(LETTERS) and isinstance(each.value, ast.Constant)
            }
            return {item: {letter: text for letter, text in texts.items() if isinstance(text, str)}}
    return {}


def _parsed(source: str) -> ast.Module | None:
    """A cell's code, without what is IPython's own, None if it cannot be read; it may hold anything."""
    for text in (source, MAGIC.sub("", source)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what a student's text may hold, such as "\d"
                return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None
