"""Bring a handed-in notebook back to the shape that nbgrader grades, and say what was done.

Students copy, split, move, retype and unlock cells, and other programs rewrite metadata. Nothing a
student typed is taken out: a cell that stands where it cannot count becomes an ordinary one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import from_dict


@dataclass(frozen=True)
class GivenCell:
    """A cell as it was handed out: its grade id, its type, its source and nbgrader's metadata."""

    grade_id: str
    cell_type: str
    source: str
    metadata: Mapping[str, Any]


def repair(cells: Sequence[dict], given: Sequence[GivenCell]) -> tuple[list[dict], list[str]]:
    """The cells of a submission with the metadata, types and order that were handed out.

    ``cells`` are nbformat cells (changed in place), ``given`` the cells of the quiz that carry a grade id,
    in order. Missing cells are put back, but for those that a student writes. Returns the cells, and a
    sentence for each thing that was mended.
    """
    order = {each.grade_id: position for position, each in enumerate(given)}
    said: list[str] = []
    at: dict[int, int] = {}
    for index, cell in enumerate(cells):
        position = order.get(_grade_id(cell))
        cell["metadata"].pop("nbgrader", None)
        if position is None:
            continue
        name, original = given[position].grade_id, given[position]
        if position in at.values():
            said.append(f"There are several cells {name}: the first counts, the others only run.")
            continue
        at[index] = position
        cell["metadata"]["nbgrader"] = dict(original.metadata)
        if cell["cell_type"] != original.cell_type:
            said.append(f"The {original.cell_type} cell {name} was of type {cell['cell_type']}: mended.")
            _retype(cell, original.cell_type)
    slots, sources = list(at), sorted(at, key=at.__getitem__)
    if slots != sources:
        said.append("Cells of the quiz had changed places: they stand in the quiz's order again.")
        moved = {slot: cells[source] for slot, source in zip(slots, sources, strict=True)}
        cells = [moved.get(index, cell) for index, cell in enumerate(cells)]
    found = set(at.values())
    said += [
        f"The cell {each.grade_id}, which held your answer, is missing."
        for position, each in enumerate(given)
        if position not in found and _is_answer(each)
    ]
    return _with_missing(list(cells), given), said


def _grade_id(cell: Mapping[str, Any]) -> Any:
    metadata = cell["metadata"].get("nbgrader")
    grade_id = metadata.get("grade_id") if isinstance(metadata, Mapping) else None
    return grade_id if isinstance(grade_id, str) else None


def _is_answer(each: GivenCell) -> bool:
    return bool(each.metadata["solution"])


def _with_missing(cells: list[dict], given: Sequence[GivenCell]) -> list[dict]:
    """The cells with the quiz's own missing ones put back, each behind the one that stood before it."""
    behind = -1
    for each in given:
        here = next((i for i, cell in enumerate(cells) if _grade_id(cell) == each.grade_id), None)
        if here is None and not _is_answer(each):
            here = behind + 1
            cell = {
                "id": f"restored-{each.grade_id}",
                "cell_type": each.cell_type,
                "metadata": {"nbgrader": dict(each.metadata)},
                "source": each.source,
            }
            cells.insert(here, from_dict(cell))
            _retype(cells[here], each.cell_type)
        behind = behind if here is None else here
    return cells


def _retype(cell: dict, cell_type: str) -> None:
    cell["cell_type"] = cell_type
    if cell_type == "code":
        cell.update(outputs=[], execution_count=None)
        cell.pop("attachments", None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
