"""Take a download of Canvas or Moodle into ``submitted/``, where nbgrader looks for hand-ins.

nbgrader's ``zip_collect`` takes the file's name for the notebook's, ends with the first nested archive that
it cannot open and with two files of one name, and clears what was submitted before. Its folders are used
here: the download is kept in ``downloaded/<assignment>/archive/``, so nothing of it is lost.
"""

from __future__ import annotations

import errno
import filecmp
import os
import re
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from zipfile import ZipFile

from dateutil.parser import parse
from nbgrader.api import Gradebook, MissingEntry
from tqdm import tqdm

from rollout_lab.classroom import limits
from rollout_lab.classroom.nbgrader_course import CourseError, NbgraderCourse
from rollout_lab.classroom.notes import limited, plain
from rollout_lab.classroom.submission.folder import (
    LEFT_OUT,
    STAMP,
    TOO_DEEP,
    TOO_LARGE,
    TOO_MANY,
    choose_files,
    left_out_notes,
    write_left_out,
)
from rollout_lab.classroom.submission.reading import (
    NotANotebook,
    grade_ids,
    is_notebook_name,
    quiz_of,
    read_notebook,
)

from .file_names import Upload, is_typed, read_name, which_lms
from .grade_table import read_sheet
from .students import Person, Roll
from .zips import Entry, Unreadable, check, content, entries, opened

NAMES = (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.EEXIST, errno.ENOTDIR, errno.EISDIR)
"""What a disk says to a name that it cannot keep."""

OTHER_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".tbz2", ".txz")

TIMES_APART = timedelta(hours=1)
"""Times in a download that lie closer together are those of the download: both LMSs write these."""


@dataclass
class Collected:
    """What became of a download: a line for each student or file. ``left`` names hand-ins not taken."""

    assignment: str
    lms: str
    collected: list[str] = field(default_factory=list)
    up_to_date: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    archive: Path = Path()


def summary(done: Collected) -> str:
    """What an instructor reads after collecting."""
    lines = [
        f"{done.assignment}, from {done.lms.title()}: {len(done.collected)} collected, "
        f"{len(done.late)} late, {len(done.replaced)} replaced, {len(done.up_to_date)} up to date before, "
        f"{len(done.left)} not understood."
    ]
    titles = {"late": "Late", "replaced": "Replaced", "notes": "Notes", "left": "Not understood, not taken"}
    for name, title in titles.items():
        if told := getattr(done, name):
            lines += [f"{title}:", *(f"  {plain(line)}" for line in told)]
    return "\n".join([*lines, f"The download as it came: {done.archive}"])


@dataclass(frozen=True)
class _File:
    """A file that a student handed in, from the entry ``source`` of the download; it is read when needed."""

    source: str
    path: str
    upload: Upload
    time: datetime | None
    size: int
    read: Callable[[], bytes]

    @cached_property
    def content(self) -> bytes:
        """Its bytes. Raises Unreadable."""
        return self.read()

    @cached_property
    def trouble(self) -> str | None:
        """What is wrong with a notebook, None if it can be read."""
        try:
            read_notebook(self.content)
        except NotANotebook as error:
            return str(error)
        return None

    @property
    def is_notebook(self) -> bool:
        return is_notebook_name(self.path.rpartition("/")[2])


def collect(
    folder: Path,
    archive: Path,
    assignment: str | None = None,
    *,
    lms: str | None = None,
    roster: Path | None = None,
) -> Collected:
    """Take the newest notebook of each student in a download into ``submitted/``.

    ``folder`` holds the course's ``nbgrader_config.py``. Without ``assignment`` it is the quiz that most of
    the notebooks are, by their grade ids. ``lms`` says whose download it is where the names do not tell.
    ``roster`` is a table of grades that the LMS exported: it gives full names and emails.

    What is collected already stays untouched; what a later download replaces is moved aside.
    Raises CourseError if the download as a whole cannot be understood.
    """
    course = NbgraderCourse(folder)
    if archive.is_dir():
        raise CourseError(f"{archive} is a folder: some browsers unpack what they load. Zip it again")
    try:
        with opened(archive) as zipped:
            return _Collecting(course, zipped, archive, assignment, lms, roster).run()
    except Unreadable as error:
        raise CourseError(f"{archive} {error}. Download the submissions again") from error


