"""Tokens by layer as a graph: the paths that one entry of R adds up."""

import math

import numpy as np

from rollout_lab._arguments import is_number
from rollout_lab.rollout import FORMULAS, augmented_layers, check_is_product

from .canvas import GREY, INK, MAX_WIDTH, MIN_WIDTH, SERIES, Canvas, lean_of, name_columns, text_width, wrap
from .checks import index_of, tokens_of
from .picture import Figure
from .words import aligned, count, number, route, sentence, short, tidy

_TINY = 0.02  # weaker edges are not drawn unless asked for


def layered_graph(
    attentions,
    tokens,
    *,
    title,
    paths=(),
    residual="identity",
    heads="mean",
    threshold=None,
    mark=None,
    alt=None,
) -> Figure:
    """The layered token graph: input at the bottom, output on top, information flows upward.

    Parameters
    ----------
    attentions : as for `rollout`, one sentence's layers
    tokens : N strings
    title, alt : str
    paths : results of `top_paths`, or any objects with `positions` (L + 1, output first) and `weight`
        At most six, drawn thick, each with a dash of its own and listed with its weight.
    residual : as for `rollout`, but no recursion
    heads : as for `rollout`
    threshold : float, optional
        Weaker edges are left out; left out itself, so that about three a node remain.
    mark : (output, source), optional
        Positions in bold.

    Examples
    --------
    >>> layers = [[[1, 0, 0], [0, 1, 0], [0.5, 0, 0.5]], [[1, 0, 0], [0, 0.5, 0.5], [0, 0, 1]]]
    >>> print(layered_graph(layers, ["A", "B", "C"], residual="none", title="A reaches B through C").alt)
    A reaches B through C. Layered graph of 3 tokens and 2 layers, input at the bottom, output on top.
    8 edges are drawn, all that weigh 0.02 or more.
    """
    tokens = tokens_of(tokens)
    weights = _edges(attentions, tokens, residual, heads)
    paths = _checked(paths, *weights.shape[:2])
    cut = usual_threshold(weights) if threshold is None else float(threshold)
    marks = () if mark is None else tuple(index_of(i, len(tokens), "mark") for i in mark)
    dashed = is_number(residual) or FORMULAS[residual].identity_in is not None
    frame = _Frame(tokens, len(weights), title, paths, dashed, cut, marks)
    _draw_edges(frame, weights, cut, dashed, faint=bool(paths))
    if len(tokens) <= 4 and len(weights) <= 3:
        _number_edges(frame, weights, cut)
    for k, path in enumerate(paths):
        _draw_path(frame, path, k, len(paths))
    _draw_nodes(frame, weights, paths)
    return frame.canvas.finish(alt or _describe(title, tokens, weights, cut, paths))


def _edges(attentions, tokens, residual, heads) -> np.ndarray:
    """The weight of every edge, `(L, N, N)`: what the matrices of the product hold."""
    weights = np.stack(list(augmented_layers(attentions, residual=residual, heads=heads))).astype(float)
    check_is_product(residual)
    if weights.shape[1:] != (len(tokens), len(tokens)):
        raise ValueError(
            f"layers of shape {weights.shape[1:]} do not fit {len(tokens)} tokens; expected one sentence's "
            f"layers, ({len(tokens)}, {len(tokens)}) each, or heads in front of that."
        )
    return weights


def _checked(paths, layers: int, n: int) -> list:
    paths = list(paths)
    if len(paths) > len(SERIES):
        raise ValueError(f"at most {len(SERIES)} paths can be told apart, found {len(paths)}.")
    for path in paths:
        if len(path.positions) != layers + 1:
            raise ValueError(
                f"a path through {count(layers, 'layer')} has {layers + 1} positions, output first, "
                f"found {tuple(path.positions)}."
            )
        for position in path.positions:
            index_of(position, n, "a path's position")
    return paths


def usual_threshold(weights) -> float:
    """The weight from which on an edge is drawn: about three edges a node of `(L, N, N)` remain."""
    layers, n, _ = weights.shape
    keep = 3 * n * layers
    ranked = np.sort(weights, axis=None)[::-1]
    # Rounded up to two decimals, so that the number stated beneath the picture is the one used.
    return max(_TINY, math.ceil(100 * ranked[keep]) / 100) if len(ranked) > keep else _TINY


class _Frame:
    """The canvas with names, levels and list of paths, and where node `i` of level `l` lies on it."""

    def __init__(self, tokens, layers, title, paths, dashed, cut, marks):
        n, names = len(tokens), [short(token) for token in tokens]
        widest = max(text_width(name, 9) for name in names)
        self.left = max(1.1, widest / 2 + 0.4)
        self.pitch = min(
            1.9 if n <= 4 else 1.1, (MAX_WIDTH - self.left - 0.72 * widest - 0.1) / max(n - 1, 1)
        )
        lean, names_height = lean_of(names, 9, self.pitch)
        self.step = 1.3 if layers <= 2 else 0.95 if layers <= 4 else 0.74
        right = max(0.3, 0.72 * widest + 0.1 if lean else widest / 2 + 0.1)
        width = max(self.left + (n - 1) * self.pitch + right, MIN_WIDTH)
        note = f"Width shows weight; edges under {cut:g} are left out. Information flows upward."
        if dashed:
            note = f"Dashed: the residual and attention to oneself. {note}"
        note = wrap(note, width - 0.2, 8)
        note_height = 0.14 * (note.count("\n") + 1) + 0.1
        legend = 0.22 * len(paths) + (0.08 if paths else 0)
        self.bottom = note_height + legend + names_height + 0.12
        self.canvas = Canvas(width, self.bottom + layers * self.step + names_height + 0.15, title)
        self.canvas.write(0.1, 0.05, note, size=8, color=GREY, va="bottom")
        _list_paths(self.canvas, tokens, paths, note_height)
        xs, ys = self.at(np.arange(n), 0)[0], self.at(0, np.arange(layers + 1))[1]
        name_columns(self.canvas, xs, ys[0] - 0.12, names, 9, lean, bold=marks[1:])
        name_columns(self.canvas, xs, ys[-1] + 0.12, names, 9, lean, bold=marks[:1], above=True)
        for level, y in enumerate(ys):
            name = "input" if level == 0 else f"after layer {level}"
            name = f"output,\n{name}" if level == layers else name
            self.canvas.write(0.1, y, name, size=8.5, color=GREY)

    def at(self, position, level):
        """The node of a position after `level` layers, in inches."""
        return self.left + self.pitch * np.asarray(position), self.bottom + self.step * np.asarray(level)


