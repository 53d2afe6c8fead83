"""What `rollout` takes, in which precision, and what it refuses."""

import warnings
from collections import namedtuple
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout_lab import add_identity, attention_flow, fuse_heads, rollout, rollout_steps, softmax, top_paths
from tests.strategies import RESIDUALS, attentions, random_attentions


class Tensor:
    """What rollout relies on of a PyTorch tensor, which refuses NumPy while it tracks gradients."""

    def __init__(self, array, dtype=None):
        self.array, self.shape = array, array.shape
        self.dtype = dtype or f"torch.{array.dtype}"
        self.tracks_gradients = self.on_device = True

    def __array__(self, *_, **__):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    def __iter__(self):
        return (Tensor(array, self.dtype) for array in self.array)

    def _with(self, **changes):
        other = Tensor(self.array, self.dtype)
        other.__dict__.update(self.__dict__ | changes)
        return other

    def detach(self):
        return self._with(tracks_gradients=False)

    def cpu(self):
        return self._with(on_device=False)

    def float(self):
        return self._with(array=self.array.astype(np.float32), dtype="torch.float32")

    def numpy(self):
        if self.tracks_gradients or self.on_device:
            raise RuntimeError("detach it and move it to the CPU first")
        if self.dtype == "torch.bfloat16":
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.array


def forms_of(A):
    """The same attention, (L, N, N), in every form it may come in."""
    with_heads, with_batch = np.repeat(A[:, None], 3, axis=1), np.repeat(A[:, None, None], 3, axis=2)
    return {
        "stacked": A,
        "list of layers": list(A),
        "tuple of layers": tuple(A),
        "nested lists": A.tolist(),
        "Fortran order": np.asfortranarray(A),
        "read-only view": np.broadcast_to(A, A.shape),
        "stacked, with heads": with_heads,
        "list, with heads": list(with_heads),
        "a list of heads": [list(layer) for layer in with_heads],
        "stacked, with a batch axis": with_batch,
        "tuple of tensors with grad": tuple(map(Tensor, with_batch)),
        "a list of tensors for heads": [[Tensor(head) for head in layer] for layer in with_heads],
        "stacked tensor": Tensor(with_heads),
    }


FORMS = list(forms_of(np.ones((1, 1, 1))))


@pytest.mark.filterwarnings("ignore:attentions is one array", "ignore:the only layer")  # tested below
@pytest.mark.parametrize("form", FORMS)
@given(A=attentions(max_layers=3, max_tokens=4), residual=st.sampled_from(RESIDUALS))
def test_every_form_of_input_gives_the_same_result(form, A, residual):
    given_form = forms_of(A)[form]
    for call in (rollout, rollout_steps, lambda *args, **kwargs: rollout(*args, queries=[0, -1], **kwargs)):
        expected = call(A, residual=residual)
        np.testing.assert_allclose(np.squeeze(call(given_form, residual=residual)), np.squeeze(expected))


def test_one_hot_attention_may_be_integer_or_boolean():
    swap = [[0, 1], [1, 0]]
    for layer in (swap, np.array(swap), np.array(swap, dtype=bool)):
        R = rollout([layer], residual="none")
        np.testing.assert_array_equal(R, swap)
        assert R.dtype == np.float64


@pytest.mark.parametrize("residual", RESIDUALS)
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("heads", ["mean", "max", "min", None])
def test_single_precision_stays_and_half_is_computed_in_single(residual, normalize, heads):
    A = random_attentions(3, 2, 4, 5, 5, dtype=np.float32)
    how = {"residual": residual, "normalize": normalize, "heads": heads}
    full = rollout(A.astype(np.float64), **how)
    for layers, tolerance in [
        (A, 1e-5),
        (A.astype(np.float16), 2e-2),
        (Tensor(A), 1e-5),
        (Tensor(A, "torch.bfloat16"), 1e-5),
    ]:
        for result in (rollout(layers, **how), rollout_steps(layers, **how)[-1]):
            assert result.dtype == np.float32
            np.testing.assert_allclose(result, full, rtol=tolerance, atol=tolerance)
        rows = rollout(layers, queries=[1], **how)
        assert rows.dtype == np.float32
    assert rollout(A, residual=np.float64(0.3)).dtype == np.float32


