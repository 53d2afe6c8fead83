"""A student takes quiz 1 in JupyterLab, from fetching it to submitting it."""

import json

import pytest

QUIZ = "quiz1_single_layer_attention"
NOTEBOOK = f"{QUIZ}/{QUIZ}.ipynb"


def panel(lab, title: str):
    """A panel of the Assignment List by its heading."""
    return lab.page.locator(".panel", has=lab.page.get_by_text(title, exact=True))


def open_assignment_list(lab) -> None:
    lab.page.get_by_role("menuitem", name="Nbgrader").click()
    lab.page.get_by_role("menuitem", name="Assignment List").click()
    panel(lab, "Released assignments").wait_for()


@pytest.fixture
def quiz(student, released):
    """The quiz, fetched through the Assignment List, opened and run."""
    path = released / "my-course" / NOTEBOOK
    if not path.exists():
        student.open()
        open_assignment_list(student)
        student.page.get_by_text("Fetch", exact=True).click()
        panel(student, "Downloaded assignments").get_by_text(QUIZ).first.wait_for()
        student.screenshot("assignment_list")
    student.open(NOTEBOOK)
    return student


def source(lab, grade_id: str) -> str:
    return next(cell["source"] for cell in lab.cells() if cell["id"] == grade_id)


def options(lab, item: str):
    """The option buttons below an answer cell."""
    return lab.cell(f"answer_{item} =").locator(".rollout-options button")


def run_setup_and(lab, item: str) -> None:
    lab.run_cells(lambda cell: cell["id"] in ("setup", item))
    options(lab, item).first.wait_for()


def test_a_click_writes_the_letter_into_the_cell_and_it_survives(quiz, released):
    run_setup_and(quiz, "q1")
    options(quiz, "q1").nth(2).click()
    quiz.page.wait_for_function("() => document.querySelector('[aria-pressed=true]')?.dataset.letter === 'C'")
    assert 'answer_q1 = "C"' in source(quiz, "q1")
    quiz.screenshot("quiz1_clicked")
    quiz.save()
    assert quiz.errors == []
    saved = json.loads((released / "my-course" / NOTEBOOK).read_text("utf-8"))
    assert any('answer_q1 = "C"\n' in "".join(cell["source"]) for cell in saved["cells"])

    quiz.open(NOTEBOOK)
    assert 'answer_q1 = "C"' in source(quiz, "q1")
    quiz.restart_kernel()
    run_setup_and(quiz, "q1")
    assert options(quiz, "q1").nth(2).get_attribute("aria-pressed") == "true"
    assert 'answer_q1 = "C"' in source(quiz, "q1")


def test_a_second_click_changes_the_letter_and_the_check_sees_it_without_rerunning(quiz):
    run_setup_and(quiz, "q1")
    options(quiz, "q1").nth(0).click()
    options(quiz, "q1").nth(3).click()
    quiz.page.wait_for_function("() => document.querySelector('[aria-pressed=true]')?.dataset.letter === 'D'")
    assert source(quiz, "q1").startswith('answer_q1 = "D"\n')
    quiz.run_cells(lambda cell: cell["id"] == "check_q1")
    printed = next(cell["outputs"] for cell in quiz.cells() if cell["id"] == "check_q1")
    assert printed[0]["text"].startswith("Form checked.")


def test_the_options_work_by_keyboard_alone(quiz):
    run_setup_and(quiz, "q6")
    options(quiz, "q6").nth(0).focus()
    quiz.page.keyboard.press("Tab")
    quiz.page.keyboard.press("Enter")
    quiz.page.wait_for_function("() => document.querySelector('[aria-pressed=true]')?.dataset.letter === 'B'")
    assert 'answer_q6 = "B"' in source(quiz, "q6")
    quiz.page.keyboard.press("Tab")
    quiz.page.keyboard.press("Space")
    quiz.page.wait_for_function("() => document.querySelector('[aria-pressed=true]')?.dataset.letter === 'C'")
    assert 'answer_q6 = "C"' in source(quiz, "q6")


def test_validate_says_what_is_missing(quiz):
    quiz.save()
    quiz.page.get_by_role("button", name="Validate").click()
    dialog = quiz.page.get_by_role("dialog")
    dialog.get_by_text("softmax is not written yet").wait_for()
    quiz.screenshot("quiz1_validate")
    assert "Traceback" not in dialog.inner_text()


def test_the_quiz_is_submitted_through_the_assignment_list(quiz, released):
    quiz.open()
    open_assignment_list(quiz)
    panel(quiz, "Downloaded assignments").get_by_text("Submit", exact=True).click()
    panel(quiz, "Submitted assignments").get_by_text(QUIZ).first.wait_for()
    quiz.screenshot("quiz1_submitted")
    assert list((released / "quizzes" / "exchange" / "attention_rollout" / "inbound").glob(f"*+{QUIZ}+*"))
