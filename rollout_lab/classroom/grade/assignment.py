"""Grade a class: every submission that is new or changed, each in its own sandbox, many at a time."""

from __future__ import annotations

import errno
import logging
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import chdir, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from filelock import FileLock, Timeout
from nbgrader.coursedir import CourseDirectory
from tqdm import tqdm

from rollout_lab.classroom.nbgrader_course import (
    CourseError,
    GradebookError,
    NbgraderCourse,
    gradebook_trouble,
)
from rollout_lab.classroom.notes import limited, plain, quoted
from rollout_lab.classroom.sandbox.bubblewrap import SandboxError, missing
from rollout_lab.classroom.sandbox.interpreter import interpreter
from rollout_lab.classroom.sandbox.runner import Job, Transcript, run_submission
from rollout_lab.classroom.submission.folder import LEFT_OUT, HandIn, left_out_lines, look_into
from rollout_lab.classroom.submission.quiz_builds import UnreadLetter
from rollout_lab.classroom.submission.reading import NotANotebook, find_notebook
from rollout_lab.quiz.key import UnreadableKey

from .autograder import SandboxedAutograde, failed_step
from .grading_table import GradingTable

Player = Callable[[Job, threading.Event], Transcript]

PLACE = "rollout-lab-"
"""How the name of a folder begins in which a submission is read."""

