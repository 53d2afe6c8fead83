"""Find the notebook that stands for a quiz in a submission, under whatever name."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.utils import is_solution, parse_utc

from rollout_lab.classroom import limits
from rollout_lab.classroom.notes import limited, plain
from rollout_lab.quiz.names import SETUP, answer_name

from .folder import STAMP
from .notebook_format import normalise_notebook
from .reading import (
    CHECK,
    NotANotebook,
    check_size,
    decoded,
    ids_of_cells,
    is_notebook_name,
    own_ids,
    quiz_of,
    read_notebook,
)
from .repair import MENDED, grade_id, is_unchanged

JSON_NAME = re.compile(r"(?!\._).*\.json", re.IGNORECASE)  # its cells tell whether it is a notebook
MISSING, BLANK = "is missing", "is blank: nothing was written into its answer cells"
NOT_LOOKED_AT = "was not looked at"

TIME_BYTES, YEARS = 200, range(2000, 2101)  # of the time of a submission


@dataclass(frozen=True)
class FoundNotebook:
    """The notebook that stands for a quiz, in nbgrader's format, with the `folder` that it lay in."""

    content: bytes
    folder: Path
    notes: list[str]
    left_out: tuple[str, ...] = ()  # files that must not stand beside it


@dataclass
class _Candidate:
    """A file in a submission that may be the quiz's notebook."""

    name: str
    folder: Path
    trouble: str = ""  # why it cannot stand for the quiz
    notebook: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    answers: set[str] = field(default_factory=set)  # names of the answer cells that hold an answer

    @property
    def texts(self) -> list[str]:
        return [cell["source"] for cell in self.notebook["cells"]]


def find_notebook(folder: Path, name: str, quiz: str, quizzes: Mapping[str, set[str]]) -> FoundNotebook:
    """The notebook `name` in a submission, or the one that stands for it under another name.

    That is the one that holds answers where `name` is missing, is blank, is another notebook or cannot be
    read. `quizzes` holds the grade ids of each quiz.
    Raises NotANotebook if there is none that can be read, or several that cannot be told apart.
    """
    read = partial(_read_candidate, folder=folder, ids=own_ids(quiz, quizzes), quizzes=quizzes)
    paths = [
        path
        for path in sorted(folder.rglob("*"), key=lambda path: (len(path.parts), path))
        if (is_notebook_name(path.name) or JSON_NAME.fullmatch(path.name))
        and path != folder / name
        and path.is_file()
    ]
    named = read(folder / name, ids=quizzes[quiz] - {SETUP})
    others = list(_read_some(paths, folder, read))
    chosen, notes = _choose(name, named, others)
    if left := sum(each.trouble == NOT_LOOKED_AT for each in others):
        notes.append(
            f"of {len(others)} notebooks beside it {left} were not looked at: they are too many or too large"
        )
    notes += chosen.notes
    if trouble := _time_trouble(folder / STAMP):
        notes.append(f"{STAMP} {trouble}: it is not known when this was handed in, so it is not late")
    chosen.notebook["metadata"][MENDED] = limited(notes)
    content = json.dumps(chosen.notebook, ensure_ascii=False).encode()
    return FoundNotebook(content, chosen.folder, notes, (STAMP,) if trouble else ())


def _choose(name: str, named: _Candidate, others: Sequence[_Candidate]) -> tuple[_Candidate, list[str]]:
    """The notebook that counts, and notes on the choice."""
    fitting = [each for each in others if not each.trouble]
    if named.answers:
        notes = []
        for each in fitting:
            if each.answers and each.texts != named.texts:
                more = len(each.answers - named.answers)
                to = f", {more} of them to questions that {named.name} leaves open" if more else ""
                notes.append(f"{each.name} holds answers too{to}: {name} counts")
        return named, notes
    trouble = named.trouble or BLANK
    candidates = [each for each in fitting if each.answers] or (fitting if named.trouble else [])
    if candidates and all(each.texts == candidates[0].texts for each in candidates):
        taken = candidates[0]
        note = f"{taken.name}, which holds the quiz's cells, was taken for it: {name} {trouble}"
        return taken, [note, *([] if taken.answers else [f"{taken.name} {BLANK}"])]
    if candidates:
        listed = ", ".join(each.name for each in candidates)
        raise NotANotebook(
            f"{name} {trouble}, and several notebooks hold its cells: {listed}. Keep the one that counts"
        )
    if not named.trouble:
        return named, [f"{name} {BLANK}"]
    if named.trouble == MISSING:
        found = "; ".join(f"{each.name} {each.trouble}" for each in others[: limits.NOTES])
        trouble += f", and no other notebook holds its cells{f' ({found})' if found else ''}"
    asking = "" if "sk the student" in trouble else ". Ask the student for the notebook of the quiz"
    raise NotANotebook(f"{name} {trouble}{asking}")


