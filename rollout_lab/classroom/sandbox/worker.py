"""What runs inside the sandbox: run a student's notebook and bring out what its answers come to.

This process is the student's as soon as the first cell has run: nothing it says is trusted, and it knows
nothing that a student must not know. It speaks and is spoken to in the lines of `protocol`.
"""

import builtins
import contextlib
import json
import math
import os
import platform
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import thread
from pathlib import Path

import msgspec
import numpy as np

from rollout_lab import quiz
from rollout_lab.classroom import limits
from rollout_lab.quiz import breaking, key, running
from rollout_lab.quiz.key import Calls, Outcome
from rollout_lab.quiz.names import answer_name

from . import processes
from .protocol import SIGN, Cell, Event, Job, event_line
from .shell import OUTPUTS, Printed, make_shell

TOO_SLOW = 75  # the exit status of a process whose calls were interrupted


def fitting(outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes with an error in place of each result that is too large to send."""
    room = limits.NUMBERS
    for position, outcome in enumerate(outcomes):
        size = math.prod(side or 1 for side in outcome.shape) if outcome.error is None else 0
        if size > room:
            error = f"the result has shape {tuple(outcome.shape)}: more numbers than are read"
            outcomes[position] = Outcome(error=error[: limits.ERROR_OF_A_CALL])
        else:
            room -= size
    return outcomes


class NotebookRun:
    """One run of a notebook; `say` sends an event out, `hear` waits for the calls of a function."""

    def __init__(
        self, job: Job, say: Callable[[Event], None], hear: Callable[[], Calls], sandboxed: bool
    ) -> None:
        self.job, self.say, self.hear, self.sandboxed = job, say, hear, sandboxed
        self.shell = make_shell()
        ours = (
            builtins,
            sys,
            os,
            signal,
            json,
            np,
            np.linalg,
            msgspec,
            msgspec.structs,
            quiz,
            key,
            running,
            breaking,
        )
        self.pristine = [(module, dict(vars(module))) for module in ours]
        self.family = set(processes.running()) if sandboxed else set()
        self.too_slow: set[int] = set()
        self.threads: set[threading.Thread] = set()
        if sandboxed:
            os.register_at_fork(after_in_child=processes.revive_pools)

    def run(self) -> None:
        """Run the cells. Where a function is tested, the process is copied, and copies do the rest."""
        for position, cell in enumerate(self.job.cells):
            if cell.kind == "code":
                self._code(position, cell)
            elif cell.kind == "choice":
                self._choice(position, cell)
            elif cell.kind == "input":
                given = breaking.read_input(self.shell.user_ns.get(cell.item))
                self.say(Event("given", position, outcomes=[given]))
            elif not self.sandboxed:
                self._function(position, cell)
            else:
                # A hidden test's arguments must not travel out in what the notebook shows later, and a
                # function that ends its process must not end other answers. So a first copy makes the
                # calls that feedback may show, and ends. A second copy goes on with the notebook, while the
                # original waits here, with everything as the test would have found it. Only when the last
                # cell has run, and all outputs that anyone will read have left, do the originals wake, the
                # last first, and are sent the arguments to call the student's function with.
                self._shown_calls(position, cell)
                if child := processes.copied():
                    os.waitpid(child, 0)
                    self._function(position, cell)
                    return
                self.family.add(os.getpid())
        self.say(Event("finished"))

    def _code(self, position: int, cell: Cell) -> None:
        me, seconds = os.getpid(), self.job.limits.cell_seconds
        self.say(Event("started", position))
        OUTPUTS.begin()
        begun = time.monotonic()
        with contextlib.suppress(KeyboardInterrupt), processes.interrupted_after(seconds):
            self.shell.run_cell(cell.source, store_history=True)  # type: ignore[no-untyped-call]  # IPython's
        with contextlib.suppress(Exception):  # the student may have put anything in its place
            self.shell.end_script_loop()
        self._restore()
        if os.getpid() != me:  # the cell copied its process, and this is the copy
            os._exit(0)
        self._stop_if_a_process_that_waits_was_ended()
        if stopped := time.monotonic() - begun >= seconds:
            OUTPUTS.print("stderr", f"Stopped after {seconds:g} seconds.")
        if threads := self._new_threads():
            OUTPUTS.print("stderr", "\n[A thread of this cell still runs; later exercises do not have it.]\n")
        OUTPUTS.end()
        self.say(
            Event(
                "ran",
                position,
                outputs=OUTPUTS,
                count=self.shell.execution_count - 1,
                stopped=stopped,
                cut=OUTPUTS.cut,
                threads=threads,
                memory=processes.address_space(),
                left_behind=self._sweep(),
            )
        )

    def _choice(self, position: int, cell: Cell) -> None:
        answer = self.shell.user_ns.get(answer_name(cell.item))
        if isinstance(answer, str):
            answer = str.__getitem__(answer, slice(limits.ANSWER))  # its class may have its own
        elif type(answer) in (bool, int, float) and abs(answer) < 10**9:
            answer = repr(answer)
        elif answer is not None:
            answer = "something that is no text"  # to write it out would run the student's code
        self.say(Event("chosen", position, answer=answer))

    def _shown_calls(self, position: int, cell: Cell) -> None:
        """Make the calls that feedback may show, in a copy: they must change nothing for what follows."""
        self.say(Event("started", position))
        if child := processes.copied():
            _child, status = os.waitpid(child, 0)
            if os.waitstatus_to_exitcode(status) == TOO_SLOW:
                self.too_slow.add(position)
            self._stop_if_a_process_that_waits_was_ended()
            self._sweep()
            return
        self.family.add(os.getpid())
        outcomes = self._call(cell.calls)
        self.say(Event("shown", position, outcomes=outcomes))
        os._exit(TOO_SLOW if outcomes == [Outcome(error=running.STOPPED)] else 0)

    def _function(self, position: int, cell: Cell) -> None:
        self.say(Event("ready", position))
        calls = self.hear()
        slow = position in self.too_slow
        outcomes = [Outcome(error=running.STOPPED)] if slow else self._call(calls)
        self._sweep()
        self.say(Event("called", position, outcomes=outcomes))

    def _call(self, calls: Calls) -> list[Outcome]:
        me = os.getpid()
        with processes.interrupted_after(self.job.limits.cell_seconds):
            outcomes = running.call_on_probes(self.shell.user_ns.get(calls.item), calls)
        self._restore()
        if os.getpid() != me:
            os._exit(0)
        return fitting(outcomes)

    def _restore(self) -> None:
        """Put back what a cell has overwritten: it must not decide how another answer is read."""
        for module, names in self.pristine:
            vars(module).update(names)

    def _stop_if_a_process_that_waits_was_ended(self) -> None:
        """End here, before the next cell is blamed."""
        if self.sandboxed and any(map(processes.doomed, self.family)):
            os._exit(0)

    def _new_threads(self) -> bool:
        """Whether the cell has left threads behind that a copy of this process will not have."""
        # Pools get new ones; others were told of before.
        known = ([threading.main_thread()], thread._threads_queues, self.threads)
        new = [each for each in threading.enumerate() if not any(each in threads for threads in known)]
        self.threads.update(new)
        for each in new:
            each.join(0.2)  # it may be about to end
        new = [each for each in new if each.is_alive()]
        return self.sandboxed and any(type(each).__name__ != "TMonitor" for each in new)  # tqdm's is harmless

    def _sweep(self) -> int:
        return processes.end_all_but(self.family) if self.sandboxed else 0


def main() -> None:
    # Standard input and output are for the talk with the runner; cells get neither.
    listen, speak = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)

    def say(event: Event) -> None:
        line = memoryview(event_line(event))
        while line:
            line = line[speak.write(line) :]

    def hear() -> Calls:
        return msgspec.convert(json.loads(listen.readline()), Calls)

    # Sweeping ends every process in sight, so two signs must say that only the sandbox's are.
    sandboxed = SIGN in os.environ and Path("/proc/1/comm").read_text().strip() == "bwrap"
    say(Event("hello", python=platform.python_version()))
    job = msgspec.convert(json.loads(listen.readline()), Job)
    for name, content in job.files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content)
    if sandboxed:
        processes.limit(job.limits)
    sys.path.insert(0, "")
    sys.stdout, sys.stderr = Printed("stdout"), Printed("stderr")
    try:
        NotebookRun(job, say, hear, sandboxed).run()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
