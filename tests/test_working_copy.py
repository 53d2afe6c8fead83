import contextlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from rollout_lab import cli, doctor, working_copy
from rollout_lab._commands import command
from rollout_lab.launch import start
from rollout_lab.working_copy import (
    WorkingCopyError,
    delivered,
    find_repo,
    fresh_copy,
    locate,
    prepare,
)

LESSON = "01_single_layer_attention.ipynb"
QUIZ = "self_check/quiz1_single_layer_attention.ipynb"

WITH_LIBRARY = os.environ | {"PYTHONPATH": str(Path(working_copy.__file__).parent.parent)}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home in which nothing is remembered yet."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home" / "state"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


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
    return prepare(repo=clone).folder


@pytest.fixture
def readable(clone):
    """The course's files, as notebooks that the doctor can read."""
    for path in working_copy.delivered(clone).values():
        path.write_text('{"cells": []}')


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
    again = prepare(repo=clone)
    assert (again.laid, again.newer) == ([], [])
    assert contents(copy) == before


def test_edits_survive_a_rebuild_byte_for_byte(clone, copy):
    edited = b"\xef\xbb\xbfmine \r\n\x00 not even valid UTF-8: \xff"
    (copy / LESSON).write_bytes(edited)
    shutil.copy(clone / "course" / LESSON, clone / "rebuilt")
    os.replace(clone / "rebuilt", clone / "course" / LESSON)
    assert prepare(repo=clone).newer == []
    assert (copy / LESSON).read_bytes() == edited
    assert len(contents(copy)) == 3


def test_edits_survive_an_update_and_the_new_version_lies_beside_them(clone, copy):
    (copy / LESSON).write_bytes(b"mine")
    (copy / QUIZ).write_bytes(b"my answers")
    (clone / "course" / LESSON).write_bytes(b"lesson, version 2")
    (clone / "quizzes" / QUIZ).write_bytes(b"quiz, version 2")
    done = prepare(repo=clone)
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
    (second,) = prepare(repo=clone).newer
    second.unlink()
    assert prepare(repo=clone).newer == []
    (clone / "course" / LESSON).write_bytes(b"lesson, version 3")
    (third,) = prepare(repo=clone).newer
    assert third.name == "01_single_layer_attention.new-version-3.ipynb"
    third.write_bytes(b"mine again")
    assert prepare(repo=clone).newer == []
    assert third.read_bytes() == b"mine again"


def test_going_back_to_an_older_version_lays_nothing(clone, copy):
    for content in (b"lesson, version 2", b"lesson, version 1"):
        (clone / "course" / LESSON).write_bytes(content)
        newer = prepare(repo=clone).newer
    assert newer == []


def test_a_deleted_lesson_comes_back_as_it_is_now(clone, copy):
    (copy / LESSON).unlink()
    (clone / "course" / LESSON).write_bytes(b"lesson, version 2")
    done = prepare(repo=clone)
    assert (done.laid, done.newer) == ([copy / LESSON], [])
    assert (copy / LESSON).read_bytes() == b"lesson, version 2"


def test_a_lesson_that_is_no_longer_delivered_stays_with_the_student(clone, copy):
    (clone / "course" / LESSON).unlink()
    prepare(repo=clone)
    assert (copy / LESSON).read_bytes() == b"lesson, version 1"


@pytest.mark.parametrize("record", [None, b"", b"{ cut off", b"[1, 2]", b'{"files": {"a": 3}}'])
def test_nothing_is_lost_when_the_record_is_lost_or_damaged(clone, copy, record):
    (copy / LESSON).write_bytes(b"mine")
    manifest = copy / working_copy.HIDDEN / working_copy.MANIFEST
    manifest.unlink()
    if record is not None:
        manifest.write_bytes(record)
    prepare(repo=clone)
    assert contents(copy) == {
        "00_start_here.ipynb": b"start, version 1",
        LESSON: b"mine",
        "01_single_layer_attention.new-version-2.ipynb": b"lesson, version 1",
        QUIZ: b"quiz, version 1",
    }
    assert prepare(repo=clone).newer == []


