"""What a widget's output is in the notebook file, and how it follows what is answered."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from rollout_lab._widget_output import MOST, VIEW, picture_html
from rollout_lab.explorers.slider import slider_check
from rollout_lab.figures import Figure
from rollout_lab.quiz import practice, progress


@pytest.fixture(scope="module")
def shell():
    shell = InteractiveShell.instance()
    yield shell
    InteractiveShell.clear_instance()


@pytest.fixture(autouse=True)
def outside_a_working_copy(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "_memory", {})


def displayed(shell, code, **names):
    """The outputs of a cell, as a front end gets them."""
    with capture_output() as captured:
        shell.run_cell(code).raise_error()
    return captured.outputs


def test_a_cell_that_ends_in_a_widget_saves_html_and_no_reference_to_the_kernel(shell):
    shell.push({"widget": practice("shape-of-a-product")})
    (output,) = displayed(shell, "widget")
    assert set(output.data) == {"text/plain", "text/html"}
    assert f'data-rollout-view="{shell.user_ns["widget"].model_id}"' in output.data["text/html"]


def test_an_answer_brings_what_is_saved_up_to_date(shell):
    widget = practice("shape-of-a-product")
    shell.push({"widget": widget})
    displayed(shell, "widget")
    (output,) = displayed(shell, "widget.chosen = 'C'; widget.clicks = 1")
    assert output.update
    assert output.transient == {"display_id": widget.model_id}
    assert "✓ Right." in output.data["text/html"]


def test_a_widget_that_was_not_displayed_saves_nothing(shell):
    shell.push({"widget": practice("shape-of-a-product")})
    assert displayed(shell, "widget.chosen = 'C'; widget.clicks = 1") == []


def test_a_front_end_that_keeps_html_apart_from_widgets_gets_the_reference_too(shell):
    shell.push({"widget": slider_check(), "__vsc_ipynb_file__": "lesson.ipynb"})
    try:
        (output,) = displayed(shell, "widget")
    finally:
        shell.del_var("__vsc_ipynb_file__")
    assert output.data[VIEW]["model_id"] == shell.user_ns["widget"].model_id
    assert "text/html" in output.data


def test_a_picture_too_large_to_be_saved_is_saved_less_sharp():
    import numpy as np

    figure = Figure(figsize=(4, 4))
    figure.alt = "noise"
    figure.add_axes((0, 0, 1, 1)).imshow(np.random.default_rng(0).random((900, 900, 3)))
    assert len(figure.html(115)) > MOST
    assert 0 < len(picture_html(figure)) <= MOST
