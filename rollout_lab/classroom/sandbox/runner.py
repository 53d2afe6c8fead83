"""Run a submission in its sandbox, from outside: send what it needs, believe nothing it says.

What comes back is data (see `sanitize`). Judging it is for others: no key comes near this module.
"""

import asyncio
import tempfile
import threading
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from msgspec import structs

from rollout_lab.classroom import limits
from rollout_lab.quiz import running
from rollout_lab.quiz.key import Outcome

from . import sanitize
from .bubblewrap import SandboxError
from .protocol import Cell, Event, Job, Limits
from .worker_process import Ended, TooMuch, WorkerProcess

__all__ = ["Cell", "CellFailed", "Job", "Limits", "Transcript", "run_submission"]

START_SECONDS, GRACE_SECONDS = 120, 3


@dataclass
class Transcript:
    """What a notebook came to, by the position of the cell.

    `outputs` (nbformat's) and `counts` (IPython's) belong to code cells, `answers` to choices, `outcomes` to
    functions and inputs. `notes` say what was out of order, `python` which version ran it, like "3.13.0".
    """

    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    answers: dict[int, str | None] = field(default_factory=dict)
    outcomes: dict[int, list[Outcome]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    python: str = ""


class CellFailed(Exception):
    """A cell made it impossible to go on: its position, and what it did."""


def run_submission(job: Job, stop: threading.Event | None = None) -> Transcript:
    """Run a notebook in a process of its own, and take down what it comes to.

    When a cell ends the process, will not be stopped, hoards memory or floods the grader, the notebook is run
    again without it. Another thread may set `stop` to give up. Raises SandboxError if nothing could be run.
    """
    # A thread of its own: whoever calls, a notebook say, may have an event loop running already.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _run(job, stop or threading.Event())).result()


async def _run(job: Job, stop: threading.Event) -> Transcript:
    failed: dict[int, str] = {}
    until = time.monotonic() + job.limits.total_seconds
    while True:
        session = Session(job, failed, WorkerProcess(job, until, stop))
        try:
            with tempfile.TemporaryDirectory() as folder:
                await session.run(folder)
        except CellFailed as failure:
            if stop.is_set():
                raise SandboxError("the grading was stopped") from failure
            position, what = failure.args
            if position in failed and not session.transcript.outputs:
                raise SandboxError(f"the student's process {what} before any cell ran") from failure
            failed[position] = what
            if time.monotonic() < until and len(failed) < limits.SPOILERS:
                continue
            session.transcript.notes.append("the notebook was not played to its end")
        break
    transcript = session.transcript
    for position, what in sorted(failed.items()):
        transcript.notes.append(f"{job.cells[position].name} was left out: it {what}")
        if job.cells[position].kind == "function":
            transcript.outcomes[position] = [Outcome(error=f"It {what}.")]
        else:
            error = {"ename": "LeftOut", "evalue": what, "traceback": [f"This cell was left out: it {what}."]}
            transcript.outputs[position] = [{"output_type": "error", **error}]
    return transcript


class Session:
    """One run of a notebook without the cells that failed in an earlier one."""

    def __init__(self, job: Job, failed: Collection[int], worker: WorkerProcess) -> None:
        self.job, self.worker = job, worker
        self.transcript = Transcript()
        self.kinds = {p: cell.kind for p, cell in enumerate(job.cells) if p not in failed}
        self.position = 0
        self.asked: int | None = None
        self.finished = False
        self.shown: dict[int, list[Outcome]] = {}

    async def run(self, folder: str) -> None:
        """Fill in the transcript. Raises CellFailed if a cell is in the way, SandboxError if no cell is."""
        await self.worker.start(folder)
        try:
            await self._begin()
            await self._follow()
        except TooMuch as failure:
            raise CellFailed(self.position, str(failure)) from None
        finally:
            await self.worker.end()
        if self.worker.stop.is_set():
            raise SandboxError("the grading was stopped")

    async def _begin(self) -> None:
        try:
            event = await self.worker.hear(START_SECONDS, START_SECONDS)
        except (Ended, TooMuch):
            event = None
        if event is None or event.kind != "hello":
            last_words = await self.worker.last_words()
            raise SandboxError(f"the student's process did not start: {last_words}")
        self.transcript.python = sanitize.text(event.python)  # no code of the student's has run yet
        cells = [Cell("code")] * len(self.job.cells)
        for position in self.kinds:
            cell = self.job.cells[position]
            shown = [probe for probe in cell.calls.probes if probe.shown]
            cells[position] = replace(cell, calls=structs.replace(cell.calls, probes=shown))
        self.worker.say(replace(self.job, cells=tuple(cells)))

    async def _follow(self) -> None:
        """Listen from the first cell to the last call."""
        functions = [p for p, kind in self.kinds.items() if kind == "function"]
        left = list(functions)
        while not self.finished or (self.job.sandboxed and (left or self.asked is not None)):
            try:
                event = await self.worker.hear(self.job.limits.cell_seconds + GRACE_SECONDS)
            except Ended:
                if not self.finished or self.worker.caught:
                    raise self._process_ended() from None
                break
            if event is None:
                continue
            if event.kind == "finished":
                self.finished = all(
                    p in self.transcript.outputs for p, kind in self.kinds.items() if kind == "code"
                )
            elif event.kind == "ready" and event.cell in left:
                if self.job.sandboxed and not self.finished:
                    raise self._process_ended()
                self.position = self.asked = event.cell
                self.worker.say(self.job.cells[event.cell].calls)
                left = [p for p in left if p < event.cell or not self.job.sandboxed]
            elif event.kind == "called" and event.cell == self.asked:
                self.transcript.outcomes[event.cell] = self._outcomes(event.cell, event.outcomes)
                self.asked = None
            elif not self.finished:  # whatever is shown from here on could hold a test's arguments
                self._take_down(event)
        for position in functions:
            if position not in self.transcript.outcomes:
                item, ended = self.job.cells[position].item, "The process ended while the function ran."
                self.transcript.outcomes[position] = [Outcome(error=ended)]
                self.transcript.notes.append(f"{item} ended its process when it was called")

    def _process_ended(self) -> CellFailed:
        return CellFailed(self.position, self.worker.caught or "ended the notebook's process")

    def _outcomes(self, position: int, raw: Any) -> list[Outcome]:
        """The outcomes of all calls. What a student can read of them was said before the hidden calls."""
        calls = self.job.cells[position].calls
        outcomes = sanitize.outcomes(raw, calls.library_versions)
        if not self.job.sandboxed:
            return outcomes
        shown = self.shown.get(position, [])
        if len(outcomes) != len(calls.probes):
            known = [running.STOPPED, *(outcome.error for outcome in shown)]
            return [o for o in outcomes[:1] if o.error in known] or [Outcome(error="It came to no result.")]
        for outcome, probe in zip(outcomes, calls.probes, strict=True):
            if probe.shown:
                outcome.seen = shown.pop(0) if shown else Outcome(error="it came to no result")
        return outcomes

    def _take_down(self, event: Event) -> None:
        """Take down what a cell came to: each thing once, and of the cell that was started last."""
        position, kind, answer = event.cell, self.kinds.get(event.cell), event.answer
        if event.kind == "chosen" and kind == "choice":
            chosen = None if answer is None else sanitize.text(answer, limits.ANSWER)
            self.transcript.answers[position] = chosen
        elif event.kind == "given" and kind == "input":
            self.transcript.outcomes[position] = sanitize.outcomes(event.outcomes)[:1]
        elif event.kind == "started" and kind in ("code", "function"):
            self.position = max(self.position, position)
        elif position != self.position:
            return
        elif event.kind == "shown" and kind == "function":
            names = self.job.cells[position].calls.library_versions
            self.shown.setdefault(position, sanitize.outcomes(event.outcomes, names))
        elif event.kind == "ran" and kind == "code" and position not in self.transcript.outputs:
            self._take_down_outputs(event)

    def _take_down_outputs(self, event: Event) -> None:
        transcript, name = self.transcript, self.job.cells[event.cell].name
        transcript.outputs[event.cell] = sanitize.outputs(event.outputs)
        if 0 <= event.count < 10_000:
            transcript.counts[event.cell] = event.count
        notes = {
            "was stopped after its time": event.stopped,
            "left processes behind; they were ended": event.left_behind > 0,
            "left a thread running; later exercises do not have it": event.threads,
            "showed more than is kept; the rest was left out": event.cut,
        }
        transcript.notes += [f"{name} {note}" for note, is_so in notes.items() if is_so]
        if event.memory > self.job.limits.memory / 2:
            raise CellFailed(event.cell, "kept too much memory")