@pytest.mark.parametrize("n_layers", [1, 3])
@pytest.mark.parametrize("residual", RESIDUALS)
@pytest.mark.parametrize("normalize", [True, False])
def test_inputs_stay_as_they_are_and_results_are_apart_from_them(n_layers, residual, normalize):
    A = random_attentions(n_layers, 4, 4)
    before = A.copy()
    how = {"residual": residual, "normalize": normalize}
    results = [
        rollout(A, **how),
        rollout(list(A), **how),
        rollout(A, heads=None, **how),
        rollout_steps(A, **how),
        rollout(A, queries=0, **how),
        rollout(A, queries=[0], **how),
    ]
    for result in results:
        assert not np.shares_memory(result, A)
        result[...] = -1  # a result is the caller's to write to
    np.testing.assert_array_equal(A, before)


def test_the_building_blocks_do_not_share_memory_either():
    A = random_attentions(1, 4, 4)
    for result in (fuse_heads(A), fuse_heads(A, "max"), add_identity(A, 0), add_identity(A, None)):
        assert not np.shares_memory(result, A)


@pytest.mark.torch
@pytest.mark.parametrize("requires_grad", [True, False])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_pytorch_tensors_go_in_as_a_model_returns_them(dtype, requires_grad):
    torch = pytest.importorskip(
        "torch", reason="PyTorch is not installed: `make test-torch` installs it apart"
    )
    A = random_attentions(3, 2, 4, 5, 5)
    tensors = tuple(
        torch.tensor(layer).to(getattr(torch, dtype)).requires_grad_(requires_grad) for layer in A
    )
    tolerance = {"float64": 1e-10, "float32": 1e-5}.get(dtype, 2e-2)
    for attentions_given in (tensors, torch.stack(tensors), list(tensors)):
        R = rollout(attentions_given)
        assert isinstance(R, np.ndarray)
        assert R.dtype == (np.float64 if dtype == "float64" else np.float32)
        np.testing.assert_allclose(R, rollout(A), atol=tolerance)
        np.testing.assert_allclose(rollout(attentions_given, queries=-1), rollout(A)[:, -1], atol=tolerance)
    alone = rollout([tensors[0][0, 0]], residual="none", normalize=False)
    alone[...] = -1
    assert (tensors[0] >= 0).all()


def spoiled(position, value, shape=(3, 2, 4, 4)):
    A = random_attentions(*shape)
    A[position] = value
    return A


UNIFORM = np.full((2, 3, 3), 1 / 3)
MAPS = tuple(np.full((3, 1, 4, 7, 7), 1 / 7))
HIDDEN = tuple(np.ones((4, 2, 7, 16)))
TWO_FAR_HEADS = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]])


