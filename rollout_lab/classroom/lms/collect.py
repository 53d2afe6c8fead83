"""Take a download of an LMS into `submitted/`, where nbgrader looks for hand-ins.

nbgrader's `zip_collect` takes the file's name for the notebook's, ends with the first nested archive that it
cannot open, and clears what was submitted before. Its folders are used, and keep the download as it came.
"""

import errno
import filecmp
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from dateutil.parser import parse
from tqdm import tqdm

from rollout_lab.classroom.nbgrader_course import CourseError, NbgraderCourse
from rollout_lab.classroom.notes import plain
from rollout_lab.classroom.submission.folder import (
    LEFT_OUT,
    STAMP,
    choose_files,
    left_out_notes,
    write_left_out,
)

from . import BY_KEY
from .base import LMS, Person
from .download import Download, File, HandedIn, choose_notebook, read_download
from .grade_table import read_table
from .students import StudentMatcher, add_listed
from .zips import Unreadable, opened

# What a disk says to a name that it cannot keep.
BAD_NAMES = (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.EEXIST, errno.ENOTDIR, errno.EISDIR)


@dataclass
class Collected:
    """What became of a download: a line for each student or file. `left` names hand-ins not taken."""

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
        f"{done.assignment}, from {BY_KEY[done.lms].name}: {len(done.collected)} collected, "
        f"{len(done.late)} late, {len(done.replaced)} replaced, {len(done.up_to_date)} up to date before, "
        f"{len(done.left)} not understood."
    ]
    titles = {"late": "Late", "replaced": "Replaced", "notes": "Notes", "left": "Not understood, not taken"}
    for name, title in titles.items():
        if messages := getattr(done, name):
            lines += [f"{title}:", *(f"  {plain(line)}" for line in messages)]
    return "\n".join([*lines, f"The download as it came: {done.archive}"])


def collect(
    folder: Path,
    archive: Path,
    assignment: str | None = None,
    *,
    lms: str | None = None,
    roster: Path | None = None,
) -> Collected:
    """Take the newest notebook of each student in a download into `submitted/`.

    `folder` holds the course's `nbgrader_config.py`. Without `assignment` it is the quiz that most of
    the notebooks are, by their grade ids. `lms` says whose download it is where the names do not tell.
    `roster` is a table of grades that the LMS exported: it gives full names and emails.

    What is collected already stays untouched; what a later download replaces is moved aside.
    Raises CourseError if the download as a whole cannot be understood.
    """
    course = NbgraderCourse(folder)
    if archive.is_dir():
        raise CourseError(f"{archive} is a folder: some browsers unpack what they load. Zip it again")
    table = read_table(roster) if roster else None
    try:
        with opened(archive) as zipped:
            download, quizzes = read_download(zipped, BY_KEY[lms] if lms else None), course.grade_ids()
            done = Collected(assignment or _main_quiz(download, quizzes), download.lms.key)
            done.left += download.not_understood
            done.notes += filter(None, [table.twice() if table else ""])
            listed = [person for person, _row in table.people()] if table else []
            _collect(course, download, quizzes, listed, done)
    except Unreadable as error:
        raise CourseError(f"{archive} {error}. Download the submissions again") from error
    return done


def _main_quiz(download: Download, quizzes: Mapping[str, set[str]]) -> str:
    """The quiz that most notebooks of a download are."""
    found = Counter(file.quiz for each in download.hand_ins(quizzes) for file in each.files if file.quiz)
    if not found:
        known = ", ".join(quizzes) or "none: run nbgrader generate_assignment"
        raise CourseError(
            f"{download.archive.filename} holds no notebook of a quiz that the gradebook knows ({known}). "
            "Name the assignment: rollout-lab collect ZIP ASSIGNMENT"
        )
    return found.most_common(1)[0][0]


def _collect(
    course: NbgraderCourse,
    download: Download,
    quizzes: Mapping[str, set[str]],
    listed: list[Person],
    done: Collected,
) -> None:
    """Choose each student's notebook, find out who the student is, and lay it into `submitted/`."""
    course.version(done.assignment)  # raises CourseError if there is no such assignment
    downloads = course.downloads(done.assignment)
    done.archive = _keep(Path(download.archive.filename or ""), downloads / "archive")
    people, everyone = add_listed(download.students, listed)
    with course.gradebook() as gradebook:
        due = gradebook.find_assignment(done.assignment).duedate
        matcher = StudentMatcher(gradebook, downloads / "students.csv", download.lms)
        hand_ins = download.hand_ins(quizzes)
        for handed_in in tqdm(hand_ins, done.assignment, len(download.students), unit=" students"):
            choice = choose_notebook(handed_in, done.assignment)
            done.notes += choice.notes
            done.left += choice.not_taken
            if not (notebook := choice.notebook):
                continue
            person = people[handed_in.student.number]
            try:
                student, note = matcher.match_or_add(person, everyone)
                done.notes += [f"{student}: {note}"] if note else []
                matcher.enter(student, person, is_listed=person is not handed_in.student)
                time = _listed_time(person, done) or (notebook.time if download.times_tell else None)
                target, laid = course.submitted(student, done.assignment), None
                row = matcher.rows[download.lms.key, person.number]
                if target.is_dir() and "" < notebook.version <= row["version"]:
                    if notebook.version < row["version"]:
                        done.notes.append(f"{student}: what a later download brought stays")
                else:
                    laid = lay(target, f"{done.assignment}.ipynb", notebook, handed_in, time, downloads)
                    row["version"] = notebook.version
                matcher.save()
            except OSError as error:
                raise CourseError(
                    f"{plain(handed_in.who)} could not be collected: {error}. Nothing of this hand-in was "
                    "laid in submitted/, and what was collected before stays. Collect again when it is mended"
                ) from error
            if laid is None:
                done.up_to_date.append(student)
            else:
                done.collected.append(student)
                done.replaced += [f"{student}: what was there before is in {path}" for path in laid]
                done.notes += [f"{student}: {line}" for line in left_out_notes(handed_in.not_taken)]
            if laid is not None or stamp(target, time):
                done.late += _late_line(student, notebook, time, due, download.lms)
    tells = download.times_tell or any(person.handed_in for person in listed)
    if due is None and (done.late or (tells and done.collected)):
        done.notes.append(
            f"{done.assignment} has no due date in the gradebook, so nbgrader takes nobody as late. "
            f'Set it: nbgrader db assignment add {done.assignment} --duedate="YYYY-MM-DD HH:MM UTC"'
        )
    elif done.late and not tells:
        done.notes.append("where a penalty depends on the time, correct timestamp.txt before grading")
    if download.lms.times_hint and done.collected and not tells:
        done.notes.append(
            f"this download{' and its roster' if listed else ''} tells no times, so nbgrader takes "
            f"nobody as late. {download.lms.times_hint}"
        )


