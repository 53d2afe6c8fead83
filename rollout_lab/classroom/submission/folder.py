"""What a hand-in's folder holds: looked at once, and no more of it taken than may be.

Links are not followed, and pipes and devices are never opened. What is left out is told to the student
and to the instructor; what programs leave behind (``CLUTTER``, ``ENVIRONMENTS``) is passed over in silence.
"""

from __future__ import annotations

import fnmatch
import functools
import hashlib
import os
import re
import shutil
import stat
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from rollout_lab.classroom import limits
from rollout_lab.classroom.notes import limited, plain

LEFT_OUT = "left-out.txt"
"""A text file beside the notebook: a line for each kind of thing that was handed in and not taken."""

STAMP = "timestamp.txt"
"""Where nbgrader keeps the time of the hand-in."""

CLUTTER = (
    *(".ipynb_checkpoints", "__pycache__", "*.pyc", ".git", ".svn", ".hg", "node_modules"),
    *("__MACOSX", "._*", ".DS_Store", "Thumbs.db", "desktop.ini"),
)
"""Names of files and folders that editors, systems and version control leave behind."""

ENVIRONMENTS = ("pyvenv.cfg", "conda-meta/history")
"""Files by which a folder is known as an environment with a Python of its own."""

SHOWN = 5
"""Names of files in one sentence."""

TOO_LARGE = (
    f"as notebooks may have {limits.NOTEBOOKS_BYTES // 2**20} MB together, "
    f"and other files {limits.FILES_BYTES // 2**20} MB"
)
TOO_MANY = f"as {limits.HAND_IN_FILES} files are taken, those nearest to the notebook first"
TOO_DEEP = f"as folders may be {limits.DEPTH} deep and a path {limits.PATH} characters long"
TOO_MUCH = f"as no more than {limits.LOOKED_AT} files and folders are looked at"
LINK = "as links to other files are not followed"
NO_FILE = "as it is no ordinary file"
CLASH = "as a folder stands where a file belongs"
UNREADABLE = "as it may not be read"

Left = Mapping[str, list[str]]
"""Paths that are left out, by the reason."""


def choose(
    files: Iterable[tuple[str, int]], notebook: str = "", ignore: Collection[str] = ()
) -> tuple[list[str], dict[str, list[str]]]:
    """Which files of a hand-in are taken, and which are left out, by the reason.

    ``files`` are paths, with "/" between folders, and sizes in bytes. The ``notebook`` that counts comes
    first, then other notebooks, then what is nearest to it: in each folder Python files, then the rest, small
    before large, so that a file that is too large costs no other. ``ignore`` are patterns of names that are
    clutter too.

    >>> choose([("data/big.bin", 10**9), ("helper.py", 200), ("quiz.ipynb", 900), (".git/HEAD", 20)])[0]
    ['quiz.ipynb', 'helper.py']
    """
    files = dict(files)
    firsts = (notebook, STAMP, LEFT_OUT)
    environments = {
        path[: -len(mark) - 1] for path in files for mark in ENVIRONMENTS if path.endswith(f"/{mark}")
    }

    def order(path: str) -> tuple:
        kinds = not path.endswith(".ipynb"), path.count("/"), not path.endswith(".py")
        return path not in firsts, *kinds, files[path], path

    taken, left = [], defaultdict(list)
    most = limits.HAND_IN_FILES + len({STAMP, LEFT_OUT} & files.keys())  # no student adds these
    room = {True: limits.NOTEBOOKS_BYTES, False: limits.FILES_BYTES}
    for path in sorted(files, key=order):
        *folders, _name = path.split("/")
        if any(is_clutter(name, ignore) for name in path.split("/")):
            continue
        above = ["/".join(folders[:end]) for end in range(1, len(folders) + 1)]
        if not environments.isdisjoint(above):
            continue
        is_notebook = path.endswith(".ipynb")
        if any(folder in files or folder in firsts for folder in above):
            left[CLASH].append(path)
        elif len(folders) > limits.DEPTH or len(path) > limits.PATH:
            left[TOO_DEEP].append(path)
        elif len(taken) >= most:
            left[TOO_MANY].append(path)
        elif files[path] > room[is_notebook]:
            left[TOO_LARGE].append(path)
        else:
            room[is_notebook] -= files[path]
            taken.append(path)
    return taken, left


def is_clutter(name: str, ignore: Collection[str] = ()) -> bool:
    """Whether the name of a file or a folder is one that nobody means to hand in.

    >>> is_clutter("__pycache__"), is_clutter("cache.py")
    (True, False)
    """
    return _pattern(tuple(ignore)).fullmatch(name) is not None


