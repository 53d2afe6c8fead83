"""The instructor's report on a graded class: a page to read and a table for further work."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from rollout_lab.classroom.nbgrader_course import NbgraderCourse
from rollout_lab.classroom.notes import no_formula
from rollout_lab.classroom.pages import page
from rollout_lab.quiz.scoring import read_again

from . import item_statistics
from .feedback import lesson_link
from .plots import MARKS, marks_plot, name_of, scores_plot
from .results import LIBRARY_VERSION, PYTHON_MISTAKES, Graded, Item, Results, collect

MOST_TO_RETEACH = 5
STUDENTS_ON_A_SHEET = 50
MANY_NAMES = 25


@dataclass(frozen=True)
class Shared:
    """A misconception with the students who have it and the items that show it, by how many they do."""

    name: str
    students: tuple[str, ...]
    items: Mapping[str, int]
    diagnosis: str
    lessons: tuple[str, ...]

    @property
    def title(self) -> str:
        return in_words(self.name)

    @property
    def is_slip(self) -> bool:
        return self.name in PYTHON_MISTAKES and self.name != LIBRARY_VERSION


@dataclass(frozen=True)
class Report:
    """Where the page and the table are, and the results that they tell of."""

    page: Path
    table: Path
    results: Results


def report(folder: Path, assignment: str, *, hide_names: bool = False, output: Path | None = None) -> Report:
    """Write the report on an assignment of the course in ``folder``.

    The page is ``output`` (by default ``report-ASSIGNMENT.html`` in the course), the table lies beside it
    with the ending ``.csv``. Raises CourseError if the gradebook does not know the assignment, ValueError
    if ``output`` is no name for a page.
    """
    course = NbgraderCourse(folder)
    target = output or course.root / f"report-{assignment}.html"
    if target.suffix not in (".html", ".htm"):
        raise ValueError(f"--output {target}: expected the name of a page, such as report.html")
    results = collect(course, assignment)
    if hide_names:
        results = without_names(results)
    lessons = _lessons(course.root, target.resolve().parent, hide_names)
    target.write_text(report_page(results, lessons=lessons, today=date.today()), "utf-8")
    table = target.with_suffix(".csv")
    table.write_text(table_of(results), "utf-8", newline="")
    return Report(target, table, results)


def summary(done: Report) -> str:
    """What the command says: how many are graded, what to reteach, where the files are."""
    results = done.results
    lines = [f"{len(results.students)} graded of {results.enrolled} enrolled."]
    first = to_reteach(results)[:3]
    lines += ["To reteach first:"] if first else []
    for each in first:
        count = f"{len(each.students)} of {len(results.students)} ({', '.join(each.items)})"
        lines.append(". ".join([f"  {each.title}: {count}", *map(read_again, each.lessons[:1])]))
    return "\n".join([*lines, f"Page: {done.page}", f"Table: {done.table}"])


def without_names(results: Results) -> Results:
    """The results with a pseudonym in the place of each student's name and id.

    They are numbered in the order of a random number that the gradebook gave each submission when it first
    saw it: the same in every report on the same submissions, and whoever has the class list cannot tell.
    """
    shuffled = sorted(results.students, key=lambda student: student.order)
    renamed = [
        replace(student, id=f"student {number}", name=f"student {number}", order="")
        for number, student in enumerate(shuffled, start=1)
    ]
    nobody = {who: ("",) * len(getattr(results, who)) for who in ("waiting", "missing", "unread")}
    return replace(results, students=tuple(renamed), **nobody)


def shared_beliefs(results: Results) -> list[Shared]:
    """All misconceptions that were found, those of most students first."""
    students: dict[str, list[str]] = {}
    items: dict[str, Counter[str]] = {}
    for student in results.students:
        shown = {name: each.misconceptions for name, each in student.answers.items()}
        for item, names in shown.items():
            for name in names:
                items.setdefault(name, Counter())[item] += 1
        for name in sorted({name for names in shown.values() for name in names}):
            students.setdefault(name, []).append(student.name)
    by_name = {item.name: item for item in results.items}
    found = []
    for name, who in students.items():
        ordered = dict(items[name].most_common())
        told = [belief for item in ordered if (belief := by_name[item].beliefs.get(name))]
        lessons = tuple(dict.fromkeys(belief.lesson for belief in told))
        found.append(Shared(name, tuple(who), ordered, told[0].diagnosis if told else "", lessons))
    return sorted(found, key=lambda each: (-len(each.students), each.name))


def to_reteach(results: Results) -> list[Shared]:
    """The misconceptions of most students; those of a single one only if there are no others."""
    found = shared_beliefs(results)
    return ([each for each in found if len(each.students) > 1] or found)[:MOST_TO_RETEACH]


def table_of(results: Results) -> str:
    """The results as CSV, a line for each student and item."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["student", "item", "points", "max", "credit", "misconceptions"])
    for student in results.students:
        for item in results.items:
            answer = student.answers[item.name]
            numbers = (answer.points, item.most, round(answer.points / item.most, 4))
            texts = [*map(no_formula, (student.id, item.name, "+".join(answer.misconceptions)))]
            writer.writerow([*texts[:2], *(f"{number:g}" for number in numbers), texts[2]])
    return buffer.getvalue()


