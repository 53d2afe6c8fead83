import re

import pytest

from rollout_lab.classroom.build.bank import load_course, option_orders

from ..warm_commands import warm_kernels
from .nbgrader_class import ROOT, Classroom, fill_in, right_answers
from .submission.broken import QUIZ

# nbgrader's log below warnings, what kernels print at their start, and progress bars.
CHATTER = re.compile(
    r"^(INFO|DEBUG) .*\n?|^NOTE: When using the `ipython kernel`(.*\n)*?    --existing.*\n?"
    r"|^\[IPKernelApp\].*\n?|^.*\|.*\| \d+/\d+ \[.*\n?",
    re.MULTILINE,
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Leave out of the report on a failure what buries its assertion."""
    report = yield
    quiet = [(title, CHATTER.sub("", text).strip()) for title, text in report.sections]
    report.sections = [(title, text) for title, text in quiet if text]
    return report


@pytest.fixture(scope="package", autouse=True)
def kernels(tmp_path_factory):
    """Kernels that share their imports: those of `nbgrader autograde` and of Validate."""
    with warm_kernels(tmp_path_factory.mktemp("kernels")):
        yield


@pytest.fixture(scope="session")
def course():
    return load_course(ROOT / "quizzes" / "bank")


@pytest.fixture(scope="session")
def keys(course):
    """The right letters as the graded quizzes show them."""
    orders = option_orders(course, course.seeds["options"])
    return {item: "ABCD"[order.index(course.items[item].key)] for item, order in orders.items()}


@pytest.fixture(scope="session")
def classroom(tmp_path_factory):
    return Classroom(tmp_path_factory.mktemp("classroom"))


@pytest.fixture(scope="session")
def answered(tmp_path_factory, course, keys):
    """A course with quiz 1 released, and the release filled in with right answers."""
    classroom = Classroom(tmp_path_factory.mktemp("answered"))
    fill_in(classroom.release(QUIZ) / f"{QUIZ}.ipynb", right_answers(course, keys, QUIZ))
    return classroom
