"""What is missing or misconfigured in a student's or an instructor's environment, and how to mend it.

Each check is a function that yields findings. What a check needs and does not find makes it say so; it
stops no other. Nothing is changed.
"""

import contextlib
import importlib.metadata
import json
import os
import platform
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rollout_lab._commands import PACKAGE, command, installing, pip, python, quoted
from rollout_lab.working_copy import (
    WorkingCopyError,
    delivered,
    elsewhere,
    exchange_folder,
    locate,
    nearest,
    obstacle,
    other_owner,
)

OK, MEND, UNKNOWN = "ok", "TO MEND", "cannot be told"
LAB_EXTENSIONS = {
    "@jupyter-widgets/jupyterlab-manager": "ipywidgets",
    "anywidget": "anywidget",
    "@jupyter/nbgrader": "nbgrader",
}
SERVER_EXTENSIONS = ("assignment_list", "validate_assignment")
ROOM = 2 * 2**30  # bytes of disk for a class's notebooks, and of memory that one may take while it is graded
ROOM_OF_ONE = 200 * 2**20  # bytes of disk for a student: notebooks with outputs, and the language model

IN_ANOTHER_FOLDER = "to grade, clone the course into a folder of your own"


@dataclass(frozen=True)
class Finding:
    """What a check found: the state of a thing, what there is to say of it, and what mends it."""

    state: str
    message: str
    cure: str = ""
    thing: str = ""

    def __str__(self) -> str:
        line = f"{self.state:<14} {self.thing}: {self.message}"
        return f"{line}\n{'':<14} -> {self.cure}" if self.cure else line


def examine(*, student: bool = False) -> Iterator[Finding]:
    """Yield a `Finding` for each thing; student=True leaves out what only instructors need."""
    if sys.platform == "emscripten":  # a browser's page has no installation: the site brought all there is
        yield from _run({thing: ANYWHERE[thing] for thing in ("Python", "language model")}, None)
        return
    missing, repo = "", None
    try:
        repo = locate()[1]
    except WorkingCopyError as error:
        missing = str(error).split(". ")[0]
    yield from _run(ANYWHERE, repo)
    if repo is None:
        cure = "cd into the course's folder; if you have none, clone or download the course first"
        yield Finding(MEND, missing, cure, "course")
        return
    student = student or not (repo / "quizzes" / "source").is_dir()
    yield from _run(STUDENT if student else {**STUDENT, **INSTRUCTOR}, repo)
    yield from _run({"disk": partial(_disk, needed=ROOM_OF_ONE if student else ROOM)}, repo)


def diagnose(*, student: bool = False, write: Callable[[str], object] = print) -> int:
    """Write a line for each `Finding` and return how many things are to mend."""
    count = 0
    for finding in examine(student=student):
        write(str(finding))
        count += finding.state == MEND
    write(f"{count or 'Nothing'} to mend.")
    return count


def _run(checks: Mapping[str, Callable[..., Iterable[Finding]]], repo: Path | None) -> Iterator[Finding]:
    """Yield what checks find. What they stumble over is a finding too."""
    for thing, check in checks.items():
        try:
            for finding in check(repo):
                yield replace(finding, thing=finding.thing or thing)
        except ImportError as error:
            yield Finding(UNKNOWN, f"{error.name or error} is not installed (see packages)", thing=thing)
        except Exception as error:  # whatever is broken here is what the doctor was called for
            yield Finding(UNKNOWN, f"{type(error).__name__}: {error}", thing=thing)


def _python(repo: Path | None) -> list[Finding]:
    from packaging.specifiers import SpecifierSet

    found, where, wanted = platform.python_version(), f"in {sys.prefix}", ">=3.11"
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        wanted = importlib.metadata.metadata(PACKAGE)["Requires-Python"] or ""
    if SpecifierSet(wanted).contains(found, prereleases=True):
        return [Finding(OK, f"{found} {where}")]
    cure = f"install Python {wanted.removeprefix('>=')} or newer, and install the course anew with it"
    return [Finding(MEND, f"{found} {where}, {wanted} is needed", cure)]


