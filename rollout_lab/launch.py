"""Start JupyterLab for a student or for an instructor, the same way on every system."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from rollout_lab import working_copy
from rollout_lab._commands import search_path

SETTINGS = Path(__file__).parent / "jupyter_settings"
FIRST_LESSON = "00_start_here.ipynb"
PLACES_OF_NOTES = ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")
BYTES_OF_NOTES = 256 * 1024  # what JupyterLab's own notes of a server, a few kernels and notebooks may take


def start(
    flags: Sequence[str] = (), *, target: Path | str | None = None, lab: bool = True, fetch: bool = True
) -> int:
    """Prepare the student's working copy and open it in JupyterLab; returns JupyterLab's exit code.

    A `target` is remembered for the next start. lab=False prepares and stops; fetch=False fetches no model.
    """
    folder, repo = working_copy.locate(target)
    if lab:
        _need("jupyterlab")
    prepared = working_copy.prepare(folder, repo)
    working_copy.remember(folder, repo)
    _report(prepared)
    if not lab:
        return 0
    _trust([*prepared.laid, *prepared.newer])
    with _fetching_model(folder) if fetch else contextlib.nullcontext():
        first = f"/{FIRST_LESSON}" if (folder / FIRST_LESSON).exists() else ""
        flags = ["--ServerApp.root_dir=.", f"--LabApp.default_url=/lab/tree{first}", *flags]
        settings = ["student", "common"] if _in_a_class(repo / "quizzes") else ["alone", "student", "common"]
        return _jupyterlab(settings, repo, folder, flags)


def teach(flags: Sequence[str] = ()) -> int:
    """Open JupyterLab for an instructor, with Formgrader; returns JupyterLab's exit code."""
    repo = working_copy.find_repo()
    _need("jupyterlab")
    _need("nbgrader")
    # nbgrader's pages find the course only when the server works in the folder of nbgrader_config.py.
    return _jupyterlab(["common"], repo, repo / "quizzes", [f"--ServerApp.root_dir={repo}", *flags])


def _in_a_class(quizzes: Path) -> bool:
    """Whether quizzes may be fetched and submitted here; only then JupyterLab has buttons for it."""
    from jupyter_core.paths import jupyter_config_path

    if os.environ.get("ROLLOUT_LAB_EXCHANGE") or (quizzes / "hand_in").is_dir():
        return True
    try:
        released = any(working_copy.exchange_folder(quizzes).glob("*/outbound/*"))
    except OSError:  # somebody's exchange, though not readable now
        return True
    # Settings of nbgrader from elsewhere may name an exchange that is not looked at here.
    return released or any(any(Path(each).glob("nbgrader_config.*")) for each in jupyter_config_path())


def _need(package: str) -> None:
    """Raise what importing would raise: JupyterLab is imported by a process of its own."""
    if find_spec(package) is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)


def _report(prepared: working_copy.Prepared) -> None:
    folder, found = prepared.folder, working_copy.obstacle(prepared.folder)
    if prepared.laid:
        print(f"Laid {_files(prepared.laid)} into {folder}: no update touches what is there.")
    for path in prepared.newer:
        print(f"A new version lies beside your copy: {path.relative_to(folder)}")
    if prepared.why:
        why = found.message if found else f"{folder}: {prepared.why.strerror}"
        print(f"{_files(prepared.lacking)} of this version could not be laid there. {why}.")
    elif found:
        print(f"{found.message}: you can read and run everything, but nothing that you change is saved.")
    elif shutil.disk_usage(folder).free < 2**20:  # a megabyte
        print(f"The disk of {folder} is full: you can read and run everything, but saving may fail.")
    else:
        return
    if found and found.cure:
        print(f"To mend that: {found.cure}")
    print(f"For a working copy in another place: {working_copy.elsewhere(folder)}")


def _trust(notebooks: list[Path]) -> None:
    """Tell JupyterLab that the course's own notebooks are: only then their pictures follow the dark theme."""
    import nbformat
    from nbformat.sign import NotebookNotary

    with contextlib.suppress(OSError, ValueError, sqlite3.Error):
        notary = NotebookNotary()
        for path in (each for each in notebooks if each.suffix == ".ipynb"):
            notary.sign(nbformat.read(path, as_version=nbformat.NO_CONVERT))
        notary.store.close()


def _files(paths: list[Path]) -> str:
    return f"{len(paths)} file{'' if len(paths) == 1 else 's'}"