def _listed_time(person: Person, done: Collected) -> datetime | None:
    """When a student handed in by the LMS's list, which gives the time of the instructor's place."""
    try:
        return parse(person.handed_in).astimezone(UTC) if person.handed_in else None
    except (ValueError, ArithmeticError, OSError):  # years that no clock knows are among these
        done.notes.append(f"{person.number}: {person.handed_in!r} in the roster is no time that can be read")
        return None


def _late_line(
    student: str, notebook: File, time: datetime | None, due: datetime | None, lms: LMS
) -> list[str]:
    """A line on a hand-in that is late, by the LMS's mark or by the time that is due; else none."""
    if not notebook.upload.late and not (time and due and time.replace(tzinfo=None) > due):
        return []
    if time:
        return [f"{student}: {written(time)}"]
    when = f"{written(notebook.time)}, when it was downloaded: " if notebook.time else ""
    return [f"{student}: {when}{lms.name} does not tell the hand-in's time"]


def _keep(archive: Path, folder: Path) -> Path:
    """Keep a download in nbgrader's folder for them, once; returns where."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if filecmp.cmp(path, archive, shallow=False):
            return path
    names = (f"{archive.stem}{f'-{n}' if n > 1 else ''}{archive.suffix}" for n in count(1))
    target = next(folder / name for name in names if not (folder / name).exists())
    return shutil.copyfile(archive, folder.parent / "archive.draft").replace(target)


def lay(
    target: Path, name: str, notebook: File, handed_in: HandedIn, time: datetime | None, downloads: Path
) -> list[Path] | None:
    """Lay a hand-in into `target`, and what was there aside; returns where, None if nothing changes."""
    with tempfile.TemporaryDirectory(dir=downloads) as place:
        laid = Path(place) / "laid"
        _write_files(laid, name, notebook, handed_in)
        if target.is_dir() and _contents(laid) == _contents(target):
            return None
        stamp(laid, time or (notebook.time if notebook.upload.late else None))
        aside = downloads / "replaced" / target.parent.name
        moves = [(laid, target)]
        if target.exists():
            moves.insert(0, (target, next(path for n in count(1) if not (path := aside / str(n)).exists())))
        for source, goal in moves:
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(source, goal)
    return [goal for _source, goal in moves[:-1]]


def stamp(folder: Path, time: datetime | None) -> bool:
    """Write nbgrader's `timestamp.txt` if a time is known and none is written; returns whether it did."""
    if time is None or (folder / STAMP).exists():
        return False
    (folder / STAMP).write_text(written(time), "utf-8")
    return True


def written(time: datetime) -> str:
    """A time as nbgrader reads it."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC")


def _write_files(folder: Path, name: str, notebook: File, handed_in: HandedIn) -> None:
    """Write the notebook under the quiz's name, and what lay beside it beside it again."""
    folder.mkdir()
    (folder / name).write_bytes(notebook.content)
    base, not_taken = notebook.path[: notebook.path.rfind("/") + 1], handed_in.not_taken
    others = [file for file in handed_in.files if not file.is_notebook]
    others.sort(key=lambda file: bool(base) and file.path.startswith(base))
    beside = {file.path.removeprefix(base): file for file in others}
    beside.pop(STAMP, None)
    taken, left_out = choose_files(
        [(name, notebook.size), *((path, file.size) for path, file in beside.items())], name
    )
    for why, paths in left_out.items():
        not_taken[why] += [beside[path].source for path in paths]
    for path in taken:
        if path == name:
            continue
        with handed_in.noting(beside[path].source):
            if path == LEFT_OUT:
                raise Unreadable("has a name that is needed here")
            content = beside[path].read()
            try:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                with (folder / path).open("xb") as file:  # names that differ by case may be one on this disk
                    file.write(content)
            except OSError as error:
                if error.errno not in BAD_NAMES:
                    raise
                not_taken[f"as this disk keeps no such name ({error.strerror})"].append(beside[path].source)
    write_left_out(folder, left_out_notes(not_taken))


def _contents(folder: Path) -> dict[Path, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path != folder / STAMP)
    return {path.relative_to(folder): path.read_bytes() for path in files}