def _packages(repo: Path | None, extra: str) -> list[Finding]:
    """Tell whether what an extra asks for is there, by the package's own metadata."""
    from packaging.requirements import Requirement

    cure = installing(extra, repo)
    try:
        requirements = map(Requirement, importlib.metadata.requires(PACKAGE) or [])
    except importlib.metadata.PackageNotFoundError:
        return [Finding(MEND, f"{PACKAGE} is not installed in {sys.prefix}", cure)]
    names, lacking = set(), []
    for each in requirements:
        if each.marker and not any(each.marker.evaluate({"extra": name}) for name in ("", extra)):
            continue
        names.add(each.name)
        try:
            found = importlib.metadata.version(each.name)
        except importlib.metadata.PackageNotFoundError:
            lacking.append(f"{each.name} is missing ({each.specifier} is needed)")
        else:
            if not each.specifier.contains(found, prereleases=True):
                lacking.append(f"{each.name} is {found} ({each.specifier} is needed)")
    if lacking:
        return [Finding(MEND, "; ".join(lacking), cure)]
    return [Finding(OK, f"{len(names)} found, none too old")]


def _jupyterlab(repo: Path | None) -> Iterator[Finding]:
    from jupyter_core.paths import jupyter_config_path, jupyter_path
    from jupyter_server.extension.config import ExtensionConfigManager
    from jupyterlab_server.config import get_federated_extensions, get_page_config

    folders, settings = jupyter_path("labextensions"), jupyter_config_path()
    there, disabled = get_federated_extensions(folders), get_page_config(folders)["disabledExtensions"]
    for name, package in LAB_EXTENSIONS.items():
        thing = f"JupyterLab's extension {name}"
        off = next((each for each in disabled if each.split(":")[0] == name), None)
        if name not in there:
            cure = pip("install", "--force-reinstall", "--no-deps", package)
            yield Finding(MEND, f"is not in {sys.prefix}/share/jupyter/labextensions", cure, thing)
        elif off:
            files = (Path(folder, "labconfig", "page_config.json") for folder in settings)
            where = (str(file) for file in files if file.is_file() and off in file.read_text("utf-8"))
            place = next(where, "the settings of JupyterLab")
            yield Finding(MEND, "is disabled", f'take {off} out of "disabledExtensions" in {place}', thing)
        else:
            yield Finding(OK, there[name]["version"], thing=thing)
    thing, prefix = "nbgrader in JupyterLab's server", "nbgrader.server_extensions."
    enabled: Callable[[str], bool] = ExtensionConfigManager(read_config_path=settings).enabled
    if lacking := [name for name in SERVER_EXTENSIONS if not enabled(prefix + name)]:
        level = "--sys-prefix" if settings[0].startswith(sys.prefix) else "--user"
        names = (prefix + name for name in lacking)
        cure = python("-m", "jupyter", "server", "extension", "enable", level, *names)
        yield Finding(MEND, f"{', '.join(lacking)} disabled", cure, thing)
    else:
        yield Finding(OK, "enabled", thing=thing)


def _kernel(repo: Path | None) -> list[Finding]:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    cure = python("-m", "ipykernel", "install", "--sys-prefix")
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return [Finding(MEND, "there is none", cure)]
    program = Path(spec.argv[0])
    # Jupyter starts a bare `python` as its own Python, whatever stands first on PATH.
    if program.name == spec.argv[0] or program.parent.resolve() == Path(sys.executable).parent.resolve():
        return [Finding(OK, "is this environment's")]
    cure = f"delete the folder {spec.resource_dir}, or: {cure}"
    return [Finding(MEND, f"starts {program}, another environment's Python", cure)]


def _alembic(repo: Path | None) -> list[Finding]:
    """Find the program `alembic`: nbgrader makes its gradebook with it, and looks for it on PATH."""
    importlib.metadata.version("nbgrader")  # without it nobody asks for alembic
    beside = Path(sys.executable).parent
    found, own = shutil.which("alembic"), shutil.which("alembic", path=str(beside))
    if found and (not own or Path(found).resolve() == Path(own).resolve()):
        return [Finding(OK, found)]
    if own:
        where = f"behind {found}" if found else "not"
        return [Finding(OK, f"{own}. It is {where} on PATH; the course's commands look beside Python first")]
    message = f"is neither on PATH nor in {beside}: nbgrader cannot make its gradebook"
    return [Finding(MEND, message, pip("install", "alembic"))]


def _model(repo: Path | None) -> list[Finding]:
    from rollout_lab.models import ModelNotFetched, fetch, model_path

    try:
        return [Finding(OK, f"fetched, in {model_path()}")]
    except ModelNotFetched:
        message = "not fetched, and not needed: only your own sentences ask for it. To fetch it"
        return [Finding(OK, f"{message}: {fetch.how_to_fetch()}")]


