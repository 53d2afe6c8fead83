"""The identity's weight from 0 to 1: from no residual at all to nothing but residual."""

from functools import cache, partial

import numpy as np

from rollout_lab.figures import Pictures, heatmap, lines, side_by_side
from rollout_lab.figures.words import distinct, number, tidy
from rollout_lab.paths import hop_distribution
from rollout_lab.rollout import fuse_heads, rollout

from .inputs import maps_of, position_of, telling_row
from .widget_base import Stage, token_choice, weight_slider

WEIGHTS = np.linspace(0, 1, 21)
_CURVES = 4


def compute(maps: np.ndarray, weight: float) -> tuple[np.ndarray, float]:
    """R for one identity weight, `(N, N)`, and how many attention hops a path makes on average."""
    hops = hop_distribution(len(maps), weight)
    return rollout(maps, residual=weight), float(np.arange(len(hops)) @ hops)


def sweep(maps: np.ndarray, query: int) -> np.ndarray:
    """The row of `query` for each weight in `WEIGHTS`: `(21, N)`."""
    fused = fuse_heads(maps)
    return np.stack([rollout(fused, residual=float(w), queries=query) for w in WEIGHTS])


def draw(maps, tokens, *, query: int, weight: float, rows_of) -> Pictures:
    """R at this weight, and beside it how its row changes over all weights: `rows_of(query)`."""
    R, hops = compute(maps, weight)
    names, brief = distinct(tokens), distinct(tokens, brief=True)
    others = R[query].copy()
    others[query] = -1
    best = int(np.argmax(others))
    alt = (
        f"With identity weight {weight:.2f}, a path makes {_hops(hops, 'attention hop')} on average over "
        f"{len(maps)} layers; the row of “{names[query]}” keeps {number(R[query, query])} on itself and "
        f"draws {number(R[query, best])} from {names[best]}."
    )
    title = f"Weight {weight:.2f}: {_hops(hops, 'hop')}, {number(R[query, query])} stays"
    left = heatmap(
        R, tokens, title=title, row=query, xlabel="input j", ylabel="output i", vmax=1.0, width=4.0, alt=alt
    )
    rows = rows_of(query)
    order = [query, *_leading(np.delete(rows, query, axis=1), np.delete(np.arange(len(tokens)), query))]
    series = {f"“{brief[j]}”": rows[:, j] for j in order[:_CURVES]}
    right = lines(
        WEIGHTS,
        series,
        title=f"What “{tokens[query]}” draws",
        xlabel="weight of the identity",
        ylabel="weight in the row",
        cursor=weight,
        ylim=(0, 1.02),
        size=(7.1 - left.get_figwidth(), 3.4),
    )
    return side_by_side(left, right)


def _leading(rows: np.ndarray, positions: np.ndarray) -> list[int]:
    """The sources in the order of the largest share that each has, at some weight, of what others give."""
    total = rows.sum(axis=1, keepdims=True)
    shares = np.divide(rows, total, out=np.zeros_like(rows), where=total > 0)
    return positions[np.argsort(-shares.max(axis=0), kind="stable")].tolist()


def _hops(mean: float, noun: str) -> str:
    return f"{tidy(mean)} {noun}" if np.isclose(mean, 1) else f"{tidy(mean)} {noun}s"


def residual_weight(attentions, tokens, *, query=None, weight=0.5, key=None) -> Stage:
    """Slide the identity's weight from 0 to 1 and watch R go from collapse to identity.

    Parameters
    ----------
    attentions, tokens, query, key
        As for every explorer, see `rollout_lab.explorers`.
    weight : number from 0 to 1
        Where to open.

    Examples
    --------
    >>> from rollout_lab.models import paper_example
    >>> example = paper_example()
    >>> print(residual_weight(example.attentions, example.tokens, query=1).sentence)
    With identity weight 0.50, a path makes 1 attention hop on average over 2 layers;
    the row of “B” keeps 0.75 on itself and draws 0.19 from C.
    """
    maps, tokens = maps_of(attentions, tokens)
    query = position_of(query, tokens, telling_row(maps, tokens), "query")
    controls = {
        "weight": weight_slider(weight, most=1.0),
        "query": token_choice("Output (row)", tokens, query),
    }
    # The row over all weights does not depend on the weight, and takes a fifth of a redraw.
    rows_of = cache(partial(sweep, maps))
    shown = partial(draw, maps, tokens, rows_of=rows_of)
    return Stage(("residual", tokens, maps.shape, key), controls, shown)
