"""The student's own copy of the lessons: copied once, never overwritten.

Lessons and self-check quizzes are delivered with the course and change with it. Students work in a folder of
their own that no update touches: a new version is laid beside the old one, and a manifest in `.rollout-lab/`
remembers, by hash, which versions have been laid there. Where nothing can be written, what is there can still
be opened: keeping the manifest stops nothing.
"""

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import rollout_lab
from rollout_lab._commands import command, quoted, site_folder

DEFAULT = "my-course"
HIDDEN = ".rollout-lab"
MANIFEST = "manifest.json"
A_DAY = 24 * 60 * 60


class WorkingCopyError(RuntimeError):
    """There is no course, no working copy or no lesson of that name, or no place to lay one."""


@dataclass
class Prepared:
    """What `prepare` laid into a folder: new files, newer versions; what it could not lay, and why."""

    folder: Path
    laid: list[Path] = field(default_factory=list)
    newer: list[Path] = field(default_factory=list)
    lacking: list[Path] = field(default_factory=list)
    why: OSError | None = None


def find_repo(start: Path | str | None = None) -> Path:
    """Return the folder that holds the course: `start` or the nearest folder above it, else the library's."""
    start = Path(start or Path.cwd()).resolve()
    library = Path(rollout_lab.__file__).resolve().parent.parent
    if found := _course_in([start, *start.parents, library]):
        return found
    raise WorkingCopyError(
        f"No course found in {start} or above it (looked for the folders course/ and quizzes/). "
        "Run this inside the course's folder; if you have none, clone or download the course first."
    )


def _course_in(folders: Iterable[Path]) -> Path | None:
    """Return the first of the folders that holds the course, or None."""
    return next(
        (each for each in folders if (each / "course").is_dir() and (each / "quizzes").is_dir()), None
    )


def locate(target: Path | str | None = None, start: Path | str | None = None) -> tuple[Path, Path]:
    """Return (folder, repo): the working copy that is meant, which need not be there yet, and its course.

    Without a target, which counts from the course's folder on, it is the copy around `start`, else the one
    that this user opened last for the course, else `my-course/`.
    """
    start = Path(start or Path.cwd()).resolve()
    around, repo = _copy_around(start)
    repo = repo or _course_in([start, *start.parents])
    if target is not None:
        target = Path(target).expanduser()
        # A copy knows its course, wherever the command is given.
        repo = (
            repo or (_copy_around(target.resolve())[1] if target.is_absolute() else None) or find_repo(start)
        )
        return repo / target, repo
    repo = repo or find_repo(start)
    return around or _remembered(repo) or repo / DEFAULT, repo


def remember(folder: Path, repo: Path) -> None:
    """Note for this user that `folder` is the working copy of `repo`. Where that fails, nothing is noted."""
    folder = folder.resolve()
    if folder != (_remembered(repo) or repo / DEFAULT).resolve():
        with contextlib.suppress(OSError):
            record = _record(repo)
            record.parent.mkdir(parents=True, exist_ok=True)
            record.write_text(str(folder), "utf-8", errors="surrogateescape")


def _record(repo: Path) -> Path:
    """The file that holds this user's working copy of a course: one user's choice is not another's."""
    from platformdirs import user_state_path

    name = hashlib.sha256(os.fsencode(repo)).hexdigest()[:16]
    return user_state_path("rollout-lab", appauthor=False) / "working-copies" / name


def _remembered(repo: Path) -> Path | None:
    try:
        folder = Path(_record(repo).read_text("utf-8", errors="surrogateescape"))
    except (OSError, ValueError):
        return None
    return folder if folder.is_absolute() and os.path.isfile(folder / HIDDEN / MANIFEST) else None


def _copy_around(start: Path) -> tuple[Path | None, Path | None]:
    """Return the working copy that a folder lies in and the course that its manifest names, or None's."""
    for folder in [start, *start.parents]:
        manifest = folder / HIDDEN / MANIFEST
        if os.path.isfile(manifest):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                repo = (folder / json.loads(manifest.read_text("utf-8"))["clone"]).resolve()
                return folder, repo if (repo / "course").is_dir() else None
            return folder, None
    return None, None


class Obstacle(NamedTuple):
    """Why you cannot write somewhere, whose it is if that is the reason, and the cure if you can run it."""

    message: str
    owner: str = ""
    cure: str = ""


def obstacle(path: Path) -> Obstacle | None:
    """Return what keeps you from writing there or, while it is missing, above it. A full disk is not seen."""
    path = nearest(path)
    if os.access(path, os.W_OK | os.X_OK if path.is_dir() else os.W_OK):
        return None
    if hasattr(os, "statvfs") and os.statvfs(path).f_flag & os.ST_RDONLY:
        return Obstacle(f"{path} is on a read-only file system")
    if owner := other_owner(path):
        return Obstacle(f"{path} belongs to {owner}, and you cannot write to it", owner)
    cure = quoted("chmod", "u+rwx" if path.is_dir() else "u+rw", path) if sys.platform != "win32" else ""
    return Obstacle(f"{path} cannot be written to", cure=cure)


