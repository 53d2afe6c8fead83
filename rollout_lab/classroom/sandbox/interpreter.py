"""The Python that runs submissions, which may be newer than the one that grades.

This library comes from here in any case, so that both sides of the talk are of one version.
"""

import functools
import importlib.metadata
import json
import os
import shlex
import shutil
import site
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

import rollout_lab

WORKER = "rollout_lab.classroom.sandbox.worker"
LIBRARY = Path(rollout_lab.__file__)
OLDEST = (3, 11)

START = f"""
import importlib.util, runpy, sys
sys.path += sys.argv[1:]
spec = importlib.util.spec_from_file_location("rollout_lab", {str(LIBRARY)!r})
sys.modules["rollout_lab"] = library = importlib.util.module_from_spec(spec)
spec.loader.exec_module(library)
runpy.run_module("{WORKER}", run_name="__main__", alter_sys=True)
"""
"""Starts the worker with this library, whether or not the interpreter has one of that name."""

ASK = """
import json, os, site, sys
versions = {}
try:
    from importlib.metadata import version
    for name in sys.argv[1:]:
        try:
            versions[name] = version(name)
        except Exception:
            pass
except ImportError:
    pass
places = [sys.base_prefix, sys.prefix, os.path.dirname(os.path.realpath(sys.executable))]
places += [path for place in site.getsitepackages() for path in (place, os.path.realpath(place))]
print(json.dumps([sys.executable, list(sys.version_info[:2]), places, versions]))
"""


class InterpreterError(RuntimeError):
    """The interpreter that was named cannot run submissions; the message says what it lacks."""


@dataclass(frozen=True)
class Interpreter:
    """A Python that can run submissions: its program, the folders that it reads, and its user's own of them.

    An isolated Python does not look into the latter (`pip install --user`). What is on `sys.path` besides is
    not among the folders: an editable install would show a clone and its keys.
    """

    program: str
    places: tuple[str, ...]
    users: tuple[str, ...] = ()

    @property
    def worker(self) -> list[str]:
        """The command that starts the worker."""
        if self == OWN and not self.users:
            return [self.program, "-I", "-m", WORKER]
        return [self.program, "-I", "-c", START, *self.users]


USERS = (os.path.abspath(site.getusersitepackages()),) if site.ENABLE_USER_SITE else ()
_folders = (sys.base_prefix, sys.prefix, *site.getsitepackages(), *USERS)
# Started as ../.venv/bin/python it has a path with a step that does not exist in a sandbox.
OWN = Interpreter(os.path.abspath(sys.executable), tuple(map(os.path.abspath, _folders)), USERS)


@functools.cache
def interpreter(python: str) -> Interpreter:
    """The interpreter that `python` names, by path or as a command; the grader's own if it is ""."""
    if not python:
        return OWN
    found = shutil.which(os.path.expanduser(python))
    if found is None:
        raise InterpreterError(
            f"there is no program {python!r}: give the path of a Python, like {sys.executable}"
        )
    needed = [Requirement(each) for each in importlib.metadata.requires("rollout-lab") or []]
    needed = [each for each in needed if each.marker is None]
    command = [found, "-I", "-c", ASK, *(each.name for each in needed)]
    asked = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    try:
        program, version, places, versions = json.loads(asked.stdout)
    except ValueError:
        told = asked.stderr.strip().partition("\n")[0]
        raise InterpreterError(f"{found} does not run as a Python: {told}") from None
    if tuple(version) < OLDEST:
        raise InterpreterError(
            f"{found} is Python {version[0]}.{version[1]}: {OLDEST[0]}.{OLDEST[1]} or newer is needed"
        )
    _refuse_crowded(found, places)
    lacking, cure = [], [program, "-m", "pip", "install"]
    for each in needed:
        has = versions.get(each.name)
        if has is None or not each.specifier.contains(has, prereleases=True):
            lacking.append(each.name if has is None else f"{each.name} (it has {has})")
            cure.append(f"{each.name}{each.specifier}")
    if lacking:
        listed, cure_ = ", ".join(lacking), shlex.join(cure)
        raise InterpreterError(f"{found} lacks what a student's notebook needs: {listed}. Install: {cure_}")
    return Interpreter(program, tuple(dict.fromkeys(places)))


def _refuse_crowded(program: str, places: Sequence[str]) -> None:
    """Raise InterpreterError if a folder that the sandbox would show holds the user's home or the course."""
    private = [os.path.expanduser("~"), str(LIBRARY.parents[1] / "quizzes" / "source")]
    for place in map(Path, places):
        if crowded := [each for each in private if os.path.isdir(each) and Path(each).is_relative_to(place)]:
            raise InterpreterError(
                f"{program} is installed in {place} itself, so a sandbox with it would show all that lies "
                f"there, {crowded[0]} too. Take a Python that is installed in a folder of its own"
            )


def why_not(python: str, sandboxed: bool = True) -> str | None:
    """Why this interpreter cannot run submissions here, in a sandbox if `sandboxed`, or None if it can."""
    try:
        found = interpreter(python)
        if sandboxed:
            _refuse_crowded(found.program, found.places)
    except InterpreterError as error:
        return str(error)
    return None
