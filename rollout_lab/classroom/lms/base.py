"""What a learning management system (LMS) is here: the form of its file names and of its table of grades."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

NO_NAME = re.compile(r"(?!)")
"""A form that no name has."""


@dataclass(frozen=True)
class Upload:
    """What the name of a file tells: the student's number and name in the LMS, and their name of the file.

    ``order`` grows with later uploads where the LMS counts them, else it is 0; ``time`` is None where the
    name tells none.
    """

    number: str
    name: str
    path: str
    late: bool = False
    order: int = 0
    time: datetime | None = None


@dataclass(frozen=True)
class Person:
    """A student as the LMS knows them; ``others`` are further ids, ``handed_in`` a time in the LMS's words.

    ``number`` is the one in the names of a download, "" where a table of grades does not tell it.
    """

    number: str
    name: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    others: tuple[str, ...] = ()
    handed_in: str = ""

    @property
    def ids(self) -> list[str]:
        """What may be the student's id in the gradebook, in lower case."""
        return [each.casefold() for each in (*self.others, self.email, self.email.partition("@")[0]) if each]


class LMS(ABC):
    """All that differs from LMS to LMS. A new one is a subclass with an instance in ``lms.LMSS``."""

    name: ClassVar[str]

    example: ClassVar[str]
    """A file's name in a download."""

    forms: ClassVar[tuple[re.Pattern[str], ...]]
    """File names, the form that no other LMS has first; groups: number, path, perhaps name, late, order."""

    typed: ClassVar[re.Pattern[str]] = NO_NAME
    """Names of files that hold what a student typed into a page."""

    added: ClassVar[re.Pattern[str]] = NO_NAME
    """Names of files that the LMS adds to a download."""

    number_lasts: ClassVar[bool]
    """Whether a student has the same number in each assignment."""

    table: ClassVar[str]
    """What the LMS calls its table of grades, and in brackets how the table begins."""

    score_title: ClassVar[re.Pattern[str]]
    """Titles of columns that may hold scores; the group ``title`` is what the instructor called it."""

    score_column: ClassVar[str] = ""
    """The title of the column for scores, where it is always the same."""

    excused: ClassVar[Collection[str]] = ()
    """What stands in place of the score of a student who needs none."""

    times_hint: ClassVar[str] = ""
    """Where the times of hand-in stand, for an LMS whose downloads may tell none."""

    @property
    def key(self) -> str:
        """The name on the command line and in ``students.csv``."""
        return self.name.lower()

    def read_name(self, name: str) -> Upload | None:
        """What a file's name tells, None if it is not in the LMS's form."""
        for form in self.forms:
            if match := form.fullmatch(name):
                told = match.groupdict("")
                late, order = bool(told.get("late")), int(told.get("order") or 0)
                return Upload(told["number"], told["name"], told["path"], late, order, self.time(told))
        return None

    def time(self, told: Mapping[str, str]) -> datetime | None:
        """The time of hand-in, by the groups of the form; where there is no zone it is the instructor's."""
        return None

    @abstractmethod
    def is_table(self, rows: Sequence[Sequence[str]]) -> bool:
        """Whether this is the LMS's table of grades; the first row is the header."""

    @abstractmethod
    def person(self, cells: Mapping[str, str]) -> Person | None:
        """The student of a row, None if it is no student's. ``cells`` are in the order of the columns."""

    @abstractmethod
    def maximum(self, rows: Sequence[Sequence[str]], column: int) -> str:
        """What the LMS gives full marks for, as it writes it; "" if it does not say."""
