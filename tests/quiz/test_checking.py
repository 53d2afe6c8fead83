"""Gaps: whatever fills one is judged, told what it shows, and kept."""

from fractions import Fraction

import numpy as np
import pytest
from msgspec.structs import replace

from rollout_lab.quiz import check, checking, compare, progress
from rollout_lab.quiz.checking import gap_item, gap_names
from rollout_lab.quiz.schema import near

from .judging import MATHEMATICS, check_sections, named

GAPS = [gap_item(name) for name in gap_names()]
ROUND = "02-goes-round"

pytestmark = pytest.mark.usefixtures("working_copy")
each_gap = pytest.mark.parametrize("item", **named(GAPS))


@pytest.fixture
def a_list(monkeypatch):
    """The gap, as though it asked for a list of shares."""
    item = replace(gap_item(ROUND), key=(0.625, 0.25, 0.125), misconceptions=())
    monkeypatch.setattr(checking, "gap_item", lambda _name: item)


def said(capsys, value):
    check(ROUND, value)
    return unwrapped(capsys).removeprefix(f"{gap_item(ROUND).asked}: ")


def unwrapped(capsys):
    return " ".join(capsys.readouterr().out.split())


@each_gap
def test_a_gap_names_sections_that_exist(item):
    check_sections(item)


@each_gap
def test_the_answers_of_a_gap_are_what_the_library_computes(item):
    for each, answer in [(item, item.key), *((belief, belief.answer) for belief in item.misconceptions)]:
        computed = checking._numbers(eval(each.computed.strip(), MATHEMATICS))
        assert near(computed, answer, item.tolerance / 4), (each.computed, computed, answer)


@each_gap
def test_every_answer_that_a_belief_leads_to_gets_its_diagnosis(item, capsys):
    check(item.id, item.key)
    assert unwrapped(capsys) == f"{item.asked}: Yes, that agrees. {item.explanation}"
    for belief in item.misconceptions:
        check(item.id, np.array(belief.answer))
        assert unwrapped(capsys).startswith(f"{item.asked}: Not yet. {belief.diagnosis} Read again: ")


@each_gap
def test_what_is_said_of_a_wrong_answer_does_not_hold_the_right_one(item):
    words = [item.asked, item.otherwise, *(belief.diagnosis for belief in item.misconceptions)]
    for number in {f"{each:g}" for each in checking._flat(item.key)} if _tells(item.key) else ():
        assert not [text for text in words if number in text.replace(",", " ").split()]


def _tells(key):
    return not isinstance(key, tuple)


@pytest.mark.parametrize("value", [None, [0.5, None], np.array([[None, 0.5]]), (None,)], ids=str)
def test_an_open_gap_is_invited_and_not_kept(value, capsys):
    assert said(capsys, value) == "Your turn: put your answer in place of None and run this cell again."
    assert progress.kept(f"gap-{ROUND}") is None


@pytest.mark.parametrize(
    "value", [0.125, Fraction(1, 8), "1/8", "12,5 %", 0.13, np.float32(0.125), np.array(0.125)], ids=repr
)
def test_a_number_is_read_in_any_form(value, capsys):
    assert said(capsys, value).startswith("Yes, that agrees.")
    assert progress.kept(f"gap-{ROUND}")["right"] is True


@pytest.mark.parametrize(
    "value", [[0.63, 0.25, 0.12], ("5/8", Fraction(1, 4), 0.125), np.array([5, 2, 1]) / 8, range(0)], ids=repr
)
def test_a_list_is_read_in_any_form(value, a_list, capsys):
    assert said(capsys, value).startswith(
        "Yes, that agrees." if len(value) else "Not yet. This is a list of 0"
    )


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (0.6, "is one number"),
        ([0.6, 0.4], "is a list of 2 numbers"),
        ([0.6], "is a list of 1 number"),
        ([[0.625, 0.25, 0.125]], "is 1 row of 3 numbers"),
        (
            np.ones((1, 1, 3)),
            "is an array of shape (1, 1, 3)",
        ),
        (
            [[1], [1, 2]],
            "is a list of rows that differ in length",
        ),
        ("a quarter", "cannot be read as numbers"),
        ({0.625}, "cannot be read as numbers"),
        ([float("nan")] * 3, "cannot be read as numbers"),
        (len, "cannot be read as numbers"),
    ],
    ids=str,
)
def test_another_shape_is_named_and_not_kept(value, found, a_list, capsys):
    assert said(capsys, value) == f"Not yet. This {found}; it should be a list of 3 numbers."
    assert progress.kept(f"gap-{ROUND}") is None


def test_percent_and_early_rounding_are_recognised(a_list, capsys):
    assert said(capsys, [62.5, 25, 12.5]) == "Not yet. These are percent. Give shares of 1: 0.25 for 25 %."
    for rounded in ([0.6, 0.2, 0.1], [0.6, 0.3, 0.1]):  # a half up or down
        assert said(capsys, rounded).startswith("Not yet. Right so far, but rounded to one decimal.")
    assert said(capsys, [0.3, 0.3, 0.4]) == f"Not yet. {gap_item(ROUND).otherwise}"
    assert progress.kept(f"gap-{ROUND}") == {"given": [0.3, 0.3, 0.4], "right": False}


def test_where_nothing_can_be_written_the_verdict_comes_first(unwritable, capsys):
    first, _, note = said(capsys, 0.125).partition("Not kept on disk")
    assert first.startswith("Yes, that agrees.")
    assert note


def test_an_unknown_gap_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match=rf"there is no gap '02-nothing'; there are: .*{ROUND}"):
        check("02-nothing", 1)


# What lessons of version 0.1 call


def test_a_lesson_may_bring_the_right_result_along(capsys):
    beliefs = [(0.5, "That is the other row.")]
    compare([0.5, None], [0.5, 0.5])
    compare([0.67, 0.24, 0.09], [2 / 3, 0.2447, 0.0900])
    compare(0.5, 0.25, hint="Multiply.", beliefs=beliefs)
    compare(0.9, 0.25, hint="Multiply.", beliefs=beliefs)
    for strange in ("a quarter", [0.25, 0.25], {}, len, [[1], [1, 2]]):
        compare(strange, 0.25, what="B from A")
    assert capsys.readouterr().out.splitlines() == [
        "Your turn: put your answer in place of None and run this cell again.",
        "Yes, that agrees.",
        "Not yet. That is the other row.",
        "Not yet. Multiply.",
        *["B from A: Not yet."] * 5,
    ]
