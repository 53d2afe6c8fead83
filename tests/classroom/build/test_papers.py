"""The printable sheets, their keys and the syllabus say what the graded notebooks say."""

import pytest
from bs4 import BeautifulSoup
from msgspec.structs import replace

from rollout_lab.classroom.build.papers import papers
from rollout_lab.cli import main
from rollout_lab.quiz.breaking import functions_of
from rollout_lab.quiz.schema import BreakIt, Exercise, Question

from ..nbgrader_class import ROOT

TEXTS = ROOT / "course" / "text"


@pytest.fixture(scope="module")
def pages(course):
    return {name: BeautifulSoup(text, "html.parser") for name, text in papers(course, TEXTS).items()}


def items_of(course, assignment, kind):
    return [item for name in assignment.items if isinstance(item := course.items[name], kind)]


def words(element):
    return " ".join(element.get_text().split())


def plain(text):
    """Markdown of one line as it is read."""
    return " ".join(text.replace("`", "").split())


def test_the_key_marks_the_letter_that_earns_full_marks_in_the_notebook(course, keys, pages):
    for assignment in course.assignments:
        rows = pages[f"{assignment.name}_key.html"].select("tr:has(td.right) th")
        marked = [row.get_text().split(")")[0] for row in rows]
        assert marked == [keys[item.id] for item in items_of(course, assignment, Question)]


def test_the_sheet_offers_the_options_in_the_notebook_s_order(course, keys, pages):
    for assignment in course.assignments:
        options = [words(option) for option in pages[f"{assignment.name}.html"].select(".options li")]
        for item in items_of(course, assignment, Question):
            (right,) = (option.text for option in item.options if option.misconception is None)
            assert f"{keys[item.id]}){plain(right)}" in options


def test_the_key_holds_every_diagnosis_and_the_sheet_none(course, pages):
    for assignment in course.assignments:
        key, sheet = (words(pages[f"{assignment.name}{part}.html"]) for part in ("_key", ""))
        for item in items_of(course, assignment, Question | Exercise | BreakIt):
            beliefs = (
                [option.misconception for option in item.options if option.misconception]
                if isinstance(item, Question)
                else item.misconceptions
            )
            for text in [item.explanation, *(belief.diagnosis for belief in beliefs)]:
                assert plain(text) in key, item.id
                assert plain(text) not in sheet, item.id


def test_the_key_holds_the_reference_and_the_sheet_the_starter_alone(course, pages):
    for assignment in course.assignments:
        key, sheet = (pages[f"{assignment.name}{part}.html"].get_text() for part in ("_key", ""))
        for item in items_of(course, assignment, BreakIt):
            _right, wrong = functions_of(item, course.items)
            assert item.solutions[0] in key
            assert item.solutions[0] not in sheet
            assert wrong.strip() in sheet
            sheet = sheet.replace(wrong.strip(), "")  # which may end as the reference does
        for item in items_of(course, assignment, Exercise):
            line = item.reference.strip().splitlines()[-1].strip()
            assert line in key
            assert line not in sheet
            assert item.starter.strip() in sheet


def test_the_syllabus_leads_from_objective_to_section_item_and_points(course, pages):
    rows = [
        [words(cell) for cell in row.select("th, td")] for row in pages["syllabus.html"].select("tbody tr")
    ]
    asked = [course.items[name] for assignment in course.assignments for name in assignment.items]
    assert [row[3] for row in rows] == [item.id for item in asked]
    for (objective, lesson, section, name, *_middle, points), item in zip(rows, asked, strict=True):
        assert objective == plain(item.objective)
        (text,) = TEXTS.glob(f"{lesson}_*.py")
        assert text.stem == item.lesson.split("#")[0]
        assert f"\n# ## {section}\n" in text.read_text("utf-8")
        assert float(points) == course.points(name)


def test_points_stand_on_paper_as_the_course_gives_them(course):
    changed = papers(replace(course, worth={**course.worth, "softmax": 3.5}), TEXTS)
    for name in ("quiz1_single_layer_attention.html", "quiz1_single_layer_attention_key.html"):
        headings = [words(h) for h in BeautifulSoup(changed[name], "html.parser").find_all("h2")]
        assert "Exercise: softmax (3.5 points)" in headings


def test_the_command_writes_them_all_where_it_is_told(course, tmp_path, capsys):
    assert main(["papers", "--output", str(tmp_path / "out")]) == 0
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {f"{a.name}{part}.html" for a in course.assignments for part in ("", "_key")} | {
        "syllabus.html",
        "cheat_sheet.html",
    }
    told = capsys.readouterr().out.splitlines()
    assert {line.rsplit("/", 1)[-1] for line in told} == written
