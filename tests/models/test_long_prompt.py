"""examples/long_prompt.py against the rollout of the maps that "eager" attention hands out.

`make test-torch` installs PyTorch and transformers and runs this.
"""

import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from rollout_lab import rollout, rollout_from_qk

pytestmark = pytest.mark.torch

ROOT = Path(__file__).parents[2]
# In a deep decoder the first token takes nearly all: what the others give is seen relative to its own size.
ALL_BUT_THE_SINK = {"rtol": 0.01, "atol": 1e-12}

SMALL = {"vocab_size": 99, "hidden_size": 32, "num_hidden_layers": 3, "intermediate_size": 16}
SMALL |= {"num_attention_heads": 4, "initializer_range": 0.3}
GROUPED = SMALL | {"num_key_value_heads": 2}
T5 = {"vocab_size": 99, "d_model": 32, "d_kv": 8, "d_ff": 16, "num_layers": 3, "num_heads": 4}
MODELS = {
    "Llama": GROUPED,
    "GPT2": {"n_embd": 32, "n_layer": 3, "n_head": 4, "vocab_size": 99, "initializer_range": 0.3}
    | {"bos_token_id": 1, "eos_token_id": 1},
    "Bert": SMALL,
    "Mistral": GROUPED | {"sliding_window": 4},
    "T5Encoder": T5 | {"initializer_factor": 3.0},
}


@pytest.fixture(scope="module")
def example(transformers):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "examples")
        yield import_module("long_prompt")
    del sys.modules["long_prompt"]


@pytest.fixture(scope="module")
def make(torch, transformers):
    """A function that makes a small model, the same random weights on each call, "sdpa" unless told."""

    def make(name, attention="sdpa", **config):
        torch.manual_seed(0)
        config = MODELS.get(name, {}) | config
        config = getattr(transformers, f"{name.removesuffix('Encoder')}Config")(**config)
        return (
            getattr(transformers, f"{name}Model")._from_config(config, attn_implementation=attention).eval()
        )

    return make


@pytest.fixture(scope="module")
def ids(torch):
    return torch.arange(5, 45).reshape(2, 20)


@pytest.mark.parametrize(
    ("pads", "residual"),
    [(None, "recursion"), ("left", "recursion"), ("right", 0.3), (None, "identity"), (None, "none")],
)
@pytest.mark.parametrize("name", MODELS)
def test_it_is_the_rollout_of_the_maps_of_eager_attention(torch, example, make, ids, name, pads, residual):
    mask = torch.ones_like(ids)
    if pads:
        mask[1, slice(5) if pads == "left" else slice(-5, None)] = 0
    sources = torch.rand(20, 11)  # more than a head's width, 8
    inputs = {"input_ids": ids, "attention_mask": mask}
    attentions = make(name, "eager")(**inputs, output_attentions=True).attentions
    R = rollout(attentions, keep=mask == 1, residual=residual)
    found = example.rollout_over_spans(make(name), sources, residual=residual, **inputs)
    np.testing.assert_allclose(found, R @ sources.numpy(), atol=3e-6)


def test_spans_are_from_start_to_stop(torch, example, make, ids):
    model, sources = make("Llama"), torch.zeros(20, 2)
    sources[:3, 0] = sources[3:20, 1] = 1
    found = example.rollout_over_spans(model, [(0, 3), (3, 20)], input_ids=ids)
    np.testing.assert_array_equal(found, example.rollout_over_spans(model, sources, input_ids=ids))
    np.testing.assert_allclose(found.sum(dim=-1), 1, atol=1e-6)


def test_the_model_computes_what_it_computed_before_and_makes_no_map(torch, example, make):
    class Largest(pytest.importorskip("torch.utils._python_dispatch").TorchDispatchMode):
        largest = 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            out = function(*args, **kwargs or {})
            for each in out if isinstance(out, (tuple, list)) else [out]:
                if isinstance(each, torch.Tensor):
                    self.largest = max(self.largest, each.numel())
            return out

    model, ids, outputs = make("Llama"), torch.arange(1024)[None] % 99, []
    model.register_forward_hook(lambda *call: outputs.append(call[-1].last_hidden_state))
    with torch.no_grad():
        model(ids)
    with Largest() as tensors:
        example.rollout_over_spans(model, [(0, 1024)], input_ids=ids)
    assert torch.equal(*outputs)
    assert tensors.largest < 1024**2 / 4


