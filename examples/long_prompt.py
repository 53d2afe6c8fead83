"""How much each token of a long prompt draws from each part of it: attention rollout without attention maps.

    python long_prompt.py MODEL prompt.txt      what the last token draws from each paragraph

One layer of rollout turns S, what each token holds of each part, into w·S + (1 - w)·(mean over heads of A) S.
And A S is what attention computes where S stands in the place of the values. So S rides along one forward
pass, through the kernel that the model uses anyway, and no map of N × N numbers is made.
In a deep decoder nearly all of it may run to the first token: give that token a span of its own.
Copy `rollout_over_spans` into your code: it needs PyTorch and transformers 5, and nothing of rollout_lab.
"""

import re
import sys
from pathlib import Path

import torch
from torch.nn.functional import one_hot, pad
from transformers import AttentionInterface, AutoModel, AutoTokenizer
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS


def rollout_over_spans(model, spans, *, residual=0.5, **inputs):
    """How much each token draws from each of g spans, (B, N, g), as `rollout(attentions) @ S` gives it.

    `spans` are (start, stop) positions of tokens, or S itself, a tensor (N, g). `residual` is the identity's
    weight w. `inputs` go to the model, once. Pads, where `attention_mask` is 0, draw and give nothing. In
    half precision S is rounded once a layer, as the values are.
    """
    config, keep = model.config, inputs.get("attention_mask")
    if config._attn_implementation != "sdpa" or model.training:
        raise ValueError('load the model with attn_implementation="sdpa", and call model.eval()')
    if config.is_encoder_decoder or getattr(config, "add_cross_attention", False):
        raise ValueError("cross-attention reads other tokens: pass an encoder alone, or a plain decoder")
    plain, modules = ALL_ATTENTION_FUNCTIONS["sdpa"], set(model.modules())
    S, n_layers = None, 0

    def attention(module, query, key, value, attention_mask, **options):
        nonlocal S, n_layers
        if module in modules:  # of this model, and of no other that runs meanwhile
            n, d = query.shape[-2:]
            if key.shape[-2] != n:
                raise ValueError(f"{n} queries read {key.shape[-2]} keys: pass the whole text, and no cache")
            if S is None:
                S = _sources(spans, n).to(query.device).expand(len(query), -1, -1)
            mixed = []
            for part in S.split(d, dim=-1):  # values wider or narrower than d would cost the fused kernel
                values = pad(part, (0, d - part.shape[-1])).to(value.dtype)
                values = values[:, None].expand(-1, key.shape[1], -1, -1)
                out, _ = plain(module, query, key, values, attention_mask, **options)
                mixed.append(out.mean(dim=2, dtype=S.dtype)[..., : part.shape[-1]])
            S = residual * S + (1 - residual) * torch.cat(mixed, dim=-1)
            S = S if keep is None else S.masked_fill(keep[..., None] == 0, 0)
            n_layers += 1
        return plain(module, query, key, value, attention_mask, **options)

    # In place of "sdpa": under a new name the model would get no mask, and read pads in silence.
    AttentionInterface.register("sdpa", attention)
    try:
        with torch.no_grad():
            model(**inputs)
    finally:
        AttentionInterface.register("sdpa", plain)
    if n_layers != config.get_text_config().num_hidden_layers:
        raise ValueError(
            f"attention of {n_layers} layers was seen; the model's other layers mix tokens unseen"
        )
    return S


def _sources(spans, n):
    if not isinstance(spans, torch.Tensor):
        if not all(0 <= start < stop <= n for start, stop in spans):
            raise ValueError(f"spans are {spans}; expected pairs with 0 <= start < stop <= {n}")
        at = torch.arange(n)
        spans = torch.stack([(start <= at) & (at < stop) for start, stop in spans], dim=-1)
    if spans.ndim != 2 or len(spans) != n:
        raise ValueError(f"spans has shape {tuple(spans.shape)}; expected (N, g) for N = {n} tokens")
    return spans.float()


def main(name, file):
    """Print how much the last token draws from each paragraph."""
    text = Path(file).read_text(encoding="utf-8").strip()
    starts = [0, *(match.end() for match in re.finditer(r"\n\s*\n\s*", text))]
    inputs = AutoTokenizer.from_pretrained(name)(
        text, return_tensors="pt", return_offsets_mapping=True, return_special_tokens_mask=True
    )
    first = inputs.pop("offset_mapping")[0, :, 0].contiguous()
    paragraph = torch.bucketize(first, torch.tensor(starts), right=True)
    paragraph *= 1 - inputs.pop("special_tokens_mask")[0]
    paragraph[0] = 0
    model = AutoModel.from_pretrained(name, attn_implementation="sdpa").eval()  # no logits: N × vocabulary
    shares = rollout_over_spans(model, one_hot(paragraph, len(starts) + 1), **inputs)[0, -1]
    parts = [text[start:stop] for start, stop in zip(starts, [*starts[1:], None], strict=True)]
    for share, part in zip(shares, ["(first token and special tokens)", *parts], strict=True):
        print(f"{share:9.4%}  {' '.join(part.split())[:90]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