def test_a_student_s_own_file_of_the_new_version_s_name_is_left_alone(clone, copy):
    taken = copy / "01_single_layer_attention.new-version-2.ipynb"
    taken.write_bytes(b"my own")
    (clone / "course" / LESSON).write_bytes(b"lesson, version 2")
    (laid,) = prepare(repo=clone).newer
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
prepare(repo={str(clone)!r})
"""
    assert subprocess.run([sys.executable, "-c", program], env=WITH_LIBRARY).returncode == 9
    prepare(repo=clone)
    assert contents(copy) == {
        "00_start_here.ipynb": b"start, version 1",
        LESSON: b"mine",
        "01_single_layer_attention.new-version-2.ipynb": b"lesson, version 2",
        QUIZ: b"quiz, version 1",
        "self_check/quiz1_single_layer_attention.new-version-2.ipynb": b"quiz, version 2",
    }
    assert prepare(repo=clone).newer == []


def test_copies_are_ordinary_files_that_the_student_may_write(clone):
    (clone / "course" / LESSON).chmod(0o444)
    (clone / "course" / "00_start_here.ipynb").unlink()
    (clone / "course" / "00_start_here.ipynb").symlink_to(clone / "course" / "notes.ipynb")
    folder = prepare(repo=clone).folder
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
    prepare(repo=clone)
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


def test_in_a_browser_yours_is_set_aside_and_the_site_has_the_old_name_again(tmp_path, monkeypatch, capsys):
    site = tmp_path / "drive"
    (site / "self_check").mkdir(parents=True)
    lesson = site / LESSON
    monkeypatch.setattr("rollout_lab.working_copy.site_folder", lambda: site)
    for number in (1, 2):
        lesson.write_bytes(b"mine")
        assert fresh_copy("01") == lesson
        yours = lesson.with_name(f"{lesson.stem}.yours-{number}.ipynb")
        assert (lesson.exists(), yours.read_bytes()) == (False, b"mine")  # there the site's is seen now
        assert yours.name in capsys.readouterr().out
    with pytest.raises(WorkingCopyError, match="No lesson or quiz is called '02'"):
        fresh_copy("02")


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
    with pytest.raises(WorkingCopyError, match=r"no working copy yet.*(make .*lab|rollout-lab start)"):
        fresh_copy("00", start=clone)


def test_a_course_without_built_lessons_says_what_to_do(clone):
    shutil.rmtree(clone / "course")
    shutil.rmtree(clone / "quizzes" / "self_check")
    with pytest.raises(WorkingCopyError, match=r"rollout-lab build|make .*notebooks"):
        prepare(repo=clone)


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
    clone = working_copy.find_repo()
    prepare(tmp_path / "copy", clone)
    lessons = sorted((clone / "course").glob("[0-9][0-9]_*.ipynb"))
    assert lessons
    for lesson in lessons:
        assert (tmp_path / "copy" / lesson.name).read_bytes() == lesson.read_bytes()
    record = json.loads((tmp_path / "copy" / working_copy.HIDDEN / working_copy.MANIFEST).read_text())
    assert (tmp_path / "copy" / record["clone"]).resolve() == clone


def test_the_library_finds_the_course_that_it_lies_in():
    assert (find_repo() / "course").is_dir()
    assert "00_start_here.ipynb" in delivered(find_repo())
    assert locate("elsewhere")[0].name == "elsewhere"


@contextlib.contextmanager
def files_no_longer_than(size):
    """Let the system refuse longer files, as a full disk does, whoever runs this."""
    resource = pytest.importorskip("resource", reason="only POSIX can limit the size of files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def drafts(folder):
    return list((folder / working_copy.HIDDEN).glob("draft-*"))


def test_opening_a_copy_that_is_complete_writes_nothing(clone, copy):
    folders = [copy, *(path for path in copy.rglob("*"))]
    before = [(path, path.stat().st_mtime_ns, path.stat().st_ino) for path in folders]
    prepare(repo=clone)
    assert [(path, path.stat().st_mtime_ns, path.stat().st_ino) for path in folders] == before


def test_a_record_that_cannot_be_written_stops_nothing(clone, copy, tmp_path):
    moved = clone.rename(tmp_path / "moved")
    elsewhere = (moved / "my-course").rename(tmp_path / "elsewhere")
    record = (elsewhere / working_copy.HIDDEN / working_copy.MANIFEST).read_bytes()
    with files_no_longer_than(0):
        done = prepare(elsewhere, repo=moved)
    assert (done.laid, done.newer, done.lacking) == ([], [], [])
    assert drafts(elsewhere) == []
    assert (elsewhere / working_copy.HIDDEN / working_copy.MANIFEST).read_bytes() == record


def test_without_room_the_folder_the_reason_and_another_target_are_named_and_no_draft_stays(clone):
    folder = clone / "my-course"
    for _ in range(3):
        with files_no_longer_than(0), pytest.raises(WorkingCopyError) as caught:
            prepare(repo=clone)
        assert drafts(folder) == []
    why, cure = str(caught.value).splitlines()
    assert why == f"There can be no working copy in {folder}: File too large."
    assert cure.endswith(command("start", "--target", "FOLDER"))
    assert len(prepare(repo=clone).laid) == 3


def test_what_there_is_no_room_for_is_said_and_laid_when_there_is(clone, copy, capsys, monkeypatch):
    monkeypatch.chdir(clone)
    (copy / LESSON).write_bytes(b"mine")
    (clone / "course" / LESSON).write_bytes(b"lesson, version 2" * 1000)
    with files_no_longer_than(1000):
        assert start(lab=False) == 0
    said = capsys.readouterr().out
    assert f"1 file of this version could not be laid there. {copy}: File too large." in said
    assert "--target" in said
    assert drafts(copy) == []
    assert (copy / LESSON).read_bytes() == b"mine"
    (newer,) = prepare(repo=clone).newer
    assert newer.read_bytes() == b"lesson, version 2" * 1000


def test_old_drafts_of_earlier_failures_are_swept_and_young_ones_left(clone, copy):
    old, young = (copy / working_copy.HIDDEN / f"draft-{name}" for name in ("old", "young"))
    for draft in (old, young):
        draft.write_bytes(b"half a les")
    os.utime(old, (time.time() - 2 * working_copy.A_DAY,) * 2)
    prepare(repo=clone)
    assert drafts(copy) == [young]


MOUNTED = """
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && mount -t tmpfs -o size=64k none "$2" || exit 99
cd "$1"; shift 2; exec "$@"
"""


def test_on_a_read_only_share_and_a_full_disk_start_opens_what_is_there_or_names_another_target(
    clone, readable, tmp_path, home, monkeypatch
):
    """With real mounts: the course is read-only, and `full` is a disk of 64 kB."""
    (clone / "course" / LESSON).write_text(json.dumps({"cells": ["lesson"] * 20_000}))
    full = tmp_path / "full"
    prepare(repo=clone)
    full.mkdir()
    program = f"""
