"""What runner and worker say to each other, a line of JSON each: a job goes in, events come out, calls go in.

The worker is the student's process as soon as a cell has run, so that the runner believes nothing of an event
but its form: the fields typed `Any` hold whatever JSON can, and go through `sanitize`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from rollout_lab.quiz.key import Question


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    `cell_seconds` bounds each cell, and all calls of one tested function together; `total_seconds` the
    whole notebook. `memory` is in bytes, for each process and for all together; `processes` counts threads
    too; `file_bytes` bounds each file written.
    """

    cell_seconds: float = 30
    total_seconds: float = 300
    memory: int = 2 * 2**30
    processes: int = 64
    file_bytes: int = 32 * 2**20


@dataclass(frozen=True)
class Cell:
    """A cell to run: `code` with its source, or the place where a `choice` or `function` is tested.

    `name` is what the instructor knows it by, `question` what the function is called with. The worker gets
    of that the calls that feedback may show, and all of it when the notebook has ended.
    """

    kind: str
    name: str = ""
    source: str = ""
    item: str = ""
    question: Question | None = None


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


class Event(msgspec.Struct, tag_field="event", tag=str.lower):
    """What the worker says; `cell` is a position among the job's cells."""


class Hello(Event):
    """The worker is there; no cell has run yet."""

    python: str


class Started(Event):
    """A cell begins, or the calls of a tested function that feedback may show."""

    cell: int


class Ran(Event):
    """A code cell has ended: its outputs, its number, and what was out of order."""

    cell: int
    outputs: Any
    count: int = -1
    stopped: bool = False
    cut: bool = False
    threads: bool = False
    memory: int = 0
    left_behind: int = 0


class Chosen(Event):
    """The answer to a question, where its choice is tested."""

    cell: int
    answer: str | None


class Shown(Event):
    """The outcomes of the calls that feedback may show, made before any hidden call."""

    cell: int
    outcomes: Any


class Ready(Event):
    """A tested function waits for the arguments of all its calls."""

    cell: int


class Called(Event):
    """The outcomes of all calls of a tested function."""

    cell: int
    outcomes: Any


class Finished(Event):
    """All cells have run; what follows are the calls."""


AnyEvent = Hello | Started | Ran | Chosen | Shown | Ready | Called | Finished


def event_line(event: Event) -> bytes:
    """An event as a line to send. Its texts may be of a student's class, which msgspec would not write."""
    data = {"event": event.__struct_config__.tag, **msgspec.structs.asdict(event)}
    text = json.dumps(data, ensure_ascii=False, default=msgspec.structs.asdict)
    return text.encode("utf-8", "replace") + b"\n"


def message_line(message: Job | Question) -> bytes:
    """A job, or the calls that a worker waits for, as a line to send."""
    return json.dumps(msgspec.to_builtins(message)).encode() + b"\n"
