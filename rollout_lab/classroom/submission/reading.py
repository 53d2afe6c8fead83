"""A notebook as it was handed in: whether it can be read, what is wrong with it, which quiz it is."""

from __future__ import annotations

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
from rollout_lab.quiz.names import SETUP, answer_name, check_id

from .folder import STAMP
from .notebook_format import in_shape, raw_cells
from .repair import MENDED, grade_id, is_as_it_was_given

MARKERS = re.compile(r"^(?:<{7}|={7}|>{7})", re.MULTILINE)

CHECK = re.compile(r"""\bcheck_(?:choice|function)\(\s*["'](\w+)["']""")
"""How a quiz's visible check names its item: it is known by that where an editor has dropped all metadata."""

NOTEBOOK_NAME = re.compile(r"^(?!\._).*(\.ipynb|\.json$)", re.IGNORECASE)
"""Names that browsers, systems and students give to notebooks: quiz.ipynb.txt, QUIZ.IPYNB, quiz.json."""

WORD = re.compile(r"\w+")

MISSING, BLANK = "is missing", "is blank: nothing was written into its answer cells"
NOT_LOOKED_AT = "was not looked at"

TIME_BYTES, YEARS = 200, range(2000, 2101)
"""How long the time of a hand-in may be written, and when it may have been."""


class NotANotebook(ValueError):
    """A file that cannot be read as a notebook; the message says what is wrong and what to do."""


def read_notebook(content: bytes) -> dict[str, Any]:
    """The notebook in a file, in whatever Unicode encoding it was saved.

    Raises NotANotebook with the reason, after which the file's name is missing: "is empty: ...".
    """
    if len(content) > limits.NOTEBOOK_BYTES:
        raise NotANotebook(_too_large(len(content)))
    text = _text(content)
    if not text.strip("\0 \t\r\n"):
        raise NotANotebook("is empty: ask the student for the notebook as it was saved")
    if sum(map(text.count, "[{,")) > limits.NOTEBOOK_VALUES:
        raise NotANotebook(
            f"holds more than {limits.NOTEBOOK_VALUES} values: ask the student to clear its outputs and "
            "save it"
        )
    try:
        notebook = json.loads(text, parse_int=_whole_number)
    except ValueError as error:
        raise NotANotebook(_what_is_wrong(text, error)) from error
    except RecursionError:
        raise NotANotebook(
            "is nested too deeply to be a notebook: ask the student to clear its outputs"
        ) from None
    if not isinstance(notebook, dict) or not any(
        isinstance(notebook.get(key), list) for key in ("cells", "worksheets")
    ):
        raise NotANotebook(
            "is JSON but no notebook: it holds no list of cells. Ask the student for the .ipynb file"
        )
    if sum(1 for _cell in raw_cells(notebook)) > limits.CELLS:
        raise NotANotebook(
            f"has more than {limits.CELLS} cells: ask the student for the quiz with nothing but the answers"
        )
    return notebook


def _too_large(size: int) -> str:
    return (
        f"has {size / 2**20:.0f} MB, more than the {limits.NOTEBOOK_BYTES / 2**20:.0f} MB that a notebook "
        "may have: ask the student to clear its outputs (Edit > Clear Outputs of All Cells) and to save it"
    )


def _whole_number(digits: str) -> int | None:
    return int(digits) if len(digits) < 20 else None  # Python refuses to read thousands of digits


def _text(content: bytes) -> str:
    return content.decode(json.detect_encoding(content), "replace").removeprefix("\ufeff")


def _what_is_wrong(text: str, error: Exception) -> str:
    if match := MARKERS.search(text):
        line = text.count("\n", 0, match.start()) + 1
        return (
            f"holds merge-conflict markers at line {line} ({match.group()}): "
            "ask the student which side counts, or resolve the conflict in a copy"
        )
    if text.lstrip().startswith("<"):
        return "is a web page and no notebook: ask the student for the .ipynb file"
    if isinstance(error, json.JSONDecodeError):
        if text.lstrip().startswith("{") and not text.rstrip().endswith("}"):
            return f"breaks off at line {error.lineno}: it was cut short. Ask the student to hand it in again"
        return f"is broken JSON at line {error.lineno} ({error.msg}): ask the student to hand it in again"
    return f"cannot be read ({error}): ask the student to hand it in again"


