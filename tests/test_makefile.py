"""The Makefile's environment: made once, and anew where the course's folder was moved or copied.

Python is a script here that writes down what it is asked, so that no test installs anything.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYTHON = """#!/bin/sh
case "$0" in *rollout-lab) set -- -m rollout_lab.cli "$@" ;; esac
printf '%s\\n' "$*" >> "$ASKED"
printf '%s\\n' "${PATH%%:*}" > "$ASKED.first-on-path"
case "$*" in *" venv "*)
  rm -rf .venv && mkdir -p .venv/bin
  cp "$RECORDER" .venv/bin/python && cp "$RECORDER" .venv/bin/rollout-lab ;;
esac
"""
MADE_ANEW = ["-m venv --clear .venv", "-m pip install"]
NAMES = [
    "plain",
    "My Drive",
    "100% sure",
    "a%b",
    "$HOME",
    "a $(pwd) b",
    "#1 course",
    'it\'s "mine"',
    "-n",
    "Übung",
    "a;b&c",
    "back\\slash",
    "star * [x]",
]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="no make here: sudo apt install make")


@pytest.fixture
def make(tmp_path):
    """Call a target in a folder; returns what Python was asked for to make an environment, and else."""
    recorder = tmp_path / "recorder"
    recorder.write_text(PYTHON)
    recorder.chmod(0o755)
    asked = tmp_path / "asked"

    def call(folder, target="setup", **environment):
        asked.write_text("")
        done = subprocess.run(
            ["make", "-s", target, f"PYTHON={recorder}"],
            cwd=folder,
            env=os.environ | {"ASKED": str(asked), "RECORDER": str(recorder)} | environment,
            capture_output=True,
            text=True,
        )
        lines = asked.read_text().splitlines()
        kept = [line for line in lines if not line.startswith("-c ")]
        return done, [line.split(" --quiet")[0] for line in kept]

    call.first_on_path = lambda: Path(f"{asked}.first-on-path").read_text().removesuffix("\n")
    return call


def clone(folder):
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    for name in ("rollout_lab", "tests", "tools", "course"):
        (folder / name).mkdir()
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_an_environment_is_made_once_and_anew_where_the_folder_was_moved_or_copied(tmp_path, make, name):
    first = clone(tmp_path / name)
    assert make(first)[1] == MADE_ANEW
    assert make(first)[1] == []
    moved = first.rename(tmp_path / f"{name}-moved")
    assert make(moved)[1] == MADE_ANEW
    copied = shutil.copytree(moved, tmp_path / f"{name}-copied", copy_function=os.link)
    assert make(copied)[1] == MADE_ANEW
    assert make(moved)[1] == [], "what the copy did has reached the folder that it was copied from"


@pytest.mark.parametrize("name", NAMES)
def test_what_make_starts_finds_this_folder_s_programs_first(tmp_path, make, name):
    folder = clone(tmp_path / name)
    done, asked = make(folder, "lab")
    assert (done.returncode, done.stderr) == (0, "")
    assert asked == [*MADE_ANEW, "-m rollout_lab.cli start"]
    assert make.first_on_path() == f"{folder}/.venv/bin"


def test_a_path_with_a_dollar_sign_reaches_the_programs_as_it_is(tmp_path, make):
    folder = clone(tmp_path / "clone")
    make(folder)
    before = f"/opt/a$HOME:{os.environ['PATH']}"
    make(folder, PATH=before)
    done = subprocess.run(
        ["make", "-s", "-f", "Makefile", "-f", "-", "told"],
        input="told:\n\t@printf '%s' \"$$PATH\"\n",
        cwd=folder,
        env=os.environ | {"PATH": before},
        capture_output=True,
        text=True,
    )
    assert done.stdout == f"{folder}/.venv/bin:{before}"


def test_an_environment_whose_python_is_gone_or_that_was_cleaned_is_made_anew(tmp_path, make):
    folder = clone(tmp_path / "My Drive")
    make(folder)
    (folder / ".venv" / "bin" / "python").unlink()
    assert make(folder)[1] == MADE_ANEW
    subprocess.run(["make", "-s", "clean"], cwd=folder, check=True)
    assert make(folder)[1] == MADE_ANEW


def test_a_folder_that_no_environment_can_be_made_in_is_named(tmp_path, make):
    done, asked = make(clone(tmp_path / "12:30 course"))
    assert done.returncode
    assert asked == []
    assert "12:30 course, has a colon" in done.stdout
