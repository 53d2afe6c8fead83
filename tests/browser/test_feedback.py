"""The feedback page as a student opens it from JupyterLab, and as it looks without the internet."""

import base64
import json
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe

from rollout_lab.classroom.build.bank import load_course
from rollout_lab.classroom.grade.assignment import grade

from ..classroom.nbgrader_class import ROOT, Classroom, fill_in, read

QUIZ = "quiz1_single_layer_attention"
PLACE = "graded/feedback/2026-11-24 08:30:39 UTC"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP8z4APMOGVHbHSAEEsAROxCnMTAAAAAElFTkSuQmCC"
WRONG = {"softmax": "def softmax(scores):\n    return scores", "q1": "A"}


def paste(notebook):
    """Paste pictures into a Markdown cell, as JupyterLab does; one is a drawing with a script."""
    script = "<script>window.hacked = parent.hacked = top.hacked = 1</script>"
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">{script}</svg>'
    content = read(notebook)
    cell = {"cell_type": "markdown", "id": "sketch", "metadata": {}}
    cell["source"] = (
        "![sketch](attachment:my%20sketch.png) ![drawing](attachment:a.svg) ![lost](attachment:lost.png)"
    )
    cell["attachments"] = {
        "my sketch.png": {"image/png": PNG},
        "a.svg": {"image/svg+xml": base64.b64encode(drawing.encode()).decode()},
    }
    content["cells"].insert(1, cell)
    notebook.write_text(json.dumps(content), "utf-8")


def see_pictures(frame):
    """What a page shows of what `paste` pasted."""
    for name, width in {"sketch": 10, "drawing": 40}.items():
        picture = frame.get_by_role("img", name=name)
        picture.wait_for()
        assert picture.evaluate("image => image.naturalWidth") == width
    frame.get_by_text("[Picture lost (lost.png): the notebook does not hold it]").wait_for()
    assert frame.evaluate("window.hacked") is None


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """The page of a student with a wrong softmax, a letter that may be wrong and nothing else."""
    classroom = Classroom(tmp_path_factory.mktemp("feedback"))
    classroom.release(QUIZ)
    notebook = classroom.fetch("ada", QUIZ)
    fill_in(notebook, WRONG)
    paste(notebook)
    classroom.submit("ada", QUIZ)
    classroom.collect(QUIZ)
    assert [each.score for each in grade(classroom.course, QUIZ).now] != [None]
    return classroom.feedback(QUIZ, "ada")


@pytest.fixture(params=["light", "dark"])
def page(chromium, page_file, request):
    """The page opened from disk, with what it asks of any other place refused and noted."""
    context = chromium.new_context(color_scheme=request.param)
    page = context.new_page()
    page.asked = []
    page.on("request", lambda asked: page.asked.append(asked.url))
    page.on("console", lambda message: page.asked.append(message.text))
    page.goto(page_file.as_uri())
    yield page
    context.close()


def test_the_page_needs_nothing_from_elsewhere_and_draws_its_formulas(page, page_file):
    assert page.asked == [page_file.as_uri()]
    assert page.locator("script").count() == 0
    formulas = page.locator("math")
    assert formulas.count() == 2  # the statements of softmax and attention_weights
    for position in range(2):
        box = formulas.nth(position).bounding_box()
        assert box["height"] > 25, "a fraction is drawn on two lines"
    assert "\\frac" not in page.inner_text("main")


def test_pasted_pictures_are_on_the_page_which_says_whose_it_is(page):
    see_pictures(page)
    assert page.title() == f"Feedback: {QUIZ}, ada"


def test_the_page_is_accessible_and_its_hints_unfold_by_keyboard(page):
    violations = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in violations] == []
    hint = page.locator("details").first
    hint.locator("summary").focus()
    page.keyboard.press("Enter")
    assert hint.get_attribute("open") is not None


def test_the_table_leads_to_each_verdict(page):
    items = next(a for a in load_course(ROOT / "quizzes" / "bank").assignments if a.name == QUIZ).items
    links = page.locator("table a")
    assert links.all_inner_texts() == list(items)
    links.last.click()
    verdict = page.locator(f"#test_{items[-1]}")
    assert verdict.bounding_box()["y"] < page.viewport_size["height"]
    assert "There is no input to judge" in verdict.inner_text()


def test_a_link_opens_the_lesson(student, page_file, released):
    student.open()  # by now the working copy is there
    folder = released / "my-course" / PLACE
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(page_file, folder)
    with student.page.context.expect_page() as opened:
        student.command("docmanager:open-browser-tab", path=f"{PLACE}/{page_file.name}")
    feedback = opened.value
    feedback.locator("#test_softmax").get_by_role("link").click()
    feedback.get_by_role("heading", name="From scores to weights").wait_for(timeout=30_000)
    assert "01_single_layer_attention.ipynb" in feedback.url
