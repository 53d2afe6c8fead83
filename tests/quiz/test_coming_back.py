"""What a reader missed comes back, what was learnt shows, and a diagnosis may be contradicted."""

import json

import pytest
from msgspec.structs import replace

from rollout_lab.quiz import (
    after,
    before,
    check,
    export_answers,
    practice,
    predict,
    progress,
    progress_overview,
    reveal,
    review,
    self_check,
    was_that_it,
)
from rollout_lab.quiz.before_and_after import ITEMS, after_item, gain
from rollout_lab.quiz.export_answers import FILE
from rollout_lab.quiz.in_lessons import practice_item, practice_names
from rollout_lab.quiz.kept_answers import KeptAnswer, keep_answer, kept_answer
from rollout_lab.quiz.key import seal
from rollout_lab.quiz.schema import Question

from .judging import COURSE, check_sections, choice_key

QUESTIONS = [name for name in practice_names() if isinstance(practice_item(name), Question)]


@pytest.fixture(autouse=True)
def shown(working_copy, monkeypatch):
    """What is displayed, in order."""
    displayed = []

    class Handle:
        def update(self, value):
            displayed.append(value)

    def display(value, **_options):
        displayed.append(value)
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    return displayed


def click(widget, letter):
    widget.chosen = letter
    widget.clicks += 1


def wrong(item):
    """The letter of an option with a belief."""
    return next(option.letter for option in item.options if option.name)


def say(widget, reply, thought=""):
    widget.reply, widget.thought = reply, thought
    widget.replies += 1


# Review


def test_with_nothing_missed_review_is_one_line(shown, capsys):
    practice("read-r-by-row", "B")
    capsys.readouterr()
    review("00")
    assert capsys.readouterr().out == "Nothing to review: none of your answers waits for a second try.\n"
    assert shown == []


def test_review_asks_what_was_missed_longest_ago_until_it_is_right(shown, monkeypatch):
    missed = QUESTIONS[:5]
    for name in missed:
        practice(name, wrong(practice_item(name)))
    monkeypatch.setattr(progress, "_memory", {})  # another day
    review()
    assert [widget.item for widget in shown] == missed[:3]
    assert [widget.chosen for widget in shown] == ["", "", ""]
    click(shown[0], practice_item(missed[0]).key)
    click(shown[1], wrong(practice_item(missed[1])))
    shown.clear()
    review()
    assert [widget.item for widget in shown] == missed[2:]
    click(shown[0], practice_item(missed[2]).key)
    shown.clear()
    review()
    assert [widget.item for widget in shown] == [*missed[3:], missed[1]]


def test_review_leaves_out_the_lesson_that_is_opened(shown):
    practice("read-r-by-row", "A")
    practice("heads-in-a-mean", "B")
    review("02")
    assert [widget.item for widget in shown] == ["heads-in-a-mean"]


def test_a_missed_prediction_comes_back_as_a_question_and_only_after_its_outcome(shown):
    predict("01-good-reads", answer="B")
    review()
    assert shown == []
    reveal("01-good-reads", "[CLS]", share=0.24, others="“not” 0.19")
    shown.clear()
    review()
    (widget,) = shown
    click(widget, "B")
    assert widget.status.startswith("Not yet.")
    click(widget, "A")
    assert widget.status.startswith("Right.")
    assert progress.kept("prediction-01-good-reads")["letter"] == "B"  # what was predicted stands
    shown.clear()
    review()
    assert shown == []


def test_without_widgets_review_is_answered_in_code_and_only_for_what_was_missed(capsys):
    practice("read-r-by-row", "A")
    review("read-r-by-row", "B")
    assert "Right." in capsys.readouterr().out
    with pytest.raises(ValueError, match="nothing to review in '01-good-reads'"):
        review("01-good-reads", "A")


def test_a_missed_self_check_question_comes_back_too_and_a_function_is_named(shown, capsys):
    item, answer = COURSE.items["q2"], KeptAnswer(right=False, lesson="01_single_layer_attention")
    sealed = seal(replace(choice_key("q2"), stem=item.stem))
    letter = next(k for k, option in choice_key("q2").options.items() if option.misconception)
    self_check("q2", {"answer_q2": letter}, {"q2": sealed})
    keep_answer("self-check-softmax", answer)
    capsys.readouterr()
    review()
    assert "In the self-check quizzes, try again: softmax." in capsys.readouterr().out
    (widget,) = shown
    assert item.stem.strip() in widget.question
    click(widget, letter)
    assert (widget.status[:8], widget.belief) == ("Not yet.", choice_key("q2").options[letter].misconception)
    click(widget, next(k for k, option in choice_key("q2").options.items() if option.right))
    shown.clear()
    review()
    assert shown == []
    assert kept_answer("self-check-q2").lesson


# Before and after


@pytest.mark.parametrize("name", ITEMS)
def test_an_item_after_is_its_twin_before_in_other_numbers(name):
    early, late = practice_item(name), after_item(name)
    check_sections(late)
    assert early.kind == late.kind
    assert early.objective == late.objective
    assert early.stem != late.stem
    beliefs = [
        {each.name for each in getattr(item, "options", None) or item.misconceptions}
        for item in (early, late)
    ]
    assert beliefs[0] == beliefs[1]


