"""The table of grades that Canvas exports, or Moodle's grading worksheet: read it, fill in a quiz's scores.

The columns are those of the code that writes and imports them: Canvas's ``lib/gradebook_exporter.rb`` and
``lib/gradebook_importer.rb``, Moodle's ``mod/assign/gradingtable.php`` and ``mod/assign/feedback/offline``.
Both import by the student's number and leave alone what has not changed, so everything but the scores
stays as it was exported.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rollout_lab.classroom import limits
from rollout_lab.classroom.nbgrader_course import CourseError, NbgraderCourse
from rollout_lab.classroom.notes import plain

from .students import Person, Roll, squashed

CANVAS_COLUMNS = {"ID", "Section"}
CANVAS_PEOPLE = {"Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Integration ID"}
WITH_ID = re.compile(r".+ \(\d+\)")
UNKNOWN_BYTES = "surrogateescape"  # what no encoding knows is written back as it came
PARTICIPANT = re.compile(r"(\D+)(\d+)")


@dataclass
class Sheet:
    """A table of grades with all that its LMS expects to get back; ``rows`` has the header first."""

    lms: str
    rows: list[list[str]]
    encoding: str
    dialect: type[csv.Dialect]
    newline: str

    @property
    def header(self) -> list[str]:
        return self.rows[0]

    def people(self) -> Iterator[tuple[Person, list[str]]]:
        """Each student with their row."""
        for row in self.rows[1:]:
            row += [""] * (len(self.header) - len(row))
            cells = dict(zip(self.header, row, strict=False))
            person = self._canvas_person(cells) if self.lms == "canvas" else self._moodle_person(row, cells)
            if person:
                yield person, row

    def twice(self) -> str:
        """A sentence on students who have several rows, "" if there are none."""
        counts = Counter(person.number for person, _row in self.people())
        several = [
            f"{person.name} ({person.number})" for person, _row in self.people() if counts[person.number] > 1
        ]
        return f"in more than one row of the table: {'; '.join(dict.fromkeys(several))}" if several else ""

    def _canvas_person(self, cells: dict[str, str]) -> Person | None:
        if "LastName" in cells:
            last, first = cells["LastName"], cells.get("FirstName", "")
        else:
            last, _comma, first = (part.strip() for part in cells["Student"].partition(","))
        if not cells["ID"].strip() or last.strip() == "Points Possible":
            return None
        ids = (cells.get("SIS User ID", ""), cells.get("SIS Login ID", ""))
        return Person(cells["ID"].strip(), f"{last}, {first}" if first else last, first, last, others=ids)

    def _moodle_person(self, row: list[str], cells: dict[str, str]) -> Person | None:
        if not (match := _participant(row)):
            return None
        email = next((cell for cell in row[1:] if re.fullmatch(r"\S+@\S+", cell)), "")
        name = cells.get("Full name", row[1] if len(row) > 1 and "@" not in row[1] else "")
        first, _space, last = name.rpartition(" ")
        ids = tuple(cells[each] for each in ("ID number", "Username") if each in cells)
        handed_in = cells.get("Last modified (submission)", "").strip(" -")
        return Person(match[2], name, first, last, email, ids, handed_in)

    def column_for(self, assignment: str, wanted: str | None) -> int:
        """Where the scores of an assignment stand. Raises CourseError if that cannot be told."""
        if wanted is None and self.lms == "moodle" and "Grade" in self.header:
            return self.header.index("Grade")
        columns = {n: title for n, title in enumerate(self.header) if self._may_hold_scores(title)}
        if wanted is not None:
            found = [n for n, title in columns.items() if wanted in (title, _title(title))]
        else:
            found = [n for n, title in columns.items() if squashed(_title(title)) == squashed(assignment)]
            found = found or [n for n, title in columns.items() if _abbreviates(title, assignment)]
        if len(found) != 1:
            raise CourseError(
                f"{'several columns' if found else 'no column'} could be {wanted or assignment}. "
                f"Name one with --column: {', '.join(map(repr, columns.values())) or 'there is none'}"
            )
        return found[0]

    def _may_hold_scores(self, title: str) -> bool:
        return self.lms == "moodle" or WITH_ID.fullmatch(title) is not None

    def maximum(self, column: int) -> str:
        """What the LMS gives full marks for, as it writes it; "" if it does not say."""
        if self.lms == "canvas":
            totals = (row for row in self.rows[1:] if row[0].strip() == "Points Possible")
            return "".join(next(totals, [])[column : column + 1]).strip()
        following = {row[column + 1] for _person, row in self.people() if column + 1 < len(row)}
        return following.pop() if len(following) == 1 else ""

    def text(self) -> str:
        file = io.StringIO()
        csv.writer(file, self.dialect, lineterminator=self.newline).writerows(self.rows)
        return file.getvalue()


def _participant(row: list[str]) -> re.Match[str] | None:
    """Moodle's way to name a student, in its own language: "Participant 31"."""
    return PARTICIPANT.fullmatch(row[0].strip())


def _title(header: str) -> str:
    return re.sub(r" \(\d+\)$", "", header)


def _abbreviates(header: str, assignment: str) -> bool:
    """Whether the one begins the other: "Quiz 1 (77)", quiz1_single_layer_attention."""
    title, name = squashed(_title(header)), squashed(assignment)
    return len(title) > 3 and (name.startswith(title) or title.startswith(name))


