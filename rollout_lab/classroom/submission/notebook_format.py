"""Bring a notebook of any form into the one that nbformat, nbgrader and nbconvert can read.

What grading needs of a cell is its type, its text, its grade id and the pictures pasted into it; all else is
made anew, so that no form of it can stop a later step. Outputs are not kept: grading clears them anyway.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from rollout_lab.classroom.notes import first_few

from .quiz_builds import METADATA

OLD_TYPES = {"heading": "markdown", "html": "markdown"}  # cell types of older formats
TAG = re.compile(r"[\w-]+")

Numbers = dict[str, list[int]]  # of mended cells, by the sentence that says what was mended


def raw_cells(notebook: Mapping[str, Any]) -> Iterator[Any]:
    """Whatever stands in the place of cells, in a notebook of any format."""
    if isinstance(cells := notebook.get("cells"), list):
        yield from cells
    elif isinstance(sheets := notebook.get("worksheets"), list):
        for sheet in sheets:
            cells = sheet.get("cells") if isinstance(sheet, dict) else None
            yield from cells if isinstance(cells, list) else ()


def normalise_notebook(notebook: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The notebook (any JSON object) in nbformat 4.5, and a sentence for each kind of mending."""
    found: Numbers = defaultdict(list)
    cells = []
    for number, each in enumerate(raw_cells(notebook), start=1):
        if isinstance(each, dict):
            cells.append(_cell(each, number, found))
        else:
            found["What stood for {} is no cell: it was left out."].append(number)
    normalised = {"nbformat": 4, "nbformat_minor": 5, "metadata": _metadata(notebook), "cells": cells}
    return normalised, [
        sentence.format(f"cell{'s' if numbers[1:] else ''} {first_few(numbers, 8)}")
        for sentence, numbers in found.items()
    ]


def _cell(cell: Mapping[str, Any], number: int, found: Numbers) -> dict[str, Any]:
    cell_type = cell.get("cell_type")
    if not isinstance(cell_type, str) or cell_type not in ("code", "markdown", "raw", *OLD_TYPES):
        found["The type of {} could not be read: it ran as code."].append(number)
        cell_type = "code"
    source = cell.get("source", cell.get("input"))  # the latter in nbformat 3
    if cell_type == "heading":
        source = f"# {_text(source)}"
    if not _is_text(source):
        found["The text of {} could not be read."].append(number)
    text = _text(source).removeprefix("\ufeff")
    if text != (text := clean(text)):
        found["Characters that cannot be read were taken out of {}."].append(number)
    normalised = {
        "id": f"cell-{number}",
        "cell_type": OLD_TYPES.get(cell_type, cell_type),
        "metadata": _metadata_of_cell(cell.get("metadata"), number, found),
        "source": text,
    }
    if cell_type == "code":
        return normalised | {"execution_count": None, "outputs": []}
    if pictures := cell.get("attachments"):
        normalised["attachments"] = _attachments(pictures)
        if len(normalised["attachments"]) != len(pictures if isinstance(pictures, dict) else "1"):
            found["A picture or file pasted into {} could not be read."].append(number)
    return normalised


def _is_text(source: Any) -> bool:
    return isinstance(source, str) or (isinstance(source, list) and all(isinstance(s, str) for s in source))


def _text(source: Any) -> str:
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def clean(text: str) -> str:
    """A text that can be saved, and run by Python: no NUL and no half of a character."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _metadata_of_cell(metadata: Any, number: int, found: Numbers) -> dict[str, Any]:
    """A cell's tags, its build and nbgrader's metadata, as far as they can be read."""
    if not isinstance(metadata, dict):
        found["The metadata of {} could not be read."].append(number)
        return {}
    given, tags, own = (metadata.get(key) for key in ("nbgrader", "tags", METADATA))
    kept: dict[str, Any] = {}
    if isinstance(own, dict) and isinstance(build := own.get("build"), str):
        kept[METADATA] = {"build": clean(build)}
    if isinstance(tags, list) and all(isinstance(tag, str) and TAG.fullmatch(tag) for tag in tags):
        kept["tags"] = sorted(set(tags))
    if isinstance(given, dict):
        plain = {clean(k): v for k, v in given.items() if isinstance(v, str | int | float)}
        kept["nbgrader"] = {k: clean(v) if isinstance(v, str) else v for k, v in plain.items()}
    return kept


def _attachments(pictures: Any) -> dict[str, dict[str, str]]:
    """Pictures pasted into a cell: by name, by type, in base64."""
    kept = {}
    for name, forms in pictures.items() if isinstance(pictures, dict) else ():
        forms = forms.items() if isinstance(forms, dict) else ()
        if forms := {clean(kind): clean(_text(data)) for kind, data in forms if _is_text(data)}:
            kept[clean(name)] = forms
    return kept


def _metadata(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """The kernel that a notebook names, and the version of its language."""
    metadata = notebook.get("metadata")
    kernel, language = (
        metadata.get(k) if isinstance(metadata, dict) else None for k in ("kernelspec", "language_info")
    )
    kept: dict[str, Any] = {}
    if isinstance(kernel, dict) and isinstance(name := kernel.get("name"), str):
        kept["kernelspec"] = {"name": clean(name), "display_name": clean(name)}
    if isinstance(language, dict):
        version = language.get("version")
        known = {"version": clean(version)} if isinstance(version, str) else {}
        kept["language_info"] = {"name": "python", **known}
    return kept
