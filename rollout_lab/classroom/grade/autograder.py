"""nbgrader's autograding with one step replaced: the student's code runs in a sandbox and is judged outside.

Sanitising, scores, scores and comments given by hand, late penalties: all of it stays nbgrader's.
"""

import os
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_output
from nbgrader.converters import Autograde
from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, Execute, SaveAutoGrades
from nbgrader.utils import is_grade
from traitlets import Integer, Unicode

from rollout_lab.classroom.sandbox.runner import Cell, Job, Limits, Transcript
from rollout_lab.classroom.submission.folder import read_submission
from rollout_lab.classroom.submission.python_versions import tell_student, version_gap
from rollout_lab.classroom.submission.repair import called
from rollout_lab.quiz.breaking import judge_break, read_input
from rollout_lab.quiz.key import BreakKey, Call, Calls, ChoiceKey, Key, Outcome, key_in
from rollout_lab.quiz.scoring import Verdict, judge_choice, judge_function, recorded, render, wrapped

from .preprocessors import ExecuteSayingVersions


def place_of(key: Key, name: str) -> Cell:
    """What the sandbox may know of a hidden cell: which item, and what its function is called with."""
    if isinstance(key, ChoiceKey):
        return Cell("choice", name, item=key.item)
    if isinstance(key, BreakKey):
        return Cell("input", name, item=key.item)
    probes = [Call(probe.arguments, probe.shown) for probe in key.probes]
    calls = Calls(item=key.item, probes=probes, library_versions=key.library_versions)
    return Cell("function", name, item=key.item, calls=calls)


def judged(key: Key, transcript: Transcript, position: int) -> Verdict:
    """The verdict on what a submission came to where the hidden cell with this key stands."""
    try:
        if isinstance(key, ChoiceKey):
            return judge_choice(transcript.answers.get(position), key)
        if isinstance(key, BreakKey):
            given, *_ = [*transcript.outcomes.get(position, []), Outcome(error="it could not be read")]
            # Whatever left the sandbox is read once more, within the limits of an input.
            return judge_break(given if given.error is not None else read_input(given.value), key)
        return judge_function(transcript.outcomes.get(position, []), key)
    except Exception as error:  # an answer that breaks the judge must not break the grading
        transcript.notes.append(f"{key.item} could not be judged: {error!r:.200}")
        return Verdict(0.0, "an answer that could not be read", "It could not be judged.")


