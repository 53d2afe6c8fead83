"""rollout-lab scores: an LMS's table of grades comes back with a quiz's scores, and nothing else changed."""

import csv
import io

import pytest
from nbgrader.api import Gradebook

from rollout_lab import cli
from rollout_lab.classroom import limits
from rollout_lab.classroom.lms.collect import collect
from rollout_lab.classroom.lms.grade_table import fill_in, read_table, summary
from rollout_lab.classroom.nbgrader_course import CourseError

from ..nbgrader_class import Classroom, grade
from .downloads import answered, canvas_name, moodle_name, pack

QUIZ = "quiz1_single_layer_attention"
WRONG = {"softmax": "def softmax(scores):\n    return scores"}

CANVAS = '''\
Student,ID,SIS User ID,SIS Login ID,Section,Notes,Essay (11),Quiz 1: single-layer attention (12),Final Score
,,,,,,,Manual Posting,
    Points Possible,,,,,,20.00,11.00,(read only)
"Lovelace, Ada",1042,,alovelace,"A, B",good,17.5,,80
"=""=SUM(A1)""",1043,,zoe,A,,12,3,70
"Hopper, Grace",1044,,ghopper,A,,,EX,
"Absent, Al",1045,,aabsent,A,,,,
"Student, Test",1099,,abc,A,,,,
'''

MOODLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\r\n'
    '"Participant 31","Ada Lovelace",ada@example.org,Submitted,,"11,00",Yes,"Friday, 20 November",-,\r\n'
    '"Participant 32","Zoë Ångström",zoe@example.org,Submitted,,"11,00",Yes,-,-,"a ""quoted"" word"\r\n'
    '"Participant 33","Al Absent",al@example.org,"No submission",,"11,00",Yes,-,-,\r\n'
)


@pytest.fixture(scope="module")
def graded(tmp_path_factory, course, keys):
    """A class that handed in once through Canvas and once through Moodle, graded."""
    folder = tmp_path_factory.mktemp("graded")
    classroom = Classroom(folder)
    classroom.release(QUIZ)
    full, less = (answered(classroom, folder, course, keys, QUIZ, **wrong) for wrong in ({}, WRONG))
    people = [("Lovelace, Ada", 1042, full), ("SUM, Zoe", 1043, less), ("Hopper, Grace", 1044, full)]
    people.append(("Gone, Gil", 1077, full))
    uploads = [(canvas_name(name, n, n, "q.ipynb"), work) for name, n, work in people]
    collect(classroom.course, pack(folder / "canvas.zip", uploads))
    people = [("Ada Lovelace", 31, full), ("Zoë Ångström", 32, less)]
    uploads = [(moodle_name(name, n, "q.ipynb"), work) for name, n, work in people]
    collect(classroom.course, pack(folder / "moodle.zip", uploads))
    grade(classroom.course, QUIZ)
    return classroom


def rows(path, encoding="utf-8", **dialect):
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline=""), **dialect))


def test_canvas_gets_its_table_back_with_one_column_filled_in(graded, tmp_path):
    template = tmp_path / "2026-11-20T0930_Grades-ATT.csv"
    template.write_text(CANVAS, "utf-8", newline="")
    done = fill_in(graded.course, QUIZ, template)
    assert template.read_text("utf-8") == CANVAS
    assert (done.lms, done.column, done.filled) == ("canvas", "Quiz 1: single-layer attention (12)", 2)
    before, after = rows(template), rows(done.path)
    assert [row[7] for row in after] == [
        before[0][7],
        "Manual Posting",
        "11.00",
        "11.00",
        "9.00",
        "EX",
        "",
        "",
    ]
    assert [row[:7] + row[8:] for row in after] == [row[:7] + row[8:] for row in before]
    said = summary(done)
    assert "Hopper, Grace is EX" in said
    assert "graded here, but not found in the table: Ada-Lovelace, Zoë-Ångström, gonegil-1077" in said
    assert "in the table, but nothing graded here: Absent, Al; Student, Test" in said
    assert "full marks" not in said


