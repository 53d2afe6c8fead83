"""The rooms of rollout_lab: who may use whom, and what importing costs."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import rollout_lab

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "rollout_lab"

# A room may use the rooms of lower rank, and its neighbours in the same room.
RANKS = [
    {"_commands", "_earlier_names", "_widget_output"},
    {"_arguments", "_arrays", "_causes", "_inputs", "attention"},
    {"_fast", "rollout"},
    {"rollout_from_qk"},
    {"paths"},
    {"flow"},
    {"successors"},
    {"faithfulness"},
    {"models"},
    {"figures"},
    {"explorers"},
    {"quiz"},
    {"working_copy"},
    {"classroom"},
    {"jupyter_settings"},
    {"launch"},
    {"doctor"},
    {"cli"},
]
# A room of classroom/ may use those of lower rank, and no neighbour: so there is no circle.
CLASSROOM = [
    {"limits", "nbgrader_course"},
    {"notes"},
    {"pictures"},
    {"safe_html"},
    {"pages"},
    {"sandbox", "submission"},
    {"build", "lms"},
    {"grade"},
    {"report"},
]
# A function that the package offers counts as the room that it comes from.
HOME = {name: room for room, names in rollout_lab._NAMES.items() for name in names}
RANK = {room: rank for rank, rooms in enumerate(RANKS) for room in rooms}
MATHEMATICS = {
    "_arguments",
    "_causes",
    "_fast",
    "_inputs",
    "attention",
    "rollout",
    "rollout_from_qk",
    "paths",
    "flow",
    "successors",
    "faithfulness",
    "models",
}
FILES = sorted(PACKAGE.rglob("*.py"))
ROOMS = sorted({path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in FILES} - {"__init__"})


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def rooms_used(path):
    """The rooms of rollout_lab that a file imports, anywhere in it and in whatever form."""
    package = ("rollout_lab", *path.relative_to(PACKAGE).parts[:-1])
    return set(_rooms_in(ast.parse(path.read_text(encoding="utf-8")), package))


def _rooms_in(tree, package):
    for name in _names_in(tree, package):
        if name[0] == "rollout_lab" and len(name) > 1:
            room = HOME.get(name[1], name[1])
            if not room.startswith("__"):
                yield room


def classroom_rooms_in(tree, package):
    """The rooms of classroom/ that a file imports, in whatever form."""
    names = _names_in(tree, package)
    return {name[2] for name in names if name[:2] == ["rollout_lab", "classroom"] and len(name) > 2}


def _names_in(tree, package):
    """The dotted names that are imported in a file of this package, each as a list of its parts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            module = [*base, *(node.module or "").split(".")] if node.module else [*base]
            names = [[*module, alias.name] for alias in node.names]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names = [[node.value.id, node.attr]]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names = [str(a.value).split(".") for a in node.args if isinstance(a, ast.Constant)]
        else:
            continue
        yield from names


@pytest.mark.parametrize(
    ("source", "rooms"),
    [
        ("import rollout_lab.paths", {"paths"}),
        ("import rollout_lab.paths as p, numpy", {"paths"}),
        ("from rollout_lab.models.fetch import fetch_model", {"models"}),
        ("from rollout_lab import top_paths, figures", {"paths", "figures"}),
        ("def f():\n    from rollout_lab import softmax", {"attention"}),
        ("from .item import Item", {"quiz"}),
        ("from . import item", {"quiz"}),
        ("from ..models import load_example", {"models"}),
        ("from .. import rollout", {"rollout"}),
        ("import rollout_lab\nrollout_lab.rollout(A)", {"rollout"}),
        ("importlib.import_module('rollout_lab.cli')", {"cli"}),
        ("import rollout_lab\nrollout_lab.__file__", set()),
        ("import numpy\nfrom numpy import rollout_lab", set()),
    ],
)
def test_the_check_below_sees_an_import_in_every_form(source, rooms):
    assert set(_rooms_in(ast.parse(source), ("rollout_lab", "quiz"))) == rooms


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_a_rank(room):
    assert room in RANK, f"rollout_lab/{room} is new: give it a rank in {__file__}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_uses_only_the_rooms_above_it(path):
    if path.parent == PACKAGE and path.name == "__init__.py":
        late = "the package imports its rooms when they are first used, not before"
        assert rooms_used(path) == {"_earlier_names"}, late
        return
    room = room_of(path)
    too_low = {used for used in rooms_used(path) - {room} if RANK[used] > RANK[room]}
    assert not too_low, f"rollout_lab/{room} may not use {sorted(too_low)}, which rank below it"