def test_what_else_runs_meanwhile_is_left_alone(torch, example, make, ids):
    model, other = make("Llama"), make("Bert")
    alone = example.rollout_over_spans(model, [(0, 9)], input_ids=ids)

    def meanwhile(*call):
        if threading.current_thread() is threading.main_thread():
            other(ids[:, :7])
            with ThreadPoolExecutor() as pool:
                pool.submit(model, ids[:, :7]).result()

    model.layers[1].register_forward_pre_hook(meanwhile)
    torch.testing.assert_close(example.rollout_over_spans(model, [(0, 9)], input_ids=ids), alone)


def test_of_two_threads_one_waits_for_the_other(torch, transformers, example, make, ids):
    interface = transformers.modeling_utils.ALL_ATTENTION_FUNCTIONS
    plain, models = interface["sdpa"], [make("Llama"), make("Bert")]
    first, second, done = threading.Event(), threading.Event(), threading.Event()

    def run(model):
        return example.rollout_over_spans(model, [(0, 9)], input_ids=ids)

    def tell_and_wait(tell, event, seconds):
        tell.set()
        event.wait(seconds)  # not for ever: where one waits for the other, it does not come

    alone = list(map(run, models))
    models[0].register_forward_pre_hook(lambda *call: tell_and_wait(first, second, 0.2))
    models[1].register_forward_pre_hook(lambda *call: tell_and_wait(second, done, 5))
    with ThreadPoolExecutor() as pool:
        of_first = pool.submit(run, models[0])
        of_first.add_done_callback(lambda _: done.set())
        first.wait(5)
        of_second = run(models[1])
    torch.testing.assert_close([of_first.result(), of_second], alone)
    assert interface["sdpa"] is plain


def test_what_cannot_be_followed_is_refused_and_the_model_is_as_it_was(
    torch, transformers, example, make, ids
):
    interface = transformers.modeling_utils.ALL_ATTENTION_FUNCTIONS
    plain, model, refused = interface["sdpa"], make("Llama"), pytest.raises

    def run(model, spans=((0, 3),), **inputs):
        try:
            return example.rollout_over_spans(model, spans, **{"input_ids": ids} | inputs)
        finally:
            assert interface["sdpa"] is plain

    past = model(ids, use_cache=True).past_key_values
    with refused(ValueError, match="1 queries read 21 keys: pass the whole text"):
        run(model, input_ids=ids[:, :1], past_key_values=past)
    for wrong in ([(3, 21)], [(3, 3)], [3, 21], [(0, 3, 5)], []):
        with refused(ValueError, match=r"expected pairs with 0 <= start < stop <= 20"):
            run(model, wrong)
    for wrong in (torch.zeros(19, 2), np.zeros((19, 2))):
        with refused(ValueError, match=r"shape \(19, 2\); expected \(N, g\) for N = 20"):
            run(model, wrong)
    for wrong in ("half", 1.5):
        with refused(ValueError, match=f"residual={wrong!r}; expected"):
            run(model, residual=wrong)
    for wrong in (torch.ones(2, 1, 20, 20), [[1] * 20] * 2):
        with refused(ValueError, match=r"attention_mask is no tensor \(B, N\)"):
            run(model, attention_mask=wrong)
    for wrong in (make("Llama", "eager"), make("Llama").train()):
        with refused(ValueError, match=r'attn_implementation="sdpa", and call model\.eval\(\)'):
            run(wrong)
    for name in ("Gemma2", "GptOss"):  # soft-capped scores and sinks: sdpa has neither
        with refused(ValueError, match="does not support"):
            make(name, **GROUPED)
    both = make("T5", **T5)
    with refused(ValueError, match="attention ran 9 times for 3 layers; expected self-attention"):
        run(both, decoder_input_ids=ids)
    assert run(both.get_encoder()).shape == (2, 20, 1)
    crossed = make("Bert", is_decoder=True, add_cross_attention=True)
    with refused(ValueError, match="attention ran 6 times for 3 layers; expected self-attention"):
        run(crossed, encoder_hidden_states=torch.ones(2, 20, 32))
    assert run(crossed).shape == (2, 20, 1)


