"""Bring a handed-in notebook back to the shape that nbgrader grades, and say what was done.

Students copy, split, move, retype and unlock cells, and other programs rewrite metadata, line ends and
tabs. Nothing a student typed is taken out: a cell that stands where it cannot count becomes an ordinary one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from nbformat import NotebookNode, from_dict
from nbgrader.utils import compute_checksum

from rollout_lab.classroom import limits

MENDED = "rollout_lab_mended"
"""Where a notebook's metadata keep what was mended before nbgrader read it (see ``handed_in``)."""

SMART = str.maketrans(
    {**dict.fromkeys("‘’‚‛", "'"), **dict.fromkeys("“”„‟", '"'), "\u2028": "\n", "\u200b": "", "\ufeff": ""}
)
"""What writing programs put for plain quotes, line ends and nothing."""


@dataclass(frozen=True)
class GivenCell:
    """A cell as it was handed out: its grade id, its type, its source and nbgrader's metadata."""

    grade_id: str
    cell_type: str
    source: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class Mended:
    """One thing that was mended: its ``kind``, the grade id ``name``, and the cell that it was found at.

    ``double``: one more cell of the name; ``type``: the cell was of the type ``was``; ``order``: cells stood
    in another order; ``missing``: answer cells are not there; ``changed``: cells that nobody should edit were
    edited. The last three are found at no cell, and the last two name all that there are.
    ``str`` of it is the sentence for whoever grades.
    """

    kind: str
    name: str = ""
    cell: Mapping[str, Any] | None = None
    was: str = ""

    def __str__(self) -> str:
        match self.kind:
            case "double":
                return (
                    f"There are several cells {self.name}: the first is taken for the quiz's own, "
                    "the others run where they stand."
                )
            case "type":
                return f"The {self.cell['cell_type']} cell {self.name} was of type {self.was}: mended."
            case "order":
                return "Cells of the quiz had changed places: they stand in the quiz's order again."
            case "changed":
                return (
                    f"What the quiz itself says had been changed in {self.name}: the original stands again."
                )
        return (
            f"No cell for your answer to {self.name} is there: "
            "an answer in another cell counts if it stands above the quiz's test of it."
        )


def repair(cells: Sequence[dict], given: Sequence[GivenCell]) -> tuple[list[dict], list[Mended]]:
    """The cells of a submission with the metadata, types and order that were handed out.

    ``cells`` are nbformat cells (changed in place), ``given`` the cells of the quiz that carry a grade id,
    in order. Missing cells are put back, but for those that a student writes. Returns the cells, and
    what was mended.
    """
    order = {each.grade_id: position for position, each in enumerate(given)}
    mended: list[Mended] = []
    at: dict[int, int] = {}
    for index, cell in enumerate(cells):
        position = order.get(grade_id(cell))
        cell["metadata"].pop("nbgrader", None)
        if position is None:
            continue
        name, original = given[position].grade_id, given[position]
        if position in at.values():
            mended.append(Mended("double", name, cell))
            continue
        at[index] = position
        cell["metadata"]["nbgrader"] = dict(original.metadata)
        if cell["cell_type"] != original.cell_type:
            mended.append(Mended("type", name, cell, was=cell["cell_type"]))
            _retype(cell, original.cell_type)
    slots, sources = list(at), sorted(at, key=at.__getitem__)
    if slots != sources:
        mended.append(Mended("order"))
        moved = {slot: cells[source] for slot, source in zip(slots, sources, strict=True)}
        cells = [moved.get(index, cell) for index, cell in enumerate(cells)]
    found = set(at.values())
    missing = [each.grade_id for p, each in enumerate(given) if p not in found and _is_answer(each)]
    if missing:
        mended.append(Mended("missing", ", ".join(missing)))
    return _with_missing(list(cells), given), mended


def grade_id(cell: Mapping[str, Any]) -> str | None:
    """nbgrader's grade id of a cell, None where there is none that can be read."""
    metadata = cell["metadata"].get("nbgrader")
    found = metadata.get("grade_id") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, str) and found else None


def called(cell: Mapping[str, Any], number: int) -> str:
    """How a note names a cell: by its grade id, or by its number in the notebook as it was handed in.

    ``number`` counts the cells as they are now, with those that grading has added.
    """
    handed_in = re.fullmatch(r"cell-(\d+)", cell.get("id", ""))  # see ``in_shape``
    return grade_id(cell) or f"cell {handed_in[1] if handed_in else number}"


def line_feeds(source: str) -> str:
    r"""A cell's text with the line ends that notebooks have.

    >>> line_feeds("a\r\nb\rc")
    'a\nb\nc'
    """
    return source.replace("\r\n", "\n").replace("\r", "\n")


def forms(source: str) -> list[str]:
    r"""A cell's text as it may have been before an editor changed what nobody sees.

    Editors write other line ends, tabs for spaces or spaces for tabs, compose accents, and add or remove
    blanks at the ends of lines and of the cell. How wide a tab was meant to be is not known, so there is a
    form for each width.

    >>> forms("if x:\r\n\ty = 1 \r\n")[-1]
    'if x:\n    y = 1'
    """
    if len(source) > limits.COMPARED:
        return [source]
    lines = normalize("NFC", line_feeds(source))
    bare = [
        "\n".join(line.rstrip(" \t") for line in lines.expandtabs(width).split("\n")) for width in (8, 2, 4)
    ]
    return [line_feeds(source), lines, *(text.rstrip("\n") for text in bare)]


def same_text(source: str, other: str) -> bool:
    r"""Whether two texts differ in nothing but what editors change unseen (see ``forms``), or in quotes.

    >>> same_text("if x:\n    y = 'a'", "if x:\r\n\ty = ‘a’"), same_text("if x:\n    y = 1", "if x:\ny = 1")
    (True, False)
    """
    return not set(forms(_plain(source))).isdisjoint(forms(_plain(other)))


def _plain(text: str) -> str:
    """The text with straight quotes, and with the characters for which Unicode's others stand."""
    return normalize("NFKC", text.translate(SMART)) if len(text) <= limits.COMPARED else text


def _is_answer(each: GivenCell) -> bool:
    return bool(each.metadata["solution"])


def _with_missing(cells: list[dict], given: Sequence[GivenCell]) -> list[dict]:
    """The cells with the quiz's own missing ones put back, each behind the one that stood before it.

    Where that is an answer cell that is missing, they stand at the end: any cell may hold the answer.
    """
    behind = -1
    for each in given:
        here = next((i for i, cell in enumerate(cells) if grade_id(cell) == each.grade_id), None)
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
        behind = len(cells) - 1 if here is None else here
    return cells


def _retype(cell: dict, cell_type: str) -> None:
    cell["cell_type"] = cell_type
    if cell_type == "code":
        cell.update(outputs=[], execution_count=None)
        cell.pop("attachments", None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def is_as_it_was_given(cell) -> bool:
    """Whether a cell's text is the one that its checksum was made of, but for what editors change unseen."""
    try:
        checksums = (compute_checksum(NotebookNode({**cell, "source": form})) for form in forms(cell.source))
        return cell.metadata.nbgrader.checksum in checksums
    except (
        ArithmeticError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
    ):  # metadata that is missing or damaged
        return False