@pytest.mark.parametrize(
    "source",
    [
        "from rollout_lab.classroom.grade import assignment",
        "from rollout_lab.classroom.grade.assignment import grade",
        "from rollout_lab.classroom import grade",
        "import rollout_lab.classroom.grade.assignment as a",
        "from ..grade import assignment",
        "from .. import grade",
        "def f():\n    import_module('rollout_lab.classroom.grade.assignment')",
    ],
)
def test_the_check_below_sees_a_room_of_classroom_in_every_form(source):
    package = ("rollout_lab", "classroom", "submission")
    assert classroom_rooms_in(ast.parse(source), package) == {"grade"}


def test_no_arrow_between_the_rooms_of_classroom_runs_back():
    rank = {room: number for number, rooms in enumerate(CLASSROOM) for room in rooms}
    folder = PACKAGE / "classroom"
    back = []
    for path in folder.rglob("*.py"):
        room = path.relative_to(folder).parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        package = ("rollout_lab", *path.relative_to(PACKAGE).parts[:-1])
        used = classroom_rooms_in(ast.parse(path.read_text(encoding="utf-8")), package) - {room}
        back += [f"{path.relative_to(folder)} uses {each}" for each in used if rank[each] >= rank[room]]
    assert back == []


@pytest.mark.parametrize("room", ["quiz", "classroom"])
def test_grading_uses_nothing_of_the_mathematics_that_it_grades(room):
    used = {str(path): rooms_used(path) & MATHEMATICS for path in FILES if room_of(path) == room}
    assert used, f"rollout_lab/{room} holds no Python files"
    assert not {path: rooms for path, rooms in used.items() if rooms}


def in_a_new_process(*arguments):
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


USE_THE_MATHEMATICS = """
import rollout_lab
A = rollout_lab.softmax([[[0.0, 1.0], [2.0, 3.0]]])
rollout_lab.rollout(A)
rollout_lab.top_paths(A, 0, 1)
"""
HEAVY = {"matplotlib", "ipywidgets", "anywidget", "nbgrader", "IPython", "traitlets", "scipy", "torch"}


@pytest.mark.parametrize("code", ["import rollout_lab", USE_THE_MATHEMATICS])
def test_the_library_loads_no_plotting_widgets_or_grading(code):
    loaded = in_a_new_process("-c", f"{code}\nimport sys\nprint(*sys.modules)").stdout.split()
    assert not HEAVY & {name.split(".")[0] for name in loaded}


def test_student_code_never_loads_what_is_for_instructors():
    code = "import rollout_lab.figures, rollout_lab.quiz, rollout_lab.models, rollout_lab.working_copy, sys"
    loaded = in_a_new_process("-c", f"{code}\nprint(*sys.modules)").stdout.split()
    assert "rollout_lab.quiz" in loaded
    assert not [name for name in loaded if name.startswith(("rollout_lab.classroom", "nbgrader"))]


def test_every_name_the_package_offers_is_there():
    for name in rollout_lab.__all__:
        if HOME.get(name, name) in ROOMS:
            assert getattr(rollout_lab, name) is not None
            assert name in dir(rollout_lab)


@pytest.mark.parametrize(
    "code",
    [
        "import rollout_lab.rollout",
        "import rollout_lab.paths",
        "from rollout_lab.rollout import add_identity",
        "from rollout_lab import top_paths",
        "import importlib; importlib.import_module('rollout_lab.rollout')",
        "pass",
    ],
)
def test_the_name_rollout_is_the_function_whatever_was_imported_before(code):
    check = "import rollout_lab; from rollout_lab import rollout; assert rollout is rollout_lab.rollout"
    in_a_new_process("-c", f"{code}\n{check}\nassert rollout([[[1.0]]]) == 1")


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(AttributeError, match=r"no attribute 'roll_out'; it offers softmax, .*rollout"):
        _ = rollout_lab.roll_out
