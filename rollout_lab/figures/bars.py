"""Rows of weights as bars."""

import numpy as np

from .axis import Axis
from .canvas import GREY, MARK, MAX_WIDTH, SERIES, Canvas, key_places, lean_of, name_columns, text_width
from .checks import index_of, series_of, tokens_of, vector_of
from .picture import Figure
from .words import count, largest, number, sentence, short, tidy


def row_bars(row, tokens, *, title, xlabel="weight", mark=None, vmax=None, alt=None) -> Figure:
    """One row of weights as horizontal bars, a token to each, the number at its end.

    Parameters
    ----------
    row : (N,)
    tokens : N strings
        Read from top to bottom.
    title, alt : str
    mark : int or list of int, optional
        Bars to set off.
    vmax : float, optional
        Where the axis ends.

    Examples
    --------
    >>> row_bars([0.2, 0.8], ["A", "B"], title="A reads B").alt
    'A reads B. Bars for 2 tokens, largest first: “B” 0.80, “A” 0.20. They sum to 1.'
    """
    tokens = tokens_of(tokens)
    row = vector_of(row, len(tokens), "row", "tokens")
    marks = [] if mark is None else [index_of(i, len(tokens), "mark") for i in np.atleast_1d(mark)]
    names, n = [short(token, 24) for token in tokens], len(tokens)
    left, pitch, length = 0.2 + max(text_width(name, 9, bold=True) for name in names), 0.25, 3.9
    canvas = Canvas(left + length + 0.6, n * pitch + 0.5, title)
    high = vmax or max(float(row.max()), 1e-12)
    axis = Axis(min(0.0, float(row.min())), high, start=left, length=length)
    zero, middle = axis.at(0.0), canvas.top - pitch * (np.arange(n) + 0.5)
    for i, value in enumerate(row):
        texture = "full striped" if i in marks else "full"
        reach = axis.at(value) - zero
        color = MARK if i in marks else SERIES[0]["color"]
        canvas.bars(zero, middle[i] - 0.09, reach, 0.18, color, texture, upright=False)
        canvas.write(left - 0.06, middle[i], names[i], ha="right", bold=i in marks)
        canvas.write(max(zero + reach, zero) + 0.05, middle[i], number(value), size=8.5)
    bottom = canvas.top - n * pitch
    canvas.strokes(
        [((zero, canvas.top), (zero, bottom)), ((left, bottom), (left + length, bottom))], color=GREY
    )
    for value, text in axis.ticks():
        canvas.strokes([((axis.at(value), bottom), (axis.at(value), bottom - 0.04))], color=GREY)
        canvas.write(axis.at(value), bottom - 0.07, text, size=8.5, ha="center", va="top")
    canvas.write(left + length / 2, bottom - 0.26, xlabel, ha="center", va="top")
    return canvas.finish(
        alt
        or f"{sentence(title)}Bars for {count(n, 'token')}, largest first: {largest(row, tokens, 5)}. "
        f"They sum to {tidy(row.sum())}."
    )


def grouped_bars(
    rows, tokens, *, title, xlabel="key position j", ylabel="weight", vmax=None, alt=None
) -> Figure:
    """Several rows of weights compared token by token: groups of bars, a texture to each row.

    Parameters
    ----------
    rows : mapping from a name to (N,) weights
        At most six.
    tokens : N strings
    title, vmax, alt
        As for `row_bars`.

    Examples
    --------
    >>> print(grouped_bars({"one": [0.2, 0.8], "two": [0.5, 0.5]}, ["A", "B"], title="Two rows").alt)
    Two rows. Grouped bars for 2 tokens.
    one: largest “B” 0.80, “A” 0.20; sum 1. two: largest “A” 0.50, “B” 0.50; sum 1.
    """
    tokens = tokens_of(tokens)
    rows = series_of(rows, lambda row, name: vector_of(row, len(tokens), name, "tokens"))
    names, n, k = [short(token) for token in tokens], len(tokens), len(rows)
    pitch = min(1.3, (MAX_WIDTH - 0.9) / n)
    lean, names_height = lean_of(names, 9, pitch)
    left = max(0.7, names_height - pitch / 2 if lean == 45 else 0)
    bottom, height = names_height + 0.27, 2.1
    wide = max(n * pitch + 0.1, max(text_width(name, 9) for name in rows) + 0.38)
    places = key_places(rows, wide, 0.38)
    key = bottom + height + 0.12 + 0.2 * places[-1][0]
    canvas = Canvas(left + wide + 0.1, key + 0.2, title)
    bar = 0.82 * pitch / k
    roomy = bar > 0.3
    high = vmax or (1.08 if roomy else 1.2) * max(max(float(row.max()) for row in rows.values()), 1e-12)
    low = min(0.0, min(float(row.min()) for row in rows.values()))
    axis = Axis(low, high, start=bottom, length=height)
    middles = left + pitch * (np.arange(n) + 0.5)
    for s, (name, row) in enumerate(rows.items()):
        look = {"color": SERIES[s]["color"], "texture": SERIES[s]["texture"]}
        lefts = middles - 0.41 * pitch + s * bar
        canvas.bars(lefts, axis.at(0.0), 0.95 * bar, axis.at(row) - axis.at(0.0), **look)
        # Where each bar cannot carry its number, the largest of a row carries it upright.
        for i in range(n) if roomy else [int(np.argmax(row))]:
            y, x = axis.at(max(row[i], 0)) + (0.01 if roomy else 0.04), lefts[i] + 0.475 * bar
            turn = {"ha": "center", "va": "bottom"} if roomy else {"turn": 90}
            canvas.write(x, y, number(row[i]), size=8, **turn)
        line, start = places[s]
        canvas.bars(left + start, key - 0.2 * line, 0.3, 0.12, **look)
        canvas.write(left + start + 0.38, key - 0.2 * line + 0.06, name)
    canvas.strokes([((left, bottom), (left, bottom + height))], color=GREY)
    canvas.strokes([((left, axis.at(0.0)), (left + n * pitch, axis.at(0.0)))], color=GREY)
    for value, text in axis.ticks():
        canvas.strokes([((left - 0.04, axis.at(value)), (left, axis.at(value)))], color=GREY)
        canvas.write(left - 0.07, axis.at(value), text, size=8.5, ha="right")
    canvas.write(0.2, bottom + height / 2, ylabel, ha="center", turn=90)
    name_columns(canvas, middles, bottom - 0.06, names, 9, lean)
    canvas.write(left + n * pitch / 2, 0.05, xlabel, ha="center", va="bottom")
    listed = " ".join(
        f"{name}: largest {largest(row, tokens, 3)}; sum {tidy(row.sum())}." for name, row in rows.items()
    )
    return canvas.finish(alt or f"{sentence(title)}Grouped bars for {count(n, 'token')}. {listed}")
