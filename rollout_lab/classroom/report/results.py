"""Results of a graded class: scores from nbgrader's gradebook, verdicts from the autograded notebooks.

Wording, options and diagnoses are the notebooks' too: a bank that was edited since changes nothing here.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nbgrader.api import Assignment, BaseCell, Grade, Student, SubmittedAssignment, SubmittedNotebook

from rollout_lab.classroom.nbgrader_course import NbgraderCourse
from rollout_lab.classroom.notes import plain
from rollout_lab.quiz import names as quiz_names
from rollout_lab.quiz import python_mistakes
from rollout_lab.quiz.breaking import AGREE, BREAKS_A_PROMISE
from rollout_lab.quiz.key import BreakKey, ChoiceKey, FunctionKey, Key, KeyOption, key_in
from rollout_lab.quiz.scoring import LIBRARY_VERSION, NO_ANSWER

from .feedback import verdict_in

# What may be found in any exercise: mistakes of Python above all.
PYTHON_MISTAKES = {
    each.name: each.diagnosis
    for each in vars(python_mistakes).values()
    if isinstance(each, python_mistakes.Mistake)
} | {LIBRARY_VERSION: "Your function calls rollout_lab's own version of what the exercise asks you to write."}

FAILED_INPUTS = {each.name: each.diagnosis for each in (BREAKS_A_PROMISE, AGREE)}
"""What may be found of any input that breaks nothing."""


@dataclass(frozen=True)
class Belief:
    """A misconception that an item can show: its diagnosis, and the lesson section that repairs it."""

    diagnosis: str
    lesson: str


@dataclass(frozen=True)
class GradedItem:
    """An item of the quiz as it was graded; `key` is None if it has none."""

    name: str
    most: float  # points
    words: str = ""  # in Markdown
    key: Key | None = None

    @property
    def of_kind(self) -> str:
        """What kind of item it is, for the reader of a report."""
        if isinstance(self.key, ChoiceKey) and self.key.commissioned:
            return "commissioned question"
        kinds = {"choice": "question", "function": "exercise", "break": "break it"}
        return kinds.get(str(self.key.__struct_config__.tag), "") if self.key else ""

    @cached_property
    def options(self) -> dict[str, KeyOption]:
        """A question's options in the order in which they were shown, by their names in a verdict."""
        options = self.key.options if isinstance(self.key, ChoiceKey) else {}
        return {f"{letter}) {option.text}": option for letter, option in options.items()}

    @cached_property
    def beliefs(self) -> dict[str, Belief]:
        """The misconceptions that it can show, by name."""
        if isinstance(self.key, BreakKey):
            generic = {name: Belief(text, self.key.lesson) for name, text in FAILED_INPUTS.items()}
            return generic | {each.name: Belief(each.diagnosis, each.lesson) for each in self.key.agreements}
        if not isinstance(self.key, FunctionKey):
            options = self.options.values()
            return {o.misconception: Belief(o.diagnosis, o.lesson) for o in options if o.misconception}
        own = {each.name: Belief(each.diagnosis, each.lesson) for each in self.key.misconceptions}
        return {name: Belief(text, self.key.lesson) for name, text in PYTHON_MISTAKES.items()} | own


@dataclass(frozen=True)
class Answer:
    """The outcome of one student's answer to one item."""

    points: float  # those that count
    most: float
    blank: bool = False
    option: str | None = None
    misconceptions: tuple[str, ...] = ()  # none where full points by hand set the verdict aside

    @property
    def mark(self) -> str:
        if self.points >= self.most:
            return "right"
        return "partly" if self.points > 0 else "blank" if self.blank else "not right"

    @property
    def unexplained(self) -> bool:
        """Whether it is wrong in a way that has no name."""
        return self.mark == "not right" and not self.misconceptions


@dataclass(frozen=True)
class StudentResult:
    """A student with the answers to all items; the `penalty` for being late is not taken off the score."""

    id: str
    name: str
    order: str  # the gradebook's own random number of the submission, which tells nothing of the student
    score: float
    penalty: float
    answers: Mapping[str, Answer]


@dataclass(frozen=True)
class Results:
    """A class after grading: its items in their order, the graded students, and who is not among them."""

    assignment: str
    items: tuple[GradedItem, ...]
    students: tuple[StudentResult, ...]
    enrolled: int
    waiting: tuple[str, ...]  # handed in, and not graded
    missing: tuple[str, ...]  # are enrolled, and have not handed in
    unread: tuple[str, ...] = ()  # have scores, but their autograded notebooks cannot be read

    @property
    def most(self) -> float:
        return sum(item.most for item in self.items)

    def answers(self, item: GradedItem) -> list[Answer]:
        """All answers to an item, in the order of the students."""
        return [student.answers[item.name] for student in self.students]


Verdict = tuple[str, tuple[str, ...]]  # an answer's text, and the names of misconceptions