def _list_paths(canvas: Canvas, tokens, paths, bottom: float) -> None:
    weights = aligned([path.weight for path in paths])
    names = 0.72 + max((text_width(weight, 9) for weight in weights), default=0) + 0.14
    for k, path in enumerate(paths):
        y = bottom + 0.11 + 0.22 * (len(paths) - 1 - k)
        look = {key: SERIES[k][key] for key in ("color", "linestyle")}
        canvas.curve((0.1, 0.62), (y, y), lw=2.6, **look)
        canvas.write(0.72, y, weights[k])
        canvas.write(names, y, route(path.positions, tokens))


def _draw_edges(frame: _Frame, weights, cut, dashed, faint) -> None:
    strongest = float(weights.max())
    itself = np.eye(weights.shape[-1], dtype=bool) & dashed
    for chosen, dash in ((~itself, "-"), (itself, (0, (3, 1.6)))):
        drawn = np.argwhere((weights >= cut) & chosen).T
        levels, outputs, inputs = drawn[:, np.argsort(weights[tuple(drawn)])]
        strength = weights[levels, outputs, inputs]
        ends = np.array([frame.at(inputs, levels), frame.at(outputs, levels + 1)]).transpose(2, 0, 1)
        # Opaque shades instead of transparency: where many edges meet, they must not add up to a blot.
        shade = (0.25 + 0.75 * strength / strongest)[:, None]
        full = np.array([0.56, 0.60, 0.66] if faint else [0.12, 0.23, 0.45])
        frame.canvas.strokes(ends, color=1 - shade * (1 - full), lw=0.5 + 4.5 * strength, dash=dash)


def _number_edges(frame: _Frame, weights, cut) -> None:
    n = weights.shape[1]
    # At this share of the way down no two labels of a full layer fall on one spot.
    share = 1 / (n + 1)
    for level, i, j in zip(*np.nonzero(weights >= cut), strict=True):
        x, y = frame.at(i + share * (j - i), level + 1 - share)
        text = number(weights[level, i, j])
        width = text_width(text, 8.5) + 0.04
        frame.canvas.boxes(x - width / 2, y - 0.075, width, 0.15, "white", zorder=4)
        frame.canvas.write(x, y, text, size=8.5, ha="center")


def _draw_path(frame: _Frame, path, k: int, paths: int) -> None:
    """One path from the bottom up, a little beside the others so that shared edges stay visible."""
    look = {key: SERIES[k][key] for key in ("color", "linestyle")}
    xs, ys = frame.at(path.positions[::-1], np.arange(len(path.positions)))
    xs = xs + (k - (paths - 1) / 2) * 0.05
    frame.canvas.curve(xs, ys, lw=2.6, solid_joinstyle="round", dash_joinstyle="round", **look)
    tip, tail = np.array([xs[-1], ys[-1]]), np.array([xs[-2], ys[-2]])
    along = (tip - tail) / np.linalg.norm(tip - tail)
    across = np.array([-along[1], along[0]])
    tip = tip - 0.04 * along
    head = [tip, tip - 0.16 * along + 0.07 * across, tip - 0.16 * along - 0.07 * across]
    frame.canvas.polygons([head], look["color"], zorder=3)


def _draw_nodes(frame: _Frame, weights, paths) -> None:
    layers, n, _ = weights.shape
    on_path = np.zeros((layers + 1, n), dtype=bool)
    for path in paths:
        on_path[np.arange(layers + 1), list(path.positions[::-1])] = True
    size = 7 if frame.pitch > 0.9 else 4.5
    for chosen, fill in ((~on_path, "white"), (on_path, INK)):
        levels, positions = np.nonzero(chosen)
        look = {"marker": "o", "linestyle": "none", "markersize": size, "markeredgewidth": 1}
        frame.canvas.curve(*frame.at(positions, levels), color=INK, markerfacecolor=fill, zorder=5, **look)


def _describe(title, tokens, weights, cut, paths) -> str:
    layers, n, _ = weights.shape
    drawn = int((weights >= cut).sum())
    text = (
        f"{sentence(title)}Layered graph of {count(n, 'token')} and {count(layers, 'layer')}, "
        "input at the bottom, output on top. "
        f"{count(drawn, 'edge')} are drawn, all that weigh {cut:g} or more."
    )
    if paths:
        listed = "; ".join(
            f"{way.replace(' → ', ', ')} with weight {tidy(path.weight)}"
            for path in paths
            for way in [route(path.positions, tokens, brief=False)]
        )
        text += f" {count(len(paths), 'path')} highlighted, source first: {listed}."
    return text
