"""Formgrader in the hands of a teacher who is not root: a pasted picture, a script, points given by hand."""

import base64
import json
import shutil

import pytest
from nbgrader.api import Gradebook

from ..classroom.nbgrader_class import fill_in, read
from ..ordinary import copy_of_the_course, people
from .conftest import ROOT, new_lab, serve
from .test_teacher import RUNS

pytestmark = pytest.mark.needs("bubblewrap")
QUIZ = "quiz1_single_layer_attention"
PICTURE = ROOT / "docs" / "pictures" / "diagnosis.png"


@pytest.fixture(scope="module")
def person():
    with people("teacher") as (teacher,), teacher.at_work():
        yield teacher


@pytest.fixture(scope="module")
def graded(person):
    """The folder `quizzes` of a teacher who has graded ada's notebook, with a picture and a script in it."""
    quizzes = copy_of_the_course(person) / "quizzes"
    person.run("nbgrader", "generate_assignment", QUIZ, cwd=quizzes)
    folder = quizzes / "submitted" / "ada" / QUIZ
    shutil.copytree(quizzes / "release" / QUIZ, folder)
    fill_in(folder / f"{QUIZ}.ipynb", {"softmax": "def softmax(scores):\n    return scores"})
    notebook = read(folder / f"{QUIZ}.ipynb")
    picture = base64.b64encode(PICTURE.read_bytes()).decode()
    cell = {
        "cell_type": "markdown",
        "id": "sketch",
        "metadata": {},
        "source": f"{RUNS}\n\nmy sketch: ![image.png](attachment:image.png)",
        "attachments": {"image.png": {"image/png": picture}},
    }
    notebook["cells"].insert(1, cell)
    (folder / f"{QUIZ}.ipynb").write_text(json.dumps(notebook), "utf-8")
    person.own(quizzes)
    person.run("rollout-lab", "grade", QUIZ, cwd=quizzes)
    return quizzes


def submission(quizzes):
    """The id of ada's notebook, its score, and what was given by hand."""
    with Gradebook(f"sqlite:///{quizzes / 'gradebook.db'}", "attention_rollout") as gradebook:
        notebook = gradebook.find_submission_notebook(QUIZ, QUIZ, "ada")
        grade = next(each for each in notebook.grades if each.name == "test_softmax")
        return notebook.id, notebook.score, grade.manual_score


@pytest.fixture
def lab(chromium, person, graded, tmp_path, request):
    where = serve("teach", graded.parent, tmp_path / "log", person.prefix(), person.environment)
    for address in where:
        yield from new_lab(chromium, address, request.node.name)


def test_a_picture_is_seen_no_script_runs_and_points_given_by_hand_stay(lab, person, graded):
    number, score, _none = submission(graded)
    lab.page.goto(f"{lab.address}/formgrader/submissions/{number}/")
    sketch = lab.page.locator("img[src^='data:image/png']").first
    sketch.scroll_into_view_if_needed()
    lab.page.wait_for_function("image => image.naturalWidth > 100", arg=sketch.element_handle())
    assert "my sketch" in lab.page.inner_text("body")
    assert lab.page.evaluate("window.hacked") is None
    lab.screenshot("formgrader_picture")
    points = lab.page.locator("input.score#test_softmax")
    with lab.page.expect_response(
        lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"
    ):
        points.fill("1.5")
        points.blur()
    lab.screenshot("formgrader_points")
    assert submission(graded) == (number, score + 1.5, 1.5)
    person.run("rollout-lab", "grade", QUIZ, "--force", cwd=graded)
    assert submission(graded) == (number, score + 1.5, 1.5)
    lab.page.reload()
    lab.page.wait_for_function("() => document.querySelector('input.score#test_softmax')?.value === '1.5'")
