"""The NumPy encoder against PyTorch and transformers, and what rollout makes of what these two hand out.

`make test-torch` installs both and runs this.
"""

import warnings

import numpy as np
import pytest

from rollout_lab import rollout, rollout_steps
from rollout_lab.models import example_names, load_example, load_pointer_model, pointer_tasks, sample_task
from rollout_lab.successors import block_output, block_vectors, gradient_attention

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


def test_the_vectors_of_a_block_add_up_to_what_pytorch_computes_and_so_do_the_spreads(encoder, run, model):
    outputs, spreads = [], []
    hooks = [
        hook
        for layer in model.encoder.layer
        for hook in (
            layer.attention.output.register_forward_hook(lambda *call: outputs.append(call[-1][0].numpy())),
            layer.output.LayerNorm.register_forward_hook(lambda *call: spreads.append(call[1][0][0].numpy())),
        )
    ]
    run(TEXTS[0])
    for hook in hooks:
        hook.remove()
    encoding = encoder.encode(TEXTS[0], blocks=True)
    for block, norm, output, before in zip(
        encoding.blocks, encoding.last_norms, outputs, spreads, strict=True
    ):
        np.testing.assert_allclose(block_output(block, block_vectors(block)), output, atol=1e-5)
        np.testing.assert_allclose(norm.spread[:, 0], before.std(axis=-1), rtol=1e-5)


@pytest.mark.parametrize("task", pointer_tasks())
def test_the_gradient_by_the_attention_weights_is_that_of_autograd(torch, task):
    model, cases = load_pointer_model(task), sample_task(task, 20, np.random.default_rng(3))
    w = {name: torch.tensor(values) for name, values in model.weights.items()}
    states, maps = torch.tensor(cases.inputs) @ w["embedding"] + w["position"], []
    hidden = ~torch.tensor(np.array(cases.mask))[:, None]
    for layer in range(model.n_layers):
        query, key, value = (
            (states @ w[f"{role}_{layer}"]).unflatten(-1, (2, -1)).transpose(1, 2)
            for role in ("query", "key", "value")
        )
        scores = (query @ key.transpose(-1, -2) / key.shape[-1] ** 0.5).masked_fill(hidden, -torch.inf)
        maps.append(scores.softmax(dim=-1).requires_grad_())
        states = states + (maps[-1] @ value).transpose(1, 2).flatten(2) @ w[f"output_{layer}"]
    (states[:, cases.reader] @ w["letter"]).max(dim=-1).values.sum().backward(inputs=maps)
    gradients = np.stack([each.grad.numpy() for each in maps])
    np.testing.assert_allclose(model.attention_gradients(cases), gradients, rtol=1e-3, atol=1e-3)
    # Chefer et al. (2021), equations 5 and 6, as their code has them.
    R = torch.eye(cases.reader + 1)
    for A in maps:
        R = R + (A.grad * A).clamp(min=0).mean(dim=1) @ R
    found = gradient_attention(model.run(cases)[1], model.attention_gradients(cases))
    np.testing.assert_allclose(found, R.detach().numpy(), rtol=1e-3, atol=1e-3)


SMALL = {"vocab_size": 99, "hidden_size": 16, "num_hidden_layers": 3, "intermediate_size": 16}


@pytest.fixture(scope="module")
def ids(torch):
    return torch.arange(5, 45).reshape(2, 20)


@pytest.fixture(scope="module")
def small(torch, transformers):
    """A function that makes a small model with random weights, "eager" unless something else is asked for."""

    def small(name, attention="eager", **config):
        torch.manual_seed(0)
        model = getattr(transformers, f"{name}Model", None) or getattr(transformers, name)
        config = getattr(transformers, f"{name.removesuffix('ForCausalLM')}Config")(**config)
        return model._from_config(config, attn_implementation=attention).eval()

    return small


@pytest.fixture(scope="module")
def bert(small):
    return small("Bert", num_attention_heads=2, **SMALL)


@pytest.fixture(scope="module")
def llama(small):
    return small("LlamaForCausalLM", num_attention_heads=4, num_key_value_heads=2, pad_token_id=0, **SMALL)


def test_a_model_with_fused_attention_gives_an_empty_tuple_and_is_told_of_eager(small, ids):
    fused = small("Bert", "sdpa", num_attention_heads=2, **SMALL)
    attentions = fused(ids, output_attentions=True).attentions
    assert attentions == ()
    with pytest.raises(ValueError, match='attn_implementation="eager"'):
        rollout(attentions)


