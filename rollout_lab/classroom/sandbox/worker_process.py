"""The worker's process as the runner sees it: start, watch, talk to and end it, with all that it started."""

import asyncio
import contextlib
import os
import threading
import time
from asyncio.subprocess import PIPE

import psutil

from rollout_lab.classroom import limits
from rollout_lab.quiz.key import Calls

from . import sanitize
from .bubblewrap import ENVIRONMENT, refused_calls, sandbox_command
from .interpreter import interpreter
from .protocol import Event, Job, message_line


class Ended(Exception):
    """The worker will say no more."""


class TooMuch(Exception):
    """The worker took or sent more than it may, or did not end in its time; the message says what it did."""


class WorkerProcess:
    """The process of one run of a job, until `stop` is set or the time is `until`; `caught` says why."""

    def __init__(self, job: Job, until: float, stop: threading.Event) -> None:
        self.job, self.until, self.stop = job, until, stop
        self.bytes = self.lines = 0
        self.caught: str | None = None

    async def start(self, folder: str) -> None:
        """Start it, in `folder` if there is no sandbox, which has a folder of its own."""
        python, sandboxed = interpreter(self.job.python), self.job.sandboxed
        with refused_calls() if sandboxed else contextlib.nullcontext(-1) as calls:
            self.process = await asyncio.create_subprocess_exec(
                *(sandbox_command(python.worker, calls, python.places) if sandboxed else python.worker),
                cwd=folder,
                env=ENVIRONMENT if sandboxed else {**ENVIRONMENT, **os.environ},
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                limit=limits.LINE_BYTES,
                pass_fds=(calls,) if sandboxed else (),
            )
        self.family = _Family(self.process.pid)
        self.guard = asyncio.create_task(self._watch())

    async def end(self) -> None:
        self.guard.cancel()
        self.family.end()
        await self.process.wait()
        # Or it complains when it is collected, the loop being closed; asyncio has no public way.
        self.process._transport.close()  # type: ignore[attr-defined]

    async def _watch(self) -> None:
        """End the process when it takes more than it may, or when the grading is stopped."""
        while True:
            await asyncio.sleep(0.5)
            if self.family.memory() > self.job.limits.memory:
                self.caught = "took too much memory"
            elif self.job.sandboxed and self.family.files() > limits.FILES_MADE:
                self.caught = "made too many files"
            if self.caught or self.stop.is_set():
                self.family.end()

    def say(self, message: Job | Calls) -> None:
        """Send a message; a process that does not read it will be silent, and that is noticed."""
        assert self.process.stdin
        self.process.stdin.write(message_line(message))

    async def hear(self, seconds: float, at_least: float = 0.0) -> Event | None:
        """The next event, None for a line that is none. Raises Ended, or TooMuch."""
        assert self.process.stdout
        seconds = min(seconds, max(at_least, self.until - time.monotonic()))
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), seconds)
            event = sanitize.event(line)
        except TimeoutError:
            raise TooMuch("could not be stopped after its time") from None
        except ValueError:  # the line is too long, or holds too many values
            raise TooMuch("sent more than a cell may") from None
        self.bytes, self.lines = self.bytes + len(line), self.lines + 1
        if self.bytes > limits.TALK_BYTES or self.lines > limits.LINES * (1 + len(self.job.cells)):
            raise TooMuch("sent more than a notebook may")
        if not line.endswith(b"\n"):
            raise Ended
        return event

    async def last_words(self) -> str:
        """What it has written to standard error."""
        assert self.process.stderr
        return (await self.process.stderr.read(2000)).decode(errors="replace").strip()[-500:]


class _Family:
    """A process and all that descend from it; a number that the system has given to another is not meant."""

    def __init__(self, pid: int) -> None:
        self.head: psutil.Process | None = None
        with contextlib.suppress(psutil.NoSuchProcess):
            self.head = psutil.Process(pid)

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
                if not os.path.samefile(disks[0], "/tmp"):  # it is out of the sandbox
                    made.append(sum(disk.f_files - disk.f_ffree for disk in map(os.statvfs, disks)))
        return max(made)

    def end(self) -> None:
        for process in self.members():
            with contextlib.suppress(psutil.Error):
                process.kill()
