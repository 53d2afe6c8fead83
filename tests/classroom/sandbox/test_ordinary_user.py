"""The whole road of a teacher and of students who are not root, each with an account of their own."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack

import numpy as np
import psutil
import pytest

from ...ordinary import copy_of_the_course, people
from ..lms.downloads import moodle_name, pack
from ..lms.test_grade_table import MOODLE
from ..nbgrader_class import fill_in, read, right_answers
from .test_hostile import SHELF, outputs

pytestmark = pytest.mark.needs("bubblewrap")
QUIZ = "quiz1_single_layer_attention"
STUDENT = """
import os
c = get_config()
c.CourseDirectory.course_id = "attention_rollout"
c.Exchange.root = os.environ["ROLLOUT_LAB_EXCHANGE"]
"""
TICKET, OWN_FILE = "a ticket in the teacher's keyring", "a file in the teacher's home"
WITH_TICKET = f"""
import ctypes, os, platform, sys
add, control = {{"x86_64": (248, 250), "aarch64": (217, 219)}}.get(platform.machine(), (0, 0))
call, ticket = ctypes.CDLL(None).syscall, {TICKET.encode()!r}
if add:  # a session that has a name, as PAM gives one, and the user's own keyring
    session = call(control, 1, b"teacher")
    call(add, b"user", b"ticket", ticket, len(ticket), -3)
    call(add, b"user", b"ticket", ticket, len(ticket), -4)
    with open(os.path.expanduser("~/keyrings"), "w") as file:
        print([call(control, 0, each, 0) for each in (-3, -4, -5)], file=file)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Starts a program as it starts on a machine where a login fetches a Kerberos ticket."""

AGAIN = ("memory bomb", "fork bomb", "whole disk", "reads the environment", "network")
"""Kinds of the hostile shelf that other walls must hold where student and teacher are one user."""

OWN = [
    {
        "name": "reads and writes what the teacher may",
        "seen": "REFUSED",
        "code": """
RIGHT
import os
def attempt(path, mode):
    try: print("FOUND", open(path, mode).read() if mode == "r" else open(path, mode).write("WRITTEN"))
    except OSError as error: print("REFUSED", error)
for path in ("HOME/.ssh/id_test", "COURSE/gradebook.db", "COURSE/source/QUIZ/QUIZ.ipynb"):
    attempt(path, "r"), attempt(path, "a")
attempt("EXCHANGE/x", "w"), attempt("LIBRARY", "a")
for place in ("HOME", "EXCHANGE", "/run", "/var", "/sys", "/etc/passwd"):
    if os.path.exists(place): print("FOUND", place)
""",
    },
    {
        "name": "processes of the same account",
        "seen": "REFUSED",
        "code": """
RIGHT
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def attach():
    if libc.ptrace(16, BYSTANDER, 0, 0): raise OSError(ctypes.get_errno(), "ptrace")
for act in (lambda: os.kill(BYSTANDER, 9), attach, lambda: open("/proc/BYSTANDER/mem", "r+b"),
            lambda: open("/proc/BYSTANDER/environ").read(), lambda: os.listdir("/proc/BYSTANDER/root")):
    try: print("REACHED", act())
    except OSError as error: print("REFUSED", error)
print("OTHERS", len([each for each in os.listdir("/proc") if each.isdigit()]))
""",
    },
    {
        "name": "holds the first process of the sandbox",
        "score": 0,
        "note": "",
        "code": """
RIGHT
import ctypes, os
ctypes.CDLL(None).ptrace(16, 1, 0, 0)
os._exit(0)
""",
    },
    {
        "name": "reads the keyrings",
        "seen": "SEARCHED",
        "code": """
RIGHT
import ctypes, os, platform
request, control = {"x86_64": (249, 250), "aarch64": (218, 219)}.get(platform.machine(), (0, 0))
call = ctypes.CDLL(None).syscall
found, room = [], ctypes.create_string_buffer(999)
for path in ("/proc/keys", "/proc/key-users"):
    try: found.append(open(path).read())
    except OSError: pass
