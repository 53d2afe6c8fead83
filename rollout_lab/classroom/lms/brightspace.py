"""Brightspace (D2L), by what is public of its files; no server of D2L's was tried.

- File names (cgmb/d2lmf and TunaLobster/Python-Dump on GitHub read them): `USER-FOLDER - FULL NAME - Nov 26,
  2026 453 PM`, a folder for each time a student handed in, or the beginning of the file's name. USER is
  the student's number, FOLDER the assignment's. The time has no zone and no colon: 105 PM is 1:05.
- Table (community.d2l.com/brightspace/kb/articles/3538-importing-grades): `OrgDefinedId` and `Username`, one
  or both, with `#` before each; for each item "TITLE Points Grade <Numeric MaxPoints:8 ...>". USER is not in
  it: who is who is told by the name, and in nbgrader's gradebook by email, OrgDefinedId or user's name.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from .base import LMS, Person

IDS = ("OrgDefinedId", "Username")


class Brightspace(LMS):
    """Brightspace by D2L."""

    name = "Brightspace"
    example = "1042-77 - Ada Lovelace - Nov 26, 2026 453 PM/quiz.ipynb"
    forms = (
        re.compile(
            r"(?:.*?/)??(?P<number>\d+)-\d+ - (?P<name>[^/]+?) - (?P<day>[A-Z][a-z]{2} \d{1,2}, \d{4}) "
            r"(?P<hour>\d{1,2})(?P<minute>\d\d) (?P<half>[AP]M)(?:/| - )(?P<path>[^/].*)"
        ),
    )
    added = re.compile(r"(?:.*/)?index\.html")
    number_lasts = True
    table = "grades (OrgDefinedId, ..., End-of-Line Indicator)"
    score_title = re.compile(r"(?P<title>.+) Points Grade(?: <.*>)?")

    def time(self, found: Mapping[str, str]) -> datetime | None:
        try:
            text = "{day} {hour}:{minute} {half}".format_map(found)
            return datetime.strptime(text, "%b %d, %Y %I:%M %p").astimezone(UTC)
        except (ValueError, OverflowError, OSError):  # a day or a year that no clock knows
            return None

    def is_table(self, rows: Sequence[Sequence[str]]) -> bool:
        return "End-of-Line Indicator" in rows[0] and not set(IDS).isdisjoint(rows[0])

    def person(self, cells: Mapping[str, str]) -> Person | None:
        ids = tuple(filter(None, (cells.get(title, "").strip().removeprefix("#") for title in IDS)))
        first, last = cells.get("First Name", "").strip(), cells.get("Last Name", "").strip()
        email = cells.get("Email", "").strip()
        return Person("", f"{first} {last}".strip(), first, last, email, ids) if ids else None

    def maximum(self, rows: Sequence[Sequence[str]], column: int) -> str:
        match = re.search(r"MaxPoints:([\d.,]+)", rows[0][column])
        return match[1] if match else ""
