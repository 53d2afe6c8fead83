"""A notebook as it was handed in: whether it can be read, what is wrong with it, which quiz it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARKERS = re.compile(r"^(?:<{7}|={7}|>{7})", re.MULTILINE)


class NotANotebook(ValueError):
    """A file that cannot be read as a notebook; the message says what is wrong and what to do."""


def read_notebook(content: bytes) -> dict[str, Any]:
    """The notebook in a file, in whatever Unicode encoding it was saved.

    Raises NotANotebook with the reason, after which the file's name is missing: "is empty: ...".
    """
    text = _text(content)
    if not text.strip("\0 \t\r\n"):
        raise NotANotebook("is empty: ask the student for the notebook as it was saved")
    try:
        notebook = json.loads(text)
    except ValueError as error:
        raise NotANotebook(_what_is_wrong(text, error)) from error
    except RecursionError:
        raise NotANotebook("is nested too deeply to be a notebook") from None
    if not isinstance(notebook, dict) or not isinstance(
        notebook.get("cells", notebook.get("worksheets")), list
    ):
        raise NotANotebook(
            "is JSON but no notebook: it holds no list of cells. Ask the student for the .ipynb file"
        )
    return notebook


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "replace")


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
    """nbgrader's grade ids in a notebook of whatever format."""
    sheets = [
        notebook.get("cells"),
        *(s.get("cells") for s in notebook.get("worksheets") or [] if _is_map(s)),
    ]
    found = set()
    for cell in (cell for cells in sheets for cell in (cells if isinstance(cells, list) else [])):
        metadata = cell.get("metadata") if _is_map(cell) else None
        ours = metadata.get("nbgrader") if _is_map(metadata) else None
        grade_id = ours.get("grade_id") if _is_map(ours) else None
        if isinstance(grade_id, str):
            found.add(grade_id)
    return found


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping)


def quiz_of(ids: Collection[str], quizzes: Mapping[str, Collection[str]]) -> str | None:
    """The quiz that most of the grade ids belong to; those that several quizzes share count for none.

    >>> quiz_of({"setup", "q1"}, {"quiz1": {"setup", "q1"}, "quiz2": {"setup", "q2"}})
    'quiz1'
    """
    counts = {}
    for quiz, its in quizzes.items():
        others = {each for other, theirs in quizzes.items() if other != quiz for each in theirs}
        counts[quiz] = len(set(ids) & set(its) - others)
    best = max(counts, key=counts.__getitem__, default=None)
    return best if best is not None and counts[best] else None


@dataclass(frozen=True)
class Found:
    """The notebook that stands for a quiz; ``said`` tells what was done about it.

    ``content`` is what it should have been saved as, None if it was.
    """

    content: bytes | None
    said: list[str]


def find_notebook(folder: Path, name: str, quiz: str, quizzes: Callable[[], Mapping[str, set[str]]]) -> Found:
    """The notebook ``name`` in a submission, or the one that stands for it under another name.

    ``quizzes`` gives the grade ids of each quiz; it is called if they are needed.
    Raises NotANotebook if there is none that can be read, or several that cannot be told apart.
    """
    own, others = folder / name, []
    for path in sorted(folder.rglob("*.ipynb")):
        if path != own and path.is_file() and ".ipynb_checkpoints" not in path.parts:
            others.append(path)
    trouble = "is missing"
    if own.is_file():
        try:
            notebook = read_notebook(own.read_bytes())
        except NotANotebook as error:
            trouble = str(error)
        else:
            copies = [p for p in others if _holds(p, quiz, quizzes())] if others else []
            said = [f"{p.relative_to(folder)} holds the quiz's cells too: {name} counts" for p in copies]
            if _text(own.read_bytes()).encode() == own.read_bytes():
                return Found(None, said)
            return Found(
                _as_utf_8(notebook), [f"{name} was not saved in UTF-8: it was read all the same", *said]
            )
    fitting = [path for path in others if _holds(path, quiz, quizzes())]
    if len({path.read_bytes() for path in fitting}) == 1:
        chosen = fitting[0]
        said = (
            f"{chosen.relative_to(folder)}, which holds the quiz's cells, was taken for it: {name} {trouble}"
        )
        return Found(_as_utf_8(read_notebook(chosen.read_bytes())), [said])
    if fitting:
        listed = ", ".join(str(path.relative_to(folder)) for path in fitting)
        raise NotANotebook(
            f"{name} {trouble}, and several notebooks hold its cells: {listed}. Keep the one that counts"
        )
    if not own.is_file():
        there = "; ".join(f"{path.relative_to(folder)} {_why_not(path)}" for path in others)
        trouble = f"is missing, and no other notebook holds its cells{f' ({there})' if there else ''}"
        trouble += ". Ask the student for the notebook"
    raise NotANotebook(f"{name} {trouble}")


def _holds(path: Path, quiz: str, quizzes: Mapping[str, set[str]]) -> bool:
    try:
        return quiz_of(grade_ids(read_notebook(path.read_bytes())), quizzes) == quiz
    except NotANotebook:
        return False


def _why_not(path: Path) -> str:
    try:
        read_notebook(path.read_bytes())
    except NotANotebook as error:
        return str(error)
    return "is another notebook"


def _as_utf_8(notebook: Mapping[str, Any]) -> bytes:
    return json.dumps(notebook, ensure_ascii=False).encode("utf-8", "replace")
