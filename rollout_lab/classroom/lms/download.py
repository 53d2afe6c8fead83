"""Read the download of an LMS: whose files lie in it, and which notebook counts among a student's."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zipfile import ZipFile

from rollout_lab.classroom import limits
from rollout_lab.classroom.nbgrader_course import CourseError
from rollout_lab.classroom.notes import limited, plain
from rollout_lab.classroom.submission.folder import TOO_DEEP, TOO_LARGE, TOO_MANY
from rollout_lab.classroom.submission.reading import (
    NotANotebook,
    grade_ids,
    is_notebook_name,
    quiz_of,
    read_notebook,
)

from . import either, recognise
from .base import LMS, Person, Upload
from .zips import Entry, Unreadable, check, content, entries, opened

OTHER_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".tbz2", ".txz")
TIMES_APART = timedelta(hours=1)  # entries that lie closer together have the time of the download


@dataclass
class File:
    """A file that a student handed in; of a notebook the `content`, and which `quiz` it is or why none."""

    source: str  # its place in the download
    path: str  # its own name
    upload: Upload
    time: datetime | None
    size: int
    zipped: tuple[ZipFile, Entry] | None = None
    content: bytes = b""
    quiz: str | None = None
    trouble: str | None = None

    def read(self) -> bytes:
        """Its bytes. Raises Unreadable."""
        return content(*self.zipped) if self.zipped else self.content

    @property
    def is_notebook(self) -> bool:
        return is_notebook_name(self.path.rpartition("/")[2])

    @property
    def version(self) -> str:
        """What tells a later upload from an earlier one; it sorts by age. "" if nothing tells."""
        if self.upload.order:
            return f"{self.upload.order:020d}"
        return self.time.isoformat() if self.time else ""


@dataclass
class HandedIn:
    """What a student handed in: `files` with the newest last, and sources not taken, by the reason."""

    student: Person
    files: list[File] = field(default_factory=list)
    not_taken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def who(self) -> str:
        return self.student.name or self.student.number

    @contextmanager
    def noting(self, source: str) -> Iterator[None]:
        """Note of a file that cannot be read why it is not taken."""
        try:
            yield
        except Unreadable as error:
            self.not_taken[f"as it {error}"].append(source)


@dataclass
class Download:
    """An LMS's archive: whose files are in it, and sentences on those that are nobody's."""

    archive: ZipFile
    lms: LMS
    students: dict[Person, list[tuple[Upload, Entry]]]
    not_understood: list[str]
    times_tell: bool  # the times are those of the hand-ins

    def hand_ins(self, quizzes: Mapping[str, set[str]]) -> Iterator[HandedIn]:
        """What each student handed in, one after the other: not all fit into memory."""
        for student, uploads in self.students.items():
            handed_in = HandedIn(student)
            room = limits.ARCHIVES_BYTES
            for upload, entry in sorted(uploads, key=lambda each: each[0].order, reverse=True):
                parts = [(entry.path, upload.path, self.archive, entry)]
                if upload.path.lower().endswith(".zip"):
                    parts, room = [], room - entry.info.file_size
                    with handed_in.noting(entry.path):
                        if room < 0:
                            most = f"{limits.ARCHIVES_BYTES // 2**20} MB"
                            raise Unreadable(f"is one archive too many: they may have {most} together")
                        inner = opened(content(self.archive, entry))
                        for part in entries(inner):  # archives in it stay closed
                            parts.append((f"{entry.path}/{part.path}", part.path, inner, part))
                for source, path, zipped, part in parts:
                    with handed_in.noting(source):
                        check(part)
                        time, size = upload.time or entry.time, part.info.file_size
                        handed_in.files.append(File(source, path, upload, time, size, (zipped, part)))
            handed_in.files.sort(key=self._age)
            _read_notebooks(handed_in, quizzes)
            yield handed_in

    def _age(self, file: File) -> tuple[int, float, int, str]:
        """Grows with later uploads: by the LMS's count, the time, or the number in the name (quiz-2)."""
        counted = re.search(r"[-( ](\d{1,9})\)?\.ipynb", file.path)
        time = file.time.timestamp() if file.time and self.times_tell else 0.0
        return file.upload.order, time, int(counted[1]) if counted else 0, file.path