for fresh in (False, True):
    if fresh: call(control, 1, None)
    for ring in KEYRINGS: call(control, 8, ring, -3)
    for ring in (-3, -4, -5, *KEYRINGS):
        key = call(control, 10, ring, b"user", b"ticket", 0)
        if key > 0 and call(control, 11, key, room, 999) > 0: found.append(room.value)
print("SEARCHED", found)
""",
    },
]
HOSTILE = [each for each in SHELF if each["name"] in AGAIN] + OWN


@pytest.fixture(scope="module")
def road(tmp_path_factory, course, keys):
    """README.md's commands by a teacher and two students: who they are, what was said, what was graded."""
    (assignment,) = (a for a in course.assignments if a.name == QUIZ)
    right = right_answers(course, keys, assignment)
    with ExitStack() as stack:
        teacher, *students = stack.enter_context(people("teacher", "ana", "bob"))
        students = students if os.getuid() == 0 else students[:1]  # all have your name then
        quizzes = copy_of_the_course(teacher) / "quizzes"
        (teacher.home / ".ssh").mkdir()
        (teacher.home / ".ssh" / "id_test").write_text(OWN_FILE)
        with (quizzes / "nbgrader_config.py").open("a") as settings:
            settings.write("\nc.Execute.timeout = 4\nc.ExecuteInSandbox.memory = 2**30\n")
        bystander = subprocess.Popen([*teacher.prefix(), "sleep", "600"], start_new_session=True)
        stack.callback(os.killpg, bystander.pid, signal.SIGKILL)
        before = [sys.executable, "-c", WITH_TICKET]
        said = {}

        def teaches(name, *command):
            said[name] = teacher.run(*command, cwd=quizzes)

        stack.enter_context(teacher.at_work(before=before))
        teaches("doctor", "rollout-lab", "doctor")
        teaches("generate", "nbgrader", "generate_assignment", QUIZ)
        teaches("release", "nbgrader", "release_assignment", QUIZ)
        for student in students:
            stack.enter_context(student.at_work(["nbgrader.apps"]))
            (student.home / "nbgrader_config.py").write_text(STUDENT)
            student.run("nbgrader", "fetch_assignment", QUIZ, cwd=student.home)
            fill_in(student.home / QUIZ / f"{QUIZ}.ipynb", right)
            said[f"submit {student.name}"] = student.run("nbgrader", "submit", QUIZ, cwd=student.home)
        teaches("collect", "nbgrader", "collect", QUIZ)
        released = quizzes / "release" / QUIZ / f"{QUIZ}.ipynb"
        moodle = tmp_path_factory.mktemp("moodle") / "handed_in.ipynb"
        shutil.copy(released, moodle)
        fill_in(moodle, right)
        pack(
            teacher.home / "moodle.zip",
            [(moodle_name("Ada Lovelace", 31, f"{QUIZ}.ipynb"), moodle.read_bytes())],
        )
        teaches("collect moodle", "rollout-lab", "collect", str(teacher.own(teacher.home / "moodle.zip")))
        ids = {each.name for each in (quizzes / "submitted").iterdir()} - {each.name for each in students}
        rings = teacher.home / "keyrings"
        meant = {
            "RIGHT": right["softmax"],
            "COURSE": str(quizzes),
            "QUIZ": QUIZ,
            "PORT": "9",
            "HOME": str(teacher.home),
            "EXCHANGE": str(teacher.home.parent / "exchange"),
            "LIBRARY": np.__file__,
            "BYSTANDER": str(_under(bystander.pid, "sleep")),
            "KEYRINGS": rings.read_text().strip() if rings.exists() else "[]",
        }
        for hostile in HOSTILE:
            code = hostile["code"]
            for word, meaning in meant.items():
                code = code.replace(word, meaning)
            folder = quizzes / "submitted" / hostile["name"] / QUIZ
            folder.mkdir(parents=True)
            shutil.copy(released, folder)
            fill_in(folder / released.name, right | {"softmax": code})
        teacher.own(teacher.home)
        teaches("grade", "rollout-lab", "grade", QUIZ)
        said["bystander"] = bystander.poll()
        teaches("report", "rollout-lab", "report", QUIZ)
        (quizzes / "gradebook.csv").write_text(MOODLE)
        teacher.own(quizzes / "gradebook.csv")
        teaches("scores", "rollout-lab", "scores", QUIZ, "gradebook.csv")
        for student in students:
            teaches("feedback", "nbgrader", "generate_feedback", QUIZ, f"--student={student.name}")
            teaches("release feedback", "nbgrader", "release_feedback", QUIZ, f"--student={student.name}")
            student.run("nbgrader", "fetch_feedback", QUIZ, cwd=student.home)
        teaches("export", "nbgrader", "export")
        with (quizzes / f"grading-{QUIZ}.csv").open() as file:
            table = {row["student"]: row for row in csv.DictReader(file)}
        yield teacher, students, quizzes, said, table, ids


