"""What runs inside the sandbox: play a student's notebook and bring out what its answers come to.

This process is the student's as soon as the first cell has run: nothing it says is trusted, and it
knows nothing that a student must not know. It speaks in lines of JSON on its standard output and is
spoken to on its standard input (see ``playing``).

Where a hidden test stands, the process is copied. The copy goes on with the notebook; the original
waits, with everything as the test would have found it. Only when the last cell has run, and all
outputs that anyone will read have left, do the originals wake, the last first, and are sent the
arguments to call the student's function with. So an argument cannot travel out in a later output,
and a function that ends its process harms no other answer.
"""

from __future__ import annotations

import base64
import builtins
import contextlib
import io
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from rollout_lab import quiz
from rollout_lab.classroom import limits
from rollout_lab.quiz import running


class Outputs(list):
    """What the current cell has shown, as nbformat's outputs; too long a text is cut."""

    room = limits.PRINTED

    def restart(self) -> None:
        self.clear()
        self.room = limits.PRINTED

    def print(self, name: str, text: str) -> int:
        kept = text[: self.room]
        self.room -= len(kept)
        if kept != text and kept:
            kept += "\n[The output is longer than this and was cut here.]\n"
        if kept and self and self[-1].get("name") == name:
            self[-1]["text"] += kept
        elif kept:
            self.append({"output_type": "stream", "name": name, "text": kept})
        return len(text)

    def show(self, kind: str, data: Mapping[str, Any]) -> None:
        data = {mime: value for mime, value in data.items() if isinstance(value, str | bytes)}
        for mime, value in data.items():
            if isinstance(value, bytes):
                data[mime] = base64.b64encode(value).decode("ascii")
        self.append({"output_type": kind, "data": data})

    def fail(self, name: str, message: str, traceback: list[str]) -> None:
        self.append({"output_type": "error", "ename": name, "evalue": message, "traceback": traceback})


OUTPUTS = Outputs()


class Printed(io.TextIOBase):
    """Standard output or standard error of the cells."""

    encoding = "utf-8"

    def __init__(self, name: str):
        self.name = name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return OUTPUTS.print(self.name, str(text))


class Displayed(DisplayPublisher):
    def publish(self, data, metadata=None, **_others):
        OUTPUTS.show("display_data", data)

    def clear_output(self, wait=False):
        OUTPUTS.restart()


class Result(DisplayHook):
    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        OUTPUTS.show("execute_result", format_dict)

    def finish_displayhook(self):
        self._is_active = False


class Shell(InteractiveShell):
    """IPython as a notebook's kernel has it, without the kernel's sockets."""

    displayhook_class = Type(Result)
    display_pub_class = Type(Displayed)

    def _tee(self, channel):
        """IPython keeps all that is printed a second time; here one time must do."""
        return contextlib.nullcontext()

    def ask_exit(self):
        """``exit()`` in a cell does not end the notebook."""

    def _showtraceback(self, etype, evalue, stb):
        OUTPUTS.fail(str(etype.__name__), str(evalue), [str(line) for line in stb])


def make_shell() -> Shell:
    settings = Config()
    settings.HistoryManager.enabled = False  # it keeps a file, and a thread that no copy would have
    return Shell.instance(config=settings)


@contextlib.contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer. Code that will not be interrupted is ended from outside."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def limit(memory: int, processes: int, file_bytes: int, seconds: float) -> None:
    """Set limits that the processes to come inherit and cannot lift."""
    import resource

    for kind, most in {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_NPROC: processes,
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_CPU: int(seconds) + 1,
        resource.RLIMIT_STACK: 8 * 2**20,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 0,
    }.items():
        resource.setrlimit(kind, (most, most))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


class Pristine:
    """Modules as they were before the student's code ran.

    A cell that overwrites ``numpy.asarray`` or ``builtins.float`` must not decide how another answer is
    read, so what it has overwritten is put back when it has run.
    """

    def __init__(self, *modules: ModuleType):
        self.modules = [(module, dict(vars(module))) for module in modules]

    def restore(self) -> None:
        for module, names in self.modules:
            vars(module).update(names)


