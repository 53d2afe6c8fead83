"""Canvas, by the code that writes and reads its files (instructure/canvas-lms).

- File names (`lib/content_zipper.rb`): `NAME[_LATE]_USER_FILE_ORIGINAL`. NAME is the sortable name in
  lower case, letters, digits and _ alone; USER is the student's number, FILE grows with later uploads.
  ORIGINAL may count resubmissions (`quiz-2.ipynb`). With names hidden there is `anon_CODE` for NAME and USER,
  another in each assignment. Names beyond ASCII come as UTF-8 without the mark that says so (rubyzip #515).
- Table (`lib/gradebook_exporter.rb`, `lib/gradebook_importer.rb`): a column for each assignment, titled
  with its number; Canvas imports by the student's number and leaves alone what has not changed.
"""

import re
from collections.abc import Mapping, Sequence

from .base import LMS, Person

TOTALS = "Points Possible"


class Canvas(LMS):
    """Canvas by Instructure."""

    name = "Canvas"
    example = "lovelaceada_1042_987_quiz.ipynb"
    forms = (
        re.compile(
            r"(?:.*/)?(?:(?!LATE_|anon_)(?P<name>[^/]+?)_)?(?P<late>LATE_)?"
            r"(?P<number>\d+|anon_[^_/]+)_(?P<order>\d{1,18})_(?P<path>[^/]+)"
        ),
    )
    typed = re.compile(r".*_\d+_(?:text|link)\.html")
    number_lasts = True
    table = "gradebook (Student, ID, ..., Section)"
    score_title = re.compile(r"(?P<title>.+) \(\d+\)")
    excused = ("EX", "N/A")

    def is_table(self, rows: Sequence[Sequence[str]]) -> bool:
        return {"ID", "Section"} <= set(rows[0]) and not {"Student", "LastName"}.isdisjoint(rows[0])

    def person(self, cells: Mapping[str, str]) -> Person | None:
        if "LastName" in cells:
            last, first = cells["LastName"], cells.get("FirstName", "")
        else:
            last, _comma, first = (part.strip() for part in cells["Student"].partition(","))
        number = cells["ID"].strip()
        if not number or last.strip() == TOTALS:
            return None
        ids = (cells.get("SIS User ID", ""), cells.get("SIS Login ID", ""))
        return Person(number, f"{last}, {first}" if first else last, first, last, others=ids)

    def maximum(self, rows: Sequence[Sequence[str]], column: int) -> str:
        totals = next((row for row in rows if row[0].strip() == TOTALS), [])
        return "".join(totals[column : column + 1]).strip()
