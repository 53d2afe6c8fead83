"""What an instructor prints: quiz sheets, their keys and the syllabus; letters are those of the notebooks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rollout_lab.classroom.pages import page
from rollout_lab.quiz.schema import BreakIt, Question

from .bank import Assignment, Course, option_orders, shown_options
from .notebooks import lesson_title, section_titles
from .quizzes import break_it_asked, item_title, reference_body


def papers(course: Course, texts: Path) -> dict[str, str]:
    """The pages by file name; `texts` is the folder of the lessons' text form, `course/text`."""
    orders = option_orders(course, course.seeds["options"])
    pages = {}
    for assignment in course.assignments:
        values = {"assignment": assignment, "items": _printed(course, assignment, orders)}
        pages[f"{assignment.name}.html"] = page("papers/sheet.html.j2", **values)
        pages[f"{assignment.name}_key.html"] = page("papers/key.html.j2", **values)
    pages["syllabus.html"] = page(
        "papers/syllabus.html.j2", subject=course.subject, quizzes=_syllabus(course, texts)
    )
    return pages


def _printed(course: Course, assignment: Assignment, orders: Mapping[str, str]) -> list[dict[str, Any]]:
    """The items of a quiz with all that sheet and key say of them."""
    printed = []
    for name in assignment.items:
        item = course.items[name]
        about: dict[str, Any] = {
            "item": item,
            "points": course.points(name),
            "title": item_title(item, assignment, course),
        }
        if isinstance(item, Question):
            about["options"] = shown_options(item, orders[name])
        elif isinstance(item, BreakIt):
            about["asked"] = "\n\n".join(break_it_asked(item, course))
        else:
            about |= {"starter": item.starter.strip(), "reference": reference_body(item)}
        printed.append(about)
    return printed


def _syllabus(course: Course, texts: Path) -> list[dict[str, Any]]:
    quizzes = []
    for assignment in course.assignments:
        rows = []
        for name in assignment.items:
            item = course.items[name]
            lesson, anchor = item.lesson.split("#")
            place = {"lesson": lesson, "section": section_titles(texts / f"{lesson}.py")[anchor]}
            rows.append({"item": item, "points": course.points(name), **place})
        title = lesson_title(texts / f"{assignment.lesson}.py")
        quizzes.append({"assignment": assignment, "lesson": title, "rows": rows})
    return quizzes