class Play:
    """One performance of a notebook; ``say`` sends an event out, ``hear`` waits for a message."""

    def __init__(self, work: Mapping[str, Any], say: Callable, hear: Callable, walled: bool):
        self.work, self.say, self.hear, self.walled = work, say, hear, walled
        self.shell = make_shell()
        self.pristine = Pristine(builtins, sys, os, signal, json, np, np.linalg, quiz, running)
        self.family = set(_processes()) if walled else set()

    def run(self, start: int = 0) -> None:
        """Play the cells from ``start`` on; where a function is tested, leave the rest to a copy."""
        for position in range(start, len(self.work["cells"])):
            cell = self.work["cells"][position]
            if cell["kind"] == "code":
                self._code(position, cell)
            elif cell["kind"] == "choice":
                self._choice(position, cell)
            elif not self.walled:
                self._function(position, cell)
            else:
                if child := os.fork():
                    os.waitpid(child, 0)
                    self._function(position, cell)
                    return
                self.family.add(os.getpid())
        self.say({"event": "finished"})

    def _code(self, position: int, cell: Mapping[str, Any]) -> None:
        me = os.getpid()
        self.say({"event": "started", "cell": position})
        OUTPUTS.restart()
        begun = time.monotonic()
        with contextlib.suppress(KeyboardInterrupt), interrupted_after(self.work["seconds"]):
            self.shell.run_cell(cell["source"], store_history=True)
        self.pristine.restore()
        if os.getpid() != me:  # the cell copied its process, and this is the copy
            os._exit(0)
        if self.walled and any(_doomed(pid) for pid in self.family):
            os._exit(0)  # the cell has ended a process that waits: end here, before the next is blamed
        if stopped := time.monotonic() - begun >= self.work["seconds"]:
            OUTPUTS.print("stderr", f"Stopped after {self.work['seconds']:g} seconds.")
        self.say(
            {
                "event": "ran",
                "cell": position,
                "outputs": list(OUTPUTS),
                "count": self.shell.execution_count - 1,
                "stopped": stopped,
                "memory": _memory(),
                "left_behind": self._sweep(),
            }
        )

    def _choice(self, position: int, cell: Mapping[str, Any]) -> None:
        answer = self.shell.user_ns.get(f"answer_{cell['item']}")
        if not isinstance(answer, str | None):
            answer = repr(answer)
        self.say({"event": "chosen", "cell": position, "answer": answer})

    def _function(self, position: int, cell: Mapping[str, Any]) -> None:
        me = os.getpid()
        self.say({"event": "ready", "cell": position})
        key = {"item": cell["item"], **self.hear()}
        with interrupted_after(self.work["seconds"]):
            outcomes = running.collect(self.shell.user_ns.get(cell["item"]), key)
        self.pristine.restore()
        if os.getpid() != me:
            os._exit(0)
        self._sweep()
        self.say({"event": "called", "cell": position, "outcomes": outcomes})

    def _sweep(self) -> int:
        """End the processes that the student's code has left behind; how many there were."""
        if not self.walled:
            return 0
        ended = 0
        for _round in range(100):
            strays = [pid for pid in _processes() if pid not in self.family]
            for what in (signal.SIGSTOP, signal.SIGKILL):
                for pid in strays:
                    with contextlib.suppress(OSError):
                        os.kill(pid, what)
            ended += len(strays)
            if not strays:
                break
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
        return ended


def _processes() -> list[int]:
    """All processes inside the sandbox that still run."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and not _doomed(int(name))]


def _doomed(pid: int) -> bool:
    """Whether a process has ended, or has been sent the signal that it will end by."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return True
    told = dict(line.split(":", 1) for line in lines)
    pending = int(told["SigPnd"], 16) | int(told["ShdPnd"], 16)
    return told["State"].split()[0] in "ZX" or bool(pending >> (signal.SIGKILL - 1) & 1)


def _memory() -> int:
    """The address space of this process in bytes, 0 where that cannot be read."""
    with contextlib.suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _channel() -> tuple[Callable[[Any], None], Callable[[], Any]]:
    """Take standard input and output for the talk with the grader; cells get neither."""
    listen, speak = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)

    def say(event: Any) -> None:
        line = memoryview(json.dumps(event).encode() + b"\n")
        while line:
            line = line[speak.write(line) :]

    def hear() -> Any:
        return json.loads(listen.readline())

    return say, hear


def main() -> None:
    say, hear = _channel()
    # Sweeping ends every process in sight, so two signs must say that only the sandbox's are.
    walled = "ROLLOUT_LAB_SANDBOX" in os.environ and Path("/proc/1/comm").read_text().strip() == "bwrap"
    say({"event": "hello", "python": platform.python_version()})
    work = hear()
    for name, content in work["files"].items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(base64.b64decode(content))
    if walled:
        limit(**work["limits"])
    sys.path.insert(0, "")
    sys.stdout, sys.stderr = Printed("stdout"), Printed("stderr")
    try:
        Play(work, say, hear, walled).run()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
