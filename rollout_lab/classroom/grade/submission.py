"""Grade one submission: copy what is taken of it, run nbgrader's steps on the copy, note what came of it."""

import errno
import logging
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from rollout_lab.classroom.nbgrader_course import CellScores, CourseError, NbgraderCourse, gradebook_trouble
from rollout_lab.classroom.notes import limited, plain
from rollout_lab.classroom.sandbox.bubblewrap import SandboxError
from rollout_lab.classroom.sandbox.runner import Job, Transcript
from rollout_lab.classroom.submission.find_notebook import find_notebook
from rollout_lab.classroom.submission.folder import LEFT_OUT, Submission, read_left_out
from rollout_lab.classroom.submission.quiz_builds import UnreadLetter
from rollout_lab.classroom.submission.reading import NotANotebook
from rollout_lab.quiz.key import UnreadableKey

from .autograder import SandboxedAutograde, failed_step
from .grading_table import GradingTable

Runner = Callable[[Job, threading.Event], Transcript]

COPY_PREFIX = "rollout-lab-"  # of the folder that a submission is copied to

# How messages of nbgrader's begin that tell an instructor nothing.
ROUTINE = (
    "Removing existing",
    "Removing failed",
    "There was an error processing",
    "Please see the",
    "There was an error accessing the nbgrader database",
    "Attribute 'checksum' for cell test_",  # of course: the hidden test was not released
    "Skipping unknown notebook",  # where it matters, `find_notebook` has a note
)


@dataclass
class GradedSubmission:
    """A submission and the outcome of grading it; `score` is None if it could not be graded."""

    student: str
    submission: Submission
    submission_hash: str  # of all that the grade depends on, "" if it cannot be read
    score: float | None = None
    max_score: float | None = None
    notes: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)  # scores that differ from before


@dataclass(frozen=True)
class Grading:
    """What the submissions of one call of `grade` share.

    nbgrader's own steps share the process (its working directory, its database), so they run one at a time:
    whoever runs them holds `turn`, and gives it away while a student's code runs.
    """

    course: NbgraderCourse
    assignment: str
    notebooks: list[str]
    quizzes: Mapping[str, set[str]]  # grade ids
    runner: Runner
    table: GradingTable
    turn: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)

    def check_stopped(self) -> None:
        if self.stop.is_set():
            raise SandboxError("the grading was stopped")

    def run(self, job: Job) -> Transcript:
        transcript = self.runner(job, self.stop)
        self.check_stopped()  # or what was cut short would be graded
        return transcript


def grade_submission(grading: Grading, graded: GradedSubmission) -> GradedSubmission:
    """Fill in the outcome. Raises CourseError for trouble that lies with no submission: gradebook or disk."""
    course, assignment, student = grading.course, grading.assignment, graded.student
    with grading.turn:
        log, before = _Log(), {}
        try:
            grading.check_stopped()
            _check_id(student)
            before = course.scores(assignment, student)
            with _copied(grading, graded) as (folder, copy_notes):
                grader = SandboxedAutograde(
                    grading.run,
                    grading.turn,
                    student,
                    coursedir=CourseDirectory(
                        config=course.settings,
                        root=str(course.root),
                        assignment_id=assignment,
                        submitted_directory=folder,
                    ),
                    config=course.settings,
                    log=log.logger,
                )
                grader.force = True
                grading.table.begin(student)
                grader.start()
            graded.score, graded.max_score = course.total(assignment, student)
            graded.changes = _changes(before, course.scores(assignment, student))
            notes = [*copy_notes, *log.messages, *grader.notes]
        except Exception as error:
            cause = log.failure or error
            grading.check_stopped()
            if trouble := gradebook_trouble(cause, course.directory.db_url) or _disk_trouble(cause):
                raise trouble from error
            notes = [f"NOT GRADED: {_reason(cause)}", *graded.submission.left_out]
            if any(auto is not None for auto, _manual in before.values()):
                notes.append("the gradebook keeps the scores of the earlier submission")
        copy = re.escape(os.path.join(tempfile.gettempdir(), COPY_PREFIX))
        graded.notes = [re.sub(rf"{copy}\w+/", "", note) for note in limited(notes)]
    return graded


