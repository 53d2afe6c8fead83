"""The student bundle: lessons, library and released quizzes in one archive, for a course with private keys.

The repository holds the bank and the keys of the public quizzes; the bundle holds none of them.
"""

from __future__ import annotations

import io
import tempfile
import tomllib
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement

from rollout_lab.classroom.nbgrader_course import CourseError, NbgraderCourse

from .private import class_course
from .quizzes import source_notebook
from .repository import differs

FOLDER = "attention-rollout"
"""The folder in the archive; a student unzips it and works there."""
AS_THEY_ARE = ("LICENSE", "LICENSE-CONTENT", "NOTICE", "constraints.txt")
README = Path(__file__).parents[1] / "templates" / "bundle" / "README.md"
THEN = (2020, 2, 2, 0, 0, 0)
"""The time of every file in the archive, so that the same files make the same archive."""


def bundle(root: Path, output: Path) -> list[str]:
    """Write the student bundle of the course below ``root``; returns the names of the quizzes in it.

    Raises CourseError if no quiz is released, or one is not what its items make by now.
    """
    quizzes = released(root)
    with tempfile.TemporaryDirectory() as folder:
        (wheel,) = WheelBuilder(str(root)).build(directory=folder, versions=["standard"])
        library = Path(wheel).name
        files = {library: Path(wheel).read_bytes()}
    listed = "\n".join(f"- `{name}.ipynb`" for name in quizzes)
    readme = README.read_text("utf-8").replace("WHEEL", library).replace("QUIZZES", listed)
    files |= {"README.md": readme.encode(), "environment.yml": _environment(root, library).encode()}
    files |= {name: (root / name).read_bytes() for name in AS_THEY_ARE}
    files |= {
        f"course/{path.name}": path.read_bytes() for path in (root / "course").glob("[0-9][0-9]_*.ipynb")
    }
    files |= {f"quizzes/hand_in/{path.name}": path.read_bytes() for path in quizzes.values()}
    output.write_bytes(_archive(files))
    return list(quizzes)


def released(root: Path) -> dict[str, Path]:
    """The released notebooks by assignment; each is known to be up to date with its items."""
    settings = NbgraderCourse(root / "quizzes").directory
    course = class_course(root / "quizzes")
    found = {}
    for assignment in course.assignments:
        name = assignment.name
        source, release = (
            Path(settings.format_path(step, ".", name)).resolve() / f"{name}.ipynb"
            for step in (settings.source_directory, settings.release_directory)
        )
        if not release.exists():
            continue
        if differs(source, source_notebook(course, assignment)):
            raise CourseError(f"{source} is not what its items make by now. Run: rollout-lab build")
        if release.stat().st_mtime < source.stat().st_mtime:
            raise CourseError(
                f"{release} is older than its source. Run in {root / 'quizzes'}: "
                f"nbgrader generate_assignment {name} --force"
            )
        found[name] = release
    if not found:
        raise CourseError(
            f"no quiz is released. Run in {root / 'quizzes'}: "
            f"nbgrader generate_assignment {course.assignments[0].name}"
        )
    return found


def _environment(root: Path, library: str) -> str:
    """Conda's environment file with the wheel, without what the extras ``class`` and ``test`` ask for."""
    extras = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    left_out = [Requirement(each).name for each in (*extras["class"], *extras["test"])]
    text = (root / "environment.yml").read_text("utf-8")
    lines = [
        line
        for line in text[text.index("name:") :].splitlines()
        if not any(line.startswith("  - ") and f"{name}>=" in line for name in left_out)
    ]
    return "\n".join(lines).replace("-e .", f"./{library}") + "\n"


def _archive(files: dict[str, bytes]) -> bytes:
    memory = io.BytesIO()
    with ZipFile(memory, "w") as archive:
        for name, content in sorted(files.items()):
            entry = ZipInfo(f"{FOLDER}/{name}", THEN)
            entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, content)
    return memory.getvalue()