@pytest.mark.parametrize("name", ["Llama", "GPT2", "Bert"])
def test_queries_and_keys_as_attention_gets_them_go_into_rollout_from_qk(
    transformers, make, ids, name, monkeypatch
):
    interface, caught = transformers.modeling_utils.ALL_ATTENTION_FUNCTIONS, []
    plain = interface["sdpa"]

    def catching(module, query, key, *rest, **options):
        caught.append((query.detach(), key.detach()))
        return plain(module, query, key, *rest, **options)

    monkeypatch.setitem(interface._global_mapping, "sdpa", catching)
    make(name)(ids)
    query, key = zip(*caught, strict=True)
    found = rollout_from_qk(query, key, queries=[-1, 4], causal=name != "Bert")
    R = rollout(make(name, "eager")(ids, output_attentions=True).attentions, queries=[-1, 4])
    np.testing.assert_allclose(found, R, atol=1e-6)


def test_smollm2_gives_the_rollout_of_its_maps(torch, example, reference):
    tokenizer, model = reference
    text = "The river is high. The bridge is closed. People take the boat. " * 4
    ids = torch.tensor([tokenizer(text)["input_ids"]])
    attentions = model(ids, output_attentions=True, use_cache=False).attentions
    model.set_attn_implementation("sdpa")
    try:
        found = example.rollout_over_spans(model, [(0, 5), (5, 9), (9, ids.shape[1])], input_ids=ids)
    finally:
        model.set_attn_implementation("eager")
    R = rollout(attentions)[0]
    np.testing.assert_allclose(found[0], np.add.reduceat(R, [0, 5, 9], axis=-1), **ALL_BUT_THE_SINK)


def test_the_command_prints_a_share_for_each_paragraph(torch, example, make, reference, tmp_path, capsys):
    tokenizer, _ = reference
    model = make("Llama", vocab_size=len(tokenizer))
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    text = "The river is high.\n\nThe bridge\nis closed."
    (tmp_path / "prompt.txt").write_text(text + "\n", encoding="utf-8")
    example.main(tmp_path, tmp_path / "prompt.txt")
    ids = torch.tensor([tokenizer(text)["input_ids"]])
    first = tokenizer.tokenize(text).index("Ġbridge") - 1  # its article begins the second paragraph
    spans = [(0, 1), (1, first), (first, ids.shape[1])]
    shares = example.rollout_over_spans(model, spans, input_ids=ids)[0, -1]
    assert capsys.readouterr().out.splitlines() == [
        f"{shares[0]:9.4%}  (first token and special tokens)",
        f"{shares[1]:9.4%}  The river is high.",
        f"{shares[2]:9.4%}  The bridge is closed.",
    ]


def test_what_readme_shows_runs_and_gives_the_rollout_of_the_maps(
    torch, example, reference, monkeypatch, tmp_path
):
    """Its code as it stands: the model's name is a folder's too, where transformers looks before the hub."""
    tokenizer, model = reference
    monkeypatch.chdir(tmp_path)
    monkeypatch.delattr(
        model.config, "quantization_config"
    )  # what the file was; the weights are plain numbers
    for each in (tokenizer, model.model):
        each.save_pretrained("HuggingFaceTB/SmolLM2-135M-Instruct")
    long = "The river is high. The bridge is closed. People take the boat. " * 36
    Path("prompt.txt").write_text(long, encoding="utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    codes = re.findall(r"```python\n(.*?)```", readme.split("## Rollout of your own models")[1], re.DOTALL)
    for code, text in zip(codes, ["The river is high.", long], strict=True):
        printed, ids = [], tokenizer(text, return_tensors="pt")["input_ids"]
        exec(code, {"print": printed.append})
        attentions = model(ids, output_attentions=True, use_cache=False).attentions
        [found], expected = printed, rollout(attentions, queries=-1)[0]
        if text is long:
            assert 512 < len(expected) < 1024
            expected = np.add.reduceat(expected, [0, 1, 512])
        np.testing.assert_allclose(found, expected, **ALL_BUT_THE_SINK)
