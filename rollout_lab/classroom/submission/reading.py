"""Read a submitted notebook: whether it can be read, what is wrong with it, which quiz it is."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from rollout_lab.classroom import limits
from rollout_lab.quiz import names

from .notebook_format import normalise_notebook, raw_cells
from .repair import grade_id

MARKERS = re.compile(r"^(?:<{7}|={7}|>{7})", re.MULTILINE)

# How a quiz's visible check names its item: it is known by that where an editor has dropped all metadata.
CHECK = re.compile(r"""\bcheck_(?:choice|function)\(\s*["'](\w+)["']""")


class NotANotebook(ValueError):
    """A file that cannot be read as a notebook; the message says what is wrong and what to do."""


def is_notebook_name(name: str) -> bool:
    """Whether a file's name is one that browsers, systems and students give to notebooks."""
    return ".ipynb" in name.lower() and not name.startswith("._")


def read_notebook(content: bytes) -> dict[str, Any]:
    """Read a notebook in any Unicode encoding. Raises NotANotebook with the reason: "is empty: ..."."""
    check_size(len(content))
    text = decoded(content)
    if not text.strip("\0 \t\r\n"):
        raise NotANotebook("is empty: ask the student for the notebook as it was saved")
    if sum(map(text.count, "[{,")) > limits.NOTEBOOK_VALUES:
        raise NotANotebook(
            f"holds more than {limits.NOTEBOOK_VALUES} values: ask the student to clear its outputs and "
            "save it"
        )
    try:
        # Python refuses to read numbers with thousands of digits.
        notebook = json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < 20 else None)
    except ValueError as error:
        raise NotANotebook(_what_is_wrong(text, error)) from error
    except RecursionError:
        raise NotANotebook(
            "is nested too deeply to be a notebook: ask the student to clear its outputs"
        ) from None
    lists = [notebook.get(key) for key in ("cells", "worksheets")] if isinstance(notebook, dict) else []
    if not any(isinstance(each, list) for each in lists):
        raise NotANotebook(
            "is JSON but no notebook: it holds no list of cells. Ask the student for the .ipynb file"
        )
    if sum(1 for _cell in raw_cells(notebook)) > limits.CELLS:
        raise NotANotebook(
            f"has more than {limits.CELLS} cells: ask the student for the quiz with nothing but the answers"
        )
    return notebook


def check_size(size: int) -> None:
    if size > limits.NOTEBOOK_BYTES:
        raise NotANotebook(
            f"has {size / 2**20:.0f} MB, more than the {limits.NOTEBOOK_BYTES / 2**20:.0f} MB that a "
            "notebook may have: ask the student to clear its outputs (Edit > Clear Outputs of All Cells) and "
            "to save it"
        )


def decoded(content: bytes) -> str:
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
    """nbgrader's grade ids in a notebook of any format, and those that its visible checks name."""
    return ids_of_cells(normalise_notebook(notebook)[0]["cells"])


def ids_of_cells(cells: Sequence[Mapping[str, Any]]) -> set[str]:
    found = set()
    for cell in cells:
        if name := grade_id(cell):
            found.add(name)
        elif check := CHECK.search(cell["source"]):
            found.add(names.CHECK + check[1])
    return found


def quiz_of(ids: Collection[str], quizzes: Mapping[str, Collection[str]]) -> str | None:
    """The quiz that most of the grade ids belong to; those that several quizzes share count for none."""
    counts = {quiz: len(set(ids) & own_ids(quiz, quizzes)) for quiz in quizzes}
    best = max(counts, key=counts.__getitem__, default=None)
    return best if best is not None and counts[best] else None


def own_ids(quiz: str, quizzes: Mapping[str, Collection[str]]) -> set[str]:
    others = {each for other, theirs in quizzes.items() if other != quiz for each in theirs}
    return set(quizzes[quiz]) - others - {names.SETUP}
