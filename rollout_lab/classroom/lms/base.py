"""What a learning management system (LMS) is here: the form of its file names and of its table of grades."""

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

NO_NAME = re.compile(r"(?!)")  # fits none


@dataclass(frozen=True)
class Upload:
    """What the name of a file tells: the student's number and name in the LMS, and their name of the file."""

    number: str
    name: str
    path: str
    late: bool = False
    order: int = 0  # grows with later uploads, 0 where the name does not tell
    time: datetime | None = None  # when it came


@dataclass(frozen=True)
class Person:
    """A student as the LMS knows them."""

    number: str  # in the names of a download; "" in a table of grades that does not have it
    name: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    others: tuple[str, ...] = ()  # further ids
    handed_in: str = ""  # a time in the LMS's words

    @property
    def ids(self) -> list[str]:
        """What may be the student's id in the gradebook, in lower case."""
        return [each.casefold() for each in (*self.others, self.email, self.email.partition("@")[0]) if each]


class LMS(ABC):
    """All that differs from LMS to LMS. A new one is a file with a subclass, and a line in `lms.LMSS`."""

    name: str
    example: str  # a file's name in a download
    # Forms of file names, the surest first; groups: number, path, name, late, order.
    forms: tuple[re.Pattern[str], ...]
    typed: re.Pattern[str] = NO_NAME  # names of files that hold what a student typed into a page
    added: re.Pattern[str] = NO_NAME  # names of files that the LMS adds
    number_lasts: bool  # a student has the same number in each assignment
    table: str  # what it calls its table of grades, and how this begins
    score_title: re.Pattern[str]  # titles of columns for scores; the group `title` is the instructor's own
    score_column = ""  # the title of the column for scores, where it is always the same
    excused: Collection[str] = ()  # what stands in place of the score of a student who needs none
    times_hint = ""  # where times of hand-in stand, if downloads may tell none

    @property
    def key(self) -> str:
        """The name on the command line and in `students.csv`."""
        return self.name.lower()

    def read_name(self, name: str) -> Upload | None:
        """What a file's name tells, None if it is not in the LMS's form."""
        for form in self.forms:
            if match := form.fullmatch(name):
                found = match.groupdict("")
                late, time = bool(found.get("late")), self.time(found)
                order = int(time.timestamp() if time else found.get("order") or 0)
                return Upload(found["number"], found["name"], found["path"], late, order, time)
        return None

    def time(self, found: Mapping[str, str]) -> datetime | None:
        """The time of hand-in, by the groups of a form; one without a zone is the instructor's."""
        return None

    @abstractmethod
    def is_table(self, rows: Sequence[Sequence[str]]) -> bool:
        """Whether this is the LMS's table of grades; the first row is the header."""

    @abstractmethod
    def person(self, cells: Mapping[str, str]) -> Person | None:
        """The student of a row, by title and in the order of the columns; None if it is no student's."""

    @abstractmethod
    def maximum(self, rows: Sequence[Sequence[str]], column: int) -> str:
        """What the LMS gives full marks for, as it writes it; "" if it does not say."""