def _account(repo: Path) -> list[Finding]:
    """Look for the account's name, by which nbgrader's exchange calls people: a container may not know it."""
    if not hasattr(os, "getuid"):
        return []
    import pwd

    try:
        return [Finding(OK, pwd.getpwuid(os.getuid()).pw_name)]
    except KeyError:
        message = f"user {os.getuid()} has no name on this machine: nbgrader can neither release nor hand in"
        return [Finding(MEND, message, "ask who runs this machine for a line in /etc/passwd")]


def _working_copy(repo: Path) -> Iterator[Finding]:
    folder, sources = locate()[0], delivered(repo)
    if not sources:
        yield Finding(MEND, f"{repo / 'course'} holds none", command("build"), "lessons")
    if found := obstacle(folder):
        there = "" if folder.is_dir() else f"there is none yet in {folder}: "
        yield Finding(MEND, f"{there}{found.message}", found.cure or elsewhere(folder))
        return
    if not folder.is_dir():
        yield Finding(OK, f"there is none yet; {command('start')} makes {folder}")
        return
    notebooks = [name for name in sources if name.endswith(".ipynb") and (folder / name).is_file()]
    broken = [name for name in notebooks if not _is_notebook(folder / name)]
    for name in broken:
        cure = f"{command('fresh', Path(name).stem)} lays a fresh copy beside it"
        yield Finding(MEND, f"{folder / name} cannot be read as a notebook", cure)
    if missing := [name for name in sources if not (folder / name).exists()]:
        message = f"{len(missing)} of the notebooks of {folder} are missing: {', '.join(missing)}"
        yield Finding(MEND, message, f"{command('start')} lays them again")
    if not broken and not missing:
        yield Finding(OK, f"{len(sources)} notebooks in {folder}")


def _is_notebook(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_text("utf-8"))["cells"], list)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _exchange(repo: Path) -> list[Finding]:
    if sys.platform == "win32":
        way = "hand in through your LMS (rollout-lab collect takes its downloads)"
        return [Finding(OK, f"nbgrader has none on Windows: {way}")]
    folder = _exchange_folder(repo / "quizzes")
    alone, cure = repo in folder.resolve().parents, f"chmod ugo+rwx {quoted(folder)}"
    found = obstacle(folder)
    if not folder.exists():
        if not alone:
            return [Finding(MEND, f"{folder} does not exist", f"mkdir -p {quoted(folder)} && {cure}")]
        message = f"there is none yet; {command('start')} makes {folder}, for you alone"
        if found:
            message = f"there is none, and you need none until you fetch a quiz ({found.message})"
        return [Finding(OK, f"{message}. A class shares one: ROLLOUT_LAB_EXCHANGE")]
    mode = stat.S_IMODE(folder.stat().st_mode)
    for_all = mode & 0o777 == 0o777
    if owner := other_owner(folder):
        cure = f"its owner, {owner}, runs: {cure}"
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        message = found.message if found else f"{folder} is no folder that you can read and write"
        if found and not found.owner and not found.cure:  # A read-only file system.
            cure = "name another folder in ROLLOUT_LAB_EXCHANGE"
        return [Finding(MEND, message, cure)]
    if not for_all and not alone:
        message = f"{folder} has the mode {mode:o}: not all who share it can write to it, as nbgrader needs"
        return [Finding(MEND, message, cure)]
    return [Finding(OK, f"{folder}, {'writable by all' if for_all else 'for you alone'}")]


def _exchange_folder(quizzes: Path) -> Path:
    """Return the folder that nbgrader's configuration names, the course's own if that cannot be read."""
    with contextlib.suppress(ImportError, RuntimeError):
        from rollout_lab.classroom.nbgrader_course import load_settings

        if isinstance(root := load_settings(quizzes).Exchange.get("root"), str):
            return Path(root)
    return exchange_folder(quizzes)


def _nbgrader_config(repo: Path) -> list[Finding]:
    from rollout_lab.classroom.nbgrader_course import CourseError, NbgraderCourse

    try:
        course = NbgraderCourse(repo / "quizzes")
    except CourseError as error:
        return [Finding(MEND, str(error), f"mend {repo / 'quizzes' / 'nbgrader_config.py'}")]
    if course.directory.course_id:
        return [Finding(OK, f"course id {course.directory.course_id}, in {course.root}")]
    cure = 'set c.CourseDirectory.course_id = "attention_rollout" there'
    return [Finding(MEND, "names no course id, so students' lists stay empty", cure)]


