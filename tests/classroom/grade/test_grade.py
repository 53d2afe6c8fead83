"""rollout-lab grade on a class: what is graded, what is kept, what is told."""

import contextlib
import errno
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from nbformat import ValidationError

from rollout_lab.classroom import limits
from rollout_lab.classroom.grade import assignment as grading
from rollout_lab.classroom.grade.assignment import summary
from rollout_lab.classroom.grade.autograder import place_of
from rollout_lab.classroom.nbgrader_course import CourseError, GradebookError, NbgraderCourse
from rollout_lab.classroom.sandbox import bubblewrap
from rollout_lab.classroom.sandbox.bubblewrap import SandboxError
from rollout_lab.classroom.sandbox.protocol import message_line
from rollout_lab.classroom.sandbox.runner import Cell, Job, Limits, Transcript
from rollout_lab.cli import main
from rollout_lab.quiz import key
from rollout_lab.quiz.key import key_in

from ...needs import no_sandbox
from ..nbgrader_class import Classroom, grade, grade_flags, read, right_answers, run, sources

QUIZ = "quiz1_single_layer_attention"


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A course in which quiz 1 is released and nobody has handed in anything."""
    classroom = Classroom(tmp_path_factory.mktemp("released"))
    classroom.release(QUIZ)
    return classroom


@pytest.fixture
def classroom(released, tmp_path):
    """A copy of that course, for one test."""
    return released.copy_to(tmp_path)


@pytest.fixture(scope="module")
def right(course, keys):
    return right_answers(course, keys, QUIZ)


def graded(done: grading.GradedClass) -> list[str]:
    return [each.student for each in done.now]


def grade_with(player, classroom: Classroom, **options) -> grading.GradedClass:
    """Grade the class with a function of a test's own in the place of the sandbox."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grading, "run_submission", player)
        return grade(classroom.course, QUIZ, **options)


def command(classroom: Classroom, *arguments: str) -> list[str]:
    """The arguments of `rollout-lab` that grade the class."""
    return ["grade", QUIZ, "--course", str(classroom.course), *grade_flags(), *arguments]


def test_what_is_up_to_date_is_not_graded_again(classroom, right):
    for student in ("ada", "bob", "cyd"):
        classroom.lay_submission(student, QUIZ, right)
    assert graded(grade(classroom.course, QUIZ, students=["bob"])) == ["bob"]
    done = grade(classroom.course, QUIZ)
    assert (graded(done), done.up_to_date) == (["ada", "cyd"], 1)
    assert graded(grade(classroom.course, QUIZ)) == []
    assert graded(grade(classroom.course, QUIZ, students=["ada"], force=True)) == ["ada"]


def test_what_has_changed_is_graded_again_and_the_change_is_told(classroom, right, course):
    classroom.lay_submission("ada", QUIZ, right)
    classroom.lay_submission("bob", QUIZ, right)
    grade(classroom.course, QUIZ)
    classroom.lay_submission("ada", QUIZ, {**right, "softmax": "def softmax(scores):\n    return scores"})
    (ada,) = grade(classroom.course, QUIZ).now
    assert (ada.student, ada.changes) == ("ada", [f"test_softmax: {course.points('softmax'):g} → 0"])
    assert classroom.scores(QUIZ, "ada")["softmax"] == 0


@pytest.mark.parametrize("lost", ["autograded", "gradebook.db", f"grading-{QUIZ}.csv"])
def test_what_is_lost_is_graded_again(classroom, right, lost):
    classroom.lay_submission("ada", QUIZ, right)
    grade(classroom.course, QUIZ)
    path = classroom.course / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    if lost == "gradebook.db":
        classroom.must(classroom.api.generate_assignment(QUIZ))
    assert graded(grade(classroom.course, QUIZ)) == ["ada"]


def test_a_new_version_of_the_assignment_is_graded_again(classroom, right):
    classroom.lay_submission("ada", QUIZ, right)
    grade(classroom.course, QUIZ)
    source = classroom.course / "source" / QUIZ / f"{QUIZ}.ipynb"
    notebook = read(source)
    statement = next(cell for cell in notebook["cells"] if "statement_q1" in str(cell["metadata"]))
    statement["source"] = ["Another wording"]
    source.write_text(json.dumps(notebook), "utf-8")
    classroom.must(classroom.api.generate_assignment(QUIZ))
    assert graded(grade(classroom.course, QUIZ)) == ["ada"]


