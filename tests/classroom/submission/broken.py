"""A shelf of notebooks broken in the ways they break in practice; one function a way.

Each takes a notebook with right answers (as a dictionary) and the answers, and returns what the
student's folder holds instead: file names with text, or with bytes. The shelf says what becomes of the grade,
and what `rollout-lab grade` tells the instructor of a notebook that it had to find or could not read.
"""

import copy
import json
from collections.abc import Callable

from ..nbgrader_class import ROOT

QUIZ = "quiz1_single_layer_attention"
FILE = f"{QUIZ}.ipynb"

Files = dict[str, str | bytes]

BLANK = "the quiz as it was handed out"
"""Stands for the text of that notebook."""

FULL, FOUND, NONE = "full marks", "full marks with rollout-lab grade alone", "no grade"
SHAPED = "full marks with rollout-lab grade, by chance with nbgrader"
SHELF: dict[str, tuple[Callable[[dict], Files], str, str]] = {}


def broken(expected: str, told: str = ""):
    """Put a way of breaking on the shelf, with what must become of the grade, and what must be told of it.

    A function that returns nothing has changed the notebook, which is handed in under its own name.
    """

    def put(function):
        SHELF[function.__name__] = (lambda notebook: function(notebook) or files(notebook), expected, told)
        return function

    return put


def files(notebook: dict, **others: str | bytes) -> Files:
    return {FILE: json.dumps(notebook), **others}


def given_metadata(notebook: dict) -> list[dict]:
    """nbgrader's metadata of the quiz's cells."""
    return [cell["metadata"]["nbgrader"] for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]


def find(notebook: dict, grade_id: str) -> int:
    names = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]]
    assert names.count(grade_id) == 1
    return names.index(grade_id)


@broken(FULL)
def answer_cell_copied(notebook):
    position = find(notebook, "softmax")
    notebook["cells"].insert(position + 1, {**copy.deepcopy(notebook["cells"][position]), "id": "copied"})


@broken(FULL)
def hidden_test_cell_copied(notebook):
    position = find(notebook, "test_softmax")
    notebook["cells"].append({**copy.deepcopy(notebook["cells"][position]), "id": "copied"})


@broken(FULL)
def all_cells_pasted_twice(notebook):
    again = copy.deepcopy(notebook["cells"])
    for cell in again:
        cell["id"] += "-2"
    notebook["cells"] += again


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


@broken(FULL)
def every_locked_cell_deleted(notebook):
    notebook["cells"] = [
        c
        for c in notebook["cells"]
        if not c["metadata"].get("nbgrader", {}).get("grade_id", "").startswith(("check_", "test_"))
    ]


@broken(FULL)
def answer_cell_deleted_and_written_anew(notebook):
    position = find(notebook, "softmax")
    cell = notebook["cells"][position]
    notebook["cells"][position] = {**cell, "metadata": {}, "id": "written-anew"}


@broken(FULL)
def cells_in_reverse_order(notebook):
    setup = find(notebook, "setup") + 1
    notebook["cells"][setup:] = notebook["cells"][setup:][::-1]


@broken(FULL)
def test_cell_moved_to_the_top(notebook):
    notebook["cells"].insert(0, notebook["cells"].pop(find(notebook, "test_fuse_heads")))


@broken(FULL)
def answer_cell_turned_into_markdown(notebook):
    cell = notebook["cells"][find(notebook, "attention_weights")]
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


@broken(FULL)
def answer_cell_turned_raw(notebook):
    cell = notebook["cells"][find(notebook, "q1")]
    cell["cell_type"] = "raw"
    del cell["outputs"], cell["execution_count"]


@broken(FULL)
def locked_cells_unlocked_and_edited(notebook):
    for cell in notebook["cells"]:
        metadata = cell["metadata"].get("nbgrader", {})
        if metadata.get("locked"):
            metadata["locked"] = False
            cell["source"] = "# nothing to check here" if cell["cell_type"] == "code" else "gone"


@broken(FULL)
def points_raised_by_the_student(notebook):
    for metadata in given_metadata(notebook):
        metadata |= {"points": 100} if "points" in metadata else {}


@broken(FULL)
def metadata_of_an_old_nbgrader(notebook):
    for metadata in given_metadata(notebook):
        metadata["schema_version"] = 1


@broken(FULL)
def metadata_of_a_future_nbgrader(notebook):
    for metadata in given_metadata(notebook):
        metadata["schema_version"] = 99


@broken(FULL)
def metadata_of_another_type(notebook):
    notebook["cells"][find(notebook, "check_q1")]["metadata"]["nbgrader"] = ["not", "a", "mapping"]


@broken(FULL)
def another_kernel(notebook):
    notebook["metadata"]["kernelspec"] = {"display_name": "R", "language": "R", "name": "ir"}


@broken(FULL)
def no_kernel_named(notebook):
    notebook["metadata"] = {}


@broken(FULL)
def saved_by_colab(notebook):
    notebook["nbformat_minor"] = 0
    notebook["metadata"] = {
        "colab": {"provenance": []},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
    }
    for cell in notebook["cells"]:
        cell["metadata"] |= {"id": cell.pop("id"), "colab": {"base_uri": "https://localhost:8080/"}}


