"""Curves over a common x."""

from __future__ import annotations

import numpy as np

from rollout_lab.figures.checks import series_of, vector_of
from rollout_lab.figures.picture import MARK, SERIES, Figure, canvas, place, plain, styled, text_width
from rollout_lab.figures.words import number, sentence, tidy


@styled
def lines(
    x,
    series,
    *,
    title,
    xlabel,
    ylabel,
    bands=None,
    cursor=None,
    logy=False,
    ylim=None,
    size=(6.4, 3.2),
    alt=None,
) -> Figure:
    """Curves over a common x, each with a marker and a dash of its own and its name at its end.

    `x`: `(n,)`; `series`: a mapping from a name to `(n,)` values, at most six; `bands`: a mapping from some
    of the names to a pair `(low, high)` of `(n,)`, drawn as a shaded spread; `cursor`: an x to set off;
    `logy`: a logarithmic y; `ylim`: `(low, high)`; `size`: inches without the title.
    Raises ValueError or TypeError when lengths or names do not fit together.

    >>> lines([1, 2], {"up": [0.0, 1.0]}, title="It grows", xlabel="layer", ylabel="weight").alt
    'It grows. weight against layer from 1 to 2. up: from 0.00 to 1.00.'
    """
    x = np.asarray(x, dtype=float)
    if x.ndim != 1 or not len(x):
        raise ValueError(f"x must be one axis of at least one number, found shape {x.shape}.")
    series = series_of(series, lambda values, name: vector_of(values, len(x), name, "x values"))
    longest = max(text_width(name, 9) for name in series)
    width, height = size
    figure, _ = canvas(width, height, title)
    axes = place(figure, 0.75, 0.5, max(width - 0.75 - longest - 0.3, 1.5), height - 0.6)
    many = len(x) > 25
    for style, (name, values) in zip(SERIES, series.items(), strict=False):
        look = {key: style[key] for key in ("color", "linestyle", "marker")}
        axes.plot(x, values, **look, lw=1.8, ms=5, markevery=max(1, len(x) // 12) if many else 1)
        if bands and name in bands:
            low, high = (vector_of(edge, len(x), f"band of {name!r}", "x values") for edge in bands[name])
            axes.fill_between(x, low, high, color=style["color"], alpha=0.18, lw=0)
    if logy:
        axes.set_yscale("log")
    if ylim:
        axes.set_ylim(*ylim)
    margin = 0.03 * np.ptp(x) or 0.5
    axes.set_xlim(x.min() - margin, x.max() + margin)
    if cursor is not None:
        axes.axvline(cursor, color=MARK, lw=1.5, ls=(0, (2, 2)), zorder=0)
    if not many and np.array_equal(x, np.round(x)):
        axes.set_xticks(x)
    plain(axes)
    axes.grid(axis="y", color="#e3e3e3", lw=0.7)
    axes.set_axisbelow(True)
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    _name_ends(axes, x[-1], series, height - 0.6)
    said = "; ".join(
        f"{name}: from {number(y[0])} to {number(y[-1])}{_turn(x, y)}" for name, y in series.items()
    )
    figure.alt = (
        alt or f"{sentence(title)}{ylabel} against {xlabel} from {tidy(x[0])} to {tidy(x[-1])}. {said}."
    )
    return figure


def _name_ends(axes, x_end: float, series, height: float) -> None:
    """Write each curve's name at its end, moved apart where they would touch."""
    to_share = axes.transData + axes.transAxes.inverted()
    ends = [float(np.clip(to_share.transform((x_end, values[-1]))[1], 0, 1)) for values in series.values()]
    step = 0.16 / height
    order = np.argsort(ends)
    places = np.array(ends)[order]
    for k in range(1, len(places)):
        places[k] = max(places[k], places[k - 1] + step)
    places -= max(places[-1] - 1, 0)
    for k in range(len(places) - 2, -1, -1):
        places[k] = min(places[k], places[k + 1] - step)
    names = list(series)
    for y, k in zip(places, order, strict=True):
        axes.text(
            1.02, y, names[k], transform=axes.transAxes, va="center", color=SERIES[k]["color"], fontsize=9
        )


def _turn(x, y) -> str:
    """Where a curve peaks or dips between its ends, in words."""
    high, low = int(np.argmax(y)), int(np.argmin(y))
    said = ""
    if y[high] > max(y[0], y[-1]):
        said += f", highest {number(y[high])} at {tidy(x[high])}"
    if y[low] < min(y[0], y[-1]):
        said += f", lowest {number(y[low])} at {tidy(x[low])}"
    return said
