"""Play a class: fill in released notebooks and pass them through nbgrader's own machinery."""

from __future__ import annotations

import contextlib
import copy
import functools
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from nbgrader.apps import NbGrader, NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.validator import Validator

from rollout_lab.classroom.grade import assignment as grading
from rollout_lab.classroom.sandbox.runner import Job, Transcript, run_submission

from ..needs import no_sandbox

ROOT = Path(__file__).parents[2]


def grade(folder: Path, assignment: str, **options) -> grading.GradedClass:
    """`rollout-lab grade` in the sandbox, or without one on a machine that has none."""
    return grading.grade(folder, assignment, sandboxed=not no_sandbox(), **options)


def grade_flags() -> list[str]:
    """What makes the command `rollout-lab grade` do the same."""
    return ["--unsafe-without-sandbox"] if no_sandbox() else []


def run(job: Job) -> Transcript:
    """Run a notebook in the sandbox, or without one on a machine that has none."""
    return run_submission(replace(job, sandboxed=not no_sandbox()))


def read(path: Path) -> dict:
    return json.loads(path.read_text("utf-8"))


def sources(notebook: Mapping) -> dict[str, str]:
    """The cells' sources by grade id."""
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
        for cell in notebook["cells"]
        if "nbgrader" in cell["metadata"]
    }


def fill_in(path: Path, answers: Mapping[str, str]) -> None:
    """Write answers into a notebook as a student would: a letter, or the code of a whole cell."""
    notebook = read(path)
    for cell in notebook["cells"]:
        item = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if item in answers:
            source, answer = "".join(cell["source"]), answers[item]
            letter = f'answer_{item} = ""' in source and "=" not in answer
            cell["source"] = source.replace('""', f'"{answer}"', 1) if letter else answer
    path.write_text(json.dumps(notebook), "utf-8")


def right_answers(course, keys, assignment):
    """The right answers to an assignment, or to that of this name: letters as shown, reference functions."""
    if isinstance(assignment, str):
        assignment = next(each for each in course.assignments if each.name == assignment)
    items = {name: course.items[name] for name in assignment.items}
    return {
        name: keys[name]
        if name in keys
        else f"{name} = {item.solutions[0]}"
        if item.kind == "break"
        else item.starter + item.reference
        for name, item in items.items()
    }


@functools.cache
def empty_gradebook() -> bytes:
    """A gradebook as nbgrader makes it, once: it starts another program for that, which takes seconds."""
    with tempfile.TemporaryDirectory() as folder:
        classroom = Classroom(Path(folder))
        with classroom.api.gradebook:
            return (classroom.course / "gradebook.db").read_bytes()


class Classroom:
    """A course folder of its own, with an exchange, in which teachers and students act by nbgrader's API."""

    def __init__(self, folder: Path, quizzes: Path = ROOT / "quizzes"):
        self.folder = folder
        self.course = folder / "quizzes"
        self.students = folder / "students"
        (folder / "exchange").mkdir(parents=True)
        (folder / "exchange").chmod(0o777)
        shutil.copytree(quizzes / "source", self.course / "source")
        shutil.copy(quizzes / "nbgrader_config.py", self.course)
        with contextlib.chdir(self.course):
            app = NbGrader()
            app.config_file_paths.append(str(self.course))
            app.load_config_file()
            self.config = app.config
        self.config.Exchange.root = str(folder / "exchange")
        self.api = NbGraderAPI(config=self.config)

    def copy_to(self, folder: Path) -> Classroom:
        """The class as it is now in another folder, to be changed."""
        copy = Classroom(folder)
        for path in self.course.iterdir():
            target = copy.course / path.name
            if not target.exists():
                shutil.copytree(path, target) if path.is_dir() else shutil.copy(path, target)
        return copy

    def must(self, result: Mapping) -> None:
        assert result["success"], result.get("error") or result.get("log")

    def release(self, assignment: str) -> Path:
        """Generate and release an assignment; returns its folder of released notebooks."""
        gradebook = self.course / "gradebook.db"
        if not gradebook.exists():
            gradebook.write_bytes(empty_gradebook())
        self.must(self.api.generate_assignment(assignment))
        self.must(self.api.release_assignment(assignment))
        return self.course / "release" / assignment

    def lay_submission(self, student: str, assignment: str, answers: Mapping[str, str]) -> Path:
        """Lay the release, filled in, where nbgrader collects submissions; returns the notebook."""
        folder = self.course / "submitted" / student / assignment
        shutil.copytree(self.course / "release" / assignment, folder, dirs_exist_ok=True)
        fill_in(folder / f"{assignment}.ipynb", answers)
        return folder / f"{assignment}.ipynb"

    def _exchange(self, kind: str, student: str, assignment: str, place: Path) -> None:
        place.mkdir(parents=True, exist_ok=True)
        config = copy.deepcopy(self.config)
        config.Exchange.cache = str(self.folder / "caches" / student)
        with contextlib.chdir(place):
            coursedir = CourseDirectory(config=config, student_id=student, assignment_id=assignment)
            exchange = getattr(self.api.exchange, kind)
            exchange(coursedir=coursedir, authenticator=self.api.authenticator, config=config).start()

    def fetch(self, student: str, assignment: str) -> Path:
        """The student's notebook, fetched from the exchange into a folder of their own."""
        self._exchange("FetchAssignment", student, assignment, self.students / student)
        return self.students / student / assignment / f"{assignment}.ipynb"

    def submit(self, student: str, assignment: str) -> None:
        self._exchange("Submit", student, assignment, self.students / student)

    def hand_in(self, student: str, assignment: str, answers: Mapping[str, str]) -> None:
        fill_in(self.fetch(student, assignment), answers)
        self.submit(student, assignment)

    def collect(self, assignment: str) -> None:
        self.must(self.api.collect(assignment))

    def autograde(self, assignment: str, student: str) -> None:
        self.must(self.api.autograde(assignment, student))

    def feedback(self, assignment: str, student: str) -> Path:
        """Generate and release a student's feedback; returns the page as the student fetches it."""
        self.must(self.api.generate_feedback(assignment, student))
        self.must(self.api.release_feedback(assignment, student))
        self._exchange("FetchFeedback", student, assignment, self.students / student)
        (page,) = (self.students / student / assignment / "feedback").rglob("*.html")
        return page

    def scores(self, assignment: str, student: str) -> dict[str, float]:
        """The points in the gradebook by item."""
        with self.api.gradebook as gradebook:
            notebook = gradebook.find_submission_notebook(assignment, assignment, student)
            return {
                grade.name.removeprefix("test_"): grade.score
                for grade in notebook.grades
                if grade.name.startswith("test_")
            }

    def validate(self, notebook: Path) -> Mapping:
        """What nbgrader's Validate says of a notebook: {} when nothing is wrong."""
        return Validator(config=self.config).validate(str(notebook))
