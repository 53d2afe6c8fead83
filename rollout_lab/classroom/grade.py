"""Grade a class: every submission that is new or changed, each in its own sandbox, many at a time."""

from __future__ import annotations

import csv
import glob
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from tqdm import tqdm

from .autograding import SandboxedAutograde
from .handed_in import find_notebook
from .interpreter import interpreter
from .nbgrader_course import CourseError, NbgraderCourse
from .playing import Record, Work, play
from .sandbox import SandboxError, missing

Player = Callable[[Work, threading.Event], Record]

ROUTINE = (
    "Removing existing",
    "Removing failed",
    "There was an error processing",
    "Please see the",
    "Attribute 'checksum' for cell test_",  # of course: the hidden test was not released
    "Skipping unknown notebook",  # where it matters, `find_notebook` has told
)
"""How messages of nbgrader's begin that tell an instructor nothing."""


@dataclass
class Graded:
    """A submission and what came of grading it; ``score`` is None if it could not be graded.

    ``notes`` say what the instructor should know, ``changes`` which scores differ from before.
    ``fingerprint`` stands for all that the grade depends on.
    """

    student: str
    folder: Path
    fingerprint: str
    score: float | None = None
    max_score: float | None = None
    notes: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ClassGraded:
    """What a call of ``grade`` did: submissions graded now, how many needed no grading, and the table.

    ``advice`` is what the instructor may have forgotten, or "".
    """

    now: list[Graded]
    up_to_date: int
    table: Path
    advice: str = ""


def summary(done: ClassGraded) -> str:
    """What an instructor reads after grading: how many, what was out of order, what has changed."""
    scored = sum(graded.score is not None for graded in done.now)
    lines = [f"{scored} graded, {len(done.now) - scored} not graded, {done.up_to_date} up to date before."]
    for title, name in (("Notes", "notes"), ("Changed scores", "changes")):
        told = [f"  {graded.student}: {line}" for graded in done.now for line in getattr(graded, name)]
        lines += [f"{title}:", *told] if told else []
    lines += [done.advice] if done.advice else []
    return "\n".join([*lines, f"Scores and notes: {done.table}"])


class Table:
    """Scores and notes of an assignment as a CSV file for the instructor.

    A line is added as soon as a submission is graded, so that a crash loses none. The last line about a
    student counts; the file is tidied when it is opened.
    """

    FIELDS = ("student", "score", "max_score", "notes", "changes", "fingerprint")

    def __init__(self, path: Path):
        self.path = path
        self.rows: dict[str, dict[str, str]] = {}
        self.tidy()

    def tidy(self) -> None:
        """Keep one line for each student, in alphabetical order."""
        if self.path.exists():
            with self.path.open(newline="", encoding="utf-8") as file:
                rows = [row for row in csv.DictReader(file) if row.get("fingerprint")]
            self.rows = {row["student"]: row for row in rows}
        draft = self.path.with_suffix(".draft")
        with draft.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, self.FIELDS, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(row for _student, row in sorted(self.rows.items()))
        draft.replace(self.path)

    def fingerprint(self, student: str) -> str | None:
        """What the student's grade was based on, None if there is no grade."""
        row = self.rows.get(student)
        return row["fingerprint"] if row and row["score"] else None

    def add(self, graded: Graded) -> None:
        row = {name: getattr(graded, name) for name in self.FIELDS}
        row |= {"notes": "; ".join(graded.notes), "changes": "; ".join(graded.changes)}
        with self.path.open("a", newline="", encoding="utf-8", errors="backslashreplace") as file:
            csv.DictWriter(file, self.FIELDS).writerow(row)


def grade(
    folder: Path,
    assignment: str,
    *,
    students: Collection[str] = (),
    force: bool = False,
    jobs: int | None = None,
    scheduler: str | None = None,
    walled: bool = True,
    python: str = "",
) -> ClassGraded:
    """Grade the submissions of an assignment that are new or have changed since they were graded.

    ``folder`` holds the course's ``nbgrader_config.py``. Without ``students`` the whole class is graded,
    with ``force`` also those whose grade is up to date. ``jobs`` submissions are played at a time (by
    default one more than there are cores). ``scheduler`` is the address of a dask scheduler whose workers
    play them instead. ``walled=False`` runs the students' code without a sandbox. ``python`` names the
    interpreter that plays them, in place of the one in ``nbgrader_config.py`` or of this one.

    Raises CourseError if the course or this machine is not ready for that.
    """
    course = NbgraderCourse(folder)
    python = course.play_with(python)
    version, found = course.version(assignment) + python.encode(), course.submissions(assignment)
    if unknown := sorted(set(students) - set(found)):
        raise CourseError(f"nothing was submitted to {assignment} by {', '.join(unknown)}")
    if not found:
        raise CourseError(f"nothing was submitted to {assignment}: {course.root / 'submitted'} holds none")
    table = Table(course.root / f"grading-{assignment}.csv")
    asked = [
        Graded(student, path, course.fingerprint(path, version))
        for student, path in found.items()
        if not students or student in students
    ]
    done = course.graded(assignment)
    waiting = [
        each
        for each in asked
        if force or each.student not in done or table.fingerprint(each.student) != each.fingerprint
    ]
    if waiting:
        with _player(scheduler, walled, python) as (player, places):
            _grade_all(course, assignment, waiting, player, jobs or places, table)
    advice = ""
    if course.is_behind_its_source(assignment):
        advice = (
            "The quiz's source has changed since it was generated. To grade by it, run first: "
            f"nbgrader generate_assignment {assignment} --force"
        )
    return ClassGraded(waiting, len(asked) - len(waiting), table.path, advice)