@pytest.mark.parametrize(
    ("attentions_given", "error", "message"),
    [
        (None, TypeError, 'attentions is None.*attn_implementation="eager"'),
        ((None, None), TypeError, 'layer 0 .*is None.*attn_implementation="eager"'),
        ([UNIFORM[0], None], TypeError, r"layer 1 \(attentions\[1\]\) is None"),
        ("attention", TypeError, "attentions is of type str"),
        ({"attentions": UNIFORM}, TypeError, r'type dict.*outputs\["attentions"\].*list\(attentions.values'),
        (3, TypeError, "attentions is of type int"),
        ((layer for layer in UNIFORM), TypeError, r"of type generator.*Pass list\(attentions\)"),
        ({"layer": UNIFORM}.values(), TypeError, r"of type dict_values.*Pass list\(attentions\)"),
        ({1, 2}, TypeError, "of type set.*no order.*pass a list"),
        ((), ValueError, 'no layers.*attn_implementation="eager"'),
        ([], ValueError, "no layers.*fused_attn = False"),
        (np.zeros((0, 3, 3)), ValueError, "no layers"),
        (UNIFORM[0], ValueError, r"attentions has shape \(3, 3\).*layers first.*\[attention\]"),
        (UNIFORM[0].tolist(), ValueError, r"layer 0 .*shape \(3,\).*\[attention\]"),
        ([0.5, 0.5], ValueError, r"layer 0 .*shape \(\)"),
        (
            np.ones((2, 2, 2, 2, 1, 1)),
            ValueError,
            r"layer 0 .*shape \(2, 2, 2, 1, 1\).*generate\(\).*heads=None",
        ),
        ([UNIFORM[0], np.eye(2)], ValueError, r"layer 1 .*shape \(2, 2\) but layer 0 has \(3, 3\)"),
        ([UNIFORM, UNIFORM[0]], ValueError, r"layer 1 .*shape \(3, 3\) but layer 0 has \(2, 3, 3\)"),
        ([UNIFORM, UNIFORM[:1]], ValueError, r"layer 1 .*\(1, 3, 3\).*fuse each layer's heads"),
        ([UNIFORM, np.full((2, 4, 4), 1 / 4)], ValueError, "number of tokens differs.*generate.*Swin"),
        (
            [np.full((32, 2, 4, 4), 1 / 4), np.full((8, 4, 4, 4), 1 / 4)],
            ValueError,
            r"layer 1 .*number of examples differs.*Swin",
        ),
        ([UNIFORM[0], [[1.0], [0.5, 0.5]]], ValueError, "layer 1 .*ragged"),
        ([np.ones((2, 3)) / 3], ValueError, r"shape \(2, 3\).*last two axes differ.*cross-attention"),
        (
            [np.ones((2, 4, 1, 8))] * 3,
            ValueError,
            r"shape \(2, 4, 1, 8\).*one step of generate\(\).*one forward",
        ),
        (
            [np.ones((2, 4, 12, 5))],
            ValueError,
            r"\(2, 4, 12, 5\).*cross-attention.*in windows \(Longformer\)",
        ),
        (HIDDEN, ValueError, r"layer 0 .*\(2, 7, 16\).*hidden states: pass outputs.attentions"),
        ((HIDDEN[0], HIDDEN[0][:, 0], MAPS), ValueError, "hidden states.*return_dict=False"),
        ((np.float32(0.7), HIDDEN[0], MAPS), ValueError, r"layer 0 .*shape \(\).*return_dict=False"),
        ([(HIDDEN[0], np.full((2, 7, 7), 1 / 7))] * 2, ValueError, "ragged.*nn.MultiheadAttention.*second"),
        ((MAPS, [np.ones((1, 4, 1, 8))] * 3), ValueError, r"layer 0 .*tuple of arrays.*pass attentions\[0\]"),
        (SimpleNamespace(attentions=MAPS), TypeError, r"type SimpleNamespace.*pass outputs\.attentions$"),
        (
            namedtuple("Output", "logits attentions")(HIDDEN, MAPS),
            TypeError,
            "type Output.*outputs.attentions",
        ),
        (
            SimpleNamespace(encoder_attentions=MAPS, decoder_attentions=MAPS),
            TypeError,
            "outputs.encoder_attentions or outputs.decoder_attentions",
        ),
        (np.ma.masked_equal(UNIFORM, 0), TypeError, r"layer 0 .*masked array.*\.filled\(0\).*keep="),
        ([UNIFORM[0], list(np.ma.masked_equal(UNIFORM[0], 0))], TypeError, "layer 1 .*masked array"),
        ([np.zeros((0, 0))], ValueError, r"layer 0 .*shape \(0, 0\).*at least one token"),
        (np.zeros((2, 0, 3, 3)), ValueError, r"layer 0 .*shape \(0, 3, 3\).*empty"),
        (spoiled((2, 1, 3, 0), np.nan), ValueError, r"layer 2 .*holds nan at \[1, 3, 0\].*keep=.*float32"),
        (spoiled((1, 0, 2, 1), np.inf), ValueError, r"layer 1 .*holds inf at \[0, 2, 1\].*finite.*float32"),
        (spoiled((1, 0, 2, 1), -np.inf), ValueError, r"layer 1 .*holds -inf at \[0, 2, 1\].*finite.*softmax"),
        ([[[1.25, -0.25], [0.0, 1.0]]], ValueError, r"layer 0 .*holds -0.25 at \[0, 1\].*negative.*softmax"),
        (
            spoiled((2, 1, 3), 0.5),
            ValueError,
            r"layer 2 .*row at \[1, 3\] sums to 2; expected 1 within 0.005.*identity added.*dropout",
        ),
        (np.zeros((1, 2, 2)), ValueError, r"layer 0 .*row at \[0\] sums to 0; expected 1.*pad.*keep="),
        (UNIFORM * 0.8, ValueError, "layer 0 .*sums to 0.8.*renormalize=True.*keep="),
        (random_attentions(2, 3, 3).swapaxes(1, 2), ValueError, r"The columns do.*swapaxes\(-1, -2\)"),
        (UNIFORM * 1.006, ValueError, "layer 0 .*sums to 1.006"),
        ((UNIFORM * 1.03).astype(np.float16), ValueError, "layer 0 .*sums to 1.02979.*within 0.02"),
        (list(Tensor(UNIFORM * 1.03, "torch.bfloat16")), ValueError, "layer 0 .*sums to 1.03.*within 0.02"),
        (UNIFORM.astype(complex), TypeError, "layer 0 .*complex128.*real numbers"),
        ([UNIFORM[0], UNIFORM[0].astype(object)], TypeError, "layer 1 .*object.*real numbers"),
        ([[["a", "b"], ["c", "d"]]], TypeError, "layer 0 .*real numbers"),
    ],
)
def test_bad_attention_is_refused_by_naming_the_layer_and_what_was_found_there(
    attentions_given, error, message
):
    for call in (rollout, rollout_steps):
        with pytest.raises(error, match=f"(?s){message}"):
            call(attentions_given)