def nearest(path: Path) -> Path:
    """The path itself, or the nearest folder above it that is there."""
    return next((each for each in [path, *path.parents] if os.path.exists(each)), path)


def other_owner(path: Path) -> str:
    """The name of the user whose file this is, or "" if it is yours or the system does not tell."""
    if not hasattr(os, "geteuid") or (owner := os.stat(path).st_uid) == os.geteuid():
        return ""
    import pwd

    with contextlib.suppress(KeyError):
        return pwd.getpwuid(owner).pw_name
    return f"user {owner}"


def elsewhere(folder: Path) -> str:
    """Return the command that makes a working copy outside `folder`: at home, if that will do."""
    target = Path(os.path.expanduser("~"), DEFAULT)
    free = target.is_absolute() and target != folder and not obstacle(target)
    other_disk = nearest(target).stat().st_dev != nearest(folder).stat().st_dev
    return command("start", "--target", target if free and (obstacle(folder) or other_disk) else "FOLDER")


def exchange_folder(quizzes: Path) -> Path:
    """The folder that released quizzes and hand-ins pass through, unless nbgrader's settings name another."""
    return Path(os.environ.get("ROLLOUT_LAB_EXCHANGE") or quizzes / "exchange")


def delivered(repo: Path) -> dict[str, Path]:
    """Return what the course delivers to students: the delivered path by its name in the working copy."""
    lessons = {path.name: path for path in lessons_in(repo)}
    quizzes = {
        f"{folder}/{path.name}": path
        for folder in ("self_check", "hand_in")  # a student bundle has quizzes to hand in
        for path in sorted((repo / "quizzes" / folder).glob("*.ipynb"))
    }
    return lessons | quizzes


def lessons_in(repo: Path) -> list[Path]:
    """The notebooks of the lessons in order, the refresher's, and the cheat sheet."""
    return [
        path
        for pattern in ("[0-9][0-9]_*.ipynb", "refresher.ipynb", "cheat_sheet.html")
        for path in sorted((repo / "course").glob(pattern))
    ]


