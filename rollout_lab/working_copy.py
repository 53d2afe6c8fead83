"""The student's own copy of the lessons: copied once, never overwritten.

Lessons (`course/NN_*.ipynb`) and self-check quizzes (`quizzes/self_check/*.ipynb`) are delivered with the
course and change with it. Students write into their notebooks, so they work in a folder of their own,
`my-course/`, that no update touches: a new version of a lesson is laid beside the old one, and a manifest
in `my-course/.rollout-lab/` remembers, by hash, which versions have been laid there.
"""

import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import rollout_lab

HIDDEN = ".rollout-lab"
MANIFEST = "manifest.json"


class WorkingCopyError(RuntimeError):
    """There is no course, no working copy, or no lesson of that name."""


@dataclass
class Prepared:
    """What `prepare` did: the folder, the files laid there for the first time, and the newer versions."""

    folder: Path
    laid: list[Path] = field(default_factory=list)
    newer: list[Path] = field(default_factory=list)


def find_clone(start=None):
    """Return the folder that holds the course: `start` or the nearest folder above it, else the library's.

    start: a path, the current folder if None. Raises `WorkingCopyError` when neither leads to a course.

    >>> (find_clone() / "course").is_dir()
    True
    """
    here = Path(start or Path.cwd()).resolve()
    for folder in [here, *here.parents, Path(rollout_lab.__file__).resolve().parent.parent]:
        if (folder / "course").is_dir() and (folder / "quizzes").is_dir():
            return folder
    raise WorkingCopyError(
        f"No course found in {here} or above it (looked for the folders course/ and quizzes/). "
        "Run this inside the course's folder."
    )


def delivered(clone):
    """Return what the course delivers to students: a dict from name in the working copy to delivered path.

    clone: the course's folder; a student bundle has quizzes to hand in where a clone has self-check copies.

    >>> "00_start_here.ipynb" in delivered(find_clone())
    True
    """
    lessons = {path.name: path for path in sorted((clone / "course").glob("[0-9][0-9]_*.ipynb"))}
    quizzes = {
        f"{folder}/{path.name}": path
        for folder in ("self_check", "hand_in")
        for path in sorted((clone / "quizzes" / folder).glob("*.ipynb"))
    }
    return lessons | quizzes


def prepare(target="my-course", clone=None):
    """Lay the lessons and self-check quizzes into `target` without touching anything that is there.

    target: the working copy's folder; a relative path starts at the course's folder. clone: the course's
    folder, found if None. Returns a `Prepared`. A missing lesson is laid again. When the delivered version
    is one that was never laid here, it goes beside the old one, once, as `NAME.new-version-2.ipynb`.
    Raises `WorkingCopyError` when there is no course or it holds no lessons.

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> [path.name for path in prepare(folder).laid][0]
    '00_start_here.ipynb'
    >>> prepare(folder).laid
    []
    """
    clone = Path(clone).resolve() if clone else find_clone()
    folder = clone / target
    sources = delivered(clone)
    if not sources:
        raise WorkingCopyError(f"{clone / 'course'} holds no lessons (*.ipynb). Build them: make notebooks")
    folder.mkdir(parents=True, exist_ok=True)
    versions = _read_versions(folder)
    done = Prepared(folder)
    for name, source in sources.items():
        content = source.read_bytes()
        version = hashlib.sha256(content).hexdigest()
        seen = versions.setdefault(name, [])
        path = folder / name
        if _lay(folder, path, content):
            done.laid.append(path)
        elif version not in seen and not _holds(path, content):
            # Without a record the older version is unknown, but it is there and it counts.
            number = max(len(seen), 1) + 1
            done.newer.append(_lay_beside(folder, path, "new-version", number, content))
            if not seen:
                seen.append("unknown")
        if version not in seen:
            seen.append(version)
    _write_manifest(folder, clone, versions)
    return done


