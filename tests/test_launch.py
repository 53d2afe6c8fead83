"""What `make lab` and `make teach` start, asked over the servers' own interfaces; no browser needed."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from rollout_lab import launch

ROOT = Path(__file__).parent.parent
QUIZ = "quiz1_single_layer_attention"


@pytest.fixture(scope="module")
def clone(tmp_path_factory, commands):
    """A clone in which the first quiz is released."""
    folder = tmp_path_factory.mktemp("a clone")
    shutil.copytree(ROOT / "course", folder / "course")
    for name in ("nbgrader_config.py", f"source/{QUIZ}/{QUIZ}.ipynb"):
        (folder / "quizzes" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "quizzes" / name, folder / "quizzes" / name)
    (folder / "quizzes" / "exchange").mkdir()
    for step in ("generate_assignment", "release_assignment"):
        commands.run("nbgrader", step, QUIZ, cwd=folder / "quizzes", env=environment()).check_returncode()
    return folder


def environment(**changes):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    library = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return os.environ | {"PATH": path, "PYTHONPATH": library} | changes


@contextmanager
def served(clone, runtime, command, *flags):
    """Run `rollout-lab COMMAND` until its server answers; yields (ask, log) and stops it in the end."""
    runtime.mkdir()
    log = runtime / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "rollout_lab.cli", command, "--port=0", *flags],
            cwd=clone,
            env=environment(JUPYTER_RUNTIME_DIR=str(runtime), JUPYTER_DATA_DIR=str(runtime / "data")),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        server = _server(runtime, process, log)

        def ask(where, **form):
            request = urllib.request.Request(
                server["url"] + where,
                data=urllib.parse.urlencode(form).encode() if form else None,
                headers={"Authorization": f"token {server['token']}"},
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.read().decode()

        yield ask, log
    finally:
        process.terminate()
        assert process.wait(30) is not None


def _server(runtime, process, log):
    """What the server says of itself, once it answers."""
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            server = json.loads(next(runtime.glob("jpserver-*.json")).read_text())
            urllib.request.urlopen(server["url"] + "api", timeout=60).close()
            return server
        except (StopIteration, ValueError, urllib.error.URLError):
            time.sleep(0.1)


@pytest.fixture(scope="module")
def student(clone, tmp_path_factory):
    with served(
        clone, tmp_path_factory.mktemp("student") / "runtime", "start", "--no-fetch", "--no-browser"
    ) as it:
        yield it


def test_the_address_of_the_first_lesson_is_printed(student):
    _, log = student
    deadline = time.monotonic() + 30
    while "/lab/tree/00_start_here.ipynb?token=" not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def test_a_student_s_files_are_the_working_copy_alone(student, clone):
    ask, _ = student
    names = {entry["name"] for entry in json.loads(ask("api/contents"))["content"]}
    lessons = {path.name for path in (clone / "course").glob("*.ipynb")}
    assert lessons
    assert lessons <= names
    assert "quizzes" not in names


def test_a_student_sees_fetches_and_validates_a_released_quiz(student, clone):
    ask, _ = student
    listed = json.loads(ask("assignments?course_id=attention_rollout"))
    assert [(each["assignment_id"], each["status"]) for each in listed["value"]] == [(QUIZ, "released")]
    fetched = json.loads(ask("assignments/fetch", course_id="attention_rollout", assignment_id=QUIZ))
    assert fetched["success"]
    assert (clone / "my-course" / QUIZ / f"{QUIZ}.ipynb").is_file()
    validated = json.loads(ask("assignments/validate", path=f"{QUIZ}/{QUIZ}.ipynb"))
    assert validated["success"]
    assert validated["value"]["failed"]  # It is blank still.


def test_a_student_has_no_formgrader_and_no_news_pop_up(student):
    ask, _ = student
    page = ask("lab")
    settings = json.loads(
        page.split('id="jupyter-config-data" type="application/json">')[1].split("</script>")[0]
    )
    assert "@jupyter/nbgrader:formgrader" in settings["disabledExtensions"]
    assert "@jupyter/nbgrader:assignment-list" not in settings["disabledExtensions"]
    assert settings["news"] == {"disabled": True}
    cells = json.loads(ask("lab/api/settings/@jupyterlab/notebook-extension:tracker"))["schema"]["properties"]
    assert cells["codeCellConfig"]["default"]["lineWrap"]  # A narrow window cuts off no code.
    with pytest.raises(urllib.error.HTTPError, match="404"):
        ask("formgrader")


def test_at_first_the_list_of_files_is_folded_and_then_it_is_as_the_student_left_it(
    student, tmp_path, monkeypatch
):
    layout = json.loads(student[0]("lab/api/workspaces/default"))["data"]["layout-restorer:data"]
    assert layout["left"]["collapsed"]
    monkeypatch.delenv("JUPYTERLAB_WORKSPACES_DIR", raising=False)
    (kept,) = Path(launch._layout(tmp_path)["JUPYTERLAB_WORKSPACES_DIR"]).iterdir()
    kept.write_text("mine")
    launch._layout(tmp_path)
    assert kept.read_text() == "mine"
    (tmp_path / "file").touch()
    assert launch._layout(tmp_path / "file") == {}  # nothing can be written there


@pytest.mark.parametrize(
    ("there", "in_a_class"),
    [
        ("exchange", False),
        ("exchange/attention_rollout/outbound", False),
        ("exchange/attention_rollout/outbound/quiz1", True),
        ("hand_in", True),
        ("settings/nbgrader_config.py", True),
    ],
)
def test_buttons_to_fetch_and_validate_come_with_something_to_hand_in(
    tmp_path, monkeypatch, there, in_a_class
):
    (tmp_path / there).mkdir(parents=True)
    monkeypatch.delenv("ROLLOUT_LAB_EXCHANGE", raising=False)
    monkeypatch.setattr("jupyter_core.paths.jupyter_config_path", lambda: [str(tmp_path / "settings")])
    assert launch._in_a_class(tmp_path) is in_a_class
    monkeypatch.setenv("ROLLOUT_LAB_EXCHANGE", str(tmp_path))
    assert launch._in_a_class(tmp_path)


def test_jupyterlab_gets_another_folder_for_its_notes_where_home_takes_none(tmp_path, monkeypatch, capsys):
    resource = pytest.importorskip("resource", reason="only POSIX can limit the size of files")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    with launch._place_for_notes() as added:
        assert added == {}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with launch._place_for_notes() as added:
            folder = Path(added["JUPYTER_RUNTIME_DIR"]).parent
            assert folder.is_dir()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not folder.exists()
    assert "cannot be written to (File too large)" in capsys.readouterr().out
    assert list((tmp_path / "runtime").iterdir()) == []


@pytest.mark.parametrize("asked", [None, "3"])
def test_a_kernel_computes_with_one_thread_unless_asked(tmp_path, monkeypatch, asked):
    def started(command, cwd, env):
        raise InterruptedError(env["OMP_NUM_THREADS"])

    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if asked:
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
    monkeypatch.setattr(launch.subprocess, "Popen", started)
    with pytest.raises(InterruptedError, match=asked or "1"):
        launch._jupyterlab([], tmp_path, tmp_path, [])


def test_the_picture_that_a_laid_lesson_opens_with_is_trusted(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    lesson = ROOT / "course" / launch.FIRST_LESSON
    launch._trust([ROOT / "course" / "cheat_sheet.html", lesson])
    notebook = nbformat.read(lesson, as_version=4)
    assert NotebookNotary().check_signature(notebook)
    notebook.cells[1].outputs[0].data["text/html"] += "<script></script>"
    assert not NotebookNotary().check_signature(notebook)


def test_the_log_of_fetching_is_left_out_where_it_cannot_be_written(tmp_path):
    with launch._log(tmp_path / "not there" / "fetch-model.log") as log:
        log.write(b"said")


def test_an_instructor_s_formgrader_finds_the_course(clone, tmp_path):
    with served(clone, tmp_path / "runtime", "teach", "--no-browser") as (ask, _):
        assignments = json.loads(ask("formgrader/api/assignments"))
        assert [(each["name"], each["status"]) for each in assignments] == [(QUIZ, "released")]
        names = {entry["name"] for entry in json.loads(ask("api/contents"))["content"]}
        assert {"course", "quizzes"} <= names
        listed = json.loads(ask("assignments?course_id=attention_rollout"))
        assert [each["assignment_id"] for each in listed["value"]] == [QUIZ]
