import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rollout_lab import working_copy
from rollout_lab.working_copy import WorkingCopyError, fresh_copy, prepare

LESSON = "01_single_layer_attention.ipynb"
QUIZ = "self_check/quiz1_single_layer_attention.ipynb"

WITH_LIBRARY = os.environ | {"PYTHONPATH": str(Path(working_copy.__file__).parent.parent)}


@pytest.fixture
def clone(tmp_path):
    """A course's folder with two lessons and a quiz, and files that are not for students."""
    root = tmp_path / "a clone"
    for name, content in {
        "course/00_start_here.ipynb": b"start, version 1",
        f"course/{LESSON}": b"lesson, version 1",
        "course/text/00_start_here.py": b"text form",
        "course/notes.ipynb": b"not a lesson",
        f"quizzes/{QUIZ}": b"quiz, version 1",
        "quizzes/source/quiz1/quiz1.ipynb": b"with its key",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


@pytest.fixture
def copy(clone):
    return prepare(clone=clone).folder


def contents(folder):
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in files
        if working_copy.HIDDEN not in path.parts
    }


def test_the_copy_holds_the_lessons_and_the_self_check_quizzes_and_nothing_else(clone, copy):
    assert copy == clone / "my-course"
    assert contents(copy) == {
        "00_start_here.ipynb": b"start, version 1",
        LESSON: b"lesson, version 1",
        QUIZ: b"quiz, version 1",
    }


def test_preparing_twice_changes_nothing(clone, copy):
    before = contents(copy)
    again = prepare(clone=clone)
    assert (again.laid, again.newer) == ([], [])
    assert contents(copy) == before


def test_edits_survive_a_rebuild_byte_for_byte(clone, copy):
    edited = b"\xef\xbb\xbfmine \r\n\x00 not even valid UTF-8: \xff"
    (copy / LESSON).write_bytes(edited)
    shutil.copy(clone / "course" / LESSON, clone / "rebuilt")
    os.replace(clone / "rebuilt", clone / "course" / LESSON)
    assert prepare(clone=clone).newer == []
    assert (copy / LESSON).read_bytes() == edited
    assert len(contents(copy)) == 3


def test_edits_survive_an_update_and_the_new_version_lies_beside_them(clone, copy):
    (copy / LESSON).write_bytes(b"mine")
    (copy / QUIZ).write_bytes(b"my answers")
    (clone / "course" / LESSON).write_bytes(b"lesson, version 2")
    (clone / "quizzes" / QUIZ).write_bytes(b"quiz, version 2")
    done = prepare(clone=clone)
    assert [path.relative_to(copy).as_posix() for path in done.newer] == [
        "01_single_layer_attention.new-version-2.ipynb",
        "self_check/quiz1_single_layer_attention.new-version-2.ipynb",
    ]
    assert contents(copy) == {
        "00_start_here.ipynb": b"start, version 1",
        LESSON: b"mine",
        "01_single_layer_attention.new-version-2.ipynb": b"lesson, version 2",
        QUIZ: b"my answers",
        "self_check/quiz1_single_layer_attention.new-version-2.ipynb": b"quiz, version 2",
    }


def test_a_new_version_is_laid_once_even_if_it_is_thrown_away_or_edited(clone, copy):
    (clone / "course" / LESSON).write_bytes(b"lesson, version 2")
    (second,) = prepare(clone=clone).newer
    second.unlink()
    assert prepare(clone=clone).newer == []
    (clone / "course" / LESSON).write_bytes(b"lesson, version 3")
    (third,) = prepare(clone=clone).newer
    assert third.name == "01_single_layer_attention.new-version-3.ipynb"
    third.write_bytes(b"mine again")
    assert prepare(clone=clone).newer == []
    assert third.read_bytes() == b"mine again"


def test_going_back_to_an_older_version_lays_nothing(clone, copy):
    for content in (b"lesson, version 2", b"lesson, version 1"):
        (clone / "course" / LESSON).write_bytes(content)
        newer = prepare(clone=clone).newer
    assert newer == []


