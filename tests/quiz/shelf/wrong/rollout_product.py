# %% order-reversed: NumPy's multi_dot in the order of the list
def rollout_product(layers):
    return layers[0] if len(layers) == 1 else np.linalg.multi_dot([*layers, np.eye(len(layers[0]))])


# %% order-reversed: recursion
def rollout_product(layers):
    return layers[0] if len(layers) == 1 else layers[0] @ rollout_product(layers[1:])


# %% sum-for-product: reduce with a plus
from functools import reduce
import operator


def rollout_product(layers):
    return reduce(operator.add, layers)


# %% mean-for-product: fused like heads
def rollout_product(layers):
    return np.average(layers, axis=0)


# %% elementwise-product: a star for an at
def rollout_product(layers):
    R = layers[0]
    for A in layers[1:]:
        R = A * R
    return R


# %% the-last-layer-says-it-all: R is overwritten
def rollout_product(layers):
    R = np.eye(layers.shape[1])
    for A in layers:
        R = A @ np.eye(layers.shape[1])
    return R


# %% transposed: transposes multiplied in the order of the list
def rollout_product(layers):
    R = np.eye(layers.shape[1])
    for A in layers:
        R = R @ A.T
    return R


# %% last-layer-missing: a range that stops early
def rollout_product(layers):
    R = layers[0]
    l = 1
    while l < len(layers) - 1:
        R = layers[l].dot(R)
        l += 1
    return R


# %% first-layer-missing: counted from 1
def rollout_product(layers):
    L, N, _ = layers.shape
    R = np.identity(N)
    for l in range(1, L):
        R = np.einsum("ik,kj->ij", layers[l], R)
    return R


# %% first-layer-twice: starts with A_1 and goes over all
from functools import reduce


def rollout_product(layers):
    return reduce(lambda R, A: A @ R, layers, layers[0])


# %% identity-added: half stays
def rollout_product(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = (R + A @ R) / 2
    return R


# %% order-reversed+transposed: every layer transposed first
def rollout_product(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = A.T @ R
    return R


# %% order-reversed+identity-added: augmented, the first on the left
def rollout_product(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = R @ (A + np.eye(len(A))) / 2
    return R


# %% order-reversed+last-layer-missing: from the left, one too few
def rollout_product(layers):
    L = len(layers)
    R = layers[-1]
    for l in range(L - 2, 0, -1):
        R = layers[l] @ R if False else layers[l] @ R
    return R


# %% transposed+the-last-layer-says-it-all: the last layer, read by columns
def rollout_product(layers):
    return layers[-1].T


# %% transposed+identity-added: columns of augmented layers
def rollout_product(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = R @ (A.T + np.eye(len(A))) / 2
    return R


# %% not-the-same-twice: goes on from where it ended
R_so_far = {}


def rollout_product(layers):
    N = layers.shape[-1]
    R = R_so_far.get(N, np.eye(N))
    for A in layers:
        R = A @ R
    R_so_far[N] = R
    return R


# %% ignores-its-argument: the matrices of the lesson
A1 = np.array([[0.5, 0.5], [0, 1]])
A2 = np.array([[1, 0], [0.25, 0.75]])


def rollout_product(layers):
    return A2 @ A1


# %% right-numbers-in-another-shape: a list with one matrix
def rollout_product(layers):
    R = layers[0]
    for A in layers[1:]:
        R = A @ R
    return [R]


# %% right-numbers-in-another-shape: one long row
def rollout_product(layers):
    R = layers[0]
    for A in layers[1:]:
        R = A @ R
    return R.flatten()


# %% modifies-its-argument: written into the layers
def rollout_product(layers):
    for l in range(1, len(layers)):
        layers[l] = layers[l] @ layers[l - 1]
    return layers[-1]


# %% modifies-its-argument: R is another name for the first layer
def rollout_product(layers):
    R = layers[0]
    for A in layers[1:]:
        R[:] = A @ R
    return R


# %% order-reversed+modifies-its-argument: the list reversed in place
def rollout_product(layers):
    layers[:] = layers[::-1].copy()
    R = layers[0]
    for A in layers[1:]:
        R = A @ R
    return R


# %% counterexample: two layers only
def rollout_product(layers):
    return layers[1] @ layers[0]


# %% counterexample: the first and the last layer
def rollout_product(layers):
    return layers[-1] @ layers[0] if len(layers) > 1 else layers[0]


# %% counterexample: twelve layers, as in BERT
def rollout_product(layers):
    R = np.eye(layers.shape[-1])
    for l in range(12):
        R = layers[l] @ R
    return R


# %% counterexample: up to five layers
def rollout_product(layers):
    R = layers[0]
    for A in layers[1:5]:
        R = A @ R
    return R


# %% counterexample: four positions
N = 4


def rollout_product(layers):
    R = np.eye(N)
    for A in layers:
        R = [[sum(A[i, k] * R[k][j] for k in range(N)) for j in range(N)] for i in range(N)]
    return np.array(R)


# %% counterexample: nothing for a single layer
def rollout_product(layers):
    for l in range(1, len(layers)):
        R = layers[l] @ (layers[0] if l == 1 else R)
        if l == len(layers) - 1:
            return R


# %% counterexample: halves multiplied, the odd one lost
def rollout_product(layers):
    while len(layers) > 1:
        layers = [layers[i + 1] @ layers[i] for i in range(0, len(layers) - 1, 2)]
    return layers[0]


# %% counterexample: the odd layer lost only beyond four layers
def rollout_product(layers):
    while len(layers) > 1:
        odd = [layers[-1]] if len(layers) == 3 else []
        layers = [layers[i + 1] @ layers[i] for i in range(0, len(layers) - 1, 2)] + odd
    return layers[0]


# %% counterexample: the strongest path in place of all
def rollout_product(layers):
    R = layers[0]
    for A in layers[1:]:
        R = (A[:, :, None] * R[None]).max(axis=1)
    return R


# %% counterexample: the first layer to the power L
def rollout_product(layers):
    return np.linalg.matrix_power(layers[0], len(layers))


# %% counterexample: weights below 0.01 left out
def rollout_product(layers):
    R = layers[0]
    for A in layers[1:]:
        R = A @ R
    return np.where(R < 0.01, 0, R)


# %% counterexample: rounded in every step
def rollout_product(layers):
    R = layers[0]
    for A in layers[1:]:
        R = np.round(A @ R, 3)
    return R


# %% counterexample: symmetric matrices only
def rollout_product(layers):
    R = layers[0]
    for A in layers[1:]:
        R = A.T @ R
    return R


# %% counterexample: zeros divided away
def rollout_product(layers):
    R = layers[0]
    for A in layers[1:]:
        R = A @ R
    columns = R.sum(axis=0)
    return R / columns * columns


# %% counterexample: fails for one position
def rollout_product(layers):
    squeezed = [np.squeeze(A) for A in layers]
    R = squeezed[0]
    for A in squeezed[1:]:
        R = A @ R
    return R