def _gradebook(repo: Path) -> list[Finding]:
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    from rollout_lab.classroom.nbgrader_course import NbgraderCourse

    kind, _, name = NbgraderCourse(repo / "quizzes").directory.db_url.partition(":///")
    path = Path(name)
    if kind != "sqlite":
        return [Finding(UNKNOWN, f"{kind.split('://')[0]} is not looked into")]
    if not path.exists():
        return [Finding(OK, "there is none yet; `nbgrader generate_assignment` makes it")]
    if not os.access(path, os.R_OK) and obstacle(path):
        return _writable(path)
    restore = f"restore it from a backup, or move it away and grade again: {path}"
    address = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as database:
            (health,) = database.execute("PRAGMA quick_check(1)").fetchone()
            (version,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.Error, TypeError) as error:
        return [Finding(MEND, f"{path} cannot be read: {error}", restore)]
    head = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    if health != "ok":
        return [Finding(MEND, f"{path} is damaged: {health}", restore)]
    if version != head:
        upgrade = (
            f"in {repo / 'quizzes'} run: {python('-m', 'nbgrader', 'db', 'upgrade')} (it keeps a backup)"
        )
        return [Finding(MEND, f"{path} is of another version of nbgrader's ({version}, not {head})", upgrade)]
    return _writable(path)


def _writable(path: Path) -> list[Finding]:
    """Tell whether grading can write there; a student's work does not."""
    if found := obstacle(path):
        return [Finding(MEND, found.message, found.cure or IN_ANOTHER_FOLDER)]
    return [Finding(OK, str(path))]


def _notebooks(repo: Path) -> list[Finding]:
    from rollout_lab.classroom.build.repository import build_all

    changes = build_all(repo, check=True)
    if not changes:
        return [Finding(OK, "in step")]
    listed = f"{'; '.join(changes[:3])}{' ...' if len(changes) > 3 else ''}"
    return [Finding(MEND, f"{len(changes)} out of step: {listed}", command("build"))]


def _sandbox(repo: Path) -> list[Finding]:
    from rollout_lab.classroom.sandbox.bubblewrap import missing

    if not (why := missing()):
        return [Finding(OK, "bubblewrap works")]
    message, _dot, cure = why.partition(". ")
    other = f"grade on Linux; for a class that you trust: {command('grade', '--unsafe-without-sandbox')}"
    return [Finding(MEND, message.rstrip("."), cure or other)]


def _machine(repo: Path) -> list[Finding]:
    import psutil

    from rollout_lab.classroom.grade.assignment import default_jobs

    at_a_time, memory = default_jobs(), psutil.virtual_memory().available
    message = f"{at_a_time - 1} cores, {memory / 2**30:.1f} GB free"
    if memory >= ROOM:
        return [Finding(OK, f"{message}, for {at_a_time} submissions at a time")]
    cure = f"close other programs, or grade one at a time: {command('grade', '--jobs', '1')}"
    return [Finding(MEND, f"{message}; a submission may take {ROOM / 2**30:g} GB", cure)]


def _disk(repo: Path, needed: int) -> Iterator[Finding]:
    """Tell whether there is room for the working copy, and for the course if it is on another disk."""
    folders = [nearest(folder) for folder in (repo, locate()[0])]
    for folder in {folder.stat().st_dev: folder for folder in folders}.values():
        free = shutil.disk_usage(folder).free
        message = f"{free / 2**30:.1f} GB free for {folder}"
        if not obstacle(folder):  # That is said of the folder; room would not help.
            yield Finding(OK, message) if free >= needed else Finding(MEND, message, "make room on that disk")


ANYWHERE: dict[str, Callable[..., Iterable[Finding]]] = {
    "Python": _python,
    "packages": partial(_packages, extra="lab"),
    "jupyterlab": _jupyterlab,
    "kernel python3": _kernel,
    "alembic": _alembic,
    "language model": _model,
}
STUDENT = {"working copy": _working_copy, "account": _account, "exchange": _exchange}
INSTRUCTOR: dict[str, Callable[..., Iterable[Finding]]] = {
    "packages for grading": partial(_packages, extra="class"),
    "the course's folder": _writable,
    "nbgrader_config.py": _nbgrader_config,
    "gradebook": _gradebook,
    "notebooks and their sources": _notebooks,
    "sandbox for grading": _sandbox,
    "cores and memory": _machine,
}
