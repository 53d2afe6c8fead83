"""The table of grades that an LMS exports: read it, fill in a quiz's scores, and leave all else as it is."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rollout_lab.classroom import limits
from rollout_lab.classroom.nbgrader_course import CourseError, NbgraderCourse
from rollout_lab.classroom.notes import plain

from . import BY_KEY, LMSS, either
from .base import LMS, Person
from .students import StudentMatcher, squashed

UNKNOWN_BYTES = "surrogateescape"  # what no encoding knows is written back as it came


@dataclass
class GradeTable:
    """A table of grades with all that its LMS expects to get back; `rows` has the header first."""

    lms: LMS
    rows: list[list[str]]
    encoding: str
    delimiter: str
    newline: str

    @property
    def header(self) -> list[str]:
        return self.rows[0]

    def people(self) -> Iterator[tuple[Person, list[str]]]:
        """Each student with their row."""
        for row in self.rows[1:]:
            row += [""] * (len(self.header) - len(row))
            if person := self.lms.person(dict(zip(self.header, row, strict=False))):
                yield person, row

    def twice(self) -> str:
        """A sentence on students who have several rows, "" if there are none."""
        counts = Counter(f"{each.name} ({each.number or each.ids[0]})" for each, _row in self.people())
        several = "; ".join(person for person, count in counts.items() if count > 1)
        return f"in more than one row of the table: {several}" if several else ""

    def column_for(self, assignment: str, wanted: str | None) -> int:
        """Where the scores of an assignment stand. Raises CourseError if that cannot be told."""
        wanted = wanted or (self.lms.score_column if self.lms.score_column in self.header else None)
        titles = [self.lms.score_title.fullmatch(title) for title in self.header]
        columns = {n: title["title"] for n, title in enumerate(titles) if title}
        if wanted is not None:
            found = [n for n, title in columns.items() if wanted in (title, self.header[n])]
        else:
            found = [n for n, title in columns.items() if squashed(title) == squashed(assignment)]
            found = found or [n for n, title in columns.items() if _abbreviates(title, assignment)]
        if len(found) != 1:
            shown = ", ".join(repr(self.header[n]) for n in columns) or "there is none"
            raise CourseError(
                f"{'several columns' if found else 'no column'} could be {wanted or assignment}. "
                f"Name one with --column: {shown}"
            )
        return found[0]

    def write(self, path: Path) -> None:
        """Write the table as it was read, whole or not at all."""
        text = io.StringIO()
        csv.writer(text, delimiter=self.delimiter, lineterminator=self.newline).writerows(self.rows)
        draft = path.with_suffix(".draft")
        draft.write_bytes(text.getvalue().encode(self.encoding, UNKNOWN_BYTES))
        draft.replace(path)


def _abbreviates(title: str, assignment: str) -> bool:
    """Whether the one begins the other: "Quiz 1", quiz1_single_layer_attention."""
    title, name = squashed(title), squashed(assignment)
    return len(title) > 3 and (name.startswith(title) or title.startswith(name))


def read_table(path: Path) -> GradeTable:
    """Read a table of grades. Raises CourseError if it is no LMS's."""
    raw = path.read_bytes()
    if len(raw) > limits.SHEET_BYTES:
        raise CourseError(
            f"{path} has {len(raw) / 2**20:.0f} MB, and no table of grades has more than "
            f"{limits.SHEET_BYTES // 2**20}. Export it again"
        )
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = raw.decode(encoding)
        encoding = encoding if encoding == "utf-16" or raw.startswith(b"\xef\xbb\xbf") else "utf-8"
    except UnicodeError:
        encoding, text = "cp1252", raw.decode("cp1252", UNKNOWN_BYTES)  # as Excel saves it
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        rows += (row for row in lines if row)
    except csv.Error as error:
        after = f"{plain(rows[-1][0], 40)!r}" if rows else "the beginning"
        raise CourseError(
            f"{path} is no table of values between commas: in the row after {after}, up to line "
            f"{lines.line_num}, a quotation mark is not closed, or a value is far too long ({error}). "
            "Export it again"
        ) from error
    lms = next((lms for lms in LMSS if rows and lms.is_table(rows)), None)
    if lms is None:
        expected = either("{0.name}'s {0.table}")
        raise CourseError(
            f"{path} is no table of grades of an LMS: it begins with {first_line[:80]!r}. Expected {expected}"
        )
    return GradeTable(lms, rows, encoding, delimiter, "\r\n" if "\r\n" in text else "\n")


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

    `folder` holds the course's `nbgrader_config.py`. The copy lies beside `template`, which stays as
    it is. `column` names the column where its title does not tell.

    Raises CourseError if the table or the column is not what it should be, or nothing is graded.
    """
    course = NbgraderCourse(folder)
    course.version(assignment)
    table = read_table(template)
    lms, place = table.lms, table.column_for(assignment, column)
    scores = {student: course.total(assignment, student) for student in sorted(course.graded(assignment))}
    if not scores:
        raise CourseError(f"nothing is graded yet. Run first: rollout-lab grade {assignment}")
    done = FilledIn(template.with_name(f"{template.stem}.{assignment}.csv"), lms.key, table.header[place])
    highest = lms.maximum(table.rows, place)
    sign = "," if re.fullmatch(r"\d+,\d+", highest) else "."  # the decimal sign that the LMS writes
    ours = max(maximum for _score, maximum in scores.values())
    is_number = re.fullmatch(r"\d+(?:[.,]\d+)?", highest)
    if highest and not (is_number and float(highest.replace(",", ".")) == ours):
        done.notes.append(
            f"full marks are {highest} in {lms.name} and {ours:g} here. The scores are written as "
            f"they are: set the assignment's points to {ours:g} in {lms.name} before you import"
        )
    with course.gradebook() as gradebook:
        matcher = StudentMatcher(gradebook, course.downloads(assignment) / "students.csv", lms)
    people = list(table.people())
    everyone = [person for person, _row in people]
    written, empty = set(), []
    for person, row in people:
        student = matcher.find(person, everyone)
        if student not in scores:
            empty.append(person.name or person.number or person.ids[0])
            continue
        written.add(student)
        if row[place].strip().upper() in lms.excused:
            message = f"{person.name} is {row[place].strip()} (excused or not assigned) there: left as it is"
            done.notes.append(message)
        else:
            row[place] = f"{scores[student][0]:.2f}".replace(".", sign)
            done.filled += 1
    done.notes += filter(None, [table.twice()])
    if lost := sorted(scores.keys() - written):
        done.notes.append(f"graded here, but not found in the table: {', '.join(lost)}")
    if empty:
        done.notes.append(f"in the table, but nothing graded here: {'; '.join(empty)}")
    table.write(done.path)
    return done


def summary(done: FilledIn) -> str:
    """What an instructor reads after it: how many scores, where, and who is missing."""
    name = BY_KEY[done.lms].name
    lines = [f"Scores filled in under {done.column!r}: {done.filled}. For {name}: {done.path}"]
    lines += ["Notes:", *(f"  {plain(note, most=5000)}" for note in done.notes)] if done.notes else []
    return "\n".join(lines)