def test_the_score_less_a_late_penalty_is_what_goes_back(graded, tmp_path):
    (tmp_path / "t.csv").write_text(CANVAS, "utf-8")
    with Gradebook(f"sqlite:///{graded.course}/gradebook.db", "attention_rollout") as gradebook:
        (notebook,) = gradebook.find_submission(QUIZ, "lovelaceada-1042").notebooks
        notebook.late_submission_penalty = 1.25
        gradebook.db.commit()
    try:
        assert rows(fill_in(graded.course, QUIZ, tmp_path / "t.csv").path)[3][7] == "9.75"
    finally:
        with Gradebook(f"sqlite:///{graded.course}/gradebook.db", "attention_rollout") as gradebook:
            (notebook,) = gradebook.find_submission(QUIZ, "lovelaceada-1042").notebooks
            notebook.late_submission_penalty = 0
            gradebook.db.commit()


def test_moodle_gets_its_worksheet_back_in_its_own_encoding_and_decimal_sign(graded, tmp_path):
    template = tmp_path / "Grades.csv"
    template.write_bytes(b"\xef\xbb\xbf" + MOODLE.encode())
    done = fill_in(graded.course, QUIZ, template)
    assert (done.lms, done.column, done.filled) == ("moodle", "Grade", 2)
    raw = done.path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == raw.count(b"\n") == 4
    before, after = rows(template, "utf-8-sig"), rows(done.path, "utf-8-sig")
    assert [row[4] for row in after] == ["Grade", "11,00", "9,00", ""]
    assert [row[:4] + row[5:] for row in after] == [row[:4] + row[5:] for row in before]
    assert "in the table, but nothing graded here: Al Absent" in summary(done)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_table_that_went_through_a_spreadsheet_comes_back_as_it_is(graded, tmp_path, encoding):
    template = tmp_path / "grades.csv"
    text = CANVAS.replace("11.00", "11,00").replace("17.5", "17,5").replace("Notes", "Bemerkung ü")
    table = list(csv.reader(io.StringIO(text.replace("11,00", '"11,00"').replace("17,5", '"17,5"'))))
    with template.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=";").writerows(table)
    after = rows(fill_in(graded.course, QUIZ, template).path, encoding, delimiter=";")
    assert (after[3][7], after[3][6], after[0][5]) == ("11,00", "17,5", "Bemerkung ü")


def test_no_formula_comes_in_from_the_gradebook(graded, tmp_path):
    (tmp_path / "t.csv").write_text(CANVAS, "utf-8")
    with Gradebook(f"sqlite:///{graded.course}/gradebook.db", "attention_rollout") as gradebook:
        gradebook.update_or_create_student("lovelaceada-1042", first_name="=HYPERLINK(1)", last_name="+1")
    after = rows(fill_in(graded.course, QUIZ, tmp_path / "t.csv").path)
    assert "HYPERLINK" not in str(after)
    assert after[4][0] == '="=SUM(A1)"'  # Canvas's own way of quoting it


def test_other_full_marks_in_the_lms_are_told(graded, tmp_path):
    (tmp_path / "t.csv").write_text(CANVAS.replace("11.00", "100.00"), "utf-8")
    (note, *_) = fill_in(graded.course, QUIZ, tmp_path / "t.csv").notes
    assert note.startswith("full marks are 100.00 in Canvas and 11 here.")


def test_a_column_that_cannot_be_told_is_asked_for(graded, tmp_path):
    template = tmp_path / "t.csv"
    template.write_text(CANVAS.replace("Quiz 1: single-layer attention (12)", "Week 3 (12)"), "utf-8")
    with pytest.raises(CourseError, match=r"no column could be quiz1.*: 'Essay \(11\)', 'Week 3 \(12\)'"):
        fill_in(graded.course, QUIZ, template)
    assert fill_in(graded.course, QUIZ, template, column="Week 3").filled == 2
    template.write_text(CANVAS.replace("Quiz 1: single-layer attention (12)", "Quiz 1 (12)"), "utf-8")
    assert fill_in(graded.course, QUIZ, template).column == "Quiz 1 (12)"


def test_canvas_may_write_first_and_last_names_apart(graded, tmp_path):
    table = "LastName,FirstName,ID,SIS Login ID,Section,Quiz 1 (12)\n    Points Possible,,,,,11.00\n"
    (tmp_path / "t.csv").write_text(table + "Lovelace,Ada,1042,al,A,\nSum,Zoe,1043,zs,A,\n", "utf-8")
    assert [row[5] for row in rows(fill_in(graded.course, QUIZ, tmp_path / "t.csv").path)][2:] == [
        "11.00",
        "9.00",
    ]


