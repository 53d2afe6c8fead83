# %% as-written: R + A @ R
def rollout_with_identity(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = R + A @ R
    return R


# %% no-identity: normalised, but nothing added
from functools import reduce


def rollout_with_identity(layers):
    return reduce(lambda R, A: (A / A.sum(axis=1, keepdims=True)) @ R, layers)


# %% order-reversed: the first layer outermost
def augment(A):
    return (A + np.eye(len(A))) / 2


def rollout_with_identity(layers):
    hats = [augment(A) for A in layers]
    R = hats[-1]
    for hat in hats[-2::-1]:
        R = hat @ R
    return R


# %% first-layer-without-identity: the loop begins at the second
def rollout_with_identity(layers):
    R = layers[0].copy()
    for l in range(1, len(layers)):
        R = 0.5 * (R + layers[l] @ R)
    return R


# %% identity-in-the-first-layer-only: an if for the start
def rollout_with_identity(layers):
    R = None
    for A in layers:
        R = (A + np.eye(len(A))) / 2 if R is None else A @ R
    return R


# %% identity-in-the-last-layer-only: an if for the end
def rollout_with_identity(layers):
    R = np.eye(layers.shape[-1])
    for l, A in enumerate(layers, start=1):
        if l == len(layers):
            A = 0.5 * A + 0.5 * np.eye(len(A))
        R = A @ R
    return R


# %% identity-added-to-the-product: augment at the end
def augment(A):
    hat = A + np.eye(len(A))
    return hat / hat.sum(axis=1, keepdims=True)


def rollout_with_identity(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = A @ R
    return augment(R)


# %% recursion-for-identity: multiplied out, from the top
def rollout_with_identity(layers):
    P, R = np.eye(layers.shape[-1]), 0
    for A in layers[::-1]:
        P = P @ A
        R = R + P
    return R


# %% normalised-recursion-for-identity: the mean of the products
def rollout_with_identity(layers):
    P, terms = np.eye(layers.shape[-1]), []
    for A in layers[::-1]:
        P = P @ A
        terms.append(P)
    return np.mean(terms, axis=0)


# %% columns-normalised: by the transpose
def rollout_with_identity(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        hat = (A + np.eye(len(A))).T
        R = (hat / hat.sum(axis=1, keepdims=True)).T @ R
    return R


# %% mean-for-product: averaged, then augmented
def rollout_with_identity(layers):
    mean = layers.mean(axis=0)
    return (mean + np.eye(len(mean))) / 2


# %% elementwise-product: a star for an at
def rollout_with_identity(layers):
    R = np.ones(layers.shape[1:])
    for A in layers:
        R = R * (A + np.eye(len(A))) / 2
    return R


# %% transposed: transposes from the right
def rollout_with_identity(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = (R + R @ A.T) / 2
    return R


# %% as-written+order-reversed: A + I from the left
def rollout_with_identity(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = R @ A + R
    return R


# %% as-written+first-layer-without-identity: starts at A_1, nothing divided
def rollout_with_identity(layers):
    R = layers[0]
    for A in layers[1:]:
        R = (A + np.eye(len(A))) @ R
    return R


# %% as-written+mean-for-product: the average of A + I
def rollout_with_identity(layers):
    return layers.mean(axis=0) + np.eye(layers.shape[-1])


# %% order-reversed+no-identity: the plain product, the wrong way round
def rollout_with_identity(layers):
    R = layers[0]
    for A in layers[1:]:
        R = R @ A
    return R


# %% order-reversed+columns-normalised: columns, the wrong way round
def rollout_with_identity(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        hat = A + np.eye(len(A))
        R = R @ (hat / hat.sum(axis=0))
    return R


# %% not-the-same-twice: a matrix outside that grows
memory = {}


def rollout_with_identity(layers):
    N = layers.shape[-1]
    for A in layers:
        memory[N] = (A + np.eye(N)) / 2 @ memory.get(N, np.eye(N))
    return memory[N]


# %% right-numbers-in-another-shape: a list of one
def rollout_with_identity(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = (R + A @ R) / 2
    return R[None, :, :]


# %% modifies-its-argument: augments the layers in place
def rollout_with_identity(layers):
    layers += np.eye(layers.shape[-1])
    layers /= layers.sum(axis=-1, keepdims=True)
    R = layers[0]
    for A in layers[1:]:
        R = A @ R
    return R


# %% ignores-its-argument: sentence from the lesson
attentions = np.array([[[0.5, 0.5], [0.25, 0.75]]] * 3)


def rollout_with_identity(layers):
    R = np.eye(2)
    for A in attentions:
        R = (A + np.eye(2)) / 2 @ R
    return R


# %% counterexample: A + 1 in place of A + I
def rollout_with_identity(layers):
    R = np.eye(layers.shape[-1])
    for A in layers + 1:
        R = A / A.sum(axis=1, keepdims=True) @ R
    return R


# %% counterexample: normalised by the largest entry
def rollout_with_identity(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        hat = A + np.eye(len(A))
        R = hat / hat.max() @ R
    return R


# %% counterexample: a residual weight of 0.9
def rollout_with_identity(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = 0.1 * A @ R + 0.9 * R
    return R


# %% counterexample: divided by 2 once, whatever L is
def rollout_with_identity(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = (A + np.eye(len(A))) @ R
    return R / 2


# %% counterexample: divided by L
def rollout_with_identity(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = (A + np.eye(len(A))) @ R
    return R / len(layers)


# %% counterexample: two layers only
def rollout_with_identity(layers):
    first, second = layers
    I = np.eye(len(first))
    return (second + I) @ (first + I) / 4


# %% counterexample: a tridiagonal identity
def rollout_with_identity(layers):
    N = layers.shape[-1]
    R = np.eye(N)
    for A in layers:
        hat = A + np.eye(N) + np.eye(N, k=1)
        R = hat / hat.sum(axis=1, keepdims=True) @ R
    return R


# %% counterexample: three positions
def rollout_with_identity(layers):
    R = np.eye(3)
    for A in layers:
        R = (A + np.eye(3)) / 2 @ R
    return R


# %% counterexample: the last layer forgotten
def rollout_with_identity(layers):
    R = np.eye(layers.shape[-1])
    for A in layers[:-1]:
        R = (A + np.eye(len(A))) / 2 @ R
    return R


# %% counterexample: rounded in each step
def rollout_with_identity(layers):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = np.round((A + np.eye(len(A))) / 2 @ R, 3)
    return R
