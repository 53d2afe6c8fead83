"""Make 29276af.tar.xz by that commit's own library: in a checkout of it, after `make setup`,

.venv/bin/python PATH/OF/THIS/FILE 29276af.tar.xz
"""

import ast
import contextlib
import importlib
import inspect
import json
import os
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

CLONE = Path.cwd()
sys.path.insert(0, str(CLONE))
os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

from rollout_lab.classroom.bank import load_course, option_orders  # noqa: E402

import rollout_lab  # noqa: E402
from rollout_lab import quiz  # noqa: E402
from rollout_lab.quiz.in_lessons import practice_item, practice_names  # noqa: E402
from rollout_lab.working_copy import prepare  # noqa: E402
from tests.classroom.playing import Classroom, fill_in, right_answers  # noqa: E402
from tests.quiz.shelves import wrong_answers  # noqa: E402

COURSE = load_course(CLONE / "quizzes" / "bank")


def answers(assignment, seed, right):
    """An answer to every item: letters as this seed orders the options, and functions from the shelf."""
    orders = option_orders(COURSE, COURSE.seeds[seed])
    keys = {item: "ABCD"[order.index(COURSE.items[item].key)] for item, order in orders.items()}
    given = right_answers(COURSE, keys, assignment)
    if not right:
        for item in assignment.items:
            if item in keys:
                given[item] = next(letter for letter in "ABCD" if letter != keys[item])
            else:
                wrong = (answer for answer in wrong_answers(item) if answer.finding != "counterexample")
                given[item] = next(wrong).code
    return given


def run(path):
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, resources=where, store_widget_state=False).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # the time of day
    nbformat.write(notebook, path)


def answer_self_checks(folder):
    """Answer the copies of the self-checks: their outputs are what this commit says of the answers."""
    for kind in ("right", "wrong"):
        for assignment in COURSE.assignments:
            path = folder / kind / f"{assignment.name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            notebook = nbformat.read(CLONE / "quizzes" / "self_check" / path.name, as_version=4)
            for item, answer in answers(assignment, "self_check", kind == "right").items():
                begins = (f'answer_{item} = ""', f"def {item}(")
                (cell,) = (c for c in notebook.cells if c.cell_type == "code" and c.source.startswith(begins))
                letter = cell.source.startswith("answer_")
                cell.source = cell.source.replace('""', f'"{answer}"', 1) if letter else answer
            nbformat.write(notebook, path)
            run(path)


def answer_lessons():
    """Answer every prediction and every practice item, in the working copy that the current folder is."""
    for path in sorted(CLONE.glob("course/*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and "predict(" in cell.source:
                for call in ast.walk(ast.parse(cell.source)):
                    if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "predict":
                        widget = eval(ast.unparse(call), {"predict": quiz.predict})
                        widget.chosen = "B"
                        widget.clicks += 1
    for number, name in enumerate(practice_names()):
        item = practice_item(name)
        wrong = item.beliefs[0][0] if hasattr(item, "beliefs") else "A" if item.key != "A" else "B"
        given = wrong if number % 2 else item.key
        quiz.practice(name, list(given) if isinstance(given, tuple) else str(given))


def hand_in(folder):
    """Release the quizzes and hand each in; returns what nbgrader makes of them in a copy of the class."""
    classroom = Classroom(folder)
    for assignment in COURSE.assignments:
        classroom.release(assignment.name)
        for kind in ("right", "wrong"):
            path = classroom.course / "submitted" / kind / assignment.name / f"{assignment.name}.ipynb"
            path.parent.mkdir(parents=True)
            shutil.copy(classroom.course / "release" / assignment.name / path.name, path)
            fill_in(path, answers(assignment, "options", kind == "right"))
            with contextlib.suppress(Exception):  # a form check stops at a wrong answer
                run(path)
    graded = classroom.copy_to(folder / "graded")
    scores = {}
    for name in [assignment.name for assignment in COURSE.assignments]:
        for kind in ("right", "wrong"):
            graded.autograde(name, kind)
            path = graded.course / "autograded" / kind / name / f"{name}.ipynb"
            told = {
                cell.metadata.nbgrader.grade_id.removeprefix("test_"): cell.outputs[0].text
                for cell in nbformat.read(path, as_version=4).cells
                if cell.metadata.get("nbgrader", {}).get("grade_id", "").startswith("test_")
            }
            found = graded.scores(name, kind)
            scores.setdefault(name, {})[kind] = {item: [found[item], text] for item, text in told.items()}
    return scores


def call_forms():
    """The parameters of all functions that the packages offer or a lesson imports: [name, kind, required]."""
    offered = {
        f"{module}:{name}"
        for module in ("rollout_lab", *(f"rollout_lab.{room}" for room in rollout_lab._ROOMS))
        for name in importlib.import_module(module).__all__
    }
    for path in CLONE.glob("course/*.ipynb"):
        cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        for node in ast.walk(ast.parse("\n".join(cells))):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("rollout_lab"):
                offered |= {f"{node.module}:{alias.name}" for alias in node.names}
    found = {
        name: getattr(importlib.import_module(name.split(":")[0]), name.split(":")[1]) for name in offered
    }
    return {
        name: [
            [each.name, each.kind.name, each.default is each.empty]
            for each in inspect.signature(found[name]).parameters.values()
        ]
        for name in sorted(offered)
        if inspect.isfunction(found[name])
    }


with tempfile.TemporaryDirectory() as temporary:
    whole = Path(temporary, "clone")
    shutil.copytree(CLONE / "course", whole / "course")
    shutil.copytree(CLONE / "quizzes" / "self_check", whole / "quizzes" / "self_check")
    prepare(whole / "my-course", whole)
    with contextlib.chdir(whole / "my-course"):
        answer_lessons()
    answer_self_checks(whole / "self_checks")
    scores = hand_in(Path(temporary, "class"))
    shutil.copytree(Path(temporary, "class", "quizzes"), whole / "class")
    modules = sorted(path.relative_to(CLONE).as_posix() for path in CLONE.glob("rollout_lab/**/*.py"))
    (whole / "modules.json").write_text(json.dumps(modules), "utf-8")
    (whole / "call_forms.json").write_text(json.dumps(call_forms()), "utf-8")
    (whole / "scores.json").write_text(json.dumps(scores, indent=1), "utf-8")
    with tarfile.open(sys.argv[1], "w:xz", preset=9) as archive:
        for path in sorted(whole.rglob("*")):
            kept = path.relative_to(whole)
            if path.is_file() and kept.parts[0] not in ("course", "quizzes") and path.suffix != ".pyc":
                entry = tarfile.TarInfo(kept.as_posix())
                entry.size = path.stat().st_size
                with path.open("rb") as content:
                    archive.addfile(entry, content)
