# %% from zeros
def rollout_recursion(layers):
    R = np.zeros(layers[0].shape)
    for A in layers:
        R = A @ (R + np.eye(len(A)))
    return R


# %% the closed sum
from functools import reduce


def rollout_recursion(layers):
    return sum(reduce(lambda R, A: A @ R, layers[start:]) for start in range(len(layers)))


# %% a function that calls itself
def rollout_recursion(layers):
    A = layers[-1]
    if len(layers) == 1:
        return A.tolist()
    return (A @ (np.array(rollout_recursion(layers[:-1])) + np.identity(len(A)))).tolist()


# %% multiplied out
def rollout_recursion(layers):
    R = layers[0].copy()
    for A in layers[1:]:
        R = A @ R
        R += A
    return R


# %% from the top: ever longer products, added up
def rollout_recursion(layers):
    P = np.eye(layers.shape[-1])
    R = 0
    for A in layers[::-1]:
        P = P @ A
        R = R + P
    return R


# %% twice the size, so that adding the identity is a product too
def rollout_recursion(layers):
    N = layers.shape[1]
    I, O = np.eye(N), np.zeros((N, N))
    state = np.vstack([O, I])
    for A in layers:
        state = np.block([[A, A], [O, I]]) @ state
    return state[:N]


# %% the last row of blocks of an inverse
def rollout_recursion(layers):
    L, N, _ = layers.shape
    M = np.eye((L + 1) * N)
    for l, A in enumerate(layers):
        M[(l + 1) * N : (l + 2) * N, l * N : (l + 1) * N] -= A
    last = np.linalg.inv(M)[-N:]
    return sum(np.hsplit(last[:, : L * N], L))


# %% loops and lists
def rollout_recursion(layers):
    L, N, _ = np.shape(layers)
    R = [list(row) for row in layers[0]]
    for l in range(1, L):
        plus = [[R[i][j] + (i == j) for j in range(N)] for i in range(N)]
        R = [[sum(layers[l, i, k] * plus[k][j] for k in range(N)) for j in range(N)] for i in range(N)]
    return R


# %% einsum in float32
def rollout_recursion(layers):
    A = layers.astype("float32")
    R = A[0]
    eye = np.eye(R.shape[0], dtype="float32")
    for l in range(1, len(A)):
        R = np.einsum("ik,kj->ij", A[l], R + eye)
    return R


# %% reduce with a start value
from functools import reduce as fold


def rollout_recursion(layers):
    step = lambda R, A: A @ R + A
    return fold(step, layers, np.zeros_like(layers[0]))


# %% paths that begin at any level and climb without a gap
def rollout_recursion(layers):
    N = layers.shape[-1]
    R = np.zeros((N, N))
    for entry in range(len(layers)):
        for source in range(N):
            share = {source: 1.0}
            for A in layers[entry:]:
                share = {i: sum(A[i, k] * w for k, w in share.items()) for i in range(N)}
            for output, weight in share.items():
                R[output, source] += weight
    return R


# %% np.matrix
def rollout_recursion(layers):
    I = np.matrix(np.eye(len(layers[0])))
    R = None
    for A in layers:
        R = np.matrix(A) if R is None else np.matrix(A) * (R + I)
    return R


# %% the diagonal of a copy, half precision returned
def rollout_recursion(layers):
    R = np.array(layers[0])
    for A in layers[1:]:
        below = R.copy()
        np.fill_diagonal(below, below.diagonal() + 1)
        R = A @ below
    return R.astype(np.float16)


# %% steps kept in an object
class Recursion:
    def __init__(self, layers):
        self.layers = layers

    def step(self, l):
        if l == 1:
            return self.layers[0]
        return self.layers[l - 1] @ (self.step(l - 1) + np.eye(self.layers.shape[-1]))


def rollout_recursion(layers):
    return Recursion(layers).step(len(layers))
