"""`make bench`: how fast the course is, each time beside something that was run in turn with it.

    make bench                         # all of them but the next
    make bench LONG=1                  # the rollout of a text of 32,768 tokens: see benchmarks/rollout.py
    make bench BENCH="import redraw"   # these

The table comes as build/bench.json and, as a picture, build/bench.svg besides; that of some measures alone as
build/bench-import-redraw.json and so on.

Seconds differ from machine to machine and from minute to minute; the ratio of two things that were run in
turn differs little. No test asserts a time.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from . import course, live, long_prompt, rollout
from .stopwatch import Row

ROOT = Path(__file__).parents[1]

MEASURES = {
    "import": course.imports,
    "lessons": course.lessons,
    "examples": course.examples,
    "rollout": rollout.rollouts,
    "redraw": course.redraws,
    "browser": course.browser,
    "live": live.first_outputs,
    "flow": course.flow,
    "report": course.reports,
    "grade": course.grading_a_class,
    "long": rollout.long_text,
    "prompt": long_prompt.prompts,
}
SLOW = {"long", "prompt"}  # these run only when named


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


def cells(row: Row) -> tuple[str, str, str, str, str]:
    """A row of the table."""
    if "exponent" in row:
        return f"{row['what']}", f"to the power {row['exponent']:.2f}", "theory", f"{row['theory']}", ""
    if "unit" in row:
        both = (float(row["amount"]), float(row["its"]))
        amounts = (f"{x:{',.0f' if x >= 1000 else '.3g'}} {row['unit']}" for x in both)
    else:
        amounts = (f"{row[each]:.3g}" for each in ("seconds", "its"))
    return f"{row['what']}", next(amounts), f"{row['beside']}", next(amounts), f"{row['ratio']:.2g}"


def picture(rows: list[Row], path: Path) -> None:
    """The ratios of times as bars from 1; what one thing was run in turn with stands below its name."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator

    bars: list[tuple[str, float | None]] = []
    for what, those in groupby((row for row in rows if "seconds" in row), key=lambda row: row["what"]):
        bars += [(f"{what}", None), *((f"{row['beside']}", row["ratio"]) for row in those)]
    figure = Figure(figsize=(9, 1 + 0.2 * len(bars)), layout="constrained")
    axes = figure.add_subplot(xscale="log", xlabel="times as long as what it was run in turn with")
    for place, (_, ratio) in enumerate(bars):
        if ratio is not None:
            axes.barh(place, ratio - 1, left=1, color="#31688e")
            side = "left" if ratio > 1 else "right"
            axes.text(ratio, place, f" {ratio:.2g} ", va="center", ha=side, fontsize=8)
    axes.set_yticks(range(len(bars)), [name for name, _ in bars], fontsize=8)
    for label, (_, ratio) in zip(axes.get_yticklabels(), bars, strict=True):
        label.set_fontweight("normal" if ratio is not None else "bold")
    axes.tick_params(axis="y", length=0)
    axes.axvline(1, color="black", linewidth=1)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.margins(x=0.1)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    figure.savefig(path)


def main(wanted: list[str], out: Path | None = None) -> int:
    """Take the measures that are wanted, all but the slow ones if none is named, and print a table."""
    if unknown := sorted(set(wanted) - set(MEASURES)):
        print(f"no measure is called {', '.join(unknown)}; there are: {', '.join(MEASURES)}", file=sys.stderr)
        return 2
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{os.cpu_count()} cores{load} at the start; medians; the two of a row were run in turn\n")
    print("| what | seconds | beside | seconds | ratio |\n|---|---|---|---|---|")
    rows: list[Row] = []
    with quiet():
        for name in wanted or [name for name in MEASURES if name not in SLOW]:
            for measure in MEASURES[name]():
                rows.append(measure.row())
                print(f"| {' | '.join(cells(rows[-1]))} |", flush=True)
    if out:
        out.mkdir(exist_ok=True)
        stem = out / "-".join(["bench", *wanted])
        stem.with_suffix(".json").write_text(json.dumps(rows, indent=1))
        picture(rows, stem.with_suffix(".svg"))
    return 0


if __name__ == "__main__":
    # One thread, unless asked: beside neighbours, two threads of a product wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main(sys.argv[1:], ROOT / "build"))
