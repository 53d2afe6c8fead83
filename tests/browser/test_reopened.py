"""Yesterday's notebook, and a kernel that does not answer: every kind of widget, in one notebook."""

import json
import shutil

import nbformat
import pytest

from .conftest import SCREENSHOTS
from .jupyterlab import Lab

SETUP = """
import os, time
import numpy as np
from rollout_lab import explorers
from rollout_lab.explorers.slider import slider_check
from rollout_lab.quiz import choose, practice, predict
maps = np.random.default_rng(0).dirichlet(np.full(5, 0.3), size=(3, 2, 5)).astype(np.float32)
words = list("ABCDE")
"""
BUSY = "while not os.path.exists('go-on'): time.sleep(0.05)"
ASKED = {
    "prediction": "predict('reopened-sum', 'What sums to `1`?', options=['Every row', 'Every column'])",
    "options": "practice('shape-of-a-product')",
    "number": "practice('fill-in-a-product')",
    "order": "practice('factors-in-order')",
    "entry": "practice('who-reads-whom')",
    "recorded": "answer_q1 = ''\nchoose('q1', answer_q1, A='one', B='two')",
}
EXPLORED = {
    "heads": "explorers.head_view(maps, words)",
    "tracer": "explorers.path_tracer(maps, words)",
    "stepper": "explorers.rollout_stepper(maps, words)",
    "staged": "explorers.row_collapse(maps, words, depth=1)",
    "own": "explorers.own_sentence('overview')",
    "slider": "slider_check()",
}
CELLS = ASKED | EXPLORED
NAME = "reopened.ipynb"


@pytest.fixture(scope="module")
def lab(chromium, student_address, released):
    """The notebook, open."""
    sources = [SETUP, *CELLS.values(), BUSY]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, released / "my-course" / NAME)
    # What other tests answered in this working copy is not this student's.
    shutil.rmtree(released / "my-course" / ".rollout-lab" / "answers", ignore_errors=True)
    SCREENSHOTS.mkdir(exist_ok=True)
    context = chromium.new_context(viewport={"width": 1280, "height": 1000}, locale="en-GB")
    lab = Lab(context.new_page(), student_address, SCREENSHOTS, "reopened")
    lab.open(NAME)
    yield lab
    lab.close()
    context.close()


@pytest.fixture
def run(lab):
    """The notebook, its widgets fresh from the kernel."""
    run_widgets(lab)
    return lab


def run_widgets(lab) -> None:
    lab.run_cells(lambda cell: cell["source"] != BUSY)
    lab.wait_for_kernel()
    assert lab.failures() == []


def cell_of(lab, kind: str):
    return lab.cell(CELLS[kind].splitlines()[-1])  # a click changes the line above


def live(lab, kind: str):
    cell = cell_of(lab, kind)
    cell.locator(".rollout-options, .rollout-live, .rollout-lab-stage").first.wait_for()
    return cell


def status(cell):
    return cell.locator(".rollout-options-status, [role=status]").first


def saying(lab, cell, text: str) -> None:
    status(cell).filter(has_text=text).wait_for()


def answer_all(lab) -> None:
    """Answer each question, wrongly where one can be wrong, and wait for what is said."""
    for kind, said in {"prediction": "Kept.", "options": "Not yet.", "recorded": "The cell says"}.items():
        live(lab, kind).locator("button").first.click()
        saying(lab, live(lab, kind), said)
    give_number(live(lab, "number"), "3/8")
    saying(lab, live(lab, "number"), "Right.")
    live(lab, "order").get_by_role("button", name="Check").click()
    saying(lab, live(lab, "order"), "Not yet.")
    live(lab, "entry").locator("tbody td").first.click()
    saying(lab, live(lab, "entry"), "Not yet.")


def give_number(cell, text: str) -> None:
    cell.locator("input").first.fill(text)
    cell.locator("input").first.press("Enter")


def test_right_and_wrong_are_told_by_sign_word_and_colour(run):
    answer_all(run)
    wrong, right = live(run, "options"), live(run, "number")
    assert status(wrong).inner_text().startswith("✗ Not yet.")
    assert status(right).inner_text().startswith("✓ Right.")
    assert wrong.locator("[aria-pressed=true] .mark").inner_text() == "✗ not yet"
    colours = [status(cell).evaluate("(e) => getComputedStyle(e).borderLeftColor") for cell in (wrong, right)]
    assert len(set(colours)) == 2
    assert live(run, "prediction").locator("[aria-pressed=true] .mark").inner_text() == "● chosen"


def test_while_the_kernel_is_busy_the_widget_says_that_it_waits_and_then_answers(run, released):
    go_on = released / "my-course" / "go-on"
    go_on.unlink(missing_ok=True)
    options, number, tracer = live(run, "options"), live(run, "number"), live(run, "tracer")
    busy = len(CELLS) + 1
    run.page.evaluate(
        """(index) => {
            window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
            void window.jupyterapp.commands.execute("notebook:run-cell");
        }""",
        busy,
    )
    run.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'"
    )
    options.locator("button").nth(2).click()
    give_number(number, "1/4")
    tracer.get_by_role("radio", name="Output B").click()
    for cell in (options, number, tracer):
        saying(run, cell, "The kernel has not answered")
    go_on.touch()
    saying(run, options, "Right.")
    saying(run, number, "Not yet.")
    saying(run, tracer, "R[B, ")


