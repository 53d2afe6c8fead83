"""Make the bundled examples from the model: `python -m rollout_lab.models.make_bundle`.

Reads `data/sentences.toml`, runs every sentence through `Encoder` and writes `data/<name>.npz`. Files of
sentences that are no longer listed are removed.
"""

import tomllib
from pathlib import Path

import numpy as np

from .encoder import Encoder

DATA = Path(__file__).parent / "data"


def make_bundle(folder=DATA):
    """Encode the sentences listed in `folder`'s `sentences.toml` and write their maps beside it.

    Returns the written paths. Raises `ModelNotFetched` where the model has not been fetched.
    """
    encoder = Encoder.load()
    sentences = tomllib.loads((folder / "sentences.toml").read_text(encoding="utf-8"))
    for stale in folder.glob("*.npz"):
        if stale.stem not in sentences:
            stale.unlink()
    paths = []
    for name, sentence in sentences.items():
        encoding = encoder.encode(sentence["text"])
        paths.append(folder / f"{name}.npz")
        np.savez(
            paths[-1],
            tokens=np.array(encoding.tokens),
            attentions=encoding.attentions,
            residual_share=encoding.residual_share,
        )
    return paths


if __name__ == "__main__":
    written = make_bundle()
    print(f"{len(written)} examples, {sum(path.stat().st_size for path in written) / 1e6:.2f} MB")
