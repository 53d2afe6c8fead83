"""nbgrader's Validate for students: it names what grading would mend, mends it the same way, and goes on.

It runs in the student's JupyterLab, so it needs nothing but nbgrader.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from nbclient.exceptions import DeadKernelError
from nbconvert.filters import ansi2html
from nbformat import NotebookNode, from_dict
from nbgrader.nbgraderformat import ValidationError
from nbgrader.validator import Validator

from rollout_lab.classroom.submission.notebook_format import normalise_notebook
from rollout_lab.classroom.submission.reading import NotANotebook, read_notebook
from rollout_lab.classroom.submission.repair import (
    GivenCell,
    Mended,
    grade_id,
    is_unchanged,
    line_feeds,
    repair,
)
from rollout_lab.quiz.names import PARTS, SETUP, item_of, part_of

# A quiz of this course is known by one of these, with its setup cell or without.
OURS = ("rollout_lab.quiz", "check_choice(", "check_function(")
WIDTH = 83  # characters of a line that nbgrader does not cut

WARNING = "{num_failed} THING(S) TO LOOK AT. As the notebook is now, you may lose points by them.\n"
WHOLE = "(the whole notebook)"
AGAIN = "For a clean copy get the quiz again, and paste your answers into it."
COPIED = (
    "The first one counts; a copy runs, and is not graded. Put your answer into the first one and delete the "
    "copy: click it, then Edit > Delete Cell. To try something out, paste the text alone into a new cell."
)
RETYPED = (
    "Grading turns it back, and so did this check. Click the cell and choose its type again in the list in "
    "the notebook's toolbar."
)
MOVED = f"Grading puts them back in order, and so did this check. Drag them back to their places. {AGAIN}"
NO_ANSWER_CELL = (
    "An answer in another cell is run and graded all the same; without one there are no points. Bring the "
    f"cell back with Edit > Undo Cell Operation. {AGAIN}"
)
DELETED = (
    f"Grading puts it back; here it cannot be checked. Bring it back with Edit > Undo Cell Operation. {AGAIN}"
)
CHANGED = (
    "Grading puts the original back, so nothing that you wrote in it counts. Move lines of your own into the "
    f"cell for your answer. {AGAIN}"
)
NO_KERNEL = "This check took Python 3, and so will grading. Choose it too: Kernel > Change Kernel."
ENDED = (
    "A cell ended the notebook's process, so nothing could be checked. Does one call exit(), or take too "
    "much memory? Run the cells one by one to find it."
)
DAMAGED = (
    "What nbgrader keeps beside the cells is damaged, so nothing could be checked. Grading mends it, and "
    f"your answers count. {AGAIN}"
)

nbgrader_s_validate = Validator.validate


def install() -> None:
    """Replace nbgrader's Validate, the button and the command: it has no setting for its steps."""
    Validator.validate = validate


def validate(validator: Validator, filename: str) -> dict[str, list[dict[str, str]]]:
    """List what is to be mended in a notebook in the form of nbgrader's Validate: {} if there is nothing."""
    if validator.invert:
        return nbgrader_s_validate(validator, filename)
    validator.failed_warning = WARNING
    path = Path(filename)
    try:
        content = read_notebook(path.read_bytes())
    except NotANotebook as error:
        return _failed([(path.name, f"{path.name} {error}.")])
    normalised, notes = normalise_notebook(content)
    notebook = from_dict(normalised)
    found = [(WHOLE, textwrap.fill(f"{note} {AGAIN}", WIDTH)) for note in notes]
    found += mend(notebook, changed=not validator.ignore_checksums)
    try:
        with chdir(path.parent):
            notebook = validator._preprocess(notebook)
    except DeadKernelError:
        found.append((WHOLE, textwrap.fill(ENDED, WIDTH)))
    except ValidationError:
        found.append((WHOLE, textwrap.fill(DAMAGED, WIDTH)))
    else:
        failed = validator._get_failed_cells(notebook)
        found += [(cell.source, validator._extract_error(cell)) for cell in failed]
    return _failed(found)


def _failed(found: Sequence[tuple[str, str]]) -> dict[str, list[dict[str, str]]]:
    entries = [
        {"source": source.strip(), "error": ansi2html(text), "raw_error": text} for source, text in found
    ]
    return {"failed": entries} if entries else {}


