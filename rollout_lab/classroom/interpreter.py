"""The Python that plays submissions, where it is to be another than the one that grades.

A class may write in a newer Python than the grader's. The instructor names an interpreter that has what a
student's kernel has; this library comes from here, so that both sides of the talk are of one version.
"""

from __future__ import annotations

import functools
import importlib.metadata
import json
import os
import shlex
import shutil
import site
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

import rollout_lab

WORKER = "rollout_lab.classroom.inside"
LIBRARY = Path(rollout_lab.__file__)
OLDEST = (3, 11)

START = f"""
import importlib.util, runpy, sys
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
    """The interpreter that was named cannot play submissions; the message says what it lacks."""


@dataclass(frozen=True)
class Interpreter:
    """A Python that can play submissions: its program, and the folders that it reads.

    What is on ``sys.path`` besides is not among them: an editable install would show a clone and its keys.
    """

    program: str
    places: tuple[str, ...]

    @property
    def worker(self) -> list[str]:
        """The command that starts the worker."""
        if self == OWN:
            return [self.program, "-I", "-m", WORKER]
        return [self.program, "-I", "-c", START]


_folders = (sys.base_prefix, sys.prefix, *site.getsitepackages())
# Started as ../.venv/bin/python it has a path with a step that does not exist in a sandbox.
OWN = Interpreter(os.path.abspath(sys.executable), tuple(map(os.path.abspath, _folders)))


@functools.cache
def interpreter(python: str) -> Interpreter:
    """The interpreter that ``python`` names, by path or as a command; the grader's own if it is "".

    Raises InterpreterError if there is none, it is too old, or it lacks what a student's kernel needs.
    """
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
    if crowded := [place for place in places if Path.home().is_relative_to(place)]:
        raise InterpreterError(
            f"{found} is installed in {crowded[0]} itself, so a sandbox with it would show all that lies "
            "there. Name a Python that is installed in a folder of its own"
        )
    lacking = [
        each
        for each in needed
        if each.name not in versions or not each.specifier.contains(versions[each.name], prereleases=True)
    ]
    if lacking:
        listed = ", ".join(
            f"{each.name} (it has {versions[each.name]})" if each.name in versions else each.name
            for each in lacking
        )
        cure = shlex.join(
            [program, "-m", "pip", "install", *(f"{each.name}{each.specifier}" for each in lacking)]
        )
        raise InterpreterError(f"{found} lacks what a student's notebook needs: {listed}. Install: {cure}")
    return Interpreter(program, tuple(dict.fromkeys(places)))


def why_not(python: str) -> str | None:
    """Why this interpreter cannot play submissions here, or None if it can."""
    try:
        interpreter(python)
    except InterpreterError as error:
        return str(error)
    return None
