"""From scores to weights: a query that is dragged among keys in a plane, and the row that follows."""

from functools import partial
from typing import NamedTuple

import numpy as np

from rollout_lab._arrays import as_vectors
from rollout_lab._widget_output import BUNDLES
from rollout_lab.attention import softmax
from rollout_lab.figures import Figure
from rollout_lab.figures.canvas import GREY, INK, MARK, MAX_WIDTH, SERIES, Canvas
from rollout_lab.figures.checks import index_of, tokens_of
from rollout_lab.figures.words import distinct, largest, number, short, tidy

from .browser_base import Live, names_in
from .matrix_view import Control, sent

KEYS = ((2.0, 1.0), (-1.0, 1.0), (1.0, -2.0))
_REACH = 3.0  # how far the plane reaches at least
_STEPS = 10  # steps of the query a unit
TEMPERATURES = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0, 8.0)
DIMENSIONS = (2, 8, 32, 128, 512)
_DIVIDED = {True: "divided by √{d}", False: "not divided by √{d}"}


class Row(NamedTuple):
    """How a query becomes a row of weights, a number for each key."""

    dots: np.ndarray
    scores: np.ndarray
    weights: np.ndarray


def compute(keys, *, x, y, temperature: float, d: int, divide: bool) -> Row:
    """The row of the query `(x, y)` over keys `(n, 2)`.

    For d > 2 the plane stands for vectors of d numbers: their dot products are √(d / 2) times as large, as
    those of vectors with independent entries are on average.
    """
    dots = np.sqrt(d / 2) * (np.asarray(keys) @ (x, y))
    scores = dots / np.sqrt(d) if divide else dots
    return Row(dots, scores, softmax(scores / temperature))


def sentence(keys, tokens, reader: int, *, x, y, temperature, d, divide) -> str:
    weights = compute(keys, x=x, y=y, temperature=temperature, d=d, divide=divide).weights
    names = distinct(tokens, quoted=True)
    how = f"scores {_DIVIDED[divide].format(d=d)}, temperature {tidy(temperature)}"
    return (
        f"With q = ({x:g}, {y:g}), {names[reader]} reads {largest(weights, tokens, len(tokens))} ({how})."
    ).replace("-", "−")


def draw(keys, tokens, reader: int, reach: float, **values) -> Figure:
    """The plane with keys and query, and the row as numbers and bars."""
    row, names = compute(keys, **values), [short(token) for token in tokens]
    best = int(np.argmax(row.weights))
    alone = (row.weights >= row.weights[best] - 1e-9).sum() == 1
    finding = f"reads “{tokens[best]}” most: {number(row.weights[best])}" if alone else "reads several alike"
    canvas = Canvas(MAX_WIDTH, 2.9, f"“{tokens[reader]}” {finding}")
    centre, scale = np.array([1.45, 1.45]), 1.35 / reach
    canvas.strokes([[(0.05, 1.45), (2.85, 1.45)], [(1.45, 0.05), (1.45, 2.85)]], color=GREY, lw=0.5)
    for key, name, weight in zip(keys, names, row.weights, strict=True):
        _arrow(canvas, centre, centre + scale * np.asarray(key), SERIES[0]["color"], 1 + 4 * weight)
        x, y = centre + scale * np.asarray(key) * 1.12
        canvas.write(x, y, name, bold=True, ha="center")
    x, y = centre + scale * np.array([values["x"], values["y"]])
    _arrow(canvas, centre, (x, y), MARK, 2.5)
    canvas.write(x, y + (0.14 if y >= centre[1] else -0.14), f"q of {names[reader]}", color=MARK, bold=True)
    score = f"÷ √{values['d']}" if values["divide"] else "not divided"
    for x, text in zip((3.2, 4.1, 4.9, 5.6), ("key", "q · k", score, "weight"), strict=True):
        canvas.write(x, 2.6, text, color=GREY)
    pitch = min(0.34, 2.2 / len(names))
    for index, name in enumerate(names):
        y = 2.6 - pitch * (index + 1)
        canvas.write(3.2, y, name, bold=True)
        for x, value in zip((4.1, 4.9), (row.dots[index], row.scores[index]), strict=True):
            canvas.write(x, y, number(value).replace("-", "−"), color=INK)
        canvas.boxes(5.6, y - 0.07, max(row.weights[index], 0.005), 0.14, SERIES[0]["color"])
        canvas.write(5.68 + row.weights[index], y, f"{row.weights[index]:.2f}")
    return canvas.finish(sentence(keys, tokens, reader, **values))


