"""Interactive pictures of attention and rollout, one module each, which carries its function's name.

Every module keeps apart `compute` (NumPy and the library), `draw` (a figure from the computed) and the
controls. An explorer is a widget: `.choices` says what can be chosen, `.choose(...)` chooses as a user would,
`.sentence` says what is shown, and `.figure()` is the picture as a static figure. Most stand on `Live` (drawn
in the browser, which asks the kernel) or on what derives from it: `LiveGraph`, and `MatrixView`, matrices and
one row of them. The others stand on a `Stage` (ipywidgets around a figure that the kernel draws).

What they have in common:

- `attentions` and `tokens`: one sentence's layers, as `rollout` takes them, and its N tokens, strings;
- `query`: a position, the row to look at; left out, a word that comes to read what no single layer shows it;
- `key`: tells apart two explorers of the same data, whose choices are kept when their cells run again.

In the last line of a cell an explorer shows itself. All of them refuse what does not fit together with
ValueError, TypeError or IndexError.
"""

import lazy_loader

_EXPLORERS = (
    "attention_explorer",
    "formula_comparison",
    "head_view",
    "match_with_model",
    "overview",
    "own_sentence",
    "patch_explorer",
    "path_tracer",
    "residual_weight",
    "rollout_stepper",
    "row_collapse",
    "scores_to_weights",
    "source_finder",
)
# Each name is the function, not the module of that name: lazy_loader 0.6 keeps it so.
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, (), {name: (name,) for name in _EXPLORERS})