def test_a_deleted_lesson_comes_back_as_it_is_now(clone, copy):
    (copy / LESSON).unlink()
    (clone / "course" / LESSON).write_bytes(b"lesson, version 2")
    done = prepare(clone=clone)
    assert (done.laid, done.newer) == ([copy / LESSON], [])
    assert (copy / LESSON).read_bytes() == b"lesson, version 2"


def test_a_lesson_that_is_no_longer_delivered_stays_with_the_student(clone, copy):
    (clone / "course" / LESSON).unlink()
    prepare(clone=clone)
    assert (copy / LESSON).read_bytes() == b"lesson, version 1"


@pytest.mark.parametrize("record", [None, b"", b"{ cut off", b"[1, 2]", b'{"files": {"a": 3}}'])
def test_nothing_is_lost_when_the_record_is_lost_or_damaged(clone, copy, record):
    (copy / LESSON).write_bytes(b"mine")
    manifest = copy / working_copy.HIDDEN / working_copy.MANIFEST
    manifest.unlink()
    if record is not None:
        manifest.write_bytes(record)
    prepare(clone=clone)
    assert contents(copy) == {
        "00_start_here.ipynb": b"start, version 1",
        LESSON: b"mine",
        "01_single_layer_attention.new-version-2.ipynb": b"lesson, version 1",
        QUIZ: b"quiz, version 1",
    }
    assert prepare(clone=clone).newer == []


def test_a_student_s_own_file_of_the_new_version_s_name_is_left_alone(clone, copy):
    taken = copy / "01_single_layer_attention.new-version-2.ipynb"
    taken.write_bytes(b"my own")
    (clone / "course" / LESSON).write_bytes(b"lesson, version 2")
    (laid,) = prepare(clone=clone).newer
    assert laid.name == "01_single_layer_attention.new-version-3.ipynb"
    assert taken.read_bytes() == b"my own"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("writes", range(4))
def test_a_power_failure_at_any_write_loses_nothing_and_the_next_start_completes(clone, copy, writes, when):
    (copy / LESSON).write_bytes(b"mine")
    (copy / "00_start_here.ipynb").unlink()
    (clone / "course" / LESSON).write_bytes(b"lesson, version 2")
    (clone / "quizzes" / QUIZ).write_bytes(b"quiz, version 2")
    program = f"""
import os
from rollout_lab.working_copy import prepare
left, synced, replaced, linked = {writes}, os.fsync, os.replace, os.link
def fail_when_due(done):
    def run(*arguments):
        global left
        if {when!r} == "after":
            done(*arguments)
        if left == 0:
            os._exit(9)
        left -= 1
        if {when!r} == "before":
            done(*arguments)
    return run
if {when!r} == "before":
    os.fsync = fail_when_due(synced)
else:
    os.link, os.replace = fail_when_due(linked), fail_when_due(replaced)
prepare(clone={str(clone)!r})
"""
    assert subprocess.run([sys.executable, "-c", program], env=WITH_LIBRARY).returncode == 9
    prepare(clone=clone)
    assert contents(copy) == {
        "00_start_here.ipynb": b"start, version 1",
        LESSON: b"mine",
        "01_single_layer_attention.new-version-2.ipynb": b"lesson, version 2",
        QUIZ: b"quiz, version 1",
        "self_check/quiz1_single_layer_attention.new-version-2.ipynb": b"quiz, version 2",
    }
    assert prepare(clone=clone).newer == []


def test_copies_are_ordinary_files_that_the_student_may_write(clone):
    (clone / "course" / LESSON).chmod(0o444)
    (clone / "course" / "00_start_here.ipynb").unlink()
    (clone / "course" / "00_start_here.ipynb").symlink_to(clone / "course" / "notes.ipynb")
    folder = prepare(clone=clone).folder
    old = os.umask(0)
    os.umask(old)
    for name in (LESSON, "00_start_here.ipynb"):
        status = (folder / name).lstat()
        assert stat.S_ISREG(status.st_mode)
        assert stat.S_IMODE(status.st_mode) == 0o666 & ~old
        assert status.st_nlink == 1


