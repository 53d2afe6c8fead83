"""Practice items and predictions: instant, kind, kept, and never one of the graded eight."""

from __future__ import annotations

from importlib import resources

import pytest

from rollout_lab.quiz import compare, practice, predict, progress, reveal
from rollout_lab.quiz.in_lessons import feedback, practice_item, practice_names
from rollout_lab.quiz.schema import load_item

from .judging import QUESTIONS, sections

PRACTICE = [practice_item(name) for name in practice_names()]
each_practice = pytest.mark.parametrize("item", PRACTICE, ids=[item.id for item in PRACTICE])


@pytest.fixture(autouse=True)
def working_copy(tmp_path, monkeypatch):
    (tmp_path / ".rollout-lab").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "_memory", {})


def click(widget, letter):
    widget.chosen = letter
    widget.clicks += 1


# Practice


@each_practice
def test_a_practice_item_is_whole_by_the_schema(item):
    file = resources.files("rollout_lab.quiz") / "practice" / f"{item.id}.toml"
    assert load_item(file) == item


@each_practice
def test_a_practice_item_names_sections_that_exist(item):
    beliefs = [option.misconception for option in item.options if option.misconception is not None]
    for anchor in {item.lesson, *(belief.lesson for belief in beliefs)}:
        lesson, section = anchor.split("#")
        assert section in sections(lesson), anchor


@each_practice
def test_a_practice_item_is_none_of_the_graded_questions(item):
    assert item.id not in {question.id for question in QUESTIONS}
    assert item.stem.strip().casefold() not in {question.stem.casefold() for question in QUESTIONS}


@each_practice
def test_every_option_of_a_practice_item_is_answered_at_once(item):
    widget = practice(item.id)
    for option in item.options:
        click(widget, option.letter)
        assert widget.status == feedback(item, option.letter)
        assert widget.status.startswith("Right." if option.letter == item.key else "Not yet.")
        if option.misconception is not None:
            assert option.misconception.diagnosis in widget.status


def test_a_wrong_answer_is_sent_to_the_section_that_repairs_it():
    item = practice_item("read-r-by-row")
    option = next(option for option in item.options if option.misconception and option.misconception.name)
    lesson, section = option.misconception.lesson.split("#")
    assert f"lesson {lesson}" in feedback(item, option.letter)
    assert section.replace("-", " ") in feedback(item, option.letter)


def test_a_practice_answer_is_shown_again_in_the_next_session(monkeypatch):
    item = PRACTICE[0]
    click(practice(item.id), item.key)
    monkeypatch.setattr(progress, "_memory", {})
    again = practice(item.id)
    assert again.chosen == item.key
    assert again.status.startswith("Right.")


def test_an_unknown_practice_item_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match=f"no practice item 'nothing'.*{PRACTICE[0].id}"):
        practice("nothing")


def test_without_widgets_a_practice_item_is_text():
    text = repr(practice(PRACTICE[0].id))
    for option in PRACTICE[0].options:
        assert f"{option.letter}) {option.text}" in text


# Predictions


def test_a_prediction_is_kept_and_shown_beside_what_came_out(monkeypatch):
    widget = predict("test-one", "What comes out?", options=["more", "less"])
    assert widget.chosen == ""
    click(widget, "B")
    monkeypatch.setattr(progress, "_memory", {})
    assert predict("test-one", "What comes out?", options=["more", "less"]).chosen == "B"
    assert (
        shown(monkeypatch, "test-one") == "**You predicted:** less\n\n**What comes out:** more, as it happens"
    )


def test_a_result_is_shown_to_those_who_did_not_predict(monkeypatch):
    text = shown(monkeypatch, "test-two")
    assert "You made no prediction" in text
    assert "more, as it happens" in text


def test_a_prediction_that_is_no_option_any_more_is_not_chosen():
    click(predict("test-three", "?", options=["more", "less"]), "A")
    assert predict("test-three", "?", options=["less", "equal"]).chosen == ""


def shown(monkeypatch, name):
    """The Markdown that ``reveal`` displays."""
    texts = []
    monkeypatch.setattr("IPython.display.display", lambda markdown: texts.append(markdown.data))
    reveal(name, "more, as it happens")
    return "".join(texts)


# Gaps


def test_an_open_gap_is_invited_not_judged(capsys):
    for open_gap in (None, [0.5, None]):
        compare(open_gap, [0.5, 0.5], hint="Add up.")
        assert capsys.readouterr().out.startswith("Your turn:")


def test_a_gap_filled_to_two_decimals_agrees(capsys):
    compare([0.67, 0.24, 0.09], [2 / 3, 0.2447, 0.0900])
    assert capsys.readouterr().out == "Yes, that agrees.\n"


def test_a_wrong_gap_gets_the_words_for_its_belief_or_else_the_hint(capsys):
    beliefs = [(0.5, "That is the other row.")]
    compare(0.5, 0.25, hint="Multiply.", beliefs=beliefs)
    compare(0.9, 0.25, hint="Multiply.", beliefs=beliefs)
    said = capsys.readouterr().out.splitlines()
    assert said == ["Not yet. That is the other row.", "Not yet. Multiply."]


@pytest.mark.parametrize("strange", ["a quarter", [0.25, 0.25], {}, len, [[1], [1, 2]]], ids=str)
def test_whatever_fills_a_gap_nothing_fails(strange, capsys):
    compare(strange, 0.25, what="B from A")
    assert capsys.readouterr().out == "B from A: Not yet.\n"
