"""The commands that messages tell the reader to run: they can be typed, and install no stranger's package."""

import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import SimpleNamespace

import pytest

from rollout_lab import _commands
from rollout_lab._commands import command, has_pip, installing, pip, python, quoted

ROOT = Path(__file__).parent.parent
AWKWARD = ["a b", "it's", '"x"', "$HOME", "100%", "é", "-n", "c[lab]"]


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """Say of what kind this environment is: a folder of its own, neither activated nor made by make."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "clone" / ".venv"))
    (tmp_path / "clone" / ".venv").mkdir(parents=True)
    for name in ("pyproject.toml", "environment.yml", "constraints.txt"):
        (tmp_path / "clone" / name).touch()
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Path(sys.prefix)


def test_a_line_means_the_words_to_this_system_s_shell():
    line = quoted(sys.executable, "-c", "import sys; print(sys.argv[1:])", *AWKWARD)
    said = subprocess.run(line, shell=True, check=True, capture_output=True, text=True).stdout
    assert said.strip() == str(AWKWARD)


def test_on_windows_words_are_quoted_as_windows_reads_them(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert quoted(r"C:\Program Files\python.exe", "-m", "pip") == r'"C:\Program Files\python.exe" -m pip'


def test_every_line_can_be_run_as_it_is_printed(environment, tmp_path):
    for line in (python("-c", ""), pip("--version"), command("fresh", "--help")):
        subprocess.run(line, shell=True, check=True, cwd=tmp_path, capture_output=True)


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_in_an_activated_environment_bare_names_do(environment, monkeypatch, variable):
    monkeypatch.setenv(variable, sys.prefix)
    assert command("start") == "rollout-lab start"
    assert python("-m", "ipykernel") == "python -m ipykernel"


def test_beside_another_activated_environment_the_whole_path_is_named(environment, monkeypatch):
    monkeypatch.setenv("CONDA_PREFIX", "/opt/conda")
    assert shutil.which(command("start").split()[0]) == command("start").split()[0]
    assert python() == quoted(sys.executable)


def test_a_script_that_its_folder_s_name_breaks_is_not_named(environment, monkeypatch):
    """pip lets a shell read the path of Python where it has a blank: "a $b" becomes "a "."""
    scripts = environment / "a $b"
    scripts.mkdir()
    (scripts / "rollout-lab").touch(0o755)
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(scripts))
    assert command("fresh") == python("-m", "rollout_lab.cli", "fresh")


def test_where_the_makefile_made_the_environment_make_is_named(environment, monkeypatch):
    (environment / ".installed").touch()
    clone = environment.parent
    assert command("start").endswith("rollout-lab start"), "make would open another course than the one here"
    monkeypatch.chdir(clone)
    assert [command(word) for word in ("start", "teach", "build")] == [
        "make lab",
        "make teach",
        "make notebooks",
    ]
    assert installing("class", clone) == "make clean setup"
    assert command("start", "--target", "x").endswith("rollout-lab start --target x")
    (clone / "my-course").mkdir()
    monkeypatch.chdir(clone / "my-course")
    assert command("start") == f"make -C {clone} lab"


def test_windows_is_not_told_to_make(environment, monkeypatch):
    (environment / ".installed").touch()
    monkeypatch.chdir(environment.parent)
    # For this module alone: the standard library would look for Windows' own modules.
    as_on_windows = SimpleNamespace(**{**vars(sys), "platform": "win32"})
    monkeypatch.setattr(_commands, "sys", as_on_windows)
    assert "make" not in command("start") + installing("lab", environment.parent)


def test_an_extra_is_installed_from_the_course_s_folder(environment):
    clone = environment.parent
    assert installing("lab", clone) == pip("install", "-c", clone / "constraints.txt", "-e", f"{clone}[lab]")
    (clone / "pyproject.toml").unlink()
    wheel = clone / "rollout_lab-0.2.0-py3-none-any.whl"
    wheel.touch()
    assert installing("lab", clone) == pip("install", "-c", clone / "constraints.txt", f"{wheel}[lab]")
    assert installing("lab").startswith("clone or download the course, and in its folder run: ")
    assert installing("lab").endswith("pip install -e '.[lab]'")


def test_a_conda_environment_is_completed_by_conda_as_far_as_its_file_goes(environment):
    (environment / "conda-meta").mkdir()
    clone = environment.parent
    file = clone / "environment.yml"
    assert installing("class", clone) == quoted(
        "conda", "env", "update", "--prefix", sys.prefix, "--file", file
    )
    assert "pip install" in installing("cluster", clone)


def test_without_pip_uv_is_named_or_how_to_get_pip(environment, monkeypatch, tmp_path):
    monkeypatch.setattr(_commands, "has_pip", lambda: False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pip("install", "x") == f"{python('-m', 'ensurepip')}, then {python('-m', 'pip', 'install', 'x')}"
    (tmp_path / "uv").touch(0o755)
    assert pip("install", "x") == quoted("uv", "pip", "install", "--python", sys.executable, "x")


def test_looking_for_pip_leaves_the_import_system_as_it_was():
    """On Python 3.11 setuptools takes a look for pip as pip's start, and nbgrader's distutils breaks."""
    code = "from rollout_lab._commands import has_pip; assert has_pip(); import setuptools, distutils.core"
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", code], capture_output=True, text=True
    )
    assert has_pip()
    assert done.returncode == 0 or "No module named" in done.stderr, done.stderr


BY_NAME = re.compile(r"""install\b[^\n#`]*[ '"]rollout[-_]lab(?=[\s'"\[,.;`]|$)""")


@pytest.mark.parametrize(
    ("text", "by_name"),
    [
        ("pip install 'rollout-lab[lab]'", True),
        ("pip install rollout_lab", True),
        ("pip install --upgrade rollout-lab.", True),
        ("python -m pip install -e '.[lab]'   # for rollout-lab", False),
        ("pip install ./rollout_lab-0.2.0-py3-none-any.whl", False),
    ],
)
def test_the_check_below_tells_a_name_from_a_folder(text, by_name):
    assert bool(BY_NAME.search(text)) == by_name


def test_nothing_tells_anybody_to_install_the_library_by_its_name():
    """Nobody published it: whoever takes the name could install what they like."""
    files = [*ROOT.glob("*.md"), *ROOT.glob("*.yml"), *ROOT.glob("quizzes/*.md")]
    files += [path for folder in ("rollout_lab", "course/text") for path in (ROOT / folder).rglob("*")]
    kinds = {".md", ".yml", ".py", ".toml", ".j2", ".js"}
    texts = {path: path.read_text("utf-8") for path in files if path.is_file() and path.suffix in kinds}
    assert len(texts) > 100
    found = {str(path): BY_NAME.findall(text) for path, text in texts.items()}
    assert not {path: lines for path, lines in found.items() if lines}


def test_the_folder_that_a_browser_keeps_is_the_first_below_the_root_and_elsewhere_there_is_none(monkeypatch):
    assert _commands.site_folder() is None
    monkeypatch.setattr(_commands, "_cwd", lambda: Path("/drive/self_check"))
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert _commands.site_folder() == Path("/drive")
