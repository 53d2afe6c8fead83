"""Tokens by layer as a graph: the paths that one entry of R adds up."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from rollout_lab.figures.checks import index_of, tokens_of
from rollout_lab.figures.picture import (
    GREY,
    INK,
    MAX_WIDTH,
    MIN_WIDTH,
    SERIES,
    Figure,
    canvas,
    lean_of,
    place,
    styled,
    text_width,
    wrap,
)
from rollout_lab.figures.words import count, number, route, sentence, short
from rollout_lab.rollout import augmented_layers

_TINY = 0.02  # weaker edges are not drawn unless asked for


@styled
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

    `attentions`: layers of `(N, N)` or `(H, N, N)`, first layer first; `tokens`: N strings; `paths`: results
    of `top_paths`, or any objects with `positions` (L+1 of them, output first) and `weight`: at most six,
    drawn thick, each with a dash of its own and listed with its weight; `residual`: `"identity"`, `"none"` or
    the identity's weight in [0, 1]; `heads` as in `rollout`; `threshold`: weaker edges are left out (None: so
    that about three a node remain); `mark`: `(output, source)` positions in bold.
    Raises ValueError, TypeError or IndexError when these do not fit together.

    >>> layers = [[[1, 0, 0], [0, 1, 0], [0.5, 0, 0.5]], [[1, 0, 0], [0, 0.5, 0.5], [0, 0, 1]]]
    >>> print(layered_graph(layers, ["A", "B", "C"], residual="none", title="A reaches B through C").alt)
    A reaches B through C. Layered graph of 3 tokens and 2 layers, input at the bottom, output on top.
    8 edges are drawn, all that weigh 0.02 or more.
    """
    tokens = tokens_of(tokens)
    weights = _edges(attentions, tokens, residual, heads)
    paths = _checked(paths, *weights.shape[:2])
    cut = _threshold(weights) if threshold is None else float(threshold)
    marks = () if mark is None else tuple(index_of(i, len(tokens), "mark") for i in mark)
    figure, axes, pitch = _frame(tokens, len(weights), title, paths, residual, cut, marks)
    _draw_edges(axes, weights, cut, residual, faint=bool(paths))
    if len(tokens) <= 4 and len(weights) <= 3:
        _number_edges(axes, weights, cut)
    for k, path in enumerate(paths):
        _draw_path(axes, path, k, len(paths), pitch)
    _draw_nodes(axes, weights, paths, size=7 if pitch > 0.9 else 4.5)
    figure.alt = alt or _say(title, tokens, weights, cut, paths)
    return figure


def _edges(attentions, tokens, residual, heads) -> np.ndarray:
    """The weight of every edge, `(L, N, N)`: what the matrices of the product hold."""
    if residual == "recursion":
        raise ValueError(
            "residual='recursion' is not a product of one matrix a layer, so it has no layered graph; "
            "use 'identity', 'none' or the identity's weight."
        )
    weights = np.stack(list(augmented_layers(attentions, residual, True, heads))).astype(float)
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


def _threshold(weights) -> float:
    layers, n, _ = weights.shape
    keep = 3 * n * layers
    ranked = np.sort(weights, axis=None)[::-1]
    # Rounded up to two decimals, so that the number stated beneath the picture is the one used.
    return max(_TINY, math.ceil(100 * ranked[keep]) / 100) if len(ranked) > keep else _TINY


def _frame(tokens, layers, title, paths, residual, cut, marks):
    n = len(tokens)
    names = [short(token) for token in tokens]
    widest = max(text_width(name, 9) for name in names)
    left = max(1.0, widest / 2 + 0.4)
    pitch = min(1.9 if n <= 4 else 1.1, (MAX_WIDTH - left - 0.5) / max(n - 1, 1))
    lean, names_height = lean_of(names, 9, pitch)
    step = 1.3 if layers <= 2 else 0.95 if layers <= 4 else 0.74
    right = max(0.3, 0.72 * widest) if lean else widest / 2 + 0.1
    width = max(left + (n - 1) * pitch + right, MIN_WIDTH)
    note = f"Width shows weight; edges under {cut:g} are left out. Information flows upward."
    if residual != "none":
        note = f"Dashed: the residual and attention to oneself. {note}"
    note = wrap(note, width - 0.2, 8)
    note_height = 0.14 * (note.count("\n") + 1) + 0.12
    legend = 0.22 * len(paths) + (0.08 if paths else 0)
    below = note_height + legend + names_height + 0.12
    figure, _ = canvas(width, below + layers * step + names_height + 0.15, title)
    width, height = figure.get_size_inches()
    figure.text(0.1 / width, 0.06 / height, note, fontsize=8, color=GREY, linespacing=1.15)
    _list_paths(figure, tokens, paths, note_height)
    axes = place(figure, left - pitch / 2, below - step / 2, n * pitch, (layers + 1) * step)
    axes.set_xlim(-0.5, n - 0.5)
    axes.set_ylim(-0.5, layers + 0.5)
    axes.axis("off")
    ends = (
        (below - 0.12, "top", "right", marks[1:]),
        (below + layers * step + 0.12, "bottom", "left", marks[:1]),
    )
    for y, va, side, bold in ends:
        for i, name in enumerate(names):
            figure.text(
                (left + i * pitch) / width,
                y / height,
                name,
                ha=side if lean else "center",
                va="center" if lean == 90 else va,
                rotation=lean,
                rotation_mode="anchor",
                fontsize=9,
                fontweight="bold" if i in bold else "normal",
            )
    for level in range(layers + 1):
        name = "input" if level == 0 else f"after layer {level}"
        name = f"output,\n{name}" if level == layers else name
        figure.text(0.1 / width, (below + level * step) / height, name, va="center", fontsize=8.5, color=GREY)
    return figure, axes, pitch


