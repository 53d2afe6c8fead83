"""Make the bundled examples, the recording and the flows from the model: `python -m tools.make_examples`."""

import tomllib
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import numpy as np

import rollout_lab
from rollout_lab.attention import softmax
from rollout_lab.faithfulness import words_of
from rollout_lab.flow import attention_flow, flow_through
from rollout_lab.models.encoder import Encoder
from rollout_lab.models.examples import example_names, load_example
from rollout_lab.models.neighbours import call_name, wrong_neighbours
from rollout_lab.models.recorded_flows import RANDOM_DEPTHS
from rollout_lab.rollout import add_identity, fuse_heads

DATA = Path(rollout_lab.__file__).parent / "models" / "data"
APPLICATIONS = DATA / "applications"


def make_examples(folder=DATA):
    """Write the maps of the sentences in `folder`'s `sentences.toml` beside it; those of others go."""
    encoder = Encoder.load()
    sentences = tomllib.loads((folder / "sentences.toml").read_text(encoding="utf-8"))
    for stale in folder.glob("*.npz"):
        if stale.stem not in sentences:
            stale.unlink()
    paths = []
    for name, sentence in sentences.items():
        encoding = encoder.encode(sentence["text"])
        paths.append(folder / f"{name}.npz")
        kept = {"attentions": encoding.attentions, "residual_share": encoding.residual_share}
        np.savez(paths[-1], tokens=np.array(encoding.tokens), **kept)
    return paths


def make_recording():
    """Encode `wrong_neighbours`, each query without each of its words, and the first one without any two."""
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
        words, places = words_of(case.query, encoder.tokenize), np.arange(len(encoding.tokens))
        tokens |= {word.text: encoder.tokenize(word.text) for word in words}
        for one, other in combinations_with_replacement(words, 2):
            if one is other or case == wrong_neighbours()[0]:
                record(case.query, keep=~np.isin(places, one.positions + other.positions))
        # `words_of` asks for the tokens of each part of a text, signs included.
        tokens |= {sign: encoder.tokenize(sign) for sign in case.query if not sign.isalnum() and sign != " "}
    np.savez_compressed(
        APPLICATIONS / "recording.npz",
        texts=np.array(list(tokens)),
        tokens=np.array([" ".join(each) for each in tokens.values()]),
        calls=np.array(list(embeddings)),
        embeddings=np.stack(list(embeddings.values())),
        **{f"attentions_{k}": each for k, each in enumerate(maps)},
    )


def make_flows():
    """Solve for the flow to `[CLS]` in every bundled sentence, and for how soon flow saturates."""
    kept: dict[str, Any] = {}
    for name in example_names():
        layers = add_identity(fuse_heads(load_example(name).attentions)).astype(np.float64)
        flow = flow_through(list(layers))
        kept[name] = np.array([flow(0, source) for source in range(layers.shape[-1])])
    shares = [[saturated_share(random_layers(depth, seed)) for seed in range(3)] for depth in RANDOM_DEPTHS]
    kept["saturated"] = np.mean(shares, axis=1)
    np.savez_compressed(APPLICATIONS / "flows.npz", **kept)


def random_layers(depth, seed):
    """Attention `(depth, 6, 6)` that means nothing: the softmax of normally distributed scores."""
    return softmax(np.random.default_rng(seed).normal(size=(depth, 6, 6)))


def saturated_share(attentions):
    """The share of flows that equal min(1, what the input can send up through layer 1): `(L, N, N)` fused."""
    sent_up = add_identity(attentions[0]).sum(axis=0)
    flows = attention_flow(attentions, heads=None)
    return float(np.isclose(flows, np.minimum(1, sent_up), atol=1e-4).mean())


if __name__ == "__main__":
    make_examples()
    make_recording()
    make_flows()
