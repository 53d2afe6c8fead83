"""How alike the rows of R become with depth, with and without the residual."""

from functools import partial

import numpy as np

from rollout_lab.figures import Pictures, heatmaps, lines, side_by_side
from rollout_lab.figures.words import number
from rollout_lab.rollout import FORMULAS, rollout_steps

from .inputs import layer_of, maps_of
from .widget_base import Stage, choice, layer_slider

COMPARED = ("none", "identity")


def singular_ratio(R: np.ndarray) -> float:
    """Second over first singular value: 0 when every row is a multiple of one row."""
    values = np.linalg.svd(R, compute_uv=False)
    return float(values[1] / values[0]) if len(values) > 1 else 0.0


def row_distance(R: np.ndarray) -> float:
    """Largest total variation distance of two rows: 0 when all are equal, 1 when two share nothing."""
    return float(np.abs(R[:, None] - R[None]).sum(axis=-1).max() / 2)


SINGULAR, DISTANCE = "second / first singular value", "largest difference of two rows"
MEASURES = {SINGULAR: singular_ratio, DISTANCE: row_distance}


def compute(maps: np.ndarray, measure: str) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """R after each layer, `(L, N, N)`, and the measure of each, `(L,)`, by formula."""
    steps = {name: rollout_steps(maps, residual=name) for name in COMPARED}
    return steps, {name: np.array([MEASURES[measure](R) for R in Rs]) for name, Rs in steps.items()}


def draw(maps, tokens, *, depth: int, measure: str) -> Pictures:
    """Both matrices at this depth, and the measure against depth."""
    steps, measured = compute(maps, measure)
    at = {name: number(values[depth - 1]) for name, values in measured.items()}
    alt = (
        f"After {depth} of {len(maps)} layers the {measure} is {at['none']} without residual "
        f"and {at['identity']} with it: the smaller, the more alike all rows are."
    )
    matrices = [steps[name][depth - 1] for name in COMPARED]
    titles = [f"{FORMULAS[name].label}: {at[name]}" for name in COMPARED]
    title = f"After {depth} of {len(maps)} layers: equal rows show as vertical stripes"
    left = heatmaps(
        matrices, tokens, titles=titles, title=title, xlabel="input j", ylabel="output i", width=6.6, alt=alt
    )
    faster = measured["none"][-1] < measured["identity"][-1]
    right = lines(
        range(1, len(maps) + 1),
        {FORMULAS[name].label: values for name, values in measured.items()},
        title="Without residual the rows grow alike faster" if faster else "How the rows grow alike",
        xlabel="layers multiplied",
        ylabel=measure,
        cursor=depth,
        size=(6.6, 2.4),
    )
    return side_by_side(left, right)


def row_collapse(attentions, tokens, *, depth=None, measure=SINGULAR, key=None) -> Stage:
    """Multiply more and more layers and see the rows of R grow alike.

    Parameters
    ----------
    attentions, tokens, key
        As for every explorer, see `rollout_lab.explorers`.
    depth : int, optional
        How many layers it opens on; all when left out.
    measure : one of the two in `MEASURES`

    Examples
    --------
    >>> print(row_collapse(np.full((3, 2, 2), 0.5), ["A", "B"]).sentence)
    After 3 of 3 layers the second / first singular value is 0.00 without residual
    and 0.12 with it: the smaller, the more alike all rows are.
    """
    maps, tokens = maps_of(attentions, tokens)
    controls = {
        "depth": layer_slider("Layers multiplied", len(maps), layer_of(depth, maps, len(maps), "depth")),
        "measure": choice("measure", "Measure", {name: name for name in MEASURES}, measure),
    }
    return Stage(("collapse", tokens, maps.shape, key), controls, partial(draw, maps, tokens))