def test_a_whole_output_and_a_plain_tuple_are_told_where_the_attentions_are(bert, ids):
    outputs = bert(ids, output_attentions=True, output_hidden_states=True)
    with pytest.raises(TypeError, match=r"pass outputs\.attentions$"):
        rollout(outputs)
    assert rollout(outputs.attentions).shape == (2, 20, 20)
    with pytest.raises(ValueError, match=r"layer 0 .*\(2, 20, 16\).*hidden states: pass outputs.attentions"):
        rollout(outputs.hidden_states)
    with pytest.raises(ValueError, match=r"layer 0 .*return_dict=False"):
        rollout(bert(ids, output_attentions=True, return_dict=False))


def test_the_last_layer_alone_is_read_as_layers_with_one_warning(bert, ids):
    attentions = bert(ids, output_attentions=True).attentions
    last = attentions[-1]
    for whole in (last, last.detach().numpy(), last[:1], last[0].detach().numpy()):
        with pytest.warns(UserWarning, match=r"attentions is one array of shape .* read as") as caught:
            rollout(whole)
        assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(rollout([last]), rollout(attentions, start_layer=2))
        rollout(list(last))
        rollout(np.stack([layer.detach().numpy()[0] for layer in attentions]))


@pytest.mark.parametrize("name", ["Bert", "LlamaForCausalLM"])
def test_bfloat16_maps_that_the_user_widened_go_in(torch, small, ids, name):
    model = small(name, num_attention_heads=2, initializer_range=0.5, **SMALL).to(torch.bfloat16)
    attentions = model(ids, output_attentions=True).attentions
    widened = [layer.detach().float().numpy() for layer in attentions]
    assert np.abs(np.stack(widened).sum(axis=-1) - 1).max() > 1e-3
    np.testing.assert_array_equal(rollout(widened), rollout(attentions))


def test_dropout_is_refused_and_named(bert, ids):
    bert.train()
    try:
        attentions = bert(ids, output_attentions=True).attentions
    finally:
        bert.eval()
    with pytest.raises(ValueError, match=r"model\.eval\(\)"):
        rollout(attentions)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("name", ["bert", "llama"])
def test_a_padded_batch_gives_what_each_sentence_gives_alone(torch, request, ids, name, side):
    model, n = request.getfixturevalue(name), 14
    mask = torch.ones_like(ids)
    kept = slice(20 - n, None) if side == "left" else slice(n)
    mask[1] = 0
    mask[1, kept] = 1
    positions = (mask.cumsum(dim=-1) - 1).clamp(min=0)
    how = {"output_attentions": True, "position_ids": positions}
    padded = model(ids, attention_mask=mask, **how).attentions
    alone = model(ids[1:, kept], output_attentions=True).attentions
    R = rollout(padded, keep=mask == 1)
    np.testing.assert_allclose(R[1, kept, kept], rollout(alone)[0], atol=1e-5)
    assert R[1].sum() == pytest.approx(n, abs=1e-4)
    with pytest.raises(TypeError, match=r"keep has dtype int64.*attention_mask == 1"):
        rollout(padded, keep=mask)


def test_generated_attention_is_told_to_take_the_prompt_or_one_forward_pass(torch, llama, ids):
    options = {"max_new_tokens": 3, "do_sample": False, "attention_mask": torch.ones_like(ids)}
    options |= {"output_attentions": True, "return_dict_in_generate": True}
    for outputs in (llama.generate(ids, **options), llama.generate(ids, use_cache=False, **options)):
        with pytest.raises(TypeError, match=r"pass outputs\.attentions"):
            rollout(outputs)
        with pytest.raises(ValueError, match=r"tuple of arrays.*pass attentions\[0\].*one forward pass"):
            rollout(outputs.attentions)
        assert rollout(outputs.attentions[0]).shape == (2, 20, 20)
        assert rollout(llama(outputs.sequences, output_attentions=True).attentions).shape == (2, 23, 23)
    with pytest.raises(ValueError, match=r"\(2, 4, 1, 21\).*one step of generate\(\)"):
        rollout(llama.generate(ids, **options).attentions[1])


def test_gpt_oss_has_a_sink_and_rolls_out_once_its_rows_are_renormalised(torch, small, ids):
    experts = {"num_local_experts": 2, "num_experts_per_tok": 1}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8}
    model = small("GptOssForCausalLM", layer_types=["full_attention"] * 3, **heads, **experts, **SMALL)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("sinks"):
                parameter.zero_()
    attentions = model(ids, output_attentions=True).attentions
    with pytest.raises(ValueError, match=r"sum.* to 0\.\d+; .*gpt-oss.*renormalize=True"):
        rollout(attentions)
    R = rollout(attentions, renormalize=True)
    divided = [(layer / layer.sum(dim=-1, keepdim=True)).detach().numpy() for layer in attentions]
    np.testing.assert_allclose(R, rollout(divided), atol=1e-6)
    np.testing.assert_allclose(rollout_steps(attentions, renormalize=True)[-1], R)


