"""How fast everything but the rollout is: imports, lessons, redraws, the report, grading."""

from __future__ import annotations

import math
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from . import grading
from .stopwatch import Pair, Timed, seconds

ROOT = Path(__file__).parents[1]
ONE_PLOT = "import numpy, matplotlib.pyplot as plt\nplt.plot([1, 2])"


def imports() -> Iterator[Pair]:
    """What the mathematics costs at import, by Python's own count, beside NumPy."""
    use = "import rollout_lab; rollout_lab.rollout; rollout_lab.top_paths; rollout_lab.attention_flow"

    def own_time(package: str) -> Timed:
        def timed() -> float:
            run = [sys.executable, "-X", "importtime", "-c", f"import numpy; {use}"]
            log = subprocess.run(run, capture_output=True, text=True, check=True).stderr
            lines = re.findall(r"import time:\s*(\d+) \|\s*\d+ \|\s*(\S+)", log)
            return sum(int(own) for own, name in lines if name.split(".")[0] == package) / 1e6

        return timed

    yield Pair("import rollout_lab", "import numpy", own_time("rollout_lab"), own_time("numpy"))


def lessons() -> Iterator[Pair]:
    """A lesson from top to bottom beside a notebook that imports NumPy and matplotlib."""
    import nbclient
    import nbformat

    def run(notebook) -> Callable[[], object]:
        return lambda: nbclient.NotebookClient(notebook, kernel_name="python3", allow_errors=True).execute()

    bare = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(ONE_PLOT)])
    for path in [*(ROOT / "course").glob("*.ipynb"), *(ROOT / "quizzes" / "self_check").glob("*.ipynb")]:
        lesson = nbformat.read(path, as_version=4)
        yield Pair(path.stem, "a notebook with one plot", seconds(run(lesson)), seconds(run(bare)), 3)


def redraws() -> Iterator[Pair]:
    """An explorer's answer to a choice in the kernel, at 20 tokens, beside a plain picture of a map."""
    import io

    import numpy as np
    from matplotlib.figure import Figure

    from rollout_lab import explorers
    from rollout_lab.models.photograph import load_photograph

    maps = np.random.default_rng(0).dirichlet(np.full(20, 0.4), size=(6, 12, 20)).astype(np.float32)
    tokens = [f"word{i}" for i in range(20)]

    def plain() -> None:
        figure = Figure(figsize=(5, 4))
        figure.add_subplot().imshow(maps[0].mean(axis=0))
        figure.savefig(io.BytesIO(), format="png")

    others = {"match_with_model": (), "patch_explorer": (load_photograph(),), "scores_to_weights": ()}
    for name in explorers.__all__:
        if name == "own_sentence":
            continue
        explorer, turn = getattr(explorers, name)(*others.get(name, (maps, tokens))), [0]

        def move(explorer=explorer, turn=turn) -> None:
            choices = list(explorer.choices)
            choice = choices[turn[0] % len(choices)]
            offered = explorer.choices[choice]
            now = offered.index(explorer.values[choice])
            explorer.choose(**{choice: offered[(now + 1) % len(offered)]})
            turn[0] += 1

        yield Pair(f"redraw of {name}", "a plain picture of a map", seconds(move), seconds(plain), 20)


def browser() -> Iterator[Pair]:
    """An explorer's redraw in JupyterLab, from a key to the new picture, beside a slider and a plain picture.

    At most 0.05 seconds are wanted of those that the browser draws. The test that presses the keys measures
    them, in one notebook of one JupyterLab.
    """
    test = "tests/browser/test_explorers.py::test_twenty_keys_bring_twenty_new_pictures"
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        run = [sys.executable, "-m", "pytest", "-q", "-n0", f"--junitxml={results}", test]
        told = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
        if told.returncode:
            raise SystemExit(told.stdout)
        found = re.findall(r'name="(\w+): median of 20 redraws, ms" value="([\d.]+)"', results.read_text())
    if not found:
        print("No redraw was timed in JupyterLab: no browser is here.")
    medians = {name: float(value) / 1000 for name, value in found}
    plain = medians.pop("plain_picture", math.nan)
    for name, median in medians.items():
        beside = "a slider and a plain picture"
        yield Pair(f"{name} in JupyterLab", beside, lambda median=median: median, lambda: plain, 1)


def examples() -> Iterator[Pair]:
    """A bundled example beside the plain reading of its file."""
    import numpy as np

    from rollout_lab.models import example_names, load_example
    from rollout_lab.models.examples import __file__ as home

    name = example_names()[0]
    path = Path(home).with_name("data") / f"{name}.npz"

    def read() -> None:
        with np.load(path) as stored:
            for field in stored.files:
                stored[field]

    yield Pair(
        f"load_example({name!r})", "numpy.load", seconds(lambda: load_example(name)), seconds(read), 20
    )


def flow() -> Iterator[Pair]:
    """One maximum flow at 12 layers and 64 tokens beside the same one by networkx."""
    import networkx as nx
    import numpy as np

    from rollout_lab.attention import softmax
    from rollout_lab.flow import flow_through
    from rollout_lab.rollout import add_identity
    from tests.test_flow import networkx_graph

    capacities = add_identity(softmax(np.random.default_rng(0).normal(size=(12, 64, 64))))
    solve, graph = flow_through(capacities), networkx_graph(capacities)
    yield Pair(
        "attention flow of a pair",
        "networkx",
        seconds(lambda: solve(40, 20)),
        seconds(lambda: nx.maximum_flow_value(graph, (12, 40), (0, 20))),
        3,
    )


def reports() -> Iterator[Pair]:
    """The report on a thousand students beside the report on the dozen that they are copies of."""
    from rollout_lab.classroom.build.bank import load_course, option_orders
    from rollout_lab.classroom.report.class_report import report
    from tests.classroom import known_class

    course = load_course(ROOT / "quizzes" / "bank")
    orders = option_orders(course, course.seeds["options"])
    keys = {item: "ABCD"[order.index(course.items[item].key)] for item, order in orders.items()}
    with tempfile.TemporaryDirectory() as folder:
        dozen = known_class.graded_class(Path(folder) / "a", known_class.answers_of_class(course, keys))
        thousand = dozen.copy_to(Path(folder) / "b")
        known_class.multiply(thousand, 1000)
        yield Pair(
            "report on 1,000 students",
            "report on a dozen",
            seconds(lambda: report(thousand.course, known_class.QUIZ)),
            seconds(lambda: report(dozen.course, known_class.QUIZ)),
            3,
        )


def grading_a_class() -> Iterator[Pair]:
    """`rollout-lab grade` on a class of 20 beside `nbgrader autograde`, each on a copy that nobody graded."""
    from tests.classroom.nbgrader_class import grade_flags

    with tempfile.TemporaryDirectory() as folder:
        course = grading.make_class(Path(folder) / "class", 20)

        def on_a_copy(*command: str) -> Timed:
            def timed() -> float:
                with tempfile.TemporaryDirectory() as place:
                    return grading.seconds(list(command), grading.copy_of(course, Path(place)))

            return timed

        yield Pair(
            "rollout-lab grade, 20 submissions",
            "nbgrader autograde",
            on_a_copy("rollout_lab.cli", "grade", grading.QUIZ, *grade_flags()),
            on_a_copy("nbgrader", "autograde", grading.QUIZ),
            1,
        )
