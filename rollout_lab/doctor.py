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
from dataclasses import dataclass
from pathlib import Path

from rollout_lab._commands import PACKAGE, command, installing, pip, python, quoted
from rollout_lab.working_copy import (
    WorkingCopyError,
    delivered,
    elsewhere,
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
ROOM = 2 * 2**30
"""Bytes of disk and of memory: a class's notebooks, and what one of them may take while it is graded."""
ROOM_OF_ONE = 200 * 2**20
"""Bytes of disk for a student: notebooks with their outputs, and once the language model."""

IN_ANOTHER_FOLDER = "to grade, clone the course into a folder of your own"


@dataclass(frozen=True)
class Finding:
    """What a check found: the thing, its state, what there is to say of it, and what mends it."""

    thing: str
    state: str
    said: str
    cure: str = ""

    def __str__(self):
        line = f"{self.state:<14} {self.thing}: {self.said}"
        return f"{line}\n{'':<14} -> {self.cure}" if self.cure else line


def examine(*, student=False):
    """Yield a `Finding` for each thing that was looked at, first what students need, then instructors.

    student=True leaves out what only instructors need; so does a course without `quizzes/source`.
    """
    try:
        clone = locate()[1]
    except WorkingCopyError as error:
        clone, missing = None, error
    for check in (_python, _packages, _jupyterlab, _kernel, _alembic, _model):
        yield from _guarded(check, clone)
    if clone is None:
        cure = "cd into the course's folder; if you have none, clone or download the course first"
        yield Finding("course", MEND, str(missing).split(". ")[0], cure)
        return
    student = student or not (clone / "quizzes" / "source").is_dir()
    for check in (_working_copy, _account, _exchange):
        yield from _guarded(check, clone)
    if not student:
        for check in (_class_packages, _folder, _nbgrader_config, _gradebook, _notebooks, _sandbox, _machine):
            yield from _guarded(check, clone)
    yield from _guarded(_disk, clone, ROOM_OF_ONE if student else ROOM)


def diagnose(*, student=False, write=print):
    """Write a line for each `Finding` and return how many things are to mend."""
    count = 0
    for finding in examine(student=student):
        write(str(finding))
        count += finding.state == MEND
    write(f"{count or 'Nothing'} to mend.")
    return count


def _guarded(check, *arguments):
    """Yield what a check finds. What it stumbles over is a finding too."""
    thing = check.__name__.strip("_").replace("_", " ")
    try:
        yield from check(*arguments)
    except ImportError as error:
        yield Finding(thing, UNKNOWN, f"{error.name or error} is not installed (see packages)")
    except Exception as error:  # whatever is broken here is what the doctor was called for
        yield Finding(thing, UNKNOWN, f"{type(error).__name__}: {error}")


def _python(clone):
    from packaging.specifiers import SpecifierSet

    found, where = platform.python_version(), f"in {sys.prefix}"
    try:
        wanted = importlib.metadata.metadata(PACKAGE)["Requires-Python"] or ""
    except importlib.metadata.PackageNotFoundError:
        wanted = ">=3.11"
    if SpecifierSet(wanted).contains(found, prereleases=True):
        yield Finding("Python", OK, f"{found} {where}")
    else:
        cure = f"install Python {wanted.removeprefix('>=')} or newer, and install the course anew with it"
        yield Finding("Python", MEND, f"{found} {where}, {wanted} is needed", cure)


def _packages(clone):
    yield from _extra("lab", "packages", clone)


def _class_packages(clone):
    yield from _extra("class", "packages for grading", clone)


def _extra(extra, thing, clone):
    """Yield whether what an extra asks for is there, by the package's own metadata."""
    from packaging.requirements import Requirement

    cure = installing(extra, clone)
    try:
        requirements = importlib.metadata.requires(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        yield Finding(thing, MEND, f"{PACKAGE} is not installed in {sys.prefix}", cure)
        return
    parsed = map(Requirement, requirements)
    wanted = [
        each
        for each in parsed
        if each.marker is None or any(each.marker.evaluate({"extra": name}) for name in ("", extra))
    ]
    lacking = [said for each in wanted if (said := _lacks(each))]
    if lacking:
        yield Finding(thing, MEND, "; ".join(lacking), cure)
    else:
        yield Finding(thing, OK, f"{len({each.name for each in wanted})} found, none too old")


def _lacks(requirement):
    try:
        found = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return f"{requirement.name} is missing ({requirement.specifier} is needed)"
    if requirement.specifier.contains(found, prereleases=True):
        return None
    return f"{requirement.name} is {found} ({requirement.specifier} is needed)"


def _jupyterlab(clone):
    from jupyter_core.paths import jupyter_config_path, jupyter_path
    from jupyter_server.extension.config import ExtensionConfigManager
    from jupyterlab_server.config import get_federated_extensions, get_page_config

    folders = jupyter_path("labextensions")
    there, disabled = get_federated_extensions(folders), get_page_config(folders)["disabledExtensions"]
    for name, package in LAB_EXTENSIONS.items():
        thing = f"JupyterLab's extension {name}"
        off = [each for each in disabled if each.split(":")[0] == name]
        if name not in there:
            cure = pip("install", "--force-reinstall", "--no-deps", package)
            yield Finding(thing, MEND, f"is not in {sys.prefix}/share/jupyter/labextensions", cure)
        elif off:
            files = (Path(folder, "labconfig", "page_config.json") for folder in jupyter_config_path())
            where = next(
                (str(file) for file in files if file.is_file() and off[0] in file.read_text("utf-8")), ""
            )
            cure = f'take {off[0]} out of "disabledExtensions" in {where or "the settings of JupyterLab"}'
            yield Finding(thing, MEND, "is disabled", cure)
        else:
            yield Finding(thing, OK, there[name]["version"])
    manager = ExtensionConfigManager(read_config_path=jupyter_config_path())
    off = [name for name in SERVER_EXTENSIONS if not manager.enabled(f"nbgrader.server_extensions.{name}")]
    if off:
        level = "--sys-prefix" if jupyter_config_path()[0].startswith(sys.prefix) else "--user"
        names = (f"nbgrader.server_extensions.{name}" for name in off)
        cure = python("-m", "jupyter", "server", "extension", "enable", level, *names)
        yield Finding("nbgrader in JupyterLab's server", MEND, f"{', '.join(off)} disabled", cure)
    else:
        yield Finding("nbgrader in JupyterLab's server", OK, "enabled")


def _kernel(clone):
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    thing = "kernel python3"
    cure = python("-m", "ipykernel", "install", "--sys-prefix")
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        yield Finding(thing, MEND, "there is none", cure)
        return
    program = spec.argv[0]
    # Jupyter starts a bare `python` as its own Python, whatever stands first on PATH.
    ours = (
        not os.path.dirname(program)
        or Path(program).parent.resolve() == Path(sys.executable).parent.resolve()
    )
    if ours:
        yield Finding(thing, OK, "is this environment's")
    else:
        cure = f"delete the folder {spec.resource_dir}, or: {cure}"
        yield Finding(thing, MEND, f"starts {program}, another environment's Python", cure)


def _alembic(clone):
    """nbgrader makes its gradebook with the program `alembic`, and looks for it on PATH."""
    importlib.metadata.version("nbgrader")  # without it nobody asks for alembic
    beside = Path(sys.executable).parent
    found = shutil.which("alembic")
    own = shutil.which("alembic", path=str(beside))
    if found and (not own or Path(found).resolve() == Path(own).resolve()):
        yield Finding("alembic", OK, found)
    elif own:
        said = f"{own}. It is {'behind ' + found if found else 'not'} on PATH"
        yield Finding("alembic", OK, f"{said}; the course's commands look beside Python first")
    else:
        said = f"is neither on PATH nor in {beside}: nbgrader cannot make its gradebook"
        yield Finding("alembic", MEND, said, pip("install", "alembic"))


def _model(clone):
    from rollout_lab.models import ModelNotFetched, model_path

    try:
        yield Finding("language model", OK, f"fetched, in {model_path()}")
    except ModelNotFetched:
        said = "not fetched, and not needed: only your own sentences ask for it (83 MB)"
        yield Finding("language model", OK, f"{said}. To fetch it: {command('fetch-model')}")


def _account(clone):
    """nbgrader's exchange calls people by the names of their accounts, which a container may not know."""
    if not hasattr(os, "getuid"):
        return
    import pwd

    try:
        yield Finding("account", OK, pwd.getpwuid(os.getuid()).pw_name)
    except KeyError:
        said = f"user {os.getuid()} has no name on this machine: nbgrader can neither release nor hand in"
        yield Finding("account", MEND, said, "ask who runs this machine for a line in /etc/passwd")


def _working_copy(clone):
    thing, folder, sources = "working copy", locate()[0], delivered(clone)
    found = obstacle(folder)
    if not sources:
        yield Finding("lessons", MEND, f"{clone / 'course'} holds none", command("build"))
    if found:
        there = "" if folder.is_dir() else f"there is none yet in {folder}: "
        yield Finding(thing, MEND, f"{there}{found.said}", found.cure or elsewhere(folder))
        return
    if not folder.is_dir():
        yield Finding(thing, OK, f"there is none yet; {command('start')} makes {folder}")
        return
    broken = [name for name in sources if (folder / name).is_file() and not _is_notebook(folder / name)]
    for name in broken:
        cure = f"{command('fresh', Path(name).stem)} lays a fresh copy beside it"
        yield Finding(thing, MEND, f"{folder / name} cannot be read as a notebook", cure)
    if missing := [name for name in sources if not (folder / name).exists()]:
        said = f"{len(missing)} of the notebooks of {folder} are missing: {', '.join(missing)}"
        yield Finding(thing, MEND, said, f"{command('start')} lays them again")
    if not broken and not missing:
        yield Finding(thing, OK, f"{len(sources)} notebooks in {folder}")


def _is_notebook(path):
    try:
        return isinstance(json.loads(path.read_text("utf-8"))["cells"], list)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _exchange(clone):
    thing = "exchange"
    if sys.platform == "win32":
        said = (
            "nbgrader has none on Windows: hand in through your LMS (rollout-lab collect takes its downloads)"
        )
        yield Finding(thing, OK, said)
        return
    folder = _exchange_folder(clone)
    alone = clone in folder.resolve().parents
    if not folder.exists():
        if alone:
            said = f"there is none yet; {command('start')} makes {folder}, for you alone"
            if found := obstacle(folder):
                said = f"there is none, and you need none until you fetch a quiz ({found.said})"
            yield Finding(thing, OK, f"{said}. A class shares one: ROLLOUT_LAB_EXCHANGE")
            return
        cure = f"mkdir -p {quoted(folder)} && chmod ugo+rwx {quoted(folder)}"
        yield Finding(thing, MEND, f"{folder} does not exist", cure)
        return
    mode = stat.S_IMODE(folder.stat().st_mode)
    cure = f"chmod ugo+rwx {quoted(folder)}"
    if owner := other_owner(folder):
        cure = f"its owner, {owner}, runs: {cure}"
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        found = obstacle(folder)
        said = found.said if found else f"{folder} is no folder that you can read and write"
        if found and not found.owner and not found.cure:  # A read-only file system.
            cure = "name another folder in ROLLOUT_LAB_EXCHANGE"
        yield Finding(thing, MEND, said, cure)
    elif mode & 0o777 != 0o777 and not alone:
        said = f"{folder} has the mode {mode:o}: not all who share it can write to it, as nbgrader needs"
        yield Finding(thing, MEND, said, cure)
    else:
        yield Finding(
            thing, OK, f"{folder}, {'for you alone' if mode & 0o777 != 0o777 else 'writable by all'}"
        )


def _exchange_folder(clone):
    """Return the folder that nbgrader's configuration names, the course's own if that cannot be read."""
    with contextlib.suppress(ImportError, RuntimeError):
        from rollout_lab.classroom.nbgrader_course import load_settings

        if isinstance(root := load_settings(clone / "quizzes").Exchange.get("root"), str):
            return Path(root)
    return Path(os.environ.get("ROLLOUT_LAB_EXCHANGE") or clone / "quizzes" / "exchange")


def _nbgrader_config(clone):
    from rollout_lab.classroom.nbgrader_course import CourseError, NbgraderCourse

    thing = "nbgrader_config.py"
    try:
        course = NbgraderCourse(clone / "quizzes")
    except CourseError as error:
        yield Finding(thing, MEND, str(error), f"mend {clone / 'quizzes' / 'nbgrader_config.py'}")
        return
    if not course.directory.course_id:
        cure = 'set c.CourseDirectory.course_id = "attention_rollout" there'
        yield Finding(thing, MEND, "names no course id, so students' lists stay empty", cure)
    else:
        yield Finding(thing, OK, f"course id {course.directory.course_id}, in {course.root}")


def _gradebook(clone):
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    from rollout_lab.classroom.nbgrader_course import NbgraderCourse

    thing, address = "gradebook", NbgraderCourse(clone / "quizzes").directory.db_url
    path = Path(address.removeprefix("sqlite:///"))
    if not address.startswith("sqlite:///"):
        yield Finding(thing, UNKNOWN, f"{address.split('://')[0]} is not looked into")
    elif not path.exists():
        yield Finding(thing, OK, "there is none yet; `nbgrader generate_assignment` makes it")
    elif not os.access(path, os.R_OK) and (found := obstacle(path)):
        yield Finding(thing, MEND, found.said, found.cure or IN_ANOTHER_FOLDER)
    else:
        restore = f"restore it from a backup, or move it away and grade again: {path}"
        try:
            with contextlib.closing(
                sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
            ) as database:
                (health,) = database.execute("PRAGMA quick_check(1)").fetchone()
                (version,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
        except (sqlite3.Error, TypeError) as error:
            yield Finding(thing, MEND, f"{path} cannot be read: {error}", restore)
            return
        head = ScriptDirectory(ALEMBIC_DIR).get_current_head()
        if health != "ok":
            yield Finding(thing, MEND, f"{path} is damaged: {health}", restore)
        elif version != head:
            upgrade = python("-m", "nbgrader", "db", "upgrade")
            cure = f"in {clone / 'quizzes'} run: {upgrade} (it keeps a backup)"
            said = f"{path} is of another version of nbgrader's ({version}, not {head})"
            yield Finding(thing, MEND, said, cure)
        elif found := obstacle(path):
            yield Finding(thing, MEND, found.said, found.cure or IN_ANOTHER_FOLDER)
        else:
            yield Finding(thing, OK, str(path))


def _notebooks(clone):
    from rollout_lab.classroom.build.repository import build_all

    thing = "notebooks and their sources"
    if changes := build_all(clone, check=True):
        said = f"{len(changes)} out of step: {'; '.join(changes[:3])}{' ...' if len(changes) > 3 else ''}"
        yield Finding(thing, MEND, said, command("build"))
    else:
        yield Finding(thing, OK, "in step")


def _sandbox(clone):
    from rollout_lab.classroom.sandbox.bubblewrap import missing

    if why := missing():
        said, _dot, cure = why.partition(". ")
        other = f"grade on Linux; for a class that you trust: {command('grade', '--unsafe-without-sandbox')}"
        yield Finding("sandbox for grading", MEND, said.rstrip("."), cure or other)
    else:
        yield Finding("sandbox for grading", OK, "bubblewrap works")


def _machine(clone):
    import psutil

    from rollout_lab.classroom.grade.assignment import default_jobs

    at_a_time = default_jobs()
    memory = psutil.virtual_memory().available
    said = f"{at_a_time - 1} cores, {memory / 2**30:.1f} GB free"
    if memory < ROOM:
        cure = f"close other programs, or grade one at a time: {command('grade', '--jobs', '1')}"
        yield Finding("cores and memory", MEND, f"{said}; a submission may take {ROOM / 2**30:g} GB", cure)
    else:
        yield Finding("cores and memory", OK, f"{said}, for {at_a_time} submissions at a time")


def _folder(clone):
    """Grading writes into the course's folder; a student's work does not."""
    if found := obstacle(clone):
        yield Finding("the course's folder", MEND, found.said, found.cure or IN_ANOTHER_FOLDER)
    else:
        yield Finding("the course's folder", OK, str(clone))


def _disk(clone, needed):
    """Yield whether there is room for the working copy, and for the course if it is on another disk."""
    folders = [nearest(folder) for folder in (clone, locate()[0])]
    for folder in {folder.stat().st_dev: folder for folder in folders}.values():
        free = shutil.disk_usage(folder).free
        if obstacle(folder):
            continue  # Said of the folder; room would not help.
        if free < needed:
            yield Finding("disk", MEND, f"{free / 2**30:.1f} GB free for {folder}", "make room on that disk")
        else:
            yield Finding("disk", OK, f"{free / 2**30:.1f} GB free for {folder}")
