"""A course on fractions, an item of each kind, goes the whole way with nothing of the mathematics loaded."""

import shutil
import subprocess
import sys
from pathlib import Path

from rollout_lab.classroom.build.repository import build_all
from rollout_lab.classroom.report.class_report import report

from ..classroom.nbgrader_class import ROOT, Classroom, grade

RIGHT = {
    "halves": "A",
    "add": "def add(a, b, c, d):\n    return a / b + c / d",
    "tell_apart": "tell_apart = [1, 2, 1, 4]",
}
WRONG = {
    "halves": "B",
    "add": "def add(a, b, c, d):\n    return (a + c) / (b + d)",
    "tell_apart": "tell_apart = [1, 2, 3, 2]",
}
GRADED = ["ada,halves,1,1,1,", "ada,add,2,2,1,", "ada,tell_apart,1,1,1,"]
GRADED += ["bob,halves,0,1,0,below-too", "bob,add,0,2,0,below-too", "bob,tell_apart,0,1,0,one-kind"]


def test_another_course_is_built_handed_in_graded_and_reported_without_rollout(tmp_path):
    told = subprocess.check_output([sys.executable, "-m", __name__, tmp_path], cwd=ROOT, text=True)
    table, rooms = told.split("rooms:")
    assert table.split()[-6:] == GRADED
    small = {"_commands", "_earlier_names", "_widget_output", "working_copy"}
    assert set(rooms.split()) <= {"classroom", "quiz", *small}


if __name__ == "__main__":
    repo = Path(sys.argv[1])
    shutil.copytree(Path(__file__).with_name("bank"), repo / "quizzes" / "bank")
    config = (ROOT / "quizzes" / "nbgrader_config.py").read_text("utf-8")
    (repo / "quizzes" / "nbgrader_config.py").write_text(config.replace("attention_rollout", "fractions"))
    build_all(repo)
    classroom = Classroom(repo / "class", repo / "quizzes")
    classroom.release("sums")
    classroom.hand_in("ada", "sums", RIGHT)
    classroom.hand_in("bob", "sums", WRONG)
    classroom.collect("sums")
    grade(classroom.course, "sums")
    print(report(classroom.course, "sums").table.read_text("utf-8"), "rooms:")
    print(*{name.split(".")[1] for name in sys.modules if name.startswith("rollout_lab.")})
