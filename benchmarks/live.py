"""The first output of the first lesson in the live edition, where Python starts in a browser."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from .course import ONE_PLOT
from .stopwatch import Pair, Timed

LIVE = Path(__file__).parents[1] / "build" / "site" / "live"
RUN = """async (source) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = notebook.widgets.findIndex(({ model }) => model.type === "code");
    if (source) notebook.activeCell.model.sharedModel.setSource(source);
    await window.jupyterapp.commands.execute("notebook:run-cell");
}"""
HAS_PYTHON = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"


@contextmanager
def served() -> Iterator[str]:
    """The address of the live edition's pages."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=LIVE)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/notebooks/index.html?path=00_start_here.ipynb"
        server.shutdown()


def first_outputs() -> Iterator[Pair]:
    """From opening lesson 00 with nothing kept to the end of its first cell, beside a cell with one plot."""
    chromium = shutil.which("chromium")
    if not (LIVE / "notebooks" / "index.html").exists() or not chromium:
        print("Nothing was timed in the live edition: make site builds it, and Chromium shows it.")
        return
    from playwright.sync_api import sync_playwright

    with served() as address, sync_playwright() as playwright:

        def first(source: str = "") -> Timed:
            def timed() -> float:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                page = browser.new_page()
                page.set_default_timeout(300_000)
                start = time.perf_counter()
                page.goto(address)
                page.wait_for_function(HAS_PYTHON)
                page.evaluate(RUN, source)
                took = time.perf_counter() - start
                browser.close()
                return took

            return timed

        yield Pair("first output of lesson 00 live", "a cell with one plot", first(), first(ONE_PLOT), 5)
