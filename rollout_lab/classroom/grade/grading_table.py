"""Scores and notes of an assignment as a CSV file for the instructor."""

from __future__ import annotations

import csv
import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rollout_lab.classroom.nbgrader_course import CourseError
from rollout_lab.classroom.notes import no_formula, quoted

FIELDS = ("student", "score", "max_score", "notes", "changes", "fingerprint")


class GradingTable:
    """The table at ``path``: a row for each student, in one line of the file.

    A line is added as soon as a submission is graded, so that a crash loses none; the last line about a
    student counts. Lines that cannot be read cost no other line: they are left in a copy, ``said`` tells
    where, and their students are graded again.

    Raises CourseError if there is no table and none can be made, or if it cannot be read or written.
    """

    def __init__(self, path: Path):
        self.path, self.said, self.turn = path, "", threading.Lock()
        self.rows, lost = self._read()
        if lost:
            self.said = f"{lost} of {path.name} cannot be read: {self._set_aside()} holds it as it was."
        self.tidy()

    def fingerprint(self, student: str) -> str | None:
        """What the student's grade was based on, None if there is no grade that counts."""
        row = self.rows.get(_cell(quoted(student)), {})
        return row["fingerprint"] if row.get("score") else None

    def begin(self, student: str) -> None:
        """From now on the student's row says nothing of what the grade is based on, until it is added."""
        if row := self.rows.get(_cell(quoted(student))):
            self._append(row | {"fingerprint": ""})

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row: the ``student``, and whatever else of ``FIELDS``; notes and changes are lists."""
        row = {name: row[name] for name in FIELDS} | {"student": quoted(row["student"])}
        self._append({name: _cell(value) for name, value in row.items()})

    def tidy(self) -> None:
        """Keep one line for each student, in alphabetical order. Raises CourseError if that cannot be."""
        draft = self.path.with_name(f"{self.path.name}.draft")
        try:
            with self._writing(draft, "w") as file:
                writer = csv.DictWriter(file, FIELDS)
                writer.writeheader()
                writer.writerows(row for _student, row in sorted(self.rows.items()))
            draft.replace(self.path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise self._trouble("written", error) from error

    def _append(self, row: dict[str, str]) -> None:
        with self.turn:
            self.rows[row["student"]] = row
            with (
                suppress(OSError),
                self._writing(self.path, "a") as file,
            ):  # `tidy` writes it, or says why not
                csv.DictWriter(file, FIELDS).writerow(row)

    def _writing(self, path: Path, mode: str):
        return path.open(mode, newline="", encoding="utf-8", errors="backslashreplace")

    def _read(self) -> tuple[dict[str, dict[str, str]], str]:
        """The rows by student, and which lines cannot be read, in words."""
        try:
            lines = [_text(line) for line in self.path.read_bytes().split(b"\n")]
        except FileNotFoundError:
            return {}, ""
        except OSError as error:
            raise self._trouble("read", error) from error
        head, separator = _head(lines[0])
        rows, lost = {}, []
        for number, line in enumerate(lines[1:], start=2):
            if not line.strip("\r"):
                continue
            if row := _row(line, head, separator):
                rows[row["student"]] = row
            else:
                lost.append(number)
        if lines[0] and not head:
            lost.insert(0, 1)
        shown = ", ".join(map(str, lost[:5])) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
        return rows, f"line {shown}" if lost else ""

    def _set_aside(self) -> Path:
        number = 1
        while (aside := self.path.with_name(f"{self.path.stem}-unread-{number}.csv")).exists():
            number += 1
        try:
            aside.write_bytes(self.path.read_bytes())
        except OSError as error:
            raise self._trouble("copied", error) from error
        return aside

    def _trouble(self, done: str, error: OSError) -> CourseError:
        if self.path.is_dir():
            return CourseError(f"{self.path} is a folder where a table belongs: move it away")
        return CourseError(
            f"the table {self.path} cannot be {done} ({error.strerror}). Close it in other programs, see "
            "that you may write there and that the disk has room, and call this again. "
            "The scores are in the gradebook."
        )


def _text(line: bytes) -> str:
    """A line in UTF-8, or as Excel saves it."""
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _head(line: str) -> tuple[list[str], str]:
    """The names of the columns, and what stands between them; [] if they are not this table's."""
    for separator in ",;\t":
        names = line.strip("\r").split(separator)
        if sorted(names) == sorted(FIELDS):
            return names, separator
    return [], ","


def _row(line: str, head: list[str], separator: str) -> dict[str, str] | None:
    """A row as it was written, None if it cannot be read."""
    try:
        (values,) = csv.reader([line.strip("\r")], delimiter=separator, strict=True)
        row = dict(zip(head, map(no_formula, values), strict=True))
        row["score"] = row["score"].replace(",", ".")
        float(row["score"] or 0)
    except (csv.Error, ValueError, KeyError):
        return None
    return row if row["student"] and re.fullmatch("[0-9a-f]{16}|", row["fingerprint"]) else None


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(no_formula, value))
    return "" if value is None else no_formula(str(value))
