"""An input that breaks a wrong function earns the item; whatever a stranger gives instead does no harm."""

import warnings

import numpy as np
import pytest

from rollout_lab.classroom.build.bank import load_course
from rollout_lab.classroom.build.private import check_break
from rollout_lab.quiz import breaking_in_lessons, progress
from rollout_lab.quiz.breaking import break_key, judge_break, read_input
from rollout_lab.quiz.breaking_in_lessons import break_it, break_item
from rollout_lab.quiz.bundled import bundled_names
from rollout_lab.quiz.form import PASSED, FormError, check_input
from rollout_lab.quiz.grading import grade, self_check
from rollout_lab.quiz.key import seal
from rollout_lab.quiz.schema import ItemError, parse_item, read_toml

from .judging import BANK, BREAKS, COURSE, check_sections, named

LESSONS = [break_item(name)[0] for name in bundled_names("breaks")]
KEY = break_key(COURSE.items["break_it_1"], COURSE.items)
LAYERS = break_key(COURSE.items["break_it_3"], COURSE.items)
PROMISED = {"name": "scores", "least": [1, 2], "most": [4, 8], "low": -10000, "high": 10000}
cyclic = [0.0]
cyclic[0] = cyclic


class Armed:
    """Whatever is asked of it in a test is an end: no code of a stranger's may run."""

    live = False

    def __getattribute__(self, name):
        if Armed.live:
            raise SystemExit(name)
        return object.__getattribute__(self, name)


class ArmedArray(Armed, np.ndarray):
    pass


class ArmedList(Armed, list):
    pass


@pytest.fixture(autouse=True)
def armed(monkeypatch):
    monkeypatch.setattr(Armed, "live", True)


@pytest.mark.parametrize("item", **named([*BREAKS, *LESSONS]))
def test_every_item_judges_its_examples_as_it_says(item):
    check_break(item, COURSE.items)
    assert {each.shows for each in item.non_solutions} >= {each.name for each in item.misconceptions}
    check_sections(item)


def test_lessons_break_other_functions_than_quizzes_at_least_three():
    assert len(LESSONS) >= 3
    assert {item.lesson[:2] for item in LESSONS} == {"01", "02", "03"}
    assert not {item.function for item in LESSONS} & COURSE.items.keys()
    for item in LESSONS:
        start = judge_break(read_input(item.start), break_item(item.id)[1])
        assert start.misconception in {each.name for each in item.misconceptions}, "it begins with agreement"


@pytest.mark.parametrize(
    "given",
    [
        [[1000, 0]],
        ((1000, 0),),
        np.array([[1000, 0]]),
        np.array([[1000, 0]], np.float16),
        [np.array([1000, 0])],
        [[np.float32(1000), True]],
        np.array([[1000, 0]], object),
        np.ma.masked_less([[1000, 0]], 5),
        np.array([[1000, 0]]).view(ArmedArray),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_input_may_be_anything_that_holds_plain_numbers(given):
    assert judge_break(read_input(given), KEY).right


@pytest.mark.parametrize(
    "given",
    [
        [[np.nan, 0]],
        [[np.inf, 0]],
        [[1e308, 0]],
        [[10**400, 0]],
        [[1000, 0], [1]],
        [[1000, "0"]],
        "[[1000, 0]]",
        [[1000, None]],
        [[1000 + 0j, 0]],
        np.array([["a", "b"]]),
        np.array([[1000, 0]], complex),
        np.array([["2020", "2021"]], "M8[Y]"),
        1000.0,
        np.float64(1000),
        [],
        [[]],
        [[[1000, 0]]],
        np.zeros((5, 2)),
        np.zeros((0, 2)),
        np.zeros((3000, 3000)),
        [[0.0] * 20_000],
        [[[]] * 9000] * 9000,
        cyclic,
        {"a": 1},
        {1000, 0},
        range(2),
        lambda: [[1000, 0]],
        Armed(),
        [[1000, Armed()]],
        np.array([[1000, Armed()]], object),
        ArmedList([[1000, 0]]),
    ],
    ids=lambda value: f"{type(value).__name__}",
)
def test_whatever_else_is_given_breaks_a_promise_and_nothing_else(given, capsys):
    verdict = judge_break(read_input(given), KEY)
    assert (verdict.credit, verdict.misconception) == (0, "breaks-a-promise")
    assert verdict.answer == "no array of numbers" or "[" in verdict.answer or "shape" in verdict.answer
    assert grade("break_it_1", {"break_it_1": given}, seal(KEY)) == 0.0
    assert "breaks" not in capsys.readouterr().err
    with pytest.raises(FormError, match="scores"):
        check_input("break_it_1", {"break_it_1": given}, **PROMISED)


def test_rows_must_sum_to_1_and_the_first_that_does_not_is_named():
    verdict = judge_break(read_input([[[0.5, 0.5], [0.5, 0.6]], [[0.9, 0.1], [0.1, 0.9]]]), LAYERS)
    assert "layers[0, 1] sums to 1.1" in verdict.message


def test_a_verdict_shows_the_input_and_both_results_or_why_they_agree(capsys):
    with warnings.catch_warnings(action="error"):
        assert grade("break_it_1", {"break_it_1": [[1000, 0]]}, seal(KEY)) == 1.0
    shown, err = capsys.readouterr()
    assert not err
    for words in ("Right: 1 of 1 points.", "You answered: [[1000, 0]]", "[[nan,   0]]", "[[1, 0]]"):
        assert words in shown
    self_check("break_it_3", {"break_it_3": np.full((2, 2, 2), 0.5)}, {"break_it_3": seal(LAYERS)})
    assert "your two layers are the same matrix" in capsys.readouterr().out


def test_the_form_check_says_nothing_of_whether_an_input_breaks(capsys):
    for given in ([[1000, 0]], [[1, 0]]):
        check_input("break_it_1", {"break_it_1": given}, **PROMISED)
        assert capsys.readouterr().out == f"{PASSED}\n"
    with pytest.raises(FormError, match="not answered yet"):
        check_input("break_it_1", {"break_it_1": None}, **PROMISED)


def test_no_input_is_a_blank(capsys):
    assert grade("break_it_1", {"break_it_1": None}, seal(KEY)) == 0.0
    assert "You answered: no answer" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('plays = "overflow"', 'plays = "overflown"', "field plays: there is no exercise 'softmax' with"),
        ('function = "softmax"', 'function = "q1"', "field plays: there is no exercise 'q1' with"),
        ("least = [1, 2]", "least = [1]", "field input: least and most must have a number for each axis"),
        ('plays = "overflow"', "", "field plays: name the misconception"),
        ("low = -10000", "lowest = -10000", "field input must not contain"),
    ],
)
def test_a_broken_item_is_refused_with_its_field(tmp_path, old, new, message):
    for path in BANK.glob("*.toml"):
        text = path.read_text("utf-8")
        (tmp_path / path.name).write_text(text.replace(old, new, path.stem == "break_it_1"), "utf-8")
    with pytest.raises(ItemError, match=rf"break_it_1\.toml: .*{message}"):
        load_course(tmp_path)


