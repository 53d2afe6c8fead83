"""Play a submission in its sandbox, from outside: send what it needs, believe nothing it says.

What comes back is data (see ``evidence``): outputs to show, letters chosen, outcomes of calls.
Judging them is for others; no key comes near this module, so it can run on any machine.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psutil

from rollout_lab.classroom import limits
from rollout_lab.quiz import running
from rollout_lab.quiz.running import Outcome

from . import sanitize
from .bubblewrap import ENVIRONMENT, SandboxError, refused_calls, sandboxed
from .interpreter import interpreter

START_SECONDS, GRACE_SECONDS, WATCH_SECONDS = 120, 3, 0.5


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    ``cell_seconds`` bounds each cell, and all calls of one tested function together;
    ``total_seconds`` the whole notebook. ``memory`` is in bytes, for each process and for all
    together; ``processes`` counts threads too; ``file_bytes`` bounds each file written.
    """

    cell_seconds: float = 30
    total_seconds: float = 300
    memory: int = 2 * 2**30
    processes: int = 64
    file_bytes: int = 32 * 2**20


@dataclass(frozen=True)
class Cell:
    """A cell to play: ``code`` with its source, or the place where a ``choice`` or ``function`` is tested.

    ``name`` is what the instructor knows it by.
    ``question`` says what the function is called with: the part of its key without the answers.
    """

    kind: str
    name: str = ""
    source: str = ""
    item: str = ""
    question: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """A notebook to play: its cells, the other files of its folder by name, and the limits.

    Without ``walled`` there is no sandbox: the student's code can do whatever the grader can.
    ``python`` names the interpreter that plays it, "" for the grader's own.
    """

    cells: tuple[Cell, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    walled: bool = True
    python: str = ""


@dataclass
class Record:
    """What a notebook came to, by the position of the cell.

    ``outputs`` and ``counts`` belong to code cells (nbformat's outputs, IPython's numbers),
    ``answers`` to choices, ``outcomes`` to functions. ``notes`` say what was out of order, ``python`` which
    version of Python played it, like "3.13.0".
    """

    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    answers: dict[int, str | None] = field(default_factory=dict)
    outcomes: dict[int, list[Outcome]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    python: str = ""


class Spoiled(Exception):
    """A cell made it impossible to go on: ``position``, and what it did."""

    def __init__(self, position: int, what: str):
        super().__init__(what)
        self.position, self.what = position, what


def play(work: Work, stop: threading.Event | None = None) -> Record:
    """What the notebook comes to, played in a process of its own.

    When a cell ends the process, will not be stopped, hoards memory or floods the grader, the
    notebook is played again without it, so that the other cells get what they deserve.

    Another thread may set ``stop`` to give up. Raises SandboxError if nothing could be played.
    """
    # A thread of its own: whoever calls, a notebook say, may have an event loop running already.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _play(work, stop or threading.Event())).result()


async def _play(work: Work, stop: threading.Event) -> Record:
    spoilers: dict[int, str] = {}
    until = time.monotonic() + work.limits.total_seconds
    while True:
        performance = _Performance(work, spoilers, until, stop)
        try:
            with tempfile.TemporaryDirectory() as folder:
                await performance.run(folder)
        except Spoiled as spoiled:
            if stop.is_set():
                raise SandboxError("the grading was stopped") from spoiled
            if spoiled.position in spoilers and not performance.record.outputs:
                raise SandboxError(f"the student's process {spoiled.what} before any cell ran") from spoiled
            spoilers[spoiled.position] = spoiled.what
            if time.monotonic() < until and len(spoilers) < limits.SPOILERS:
                continue
            performance.record.notes.append("the notebook was not played to its end")
        break
    record = performance.record
    for position, what in sorted(spoilers.items()):
        record.notes.append(f"{work.cells[position].name} was left out: it {what}")
        if work.cells[position].kind == "function":
            record.outcomes[position] = [{"error": f"It {what}."}]
        else:
            told = {"ename": "LeftOut", "evalue": what, "traceback": [f"This cell was left out: it {what}."]}
            record.outputs[position] = [{"output_type": "error", **told}]
    return record


class _Ended(Exception):
    """The student's process will say no more."""


class _Performance:
    """One run of the notebook without the cells that spoiled an earlier one."""

    def __init__(self, work: Work, spoilers: Mapping[int, str], until: float, stop: threading.Event):
        self.work, self.spoilers, self.until, self.stop = work, spoilers, until, stop
        self.record = Record()
        self.position = 0
        self.asked: int | None = None
        self.finished = False
        self.heard = self.lines = 0
        self.shown: dict[int, list[Outcome]] = {}
        self.caught: str | None = None

    async def run(self, folder: str) -> None:
        """Fill in the record. Raises Spoiled if a cell stands in the way, SandboxError if the walls do.

        Without walls the notebook runs in ``folder``; the walls hold a folder of their own.
        """
        python, walled = interpreter(self.work.python), self.work.walled
        with refused_calls() if walled else contextlib.nullcontext(-1) as calls:
            self.process = await asyncio.create_subprocess_exec(
                *(sandboxed(python.worker, calls, python.places) if walled else python.worker),
                cwd=folder,
                env=ENVIRONMENT if walled else {**ENVIRONMENT, **os.environ},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=limits.LINE_BYTES,
                pass_fds=(calls,) if walled else (),
            )
        family = _Family(self.process.pid)
        guard = asyncio.create_task(self._guard(family))
        try:
            await self._begin()
            await self._follow()
        finally:
            guard.cancel()
            family.end()
            await self.process.wait()
            self.process._transport.close()  # or it complains when it is collected, the loop being closed
        if self.stop.is_set():
            raise SandboxError("the grading was stopped")

    async def _guard(self, family: _Family) -> None:
        """End the process when it takes more memory than it may, or when the grading is stopped."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if family.memory() > self.work.limits.memory:
                self.caught = "took too much memory"
            elif self.work.walled and family.files() > limits.FILES_MADE:
                self.caught = "made too many files"
            if self.caught or self.stop.is_set():
                family.end()

    async def _begin(self) -> None:
        try:
            event = await self._hear(START_SECONDS, START_SECONDS)
        except (_Ended, Spoiled):
            event = {}
        if event.get("event") != "hello":
            told = (await self.process.stderr.read(2000)).decode(errors="replace").strip()
            raise SandboxError(f"the student's process did not start: {told[-500:]}")
        self.record.python = sanitize.text(event.get("python"))  # no code of the student's has run yet
        most = self.work.limits
        cells = [
            {"kind": "code", "source": ""}
            if position in self.spoilers
            else {"kind": cell.kind, "source": cell.source, "item": cell.item, "shown": _shown(cell.question)}
            for position, cell in enumerate(self.work.cells)
        ]
        await self._say(
            {
                "cells": cells,
                "files": {n: base64.b64encode(c).decode("ascii") for n, c in self.work.files.items()},
                "seconds": most.cell_seconds,
                "limits": {
                    "memory": most.memory,
                    "processes": most.processes,
                    "file_bytes": most.file_bytes,
                    "seconds": most.total_seconds,
                },
            }
        )

    async def _follow(self) -> None:
        """Listen from the first cell to the last call."""
        left = [p for p, cell in enumerate(self.work.cells) if self._is("function", p)]
        while not self.finished or (self.work.walled and (left or self.asked is not None)):
            try:
                event = await self._hear(self.work.limits.cell_seconds + GRACE_SECONDS)
            except _Ended:
                if not self.finished or self.caught:
                    raise Spoiled(self.position, self.caught or "ended the notebook's process") from None
                break
            name, position = event.get("event"), event.get("cell")
            if name == "finished":
                self.finished = all(
                    position in self.record.outputs
                    for position in range(len(self.work.cells))
                    if self._is("code", position)
                )
            elif not isinstance(position, int):
                continue
            elif name == "ready" and position in left:
                await self._ask(position)
                left = [p for p in left if p < position or not self.work.walled]
            elif name == "called" and position == self.asked:
                self.record.outcomes[position] = self._outcomes(position, event.get("outcomes"))
                self.asked = None
            elif not self.finished:  # whatever is shown from here on could hold a test's arguments
                self._note(name, position, event)
        for position, cell in enumerate(self.work.cells):
            if self._is("function", position) and position not in self.record.outcomes:
                self.record.outcomes[position] = [{"error": "The process ended while the function ran."}]
                self.record.notes.append(f"{cell.item} ended its process when it was called")

    async def _ask(self, position: int) -> None:
        """Send the arguments that the function at this position is called with."""
        if self.work.walled and not self.finished:
            raise Spoiled(self.position, self.caught or "ended the notebook's process")
        self.position = self.asked = position
        await self._say(self.work.cells[position].question)

    def _outcomes(self, position: int, raw: Any) -> list[Outcome]:
        """The outcomes of all calls. What a student can read of them was said before the hidden calls.

        A function may return the hidden arguments in a later call, or raise them.
        """
        question = self.work.cells[position].question
        outcomes = sanitize.outcomes(raw, question["library_versions"])
        if not self.work.walled:
            return outcomes
        shown = self.shown.get(position, [])
        if len(outcomes) != len(question["probes"]):
            known = [running.STOPPED, *(outcome.get("error") for outcome in shown)]
            told = [outcome for outcome in outcomes[:1] if outcome.get("error") in known]
            return told or [{"error": "It came to no result."}]
        for outcome, probe in zip(outcomes, question["probes"], strict=True):
            if probe.get("shown"):
                outcome["seen"] = shown.pop(0) if shown else {"error": "it came to no result"}
        return outcomes

    def _note(self, name: Any, position: int, event: Mapping[str, Any]) -> None:
        """Take down what a cell came to: each thing once, and of the cell that was started last."""
        if name == "chosen" and self._is("choice", position):
            answer = event.get("answer")
            self.record.answers[position] = None if answer is None else sanitize.text(answer, limits.ANSWER)
        if name == "started" and (self._is("code", position) or self._is("function", position)):
            self.position = max(self.position, position)
        if position != self.position:
            return
        if name == "shown" and self._is("function", position):
            names = self.work.cells[position].question["library_versions"]
            self.shown.setdefault(position, sanitize.outcomes(event.get("outcomes"), names))
        if name == "ran" and self._is("code", position) and position not in self.record.outputs:
            called = self.work.cells[position].name
            self.record.outputs[position] = sanitize.outputs(event.get("outputs"))
            if isinstance(event.get("count"), int) and 0 <= event["count"] < 10_000:
                self.record.counts[position] = int(event["count"])
            if event.get("stopped") is True:
                self.record.notes.append(f"{called} was stopped after its time")
            if isinstance(event.get("left_behind"), int) and event["left_behind"] > 0:
                self.record.notes.append(f"{called} left processes behind; they were ended")
            if event.get("threads") is True:
                self.record.notes.append(f"{called} left a thread running; later exercises do not have it")
            if event.get("cut") is True:
                self.record.notes.append(f"{called} showed more than is kept; the rest was left out")
            if isinstance(event.get("memory"), int) and event["memory"] > self.work.limits.memory / 2:
                raise Spoiled(position, "kept too much memory")

    def _is(self, kind: str, position: int) -> bool:
        within = 0 <= position < len(self.work.cells)
        return within and position not in self.spoilers and self.work.cells[position].kind == kind

    async def _say(self, message: Mapping[str, Any]) -> None:
        """Send a message; a process that does not read it will be silent, and that is noticed."""
        self.process.stdin.write(json.dumps(message).encode() + b"\n")

    async def _hear(self, seconds: float, at_least: float = 0.0) -> dict[str, Any]:
        """The next event. Raises _Ended at the end, Spoiled when it takes too long or is too much."""
        seconds = min(seconds, max(at_least, self.until - time.monotonic()))
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), seconds)
        except TimeoutError:
            raise Spoiled(self.position, "could not be stopped after its time") from None
        except ValueError:
            raise Spoiled(self.position, "sent more than a cell may") from None
        self.heard, self.lines = self.heard + len(line), self.lines + 1
        if self.heard > limits.TALK_BYTES or self.lines > limits.LINES * (1 + len(self.work.cells)):
            raise Spoiled(self.position, "sent more than a notebook may")
        if not line.endswith(b"\n"):
            raise _Ended
        try:
            return sanitize.event(line)
        except sanitize.TooMuch:
            raise Spoiled(self.position, "sent more than a cell may") from None


def _shown(question: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a question that is no secret: the calls that feedback may show."""
    return {**question, "probes": [probe for probe in question.get("probes", ()) if probe.get("shown")]}


class _Family:
    """A process and all that descend from it; a number that the system has given to another is not meant."""

    def __init__(self, pid: int):
        try:
            self.head = psutil.Process(pid)
        except psutil.NoSuchProcess:
            self.head = None

    def members(self) -> list[psutil.Process]:
        try:
            return [self.head, *self.head.children(recursive=True)] if self.head else []
        except psutil.Error:
            return []

    def memory(self) -> int:
        """Bytes of memory; what processes share counts once, where the system tells what that is."""
        total = 0
        for process in self.members():
            with contextlib.suppress(psutil.Error, AttributeError):  # it may have ended by now
                try:
                    total += process.memory_full_info().pss
                except psutil.AccessDenied:
                    total += process.memory_info().rss
        return total

    def files(self) -> int:
        """Files on the disks in memory of its sandbox."""
        made = [0]
        for process in self.members():
            with contextlib.suppress(OSError):  # it may have ended by now
                disks = [f"/proc/{process.pid}/root{place}" for place in ("/tmp", "/dev/shm")]
                if not os.path.samefile(disks[0], "/tmp"):  # it has gone through the wall
                    made.append(sum(disk.f_files - disk.f_ffree for disk in map(os.statvfs, disks)))
        return max(made)

    def end(self) -> None:
        for process in self.members():
            try:
                process.kill()
            except psutil.Error:
                continue