def _arrow(canvas: Canvas, start, end, color: str, lw: float) -> None:
    along = np.subtract(end, start)
    length = np.hypot(*along)
    if length < 1e-9:
        return
    along = along / length
    back, aside = np.asarray(end) - 0.12 * along, 0.06 * along[::-1] * (-1, 1)
    canvas.strokes([[start, back]], color=color, lw=lw, zorder=3)
    canvas.polygons([[end, back + aside, back - aside]], color, zorder=3)


class ScoresToWeights(Live):
    """The plane and the row in the browser, which works them out: the kernel is asked for the sentence."""

    _esm = BUNDLES / "scores_to_weights.js"

    def __init__(self, keys, tokens, reader, start, key):
        size = max(_REACH, float(np.ceil(1.15 * np.abs([*keys.ravel(), start["x"], start["y"]]).max())))
        self._say = partial(sentence, keys, tokens, reader)
        self.draw = partial(draw, keys, tokens, reader, size)
        steps = round(size * _STEPS)
        places = tuple(step / _STEPS for step in range(-steps, steps + 1))
        controls = {
            "temperature": Control("slider", "Temperature", {tidy(t): t for t in TEMPERATURES}),
            "d": Control("menu", "d, numbers in a vector", {str(d): d for d in DIMENSIONS}),
            "divide": Control("check", "divide by √d", {"no": False, "yes": True}),
        }
        data = {
            **names_in(tokens),
            "keys": keys.tolist(),
            "reader": reader,
            "reach": size,
            "steps": _STEPS,
            "controls": sent(controls),
        }
        choices = {"x": places, "y": places}
        choices |= {name: tuple(control.options.values()) for name, control in controls.items()}
        super().__init__(("scores", tokens, str(keys.tolist()), reader, key), choices, start, data)

    def answer(self, **values):
        return {"status": self._say(**values)}


def scores_to_weights(
    keys=None,
    tokens=("A", "B", "C"),
    *,
    query=(1.5, -0.3),
    reader=1,
    temperature=1.0,
    d=2,
    divide=True,
    key=None,
) -> ScoresToWeights:
    """Drag a query among keys, and see dot products, scores and the row of weights change.

    Parameters
    ----------
    keys : (n, 2), optional
        A key for each token, in a plane; three when left out.
    tokens : n strings
    query : pair of numbers
        Where the query opens, rounded to tenths.
    reader : int
        The position whose query it is.
    temperature : one of `TEMPERATURES`
        Scores are divided by it before the softmax.
    d : one of `DIMENSIONS`
        How many numbers a query and a key have. For more than 2, dot products are √(d / 2) times as large as
        in the plane: so much they grow on average if entries are independent.
    divide : bool
        Whether dot products are divided by √d.
    key
        As for every explorer, see `rollout_lab.explorers`.

    Examples
    --------
    >>> scores_to_weights().sentence
    'With q = (1.5, −0.3), “B” reads “A” 0.59, “C” 0.39, “B” 0.02 (scores divided by √2, temperature 1).'
    """
    tokens = tokens_of(tokens)
    keys = as_vectors(KEYS if keys is None else keys, "keys").astype(float)
    if keys.shape != (len(tokens), 2):
        raise ValueError(
            f"keys have shape {keys.shape}; expected ({len(tokens)}, 2): a key in the plane for each token"
        )
    x, y = (round(float(value) * _STEPS) / _STEPS for value in query)
    start = {"x": x, "y": y, "temperature": temperature, "d": d, "divide": divide}
    return ScoresToWeights(keys, tokens, index_of(reader, len(tokens), "reader"), start, key)
