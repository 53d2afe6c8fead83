"""The cheat sheet's numbers are computed, and it is at hand for students and instructors."""

from rollout_lab.classroom.build.bank import load_course
from rollout_lab.classroom.build.papers import papers
from rollout_lab.working_copy import delivered
from tools.make_cheat_sheet import SHEET, cheat_sheet

from .test_lessons import LESSONS, ROOT, sources


def test_the_committed_page_is_what_its_maker_writes():
    assert SHEET.read_text("utf-8") == cheat_sheet()


def test_it_is_delivered_with_the_lessons_and_printed_with_the_papers():
    assert delivered(ROOT)["cheat_sheet.html"] == SHEET
    pages = papers(load_course(ROOT / "quizzes" / "bank"), ROOT / "course" / "text")
    assert pages["cheat_sheet.html"] == SHEET.read_text("utf-8")


def test_every_lesson_links_to_it():
    without = [path.stem for path in LESSONS if "](cheat_sheet.html)" not in "".join(sources(path))]
    assert without == []
