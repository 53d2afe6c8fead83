"""What grading has left of a class: scores in nbgrader's gradebook, verdicts in the autograded notebooks.

The notebooks carry the items too, as they were graded: wording, options, diagnoses. A bank that was edited
since then changes nothing here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, BaseCell, Grade, Student, SubmittedAssignment, SubmittedNotebook

from rollout_lab.classroom.nbgrader_course import NbgraderCourse
from rollout_lab.classroom.notes import plain
from rollout_lab.quiz import names as quiz_names
from rollout_lab.quiz import python_mistakes
from rollout_lab.quiz.key import ChoiceKey, FunctionKey, Key, KeyOption, key_in
from rollout_lab.quiz.scoring import LIBRARY_VERSION, NO_ANSWER

from .feedback import verdict_in

PYTHON_MISTAKES = {
    each.name: each.diagnosis
    for each in vars(python_mistakes).values()
    if isinstance(each, python_mistakes.Mistake)
} | {LIBRARY_VERSION: "Your function calls rollout_lab's own version of what the exercise asks you to write."}
"""What may be found in any exercise: mistakes of Python above all."""


@dataclass(frozen=True)
class Belief:
    """A misconception that an item can show: what a student who has it is told, and where it is mended."""

    diagnosis: str
    lesson: str


@dataclass(frozen=True)
class Item:
    """A graded item: its name, what it is worth, its words in Markdown and its key, None if it has none."""

    name: str
    most: float
    words: str = ""
    key: Key | None = None

    @cached_property
    def options(self) -> dict[str, KeyOption]:
        """A question's options in the order in which they were shown, by what a verdict calls them."""
        options = self.key.options if isinstance(self.key, ChoiceKey) else {}
        return {f"{letter}) {option.text}": option for letter, option in options.items()}

    @cached_property
    def beliefs(self) -> dict[str, Belief]:
        """The misconceptions that it can show, by name."""
        if not isinstance(self.key, FunctionKey):
            options = self.options.values()
            return {o.misconception: Belief(o.diagnosis, o.lesson) for o in options if o.misconception}
        own = {each.name: Belief(each.diagnosis, each.lesson) for each in self.key.misconceptions}
        return {name: Belief(said, self.key.lesson) for name, said in PYTHON_MISTAKES.items()} | own


@dataclass(frozen=True)
class Answer:
    """What came of one student's answer to one item; ``points`` are those that count.

    ``misconceptions`` are none where full points were given by hand: whoever did so set the verdict aside.
    """

    points: float
    most: float
    blank: bool = False
    option: str | None = None
    misconceptions: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        if self.points >= self.most:
            return "right"
        return "partly" if self.points > 0 else "blank" if self.blank else "not right"

    @property
    def unexplained(self) -> bool:
        """Whether it is wrong in a way that has no name."""
        return self.mark in ("partly", "not right") and not self.misconceptions


@dataclass(frozen=True)
class Graded:
    """A student with the answers to all items; the ``penalty`` for being late is not taken off the score.

    ``order`` is the gradebook's own random number of the submission, which tells nothing of the student.
    """

    id: str
    name: str
    order: str
    score: float
    penalty: float
    answers: Mapping[str, Answer]


@dataclass(frozen=True)
class Results:
    """A class after grading: its items in their order, the graded students, and who is not among them.

    ``waiting`` handed in and have not been graded, ``missing`` are enrolled and have not handed in. The
    autograded notebooks of ``unread`` cannot be read: their scores count, what they show is not known.
    """

    assignment: str
    items: tuple[Item, ...]
    students: tuple[Graded, ...]
    enrolled: int
    waiting: tuple[str, ...]
    missing: tuple[str, ...]
    unread: tuple[str, ...] = ()

    @property
    def most(self) -> float:
        return sum(item.most for item in self.items)

    def answers(self, item: Item) -> list[Answer]:
        """All answers to an item, in the order of the students."""
        return [student.answers[item.name] for student in self.students]