def read_sheet(path: Path) -> Sheet:
    """Read a table of grades. Raises CourseError if it is neither Canvas's nor Moodle's."""
    if path.stat().st_size > limits.SHEET_BYTES:
        raise CourseError(
            f"{path} has {path.stat().st_size / 2**20:.0f} MB, and no table of grades has more than "
            f"{limits.SHEET_BYTES // 2**20}. Export it again"
        )
    raw = path.read_bytes()
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = raw.decode(encoding)
        encoding = encoding if encoding == "utf-16" or raw.startswith(b"\xef\xbb\xbf") else "utf-8"
    except UnicodeError:
        encoding, text = "cp1252", raw.decode("cp1252", UNKNOWN_BYTES)  # as Excel saves it
    first_line = text.partition("\n")[0]

    class Dialect(csv.excel):
        delimiter = max(",;\t", key=first_line.count)
        strict = True

    lines = csv.reader(io.StringIO(text, newline=""), Dialect)
    rows = []
    try:
        rows += (row for row in lines if row)
    except csv.Error as error:
        after = f"{plain(rows[-1][0], 40)!r}" if rows else "the beginning"
        raise CourseError(
            f"{path} is no table of values between commas: in the row after {after}, up to line "
            f"{lines.line_num}, a quotation mark is not closed, or a value is far too long ({error}). "
            "Export it again"
        ) from error
    header = rows[0] if rows else []
    if set(header) >= CANVAS_COLUMNS and {"Student", "LastName"} & set(header):
        lms = "canvas"
    elif len({match and match[1] for match in map(_participant, rows[1:])} - {None}) == 1:
        lms = "moodle"
    else:
        raise CourseError(
            f"{path} is no table of grades of Canvas's or Moodle's: it begins with {first_line[:80]!r}. "
            "Expected Canvas's gradebook (Student, ID, ..., Section) or Moodle's grading worksheet "
            "(Participant 1, ...)"
        )
    return Sheet(lms, rows, encoding, Dialect, "\r\n" if "\r\n" in text else "\n")


@dataclass
class FilledIn:
    """What became of a table: how many scores were filled in where, and what the instructor should know."""

    path: Path
    lms: str
    column: str
    filled: int = 0
    notes: list[str] = field(default_factory=list)


def fill_in(folder: Path, assignment: str, template: Path, *, column: str | None = None) -> FilledIn:
    """Write a copy of an exported table of grades with the scores of an assignment in its column.

    ``folder`` holds the course's ``nbgrader_config.py``. The copy lies beside ``template``, which stays as
    it is. ``column`` names the column where its title does not tell.

    Raises CourseError if the table or the column is not what it should be, or nothing is graded.
    """
    course = NbgraderCourse(folder)
    course.version(assignment)
    sheet = read_sheet(template)
    place = sheet.column_for(assignment, column)
    scores = {student: course.total(assignment, student) for student in sorted(course.graded(assignment))}
    if not scores:
        raise CourseError(f"nothing is graded yet. Run first: rollout-lab grade {assignment}")
    done = FilledIn(template.with_name(f"{template.stem}.{assignment}.csv"), sheet.lms, sheet.header[place])
    highest = sheet.maximum(place)
    ours = max(maximum for _score, maximum in scores.values())
    if highest and _value(highest) != ours:
        done.notes.append(
            f"full marks are {highest} in {sheet.lms.title()} and {ours:g} here. The scores are written as "
            f"they are: set the assignment's points to {ours:g} in {sheet.lms.title()} before you import"
        )
    with course.gradebook() as gradebook:
        roll = Roll(gradebook, course.downloads(assignment) / "students.csv", sheet.lms)
    people = list(sheet.people())
    everyone = [person for person, _row in people]
    written, empty = set(), []
    for person, row in people:
        student = roll.find(person, everyone)
        if student not in scores:
            empty.append(person.name or person.number)
        elif row[place].strip().upper() in ("EX", "N/A"):
            done.notes.append(
                f"{person.name} is {row[place].strip()} (excused or not assigned) there: left as it is"
            )
            written.add(student)
        else:
            row[place] = _as_written(scores[student][0], highest)
            written.add(student)
            done.filled += 1
    done.notes += filter(None, [sheet.twice()])
    if lost := sorted(set(scores) - written):
        done.notes.append(f"graded here, but not found in the table: {', '.join(lost)}")
    if empty:
        done.notes.append(f"in the table, but nothing graded here: {'; '.join(empty)}")
    draft = done.path.with_suffix(".draft")
    try:
        with draft.open("w", encoding=sheet.encoding, errors=UNKNOWN_BYTES, newline="") as file:
            file.write(sheet.text())
        os.replace(draft, done.path)
    finally:
        draft.unlink(missing_ok=True)
    return done


def _as_written(score: float, like: str) -> str:
    """A number as the LMS writes numbers: two places, and its own decimal sign."""
    number = f"{score:.2f}"
    return number.replace(".", ",") if re.fullmatch(r"\d+,\d+", like) else number


def _value(number: str) -> float | None:
    try:
        return float(number.replace(",", "."))
    except ValueError:
        return None


def summary(done: FilledIn) -> str:
    """What an instructor reads after it: how many scores, where, and who is missing."""
    lines = [f"Scores filled in under {done.column!r}: {done.filled}. For {done.lms.title()}: {done.path}"]
    lines += ["Notes:", *(f"  {plain(note, most=5000)}" for note in done.notes)] if done.notes else []
    return "\n".join(lines)
