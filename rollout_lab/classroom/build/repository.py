"""Build every notebook of the repository from its text: lessons, graded quizzes, self-check copies."""

import json
import re
from pathlib import Path

from rollout_lab.quiz import sections

from . import private
from .bank import load_course
from .minutes import announced, counted, spoken
from .notebooks import lesson_notebook, section_titles
from .quizzes import self_check_notebook, source_notebook

SECTIONS = Path("rollout_lab/quiz") / sections.TITLES


def built_lessons(repo: Path, name: str = "") -> dict[Path, str]:
    """The lessons whose names begin with `name`, in the form of `built_files`."""
    sources = sorted((repo / "course" / "text").glob(f"{name}*.py"))
    course = load_course(repo / "quizzes" / "bank")
    return {
        Path("course") / f"{path.stem}.ipynb": lesson_notebook(path, announced(course, path))
        for path in sources
    }


def built_readme(repo: Path) -> str:
    """README.md with the minutes at the end of each lesson's row, `| NN | ... |`, and of `| 00–NN | ... |`.

    The latter are the minutes of all lessons up to that one, with their quizzes.
    """
    course = load_course(repo / "quizzes" / "bank")
    text = (repo / "README.md").read_text("utf-8")
    together = 0.0
    for lesson in sorted((repo / "course" / "text").glob("[0-9]*.py")):
        counts = counted(course, lesson)
        together += sum(counts.values())
        cells = {"": ", quiz ".join(map(spoken, counts.values())), "00–": spoken(together)}
        for before, cell in cells.items():
            row = rf"(?m)^(\| {before}{lesson.stem[:2]} \|.*\|)[^|\n]*\|$"
            text = re.sub(row, rf"\g<1> {cell} |", text)
    return text


def built_sections(repo: Path) -> str:
    """The titles of the lessons' sections by anchor, for whoever is sent there."""
    titles = {
        f"{path.stem}#{anchor}": title
        for path in sorted((repo / "course" / "text").glob("*.py"))
        for anchor, title in section_titles(path).items()
    }
    return json.dumps(titles, ensure_ascii=False, indent=1) + "\n"


def built_files(repo: Path) -> dict[Path, str]:
    """Every public notebook of the repository, and its README, by relative path, with the text it must have.

    Raises ItemError when an item is broken.
    """
    files = built_lessons(repo)
    if (repo / SECTIONS).parent.is_dir():  # a course folder alone has neither library nor README
        files |= {Path("README.md"): built_readme(repo), SECTIONS: built_sections(repo)}
    course = load_course(repo / "quizzes" / "bank")
    for assignment in course.assignments:
        name = f"{assignment.name}.ipynb"
        files[Path("quizzes/source") / assignment.name / name] = source_notebook(course, assignment)
        files[Path("quizzes/self_check") / name] = self_check_notebook(course, assignment)
    return files


def private_files(repo: Path) -> dict[Path, str]:
    """The source notebooks that an instructor's private file makes, {} without such a file.

    Raises ItemError when it is broken.
    """
    if not (repo / "quizzes" / private.FILE).exists():
        return {}
    course = private.class_course(repo / "quizzes")
    return {
        Path("quizzes") / private.SOURCE / a.name / f"{a.name}.ipynb": source_notebook(course, a)
        for a in course.assignments
    }


def build_all(repo: Path, lesson: str | None = None, *, check: bool = False) -> list[str]:
    """Write the built notebooks whose text differs, and remove those that have no source any more.

    Returns what was written or removed, a line each. With `check` nothing is touched: the lines
    say what would change in the public notebooks. With the beginning of a lesson's name only that lesson is
    built. Raises ValueError when there is no such lesson.
    """
    if lesson:
        files = built_lessons(repo, lesson)
        if not files:
            names = ", ".join(path.stem for path in built_lessons(repo))
            raise ValueError(f"No lesson in course/text begins with {lesson!r}. There are: {names}")
    else:
        files = built_files(repo) if check else built_files(repo) | private_files(repo)
    changes = []
    for relative, text in files.items():
        path = repo / relative
        if differs(path, text):
            changes.append(f"{relative}: {'differs from its source' if check else 'written'}")
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8", newline="\n")
    for folder in () if lesson else ("course", "quizzes/source", "quizzes/self_check"):
        for path in sorted((repo / folder).rglob("*.ipynb")):
            relative = path.relative_to(repo)
            if relative not in files and ".ipynb_checkpoints" not in path.parts:
                changes.append(f"{relative}: {'has no source' if check else 'removed'}")
                if not check:
                    path.unlink()
    return changes


def differs(path: Path, text: str) -> bool:
    """Whether a file is not there or holds another text."""
    return not path.is_file() or path.read_text("utf-8") != text
