"""What a test may need that a machine can lack: how to tell whether it is there, and how to get it."""

import functools
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

PREFIX = "needs "


class Need(NamedTuple):
    """A thing that some tests need: what it is, why it is missing ("" if it is there), how to get it."""

    what: str
    missing: Callable[[], str]
    get: str


@functools.cache
def no_sandbox() -> str:
    """Why no submission can be run in a sandbox here, or ""."""
    from rollout_lab.classroom.sandbox.bubblewrap import missing

    return missing() or ""


@functools.cache
def no_model() -> str:
    from rollout_lab.models import ModelNotFetched, model_path

    try:
        model_path()
    except ModelNotFetched as error:
        return str(error)
    return ""


def chromium() -> str | None:
    """The path of the browser that the tests drive, None if there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def firefox() -> str | None:
    """The path of the other browser that shows the web edition to the tests, None if there is none."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


def no_esbuild() -> str:
    """Why the widgets' scripts cannot be built here, or ""."""
    modules = Path(__file__).parents[1] / "javascript" / "node_modules"
    return "" if (modules / "esbuild").is_dir() else f"no {modules}"


def no_site() -> str:
    """Why no page of the web edition can be opened here, or ""."""
    site = Path(__file__).parents[1] / "build" / "site"
    return "" if (site / "read" / "index.html").exists() else f"no {site}"


def no_live() -> str:
    """Why no lesson of the live edition can be opened here, or ""."""
    live = Path(__file__).parents[1] / "build" / "site" / "live"
    return "" if (live / "notebooks" / "index.html").exists() else f"no {live}"


def _no_module(*names: str) -> Callable[[], str]:
    return lambda: ", ".join(name for name in names if find_spec(name) is None)


NEEDS = {
    "bubblewrap": Need("the sandbox, made by bubblewrap", no_sandbox, "sudo apt install bubblewrap"),
    "chromium": Need("a browser", lambda: "" if chromium() else "no Chromium", "sudo apt install chromium"),
    "esbuild": Need("esbuild, which builds the widgets' scripts", no_esbuild, "make javascript"),
    "firefox-esr": Need("Firefox", lambda: "" if firefox() else "no Firefox", "sudo apt install firefox-esr"),
    "git": Need("git", lambda: "" if shutil.which("git") else "no git", "sudo apt install git"),
    "live": Need("the live edition", no_live, "make site"),
    "make": Need("make", lambda: "" if shutil.which("make") else "no make", "sudo apt install make"),
    "model": Need("the language model", no_model, "rollout-lab fetch-model"),
    "site": Need("the web edition", no_site, "make site"),
    "torch": Need("PyTorch and transformers", _no_module("torch", "transformers"), "make test-torch"),
}


def skip_without(name: str) -> None:
    """Skip the running test if a thing is missing; the reason says how to get it."""
    need = NEEDS[name]
    if why := need.missing():
        pytest.skip(f"{PREFIX}{name}: {why}. Get it: {need.get}")


def needed(reason: str) -> str | None:
    """The name of the need for which a test was skipped, None if it was for another reason."""
    words = reason.removeprefix("Skipped: ")
    name = words.removeprefix(PREFIX).partition(":")[0]
    return name if words.startswith(PREFIX) and name in NEEDS else None


def what_was_skipped(reasons: list[str]) -> list[str]:
    """What to tell at the end of a run: how many tests were skipped for want of what, and the way to get it.

    `reasons`: the reason of each skipped test. What only `make test-torch` runs is told apart.
    """
    names = [needed(reason) for reason in reasons]
    lines = [
        f"{names.count(name):5} need {need.what}: {need.get}" for name, need in NEEDS.items() if name in names
    ]
    other = [reason for reason, name in zip(reasons, names, strict=True) if name is None]
    lines += [f"{other.count(reason):5} {reason}" for reason in sorted(set(other))]
    wanted = [name for name in NEEDS if name in names and NEEDS[name].get.startswith("sudo apt")]
    commands = [f"sudo apt install {' '.join(wanted)}"] if wanted else []
    commands += [".venv/bin/rollout-lab fetch-model"] if "model" in names else []
    commands += [NEEDS["esbuild"].get] if "esbuild" in names else []
    if commands:
        lines.append(f"To run these too: {' && '.join(commands)} && make test")
    return lines
