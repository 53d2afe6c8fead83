"""Rows of weights as bars."""

from __future__ import annotations

import numpy as np

from rollout_lab.figures.checks import index_of, row_of, series_of, tokens_of
from rollout_lab.figures.picture import (
    MARK,
    MAX_WIDTH,
    SERIES,
    Figure,
    canvas,
    lean_of,
    name_columns,
    place,
    plain,
    styled,
    text_width,
)
from rollout_lab.figures.words import count, largest, number, sentence, short, tidy


@styled
def row_bars(row, tokens, *, title, xlabel="weight", mark=None, vmax=None, alt=None) -> Figure:
    """One row of weights as horizontal bars, a token to each, the number at its end.

    `row`: `(N,)`; `tokens`: N strings, read from top to bottom; `mark`: index or indices of bars to set off;
    `vmax`: where the axis ends; `alt` replaces the computed text alternative.
    Raises ValueError, TypeError or IndexError when they do not fit together.

    >>> row_bars([0.2, 0.8], ["A", "B"], title="A reads B").alt
    'A reads B. Bars for 2 tokens, largest first: B 0.80, A 0.20. They sum to 1.'
    """
    tokens = tokens_of(tokens)
    row = row_of(row, tokens, "row")
    marks = [] if mark is None else [index_of(i, len(tokens), "mark") for i in np.atleast_1d(mark)]
    names = [short(token) for token in tokens]
    n = len(names)
    left, height = 0.25 + max(text_width(name, 9) for name in names), 0.25 * n
    figure, top = canvas(left + 4.6, height + 0.55, title)
    axes = place(figure, left, top - height, 3.9, height)
    bars = axes.barh(range(n), row, height=0.72, color=SERIES[0]["color"])
    axes.set_yticks(range(n), names, fontsize=9)
    for i in marks:
        bars[i].set(facecolor=MARK, hatch="////", edgecolor="white", lw=0)
        axes.get_yticklabels()[i].set_fontweight("bold")
    axes.set_xlim(min(0.0, float(row.min())), 1.02 * (vmax or max(float(row.max()), 1e-12)))
    axes.set_ylim(n - 0.5, -0.5)
    for i, value in enumerate(row):
        axes.annotate(
            number(value), (max(value, 0), i), (3, 0), textcoords="offset points", va="center", fontsize=8.5
        )
    plain(axes)
    axes.tick_params(axis="y", length=0)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel(xlabel)
    figure.alt = alt or (
        f"{sentence(title)}Bars for {count(n, 'token')}, largest first: {largest(row, tokens, 5)}. "
        f"They sum to {tidy(row.sum())}."
    )
    return figure


@styled
def grouped_bars(
    rows, tokens, *, title, xlabel="key position j", ylabel="weight", vmax=None, alt=None
) -> Figure:
    """Several rows of weights compared token by token: groups of bars, a hatch to each row.

    `rows`: a mapping from a name to `(N,)` weights, at most six; `tokens`: N strings; `vmax`: where the axis
    ends; `alt` replaces the computed text alternative. Raises ValueError or TypeError when they do not fit.

    >>> print(grouped_bars({"one": [0.2, 0.8], "two": [0.5, 0.5]}, ["A", "B"], title="Two rows").alt)
    Two rows. Grouped bars for 2 tokens.
    one: largest B 0.80, A 0.20; sum 1. two: largest A 0.50, B 0.50; sum 1.
    """
    tokens = tokens_of(tokens)
    rows = series_of(rows, lambda row, name: row_of(row, tokens, name))
    names = [short(token) for token in tokens]
    n, k = len(names), len(rows)
    pitch = min(1.3, (MAX_WIDTH - 1.2) / n)
    lean, below = lean_of(names, 9, pitch)
    left = max(0.65, below - pitch / 2) if lean == 45 else 0.65
    below, height = below + 0.26, 2.2
    figure, _ = canvas(left + n * pitch + 0.2, height + 0.35 + below, title)
    axes = place(figure, left, below, n * pitch, height)
    bar = 0.82 / k
    roomy = bar * pitch > 0.3
    for s, (name, row) in enumerate(rows.items()):
        places = np.arange(n) + (s - (k - 1) / 2) * bar
        style = {key: SERIES[s][key] for key in ("color", "hatch")}
        axes.bar(places, row, bar * 0.94, label=name, **style, edgecolor="white", lw=0)
        for i in range(n) if roomy else [int(np.argmax(row))]:
            axes.annotate(
                number(row[i]),
                (places[i], max(row[i], 0)),
                (0, 2),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=8,
                rotation=0 if roomy else 90,
            )
    high = vmax or (1.1 if roomy else 1.22) * max(max(float(row.max()) for row in rows.values()), 1e-12)
    axes.set_ylim(min(0.0, min(float(row.min()) for row in rows.values())), high)
    axes.set_xlim(-0.5, n - 0.5)
    name_columns(axes, names, 9, lean)
    plain(axes)
    axes.tick_params(axis="x", length=0, labelsize=9)
    axes.set_ylabel(ylabel)
    axes.set_xlabel(xlabel, labelpad=2)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=k, frameon=False, borderaxespad=0.1, fontsize=9
    )
    said = " ".join(
        f"{name}: largest {largest(row, tokens, 3)}; sum {tidy(row.sum())}." for name, row in rows.items()
    )
    figure.alt = alt or f"{sentence(title)}Grouped bars for {count(n, 'token')}. {said}"
    return figure
