"""`make bench`: how fast the course is, each time beside something that was run in turn with it.

    make bench                         # all of them
    make bench BENCH="import redraw"   # these

The table comes as build/bench.json and, as a picture, build/bench.svg besides.

Seconds differ from machine to machine and from minute to minute; the ratio of two things that were run in
turn differs little. No test asserts a time.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from . import grading

ROOT = Path(__file__).parents[1]
Timed = Callable[[], float]


class Pair(NamedTuple):
    """Two things to time in turn: what is asked about, and what it is held against."""

    what: str
    beside: str
    time_what: Timed
    time_beside: Timed
    rounds: int = 5


class Growth(NamedTuple):
    """How the time of something grows with a size, beside the power that theory gives it."""

    what: str
    theory: str
    sizes: tuple[int, ...]
    time_at: Callable[[int], Timed]


def seconds(action: Callable[[], object]) -> Timed:
    """The stopwatch around an action."""

    def timed() -> float:
        start = time.perf_counter()
        action()
        return time.perf_counter() - start

    return timed


def own_seconds(action: Callable[[], object], times: int = 1) -> Timed:
    """The time that this thread had a core for one of `times` actions: neighbours count little."""

    def timed() -> float:
        start = time.thread_time()
        for _ in range(times):
            action()
        return (time.thread_time() - start) / times

    return timed


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

    bare = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import numpy, matplotlib.pyplot as plt\nplt.plot([1, 2])")]
    )
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


def _layers(L: int, H: int, N: int) -> list:
    import numpy as np

    rng = np.random.default_rng(0)
    scores = (np.exp(2 * rng.standard_normal((1, H, N, N), dtype=np.float32)) for _ in range(L))
    return [each / each.sum(axis=-1, keepdims=True) for each in scores]


def rollouts() -> Iterator[Pair | Growth]:
    """`rollout` beside what no rollout can do without, the loop that everyone copies, and PyTorch.

    The floor for all rows averages heads by one product and multiplies layers; for a row it averages only.
    """
    import numpy as np

    from rollout_lab import attention_flow, rollout, rollout_steps, top_paths

    torch = importlib.util.find_spec("torch") and importlib.import_module("torch")

    def averages(layers) -> list:
        share = np.full(layers[0].shape[1], 1 / layers[0].shape[1], np.float32)
        return [share @ A.reshape(len(share), -1) for A in layers]

    def floor(layers):
        N = layers[0].shape[-1]
        R, *others = (A.reshape(N, N) for A in averages(layers))
        for A in others:
            R = A @ R

    def plain_loop(layers, mean=np.mean, eye=np.eye):
        N = layers[0].shape[-1]
        R = identity = eye(N)
        for A in layers:
            augmented = mean(A[0], 0) + identity
            R = augmented / augmented.sum(-1)[:, None] @ R

    def loop_in_torch(tensors):
        plain_loop(tensors, torch.mean, torch.eye)

    for L, H, N, times in [(6, 12, 20, 50), (12, 12, 64, 20), (12, 12, 197, 2), (12, 12, 512, 1)]:
        layers, size = _layers(L, H, N), f"{L} layers, {H} heads, {N} tokens"
        single = functools.partial(np.eye, dtype=np.float32)
        others = {
            "the floor": lambda layers=layers: floor(layers),
            "the plain loop": lambda layers=layers, single=single: plain_loop(layers, eye=single),
        }
        if torch:
            torch.set_num_threads(1)
            tensors = [torch.from_numpy(A) for A in layers]
            others["the loop in PyTorch"] = lambda tensors=tensors: loop_in_torch(tensors)
        calls = {
            "rollout": (lambda layers=layers: rollout(layers), others),
            "rollout, a row": (
                lambda layers=layers: rollout(layers, queries=0),
                {"one read": lambda layers=layers: averages(layers)},
            ),
            "rollout_steps": (
                lambda layers=layers: rollout_steps(layers),
                {"rollout": lambda layers=layers: rollout(layers)},
            ),
        }
        for name, (call, besides) in calls.items():
            for beside, other in besides.items():
                yield Pair(f"{name}, {size}", beside, own_seconds(call, times), own_seconds(other, times), 9)
    layers = _layers(12, 12, 197)
    for k in (5, 1000):
        paths = own_seconds(lambda k=k: top_paths(layers, 0, 1, k))
        yield Pair(f"top_paths, k = {k}, 197 tokens", "rollout", paths, own_seconds(lambda: rollout(layers)))
    layers = _layers(12, 1, 128)
    row, one = (own_seconds(lambda Q=Q: attention_flow(layers, queries=Q)) for Q in ([0], [0, 1]))
    yield Pair("attention_flow, two rows, 12 layers, 128 tokens", "one row", one, row, 1)
    at = {
        "N, 12 layers, 12 heads": ("2 (heads) to 3 (products)", (64, 128, 256, 512), lambda n: (12, 12, n)),
        "L, 12 heads, 256 tokens": ("1", (3, 6, 12, 24), lambda n: (n, 12, 256)),
        "H, 12 layers, 256 tokens": ("0 (products) to 1 (heads)", (4, 8, 16, 32), lambda n: (12, n, 256)),
    }
    for name, (theory, sizes, shape) in at.items():
        for what, queries in {"rollout": None, "rollout, a row": 0}.items():

            def time_at(n: int, shape=shape, queries=queries) -> Timed:
                layers = _layers(*shape(n))
                return own_seconds(lambda: rollout(layers, queries=queries))

            a_row = {"N": "2", "H": "1"}.get(name[0], theory)
            yield Growth(f"{what}, with {name}", theory if queries is None else a_row, sizes, time_at)


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


MEASURES = {
    "import": imports,
    "lessons": lessons,
    "examples": examples,
    "rollout": rollouts,
    "redraw": redraws,
    "browser": browser,
    "flow": flow,
    "report": reports,
    "grade": grading_a_class,
}


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what kernels and nbgrader say on stderr out of the table, and show it if something goes wrong."""
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        except BaseException:
            said.seek(0)
            os.write(stderr, said.read()[-4000:])
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def exponent(growth: Growth) -> float:
    """The slope of the times over the sizes, both as logarithms, by least squares; the sizes run in turn."""
    timers = [growth.time_at(size) for size in growth.sizes]
    rounds = [[timer() for timer in timers] for _ in range(6)][1:]  # the first one warms up
    times = (math.log(statistics.median(column)) for column in zip(*rounds, strict=True))
    return statistics.linear_regression([math.log(size) for size in growth.sizes], list(times)).slope


