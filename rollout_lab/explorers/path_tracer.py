"""The paths behind one entry of R, on the layered graph."""

from typing import NamedTuple

import numpy as np

from rollout_lab._widget_output import BUNDLES
from rollout_lab.figures import Figure, layered_graph
from rollout_lab.figures.words import aligned, distinct, number, route, tidy
from rollout_lab.paths import Path, top_paths
from rollout_lab.rollout import FORMULAS, is_product, rollout

from .browser_base import LiveGraph, layers_of
from .edge_weights import RIBBON, brief, edges, passing
from .inputs import maps_of, position_of, telling_entry

_MOST = 5


class Trace(NamedTuple):
    """One entry of R: its heaviest paths, how many with weight it adds up, and what each edge carries."""

    entry: float
    paths: list[Path]
    n_paths: int
    carried: np.ndarray  # (L, N, N), adds up to the entry at each layer


def compute(maps: np.ndarray, output: int, source: int, k: int, residual: str) -> Trace:
    """The entry `R[output, source]`, the k heaviest paths behind it and what comes through each edge."""
    layers = layers_of(maps, residual)
    ways = np.eye(layers.shape[-1])[source]
    for layer in layers:
        ways = (layer > 0) @ ways
    return Trace(
        float(rollout(layers, residual="none", queries=output)[source]),
        top_paths(layers, output, source, k, residual="none"),
        int(ways[output]),
        passing(layers, output, source),
    )


def sentences(trace: Trace, tokens, *, output: int, source: int) -> tuple[str, str]:
    """What the trace shows: a title, and a sentence that says more."""
    names, short_names = distinct(tokens), distinct(tokens, brief=True)
    entry = "R[{}, {}] = " + tidy(trace.entry)
    if not trace.paths:
        finding = ": no path leads from the source up to the output"
    elif trace.n_paths == 1:
        finding = " is one single path"
    elif len(trace.paths) == trace.n_paths:
        finding = f" is the sum of these {trace.n_paths} paths"
    else:
        heaviest = "heaviest" if len(trace.paths) == 1 else f"{len(trace.paths)} heaviest"
        carry = "carries" if len(trace.paths) == 1 else "carry"
        share = sum(path.weight for path in trace.paths) / trace.entry
        finding = f": the {heaviest} of {trace.n_paths:,} paths {carry} {share:.0%}"
    title = entry.format(short_names[output], short_names[source]) + finding
    sentence = entry.format(names[output], names[source]) + finding
    if trace.paths:
        way = route(trace.paths[0].positions, tokens, brief=False)
        more = f"; the heaviest, {way}, weighs {tidy(trace.paths[0].weight)}"
        sentence += f": {way}" if trace.n_paths == 1 else more
    return title, f"{sentence}."


def links(layers, path: Path) -> list[float]:
    """The weights along a path, from the source up."""
    up = path.positions[::-1]
    return [float(A[i, j]) for A, i, j in zip(layers, up[1:], up[:-1], strict=True)]


def draw(maps, tokens, *, output: int, source: int, k: int, residual: str) -> Figure:
    """The layered graph with those paths highlighted."""
    trace = compute(maps, output, source, k, residual)
    title, alt = sentences(trace, tokens, output=output, source=source)
    return layered_graph(
        maps, tokens, paths=trace.paths, residual=residual, mark=(output, source), title=title, alt=alt
    )


class PathTracer(LiveGraph):
    """The layered graph in the browser: what is pointed at lights up."""

    _esm = BUNDLES / "path_tracer.js"

    def __init__(self, maps, tokens, key, start):
        everyone = range(len(tokens))
        choices = {
            "output": everyone,
            "source": everyone,
            "k": range(1, _MOST + 1),
            "residual": [name for name in reversed(FORMULAS) if is_product(name)],
        }
        super().__init__(maps, tokens, ("tracer", tokens, maps.shape, key), choices, start, most=_MOST)

    def graph(self, residual):
        return {"R": brief(rollout(self._layers[residual], residual="none"))}

    def answer(self, *, output, source, k, residual):
        trace = compute(self._layers[residual], output, source, k, "none")
        weights = aligned([path.weight for path in trace.paths])
        listed = [self._listed(path, trace.entry, residual) for path in trace.paths]
        return {
            "status": sentences(trace, self._tokens, output=output, source=source)[1],
            "paths": [{**each, "weight": weight} for each, weight in zip(listed, weights, strict=True)],
            "ribbons": edges(trace.carried / trace.entry, RIBBON) if trace.entry else [],
        }

    def _listed(self, path: Path, entry: float, residual: str) -> dict:
        along = links(self._layers[residual], path)
        factors = " × ".join(tidy(weight) for weight in along)
        way = route(path.positions, self._tokens, brief=False)
        return {
            "positions": path.positions[::-1],
            "links": [number(weight) for weight in along],
            "share": f"{path.weight / entry:.0%}",
            "route": route(path.positions, self._tokens),
            "left": brief(np.cumprod(along)),
            "status": f"{way}: {factors} = {tidy(path.weight)}, {path.weight / entry:.0%} of the entry.",
        }

    def draw(self, **values) -> Figure:
        return draw(self._maps, self._tokens, **values)


def path_tracer(
    attentions, tokens, *, output=None, source=None, k=3, residual="identity", key=None
) -> PathTracer:
    """Point at an output and a source and see the paths behind that entry of R light up.

    Parameters
    ----------
    attentions, tokens, key
        As for every explorer, see `rollout_lab.explorers`.
    output, source : int, optional
        Positions, the entry `R[output, source]`; left out, an entry between two words with several paths of
        much the same weight.
    k : int
        How many paths, 1 to 5.
    residual : "identity" or "none"

    Examples
    --------
    >>> from rollout_lab.models import paper_example
    >>> example = paper_example()
    >>> path_tracer(example.attentions, example.tokens, output=1, source=2).sentence
    'R[B, C] = 0.188 is one single path: “C” (stays 1) → “B”.'
    """
    maps, tokens = maps_of(attentions, tokens)
    found = telling_entry(maps, tokens, residual) if output is None or source is None else (0, 0)
    output = position_of(output, tokens, found[0], "output")
    source = position_of(source, tokens, found[1], "source")
    return PathTracer(maps, tokens, key, {"output": output, "source": source, "k": k, "residual": residual})
