"""A shelf of notebooks broken in the ways they break in practice; one function a way.

Each takes a notebook with right answers (as a dictionary) and the answers, and returns what the
student's folder holds instead: file names with text. ``EXPECTED`` says what becomes of the grade.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

QUIZ = "quiz1_single_layer_attention"
FILE = f"{QUIZ}.ipynb"

FULL, NONE = "full marks", "no grade"
SHELF: dict[str, tuple[Callable[[dict], dict[str, str]], str]] = {}


def broken(expected: str):
    """Put a way of breaking on the shelf, with what must become of the grade."""

    def put(function):
        SHELF[function.__name__] = (function, expected)
        return function

    return put


def files(notebook: dict, **others: str) -> dict[str, str]:
    return {FILE: json.dumps(notebook), **others}


def find(notebook: dict, grade_id: str) -> int:
    (index,) = (
        i
        for i, c in enumerate(notebook["cells"])
        if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )
    return index


@broken(FULL)
def answer_cell_copied(notebook):
    position = find(notebook, "softmax")
    notebook["cells"].insert(position + 1, {**copy.deepcopy(notebook["cells"][position]), "id": "copied"})
    return files(notebook)


@broken(FULL)
def hidden_test_cell_copied(notebook):
    position = find(notebook, "test_softmax")
    notebook["cells"].append({**copy.deepcopy(notebook["cells"][position]), "id": "copied"})
    return files(notebook)


@broken(FULL)
def all_cells_pasted_twice(notebook):
    again = copy.deepcopy(notebook["cells"])
    for cell in again:
        cell["id"] += "-2"
    notebook["cells"] += again
    return files(notebook)


@broken(FULL)
def answer_cell_split(notebook):
    position = find(notebook, "fuse_heads")
    cell = notebook["cells"][position]
    second = {
        **copy.deepcopy(cell),
        "id": "second-half",
        "source": "print(fuse_heads(np.ones((2, 2, 2)) / 2))",
    }
    notebook["cells"].insert(position + 1, second)
    return files(notebook)


@broken(FULL)
def every_locked_cell_deleted(notebook):
    notebook["cells"] = [
        c
        for c in notebook["cells"]
        if not c["metadata"].get("nbgrader", {}).get("grade_id", "").startswith(("check_", "test_"))
    ]
    return files(notebook)


@broken(FULL)
def answer_cell_deleted_and_written_anew(notebook):
    position = find(notebook, "softmax")
    cell = notebook["cells"][position]
    notebook["cells"][position] = {**cell, "metadata": {}, "id": "written-anew"}
    return files(notebook)


@broken(FULL)
def cells_in_reverse_order(notebook):
    setup = find(notebook, "setup") + 1
    notebook["cells"][setup:] = notebook["cells"][setup:][::-1]
    return files(notebook)


@broken(FULL)
def test_cell_moved_to_the_top(notebook):
    notebook["cells"].insert(0, notebook["cells"].pop(find(notebook, "test_fuse_heads")))
    return files(notebook)


@broken(FULL)
def answer_cell_turned_into_markdown(notebook):
    cell = notebook["cells"][find(notebook, "attention_weights")]
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]
    return files(notebook)


@broken(FULL)
def answer_cell_turned_raw(notebook):
    cell = notebook["cells"][find(notebook, "q1")]
    cell["cell_type"] = "raw"
    del cell["outputs"], cell["execution_count"]
    return files(notebook)


@broken(FULL)
def locked_cells_unlocked_and_edited(notebook):
    for cell in notebook["cells"]:
        metadata = cell["metadata"].get("nbgrader", {})
        if metadata.get("locked"):
            metadata["locked"] = False
            cell["source"] = "# nothing to check here" if cell["cell_type"] == "code" else "gone"
    return files(notebook)


@broken(FULL)
def points_raised_by_the_student(notebook):
    for cell in notebook["cells"]:
        if "points" in cell["metadata"].get("nbgrader", {}):
            cell["metadata"]["nbgrader"]["points"] = 100
    return files(notebook)


@broken(FULL)
def metadata_of_an_old_nbgrader(notebook):
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 1
    return files(notebook)


@broken(FULL)
def metadata_of_a_future_nbgrader(notebook):
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 99
    return files(notebook)


@broken(FULL)
def metadata_of_another_type(notebook):
    notebook["cells"][find(notebook, "check_q1")]["metadata"]["nbgrader"] = ["not", "a", "mapping"]
    return files(notebook)


@broken(FULL)
def another_kernel(notebook):
    notebook["metadata"]["kernelspec"] = {"display_name": "R", "language": "R", "name": "ir"}
    return files(notebook)


@broken(FULL)
def no_kernel_named(notebook):
    notebook["metadata"] = {}
    return files(notebook)


@broken(FULL)
def saved_by_colab(notebook):
    notebook["nbformat_minor"] = 0
    notebook["metadata"] = {
        "colab": {"provenance": []},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
    }
    for cell in notebook["cells"]:
        cell["metadata"] |= {"id": cell.pop("id"), "colab": {"base_uri": "https://localhost:8080/"}}
    return files(notebook)


@broken(FULL)
def saved_by_vs_code(notebook):
    notebook["metadata"] = {
        "kernelspec": {"display_name": ".venv (3.12.1)", "language": "python", "name": "venv"},
        "language_info": {"name": "python", "version": "3.12.1"},
    }
    for cell in notebook["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python"}
    return files(notebook)


@broken(FULL)
def saved_in_nbformat_3(notebook):
    cells = []
    for cell in notebook["cells"]:
        old = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        if cell["cell_type"] == "code":
            old |= {"input": cell["source"], "outputs": [], "language": "python", "collapsed": False}
        else:
            old["source"] = cell["source"]
        cells.append(old)
    old = {
        "metadata": {"name": ""},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
    return files(old)


@broken(FULL)
def extra_files_and_a_second_notebook(notebook):
    others = {"notes.txt": "my notes", "scratch.ipynb": json.dumps(notebook), "data/big.csv": "1,2\n" * 1000}
    return files(notebook, **others)


@broken(FULL)
def saved_outputs_that_claim_a_score(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            data = {"text/plain": "2.0"}
            cell["outputs"] = [
                {"output_type": "execute_result", "execution_count": 1, "data": data, "metadata": {}}
            ]
    return files(notebook)


@broken(NONE)
def renamed(notebook):
    return {"my answers (final).ipynb": json.dumps(notebook)}


@broken(NONE)
def nothing_but_a_note(notebook):
    return {"sorry.txt": "I could not finish."}


@broken(NONE)
def cut_off(notebook):
    text = json.dumps(notebook)
    return {FILE: text[: len(text) // 2]}


@broken(NONE)
def empty_file(notebook):
    return {FILE: ""}


@broken(NONE)
def merge_conflict(notebook):
    text = json.dumps(notebook, indent=1)
    half = len(text) // 2
    return {FILE: f"{text[:half]}\n<<<<<<< HEAD\n{text[half:]}\n=======\n{text[half:]}\n>>>>>>> theirs\n"}


@broken(NONE)
def not_a_notebook(notebook):
    return {FILE: json.dumps(["no", "notebook"])}