class _Collecting:
    """One download on its way into one course."""

    def __init__(
        self,
        course: NbgraderCourse,
        zipped: ZipFile,
        archive: Path,
        assignment: str | None,
        lms: str | None,
        roster: Path | None,
    ):
        self.course, self.zipped, self.archive = course, zipped, archive
        sheet = read_sheet(roster) if roster else None
        self.listed = {person.number: person for person, _row in sheet.people()} if sheet else {}
        found = entries(zipped)
        self.lms = lms or which_lms(each.path for each in found)
        if self.lms is None:
            shown = ", ".join(plain(each.path, most=80) for each in found[:3]) or "no file"
            raise CourseError(
                f"{archive} holds {shown}. Expected names as Canvas (lovelaceada_1042_987_quiz.ipynb) or "
                "Moodle (Ada Lovelace_31_assignsubmission_file_/quiz.ipynb) gives them. Name the LMS: --lms"
            )
        self.quizzes = course.grade_ids()
        times = [each.time for each in found if each.time]
        self.times_tell = bool(times) and max(times) - min(times) > TIMES_APART
        self.uploads: dict[str, list[tuple[Upload, Entry]]] = defaultdict(list)
        self.left: list[str] = []
        for entry in found:
            upload = read_name(entry.path, self.lms)
            if is_typed(entry.path):
                self.left.append(f"{entry.path} was typed into the page: it is no notebook")
            elif upload is None:
                self.left.append(f"{entry.path} is not named in {self.lms.title()}'s way")
            else:
                self.uploads[upload.number].append((upload, entry))
        self.assignment = assignment or self._assignment()
        course.version(self.assignment)
        self.done = Collected(self.assignment, self.lms, left=self.left)
        self.done.notes += filter(None, [sheet and sheet.twice()])

    def _assignment(self) -> str:
        """The quiz that most notebooks of the download are."""
        students = (self._files(uploads)[0] for uploads in self.uploads.values())
        seen = Counter(quiz for files in students for file in files if (quiz := self._quiz(file)))
        if not seen:
            known = ", ".join(self.quizzes) or "none: run nbgrader generate_assignment"
            raise CourseError(
                f"{self.archive} holds no notebook of a quiz that the gradebook knows ({known}). "
                "Name the assignment: rollout-lab collect ZIP ASSIGNMENT"
            )
        return seen.most_common(1)[0][0]

    def run(self) -> Collected:
        downloads = self.course.downloads(self.assignment)
        downloads.mkdir(parents=True, exist_ok=True)
        self.done.archive = _kept(self.archive, downloads / "archive")
        with self.course.gradebook() as gradebook:
            self.times = {number: self._listed_time(number) for number in self.uploads}
            self.due = gradebook.find_assignment(self.assignment).duedate
            roll = Roll(gradebook, downloads / "students.csv", self.lms)
            named = {number: Person(number, uploads[0][0].name) for number, uploads in self.uploads.items()}
            people = {**named, **self.listed}
            in_order = sorted(self.uploads.items(), key=lambda item: item[1][0][1].path)
            try:
                for number, uploads in tqdm(in_order, self.assignment, unit=" students"):
                    who = named[number].name or number
                    files, left = self._files(uploads)
                    chosen = self._chosen(who, files, left)
                    if chosen is None:
                        continue
                    student, said = roll.admit(people[number], people.values())
                    self.done.notes += [f"{student}: {said}"] if said else []
                    _introduce(gradebook, student, _known(people[number], self.lms), number in self.listed)
                    self._take(student, number, chosen, files, left, roll)
            except BaseException as error:
                with suppress(OSError):
                    roll.save()
                if isinstance(error, OSError):
                    raise CourseError(
                        f"{plain(who)} could not be collected: {error}. Nothing of this hand-in was laid in "
                        "submitted/, and what was collected before stays. Collect again when it is mended"
                    ) from error
                raise
            roll.save()
        self._tell_of_due_date()
        return self.done

    def _files(self, uploads: list[tuple[Upload, Entry]]) -> tuple[list[_File], dict[str, list[str]]]:
        """What a student handed in, archives unpacked, oldest first; and what is not taken, by the reason."""
        files, left, room = [], defaultdict(list), limits.ARCHIVES_BYTES
        for upload, entry in sorted(uploads, key=lambda each: each[0].order, reverse=True):
            path, time, size = upload.path, entry.time, entry.info.file_size
            whole = _File(entry.path, path, upload, time, size, partial(content, self.zipped, entry))
            try:
                check(entry)
                if not path.lower().endswith(".zip"):
                    files.append(whole)
                    continue
                room -= size
                if room < 0:
                    raise Unreadable(
                        f"is one archive too many: they may have {limits.ARCHIVES_BYTES // 2**20} MB together"
                    )
                files += _unpacked(whole, left)
            except Unreadable as error:
                left[f"as it {error}"].append(entry.path)
        return _within_limits(sorted(files, key=self._age), left), left

    def _age(self, file: _File) -> tuple:
        """Grows with later uploads: by the LMS's count, the time, or the number in the name (quiz-2)."""
        counted = re.search(r"[-( ](\d{1,9})\)?\.ipynb", file.path)
        time = file.time.timestamp() if file.time and self.times_tell else 0.0
        return file.upload.order, time, int(counted[1]) if counted else 0, file.path

    def _quiz(self, file: _File) -> str | None:
        if not file.is_notebook or file.trouble:
            return None
        return quiz_of(grade_ids(read_notebook(file.content)), self.quizzes)

    def _chosen(self, who: str, files: list[_File], left: Mapping[str, list[str]]) -> _File | None:
        """The notebook that counts: the newest that is this quiz, or the only one that there is."""
        quizzes = {file.source: self._quiz(file) for file in files}
        notebooks = [file for file in files if file.is_notebook]
        fitting = [file for file in notebooks if quizzes[file.source] == self.assignment]
        if fitting:
            others = [file for file in notebooks if file is not fitting[-1]]
            self.done.notes += limited(
                f"{who}: {fitting[-1].source} counts, {other.source} stays in the download"
                f"{f' ({other.path} {other.trouble})' if other.trouble else ''}"
                for other in others
            )
            return fitting[-1]
        unmarked = [file for file in notebooks if quizzes[file.source] is None]
        if len(unmarked) == 1:
            why = unmarked[0].trouble or "holds none of the quiz's cells, but is the only notebook"
            self.done.notes.append(f"{who}: {unmarked[0].source} was taken for the quiz. It {why}")
            return unmarked[0]
        told = []
        for file in files:
            why = "came without a notebook of the quiz"
            if file.path.lower().endswith(OTHER_ARCHIVES):
                why = (
                    "is an archive that is not opened here: ask for the notebook itself, or for one zip file"
                )
            elif file.is_notebook:
                why = file.trouble or f"holds the cells of {quizzes[file.source]}, not of {self.assignment}"
                why = why.replace("the cells of None, not", "no cells")
            told.append(f"{file.source} {why}")
        if not files and not left:
            told.append(f"{who} handed in an archive without a file")
        told += (f"{source} {why.removeprefix('as it ')}" for why, each in left.items() for source in each)
        self.left += limited(told)
        return None

    def _take(
        self,
        student: str,
        number: str,
        chosen: _File,
        files: list[_File],
        left: dict[str, list[str]],
        roll: Roll,
    ) -> None:
        """Lay a student's files into ``submitted/`` unless they lie there."""
        target = self.course.submitted(student, self.assignment)
        version, known = _version(chosen), roll.versions.get(number, "")
        stamp = partial(self._stamp, student, number)
        if target.is_dir() and not (target / STAMP).exists() and self.times[number]:
            stamp(target, chosen)
        if target.is_dir() and version and known and version <= known:
            self.done.up_to_date.append(student)
            if version < known:
                self.done.notes.append(f"{student}: what a later download brought stays")
            return
        with tempfile.TemporaryDirectory(dir=self.course.downloads(self.assignment)) as place:
            laid = Path(place) / "laid"
            self._lay(laid, chosen, files, left)
            if target.is_dir() and _contents(laid) == _contents(target):
                roll.versions[number] = version
                self.done.up_to_date.append(student)
                return
            stamp(laid, chosen)
            if target.exists():
                aside = _free(self.course.downloads(self.assignment) / "replaced" / student)
                aside.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(target, aside)
                self.done.replaced.append(f"{student}: what was there before is in {aside}")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(laid, target)
        roll.versions[number] = version
        self.done.collected.append(student)
        self.done.notes += [f"{student}: {line}" for line in left_out_notes(left)]

    def _lay(self, folder: Path, chosen: _File, files: list[_File], left: dict[str, list[str]]) -> None:
        """Lay out a hand-in: the notebook under the quiz's name, and what lay beside it, there again."""
        folder.mkdir()
        name, base = f"{self.assignment}.ipynb", chosen.path[: chosen.path.rfind("/") + 1]
        (folder / name).write_bytes(chosen.content)
        others = [file for file in files if not file.is_notebook]
        others.sort(key=lambda file: bool(base) and file.path.startswith(base))
        beside = {file.path.removeprefix(base): file for file in others}
        beside.pop(STAMP, None)
        taken, not_taken = choose_files(
            [(name, chosen.size), *((p, f.size) for p, f in beside.items())], name
        )
        for why, paths in not_taken.items():
            left[why] += [beside[path].source for path in paths]
        for path in taken:
            if path == name:
                continue
            try:
                if path == LEFT_OUT:
                    raise Unreadable("has a name that is needed here")
                told = beside[path].content
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                with (folder / path).open("xb") as file:  # names that differ by case may be one on this disk
                    file.write(told)
            except Unreadable as error:
                left[f"as it {error}"].append(beside[path].source)
            except OSError as error:
                if error.errno not in NAMES:
                    raise
                left[f"as this disk keeps no such name ({error.strerror})"].append(beside[path].source)
        write_left_out(folder, left_out_notes(left))

    def _stamp(self, student: str, number: str, folder: Path, chosen: _File) -> None:
        """Write nbgrader's ``timestamp.txt`` where a time is known that says something."""
        listed = self.times[number]
        time = listed or (chosen.time if self.times_tell or chosen.upload.late else None)
        if time:
            written = time.strftime("%Y-%m-%d %H:%M:%S UTC")
            (folder / STAMP).write_text(written, "utf-8")
        if time and (listed or self.times_tell):
            if chosen.upload.late or (self.due and time.replace(tzinfo=None) > self.due):
                self.done.late.append(f"{student}: {written}")
        elif chosen.upload.late:
            when = f"{written}, when it was downloaded: " if time else ""
            self.done.late.append(f"{student}: {when}{self.lms.title()} does not tell the hand-in's time")

    def _listed_time(self, number: str) -> datetime | None:
        """When a student handed in by the LMS's list, which gives the time of the instructor's place."""
        said = self.listed[number].handed_in if number in self.listed else ""
        try:
            return parse(said).astimezone(UTC) if said else None
        except (ValueError, ArithmeticError, OSError):  # years that no clock knows are among these
            self.done.notes.append(f"{number}: {said!r} in the roster is no time that can be read")
            return None

    def _tell_of_due_date(self) -> None:
        told = self.times_tell or any(each.handed_in for each in self.listed.values())
        if self.due is None and (self.done.late or (told and self.done.collected)):
            self.done.notes.append(
                f"{self.assignment} has no due date in the gradebook, so nbgrader takes nobody as late. "
                f'Set it: nbgrader db assignment add {self.assignment} --duedate="YYYY-MM-DD HH:MM UTC"'
            )
        elif self.done.late and not told:
            self.done.notes.append(
                "where a penalty depends on the time, correct timestamp.txt before grading"
            )
        if self.lms == "moodle" and self.done.collected and not told:
            self.done.notes.append(
                f"this download{' and its roster' if self.listed else ''} tells no times, so nbgrader takes "
                "nobody as late. Moodle's grading worksheet, exported in English, tells them: --roster"
            )