def grade_ids(notebook: Mapping[str, Any]) -> set[str]:
    """nbgrader's grade ids in a notebook of whatever format, and those that its visible checks tell."""
    return _ids(in_shape(notebook)[0]["cells"])


def _ids(cells: Sequence[Mapping[str, Any]]) -> set[str]:
    found = set()
    for cell in cells:
        if name := grade_id(cell):
            found.add(name)
        elif check := CHECK.search(cell["source"]):
            found.add(check_id(check[1]))
    return found


def quiz_of(ids: Collection[str], quizzes: Mapping[str, Collection[str]]) -> str | None:
    """The quiz that most of the grade ids belong to; those that several quizzes share count for none.

    >>> quiz_of({"setup", "q1"}, {"quiz1": {"setup", "q1"}, "quiz2": {"setup", "q2"}})
    'quiz1'
    """
    counts = {quiz: len(set(ids) & _its_own(quiz, quizzes)) for quiz in quizzes}
    best = max(counts, key=counts.__getitem__, default=None)
    return best if best is not None and counts[best] else None


def _its_own(quiz: str, quizzes: Mapping[str, Collection[str]]) -> set[str]:
    others = {each for other, theirs in quizzes.items() if other != quiz for each in theirs}
    return set(quizzes[quiz]) - others - {SETUP}


@dataclass(frozen=True)
class Found:
    """The notebook that stands for a quiz, in the shape that nbgrader reads.

    ``place`` is the folder that it lay in, with its files beside it; ``said`` tells what was done about it;
    ``left_out`` names files that must not stand beside it.
    """

    content: bytes
    place: Path
    said: list[str]
    left_out: tuple[str, ...] = ()


@dataclass
class _Notebook:
    """A notebook in a submission: ``trouble`` says why it cannot stand for the quiz, "" if it can.

    ``answers`` are the names of the answer cells that hold an answer.
    """

    name: str
    place: Path
    trouble: str = ""
    shaped: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    answers: set[str] = field(default_factory=set)

    @property
    def texts(self) -> list[str]:
        return [cell["source"] for cell in self.shaped["cells"]]


def find_notebook(folder: Path, name: str, quiz: str, quizzes: Mapping[str, set[str]]) -> Found:
    """The notebook ``name`` in a submission, or the one that stands for it under another name.

    That is the one that holds answers where ``name`` is missing, is blank, is another notebook or cannot be
    read. ``quizzes`` holds the grade ids of each quiz.
    Raises NotANotebook if there is none that can be read, or several that cannot be told apart.
    """
    look = partial(_look, folder=folder, ids=_its_own(quiz, quizzes), quizzes=quizzes)
    paths = [
        path
        for path in sorted(folder.rglob("*"), key=lambda path: (len(path.parts), path))
        if NOTEBOOK_NAME.search(path.name) and path != folder / name and path.is_file()
    ]
    own = look(folder / name, ids=quizzes[quiz] - {SETUP})
    others = list(_some(paths, folder, look))
    fitting = [each for each in others if not each.trouble]
    chosen, said = _chosen(name, own, fitting, others)
    if left := sum(each.trouble == NOT_LOOKED_AT for each in others):
        said.append(
            f"of {len(others)} notebooks beside it {left} were not looked at: they are too many or too large"
        )
    said += chosen.said
    if trouble := _time_trouble(folder / STAMP):
        said.append(f"{STAMP} {trouble}: it is not known when this was handed in, so it is not late")
    chosen.shaped["metadata"][MENDED] = limited(said)
    content = json.dumps(chosen.shaped, ensure_ascii=False).encode()
    return Found(content, chosen.place, said, (STAMP,) if trouble else ())


