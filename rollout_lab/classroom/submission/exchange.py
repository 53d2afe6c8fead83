"""Collect from nbgrader's exchange, a folder into which every student may write whatever they like."""

from __future__ import annotations

import functools
import os
import shutil
import stat
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect

from rollout_lab.classroom import limits
from rollout_lab.classroom.notes import plain


class CollectFilesOnly(ExchangeCollect):
    """nbgrader's ``ExchangeCollect``, without following links and without stopping at a bad submission.

    nbgrader copies what a link leads to, with the instructor's rights: the quiz with its solutions, the
    gradebook, another student's work. What is anything but files and folders is not collected, and what was
    collected from the student before stays.
    """

    def _path_to_record(self, path: str) -> dict[str, Any]:
        try:
            return super()._path_to_record(path)
        except ValueError:  # anyone may make a folder there whose name tells no time
            name = Path(path).name
            self.log.error("%s: its name tells no time, so it counts as the oldest", plain(name))
            return {"username": name.split("+")[0], "filename": name, "timestamp": datetime.min}

    def copy_files(self) -> None:
        records = self.src_records
        if not records:
            super().copy_files()
        for self.src_records in ([record] for record in records):
            (record,) = self.src_records
            try:
                with tempfile.TemporaryDirectory() as place:
                    self.copied = self._copy(Path(self.inbound_path, record["filename"]), Path(place))
                    super().copy_files()
            except (OSError, ValueError, RuntimeError) as error:
                if isinstance(error, shutil.Error):
                    error = error.args[0][0][2]  # of the first file that could not be copied
                self.log.error("%s was not collected: %s", plain(record["username"]), plain(str(error)))
        self.src_records = records

    def _copy(self, submission: Path, place: Path) -> Path:
        """A copy in which links are links still: nobody can change it between the look at it and its use."""
        if not stat.S_ISDIR((about := submission.lstat()).st_mode):
            raise ValueError("its submission is no folder of its own")
        number = sum(len(files) for _folder, _folders, files in os.walk(submission))
        if number > limits.FILES:
            raise ValueError(f"it holds {number} files, more than {limits.FILES}")
        if (size := self.get_size(submission)) > 1000 * self.coursedir.max_dir_size:
            raise ValueError(f"it holds {size / 1e6:.0f} MB, more than {self.coursedir.max_dir_size / 1e3:g}")
        for path in submission.rglob("*"):
            found = path.lstat()
            if found.st_nlink > 1 and not path.is_dir() and found.st_uid != about.st_uid:
                raise ValueError(f"{path.name} is another name of someone else's file")
        copy = shutil.copytree(
            submission,
            place / "copy",
            symlinks=True,
            copy_function=functools.partial(shutil.copy2, follow_symlinks=False),
        )
        if links := [path.name for path in copy.rglob("*") if path.is_symlink()]:
            named = plain(", ".join(links[:3]))
            raise ValueError(f"it holds links to other files ({named}): ask the student to submit again")
        return copy

    def do_copy(self, _src: str, dest: str, log: Any = None) -> None:
        super().do_copy(str(self.copied), dest, log)
