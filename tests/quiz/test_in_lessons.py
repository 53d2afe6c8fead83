"""Practice items: instant, kind, kept, and never one of the graded eight."""

import json
import re
from fractions import Fraction
from itertools import permutations, product
from typing import get_args

import numpy as np
import pytest
from bs4 import BeautifulSoup
from msgspec.structs import asdict

import rollout_lab
from rollout_lab.quiz import practice, progress
from rollout_lab.quiz.answers import judge, read_number
from rollout_lab.quiz.before_and_after import ITEMS, after_item
from rollout_lab.quiz.bundled import Folder, bundled_item, bundled_names
from rollout_lab.quiz.in_lessons import practice_item, practice_names
from rollout_lab.quiz.schema import Question, Task
from rollout_lab.quiz.sections import read_again

from .judging import MATHEMATICS, QUESTIONS, check_sections

PRACTICE = [practice_item(name) for name in practice_names()]
QUESTIONS_ASKED = [item for item in PRACTICE if isinstance(item, Question)]
TASKS = [item for item in PRACTICE if isinstance(item, Task)]
TASKS_AFTER = [item for item in map(after_item, ITEMS) if isinstance(item, Task)]


def each(items):
    return pytest.mark.parametrize("item", items, ids=[item.id for item in items])


each_practice, each_question, each_task = each(PRACTICE), each(QUESTIONS_ASKED), each(TASKS)


pytestmark = pytest.mark.usefixtures("working_copy")


def click(widget, letter):
    widget.chosen = letter
    widget.clicks += 1


def give(widget, answer):
    """Answer a task as its script does: text for a number, a list of places otherwise."""
    widget.given = answer
    widget.tries += 1


def feedback(item, given):
    return judge(item, given)[0]


def answer(widget, item, what):
    """Answer any practice item with its key or another right or wrong answer."""
    if isinstance(item, Question):
        click(widget, what)
    else:
        give(widget, given(item, what))


def given(item, answer):
    return f"{answer:g}" if item.kind == "number" else list(answer)


def some_other_answer(item):
    """A wrong answer, to a task one that no belief leads to."""
    if isinstance(item, Question):
        return next(option.letter for option in item.options if option.letter != item.key)
    known = [item.key, *(belief.answer for belief in item.misconceptions)]
    if item.kind == "number":
        return -7.25
    if item.kind == "order":
        return next(places for places in permutations(range(len(item.pieces))) if places not in known)
    (matrix,) = item.matrices
    cells = product(range(len(matrix.rows)), range(len(matrix.columns)))
    return next(cell for cell in cells if cell not in known)


# Practice


@each_practice
def test_a_practice_item_names_sections_that_exist(item):
    check_sections(item)


@each_practice
def test_a_practice_item_is_none_of_the_graded_questions(item):
    assert item.id not in {question.id for question in QUESTIONS}
    assert item.stem.strip().casefold() not in {question.stem.casefold() for question in QUESTIONS}


@each_question
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
    assert feedback(item, option.letter).endswith(read_again(option.misconception.lesson))


def test_a_practice_answer_is_shown_again_in_the_next_session(monkeypatch):
    item = QUESTIONS_ASKED[0]
    click(practice(item.id), item.key)
    monkeypatch.setattr(progress, "_memory", {})
    again = practice(item.id)
    assert again.chosen == item.key
    assert again.status.startswith("Right.")


def test_an_unknown_practice_item_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match=f"no practice item 'nothing'.*{PRACTICE[0].id}"):
        practice("nothing")


def test_without_widgets_a_practice_item_is_text_and_its_last_line_answers_it(capsys):
    item = QUESTIONS_ASKED[0]
    text = repr(practice(item.id))
    assert item.stem in text
    for option in item.options:
        assert f"{option.letter}) {option.text}" in text
    run_last_line(text)
    assert feedback(item, "A") in capsys.readouterr().out
    assert progress.kept(f"practice-{item.id}")["chosen"] == "A"


def run_last_line(text):
    """Run what a text says one should run, as somebody who copies it does."""
    exec(text.splitlines()[-1], {"practice": practice})


@each_practice
def test_the_verdict_is_data_and_goes_with_the_words(item):
    widget = practice(item.id)
    assert widget.verdict == ""
    answer(widget, item, item.key)
    assert (widget.verdict, widget.status[:6]) == ("right", "Right.")
    answer(widget, item, some_other_answer(item))
    assert (widget.verdict, widget.status[:8]) == ("wrong", "Not yet.")


@each_practice
def test_the_kernel_says_which_answer_its_words_are_about(item):
    widget = practice(item.id)
    count = widget.count
    assert widget.answered == getattr(widget, count) == 0
    setattr(widget, count, 3)
    assert widget.answered == 3


