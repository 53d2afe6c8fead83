"""The live edition: the course in JupyterLite, with Python and `rollout_lab` on board, in `build/site/live`.

`site/live` holds its settings. A reader's browser asks no other host for anything.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import jupyter_server

from . import pyodide_folder
from .settings import ROOT

SETTINGS = ROOT / "site" / "live"
SOURCES = ROOT / "build" / "live"
EXTENSIONS = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
KERNEL = EXTENSIONS / "@jupyterlite" / "pyodide-kernel-extension"
WANTED = [KERNEL, EXTENSIONS / "@jupyter-widgets" / "jupyterlab-manager", EXTENSIONS / "anywidget"]
"""The only extensions of JupyterLab that the pages have: Python in a browser, and what shows widgets."""
ICONS = Path(jupyter_server.__file__).parent / "static" / "favicons"
OF_THE_KERNEL = ("piplite-", "pyodide_kernel-", "ipykernel-")
KERNELSPEC = {"name": "python", "display_name": "Python", "language": "python"}


def own_wheels(folder: Path) -> list[Path]:
    """The library of this checkout as a wheel, and the wheels that JupyterLite's kernel brings with it."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    brought = [w for w in (KERNEL / "static" / "pypi").glob("*.whl") if w.name.startswith(OF_THE_KERNEL)]
    return [*folder.glob("*.whl"), *brought]


def write_course(folder: Path) -> None:
    """The notebooks for the browser's kernel, in the folders of a student's copy, and the cheat sheet."""
    (folder / "self_check").mkdir(parents=True)
    shutil.copy(ROOT / "course" / "cheat_sheet.html", folder)
    for path in [*ROOT.glob("course/*.ipynb"), *ROOT.glob("quizzes/self_check/*.ipynb")]:
        notebook = json.loads(path.read_text("utf-8"))
        notebook["metadata"]["kernelspec"] = KERNELSPEC
        place = folder / ("self_check" if path.parent.name == "self_check" else "") / path.name
        place.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), "utf-8")


def build(site: Path) -> None:
    """Build the live edition into `site/live`.

    Raises pyodide_folder.NotToBeHad where no source has the files of its list.
    """
    fetched = pyodide_folder.cache()
    pyodide_folder.fetch(fetched)
    shutil.rmtree(SOURCES, ignore_errors=True)
    shutil.copytree(SETTINGS, SOURCES)
    with TemporaryDirectory() as wheels:
        pyodide_folder.write(SOURCES / "static" / "pyodide", fetched, own_wheels(Path(wheels)))
    write_course(SOURCES / "files")
    live = site / "live"
    shutil.rmtree(live, ignore_errors=True)
    config = {
        "apps": ["notebooks"],
        "contents": ["files"],
        "federated_extensions": [str(folder) for folder in WANTED],
        "ignore_sys_prefix": True,
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "no_libarchive": True,
        "output_dir": str(live),
    }
    (SOURCES / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": config}), "utf-8")
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    done = subprocess.run(command, cwd=SOURCES, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"JupyterLite's build failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    _finish(live)


def _finish(live: Path) -> None:
    """What JupyterLite has no setting for: a line while Python starts, where links lead, and icons."""
    page = live / "notebooks" / "index.html"
    starting = (SETTINGS / "starting.html").read_text("utf-8")
    turned = {
        "<html>": '<html lang="en">',
        "Jupyter Notebook - Notebooks": "Attention rollout, live",
        "WASM powered Jupyter running in the browser.": "A course on attention rollout, run in your browser.",
        "</body>": f"{starting}</body>",
    }
    markup = page.read_text("utf-8")
    for upstream, ours in turned.items():
        if markup.count(upstream) != 1:
            raise RuntimeError(f"JupyterLite's page has another form than expected: no {upstream!r}")
        markup = markup.replace(upstream, ours)
    page.write_text(markup, "utf-8")
    (live / "tree").mkdir()
    shutil.copy(SETTINGS / "tree.html", live / "tree" / "index.html")
    shutil.copytree(ICONS, live / "static" / "favicons")
