import pytest

from rollout_lab.classroom.bank import load_course, option_orders

from .playing import ROOT, Classroom


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