@each_practice
def test_what_is_saved_carries_the_question_the_kept_answer_and_how_to_go_on(item):
    widget = practice(item.id)
    saved = BeautifulSoup(widget._repr_mimebundle_()[0]["text/html"], "html.parser")
    assert item.stem.replace("`", "").strip() in saved.get_text()
    assert "Run this cell again" in saved.get_text()
    assert not saved.select("script, style, [data-chosen=true]")
    data = saved.select_one("[data-item]")
    assert (data["data-item"], data["data-kind"]) == (item.id, item.kind)
    answer(widget, item, "A" if isinstance(item, Question) else item.misconceptions[0].answer)
    saved = BeautifulSoup(widget._repr_mimebundle_()[0]["text/html"], "html.parser")
    assert saved.select_one("[data-verdict]")["data-verdict"] == widget.verdict
    assert {"right": "✓ Right.", "wrong": "✗ Not yet."}[widget.verdict] in saved.get_text()
    if isinstance(item, Question):
        assert saved.select_one("li[data-chosen=true]")["data-letter"] == "A"
    elif item.kind == "order":
        assert [int(piece["data-place"]) for piece in saved.select("li")] == widget.given
    else:
        assert "Your answer:" in saved.get_text()
        assert json.loads(saved.select_one("[data-given]")["data-given"]) == widget.given


# Tasks: a number, an order, an entry


def test_what_widgets_and_printed_lines_show_has_no_marks_of_markdown_but_code():
    folders = get_args(Folder)
    items = {name: bundled_item(folder, name) for folder in folders for name in bundled_names(folder)}
    shown = {
        name: re.sub(r"`[^`]*`", "", str({**asdict(item), "comes_out": ""})) for name, item in items.items()
    }
    assert [name for name, text in shown.items() if re.search(r"\*[A-Za-z][\w -]*\*|\$", text)] == []


def test_there_are_tasks_of_each_kind():
    assert {item.kind for item in TASKS} == {"number", "order", "entry"}


@each_task
def test_every_answer_that_a_belief_leads_to_gets_its_diagnosis_at_once(item):
    widget = practice(item.id)
    give(widget, given(item, item.key))
    assert widget.status == f"Right. {item.explanation}"
    for belief in item.misconceptions:
        give(widget, given(item, belief.answer))
        assert widget.status.startswith(f"Not yet. {belief.diagnosis}")
        assert widget.status.endswith(read_again(belief.lesson))


@each_task
def test_any_other_answer_gets_a_kind_general_hint(item):
    widget = practice(item.id)
    give(widget, given(item, some_other_answer(item)))
    assert widget.status == f"Not yet. {item.otherwise}"


@pytest.mark.parametrize("item", [*TASKS, *TASKS_AFTER], ids=lambda item: item.id)
def test_the_answers_of_a_task_are_what_the_library_computes(item):
    names = dict(MATHEMATICS)
    for matrix in item.matrices:
        if matrix.hole() is None:
            values = [[float(Fraction(text)) for text in row] for row in matrix.values]
            names[matrix.name.replace(" ", "_")] = np.array(values)
    answers = [item.key, *(belief.answer for belief in item.misconceptions)]
    codes = [item.computed, *(belief.computed for belief in item.misconceptions)]
    for answer, code in zip(answers, codes, strict=True):
        if code is None:
            assert item.kind != "number"
        elif item.kind == "number":
            # Rounded answers may stand in an item, as long as the exact one is taken for the same.
            assert abs(eval(code, names) - answer) < item.tolerance / 4, code
        else:
            assert tuple(int(place) for place in eval(code, names)) == answer, code


@each_task
def test_the_matrices_of_a_task_are_rows_of_weights(item):
    for matrix in item.matrices:
        if matrix.hole() is None:
            sums = [sum(Fraction(text) for text in row) for row in matrix.values]
            assert sums == [1] * len(matrix.rows)
        else:
            assert item.kind == "number"


@pytest.mark.parametrize("name", ["fill-in-a-product", "mean-of-two-heads", "normalise-by-hand"])
def test_the_entries_around_a_hole_are_right_and_those_of_its_row_do_not_tell_it(name):
    item = practice_item(name)
    *others, holed = item.matrices
    assert {*holed.values[holed.hole()[0]]} == {"?", "…"}  # the rest of a row that sums to 1 would
    shown = [np.array([[float(Fraction(x)) for x in row] for row in matrix.values]) for matrix in others]
    whole = {
        "fill-in-a-product": lambda P, Q: P @ Q,
        "mean-of-two-heads": lambda one, two: rollout_lab.fuse_heads([one, two]),
        "normalise-by-hand": rollout_lab.add_identity,
    }[name](*shown)
    for (i, j), value in np.ndenumerate(whole):
        if (i, j) == holed.hole():
            assert np.isclose(value, item.key)
        elif holed.values[i][j] != "…":
            assert np.isclose(value, float(Fraction(holed.values[i][j])))