def fresh_copy(name, start=None):
    """Lay a fresh copy of a lesson or self-check quiz beside your own, say where, and return its path.

    name: the notebook's name, or its beginning if that is enough ("01"). start: a folder in the working copy
    or in the course, the current one if None. Works from a notebook and from the command line.
    Raises `WorkingCopyError` when there is no working copy yet, or no or several notebooks of that name.
    """
    folder, clone = _find_working_copy(Path(start or Path.cwd()).resolve())
    sources = delivered(clone)
    chosen = _choose(str(name), list(sources))
    path = _lay_beside(folder, folder / chosen, "fresh", 1, sources[chosen].read_bytes(), always=True)
    print(f"A fresh copy is in {path.relative_to(folder)} (your own {chosen} is as it was).")
    return path


def _choose(name, names):
    wanted = name.removesuffix(".ipynb")
    stems = {each: each.removesuffix(".ipynb") for each in names}
    exact = [each for each, stem in stems.items() if wanted in (stem, Path(stem).name)]
    found = exact or [each for each, stem in stems.items() if Path(stem).name.startswith(wanted)]
    if wanted and len(found) == 1:
        return found[0]
    problem = f"Several notebooks begin with {name!r}" if found else f"No lesson or quiz is called {name!r}"
    listed = ", ".join(stems[each] for each in (found or names))
    raise WorkingCopyError(f"{problem}. Name one of: {listed}")


def _find_working_copy(here):
    """Return (working copy, clone), through the manifest from inside the copy, else from the clone."""
    for folder in [here, *here.parents]:
        manifest = folder / HIDDEN / MANIFEST
        if manifest.is_file():
            with contextlib.suppress(ValueError, KeyError, TypeError):
                clone = (folder / json.loads(manifest.read_text("utf-8"))["clone"]).resolve()
                if (clone / "course").is_dir():
                    return folder, clone
            return folder, find_clone(here)
    clone = find_clone(here)
    folder = clone / "my-course"
    if not folder.is_dir():
        raise WorkingCopyError(f"There is no working copy yet: {folder} does not exist. Make it: make lab")
    return folder, clone


def _holds(path, content):
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def _lay_beside(folder, path, what, number, content, always=False):
    """Lay `content` under the first free name; one that already holds it will do, unless `always`."""
    while True:
        beside = path.with_name(f"{path.stem}.{what}-{number}{path.suffix}")
        if _lay(folder, beside, content) or (not always and _holds(beside, content)):
            return beside
        number += 1


def _lay(folder, path, content):
    """Write a new file whole or not at all, and never over another: return whether it was written."""
    if os.path.lexists(path):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(folder, content)
    try:
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
        except OSError:  # A file system without hard links, such as a memory stick's.
            if os.path.lexists(path):
                return False
            os.rename(draft, path)
        return True
    finally:
        draft.unlink(missing_ok=True)


def _draft(folder, content):
    drafts = folder / HIDDEN
    drafts.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(dir=drafts, prefix="draft-")
    with open(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    # mkstemp makes files for the owner's eyes only; a lesson is an ordinary file.
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(name, 0o666 & ~mask)
    return Path(name)


def _read_versions(folder):
    path = folder / HIDDEN / MANIFEST
    try:
        files = json.loads(path.read_text("utf-8"))["files"]
        return {str(name): [str(version) for version in seen] for name, seen in files.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        # Keep what cannot be read and go on: at worst a version is laid beside once more.
        os.replace(path, path.with_suffix(".damaged.json"))
        return {}


def _write_manifest(folder, clone, versions):
    try:
        # Relative, so that moving the course with its working copy breaks nothing.
        where = os.path.relpath(clone, folder.resolve())
    except ValueError:  # Another drive on Windows.
        where = str(clone)
    path = folder / HIDDEN / MANIFEST
    content = json.dumps({"clone": where, "files": versions}, indent=1) + "\n"
    os.replace(_draft(folder, content.encode()), path)
