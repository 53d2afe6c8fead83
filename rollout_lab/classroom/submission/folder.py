"""What a submission's folder holds: looked at once, and no more of it taken than may be.

Links are not followed, and pipes and devices are never opened. What is left out is listed for student and
instructor; what programs leave behind (`CLUTTER`, `ENVIRONMENTS`) is passed over in silence.
"""

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
from itertools import accumulate, islice
from pathlib import Path

from rollout_lab.classroom import limits
from rollout_lab.classroom.notes import first_few, limited, plain

LEFT_OUT = "left-out.txt"  # lies beside the notebook: a line for each kind of thing that was not taken
STAMP = "timestamp.txt"  # where nbgrader keeps the time of a submission

# What editors, systems and version control leave behind, and files that mark a Python environment.
CLUTTER = (
    *(".rollout-lab", ".ipynb_checkpoints", "__pycache__", "*.pyc", ".git", ".svn", ".hg", "node_modules"),
    *("__MACOSX", "._*", ".DS_Store", "Thumbs.db", "desktop.ini"),
)
ENVIRONMENTS = ("pyvenv.cfg", "conda-meta/history")

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


def choose_files(
    files: Iterable[tuple[str, int]], notebook: str = "", ignored: Collection[str] = ()
) -> tuple[list[str], dict[str, list[str]]]:
    """Choose the files of a submission that are taken; those left out are returned by the reason.

    `files` are paths, with "/" between folders, and sizes in bytes. The `notebook` that counts comes first,
    then other notebooks, then what is nearest to it: in each folder Python files, then the rest, small before
    large, so that a file that is too large costs no other. `ignored` are patterns of names that are clutter.
    """
    sizes = dict(files)
    firsts = (notebook, STAMP, LEFT_OUT)
    environments = {
        path.removesuffix(f"/{mark}") for path in sizes for mark in ENVIRONMENTS if path.endswith(f"/{mark}")
    }

    def order(path: str) -> tuple[bool, bool, int, bool, int, str]:
        kinds = not path.endswith(".ipynb"), path.count("/"), not path.endswith(".py")
        return path not in firsts, *kinds, sizes[path], path

    taken: list[str] = []
    left: dict[str, list[str]] = defaultdict(list)
    most = limits.HAND_IN_FILES + len({STAMP, LEFT_OUT} & sizes.keys())  # no student adds these
    room = {True: limits.NOTEBOOKS_BYTES, False: limits.FILES_BYTES}
    for path in sorted(sizes, key=order):
        *folders, _name = parts = path.split("/")
        above = list(accumulate(folders, "{}/{}".format))
        if any(is_clutter(part, ignored) for part in parts) or not environments.isdisjoint(above):
            continue
        is_notebook = path.endswith(".ipynb")
        if any(folder in sizes or folder in firsts for folder in above):
            left[CLASH].append(path)
        elif len(folders) > limits.DEPTH or len(path) > limits.PATH:
            left[TOO_DEEP].append(path)
        elif len(taken) >= most:
            left[TOO_MANY].append(path)
        elif sizes[path] > room[is_notebook]:
            left[TOO_LARGE].append(path)
        else:
            room[is_notebook] -= sizes[path]
            taken.append(path)
    return taken, left


def is_clutter(name: str, ignored: Collection[str] = ()) -> bool:
    """Whether the name of a file or a folder is one that nobody means to hand in."""
    return _pattern(tuple(ignored)).fullmatch(name) is not None


@functools.cache
def _pattern(ignored: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(fnmatch.translate, (*CLUTTER, *ignored))))


def left_out_notes(left: Mapping[str, list[str]]) -> list[str]:
    """A sentence for each reason, with a few of the paths that are left out."""
    few = {why: first_few([plain(path, 60) for path in sorted(paths)], 5) for why, paths in left.items()}
    return limited(f"left out, {why}: {names}" for why, names in few.items() if names)


@dataclass(frozen=True)
class Submission:
    """A submission in its `folder`: the `files` that are taken, and sentences on what was `left_out`."""

    folder: Path
    files: tuple[str, ...]
    left_out: tuple[str, ...]

    def hash(self, version: bytes) -> str:
        """A hash of all that a grade depends on, with the quiz's `version`; "" if a file is unreadable."""
        digest = hashlib.sha256(version)
        try:
            for path in sorted(self.files):
                digest.update(os.fsencode(path) + b"\0")
                digest.update(hashlib.sha256((self.folder / path).read_bytes()).digest())
        except OSError:  # which is reported when it is copied
            return ""
        digest.update("\n".join(self.left_out).encode())
        return digest.hexdigest()[:16]

    def copy_to(self, target: Path) -> None:
        """Copy what is taken, and list in `left-out.txt` there what is not."""
        target.mkdir(parents=True)
        for path in self.files:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.folder / path, target / path)
        write_left_out(target, [*read_left_out(target), *self.left_out])


def read_submission(folder: Path, notebook: str = "", ignored: Collection[str] = ()) -> Submission:
    """The submission in a folder as it is now; `notebook` and `ignored` are as in `choose_files`."""
    unseen: dict[str, list[str]] = defaultdict(list)
    found = dict(_walk(folder, ignored, unseen))
    if unseen[TOO_MUCH]:
        sizes = {name: _size(folder / name) for name in (notebook, STAMP) if name}
        found |= {name: size for name, size in sizes.items() if size is not None}
    taken, left = choose_files(found.items(), notebook, ignored)
    for why, paths in unseen.items():
        left[why] += paths
    return Submission(folder, tuple(taken), tuple(left_out_notes(left)))


def _walk(folder: Path, ignored: Collection[str], left: dict[str, list[str]]) -> Iterator[tuple[str, int]]:
    """The ordinary files of a folder, nearest first, with their sizes; others are added to `left`."""
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
            if is_clutter(entry.name, ignored):
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
        found = path.lstat()
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def write_left_out(folder: Path, notes: Iterable[str]) -> None:
    """Write `left-out.txt` beside the notebook, if there are notes."""
    if lines := limited(notes):
        (folder / LEFT_OUT).write_text("\n".join(lines) + "\n", "utf-8", "backslashreplace")


def read_left_out(folder: Path) -> list[str]:
    """The notes in a folder's `left-out.txt`, [] where there is none."""
    try:
        if _size(folder / LEFT_OUT) is None:
            return []
        with (folder / LEFT_OUT).open(encoding="utf-8", errors="replace") as file:
            text = file.read(limits.NOTES * limits.NOTE)
    except OSError:
        return []
    return limited(line for line in text.splitlines() if line.strip())
