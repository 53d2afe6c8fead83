"""Make the bundled examples and the recording from the model: `python -m tools.make_examples`."""

import tomllib
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np

import rollout_lab
from rollout_lab.faithfulness import words_of
from rollout_lab.models.encoder import Encoder
from rollout_lab.models.neighbours import call_name, wrong_neighbours
from rollout_lab.rollout import fuse_heads

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


if __name__ == "__main__":
    make_examples()
    make_recording()