def _read_some(
    paths: Sequence[Path], folder: Path, read: Callable[[Path], _Candidate]
) -> Iterator[_Candidate]:
    """Read these files as far as their number and size allow."""
    room = limits.NOTEBOOK_BYTES
    for number, path in enumerate(paths):
        size = path.stat().st_size
        if number < limits.NOTEBOOKS and (size <= room or size > limits.NOTEBOOK_BYTES):
            room -= size if size <= room else 0
            yield read(path)
        else:
            yield _Candidate(plain(path.relative_to(folder).as_posix()), path.parent, NOT_LOOKED_AT)


def _read_candidate(
    path: Path, folder: Path, ids: Collection[str], quizzes: Mapping[str, set[str]]
) -> _Candidate:
    """Read a file that may be the quiz with these grade ids."""
    found = _Candidate(plain(path.relative_to(folder).as_posix()), path.parent)
    if not path.is_file():
        found.trouble = MISSING
        return found
    try:
        check_size(path.stat().st_size)
        content = path.read_bytes()
        found.notebook, found.notes = normalise_notebook(read_notebook(content))
        if sum(map(len, found.texts)) > limits.SOURCES:
            raise NotANotebook(
                f"has more than {limits.SOURCES} characters in its cells: ask the student for "
                "one with data in files beside it"
            )
    except NotANotebook as error:
        found.trouble = str(error)
        return found
    cells = from_dict(found.notebook).cells
    there = ids_of_cells(cells)
    if there.isdisjoint(ids):
        of = f" ({other})" if (other := quiz_of(there, quizzes)) else ""
        begins = f"it begins {line!r}, and " if (line := _first_line(cells)) else ""
        found.trouble = f"is another notebook{of}: {begins}no cell of the quiz is in it"
        return found
    if (in_utf8 := decoded(content).encode()) != content:
        marked = content == BOM_UTF8 + in_utf8
        how = "in UTF-8 with a byte order mark" if marked else "in another encoding than UTF-8"
        found.notes.insert(0, f"{found.name} was saved {how}: it was read all the same")
    found.answers = set(_answered(cells))
    return found


def _answered(cells: Sequence[NotebookNode]) -> Iterator[str]:
    """The answer cells that hold an answer, or that a cell of the student's own stands for."""
    names = set()
    for cell in cells:
        if is_solution(cell) and (name := grade_id(cell)):
            names.add(name)
            if not is_unchanged(cell):
                yield name
    own = (cell.source for cell in cells if cell.cell_type == "code" and not grade_id(cell))
    words = {word for source in own for word in re.findall(r"\w+", source)}
    yield from (name for name in names if not words.isdisjoint((name, answer_name(name))))
    if not names:  # an editor has dropped all metadata
        yield from (check[1] for cell in cells if (check := CHECK.search(cell.source)))


def _first_line(cells: Sequence[NotebookNode]) -> str:
    """The first line of a notebook with more than blanks."""
    lines = (line.strip("# ") for cell in cells for line in cell.source.splitlines())
    return plain(next(filter(None, lines), ""), most=80)


def _time_trouble(path: Path) -> str:
    """Why nbgrader cannot read the time of a submission, "" if it can or if there is none."""
    if not path.exists():
        return ""
    try:
        with path.open("rb") as file:
            written = file.read(TIME_BYTES + 1)
        time = parse_utc(written.decode().strip())
        if time.year in YEARS and re.search(rb"\d{4}", written) and len(written) <= TIME_BYTES:
            return ""
    except OSError:
        return "is no file that can be read"
    except Exception:  # of many types: dateutil's, datetime's, those of time zones
        pass
    return "tells no time"
