"""Grade a class: every submission that is new or changed, each in its own sandbox, many at a time."""

import os
import sys
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, chdir, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout
from tqdm import tqdm

from rollout_lab.classroom.nbgrader_course import CourseError, GradebookError, NbgraderCourse
from rollout_lab.classroom.notes import quoted
from rollout_lab.classroom.sandbox.bubblewrap import missing
from rollout_lab.classroom.sandbox.interpreter import interpreter
from rollout_lab.classroom.sandbox.runner import run_submission
from rollout_lab.classroom.submission.folder import read_submission

from .grading_table import GradingTable
from .submission import GradedSubmission, Grading, Runner, grade_submission


@dataclass(frozen=True)
class GradedClass:
    """The outcome of a call of `grade`: submissions graded now, how many needed no grading, the table."""

    now: list[GradedSubmission]
    up_to_date: int
    table: Path
    advice: str = ""  # what the instructor may have forgotten
    trouble: str = ""  # why the grading ended before its end, and what to do


def summary(done: GradedClass) -> str:
    """Counts, notes and changed scores for the instructor's terminal."""
    scored = sum(graded.score is not None for graded in done.now)
    lines = [f"{scored} graded, {len(done.now) - scored} not graded, {done.up_to_date} up to date before."]
    for title, name in (("Notes", "notes"), ("Changed scores", "changes")):
        notes = [f"  {quoted(each.student)}: {note}" for each in done.now for note in getattr(each, name)]
        lines += [f"{title}:", *notes] if notes else []
    return "\n".join([*lines, *filter(None, [done.advice]), f"Scores and notes: {done.table}"])


def grade(
    course_folder: Path,
    assignment: str,
    *,
    students: Collection[str] = (),  # by default the whole class
    force: bool = False,  # also those whose grade is up to date
    jobs: int | None = None,  # submissions that run at a time, by default `default_jobs`
    scheduler: str | None = None,  # address of a dask scheduler whose workers run them
    sandboxed: bool = True,
    python: str = "",  # that runs them, in place of the one in nbgrader_config.py or of this one
) -> GradedClass:
    """Grade the submissions that are new or have changed. Raises CourseError if the course is not ready."""
    course = NbgraderCourse(course_folder)
    python = course.set_python(python)
    version, found = course.version(assignment) + python.encode(), course.submissions(assignment)
    if unknown := sorted(set(students) - set(found)):
        raise CourseError(f"nothing was submitted to {assignment} by {', '.join(map(quoted, unknown))}")
    if not found:
        raise CourseError(f"nothing was submitted to {assignment}: {course.root / 'submitted'} holds none")
    with _locked(course, assignment):
        table = GradingTable(course.root / f"grading-{assignment}.csv")
        notebooks, asked = course.notebooks(assignment), []
        for student, folder in tqdm(found.items(), f"{assignment}: looking at files", leave=False, delay=2):
            if not students or student in students:
                submission = read_submission(folder, notebooks[0] if notebooks else "", course.ignored)
                asked.append(GradedSubmission(student, submission, submission.hash(version)))
        done = course.graded(assignment)
        waiting = [
            each
            for each in asked
            if force
            or each.student not in done
            or not each.submission_hash
            or table.submission_hash(each.student) != each.submission_hash
        ]
        now, trouble = waiting, ""
        if waiting:
            with _runner(scheduler, sandboxed, python) as (runner, places):
                grading = Grading(course, assignment, notebooks, course.grade_ids(), runner, table)
                now, trouble = _grade_all(grading, waiting, jobs or places)
    advice = [table.message] if table.message else []
    with suppress(GradebookError):  # what has just become locked keeps nobody from their grades
        if course.is_behind_its_source(assignment):
            advice.append(
                "The quiz's source has changed since it was generated. To grade by it, run first: "
                f"nbgrader generate_assignment {assignment} --force"
            )
    return GradedClass(now, len(asked) - len(waiting), table.path, "\n".join(advice), trouble)


def _locked(course: NbgraderCourse, assignment: str) -> AbstractContextManager[object]:
    """Keep out a second call: two that grade one quiz at a time would take each other's files away."""
    try:
        return FileLock(course.root / f".grading-{assignment}.lock").acquire(timeout=0)
    except Timeout:
        raise CourseError(
            f"{assignment} is being graded by another call of `rollout-lab grade`. "
            "Call this again when it has ended"
        ) from None
    except OSError as error:
        raise CourseError(f"{course.root} cannot be written to ({error.strerror})") from error
    except NotImplementedError:  # a file system that knows no locks
        return nullcontext()


def default_jobs() -> int:
    """How many submissions run at a time on this machine: one more than the cores it may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + 1


@contextmanager
def _runner(scheduler: str | None, sandboxed: bool, python: str) -> Iterator[tuple[Runner, int]]:
    """What runs the submissions, and how many at a time."""
    if scheduler is None:
        interpreter(python)
        if sandboxed and (why := missing(python)):
            raise CourseError(
                f"{why}\nWithout a sandbox a student's code can read, change and send whatever you can. "
                "For a class that you trust: --unsafe-without-sandbox"
            )
        yield lambda job, stop: run_submission(replace(job, sandboxed=sandboxed), stop), default_jobs()
        return
    from .cluster import cluster_runner

    with cluster_runner(scheduler, sandboxed, python) as (runner, places):
        yield runner, places


def _grade_all(
    grading: Grading, waiting: list[GradedSubmission], jobs: int
) -> tuple[list[GradedSubmission], str]:
    """Those that were graded, and what made it impossible to grade the others, or ""."""
    threads = ThreadPoolExecutor(jobs)
    now: set[str] = set()
    trouble = []
    bar = tqdm(desc=grading.assignment, total=len(waiting), unit=" submissions")
    with chdir(grading.course.root), bar:
        futures = {threads.submit(grade_submission, grading, each) for each in waiting}

        def take(done: Iterable[Future[GradedSubmission]]) -> None:
            for future in done:
                futures.discard(future)
                graded = future.result()
                now.add(graded.student)
                grading.table.add({**vars(graded), "fingerprint": graded.submission_hash})
                bar.update()

        try:
            while futures:
                take(wait(futures, timeout=1, return_when=FIRST_COMPLETED).done)
                if sys.stderr.isatty():
                    bar.refresh()  # its clock shows that it goes on
        except CourseError as error:
            trouble.append(str(error))
        finally:
            grading.stop.set()
            threads.shutdown(cancel_futures=True)
            take([each for each in futures if not each.cancelled() and each.exception() is None])
            os.environ.pop("NBGRADER_EXECUTION", None)
            try:
                grading.table.tidy()
            except CourseError as error:
                trouble.append(str(error))
    if len(now) < len(waiting):
        trouble.append(f"Not graded yet: {len(waiting) - len(now)} of {len(waiting)}")
    return [each for each in waiting if each.student in now], "\n".join(trouble)