def test_rows_may_be_off_by_as_much_as_their_precision_explains():
    for layers in (UNIFORM * 1.0045, (UNIFORM * 1.015).astype(np.float16)):
        assert rollout(layers).sum(-1) == pytest.approx(1)
        assert rollout([Tensor(layer) for layer in layers]).sum(-1) == pytest.approx(1)


def in_bfloat16(A):
    """float32 numbers rounded to the 8 significant bits that bfloat16 has."""
    bits = A.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000).view(np.float32)


@pytest.mark.parametrize("sharpness", [1, 4, 16])
def test_bfloat16_that_the_user_widened_is_taken(sharpness):
    A = softmax(sharpness * np.random.default_rng(0).normal(size=(6, 8, 64, 64)))
    rounded = in_bfloat16(A)
    assert np.abs(rounded.sum(axis=-1) - 1).max() > 1e-3
    np.testing.assert_allclose(rollout(rounded), rollout(A), atol=5e-3)


@pytest.mark.parametrize("seed", range(3))
def test_dropout_is_still_seen_over_a_thousand_keys(seed):
    rng = np.random.default_rng(seed)
    A = softmax(rng.normal(size=(1, 1024, 1024)))
    dropped = A * (rng.random(A.shape) >= 0.1) / 0.9
    with pytest.raises(ValueError, match=r"the row at .* sums to .*model.eval\(\)"):
        rollout(dropped)


def test_logits_and_an_identity_added_already_are_still_seen():
    scores = np.random.default_rng(0).normal(size=(2, 8, 8))
    for not_weights in (scores, np.abs(scores), add_identity(random_attentions(2, 8, 8), None)):
        with pytest.raises(ValueError, match=r"rollout_lab\.softmax"):
            rollout(not_weights)


