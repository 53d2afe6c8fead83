"""The instructors' guide, run as it is printed: a term's work in a clone of its own, block by block."""

import csv
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from rollout_lab.classroom import limits
from rollout_lab.classroom.sandbox.runner import Limits

from .lms.downloads import canvas_name, pack
from .nbgrader_class import ROOT, fill_in, grade_flags, right_answers

GUIDE = (ROOT / "quizzes" / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(bash|yaml)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
QUIZ = "quiz1_single_layer_attention"
CANVAS = f"""\
Student,ID,SIS User ID,SIS Login ID,Section,{QUIZ} (12)
    Points Possible,,,,,10.00
"Lovelace, Ada",1042,,ada,A,
"""


class Term:
    """A clone, an instructor's shell in it, and what students and the LMS do meanwhile."""

    def __init__(self, folder: Path, right: dict[str, str], commands):
        self.clone, self.right, self.commands = folder / "clone", right, commands
        self.here, self.entered = self.clone, ""
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        for name in tracked.decode().split("\0"):
            if (ROOT / name).is_file():
                (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, self.clone / name)
        (self.clone / ".venv").symlink_to(sys.prefix)
        self.quizzes = self.clone / "quizzes"
        self.environment = os.environ | {
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
        }
        self.environment.pop("ROLLOUT_LAB_EXCHANGE", None)

    def run(self, block: str) -> str:
        """Run a block in the shell, which stays in the folder that it went to; what it prints."""
        self._meanwhile(block)
        place = self.clone / "place"
        done = subprocess.run(
            ["bash", "-ec", f'{self.entered}\n{self._as_here(block)}\npwd > "{place}"'],
            cwd=self.here,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        self.here = Path(place.read_text().strip())
        place.unlink()
        if "activate" in block:
            # The first block has run the environment's own commands; from here on they share their imports.
            self.entered = f'source "{self.clone}/.venv/bin/activate"\n{self.commands.shell()}'
        return done.stdout + done.stderr

    def _as_here(self, block: str) -> str:
        """The block with what the guide tells an instructor to add on a machine without a sandbox."""
        if not (flags := grade_flags()):
            return block
        block = block.replace("rollout-lab doctor\n", "rollout-lab doctor || true\n")  # it finds no sandbox
        return block.replace("rollout-lab grade ", " ".join(["rollout-lab grade", *flags, ""]))

    def _meanwhile(self, block: str) -> None:
        """What has happened by the time an instructor types this."""
        if "nbgrader collect" in block:
            self._hand_in()
        if "rollout-lab collect" in block:
            answered = self._answered(self.clone / "download.ipynb")
            name = canvas_name("Lovelace, Ada", 1042, 7001, "quiz1 (2).ipynb", late=True)
            pack(self.quizzes / "submissions.zip", [(name, answered.read_bytes())])
            (self.quizzes / "gradebook.csv").write_text(CANVAS)
        if f"{QUIZ} --force\nrollout-lab grade" in block:
            plan = self.quizzes / "bank" / "course.toml"
            plan.write_text(plan.read_text().replace("[points]\n", "[points]\nsoftmax = 3\n"))

    def _answered(self, path: Path) -> Path:
        shutil.copy(self.quizzes / "release" / QUIZ / f"{QUIZ}.ipynb", path)
        fill_in(path, self.right)
        return path

    def _hand_in(self) -> None:
        """A student fetches the quiz from the exchange, answers and submits."""
        desk = self.clone.parent / "desk"
        desk.mkdir()
        exchange = f"--Exchange.root={self.quizzes / 'exchange'}"
        for step in ("fetch_assignment", "submit"):
            if step == "submit":
                fill_in(desk / QUIZ / f"{QUIZ}.ipynb", self.right)
            command = ["nbgrader", step, QUIZ, "--course=attention_rollout", exchange]
            self.commands.run(*command, cwd=desk, env=self.environment).check_returncode()

    def scores(self) -> dict[str, tuple[float, float]]:
        """Score and highest score by student, as `nbgrader export` writes them."""
        command = ["nbgrader", "export", "--to=now.csv"]
        self.commands.run(*command, cwd=self.quizzes, env=self.environment).check_returncode()
        with (self.quizzes / "now.csv").open() as file:
            rows = [row for row in csv.DictReader(file) if row["assignment"] == QUIZ]
        return {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in rows}


@pytest.fixture(scope="module")
def term(tmp_path_factory, commands, course, keys):
    """The term, played to its end: what each block printed, in order, and the clone as it is then."""
    term = Term(tmp_path_factory.mktemp("term"), right_answers(course, keys, QUIZ), commands)
    term.printed, term.seen = {}, {}
    for kind, block in BLOCKS:
        if kind == "yaml":
            (term.quizzes / "private.yml").write_text(block)
        else:
            term.printed[block] = term.run(block)
            if "rollout-lab grade" in block:
                term.seen[block] = term.scores()
    return term


def printed(term, words: str) -> str:
    """What the first block with these words printed."""
    return next(text for block, text in term.printed.items() if words in block)


def test_every_block_of_the_guide_runs_as_printed(term):
    assert len(term.printed) == sum(kind == "bash" for kind, _block in BLOCKS) >= 9
    assert term.here == term.quizzes


def test_the_term_s_grades_are_right_at_each_step(term):
    collected, from_lms, with_new_points = term.seen.values()
    (student,) = (name for name in collected if name != "bob")
    assert collected == {student: (11.0, 11.0), "bob": (0.0, 11.0)}
    (ada,) = (name for name in from_lms if name not in collected)
    assert from_lms[ada] == (11.0, 11.0)
    assert with_new_points == {student: (12.0, 12.0), ada: (12.0, 12.0), "bob": (0.0, 12.0)}
    assert "softmax: 2 → 3" in printed(term, f"{QUIZ} --force\nrollout-lab grade")


def test_the_keys_of_a_quiz_are_printed_as_the_guide_says(term, course):
    said = printed(term, "rollout_lab.quiz.read_keys")
    assert re.findall(r'^ "item": "(\w+)"', said, re.MULTILINE) == list(course.assignments[0].items)
    assert "You seem to believe that the accumulation happens inside one layer." in said


def test_due_dates_and_extensions_are_set_as_the_guide_says(term, monkeypatch):
    blocks = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    block = next(each for each in blocks if "grant_extension" in each)
    student = next(iter(term.scores().keys() - {"bob"}))
    monkeypatch.chdir(term.quizzes)
    exec(block.replace("bob", student), {})
    with Gradebook("sqlite:///gradebook.db", "attention_rollout") as gradebook:
        assert gradebook.find_assignment(QUIZ).duedate == datetime(2027, 1, 15, 17)
        assert gradebook.find_submission(QUIZ, student).duedate == datetime(2027, 1, 17, 17)
        bob = gradebook.find_student("bob")
        assert (bob.first_name, bob.last_name, bob.email) == ("Bob", "Lee", "bob@example.org")


def test_what_the_guide_promises_lies_where_it_says(term):
    for name in (
        "papers/syllabus.html",
        f"papers/{QUIZ}_key.html",
        f"report-{QUIZ}.html",
        "grades.csv",
        f"release/{QUIZ}/{QUIZ}.ipynb",
        "private_source/quiz2_matrix_product/quiz2_matrix_product.ipynb",
    ):
        assert (term.quizzes / name).is_file(), name
    filled = [path for path in term.quizzes.glob("gradebook*.csv") if path.name != "gradebook.csv"]
    assert len(filled) == 1
    assert "11" in filled[0].read_text().splitlines()[2].rsplit(",", 1)[-1]


def test_the_instructor_s_files_stay_out_of_git(term):
    subprocess.run(["git", "init", "-q"], cwd=term.clone, check=True)
    subprocess.run(["git", "add", "-A"], cwd=term.clone, check=True)
    added = subprocess.run(["git", "ls-files"], cwd=term.clone, capture_output=True, text=True, check=True)
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    own = {"download.ipynb", ".venv"}
    assert set(added.stdout.split()) - set(tracked.stdout.split()) - own == set()


def as_written(value: float) -> set[str]:
    """How the guide may write a limit."""
    megabytes = {f"{value // 2**20:,} MB"} if isinstance(value, int) and value % 2**20 == 0 else set()
    return {f"{value:,}", *megabytes}


def test_the_guide_lists_every_limit_with_its_value():
    listed = {}
    for row in re.findall(r"^\|(.*)\|$", GUIDE, re.MULTILINE):
        *_, most, _above, told, names = [""] * 4 + [cell.strip() for cell in row.split("|")]
        if names := re.findall(r"`(\w+)`", names):
            assert told
            values = [re.sub(r"( s| characters| bytes)$", "", value) for value in most.split("; ")]
            listed |= dict(zip(names, values, strict=True))
    known = {name: value for name, value in vars(limits).items() if name.isupper()} | vars(Limits())
    assert listed.keys() == known.keys()
    assert not {name: value for name, value in listed.items() if value not in as_written(known[name])}


def test_the_guide_says_where_the_commissioned_text_is_asked_and_leaves_no_item_out(course):
    _, _, table = GUIDE.partition("| the commissioned text | items | lesson |")
    names = [row.split("|")[2] for row in table.partition("\n\n")[0].splitlines()[2:-1]]
    named = sorted(each.strip("` ") for each in ",".join(names).split(","))
    assert named == sorted(item for assignment in course.assignments for item in assignment.items)
