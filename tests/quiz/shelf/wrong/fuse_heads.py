# %% sum-over-heads: a loop that adds
def fuse_heads(attention):
    fused = np.zeros(attention.shape[1:])
    for head in attention:
        fused = fused + head
    return fused


# %% sum-divided-by-positions: the wrong name of the shape
def fuse_heads(attention):
    n, h, _ = attention.shape
    return np.einsum("hij->ij", attention) / h


# %% maximum-over-heads: reduce
from functools import reduce


def fuse_heads(attention):
    return reduce(np.maximum, attention)


# %% minimum-over-heads: sorted
def fuse_heads(attention):
    return np.sort(attention, axis=0)[0]


# %% mean-over-queries: head by head
def fuse_heads(attention):
    return [sum(head) / len(head) for head in attention]


# %% mean-over-keys: row by row
def fuse_heads(attention):
    return [[sum(row) / len(row) for row in head] for head in attention]


# %% first-head-only: sliced and squeezed
def fuse_heads(attention):
    return attention[:1].mean(axis=0)


# %% elementwise-product-of-heads: logarithms
def fuse_heads(attention):
    return np.exp(np.log(attention).sum(axis=0))


# %% heads-chained-like-layers: from the last to the first
def fuse_heads(attention):
    R = np.eye(attention.shape[-1])
    for head in attention[::-1]:
        R = R @ head
    return R


# %% mean-over-queries+sum-over-heads: sums of columns
def fuse_heads(attention):
    return attention.sum(axis=1)


# %% mean-over-queries+maximum-over-heads: the largest of each column
def fuse_heads(attention):
    return attention.max(axis=1)


# %% mean-over-keys+maximum-over-heads: the largest of each row
def fuse_heads(attention):
    return np.amax(attention, axis=-1)


# %% not-the-same-twice: a list that all calls share
def fuse_heads(attention, seen=[]):
    seen.extend(attention)
    shape = attention.shape[1:]
    return sum(head for head in seen if head.shape == shape) / len(attention)


# %% not-the-same-twice: a random head
def fuse_heads(attention):
    weights = np.random.dirichlet(np.ones(len(attention)))
    return np.tensordot(weights, attention, 1)


# %% right-numbers-in-another-shape: keepdims
def fuse_heads(attention):
    return attention.mean(axis=0, keepdims=True)


# %% right-numbers-in-another-shape: squeezed too much
def fuse_heads(attention):
    return np.squeeze(attention.mean(axis=0))


# %% modifies-its-argument: adds up in the first head
def fuse_heads(attention):
    total = attention[0]
    for head in attention[1:]:
        total += head
    return total / len(attention)


# %% sum-over-heads+modifies-its-argument: adds up in the first head and leaves it there
def fuse_heads(attention):
    for head in attention[1:]:
        attention[0] += head
    return attention[0]


# %% counterexample: twelve heads, as in BERT
HEADS = 12


def fuse_heads(attention):
    return attention.sum(axis=0) / HEADS


# %% counterexample: the first two heads
def fuse_heads(attention):
    return (attention[0] + attention[-1]) / 2


# %% counterexample: the median
def fuse_heads(attention):
    return np.median(attention, axis=0)


# %% counterexample: a loop that forgets the last head
def fuse_heads(attention):
    total = 0
    for h in range(len(attention) - 1):
        total = total + attention[h]
    return total / len(attention)


# %% counterexample: a loop that divides in every turn
def fuse_heads(attention):
    mean = attention[0]
    for head in attention[1:]:
        mean = (mean + head) / 2
    return mean


# %% counterexample: the maximum, normalised
def fuse_heads(attention):
    top = attention.max(axis=0)
    return top / top.sum(axis=-1, keepdims=True)


# %% transposed: indices in the wrong order
def fuse_heads(attention):
    return np.einsum("hij->ji", attention) / len(attention)


# %% counterexample: made symmetric
def fuse_heads(attention):
    mean = attention.mean(axis=0)
    return (mean + mean.T) / 2


# %% counterexample: the mean, rounded to two digits
def fuse_heads(attention):
    return attention.mean(axis=0).round(2)


# %% counterexample: room for five positions
def fuse_heads(attention):
    fused = np.zeros((5, 5))
    for i in range(5):
        for j in range(5):
            fused[i, j] = attention[:, i, j].mean()
    return fused
