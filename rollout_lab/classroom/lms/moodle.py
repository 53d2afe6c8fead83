"""Moodle, by the code that writes and reads its files (moodle/moodle).

- File names (`mod/assign/classes/downloader.php`): `FULL NAME_NUMBER_assignsubmission_file_`, a folder or the
  beginning of the file's name; old versions left out all after NUMBER. This is the "Participant NUMBER" of
  the grading worksheet, another one in each assignment. Names never hold an underscore.
- Table (`mod/assign/gradingtable.php`, `mod/assign/feedback/offline`): the grading worksheet of one
  assignment, in the teacher's language; Moodle imports by the participant's number.
"""

import re
from collections.abc import Mapping, Sequence

from .base import LMS, Person

PARTICIPANT = re.compile(r"([^\W\d]\D*)(\d+)")  # "Participant 31" in Moodle's language


class Moodle(LMS):
    """Moodle."""

    name = "Moodle"
    example = "Ada Lovelace_31_assignsubmission_file_/quiz.ipynb"
    forms = (
        # The first folder tells the student: in it lie folders that students have named.
        re.compile(
            r"(?:.*?/)??(?P<name>[^_/]+)_(?P<number>\d+)_assignsubmission_file(?:_/|_|/)(?P<path>[^/].*)"
        ),
        re.compile(r"(?:.*/)?(?P<name>[^_/]+)_(?P<number>\d+)(?:/|_(?!assignsubmission_))(?P<path>[^/].*)"),
    )
    typed = re.compile(r".*_assignsubmission_(?!file)\w+?(?:/.*)?")
    number_lasts = False
    table = "grading worksheet (Participant 1, ...)"
    score_title = re.compile(r"(?P<title>.*)", re.DOTALL)
    score_column = "Grade"
    times_hint = "Moodle's grading worksheet, exported in English, tells them: --roster"

    def is_table(self, rows: Sequence[Sequence[str]]) -> bool:
        named = [match for row in rows if (match := PARTICIPANT.fullmatch(row[0].strip()))]
        return len({match[1] for match in named}) == 1 and "Section" not in rows[0]  # Canvas's "Student 1"

    def person(self, cells: Mapping[str, str]) -> Person | None:
        first_cell, *others = cells.values()
        if not (match := PARTICIPANT.fullmatch(first_cell.strip())):
            return None
        email = next((cell for cell in others if re.fullmatch(r"\S+@\S+", cell)), "")
        name = cells.get("Full name", others[0] if others and "@" not in others[0] else "")
        first, _space, last = name.rpartition(" ")
        ids = (cells.get("ID number", ""), cells.get("Username", ""))
        handed_in = cells.get("Last modified (submission)", "").strip(" -")
        return Person(match[2], name, first, last, email, ids, handed_in)

    def maximum(self, rows: Sequence[Sequence[str]], column: int) -> str:
        following = {
            row[column + 1] for row in rows if PARTICIPANT.fullmatch(row[0].strip()) and row[column + 1 :]
        }
        return following.pop() if len(following) == 1 else ""
