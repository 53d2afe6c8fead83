"""The click helper without a browser: what it says, what it records, where it stays away."""

import pytest

from rollout_lab.quiz import choose
from rollout_lab.quiz.key import seal

from .judging import COURSE, choice_key

OPTIONS = {option.letter: option.text for option in COURSE.items["q8"].options}


@pytest.fixture
def helper(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return lambda answer="", **keywords: choose("q8", answer, **OPTIONS, **keywords)


def click(widget, letter, *, written=True):
    widget.chosen = letter
    widget.written = letter if written else ""
    widget.clicks += 1


def test_the_options_are_shown_in_their_order(helper):
    assert helper().options == list(OPTIONS.items())


@pytest.mark.parametrize(
    ("answer", "chosen"), [("B", "B"), ("b)", "B"), ("", ""), (None, ""), ("E", ""), (3, "")]
)
def test_the_answer_recorded_so_far_is_shown_as_chosen(helper, answer, chosen):
    assert helper(answer).chosen == chosen


def test_before_a_choice_it_says_how_to_answer_by_click_and_by_hand(helper):
    assert 'answer_q8 = "A"' in helper().status


def test_a_click_that_reached_the_cell_asks_to_save(helper):
    widget = helper()
    click(widget, "C")
    assert 'The cell says `answer_q8 = "C"`' in widget.status
    assert "Save" in widget.status


def test_a_click_that_did_not_reach_the_cell_says_what_to_type(helper):
    widget = helper()
    click(widget, "C", written=False)
    assert "could not be written" in widget.status
    assert '`answer_q8 = "C"`' in widget.status


def test_a_graded_quiz_says_nothing_of_right_and_wrong(helper):
    widget = helper()
    for letter in OPTIONS:
        click(widget, letter)
        assert not any(word in widget.status for word in ("Right", "Not yet", "Partly"))


def test_a_self_check_copy_judges_at_once(helper):
    widget = helper(keys={"q8": seal(choice_key("q8"))})
    for letter, mark in {"A": "Partly right", "B": "Right", "C": "Not yet"}.items():
        click(widget, letter)
        assert widget.status.startswith(f"{mark}.")
        assert 'The cell says `answer_q8 = "' in widget.status
        assert widget.verdict == {"Partly right": "partly", "Right": "right", "Not yet": "wrong"}[mark]


def test_while_nbgrader_runs_the_notebook_it_stays_away(helper, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert helper() is None


def test_a_graded_quiz_gives_no_verdict_as_data_either(helper):
    widget = helper()
    click(widget, "B")
    assert widget.verdict == ""
    assert 'data-verdict=""' in widget.saved_html()


def test_without_widgets_it_is_text_and_says_which_line_to_write(helper):
    text = repr(helper())
    assert text.endswith('\nanswer_q8 = "A"')
    assert all(f"{letter}) {option}" in text for letter, option in OPTIONS.items())
