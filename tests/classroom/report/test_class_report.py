"""rollout-lab report on a class whose misconceptions are known: what it counts, says and keeps to itself."""

import csv
import html
import json
import re
import shutil
from datetime import date

import pytest

from rollout_lab.classroom import limits
from rollout_lab.classroom.nbgrader_course import CourseError, NbgraderCourse
from rollout_lab.classroom.report.class_report import report, summary
from rollout_lab.classroom.report.report_page import report_page, shared_misconceptions, to_reteach
from rollout_lab.classroom.report.results import load_results
from rollout_lab.cli import main
from rollout_lab.quiz.scoring import RECORD

from .. import known_class
from ..known_class import BLANK, MISSING, NOT_GRADED, QUIZ
from ..nbgrader_class import read

MARKS = {
    "q2": {"right": 8, "not right": 3, "blank": 1},
    "q4": {"right": 9, "not right": 2, "blank": 1},
    "q5": {"right": 8, "not right": 3, "blank": 1},
    "q8": {"right": 9, "partly": 2, "blank": 1},
    "entry_of_r": {"right": 11, "blank": 1},
    "order_of_layers": {"right": 11, "blank": 1},
    "rollout_product": {"right": 4, "not right": 7, "blank": 1},
    "rollout_steps": {"right": 9, "not right": 2, "blank": 1},
    "strongest_path": {"right": 8, "not right": 3, "blank": 1},
    "break_it_2": {"right": 9, "not right": 2, "blank": 1},
}
SHARED = {
    "order-reversed": ({"dan", "eve", "fay", "kim"}, {"rollout_product": 4, "rollout_steps": 1}),
    "sum-for-product": (
        {"bob", "=cyd", "dan"},
        {"q5": 2, "rollout_product": 1, "q8": 1, "rollout_steps": 1},
    ),
    "greedy-from-the-top": ({"=cyd", "ivy"}, {"strongest_path": 2}),
    "breaks-a-promise": ({"kim"}, {"break_it_2": 1}),
    "one-layer-leaves-no-choice": ({"gus"}, {"break_it_2": 1}),
    "direct-links-only": ({"hal"}, {"q2": 1, "q4": 1}),
    "identity-added": ({"hal"}, {"rollout_product": 1}),
    "library-version": ({"ivy"}, {"rollout_product": 1}),
    "modifies-its-argument": ({"kim"}, {"rollout_product": 1}),
    "one-layer-is-enough": ({"kim"}, {"q2": 1}),
    "result-without-the-computation": ({"eve"}, {"q8": 1}),
}
"""Who has which misconception, by what the class handed in (see ``known_class``)."""


@pytest.fixture(scope="module")
def classroom(tmp_path_factory, course, keys):
    answers = known_class.answers_of_class(course, keys)
    return known_class.graded_class(tmp_path_factory.mktemp("class"), answers)


@pytest.fixture
def changed(classroom, tmp_path):
    """A copy of the class, for one test."""
    return classroom.copy_to(tmp_path)


@pytest.fixture(scope="module")
def results(classroom):
    return load_results(NbgraderCourse(classroom.course), QUIZ)


@pytest.fixture(scope="module")
def page(classroom):
    return report(classroom.course, QUIZ).page.read_text("utf-8")


def keep(classroom, students):
    """Leave only these students in a class."""
    with classroom.api.gradebook as book:
        for student in [each.id for each in book.students]:
            if student not in students:
                book.remove_student(student)
                for step in ("submitted", "autograded"):
                    shutil.rmtree(classroom.course / step / student, ignore_errors=True)


