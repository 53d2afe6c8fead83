"""The student bundle: what is in it, that no key is, and that a student can work with it and nothing else."""

import functools
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from packaging.requirements import Requirement

from rollout_lab.classroom.build.bank import load_course, option_orders
from rollout_lab.classroom.build.private import class_course
from rollout_lab.classroom.build.quizzes import sealed_keys
from rollout_lab.classroom.build.repository import build_all
from rollout_lab.classroom.build.student_bundle import bundle
from rollout_lab.classroom.nbgrader_course import CourseError
from rollout_lab.quiz.schema import BreakIt, Exercise, Question

from ...test_house import CONDA_NAMES, requirements
from ...test_wheel import squeezed
from ..nbgrader_class import ROOT, Classroom, read
from .test_private import PRIVATE, QUIZ, private_quizzes

LIBRARY = squeezed(" ".join(path.read_text("utf-8") for path in (ROOT / "rollout_lab").rglob("*.py")))


@pytest.fixture(scope="module", params=["public", "private"])
def course_folder(request, tmp_path_factory):
    """A clone in which two quizzes are generated and a class has handed in, without or with private keys."""
    folder = tmp_path_factory.mktemp(request.param)
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("course", "docs/pictures", "rollout_lab"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for path in ROOT.iterdir():
        if path.is_file() and path.name != ".git":
            shutil.copy(path, folder)
    private_quizzes(folder)
    shutil.copytree(ROOT / "quizzes" / "self_check", folder / "quizzes" / "self_check")
    if request.param == "public":
        (folder / "quizzes" / "private.yml").unlink()
    classroom = Classroom(folder)
    if request.param == "private":  # what is committed is built
        build_all(folder)
    for assignment in class_course(classroom.course).assignments[:2]:
        classroom.release(assignment.name)
    submitted = classroom.course / "submitted" / "ada" / QUIZ
    shutil.copytree(classroom.course / "release" / QUIZ, submitted)
    (submitted / "answers of ada.txt").write_text("B", "utf-8")
    return folder


@pytest.fixture(scope="module")
def archive(course_folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("bundle") / "bundle.zip"
    bundle(course_folder, path)
    return path


def files_in(content: bytes) -> dict[str, bytes]:
    """Every file of an archive by name, and every file of the archives in it."""
    files = {}
    with ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            files[name] = archive.read(name)
            if name.endswith((".whl", ".npz")):
                files |= {f"{name}/{inner}": data for inner, data in files_in(files[name]).items()}
    return files


def strings(value) -> list[str]:
    """Every text in a notebook, whatever it is the name or the value of; the lines of a cell as one text."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in strings(part)]
    if isinstance(value, list):
        whole = ["".join(value)] if value and all(isinstance(part, str) for part in value) else []
        return [*whole, *(text for part in value for text in strings(part))]
    return [str(value)]


def text_of(name: str, content: bytes) -> str:
    text = content.decode("utf-8", "replace")
    if name.endswith((".ipynb", ".toml")):
        text = "\n".join(strings((json if name.endswith(".ipynb") else tomllib).loads(text)))
    return squeezed(text)


def secrets_of(course) -> dict[str, str]:
    """What of the graded items no student may find, by what it is."""
    secrets = {}
    for assignment in course.assignments:
        for kind in ("options", "self_check"):
            keys = sealed_keys(course, assignment, option_orders(course, course.seeds[kind]))
            for item, sealed in keys.items():
                secrets |= {
                    f"{item}: key, part {n}": sealed[n : n + 60] for n in range(0, len(sealed) - 60, 100)
                }
    breaks = [item for item in course.items.values() if isinstance(item, BreakIt)]
    shown = {(item.function, item.plays) for item in breaks}
    for item in course.items.values():
        secrets[f"{item.id}: explanation"] = item.explanation
        if isinstance(item, Question):
            beliefs = [option.misconception for option in item.options if option.misconception]
            beliefs = [belief for belief in beliefs if belief.name]
        elif isinstance(item, BreakIt):
            beliefs = item.misconceptions
            secrets |= {f"{item.id}: solution {each}": each for each in item.solutions}
        else:
            beliefs = item.misconceptions
            secrets[f"{item.id}: reference"] = item.reference
            for line in item.reference.splitlines():
                if len(line.strip()) >= 25 and squeezed(line) not in LIBRARY:
                    secrets[f"{item.id}: line {line.strip()}"] = line
            for number, probe in enumerate(item.probes):
                if len(probe.arguments) >= 15:
                    secrets[f"{item.id}: probe {number}"] = probe.arguments
        for belief in beliefs:
            secrets[f"{item.id}: diagnosis of {belief.name}"] = belief.diagnosis
            if isinstance(item, Exercise) and (item.id, belief.name) not in shown:
                secrets[f"{item.id}: code of {belief.name}"] = belief.code
    return {what: squeezed(secret) for what, secret in secrets.items()}


@functools.cache
def secrets_of_the_bank() -> dict[str, str]:
    return secrets_of(load_course(ROOT / "quizzes" / "bank"))


@functools.cache
def secrets_and_questions(quizzes: Path) -> tuple[dict[str, str], set[str]]:
    """The secrets of the public course and of the one by which this class is graded, and the questions."""
    course, own = class_course(quizzes), {}
    if (quizzes / "private.yml").exists():
        own = {f"{what}, seeds {course.seeds}": secret for what, secret in secrets_of(course).items()}
    questions = {item.id for item in course.items.values() if isinstance(item, Question)}
    return secrets_of_the_bank() | own, questions


def leaks(quizzes: Path, files: dict[str, bytes]) -> list[tuple[str, str]]:
    """What the files give away of the public items and of the ones by which this class is graded."""
    secrets, questions = secrets_and_questions(quizzes)
    assert len(secrets) > 300
    letter = re.compile(rf"""\b(?:answer_)?(?:{"|".join(questions)})["']?\s*[:=]\s*["']*[A-H]\b""")
    marks = re.compile(r"### (?:BEGIN|END) (?:SOLUTION|HIDDEN TESTS)")
    found = []
    for name, content in files.items():
        text = text_of(name, content)
        found += [(name, what) for what, secret in secrets.items() if secret in text]
        if not name.endswith((".npz", ".npy", ".whl")):
            found += [(name, match.group()) for match in letter.finditer(text)]
        if name.endswith(".ipynb"):
            found += [(name, match.group()) for match in marks.finditer(text)]
    return found


def test_the_bundle_holds_what_a_student_needs_and_nothing_else(archive):
    names = {name.removeprefix("attention-rollout/") for name in ZipFile(archive).namelist()}
    lessons = {f"course/{path.name}" for path in (ROOT / "course").glob("*.ipynb")}
    assert len(lessons) == 8
    assert names == lessons | {
        "course/cheat_sheet.html",
        *("README.md", "LICENSE", "LICENSE-CONTENT", "NOTICE", "constraints.txt", "environment.yml"),
        "rollout_lab-0.2.0-py3-none-any.whl",
        "quizzes/hand_in/quiz1_single_layer_attention.ipynb",
        "quizzes/hand_in/quiz2_matrix_product.ipynb",
    }


def test_the_quizzes_in_it_are_the_ones_that_nbgrader_released(course_folder, archive):
    released = course_folder / "quizzes" / "release" / QUIZ / f"{QUIZ}.ipynb"
    assert ZipFile(archive).read(f"attention-rollout/quizzes/hand_in/{QUIZ}.ipynb") == released.read_bytes()
    own = "Row 3 of a rollout matrix" in released.read_text("utf-8")
    assert own == (course_folder / "quizzes" / "private.yml").exists()


def test_no_file_in_the_bundle_holds_anything_of_a_key(course_folder, archive):
    files = files_in(archive.read_bytes())
    assert len(files) > 150  # The wheel's own files are among them, and what its data files hold.
    assert leaks(course_folder / "quizzes", files) == []


def test_the_search_finds_what_a_key_would_leave(course_folder):
    quizzes = course_folder / "quizzes"
    source = quizzes / ("private_source" if (quizzes / "private.yml").exists() else "source")
    kept = [*source.rglob("*.ipynb"), *(quizzes / "self_check").glob("*.ipynb"), *quizzes.glob("bank/*.toml")]
    assert len(kept) == 3 + 3 + 29
    for path in kept:
        assert leaks(quizzes, {path.name: path.read_bytes()}) or path.name == "course.toml", path
    for text in ('answer_q3 = "B"', '{"q3": "B"}', "q3: B"):
        hidden = {"cells": [{"metadata": {"note": [text]}}]}
        assert leaks(quizzes, {"a.ipynb": json.dumps(hidden).encode()}), text


def test_the_same_course_makes_the_same_bundle(course_folder, archive, tmp_path):
    again = tmp_path / "again.zip"
    bundle(course_folder, again)
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(archive.read_bytes()).digest()


def test_its_documents_name_the_files_that_are_there(archive):
    with ZipFile(archive) as opened:
        readme = opened.read("attention-rollout/README.md").decode()
        environment = yaml.safe_load(opened.read("attention-rollout/environment.yml"))
    wheel = "rollout_lab-0.2.0-py3-none-any.whl"
    assert f'python -m pip install -c constraints.txt "./{wheel}[lab]"' in readme
    assert "- `quiz1_single_layer_attention.ipynb`\n- `quiz2_matrix_product.ipynb`\n" in readme
    *packages, own = environment["dependencies"]
    assert own == {"pip": [f"./{wheel}"]}
    names = {Requirement(package).name for package in packages}
    asked = {CONDA_NAMES.get(each.name, each.name) for each in requirements("flow", "lab")}
    assert names == asked | {"python", "pip"}
    assert not re.search("WHEEL|QUIZZES", readme)


@pytest.mark.parametrize("course_folder", ["private"], indirect=True)
def test_what_is_not_released_or_out_of_date_is_refused(course_folder, tmp_path):
    quizzes = course_folder / "quizzes"
    (quizzes / "private.yml").write_text(PRIVATE.replace("softmax: 4", "softmax: 5"), "utf-8")
    with pytest.raises(CourseError, match=r"is not what its items make by now. Run: rollout-lab build"):
        bundle(course_folder, tmp_path / "bundle.zip")
    build_all(course_folder)
    with pytest.raises(CourseError, match=rf"older than its source[\s\S]*generate_assignment {QUIZ} --force"):
        bundle(course_folder, tmp_path / "bundle.zip")
    (quizzes / "release").rename(quizzes / "released before")
    with pytest.raises(CourseError, match=rf"no quiz is released. .*generate_assignment {QUIZ}$"):
        bundle(course_folder, tmp_path / "bundle.zip")
    assert not (tmp_path / "bundle.zip").exists()


def test_a_student_works_with_the_bundle_alone(archive, tmp_path):
    with ZipFile(archive) as opened:
        opened.extractall(tmp_path)
    folder = tmp_path / "attention-rollout"
    environment = folder / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def run(*command, cwd=folder):
        done = subprocess.run([str(c) for c in command], cwd=cwd, env=clean, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    # Other packages come from here, so that nothing is downloaded; the clone stays out of sight.
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (wheel,) = folder.glob("*.whl")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel)
    run(python.parent / "rollout-lab", "start", "--no-lab")

    mine = folder / "my-course"
    assert {path.name for path in mine.glob("*.ipynb")} == {
        path.name for path in (folder / "course").glob("*.ipynb")
    }
    assert sorted(path.name for path in (mine / "hand_in").iterdir()) == [
        "quiz1_single_layer_attention.ipynb",
        "quiz2_matrix_product.ipynb",
    ]
    execute = (
        "import sys, nbformat, nbclient, rollout_lab\n"
        "assert rollout_lab.__file__.startswith(sys.prefix), rollout_lab.__file__\n"
        "for path in sys.argv[1:]:\n"
        "    notebook = nbformat.read(path, as_version=4)\n"
        "    blank = 'hand_in' in path\n"
        "    nbclient.NotebookClient(notebook, kernel_name='python3', allow_errors=blank).execute()\n"
        "    nbformat.write(notebook, path)\n"
    )
    quiz = mine / "hand_in" / f"{QUIZ}.ipynb"
    run(python, "-c", execute, mine / "00_start_here.ipynb", quiz, cwd=mine)
    errors = [
        output["evalue"]
        for cell in read(quiz)["cells"]
        for output in cell.get("outputs", [])
        if output["output_type"] == "error"
    ]
    assert len(errors) >= 5
    assert all("not answered yet" in error or "not written yet" in error for error in errors), errors
