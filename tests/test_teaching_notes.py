"""The teaching notes name beliefs that the bank can diagnose and exercises that the quizzes ask."""

import re
from pathlib import Path

import pytest

from rollout_lab.classroom.build.bank import load_course
from rollout_lab.quiz.in_lessons import practice_item, practice_names
from rollout_lab.quiz.schema import Exercise

ROOT = Path(__file__).parents[1]
NOTES = ROOT / "docs" / "teaching"
COURSE = load_course(ROOT / "quizzes" / "bank")


def beliefs():
    for item in (*COURSE.items.values(), *map(practice_item, practice_names())):
        for each in (*getattr(item, "options", ()), *getattr(item, "misconceptions", ())):
            yield each.name


@pytest.mark.parametrize("number", ["00", "01", "02", "03", "04", "05", "06"])
def test_a_page_names_what_its_class_will_get_wrong_and_two_plans(number):
    text = (NOTES / f"{number}.md").read_text("utf-8")
    named = re.findall(r"`([a-z]+(?:-[a-z]+)+)`", text)
    assert len(named) >= 2
    assert set(named) <= set(beliefs())
    assert all(f"**{needed}" in text for needed in ("On the board", "Ask", "45 minutes", "90 minutes"))
    assert f"]({number}.md)" in (NOTES / "README.md").read_text("utf-8")


def test_there_is_an_oral_question_for_each_exercise():
    rows = re.findall(r"^\| `(\w+)` \|", (NOTES / "with-ai-assistants.md").read_text("utf-8"), re.MULTILINE)
    asked = [item for a in COURSE.assignments for item in a.items if isinstance(COURSE.items[item], Exercise)]
    assert rows == asked
