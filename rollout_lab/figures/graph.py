"""Tokens by layer as a graph: the paths that one entry of R adds up."""

from __future__ import annotations

import math
from itertools import groupby

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import FancyArrowPatch

from rollout_lab.figures.checks import index_of, tokens_of
from rollout_lab.figures.picture import (
    GREY,
    INK,
    MAX_WIDTH,
    MIN_WIDTH,
    SERIES,
    Figure,
    canvas,
    lean_height,
    place,
    styled,
    text_width,
)
from rollout_lab.figures.words import count, distinct, number, sentence, short
from rollout_lab.rollout import add_identity, fuse_heads

_TINY = 0.02  # weaker edges are never drawn unless asked for


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

    `attentions`: layers of `(N, N)` or `(H, N, N)`, first layer first; `tokens`: N strings; `paths`: results of
    `top_paths`, or any objects with `positions` (L+1 of them, output first) and `weight`: at most six, drawn
    thick, each with a dash of its own and listed with its weight; `residual`: `"identity"`, `"none"` or the
    identity's weight in [0, 1]; `heads` as in `fuse_heads`; `threshold`: weaker edges are left out (by itself
    chosen so that the graph stays readable); `mark`: `(output, source)` positions in bold.
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
        _number_edges(axes, weights, cut, pitch)
    for k, path in enumerate(paths):
        _draw_path(axes, path, k, len(paths), pitch)
    layers, n = len(weights), len(tokens)
    x, y = np.meshgrid(np.arange(n), np.arange(layers + 1))
    axes.plot(
        x.ravel(), y.ravel(), "o", ms=7 if pitch > 0.9 else 4.5, mfc="white", mec=INK, mew=1.1, zorder=5
    )
    figure.alt = alt or _say(title, tokens, weights, cut, paths)
    return figure


def _edges(attentions, tokens, residual, heads) -> np.ndarray:
    """The weight of every edge, `(L, N, N)`: what the matrices of the product hold."""
    if residual == "recursion":
        raise ValueError(
            "residual='recursion' is not a product of one matrix a layer, so it has no layered graph; "
            "use 'identity', 'none' or the identity's weight."
        )
    layers = []
    for number_, layer in enumerate(attentions, 1):
        layer = np.asarray(layer, dtype=float)
        if layer.ndim == 3:
            layer = fuse_heads(layer, heads)
        if layer.shape != (len(tokens), len(tokens)):
            raise ValueError(
                f"layer {number_} has shape {layer.shape}, but there are {len(tokens)} tokens; "
                f"expected ({len(tokens)}, {len(tokens)}), or heads in front of that."
            )
        layers.append(layer)
    if not layers:
        raise ValueError("layered_graph() got no layer; give at least one.")
    if residual == "none":
        return np.stack(layers)
    if residual == "identity":
        layers = [add_identity(layer, None) for layer in layers]
        return np.stack([layer / layer.sum(axis=-1, keepdims=True) for layer in layers])
    return np.stack([add_identity(layer, residual) for layer in layers])


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
    """The weight below which edges are left out: about three edges a node remain."""
    layers, n, _ = weights.shape
    keep = 3 * n * layers
    ranked = np.sort(weights, axis=None)[::-1]
    # Rounded up to two digits, so that the number stated beneath the picture is the one used.
    return max(_TINY, math.ceil(100 * ranked[keep - 1]) / 100) if len(ranked) > keep else _TINY


def _frame(tokens, layers, title, paths, residual, cut, marks):
    n = len(tokens)
    names = [short(token) for token in tokens]
    left = 0.95
    widest = max(text_width(name, 9) for name in names)
    pitch = min(1.9 if n <= 4 else 1.1, (MAX_WIDTH - left - 0.5) / max(n - 1, 1))
    lean, names_height, _ = lean_height(names, 9, pitch)
    step = 1.25 if layers <= 2 else 0.95 if layers <= 4 else 0.72
    left = max(left, widest / 2 + 0.3)
    right = max(0.3, 0.72 * widest) if lean else widest / 2 + 0.1
    legend = 0.22 * len(paths) + (0.1 if paths else 0)
    below = names_height + 0.12 + legend + 0.3
    height = layers * step
    width = max(left + (n - 1) * pitch + right, MIN_WIDTH)
    figure, top = canvas(width, below + height + names_height + 0.15, title)
    figure_height = figure.get_figheight()
    # The frame reaches half a unit past the outer nodes, so that a thick path is not cut off.
    axes = place(figure, left - pitch / 2, below - step / 2, n * pitch, (layers + 1) * step)
    axes.set_xlim(-0.5, n - 0.5)
    axes.set_ylim(-0.5, layers + 0.5)
    axes.axis("off")
    axes.patch.set_visible(False)
    for i, name in enumerate(names):
        x = left + i * pitch
        for level, y, turn in ((0, below - 0.12, "top"), (layers, below + height + 0.12, "bottom")):
            bold = level == layers and marks[:1] == (i,) or level == 0 and marks[1:] == (i,)
            side = ("right" if level == 0 else "left") if lean else "center"
            figure.text(
                x / width,
                y / figure_height,
                name,
                ha=side,
                va=turn,
                rotation=45 if lean else 0,
                rotation_mode="anchor",
                fontsize=9,
                fontweight="bold" if bold else "normal",
            )
    for level in range(layers + 1):
        name = "input" if level == 0 else f"layer {level}" if level < layers else f"layer {level}\n= output"
        y = (below + level * step) / figure_height
        figure.text(0.1 / width, y, name, va="center", fontsize=8.5, color=GREY)
    _list_paths(figure, tokens, paths, legend)
    note = f"Width shows weight; edges under {cut:g} are left out. Information flows upward."
    if residual != "none":
        note = f"Dashed: the residual and attention to oneself. {note}"
    figure.text(0.1 / width, 0.08 / figure_height, note, fontsize=8, color=GREY)
    return figure, axes, pitch