def mend(notebook: NotebookNode, *, changed: bool = True) -> Iterator[tuple[str, str]]:
    """Mend a notebook as grading does, as far as that can be done without the quiz as it was handed out.

    Yields the text of each cell that its student should look at, and what is wrong and to be done there.
    """
    given = set()
    for source, found, advice in _mend(notebook, changed):
        yield source, textwrap.fill(found if advice in given else f"{found} {advice}", WIDTH)
        given.add(advice)


def _mend(notebook: NotebookNode, changed: bool) -> Iterator[tuple[str, str, str]]:
    for cell in notebook.cells:
        cell.source = line_feeds(cell.source)
    cells = notebook.cells
    numbers: dict[str, list[int]] = {}
    for number, cell in enumerate(cells, start=1):
        numbers.setdefault(grade_id(cell) or "", []).append(number)
    ours = any(word in cell.source for word in OURS for cell in cells)
    given = _given_cells(cells, ours)
    notebook.cells, mended = repair(cells, given)
    for each in mended:
        number = next((number for number, cell in enumerate(cells, start=1) if cell is each.cell), 0)
        yield each.cell.source if each.cell else WHOLE, *_found_and_advice(each, number, numbers)
    if ours:  # other courses on this machine name their cells in other ways
        yield from _missing([each.grade_id for each in given])
    for cell in notebook.cells if changed else []:
        metadata = cell.metadata.get("nbgrader", {})
        if "checksum" in metadata and not (metadata.solution or metadata.task or is_unchanged(cell)):
            found = f"The quiz's own cell {metadata.grade_id} is not as it was handed out."
            yield cell.source, found, CHANGED
    yield from _kernel(notebook.metadata)


def _given_cells(cells: Sequence[NotebookNode], ours: bool) -> list[GivenCell]:
    """The quiz's cells as far as the notebook shows them: the first of each grade id, in the quiz's order."""
    firsts = {name: cell for cell in reversed(cells) if (name := grade_id(cell))}
    names = list(dict.fromkeys(name for cell in cells if (name := grade_id(cell))))
    if ours:
        items = [item_of(name) for name in names]
        names.sort(key=lambda name: (name != SETUP, items.index(item_of(name)), PARTS.index(part_of(name))))
    return [_given_cell(name, firsts[name]) for name in names]


def _given_cell(name: str, cell: NotebookNode) -> GivenCell:
    """A cell of the quiz with metadata that nbgrader reads, made of whatever is there."""
    found = cell.metadata.nbgrader
    cell_type, points, checksum = (found.get(each) for each in ("cell_type", "points", "checksum"))
    if cell_type not in ("code", "markdown", "raw"):
        cell_type = cell.cell_type
    metadata = {
        "schema_version": 3,
        "grade_id": name,
        "cell_type": cell_type,
        **{each: found.get(each) is True for each in ("grade", "solution", "locked", "task")},
    }
    if metadata["grade"] or metadata["task"]:
        metadata["points"] = points if type(points) in (int, float) and points >= 0 else 0
    if isinstance(checksum, str):
        metadata["checksum"] = checksum
    return GivenCell(name, cell_type, cell.source, metadata)


def _found_and_advice(mended: Mended, number: int, numbers: Mapping[str, Sequence[int]]) -> tuple[str, str]:
    """What was mended at the cell of this number, and what its student should do."""
    name = mended.name
    if mended.kind == "order":
        return "Cells of the quiz do not stand in the order in which they were handed out.", MOVED
    if mended.kind == "type" and mended.cell:
        now = f"was a {mended.cell.cell_type} cell and is a {mended.was} cell now"
        return f"This cell ({name}, number {number} from the top) {now}.", RETYPED
    first, *_others = numbers[name]
    return f"This cell (number {number} from the top) is a copy of the cell {name} (number {first}).", COPIED


def _missing(found: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """The setup, and cells of items of which others are there, that are missing."""
    if SETUP not in found:
        yield "(setup)", "The quiz's own cell setup is missing.", DELETED
    for item in dict.fromkeys(item_of(name) for name in found if part_of(name)):
        for name in (part + item for part in PARTS if part + item not in found):
            what = f"The cell for your answer to {name}" if name == item else f"The quiz's own cell {name}"
            yield f"({name})", f"{what} is missing.", NO_ANSWER_CELL if name == item else DELETED


def _kernel(metadata: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Take Python, as grading does, where the kernel that the notebook names is not here."""
    spec = metadata.get("kernelspec")
    name = spec.get("name") if isinstance(spec, Mapping) else None
    if name in KernelSpecManager().find_kernel_specs():
        return
    metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    if name:
        yield WHOLE, f"The notebook asks for the kernel {name!r}, which is not on this machine.", NO_KERNEL
