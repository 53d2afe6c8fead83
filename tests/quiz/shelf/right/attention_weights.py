# %% entry by entry, lists and math
import math


def attention_weights(query, key):
    n_q, n_k, d = len(query), len(key), len(query[0])
    result = []
    for i in range(n_q):
        scores = []
        for j in range(n_k):
            dot = 0
            for c in range(d):
                dot += query[i][c] * key[j][c]
            scores.append(dot / math.sqrt(d))
        top = max(scores)
        e = [math.exp(s - top) for s in scores]
        result.append(tuple(x / sum(e) for x in e))
    return tuple(result)


# %% einsum in float32
def attention_weights(query, key):
    q, k = np.float32(query), np.float32(key)
    s = np.einsum("id,jd->ij", q, k) / np.sqrt(np.float32(q.shape[1]))
    e = np.exp(s - s.max(1, keepdims=True))
    return np.einsum("ij,i->ij", e, 1 / e.sum(1))


# %% the library's softmax, both factors scaled beforehand
from rollout_lab import softmax as their_softmax


def attention_weights(query, key):
    fourth_root = query.shape[1] ** 0.25
    return their_softmax((query / fourth_root) @ (key / fourth_root).T)


# %% an own softmax, np.dot
def softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def attention_weights(query, key):
    return softmax(np.dot(query, key.T) / query.shape[1] ** 0.5)


# %% broadcasting instead of a matrix product
def attention_weights(query, key):
    products = query[:, None, :] * key[None, :, :]
    scores = products.sum(axis=2) / np.sqrt(products.shape[2])
    return np.exp(scores - np.logaddexp.reduce(scores, axis=1)[:, None])


# %% by distances: q·k = (|q|² + |k|² - |q - k|²) / 2
def attention_weights(query, key):
    d = query.shape[-1]
    distances = ((query[:, None] - key) ** 2).sum(-1)
    scores = ((query**2).sum(-1)[:, None] + (key**2).sum(-1) - distances) / (2 * d**0.5)
    e = np.exp(scores - scores.max(-1)[:, None])
    return e / e.sum(-1)[:, None]


# %% a generator, one query at a time
def attention_weights(query, key):
    def rows():
        for q in query:
            scores = key @ q / len(q) ** 0.5
            weights = np.exp(scores - max(scores))
            yield weights / sum(weights)

    return list(rows())


# %% keys first, turned round at the end
def attention_weights(query, key):
    scores = np.matmul(key, query.T) / np.sqrt(key.shape[1])
    columns = np.exp(scores - scores.max(axis=0))
    return (columns / columns.sum(axis=0)).T


# %% a head as an object
from dataclasses import dataclass


@dataclass
class Head:
    scale: float = 0.5

    def __call__(self, query, key):
        scores = np.inner(query, key) * query.shape[-1] ** -self.scale
        unnormalised = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
        return unnormalised / np.sum(unnormalised, axis=-1, keepdims=True)


attention_weights = Head()


# %% np.vectorize over pairs of positions
def attention_weights(query, key):
    i, j = np.indices((len(query), len(key)))
    score = np.vectorize(lambda i, j: query[i].dot(key[j]) / np.sqrt(query.shape[1]))
    S = score(i, j)
    return 1 / np.exp(S[:, None, :] - S[:, :, None]).sum(axis=2)


# %% np.matrix, as in other languages
def attention_weights(query, key):
    Q, K = np.matrix(query), np.matrix(key)
    S = Q * K.T / np.sqrt(Q.shape[1])
    E = np.exp(S - S.max(axis=1))
    return E / E.sum(axis=1)


# %% tensordot, with a masked array on the way
def attention_weights(query, key, mask=None):
    scores = np.tensordot(query, key, axes=(1, 1)) / np.linalg.norm(np.ones(query.shape[1]))
    scores = np.ma.masked_array(scores, mask if mask is not None else False)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


# %% constants of its own, half precision returned
ROOT = 1 / 2
COLUMNS = 1


def attention_weights(query, key):
    length = query.shape[COLUMNS]
    scores = query.dot(key.transpose()) / length**ROOT
    weights = np.exp(scores - scores.max(axis=COLUMNS).reshape(-1, 1))
    return (weights / weights.sum(axis=COLUMNS).reshape(-1, 1)).astype("float16")


# %% queries in reverse, then flipped
def attention_weights(query, key):
    table = []
    for q in query[::-1]:
        scores = [float(np.vdot(q, k)) / len(q) ** 0.5 for k in key]
        shifted = np.array(scores) - max(scores)
        table.append((np.exp(shifted) / np.exp(shifted).sum()).tolist())
    return table[::-1]
