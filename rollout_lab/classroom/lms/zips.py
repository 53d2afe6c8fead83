"""Read an archive that others have filled, and take nothing from it on trust, its own headers included."""

import io
import stat
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from rollout_lab.classroom import limits
from rollout_lab.classroom.submission.folder import is_clutter

CENTRAL_HEADER = b"PK\x01\x02"
UTF_8_NAME, ENCRYPTED = 0x800, 0x1


class Unreadable(ValueError):
    """What cannot be taken from an archive; the message says why."""


@dataclass(frozen=True)
class Entry:
    """A file in an archive: its path, with `/` between folders, and its time."""

    path: str
    time: datetime | None
    info: ZipInfo


def opened(source: Path | bytes) -> ZipFile:
    """The archive in a file, or in bytes. Raises Unreadable if it is none, or if there is too much in it."""
    if isinstance(source, bytes) and source.count(CENTRAL_HEADER) > limits.FILES:  # whatever its end says
        raise Unreadable(f"holds more than {limits.FILES} files")
    try:
        return ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
    except (BadZipFile, ValueError, NotImplementedError) as error:
        raise Unreadable(f"is no zip file that can be read ({error})") from error


def entries(archive: ZipFile) -> list[Entry]:
    """The files of an archive, without folders and what systems leave behind."""
    found = [Entry(_path(info), _time(info), info) for info in archive.infolist() if not info.is_dir()]
    return [each for each in found if not any(map(is_clutter, each.path.split("/")))]


def check(entry: Entry) -> None:
    """Raise Unreadable if a file in an archive should not be taken, by what the archive says of it."""
    parts = entry.path.split("/")  # the path stays in the folder where it is laid, on every system
    if ":" in entry.path or not {"", ".", ".."}.isdisjoint(parts):
        raise Unreadable("leads out of its folder")
    if stat.S_ISLNK(entry.info.external_attr >> 16):
        raise Unreadable("is a link to another file")
    if entry.info.flag_bits & ENCRYPTED:
        raise Unreadable("is encrypted: ask for it without a password")
    if entry.info.file_size > limits.FILE_BYTES:
        raise Unreadable(f"is larger than {limits.FILE_BYTES // 2**20} MB")


def content(archive: ZipFile, entry: Entry) -> bytes:
    """The bytes of a file in an archive. Raises Unreadable if they should not or cannot be taken."""
    check(entry)
    try:
        with archive.open(entry.info) as file:
            return file.read(limits.FILE_BYTES)  # never more than was announced
    except Exception as error:  # each way of packing raises errors of its own
        raise Unreadable(f"cannot be unpacked ({error})") from error


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
