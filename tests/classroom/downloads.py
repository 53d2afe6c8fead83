"""Downloads as Canvas and Moodle make them: the names, the times and the habits of their zip writers."""

from __future__ import annotations

import io
import re
import stat
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

DOWNLOADED = datetime(2026, 11, 20, 9, 30)


class _Unmarked(ZipInfo):
    """An entry as rubyzip writes it: the name in UTF-8, without the mark that says so."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("utf-8"), self.flag_bits


def pack(
    path: Path,
    files: Iterable[tuple[str, bytes]],
    times: Iterable[datetime] | None = None,
    *,
    marked: bool = True,
) -> Path:
    """Write a zip file; all its entries have the time of the download if there are no ``times``."""
    files = list(files)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for (name, content), time in zip(files, times or [DOWNLOADED] * len(files), strict=True):
            kind = ZipInfo if marked else _Unmarked
            archive.writestr(kind(name, time.timetuple()[:6]), content, ZIP_DEFLATED)
    return path


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip file's bytes, as a student hands one in."""
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return file.getvalue()


def link(path: Path, name: str, target: str) -> None:
    """Add a symbolic link to a zip file."""
    info = ZipInfo(name, DOWNLOADED.timetuple()[:6])
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with ZipFile(path, "a") as archive:
        archive.writestr(info, target)


def encrypt(path: Path, name: str) -> None:
    """Mark an entry of a zip file as encrypted, in both of its headers."""
    with ZipFile(path) as archive:
        info = archive.getinfo(name)
    raw = bytearray(path.read_bytes())
    raw[info.header_offset + 6] |= 1
    central = raw.index(b"PK\x01\x02")
    while raw[central + 46 : central + 46 + len(name.encode())] != name.encode():
        central = raw.index(b"PK\x01\x02", central + 4)
    raw[central + 8] |= 1
    path.write_bytes(raw)


def canvas_name(sortable_name: str, user: int, file: int, original: str, *, late: bool = False) -> str:
    """The name that Canvas gives a file: ``get_filename`` and ``sanitize_file_name`` in content_zipper.rb."""
    prefix = "_".join([sortable_name.lower(), *(["LATE"] if late else []), str(user)])
    prefix = re.sub(r"[^\w]", "", unicodedata.normalize("NFC", prefix))
    return f"{prefix}_{file}_{original}"


def moodle_name(full_name: str, participant: int, original: str, *, folders: bool = True) -> str:
    """The name that Moodle gives a file: ``load_submissionplugin_filelist`` in downloader.php."""
    prefix = f"{full_name.replace('_', ' ')}_{participant}_assignsubmission_file_"
    return f"{prefix}{'/' if folders else ''}{original}"
