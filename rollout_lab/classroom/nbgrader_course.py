"""An nbgrader course as its `nbgrader_config.py` describes it: settings, submissions, gradebook."""

import glob
import logging
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from jupyter_core.application import JupyterApp
from nbgrader.api import Assignment, Grade, Gradebook, MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.apps.zipcollectapp import ZipCollectApp
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_grade
from sqlalchemy.exc import DatabaseError, OperationalError
from traitlets.config import Application, Config

# nbgrader's gradebook raises what it cannot do, and prints it too: sixty lines where a sentence will do.
logging.getLogger("tornado.application").addHandler(logging.NullHandler())


class CourseError(RuntimeError):
    """The course is not ready for what is asked; the message says what to do."""


class GradebookError(CourseError):
    """The gradebook cannot be read or written; the message says what to do."""


# What a database says when it cannot be used, and that in words.
TROUBLE = {
    "locked": "is locked by another program. Nothing is lost: close Formgrader and whatever else has it open",
    "readonly": "cannot be written: see who may write to it and to its folder",
    "unable to open": "cannot be opened: it must be a file that you may write to, as its folder",
    "full": "cannot be written: the disk is full. What is graded is kept: make room",
    "disk I/O": "cannot be read or written: the disk is at fault or full",
    "no such": "is another version's. Keep a copy of it, and run: nbgrader db upgrade",
    "malformed": "is damaged: put a copy from before in its place",
    "not a database": "is no gradebook, or a damaged one: put a copy from before in its place",
}

CellScores = dict[str, tuple[float | None, float | None]]
"""Scores by cell: nbgrader's own, and the one given by hand."""


def gradebook_trouble(error: BaseException | None, url: str) -> GradebookError | None:
    """The trouble with the gradebook if that is why `error` came about, else None."""
    while error is not None and type(error) not in (DatabaseError, OperationalError):
        error = error.__cause__ or error.__context__
    if not isinstance(error, DatabaseError):
        return None
    message = str(error.orig)
    words = next((words for sign, words in TROUBLE.items() if sign in message), f"cannot be used ({message})")
    return GradebookError(f"the gradebook {url.removeprefix('sqlite:///')} {words}, then call this again")


def load_settings(course_folder: Path) -> Config:
    """nbgrader's settings for a course, with the user's own, as nbgrader reads them."""
    if not (course_folder / "nbgrader_config.py").is_file():
        raise CourseError(
            f"{course_folder} holds no nbgrader_config.py. Name the course's folder: --course FOLDER"
        )

    class Settings(JupyterApp):
        config_file_name = "nbgrader_config"

    app = Settings(raise_config_file_errors=True)
    try:
        app.load_config_file()  # the user's, from Jupyter's folders
        Application.load_config_file(app, "nbgrader_config", path=str(course_folder))
    except Exception as error:
        raise CourseError(f"{course_folder / 'nbgrader_config.py'} does not run: {error!r}") from error
    return app.config


