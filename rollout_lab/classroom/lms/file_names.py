"""What the names in a download of Canvas or Moodle tell: whose file it is, and whether it came late.

The forms are those of the code that writes them.

- Canvas (instructure/canvas-lms, ``lib/content_zipper.rb``): ``NAME[_LATE]_USER_FILE_ORIGINAL``. NAME is the
  sortable name in lower case, without all that is no letter, digit or underscore; USER is the student's
  number, FILE the file's: of two uploads the later has the greater. In ORIGINAL Canvas has counted
  resubmissions (``quiz-2.ipynb``). With names hidden there is ``anon_CODE`` for NAME and USER, and CODE is
  another in each assignment. Names beyond ASCII come as UTF-8 without the mark that says so (rubyzip #515).
- Moodle (moodle/moodle, ``mod/assign/classes/downloader.php``): ``FULL NAME_NUMBER_assignsubmission_file_``,
  a folder, or the beginning of the file's name where the teacher has turned folders off. NUMBER is the
  "Participant NUMBER" of the grading worksheet: the student has another one in each assignment. Old versions
  left out all after NUMBER. Names never hold an underscore.
- Both: what was typed into the page comes as HTML (``..._text.html``, ``..._onlinetext_/onlinetext.html``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

CANVAS = re.compile(
    r"(?:.*/)?(?:(?!LATE_|anon_)(?P<name>[^/]+?)_)?(?P<late>LATE_)?"
    r"(?P<number>\d+|anon_[^_/]+)_(?P<order>\d{1,18})_(?P<path>[^/]+)"
)
MOODLE = re.compile(
    r"(?:.*/)?(?P<name>[^_/]+)_(?P<number>\d+)_assignsubmission_file(?:_/|_|/)(?P<path>[^/].*)"
)
OLD_MOODLE = re.compile(
    r"(?:.*/)?(?P<name>[^_/]+)_(?P<number>\d+)(?:/|_(?!assignsubmission_))(?P<path>[^/].*)"
)
TYPED = re.compile(r".*_assignsubmission_(?!file)\w+?(?:/.*)?|.*_\d+_(?:text|link)\.html")

FORMS = {"moodle": (MOODLE, OLD_MOODLE), "canvas": (CANVAS,)}


@dataclass(frozen=True)
class Upload:
    """What the name of a file tells: the LMS's number and name of the student, and the student's own name
    of the file.

    ``order`` grows with later uploads where the LMS counts them, else it is 0.
    """

    number: str
    name: str
    path: str
    late: bool
    order: int


def which_lms(names: Iterable[str]) -> str | None:
    """The LMS in whose form the names are, ``"canvas"`` or ``"moodle"``; None if they are in neither's."""
    names = list(names)
    for lms, form in (("moodle", MOODLE), ("canvas", CANVAS), ("moodle", OLD_MOODLE)):
        if any(form.fullmatch(name) for name in names):
            return lms
    return None


def read_name(name: str, lms: str) -> Upload | None:
    """What a name tells, None if it is not in the LMS's form.

    >>> read_name("lovelaceada_LATE_1042_987_quiz1-2.ipynb", "canvas")
    Upload(number='1042', name='lovelaceada', path='quiz1-2.ipynb', late=True, order=987)
    >>> read_name("Ada Lovelace_31_assignsubmission_file_/quiz1.ipynb", "moodle").name
    'Ada Lovelace'
    """
    for form in FORMS[lms]:
        if match := form.fullmatch(name):
            told = match.groupdict()
            return Upload(
                told["number"],
                told["name"] or "",
                told["path"],
                bool(told.get("late")),
                int(told.get("order") or 0),
            )
    return None


def is_typed(name: str) -> bool:
    """Whether the file is a text or a link that was typed into the LMS's page, no file of the student's."""
    return TYPED.fullmatch(name) is not None
