"""Answers from the shelves in the quiz notebooks, in a real kernel: graded ones and self-check copies."""

from itertools import zip_longest

import nbformat
import pytest
from nbclient import NotebookClient

from rollout_lab.quiz.scoring import render, wrapped

from .judging import COURSE, ROOT, verdict_on_function
from .shelves import right_answers, wrong_answers

each_assignment = pytest.mark.parametrize(
    "assignment", [assignment.name for assignment in COURSE.assignments]
)


def exercises_of(assignment):
    (items,) = (a.items for a in COURSE.assignments if a.name == assignment)
    return [name for name in items if COURSE.items[name].kind == "function"]


def executed(cells):
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    return notebook.cells


def cells_by_grade_id(notebook):
    graded = (cell for cell in notebook.cells if "nbgrader" in cell.metadata)
    return {cell.metadata.nbgrader.grade_id: cell for cell in graded}


def code_cell(source, tag):
    return nbformat.v4.new_code_cell(source, metadata={"tag": tag})


def printed(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


@each_assignment
def test_right_answers_pass_the_form_check_and_earn_full_marks_in_their_notebook(assignment):
    source = nbformat.read(ROOT / "quizzes" / "source" / assignment / f"{assignment}.ipynb", as_version=4)
    given = cells_by_grade_id(source)
    cells = [code_cell(given["setup"].source, "setup")]
    for students_answers in zip_longest(*map(right_answers, exercises_of(assignment))):
        for answer in filter(None, students_answers):
            cells.append(code_cell(answer.code, f"{answer}"))
            cells.append(code_cell(given[f"check_{answer.exercise}"].source, f"check of {answer}"))
            cells.append(code_cell(given[f"test_{answer.exercise}"].source, f"test of {answer}"))
    for cell in executed(cells):
        if cell.metadata.tag.startswith("check of"):
            assert printed(cell).startswith("Form checked"), cell.metadata.tag
        if cell.metadata.tag.startswith("test of"):
            result = [o.data["text/plain"] for o in cell.outputs if o.output_type == "execute_result"]
            points = COURSE.points(cell.metadata.tag.removeprefix("test of ").split("-")[0])
            assert result == [str(points)], (cell.metadata.tag, printed(cell))


@each_assignment
def test_a_self_check_copy_tells_at_once_what_is_wrong_and_shows_it(assignment):
    copy = nbformat.read(ROOT / "quizzes" / "self_check" / f"{assignment}.ipynb", as_version=4)
    sources = [cell.source for cell in copy.cells if cell.cell_type == "code"]
    setup = [source for source in sources if "import" in source or source.startswith("# What the checks")]
    cells = [code_cell(source, "setup") for source in setup]
    chosen = {}
    for exercise in exercises_of(assignment):
        (check,) = (source for source in sources if source.startswith(f'self_check("{exercise}"'))
        for answer in [a for a in wrong_answers(exercise) if a.finding == "counterexample"][:4]:
            chosen[f"check of {answer}"] = answer
            cells += [code_cell(answer.code, f"{answer}"), code_cell(check, f"check of {answer}")]
    for cell in executed(cells):
        if cell.metadata.tag in chosen:
            answer = chosen[cell.metadata.tag]
            verdict = verdict_on_function(answer.exercise, answer.function())
            assert printed(cell) == wrapped(render(verdict)) + "\n"