def report_page(results: Results, *, lessons: str | None, today: date) -> str:
    """The page; ``lessons`` is the folder of the lesson notebooks as seen from it, None for no links."""
    return page(
        "course_report/report.html.j2",
        results=results,
        today=today,
        reteach=to_reteach(results),
        beliefs=shared_beliefs(results),
        unexplained=_unexplained(results),
        marks={item.name: _marks(results, item) for item in results.items},
        items=[_facts(results, item) for item in results.items],
        distribution=_distribution(results),
        late=[student for student in results.students if student.penalty],
        fewest=item_statistics.FEWEST,
        sheets=_sheets(results.students),
        many_names=MANY_NAMES,
        link=lambda anchor: lesson_link(anchor, lessons) if lessons else None,
        read_again=read_again,
        in_words=in_words,
        marks_plot=marks_plot,
    )


def _distribution(results: Results) -> dict[str, Any] | None:
    """What is to be said of the scores together, None where one student or none makes no distribution."""
    scores = [student.score for student in results.students]
    if len(scores) < 2:
        return None
    ranges = item_statistics.histogram(scores, results.most)
    return {
        "mean": float(np.mean(scores)),
        "median": float(np.median(scores)),
        "ranges": [(name_of(each), each[2]) for each in ranges],
        "plot": scores_plot(ranges),
        "chance": item_statistics.chance(len(scores)) if len(scores) >= item_statistics.FEWEST else None,
    }


def _marks(results: Results, item: Item) -> dict[str, int]:
    counted = Counter(answer.mark for answer in results.answers(item))
    return {mark: counted[mark] for mark in MARKS}


def _unexplained(results: Results) -> list[tuple[str, int]]:
    """The items that several students got wrong in ways that have no name, with how many did."""
    counts = [(item.name, sum(each.unexplained for each in results.answers(item))) for item in results.items]
    few = max(2, len(results.students) / 10)
    return sorted(((name, count) for name, count in counts if count >= few), key=lambda each: -each[1])


def _facts(results: Results, item: Item) -> dict[str, Any]:
    """What the page says of an item."""
    answers = results.answers(item)
    points = [answer.points for answer in answers]
    totals = [sum(each.points for each in student.answers.values()) for student in results.students]
    rest = [total - own for total, own in zip(totals, points, strict=True)]
    chosen = Counter(answer.option for answer in answers)
    found = Counter(name for answer in answers for name in answer.misconceptions)
    in_order = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    options = [(option.text, option, chosen[said]) for said, option in item.options.items()]
    return {
        "item": item,
        "difficulty": item_statistics.difficulty(points, item.most),
        "discrimination": item_statistics.discrimination(points, rest),
        "options": options,
        "no_option": sum(answer.option is None and not answer.blank for answer in answers) if options else 0,
        "blank": sum(answer.blank for answer in answers),
        "found": [(name, count, item.beliefs.get(name)) for name, count in in_order],
        "unexplained": sum(answer.unexplained for answer in answers),
    }


def _sheets(students: Sequence[Graded]) -> list[Sequence[Graded]]:
    return [students[i : i + STUDENTS_ON_A_SHEET] for i in range(0, len(students), STUDENTS_ON_A_SHEET)]


def in_words(name: str) -> str:
    """A misconception's name to read.

    >>> in_words("sum-for-product")
    'Sum for product'
    """
    return name[:1].upper() + name[1:].replace("-", " ")


def _lessons(root: Path, page: Path, hide_names: bool) -> str | None:
    """Where the lessons lie as seen from a page's folder, if they are there; a path may tell a name."""
    folder = root.parent / "course"
    if not folder.is_dir() or (hide_names and page != root):
        return None
    try:
        return Path(os.path.relpath(folder, page)).as_posix()
    except ValueError:  # on another drive
        return None
