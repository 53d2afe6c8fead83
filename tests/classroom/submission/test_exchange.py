"""Collecting from the exchange, where every student may write whatever they like."""

import json
import os
import shutil

import pytest

from rollout_lab.classroom import limits

from ..nbgrader_class import ROOT, Classroom
from .broken import QUIZ


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A class with quiz 1 released; `inbound` is where nbgrader puts what students submit."""
    classroom = Classroom(tmp_path_factory.mktemp("opened"))
    classroom.release(QUIZ)
    return classroom, classroom.folder / "exchange" / "attention_rollout" / "inbound"


@pytest.fixture
def inbound(opened):
    """The empty folder, before anything was collected."""
    yield opened[1]
    shutil.rmtree(opened[0].course / "submitted", ignore_errors=True)
    for path in opened[1].iterdir():
        path.unlink() if path.is_symlink() or path.is_file() else shutil.rmtree(path)


def submit(inbound, student, when="2026-01-01 10:00:00.000000 UTC", text="{}"):
    folder = inbound / f"{student}+{QUIZ}+{when}+1a2b"
    folder.mkdir()
    (folder / f"{QUIZ}.ipynb").write_text(text)
    (folder / "timestamp.txt").write_text(when)
    return folder


def collected(classroom):
    """What lies in `submitted` after `nbgrader collect`, by student, and what was said of errors."""
    result = classroom.api.collect(QUIZ)
    assert result["success"], result.get("error")
    folders = sorted((classroom.course / "submitted").glob(f"*/{QUIZ}"))
    said = "\n".join(line for line in result["log"].splitlines() if "ERROR" in line)
    return {folder.parent.name: sorted(p.name for p in folder.rglob("*")) for folder in folders}, said


WHOLE = sorted([f"{QUIZ}.ipynb", "timestamp.txt"])


def link_to_the_solutions(folder, course):
    (folder / f"{QUIZ}.ipynb").unlink()
    (folder / f"{QUIZ}.ipynb").symlink_to(course / "source" / QUIZ / f"{QUIZ}.ipynb")


def link_to_the_gradebook(folder, course):
    (folder / "mine.txt").symlink_to(course / "gradebook.db")


def link_to_a_folder(folder, course):
    (folder / "data").symlink_to(course / "source")


def link_to_nowhere(folder, course):
    (folder / "data").symlink_to("/nowhere")


def link_in_place_of_the_submission(folder, course):
    shutil.rmtree(folder)
    folder.symlink_to(course / "source" / QUIZ)


def named_pipe(folder, course):
    os.mkfifo(folder / "pipe")


def file_of_a_terabyte(folder, course):
    with (folder / "big").open("wb") as file:
        file.truncate(10**12)


def file_in_place_of_the_submission(folder, course):
    shutil.rmtree(folder)
    folder.write_text("x")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (link_to_the_solutions, "it holds links to other files"),
        (link_to_the_gradebook, "it holds links to other files (mine.txt)"),
        (link_to_a_folder, "it holds links to other files (data)"),
        (link_to_nowhere, "it holds links to other files"),
        (link_in_place_of_the_submission, "no folder of its own"),
        (named_pipe, "is a named pipe"),
        (file_of_a_terabyte, "it holds 1000000 MB, more than 100"),
        (file_in_place_of_the_submission, "no folder of its own"),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_what_is_no_file_is_not_collected_and_stops_nobody(opened, inbound, spoil, why):
    classroom, _inbound = opened
    for student in ("ada", "bob", "cy"):
        submit(inbound, student)
    spoil(next(inbound.glob("bob+*")), classroom.course)
    there, said = collected(classroom)
    assert there == {"ada": WHOLE, "cy": WHOLE}
    assert "bob was not collected: " in said
    assert why in said


def test_a_submission_that_cannot_be_collected_leaves_the_earlier_one(opened, inbound):
    classroom, _inbound = opened
    submit(inbound, "bob")
    collected(classroom)
    link_to_the_gradebook(submit(inbound, "bob", "2026-01-02 10:00:00.000000 UTC"), classroom.course)
    there, said = collected(classroom)
    assert there == {"bob": WHOLE}
    assert "bob was not collected" in said


def test_who_submits_again_is_collected_again(opened, inbound, commands, monkeypatch):
    classroom, _inbound = opened
    monkeypatch.setenv("ROLLOUT_LAB_EXCHANGE", str(classroom.folder / "exchange"))
    for day, text in enumerate(("first", "second"), start=1):
        submit(inbound, "ada", f"2026-01-0{day} 10:00:00.000000 UTC", json.dumps(text))
        done = commands.run("nbgrader", "collect", QUIZ, cwd=classroom.course)
        assert done.returncode == 0, done.stderr
    notebook = classroom.course / "submitted" / "ada" / QUIZ / f"{QUIZ}.ipynb"
    assert json.loads(notebook.read_text()) == "second"
    assert f"nbgrader collect {QUIZ}\n" in (ROOT / "quizzes" / "README.md").read_text("utf-8")


@pytest.mark.parametrize("when", ["", "no time"])
def test_a_folder_whose_name_tells_no_time_counts_as_the_oldest(opened, inbound, when):
    classroom, _inbound = opened
    submit(inbound, "ada", text='"with a time"')
    submit(inbound, "ada", when, text='"without"')
    submit(inbound, "bob", when)
    there, said = collected(classroom)
    assert there == {"ada": WHOLE, "bob": WHOLE}
    assert "its name tells no time" in said
    assert (classroom.course / "submitted" / "ada" / QUIZ / f"{QUIZ}.ipynb").read_text() == '"with a time"'


@pytest.mark.parametrize(("most", "whole"), [(2, True), (1, False)])
def test_the_number_of_files_is_bounded(opened, inbound, monkeypatch, most, whole):
    monkeypatch.setattr(limits, "FILES", most)
    submit(inbound, "ada")
    there, said = collected(opened[0])
    assert there == ({"ada": WHOLE} if whole else {})
    assert ("it holds 2 files, more than 1" in said) is not whole


@pytest.mark.parametrize(("size", "whole"), [(900, True), (1100, False)])
def test_the_size_is_bounded(opened, inbound, monkeypatch, size, whole):
    monkeypatch.setattr(opened[0].api.coursedir, "max_dir_size", 1)  # kilobytes
    (submit(inbound, "ada") / "data").write_bytes(bytes(size))
    there, said = collected(opened[0])
    assert bool(there) is whole
    assert ("MB, more than 0.001" in said) is not whole
