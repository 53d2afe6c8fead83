"""How much each token of a long prompt draws from each part of it: attention rollout without attention maps.

    python long_prompt.py MODEL prompt.txt      what the last token draws from each paragraph

One layer of rollout turns S, what each token holds of each part, into w·S + (1 - w)·(mean over heads of A) S.
And A S is what attention computes where S stands in the place of the values. So S rides along one forward
pass, through the kernel that the model uses anyway, and no map of N × N numbers is made.
In a deep decoder nearly all of it may run to the first token: give that token a span of its own.
Copy this file beside your code: it needs PyTorch and transformers 5, and nothing of rollout_lab.
"""

import re
import sys
from pathlib import Path
from threading import RLock, get_ident

import torch
from torch.nn.functional import one_hot, pad
from transformers import AttentionInterface, AutoModel, AutoTokenizer
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

_ONE_AT_A_TIME = RLock()


def rollout_over_spans(model, spans, *, residual="identity", **inputs):
    """How much each token draws from each of g spans, (B, N, g), as `rollout(attentions) @ S` gives it.

    `spans` are (start, stop) positions of tokens, or S itself, (N, g). `residual` is that of `rollout`:
    "identity" (w = 0.5), "none" (w = 0), "recursion" or w. `inputs` go to the model, once. Pads, where
    `attention_mask` is 0, draw and give nothing. In half precision S is rounded once a layer, as values are.
    """
    w = {"identity": 0.5, "none": 0, "recursion": 0}.get(residual, residual)
    if isinstance(w, str) or not 0 <= w <= 1:
        raise ValueError(f'residual={residual!r}; expected "identity", "none", "recursion" or 0 to 1')
    if getattr(model.config, "_attn_implementation", None) != "sdpa" or model.training:
        raise ValueError('load the model with attn_implementation="sdpa", and call model.eval()')
    if (mask := inputs.get("attention_mask")) is not None and getattr(mask, "ndim", None) != 2:
        raise ValueError('attention_mask is no tensor (B, N), 0 for a pad; return_tensors="pt" gives one')
    modules, caller, S, sources, drawn, n_layers = {*model.modules()}, get_ident(), None, None, None, 0

    def attention(module, query, key, value, attention_mask, **options):
        nonlocal S, sources, drawn, n_layers
        if module in modules and get_ident() == caller:  # not what another thread or model runs meanwhile
            (B, _, n, d), m = query.shape, key.shape[-2]
            if m != n or (n_layers and S.shape[:2] != (B, n)):
                raise ValueError(f"{n} queries read {m} keys: pass the whole text, no cache, to one model")
            if S is None:
                S = sources = _sources(spans, n).to(query.device).expand(B, -1, -1)
            mixed = []
            for part in S.split(d, dim=-1):  # values wider or narrower than d would cost the fused kernel
                values = pad(part, (0, d - part.shape[-1])).to(value.dtype)[:, None].expand_as(key)
                out, _ = plain(module, query, key, values, attention_mask, **options)
                mixed.append(out.mean(dim=2, dtype=S.dtype)[..., : part.shape[-1]])
            drawn = w * S + (1 - w) * torch.cat(mixed, dim=-1)
            drawn = drawn if mask is None else drawn.masked_fill(mask[..., None] == 0, 0)
            S = drawn + sources if residual == "recursion" else drawn
            n_layers += 1
        return plain(module, query, key, value, attention_mask, **options)

    with _ONE_AT_A_TIME, torch.no_grad():
        plain = ALL_ATTENTION_FUNCTIONS["sdpa"]
        # In its place: under a new name the model would get no mask, and read pads in silence.
        AttentionInterface.register("sdpa", attention)
        try:
            model(**inputs)
        finally:
            AttentionInterface.register("sdpa", plain)
    n = getattr(model.config.get_text_config(), "num_hidden_layers", None)
    if n_layers != n or "encoder_hidden_states" in inputs:
        raise ValueError(f"attention ran {n_layers} times for {n} layers; expected self-attention, once each")
    return drawn / n_layers if residual == "recursion" else drawn


def _sources(spans, n):
    if not hasattr(spans, "shape"):
        pairs = [tuple(span) if hasattr(span, "__iter__") else (span,) for span in spans]
        if not pairs or not all(len(pair) == 2 and 0 <= pair[0] < pair[1] <= n for pair in pairs):
            raise ValueError(f"spans are {pairs}; expected pairs with 0 <= start < stop <= {n}")
        spans = torch.stack([pad(torch.ones(j - i), (i, n - j)) for i, j in pairs], dim=-1)
    if spans.ndim != 2 or len(spans) != n or not spans.shape[1]:
        raise ValueError(f"spans has shape {tuple(spans.shape)}; expected (N, g) for N = {n} tokens")
    return torch.as_tensor(spans).float()


def main(name, file):
    """Print how much the last token draws from each paragraph."""
    text = Path(file).read_text(encoding="utf-8").strip()
    parts = re.findall(r".+?(?:\n\s*\n\s*|\Z)", text, re.DOTALL)
    inputs = AutoTokenizer.from_pretrained(name)(text, return_tensors="pt", return_offsets_mapping=True)
    start, stop = inputs.pop("offset_mapping")[0].T.contiguous()
    where = 1 + torch.bucketize(start, torch.tensor([len(part) for part in parts]).cumsum(0), right=True)
    where[0], where[stop == 0] = 0, 0  # special tokens stand at no place of the text
    model = AutoModel.from_pretrained(name, attn_implementation="sdpa").eval()  # no logits: N × vocabulary
    shares = rollout_over_spans(model, one_hot(where, len(parts) + 1), **inputs)[0, -1]
    for share, part in zip(shares, ["(first token and special tokens)", *parts], strict=True):
        print(f"{share:9.4%}  {' '.join(part.split())[:90]}")


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) == 3 else sys.exit(__doc__)