def test_a_student_s_links_are_left_as_they_are(clone, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (clone / "my-course").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / LESSON).symlink_to(tmp_path / "not there (yet)")
    prepare(clone=clone)
    assert (clone / "my-course" / LESSON).is_symlink()
    assert not (tmp_path / "not there (yet)").exists()
    assert fresh_copy("00", start=tmp_path / "elsewhere").read_bytes() == b"start, version 1"


def test_a_fresh_copy_takes_a_new_name_says_where_and_leaves_yours(clone, copy, capsys):
    (copy / LESSON).write_bytes(b"mine")
    first = fresh_copy("01_single_layer_attention", start=copy)
    second = fresh_copy("01", start=copy / "self_check")
    assert (first.name, second.name) == (
        "01_single_layer_attention.fresh-1.ipynb",
        "01_single_layer_attention.fresh-2.ipynb",
    )
    assert first.read_bytes() == second.read_bytes() == b"lesson, version 1"
    assert (copy / LESSON).read_bytes() == b"mine"
    assert str(first.relative_to(copy)) in capsys.readouterr().out


def test_a_fresh_copy_of_a_quiz_lies_beside_the_quiz(clone, copy):
    path = fresh_copy("quiz1", start=clone / "course")
    assert path.relative_to(copy).as_posix() == "self_check/quiz1_single_layer_attention.fresh-1.ipynb"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("07", "No lesson or quiz is called '07'"),
        ("0", "Several notebooks begin with '0'"),
        ("", "Several notebooks begin with ''"),
    ],
)
def test_a_name_that_fits_none_or_several_is_refused_with_the_names_there_are(copy, name, message):
    with pytest.raises(WorkingCopyError, match=f"{message}.*00_start_here"):
        fresh_copy(name, start=copy)


def test_moving_the_course_with_its_copy_keeps_fresh_copies_working(clone, copy, tmp_path):
    moved = clone.rename(tmp_path / "moved")
    assert fresh_copy("00", start=moved / "my-course").parent == moved / "my-course"


def test_asking_for_a_fresh_copy_before_there_is_a_working_copy_says_what_to_do(clone):
    with pytest.raises(WorkingCopyError, match=r"no working copy yet.*make lab"):
        fresh_copy("00", start=clone)


def test_a_course_without_built_lessons_says_what_to_do(clone):
    shutil.rmtree(clone / "course")
    shutil.rmtree(clone / "quizzes" / "self_check")
    with pytest.raises(WorkingCopyError, match="make notebooks"):
        prepare(clone=clone)


def test_the_command_line_lays_a_fresh_copy_and_explains_a_wrong_name(clone, copy):
    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "rollout_lab.cli", *arguments],
            cwd=clone,
            env=WITH_LIBRARY,
            capture_output=True,
            text=True,
        )

    assert run("start", "--no-lab").returncode == 0
    done = run("fresh", "01")
    assert (done.returncode, done.stderr) == (0, "")
    assert (copy / "01_single_layer_attention.fresh-1.ipynb").exists()
    failed = run("fresh", "99")
    assert failed.returncode == 1
    assert failed.stderr.startswith("rollout-lab: No lesson or quiz is called '99'.")
    assert "Traceback" not in failed.stderr


def test_the_delivered_lessons_arrive_as_they_are_in_the_course(tmp_path):
    clone = working_copy.find_clone()
    prepare(tmp_path / "copy", clone)
    lessons = sorted((clone / "course").glob("[0-9][0-9]_*.ipynb"))
    assert lessons
    for lesson in lessons:
        assert (tmp_path / "copy" / lesson.name).read_bytes() == lesson.read_bytes()
    record = json.loads((tmp_path / "copy" / working_copy.HIDDEN / working_copy.MANIFEST).read_text())
    assert (tmp_path / "copy" / record["clone"]).resolve() == clone