def _list_paths(figure, tokens, paths, height: float) -> None:
    width, total = figure.get_size_inches()
    for k, path in enumerate(paths):
        y = (0.3 + height - 0.1 - 0.22 * k - 0.1) / total
        style = SERIES[k]
        figure.add_artist(
            FancyArrowPatch(
                (0.1 / width, y), (0.62 / width, y), transform=figure.transFigure, arrowstyle="-",
                lw=2.6, color=style["color"], linestyle=style["linestyle"],
            )
        )  # fmt: skip
        text = f"{number(path.weight)}   {route(path.positions, tokens)}"
        figure.text(0.72 / width, y, text, va="center", fontsize=9)


def route(positions, tokens) -> str:
    """A path in words, source first: stays at one token are counted.

    >>> route((1, 2, 2, 0), ["A", "B", "C"])
    'A → C (2 layers) → B'
    """
    names = distinct(tokens)
    stays = [(names[position], len(list(run))) for position, run in groupby(reversed(positions))]
    return " → ".join(name if length == 1 else f"{name} ({length} layers)" for name, length in stays)


def _draw_edges(axes, weights, cut, residual, faint) -> None:
    layers, outputs, inputs = np.nonzero(weights >= cut)
    strength = weights[layers, outputs, inputs]
    colour = "#8f99a8" if faint else SERIES[0]["color"]
    for on_residual in (False, True):
        chosen = (outputs == inputs) & (residual != "none")
        chosen = chosen if on_residual else ~chosen
        segments = [
            ((j, level), (i, level + 1))
            for level, i, j in zip(layers[chosen], outputs[chosen], inputs[chosen], strict=True)
        ]
        if not segments:
            continue
        shade = 0.25 + 0.6 * strength[chosen] / float(weights.max())
        axes.add_collection(
            LineCollection(
                segments,
                linewidths=0.5 + 4.5 * strength[chosen],
                colors=colour,
                alpha=shade,
                linestyles=(0, (3, 1.6)) if on_residual else "-",
                zorder=1,
            )
        )


def _number_edges(axes, weights, cut, pitch) -> None:
    """Weights written on the edges; at this share of the way no two labels of a full layer fall together."""
    n = weights.shape[1]
    share = 1 / (n + 1)
    for level, i, j in zip(*np.nonzero(weights >= cut), strict=True):
        axes.text(
            i + share * (j - i),
            level + 1 - share,
            number(weights[level, i, j]),
            ha="center",
            va="center",
            fontsize=8.5,
            zorder=4,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )


def _draw_path(axes, path, k: int, paths: int, pitch: float) -> None:
    """One path from the bottom up, beside the others where they share an edge, with an arrow head at the output."""
    style = SERIES[k]
    offset = (k - (paths - 1) / 2) * 0.05 / pitch
    xs = np.array(path.positions[::-1], dtype=float) + offset
    ys = np.arange(len(xs))
    axes.plot(
        xs, ys, color=style["color"], linestyle=style["linestyle"], lw=2.6, zorder=3, solid_joinstyle="round"
    )
    middle = (xs[-2:].mean(), ys[-2:].mean())
    axes.annotate(
        "", (xs[-1], ys[-1]), middle, zorder=3,
        arrowprops={"arrowstyle": "-|>", "color": style["color"], "lw": 0, "shrinkB": 4, "mutation_scale": 13},
    )  # fmt: skip


def _say(title, tokens, weights, cut, paths) -> str:
    layers, n, _ = weights.shape
    drawn = int((weights >= cut).sum())
    said = (
        f"{sentence(title)}Layered graph of {count(n, 'token')} and {count(layers, 'layer')}, input at the bottom, "
        f"output on top. {count(drawn, 'edge')} are drawn, all that weigh {cut:g} or more."
    )
    if paths:
        names = distinct(tokens)
        listed = "; ".join(
            f"{', '.join(names[position] for position in path.positions[::-1])} with weight {number(path.weight)}"
            for path in paths
        )
        said += f" {count(len(paths), 'path')} highlighted, source first: {listed}."
    return said
