"""The NumPy encoder against PyTorch and transformers; `make test-torch` installs both and runs this."""

import numpy as np
import pytest

from rollout_lab.models import example_names, load_example

pytestmark = pytest.mark.torch

TEXTS = [
    *(load_example(name).text for name in example_names()),
    "Word. " * 60,
    "Héllo wörld, ÇA VA? naïve café — “quotes” … $5+3=8^2",
    "I ❤️ 🍕 and 🫠",
    "日本語 and 漢字kanji 豈 更",
    "antidisestablishmentarianism " + "x" * 101,
    "The [MASK] sat. [mask] [SEP] again",
    "a\tb\nc\x0bd\x0ce\x1cf\u0085g\u00a0h\u200bi\u2028j\u3000k\ufeffl\ufffd \x00m \u0378",
    "ΣΑΣ ΟΔΟΣ İstanbul ıl ß ẞ ﬁ ǅ Ŀ",
    "नमस्ते العربية 한국어",
    "½ ² ™ © ° € __init__ `code` ~tilde |pipe| <html>",
    "\ue000private \U000e0041tag a\u0301",
]


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def transformers(torch):
    return pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def tokenizer(transformers, model_folder):
    # Built from the vocabulary alone: neither tokenizer.json nor tokenizer_config.json is fetched.
    return transformers.BertTokenizer(str(model_folder / "vocab.txt"))


@pytest.fixture(scope="module")
def model(transformers, model_folder):
    return transformers.BertModel.from_pretrained(model_folder, attn_implementation="eager").eval()


@pytest.fixture(scope="module")
def run(torch, tokenizer, model):
    """A function that gives the attentions and hidden states of PyTorch for a text."""

    def run(text, mask=None):
        inputs = tokenizer(text, return_tensors="pt")
        if mask is not None:
            inputs["attention_mask"] = torch.tensor(mask)[None].long()
        with torch.no_grad():
            output = model(**inputs, output_attentions=True, output_hidden_states=True)
        return (
            np.stack([layer[0].numpy() for layer in output.attentions]),
            np.stack([state[0].numpy() for state in output.hidden_states]),
        )

    return run


@pytest.mark.parametrize("text", TEXTS)
def test_tokens_are_those_of_transformers(encoder, tokenizer, text):
    assert list(encoder.tokenize(text)) == tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"])


@pytest.mark.parametrize("text", TEXTS)
def test_attentions_and_hidden_states_are_those_of_pytorch(encoder, run, text):
    attentions, hidden_states = run(text)
    encoding = encoder.encode(text)
    np.testing.assert_allclose(encoding.attentions, attentions, atol=1e-5)
    np.testing.assert_allclose(encoding.hidden_states, hidden_states, atol=1e-4)
    np.testing.assert_allclose(encoding.embedding, hidden_states[-1].mean(axis=0), atol=1e-4)


def test_keep_is_what_transformers_calls_an_attention_mask(encoder, run):
    keep = np.ones(len(encoder.tokenize(TEXTS[0])), dtype=bool)
    keep[[2, 4]] = False
    attentions, hidden_states = run(TEXTS[0], mask=keep)
    encoding = encoder.encode(TEXTS[0], keep=keep)
    np.testing.assert_allclose(encoding.attentions, attentions, atol=1e-5)
    np.testing.assert_allclose(encoding.hidden_states, hidden_states, atol=1e-4)


def test_the_residual_share_is_measured_at_the_output_of_each_attention_block(encoder, run, model):
    added = []
    hooks = [
        layer.attention.output.dense.register_forward_hook(lambda *call: added.append(call[-1][0].numpy()))
        for layer in model.encoder.layer
    ]
    _, hidden_states = run(TEXTS[0])
    for hook in hooks:
        hook.remove()
    kept, added = (np.linalg.norm(states, axis=-1) for states in (hidden_states[:-1], np.stack(added)))
    np.testing.assert_allclose(encoder.encode(TEXTS[0]).residual_share, kept / (kept + added), atol=1e-5)