def prepare(target: Path | str = DEFAULT, repo: Path | str | None = None) -> Prepared:
    """Lay the lessons and self-check quizzes into `target` without touching anything that is there.

    A missing lesson is laid again. A version that was never laid here goes beside the old one, once, as
    `NAME.new-version-2.ipynb`. What cannot be laid where others are is in `lacking`.

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> [path.name for path in prepare(folder).laid][0]
    '00_start_here.ipynb'
    >>> prepare(folder).laid
    []
    """
    repo = Path(repo).resolve() if repo else find_repo()
    folder = repo / Path(target).expanduser()
    sources = delivered(repo)
    if not sources:
        raise WorkingCopyError(
            f"{repo / 'course'} holds no lessons (*.ipynb). Build them: {command('build')}"
        )
    if os.path.isdir(folder) and (found := obstacle(folder)) and found.owner:
        raise _no_place(folder)  # It holds somebody else's answers.
    done = Prepared(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_place(folder, error) from error
    _sweep_drafts(folder)
    versions = _read_versions(folder)
    for name, source in sources.items():
        try:
            _lay_version(done, folder / name, source.read_bytes(), versions.setdefault(name, []))
        except OSError as error:
            done.lacking.append(folder / name)
            done.why = error
    if done.lacking and not any(os.path.exists(folder / name) for name in sources):
        raise _no_place(folder, done.why) from done.why
    with contextlib.suppress(OSError):
        _write_manifest(folder, repo, versions)
    return done


def _lay_version(done: Prepared, path: Path, content: bytes, seen: list[str]) -> None:
    """Lay a delivered file, beside an older version if need be; `seen` are the versions once laid."""
    version = hashlib.sha256(content).hexdigest()
    if _lay(done.folder, path, content):
        done.laid.append(path)
    elif version not in seen and not _holds(path, content):
        # Without a record the older version is unknown, but it is there and it counts.
        seen[:] = seen or ["unknown"]
        done.newer.append(_lay_beside(done.folder, path, "new-version", len(seen) + 1, content))
    if version not in seen:
        seen.append(version)


def _no_place(
    folder: Path, error: OSError | None = None, what: str = "There can be no working copy"
) -> WorkingCopyError:
    found = obstacle(folder)
    why = found.message if found else error and error.strerror
    return WorkingCopyError(
        f"{what} in {folder}: {why}.\nFor a working copy in another place: {elsewhere(folder)}"
    )


def fresh_copy(name: str, start: Path | str | None = None) -> Path:
    """Lay a fresh copy of a lesson or self-check quiz beside your own, say where, and return its path.

    name: the notebook's name, or its beginning if that is enough ("01"). start: a folder in the working copy
    or in the course, the current one if None. Raises `WorkingCopyError`.

    In a browser your own version is set aside under another name, and the site's stands in its place.
    """
    if site := site_folder():
        return _site_version(str(name), site)
    folder, repo = locate(start=start)
    if not folder.is_dir():
        raise WorkingCopyError(
            f"There is no working copy yet: {folder} does not exist. Make it: {command('start')}"
        )
    sources = delivered(repo)
    chosen = _choose(str(name), list(sources))
    try:
        content = sources[chosen].read_bytes()
        path = _lay_beside(folder, folder / chosen, "fresh", 1, content, always=True)
    except OSError as error:
        raise _no_place(folder, error, f"A fresh copy of {chosen} could not be laid") from error
    print(f"A fresh copy is in {path.relative_to(folder)} (your own {chosen} is as it was).")
    return path


def _site_version(name: str, site: Path) -> Path:
    """Rename the reader's version in a browser's storage: under its old name the site's is seen again."""
    found = [*site.glob("*.ipynb"), *site.glob("self_check/*.ipynb")]
    names = sorted(path.relative_to(site).as_posix() for path in found if ".yours-" not in path.name)
    chosen = site / _choose(name, names)
    number = 1
    while (yours := chosen.with_name(f"{chosen.stem}.yours-{number}.ipynb")).exists():
        number += 1
    chosen.rename(yours)
    print(f"{chosen.name} is fresh when you open it next. Your own version is now called {yours.name}.")
    return chosen


def _choose(name: str, names: list[str]) -> str:
    wanted = name.removesuffix(".ipynb")
    stems = {each: each.removesuffix(".ipynb") for each in names}
    exact = [each for each, stem in stems.items() if wanted in (stem, Path(stem).name)]
    found = exact or [each for each, stem in stems.items() if Path(stem).name.startswith(wanted)]
    if wanted and len(found) == 1:
        return found[0]
    problem = f"Several notebooks begin with {name!r}" if found else f"No lesson or quiz is called {name!r}"
    raise WorkingCopyError(f"{problem}. Name one of: {', '.join(stems[each] for each in found or names)}")


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def _lay_beside(
    folder: Path, path: Path, what: str, number: int, content: bytes, always: bool = False
) -> Path:
    """Lay `content` under the first free name; one that already holds it will do, unless `always`."""
    while True:
        beside = path.with_name(f"{path.stem}.{what}-{number}{path.suffix}")
        if _lay(folder, beside, content) or (not always and _holds(beside, content)):
            return beside
        number += 1


def _lay(folder: Path, path: Path, content: bytes) -> bool:
    """Write a new file whole or not at all, and never over another: return whether it was written."""
    if os.path.lexists(path):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with _draft(folder, content) as draft:
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
        except OSError:  # A file system without hard links, such as a memory stick's.
            if os.path.lexists(path):
                return False
            os.rename(draft, path)
    return True


@contextlib.contextmanager
def _draft(folder: Path, content: bytes) -> Iterator[Path]:
    """Yield a file that holds `content` and has reached the disk; it goes if nobody moves it."""
    draft = folder / HIDDEN / f"draft-{uuid4().hex}"
    draft.parent.mkdir(exist_ok=True)
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _sweep_drafts(folder: Path) -> None:
    """Drop the drafts that a power failure left behind; a young one may be another start's."""
    for draft in (folder / HIDDEN).glob("draft-*"):
        with contextlib.suppress(OSError):
            if time.time() - draft.stat().st_mtime > A_DAY:
                draft.unlink()


def _read_versions(folder: Path) -> dict[str, list[str]]:
    path = folder / HIDDEN / MANIFEST
    try:
        files = json.loads(path.read_text("utf-8"))["files"]
        return {str(name): [str(version) for version in seen] for name, seen in files.items()}
    except OSError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        # Keep what cannot be read and go on: at worst a version is laid beside once more.
        with contextlib.suppress(OSError):
            os.replace(path, path.with_suffix(".damaged.json"))
        return {}


def _write_manifest(folder: Path, repo: Path, versions: dict[str, list[str]]) -> None:
    try:
        # Relative, so that moving the course with its working copy breaks nothing.
        where = os.path.relpath(repo, folder.resolve())
    except ValueError:  # Another drive on Windows.
        where = str(repo)
    path = folder / HIDDEN / MANIFEST
    content = (json.dumps({"clone": where, "files": versions}, indent=1) + "\n").encode()
    if not _holds(path, content):
        with _draft(folder, content) as draft:
            os.replace(draft, path)
