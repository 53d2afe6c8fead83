"""What refused attention may be, and what to do about it: the second half of the errors in `_inputs`.

Shape and sum rarely prove where a matrix came from. So each sentence lists what is known to look like that.
"""

NO_WEIGHTS = (
    'fused attention keeps no weights: load the model with attn_implementation="eager" and call it with '
    "output_attentions=True (timm: block.attn.fused_attn = False; nn.MultiheadAttention: need_weights=True)"
)
_ONE_PASS = "run one forward pass over the whole text, model(ids, output_attentions=True)"
GENERATED = (
    "generate() returns a tuple of steps, each a tuple of layers: pass attentions[0], the layers over the "
    f"prompt, or {_ONE_PASS}"
)
_DROPOUT = "dropout: call model.eval() first"
_HALF_PRECISION = "an overflow in half precision: run the model in float32 or bfloat16"
_HIDDEN_STATES = (
    "hidden states: pass outputs.attentions (in the plain tuple of return_dict=False they stand further back)"
)
_SCORES = "scores before the softmax (logits): rollout_lab.softmax(scores) makes weights of them"
_OUTPUT_FIELDS = ("attentions", "encoder_attentions", "decoder_attentions")


def of_type(attentions):
    """For what is neither an array nor a sequence, or is a model's whole output."""
    fields = [name for name in _OUTPUT_FIELDS if getattr(attentions, name, None) is not None]
    if fields or hasattr(attentions, "attentions"):
        parts = " or ".join(f"outputs.{name}" for name in fields or ["attentions"])
        return f"If `outputs` is what the model returned, pass {parts}"
    if hasattr(attentions, "keys"):
        return 'Pass outputs["attentions"], or list(attentions.values()) where each value is a layer'
    if isinstance(attentions, (set, frozenset)):
        return "A set has no order: pass a list, the first layer first"
    if hasattr(attentions, "__iter__"):
        return "Pass list(attentions)"
    return "A Hugging Face model's are outputs.attentions"


def of_unreadable_tensor(tensor):
    """For a PyTorch tensor that NumPy cannot hold."""
    if getattr(tensor, "is_nested", False):
        return "a nested tensor: pass torch.nested.to_padded_tensor(layer, 0.0), and keep= to name the tokens"
    if "sparse" in str(tensor.layout):
        return "a sparse tensor: pass layer.to_dense()"
    if str(tensor.device) == "meta":
        return "a tensor without values, on the meta device: run the model on a real device"
    return f"a tensor of {tensor.dtype}: pass layer.float(), with renormalize=True if that moves the row sums"


def of_last_axes(shape):
    """For a layer whose last two axes differ."""
    causes = ["cross-attention: pass encoder_attentions or decoder_attentions, where tokens read themselves"]
    if len(shape) < 4:
        causes.insert(0, _HIDDEN_STATES)
    if shape[-2] == 1:
        causes.insert(0, f"one step of generate(), where one query reads every key so far: {_ONE_PASS}")
    elif len(shape) == 4:
        causes.append(
            "attention in windows (Longformer): place them in maps of (N, N), 0 outside the windows"
        )
    return _may_be(*causes)


def of_different_layers(shape, first):
    """For a layer of another shape than layer 0."""
    if shape[-2:] != first[-2:]:
        return (
            "The number of tokens differs, as between the steps of generate() or the stages of a model that "
            f"merges patches (Swin). For generate(), {_ONE_PASS}. Over such stages rollout is not defined, "
            "since a position is not the same token in each"
        )
    if len(shape) == len(first) == 4 and shape[0] != first[0]:
        return (
            "The number of examples differs: pass the layers of one forward pass. If they are windows "
            "(Swin), rollout is not defined, since a window holds other tokens in each layer"
        )
    return "If only the number of heads differs, fuse each layer's heads first and pass heads=None"


def of_value(value):
    """For a weight that is not finite, or negative."""
    if value != value:
        pad = "the row of a pad, whose mask leaves it nothing to read: name the tokens with keep= of rollout"
        return _may_be(pad, _HALF_PRECISION)
    if value == float("inf"):
        return _may_be(_HALF_PRECISION, _SCORES)
    return _may_be(_SCORES, _HIDDEN_STATES)


def of_row_sum(total, columns_sum_to_one):
    """For a row whose weights, finite and not negative, do not sum to 1."""
    if columns_sum_to_one:
        return (
            "The columns do, and attention[i, j] is how much query i reads from key j: "
            "pass layer.swapaxes(-1, -2)"
        )
    if total == 0:
        return _may_be("the row of a pad: name the positions that are tokens with keep=")
    if total < 1:
        return _may_be(
            "attention whose sink takes the rest (gpt-oss): renormalize=True divides each row by its sum",
            "a pad's row, or one whose share for pads was cut: name the tokens with keep=",
            _DROPOUT,
        )
    return _may_be(
        _SCORES,
        "attention with the identity added already: pass it without, `residual` adds it",
        _DROPOUT,
    )


def of_share_for_pads(total):
    """For a token's row that sums to 1 only with what it reads from positions that `keep` leaves out."""
    cure = "give the model its attention_mask, so that no token reads a pad"
    if total > 0:
        cure += ", or pass renormalize=True, which divides what is left by its sum"
    return f"The rest goes to positions that keep leaves out: {cure}"


def _may_be(*causes):
    return "It may be " + "; or ".join(causes)
