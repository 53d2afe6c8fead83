"""Brightspace, the whole way: a download is collected, graded, and its table comes back with the scores."""

import csv
import io
from datetime import UTC, datetime

import pytest

from rollout_lab.classroom.lms import BY_KEY, recognise
from rollout_lab.classroom.lms.collect import collect
from rollout_lab.classroom.lms.grade_table import fill_in, read_table, summary
from rollout_lab.classroom.lms.students import StudentMatcher
from rollout_lab.classroom.nbgrader_course import NbgraderCourse

from ..nbgrader_class import Classroom, grade
from .downloads import answered, pack

QUIZ = "quiz1_single_layer_attention"
WRONG = {"softmax": "def softmax(scores):\n    return scores"}
COLUMN = "Quiz 1 Points Grade <Numeric MaxPoints:11 Weight:10 Category:Quizzes CategoryWeight:50>"
HEADER = ["OrgDefinedId", "Username", "Last Name", "First Name", "Email"]
HEADER += ["Essay Points Grade <Numeric MaxPoints:20>", COLUMN, "End-of-Line Indicator"]
TABLE = f"""\
{",".join(HEADER)}
#0050,#alovelace,Lovelace,Ada,ada@example.org,17.5,,#
#0051,#zoe,Ångström,Zoë,zoe@example.org,12,3,#
#0052,#ghopper,Hopper,Grace,grace@example.org,,,#
#0053,#aabsent,Absent,Al,al@example.org,,,#
"""


def brightspace_name(name: str, user: int, time: str, original: str, *, flat: bool = False) -> str:
    return f"{user}-77 - {name} - {time}{' - ' if flat else '/'}{original}"


@pytest.fixture(scope="module")
def graded(tmp_path_factory, course, keys):
    """A class that handed in through Brightspace, one student three times, and what collecting said."""
    folder = tmp_path_factory.mktemp("graded")
    classroom = Classroom(folder)
    classroom.release(QUIZ)
    full, less = (answered(classroom, folder, course, keys, QUIZ, **wrong) for wrong in ({}, WRONG))
    (folder / "roster.csv").write_text(TABLE, "utf-8-sig")
    with NbgraderCourse(classroom.course).gradebook() as gradebook:
        gradebook.update_or_create_assignment(
            QUIZ, duedate=datetime(2026, 11, 26, 12).astimezone(UTC).isoformat()
        )
        gradebook.add_student("zoe")
        gradebook.add_student("0052")
    uploads = [
        ("index.html", b"<html>All submissions</html>"),
        (brightspace_name("Ada Lovelace", 1042, "Nov 26, 2026 105 PM", "q.ipynb"), full),
        (brightspace_name("Ada Lovelace", 1042, "Nov 26, 2026 1159 AM", "my quiz.ipynb"), less),
        (brightspace_name("Ada Lovelace", 1042, "Nov 9, 2026 1000 PM", "q.ipynb"), less),
        (brightspace_name("Zoë Ångström", 1043, "Nov 25, 2026 1205 AM", "q (1).ipynb", flat=True), less),
        (brightspace_name("Grace Hopper", 1044, "Nov 25, 2026 453 PM", "ada_1_2_q.ipynb"), full),
    ]
    archive = pack(folder / "Quiz 1 Download Nov 27, 2026 901 AM.zip", uploads)
    done = collect(classroom.course, archive, roster=folder / "roster.csv")
    grade(classroom.course, QUIZ)
    return classroom, archive, done


def people(classroom: Classroom) -> dict[str, tuple]:
    with NbgraderCourse(classroom.course).gradebook() as gradebook:
        return {s.id: (s.first_name, s.last_name, s.email, s.lms_user_id) for s in gradebook.students}


@pytest.mark.parametrize(
    ("name", "path", "hour"),
    [
        ("1042-77 - Mary-Ann O'Neil - Lee - Sep 4, 2024 926 PM/q.ipynb", "q.ipynb", 21),
        ("Quiz 1/1042-77 - Ada Lovelace - Dec 15, 2024 1149 AM/a - b.ipynb", "a - b.ipynb", 11),
        ("1042-77 - Ada Lovelace - Dec 15, 2024 105 PM - a - b.ipynb", "a - b.ipynb", 13),
        ("1042-77 - Ada Lovelace - Dec 15, 2024 105 PM/1-7 - Bob - Dec 16, 2024 105 PM/q.ipynb", None, 13),
    ],
)
def test_a_name_tells_whose_file_it_is_and_when_it_came(name, path, hour):
    upload = BY_KEY["brightspace"].read_name(name)
    assert (upload.number, upload.time.astimezone().hour) == ("1042", hour)
    assert path is None or upload.path == path
    assert recognise([name]) is BY_KEY["brightspace"]


def test_the_newest_attempt_wins_and_late_ones_are_named(graded):
    classroom, _archive, done = graded
    assert (done.lms, done.left) == ("brightspace", [])
    assert done.collected == ["Ada-Lovelace-1042", "zoe", "0052"]
    assert "my quiz.ipynb stays in the download" in "\n".join(done.notes)
    at = datetime(2026, 11, 26, 13, 5).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    assert done.late == [f"Ada-Lovelace-1042: {at}"]
    assert (classroom.course / "submitted" / "Ada-Lovelace-1042" / QUIZ / "timestamp.txt").read_text() == at


def test_the_table_tells_names_and_emails_and_who_is_in_the_gradebook_already(graded):
    assert people(graded[0]) == {
        "Ada-Lovelace-1042": ("Ada", "Lovelace", "ada@example.org", "1042"),
        "zoe": ("Zoë", "Ångström", "zoe@example.org", "1043"),  # by the user's name
        "0052": ("Grace", "Hopper", "grace@example.org", "1044"),  # by the OrgDefinedId
    }


def test_collecting_twice_changes_nothing(graded):
    classroom, archive, _done = graded
    again = collect(classroom.course, archive)
    assert (again.collected, again.up_to_date) == ([], ["Ada-Lovelace-1042", "zoe", "0052"])


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ","), ("cp1252", ";"), ("utf-16", "\t")])
def test_the_table_comes_back_as_it_was_saved_with_one_column_filled_in(
    graded, tmp_path, encoding, delimiter
):
    before = list(csv.reader(io.StringIO(TABLE)))
    with (tmp_path / "t.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(before)
    done = fill_in(graded[0].course, QUIZ, tmp_path / "t.csv")
    assert (done.lms, done.column, done.filled) == ("brightspace", COLUMN, 3)
    text = done.path.read_bytes().decode(encoding)
    after = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert [row[6] for row in after] == [COLUMN, "11.00", "9.00", "11.00", ""]
    assert [row[:6] + row[7:] for row in after] == [row[:6] + row[7:] for row in before]
    assert "in the table, but nothing graded here: Al Absent" in summary(done)
    assert "full marks" not in summary(done)


def test_without_a_roster_the_name_tells_who_is_who_unless_two_have_it(tmp_path, graded):
    course = NbgraderCourse(graded[0].course)
    (tmp_path / "t.csv").write_text(
        TABLE.replace(",ada@example.org", ",").replace("alovelace", "al"), "utf-8"
    )
    with course.gradebook() as gradebook:
        matcher = StudentMatcher(gradebook, course.downloads(QUIZ) / "students.csv", BY_KEY["brightspace"])
    everyone = [person for person, _row in read_table(tmp_path / "t.csv").people()]
    assert matcher.find(everyone[0], everyone) == "Ada-Lovelace-1042"
    assert matcher.find(everyone[0], [*everyone, everyone[0]]) is None
