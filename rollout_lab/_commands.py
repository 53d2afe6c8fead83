"""Commands as the reader can type them here: for this Python, this environment and this system's shell.

Every message that says what to run takes its words from here, so that none names a program that the reader's
terminal does not find, or a package that nobody published.
"""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from importlib.machinery import PathFinder
from pathlib import Path

PACKAGE = "rollout-lab"
MAKE_TARGETS = {"start": "lab", "teach": "teach", "build": "notebooks"}
CONDA_EXTRAS = ("flow", "lab", "class")  # what environment.yml holds; other extras come with pip


def quoted(*words: object) -> str:
    """Return the words as one line for this system's shell."""
    texts = [str(word) for word in words]
    return subprocess.list2cmdline(texts) if sys.platform == "win32" else shlex.join(texts)


def command(*words: object) -> str:
    """Return the line that runs `rollout-lab` with these words: make's, where the Makefile set things up."""
    repo = _repo_of_makefile()
    if repo and _cwd().is_relative_to(repo) and len(words) == 1 and words[0] in MAKE_TARGETS:
        return _make(repo, MAKE_TARGETS[str(words[0])])
    return quoted(*_rollout_lab(), *words)


def python(*words: object) -> str:
    """Return the line that runs this environment's Python with these words."""
    return quoted(_python(), *words)


def has_pip() -> bool:
    """Return whether this environment holds pip, which environments made by uv do not."""
    # Not importlib.util.find_spec: setuptools watches for pip there, and changes distutils under our feet.
    return PathFinder.find_spec("pip") is not None


def pip(*words: object) -> str:
    """Return the line that runs pip for this environment, which need not hold it."""
    if has_pip():
        return python("-m", "pip", *words)
    if shutil.which("uv"):
        return quoted("uv", "pip", words[0], "--python", sys.executable, *words[1:])
    return f"{python('-m', 'ensurepip')}, then {python('-m', 'pip', *words)}"


def installing(extra: str, repo: Path | None = None) -> str:
    """Return what to do to install the library with an extra: from the course's folder, never by its name.

    repo: the course's folder or an unpacked student bundle; None if there is none here.
    """
    made = _repo_of_makefile()
    if made and repo in (None, made):
        return _make(made, "clean", "setup")
    in_conda = (Path(sys.prefix) / "conda-meta").is_dir() and extra in CONDA_EXTRAS
    if in_conda and repo and (repo / "environment.yml").is_file():
        return quoted("conda", "env", "update", "--prefix", sys.prefix, "--file", repo / "environment.yml")
    if repo and (repo / "pyproject.toml").is_file():
        return pip("install", "-c", repo / "constraints.txt", "-e", f"{repo}[{extra}]")
    if repo and (wheels := sorted(repo.glob("rollout_lab-*.whl"))):
        return pip("install", "-c", repo / "constraints.txt", f"{wheels[-1]}[{extra}]")
    line = pip("install", "-e", f".[{extra}]")
    return f"clone or download the course, and in its folder run: {line}"


def site_folder() -> Path | None:
    """Return the folder that a browser keeps, with the site's notebooks in it; None outside a browser."""
    return Path(*_cwd().parts[:2]) if sys.platform == "emscripten" else None


def search_path() -> str:
    """Return PATH with this environment's programs first: nbgrader calls `alembic` by name."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def _make(repo: Path, *targets: str) -> str:
    return quoted("make", *([] if _cwd() == repo else ["-C", repo]), *targets)


def _repo_of_makefile() -> Path | None:
    """Return the folder whose Makefile made this environment, or None."""
    made = sys.platform != "win32" and (Path(sys.prefix) / ".installed").is_file()
    return Path(sys.prefix).parent if made else None


def _rollout_lab() -> list[object]:
    own = shutil.which("rollout-lab", path=sysconfig.get_path("scripts"))
    # Where the path has a blank, pip's script hands it to a shell in double quotes, which expands these.
    if own is None or any(sign in own for sign in '$`"'):
        return [_python(), "-m", "rollout_lab.cli"]
    return ["rollout-lab" if _on_path() else _from_here(own)]


def _python() -> str | Path:
    return "python" if _on_path() else _from_here(sys.executable)


def _on_path() -> bool:
    """Whether this environment's programs answer to their bare names in the reader's terminal.

    PATH alone does not tell: `make` and `rollout-lab start` put this environment first for what they start.
    """
    if sys.prefix in (os.environ.get("VIRTUAL_ENV"), os.environ.get("CONDA_PREFIX")):
        return True
    found = shutil.which("python")
    return bool(sys.prefix == sys.base_prefix and found and Path(found).samefile(sys.executable))


def _from_here(program: str) -> Path:
    path, here = Path(program), _cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _cwd() -> Path:
    try:
        return Path.cwd()
    except OSError:  # It was deleted.
        return Path(sys.prefix)
