"""Attention rollout: how attention weights accumulate across the layers of a transformer.

Everything a lesson needs hangs on this package and loads when it is first used:

>>> import numpy as np
>>> import rollout_lab
>>> layers = np.full((2, 3, 3), 1 / 3)
>>> rollout_lab.rollout(layers, residual="none").sum(axis=-1)
array([1., 1., 1.])
"""

import lazy_loader

from rollout_lab import _earlier_names  # noqa: F401  (finds modules by names that they had before)

_NAMES = {
    "attention": ("softmax", "attention_weights", "attend"),
    "rollout": ("fuse_heads", "add_identity", "rollout", "rollout_steps", "simple_rollout"),
    "rollout_from_qk": ("rollout_from_qk",),
    "paths": ("Path", "top_paths", "hop_distribution"),
    "flow": ("attention_flow",),
    "successors": ("weighted_values", "value_norms", "alti", "gradient_attention"),
    "faithfulness": ("spearman",),
}
_ROOMS = ("models", "figures", "explorers", "quiz")

# `rollout_lab.rollout` is the function, not the module of that name: lazy_loader 0.6 keeps it so.
_load, __dir__, _ = lazy_loader.attach(__name__, _ROOMS, _NAMES)
__all__ = [*(name for names in _NAMES.values() for name in names), *_ROOMS]


def __getattr__(name):
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it offers {', '.join(__all__)}")
    return _load(name)