CALLS = {
    "rollout": rollout,
    "rollout, rows": lambda attentions, **how: rollout(attentions, queries=0, **how),
    "rollout_steps": rollout_steps,
    "top_paths": lambda attentions, **how: top_paths(attentions, 0, 0, **how),
    "attention_flow": attention_flow,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_one_array_of_a_model_is_read_as_layers_with_a_warning_at_the_callers_line(call):
    last_layer = random_attentions(3, 2, 4, 4)  # (B, H, N, N)
    for given_whole in (Tensor(last_layer), in_the_memory_of_a_tensor(last_layer)[:, :, :, :]):
        with pytest.warns(UserWarning, match=r"shape \(3, 2, 4, 4\), read as 3 layers of 2 heads") as caught:
            call(given_whole)
        assert len(caught) == 1
        assert caught[0].filename == __file__
        assert "list(attentions)" in str(caught[0].message)
    with pytest.warns(UserWarning, match="read as 2 layers of fused heads"):
        call(Tensor(last_layer[0]))


def in_the_memory_of_a_tensor(array):
    """What `tensor.numpy()` gives: an array whose base is the tensor."""
    return np.asarray(SimpleNamespace(__array_interface__=array.__array_interface__, detach=None, of=array))


def test_one_layer_of_heads_or_of_a_batch_is_read_as_heads_with_a_warning():
    layer = random_attentions(3, 4, 4)
    with pytest.warns(
        UserWarning, match=r"shape \(3, 4, 4\), read as 3 heads.*heads=None.*fuse_heads"
    ) as caught:
        R = rollout([layer])
    assert (len(caught), caught[0].filename) == (1, __file__)
    np.testing.assert_allclose(R, rollout([fuse_heads(layer)]))


def test_a_warning_comes_once_for_each_place_in_the_callers_code():
    tensor = Tensor(random_attentions(3, 2, 4, 4))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            rollout(tensor)
        rollout(tensor)
    assert len(caught) == 2


def test_what_can_be_read_in_one_way_only_and_what_says_how_it_is_read_brings_no_warning():
    A, layer = random_attentions(3, 2, 4, 4), random_attentions(2, 4, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for one_layer in ([layer[0]], [fuse_heads(layer)], [layer[None]], [Tensor(layer[None])]):
            rollout(one_layer)
        rollout([layer], heads=None)
        rollout([layer], heads="max")
        rollout([Tensor(layer)] * 2)
        rollout(list(Tensor(A)))
        rollout(Tensor(random_attentions(3, 1, 2, 4, 4)))
        for stacked_by_numpy in (A, A[:1], A.mean(axis=1), A[:, None]):
            rollout(stacked_by_numpy)


def test_what_grows_beyond_its_precision_is_refused_and_not_inf():
    layers = [np.full((2, 2), 0.5, dtype=np.float32)] * 130
    for call in (rollout, rollout_steps, lambda *args, **how: rollout(*args, queries=[0], **how)):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(ValueError, match=r"beyond 3.4e\+38.*float32.*normalize=True.*float64"):
                call(layers, normalize=False)
    wide = [layer.astype(np.float64) for layer in layers]
    assert rollout(wide, normalize=False).sum(axis=-1) == pytest.approx(2.0**130)
    with pytest.raises(ValueError, match=r"float64: .*Pass normalize=True$"):
        rollout(wide * 8, normalize=False)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"residual": "Identity"},
            ValueError,
            "residual='Identity' is unknown.*'identity', 'recursion', 'none'",
        ),
        ({"residual": 1.5}, ValueError, "residual=1.5 is out of range.*0 to 1"),
        ({"residual": -0.1}, ValueError, "residual=-0.1 is out of range"),
        ({"residual": np.nan}, ValueError, "residual=nan is out of range"),
        ({"residual": True}, TypeError, "residual=True is of type bool"),
        ({"residual": None}, TypeError, "residual=None is of type NoneType"),
        ({"residual": np.array([0.5])}, TypeError, "is of type ndarray"),
        ({"heads": "median"}, ValueError, "heads='median' is unknown.*'mean', 'max', 'min'.*None"),
        ({"heads": 0}, TypeError, "heads=0 is of type int"),
        ({"start_layer": 2}, IndexError, "start_layer=2 is out of range; expected 0 to 1 for 2 layers"),
        ({"start_layer": -1}, IndexError, "start_layer=-1 is out of range"),
        ({"start_layer": 1.0}, TypeError, "start_layer=1.0 is of type float"),
        ({"start_layer": True}, TypeError, "start_layer=True is of type bool"),
        ({"queries": 3}, IndexError, "queries=3 is out of range; expected -3 to 2 for 3 tokens"),
        ({"queries": [0, -4]}, IndexError, "queries=-4 is out of range"),
        ({"queries": []}, ValueError, "queries selects nothing"),
        ({"queries": slice(2, 2)}, ValueError, "queries selects nothing"),
        ({"queries": [[0, 1]]}, ValueError, r"queries has shape \(1, 2\)"),
        ({"queries": 0.0}, TypeError, "queries=0.0 is of type float"),
        ({"queries": [0.5]}, TypeError, "is of type float"),
        ({"queries": [True, False, True]}, TypeError, r"queries is a mask.*np.flatnonzero\(queries\)"),
        ({"queries": np.array([True, False, True])}, TypeError, r"np.flatnonzero\(queries\)"),
        ({"queries": [0, True]}, TypeError, "queries=True is of type bool"),
        ({"queries": True}, TypeError, "queries=True is of type bool; expected an int or a list of ints"),
        ({"queries": "01"}, TypeError, "queries='01' is of type str"),
        ({"queries": {0, 1}}, TypeError, r"of type set; expected an int or a list.*list\(queries\)"),
        ({"queries": {0: 1}.keys()}, TypeError, r"of type dict_keys.*list\(queries\)"),
        ({"normalize": "False"}, TypeError, "normalize='False' is of type str; expected True or False"),
        ({"normalize": "no"}, TypeError, "normalize='no'"),
        ({"normalize": None}, TypeError, "normalize=None is of type NoneType"),
        ({"normalize": []}, TypeError, r"normalize=\[\] is of type list"),
        ({"normalize": 1}, TypeError, "normalize=1 is of type int"),
        ({"renormalize": "False"}, TypeError, "renormalize='False' is of type str; expected True or False"),
        ({"keep": [1, 1, 0]}, TypeError, "keep has dtype int64; expected bool.*attention_mask == 1"),
        ({"keep": [True, False]}, ValueError, r"keep has shape \(2,\); expected \(3,\), .*shape \(3, 3\)"),
        ({"keep": [[True] * 3]}, ValueError, r"keep has shape \(1, 3\); expected \(3,\)"),
        ({"keep": [False] * 3}, ValueError, "keep leaves out every position; expected at least one token"),
        ({"keep": np.ma.array([True] * 3)}, TypeError, "keep is a masked array"),
    ],
)
def test_a_bad_argument_is_refused_by_name_and_value(arguments, error, message):
    with pytest.raises(error, match=message):
        rollout(UNIFORM, **arguments)
    if "queries" not in arguments:
        with pytest.raises(error, match=message):
            rollout_steps(UNIFORM, **arguments)


