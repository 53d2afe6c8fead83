# %% normalised once, at the end
from functools import reduce


def rollout_with_identity(layers):
    I = np.eye(layers.shape[-1])
    R = reduce(lambda R, A: (A + I) @ R, layers, I)
    return R / R.sum(axis=1, keepdims=True)


# %% all subsets of layers
from itertools import product


def rollout_with_identity(layers):
    L, N, _ = layers.shape
    total = np.zeros((N, N))
    for used in product([False, True], repeat=L):
        R = np.eye(N)
        for use, A in zip(used, layers):
            if use:
                R = A @ R
        total += R
    return total / 2**L


# %% half stays, half is read: no identity matrix anywhere
def rollout_with_identity(layers):
    R = layers[0] / 2
    for i in range(len(R)):
        R[i, i] += 0.5
    for A in layers[1:]:
        R = 0.5 * R + 0.5 * A.dot(R)
    return R


# %% a helper for one layer
def augment(attention):
    A = attention + np.eye(len(attention))
    return A / A.sum(axis=-1, keepdims=True)


def rollout_with_identity(layers):
    R = augment(layers[0])
    for A in layers[1:]:
        R = augment(A) @ R
    return R


# %% all layers augmented at once, one einsum
def rollout_with_identity(layers):
    hats = layers + np.eye(layers.shape[-1])
    hats /= hats.sum(axis=-1, keepdims=True)
    arguments = []
    for position, hat in enumerate(hats[::-1]):
        arguments += [hat, [position, position + 1]]
    return np.einsum(*arguments, [0, len(hats)], optimize="greedy")


# %% plain lists
def rollout_with_identity(layers):
    matrices = layers.tolist()
    N = len(matrices[0])

    def times(A, B):
        return [[sum(A[i][k] * B[k][j] for k in range(N)) for j in range(N)] for i in range(N)]

    hats = [[[(A[i][j] + (i == j)) / 2 for j in range(N)] for i in range(N)] for A in matrices]
    R = hats.pop(0)
    while hats:
        R = times(hats.pop(0), R)
    return R


# %% sorted by the number of hops
def rollout_with_identity(layers):
    L, N, _ = layers.shape
    by_hops = [np.eye(N)] + [np.zeros((N, N)) for _ in range(L)]
    for A in layers:
        by_hops = [by_hops[0]] + [by_hops[k] + A @ by_hops[k - 1] for k in range(1, L + 1)]
    return sum(by_hops) * 0.5**L


# %% a lazy walker, starting at each output
def rollout_with_identity(layers):
    rows = []
    for output in range(layers.shape[1]):
        where = np.zeros(layers.shape[1], dtype=np.float32)
        where[output] = 1
        for A in np.flip(layers, axis=0):
            where = (where + where @ A.astype(np.float32)) / 2
        rows.append(where)
    return rows


# %% recursion, with the top layer last
def rollout_with_identity(layers):
    *below, A = layers
    hat = A + np.eye(len(A))
    hat = hat / np.sum(hat, axis=1)[:, None]
    return hat if not below else hat @ rollout_with_identity(np.array(below))


# %% transposed throughout
def rollout_with_identity(layers):
    N = layers.shape[-1]
    T = np.eye(N)
    for A in layers.transpose(0, 2, 1):
        T = T @ (A + np.eye(N)) / 2
    return T.T


# %% a matrix of blocks, each level made of the one below
def rollout_with_identity(layers):
    L, N, _ = layers.shape
    chain = np.zeros(((L + 1) * N,) * 2)
    for l in range(L):
        block = np.s_[(l + 1) * N : (l + 2) * N, l * N : (l + 1) * N]
        chain[block] = (layers[l] + np.eye(N)) / 2
    return np.linalg.matrix_power(chain, L)[-N:, :N]


# %% np.matrix, powers of two kept for the end
def rollout_with_identity(layers):
    R = np.matrix(np.eye(layers.shape[2]))
    for A in layers:
        R = R + np.matrix(A) * R
    return R / 2 ** len(layers)


# %% pairs multiplied until one is left, half precision returned
def rollout_with_identity(layers, weight=0.5):
    hats = [(1 - weight) * A + weight * np.eye(len(A)) for A in layers]
    while len(hats) > 1:
        pairs = [hats[i + 1] @ hats[i] for i in range(0, len(hats) - 1, 2)]
        hats = pairs + (hats[-1:] if len(hats) % 2 else [])
    return hats[0].astype(np.float16)


# %% a closure that remembers the identity between calls
def maker():
    identities = {}

    def rollout(layers):
        N = layers.shape[-1]
        if N not in identities:
            print("a new size:", N)
            identities[N] = np.eye(N)
        R = identities[N]
        for A in layers:
            augmented = A + identities[N]
            R = (augmented / augmented.sum(-1)[:, None]) @ R
        return tuple(map(tuple, R))

    return rollout


rollout_with_identity = maker()