class ExecuteInSandbox(Execute):
    """In the place of nbgrader's `Execute`; its `timeout` is the time that a cell may take."""

    notebook_timeout = Integer(300, help="Seconds that a notebook may take.").tag(config=True)
    memory = Integer(2 * 2**30, help="Bytes of memory that a notebook may take.").tag(config=True)
    python = Unicode("", help="The Python that runs a notebook; the grader's own if empty.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        grader = self.parent
        code, keys, cells = [], [], []
        for number, cell in enumerate(nb.cells, start=1):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            name = called(cell, number)
            key = key_in(cell.source) if is_grade(cell) else None
            if key is None and is_grade(cell) and cell.metadata.nbgrader.points:
                grader.notes.append(f"{name} carries no key: it was judged in the student's process")
            code.append(cell)
            keys.append(key)
            cells.append(place_of(key, name) if key else Cell("code", name, cell.source))
        most = Limits(self.timeout or Limits.cell_seconds, self.notebook_timeout, self.memory)
        files = self._files(Path(resources["metadata"]["path"]))
        transcript = grader.run_job(Job(tuple(cells), files, most, python=self.python))
        gap = version_gap(nb.metadata, transcript.python)
        affected: dict[str, None] = {}
        for position, (cell, key) in enumerate(zip(code, keys, strict=True)):
            if key:
                verdict = judged(key, transcript, position)
                # An older Python may be why the answer failed: its cell did, or a call of it.
                errors = [outcome.error or "" for outcome in transcript.outcomes.get(position, [])]
                if gap and not verdict.right and (key.item in affected or any(map(gap.explains, errors))):
                    affected[key.item] = None
                    verdict = replace(verdict, message=f"{verdict.message}\n{gap.for_student}")
                cell.outputs = shown(verdict, key.points)
            else:
                cell.outputs = _harmless(cell, transcript.outputs.get(position, []))
                if tell_student(cell, gap):
                    affected[cells[position].name] = None
            cell.execution_count = transcript.counts.get(position)
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = cell.execution_count
        grader.notes += transcript.notes
        if gap and affected:
            grader.notes.append(gap.for_instructor(affected))
        return nb, resources

    def _files(self, folder: Path) -> dict[str, bytes]:
        """The files beside the notebook, but not the notebook: it holds the hidden tests by now."""
        there = read_submission(folder)
        self.parent.notes += there.left_out
        return {name: (folder / name).read_bytes() for name in there.files if not name.endswith(".ipynb")}


def shown(verdict: Verdict, points: float) -> list[NotebookNode]:
    """A hidden cell's outputs, in the form in which nbgrader reads a score: a builtin float."""
    text = wrapped(render(verdict, points)) + "\n"
    score = repr(float(verdict.credit * points))
    return [
        new_output("stream", name="stdout", text=text),
        new_output("display_data", data=recorded(verdict, points)),
        new_output("execute_result", data={"text/plain": score}),
    ]


def _harmless(cell: NotebookNode, outputs: list[dict[str, Any]]) -> list[NotebookNode]:
    """A cell's own outputs; nbgrader would read a number in a form check as a score, above its 0 points."""
    nodes = [from_dict(output) for output in outputs]
    if is_grade(cell) and not cell.metadata.nbgrader.points:
        for node in nodes:
            if node.output_type == "execute_result":
                node.output_type = "display_data"
    return nodes


class SaveAutoGradesAtOnce(SaveAutoGrades):
    """nbgrader's `SaveAutoGrades` in one transaction, where nbgrader waits for the disk after each cell."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        self.last = len(nb.cells) - 1
        return super().preprocess(nb, resources)

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        database = self.gradebook.db
        database.commit = database.flush
        done = super().preprocess_cell(cell, resources, cell_index)
        if cell_index == self.last:
            del database.commit
            database.commit()
        return done


def failed_step(error: BaseException) -> str:
    """In which step of autograding a submission an error arose, in words."""
    frames = [frame for frame, _line in traceback.walk_tb(error.__traceback__)]
    places = {frame.f_code.co_name for frame in frames}
    owners = (frame.f_locals.get("self") for frame in frames)
    step = next((owner for owner in owners if isinstance(owner, Preprocessor)), None)
    if isinstance(step, Execute):
        return "running the notebook"
    if isinstance(step, (SaveAutoGrades, AssignLatePenalties)):
        return "saving its scores"
    if step:
        return "mending the notebook for grading"
    return "reading the notebook" if "from_filename" in places else "copying or writing its files"


class SandboxedAutograde(Autograde):
    """nbgrader's `Autograde` for one `student`; `notes` tells what the instructor should know.

    Whoever starts this holds `turn` (see `Grading`); it is given away while `runner` runs the student's code.
    """

    autograde_preprocessors: list[Any]

    def __init__(
        self, runner: Callable[[Job], Transcript], turn: threading.Lock, student: str, **settings: Any
    ):
        super().__init__(**settings)
        self.runner, self.turn, self.student = runner, turn, student
        self.notes: list[str] = []
        others = {
            Execute: (sandboxed := ExecuteInSandbox(parent=self)),
            ExecuteSayingVersions: sandboxed,
            SaveAutoGrades: SaveAutoGradesAtOnce(parent=self),
            CheckCellMetadata: None,  # it was checked before the notebook ran, and has not been changed since
        }
        steps = [others.get(step, step) for step in self.autograde_preprocessors]
        self.autograde_preprocessors = [step for step in steps if step is not None]

    def init_notebooks(self) -> None:
        """Find the student's notebooks; nbgrader would take a name like `[a]` for a pattern."""
        folder = self._format_source(self.coursedir.assignment_id, self.student)
        self.assignments = {folder: [str(path) for path in Path(folder).glob("*.ipynb")]}

    def run_job(self, job: Job) -> Transcript:
        self.turn.release()
        try:
            return self.runner(job)
        finally:
            self.turn.acquire()
            os.environ["NBGRADER_EXECUTION"] = "autograde"  # another turn's end has unset it
