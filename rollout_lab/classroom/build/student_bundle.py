"""The student bundle: lessons, library and released quizzes in one archive, without bank and keys."""

import io
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement

from rollout_lab.classroom.nbgrader_course import CourseError, NbgraderCourse
from rollout_lab.working_copy import lessons_in

from .bank import Course
from .private import class_course
from .quizzes import source_notebook
from .repository import differs

AS_THEY_ARE = ("LICENSE", "LICENSE-CONTENT", "NOTICE", "constraints.txt")
README = Path(__file__).parents[1] / "templates" / "bundle" / "README.md"
THEN = (2020, 2, 2, 0, 0, 0)  # the time of every file, so that the same files make the same archive


def bundle(repo: Path, output: Path) -> list[str]:
    """Write the student bundle of the course in a repository; returns the names of the quizzes in it.

    Raises CourseError if no quiz is released, or one is not what its items make by now.
    """
    course = class_course(repo / "quizzes")
    quizzes = released(repo / "quizzes", course)
    with tempfile.TemporaryDirectory() as folder:
        (wheel,) = map(Path, WheelBuilder(str(repo)).build(directory=folder, versions=["standard"]))
        files = {wheel.name: wheel.read_bytes()}
    readme = README.read_text("utf-8").replace("WHEEL", wheel.name)
    readme = readme.replace("SUBJECT", course.subject.capitalize())
    readme = readme.replace("QUIZZES", "\n".join(f"- `{name}.ipynb`" for name in quizzes))
    files |= {"README.md": readme.encode(), "environment.yml": _environment(repo, wheel.name).encode()}
    files |= {name: (repo / name).read_bytes() for name in AS_THEY_ARE}
    files |= {f"course/{path.name}": path.read_bytes() for path in lessons_in(repo)}
    files |= {f"quizzes/hand_in/{path.name}": path.read_bytes() for path in quizzes.values()}
    folder = course.subject.replace(" ", "-")  # a student unzips one folder and works there
    _write_archive(output, {f"{folder}/{name}": files[name] for name in sorted(files)})
    return list(quizzes)


def released(quizzes: Path, course: Course) -> dict[str, Path]:
    """The released notebooks by assignment; each is known to be up to date with its items."""
    settings = NbgraderCourse(quizzes).directory
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
        generate = f"Run in {quizzes}: nbgrader generate_assignment {name}"
        if release.stat().st_mtime < source.stat().st_mtime:
            raise CourseError(f"{release} is older than its source. {generate} --force")
        found[name] = release
    if not found:
        first = course.assignments[0].name
        raise CourseError(f"no quiz is released. Run in {quizzes}: nbgrader generate_assignment {first}")
    return found


def _environment(repo: Path, library: str) -> str:
    """Conda's environment file with the wheel, without what the extras `class` and `test` ask for."""
    extras = tomllib.loads((repo / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    left_out = tuple(f"{Requirement(each).name}>=" for each in (*extras["class"], *extras["test"]))
    text = (repo / "environment.yml").read_text("utf-8")
    lines = text[text.index("name:") :].splitlines()
    kept = [
        line for line in lines if not (line.startswith("  - ") and any(each in line for each in left_out))
    ]
    return "\n".join(kept).replace("-e .", f"./{library}") + "\n"


def _write_archive(output: Path, files: Mapping[str, bytes]) -> None:
    memory = io.BytesIO()
    with ZipFile(memory, "w") as archive:
        for name, content in files.items():
            entry = ZipInfo(name, THEN)
            entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, content)
    output.write_bytes(memory.getvalue())
