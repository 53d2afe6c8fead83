"""The table of grades: it is read whatever became of it, and a row that cannot be read costs no other."""

import csv
from pathlib import Path

import pytest

from rollout_lab.classroom.grade.grading_table import FIELDS, GradingTable
from rollout_lab.classroom.nbgrader_course import CourseError

PRINT = "0123456789abcdef"
HEAD = ",".join(FIELDS)
ADA, ZOE = f"ada,2.0,8.0,,,{PRINT}", f"Zoë,1.5,8.0,a note,,{PRINT}"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "grading-quiz.csv"


def row(student: str, **others) -> dict:
    return {
        "student": student,
        "score": 1.0,
        "max_score": 8.0,
        "notes": [],
        "changes": [],
        "fingerprint": PRINT,
    } | others


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "bad",
    [
        f"bob,2.0,8.0,{'x' * 200_000},,{PRINT}".encode(),
        b"bob,2.0,\0\0,8.0,,\0",
        b'bob,2.0,8.0,"cut o',
        b"b\xff\xfeb,2.0,8.0",
        b"bob,2.0,8.0,,,,,,0123456789abcdef",
        b"bob,two,8.0,,,0123456789abcdef",
        b"bob,2.0,8.0,,,1.23E+15",
        b",2.0,8.0,,,0123456789abcdef",
        b'"bob\n2.0",8.0,,,',
    ],
    ids=["too long", "NUL", "cut off", "not UTF-8", "columns", "score", "fingerprint", "no one", "two lines"],
)
def test_a_row_that_cannot_be_read_costs_no_other_and_is_kept_aside(path, bad):
    written = b"\r\n".join([HEAD.encode(), ADA.encode(), bad, ZOE.encode()])
    path.write_bytes(written)
    table = GradingTable(path)
    assert [table.submission_hash(student) for student in ("ada", "bob", "Zoë")] == [PRINT, None, PRINT]
    assert "line 3" in table.message
    assert path.with_name("grading-quiz-unread-1.csv").read_bytes() == written
    assert [row["student"] for row in rows(path)] == ["Zoë", "ada"]
    assert GradingTable(path).message == ""


@pytest.mark.parametrize(
    "saved",
    [
        "\r\n".join([HEAD, ADA, ZOE]).encode("utf-8-sig"),
        "\n".join([HEAD, ADA, ZOE, ""]).encode("cp1252"),
        "\r\n".join([HEAD, ADA, ZOE, ""]).replace(",", ";").replace("2.0", "2,0").encode("utf-8-sig"),
        "\r\n".join([HEAD, ADA, ZOE, "", ""]).replace(",", "\t").encode(),
        "\n".join(",".join(reversed(line.split(","))) for line in (HEAD, ADA, ZOE)).encode(),
    ],
    ids=["byte order mark", "cp1252", "semicolons", "tabs", "columns in another order"],
)
def test_a_table_that_another_program_has_saved_is_read(path, saved):
    path.write_bytes(saved)
    table = GradingTable(path)
    assert table.message == ""
    assert [(row["student"], row["score"]) for row in rows(path)] == [("Zoë", "1.5"), ("ada", "2.0")]
    assert table.submission_hash("ada") == PRINT


@pytest.mark.parametrize("content", ["", "\n\n", HEAD])
def test_an_empty_table_is_a_table(path, content):
    path.write_text(content)
    assert GradingTable(path).message == ""


def test_another_table_in_its_place_is_kept_aside(path):
    path.write_text("name;points\nada;3\n")
    assert "line 1, 2 of grading-quiz.csv" in GradingTable(path).message
    assert path.with_name("grading-quiz-unread-1.csv").read_text() == "name;points\nada;3\n"


NAMES = [
    "=1+1",
    "-2",
    "a,b",
    "a;b",
    'a"b',
    "line\nfeed",
    " lead",
    "two  blanks",
    "\udcff",
    "\u202egpj",
    "x" * 255,
]


@pytest.mark.parametrize("student", NAMES)
def test_a_name_that_was_written_is_known_when_it_is_read(path, student):
    GradingTable(path).add(row(student))
    table = GradingTable(path)
    assert (table.message, table.submission_hash(student)) == ("", PRINT)
    assert not rows(path)[0]["student"].startswith(("=", "-"))
    assert rows(GradingTable(path).path) == rows(path)


def test_no_note_is_a_formula(path):
    GradingTable(path).add(row("ada", notes=['=HYPERLINK("http://evil")', "+1"], changes=["@x"]))
    (written,) = rows(path)
    assert (written["notes"], written["changes"]) == ("'=HYPERLINK(\"http://evil\"); '+1", "'@x")


def test_what_is_being_graded_counts_as_not_graded_until_it_is(path):
    table = GradingTable(path)
    table.add(row("ada"))
    table.begin("ada")
    table.begin("bob")
    assert (table.submission_hash("ada"), GradingTable(path).submission_hash("ada")) == ("", "")
    assert [row["student"] for row in rows(path)] == ["ada"]
    table.add(row("ada"))
    assert GradingTable(path).submission_hash("ada") == PRINT


def test_a_table_that_cannot_be_read_or_written_is_told_in_words(path):
    path.mkdir()
    with pytest.raises(CourseError, match="is a folder where a table belongs: move it away"):
        GradingTable(path)
    with pytest.raises(CourseError, match=r"cannot be written \(No such file or directory\). Close it"):
        GradingTable(path / "nowhere" / "table.csv")


def test_a_table_that_is_locked_for_a_while_loses_no_row(path):
    table = GradingTable(path)
    table.add(row("ada"))
    path.unlink()
    path.mkdir()
    table.add(row("bob"))
    with pytest.raises(CourseError, match="is a folder"):
        table.tidy()
    path.rmdir()
    table.tidy()
    assert [row["student"] for row in rows(path)] == ["ada", "bob"]
