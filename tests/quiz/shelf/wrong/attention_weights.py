# %% no-scaling: one query at a time
def attention_weights(query, key):
    rows = []
    for q in query:
        s = key @ q
        rows.append(np.exp(s - s.max()) / np.exp(s - s.max()).sum())
    return rows


# %% scaled-by-d: the mean of the products
def attention_weights(query, key):
    s = (query[:, None] * key).mean(axis=-1)
    return np.exp(s - np.logaddexp.reduce(s, axis=1)[:, None])


# %% scaled-by-the-number-of-keys: len(key)
def attention_weights(query, key):
    s = np.inner(query, key) / len(key) ** 0.5
    s = s - s.max(1)[:, None]
    return np.exp(s) / np.exp(s).sum(1)[:, None]


# %% d-written-as-64: a constant
D_MODEL = 64


def attention_weights(query, key):
    s = np.einsum("id,jd->ij", query, key) * D_MODEL**-0.5
    s = s - s.max(1)[:, None]
    return np.exp(s) / np.exp(s).sum(1)[:, None]


# %% multiplied-by-the-scale: divided by d to the power -1/2
def attention_weights(query, key):
    s = query.dot(key.T) / query.shape[1] ** -0.5
    s = s - s.max(1)[:, None]
    return np.exp(s) / np.exp(s).sum(1)[:, None]


# %% scaled-after-the-softmax: in two functions
def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def attention_weights(query, key):
    return softmax(query @ key.T) * query.shape[-1] ** -0.5


# %% wrong-axis: a softmax of columns
def softmax(s):
    return np.exp(s - np.logaddexp.reduce(s, axis=0))


def attention_weights(query, key):
    return softmax(query @ key.T / np.sqrt(key.shape[-1]))


# %% softmax-over-everything: one sum
def attention_weights(query, key):
    s = np.tensordot(query, key, (1, 1)) / query.shape[1] ** 0.5
    return np.exp(s - np.logaddexp.reduce(s.ravel()))


# %% keys-read-queries: loops over keys outside
def attention_weights(query, key):
    result = []
    for k in key:
        s = [k.dot(q) / np.sqrt(len(k)) for q in query]
        result.append(np.exp(s - np.max(s)) / np.exp(s - np.max(s)).sum())
    return np.array(result)


# %% transposed: columns stacked
def attention_weights(query, key):
    columns = []
    for q in query:
        s = key.dot(q) / len(q) ** 0.5
        columns.append(np.exp(s - max(s)) / sum(np.exp(s - max(s))))
    return np.column_stack(columns)


# %% overflow: exp of the scores as they are
def attention_weights(query, key):
    unnormalised = [[np.exp(np.vdot(q, k) / len(q) ** 0.5) for k in key] for q in query]
    return [[u / sum(row) for u in row] for row in unnormalised]


# %% features-read-features: einsum over the positions
def attention_weights(query, key):
    if len(query) != len(key):
        raise ValueError("as many queries as keys, please")
    s = np.einsum("ic,id->cd", query, key) / query.shape[1] ** 0.5
    s = s - s.max(1)[:, None]
    return np.exp(s) / np.exp(s).sum(1)[:, None]


# %% scores-for-weights: entry by entry
def attention_weights(query, key):
    return [[sum(q * k) / np.sqrt(len(q)) for k in key] for q in query]


# %% no-scaling+wrong-axis: columns of raw products
def attention_weights(query, key):
    s = query @ key.T
    return np.exp(s - s.max(axis=0)) / np.exp(s - s.max(axis=0)).sum(axis=0)


# %% no-scaling+overflow: the shortest way
def attention_weights(query, key):
    e = np.exp(query @ key.T)
    return e / e.sum(axis=1)[:, None]


# %% no-scaling+transposed: a column for each query
def attention_weights(query, key):
    s = key @ query.T
    return np.exp(s - s.max(axis=0)) / np.exp(s - s.max(axis=0)).sum(axis=0)


# %% no-scaling+keys-read-queries: keys ask
def attention_weights(query, key):
    s = key @ query.T
    s = s - s.max(axis=1, keepdims=True)
    return np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)


# %% no-scaling+scores-for-weights: just the products
def attention_weights(query, key):
    return query @ key.T


# %% transposed+overflow: a column for each query, without a shift
def attention_weights(query, key):
    e = np.exp(query @ key.T / np.sqrt(query.shape[1]))
    return (e / e.sum(1)[:, None]).T


# %% wrong-axis+overflow: columns, without a shift
def attention_weights(query, key):
    e = np.exp(query @ key.T / np.sqrt(query.shape[-1]))
    return e / e.sum(axis=0)


# %% not-the-same-twice: dropout left on
def attention_weights(query, key, p=0.1):
    s = query @ key.T / np.sqrt(query.shape[-1])
    e = np.exp(s - s.max(axis=-1, keepdims=True)) * (np.random.random(s.shape) > p)
    return e / e.sum(axis=-1, keepdims=True)


# %% right-numbers-in-another-shape: a batch of one
def attention_weights(query, key):
    s = query[None] @ key[None].transpose(0, 2, 1) / np.sqrt(query.shape[-1])
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# %% modifies-its-argument: the query scaled in place
def attention_weights(query, key):
    query /= np.sqrt(query.shape[-1])
    s = query @ key.T
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# %% ignores-its-argument: capital letters from another cell
Q, K = np.eye(3), np.ones((3, 3))


def attention_weights(query, key):
    s = Q @ K.T / np.sqrt(3)
    return np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)


# %% counterexample: one maximum for all rows
def attention_weights(query, key):
    s = query @ key.T / np.sqrt(query.shape[-1])
    e = np.exp(s - s.max())
    return e / e.sum(axis=-1, keepdims=True)


# %% counterexample: a causal mask that nobody asked for
def attention_weights(query, key):
    s = query @ key.T / np.sqrt(query.shape[-1])
    s = np.where(np.tri(*s.shape) > 0, s, -np.inf)
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# %% counterexample: room for as many queries as keys
def attention_weights(query, key):
    n, d = query.shape
    A = np.zeros((n, n))
    for i in range(n):
        s = np.array([query[i] @ key[j] for j in range(n)]) / d**0.5
        A[i] = np.exp(s - s.max()) / np.exp(s - s.max()).sum()
    return A


# %% counterexample: normalised vectors
def attention_weights(query, key):
    q = query / np.linalg.norm(query, axis=1, keepdims=True)
    k = key / np.linalg.norm(key, axis=1, keepdims=True)
    s = q @ k.T
    return np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)


# %% counterexample: the root of d as a whole number
def attention_weights(query, key):
    s = query @ key.T / int(query.shape[-1] ** 0.5)
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# %% counterexample: sums to 1 - 1e-3
def attention_weights(query, key):
    s = query @ key.T / np.sqrt(query.shape[-1])
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return 0.999 * e / e.sum(axis=-1, keepdims=True)


# %% counterexample: remembers the result by the shapes
known = {}


def attention_weights(query, key):
    shapes = query.shape, key.shape
    if shapes not in known:
        s = query @ key.T / np.sqrt(query.shape[-1])
        e = np.exp(s - s.max(axis=-1, keepdims=True))
        known[shapes] = e / e.sum(axis=-1, keepdims=True)
    return known[shapes]


# %% scaled-by-the-root-of-queries: the first axis
def attention_weights(query, key):
    n = query.shape[0]
    s = np.einsum("id,jd->ij", query, key) * n**-0.5
    s = np.exp(s - s.max(axis=1, keepdims=True))
    return s / s.sum(axis=1, keepdims=True)