def load_results(course: NbgraderCourse, assignment: str) -> Results:
    """The results of an assignment. Raises CourseError if the gradebook does not know it."""
    course.version(assignment)
    names, worth, scores, submissions = _gradebook(course, assignment)
    submitted = set(course.submissions(assignment))
    graded = sorted(course.graded(assignment), key=lambda student: (names[student].casefold(), student))
    items: dict[str, GradedItem] = {}
    verdicts: dict[str, dict[str, Verdict]] = {student: {} for student in graded}
    unread = []
    for student in graded:
        try:
            for item, verdict in _verdicts(course, assignment, student, worth):
                verdicts[student][item.name] = verdict
                items.setdefault(item.name, item)
        except (OSError, ValueError, LookupError, TypeError, AttributeError):  # cut short, or written over
            unread.append(names[student])
    if graded:
        items |= {name: GradedItem(name, worth[name]) for name in sorted(worth.keys() - items.keys())}
    students = []
    for student in graded:
        (order, penalty), points = submissions[student], scores[student]
        total = sum(points.values())  # with what was given by hand for other cells, as in nbgrader
        answers = {
            item.name: _answer(item, points.get(item.name, 0.0), verdicts[student].get(item.name))
            for item in items.values()
        }
        students.append(StudentResult(student, names[student], order, total, penalty, answers))
    return Results(
        assignment,
        tuple(items.values()),
        tuple(students),
        len(names),
        tuple(names.get(each, each) for each in sorted(submitted - set(graded))),
        tuple(names[each] for each in sorted(names.keys() - submitted - set(graded))),
        tuple(unread),
    )


def _gradebook(
    course: NbgraderCourse, assignment: str
) -> tuple[dict[str, str], dict[str, float], dict[str, dict[str, float]], dict[str, tuple[str, float]]]:
    """Students' names, items' points, the scores that count, and order and penalty of submissions."""
    with course.gradebook() as gradebook:
        query = gradebook.db.query
        people = query(Student.id, Student.first_name, Student.last_name)
        names = {
            student: plain(f"{full} ({student})" if (full := " ".join(filter(None, name))) else student)
            for student, *name in people
        }
        notebooks = gradebook.find_assignment(assignment).notebooks
        cells = [cell for notebook in notebooks for cell in [*notebook.grade_cells, *notebook.task_cells]]
        worth = {_item(cell.name): float(cell.max_score) for cell in cells if cell.max_score}
        # One query each: the objects of nbgrader's API would ask for the penalty and the cells one by one.
        submitted, of_assignment = SubmittedAssignment, Assignment.name == assignment
        rows = query(submitted.student_id, submitted.id, submitted.late_submission_penalty)
        rows = rows.join(Assignment, submitted.assignment_id == Assignment.id).filter(of_assignment)
        submissions = {student: (order, float(penalty or 0)) for student, order, penalty in rows}
        scores: dict[str, dict[str, float]] = {student: {} for student in submissions}
        for student, cell, score in (
            query(submitted.student_id, BaseCell.name, Grade.score)
            .join(Assignment, submitted.assignment_id == Assignment.id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == submitted.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(BaseCell, Grade.cell_id == BaseCell.id)
            .filter(of_assignment)
        ):
            scores[student][_item(cell)] = float(score)
    return names, worth, scores, submissions


def _item(cell: str) -> str:
    return cell.removeprefix(quiz_names.TEST)


def _verdicts(
    course: NbgraderCourse, assignment: str, student: str, worth: Mapping[str, float]
) -> Iterator[tuple[GradedItem, Verdict]]:
    """Each graded item in a student's notebooks, in their order, with the verdict recorded there."""
    for path in course.autograded(assignment, student):
        cells = {
            cell["metadata"]["nbgrader"]["grade_id"]: cell
            for cell in json.loads(path.read_text("utf-8"))["cells"]
            if "grade_id" in cell["metadata"].get("nbgrader", {})
        }
        for grade_id, cell in cells.items():
            if (name := _item(grade_id)) in worth and cell["metadata"]["nbgrader"].get("points"):
                statement = cells.get(quiz_names.STATEMENT + name)
                words = _words(_source(statement)) if statement else ""
                item = GradedItem(name, worth[name], words, key_in(_source(cell)))
                # Under plain nbgrader the student's process wrote the verdict: it may hold anything.
                verdict = verdict_in(cell.get("outputs", [])) or {}
                shows = dict.fromkeys(str(verdict.get("misconception") or "").split("+"))
                misconceptions = tuple(name for name in shows if name in item.beliefs)
                yield item, (str(verdict.get("answer")), misconceptions)


def _source(cell: Mapping[str, Any]) -> str:
    return "".join(cell["source"])


def _words(statement: str) -> str:
    """What an item asks, from the cell that states it: the lines before options and hints."""
    _title, *rest = statement.split("\n\n")
    return "\n\n".join([*rest[:1], *(part for part in rest[1:2] if part.startswith(">"))])


def _answer(item: GradedItem, points: float, verdict: Verdict | None) -> Answer:
    text, misconceptions = verdict or ("", ())
    return Answer(
        points,
        item.most,
        blank=text == NO_ANSWER,
        option=next((each for each in item.options if _text(each) == _text(text)), None),
        misconceptions=misconceptions if points < item.most else (),
    )


def _text(option: str) -> str:
    """An option without its letter, which may be another in a notebook graded by another build."""
    return option.partition(") ")[2]
