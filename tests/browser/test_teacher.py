"""An instructor's JupyterLab finds the course."""

import json
import subprocess
import sys

import pytest
from nbgrader.api import Gradebook

from rollout_lab.classroom.build.bank import load_course

from .conftest import ROOT
from .test_feedback import paste, see_pictures

QUIZ = "quiz1_single_layer_attention"
RUNS = """<script>window.hacked = 1</script><img src="x" onerror="window.hacked = 1">"""
SHOWS = f"""
from IPython.display import HTML, SVG, Javascript, Markdown, display
for kind in (HTML, Markdown):
    display(kind('{RUNS.replace(chr(10), "")}<b>shown</b>'))
display(Javascript("window.hacked = 1"))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg"><script>window.top.hacked = 1</script></svg>'))
"""


def test_formgrader_lists_the_three_assignments(teacher):
    teacher.open()
    teacher.page.get_by_role("menuitem", name="Nbgrader").click()
    teacher.page.get_by_role("menuitem", name="Formgrader", exact=True).click()
    table = teacher.page.frame_locator("iframe")
    for assignment in load_course(ROOT / "quizzes" / "bank").assignments:
        table.get_by_text(assignment.name, exact=True).first.wait_for()
    teacher.screenshot("formgrader")


def test_the_assignment_list_shows_what_was_released(teacher):
    teacher.open()
    teacher.page.get_by_role("menuitem", name="Nbgrader").click()
    teacher.page.get_by_role("menuitem", name="Assignment List").click()
    teacher.page.get_by_text("quiz1_single_layer_attention").first.wait_for()


def test_validate_works_for_an_instructor_too(teacher):
    quiz = "quizzes/release/quiz1_single_layer_attention/quiz1_single_layer_attention.ipynb"
    teacher.open(quiz)
    teacher.page.get_by_role("button", name="Validate").click()
    teacher.page.get_by_role("dialog").get_by_text("softmax is not written yet").wait_for()


def test_a_student_sees_no_formgrader(student):
    student.open()
    student.page.get_by_role("menuitem", name="Nbgrader").click()
    student.page.get_by_role("menuitem", name="Assignment List").wait_for()
    assert student.page.get_by_role("menuitem", name="Formgrader").count() == 0


@pytest.fixture(scope="module")
def hostile_submission(released):
    """The id of a submission full of scripts, graded by plain nbgrader."""
    quizzes = released / "quizzes"
    notebook = json.loads((quizzes / "release" / QUIZ / f"{QUIZ}.ipynb").read_text("utf-8"))
    cell = {"metadata": {}, "id": "scripts", "cell_type": "markdown", "source": f"{RUNS} my note"}
    code = {
        **cell,
        "id": "code",
        "cell_type": "code",
        "source": SHOWS,
        "outputs": [],
        "execution_count": None,
    }
    notebook["cells"] += [cell, code]
    folder = quizzes / "submitted" / "mallory" / QUIZ
    folder.mkdir(parents=True)
    (folder / f"{QUIZ}.ipynb").write_text(json.dumps(notebook), "utf-8")
    paste(folder / f"{QUIZ}.ipynb")
    command = [sys.executable, "-m", "nbgrader", "autograde", QUIZ, "--student=mallory", "--create"]
    subprocess.run(command, cwd=quizzes, check=True, capture_output=True)
    with Gradebook(f"sqlite:///{quizzes / 'gradebook.db'}", "attention_rollout") as gradebook:
        return gradebook.find_submission_notebook(QUIZ, QUIZ, "mallory").id


def test_formgrader_runs_no_script_of_a_student_s_and_draws_formulas(teacher, hostile_submission):
    teacher.page.goto(f"{teacher.address}/formgrader/submissions/{hostile_submission}/")
    teacher.page.get_by_text("my note").wait_for()
    teacher.page.get_by_text("shown", exact=True).first.wait_for()
    assert teacher.page.evaluate("window.hacked") is None
    assert teacher.page.locator("math").count() == 2  # the statements of softmax and attention_weights
    see_pictures(teacher.page)
    teacher.screenshot("formgrader_submission")
