"""One JupyterLab for students, one for instructors and one Chromium, shared by all browser tests."""

import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from .. import needs
from .jupyterlab import Lab

ROOT = Path(__file__).parents[2]
SCREENSHOTS = Path(__file__).parent / "screenshots"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(
                pytest.mark.needs("firefox-esr" if "firefox" in Path(item.fspath).name else "chromium")
            )
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def playwright():
    """What starts browsers; a process has one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright):
    """A running headless Chromium."""
    browser = playwright.chromium.launch(executable_path=needs.chromium(), args=CHROMIUM_FLAGS)
    yield browser
    browser.close()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and logs nothing."""

    def log_message(self, *words):
        pass


@pytest.fixture(scope="session")
def site_address():
    """The web edition as any web server shows it, below another path; the address ends with a slash."""
    handler = functools.partial(QuietHandler, directory=ROOT / "build")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/site/"
        server.shutdown()


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    """The course as a fresh clone would hold it, so that no test writes into this one."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("course", "quizzes"):
        ignored = shutil.ignore_patterns(
            "exchange", "release", "submitted", "gradebook.db*", "autograded", "feedback"
        )
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    return folder


@pytest.fixture(scope="session")
def released(clone):
    """The first quiz, generated and released with the commands that the README prints."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    (clone / "quizzes" / "exchange").mkdir(exist_ok=True)
    for step in ("generate_assignment", "release_assignment"):
        command = ["nbgrader", step, "quiz1_single_layer_attention"]
        subprocess.run(command, cwd=clone / "quizzes", env=environment, check=True, capture_output=True)
    return clone


def serve(command: str, clone: Path, log: Path, prefix=(), environment=os.environ):
    """Start `rollout-lab <command>` in a clone; yields its address and stops it in the end.

    ``prefix`` is a command that starts it: as another user, say.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    flags = [
        f"--port={port}",
        "--no-browser",
        "--IdentityProvider.token=",
        "--LabApp.expose_app_in_browser=True",
    ]
    flags += ["--no-fetch"] if command == "start" else []
    settings = {
        # nbgrader keeps what a person submitted in the data folder: this one is nobody else's.
        "JUPYTER_DATA_DIR": str(clone / "data"),
        "JUPYTERLAB_WORKSPACES_DIR": str(clone / command),
        "JUPYTERLAB_SETTINGS_DIR": str(clone / f"{command}s"),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "rollout_lab.cli", command, *flags],
            cwd=clone,
            env={**environment, **settings},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        for _attempt in range(240):
            try:
                urllib.request.urlopen(f"{address}/api/status")
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None, log.read_text()
                time.sleep(0.25)
        else:
            raise AssertionError(f"no JupyterLab after a minute:\n{log.read_text()}")
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # the server may be a child of the prefix
        process.wait(30)


@pytest.fixture(scope="session")
def student_address(released, tmp_path_factory):
    yield from serve("start", released, tmp_path_factory.mktemp("log") / "student.log")


@pytest.fixture(scope="session")
def teacher_address(released, tmp_path_factory):
    yield from serve("teach", released, tmp_path_factory.mktemp("log") / "teacher.log")


def new_lab(chromium, address, name):
    """A JupyterLab in a new browser context."""
    SCREENSHOTS.mkdir(exist_ok=True)
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    lab = Lab(context.new_page(), address, SCREENSHOTS, name)
    yield lab
    lab.close()
    context.close()


@pytest.fixture
def student(chromium, student_address, request):
    """A student's JupyterLab in a new browser context."""
    yield from new_lab(chromium, student_address, request.node.name)


@pytest.fixture
def teacher(chromium, teacher_address, request):
    """An instructor's JupyterLab in a new browser context."""
    yield from new_lab(chromium, teacher_address, request.node.name)
