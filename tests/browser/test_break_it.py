"""A wrong function in JupyterLab: not broken and broken by keyboard alone, and found again later."""

import nbformat
from axe_playwright_python.sync_playwright import Axe

NAMES = ("first-layer-on-the-left", "mean-of-scores-or-of-weights", "identity-at-the-end")


def write(lab, *numbers):
    """Type numbers into the entries that follow one another, as the keyboard leads."""
    for number in numbers:
        lab.page.keyboard.type(number)
        lab.page.keyboard.press("Tab")


def test_a_function_is_broken_by_keyboard_and_the_input_is_there_when_the_notebook_is_reopened(
    student, released
):
    cells = [nbformat.v4.new_code_cell(f"break_it({name!r})") for name in NAMES]
    cells.insert(0, nbformat.v4.new_code_cell("from rollout_lab.quiz import break_it"))
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, released / "my-course" / "break_it.ipynb")
    student.open("break_it.ipynb")
    student.run_all()
    assert student.failures() == []
    cell = student.cell(f"break_it('{NAMES[0]}'")
    status = cell.locator(".rollout-options-status")
    cell.locator("input").first.focus()
    write(student, "0.9", "0.2")
    status.get_by_text("Row A of the first layer sums to 1.1").wait_for()
    assert cell.locator(".sum.broken").count() == 1
    assert not cell.locator(".results table").count()
    cell.locator("input").first.focus()
    write(student, "0,5", "1/2")
    status.get_by_text("Your layers are symmetric").wait_for()
    assert not cell.locator(".parted").count()
    student.screenshot("break_it_agree")
    cell.locator("input").first.focus()
    student.page.keyboard.press("ArrowDown")
    write(student, "0", "0", "1")
    cell.locator("[data-verdict=right]").first.wait_for()
    assert cell.locator(".parted").count() > 0
    assert "≠" in cell.locator(".parted").first.inner_text()
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        student.command("apputils:change-theme", theme=theme)
        student.page.wait_for_timeout(500)
        found = Axe().run(student.page, ".rollout-break").response["violations"]
        assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
        student.screenshot(f"break_it_{theme.split()[-1].lower()}")
    student.page.set_viewport_size({"width": 390, "height": 844})
    student.command("application:toggle-left-area")
    student.cell(f"break_it('{NAMES[0]}'")
    student.screenshot("break_it_phone")
    student.page.set_viewport_size({"width": 1280, "height": 900})
    assert student.errors == []
    student.save()
    saved = nbformat.read(released / "my-course" / "break_it.ipynb", 4)
    html = saved.cells[1].outputs[0].data["text/html"]
    assert 'data-verdict="right"' in html
    assert "≠" in html
    student.restart_kernel()
    student.run_all()
    again = student.cell(f"break_it('{NAMES[0]}'")
    again.locator("[data-verdict=right]").first.wait_for()
    assert again.locator("input").nth(5).input_value() == "1"
