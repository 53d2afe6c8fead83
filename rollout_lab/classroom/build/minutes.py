"""Count the minutes that a lesson takes from its cells, so that no lesson promises what somebody felt."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from itertools import chain
from pathlib import Path

from rollout_lab.quiz.before_and_after import ITEMS

from .bank import Course
from .notebooks import DEEPER, Cell, lesson_cells

WORDS, LINES = 200, 20
"""Words of prose, and lines of code that are not folded away, that a reader takes in in a minute."""
FIGURE = PREDICTION = 0.75
EXPLORER = GAP = 2.5
"""Minutes for each that a cell shows or asks. An item that declares its minutes takes those."""

_ITEMS = {"practice": 1.0, "predict": PREDICTION, "check": GAP, "compare": GAP, "break_it": GAP}
_GUESS = 0.5
"""The share of an item's minutes that a guess takes, before the lessons."""
_ROOMS = {"rollout_lab.explorers": EXPLORER, "rollout_lab.figures": FIGURE}


def spoken(minutes: float) -> str:
    """A range around a count, in fives: readers differ, and a single number would say more than it knows.

    >>> spoken(35), spoken(12)
    ('30 to 40', '10 to 15')
    """
    low = max(5, 5 * round(0.8 * minutes / 5))
    return f"{low} to {max(low + 5, 5 * round(1.2 * minutes / 5))}"


def announced(course: Course, lesson: Path) -> dict[str, str]:
    """The minutes of a lesson and of the quiz after it, if there is one, as lessons and README state them."""
    return {name: spoken(count) for name, count in counted(course, lesson).items()}


def counted(course: Course, lesson: Path) -> dict[str, float]:
    """The `minutes` of a lesson in its text form, and the `quiz_minutes` of the quiz after it."""
    counts = {"minutes": core_minutes(lesson_cells(lesson))}
    for assignment in course.assignments:
        if assignment.lesson == lesson.stem:
            counts["quiz_minutes"] = course.minutes(assignment)
    return counts


def core_minutes(cells: Iterable[Cell]) -> float:
    """The minutes of a lesson's cells; a folded section (`## Deeper: ...`) is not counted."""
    worth: dict[str, float] = {}
    minutes, counted = 0.0, True
    for cell in cells:
        source = cell["source"]
        if cell["cell_type"] == "markdown":
            if source.startswith("## "):
                counted = not source.startswith(DEEPER)
            minutes += counted * len(re.findall(r"\w[\w’'-]*", _read(source))) / WORDS
            continue
        tree = ast.parse(source)
        worth |= _what_takes_time(tree)
        if counted:
            folded = cell["metadata"].get("jupyter", {}).get("source_hidden", False)
            minutes += 0 if folded else len([line for line in source.splitlines() if line.strip()]) / LINES
            minutes += sum(_of_calls(tree, worth))
    return minutes


def _read(source: str) -> str:
    """Prose without what nobody reads word by word: formulas, tags, addresses and folded text."""
    return re.sub(r"(?s)<details>.*?</details>|\$[^$]+\$|<[^>]+>|\]\([^)]*\)", " ", source)


def _what_takes_time(tree: ast.AST) -> dict[str, float]:
    """The minutes of a call of each figure and explorer that a cell imports."""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module)
    return {
        alias.asname or alias.name: minutes
        for node in found
        for room, minutes in _ROOMS.items()
        if f"{node.module}.".startswith(f"{room}.")
        for alias in node.names
    }


def _of_calls(tree: ast.AST, worth: dict[str, float]) -> Iterator[float]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name in ("before", "after"):
                six = sum(_declared()[item] for item in ITEMS)
                yield six * (_GUESS if name == "before" else 1)
            elif name in _ITEMS:
                asked = node.args[0] if node.args else None
                item = str(asked.value) if isinstance(asked, ast.Constant) else ""
                yield _declared().get(item, _ITEMS[name])
            else:
                yield worth.get(name, 0.0)


@cache
def _declared() -> dict[str, float]:
    """The minutes that the lessons' items declare, by id."""
    folders = [folder for folder in resources.files("rollout_lab.quiz").iterdir() if folder.is_dir()]
    files = chain.from_iterable(folder.iterdir() for folder in folders)
    items = (tomllib.loads(file.read_text("utf-8")) for file in files if file.name.endswith(".toml"))
    return {item["id"]: item["minutes"] for item in items if "minutes" in item}
