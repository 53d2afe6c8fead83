"""Read an archive that others have filled, and take nothing from it on trust.

Python's ``zipfile`` checks sums and headers. What is left to do: no path leads out of its folder, no file
is larger than it may be whatever its header says, and what cannot be read is named while the rest is taken.
"""

from __future__ import annotations

import io
import stat
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from . import limits

CLUTTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints")
UTF_8_NAME, ENCRYPTED = 0x800, 0x1


class Unreadable(ValueError):
    """What cannot be taken from an archive; the message says why."""


@dataclass(frozen=True)
class Entry:
    """A file in an archive: its path, with ``/`` between folders, and its time."""

    path: str
    time: datetime | None
    info: ZipInfo


@contextmanager
def opened(source: Path | bytes) -> Iterator[ZipFile]:
    """The archive in a file, or in bytes. Raises Unreadable if it is none."""
    try:
        archive = ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
    except (BadZipFile, ValueError, NotImplementedError) as error:
        raise Unreadable(f"is no zip file that can be read ({error})") from error
    with archive:
        yield archive


def entries(archive: ZipFile) -> list[Entry]:
    """The files of an archive, without folders and what systems leave behind.

    Raises Unreadable if there are too many.
    """
    infos = archive.infolist()
    if len(infos) > limits.FILES:
        raise Unreadable(f"holds {len(infos)} files, more than {limits.FILES}")
    found = [Entry(_path(info), _time(info), info) for info in infos if not info.is_dir()]
    return [
        each
        for each in found
        if not any(part in CLUTTER or part.startswith("._") for part in each.path.split("/"))
    ]


def content(archive: ZipFile, entry: Entry) -> bytes:
    """The bytes of a file in an archive. Raises Unreadable if they should not or cannot be taken."""
    if not is_inside(entry.path):
        raise Unreadable("leads out of its folder")
    if stat.S_ISLNK(entry.info.external_attr >> 16):
        raise Unreadable("is a link to another file")
    if entry.info.flag_bits & ENCRYPTED:
        raise Unreadable("is encrypted: ask for it without a password")
    try:
        with archive.open(entry.info) as file:
            taken = file.read(limits.FILE_BYTES + 1)
    except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Unreadable(f"cannot be unpacked ({error})") from error
    if len(taken) > limits.FILE_BYTES:
        raise Unreadable(f"is larger than {limits.FILE_BYTES // 2**20} MB")
    return taken


def is_inside(path: str) -> bool:
    """Whether a path with ``/`` between folders stays in the folder where it is laid, on every system."""
    return not path.startswith("/") and ":" not in path and not {"", ".", ".."} & set(path.split("/"))


def _path(info: ZipInfo) -> str:
    name = info.filename
    if not info.flag_bits & UTF_8_NAME:
        with suppress(UnicodeError):  # the few archives that mean what they say
            name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _time(info: ZipInfo) -> datetime | None:
    """A zip file keeps local time, and 1980 where there is none."""
    try:
        return datetime(*info.date_time).astimezone(UTC) if info.date_time[0] > 1980 else None
    except ValueError:
        return None