def test_scores_and_comments_given_by_hand_stay(classroom, right):
    classroom.lay_submission("ada", QUIZ, {**right, "softmax": "def softmax(scores):\n    return scores"})
    grade(classroom.course, QUIZ)
    with classroom.api.gradebook as gradebook:
        gradebook.find_grade("test_softmax", QUIZ, QUIZ, "ada").manual_score = 1.5
        gradebook.find_comment("softmax", QUIZ, QUIZ, "ada").manual_comment = "Nearly."
        gradebook.db.commit()
    classroom.lay_submission("ada", QUIZ, right)
    (ada,) = grade(classroom.course, QUIZ).now
    assert ada.changes == ["test_softmax: 0 → 2 (your own 1.5 counts)"]
    with classroom.api.gradebook as gradebook:
        assert gradebook.find_grade("test_softmax", QUIZ, QUIZ, "ada").score == 1.5
        assert gradebook.find_comment("softmax", QUIZ, QUIZ, "ada").comment == "Nearly."


def test_late_penalties_are_nbgrader_s(classroom, right):
    with (classroom.course / "nbgrader_config.py").open("a") as settings:
        settings.write(
            "\nfrom nbgrader.plugins import LateSubmissionPlugin\n"
            "class HalfAPoint(LateSubmissionPlugin):\n"
            "    def late_submission_penalty(self, student, score, seconds): return 0.5\n"
            "c.AssignLatePenalties.plugin_class = HalfAPoint\n"
        )
    with classroom.api.gradebook as gradebook:
        gradebook.update_or_create_assignment(QUIZ, duedate="2026-01-01 12:00:00 UTC")
    path = classroom.lay_submission("late", QUIZ, right)
    (path.parent / "timestamp.txt").write_text("2026-01-02 12:00:00 UTC")
    (late,) = grade(classroom.course, QUIZ).now
    assert late.score == late.max_score - 0.5


def test_a_submission_that_cannot_be_graded_is_named_and_stops_no_other(classroom, right):
    classroom.lay_submission("ada", QUIZ, right)
    classroom.lay_submission("broken", QUIZ, right).write_text("{", "utf-8")
    classroom.lay_submission("empty", QUIZ, right).unlink()
    (classroom.course / "submitted" / "linked" / QUIZ).mkdir(parents=True)
    neighbour = classroom.course / "submitted" / "ada" / QUIZ / f"{QUIZ}.ipynb"
    (classroom.course / "submitted" / "linked" / QUIZ / neighbour.name).symlink_to(neighbour)
    classroom.lay_submission("zoe", QUIZ, right)
    done = grade(classroom.course, QUIZ)
    notes = {each.student: " ".join(each.notes) for each in done.now}
    scores = {each.student: each.score for each in done.now}
    for student in ("broken", "empty", "linked"):
        assert scores[student] is None
        assert notes[student].startswith("NOT GRADED: ")
        assert f"{student}: NOT GRADED" in summary(done)
    assert f"{QUIZ}.ipynb could not be taken" in notes["linked"]
    assert f"links to other files are not followed: {QUIZ}.ipynb" in notes["linked"]
    assert scores["ada"] == scores["zoe"] == done.now[0].max_score
    table = done.table.read_text("utf-8")
    assert table.count("NOT GRADED") == 3
    assert graded(grade(classroom.course, QUIZ)) == ["broken", "empty", "linked"]


def test_files_beside_the_notebook_are_there_when_it_runs(classroom, right):
    path = classroom.lay_submission("ada", QUIZ, {**right, "softmax": "from helpers import softmax"})
    (path.parent / "helpers.py").write_text(f"import numpy as np\n{right['softmax']}")
    (ada,) = grade(classroom.course, QUIZ).now
    assert ada.score == ada.max_score


def test_no_key_goes_into_the_sandbox(classroom, course):
    notebook = read(classroom.course / "source" / QUIZ / f"{QUIZ}.ipynb")
    keys = [
        each
        for name, text in sources(notebook).items()
        if name.startswith("test_") and (each := key_in(text))
    ]
    assert len(keys) == 8
    for each in keys:
        sent = message_line(Job((place_of(each, "test"),))).decode()
        assert "expected" not in sent
        assert each.explanation[:30] not in sent
        for belief in getattr(each, "misconceptions", []):
            assert belief.name not in sent


