"""An instructor's JupyterLab finds the course."""

from rollout_lab.classroom.bank import load_course

from .conftest import ROOT


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