def test_after_a_restart_what_was_said_goes_and_the_widget_says_how_to_go_on(run, released):
    answer_all(run)
    answers = released / "my-course" / ".rollout-lab" / "answers"
    before = {path.name: path.read_text("utf-8") for path in answers.iterdir()}
    run.restart_kernel()

    number = live(run, "number")
    number.locator("input").first.fill("1/4")
    assert "Right" not in status(number).inner_text()
    number.locator("input").first.press("Enter")
    live(run, "options").locator("button").nth(2).click()
    live(run, "prediction").locator("button").nth(1).click()
    live(run, "recorded").locator("button").nth(1).click()
    live(run, "order").get_by_role("button", name="Move down").first.click()
    assert "Not yet" not in status(live(run, "order")).inner_text()
    live(run, "order").get_by_role("button", name="Check").click()
    live(run, "entry").locator("tbody td").nth(1).click()
    live(run, "heads").get_by_role("radio", name="Reader C").click()
    live(run, "tracer").get_by_role("radio", name="Output C").click()
    live(run, "stepper").get_by_role("button", name="Next").click()
    for kind in ("staged", "slider"):
        live(run, kind).get_by_role("slider").first.press("ArrowRight")
    live(run, "own").get_by_role("combobox").first.select_option(index=1)
    for kind in CELLS:
        cell = live(run, kind)
        saying(run, cell, "Run this cell again to go on")
        assert not any(word in status(cell).inner_text() for word in ("Right.", "Not yet.", "Kept."))
    assert "save the notebook and it stands" in status(live(run, "recorded")).inner_text()
    assert live(run, "options").locator("[aria-pressed=true] .mark").inner_text() == "not kept"
    assert {path.name: path.read_text("utf-8") for path in answers.iterdir()} == before
    run.screenshot("restarted")

    run_widgets(run)
    saying(run, live(run, "options"), "Not yet.")
    for kind in CELLS:
        views = live(run, kind).locator(".jp-OutputArea-child .jp-OutputArea-output:visible")
        assert views.count() == 1


def test_a_reloaded_page_finds_the_widgets_of_the_kernel_that_still_runs(run):
    run.save()
    run.open(NAME)
    give_number(live(run, "number"), "3/8")
    saying(run, live(run, "number"), "Right.")
    live(run, "slider").get_by_role("slider").first.press("ArrowRight")
    saying(run, live(run, "slider"), "Python hears: layer 2")


@pytest.fixture(scope="module")
def saved(lab):
    """The notebook, answered and saved, its kernel gone."""
    run_widgets(lab)
    answer_all(lab)
    lab.save()
    lab.page.evaluate("async () => { await window.jupyterapp.serviceManager.sessions.shutdownAll(); }")
    return lab


@pytest.mark.parametrize(("trusted", "theme"), [(True, "JupyterLab Light"), (False, "JupyterLab Dark")])
def test_a_reopened_notebook_shows_what_was_saved_and_no_error(saved, released, trusted, theme):
    name = NAME
    if not trusted:
        name = "from-elsewhere.ipynb"
        notebook = json.loads((released / "my-course" / NAME).read_text("utf-8"))
        notebook["cells"].append(
            nbformat.v4.new_markdown_cell("Another notebook: nobody here has signed it.")
        )
        (released / "my-course" / name).write_text(json.dumps(notebook), "utf-8")
    saved.errors.clear()
    saved.open(name)
    saved.command("apputils:change-theme", theme=theme)
    cells = saved.page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.content.widgets
            .filter((cell) => cell.model.outputs?.length).map((cell) => cell.model.trusted)"""
    )
    assert set(cells) == {trusted}
    for kind in CELLS:
        cell = cell_of(saved, kind)
        cell.get_by_text("Run this cell again").wait_for()
        if kind in EXPLORED and kind != "slider":
            assert cell.locator("img[alt]").first.evaluate(
                "(image) => image.decode().then(() => image.naturalWidth)"
            )
    assert "your answer" in cell_of(saved, "options").inner_text()
    assert "✓ Right." in cell_of(saved, "number").inner_text()
    assert "Your answer: 3/8" in cell_of(saved, "number").inner_text()
    saved.screenshot(f"reopened_{'trusted' if trusted else 'not_trusted_dark'}")
    assert saved.page.get_by_text("Error displaying widget").count() == 0
    assert saved.errors == []
    saved.command("apputils:change-theme", theme="JupyterLab Light")


def test_a_lesson_that_was_not_open_opens_at_the_section_to_read_again(run):
    live(run, "entry").locator("tbody td").nth(4).click()
    live(run, "entry").locator(".rollout-options-status a").click()
    run.page.wait_for_function(
        """() => [...document.querySelectorAll("h2")].some((heading) => {
            const { top, height } = heading.getBoundingClientRect();
            return heading.innerText.startsWith("The matrix of a") && height && 0 < top && top < innerHeight;
        })"""
    )