def places_here() -> int:
    """How many submissions are played at a time on this machine: one more than the cores it may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + 1


@contextmanager
def _player(scheduler: str | None, walled: bool, python: str) -> Iterator[tuple[Player, int]]:
    """Who plays the submissions, and how many at a time."""
    if scheduler is None:
        interpreter(python)
        if walled and (why := missing(python)):
            raise CourseError(
                f"{why}\nWithout a sandbox a student's code can read, change and send whatever you can. "
                "For a class that you trust: --unsafe-without-sandbox"
            )
        yield lambda work, stop: play(replace(work, walled=walled), stop), places_here()
        return
    from .cluster import cluster_player

    with cluster_player(scheduler, walled, python) as (player, places):
        yield player, places


def _grade_all(
    course: NbgraderCourse, assignment: str, waiting: list[Graded], player: Player, jobs: int, table: Table
) -> None:
    turn, stop = threading.Lock(), threading.Event()
    threads = ThreadPoolExecutor(jobs)
    with chdir(course.root):
        futures = [
            threads.submit(_grade_one, course, assignment, each, lambda work: player(work, stop), turn, stop)
            for each in waiting
        ]
        try:
            for future in tqdm(as_completed(futures), assignment, len(futures), unit=" submissions"):
                table.add(future.result())
        finally:
            stop.set()
            threads.shutdown(cancel_futures=True)
            table.tidy()
            os.environ.pop("NBGRADER_EXECUTION", None)


def _grade_one(
    course: NbgraderCourse,
    assignment: str,
    graded: Graded,
    player: Callable[[Work], Record],
    turn: threading.Lock,
    stop: threading.Event,
) -> Graded:
    """Fill in what grading a submission comes to. Nothing that is wrong with it raises an error."""
    with turn:
        if stop.is_set():
            raise SandboxError("the grading was stopped")
        log, before = _Warnings(), {}
        try:
            before = course.scores(assignment, graded.student)
            if links := [path.name for path in graded.folder.rglob("*") if path.is_symlink()]:
                raise CourseError(f"it holds links to other files ({', '.join(links)}): remove them")
            with _readable(course, assignment, graded) as (place, said):
                grader = SandboxedAutograde(
                    player,
                    turn,
                    coursedir=CourseDirectory(
                        config=course.settings,
                        root=str(course.root),
                        student_id=glob.escape(graded.student),
                        assignment_id=assignment,
                        **place,
                    ),
                    config=course.settings,
                    log=log.logger,
                )
                grader.force = True
                grader.start()
            graded.notes = [*said, *log.messages, *grader.notes]
            graded.score, graded.max_score = course.total(assignment, graded.student)
            graded.changes = _changes(before, course, assignment, graded.student)
        except Exception as error:
            graded.notes = [f"NOT GRADED: {log.messages[-1] if log.messages else error}"]
            if before:
                graded.notes.append("the gradebook keeps the scores of the earlier submission")
    return graded


@contextmanager
def _readable(
    course: NbgraderCourse, assignment: str, graded: Graded
) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Where nbgrader finds the submission with its notebook under its name, and what was done for that.

    What was handed in stays as it is: what has to be another way is so in a copy.
    """
    names = course.notebooks(assignment)
    if len(names) != 1:
        yield {}, []
        return
    found = find_notebook(graded.folder, names[0], assignment, course.grade_ids)
    with tempfile.TemporaryDirectory() as place:
        copy = Path(course.directory.format_path(place, graded.student, assignment))
        for folder in dict.fromkeys([graded.folder, found.place]):  # a notebook finds what lay beside it
            ignored = shutil.ignore_patterns("*.ipynb", *found.left_out)
            shutil.copytree(folder, copy, ignore=ignored, dirs_exist_ok=True)
        (copy / names[0]).write_bytes(found.content)
        yield {"submitted_directory": place}, found.said


def _changes(
    before: dict[str, float | None], course: NbgraderCourse, assignment: str, student: str
) -> list[str]:
    """What regrading has changed, and where a score given by hand stands in its place."""
    if not any(score is not None for score in before.values()):
        return []
    by_hand = course.manual_scores(assignment, student)
    changes = []
    for cell, score in course.scores(assignment, student).items():
        if before.get(cell) != score:
            kept = f" (your own {by_hand[cell]:g} counts)" if cell in by_hand else ""
            changes.append(f"{cell}: {_number(before.get(cell))} → {_number(score)}{kept}")
    return changes


def _number(score: float | None) -> str:
    return "none" if score is None else f"{score:g}"


class _Warnings(logging.Handler):
    """What nbgrader warns of while it grades one submission, a line each."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.messages: list[str] = []
        self.logger = logging.Logger("rollout-lab grade")
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message.startswith("Traceback"):
            message = message.strip().splitlines()[-1]
        if not message.startswith(ROUTINE):
            self.messages.append(message)