def _unpacked(whole: _File, left: dict[str, list[str]]) -> Iterator[_File]:
    """The files in an archive that a student handed in. Archives within it stay closed."""
    inner = opened(whole.content)
    for entry in entries(inner):
        source = f"{whole.source}/{entry.path}"
        read, size = partial(content, inner, entry), entry.info.file_size
        try:
            check(entry)
            yield _File(source, entry.path, whole.upload, whole.time, size, read)
        except Unreadable as error:
            left[f"as it {error}"].append(source)


def _within_limits(files: list[_File], left: dict[str, list[str]]) -> list[_File]:
    """The files, without notebooks that cannot be read, are too many or too large; the newest stay."""
    number, room, within = 0, limits.NOTEBOOKS_BYTES, []
    for file in reversed(files):
        if not file.is_notebook:
            within.append(file)
        elif file.path.count("/") > limits.DEPTH or len(file.path) > limits.PATH:
            left[TOO_DEEP].append(file.source)
        elif number >= limits.HAND_IN_FILES:
            left[TOO_MANY].append(file.source)
        elif file.size > room:
            left[TOO_LARGE].append(file.source)
        else:
            number, room = number + 1, room - file.size
            try:
                _ = file.content  # is read here
                within.append(file)
            except Unreadable as error:
                left[f"as it {error}"].append(file.source)
    return within[::-1]