def _read_notebooks(handed_in: HandedIn, quizzes: Mapping[str, set[str]]) -> None:
    """Read the notebooks, newest first, and drop those that are unreadable, too many or too large."""
    number, room, kept = 0, limits.NOTEBOOKS_BYTES, []
    for file in reversed(handed_in.files):
        if not file.is_notebook:
            kept.append(file)
        elif file.path.count("/") > limits.DEPTH or len(file.path) > limits.PATH:
            handed_in.not_taken[TOO_DEEP].append(file.source)
        elif number >= limits.HAND_IN_FILES:
            handed_in.not_taken[TOO_MANY].append(file.source)
        elif file.size > room:
            handed_in.not_taken[TOO_LARGE].append(file.source)
        else:
            number, room = number + 1, room - file.size
            with handed_in.noting(file.source):
                file.content = file.read()
                kept.append(file)
                try:
                    file.quiz = quiz_of(grade_ids(read_notebook(file.content)), quizzes)
                except NotANotebook as error:
                    file.trouble = str(error)
    handed_in.files = kept[::-1]


def read_download(archive: ZipFile, lms: LMS | None = None) -> Download:
    """Whose files lie in a download. Raises CourseError if the names are in no LMS's form."""
    found = entries(archive)
    if not (lms := lms or recognise(entry.path for entry in found)):
        shown = ", ".join(plain(entry.path, most=80) for entry in found[:3]) or "no file"
        raise CourseError(
            f"{archive.filename} holds {shown}. Expected names as {either('{0.name} ({0.example})')} gives "
            "them. Name the LMS: --lms"
        )
    students: dict[str, list[tuple[Upload, Entry]]] = defaultdict(list)
    not_understood = []
    for entry in sorted(found, key=lambda entry: entry.path):
        if lms.typed.fullmatch(entry.path):
            not_understood.append(f"{entry.path} was typed into the page: it is no notebook")
        elif upload := lms.read_name(entry.path):
            students[upload.number].append((upload, entry))
        elif not lms.added.fullmatch(entry.path):
            not_understood.append(f"{entry.path} is not named in {lms.name}'s way")
    people = {Person(number, each[0][0].name): each for number, each in students.items()}
    times = [entry.time for entry in found if entry.time]
    tells = any(upload.time for uploads in people.values() for upload, _entry in uploads)
    tells = tells or (bool(times) and max(times) - min(times) > TIMES_APART)
    return Download(archive, lms, people, not_understood, tells)


@dataclass
class Choice:
    """The notebook that counts, None if none does; sentences on the choice, or on why there is none."""

    notebook: File | None = None
    notes: list[str] = field(default_factory=list)
    not_taken: list[str] = field(default_factory=list)


def choose_notebook(handed_in: HandedIn, assignment: str) -> Choice:
    """Choose the newest notebook that is this quiz, or the only one that may be."""
    who, notebooks = handed_in.who, [file for file in handed_in.files if file.is_notebook]
    if fitting := [file for file in notebooks if file.quiz == assignment]:
        *_older, newest = fitting
        others = [file for file in notebooks if file is not newest]
        notes = limited(
            f"{who}: {newest.source} counts, {other.source} stays in the download"
            f"{f' ({other.path} {other.trouble})' if other.trouble else ''}"
            for other in others
        )
        return Choice(newest, notes)
    unmarked = [file for file in notebooks if file.quiz is None]
    if len(unmarked) == 1:
        why = unmarked[0].trouble or "holds none of the quiz's cells, but is the only notebook"
        return Choice(unmarked[0], [f"{who}: {unmarked[0].source} was taken for the quiz. It {why}"])
    lines = [f"{file.source} {_why_not(file, assignment)}" for file in handed_in.files]
    for why, sources in handed_in.not_taken.items():
        lines += (f"{source} {why.removeprefix('as it ')}" for source in sources)
    return Choice(not_taken=limited(lines or [f"{who} handed in an archive without a file"]))


def _why_not(file: File, assignment: str) -> str:
    """Why a file is not the quiz, in a sentence that begins with its name."""
    if file.path.lower().endswith(OTHER_ARCHIVES):
        return "is an archive that is not opened here: ask for the notebook itself, or for one zip file"
    if not file.is_notebook:
        return "came without a notebook of the quiz"
    if file.quiz:
        return f"holds the cells of {file.quiz}, not of {assignment}"
    return file.trouble or f"holds no cells of {assignment}"
