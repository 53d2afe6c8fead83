# %% starts-at-the-identity: reduce with the identity as start
from functools import reduce


def rollout_recursion(layers):
    I = np.eye(layers.shape[-1])
    return reduce(lambda R, A: A @ R + A, layers, I)


# %% starts-at-the-augmented-layer: augments first
def rollout_recursion(layers):
    I = np.eye(layers.shape[-1])
    R = layers[0] + I
    for A in layers[1:]:
        R = A @ R + A
    return R


# %% identity-added-after-the-product: brackets in the wrong place
def rollout_recursion(layers):
    def R(l):
        if l == 0:
            return layers[0]
        return (layers[l] @ R(l - 1)) + np.identity(layers.shape[-1])

    return R(len(layers) - 1)


# %% identity-left-on-top: the sum with the empty product
def rollout_recursion(layers):
    P = R = np.eye(layers.shape[-1])
    for A in layers[::-1]:
        P = P @ A
        R = R + P
    return R


# %% identity-for-recursion: R + A @ R from the identity
def rollout_recursion(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = R + np.dot(A, R)
    return R


# %% identity-on-the-wrong-factor: A @ R + R
def rollout_recursion(layers):
    R = layers[0]
    for A in layers[1:]:
        R = A @ R + R
    return R


# %% no-identity: the plain product
from functools import reduce


def rollout_recursion(layers):
    return reduce(lambda R, A: np.dot(A, R), layers)


# %% normalised-though-not-asked: divided by L
def rollout_recursion(layers):
    R = np.zeros(layers.shape[1:])
    for A in layers:
        R = A @ R + A
    return R / len(layers)


# %% normalised-at-every-step: half of R + I
def rollout_recursion(layers):
    R = layers[0]
    for A in layers[1:]:
        below = 0.5 * R + 0.5 * np.eye(len(R))
        R = np.einsum("ik,kj->ij", A, below)
    return R


# %% order-reversed: R @ A + A
def rollout_recursion(layers):
    R = layers[0]
    for A in layers[1:]:
        R = R @ A + A
    return R


# %% elementwise-product: np.multiply
def rollout_recursion(layers):
    R = layers[0]
    for A in layers[1:]:
        R = np.multiply(A, R + np.eye(len(A)))
    return R


# %% transposed: transposes from the right
def rollout_recursion(layers):
    R = np.zeros(layers.shape[1:])
    for A in layers:
        R = (R + np.eye(len(A))) @ A.T
    return R


# %% last-layer-missing: range(1, L - 1)
def rollout_recursion(layers):
    L, N, _ = layers.shape
    R = layers[0]
    for l in range(1, L - 1):
        R = layers[l] @ R + layers[l]
    return R


# %% normalised-though-not-asked+identity-for-recursion: the rollout of the quiz before
def rollout_recursion(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = (R + A @ R) / 2
    return R


# %% normalised-though-not-asked+starts-at-the-identity: from the identity, and normalised
def rollout_recursion(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = A @ (R + np.eye(len(A)))
    return R / R.sum(axis=1, keepdims=True)


# %% order-reversed+starts-at-the-identity: from the identity and from the right
def rollout_recursion(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = (R + np.eye(len(A))) @ A
    return R


# %% order-reversed+normalised-though-not-asked: from the right, divided by L
def rollout_recursion(layers):
    R = layers[0]
    for A in layers[1:]:
        R = (R + np.eye(len(R))) @ A
    return R / R.sum(axis=-1, keepdims=True)


# %% not-the-same-twice: starts from its last result
last = {}


def rollout_recursion(layers):
    N = layers.shape[-1]
    R = last.get(N, np.zeros((N, N)))
    for A in layers:
        R = A @ (R + np.eye(N))
    last[N] = R
    return R


# %% right-numbers-in-another-shape: a column of numbers
def rollout_recursion(layers):
    R = 0
    for A in layers:
        R = A @ (R + np.eye(len(A)))
    return R.reshape(-1, 1)


# %% modifies-its-argument: R is another name for the first layer
def rollout_recursion(layers):
    R = layers[0]
    for A in layers[1:]:
        R += np.eye(len(R))
        R = A @ R
    return R


# %% ignores-its-argument: another variable
A_1, A_2 = np.full((2, 2), 0.5), np.array([[1.0, 0.0], [0.0, 1.0]])


def rollout_recursion(layers):
    return A_2 @ (A_1 + np.eye(2))


# %% counterexample: A @ (R + 1)
def rollout_recursion(layers):
    R = layers[0]
    for A in layers[1:]:
        R = A @ (R + 1)
    return R


# %% counterexample: the identity only once
def rollout_recursion(layers):
    R = layers[0] + np.eye(layers.shape[-1])
    for A in layers[1:]:
        R = A @ R
    return R


# %% counterexample: two layers only
def rollout_recursion(layers):
    return layers[1] @ (layers[0] + np.eye(layers.shape[-1]))


# %% counterexample: up to four layers
def rollout_recursion(layers):
    R = layers[0]
    for A in layers[1:4]:
        R = A @ R + A
    return R


# %% counterexample: the first layer in every step
def rollout_recursion(layers):
    R = layers[0]
    for A in layers[1:]:
        R = A @ (layers[0] + np.eye(len(R)))
    return R


# %% counterexample: a loop that takes the first layer again
def rollout_recursion(layers):
    R = layers[0]
    for A in layers:
        R = A @ (R + np.eye(len(R)))
    return R


# %% counterexample: from the last layer down
def rollout_recursion(layers):
    R = layers[-1]
    for A in layers[-2::-1]:
        R = A @ (R + np.eye(len(R)))
    return R


# %% counterexample: half an identity
def rollout_recursion(layers):
    R = layers[0]
    for A in layers[1:]:
        R = A @ (R + np.eye(len(R)) / 2)
    return R


# %% counterexample: whole numbers
def rollout_recursion(layers):
    R = layers[0]
    for A in layers[1:]:
        R = A @ (R + np.eye(len(R)))
    return R.astype(int)