@contextmanager
def _copied(grading: Grading, graded: GradedSubmission) -> Iterator[tuple[str, list[str]]]:
    """A folder with a copy of a submission for nbgrader, mended there alone, and notes on the copy."""
    submission, names = graded.submission, grading.notebooks
    with tempfile.TemporaryDirectory(prefix=COPY_PREFIX) as folder:
        copy = Path(grading.course.directory.format_path(folder, graded.student, grading.assignment))
        submission.copy_to(copy)
        notes = [f"{LEFT_OUT} says: {line}" for line in read_left_out(submission.folder)]
        notes += submission.left_out
        if len(names) == 1:
            try:
                found = find_notebook(copy, names[0], grading.assignment, grading.quizzes)
            except NotANotebook:
                if os.path.lexists(submission.folder / names[0]) and names[0] not in submission.files:
                    raise NotANotebook(f"{names[0]} could not be taken: the next note says why") from None
                raise
            notes += found.notes
            if found.folder != copy:  # a notebook finds what lay beside it
                others = shutil.ignore_patterns("*.ipynb")
                shutil.copytree(found.folder, copy, ignore=others, dirs_exist_ok=True)
            (copy / names[0]).write_bytes(found.content)
            for name in found.left_out:
                (copy / name).unlink()
        elif not any((copy / name).is_file() for name in names):
            raise NotANotebook(f"none of {', '.join(names)} is there: ask the student for them")
        yield folder, notes


def _check_id(student: str) -> None:
    try:
        student.encode()
    except UnicodeEncodeError:
        raise CourseError("no gradebook takes an id of broken letters: rename the folder") from None
    if "\n" in student:
        raise CourseError("nbgrader takes no id with a line feed: rename the folder")


def _reason(error: BaseException) -> str:
    """Why a submission could not be graded, and what to do, in a sentence."""
    if isinstance(error, (CourseError, NotANotebook, SandboxError, UnreadableKey, UnreadLetter)):
        return str(error)
    first = next((line for line in str(error).splitlines() if line.strip()), "")
    if isinstance(error, OSError) and error.strerror:
        first = f"{error.strerror}: {Path(str(error.filename)).name}"
    message = plain(f"{type(error).__name__}: {first}" if first else type(error).__name__, 200)
    return (
        f"{failed_step(error)} failed ({message}). Open the notebook in JupyterLab, save it and grade it "
        "again; if it cannot be opened there, ask the student for another copy"
    )


def _disk_trouble(error: BaseException) -> CourseError | None:
    if not isinstance(error, OSError) or error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        return None
    message = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return CourseError(
        f"the disk cannot be written to ({message}). Make room, then call this again. "
        "What has been graded is kept."
    )


def _changes(before: CellScores, after: CellScores) -> list[str]:
    """What regrading has changed, and where a score given by hand stands in its place."""
    if all(auto is None for auto, _manual in before.values()):
        return []
    old = {cell: before.get(cell, (None, None))[0] for cell in after}
    return [
        f"{cell}: {_number(old[cell])} → {_number(auto)}"
        + ("" if manual is None else f" (your own {manual:g} counts)")
        for cell, (auto, manual) in after.items()
        if auto != old[cell]
    ]


def _number(score: float | None) -> str:
    return "none" if score is None else f"{score:g}"


class _Log(logging.Handler):
    """nbgrader's warnings on one submission, a line each; `failure` is the error that ended it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []
        self.failure: BaseException | None = None
        self.logger = logging.Logger("rollout-lab grade")
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message.startswith("Traceback"):  # nbgrader logs what it has caught, and goes on
            self.failure = sys.exc_info()[1]
        elif not message.startswith(ROUTINE):
            self.messages.append(message)