def _list_paths(figure, tokens, paths, bottom: float) -> None:
    width, height = figure.get_size_inches()
    for k, path in enumerate(reversed(paths)):
        style = SERIES[len(paths) - 1 - k]
        y = (bottom + 0.11 + 0.22 * k) / height
        look = {"color": style["color"], "linestyle": style["linestyle"], "lw": 2.6}
        figure.add_artist(Line2D((0.1 / width, 0.62 / width), (y, y), **look))
        figure.text(0.72 / width, y, number(path.weight), va="center", fontsize=9)
        figure.text(1.3 / width, y, route(path.positions, tokens), va="center", fontsize=9)


def _draw_edges(axes, weights, cut, residual, faint) -> None:
    strongest = float(weights.max())
    itself = np.eye(weights.shape[-1], dtype=bool)
    dashed = itself if residual != "none" else ~(itself | True)
    for chosen, linestyle in ((~dashed, "-"), (dashed, (0, (3, 1.6)))):
        layers, outputs, inputs = np.nonzero((weights >= cut) & chosen)
        strength = weights[layers, outputs, inputs]
        order = np.argsort(strength)
        ends = np.stack([inputs, layers, outputs, layers + 1], axis=-1)[order].reshape(-1, 2, 2)
        # Opaque shades instead of transparency: where many edges meet, they must not add up to a blot.
        shade = (0.25 + 0.75 * strength[order] / strongest)[:, None]
        full = np.array([0.56, 0.60, 0.66] if faint else [0.12, 0.23, 0.45])
        colours = 1 - shade * (1 - full)
        widths = 0.5 + 4.5 * strength[order]
        axes.add_collection(
            LineCollection(ends, linewidths=widths, colors=colours, linestyles=linestyle, zorder=1)
        )


def _number_edges(axes, weights, cut) -> None:
    n = weights.shape[1]
    # At this share of the way down no two labels of a full layer fall on one spot.
    share = 1 / (n + 1)
    for level, i, j in zip(*np.nonzero(weights >= cut), strict=True):
        at = (i + share * (j - i), level + 1 - share)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        text = number(weights[level, i, j])
        axes.text(*at, text, ha="center", va="center", fontsize=8.5, zorder=4, bbox=box)


def _draw_path(axes, path, k: int, paths: int, pitch: float) -> None:
    """One path from the bottom up, a little beside the others so that shared edges stay visible."""
    look = {key: SERIES[k][key] for key in ("color", "linestyle")}
    xs = np.array(path.positions[::-1], dtype=float) + (k - (paths - 1) / 2) * 0.05 / pitch
    ys = np.arange(len(xs))
    axes.plot(xs, ys, **look, lw=2.6, zorder=3, solid_joinstyle="round", dash_joinstyle="round")
    head = {"arrowstyle": "-|>", "color": look["color"], "lw": 0, "shrinkB": 3, "mutation_scale": 14}
    axes.annotate("", (xs[-1], ys[-1]), (xs[-2:].mean(), ys[-2:].mean()), zorder=3, arrowprops=head)


def _draw_nodes(axes, weights, paths, size: float) -> None:
    layers, n, _ = weights.shape
    on_path = np.zeros((layers + 1, n), dtype=bool)
    for path in paths:
        on_path[np.arange(layers + 1), list(path.positions[::-1])] = True
    for chosen, fill in ((~on_path, "white"), (on_path, INK)):
        ys, xs = np.nonzero(chosen)
        axes.plot(xs, ys, "o", ms=size, mfc=fill, mec=INK, mew=1, zorder=5)


def _say(title, tokens, weights, cut, paths) -> str:
    layers, n, _ = weights.shape
    drawn = int((weights >= cut).sum())
    said = (
        f"{sentence(title)}Layered graph of {count(n, 'token')} and {count(layers, 'layer')}, "
        "input at the bottom, output on top. "
        f"{count(drawn, 'edge')} are drawn, all that weigh {cut:g} or more."
    )
    if paths:
        listed = "; ".join(
            f"{route(path.positions, tokens).replace(' → ', ', ')} with weight {number(path.weight)}"
            for path in paths
        )
        said += f" {count(len(paths), 'path')} highlighted, source first: {listed}."
    return said