@pytest.mark.parametrize("header", ["Student,ID,Section,Quiz 1 (12)", "LastName,ID,Section,Quiz 1 (12)"])
def test_canvas_s_test_students_are_no_participants_of_moodle_s(tmp_path, header):
    (tmp_path / "t.csv").write_text(f"{header}\nStudent 1,1042,A,\nStudent 2,1043,A,\n", "utf-8")
    assert read_table(tmp_path / "t.csv").lms.name == "Canvas"


def test_moodle_s_worksheet_is_known_in_any_language(graded, tmp_path):
    sheet = "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung\n"
    sheet += 'Teilnehmer/in31,Ada Lovelace,ada@example.org,,,"11,00"\n'
    (tmp_path / "t.csv").write_text(sheet, "utf-8")
    with pytest.raises(CourseError, match=r"--column: .*'Bewertung'"):
        fill_in(graded.course, QUIZ, tmp_path / "t.csv")
    done = fill_in(graded.course, QUIZ, tmp_path / "t.csv", column="Bewertung")
    assert rows(done.path)[1][4] == "11,00"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("good", '"good', "in the row after 'Points Possible', .* a quotation mark is not closed"),
        ("abc,A,", 'abc,"A,', "in the row after 'Absent, Al', .* a quotation mark is not closed"),
        ("good", "x" * 131_073, "in the row after 'Points Possible', .* a value is far too long"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_and_the_place_is_named(graded, tmp_path, old, new, said):
    (tmp_path / "t.csv").write_text(CANVAS.replace(old, new), "utf-8")
    with pytest.raises(CourseError, match=said):
        fill_in(graded.course, QUIZ, tmp_path / "t.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_a_table_may_be_odd(graded, tmp_path):
    odd = CANVAS.replace("good", "x" * 131_072).replace(
        "    Points Possible,,,,,,20.00,11.00", "    Points Possible"
    )
    odd = odd.replace("80", "\0") + "\n\n\n"
    template = tmp_path / "t.csv"
    template.write_bytes(odd.encode("cp1252").replace(b"A, B", b"A\x81 B"))
    after = fill_in(graded.course, QUIZ, template).path.read_bytes()
    assert b'"Lovelace, Ada",1042,,alovelace,A\x81 B,' + b"x" * 131_072 + b",17.5,11.00,\0\n" in after


def test_a_table_is_read_to_the_limit_and_refused_above_it(graded, tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text(CANVAS, "utf-8")
    monkeypatch.setattr(limits, "SHEET_BYTES", len(CANVAS.encode()))
    assert fill_in(graded.course, QUIZ, tmp_path / "t.csv").filled == 2
    monkeypatch.setattr(limits, "SHEET_BYTES", len(CANVAS.encode()) - 1)
    with pytest.raises(CourseError, match=r"no table of grades has more than .* Export it again"):
        fill_in(graded.course, QUIZ, tmp_path / "t.csv")


def test_a_student_who_is_in_the_table_twice_is_named(graded, tmp_path):
    (tmp_path / "t.csv").write_text(CANVAS + '"Lovelace, Ada",1042,,alovelace,C,,,,\n', "utf-8")
    done = fill_in(graded.course, QUIZ, tmp_path / "t.csv")
    assert "in more than one row of the table: Lovelace, Ada (1042)" in done.notes
    assert done.filled == 3


def test_names_cannot_steer_the_terminal(graded, tmp_path):
    (tmp_path / "t.csv").write_text(CANVAS.replace("Absent, Al", "\x1b[2J\u202eAbsent"), "utf-8")
    assert r"\x1b[2J\u202eAbsent" in summary(fill_in(graded.course, QUIZ, tmp_path / "t.csv"))


def test_what_is_no_table_of_grades_is_refused(graded, tmp_path):
    (tmp_path / "t.csv").write_text("name,points\nada1,3\nbob2,4\n")
    with pytest.raises(CourseError, match=r"no table of grades .*'name,points'.*Expected"):
        fill_in(graded.course, QUIZ, tmp_path / "t.csv")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(CourseError, match="no table of grades"):
        fill_in(graded.course, QUIZ, tmp_path / "empty.csv")


def test_the_command_tells_where_the_table_is(graded, tmp_path, capsys):
    (tmp_path / "t.csv").write_text(CANVAS, "utf-8")
    assert cli.main(["scores", QUIZ, str(tmp_path / "t.csv"), "--course", str(graded.course)]) == 0
    said = capsys.readouterr().out
    assert "Scores filled in under 'Quiz 1: single-layer attention (12)': 2." in said
    assert f"For Canvas: {tmp_path / f't.{QUIZ}.csv'}" in said