def _version(file: _File) -> str:
    """What tells a later download from an earlier one; it sorts by age. "" if nothing tells."""
    if file.upload.order:
        return f"{file.upload.order:020d}"
    return file.time.isoformat() if file.time else ""


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path != folder / STAMP)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _free(folder: Path) -> Path:
    """The first numbered place in a folder that is free."""
    number = 1
    while (folder / str(number)).exists():
        number += 1
    return folder / str(number)


def _kept(archive: Path, folder: Path) -> Path:
    """Keep a download in nbgrader's folder for them, once; returns where."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.iterdir()):
        if filecmp.cmp(path, archive, shallow=False):
            return path
    target, number = folder / archive.name, 1
    while target.exists():
        number += 1
        target = folder / f"{archive.stem}-{number}{archive.suffix}"
    draft = target.with_suffix(".draft")
    try:
        shutil.copyfile(archive, draft)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def _known(person: Person, lms: str) -> dict[str, str]:
    """What the gradebook may learn of a student."""
    first, last = person.first_name, person.last_name
    if not (first or last):
        first, _space, last = person.name.rpartition(" ")
    number = person.number if lms == "canvas" and person.number.isdigit() else ""
    return {"first_name": first, "last_name": last, "email": person.email, "lms_user_id": number}


def _introduce(gradebook: Gradebook, student: str, known: Mapping[str, str], listed: bool) -> None:
    """Tell the gradebook of a student. A name that it has stays, unless the LMS's list has another."""
    try:
        there = gradebook.find_student(student)
    except MissingEntry:
        there = None
    news = {k: v for k, v in known.items() if v and (there is None or listed or not getattr(there, k))}
    gradebook.update_or_create_student(student, **news)
