"""The paths behind one entry of R, on the layered graph."""

from __future__ import annotations

from typing import NamedTuple

import ipywidgets as widgets
import numpy as np

from rollout_lab.explorers.reading import maps_of, position_of, telling_entry
from rollout_lab.explorers.stage import Stage, labelled, token_choice
from rollout_lab.figures import Figure, layered_graph
from rollout_lab.figures.words import distinct, route, tidy
from rollout_lab.paths import Path, top_paths
from rollout_lab.rollout import augmented_layers, rollout

RESIDUALS = [("A + I, normalised", "identity"), ("no residual", "none")]
_MOST = 5


class Trace(NamedTuple):
    """One entry of R, its heaviest paths, and how many paths with weight it adds up in all."""

    entry: float
    paths: list[Path]
    count: int


def compute(maps: np.ndarray, output: int, source: int, k: int, residual: str) -> Trace:
    """The entry `R[output, source]` and the k heaviest paths behind it."""
    entry = float(rollout(maps, residual=residual, queries=output)[source])
    ways = np.eye(maps.shape[-1])[source]
    for layer in augmented_layers(maps, residual, True, "mean"):
        ways = (layer > 0) @ ways
    return Trace(entry, top_paths(maps, output, source, k, residual=residual), int(ways[output]))


def draw(maps, tokens, *, output: int, source: int, k: int, residual: str) -> Figure:
    """The layered graph with those paths highlighted."""
    trace = compute(maps, output, source, k, residual)
    names, brief = distinct(tokens), distinct(tokens, brief=True)
    entry = "R[{}, {}] = " + tidy(trace.entry)
    if not trace.paths:
        finding = ": no path leads from the source up to the output"
    elif trace.count == 1:
        finding = " is one single path"
    elif len(trace.paths) == trace.count:
        finding = f" is the sum of these {trace.count} paths"
    else:
        heaviest = "heaviest" if len(trace.paths) == 1 else f"{len(trace.paths)} heaviest"
        carry = "carries" if len(trace.paths) == 1 else "carry"
        share = sum(path.weight for path in trace.paths) / trace.entry
        finding = f": the {heaviest} of {trace.count:,} paths {carry} {share:.0%}"
    title = entry.format(brief[output], brief[source]) + finding
    said = entry.format(names[output], names[source]) + finding
    if trace.paths:
        way = route(trace.paths[0].positions, tokens, brief=False)
        more = f"; the heaviest, {way}, weighs {tidy(trace.paths[0].weight)}"
        said += f": {way}" if trace.count == 1 else more
    said += "."
    return layered_graph(
        maps, tokens, paths=trace.paths, residual=residual, mark=(output, source), title=title, alt=said
    )


def path_tracer(attentions, tokens, *, output=None, source=None, k=3, residual="identity", key=None) -> Stage:
    """Choose an entry of R and see the heaviest paths that it adds up.

    `attentions`: one sentence's layers, in any form that `rollout` takes; `tokens`: N strings; `output` and
    `source`: positions, the entry `R[output, source]`; left out, an entry between two words with several
    paths of much the same weight. `k`: how many paths, 1 to 5; `residual`: `"identity"` or `"none"`. `key`
    tells apart two explorers of the same data. Returns a widget whose `.figure()` is the picture as it
    stands.
    Raises ValueError, TypeError or IndexError when the arguments do not fit together.

    >>> from rollout_lab.models import paper_example
    >>> example = paper_example()
    >>> tracer = path_tracer(example.attentions, example.tokens, output=1, source=2)
    >>> print(tracer.status.text)
    R[B, C] = 0.188 is one single path: C (stays 1) → B.
    """
    maps, tokens = maps_of(attentions, tokens)
    found = telling_entry(maps, tokens, residual) if output is None or source is None else (0, 0)
    output = position_of(output, tokens, found[0], "output")
    source = position_of(source, tokens, found[1], "source")
    controls = {
        "output": token_choice("Output (top)", tokens, output),
        "source": token_choice("Source (bottom)", tokens, source),
        "k": labelled(widgets.IntSlider, "Paths", "250px", min=1, max=_MOST, value=k),
        "residual": labelled(widgets.Dropdown, "Residual", options=RESIDUALS, value=residual),
    }

    def show(**values):
        return draw(maps, tokens, **values)

    return Stage(("tracer", tokens, maps.shape, output, source, k, residual, key), controls, show)
