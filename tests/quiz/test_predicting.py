"""Predictions: asked first, kept, set beside what comes out, and told what they overlook."""

import re
import string

import numpy as np
import pytest
from msgspec.structs import replace

from rollout_lab.quiz import predict, predicting, progress, reveal
from rollout_lab.quiz.predicting import prediction_item, prediction_names

from .judging import MATHEMATICS, check_sections, named
from .test_in_lessons import click

PREDICTIONS = [prediction_item(name) for name in prediction_names()]
GOOD = "01-good-reads"
VALUES = {"share": 0.24, "others": "“not” and “was”"}

pytestmark = pytest.mark.usefixtures("working_copy")
each_prediction = pytest.mark.parametrize("item", **named(PREDICTIONS))


@pytest.fixture(autouse=True)
def new_kernel(monkeypatch):
    monkeypatch.setattr(predicting, "_asked", {})


def shown(monkeypatch, name, outcome, **values):
    """The Markdown that ``reveal`` displays."""
    texts = []
    monkeypatch.setattr("IPython.display.display", lambda markdown: texts.append(markdown.data))
    reveal(name, outcome, **values)
    return "".join(texts)


@each_prediction
def test_a_prediction_names_sections_that_exist_and_each_wrong_option_says_what_it_overlooks(item):
    check_sections(item)
    assert [option.letter for option in item.options if not option.diagnosis] == [item.key]


@each_prediction
def test_the_outcome_of_a_prediction_is_what_the_library_computes(item):
    if item.computed:
        assert predicting._come_true(item, eval(item.computed.strip(), MATHEMATICS)).letter == item.key


@each_prediction
def test_an_option_comes_true_by_its_own_value(item):
    for option in item.options:
        for value in (option.value, list(option.value) if isinstance(option.value, tuple) else option.value):
            assert predicting._come_true(item, value) is option


@each_prediction
def test_each_prediction_is_answered_by_its_widget_and_its_reveal(item, monkeypatch):
    names = {name for _, name, _, _ in string.Formatter().parse(item.comes_out) if name}
    monkeypatch.setattr(predicting, "_in_words", lambda _item, outcome, _values: f"{outcome}.")
    widget = predict(item.id)
    assert not names & {"name", "item"}
    for option in item.options:
        click(widget, option.letter)
        assert widget.verdict == ""
        assert widget.status.startswith("Kept.")
        right = next(each.value for each in item.options if each.letter == item.key)
        text = shown(monkeypatch, item.id, right, some="value")
        assert text.startswith(f"**You predicted:** {option.text}\n\n**What comes out:** {right}.\n\n")
        assert ("✓ **As you predicted.**" in text) == (option.letter == item.key)
        assert ("✗ **Not what you predicted.**" in text) == (option.letter != item.key)
        assert (option.diagnosis or item.explanation) in text
        assert item.explanation in text
        assert progress.kept(f"prediction-{item.id}") == {
            "letter": option.letter,
            "text": option.text,
            "right": option.letter == item.key,
        }


def test_an_outcome_and_its_values_stand_in_the_items_words(monkeypatch):
    click(predict(GOOD), "C")
    text = shown(monkeypatch, GOOD, "[CLS]", **VALUES)
    assert (
        "**What comes out:** “good” reads “[CLS]” most: 0.24 of its weight. Then come “not” and “was”."
        in text
    )
    assert "Read again: lesson 01, “Many heads, one matrix”." in text


def test_a_prediction_outlives_the_kernel_and_may_be_changed_after_the_outcome(monkeypatch):
    click(predict(GOOD), "C")
    shown(monkeypatch, GOOD, "[CLS]", **VALUES)
    monkeypatch.setattr(progress, "_memory", {})
    widget = predict(GOOD)
    assert (widget.chosen, widget.verdict) == ("C", "")
    click(widget, "A")
    assert progress.kept(f"prediction-{GOOD}") == {"letter": "A", "text": "`[CLS]`"}
    assert "✓ **As you predicted.**" in shown(monkeypatch, GOOD, "[CLS]", **VALUES)


def test_whoever_made_no_prediction_is_told_so_and_sees_what_comes_out(monkeypatch):
    text = shown(monkeypatch, GOOD, "[CLS]", **VALUES)
    assert text.startswith("**You made no prediction**")
    assert prediction_item(GOOD).explanation in text
    assert "✗" not in text
    assert progress.kept(f"prediction-{GOOD}") is None


@pytest.mark.parametrize("outcome", ["river", float("nan"), 0.3, True, None, [0, 1], {}], ids=repr)
def test_an_outcome_that_fits_no_option_is_said_in_words(outcome, monkeypatch):
    click(predict(GOOD), "A")
    text = shown(monkeypatch, GOOD, outcome, **VALUES)
    assert "None of the options fits what came out here." in text
    assert "✓" not in text
    assert "✗" not in text