@broken(FULL)
def saved_by_vs_code(notebook):
    notebook["metadata"] = {
        "kernelspec": {"display_name": ".venv (3.12.1)", "language": "python", "name": "venv"},
        "language_info": {"name": "python", "version": "3.12.1"},
    }
    for cell in notebook["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python"}


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
def line_ends_and_tabs_of_an_editor(notebook):
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("    ", "\t").replace("\n", " \r\n")


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


@broken(FULL, r"\(1\).ipynb holds answers too: " + FILE + " counts")
def a_copy_of_it_beside_it(notebook):
    second = copy.deepcopy(notebook)
    second["cells"][find(notebook, "q1")]["source"] = "answer_q1 = 'tried'"
    return files(notebook, **{f"{QUIZ} (1).ipynb": json.dumps(second)})


@broken(FOUND, "my answers .final..ipynb, which holds the quiz's cells, was taken for it")
def renamed(notebook):
    return {"my answers (final).ipynb": json.dumps(notebook)}


@broken(FOUND, r"quiz1_single_layer_attention \(1\).ipynb, which holds .* was taken for it")
def renamed_by_a_browser(notebook):
    return {f"{QUIZ} (1).ipynb": json.dumps(notebook), "scratch.ipynb": json.dumps({"cells": []})}


@broken(FOUND, "quiz1_single_layer_attention-2.ipynb, which holds .* was taken for it")
def renamed_by_an_lms(notebook):
    return {f"{QUIZ}-2.ipynb": json.dumps(notebook)}


@broken(FOUND, "Copy of quiz1_single_layer_attention.ipynb, which holds .* was taken for it")
def renamed_by_colab(notebook):
    return {f"Copy of {FILE}": json.dumps(notebook), "data.csv": "1,2"}


@broken(FOUND, "answers/" + FILE + ", which holds .* was taken for it")
def put_into_a_folder(notebook):
    return {f"answers/{FILE}": json.dumps(notebook)}


@broken(SHAPED, "answers/" + FILE + ", which holds .* was taken for it")
def put_into_a_folder_with_a_module_of_its_own(notebook):
    cell = notebook["cells"][find(notebook, "softmax")]
    module, cell["source"] = f"import numpy as np\n{cell['source']}", "from helper import softmax"
    return {f"answers/{FILE}": json.dumps(notebook), "answers/helper.py": module}


@broken(FOUND, FILE + " is empty")
def an_empty_file_of_its_name_and_the_work_under_another(notebook):
    return {FILE: "", f"{QUIZ}-Copy1.ipynb": json.dumps(notebook)}


@broken(FOUND, "was saved in another encoding than UTF-8")
def saved_in_utf_16(notebook):
    return {FILE: json.dumps(notebook, ensure_ascii=False).encode("utf-16")}


@broken(FOUND, "was saved in UTF-8 with a byte order mark")
def saved_with_a_byte_order_mark(notebook):
    return {FILE: b"\xef\xbb\xbf" + json.dumps(notebook).encode()}


@broken(SHAPED)
def keys_left_out(notebook):
    for cell in notebook["cells"]:
        for key in ("outputs", "execution_count", "id"):
            cell.pop(key, None)
    return {FILE: json.dumps({"cells": notebook["cells"]})}


@broken(SHAPED, r"The text of cell 1 could not be read.*|timestamp.txt tells no time: it is not known when")
def values_of_other_types(notebook):
    for cell in notebook["cells"]:
        cell |= {"id": 7, "outputs": {"a": 7}, "execution_count": "x", "attachments": 7}
        cell["metadata"] |= {"tags": "x", "jupyter": 7, "collapsed": []}
    notebook["cells"][0]["source"] = None
    notebook |= {
        "metadata": {"kernelspec": "python", "language_info": [3]},
        "nbformat": "4",
        "nbformat_minor": -1,
    }
    return files(notebook, **{"timestamp.txt": "python"})


@broken(SHAPED, "What stood for cells 1, 2, 3 is no cell: it was left out")
def what_is_no_cell(notebook):
    notebook["cells"][:0] = [7, None, ["text"]]


@broken(SHAPED, "The type of cells 4, 21 could not be read: it ran as code")
def unknown_cell_types(notebook):
    notebook["cells"][find(notebook, "softmax")]["cell_type"] = "python"
    del notebook["cells"][find(notebook, "statement_q1")]["cell_type"]


@broken(SHAPED, "Characters that cannot be read were taken out of cell 21")
def half_characters_and_nul(notebook):
    notebook["cells"][find(notebook, "softmax")]["source"] += "\n# \ud800 \0"


@broken(SHAPED)
def numbers_of_five_thousand_digits_and_none(notebook):
    notebook["cells"][0]["metadata"]["x"] = float("nan")
    text = json.dumps(notebook)
    return {FILE: text.replace('"points": 2.0', f'"points": {"9" * 5000}').replace("2.0", "1e999")}


@broken(SHAPED)
def nested_metadata(notebook):
    return {FILE: json.dumps(notebook)[:-1] + f', "deep": {"[" * 900}{"]" * 900}}}'}


