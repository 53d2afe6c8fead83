"""Build every notebook of the repository from its text: lessons, graded quizzes, self-check copies."""

import json
import re
import tomllib
from pathlib import Path
from typing import NamedTuple

from rollout_lab.quiz import sections

from . import private
from .bank import load_course
from .gallery import PAGE, built_gallery
from .minutes import announced, counted, spoken
from .notebooks import lesson_notebook, section_titles
from .quizzes import self_check_notebook, source_notebook

SECTIONS = Path("rollout_lab/quiz") / sections.TITLES


class Addresses(NamedTuple):
    """Where the repository and its website are to be had, "" where that is not known."""

    repository: str
    website: str


def addresses(repo: Path) -> Addresses:
    """What pyproject.toml says under `tool.rollout-lab`. Raises ValueError for what is no address."""
    stated = tomllib.loads((repo / "pyproject.toml").read_text("utf-8"))["tool"]["rollout-lab"]
    for name, address in stated.items():
        if address and not re.fullmatch(r"https?://[^\s\"<>]+[^\s\"<>/]", address):
            raise ValueError(
                f"pyproject.toml, tool.rollout-lab: {name} is {address!r}; expected an address that begins "
                'with https:// and ends without "/", or ""'
            )
    return Addresses(**stated)


def addressed(text: str, at: Addresses) -> str:
    """README's text with the lines that need an address, or without them."""
    text = re.sub(r"(?m)^git clone .*\n|^\| \*\*In the browser\*\* \|.*\n", "", text)
    if at.repository:
        text = text.replace(
            "\nmake lab ", f"\ngit clone {at.repository} rollout-lab && cd rollout-lab\nmake lab ", 1
        )
    if at.website:
        row = f"| **In the browser** | [the course on the web]({at.website}/): nothing to install |\n"
        text = text.replace("| **Install** |", f"{row}| **Install** |", 1)
    return text


def built_citation(repo: Path) -> str:
    """CITATION.cff with the addresses that are known."""
    text = (repo / "CITATION.cff").read_text("utf-8")
    text = re.sub(r"(?m)^(repository-code|url): .*\n", "", text)
    at = addresses(repo)
    lines = {"repository-code": at.repository, "url": at.website}
    known = "".join(f'{name}: "{address}"\n' for name, address in lines.items() if address)
    return text.replace("license: ", f"{known}license: ", 1)


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

    The latter are the minutes of all lessons up to that one, with their quizzes. Links to the repository and
    to its website stand there once their addresses are known.
    """
    course = load_course(repo / "quizzes" / "bank")
    text = addressed((repo / "README.md").read_text("utf-8"), addresses(repo))
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
    """Every public notebook of the repository, and its READMEs, by relative path, with the text it must have.

    Raises ItemError when an item is broken.
    """
    files = built_lessons(repo)
    if (repo / SECTIONS).parent.is_dir():  # a course folder alone has neither library nor README
        files |= {Path("README.md"): built_readme(repo), PAGE: built_gallery(repo)}
        files |= {Path("CITATION.cff"): built_citation(repo), SECTIONS: built_sections(repo)}
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
