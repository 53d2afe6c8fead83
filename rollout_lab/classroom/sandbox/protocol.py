"""What runner and worker say to each other, a line of JSON each: a job goes in, events come out, calls go in.

The runner believes nothing of an event but its form: fields of type `Any` hold whatever JSON can.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from rollout_lab.quiz.key import Calls

SIGN = "ROLLOUT_LAB_SANDBOX"
"""The environment variable that is set inside the sandbox, and only there."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use."""

    cell_seconds: float = 30  # for each cell, and for all calls of one tested function together
    total_seconds: float = 300
    memory: int = 2 * 2**30  # bytes, for each process and for all together
    processes: int = 64  # with threads
    file_bytes: int = 32 * 2**20  # for each file written


NOT_CALLED = Calls(item="", probes=())


@dataclass(frozen=True)
class Cell:
    """A cell to run: `code` with its source, or the place where a `choice`, `input` or `function` is tested.

    `name` is what the instructor knows it by, `calls` what the function is called with. The worker gets
    of that the calls that feedback may show, and all of it when the notebook has ended.
    """

    kind: str
    name: str = ""
    source: str = ""
    item: str = ""
    calls: Calls = NOT_CALLED


@dataclass(frozen=True)
class Job:
    """A notebook to run: its cells, the other files of its folder by name, and the limits.

    If it is not `sandboxed`, the student's code can do whatever the grader can. `python` names the
    interpreter that runs it, "" for the grader's own.
    """

    cells: tuple[Cell, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    sandboxed: bool = True
    python: str = ""


Kind = Literal["hello", "started", "ran", "chosen", "given", "shown", "ready", "called", "finished"]


class Event(msgspec.Struct):
    """What the worker says; `cell` is a position among the job's cells.

    `hello`: the worker is there, on a version of `python`. `started`: a cell begins, or the calls of a
    function that feedback may show. `ran`: a code cell has ended, with `outputs` and all down to
    `left_behind`. `chosen`: the `answer` to a question. `given`: an input, as the one outcome. `shown`: the
    `outcomes` of the calls that feedback may show. `ready`: a function waits for all its calls. `called`:
    their `outcomes`. `finished`: all cells have run.
    """

    kind: Kind = msgspec.field(name="event")
    cell: int = -1
    python: str = ""
    outputs: Any = None
    count: int = -1
    stopped: bool = False
    cut: bool = False
    threads: bool = False
    memory: int = 0
    left_behind: int = 0
    answer: str | None = None
    outcomes: Any = None


def event_line(event: Event) -> bytes:
    """An event as a line to send. Its texts may be of a student's class, which msgspec would not write."""
    data = {"event": event.kind, **msgspec.structs.asdict(event)}
    text = json.dumps(data, ensure_ascii=False, default=msgspec.structs.asdict)
    return text.encode("utf-8", "replace") + b"\n"


def message_line(message: Job | Calls) -> bytes:
    """A job, or the calls that a worker waits for, as a line to send."""
    return json.dumps(msgspec.to_builtins(message)).encode() + b"\n"
