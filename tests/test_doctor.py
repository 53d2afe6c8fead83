"""rollout-lab doctor: an environment is really broken, and the doctor names what is and what mends it."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir

from rollout_lab import cli
from rollout_lab._commands import command, installing
from rollout_lab.doctor import MEND, OK, UNKNOWN, diagnose, examine
from rollout_lab.working_copy import prepare

ROOT = Path(__file__).parents[1]
MADE_BY_NBGRADER = (
    "release",
    "submitted",
    "autograded",
    "feedback",
    "downloaded",
    "exchange",
    "gradebook.db*",
)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A clone of the course, not graded yet."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("course", "quizzes"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*MADE_BY_NBGRADER))
    return folder


@pytest.fixture
def clone(course, tmp_path, monkeypatch):
    """That clone to be broken by one test, which works in it."""
    shutil.copytree(course, tmp_path / "clone")
    monkeypatch.chdir(tmp_path / "clone")
    monkeypatch.delenv("ROLLOUT_LAB_EXCHANGE", raising=False)
    return tmp_path / "clone"


def found(thing, *, student=False):
    """The finding about a thing; what is checked after it is left out."""
    return next(each for each in examine(student=student) if each.thing == thing)


@pytest.mark.needs("bubblewrap")
def test_in_order_everything_is_ok_and_nothing_has_changed(clone, capsys):
    before = sorted(clone.rglob("*"))
    assert cli.main(["doctor"]) == 0, "this environment itself has something to mend: rollout-lab doctor"
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "Nothing to mend."
    assert {line[:14].strip() for line in lines[:-1]} == {"ok"}
    text = "\n".join(lines)
    for thing in (
        "Python",
        "packages",
        "kernel python3",
        "alembic",
        "exchange",
        "gradebook",
        "sandbox",
        "disk",
    ):
        assert f"ok             {thing}" in text
    assert sorted(clone.rglob("*")) == before


def test_a_student_is_not_asked_for_what_instructors_need(clone):
    asked = [each.thing for each in examine(student=True)]
    assert "working copy" in asked
    assert not {"sandbox for grading", "gradebook", "packages for grading"} & set(asked)
    shutil.rmtree(clone / "quizzes" / "source")
    assert [each.thing for each in examine()] == asked


def test_packages_are_held_against_the_package_s_own_metadata(clone, tmp_path, monkeypatch):
    info = tmp_path / "rollout_lab-9.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.4\nName: rollout-lab\nVersion: 9.0\nRequires-Python: >=9.1\n"
        "Requires-Dist: numpy>=99\nRequires-Dist: no-such-package>=1.5; extra == 'lab'\n"
        "Requires-Dist: no-such-grader>=2; extra == 'class'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert found("Python").state == MEND
    packages = found("packages")
    assert packages.state == MEND
    assert "numpy is " in packages.message
    assert "(>=99 is needed)" in packages.message
    assert "no-such-package is missing (>=1.5 is needed)" in packages.message
    assert "no-such-grader" not in packages.message
    assert packages.cure == installing("lab", clone)
    assert "no-such-grader is missing" in found("packages for grading").message


def test_a_student_without_nbgrader_and_jupyterlab_is_told_and_not_met_by_a_traceback(clone):
    code = (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'nbgrader', 'jupyter_server', 'jupyterlab_server', 'yaml'}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "from rollout_lab.cli import main\n"
        "sys.exit(main(['doctor', '--student']))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=clone)
    assert run.stderr == ""
    assert "cannot be told jupyterlab: jupyter_server is not installed (see packages)" in run.stdout
    assert "ok             kernel python3" in run.stdout
    assert run.returncode == 0


def test_a_path_without_alembic_is_named_if_it_is_not_beside_python_either(clone, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert found("alembic").state == OK
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    alembic = found("alembic")
    assert alembic.state == MEND
    assert alembic.cure == f"{tmp_path}/bin/python -m pip install alembic"


def test_a_kernel_of_another_environment_is_named(clone, monkeypatch):
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    folder = Path(jupyter_data_dir(), "kernels", "python3")
    folder.mkdir(parents=True)
    spec = {"argv": ["/opt/other/bin/python", "-m", "ipykernel_launcher"], "display_name": "Python 3"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    try:
        kernel = found("kernel python3")
    finally:
        shutil.rmtree(folder)
    assert kernel.state == MEND
    assert "/opt/other/bin/python, another environment's" in kernel.message
    assert kernel.cure.startswith(f"delete the folder {folder}")


def test_a_disabled_extension_is_named_with_the_file_that_disables_it(clone):
    config = Path(jupyter_config_dir())
    page = config / "labconfig" / "page_config.json"
    server = config / "jupyter_server_config.json"
    page.parent.mkdir(parents=True)
    page.write_text(json.dumps({"disabledExtensions": {"anywidget": True}}))
    server.write_text(
        json.dumps(
            {"ServerApp": {"jpserver_extensions": {"nbgrader.server_extensions.assignment_list": False}}}
        )
    )
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "0"
    try:
        widget, nbgrader = found("JupyterLab's extension anywidget"), found("nbgrader in JupyterLab's server")
    finally:
        del os.environ["JUPYTER_PREFER_ENV_PATH"]
        shutil.rmtree(page.parent)
        server.unlink()
    assert (widget.state, nbgrader.state) == (MEND, MEND)
    assert widget.cure == f'take anywidget out of "disabledExtensions" in {page}'
    assert nbgrader.message == "assignment_list disabled"
    assert "server extension enable --user nbgrader.server_extensions.assignment_list" in nbgrader.cure


def test_a_shared_exchange_that_not_all_can_write_to_is_named_until_the_cure_is_run(
    clone, tmp_path, monkeypatch
):
    assert found("exchange").state == OK
    shared = tmp_path / "shared exchange"
    monkeypatch.setenv("ROLLOUT_LAB_EXCHANGE", str(shared))
    for mend in ("does not exist", "not all who share it can write to it"):
        exchange = found("exchange")
        assert exchange.state == MEND
        assert mend in exchange.message
        if "mode" not in exchange.message:
            shared.mkdir(0o755)
    subprocess.run(exchange.cure, shell=True, check=True)
    assert found("exchange").state == OK


def test_nbgrader_has_no_exchange_on_windows_and_the_way_around_is_told(clone, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert "rollout-lab collect" in found("exchange", student=True).message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_module", "does not run: .*no_such_module"),
        ("c = get_config()\nc.CourseDirectory.root = '.'", "names no course id"),
    ],
)
def test_a_broken_configuration_is_named_with_its_file(clone, text, said):
    (clone / "quizzes" / "nbgrader_config.py").write_text(text)
    config = found("nbgrader_config.py")
    assert config.state == MEND
    assert re.search(said, config.message)
    assert config.cure


def test_a_gradebook_that_cannot_be_read_or_is_of_another_version_is_named(clone):
    path = clone / "quizzes" / "gradebook.db"
    path.write_bytes(b"this is no database" * 100)
    gradebook = found("gradebook")
    assert gradebook.state == MEND
    assert "cannot be read" in gradebook.message
    assert str(path) in gradebook.cure
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        database.execute("INSERT INTO alembic_version VALUES ('old')")
    database.close()
    gradebook = found("gradebook")
    assert gradebook.state == MEND
    assert "of another version of nbgrader's (old, not " in gradebook.message
    assert "nbgrader db upgrade" in gradebook.cure


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no such accounts")
def test_a_gradebook_or_an_account_that_nobody_may_use_is_not_called_damaged(clone, monkeypatch):
    path = clone / "quizzes" / "gradebook.db"
    path.touch()
    able = os.access
    monkeypatch.setattr(os, "access", lambda each, *mode: Path(each) != path and able(each, *mode))
    assert found("gradebook").message == f"{path} cannot be written to"
    assert found("gradebook").cure == f"chmod u+rw {path}"
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    assert f"{path} belongs to " in found("gradebook").message
    assert "restore" not in found("gradebook").cure
    assert found("account").state == OK
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)
    assert found("account").state == MEND
    assert "user 2147483641 has no name on this machine" in found("account").message


def test_a_notebook_that_is_not_what_its_source_builds_is_named_until_the_cure_is_run(clone):
    (notebook,) = (clone / "course").glob("01_*.ipynb")
    notebook.write_text(notebook.read_text("utf-8").replace("attention", "attenshun"), "utf-8")
    finding = found("notebooks and their sources")
    assert finding.state == MEND
    assert notebook.name in finding.message
    assert finding.cure == command("build")
    cli.main(["build"])
    assert found("notebooks and their sources").state == OK


def test_a_damaged_or_missing_notebook_of_the_working_copy_is_named(clone):
    folder = prepare(repo=clone).folder
    assert found("working copy").state == OK
    (folder / "00_start_here.ipynb").write_text("<<<<<<< HEAD")
    (lesson,) = folder.glob("01_*.ipynb")
    lesson.unlink()
    damaged, missing = (each for each in examine() if each.thing == "working copy")
    assert (damaged.state, missing.state) == (MEND, MEND)
    assert "00_start_here.ipynb cannot be read" in damaged.message
    assert damaged.cure.startswith(command("fresh", "00_start_here"))
    assert lesson.name in missing.message


def test_a_machine_without_bubblewrap_is_told_how_to_get_it(clone, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    sandbox = found("sandbox for grading")
    assert sandbox.state == MEND
    assert "apt install bubblewrap" in sandbox.cure


def test_a_check_that_fails_itself_stops_no_other(clone, monkeypatch):
    shutil.rmtree(clone / "quizzes" / "bank")
    assert found("notebooks and their sources").state == UNKNOWN
    assert found("disk").state == OK


@pytest.mark.needs("bubblewrap")
def test_the_command_prints_the_cure_and_fails_if_something_is_to_mend(clone):
    (clone / "quizzes" / "nbgrader_config.py").write_text("1 / 0")
    command = [sys.executable, "-m", "rollout_lab.cli", "doctor"]
    run = subprocess.run(command, cwd=clone, capture_output=True, text=True)
    assert run.returncode == 1
    lines = run.stdout.splitlines()
    assert lines[-1] == "1 to mend."
    (at,) = (n for n, line in enumerate(lines) if line.startswith("TO MEND"))
    assert "ZeroDivisionError" in lines[at]
    assert lines[at + 1].strip() == f"-> mend {clone}/quizzes/nbgrader_config.py"


def test_in_a_browser_nobody_is_told_to_install_anything(tmp_path, monkeypatch):
    monkeypatch.setenv("ROLLOUT_LAB_CACHE", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "emscripten")
    python, model = examine(student=True)
    assert (python.thing, python.state, model.state) == ("Python", OK, OK)
    assert model.message.endswith("To fetch it: rollout_lab.models.fetch_model() here (25 MB)")


def test_without_a_course_what_can_be_checked_is_checked(tmp_path, monkeypatch):
    from rollout_lab import doctor

    def nowhere():
        raise doctor.WorkingCopyError("No course found in here or above it. Run this elsewhere.")

    monkeypatch.setattr(doctor, "locate", nowhere)
    said = []
    assert diagnose(write=said.append) == 1
    assert "TO MEND        course: No course found in here or above it" in said[-2]
