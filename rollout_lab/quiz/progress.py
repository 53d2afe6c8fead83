"""Keep predictions and practice results beside the student's notebooks.

They lie in `.rollout-lab/answers` of the working copy, one small file each, so that two open lessons never
write the same file. Where there is none, or nothing can be written, they last as long as the kernel. In a
browser's Python the folder is made at the top of the site's notebooks, which the browser keeps.
"""

import errno
import json
import math
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from rollout_lab._commands import command, site_folder

_memory: dict[str, Any] = {}
_unwritten: set[str] = set()  # names whose file, if there is one, is older than what is in memory


def _folder() -> Path | None:
    if site := site_folder():
        return site / ".rollout-lab" / "answers"
    here = Path.cwd()
    homes = (folder / ".rollout-lab" for folder in (here, *here.parents))
    return next((home / "answers" for home in homes if home.is_dir()), None)


def keep(name: str, value: Any) -> str | None:
    """Keep a JSON-like value under a name. Where nothing can be written, a sentence says why and the cure."""
    _memory.pop(name, None)  # what is kept last stands last
    _memory[name] = value
    folder = None
    try:
        if folder := _folder():
            folder.mkdir(parents=True, exist_ok=True)
            partial = folder / f"{name}.{os.getpid()}.part"
            try:
                partial.write_text(json.dumps(value, ensure_ascii=False, default=str), "utf-8")
                os.replace(partial, folder / f"{name}.json")
            finally:
                with suppress(OSError):
                    partial.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        _unwritten.add(name)
        cure = f"To keep answers, work in a folder of your own: `{command('start', '--target', 'FOLDER')}`."
        if site_folder():
            cure = "Does a private window, or a setting, keep this site from storing anything?"
        elif getattr(error, "errno", None) in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
            cure = "Make room on the disk, then answer again."
        why = f"{getattr(error, 'strerror', None) or error} ({folder or 'the current folder'})"
        return f"Not kept on disk, only until the kernel stops: {why}. {cure}"
    _unwritten.discard(name)
    return None


def kept(name: str) -> Any:
    """The value kept under a name, or None; a file that cannot be read counts as none."""
    with suppress(OSError, ValueError):
        if name not in _unwritten and (folder := _folder()):
            return json.loads((folder / f"{name}.json").read_text("utf-8"))
    return _memory.get(name)


def forget(name: str) -> None:
    """Delete what is kept under a name. Raises OSError if its file stays."""
    if folder := _folder():
        (folder / f"{name}.json").unlink(missing_ok=True)
    _memory.pop(name, None)
    _unwritten.discard(name)


def all_kept() -> list[str]:
    """The names under which something is kept, those first that were kept longest ago."""
    when = dict.fromkeys(_memory, math.inf)  # what is in no file was kept in this kernel
    with suppress(OSError):
        if folder := _folder():
            when |= {path.stem: path.stat().st_mtime_ns for path in sorted(folder.glob("*.json"))}
    return sorted(when, key=when.__getitem__)


def where_kept() -> str:
    """Where answers are kept here, and for how long, in two sentences."""
    if site_folder():
        return (
            "Your answers are kept by this browser, for this site alone. Nobody else gets them. It may "
            "delete them: when room is short, or when you clear the site's data."
        )
    return "Your answers lie in .rollout-lab/answers beside your notebooks. They stay on this machine."
