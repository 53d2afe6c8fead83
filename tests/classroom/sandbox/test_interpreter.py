"""Which Python plays submissions, and what a sandbox with it shows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rollout_lab.classroom.sandbox import interpreter
from rollout_lab.classroom.sandbox.bubblewrap import missing
from rollout_lab.classroom.sandbox.interpreter import LIBRARY, OWN, Interpreter, why_not
from rollout_lab.classroom.sandbox.runner import Cell, Job

from ..nbgrader_class import run


@pytest.fixture
def become(monkeypatch):
    """Let the grader's own Python be another one, for one test."""

    def be(*places, users=()):
        interpreter.interpreter.cache_clear()
        monkeypatch.setattr(interpreter, "OWN", Interpreter(sys.executable, tuple(map(str, places)), users))

    yield be
    interpreter.interpreter.cache_clear()


@pytest.mark.needs("bubblewrap")
def test_packages_that_a_user_installed_for_themselves_are_found_in_the_sandbox(become, tmp_path):
    tmp_path.chmod(0o755)  # where root grades, nobody plays
    (tmp_path / "mine.py").write_text("word = 'found'")
    become(*OWN.places, tmp_path, users=(str(tmp_path),))
    assert missing() is None
    record = run(Job((Cell("code", "a cell", "import mine, numpy\nprint(mine.word)"),)))
    assert record.outputs[0] == [{"output_type": "stream", "name": "stdout", "text": "found\n"}]


@pytest.mark.parametrize("place", [Path.home(), LIBRARY.parents[1]], ids=["home", "course"])
def test_a_python_that_is_installed_in_the_home_or_the_course_itself_makes_no_sandbox(become, place):
    become(place)
    assert f"{sys.executable} is installed in {place} itself, so a sandbox with it would show" in why_not("")
    assert why_not("", sandboxed=False) is None


@pytest.mark.needs("bubblewrap")
def test_a_python_that_was_started_by_a_path_with_steps_up_plays_too(tmp_path):
    started = os.path.relpath(sys.executable, tmp_path)
    assert started.startswith("..")
    code = "from rollout_lab.classroom.sandbox.bubblewrap import missing; print(missing())"
    done = subprocess.run([started, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("None", "")
