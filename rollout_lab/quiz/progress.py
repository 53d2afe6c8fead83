"""Keep predictions and practice results beside the student's notebooks.

They live in ``.rollout-lab/answers`` of the working copy, one small file each, so that two open
lessons never write the same file. Outside a working copy, and where nothing can be written, they last as long
as the kernel.
"""

from __future__ import annotations

import errno
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from rollout_lab._commands import command

_memory: dict[str, Any] = {}
_unwritten: set[str] = set()  # names whose file, if there is one, is older than what is in memory

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def _folder() -> Path | None:
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".rollout-lab").is_dir():
            return folder / ".rollout-lab" / "answers"
    return None


def keep(name: str, value: Any) -> str | None:
    """Keep a JSON-like value under a name made of letters, digits, dots and hyphens.

    Returns None, or, where nothing can be written, a sentence that says so, why, and what to do: keeping only
    accompanies the work and never stops it.
    """
    _memory[name] = value
    folder = partial = None
    try:
        folder = _folder()
        if folder is None:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{name}.{os.getpid()}.part"
        partial.write_text(json.dumps(value, ensure_ascii=False, default=str), "utf-8")
        os.replace(partial, folder / f"{name}.json")
    except (OSError, ValueError) as error:
        if partial is not None:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        _unwritten.add(name)
        return _not_kept(error, folder)
    _unwritten.discard(name)
    return None


def _not_kept(error: Exception, folder: Path | None) -> str:
    why = getattr(error, "strerror", None) or str(error)
    cure = (
        "Make room on the disk, then answer again."
        if getattr(error, "errno", None) in _FULL
        else f"To keep answers, work in a folder of your own: `{command('start', '--target', 'FOLDER')}`."
    )
    return f"Not kept on disk, only until the kernel stops: {why} ({folder or 'the current folder'}). {cure}"


def kept(name: str) -> Any:
    """The value kept under a name, or None; a file that cannot be read counts as none."""
    if name in _unwritten and name in _memory:
        return _memory[name]
    try:
        folder = _folder()
        if folder is not None:
            return json.loads((folder / f"{name}.json").read_text("utf-8"))
    except (OSError, ValueError):
        pass
    return _memory.get(name)
