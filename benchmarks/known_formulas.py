"""Attention rollout as others have it, told anew: what `rollout` is timed beside.

Each takes layers (1, H, N, N) whose rows sum to 1, the first layer first, and gives R (N, N); with `xp=torch`
from PyTorch's tensors. None of them checks what it is given.
"""

from __future__ import annotations

import numpy as np


def plain_loop(layers, xp=np):
    """The loop that everyone writes: fuse, add, divide, multiply."""
    R = identity = xp.eye(layers[0].shape[-1], dtype=layers[0].dtype)
    for A in layers:
        augmented = A[0].mean(0) + identity
        R = augmented / augmented.sum(-1)[:, None] @ R
    return R


def all_steps(layers, dtype=np.float64):
    """All layers as one array, and the rollout up to each of them kept in double precision.

    Source: `compute_joint_attention` of samiraabnar/attention_flow, whose identity has double precision,
    and so has all that follows. `attention_rollout_map` of keras-io (examples/vision/probing_vits.py) does
    the same with an identity in single precision.
    """
    A = np.stack([layer[0] for layer in layers]).mean(axis=1)
    A = A + np.eye(A.shape[-1], dtype=dtype)
    A /= A.sum(axis=-1, keepdims=True)
    steps = np.zeros(A.shape)
    steps[0] = A[0]
    for i in range(1, len(A)):
        steps[i] = A[i] @ steps[i - 1]
    return steps[-1]


def from_the_identity(layers, xp=np):
    """The mean of the heads with nothing discarded, (A + I) / 2, divided by its sums, times what is below.

    Source: `rollout` of jacobgil/vit-explain (vit_rollout.py) with head_fusion="mean" and discard_ratio=0,
    where its division without `keepdim` does no harm.
    """
    R = xp.eye(layers[0].shape[-1], dtype=layers[0].dtype)
    for A in layers:
        A = (A.mean(1) + xp.eye(A.shape[-1], dtype=A.dtype)) / 2
        R = A / A.sum(-1)[..., None] @ R
    return R[0]


def from_a_layer(layers, xp=np, start_layer=0):
    """First all augmented layers, then their product from `start_layer` on.

    Source: `compute_rollout_attention` of hila-chefer/Transformer-Explainability, and the mean over heads
    that it is given there.
    """
    fused = [A.sum(1) / A.shape[1] for A in layers]
    identity = xp.eye(fused[0].shape[-1], dtype=fused[0].dtype)[None]
    augmented = [A + identity for A in fused]
    augmented = [A / A.sum(-1)[..., None] for A in augmented]
    R = augmented[start_layer]
    for A in augmented[start_layer + 1 :]:
        R = A @ R
    return R[0]


def fused_in_torch(layers, torch):
    """The least that PyTorch can do: into memory that is there, (A @ R + R) / 2 as one product."""
    N = layers[0].shape[-1]
    mean, R, spare = (layers[0].new_empty(N, N) for _ in range(3))
    torch.eye(N, out=R)
    for i, A in enumerate(layers):
        torch.mean(A[0], 0, out=mean)
        if i == 0:
            R.add_(mean).div_(2)
        else:
            R, spare = torch.addmm(R, mean, R, beta=0.5, alpha=0.5, out=spare), R
    return R


def row_in_torch(layers, torch, query=0):
    """One row as PyTorch has it fastest: a row times each layer, the last one first."""
    mean = layers[0].new_empty(layers[0].shape[-2:])
    r = layers[0].new_zeros(len(mean))
    r[query] = 1
    for A in reversed(layers):
        torch.mean(A[0], 0, out=mean)
        r = torch.addmv(r, mean.T, r, beta=0.5, alpha=0.5)
    return r
