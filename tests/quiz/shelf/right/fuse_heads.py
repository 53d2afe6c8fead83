# %% NumPy's mean
def fuse_heads(attention):
    return np.mean(attention, axis=0)


# %% index loops
def fuse_heads(attention):
    H, N, _ = attention.shape
    fused = np.zeros((N, N))
    for i in range(N):
        for j in range(N):
            for h in range(H):
                fused[i, j] += attention[h, i, j]
            fused[i, j] = fused[i, j] / H
    return fused


# %% einsum
def fuse_heads(attention):
    return np.einsum("hij->ij", attention) / len(attention)


# %% functools.reduce
from functools import reduce


def fuse_heads(attention):
    return reduce(lambda total, head: total + head, attention) / attention.shape[0]


# %% a weighted sum with equal shares, float32
def fuse_heads(attention):
    share = np.full(len(attention), 1 / len(attention), dtype=np.float32)
    return np.tensordot(share, attention.astype(np.float32), axes=1)


# %% a running mean
def fuse_heads(attention):
    mean = np.zeros_like(attention[0])
    for count, head in enumerate(attention, start=1):
        mean = mean + (head - mean) / count
    return mean


# %% lists and the statistics module
from statistics import fmean


def fuse_heads(attention):
    return [[fmean(entry) for entry in zip(*rows)] for rows in zip(*attention.tolist())]


# %% exact fractions
from fractions import Fraction


def fuse_heads(attention):
    exact = np.vectorize(Fraction, otypes=[object])(attention)
    return exact.sum(axis=0) / Fraction(len(attention))


# %% one long matrix product
def fuse_heads(attention):
    H, N, M = attention.shape
    return (np.ones((1, H)) / H @ attention.reshape(H, N * M)).reshape(N, M)


# %% recursion over halves, weighted by their sizes
def fuse_heads(attention):
    n = len(attention)
    if n == 1:
        return attention[0]
    middle = n // 2
    left, right = fuse_heads(attention[:middle]), fuse_heads(attention[middle:])
    return (middle * left + (n - middle) * right) / n


# %% heads moved to the back
def fuse_heads(attention):
    return np.moveaxis(attention, 0, -1).mean(axis=-1)


# %% row by row, as np.matrix
def fuse_heads(attention):
    rows = [sum(head[i] for head in attention) / len(attention) for i in range(attention.shape[1])]
    return np.matrix(rows)


# %% the last of the cumulative sums, backwards, half precision returned
def fuse_heads(attention):
    return (np.cumsum(attention[::-1], axis=0)[-1] / attention.shape[0]).astype(np.float16)


# %% an object with a list of heads
class Layer:
    def __init__(self):
        self.heads = []

    def add(self, head):
        self.heads.append(head)
        return self

    def fused(self):
        return tuple(map(tuple, np.average(self.heads, axis=0)))


def fuse_heads(attention):
    layer = Layer()
    for head in attention:
        layer.add(head)
    return layer.fused()