def _under(pid: int, name: str) -> int:
    """The process of this name that a wrapper has started, or that process itself."""
    family = psutil.Process(pid), *psutil.Process(pid).children(recursive=True)
    return next(each.pid for each in family if each.name() == name)


def test_nobody_on_this_road_is_root(road):
    _teacher, students, quizzes, *_ = road
    owners = [(quizzes / "gradebook.db").stat().st_uid] + [
        (each.home / QUIZ / "feedback").stat().st_uid for each in students
    ]
    assert 0 not in owners
    if os.getuid() == 0:
        assert len({*owners}) == len(owners) == 3


def test_the_doctor_finds_nothing_to_mend(road):
    *_, said, _table, _ids = road
    assert "Nothing to mend." in said["doctor"]
    assert "bubblewrap works" in said["doctor"]


def test_what_students_hand_in_through_the_exchange_earns_its_points(road):
    _teacher, students, *_, table, _ids = road
    for student in students:
        row = table[student.name]
        assert (row["score"], row["notes"]) == (row["max_score"], ""), row


def test_what_moodle_collected_earns_its_points_and_goes_back_into_its_worksheet(road):
    _teacher, _students, quizzes, _said, table, ids = road
    (ada,) = ids
    assert float(table[ada]["score"]) == float(table[ada]["max_score"]) > 0
    with (quizzes / f"gradebook.{QUIZ}.csv").open(encoding="utf-8") as file:
        grades = {row["Full name"]: row["Grade"] for row in csv.DictReader(file)}
    assert float(grades["Ada Lovelace"].replace(",", ".")) == float(table[ada]["score"])


def test_each_student_fetches_their_own_page(road):
    _teacher, students, *_ = road
    for student in students:
        (page,) = (student.home / QUIZ / "feedback").rglob("*.html")
        assert page.stat().st_uid == student.home.stat().st_uid
        assert "softmax" in page.read_text("utf-8")


def test_report_and_export_work(road):
    _teacher, students, quizzes, said, *_ = road
    assert f"report-{QUIZ}.html" in said["report"]
    assert all(each.name in (quizzes / "grades.csv").read_text() for each in students)


@pytest.mark.parametrize("hostile", HOSTILE, ids=[each["name"] for each in HOSTILE])
def test_a_hostile_submission_gets_no_further_than_under_root(road, course, hostile):
    _teacher, _students, quizzes, _said, table, _ids = road
    row = table[hostile["name"]]
    lost = course.points("softmax") * (1 - hostile.get("score", 1))
    assert float(row["score"]) == float(row["max_score"]) - lost, row["notes"]
    if hostile.get("note") != "":
        assert hostile["note"] in row["notes"] if "note" in hostile else not row["notes"]
    shown = outputs(read(quizzes / "autograded" / hostile["name"] / QUIZ / f"{QUIZ}.ipynb"))
    assert hostile.get("seen", "") in shown
    for secret in (TICKET, OWN_FILE, "SQLite format", "FOUND", "WRITTEN", "REACHED", "_ses", "_uid"):
        assert secret not in shown.replace(json.dumps(hostile["code"]), "")


def test_no_process_of_the_teacher_s_is_touched_and_none_is_left(road):
    teacher, _students, _quizzes, said, *_ = road
    assert said["bystander"] is None
    running = subprocess.run(
        ["ps", "-u", str(teacher.uid), "-o", "args"], capture_output=True, text=True
    ).stdout
    assert "rollout_lab.classroom.sandbox.worker" not in running