def test_a_key_of_a_newer_library_leaves_the_hand_in_ungraded_and_says_why(classroom, right, monkeypatch):
    classroom.lay_submission("ada", QUIZ, right)
    monkeypatch.setattr(key, "VERSION", key.VERSION - 1)
    key_in.cache_clear()
    (ada,) = grade(classroom.course, QUIZ).now
    key_in.cache_clear()
    assert ada.score is None
    assert ada.notes[0].startswith("NOT GRADED: the key of ")
    assert f"is of version {key.VERSION + 1}, and this rollout_lab reads keys up to" in ada.notes[0]
    assert "Update rollout_lab" in ada.notes[0]


def test_without_bubblewrap_nothing_is_run_until_the_instructor_says_so(
    classroom, right, course, monkeypatch
):
    classroom.lay_submission("ada", QUIZ, right)
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: None)
    with pytest.raises(CourseError, match=r"apt install bubblewrap[\s\S]*--unsafe-without-sandbox"):
        grading.grade(classroom.course, QUIZ)
    assert not (classroom.course / "autograded").exists()
    (ada,) = grading.grade(classroom.course, QUIZ, sandboxed=False).now
    assert ada.score == ada.max_score
    assert ada.notes == []


def test_an_assignment_or_a_student_that_is_not_there_is_named(classroom, tmp_path):
    with pytest.raises(CourseError, match="nbgrader generate_assignment quiz9"):
        grade(classroom.course, "quiz9")
    with pytest.raises(CourseError, match="nothing was submitted to"):
        grade(classroom.course, QUIZ)
    with pytest.raises(CourseError, match=r"no nbgrader_config.py.*--course"):
        grade(tmp_path, QUIZ)


