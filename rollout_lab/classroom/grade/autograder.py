"""nbgrader's autograding with one step replaced: the student's code runs in a sandbox and is judged outside.

Sanitising, scores, scores and comments given by hand, late penalties: all of it stays nbgrader's.
"""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Callable, Collection
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

from rollout_lab.classroom.sandbox.runner import Cell, Limits, Record, Work
from rollout_lab.classroom.submission.folder import read_submission
from rollout_lab.classroom.submission.python_versions import Gap, tell_student, version_gap
from rollout_lab.classroom.submission.repair import called
from rollout_lab.quiz.keys import key_in
from rollout_lab.quiz.scoring import Verdict, judge_choice, judge_function, recorded, render, wrapped

from .preprocessors import ExecuteSayingVersions


def place_of(key: dict[str, Any], name: str) -> Cell:
    """What the sandbox may know of a hidden cell: which item, and what its function is called with."""
    if key["kind"] == "choice":
        return Cell("choice", name, item=key["item"])
    probes = [{"arguments": p["arguments"], "shown": p.get("shown", False)} for p in key["probes"]]
    return Cell(
        "function",
        name,
        item=key["item"],
        question={"probes": probes, "library_versions": key["library_versions"]},
    )


def judged(key: dict[str, Any], record: Record, position: int) -> Verdict:
    """The verdict on what a submission came to where the hidden cell with this key stands."""
    try:
        if key["kind"] == "choice":
            return judge_choice(record.answers.get(position), key)
        return judge_function(record.outcomes.get(position, []), key)
    except Exception as error:  # an answer that breaks the judge must not break the grading
        record.notes.append(f"{key['item']} could not be judged: {error!r:.200}")
        return Verdict(0.0, "an answer that could not be read", "It could not be judged.")


class ExecuteInSandbox(Execute):
    """In the place of nbgrader's ``Execute``; its ``timeout`` is the time that a cell may take."""

    notebook_timeout = Integer(300, help="Seconds that a notebook may take.").tag(config=True)
    memory = Integer(2 * 2**30, help="Bytes of memory that a notebook may take.").tag(config=True)
    python = Unicode("", help="The Python that plays a notebook; the grader's own if empty.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
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
        record = grader.play(Work(tuple(cells), files, most, python=self.python))
        gap, affected = version_gap(nb.metadata, record.python), {}
        for position, (cell, key) in enumerate(zip(code, keys, strict=True)):
            if key:
                verdict = judged(key, record, position)
                if gap and not verdict.right and _gap_explains(key["item"], position, record, gap, affected):
                    affected[key["item"]] = None
                    verdict = replace(verdict, message=f"{verdict.message}\n{gap.for_student}")
                cell.outputs = shown(verdict, key["points"])
            else:
                cell.outputs = _harmless(cell, record.outputs.get(position, []))
                if tell_student(cell, gap):
                    affected[cells[position].name] = None
            cell.execution_count = record.counts.get(position)
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = cell.execution_count
        grader.notes += [*record.notes, *([gap.for_instructor(affected)] if affected else [])]
        return nb, resources

    def _files(self, folder: Path) -> dict[str, bytes]:
        """The files beside the notebook, but not the notebook: it holds the hidden tests by now."""
        there = read_submission(folder)
        self.parent.notes += there.left_out
        return {name: (folder / name).read_bytes() for name in there.files if not name.endswith(".ipynb")}


def _gap_explains(item: str, position: int, record: Record, gap: Gap, affected: Collection[str]) -> bool:
    """Whether an answer may have failed because an older Python played it: its cell did, or a call of it."""
    errors = (outcome.get("error", "") for outcome in record.outcomes.get(position, []))
    return item in affected or any(map(gap.explains, errors))


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
    """nbgrader's ``SaveAutoGrades`` in one transaction, where nbgrader waits for the disk after each cell."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        self.last = len(nb.cells) - 1
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell: NotebookNode, resources: dict, cell_index: int):
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
    """nbgrader's ``Autograde`` for one ``student``; ``notes`` tells what the instructor should know.

    ``player`` plays the work and may take its time. nbgrader's own steps share the process (its
    working directory, its database), so they run one at a time: whoever starts this holds
    ``turn``, and it is given away while the student's code runs.
    """

    def __init__(self, player: Callable[[Work], Record], turn: threading.Lock, student: str, **settings: Any):
        super().__init__(**settings)
        self.player, self.turn, self.student, self.notes = player, turn, student, []
        others = {
            Execute: (sandboxed := ExecuteInSandbox(parent=self)),
            ExecuteSayingVersions: sandboxed,
            SaveAutoGrades: SaveAutoGradesAtOnce(parent=self),
            CheckCellMetadata: None,  # it was checked before the notebook ran, and has not been changed since
        }
        steps = [others.get(step, step) for step in self.autograde_preprocessors]
        self.autograde_preprocessors = [step for step in steps if step is not None]

    def init_notebooks(self) -> None:
        """Find the student's notebooks; nbgrader would take a name like ``[a]`` for a pattern."""
        folder = self._format_source(self.coursedir.assignment_id, self.student)
        self.assignments = {folder: [str(path) for path in Path(folder).glob("*.ipynb")]}

    def play(self, work: Work) -> Record:
        self.turn.release()
        try:
            return self.player(work)
        finally:
            self.turn.acquire()
            os.environ["NBGRADER_EXECUTION"] = "autograde"  # another turn's end has unset it
