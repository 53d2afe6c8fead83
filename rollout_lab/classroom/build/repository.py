"""Build every notebook of the repository from its text: lessons, graded quizzes, self-check copies."""

from __future__ import annotations

from pathlib import Path

from . import private
from .bank import load_course
from .lessons import lesson_notebook
from .quizzes import self_check_notebook, source_notebook


def built_lessons(root: Path, name: str = "") -> dict[Path, str]:
    """The lessons whose names begin with `name`, in the form of `built_files`."""
    sources = sorted((root / "course" / "text").glob(f"{name}*.py"))
    return {Path("course") / f"{path.stem}.ipynb": lesson_notebook(path) for path in sources}


def built_files(root: Path) -> dict[Path, str]:
    """Every public notebook below ``root`` by its relative path, with the text it must have.

    Raises ItemError when an item is broken.
    """
    files = built_lessons(root)
    course = load_course(root / "quizzes" / "bank")
    for assignment in course.assignments:
        name = f"{assignment.name}.ipynb"
        files[Path("quizzes/source") / assignment.name / name] = source_notebook(course, assignment)
        files[Path("quizzes/self_check") / name] = self_check_notebook(course, assignment)
    return files


def private_files(root: Path) -> dict[Path, str]:
    """The source notebooks that an instructor's private file makes, as ``built_files`` gives them.

    There are none where there is no such file. Raises ItemError when it is broken.
    """
    if not (root / "quizzes" / private.FILE).exists():
        return {}
    course = private.class_course(root / "quizzes")
    return {
        Path("quizzes") / private.SOURCE / a.name / f"{a.name}.ipynb": source_notebook(course, a)
        for a in course.assignments
    }


def build_all(root: Path, lesson: str | None = None, *, check: bool = False) -> list[str]:
    """Write the built notebooks whose text differs, and remove those that have no source any more.

    Returns what was written or removed, a line each. With ``check`` nothing is touched: the lines
    say what would change in the public notebooks. With the beginning of a lesson's name only that lesson is
    built. Raises ValueError when there is no such lesson.
    """
    if lesson:
        files = built_lessons(root, lesson)
        if not files:
            names = ", ".join(path.stem for path in built_lessons(root))
            raise ValueError(f"No lesson in course/text begins with {lesson!r}. There are: {names}")
    else:
        files = built_files(root) if check else built_files(root) | private_files(root)
    changes = []
    for relative, text in files.items():
        path = root / relative
        if differs(path, text):
            changes.append(f"{relative}: {'differs from its source' if check else 'written'}")
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8", newline="\n")
    for folder in () if lesson else ("course", "quizzes/source", "quizzes/self_check"):
        for path in sorted((root / folder).rglob("*.ipynb")):
            relative = path.relative_to(root)
            if relative not in files and ".ipynb_checkpoints" not in path.parts:
                changes.append(f"{relative}: {'has no source' if check else 'removed'}")
                if not check:
                    path.unlink()
    return changes


def differs(path: Path, text: str) -> bool:
    """Whether a file is not there or holds another text."""
    return not path.is_file() or path.read_text("utf-8") != text
