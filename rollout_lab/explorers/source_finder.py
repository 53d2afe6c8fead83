"""Every method's row for one output, one under the other: which of them finds the source?"""

from functools import partial

import numpy as np

from rollout_lab.figures import Figure, heatmap
from rollout_lab.figures.words import distinct, number
from rollout_lab.rollout import FORMULAS, fuse_heads, rollout

from .inputs import maps_of, position_of, telling_row
from .widget_base import Stage, token_choice, weight_slider


def compute(maps: np.ndarray, query: int, weight: float) -> dict[str, np.ndarray]:
    """The row of `query` by every single layer, by each formula and by one identity weight."""
    layers = fuse_heads(maps)
    rows = {f"layer {k} alone": A[query] for k, A in enumerate(layers, 1)}
    rows |= {f"“{name}”": rollout(layers, residual=name, queries=query) for name in FORMULAS}
    return rows | {f"weight {number(weight)}": rollout(layers, residual=weight, queries=query)}


def draw(maps, tokens, *, query: int, source: int, weight: float) -> Figure:
    """A line for each method; the source's column is outlined, a dot marks each line's largest weight."""
    names = distinct(tokens)
    # What the output keeps of itself is no answer to the question where something came from.
    shown = [j for j in range(len(tokens)) if j != query or j == source]
    rows = compute(maps, query, weight)
    matrix = np.array([row[shown] for row in rows.values()])
    at = shown.index(source)
    others = np.delete(matrix, at, axis=1).max(axis=1, initial=0)
    # At weight 0 and 1/2 the last line repeats a formula's, which counts once.
    twin = {0.0: "“none”", 0.5: "“identity”"}.get(weight)
    counted = list(rows)[:-1] if twin else list(rows)
    leads = dict(zip(rows, matrix[:, at] > others, strict=True))
    found = [name for name in counted if leads[name]]
    missed = [name for name in counted if not leads[name]]
    given = number(matrix[-1, at]) + (f", as by {twin}" if twin else "")
    alt = f"{names[query]} draws from {names[source]}: "
    alt += f"the largest weight by {', '.join(found)}" if found else "no method gives it the largest weight"
    if missed and found:
        alt += f"; not by {', '.join(missed)}"
    return heatmap(
        matrix,
        list(rows),
        columns=[tokens[j] for j in shown],
        title=f"“{tokens[source]}” has the largest weight in {len(found)} of {len(counted)} methods",
        mark=[(i, at) for i in range(len(rows))],
        xlabel="input j",
        ylabel="method",
        annotate=False,
        alt=f"{alt}. At identity weight {number(weight)} it gets {given}.",
    )


def source_finder(attentions, tokens, *, query=None, source=None, weight=0.5, key=None) -> Stage:
    """Choose an output and a source, and see which methods give that source the largest weight.

    What the output keeps of itself is left out.

    Parameters
    ----------
    attentions, tokens, query, key
        As for every explorer, see `rollout_lab.explorers`.
    source : int, optional
        The position to find; the other end when left out.
    weight : number from 0 to 1
        The identity's, for the last line. At 0 and 1/2 that is a formula's line again, and counts once.

    Examples
    --------
    >>> from rollout_lab.models import paper_example
    >>> example = paper_example()
    >>> print(source_finder(example.attentions, example.tokens, query=1, source=2).sentence)
    B draws from C: the largest weight by layer 2 alone, “recursion”, “identity”;
    not by layer 1 alone, “none”. At identity weight 0.50 it gets 0.19, as by “identity”.
    """
    maps, tokens = maps_of(attentions, tokens)
    query = position_of(query, tokens, telling_row(maps, tokens), "query")
    source = position_of(source, tokens, 0 if query else len(tokens) - 1, "source")
    controls = {
        "weight": weight_slider(weight),
        "query": token_choice("Output (row)", tokens, query),
        "source": token_choice("Source to find", tokens, source),
    }
    return Stage(("finder", tokens, maps.shape, key), controls, partial(draw, maps, tokens))