def tables(page):
    """The tables of a page by caption: rows of cells, as they are read."""
    found = {}
    for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
        rows = [
            [shown(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
            for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)
        ]
        found[shown(re.search(r"<caption>(.*?)</caption>", table, re.DOTALL)[1])] = rows
    return found


def shown(markup):
    """What is read of a piece of a page."""
    markup = re.sub(r"<(style|svg).*?</\1>", "", markup, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", markup)).split())


def section(page, name):
    return re.search(rf'<section[^>]*aria-labelledby="{name}".*?</section>', page, re.DOTALL)[0]


def test_who_is_graded_waiting_and_missing(results):
    assert len(results.students) == 12
    assert results.waiting == (NOT_GRADED,)
    assert set(results.missing) == {"nan", "Oda <i>Nobel</i> (oda)"}
    assert results.enrolled == 12 + 1 + len(MISSING)


def test_the_items_stand_in_the_order_of_the_notebook_with_their_points(results, course):
    (assignment,) = (a for a in course.assignments if a.name == QUIZ)
    assert [item.name for item in results.items] == list(assignment.items)
    assert [item.most for item in results.items] == [course.points(name) for name in assignment.items]


def test_right_partly_not_right_and_blank_are_counted_exactly(results, page):
    (table,) = (rows for caption, rows in tables(page).items() if caption.startswith("The same numbers, w"))
    assert [row[0] for row in table[1:]] == list(MARKS)
    assert [row[1] for row in table[1:]] == [
        *["commissioned question"] * 4,
        *["question"] * 2,
        *["exercise"] * 3,
        "break it",
    ]
    for row in table[1:]:
        counts = dict(zip(("right", "partly", "not right", "blank"), map(int, row[5:]), strict=True))
        assert {mark: count for mark, count in counts.items() if count} == MARKS[row[0]]


def test_each_misconception_is_found_with_those_who_have_it(results):
    ids = {student.name: student.id for student in results.students}
    found = {
        each.name: ({ids[who] for who in each.students}, each.items)
        for each in shared_misconceptions(results)
    }
    assert found == SHARED


def test_diagnosis_and_lesson_are_those_of_the_bank(results, course):
    for each in shared_misconceptions(results):
        if each.name in ("library-version", "modifies-its-argument", "breaks-a-promise"):
            continue
        item = course.items[next(iter(each.items))]
        held = [o.misconception for o in item.options if o.misconception] if item.kind == "choice" else []
        belief = next(b for b in held or item.misconceptions if b.name == each.name)
        assert each.diagnosis == belief.diagnosis.strip()
        assert each.lessons[0] == belief.lesson


def test_what_most_students_share_comes_first_and_what_one_has_alone_is_not_for_tomorrow(results, page):
    assert [each.name for each in to_reteach(results)] == list(SHARED)[:3]
    headings = re.findall(r"<h3[^>]*>(.*?)</h3>", section(page, "reteach"), re.DOTALL)
    assert [shown(each) for each in headings] == [
        "Order reversed: 4 of 12 students",
        "Sum for product: 3 of 12 students",
        "Greedy from the top: 2 of 12 students",
    ]
    assert 'href="../course/02_matrix_product_rollout.ipynb"' in section(page, "reteach")
    assert "“The order matters”" in shown(section(page, "reteach"))


def test_the_options_are_counted_by_their_text_and_what_stands_for_no_idea_is_no_misconception(page):
    read = tables(page)
    chosen = dict(row[:2] for row in read["What was chosen in q5, in the order in which it was shown"][1:])
    assert chosen == {
        "Matrix product to accumulate influence": "8",
        "Sum of attentions": "2",
        "Average": "0",
        "No product": "1",
        "blank": "1",
    }
    chosen = dict(row[:2] for row in read["What was chosen in q2, in the order in which it was shown"][1:])
    assert chosen["something that is no option"] == "1"
    assert [row[0] for row in read["Misconceptions found in q4"][1:]] == ["Direct links only"]


def test_a_score_given_by_hand_counts_and_full_points_by_hand_set_the_verdict_aside(results):
    students = {student.id: student for student in results.students}
    assert students["joe"].answers["rollout_product"].points == 2
    assert students["joe"].answers["rollout_product"].misconceptions == ()
    assert students["bob"].answers["q8"].points == 0.5
    assert students["bob"].answers["q8"].misconceptions == ("sum-for-product",)


def test_the_scores_are_the_gradebooks_and_the_late_penalty_stands_apart(results, classroom, page):
    course = NbgraderCourse(classroom.course)
    for student in results.students:
        score, most = course.total(QUIZ, student.id)
        assert (student.score - student.penalty, results.most) == (score, most)
    late = {student.id: student.penalty for student in results.students if student.penalty}
    assert late == {"dan": 1.5}
    assert "1 student lost 1.5 in all" in shown(section(page, "scores"))
    row = next(row for row in tables(page)["Points by student, of 13"] if row[0] == "dan")
    assert row[1:3] == ["9", "−1.5"]


def test_a_student_graded_by_plain_nbgrader_is_read_like_the_others(results):
    (kim,) = (student for student in results.students if student.id == "kim")
    assert kim.answers["q2"].misconceptions == ("one-layer-is-enough",)
    assert kim.answers["q4"].option.endswith(") A → C → B (through intermediate C)")
    assert kim.answers["rollout_product"].misconceptions == ("order-reversed", "modifies-its-argument")


def test_a_blank_notebook_is_blank_in_every_item_and_shows_no_misconception(results):
    (leo,) = (student for student in results.students if student.id == BLANK)
    assert {answer.mark for answer in leo.answers.values()} == {"blank"}
    assert not any(answer.misconceptions for answer in leo.answers.values())


def test_names_are_text_even_where_they_hold_markup(page):
    assert "<b>Bob" not in page
    assert "<i>Nobel" not in page
    assert "<b>Bob</b> & Söhne (bob)" in shown(page)


def test_the_table_has_a_line_for_each_student_and_item_and_no_formula(classroom, results):
    with report(classroom.course, QUIZ).table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(results.students) * len(results.items)
    assert list(rows[0]) == ["student", "item", "points", "max", "credit", "misconceptions"]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    eve = next(row for row in rows if (row["student"], row["item"]) == ("eve", "q8"))
    assert list(eve.values()) == ["eve", "q8", "0.5", "1", "0.5", "result-without-the-computation"]
    assert {row["student"] for row in rows} == {s.id.replace("=", "'=") for s in results.students}


def test_the_same_class_makes_the_same_page_to_the_byte(results):
    pages = [report_page(results, lessons="../course", today=date(2026, 1, 2)) for _ in range(2)]
    assert pages[0] == pages[1]
    assert "2026-01-02" in pages[0]


def test_hidden_names_leak_nothing(changed):
    with changed.api.gradebook as book:
        for student in book.students:
            student.first_name, student.last_name, student.email = "Vxoria", "Qblum", "zqv@example.org"
        book.db.commit()
    done = report(changed.course, QUIZ, hide_names=True)
    ids = {*known_class.BELIEFS, BLANK, NOT_GRADED, *MISSING}
    for path in (done.page, done.table):
        text = path.read_text("utf-8")
        for secret in ("Vxoria", "Qblum", "zqv", str(changed.folder), changed.folder.name, "quizzes/"):
            assert secret not in text
        assert not ids & set(re.findall(r"=?\w+", text))
        assert {f"student {n}" for n in range(1, 13)} <= set(re.findall(r"student \d+", text))
    again = report(changed.course, QUIZ, hide_names=True)
    assert again.table.read_text("utf-8") == done.table.read_text("utf-8")


def test_pseudonyms_do_not_follow_the_order_of_names(classroom):
    """In a class of a dozen, the alphabet comes out by chance once in 479,001,600 times."""
    hidden = report(classroom.course, QUIZ, hide_names=True).results
    named = load_results(NbgraderCourse(classroom.course), QUIZ)
    by_answers = {repr(student.answers): student.name for student in named.students}
    assert len(by_answers) == 12
    assert [by_answers[repr(each.answers)] for each in hidden.students] != [s.name for s in named.students]


def test_a_page_for_outside_of_the_course_links_to_the_lessons_but_not_with_hidden_names(classroom, tmp_path):
    named = report(classroom.course, QUIZ, output=tmp_path / "page.html")
    assert named.table == tmp_path / "page.csv"
    links = re.findall(r'href="([^"#]+\.ipynb)"', named.page.read_text("utf-8"))
    assert links
    assert all((tmp_path / link).exists() for link in links)
    hidden = report(classroom.course, QUIZ, output=tmp_path / "page.html", hide_names=True)
    assert ".ipynb" not in hidden.page.read_text("utf-8")


def test_a_class_of_one_gets_no_statistics(changed):
    keep(changed, {"hal"})
    done = report(changed.course, QUIZ)
    page = done.page.read_text("utf-8")
    read = shown(page)
    for word in ("median", "Discrimination", "1.00", "The mean", "<svg", "Who shares"):
        assert word not in page
    assert "Direct links only: 1 of 1 student" in read
    assert "hal has 9 of 13 points" in read
    assert [each.name for each in to_reteach(done.results)] == ["direct-links-only", "identity-added"]


def test_a_small_class_has_no_discrimination_and_is_told_why(changed):
    keep(changed, {"ada", "hal", "joe"})
    page = shown(report(changed.course, QUIZ).page.read_text("utf-8"))
    assert "undefined: fewer than 10 students" in page
    assert "The mean is 11.33 of 13 points, the median 12." in page


def test_where_nothing_is_graded_the_page_says_so(changed):
    keep(changed, {NOT_GRADED, *MISSING})
    done = report(changed.course, QUIZ)
    page = shown(done.page.read_text("utf-8"))
    assert "Nothing is graded yet" in page
    assert f"1 student handed in. Grade with rollout-lab grade {QUIZ}" in page
    assert summary(done).startswith("0 graded of 3 enrolled.")
    assert len(done.table.read_text("utf-8").splitlines()) == 1


def test_an_assignment_that_the_gradebook_does_not_know_is_refused(classroom):
    with pytest.raises(CourseError, match="knows no assignment 'quiz9'"):
        report(classroom.course, "quiz9")


def test_a_page_with_the_name_of_a_table_is_refused(classroom):
    with pytest.raises(ValueError, match=r"expected the name of a page"):
        report(classroom.course, QUIZ, output=classroom.course / "grades.csv")


def test_a_notebook_without_verdicts_leaves_the_scores(changed):
    path = changed.course / "autograded" / "hal" / QUIZ / f"{QUIZ}.ipynb"
    path.write_text(path.read_text("utf-8").replace(RECORD, "text/none"), "utf-8")
    (hal,) = (s for s in load_results(NbgraderCourse(changed.course), QUIZ).students if s.id == "hal")
    assert hal.score == 9
    assert hal.answers["q2"].unexplained


def autograded(classroom, student):
    return classroom.course / "autograded" / student / QUIZ / f"{QUIZ}.ipynb"


@pytest.mark.parametrize("hide_names", [False, True], ids=["names", "no names"])
def test_a_notebook_that_cannot_be_read_costs_no_other_student_the_report(changed, results, hide_names):
    broken = {
        "bob": b"",
        "dan": b'{"cells": [',
        "eve": b"[]",
        "fay": b'{"cells": ["\xff"]}',
        "hal": b'{"cells": [7]}',
    }
    for student, content in broken.items():
        autograded(changed, student).write_bytes(content)
    autograded(changed, "gus").with_name("more.ipynb").mkdir()
    done = report(changed.course, QUIZ, hide_names=hide_names)
    assert sorted(each.score for each in done.results.students) == sorted(s.score for s in results.students)
    assert len(done.results.unread) == len(broken) + 1
    text = done.page.read_text("utf-8")
    assert "The notebooks of 6 students cannot be read: their scores count" in text
    assert ("&lt;b&gt;Bob&lt;/b&gt;" in text) is not hide_names
    if not hide_names:
        untouched = {each.id: each for each in results.students if each.id not in {*broken, "gus"}}
        assert untouched.items() <= {each.id: each for each in done.results.students}.items()


def test_a_verdict_that_the_students_process_has_forged_is_not_repeated(changed, results):
    forged = {
        "bob": 5,
        "dan": ["a"],
        "eve": {"answer": ["x"], "misconception": "order-reversed+order-reversed"},
        "fay": {"answer": {}, "misconception": 5},
        "hal": {"misconception": "<script>"},
        "kim": {"misconception": ["+" * 9]},
        "ivy": {"misconception": "+".join(map(str, range(3000)))},
    }
    for student, record in forged.items():
        notebook = read(autograded(changed, student))
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "test_rollout_product":
                cell["outputs"] = [{"output_type": "display_data", "data": {RECORD: record}, "metadata": {}}]
        autograded(changed, student).write_text(json.dumps(notebook), "utf-8")
    told = {
        each.id: each.answers["rollout_product"]
        for each in load_results(NbgraderCourse(changed.course), QUIZ).students
    }
    assert {who: told[who].misconceptions for who in forged} == dict.fromkeys(forged, ()) | {
        "eve": ("order-reversed",)
    }
    assert {who: told[who].points for who in told} == {
        each.id: each.answers["rollout_product"].points for each in results.students
    }


def test_an_instructors_own_essay_and_a_statement_of_one_line_are_reported_too(changed, results):
    with changed.api.gradebook as book:
        book.add_grade_cell("essay", QUIZ, QUIZ, max_score=3, cell_type="markdown")
        book.db.commit()
    ours = {"grade_id": "essay", "grade": True, "solution": True, "points": 3, "locked": False}
    essay = {"cell_type": "markdown", "id": "essay", "source": "my essay", "metadata": {"nbgrader": ours}}
    for student in (each.id for each in results.students):
        notebook = read(autograded(changed, student))
        notebook["cells"].append(essay)
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "statement_q2":
                cell["source"] = "Which?"
        autograded(changed, student).write_text(json.dumps(notebook), "utf-8")
    done = report(changed.course, QUIZ)
    assert done.results.unread == ()
    assert done.results.most == results.most + 3
    assert [item.name for item in done.results.items] == [item.name for item in results.items] + ["essay"]


def test_a_name_that_steers_a_terminal_or_fills_the_page_is_shown_in_plain_letters(changed):
    with changed.api.gradebook as book:
        book.update_or_create_student("bob", first_name="\u202eb\x1b[2J\n", last_name="o" * 10**5)
        book.db.commit()
    done = report(changed.course, QUIZ)
    (name,) = (each.name for each in done.results.students if each.id == "bob")
    assert name.startswith("\\u202eb\\x1b[2J ooo")
    assert len(name) <= limits.NOTE


def test_a_thousand_students_make_a_small_page(changed):
    known_class.multiply(changed, 1000)
    done = report(changed.course, QUIZ)
    assert done.page.stat().st_size < 2_000_000
    page = done.page.read_text("utf-8")
    sheets = [rows for caption, rows in tables(page).items() if caption.startswith("Points by student")]
    assert sum(len(rows) - 1 for rows in sheets) == 1000
    assert len(sheets) == 20
    # each of the twelve stands for itself and 82 copies, the first four for one more
    times = {student: 84 if n < 4 else 83 for n, student in enumerate(sorted([*known_class.BELIEFS, BLANK]))}
    counts = {each.name: len(each.students) for each in shared_misconceptions(done.results)}
    assert counts == {name: sum(times[student] for student in who) for name, (who, _items) in SHARED.items()}


def test_the_command_says_where_the_files_are_and_what_to_reteach(classroom, commands, tmp_path):
    run = commands.run("rollout-lab", "report", QUIZ, cwd=classroom.course)
    run.check_returncode()
    told = run.stdout
    assert told.splitlines() == [
        "12 graded of 15 enrolled.",
        "To reteach first:",
        "  Order reversed: 4 of 12 (rollout_product, rollout_steps). "
        "Read again: lesson 02, “The order matters”.",
        "  Sum for product: 3 of 12 (q5, q8, rollout_product, rollout_steps). "
        "Read again: lesson 02, “A product of layers”.",
        "  Greedy from the top: 2 of 12 (strongest_path). Read again: lesson 02, “The strongest path”.",
        f"Page: {classroom.course / f'report-{QUIZ}.html'}",
        f"Table: {classroom.course / f'report-{QUIZ}.csv'}",
    ]
    output = tmp_path / "class.html"
    flags = ["--course", str(classroom.course), "--hide-names", "--output", str(output)]
    assert main(["report", QUIZ, *flags]) == 0
    assert "ada" not in output.with_suffix(".csv").read_text("utf-8")