def _chosen(
    name: str, own: _Notebook, fitting: Sequence[_Notebook], others: Sequence[_Notebook]
) -> tuple[_Notebook, list[str]]:
    """The notebook that counts, and what is to be said of the choice."""
    if own.answers:
        others = [each for each in fitting if each.answers and each.texts != own.texts]
        return own, [f"{each.name} holds answers too{_more(each, own)}: {name} counts" for each in others]
    trouble = own.trouble or BLANK
    candidates = [each for each in fitting if each.answers] or (fitting if own.trouble else [])
    if candidates and all(each.texts == candidates[0].texts for each in candidates):
        taken = candidates[0]
        said = f"{taken.name}, which holds the quiz's cells, was taken for it: {name} {trouble}"
        return taken, [said, *([] if taken.answers else [f"{taken.name} {BLANK}"])]
    if candidates:
        listed = ", ".join(each.name for each in candidates)
        raise NotANotebook(
            f"{name} {trouble}, and several notebooks hold its cells: {listed}. Keep the one that counts"
        )
    if not own.trouble:
        return own, [f"{name} {BLANK}"]
    if own.trouble == MISSING:
        there = "; ".join(f"{each.name} {each.trouble}" for each in others[: limits.NOTES])
        trouble += f", and no other notebook holds its cells{f' ({there})' if there else ''}"
    asking = "" if "sk the student" in trouble else ". Ask the student for the notebook of the quiz"
    raise NotANotebook(f"{name} {trouble}{asking}")


def _more(other: _Notebook, own: _Notebook) -> str:
    more = len(other.answers - own.answers)
    return f", {more} of them to questions that {own.name} leaves open" if more else ""


def _some(paths: Sequence[Path], folder: Path, look: Callable[[Path], _Notebook]) -> Iterator[_Notebook]:
    """What these files are, as far as their number and size allow to look."""
    room = limits.NOTEBOOK_BYTES
    for number, path in enumerate(paths):
        size = path.stat().st_size
        if number < limits.NOTEBOOKS and (size <= room or size > limits.NOTEBOOK_BYTES):
            room -= size if size <= room else 0
            yield look(path)
        else:
            yield _Notebook(plain(path.relative_to(folder).as_posix()), path.parent, NOT_LOOKED_AT)


def _look(path: Path, folder: Path, ids: Collection[str], quizzes: Mapping[str, set[str]]) -> _Notebook:
    """What a file is: the quiz with these grade ids, or not."""
    found = _Notebook(plain(path.relative_to(folder).as_posix()), path.parent)
    if not path.is_file():
        found.trouble = MISSING
        return found
    try:
        if path.stat().st_size > limits.NOTEBOOK_BYTES:
            raise NotANotebook(_too_large(path.stat().st_size))
        content = path.read_bytes()
        shaped, said = in_shape(read_notebook(content))
        if sum(len(cell["source"]) for cell in shaped["cells"]) > limits.SOURCES:
            raise NotANotebook(
                f"has more than {limits.SOURCES} characters in its cells: ask the student for "
                "one with data in files beside it"
            )
    except NotANotebook as error:
        found.trouble = str(error)
        return found
    cells = from_dict(shaped).cells
    there = _ids(cells)
    if there.isdisjoint(ids):
        of = f" ({other})" if (other := quiz_of(there, quizzes)) else ""
        begins = f"it begins {line!r}, and " if (line := _beginning(cells)) else ""
        found.trouble = f"is another notebook{of}: {begins}no cell of the quiz is in it"
        return found
    if (plainly := _text(content).encode()) != content:
        marked = content == BOM_UTF8 + plainly
        how = "in UTF-8 with a byte order mark" if marked else "in another encoding than UTF-8"
        said.insert(0, f"{found.name} was saved {how}: it was read all the same")
    found.shaped, found.said, found.answers = shaped, said, set(_answered(cells))
    return found


def _answered(cells: Sequence[NotebookNode]) -> Iterator[str]:
    """The answer cells that hold an answer, or that a cell of the student's own stands for."""
    names = set()
    for cell in cells:
        if is_solution(cell) and (name := grade_id(cell)):
            names.add(name)
            if not is_as_it_was_given(cell):
                yield name
    own = (cell.source for cell in cells if cell.cell_type == "code" and not grade_id(cell))
    words = {word for source in own for word in WORD.findall(source)}
    yield from (name for name in names if not words.isdisjoint((name, answer_name(name))))
    if not names:  # an editor has dropped all metadata
        yield from (check[1] for cell in cells if (check := CHECK.search(cell.source)))


def _beginning(cells: Sequence[NotebookNode]) -> str:
    """The first line of a notebook that says something."""
    lines = (line.strip("# ") for cell in cells for line in cell.source.splitlines())
    return plain(next(filter(None, lines), ""), most=80)


def _time_trouble(path: Path) -> str:
    """Why nbgrader cannot read the time of a hand-in, "" if it can or if there is none."""
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