@broken(
    SHAPED,
    "No cell for your answer to q1, q6, row_or_column, mean_of_heads, softmax, attention_weights, "
    "fuse_heads, break_it_1 is there",
)
def all_metadata_dropped_by_an_editor(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {}


@broken(SHAPED, "left out, as a folder stands where a file belongs: timestamp.txt/x")
def a_folder_for_its_time(notebook):
    return files(notebook, **{"timestamp.txt/x": "2026-01-01"})


@broken(SHAPED, "quiz1_FINAL.ipynb, which holds .* was taken for it: " + FILE + " is blank")
def a_blank_one_beside_the_answers(notebook):
    return {FILE: BLANK, "quiz1_FINAL.ipynb": json.dumps(notebook)}


@broken(
    SHAPED,
    "b.ipynb holds answers too, 1 of them to questions that " + FILE.replace(".", r"\.") + " leaves open",
)
def a_copy_with_one_answer_more(notebook):
    more = copy.deepcopy(notebook)
    position = find(notebook, "q1")
    del notebook["cells"][position]
    more["cells"][position]["source"] += "  # again"
    notebook["cells"][0] = {"cell_type": "code", "metadata": {}, "source": more["cells"][position]["source"]}
    return files(notebook, **{"b.ipynb": json.dumps(more)})


@broken(
    SHAPED, "x.IPYNB.txt, which holds .* was taken for it: " + FILE + " is another notebook: it begins 'Mine'"
)
def another_notebook_of_its_name(notebook):
    other = {"cells": [{"cell_type": "markdown", "source": "# Mine", "metadata": {}}], "nbformat": 4}
    return {FILE: json.dumps(other), "x.IPYNB.txt": json.dumps(notebook)}


@broken(SHAPED, r"<b>!\[x\]\(attachment:y\).ipynb, which holds .* was taken for it")
def a_name_that_markdown_would_take_for_a_picture(notebook):
    return {"<b>![x](attachment:y).ipynb": json.dumps(notebook)}


@broken(NONE, FILE + " is blank.*, and several notebooks hold its cells: a.ipynb, b.ipynb. Keep the one")
def a_blank_one_beside_two_with_answers(notebook):
    other = copy.deepcopy(notebook)
    other["cells"].pop()
    return {FILE: BLANK, "a.ipynb": json.dumps(notebook), "b.ipynb": json.dumps(other)}


@broken(
    NONE, "is another notebook: it begins 'Quiz 1: .* check yourself', and no cell of the quiz is in it. Ask"
)
def the_self_check(notebook):
    return {FILE: (ROOT / "quizzes" / "self_check" / FILE).read_text("utf-8")}


@broken(
    NONE, "is another notebook: it begins 'One layer of attention', and no cell of the quiz is in it. Ask"
)
def the_lesson(notebook):
    return {FILE: (ROOT / "course" / "01_single_layer_attention.ipynb").read_text("utf-8")}


@broken(NONE, "is nested too deeply to be a notebook: ask the student")
def nested_without_end(notebook):
    return {FILE: json.dumps(notebook)[:-1] + f', "deep": {"[" * 10**5}{"]" * 10**5}}}'}


@broken(NONE, "several notebooks hold its cells: a.ipynb, b.ipynb. Keep the one that counts")
def two_notebooks_of_other_names(notebook):
    second = copy.deepcopy(notebook)
    second["cells"].pop()
    return {"a.ipynb": json.dumps(notebook), "b.ipynb": json.dumps(second)}


@broken(NONE, "is missing, and no other notebook holds its cells .scratch.ipynb is another notebook.")
def another_notebook_alone(notebook):
    return {"scratch.ipynb": json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})}


@broken(NONE, "is missing, and no other notebook holds its cells. Ask the student")
def nothing_but_a_note(notebook):
    return {"sorry.txt": "I could not finish."}


@broken(NONE, r"breaks off at line \d+: it was cut short")
def cut_off(notebook):
    text = json.dumps(notebook)
    return {FILE: text[: len(text) // 2]}


@broken(NONE, "is empty: ask the student")
def empty_file(notebook):
    return {FILE: ""}


@broken(NONE, r"holds merge-conflict markers at line \d+ .<<<<<<<.: ask the student which side counts")
def merge_conflict(notebook):
    text = json.dumps(notebook, indent=1)
    half = len(text) // 2
    return {FILE: f"{text[:half]}\n<<<<<<< HEAD\n{text[half:]}\n=======\n{text[half:]}\n>>>>>>> theirs\n"}


@broken(NONE, "is JSON but no notebook: it holds no list of cells")
def not_a_notebook(notebook):
    return {FILE: json.dumps(["no", "notebook"])}


@broken(NONE, "is a web page and no notebook")
def a_web_page(notebook):
    return {FILE: "<!DOCTYPE html>\n<title>Quiz 1</title>"}


@broken(NONE, r"is broken JSON at line 2 \(")
def edited_in_a_text_editor(notebook):
    return {FILE: '{\n"cells": [,],\n"metadata": {}}'}
