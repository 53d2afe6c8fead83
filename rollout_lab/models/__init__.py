"""Real attention to look at: bundled sentences, and the encoder they came from.

The attention maps are those of all-MiniLM-L6-v2, a BERT encoder with 6 layers, 12 heads and states of
size 384, trained to place sentences of similar meaning close together. It reads in both directions and it
is small; what one sees in it is not what one would see in a large or a causal model.

- `load_example` hands out a bundled sentence with its maps. It needs no model and loads in milliseconds.
- `paper_example` is the three-token example that the lessons work out by hand.
- `load_pointer_model` hands out a tiny transformer, trained for a task whose source is known, and
  `sample_task` cases to run it on.
- `Encoder` runs any sentence through the model in NumPy, once `fetch_model` has brought the weights.

Everything loads when first used.
"""

from importlib import import_module

_HOME = {
    "Example": "examples",
    "example_names": "examples",
    "load_example": "examples",
    "paper_example": "examples",
    "Encoder": "encoder",
    "Encoding": "encoder",
    "ModelNotFetched": "fetch",
    "fetch_model": "fetch",
    "model_path": "fetch",
    "PointerModel": "pointer",
    "load_pointer_model": "pointer",
    "pointer_seeds": "pointer",
    "Cases": "pointer_cases",
    "pointer_tasks": "pointer_cases",
    "sample_task": "pointer_cases",
    "finds_source": "pointer_methods",
    "mean_and_interval": "pointer_methods",
    "reader_rows": "pointer_methods",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__():
    return __all__