def collect(course: NbgraderCourse, assignment: str) -> Results:
    """The results of an assignment. Raises CourseError if the gradebook does not know it."""
    course.version(assignment)
    names, worth, scores, submissions = _gradebook(course, assignment)
    handed_in = course.submissions(assignment)
    graded = sorted(course.graded(assignment), key=lambda student: (names[student].casefold(), student))
    found: dict[str, Item] = {}
    students, unread = [], []
    for student in graded:
        records = {}
        try:
            for item, record in _verdicts(course, assignment, student, worth):
                records[item.name] = record
                found.setdefault(item.name, item)
        except (OSError, ValueError, LookupError, TypeError, AttributeError):  # cut short, or written over
            unread.append(names[student])
        order, penalty = submissions[student]
        points = scores[student]
        total = sum(points.values())  # with what was given by hand for other cells, as in nbgrader
        students.append((student, names[student], order, total, penalty, points, records))
    items = [*found.values(), *(Item(name, worth[name]) for name in sorted(worth) if name not in found)]
    return Results(
        assignment,
        tuple(items) if graded else (),
        tuple(
            Graded(
                *who,
                {
                    item.name: _answer(item, points.get(item.name, 0.0), records.get(item.name))
                    for item in items
                },
            )
            for *who, points, records in students
        ),
        len(names),
        tuple(names.get(each, each) for each in sorted(set(handed_in) - set(graded))),
        tuple(names[each] for each in sorted(set(names) - set(handed_in) - set(graded))),
        tuple(unread),
    )


def _gradebook(course: NbgraderCourse, assignment: str):
    """Students' names, items' points, the scores that count, and order and penalty of submissions."""
    with course.gradebook() as gradebook:
        query = gradebook.db.query
        people = query(Student.id, Student.first_name, Student.last_name)
        names = {
            student: plain(f"{full} ({student})" if (full := " ".join(filter(None, name))) else student)
            for student, *name in people
        }
        cells = [
            cell
            for notebook in gradebook.find_assignment(assignment).notebooks
            for cell in [*notebook.grade_cells, *notebook.task_cells]
        ]
        worth = {_item(cell.name): float(cell.max_score) for cell in cells if cell.max_score}
        submissions = {
            student: (order, float(penalty or 0))
            for student, order, penalty in query(
                SubmittedAssignment.student_id,
                SubmittedAssignment.id,
                SubmittedAssignment.late_submission_penalty,
            )
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .filter(Assignment.name == assignment)
        }
        scores: dict[str, dict[str, float]] = {student: {} for student in submissions}
        for student, cell, score in (
            query(SubmittedAssignment.student_id, BaseCell.name, Grade.score)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(BaseCell, Grade.cell_id == BaseCell.id)
            .filter(Assignment.name == assignment)
        ):
            scores[student][_item(cell)] = float(score)
    return names, worth, scores, submissions


def _item(cell: str) -> str:
    return cell.removeprefix(quiz_names.TEST)


def _verdicts(
    course: NbgraderCourse, assignment: str, student: str, worth: Mapping[str, float]
) -> Iterator[tuple[Item, Any]]:
    """Each graded item in a student's notebooks, in their order, with the verdict recorded there."""
    place = course.directory.format_path(course.directory.autograded_directory, student, assignment)
    for path in sorted(Path(place).glob("*.ipynb")):
        cells = {
            cell["metadata"]["nbgrader"]["grade_id"]: cell
            for cell in json.loads(path.read_text("utf-8"))["cells"]
            if "grade_id" in cell["metadata"].get("nbgrader", {})
        }
        for grade_id, cell in cells.items():
            if (name := _item(grade_id)) in worth and cell["metadata"]["nbgrader"].get("points"):
                statement = cells.get(quiz_names.statement_id(name))
                words = _words(_source(statement)) if statement else ""
                item = Item(name, worth[name], words, key_in(_source(cell)))
                yield item, _record(item, verdict_in(cell.get("outputs", [])))


def _record(item: Item, said: Any) -> dict[str, Any]:
    """What a verdict says of the answer: under plain nbgrader the student's process wrote it, and may lie."""
    said = said if isinstance(said, Mapping) else {}
    shows = str(said.get("misconception") or "").split("+")
    return {
        "answer": str(said.get("answer")),
        "misconceptions": tuple(name for name in dict.fromkeys(shows) if name in item.beliefs),
    }


def _source(cell: Mapping[str, Any]) -> str:
    return "".join(cell["source"])


def _words(statement: str) -> str:
    """What an item asks, from the cell that states it: the lines before options and hints.

    >>> _words("## Question 3\\n\\n*Say why. (1 point)*\\n\\n> We add it because:\\n\\n- **A)** No reason")
    '*Say why. (1 point)*\\n\\n> We add it because:'
    """
    _title, *rest = statement.split("\n\n")
    return "\n\n".join([*rest[:1], *(part for part in rest[1:2] if part.startswith(">"))])


def _answer(item: Item, points: float, record: Mapping[str, Any] | None) -> Answer:
    said, shows = (record["answer"], record["misconceptions"]) if record else (None, ())
    return Answer(
        points,
        item.most,
        blank=said == NO_ANSWER,
        option=next((each for each in item.options if _text(each) == _text(said or "")), None),
        misconceptions=shows if points < item.most else (),
    )


def _text(option: str) -> str:
    """An option without its letter, which may be another in a notebook graded by another build."""
    return option.partition(") ")[2]
