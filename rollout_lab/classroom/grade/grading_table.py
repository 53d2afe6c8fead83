"""Scores and notes of an assignment as a CSV file for the instructor."""

import csv
import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Literal, TextIO

from rollout_lab.classroom.nbgrader_course import CourseError
from rollout_lab.classroom.notes import first_few, no_formula, quoted

FIELDS = ("student", "score", "max_score", "notes", "changes", "fingerprint")


class GradingTable:
    """A table to which a line is added for each graded submission; a student's last one counts.

    Lines that cannot be read are left in a copy (`message` tells where), and their students graded again.
    Raises CourseError if it cannot be made, read or written.
    """

    def __init__(self, path: Path):
        self.path, self.message, self.turn = path, "", threading.Lock()
        self.rows, lost = self._read()
        if lost:
            self.message = f"{lost} of {path.name} cannot be read: {self._copy_aside()} holds it as it was."
        self.tidy()

    def submission_hash(self, student: str) -> str | None:
        """The hash of the submission that was graded, None if there is no grade that counts."""
        row = self.rows.get(_cell(quoted(student)), {})
        return row["fingerprint"] if row.get("score") else None

    def begin(self, student: str) -> None:
        """Take the hash out of a student's row until the new one is added."""
        if row := self.rows.get(_cell(quoted(student))):
            self._append(row | {"fingerprint": ""})

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row: the `student`, and whatever else of `FIELDS`; notes and changes are lists."""
        self._append({name: _cell(row[name]) for name in FIELDS} | {"student": _cell(quoted(row["student"]))})

    def tidy(self) -> None:
        """Keep one line for each student, in alphabetical order. Raises CourseError if that cannot be."""
        draft = self.path.with_name(f"{self.path.name}.draft")
        try:
            with _opened(draft, "w") as file:
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
            with suppress(OSError), _opened(self.path, "a") as file:  # `tidy` writes it, or says why not
                csv.DictWriter(file, FIELDS).writerow(row)

    def _read(self) -> tuple[dict[str, dict[str, str]], str]:
        """The rows by student, and which lines cannot be read, in words."""
        try:
            head, *lines = map(_text, self.path.read_bytes().split(b"\n"))
        except FileNotFoundError:
            return {}, ""
        except OSError as error:
            raise self._trouble("read", error) from error
        separator = next((each for each in ",;\t" if sorted(head.split(each)) == sorted(FIELDS)), "")
        names = head.split(separator) if separator else []
        rows, lost = {}, [1] if head and not names else []
        for number, line in enumerate(lines, start=2):
            if row := _row(line, names, separator or ","):
                rows[row["student"]] = row
            elif line:
                lost.append(number)
        return rows, f"line {first_few(lost, 5)}" if lost else ""

    def _copy_aside(self) -> Path:
        copies = (self.path.with_name(f"{self.path.stem}-unread-{number}.csv") for number in count(1))
        copy = next(path for path in copies if not path.exists())
        try:
            copy.write_bytes(self.path.read_bytes())
        except OSError as error:
            raise self._trouble("copied", error) from error
        return copy

    def _trouble(self, done: str, error: OSError) -> CourseError:
        if self.path.is_dir():
            return CourseError(f"{self.path} is a folder where a table belongs: move it away")
        return CourseError(
            f"the table {self.path} cannot be {done} ({error.strerror}). Close it in other programs, see "
            "that you may write there and that the disk has room, and call this again. "
            "The scores are in the gradebook."
        )


def _opened(path: Path, mode: Literal["a", "w"]) -> TextIO:
    return path.open(mode, newline="", encoding="utf-8", errors="backslashreplace")


def _text(line: bytes) -> str:
    """Decode a line in UTF-8, or as Excel saves it."""
    try:
        return line.decode("utf-8-sig").strip("\r")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace").strip("\r")


def _row(line: str, names: list[str], separator: str) -> dict[str, str] | None:
    """A row as it was written, None if it cannot be read."""
    try:
        (values,) = csv.reader([line], delimiter=separator, strict=True)
        row = dict(zip(names, map(no_formula, values), strict=True))
        row["score"] = row["score"].replace(",", ".")
        float(row["score"] or 0)
    except (csv.Error, ValueError, KeyError):
        return None
    return row if row["student"] and re.fullmatch("[0-9a-f]{16}|", row["fingerprint"]) else None


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(no_formula, value))
    return "" if value is None else no_formula(str(value))
