"""What students exported of their answers to lessons: a class's gain, and whether diagnoses were right.

The files are data from strangers. One that cannot be read costs nobody anything: it is counted.
"""

import os
import stat
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import MsgspecError
from msgspec.json import decode

from rollout_lab.classroom import limits
from rollout_lab.classroom.nbgrader_course import NbgraderCourse
from rollout_lab.classroom.notes import plain
from rollout_lab.quiz import before_and_after
from rollout_lab.quiz.bundled import Folder, bundled_item, bundled_names
from rollout_lab.quiz.export_answers import FILE, VERSION, Export, ExportedAnswer
from rollout_lab.quiz.kept_answers import Kind

from .results import Results

_FOLDERS: dict[Folder, tuple[Kind, ...]] = {
    "practice": ("practice",),
    "predictions": ("prediction", "again"),
    "gaps": ("gap",),
    "after": ("after",),
}


@dataclass(frozen=True)
class ItemGain:
    """How many of the students who answered an item before and after were right each time."""

    objective: str
    students: int
    before: int
    after: int


@dataclass(frozen=True)
class Agreement:
    """What students say to a diagnosis: how many agree, of how many, and what others say they thought."""

    item: str
    belief: str
    diagnosis: str
    yes: int
    of: int
    thoughts: tuple[str, ...]
    more: int


@dataclass(frozen=True)
class ExportedAnswers:
    """What a class exported; the gain is that of students who answered before and after."""

    files: int
    unread: int
    students: int
    before: float  # the mean number of right answers
    after: float
    items: tuple[ItemGain, ...]
    agreement: tuple[Agreement, ...]
    unknown: int  # replies to diagnoses of other versions or quizzes


def exported_answers(course: NbgraderCourse, results: Results) -> ExportedAnswers:
    """What the graded students' hand-ins carry."""
    exports, unread = [], 0
    for student in results.students:
        try:
            exports.append(_read(course.submitted(student.id, results.assignment) / FILE))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, RecursionError):  # no file, no JSON, not of this form
            unread += 1
    marks = [_before_and_after(export) for export in exports]
    both = [each for each in marks if all(each.values())]
    pairs = [
        [(each["before"][name], each["after"][name]) for each in both if _has_both(each, name)]
        for name in before_and_after.ITEMS
    ]
    items = tuple(
        ItemGain(
            before_and_after.after_item(name).objective,
            len(pair),
            sum(early for early, _late in pair),
            sum(late for _early, late in pair),
        )
        for name, pair in zip(before_and_after.ITEMS, pairs, strict=True)
    )
    means = [
        sum(sum(each[kind].values()) for each in both) / max(1, len(both)) for kind in ("before", "after")
    ]
    agreement, unknown = _agreement(exports, _diagnoses(results))
    return ExportedAnswers(
        len(exports) + unread, unread, len(both), means[0], means[1], items, agreement, unknown
    )


def _read(path: Path) -> list[ExportedAnswer]:
    """The answers in a file, each once. Raises OSError or ValueError for what is no such file."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("no ordinary file")
        content = file.read(limits.EXPORT_BYTES + 1)
    if len(content) > limits.EXPORT_BYTES:
        raise ValueError("too large")
    try:
        export = decode(content, type=Export)
    except MsgspecError as error:
        raise ValueError(str(error)) from error
    if export.version > VERSION:
        raise ValueError("of a newer version")
    return list({(each.kind, each.item): each for each in export.answers}.values())


def _before_and_after(export: Iterable[ExportedAnswer]) -> dict[str, dict[str, bool]]:
    marks: dict[str, dict[str, bool]] = {"before": {}, "after": {}}
    for each in export:
        if each.kind in marks and each.item in before_and_after.ITEMS:
            marks[each.kind][each.item] = each.right is True
    return marks


def _has_both(marks: dict[str, dict[str, bool]], name: str) -> bool:
    return name in marks["before"] and name in marks["after"]


def _diagnoses(results: Results) -> dict[tuple[str, str, str], str]:
    """The diagnoses that can have been read, by kind, item and belief: of lessons, and of this quiz."""
    known = {
        ("self-check", item.name, name): belief.diagnosis
        for item in results.items
        for name, belief in item.beliefs.items()
    }
    for folder, kinds in _FOLDERS.items():
        for name in bundled_names(folder):
            item = bundled_item(folder, name)
            beliefs: Any = getattr(item, "options", None) or getattr(item, "misconceptions", ())
            known |= {
                (kind, name, each.name): each.diagnosis for each in beliefs for kind in kinds if each.name
            }
    return known


def _agreement(
    exports: Iterable[Iterable[ExportedAnswer]], known: dict[tuple[str, str, str], str]
) -> tuple[tuple[Agreement, ...], int]:
    """What was said to each known diagnosis, the least agreed with first, and how much to others."""
    yes: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    thoughts: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    unknown = 0
    for each in (answer for export in exports for answer in export):
        for belief, reply in each.replies.items():
            place = each.kind, each.item, belief
            if place not in known:
                unknown += 1
                continue
            yes[place].append(reply.was == "yes")
            if reply.was == "no" and (thought := plain(reply.thought, limits.THOUGHT)):
                thoughts[place].append(thought)
    found = (
        Agreement(
            place[1],
            place[2],
            known[place],
            sum(said),
            len(said),
            tuple(thoughts[place][: limits.THOUGHTS]),
            max(0, len(thoughts[place]) - limits.THOUGHTS),
        )
        for place, said in yes.items()
    )
    return tuple(sorted(found, key=lambda each: (each.yes / each.of, -each.of, each.item))), unknown
