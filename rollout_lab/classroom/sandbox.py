"""The walls around a submission: a command that starts a process which can read and change next to nothing.

Linux and bubblewrap (0.8 or newer) make them. Inside there is Python with its packages, read-only,
and one small file system in memory to write to. There is no network, no other process, no home, no
course folder, no environment variable of the grader's. What is not listed here does not exist there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from . import limits
from .interpreter import LIBRARY, OWN, interpreter, why_not

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SETTINGS = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/fonts", "/etc/localtime")
NOBODY = "65534"
SIGN = "ROLLOUT_LAB_SANDBOX"
"""The environment variable that is set inside, and only there."""

ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "NBGRADER_EXECUTION": "autograde",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    # One thread: the class is what runs in parallel, and a process can be copied only while it has one.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class SandboxError(RuntimeError):
    """There are no walls on this machine, or they could not be put up."""


def sandboxed(command: list[str], places: Sequence[str] = OWN.places) -> list[str]:
    """The command that runs ``command`` inside the walls; start it with ``ENVIRONMENT``.

    ``places`` are the folders of the Python that the command starts; they can be read inside.

    Root's processes are bound by no process limit, so root first becomes another user. That takes
    two steps: the outer bubblewrap lays out the files, which root may read; the inner one, started
    as nobody, shuts the door to further namespaces.
    """
    walls = [
        "bwrap",
        *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
        *("--die-with-parent", "--new-session", "--setenv", SIGN, "1"),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--size", str(limits.DISK_BYTES), "--perms", "1777", "--tmpfs", "/tmp"),
        *("--size", str(limits.DISK_BYTES), "--perms", "1777", "--tmpfs", "/dev/shm"),
        *_read_only(places),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"),
    ]
    if os.getuid() != 0:
        return [*walls, "--unshare-user", "--disable-userns", "--", *command]
    drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
    inner = ["bwrap", "--unshare-user", "--disable-userns", "--die-with-parent"]
    inner += ["--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--"]
    keep = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--"]
    return [*walls, *keep, *drop, *inner, *command]


def _read_only(places: Sequence[str]) -> list[str]:
    """What can be seen inside: the system's programs, a Python, its packages, and this library."""
    flags: list[str] = []
    made, bound = set(), []
    for place in map(Path, [*SYSTEM, *SETTINGS, *places, LIBRARY.parent]):
        if any(place.is_relative_to(other) for other in bound):
            continue
        for folder in reversed(place.parents[:-1]):
            if folder not in made:  # bubblewrap would make it for root's eyes only
                flags += ["--perms", "0755", "--dir", str(folder)]
                made.add(folder)
        flags += ["--ro-bind-try", str(place), str(place)]
        bound.append(place)
    return flags


def missing(python: str = "") -> str | None:
    """Why there can be no walls on this machine and what to do, or None if all is well.

    ``python`` names the interpreter that is to run inside, as in ``interpreter``.
    """
    if not sys.platform.startswith("linux"):
        return f"The sandbox needs Linux, found {sys.platform}."
    if shutil.which("bwrap") is None:
        return "The sandbox needs bubblewrap. On Debian or Ubuntu: sudo apt install bubblewrap"
    if why := why_not(python):
        return why
    inside = interpreter(python)
    tried = subprocess.run(
        sandboxed([inside.program, "-I", "-c", "pass"], inside.places),
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if tried.returncode:
        return (
            "bubblewrap (0.8 or newer is needed, and the kernel must let it make namespaces) "
            f"could not start Python: {tried.stderr.strip()[-300:]}"
        )
    return None
