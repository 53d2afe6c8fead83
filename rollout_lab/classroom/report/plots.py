"""Plots as SVG within a page: its colours, light, dark or on paper, and a text alternative."""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Colours that stand for those of the page.
INK, GROUND, BAR, GOOD, PART, BAD = (f"#00000{n}" for n in range(1, 7))
IN_PAGE = {
    INK: "currentColor",
    GROUND: "var(--ground)",
    BAR: "var(--link)",
    GOOD: "var(--good)",
    PART: "var(--part)",
    BAD: "var(--bad)",
}
# How each mark of an answer looks; the pattern tells it where colours cannot be told apart.
MARKS: dict[str, dict[str, Any]] = {
    "right": {"color": GOOD},
    "partly": {"color": PART, "hatch": "///"},
    "not right": {"color": BAD, "hatch": "xxx"},
    "blank": {"color": GROUND},
}

STYLE: Any = {
    "svg.fonttype": "none",
    "font.family": ["sans-serif"],
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 1.2,
}


def scores_plot(ranges: Sequence[tuple[float, float, int]]) -> Markup:
    """Bars of students by score; `ranges` are those of `item_statistics.histogram`."""
    with rc_context(STYLE):
        figure, axes = _axes(2.9)
        counts = [count for _low, _high, count in ranges]
        bars = axes.bar(range(len(ranges)), counts, width=0.92, color=BAR)
        axes.bar_label(bars, [count or "" for count in counts], padding=2)
        axes.set_xticks(range(len(ranges)), [name_of(each) for each in ranges])
        axes.set_xlabel("score")
        axes.set_ylabel("students")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        counted = "; ".join(f"{name_of(each)}: {each[2]}" for each in ranges if each[2])
        return _svg(figure, "scores", "How many students have which score", f"Bars by score. {counted}.")


def name_of(span: tuple[float, float, int]) -> str:
    """A range of scores in words: "0.5–<1"."""
    low, high, _count = span
    return f"{low:g}" if high == float("inf") else f"{low:g}–<{high:g}"


def marks_plot(counts: Mapping[str, Mapping[str, int]]) -> Markup:
    """A bar for each item: its answers that are right, partly right, not right and blank."""
    with rc_context(STYLE):
        figure, axes = _axes(0.9 + 0.36 * len(counts))
        items = list(counts)
        start, total = [0] * len(items), sum(counts[items[0]].values())
        for mark, look in MARKS.items():
            widths = [counts[item][mark] for item in items]
            edge = GROUND if look["color"] != GROUND else INK
            bars = axes.barh(items, widths, left=start, height=0.74, label=mark, edgecolor=edge, **look)
            labels = [width if width >= total / 40 else "" for width in widths]
            box = {"boxstyle": "round,pad=0.15", "facecolor": GROUND, "edgecolor": "none"}
            axes.bar_label(bars, labels, label_type="center", bbox=box, fontsize=9)
            start = [a + b for a, b in zip(start, widths, strict=True)]
        axes.invert_yaxis()
        axes.set_xlim(0, total)
        axes.set_xlabel("students")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.legend(ncols=4, loc="lower left", bbox_to_anchor=(0, 1), frameon=False, borderaxespad=0.2)
        counted = "; ".join(
            f"{item}: " + ", ".join(f"{count} {mark}" for mark, count in each.items() if count)
            for item, each in counts.items()
        )
        return _svg(figure, "marks", "How each item was answered", f"A bar for each item. {counted}.")


def _axes(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7.4, height), layout="constrained")
    figure.patch.set_visible(False)
    axes = figure.add_subplot()
    axes.patch.set_visible(False)
    return figure, axes


def _svg(figure: Figure, name: str, title: str, description: str) -> Markup:
    """The figure as an SVG element whose ids begin with `name`, so that a page may hold several."""
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with rc_context({"svg.hashsalt": name}):  # the same ids each time
        figure.savefig(buffer, format="svg", metadata=nothing)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\1{name}-", svg)
    svg = re.sub(r"#00000[1-6]", lambda found: IN_PAGE[found[0]], svg)
    head = (
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-text">{escape(description)}</desc>'
    )
    named = f' role="img" aria-labelledby="{name}-title" aria-describedby="{name}-text">'
    return Markup(re.sub(r"^<svg([^>]*)>", rf"<svg\1{named}{head}", svg, count=1))