ROUTINE = (
    "Removing existing",
    "Removing failed",
    "There was an error processing",
    "Please see the",
    "There was an error accessing the nbgrader database",
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
    hand_in: HandIn | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ClassGraded:
    """What a call of ``grade`` did: submissions graded now, how many needed no grading, and the table.

    ``advice`` is what the instructor may have forgotten, ``trouble`` why the grading ended before its end
    and what to do, or "".
    """

    now: list[Graded]
    up_to_date: int
    table: Path
    advice: str = ""
    trouble: str = ""


def summary(done: ClassGraded) -> str:
    """What an instructor reads after grading: how many, what was out of order, what has changed."""
    scored = sum(graded.score is not None for graded in done.now)
    lines = [f"{scored} graded, {len(done.now) - scored} not graded, {done.up_to_date} up to date before."]
    for title, name in (("Notes", "notes"), ("Changed scores", "changes")):
        told = [
            f"  {quoted(graded.student)}: {line}" for graded in done.now for line in getattr(graded, name)
        ]
        lines += [f"{title}:", *told] if told else []
    lines += [done.advice] if done.advice else []
    return "\n".join([*lines, f"Scores and notes: {done.table}"])


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
        raise CourseError(f"nothing was submitted to {assignment} by {', '.join(map(quoted, unknown))}")
    if not found:
        raise CourseError(f"nothing was submitted to {assignment}: {course.root / 'submitted'} holds none")
    with _alone(course, assignment):
        table = GradingTable(course.root / f"grading-{assignment}.csv")
        names = course.notebooks(assignment)
        looking = tqdm(found.items(), f"{assignment}: looking at files", leave=False, delay=2)
        asked = [
            _looked_at(student, path, names, version, course.directory.ignore)
            for student, path in looking
            if not students or student in students
        ]
        done = course.graded(assignment)
        waiting = [
            each
            for each in asked
            if force
            or each.student not in done
            or not each.fingerprint
            or table.fingerprint(each.student) != each.fingerprint
        ]
        now, trouble = waiting, ""
        if waiting:
            with _player(scheduler, walled, python) as (player, places):
                now, trouble = _grade_all(course, assignment, waiting, player, jobs or places, table)
    advice = [table.said] if table.said else []
    with suppress(GradebookError):  # what has just become locked keeps nobody from their grades
        if course.is_behind_its_source(assignment):
            advice.append(
                "The quiz's source has changed since it was generated. To grade by it, run first: "
                f"nbgrader generate_assignment {assignment} --force"
            )
    return ClassGraded(now, len(asked) - len(waiting), table.path, "\n".join(advice), trouble)


@contextmanager
def _alone(course: NbgraderCourse, assignment: str) -> Iterator[None]:
    """Two that grade one quiz at a time would take each other's files away."""
    lock = FileLock(course.root / f".grading-{assignment}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise CourseError(
            f"{assignment} is being graded by another call of `rollout-lab grade`. "
            "Call this again when it has ended"
        ) from None
    except OSError as error:
        raise CourseError(f"{course.root} cannot be written to ({error.strerror})") from error
    except NotImplementedError:  # a file system that knows no locks
        pass
    try:
        yield
    finally:
        lock.release()


def _looked_at(student: str, path: Path, names: list[str], version: bytes, ignore: list[str]) -> Graded:
    hand_in = look_into(path, names[0] if names else "", ignore)
    try:
        return Graded(student, path, hand_in.fingerprint(version), hand_in=hand_in)
    except OSError:  # why, is told when it is copied
        return Graded(student, path, "", hand_in=hand_in)


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
        yield lambda job, stop: run_submission(replace(job, sandboxed=walled), stop), places_here()
        return
    from .cluster import cluster_player

    with cluster_player(scheduler, walled, python) as (player, places):
        yield player, places


def _grade_all(
    course: NbgraderCourse,
    assignment: str,
    waiting: list[Graded],
    player: Player,
    jobs: int,
    table: GradingTable,
) -> tuple[list[Graded], str]:
    """Those that were graded, and what made it impossible to grade the others, or ""."""
    turn, stop = threading.Lock(), threading.Event()
    threads = ThreadPoolExecutor(jobs)
    now, trouble = set(), []
    with chdir(course.root), tqdm(desc=assignment, total=len(waiting), unit=" submissions") as bar:
        futures = {
            threads.submit(_grade_one, course, assignment, each, player, turn, stop, table)
            for each in waiting
        }

        def take(done: Iterable[Future]) -> None:
            for future in done:
                futures.discard(future)
                graded = future.result()
                now.add(graded.student)
                table.add(vars(graded))
                bar.update()

        try:
            while futures:
                take(wait(futures, timeout=1, return_when=FIRST_COMPLETED).done)
                if sys.stderr.isatty():
                    bar.refresh()  # its clock shows that it goes on
        except CourseError as error:
            trouble.append(str(error))
        finally:
            stop.set()
            threads.shutdown(cancel_futures=True)
            take([each for each in futures if not each.cancelled() and each.exception() is None])
            os.environ.pop("NBGRADER_EXECUTION", None)
            try:
                table.tidy()
            except CourseError as error:
                trouble.append(str(error))
    if len(now) < len(waiting):
        trouble.append(f"Not graded yet: {len(waiting) - len(now)} of {len(waiting)}")
    return [each for each in waiting if each.student in now], "\n".join(trouble)


def _grade_one(
    course: NbgraderCourse,
    assignment: str,
    graded: Graded,
    player: Player,
    turn: threading.Lock,
    stop: threading.Event,
    table: GradingTable,
) -> Graded:
    """Fill in what grading a submission comes to. Nothing that is wrong with it raises an error.

    Raises CourseError if something is wrong that lies with no submission: the gradebook, the disk.
    """

    def going_on() -> None:
        if stop.is_set():
            raise SandboxError("the grading was stopped")

    def played(job: Job) -> Transcript:
        transcript = player(job, stop)
        going_on()  # or what was cut short would be graded
        return transcript

    with turn:
        log, before = _Log(), {}
        try:
            going_on()
            _check_id(graded.student)
            there = course.scores(assignment, graded.student).items()
            before = {cell: score for cell, score in there if score is not None}
            with _copied(course, assignment, graded) as (place, said):
                grader = SandboxedAutograde(
                    played,
                    turn,
                    graded.student,
                    coursedir=CourseDirectory(
                        config=course.settings,
                        root=str(course.root),
                        assignment_id=assignment,
                        submitted_directory=place,
                    ),
                    config=course.settings,
                    log=log.logger,
                )
                grader.force = True
                table.begin(graded.student)
                grader.start()
            graded.score, graded.max_score = course.total(assignment, graded.student)
            graded.changes = _changes(before, course, assignment, graded.student)
            notes = [*said, *log.messages, *grader.notes]
        except Exception as error:
            cause = log.failure or error
            if stop.is_set():
                raise SandboxError("the grading was stopped") from cause
            if trouble := gradebook_trouble(cause, course.directory.db_url) or _disk_trouble(cause):
                raise trouble from error
            notes = [f"NOT GRADED: {_reason(cause)}", *graded.hand_in.left_out]
            if before:
                notes.append("the gradebook keeps the scores of the earlier submission")
        place = re.escape(os.path.join(tempfile.gettempdir(), PLACE))
        graded.notes = [re.sub(rf"{place}\w+/", "", note) for note in limited(notes)]
    return graded


@contextmanager
def _copied(course: NbgraderCourse, assignment: str, graded: Graded) -> Iterator[tuple[str, list[str]]]:
    """A folder in which nbgrader finds what is taken of a hand-in, and what was done for that.

    What was handed in stays as it is: what has to be another way is so in this copy.
    """
    names = course.notebooks(assignment)
    with tempfile.TemporaryDirectory(prefix=PLACE) as place:
        copy = Path(course.directory.format_path(place, graded.student, assignment))
        graded.hand_in.copy_to(copy)
        said = [f"{LEFT_OUT} says: {line}" for line in left_out_lines(graded.folder)]
        said += graded.hand_in.left_out
        if len(names) == 1:
            try:
                found = find_notebook(copy, names[0], assignment, course.grade_ids())
            except NotANotebook:
                if os.path.lexists(graded.folder / names[0]) and names[0] not in graded.hand_in.files:
                    raise NotANotebook(f"{names[0]} could not be taken: the next note says why") from None
                raise
            said += found.said
            if found.place != copy:  # a notebook finds what lay beside it
                ignored = shutil.ignore_patterns("*.ipynb")
                shutil.copytree(found.place, copy, ignore=ignored, dirs_exist_ok=True)
            (copy / names[0]).write_bytes(found.content)
            for name in found.left_out:
                (copy / name).unlink()
        elif not any((copy / name).is_file() for name in names):
            raise NotANotebook(f"none of {', '.join(names)} is there: ask the student for them")
        yield place, said


def _check_id(student: str) -> None:
    try:
        student.encode()
    except UnicodeEncodeError:
        raise CourseError("no gradebook takes an id of broken letters: rename the folder") from None
    if "\n" in student:
        raise CourseError("nbgrader takes no id with a line feed: rename the folder")


def _reason(error: BaseException) -> str:
    """Why a submission could not be graded: a sentence, whatever went wrong, and what to do."""
    if isinstance(error, (CourseError, NotANotebook, SandboxError, UnreadableKey, UnreadLetter)):
        return str(error)
    first = next((line for line in str(error).splitlines() if line.strip()), "")
    if isinstance(error, OSError) and error.strerror:
        first = f"{error.strerror}: {Path(str(error.filename)).name}"
    said = plain(f"{type(error).__name__}: {first}" if first else type(error).__name__, 200)
    return (
        f"{failed_step(error)} failed ({said}). Open the notebook in JupyterLab, save it and grade it again; "
        "if it cannot be opened there, ask the student for another copy"
    )


def _disk_trouble(error: BaseException) -> CourseError | None:
    """What is wrong with the disk, None if it is well."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        said = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
        return CourseError(
            f"the disk cannot be written to ({said}). Make room, then call this again. "
            "What has been graded is kept."
        )
    return None


def _changes(before: dict[str, float], course: NbgraderCourse, assignment: str, student: str) -> list[str]:
    """What regrading has changed, and where a score given by hand stands in its place."""
    if not before:
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


class _Log(logging.Handler):
    """What nbgrader warns of while it grades one submission, a line each; ``failure`` is what ended it."""

    def __init__(self):
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