@functools.cache
def _pattern(ignore: tuple[str, ...]) -> re.Pattern:
    return re.compile("|".join(map(fnmatch.translate, (*CLUTTER, *ignore))))


def in_words(left: Left) -> list[str]:
    """A sentence for each reason, with a few names.

    >>> in_words({LINK: ["a", "b"]})
    ['left out, as links to other files are not followed: a, b']
    """
    return limited(f"left out, {why}: {_some(paths)}" for why, paths in left.items() if paths)


def _some(paths: list[str]) -> str:
    shown = ", ".join(plain(path, 60) for path in sorted(paths)[:SHOWN])
    return shown if len(paths) <= SHOWN else f"{shown} and {len(paths) - SHOWN} more"


@dataclass(frozen=True)
class HandIn:
    """A hand-in in its ``folder``: the ``files`` that are taken, and sentences on what was ``left_out``."""

    folder: Path
    files: tuple[str, ...]
    left_out: tuple[str, ...]

    def fingerprint(self, version: bytes) -> str:
        """What stands for all that a grade depends on: the hand-in, and the assignment's ``version``."""
        digest = hashlib.sha256(version)
        for path in sorted(self.files):
            digest.update(os.fsencode(path) + b"\0")
            digest.update(hashlib.sha256((self.folder / path).read_bytes()).digest())
        digest.update("\n".join(self.left_out).encode())
        return digest.hexdigest()[:16]

    def copy_to(self, target: Path) -> None:
        """Copy what is taken, and tell in ``left-out.txt`` there what is not."""
        target.mkdir(parents=True)
        for path in self.files:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.folder / path, target / path)
        tell_left_out(target, [*left_out_lines(target), *self.left_out])


def look_into(folder: Path, notebook: str = "", ignore: Collection[str] = ()) -> HandIn:
    """A hand-in's folder as it is now; ``notebook`` and ``ignore`` are as in ``choose``."""
    unseen: dict[str, list[str]] = defaultdict(list)
    found = dict(_walk(folder, ignore, unseen))
    if unseen[TOO_MUCH]:
        found |= {
            name: size for name in (notebook, STAMP) if name and (size := _size(folder / name)) is not None
        }
    taken, left = choose(found.items(), notebook, ignore)
    for why, paths in unseen.items():
        left[why] += paths
    return HandIn(folder, tuple(taken), tuple(in_words(left)))


def _walk(folder: Path, ignore: Collection[str], left: dict[str, list[str]]) -> Iterator[tuple[str, int]]:
    """The ordinary files of a folder, nearest first, with their sizes; ``left`` takes what is none."""
    folders, room = deque([""]), limits.LOOKED_AT
    while folders:
        base = folders.popleft()
        try:
            with os.scandir(folder / base) as entries:
                here = sorted(islice(entries, room + 1), key=lambda entry: entry.name)
        except OSError:
            left[UNREADABLE].append(f"{base}/")
            continue
        if base and any((folder / base / mark).exists() for mark in ENVIRONMENTS):
            continue
        for entry in here[:room]:
            path = f"{base}/{entry.name}" if base else entry.name
            if is_clutter(entry.name, ignore):
                continue
            if entry.is_symlink():
                left[LINK].append(path)
            elif entry.is_dir():
                (folders if path.count("/") < limits.DEPTH else left[TOO_DEEP]).append(path)
            elif not entry.is_file():
                left[NO_FILE].append(path)
            elif not os.access(entry, os.R_OK):
                left[UNREADABLE].append(path)
            else:
                yield path, entry.stat().st_size
        if len(here) > room:
            left[TOO_MUCH].append("the rest")
            return
        room -= len(here)


def _size(path: Path) -> int | None:
    """Bytes of an ordinary file, None if it is none."""
    try:
        there = path.lstat()
    except OSError:
        return None
    return there.st_size if stat.S_ISREG(there.st_mode) else None


def tell_left_out(folder: Path, lines: Iterable[str]) -> None:
    """Lay ``left-out.txt`` beside the notebook, if there is something to tell."""
    if lines := limited(lines):
        (folder / LEFT_OUT).write_text("\n".join(lines) + "\n", "utf-8", "backslashreplace")


def left_out_lines(folder: Path) -> list[str]:
    """What ``left-out.txt`` in this folder tells, [] where there is none."""
    try:
        if _size(folder / LEFT_OUT) is None:
            return []
        with (folder / LEFT_OUT).open(encoding="utf-8", errors="replace") as file:
            text = file.read(limits.NOTES * limits.NOTE)
    except OSError:
        return []
    return limited(line for line in text.splitlines() if line.strip())
