"""The rollout of a long prompt over 16 spans, by examples/long_prompt.py, beside the plain forward pass.

The model is a decoder of the shape of SmolLM2-135M, 30 layers with random weights. Each pass has a process
of its own, so that the memory it takes at its peak is its own too.

    python -m benchmarks.long_prompt 2048 plain     what a pass takes: seconds and bytes
    python -m benchmarks.long_prompt 2048 rollout
"""

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from .stopwatch import Held, Pair

ROOT = Path(__file__).parents[1]
LENGTHS = {2048: 3, 8192: 1}  # tokens, and how often they are run; the longer pass takes minutes
SPANS = 16
# Large tensors get pages of their own, and give them back at once: else a process's peak is a matter of luck.
EXACT = {"MALLOC_MMAP_THRESHOLD_": "1000000"}


def prompts() -> Iterator[Pair | Held]:
    """Time and memory of a forward pass with the rollout riding along, beside those of a pass without."""
    if not all(map(importlib.util.find_spec, ("torch", "transformers"))):
        print("No prompt was timed: PyTorch or transformers is not here.")
        return
    for N, rounds in LENGTHS.items():
        peaks: dict[str, list[int]] = {"plain": [], "rollout": []}

        def time_of(kind: str, N=N, peaks=peaks):
            def timed() -> float:
                run = [sys.executable, "-m", "benchmarks.long_prompt", str(N), kind]
                told = subprocess.run(
                    run, cwd=ROOT, env=os.environ | EXACT, stdout=subprocess.PIPE, check=True
                )
                seconds, peak = json.loads(told.stdout)
                peaks[kind].append(peak)
                return seconds

            return timed

        size = f"{N:,} tokens, 30 layers"
        what = f"rollout over {SPANS} spans of a prompt, {size}"
        yield Pair(what, "plain pass", time_of("rollout"), time_of("plain"), rounds)
        plain, ridden = (max(peaks[kind]) / 1e9 for kind in ("plain", "rollout"))
        yield Held(f"{what}, memory of the process", "plain pass", lambda ridden=ridden: ridden, plain, "GB")


def one_pass(N: int, kind: str) -> tuple[float, int]:
    """The seconds of one pass, and the bytes that this process held at its peak."""
    import resource

    sys.path.insert(0, str(ROOT / "examples"))
    torch, transformers, example = map(import_module, ("torch", "transformers", "long_prompt"))

    shape = {"hidden_size": 576, "num_hidden_layers": 30, "intermediate_size": 1536, "vocab_size": 49152}
    shape |= {"num_attention_heads": 9, "num_key_value_heads": 3, "max_position_embeddings": N}
    torch.manual_seed(0)
    model = transformers.LlamaModel._from_config(
        transformers.LlamaConfig(**shape), attn_implementation="sdpa"
    ).eval()

    def run(ids) -> None:
        n = ids.shape[1]
        inputs = {"input_ids": ids, "use_cache": False}
        if kind == "rollout":
            spans = [(n * i // SPANS, n * (i + 1) // SPANS) for i in range(SPANS)]
            example.rollout_over_spans(model, spans, **inputs)
        else:
            with torch.no_grad():
                model(**inputs)

    ids = torch.arange(N)[None] % 49152
    run(ids[:, :64])  # warms up
    start = time.perf_counter()
    run(ids)
    seconds = time.perf_counter() - start
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    print(json.dumps(one_pass(int(sys.argv[1]), sys.argv[2])))
