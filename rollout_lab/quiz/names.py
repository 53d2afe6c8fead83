"""The names of a quiz's cells: an item's answer cell has its name, its other cells a word before it."""

SETUP = "setup"
"""The grade id of the cell that all quizzes share."""

STATEMENT, ANSWER, CHECK, TEST = PARTS = ("statement_", "", "check_", "test_")
"""How the grade ids of an item's cells begin, in their order in a notebook."""

ANSWER_VARIABLE = "answer_"
"""How the variable begins that a question's answer is assigned to."""


def answer_name(item: str) -> str:
    return ANSWER_VARIABLE + item


def part_of(grade_id: str) -> str:
    """Which of `PARTS` a grade id names."""
    return next((part for part in PARTS if part and grade_id.startswith(part)), ANSWER)


def item_of(grade_id: str) -> str:
    """The item that a cell belongs to."""
    return grade_id.removeprefix(part_of(grade_id))
