"""Real attention to look at: bundled sentences, and the encoder they came from.

The attention maps are those of all-MiniLM-L6-v2, a BERT encoder with 6 layers, 12 heads and states of
size 384, trained to place sentences of similar meaning close together. It reads in both directions and it
is small; what one sees in it is not what one would see in a large or a causal model.

`load_decoder_example` hands out prompts of such a causal model, SmolLM2-135M-Instruct, with its maps.

`load_example` needs no model; `Encoder` runs any sentence through it in NumPy, once `fetch_model` has brought
the weights. `load_pointer_model` hands out a tiny transformer, trained for a task whose source is known, and
`sample_task` cases to run it on. Everything loads when first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "examples": ("Example", "example_names", "load_example", "paper_example"),
        "decoder_examples": (
            "DecoderExample",
            "DecoderPositions",
            "decoder_example_names",
            "load_decoder_example",
            "load_decoder_positions",
        ),
        "encoder": ("Encoder", "Encoding"),
        "fetch": ("ModelNotFetched", "fetch_model", "is_fetched", "model_path"),
        "pointer": ("PointerModel", "load_pointer_model", "pointer_seeds"),
        "pointer_cases": ("Cases", "pointer_tasks", "sample_task"),
        "pointer_methods": ("finds_source", "mean_and_interval", "reader_rows", "successor_rows"),
    },
)