def test_settings_that_do_not_run_are_named_and_not_passed_over(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("import no_such_module")
    with pytest.raises(CourseError, match=r"nbgrader_config.py does not run: .*no_such_module"):
        grade(tmp_path, QUIZ)


def lines(table: Path) -> list[str]:
    return table.read_text("utf-8").splitlines() if table.exists() else []


def sandboxes_of(process: subprocess.Popen) -> list[psutil.Process]:
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # it may have ended by now
            found += [child] if child.name() == "bwrap" else []
    return found


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_what_was_graded_before_an_interruption_stays_and_the_rest_is_graded_next(classroom, right, how):
    slow = {**right, "q1": f"import time\ntime.sleep(1.5)\nanswer_q1 = {right['q1']!r}"}
    for number in range(6):
        classroom.lay_submission(f"s{number}", QUIZ, slow)
    table = classroom.course / f"grading-{QUIZ}.csv"
    rollout_lab = [sys.executable, "-m", "rollout_lab.cli"]
    process = subprocess.Popen(
        [*rollout_lab, *command(classroom, "--jobs", "2")],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests in the background ignore it
    )
    until = time.monotonic() + 120
    sandboxes: list[psutil.Process] = []
    while len(lines(table)) <= 2 or not (sandboxes or no_sandbox()):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.05)
        sandboxes = sandboxes_of(process)
    process.send_signal(how)
    assert process.wait(60) == (130 if how == signal.SIGINT else -signal.SIGKILL)
    psutil.wait_procs(sandboxes, timeout=10)
    assert [p.pid for p in sandboxes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []
    before = {line.split(",")[0] for line in lines(table)[1:]}
    assert 1 <= len(before) < 6
    done = grade(classroom.course, QUIZ)
    assert set(graded(done)) == {f"s{number}" for number in range(6)} - before
    for number in range(6):
        assert sum(classroom.scores(QUIZ, f"s{number}").values()) == done.now[0].max_score


def test_the_command_tells_what_it_did(classroom, right, commands):
    classroom.lay_submission("ada", QUIZ, {**right, "softmax": "import os\nos._exit(0)"})
    classroom.lay_submission("broken", QUIZ, right).write_text("", "utf-8")
    run = commands.run("rollout-lab", *command(classroom), cwd=classroom.course)
    assert run.returncode == 1
    assert "1 graded, 1 not graded, 0 up to date before." in run.stdout
    assert "ada: softmax was left out: it ended the notebook's process" in run.stdout
    assert "broken: NOT GRADED" in run.stdout
    assert f"grading-{QUIZ}.csv" in run.stdout
    assert "2/2" in run.stderr
    assert "Warning" not in run.stderr


def test_students_may_be_named_behind_an_option_and_stderr_be_closed(classroom, right, monkeypatch, capsys):
    for student in ("ada", "bob", "cyd"):
        classroom.lay_submission(student, QUIZ, right)
    monkeypatch.setattr(sys, "stderr", None)
    assert main(command(classroom, "--force", "ada", "bob")) == 0
    assert "2 graded" in capsys.readouterr().out
    assert sorted(path.name for path in (classroom.course / "autograded").iterdir()) == ["ada", "bob"]


@pytest.mark.needs("bubblewrap")
def test_a_user_who_is_not_root_has_the_same_walls(monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    code = "import os\nprint(len(os.listdir('/root')), os.path.exists('/root/.bashrc'))"
    fork = "import os, time\nfor _ in range(200):\n    if not os.fork(): time.sleep(60)"
    record = run(Job((Cell("code", "a", code), Cell("code", "b", fork), Cell("code", "c", "1 + 1"))))
    assert "False" in record.outputs[0][0]["text"]
    assert record.outputs[2][0]["data"] == {"text/plain": "2"}


def test_a_notebook_shows_what_a_kernel_shows():
    cells = [
        "print('a')\nimport sys\nprint('b', file=sys.stderr)\nprint('c')\n1 + 1",
        "from IPython.display import display\ndisplay('shown')\nprint('printed')\n'result'",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nNone",
        "import asyncio\nawait asyncio.sleep(0)\n_ = 3",
        "1 / 0",
        "def f(:",
        "input()",
        "!echo from a shell",
    ]
    record = run(Job(tuple(Cell("code", f"cell {n}", source) for n, source in enumerate(cells))))
    kinds = [[output.get("name", output["output_type"]) for output in record.outputs[n]] for n in range(8)]
    assert kinds[0] == ["stdout", "stderr", "stdout", "execute_result"]
    assert kinds[1] == ["display_data", "stdout", "execute_result"]
    assert kinds[2] == ["display_data"]
    assert set(record.outputs[2][0]["data"]) == {"text/plain", "image/png"}
    assert kinds[3] == []
    assert [record.outputs[n][-1]["ename"] for n in (4, 5, 6)] == [
        "ZeroDivisionError",
        "SyntaxError",
        "EOFError",
    ]
    assert "from a shell" in record.outputs[7][0]["text"]
    assert record.counts == {n: n + 1 for n in range(8)}


def test_a_letter_is_read_as_the_notebook_left_it():
    given = ["answer_q = 'b)'", "answer_q = 3", "answer_q = None", "del answer_q", "answer_q = 9**9**6"]
    cells = [cell for code in given for cell in (Cell("code", "a", code), Cell("choice", "t", item="q"))]
    assert run(Job(tuple(cells))).answers == {
        1: "b)",
        3: "3",
        5: None,
        7: None,
        9: "something that is no text",
    }


def test_processes_that_together_take_too_much_memory_are_ended():
    hoard = "import os, time\nfor _ in range(4):\n    if not os.fork():\n        hoard = b'x' * 400_000_000\n"
    hoard += "        time.sleep(300)\ntime.sleep(300)"
    cells = (Cell("code", "hoard", hoard), Cell("code", "next", "1"))
    record = run(Job(cells, limits=Limits(cell_seconds=200, memory=2**30)))
    assert record.notes == ["hoard was left out: it took too much memory"]
    assert record.outputs[1][0]["data"]["text/plain"] == "1"


def test_a_notebook_that_takes_too_long_as_a_whole_is_ended():
    quick, slow = Cell("code", "quick", "1"), Cell("code", "slow", "import time\ntime.sleep(1000)")
    record = run(Job((quick, slow, quick), limits=Limits(cell_seconds=2000, total_seconds=3)))
    assert "the notebook was not played to its end" in record.notes


def test_what_is_left_out_of_a_hand_in_costs_nothing_and_is_told(classroom, right):
    uses_helper = {**right, "softmax": "from helper import softmax"}
    for student in ("large", "links", "many"):
        folder = classroom.lay_submission(student, QUIZ, uses_helper).parent
        (folder / "helper.py").write_text(f"import numpy as np\n{right['softmax']}")
    submitted = classroom.course / "submitted"
    with (submitted / "large" / QUIZ / "a.bin").open("wb") as file:
        file.truncate(17 * 2**20)
    (submitted / "large" / QUIZ / "left-out.txt").write_text("b.zip is encrypted\n")
    for number in range(3000):
        (submitted / "links" / QUIZ / f"link{number}").symlink_to("/etc/passwd")
    (submitted / "links" / QUIZ / "timestamp.txt").write_text("yesterday")
    (submitted / "many" / QUIZ / "data").mkdir()
    for number in range(1000):
        (submitted / "many" / QUIZ / "data" / f"{number:04}").touch()
    done = grade(classroom.course, QUIZ)
    assert [each.score for each in done.now] == [each.max_score for each in done.now]
    large, links, many = (" / ".join(each.notes) for each in done.now)
    assert "left-out.txt says: b.zip is encrypted" in large
    assert ": a.bin" in large
    assert "link0, link1, link10, link100, link1000 and 2995 more" in links
    assert "timestamp.txt tells no time" in links
    assert many.endswith("and 497 more")
    page = read(classroom.course / "autograded" / "large" / QUIZ / f"{QUIZ}.ipynb")["cells"][0]["source"]
    assert {"b.zip is encrypted", "a.bin"} <= set(re.split(r"\n- |: ", "".join(page).replace("\\", "")))
    assert graded(grade(classroom.course, QUIZ)) == []


def test_a_student_id_may_hold_what_folders_may(classroom, right):
    students = [".hidden", " lead", "a+b", "[a]", "a*", "50%", "=1+1", "two  blanks", "x" * 200]
    for student in students:
        classroom.lay_submission(student, QUIZ, right)
    for student in ("line\nfeed", "\udcff"):
        classroom.lay_submission(student, QUIZ, right)
    done = grade_with(lambda work, stop: Transcript(), classroom)
    assert {each.student for each in done.now if each.score is not None} == set(students)
    told = summary(done)
    assert "  'line\\nfeed': NOT GRADED: nbgrader takes no id with a line feed: rename the folder" in told
    assert "  '\\udcff': NOT GRADED: no gradebook takes an id of broken letters: rename the folder" in told
    assert grade(classroom.course, QUIZ).up_to_date == len(students)


@contextlib.contextmanager
def held(classroom: Classroom, how: str):
    """The gradebook as another program holds it, which writes to it (IMMEDIATE) or lets nobody read it."""
    with (classroom.course / "nbgrader_config.py").open("a") as settings:
        url = f"sqlite:///{classroom.course}/gradebook.db?timeout=0.2"
        settings.write(f"\nc.CourseDirectory.db_url = {url!r}  # and not five seconds\n")
    path = classroom.course / "gradebook.db"
    program = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    program.execute(f"BEGIN {how}")
    yield
    program.rollback()
    program.close()


def test_a_locked_gradebook_is_told_in_a_sentence_and_nothing_is_lost(classroom, right):
    for student in ("ada", "bob", "cyd"):
        classroom.lay_submission(student, QUIZ, right)
    with held(classroom, "EXCLUSIVE"), pytest.raises(GradebookError, match=r"is locked .*close Formgrader"):
        grade(classroom.course, QUIZ)
    with contextlib.ExitStack() as stack:
        played = []

        def play_and_hold(work, stop):
            played.append(work)
            if len(played) == 2:
                stack.enter_context(held(classroom, "IMMEDIATE"))
            return run(work)

        done = grade_with(play_and_hold, classroom, jobs=1)
    assert graded(done) == ["ada"]
    assert "is locked" in done.trouble
    assert "Not graded yet: 2 of 3" in done.trouble
    again = grade(classroom.course, QUIZ)
    assert (graded(again), again.up_to_date, again.trouble) == (["bob", "cyd"], 1, "")
    assert all(each.score == each.max_score for each in again.now)


def test_the_command_says_in_a_line_why_the_gradebook_cannot_be_written(classroom, right, commands):
    classroom.lay_submission("ada", QUIZ, right)
    with held(classroom, "IMMEDIATE"):
        run = commands.run("rollout-lab", *command(classroom), cwd=classroom.course)
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert run.stderr.splitlines()[-2].startswith("rollout-lab: the gradebook ")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda path: path.write_text("hello"), "is no gradebook"),
        (lambda path: path.write_bytes(path.read_bytes()[:3000]), "is damaged"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be opened"),
    ],
    ids=["text", "cut off", "folder"],
)
def test_a_gradebook_that_is_none_is_told_in_a_sentence(classroom, spoil, told):
    spoil(classroom.course / "gradebook.db")
    with pytest.raises(GradebookError, match=told):
        NbgraderCourse(classroom.course).grade_ids()