def test_an_item_that_does_not_judge_its_examples_as_it_says_is_refused():
    data = read_toml(BANK / "break_it_1.toml") | {"solutions": ["[[1.0, 2.0]]"]}
    with pytest.raises(ItemError, match=r"the input \[\[1\.0, 2\.0\]\] is judged: Both functions agree"):
        check_break(parse_item(data, "own"), COURSE.items)


# In a lesson


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "_memory", {})


def typed(widget, matrix, row, texts):
    widget.given = [
        [texts if (k, i) == (matrix, row) else line for i, line in enumerate(lines)]
        for k, lines in enumerate(widget.given)
    ]
    widget.tries += 1


@pytest.mark.usefixtures("nowhere")
def test_a_widget_shows_both_results_at_once_and_keeps_the_input():
    widget = break_it("first-layer-on-the-left")
    assert (widget.status, widget.verdict) == (breaking_in_lessons.ASKED, "")
    typed(widget, 0, 0, ["1/2", "0,6", "0"])
    assert widget.shown["sums"][0][0] == "1.1 ✗"
    assert "results" not in widget.shown
    assert "Row A of the first layer sums to 1.1" in widget.status
    typed(widget, 0, 0, ["1/2", "", "0"])
    assert widget.status.startswith("Type a number")
    typed(widget, 0, 0, ["0,5", "1/2", "0"])
    assert "Your layers are symmetric" in widget.status
    typed(widget, 0, 0, ["0", "0", "1"])
    assert widget.verdict == "right"
    assert widget.answered == widget.tries
    wrong, right = widget.shown["results"]
    differs = [[x != y for x, y in zip(*rows, strict=True)] for rows in zip(wrong, right, strict=True)]
    assert widget.shown["marks"] == differs
    assert 'data-verdict="right"' in widget.saved_html()
    assert widget.saved_html().count("≠") == 2 * sum(map(sum, differs))
    again = break_it("first-layer-on-the-left")
    assert (again.given[0][0], again.verdict) == (["0", "0", "1"], "right")
    assert progress.kept("break-first-layer-on-the-left")["right"] is True


@pytest.mark.usefixtures("nowhere")
def test_what_was_kept_of_another_input_is_left_alone():
    progress.keep("break-first-layer-on-the-left", {"given": [[1, 2]], "right": True})
    assert break_it("first-layer-on-the-left").verdict == ""


@pytest.mark.usefixtures("nowhere")
def test_without_widgets_an_input_is_judged_in_print(capsys):
    break_it("identity-at-the-end", [[[0, 1, 0], [0, 0, 1], [0, 0, 1]]] * 2)
    assert "Right." in capsys.readouterr().out
    break_it("identity-at-the-end", Armed())
    assert "Not yet." in capsys.readouterr().out


def test_a_name_that_is_not_there_is_told():
    with pytest.raises(ValueError, match="no function to break 'x'; there are: first-layer"):
        break_it("x")
