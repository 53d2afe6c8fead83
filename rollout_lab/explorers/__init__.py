"""Interactive pictures of attention and rollout, one module each.

Every module keeps apart `compute` (NumPy and the library), `draw` (a figure from the computed) and the
controls. An explorer is a widget: `.choices` says what can be chosen, `.choose(...)` chooses as a user would,
`.sentence` says what is shown, and `.figure()` is the picture as a static figure. Most stand on a `Stage`
(ipywidgets around a figure that the kernel draws), the path tracer and the stepper on `Live` (drawn in the
browser, which asks the kernel).
"""

from rollout_lab.explorers.attention_explorer import attention_explorer
from rollout_lab.explorers.formula_comparison import formula_comparison
from rollout_lab.explorers.overview import overview
from rollout_lab.explorers.own_sentence import own_sentence
from rollout_lab.explorers.path_tracer import path_tracer
from rollout_lab.explorers.residual_weight import residual_weight
from rollout_lab.explorers.rollout_stepper import rollout_stepper
from rollout_lab.explorers.row_collapse import row_collapse
from rollout_lab.explorers.source_finder import source_finder

__all__ = [
    "attention_explorer",
    "formula_comparison",
    "overview",
    "own_sentence",
    "path_tracer",
    "residual_weight",
    "rollout_stepper",
    "row_collapse",
    "source_finder",
]