def test_a_full_disk_ends_the_grading_and_is_no_student_s_fault(classroom, right):
    classroom.lay_submission("ada", QUIZ, right)

    def play_on_a_full_disk(work, stop):
        raise OSError(errno.ENOSPC, "No space left on device", "notebook")

    done = grade_with(play_on_a_full_disk, classroom)
    assert done.now == []
    assert "No space left on device: notebook" in done.trouble
    assert "Make room" in done.trouble
    assert graded(grade(classroom.course, QUIZ)) == ["ada"]


def test_what_was_cut_short_when_the_grading_ended_is_not_graded(classroom, right):
    classroom.lay_submission("ada", QUIZ, right)
    grade(classroom.course, QUIZ)

    def play_until_stopped(work, stop):
        stop.set()
        return Transcript()

    with pytest.raises(SandboxError, match="was stopped"):
        grade_with(play_until_stopped, classroom, force=True)
    assert classroom.scores(QUIZ, "ada")["softmax"] == 2
    assert graded(grade(classroom.course, QUIZ)) == ["ada"]


def test_what_was_killed_while_it_was_graded_again_is_graded_again(classroom, right, tmp_path):
    classroom.lay_submission("ada", QUIZ, right)
    grade(classroom.course, QUIZ)
    autograded, before = classroom.course / "autograded", tmp_path / "before"

    def kill(work, stop):
        shutil.copytree(autograded, before)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade_with(kill, classroom, force=True)
    shutil.copytree(before, autograded, dirs_exist_ok=True)  # a process that is killed takes nothing away
    assert graded(grade(classroom.course, QUIZ)) == ["ada"]


