"""The lessons in JupyterLab: they run, and what can be moved moves."""

from pathlib import Path

import pytest

LESSONS = sorted(path.name for path in (Path(__file__).parents[2] / "course").glob("*.ipynb"))


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_without_an_error_in_cells_or_console(student, lesson):
    student.open(lesson)
    student.run_all()
    assert student.failures() == []
    assert student.errors == []
    student.screenshot(Path(lesson).stem)


def test_the_slider_of_lesson_1_changes_its_picture(student):
    student.open("01_single_layer_attention.ipynb")
    student.run_all()
    cell = student.cell("head_view(")
    numbers, slider = cell.locator(".shares"), cell.get_by_role("slider").first
    numbers.wait_for()
    before = numbers.inner_text()
    slider.focus()
    student.page.keyboard.press("ArrowRight")
    cell.locator(".status").filter(has_text="In layer 2").wait_for()
    assert numbers.inner_text() != before
    student.screenshot("lesson_1_explorer")


def test_a_prediction_is_kept_when_the_lesson_is_run_again(student, released):
    student.open("01_single_layer_attention.ipynb")
    student.run_all()
    options = student.cell("predict(").locator(".rollout-options button")
    options.nth(1).click()
    student.page.get_by_text("Kept. Go on").first.wait_for()
    student.restart_kernel()
    student.run_all()
    assert student.cell("predict(").locator("[aria-pressed=true]").get_attribute("data-letter") == "B"
    assert list((released / "my-course" / ".rollout-lab" / "answers").glob("prediction-*.json"))


def test_a_practice_item_gives_its_diagnosis_at_once(student):
    student.open("01_single_layer_attention.ipynb")
    student.run_all()
    cell = student.cell("practice(")
    texts = set()
    buttons = cell.locator(".rollout-options button[data-letter]")
    for position in range(buttons.count()):
        buttons.nth(position).click()
        student.page.wait_for_timeout(300)
        texts.add(cell.locator(".rollout-options-status").inner_text())
    assert len(texts) == buttons.count()
    assert sum(text.startswith("✓ Right.") for text in texts) == 1
    cell = student.cell('practice("mean-of-two-heads")')
    cell.get_by_placeholder("?").wait_for()  # the question calls it so
    scrolls = "cell => [...cell.querySelectorAll('*')].some(e => e.scrollHeight > e.clientHeight"
    scrolls += " && e.clientHeight && getComputedStyle(e).overflowY == 'auto')"
    assert not cell.evaluate(scrolls)
    student.screenshot("practice")


def test_a_reader_says_by_keyboard_that_a_diagnosis_was_not_the_thought_and_finds_it_again(student, released):
    student.open("02_matrix_product_rollout.ipynb")
    student.run_all()
    cell, keyboard = student.cell('practice("who-draws-most")'), student.page.keyboard
    assert not cell.get_by_text("Was that what you thought?").is_visible()
    cell.get_by_role("gridcell", name="row B, column A").focus()
    keyboard.press("Enter")
    cell.get_by_text("Was that what you thought?").wait_for()
    assert not cell.get_by_label("What did you think?").is_visible()
    cell.get_by_role("button", name="No", exact=True).focus()
    keyboard.press("Space")
    cell.get_by_label("What did you think?").focus()
    keyboard.type("by columns")
    keyboard.press("Enter")
    cell.get_by_text("Kept, for you alone.").wait_for()
    student.restart_kernel()
    student.run_all()
    thought = student.cell('practice("who-draws-most")').get_by_label("What did you think?")
    assert thought.input_value() == "by columns"
    assert thought.bounding_box()["width"] > 400
    student.screenshot("was_that_it")
