"""Make the bundled examples from the model: `python -m rollout_lab.models.make_bundle`.

Reads `data/sentences.toml`, runs every sentence through `Encoder` and writes `data/<name>.npz`. Files of
sentences that are no longer listed are removed. Then the recording of `data/applications` is made, and the
flows, for which SciPy is needed.
"""

import tomllib
from pathlib import Path

import numpy as np

from rollout_lab.faithfulness import words_of
from rollout_lab.flow import flow_through
from rollout_lab.rollout import add_identity, fuse_heads

from .encoder import Encoder
from .examples import example_names, load_example
from .neighbours import call_name, wrong_neighbours
from .recorded_flows import RANDOM_DEPTHS, RANDOM_SEEDS, random_layers, saturated_share

DATA = Path(__file__).parent / "data"
APPLICATIONS = DATA / "applications"


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


def make_recording(path=APPLICATIONS / "recording.npz"):
    """Encode `wrong_neighbours`, and each query without each of its words in turn; returns the path."""
    encoder, tokens, embeddings, maps = Encoder.load(), {}, {}, []

    def record(text, keep=None):
        encoding = encoder.encode(text, keep)
        tokens[text] = encoding.tokens
        embeddings[call_name(text, keep)] = encoding.embedding.astype(np.float16)
        return encoding

    for case in wrong_neighbours():
        for text in (case.right, case.wrong, *case.rewritten):
            record(text)
        encoding = record(case.query)
        maps.append(fuse_heads(encoding.attentions)[:, None])
        for word in words_of(case.query, encoder.tokenize):
            tokens[word.text] = encoder.tokenize(word.text)
            record(case.query, keep=~np.isin(np.arange(len(encoding.tokens)), word.positions))
        # `words_of` asks for the tokens of each part of a text, signs included.
        tokens |= {sign: encoder.tokenize(sign) for sign in case.query if not sign.isalnum() and sign != " "}
    np.savez_compressed(
        path,
        texts=np.array(list(tokens)),
        tokens=np.array([" ".join(each) for each in tokens.values()]),
        calls=np.array(list(embeddings)),
        embeddings=np.stack(list(embeddings.values())),
        **{f"attentions_{k}": each for k, each in enumerate(maps)},
    )
    return path


def make_flows(path=APPLICATIONS / "flows.npz"):
    """Attention flow to `[CLS]` in every bundled sentence, and how soon it saturates; returns the path."""
    flows = {}
    for name in example_names():
        flow = flow_through(list(add_identity(fuse_heads(load_example(name).attentions)).astype(np.float64)))
        flows[name] = np.array([flow(0, source) for source in range(len(load_example(name).tokens))])
    saturated = [
        np.mean([saturated_share(random_layers(depth, seed)) for seed in RANDOM_SEEDS])
        for depth in RANDOM_DEPTHS
    ]
    np.savez_compressed(path, saturated=saturated, **flows)
    return path


if __name__ == "__main__":
    written = [*make_bundle(), make_recording(), make_flows()]
    print(f"{len(written)} files, {sum(path.stat().st_size for path in written) / 1e6:.2f} MB")
