"""Downloads as Canvas and Moodle make them: the names, the times and the habits of their zip writers."""

import io
import re
import shutil
import stat
import unicodedata
import warnings
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ..nbgrader_class import Classroom, fill_in, right_answers

DOWNLOADED = datetime(2026, 11, 20, 9, 30)


def answered(classroom: Classroom, folder: Path, course, keys, quiz: str, **wrong: str) -> bytes:
    """A quiz as a student hands it in, all answers right but those that are `wrong`."""
    path = Path(shutil.copy(classroom.course / "release" / quiz / f"{quiz}.ipynb", folder))
    assignment = next(a for a in course.assignments if a.name == quiz)
    fill_in(path, {**right_answers(course, keys, assignment), **wrong})
    return path.read_bytes()


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
    """Write a zip file; all its entries have the time of the download if there are no `times`."""
    files = list(files)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for (name, content), time in zip(files, times or [DOWNLOADED] * len(files), strict=True):
            kind = ZipInfo if marked else _Unmarked
            archive.writestr(kind(name, time.timetuple()[:6]), content, ZIP_DEFLATED)
    return path


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip file's bytes, as a student hands one in."""
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of two entries of one name
        for name, content in files:
            archive.writestr(name, content)
    return file.getvalue()


def renamed(archive: bytes, old: str, new: bytes) -> bytes:
    """A zip file in which an entry has another name of the same length, which no zip writer would write."""
    assert len(old.encode()) == len(new)
    assert archive.count(old.encode()) == 2  # the local and the central header
    return archive.replace(old.encode(), new)


def said_to_be(archive: bytes, size: int) -> bytes:
    """A zip file of one entry whose central header tells another size."""
    start = archive.index(b"PK\x01\x02") + 24
    return archive[:start] + size.to_bytes(4, "little") + archive[start + 4 :]


def unkind(notebook: bytes, quiz: str) -> dict[str, tuple[bytes, str]]:
    """What students hand in by ill will or ill luck: a file, and what the instructor is told of it."""
    good = ("q.ipynb", notebook)

    def beside(*names: str) -> bytes:
        return zipped([good, *((name, b"x") for name in names)])

    clash = "left out, as a folder stands where a file belongs: "
    return {
        "stamp.zip": (beside("timestamp.txt/x"), f"{clash}SOURCE/timestamp.txt/x"),
        "itself.zip": (beside(f"{quiz}.ipynb/x"), f"{clash}SOURCE/{quiz}.ipynb/x"),
        "both.zip": (beside("data", "data/a.csv"), f"{clash}SOURCE/data/a.csv"),
        "told.zip": (beside("left-out.txt"), "as it has a name that is needed here: SOURCE/left-out.txt"),
        "within.zip": (beside("left-out.txt/x"), f"{clash}SOURCE/left-out.txt/x"),
        "long.zip": (beside("ü" * 140), "as this disk keeps no such name (File name too long): SOURCE/ü"),
        "path.zip": (beside("a" * 301), "as folders may be 10 deep and a path 300 characters long"),
        "deep.zip": (beside("d/" * 11 + "x"), "as folders may be 10 deep and a path 300 characters long"),
        "digits.zip": (beside(f"q-{'9' * 5000}.ipynb"), "as folders may be 10 deep"),
        "many.zip": (beside(*(f"{n}.txt" for n in range(600))), "as 500 files are taken"),
        "case.zip": (beside("A.py", "a.py", "con", "b. "), ""),
        "steer.zip": (
            beside("\x1b[2J\u202e/../x"),
            r"as it leads out of its folder: SOURCE/\x1b[2J\u202e/../x",
        ),
        "nul.zip": (renamed(beside("a_b.py"), "a_b.py", b"a\0b.py"), ""),
        "again.zip": (beside("a.py", "a.py"), ""),
        "letters.zip": (
            renamed(beside("aü.py"), "aü.py", b"a\xff\xff.py"),
            "SOURCE is no zip file that can be read",
        ),
        "zips.zip": (
            zipped([("in.zip", zipped([good]))]),
            "SOURCE/in.zip is an archive that is not opened here",
        ),
        "work.7z": (b"7z\xbc\xaf", "SOURCE is an archive that is not opened here: ask for the notebook"),
        "work.tar.gz": (b"\x1f\x8b", "SOURCE is an archive that is not opened here: ask for the notebook"),
        "page.zip": (b"<html>", "SOURCE is no zip file that can be read"),
        "less.zip": (said_to_be(zipped([good]), 10), "SOURCE/q.ipynb cannot be unpacked (Bad CRC-32"),
        "more.zip": (said_to_be(zipped([good]), 2**31), "SOURCE/q.ipynb is larger than 64 MB"),
        "empty.zip": (zipped([]), "empty handed in an archive without a file"),
    }


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
    """The name that Canvas gives a file: `get_filename` and `sanitize_file_name` in content_zipper.rb."""
    prefix = "_".join([sortable_name.lower(), *(["LATE"] if late else []), str(user)])
    prefix = re.sub(r"[^\w]", "", unicodedata.normalize("NFC", prefix))
    return f"{prefix}_{file}_{original}"


def moodle_name(full_name: str, participant: int, original: str, *, folders: bool = True) -> str:
    """The name that Moodle gives a file: `load_submissionplugin_filelist` in downloader.php."""
    prefix = f"{full_name.replace('_', ' ')}_{participant}_assignsubmission_file_"
    return f"{prefix}{'/' if folders else ''}{original}"