def test_a_quiz_is_graded_by_one_call_at_a_time(classroom, right):
    classroom.lay_submission("ada", QUIZ, right)
    lock = FileLock(classroom.course / f".grading-{QUIZ}.lock")
    with lock, pytest.raises(CourseError, match=r"another call .*again when it has ended"):
        grade(classroom.course, QUIZ)
    assert graded(grade(classroom.course, QUIZ)) == ["ada"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (KeyError(7), "running the notebook failed (KeyError: 7). Open the notebook in JupyterLab"),
        (AssertionError(), "running the notebook failed (AssertionError). Open"),
        (
            ValidationError("7 is no text\n\nFailed validating 'type' in ..."),
            "ValidationError: 7 is no text)",
        ),
        (PermissionError(13, "Permission denied", "/a/file"), "PermissionError: Permission denied: file)"),
        (ValueError("a\x1b[2Jb" + 300 * "x"), "(ValueError: a\\x1b[2Jbxxx"),
        (SandboxError("the walls fell"), "NOT GRADED: the walls fell"),
    ],
)
def test_whatever_goes_wrong_the_reason_is_a_sentence(classroom, right, error, told):
    classroom.lay_submission("ada", QUIZ, right)

    def fail(work, stop):
        raise error

    (ada,) = grade_with(fail, classroom).now
    assert ada.notes[0].startswith("NOT GRADED: ")
    assert told in ada.notes[0]
    assert len(ada.notes) == 1
    (again,) = grade_with(fail, classroom).now
    assert again.notes == ada.notes  # no scores were given, so none are kept


def test_notes_without_end_are_cut_and_cost_no_table(classroom, right):
    classroom.lay_submission("ada", QUIZ, right)
    notes = [f"cell {number} was stopped after its time\x1b[2J {'x' * 1000}" for number in range(20_000)]
    (ada,) = grade_with(lambda work, stop: Transcript(notes=list(notes)), classroom).now
    assert len(ada.notes) == limits.NOTES
    assert ada.notes[-1] == f"and {20_001 - limits.NOTES} more notes"
    assert max(map(len, ada.notes)) <= limits.NOTE
    assert "\x1b" not in "".join(ada.notes)
    assert grade(classroom.course, QUIZ).up_to_date == 1