def test_a_flag_may_be_numpys():
    np.testing.assert_array_equal(
        rollout(UNIFORM, normalize=np.False_), rollout(UNIFORM, normalize=False, renormalize=np.False_)
    )


def test_keep_names_the_example_that_it_leaves_nothing_of():
    batch = random_attentions(2, 3, 2, 4, 4)
    keep = np.ones((3, 4), dtype=bool)
    keep[1] = False
    with pytest.raises(ValueError, match="leaves out every position of example 1"):
        rollout(batch, keep=keep)
    with pytest.raises(ValueError, match=r"keep has shape \(2, 4\); expected \(4,\) or \(3, 4\)"):
        rollout(batch, keep=keep[:2])


def test_a_row_that_no_head_agrees_on_cannot_be_normalised():
    with pytest.raises(ValueError, match=r"layer 0: the row at \[0\] sums to 0"):
        rollout([TWO_FAR_HEADS], residual="none", heads="min")
    with pytest.raises(ValueError, match=r"the rollout: the row at \[0\] sums to 0"):
        rollout([TWO_FAR_HEADS], residual="recursion", heads="min")
    np.testing.assert_array_equal(
        rollout([TWO_FAR_HEADS], residual="none", heads="min", normalize=False), [[0, 0], [0, 1]]
    )
    np.testing.assert_array_equal(rollout([TWO_FAR_HEADS], heads="min"), np.eye(2))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: fuse_heads(np.eye(3)), ValueError, r"shape \(3, 3\); expected \(\.\.\., H, N, N\)"),
        (lambda: fuse_heads(np.zeros((0, 3, 3))), ValueError, r"shape \(0, 3, 3\).*empty"),
        (lambda: fuse_heads(np.ones((2, 3, 4))), ValueError, r"shape \(2, 3, 4\)"),
        (lambda: fuse_heads(UNIFORM, "sum"), ValueError, "how='sum' is unknown"),
        (lambda: fuse_heads(UNIFORM, None), TypeError, "how=None is of type NoneType"),
        (lambda: fuse_heads([[[np.nan]]]), ValueError, r"attention holds nan at \[0, 0, 0\]"),
        (lambda: fuse_heads([[["x"]]]), TypeError, "real numbers"),
        (lambda: add_identity(np.ones(3)), ValueError, r"shape \(3,\); expected \(\.\.\., N, N\)"),
        (lambda: add_identity([[-1.0]]), ValueError, r"holds -1.0 at \[0, 0\]"),
        (lambda: add_identity([[1j]]), TypeError, "complex128"),
        (lambda: add_identity([[1.0]], 2), ValueError, "weight=2 is out of range"),
        (lambda: add_identity([[1.0]], "half"), TypeError, "weight='half' is of type str"),
    ],
)
def test_the_building_blocks_refuse_what_is_no_attention(call, error, message):
    with pytest.raises(error, match=message):
        call()
