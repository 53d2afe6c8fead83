"""The instructor's report on a graded class: a page to read and a table for further work."""

import csv
import os
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from rollout_lab.classroom.nbgrader_course import NbgraderCourse
from rollout_lab.classroom.notes import no_formula
from rollout_lab.quiz.scoring import read_again

from .exported_answers import exported_answers
from .report_page import report_page, to_reteach
from .results import Results, load_results


@dataclass(frozen=True)
class Report:
    """The files of the page and of the table, and the results in them."""

    page: Path
    table: Path
    results: Results


def report(
    course_folder: Path, assignment: str, *, hide_names: bool = False, output: Path | None = None
) -> Report:
    """Write the report: the page, by default `report-ASSIGNMENT.html` in the course, and a CSV beside it.

    Raises CourseError if the gradebook has no such assignment, ValueError if `output` is no page's name.
    """
    course = NbgraderCourse(course_folder)
    target = output or course.root / f"report-{assignment}.html"
    if target.suffix not in (".html", ".htm"):
        raise ValueError(f"--output {target}: expected the name of a page, such as report.html")
    results = load_results(course, assignment)
    exported = exported_answers(course, results)
    if hide_names:
        results = without_names(results)
    lessons = _lessons(course.root, target.resolve().parent, hide_names)
    target.write_text(report_page(results, exported, lessons=lessons, today=date.today()), "utf-8")
    table = target.with_suffix(".csv")
    _write_table(results, table)
    return Report(target, table, results)


def summary(done: Report) -> str:
    """Counts, what to reteach and the files for the instructor's terminal."""
    results = done.results
    lines = [f"{len(results.students)} graded of {results.enrolled} enrolled."]
    first = to_reteach(results)[:3]
    lines += ["To reteach first:"] if first else []
    for each in first:
        count = f"{len(each.students)} of {len(results.students)} ({', '.join(each.items)})"
        lines.append(". ".join([f"  {each.title}: {count}", *map(read_again, each.lessons[:1])]))
    return "\n".join([*lines, f"Page: {done.page}", f"Table: {done.table}"])


def without_names(results: Results) -> Results:
    """Put a pseudonym in the place of each student's name and id.

    Their order is that of the gradebook's random numbers: the same in every report, and nobody can tell.
    """
    shuffled = sorted(results.students, key=lambda student: student.order)
    renamed = tuple(
        replace(student, id=f"student {number}", name=f"student {number}", order="")
        for number, student in enumerate(shuffled, start=1)
    )
    waiting, missing, unread = (
        ("",) * len(each) for each in (results.waiting, results.missing, results.unread)
    )
    return replace(results, students=renamed, waiting=waiting, missing=missing, unread=unread)


def _write_table(results: Results, path: Path) -> None:
    """Write the results as CSV, a line for each student and item."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["student", "item", "points", "max", "credit", "misconceptions"])
        for student in results.students:
            for item in results.items:
                answer = student.answers[item.name]
                numbers = (answer.points, item.most, round(answer.points / item.most, 4))
                who, which, why = map(no_formula, (student.id, item.name, "+".join(answer.misconceptions)))
                writer.writerow([who, which, *(f"{number:g}" for number in numbers), why])


def _lessons(root: Path, page_folder: Path, hide_names: bool) -> str | None:
    """Where the lessons lie as seen from a page's folder, if they are there; a path may tell a name."""
    lessons = root.parent / "course"
    if not lessons.is_dir() or (hide_names and page_folder != root):
        return None
    try:
        return Path(os.path.relpath(lessons, page_folder)).as_posix()
    except ValueError:  # on another drive
        return None