import contextlib, io, json, os, pathlib
from rollout_lab import cli, doctor
from rollout_lab.working_copy import locate
folder, full, said = pathlib.Path("my-course"), {str(full)!r}, []
def run(*words):
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = cli.main([*words])
    said.append((code, out.getvalue(), err.getvalue()))
run("start", "--no-lab")
found = [*doctor._working_copy(locate()[1]), *doctor._writable(locate()[1])]
found = [(each.state, each.message, each.cure) for each in found]
run("fresh", "00")
run("start", "--no-lab", "--target", "not-there-yet")
for _ in range(2):
    run("start", "--no-lab", "--target", full + "/copy")
left = [str(path) for path in pathlib.Path(full).rglob("draft-*")]
filled = open(full + "/filler", "wb", buffering=0)
with contextlib.suppress(OSError):
    while True:
        filled.write(bytes(4096))
run("start", "--no-lab")
disks = [(each.state, each.message) for each in doctor._disk(locate()[1], doctor.ROOM_OF_ONE)]
print(json.dumps([said, found, left, disks]))
"""
    flags = ["-m"] if os.geteuid() == 0 else ["-rm"]
    inside = ["sh", "-c", MOUNTED, "sh", str(clone), str(full), sys.executable, "-c", program]
    if shutil.which("unshare") is None:
        pytest.skip("mounts need unshare, which util-linux brings")
    done = subprocess.run(
        ["unshare", *flags, *inside], env=WITH_LIBRARY | {"HOME": str(home)}, capture_output=True, text=True
    )
    if done.returncode in (1, 99) and "Traceback" not in done.stderr:
        pytest.skip(f"this system lets you mount nothing, not even in a namespace of your own: {done.stderr}")
    assert done.returncode == 0, done.stderr
    said, found, left, disks = json.loads(done.stdout)
    opened, fresh, new, first, second, after = said
    monkeypatch.chdir(clone)  # Where these commands were given.
    at_home = command("start", "--target", home / "my-course")
    assert opened[0] == 0
    assert opened[1].splitlines() == [
        f"{clone / 'my-course'} is on a read-only file system: you can read and run everything, but nothing "
        "that you change is saved.",
        f"For a working copy in another place: {at_home}",
    ]
    assert found == [
        ["TO MEND", f"{clone / 'my-course'} is on a read-only file system", at_home],
        ["TO MEND", f"{clone} is on a read-only file system", doctor.IN_ANOTHER_FOLDER],
    ]
    assert fresh[0] == 1
    assert fresh[2].startswith("rollout-lab: A fresh copy of 00_start_here.ipynb could not be laid in ")
    assert fresh[2].endswith(f"{at_home}\n")
    assert new == [
        1,
        "",
        f"rollout-lab: There can be no working copy in {clone / 'not-there-yet'}: {clone} is on a read-only "
        f"file system.\nFor a working copy in another place: {at_home}\n",
    ]
    # The long lesson has no room on the small disk; the others are there and can be opened.
    for run in (first, second):
        assert run[0] == 0
        assert "1 file of this version could not be laid there." in run[1]
        assert "No space left on device." in run[1]
    assert left == []
    assert after[1].startswith(f"1 file of this version could not be laid there. {full / 'copy'}: No space")
    assert ["TO MEND", f"0.0 GB free for {full / 'copy'}"] in disks


@contextlib.contextmanager
def user(number, home, monkeypatch):
    """Be another user for a while: the real one, so that the system decides what may be written."""
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    os.setresgid(number, number, 0)
    os.setresuid(number, number, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)
        os.setresgid(0, 0, 0)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be two users")
def test_two_users_of_one_checkout_are_each_told_what_they_can_do(clone, readable, monkeypatch, capsys):
    import pwd  # noqa: F401  Loaded while Python's own folder, which may be root's alone, can be read.

    import platformdirs.unix  # noqa: F401

    with tempfile.TemporaryDirectory() as shared:
        os.chmod(shared, 0o755)
        course = Path(shutil.copytree(clone, Path(shared, "course of a")))
        homes = {number: Path(shared, f"home-{number}") for number in (60001, 60002)}
        for number, home in homes.items():
            home.mkdir()
            os.chown(home, number, number)
        for path in [course, *course.rglob("*")]:
            os.chown(path, 60001, 60001)
        monkeypatch.chdir(course)
        with user(60001, homes[60001], monkeypatch):
            assert cli.main(["start", "--no-lab"]) == 0
        capsys.readouterr()
        with user(60002, homes[60002], monkeypatch):
            assert cli.main(["start", "--no-lab"]) == 1
            own = command("start", "--target", homes[60002] / "my-course")
            assert capsys.readouterr().err == (
                f"rollout-lab: There can be no working copy in {course}/my-course: {course}/my-course "
                "belongs to user 60001, and you cannot write to it.\n"
                f"For a working copy in another place: {own}\n"
            )
            (copy,) = doctor._working_copy(course)
            assert (copy.state, copy.cure) == (doctor.MEND, own)
            assert cli.main(["start", "--no-lab", "--target", str(homes[60002] / "my-course")]) == 0
            assert cli.main(["start", "--no-lab"]) == 0
            assert cli.main(["fresh", "01"]) == 0
            (copy,) = doctor._working_copy(course)
            assert (copy.state, copy.message) == (doctor.OK, f"3 notebooks in {homes[60002]}/my-course")
        assert len(list((homes[60002] / "my-course").glob("01*.ipynb"))) == 2
        with user(60001, homes[60001], monkeypatch):
            assert locate()[0] == course / "my-course"
            assert cli.main(["start", "--no-lab"]) == 0


def test_a_target_that_was_opened_is_meant_from_then_on_inside_it_and_from_the_course(
    clone, readable, tmp_path, monkeypatch
):
    target = tmp_path / "my own"
    monkeypatch.chdir(clone)
    assert cli.main(["start", "--no-lab", "--target", str(target)]) == 0
    for here in (clone, clone / "quizzes", target, target / "self_check"):
        monkeypatch.chdir(here)
        assert locate() == (target, clone)
        assert cli.main(["start", "--no-lab"]) == 0
        assert fresh_copy("00").parent == target
        (found,) = doctor._working_copy(clone)
        assert (found.state, found.message) == (doctor.OK, f"3 notebooks in {target}")
    assert not (clone / "my-course").exists()
    # Elsewhere the copy itself tells its course, whatever course the library lies in.
    monkeypatch.chdir(tmp_path)
    assert locate(target) == (target, clone)


def test_the_target_that_is_named_wins_and_of_several_the_last_one_opened(clone, tmp_path, monkeypatch):
    first, second = tmp_path / "first", tmp_path / "second"
    monkeypatch.chdir(clone)
    for target in (first, second):
        start(target=target, lab=False)
    assert locate()[0] == second
    monkeypatch.chdir(first)
    assert locate()[0] == first
    start(lab=False)
    monkeypatch.chdir(clone)
    assert locate()[0] == first
    start(target="my-course", lab=False)
    assert locate()[0] == clone / "my-course"
    monkeypatch.chdir(second)
    assert locate("~/third")[0] == Path.home() / "third"


def test_a_target_that_is_gone_is_forgotten(clone, tmp_path, monkeypatch):
    monkeypatch.chdir(clone)
    start(target=tmp_path / "on a stick", lab=False)
    shutil.rmtree(tmp_path / "on a stick")
    assert locate()[0] == clone / "my-course"


def test_what_cannot_be_remembered_stops_nothing(clone, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(clone / "course" / LESSON))
    monkeypatch.chdir(clone)
    assert start(target=tmp_path / "my own", lab=False) == 0
    assert locate(start=tmp_path / "my own")[0] == tmp_path / "my own"


@pytest.mark.parametrize(("missing", "said"), [(1, "Laid 1 file into "), (2, "Laid 2 files into ")])
def test_one_notebook_is_one_notebook(clone, copy, capsys, monkeypatch, missing, said):
    monkeypatch.chdir(clone)
    for name in (LESSON, QUIZ)[:missing]:
        (copy / name).unlink()
    start(lab=False)
    assert said in capsys.readouterr().out
