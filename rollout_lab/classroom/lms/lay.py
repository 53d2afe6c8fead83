"""Lay a hand-in into `submitted/`, whole or not at all; what lies there already is moved aside."""

import errno
import shutil
import tempfile
from datetime import datetime
from itertools import count
from pathlib import Path

from rollout_lab.classroom.submission.folder import (
    LEFT_OUT,
    STAMP,
    choose_files,
    left_out_notes,
    write_left_out,
)

from .download import File, HandedIn
from .zips import Unreadable

BAD_NAMES = (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.EEXIST, errno.ENOTDIR, errno.EISDIR)
"""What a disk says to a name that it cannot keep."""


def lay(
    target: Path, name: str, notebook: File, handed_in: HandedIn, time: datetime | None, downloads: Path
) -> list[Path] | None:
    """Lay a hand-in into `target`, and what was there aside; returns where, None if nothing changes.

    The notebook gets the `name`. What is left out is added to `handed_in.not_taken`.
    """
    with tempfile.TemporaryDirectory(dir=downloads) as place:
        laid = Path(place) / "laid"
        _write_files(laid, name, notebook, handed_in)
        if target.is_dir() and _contents(laid) == _contents(target):
            return None
        stamp(laid, time or (notebook.time if notebook.upload.late else None))
        aside = downloads / "replaced" / target.parent.name
        moves = [(laid, target)]
        if target.exists():
            moves.insert(0, (target, next(path for n in count(1) if not (path := aside / str(n)).exists())))
        for source, goal in moves:
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(source, goal)
    return [goal for _source, goal in moves[:-1]]


def stamp(folder: Path, time: datetime | None) -> bool:
    """Write nbgrader's `timestamp.txt` if a time is known and none is written; returns whether it did."""
    if time is None or (folder / STAMP).exists():
        return False
    (folder / STAMP).write_text(written(time), "utf-8")
    return True


def written(time: datetime) -> str:
    """A time as nbgrader reads it."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC")


def _write_files(folder: Path, name: str, notebook: File, handed_in: HandedIn) -> None:
    """Write the notebook under the quiz's name, and what lay beside it beside it again."""
    folder.mkdir()
    (folder / name).write_bytes(notebook.content)
    base, not_taken = notebook.path[: notebook.path.rfind("/") + 1], handed_in.not_taken
    others = [file for file in handed_in.files if not file.is_notebook]
    others.sort(key=lambda file: bool(base) and file.path.startswith(base))
    beside = {file.path.removeprefix(base): file for file in others}
    beside.pop(STAMP, None)
    taken, left_out = choose_files(
        [(name, notebook.size), *((path, file.size) for path, file in beside.items())], name
    )
    for why, paths in left_out.items():
        not_taken[why] += [beside[path].source for path in paths]
    for path in taken:
        if path == name:
            continue
        with handed_in.noting(beside[path].source):
            if path == LEFT_OUT:
                raise Unreadable("has a name that is needed here")
            content = beside[path].read()
            try:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                with (folder / path).open("xb") as file:  # names that differ by case may be one on this disk
                    file.write(content)
            except OSError as error:
                if error.errno not in BAD_NAMES:
                    raise
                not_taken[f"as this disk keeps no such name ({error.strerror})"].append(beside[path].source)
    write_left_out(folder, left_out_notes(not_taken))


def _contents(folder: Path) -> dict[Path, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path != folder / STAMP)
    return {path.relative_to(folder): path.read_bytes() for path in files}
