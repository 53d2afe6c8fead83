"""Read the download of an LMS: whose files lie in it, and what the notebooks among them are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zipfile import ZipFile

from rollout_lab.classroom import limits
from rollout_lab.classroom.nbgrader_course import CourseError
from rollout_lab.classroom.notes import plain
from rollout_lab.classroom.submission.folder import TOO_DEEP, TOO_LARGE, TOO_MANY
from rollout_lab.classroom.submission.reading import NotANotebook, grade_ids, quiz_of, read_notebook

from . import either, recognise
from .base import LMS, Person, Upload
from .zips import Entry, Unreadable, check, content, entries, opened

TIMES_APART = timedelta(hours=1)
"""Times of a zip file's entries that lie closer together are those of the download."""


@dataclass
class File:
    """A file that a student handed in, from the entry ``source`` of the download; ``path`` is its own name.

    Of a notebook it is known which ``quiz`` it is, None if none, and the ``trouble`` in reading it.
    """

    source: str
    path: str
    upload: Upload
    time: datetime | None
    size: int
    read: Callable[[], bytes]
    content: bytes = b""
    quiz: str | None = None
    trouble: str | None = None

    @property
    def is_notebook(self) -> bool:
        """Some browsers save a notebook as text or as JSON."""
        return re.search(r"\.ipynb(?:[-\w]*\.(?:txt|json))?$", self.path, re.IGNORECASE) is not None

    @property
    def version(self) -> str:
        """What tells a later download from an earlier one; it sorts by age. "" if nothing tells."""
        if self.upload.order:
            return f"{self.upload.order:020d}"
        return self.time.isoformat() if self.time else ""


@dataclass
class HandedIn:
    """What a student handed in: ``files`` with the newest last, and those not taken, by the reason."""

    student: Person
    files: list[File]
    not_taken: dict[str, list[str]]

    @property
    def who(self) -> str:
        return self.student.name or self.student.number


@dataclass
class Download:
    """An LMS's archive: the files' names by student, and sentences on what is in no student's name.

    ``times_tell`` says whether the times are those of the hand-ins.
    """

    archive: ZipFile
    lms: LMS
    quizzes: Mapping[str, set[str]]
    students: dict[Person, list[tuple[Upload, Entry]]]
    not_understood: list[str]
    times_tell: bool

    def hand_ins(self) -> Iterator[HandedIn]:
        """What each student handed in; only one student's files are in memory at a time."""
        for student, uploads in self.students.items():
            yield self._open(student, uploads)

    def _open(self, student: Person, uploads: list[tuple[Upload, Entry]]) -> HandedIn:
        handed_in = HandedIn(student, [], defaultdict(list))
        room = limits.ARCHIVES_BYTES
        for upload, entry in sorted(uploads, key=lambda each: each[0].order, reverse=True):
            time, size, read = (
                upload.time or entry.time,
                entry.info.file_size,
                partial(content, self.archive, entry),
            )
            try:
                check(entry)
                if not upload.path.lower().endswith(".zip"):
                    handed_in.files.append(File(entry.path, upload.path, upload, time, size, read))
                    continue
                room -= size
                if room < 0:
                    raise Unreadable(
                        f"is one archive too many: they may have {limits.ARCHIVES_BYTES // 2**20} MB together"
                    )
                inner = opened(read())
            except Unreadable as error:
                handed_in.not_taken[f"as it {error}"].append(entry.path)
                continue
            for part in entries(inner):  # archives within it stay closed
                source, read = f"{entry.path}/{part.path}", partial(content, inner, part)
                try:
                    check(part)
                    handed_in.files.append(File(source, part.path, upload, time, part.info.file_size, read))
                except Unreadable as error:
                    handed_in.not_taken[f"as it {error}"].append(source)
        handed_in.files.sort(key=self._age)
        self._read_notebooks(handed_in)
        return handed_in

    def _age(self, file: File) -> tuple[int, float, int, str]:
        """Grows with later uploads: by the LMS's count, the time, or the number in the name (quiz-2)."""
        counted = re.search(r"[-( ](\d{1,9})\)?\.ipynb", file.path)
        time = file.time.timestamp() if file.time and self.times_tell else 0.0
        return file.upload.order, time, int(counted[1]) if counted else 0, file.path

    def _read_notebooks(self, handed_in: HandedIn) -> None:
        """Read the notebooks, newest first, and drop those that are unreadable, too many or too large."""
        number, room, kept = 0, limits.NOTEBOOKS_BYTES, []
        for file in reversed(handed_in.files):
            why = None
            if file.is_notebook:
                try:
                    if file.path.count("/") > limits.DEPTH or len(file.path) > limits.PATH:
                        why = TOO_DEEP
                    elif number >= limits.HAND_IN_FILES:
                        why = TOO_MANY
                    elif file.size > room:
                        why = TOO_LARGE
                    else:
                        number, room = number + 1, room - file.size
                        file.content = file.read()
                        file.quiz = quiz_of(grade_ids(read_notebook(file.content)), self.quizzes)
                except NotANotebook as error:
                    file.trouble = str(error)
                except Unreadable as error:
                    why = f"as it {error}"
            if why:
                handed_in.not_taken[why].append(file.source)
            else:
                kept.append(file)
        handed_in.files = kept[::-1]


def read_download(archive: ZipFile, lms: LMS | None, quizzes: Mapping[str, set[str]]) -> Download:
    """Whose files lie in a download; ``quizzes`` are the grade ids of those that notebooks may be.

    Raises CourseError if the names are in no LMS's form.
    """
    found = entries(archive)
    if not (lms := lms or recognise(entry.path for entry in found)):
        shown = ", ".join(plain(entry.path, most=80) for entry in found[:3]) or "no file"
        raise CourseError(
            f"{archive.filename} holds {shown}. Expected names as {either('{name} ({example})')} gives them. "
            "Name the LMS: --lms"
        )
    uploads: dict[str, list[tuple[Upload, Entry]]] = defaultdict(list)
    not_understood = []
    for entry in found:
        if lms.typed.fullmatch(entry.path):
            not_understood.append(f"{entry.path} was typed into the page: it is no notebook")
        elif upload := lms.read_name(entry.path):
            uploads[upload.number].append((upload, entry))
        elif not lms.added.fullmatch(entry.path):
            not_understood.append(f"{entry.path} is not named in {lms.name}'s way")
    students = {
        Person(number, each[0][0].name): each
        for number, each in sorted(uploads.items(), key=lambda item: item[1][0][1].path)
    }
    times = [entry.time for entry in found if entry.time]
    told = any(upload.time for each in uploads.values() for upload, _entry in each)
    times_tell = told or (bool(times) and max(times) - min(times) > TIMES_APART)
    return Download(archive, lms, quizzes, students, not_understood, times_tell)