@each_task
def test_a_task_is_shown_again_as_it_was_answered(item, monkeypatch, working_copy):
    answer = given(item, item.misconceptions[0].answer)
    give(practice(item.id), answer)
    monkeypatch.setattr(progress, "_memory", {})
    again = practice(item.id)
    assert (again.given, again.status) == (answer, feedback(item, answer))
    belief = item.misconceptions[0].name
    assert progress.kept(f"practice-{item.id}") == {"given": answer, "right": False, "belief": belief}


def test_what_cannot_be_read_is_not_kept_and_says_what_would_be_a_number():
    widget = practice("entry-of-two-layers")
    for strange in ("", "a quarter", "1/0", "1/2/3", "1e999"):
        give(widget, strange)
        assert "number" in widget.status
    assert progress.kept("practice-entry-of-two-layers") is None


@pytest.mark.parametrize("text", ["3/8", "0.375", " .375 ", "0,375", "37.5 %", "0.38"])
def test_a_number_is_read_as_students_write_it(text):
    item = practice_item("fill-in-a-product")
    assert feedback(item, text).startswith("Right.")
    assert abs(read_number(text) - item.key) <= item.tolerance


def test_a_number_may_have_any_form_and_what_has_none_is_told_some():
    texts = ("0.25", " 1/4", "25 %", "0,25", "−.25", "1e-2", "2^5", "2 ** −2")
    assert [read_number(text) for text in texts] == [0.25, 0.25, 0.25, 0.25, -0.25, 0.01, 32, 0.25]
    with pytest.raises(ValueError, match=r"^“a quarter” is no number\. Write it like 0\.25, 1/4 or 25 %\.$"):
        read_number("a quarter")


@each_task
def test_without_widgets_a_task_is_text_and_can_be_answered_in_code(item, capsys):
    text = repr(practice(item.id))
    shown = [
        *getattr(item, "pieces", ()),
        *(x for matrix in item.matrices for row in matrix.values for x in row),
    ]
    assert all(each in text for each in shown)
    run_last_line(text)
    asked = f"Check yourself. {item.stem}\n"
    assert capsys.readouterr().out.removeprefix(asked).startswith(("Right.", "Not yet."))
    assert practice(item.id, given(item, item.key)) is None
    assert capsys.readouterr().out.endswith(f"Right. {item.explanation}\n")
    assert progress.kept(f"practice-{item.id}")["right"] is True


def test_a_letter_can_be_given_in_code_too(capsys):
    item = QUESTIONS_ASKED[0]
    practice(item.id, item.key)
    practice(item.id, "Z")
    assert "Right." in capsys.readouterr().out
    assert "Choose one of the letters A, B" in feedback(item, "Z")
    assert progress.kept(f"practice-{item.id}")["chosen"] == item.key
    practice(item.id, f" {item.key.lower()})")
    assert "Right." in capsys.readouterr().out


# Where nothing can be written


@each_practice
def test_where_nothing_can_be_written_the_verdict_comes_first_and_then_one_line(item, unwritable, capsys):
    widget = practice(item.id)
    answer(widget, item, item.key)
    *said, note = widget.status.splitlines()
    assert said[0].startswith("Right.")
    assert note.startswith("Not kept on disk")
    practice(item.id, item.key if isinstance(item, Question) else given(item, item.key))
    *said, note = capsys.readouterr().out.removeprefix(f"Check yourself. {item.stem}\n").splitlines()
    assert said[0].startswith("Right.")
    assert note.startswith("Not kept on disk")


def test_where_the_lesson_lies_near_the_section_is_a_link(tmp_path, capsys):
    item = practice_item("which-layer-first")
    (tmp_path / "02_matrix_product_rollout.ipynb").touch()
    wrong = next(option.letter for option in item.options if option.letter != item.key)
    widget = practice(item.id)
    click(widget, wrong)
    link = BeautifulSoup(widget.saved_html(), "html.parser").select_one("a")
    assert link["href"] == "02_matrix_product_rollout.ipynb#The-order-matters"
    assert link.text == "lesson 02, “The order matters”"
    practice(item.id, wrong)
    assert "Read again: lesson 02, “The order matters”." in capsys.readouterr().out