@pytest.mark.parametrize(
    ("outcome", "letter"),
    [
        (0.27, "B"),
        (np.float32(0.7), "C"),
        (np.int64(40), "C"),
        (-1, "A"),
        (float("inf"), None),
        ("0.25", None),
    ],
)
def test_of_numbers_the_nearest_comes_true(outcome, letter):
    item = prediction_item(GOOD)
    options = zip(item.options[:3], (0.0, 0.25, 0.75), strict=True)
    item = replace(item, options=tuple(replace(option, value=value) for option, value in options))
    assert getattr(predicting._come_true(item, outcome), "letter", None) == letter


def test_a_slip_in_a_lesson_is_named():
    with pytest.raises(ValueError, match=r"^reveal\('01-good-reads', ...\) lacks the value share="):
        reveal(GOOD, "[CLS]", others="“not”")
    with pytest.raises(ValueError, match=r"cannot say what comes out, '\[CLS\]': .*'f'"):
        reveal(GOOD, "[CLS]", share="much", others="“not”")
    with pytest.raises(ValueError, match=r"there is no prediction '01-nothing'; there are: .*01-good-reads"):
        reveal("01-nothing", 0.25)
    with pytest.raises(ValueError, match=r"no prediction '01-nothing' has been asked for yet"):
        predict("01-nothing")


def test_a_prediction_can_be_given_in_code(capsys):
    text = repr(predict(GOOD))
    assert prediction_item(GOOD).stem in text
    exec(text.splitlines()[-1], {"predict": predict})
    assert capsys.readouterr().out.startswith("Kept.")
    assert predict(GOOD).chosen == "A"
    assert predict(GOOD, answer="b)") is None
    assert progress.kept(f"prediction-{GOOD}") == {"letter": "B", "text": "“film”"}
    predict(GOOD, answer="Z")
    assert "Choose one of the letters A, B, C, D." in capsys.readouterr().out


def test_where_nothing_can_be_written_a_prediction_lasts_as_long_as_the_kernel(unwritable, monkeypatch):
    widget = predict(GOOD)
    click(widget, "B")
    assert "Go on" in widget.status
    assert "Not kept on disk" in widget.status
    assert "**You predicted:** “film”" in shown(monkeypatch, GOOD, "[CLS]", **VALUES)


# What notebooks of version 0.1 call, and what they have kept

ASKED = ("In layer 1: which?", ["`[CLS]`", "`film`", "`not`", "`good` itself"])
names = pytest.mark.parametrize("name", ["test-one", GOOD])


@names
def test_a_notebook_may_bring_its_question_along_whether_or_not_there_is_an_item(name, monkeypatch):
    widget = predict(name, ASKED[0], options=ASKED[1])
    assert (widget.question, widget.chosen) == (ASKED[0], "")
    click(widget, "B")
    monkeypatch.setattr(progress, "_memory", {})
    assert progress.kept(f"prediction-{name}") == "`film`"
    assert predict(name, *ASKED).chosen == "B"
    expected = "**You predicted:** `film`\n\n**What comes out:** `[CLS]` 0.24."
    assert shown(monkeypatch, name, "`[CLS]` 0.24.") == expected
    monkeypatch.setattr(predicting, "_asked", {})  # another kernel, in which the question's cell has not run
    assert shown(monkeypatch, name, "`[CLS]` 0.24.") == expected
    assert progress.kept(f"prediction-{name}") == "`film`"
    progress.keep(f"prediction-{name}", {"letter": "B", "text": "`film`"})  # by the lesson of today
    assert shown(monkeypatch, name, "`[CLS]` 0.24.") == expected
    assert predict(name, *ASKED).chosen == "B"


@names
def test_its_reader_may_answer_in_code_or_not_at_all(name, monkeypatch, capsys):
    predict(name, *ASKED)
    assert "You made no prediction" in shown(monkeypatch, name, "more, as it happens")
    predict(name, answer="B")
    assert capsys.readouterr().out.startswith("Kept.")
    assert "**You predicted:** `film`" in shown(monkeypatch, name, "more, as it happens")


def test_what_it_kept_is_found_by_the_item_also_in_words_that_an_option_had(monkeypatch):
    item = prediction_item(GOOD)
    reworded = replace(item.options[1], text="the noun, `film`", formerly=("“film”", "`film`"))
    reworded = replace(item, options=(item.options[0], reworded, *item.options[2:]))
    progress.keep(f"prediction-{GOOD}", "`film`")
    for known in (item, reworded):
        monkeypatch.setattr(predicting, "prediction_item", lambda _name, known=known: known)
        assert predict(GOOD).chosen == "B"
        text = shown(monkeypatch, GOOD, "[CLS]", **VALUES)
        expected = r"\*\*You predicted:\*\* [`“]film[`”]\n.*✗.*the noun that it describes"
        assert re.match(expected, text, re.DOTALL)
    assert predict(GOOD, *ASKED).chosen == ""  # in the new words, of which the older notebook knows nothing


def test_a_prediction_that_is_no_option_any_more_is_not_chosen(monkeypatch):
    progress.keep(f"prediction-{GOOD}", "`was`")
    assert predict(GOOD).chosen == ""
    assert "You made no prediction" in shown(monkeypatch, GOOD, "[CLS]", **VALUES)
