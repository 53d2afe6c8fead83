"""Collect from nbgrader's exchange, a folder into which every student may write whatever they like."""

import shutil
import stat
import tempfile
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect

from rollout_lab.classroom import limits
from rollout_lab.classroom.notes import plain


class CollectFilesOnly(ExchangeCollect):
    """nbgrader's `ExchangeCollect`, without following links and without stopping at a bad submission.

    nbgrader copies what a link leads to, with the instructor's rights: the quiz with its solutions, the
    gradebook, another student's work. A submission with anything but files and folders is not collected, and
    what was collected from the student before stays.
    """

    src_records: list[dict[str, Any]]

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
        for record in records:
            self.src_records = [record]
            try:
                with tempfile.TemporaryDirectory() as place:
                    self.copied = self._copy(Path(self.inbound_path, record["filename"]), Path(place, "copy"))
                    super().copy_files()
            except (OSError, ValueError, RuntimeError) as error:
                # shutil's own error lists the files that could not be copied: (source, target, why)
                why = error.args[0][0][2] if isinstance(error, shutil.Error) else error
                self.log.error("%s was not collected: %s", plain(record["username"]), plain(str(why)))
        self.src_records = records

    def _copy(self, submission: Path, copy: Path) -> Path:
        """A copy in which links are links still: nobody can change it between the look at it and its use."""
        if not stat.S_ISDIR((folder := submission.lstat()).st_mode):
            raise ValueError("its submission is no folder of its own")
        paths = {path: path.lstat() for path in submission.rglob("*")}
        files = {path: found for path, found in paths.items() if not stat.S_ISDIR(found.st_mode)}
        if len(files) > limits.FILES:
            raise ValueError(f"it holds {len(files)} files, more than {limits.FILES}")
        if (size := sum(found.st_size for found in files.values())) > 1000 * self.coursedir.max_dir_size:
            raise ValueError(f"it holds {size / 1e6:.0f} MB, more than {self.coursedir.max_dir_size / 1e3:g}")
        for path, found in files.items():
            if found.st_nlink > 1 and found.st_uid != folder.st_uid:
                raise ValueError(f"{path.name} is another name of someone else's file")
        shutil.copytree(
            submission, copy, symlinks=True, copy_function=partial(shutil.copy2, follow_symlinks=False)
        )
        if links := [path.name for path in copy.rglob("*") if path.is_symlink()]:
            named = plain(", ".join(links[:3]))
            raise ValueError(f"it holds links to other files ({named}): ask the student to submit again")
        return copy

    def do_copy(self, _src: str, dest: str, log: Any = None) -> None:
        super().do_copy(str(self.copied), dest, log)
