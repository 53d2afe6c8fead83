"""A student copies an answer cell in JupyterLab and presses Validate."""

import json
import platform
import shutil

QUIZ = "quiz1_single_layer_attention"
NOTEBOOK = "copied_cell.ipynb"


def test_validate_names_a_copied_cell_and_goes_on(student, released):
    path = released / "my-course" / NOTEBOOK
    shutil.copy(released / "quizzes" / "release" / QUIZ / f"{QUIZ}.ipynb", path)
    student.open(NOTEBOOK)
    student.cell("def softmax(scores)")
    for step in ("copy-cell", "paste-cell-below"):
        student.command(f"notebook:{step}")
    student.save()
    student.page.get_by_role("button", name="Validate").click()
    dialog = student.page.get_by_role("dialog")
    dialog.get_by_text("is a copy of the cell softmax (number 21)").wait_for()
    student.screenshot("quiz1_validate_copied")
    said = dialog.inner_text()
    assert "number 22 from the top" in said
    assert "q1 is not answered yet" in said
    assert "Traceback" not in said
    assert "corrupted" not in said

    notebook = json.loads(path.read_text("utf-8"))
    # Where grading finds with which Python a hand-in was written.
    assert notebook["metadata"]["language_info"]["version"] == platform.python_version()
    grade_ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]]
    assert grade_ids.count("softmax") == 2
