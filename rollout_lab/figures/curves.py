"""Curves over a common x."""

import numpy as np
from matplotlib.colors import to_rgba

from .axis import Axis
from .canvas import GREY, MARK, SERIES, Canvas, key_places, text_width
from .checks import series_of, vector_of
from .picture import Figure
from .words import number, sentence, tidy


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
    key=False,
    alt=None,
) -> Figure:
    """Curves over a common x, each with a marker and a dash of its own and its name at its end.

    Parameters
    ----------
    x : (n,)
    series : mapping from a name to (n,) values
        At most six.
    title, alt : str
    bands : mapping from some of the names to a pair (low, high), each (n,), optional
        Drawn as a shaded spread.
    cursor : float, optional
        An x to set off.
    logy : bool
        A logarithmic y.
    ylim : (low, high), optional
    size : (width, height)
        Inches, without the title.
    key : bool
        Whether each curve's dash and marker stand above the plot with its name, where curves cross.

    Examples
    --------
    >>> lines([1, 2], {"up": [0.0, 1.0]}, title="It grows", xlabel="layer", ylabel="weight").alt
    'It grows. weight against layer from 1 to 2. up: from 0.00 to 1.00.'
    """
    x = np.asarray(x, dtype=float)
    if x.ndim != 1 or not len(x):
        raise ValueError(f"x must be one axis of at least one number, found shape {x.shape}.")
    series = series_of(series, lambda values, name: vector_of(values, len(x), name, "x values"))
    bands = {
        name: [vector_of(edge, len(x), f"band of {name!r}", "x values") for edge in pair]
        for name, pair in (bands or {}).items()
    }
    width, height = size
    left, bottom = 0.75, 0.48
    places = key_places(series, width - left - 0.1, 0.45) if key else []
    above = 0.2 * (1 + places[-1][0]) if key else 0
    canvas = Canvas(width, height + above, title)
    for style, name, (row, start) in zip(SERIES, series, places, strict=False):
        x_key, y = left + start + np.array([0, 0.19, 0.38]), canvas.top - 0.1 - 0.2 * row
        canvas.curve(x_key, [y] * 3, markevery=[1], **_look(style))
        canvas.write(left + start + 0.45, y, name)
    right = canvas.width - max(text_width(name, 9) for name in series) - 0.3
    margin = 0.03 * np.ptp(x) or 0.5
    across = Axis(x.min() - margin, x.max() + margin, start=left, length=max(right - left, 1.5))
    seen = np.concatenate([*series.values(), *(edge for pair in bands.values() for edge in pair)])
    low, high = ylim or _limits(seen, logy)
    up = Axis(low, high, start=bottom, length=canvas.top - above - bottom - 0.1, log=logy)

    for value, text in up.ticks():
        y = up.at(value)
        canvas.strokes([((left, y), (left + across.length, y))], color="#e3e3e3", zorder=1)
        canvas.write(left - 0.07, y, text, size=8.5, ha="right")
    whole = np.array_equal(x, np.round(x)) and len(x) <= 25
    for value, text in [(value, f"{value:g}") for value in x] if whole else across.ticks(8):
        canvas.strokes([((across.at(value), bottom), (across.at(value), bottom - 0.04))], color=GREY)
        canvas.write(across.at(value), bottom - 0.07, text, size=8.5, ha="center", va="top")
    corner = [(left, bottom + up.length), (left, bottom), (left + across.length, bottom)]
    canvas.strokes([corner[:2], corner[1:]], color=GREY)
    if cursor is not None:
        at = across.at(cursor)
        canvas.strokes([((at, bottom), (at, bottom + up.length))], color=MARK, lw=1.5, dash=(0, (2, 2)))
    for style, (name, values) in zip(SERIES, series.items(), strict=False):
        xs, ys = across.at(x), up.at(np.clip(values, up.low, up.high))
        if name in bands:
            edges = [up.at(np.clip(edge, up.low, up.high)) for edge in bands[name]]
            around = np.concatenate([np.c_[xs, edges[0]], np.c_[xs, edges[1]][::-1]])
            canvas.polygons([around], to_rgba(style["color"], 0.18))
        every = 1 if len(x) <= 12 else len(x) // 8
        canvas.curve(xs, ys, markevery=every, **_look(style))
    _name_ends(canvas, left + across.length + 0.08, series, up)
    canvas.write(left + across.length / 2, 0.05, xlabel, ha="center", va="bottom")
    canvas.write(0.18, bottom + up.length / 2, ylabel, ha="center", turn=90)
    listed = "; ".join(
        f"{name}: from {number(y[0])} to {number(y[-1])}{_turn(x, y)}" for name, y in series.items()
    )
    return canvas.finish(
        alt or f"{sentence(title)}{ylabel} against {xlabel} from {tidy(x[0])} to {tidy(x[-1])}. {listed}."
    )


def _limits(values, logy: bool) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    if logy:
        return low / 1.15, high * 1.15
    low = min(low, 0.0) if low > -0.05 * max(high, 0) or low >= 0 else low - 0.05 * (high - low)
    return low, high + 0.05 * (high - low)


def _name_ends(canvas: Canvas, x: float, series, up: Axis) -> None:
    """Write each curve's name at its end, moved apart where they would touch."""
    ends = np.array([float(up.at(np.clip(values[-1], up.low, up.high))) for values in series.values()])
    step, order = 0.16, np.argsort(ends, kind="stable")
    places = ends[order]
    for k in range(1, len(places)):
        places[k] = max(places[k], places[k - 1] + step)
    places[-1] = min(places[-1], up.start + up.length)
    for k in range(len(places) - 2, -1, -1):
        places[k] = min(places[k], places[k + 1] - step)
    names = list(series)
    for y, k in zip(places, order, strict=True):
        canvas.write(x, y, names[k], color=SERIES[k]["color"])


def _look(style) -> dict:
    return {what: style[what] for what in ("color", "linestyle", "marker")} | {"lw": 1.8, "markersize": 5}


def _turn(x, y) -> str:
    """Where a curve peaks or dips between its ends, in words."""
    high, low = int(np.argmax(y)), int(np.argmin(y))
    text = ""
    if y[high] > max(y[0], y[-1]):
        text += f", highest {number(y[high])} at {tidy(x[high])}"
    if y[low] < min(y[0], y[-1]):
        text += f", lowest {number(y[low])} at {tidy(x[low])}"
    return text