def picture(rows: list[dict], path: Path) -> None:
    """The ratios of a table as bars, the longest where it is slowest beside the other."""
    from matplotlib.figure import Figure

    rows = [row for row in rows if "ratio" in row]
    figure = Figure(figsize=(9, 1 + 0.25 * len(rows)), layout="constrained")
    axes = figure.add_subplot(xscale="log", xlabel="times as long as what it was run in turn with")
    axes.barh([f"{row['what']} / {row['beside']}" for row in rows], [row["ratio"] for row in rows])
    axes.axvline(1, color="black", linewidth=1)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.invert_yaxis()
    figure.savefig(path)


def main(wanted: list[str], out: Path | None = None) -> int:
    """Time the measures that are wanted, all of them if none is named, and print a table."""
    if unknown := sorted(set(wanted) - set(MEASURES)):
        print(f"no measure is called {', '.join(unknown)}; there are: {', '.join(MEASURES)}", file=sys.stderr)
        return 2
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{os.cpu_count()} cores{load} at the start; medians; the two of a row were run in turn\n")
    print("| what | seconds | beside | seconds | ratio |\n|---|---|---|---|---|")
    rows: list[dict[str, str | float]] = []
    with quiet():
        for pair in (pair for name in wanted or MEASURES for pair in MEASURES[name]()):
            if isinstance(pair, Growth):
                grows = exponent(pair)
                rows.append({"what": pair.what, "exponent": grows, "theory": pair.theory})
                print(f"| {pair.what} | to the power {grows:.2f} | theory | {pair.theory} | |", flush=True)
                continue
            rounds = [(pair.time_what(), pair.time_beside()) for _ in range(pair.rounds)]
            ratio = statistics.median(what / beside for what, beside in rounds)
            what, beside = (statistics.median(column) for column in zip(*rounds, strict=True))
            rows.append(
                {"what": pair.what, "seconds": what, "beside": pair.beside, "its": beside, "ratio": ratio}
            )
            print(f"| {pair.what} | {what:.3g} | {pair.beside} | {beside:.3g} | {ratio:.2g} |", flush=True)
    if out:
        out.mkdir(exist_ok=True)
        (out / "bench.json").write_text(json.dumps(rows, indent=1))
        picture(rows, out / "bench.svg")
    return 0


if __name__ == "__main__":
    # One thread, unless asked: beside neighbours, two threads of a product wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main(sys.argv[1:], ROOT / "build"))