class NbgraderCourse:
    """An nbgrader course; its `root` (nbgrader's word) holds submissions and gradebook."""

    def __init__(self, course_folder: Path):
        self.settings = load_settings(course_folder.resolve())
        self.directory = CourseDirectory(config=self.settings)
        self.root = Path(self.directory.root)
        self.ignored: list[str] = self.directory.ignore

    def set_python(self, python: str) -> str:
        """Have this Python run submissions, or, where none is named, the one of the settings; returns it."""
        python = os.path.expanduser(python or self.settings.ExecuteInSandbox.get("python", ""))
        if found := shutil.which(python):  # what is not here may be on the workers of a cluster
            python = os.path.abspath(found)  # the grading works in another folder
        self.settings.ExecuteInSandbox.python = python
        return python

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """The gradebook, open. Raises GradebookError if it cannot be read or written."""
        try:
            with Gradebook(self.directory.db_url, self.directory.course_id) as gradebook:
                yield gradebook
        except DatabaseError as error:
            if trouble := gradebook_trouble(error, self.directory.db_url):
                raise trouble from error
            raise

    def submissions(self, assignment: str) -> dict[str, Path]:
        """The folders with submissions of an assignment, by student."""
        step, path_of = self.directory.submitted_directory, self.directory.format_path
        pattern = re.compile(path_of(step, "(?P<student>.*)", re.escape(assignment), escape=True), re.DOTALL)
        anyone = glob.escape(path_of(step, "\0", assignment)).replace("\0", "*")
        found = sorted(glob.glob(anyone, include_hidden=True))
        return {match["student"]: Path(path) for path in found if (match := pattern.fullmatch(path))}

    def submitted(self, student: str, assignment: str) -> Path:
        """Where nbgrader looks for a student's submission."""
        return Path(self.directory.format_path(self.directory.submitted_directory, student, assignment))

    def downloads(self, assignment: str) -> Path:
        """The folder that nbgrader keeps for what was downloaded from an LMS."""
        app = ZipCollectApp(config=self.settings)
        step = {"downloaded": app.downloaded_directory, "assignment_id": assignment, "collect_step": ""}
        return self.root / app.collect_directory_structure.format(**step)

    def notebooks(self, assignment: str) -> list[str]:
        """The names of an assignment's notebooks, as files."""
        with self.gradebook() as gradebook:
            return [f"{notebook.name}.ipynb" for notebook in gradebook.find_assignment(assignment).notebooks]

    def grade_ids(self) -> dict[str, set[str]]:
        """The grade ids of each assignment that the gradebook knows."""
        with self.gradebook() as gradebook:
            return {
                assignment.name: {cell.name for book in assignment.notebooks for cell in book.source_cells}
                for assignment in gradebook.assignments
            }

    def version(self, assignment: str) -> bytes:
        """The assignment's cells as they are now, as bytes. Raises CourseError if the gradebook has none."""
        try:
            with self.gradebook() as gradebook:
                cells = [
                    (notebook.name, cell.name, cell.checksum, cell.source)
                    for notebook in gradebook.find_assignment(assignment).notebooks
                    for cell in notebook.source_cells
                ]
        except MissingEntry:
            raise CourseError(
                f"the gradebook knows no assignment {assignment!r}. "
                f"Run first, in {self.root}: nbgrader generate_assignment {assignment}"
            ) from None
        return repr(sorted(cells)).encode()

    def is_behind_its_source(self, assignment: str) -> bool:
        """Whether hidden tests and points of the source differ from the generated ones.

        Other items do not count: nbgrader refuses them once there are submissions.
        """
        with self.gradebook() as gradebook:
            generated = {
                (notebook.name, cell.name): cell.source
                for notebook in gradebook.find_assignment(assignment).notebooks
                for cell in notebook.source_cells
                if cell.name in {graded.name for graded in notebook.grade_cells}
            }
        folder = self.directory.format_path(self.directory.source_directory, ".", assignment)
        source = {
            (path.stem, cell.metadata.nbgrader.grade_id): cell.source
            for path in Path(folder).glob("*.ipynb")
            for cell in nbformat.read(path, as_version=4).cells
            if is_grade(cell)
        }
        return source.keys() == generated.keys() and source != generated

    def graded(self, assignment: str) -> set[str]:
        """The students who have an autograded notebook and a score."""
        with self.gradebook() as gradebook:
            scored = (
                gradebook.db.query(SubmittedAssignment.student_id)
                .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
                .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
                .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
                .filter(Assignment.name == assignment, Grade.auto_score.is_not(None))
                .distinct()
            )
            students = {student for (student,) in scored}
        return {student for student in students if self.autograded(assignment, student)}

    def autograded(self, assignment: str, student: str) -> list[Path]:
        """A student's autograded notebooks."""
        step = self.directory.autograded_directory
        return sorted(Path(self.directory.format_path(step, student, assignment)).glob("*.ipynb"))

    def scores(self, assignment: str, student: str) -> CellScores:
        """Scores by cell; {} if there is no submission in the gradebook."""
        with self.gradebook() as gradebook:
            try:
                notebooks = gradebook.find_submission(assignment, student).notebooks
            except MissingEntry:
                return {}
            return {g.name: (g.auto_score, g.manual_score) for n in notebooks for g in n.grades}

    def total(self, assignment: str, student: str) -> tuple[float, float]:
        """A graded submission's score, less a penalty for being late, and the highest possible score."""
        with self.gradebook() as gradebook:
            submission = gradebook.find_submission(assignment, student)
            score = submission.score - (submission.late_submission_penalty or 0)
            return max(0.0, score), submission.max_score
