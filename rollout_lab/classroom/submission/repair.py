"""Restore the cells of a submitted notebook to the form that nbgrader grades, and list what was mended.

Nothing a student typed is taken out: a cell that stands where it cannot count becomes an ordinary one.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal
from unicodedata import normalize

from nbformat import NotebookNode, from_dict
from nbgrader.utils import compute_checksum

from rollout_lab.classroom import limits

MENDED = "rollout_lab_mended"  # key in a notebook's metadata for what was mended before nbgrader read it

# What writing programs put for plain quotes, line ends and nothing.
SMART = str.maketrans(
    {**dict.fromkeys("‘’‚‛", "'"), **dict.fromkeys("“”„‟", '"'), "\u2028": "\n", "\u200b": "", "\ufeff": ""}
)


@dataclass(frozen=True)
class GivenCell:
    """A cell as it was handed out: its grade id, its type, its source and nbgrader's metadata."""

    grade_id: str
    cell_type: str
    source: str
    metadata: Mapping[str, Any]

    @property
    def is_answer(self) -> bool:
        return bool(self.metadata["solution"])


@dataclass(frozen=True)
class Mended:
    """One thing that was mended; `str` of it is the sentence for whoever grades."""

    kind: Literal["double", "type", "order", "missing", "changed"]
    name: str = ""  # a grade id, or several in one text
    cell: NotebookNode | None = None  # where it was found
    was: str = ""  # the cell's type before

    def __str__(self) -> str:
        return MENDINGS[self.kind].format(self.name, self.cell and self.cell["cell_type"], self.was)


MENDINGS = {
    "double": "There are several cells {0}: the first is taken for the quiz's own, the others run where they "
    "stand.",
    "type": "The {1} cell {0} was of type {2}: mended.",
    "order": "Cells of the quiz had changed places: they stand in the quiz's order again.",
    "missing": "No cell for your answer to {0} is there: an answer in another cell counts if it stands above "
    "the quiz's test of it.",
    "changed": "What the quiz itself says had been changed in {0}: the original stands again.",
}


def repair(
    cells: Sequence[NotebookNode], given: Sequence[GivenCell]
) -> tuple[list[NotebookNode], list[Mended]]:
    """Give a submission's cells (in place) the metadata, types and order of the quiz's cells with a grade id.

    Missing cells are put back, but for those that a student writes.
    """
    order = {each.grade_id: position for position, each in enumerate(given)}
    mended: list[Mended] = []
    at: dict[int, int] = {}
    for index, cell in enumerate(cells):
        position = order.get(grade_id(cell) or "")
        cell["metadata"].pop("nbgrader", None)
        if position is None:
            continue
        original = given[position]
        if position in at.values():
            mended.append(Mended("double", original.grade_id, cell))
            continue
        at[index] = position
        cell["metadata"]["nbgrader"] = dict(original.metadata)
        if cell["cell_type"] != original.cell_type:
            mended.append(Mended("type", original.grade_id, cell, was=cell["cell_type"]))
            _retype(cell, original.cell_type)
    slots, sources = list(at), sorted(at, key=at.__getitem__)
    if slots != sources:
        mended.append(Mended("order"))
        moved = {slot: cells[source] for slot, source in zip(slots, sources, strict=True)}
        cells = [moved.get(index, cell) for index, cell in enumerate(cells)]
    found = set(at.values())
    missing = [each.grade_id for p, each in enumerate(given) if p not in found and each.is_answer]
    if missing:
        mended.append(Mended("missing", ", ".join(missing)))
    return _with_missing(list(cells), given), mended


def grade_id(cell: Mapping[str, Any]) -> str | None:
    """nbgrader's grade id of a cell, None where there is none that can be read."""
    metadata = cell["metadata"].get("nbgrader")
    found = metadata.get("grade_id") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, str) and found else None


def called(cell: Mapping[str, Any], number: int) -> str:
    """A cell's name in notes: its grade id, or its number as submitted; `number` counts added cells too."""
    submitted = re.fullmatch(r"cell-(\d+)", cell.get("id", ""))  # see `normalise_notebook`
    return grade_id(cell) or f"cell {submitted[1] if submitted else number}"


def line_feeds(source: str) -> str:
    """A cell's text with the line ends that notebooks have."""
    return source.replace("\r\n", "\n").replace("\r", "\n")


def forms(source: str) -> list[str]:
    """The texts that a cell may have had before an editor changed what nobody sees: tabs, blanks, line ends.

    How wide a tab was meant to be is not known, so there is a form for each width.
    """
    if len(source) > limits.COMPARED:
        return [source]
    lines = normalize("NFC", line_feeds(source))
    bare = [
        "\n".join(line.rstrip(" \t") for line in lines.expandtabs(width).split("\n")) for width in (8, 2, 4)
    ]
    return [line_feeds(source), lines, *(text.rstrip("\n") for text in bare)]


def same_text(source: str, other: str) -> bool:
    """Whether two texts differ in nothing but what editors change unseen (see `forms`), or in quotes."""
    return not set(forms(_plain(source))).isdisjoint(forms(_plain(other)))


def _plain(text: str) -> str:
    """The text with straight quotes, and with the characters for which Unicode's others stand."""
    return normalize("NFKC", text.translate(SMART)) if len(text) <= limits.COMPARED else text


def _with_missing(cells: list[NotebookNode], given: Sequence[GivenCell]) -> list[NotebookNode]:
    """The cells with the quiz's own missing ones put back, each behind the one that stood before it.

    Where that is an answer cell that is missing, they stand at the end: any cell may hold the answer.
    """
    behind = -1
    for each in given:
        here = next((i for i, cell in enumerate(cells) if grade_id(cell) == each.grade_id), None)
        if here is None and not each.is_answer:
            here = behind + 1
            cell = {"id": f"restored-{each.grade_id}", "metadata": {"nbgrader": dict(each.metadata)}}
            cells.insert(here, from_dict(cell | {"source": each.source}))
            _retype(cells[here], each.cell_type)
        behind = len(cells) - 1 if here is None else here
    return cells


def _retype(cell: NotebookNode, cell_type: str) -> None:
    cell["cell_type"] = cell_type
    if cell_type == "code":
        cell.update(outputs=[], execution_count=None)
        cell.pop("attachments", None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def is_unchanged(cell: NotebookNode) -> bool:
    """Whether a cell's text is the one that its checksum was made of, but for what editors change unseen."""
    damaged = (ArithmeticError, AttributeError, KeyError, TypeError, ValueError)
    with suppress(*damaged):  # metadata that is missing or anything
        checksums = (compute_checksum(NotebookNode({**cell, "source": form})) for form in forms(cell.source))
        return cell.metadata.nbgrader.checksum in checksums
    return False
