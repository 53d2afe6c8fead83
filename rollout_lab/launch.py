"""Start JupyterLab for a student or for an instructor, the same way on every system."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from rollout_lab.working_copy import HIDDEN, find_clone, prepare

SETTINGS = Path(__file__).parent / "jupyter_settings"
FIRST_LESSON = "00_start_here.ipynb"
A_DAY = 24 * 60 * 60


def start(flags=(), *, target="my-course", lab=True, fetch=True):
    """Prepare the student's working copy and open it in JupyterLab; returns JupyterLab's exit code.

    flags: passed on to JupyterLab. target: the working copy's folder. lab=False prepares and stops there;
    fetch=False does not look for the model's weights. Raises `WorkingCopyError` outside a course.
    """
    clone = find_clone()
    prepared = prepare(target, clone)
    _report(prepared)
    if not lab:
        return 0
    _make_exchange(clone)
    with _fetching_model(prepared.folder) if fetch else contextlib.nullcontext():
        first = f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}"
        return _jupyterlab(
            ["student", "common"], clone, prepared.folder, ["--ServerApp.root_dir=.", first, *flags]
        )


def teach(flags=()):
    """Open JupyterLab for an instructor, with Formgrader; returns JupyterLab's exit code.

    flags: passed on to JupyterLab. Raises `WorkingCopyError` outside a course.
    """
    clone = find_clone()
    _make_exchange(clone)
    # nbgrader's pages find the course only when the server works in the folder of nbgrader_config.py.
    return _jupyterlab(["common"], clone, clone / "quizzes", [f"--ServerApp.root_dir={clone}", *flags])


def _report(prepared):
    if prepared.laid:
        print(f"Laid {len(prepared.laid)} notebooks into {prepared.folder}: no update touches them.")
    for path in prepared.newer:
        print(f"A new version lies beside your copy: {path.relative_to(prepared.folder)}")


def _make_exchange(clone):
    """Make the folder that handed-out and handed-in notebooks pass through; a student bundle has none."""
    if not (clone / "quizzes" / "nbgrader_config.py").exists():
        return
    exchange = Path(os.environ.get("ROLLOUT_LAB_EXCHANGE") or clone / "quizzes" / "exchange")
    with contextlib.suppress(OSError):
        exchange.mkdir(parents=True, exist_ok=True)


def _jupyterlab(settings, clone, folder, flags):
    paths = [
        *(str(SETTINGS / name) for name in settings),
        str(clone / "quizzes"),
        os.environ.get("JUPYTER_CONFIG_PATH"),
    ]
    environment = os.environ | {
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths)),
        # nbgrader calls `alembic` by name, wherever this environment is.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }
    command = [sys.executable, "-m", "jupyterlab", *_circumstances(), *flags]
    print("Starting JupyterLab. To stop it, press Ctrl-C here twice.", flush=True)
    process = subprocess.Popen(command, cwd=folder, env=environment)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        # Ctrl-C reaches JupyterLab too, which asks before it stops: keep waiting for its answer.
        with contextlib.suppress(KeyboardInterrupt):
            return process.wait()


def _circumstances():
    """Return the flags that fit this terminal: a short log, leave for root, no text browser in it."""
    flags = ["--log-level=WARN"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--allow-root")
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in screens):
        flags.append("--no-browser")
    return flags


@contextlib.contextmanager
def _fetching_model(folder):
    """Fetch the model's weights in the background while the course is open, trying at most once a day."""
    tried = folder / HIDDEN / "fetch-model.log"
    if _model_is_here() or (tried.exists() and time.time() - tried.stat().st_mtime < A_DAY):
        yield
        return
    print("Fetching the language model (83 MB) in the background; the course works without it.")
    with tried.open("wb") as log:
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
            _stop(process)
            tried.unlink()  # Broken off, not refused: the next start may try again.


def _model_is_here():
    from rollout_lab.models import ModelNotFetched, model_path

    try:
        model_path()
    except ModelNotFetched:
        return False
    return True


def _stop(process):
    """Stop a process in a session of its own, with the downloads it started."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGTERM)
    else:
        process.terminate()
    process.wait()