def test_before_says_nothing_of_right_and_wrong_and_after_shows_the_gain(shown, capsys):
    before()
    for widget in shown:
        for given in ("A", "B", "C", "D") if widget.kind == "choice" else ("5", "32"):
            setattr(widget, widget.answer, given)
            setattr(widget, widget.count, getattr(widget, widget.count) + 1)
            assert (widget.verdict, widget.belief) == ("", "")
            assert not any(word in widget.status for word in ("Right.", "Not yet"))
            assert practice_item(widget.item).explanation not in widget.saved_html()
    assert gain().below == ["Before the lessons: 6 of 6 answered. After lesson 03: none yet."]
    shown.clear()
    after()
    *widgets, _table = shown
    assert [widget.item for widget in widgets] == list(ITEMS)
    click(widgets[0], after_item(ITEMS[0]).key)
    assert widgets[0].status.startswith("Right.")
    assert "1 of 6 right (1 answered)" in repr(shown[-1])
    assert "✓ right" in shown[-1]._repr_html_()
    capsys.readouterr()
    before("row-sum-of-a-recursion", 5)
    assert "Right" not in capsys.readouterr().out
    after("row-sum-of-a-recursion", 128)
    said = capsys.readouterr().out
    assert "That is 2^7" in said
    assert "Before the lessons: 2 of 6 right." in said


# "Was that what you thought?"


def test_under_the_diagnosis_of_a_belief_a_reader_may_say_what_the_thought_was(shown, monkeypatch):
    widget = practice("read-r-by-row")
    assert widget.belief == ""
    click(widget, "A")
    assert widget.belief == "columns-read-rows"
    assert "Was that what you thought?" in widget.saved_html()
    assert "was_that_it" in repr(widget)
    say(widget, "no", "x" * 400)
    assert widget.thanks.startswith("Kept")
    assert "You said: no." in widget.saved_html()
    click(widget, "B")
    assert (widget.belief, widget.reply) == ("", None)
    monkeypatch.setattr(progress, "_memory", {})
    again = practice("read-r-by-row")
    click(again, "A")
    assert (again.reply, again.thought) == ("no", "x" * 300)


def test_without_a_belief_nobody_is_asked():
    widget = practice("entry-of-two-layers")
    widget.given = "-7.25"
    widget.tries += 1
    assert (widget.verdict, widget.belief) == ("wrong", "")
    assert "Was that" not in widget.saved_html() + repr(widget)


def test_gaps_and_self_checks_ask_too_and_an_answer_in_code_is_kept(capsys):
    check("02-goes-round", 0.625)
    key = choice_key("q8")
    letter, option = next((k, o) for k, o in key.options.items() if o.misconception)
    self_check("q8", {"answer_q8": letter}, {"q8": seal(key)})
    capsys.readouterr()
    was_that_it("q8", "No", " I counted ")
    was_that_it("02-goes-round", "yes")
    assert capsys.readouterr().out == "Kept, for you alone. Thank you.\n" * 2
    (reply,) = kept_answer("self-check-q8").replies.items()
    assert (reply[0], reply[1].was, reply[1].thought) == (option.misconception, "no", "I counted")
    with pytest.raises(ValueError, match="no answer to 'q1' was diagnosed"):
        was_that_it("q1", "yes")
    with pytest.raises(ValueError, match='must be "yes" or "no"'):
        was_that_it("q8", "perhaps")


# Overview and export


def test_the_overview_counts_by_lesson_as_html_and_as_text():
    practice("read-r-by-row", "B")
    practice("who-draws-most", [0, 0])
    key = choice_key("q8")
    right = next(letter for letter, option in key.options.items() if option.right)
    self_check("q8", {"answer_q8": right}, {"q8": seal(key)})
    text = repr(progress_overview())
    in_lesson_2 = sum(practice_item(name).lesson.startswith("02_") for name in practice_names())
    assert f"Practice: 2 of {in_lesson_2}, 1 right" in text
    assert "Self-check: 1, 1 right" in text
    predict("00-what-the-model-used", answer="A")  # lesson 00 asks, lesson 05 says why
    assert "00 start here: Predictions: 1 of 3" in repr(progress_overview())
    html = progress_overview()._repr_html_()
    assert html.count('scope="row"') == text.count("Practice: ")
    assert "<caption" in html


def test_what_is_exported_is_only_whether_it_was_right_and_what_was_said(working_copy, capsys):
    practice("read-r-by-row", "A")
    was_that_it("read-r-by-row", "no", "<b>mine</b>")
    (working_copy / ".rollout-lab" / "answers" / "practice-Not A Name!.json").write_text('{"right": true}')
    (working_copy / ".rollout-lab" / "answers" / "practice-cut.json").write_text('{"ri')
    (working_copy / ".rollout-lab" / "answers" / "practice-odd.json").write_text('{"right": "yes"}')
    export_answers()
    reply = {"columns-read-rows": {"was": "no", "thought": "<b>mine</b>"}}
    answer = {"kind": "practice", "item": "read-r-by-row", "right": False, "replies": reply}
    assert json.loads((working_copy / FILE).read_text("utf-8")) == {"version": 1, "answers": [answer]}
    assert str(working_copy) not in (working_copy / FILE).read_text("utf-8")
    assert "Replies to diagnoses: 1, in your own words: 1." in capsys.readouterr().out
