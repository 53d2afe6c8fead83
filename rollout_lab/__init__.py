"""Attention rollout: how attention weights accumulate across the layers of a transformer.

Everything a lesson needs hangs on this package and loads when it is first used:

>>> import numpy as np
>>> import rollout_lab
>>> layers = np.full((2, 3, 3), 1 / 3)
>>> rollout_lab.rollout(layers, residual="none").sum(axis=-1)
array([1., 1., 1.])
"""

import sys
from importlib import import_module
from types import ModuleType

from rollout_lab import _earlier_names  # noqa: F401  (finds modules by names that they had before)

_HOME = {
    "softmax": "attention",
    "attention_weights": "attention",
    "attend": "attention",
    "fuse_heads": "rollout",
    "add_identity": "rollout",
    "rollout": "rollout",
    "rollout_steps": "rollout",
    "Path": "paths",
    "top_paths": "paths",
    "hop_distribution": "paths",
    "attention_flow": "flow",
    "spearman": "faithfulness",
}
_ROOMS = ("models", "figures", "explorers", "quiz")

__all__ = [*_HOME, *_ROOMS]


def __getattr__(name):
    if name in _HOME:
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    elif name in _ROOMS:
        value = import_module(f"{__name__}.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it offers {', '.join(__all__)}")
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """This package, on which the name `rollout` always is the function."""

    def __setattr__(self, name, value):
        # On loading rollout_lab/rollout.py Python binds `rollout_lab.rollout` to the module. Callers mean the
        # function of that name.
        if name == "rollout" and isinstance(value, ModuleType):
            value = value.rollout
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
