"""The names of a quiz's cells: an item's answer cell has its name, its other cells a word before it."""

from __future__ import annotations

SETUP = "setup"
"""The grade id of the cell that all quizzes share."""

STATEMENT, ANSWER, CHECK, TEST = PARTS = ("statement_", "", "check_", "test_")
"""How the grade ids of an item's cells begin, in their order in a notebook."""

ANSWER_VARIABLE = "answer_"
"""How the variable begins that a question's answer is assigned to."""


def answer_name(item: str) -> str:
    """The variable that holds the letter chosen.

    >>> answer_name("q1"), statement_id("q1"), check_id("q1"), test_id("q1")
    ('answer_q1', 'statement_q1', 'check_q1', 'test_q1')
    """
    return ANSWER_VARIABLE + item


def statement_id(item: str) -> str:
    return STATEMENT + item


def check_id(item: str) -> str:
    return CHECK + item


def test_id(item: str) -> str:
    return TEST + item


def part_of(grade_id: str) -> str:
    """Which of `PARTS` a grade id names.

    >>> part_of("check_q1"), part_of("q1")
    ('check_', '')
    """
    return next((part for part in PARTS if part and grade_id.startswith(part)), ANSWER)


def item_of(grade_id: str) -> str:
    """The item that a cell belongs to.

    >>> item_of("test_q1"), item_of("q1")
    ('q1', 'q1')
    """
    return grade_id.removeprefix(part_of(grade_id))
