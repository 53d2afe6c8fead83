"""What `rollout` takes, in which precision, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout_lab import add_identity, fuse_heads, rollout, rollout_steps
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
TWO_FAR_HEADS = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]])


@pytest.mark.parametrize(
    ("attentions_given", "error", "message"),
    [
        (None, TypeError, 'attentions is None.*attn_implementation="eager"'),
        ((None, None), TypeError, 'layer 0 .*is None.*attn_implementation="eager"'),
        ([UNIFORM[0], None], TypeError, r"layer 1 \(attentions\[1\]\) is None"),
        ("attention", TypeError, "attentions is of type str"),
        ({"attentions": UNIFORM}, TypeError, "attentions is of type dict.*outputs.attentions"),
        (3, TypeError, "attentions is of type int"),
        ((layer for layer in UNIFORM), TypeError, "attentions is of type generator"),
        ([], ValueError, "no layers"),
        (np.zeros((0, 3, 3)), ValueError, "no layers"),
        (UNIFORM[0], ValueError, r"attentions has shape \(3, 3\).*layers first.*\[attention\]"),
        (UNIFORM[0].tolist(), ValueError, r"layer 0 .*shape \(3,\).*\[attention\]"),
        ([0.5, 0.5], ValueError, r"layer 0 .*shape \(\)"),
        (np.ones((2, 2, 2, 2, 1, 1)), ValueError, r"layer 0 .*shape \(2, 2, 2, 1, 1\).*heads=None"),
        ([UNIFORM[0], np.eye(2)], ValueError, r"layer 1 .*shape \(2, 2\) but layer 0 has \(3, 3\)"),
        ([UNIFORM, UNIFORM[0]], ValueError, r"layer 1 .*shape \(3, 3\) but layer 0 has \(2, 3, 3\)"),
        ([UNIFORM, UNIFORM[:1]], ValueError, r"layer 1 .*\(1, 3, 3\).*fuse each layer's heads"),
        ([UNIFORM[0], [[1.0], [0.5, 0.5]]], ValueError, "layer 1 .*ragged"),
        ([np.ones((2, 3)) / 3], ValueError, r"layer 0 .*shape \(2, 3\).*last two axes differ"),
        ([np.zeros((0, 0))], ValueError, r"layer 0 .*shape \(0, 0\).*at least one token"),
        (np.zeros((2, 0, 3, 3)), ValueError, r"layer 0 .*shape \(0, 3, 3\).*empty"),
        (spoiled((2, 1, 3, 0), np.nan), ValueError, r"layer 2 .*holds nan at \[1, 3, 0\].*finite"),
        (spoiled((1, 0, 2, 1), np.inf), ValueError, r"layer 1 .*holds inf at \[0, 2, 1\].*finite"),
        (spoiled((1, 0, 2, 1), -np.inf), ValueError, r"layer 1 .*holds -inf at \[0, 2, 1\].*finite"),
        ([[[1.25, -0.25], [0.0, 1.0]]], ValueError, r"layer 0 .*holds -0.25 at \[0, 1\].*negative"),
        (
            spoiled((2, 1, 3), 0.5),
            ValueError,
            r"layer 2 .*row at \[1, 3\] sums to 2; expected 1 within 0.001",
        ),
        (np.zeros((1, 2, 2)), ValueError, r"layer 0 .*row at \[0\] sums to 0"),
        (UNIFORM * 1.002, ValueError, "layer 0 .*sums to 1.002"),
        ((UNIFORM * 1.03).astype(np.float16), ValueError, "layer 0 .*sums to 1.02979.*within 0.02"),
        (Tensor(UNIFORM * 1.03, "torch.bfloat16"), ValueError, "layer 0 .*sums to 1.03.*within 0.02"),
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
    for layers in (UNIFORM * 1.0009, (UNIFORM * 1.015).astype(np.float16)):
        assert rollout(layers).sum(-1) == pytest.approx(1)
        assert rollout(Tensor(layers)).sum(-1) == pytest.approx(1)


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
        ({"queries": [True, False, True]}, TypeError, "queries=True is of type bool"),
        ({"queries": np.array([True, False, True])}, TypeError, "expected an int"),
        ({"queries": "01"}, TypeError, "queries='01' is of type str"),
        ({"queries": {0, 1}}, TypeError, "is of type set"),
    ],
)
def test_a_bad_argument_is_refused_by_name_and_value(arguments, error, message):
    with pytest.raises(error, match=message):
        rollout(UNIFORM, **arguments)
    if "queries" not in arguments:
        with pytest.raises(error, match=message):
            rollout_steps(UNIFORM, **arguments)


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