def _jupyterlab(settings: list[str], repo: Path, folder: Path, flags: Sequence[str]) -> int:
    quizzes = repo / "quizzes"
    if (quizzes / "nbgrader_config.py").exists():  # A student bundle has none.
        with contextlib.suppress(OSError):
            working_copy.exchange_folder(quizzes).mkdir(parents=True, exist_ok=True)
    paths = [
        *(str(SETTINGS / name) for name in settings),
        str(quizzes),
        os.environ.get("JUPYTER_CONFIG_PATH"),
    ]
    # Beside neighbours two threads of a product wait for each other: kernels get one, unless asked for more.
    environment = {
        "OMP_NUM_THREADS": "1",
        **os.environ,
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths)),
        "PATH": search_path(),
    }
    command = [sys.executable, "-m", "jupyterlab", *_circumstances(), *flags]
    with _place_for_notes() as place:
        if "student" in settings and not place:
            place = _layout(folder)
        print("Starting JupyterLab. To stop it, press Ctrl-C here twice.", flush=True)
        process = subprocess.Popen(command, cwd=folder, env=environment | place)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        while True:
            # Ctrl-C reaches JupyterLab too, which asks before it stops: keep waiting for its answer.
            with contextlib.suppress(KeyboardInterrupt):
                return process.wait()


@contextlib.contextmanager
def _place_for_notes() -> Iterator[dict[str, str]]:
    """Yield what to add to the environment so that JupyterLab works though home is full or read-only.

    What it keeps there is none of the student's work, and may as well be temporary.
    """
    from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir

    try:
        for usual in map(Path, (jupyter_data_dir(), jupyter_runtime_dir())):
            usual.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=usual) as file:
                file.write(bytes(BYTES_OF_NOTES))
    except OSError as error:
        print(f"{usual} cannot be written to ({error.strerror}): JupyterLab forgets its layout when it ends.")
        with tempfile.TemporaryDirectory(prefix="jupyter-", ignore_cleanup_errors=True) as folder:
            yield {name: str(Path(folder, name.lower())) for name in PLACES_OF_NOTES}
    else:
        yield {}


def _layout(folder: Path) -> dict[str, str]:
    """Return what makes JupyterLab remember this folder's layout, which at first gives a lesson the width."""
    from jupyterlab_server.workspaces_handler import WorkspacesManager

    if os.environ.get("JUPYTERLAB_WORKSPACES_DIR"):
        return {}
    layouts = folder / working_copy.HIDDEN / "layouts"
    folded = {"left": {"collapsed": True, "visible": True, "widgets": ["filebrowser"]}}
    first = {"data": {"layout-restorer:data": folded}, "metadata": {"id": "default"}}
    try:
        if not layouts.is_dir():
            WorkspacesManager(str(layouts)).save("default", json.dumps(first))
    except OSError:  # the list of files is open then, as JupyterLab has it
        return {}
    return {"JUPYTERLAB_WORKSPACES_DIR": str(layouts)}


def _circumstances() -> list[str]:
    """Return the flags that fit this terminal: a short log, leave for root, no text browser in it."""
    flags = ["--log-level=WARN"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--allow-root")
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in screens):
        flags.append("--no-browser")
    return flags


@contextlib.contextmanager
def _fetching_model(folder: Path) -> Iterator[None]:
    """Fetch the model's weights in the background while the course is open, trying at most once a day."""
    from rollout_lab.models import is_fetched

    tried = folder / working_copy.HIDDEN / "fetch-model.log"
    if is_fetched() or (tried.exists() and time.time() - tried.stat().st_mtime < working_copy.A_DAY):
        yield
        return
    print("Fetching the language model (83 MB) in the background; the course works without it.")
    with _log(tried) as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "rollout_lab.cli", "fetch-model"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the terminal is meant for JupyterLab.
        )
    try:
        yield
    finally:
        if process.poll() is None:
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGTERM)  # With the downloads that it started.
            else:
                process.terminate()
            process.wait()
            with contextlib.suppress(OSError):
                tried.unlink()  # Broken off, not refused: the next start may try again.


def _log(path: Path) -> BinaryIO:
    """Open the log of the fetching, or nothing where it cannot be written: the model is kept elsewhere."""
    try:
        return path.open("wb")
    except OSError:
        return open(os.devnull, "wb")
