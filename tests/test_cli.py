"""What the command line says where a terminal, or an environment, lacks something."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rollout_lab import cli
from rollout_lab._commands import installing

ROOT = Path(__file__).parent.parent
COMMANDS = {
    "start": "lab",
    "teach": "lab",
    "build": "class",
    "papers": "class",
    "bundle": "class",
    "collect some.zip": "class",
    "scores quiz1_single_layer_attention some.csv": "class",
    "grade quiz1_single_layer_attention": "class",
    "grade quiz1_single_layer_attention --scheduler tcp://localhost:1": "cluster",
    "report quiz1_single_layer_attention": "class",
}
EXTRAS = {"bleach", "distributed", "hatchling", "jinja2", "jupyterlab", "jupytext"}
EXTRAS |= {"latex2mathml", "nbformat", "nbgrader", "psutil", "yaml"}


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_what_the_terminal_s_encoding_lacks_is_printed_escaped(tmp_path, monkeypatch, encoding):
    clone = tmp_path / "Übung für Łukasz"
    (clone / "quizzes").mkdir(parents=True)
    (clone / "course").mkdir()
    (clone / "course" / "00_start_here.ipynb").write_text('{"cells": []}')
    monkeypatch.chdir(clone)
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2)]
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    codes = [cli.main(words) for words in (["start", "--no-lab"], ["fresh", "00"], ["fresh", "Ł"])]
    for stream in streams:
        stream.flush()
    out, err = (stream.buffer.getvalue().decode(encoding) for stream in streams)
    assert codes == [0, 0, 1]
    assert "Laid 1 file into " in out
    assert r"\u0141ukasz" in out
    assert r"No lesson or quiz is called '\u0141'" in err


def test_one_lesson_is_built_alone_and_an_unknown_one_is_answered_with_those_there_are(
    tmp_path, monkeypatch, capsys
):
    shutil.copytree(ROOT / "course" / "text", tmp_path / "course" / "text")
    shutil.copytree(ROOT / "quizzes" / "bank", tmp_path / "quizzes" / "bank")  # it says the quiz's minutes
    monkeypatch.chdir(tmp_path)
    assert cli.main(["build", "02"]) == 0
    (built,) = (tmp_path / "course").glob("*.ipynb")
    assert built.read_bytes() == (ROOT / "course" / built.name).read_bytes()
    assert cli.main(["build", "99"]) == 1
    assert "No lesson in course/text begins with '99'. There are: 00_start_here" in capsys.readouterr().err


@pytest.fixture(scope="module")
def without_extras(tmp_path_factory):
    """What each command says, and exits with, where only the library's own dependencies are installed."""
    clone = tmp_path_factory.mktemp("clone")
    for name in ("course", "quizzes"):
        shutil.copytree(
            ROOT / name, clone / name, ignore=shutil.ignore_patterns("exchange", "*.db", "[ars]*[ed]")
        )
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, clone)
    program = f"""
import contextlib, io, json, sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {EXTRAS!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
from rollout_lab import cli
said = {{}}
for line in {list(COMMANDS)!r}:
    with contextlib.redirect_stderr(io.StringIO()) as err:
        said[line] = cli.main(line.split()), err.getvalue()
print(json.dumps(said))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=clone, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return clone, json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(("line", "extra"), COMMANDS.items())
def test_a_missing_package_is_one_line_that_names_it_and_installs_it_from_the_course(
    without_extras, line, extra
):
    clone, said = without_extras
    code, text = said[line]
    assert code == 1
    assert text.startswith("rollout-lab: this command needs ")
    assert f"which is not installed in {sys.prefix}. To mend that: " in text
    assert text.count("\n") == 1
    assert text.endswith(f"{installing(extra, clone)}\n")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModuleNotFoundError("No module named 'yaml'", name="yaml"), "needs yaml, which is not installed in"),
        (
            ImportError("cannot import name 'a' from 'nbgrader.b'", name="nbgrader.b"),
            "cannot use nbgrader as it is installed (cannot import name 'a' from 'nbgrader.b')",
        ),
        (ModuleNotFoundError("No module named 'rollout_lab.gone'", name="rollout_lab.gone"), None),
        (ImportError("cannot import name 'a' from 'rollout_lab.b'", name="rollout_lab.b"), None),
        (ModuleNotFoundError("No module named '_ctypes'", name="_ctypes"), None),
        (ImportError("something else"), None),
    ],
)
def test_only_another_s_package_is_taken_for_a_missing_one_our_own_faults_stay_faults(
    monkeypatch, capsys, error, said
):
    def command(options):
        raise error

    monkeypatch.setattr(cli, "_papers", command)
    if said is None:
        with pytest.raises(ImportError):
            cli.main(["papers"])
    else:
        assert cli.main(["papers"]) == 1
        assert said in capsys.readouterr().err
        with pytest.raises(ImportError):
            cli.main(["--traceback", "papers"])