def test_windows_and_stages_are_refused_by_name(torch, transformers, small):
    longformer = transformers.LongformerModel(
        transformers.LongformerConfig(
            attention_window=4, num_attention_heads=2, max_position_embeddings=64, pad_token_id=1, **SMALL
        )
    ).eval()
    windows = longformer(torch.arange(5, 17)[None], output_attentions=True).attentions
    with pytest.raises(ValueError, match=r"\(1, 2, 12, 5\).*in windows \(Longformer\)"):
        rollout(windows)
    swin = small(
        "Swin", image_size=32, patch_size=2, embed_dim=8, depths=[2, 2], num_heads=[2, 4], window_size=4
    )
    stages = swin(torch.zeros(2, 3, 32, 32), output_attentions=True).attentions
    with pytest.raises(ValueError, match=r"layer 1 .*windows \(Swin\), rollout is not defined"):
        rollout(stages)


def test_encoder_decoder_models_are_told_which_attentions_are_over_the_same_tokens(small, ids):
    t5 = small(
        "T5", vocab_size=99, d_model=16, d_kv=8, d_ff=16, num_layers=2, num_heads=2, decoder_start_token_id=0
    )
    outputs = t5(ids, decoder_input_ids=ids[:, :5], output_attentions=True)
    with pytest.raises(TypeError, match=r"outputs\.encoder_attentions or outputs\.decoder_attentions"):
        rollout(outputs)
    with pytest.raises(ValueError, match=r"\(2, 2, 5, 20\).*cross-attention"):
        rollout(outputs.cross_attentions)
    assert rollout(outputs.decoder_attentions).shape == (2, 5, 5)


def test_multihead_attention_gives_a_batch_which_heads_none_reads_as_one(torch):
    torch.manual_seed(0)
    attention, x = torch.nn.MultiheadAttention(16, 2, batch_first=True), torch.randn(3, 5, 16)
    pair = attention(x, x, x)
    with pytest.raises(ValueError, match=r"nn.MultiheadAttention returns, take its second part"):
        rollout([pair])
    weights = pair[1]
    with pytest.warns(UserWarning, match="read as 3 heads of one example.*heads=None"):
        assert rollout([weights]).shape == (5, 5)
    with pytest.warns(UserWarning, match="read as 3 layers of fused heads"):
        assert rollout(weights).shape == (5, 5)
    R = rollout([weights, weights], heads=None)
    for example in range(3):
        np.testing.assert_allclose(R[example], rollout([weights[example]] * 2), atol=1e-6)


def test_an_example_that_is_nothing_but_pads_holds_nan_and_is_named(torch):
    attention, x = torch.nn.MultiheadAttention(16, 2, batch_first=True), torch.randn(2, 5, 16)
    is_pad = torch.tensor([[False] * 5, [True] * 5])
    weights = attention(x, x, x, key_padding_mask=is_pad)[1]
    with pytest.raises(ValueError, match=r"holds nan at \[1, 0, 0\].*pad.*keep="):
        rollout([weights, weights], heads=None)
    with pytest.raises(ValueError, match="keep leaves out every position of example 1"):
        rollout([weights, weights], heads=None, keep=~is_pad)


@pytest.mark.filterwarnings("ignore:.*PyTorch API of nested tensors", "ignore:Sparse")
@pytest.mark.parametrize(
    ("make", "cure"),
    [
        (lambda torch: torch.eye(4).to_sparse(), r"layer\.to_dense\(\)"),
        (lambda torch: torch.eye(4).to_sparse_csr(), r"layer\.to_dense\(\)"),
        (lambda torch: torch.empty(4, 4, device="meta"), "run the model on a real device"),
        (lambda torch: torch.eye(4).to(torch.float8_e4m3fn), r"layer\.float\(\)"),
        (lambda torch: torch.nested.nested_tensor([torch.eye(3), torch.eye(4)]), "to_padded_tensor"),
    ],
    ids=["sparse", "sparse rows", "meta", "float8", "nested"],
)
def test_tensors_that_numpy_cannot_hold_are_refused_by_layer_with_a_cure(torch, make, cure):
    tensor = make(torch)
    with pytest.raises(TypeError, match=rf"layer 1 \(attentions\[1\]\) cannot be read.*{cure}"):
        rollout([torch.eye(4), tensor])


def test_the_cures_for_such_tensors_work(torch):
    eye = torch.eye(4)
    for cured in (eye.to_sparse().to_dense(), eye.to(torch.float8_e4m3fn).float()):
        np.testing.assert_array_equal(rollout([cured, cured]), np.eye(4))


def test_queries_may_be_a_tensor_but_not_a_mask(torch):
    A = torch.eye(3)
    np.testing.assert_array_equal(rollout([A, A], queries=torch.tensor([0, 2])), np.eye(3)[[0, 2]])
    with pytest.raises(TypeError, match=r"np\.flatnonzero\(queries\)"):
        rollout([A, A], queries=torch.tensor([True, False, True]))
