# %% order-reversed: accumulate with the arguments swapped
from itertools import accumulate


def rollout_steps(layers):
    return list(accumulate(layers, np.matmul))


# %% starts-at-the-last-layer: layers taken from the top
def rollout_steps(layers):
    R = np.eye(layers.shape[-1])
    steps = []
    for A in reversed(layers):
        R = R @ A
        steps.append(R)
    return steps


# %% sum-for-product: a running sum
def rollout_steps(layers):
    R, steps = 0, []
    for A in layers:
        R = R + A
        steps.append(R)
    return steps


# %% mean-for-product: averages so far
def rollout_steps(layers):
    return [layers[: n + 1].mean(axis=0) for n in range(len(layers))]


# %% elementwise-product: a star for an at
def rollout_steps(layers):
    steps = [layers[0]]
    for A in layers[1:]:
        steps.append(A * steps[-1])
    return steps


# %% identity-counted-as-a-step: accumulate from an initial value
from itertools import accumulate


def rollout_steps(layers):
    return list(accumulate(layers, lambda R, A: A @ R, initial=np.eye(layers.shape[-1])))


# %% one-step-behind: appended before the product
def rollout_steps(layers):
    R = np.eye(layers.shape[-1])
    steps = []
    for A in layers:
        steps.append(R)
        R = A @ R
    return steps


# %% only-the-last-step: reduce
from functools import reduce


def rollout_steps(layers):
    return reduce(lambda R, A: A @ R, layers)


# %% layers-stay-apart: each multiplied by the identity
def rollout_steps(layers):
    return [A @ np.eye(layers.shape[-1]) for A in layers]


# %% neighbouring-layers-only: zipped with the layers before
def rollout_steps(layers):
    return [layers[0], *(A @ B for A, B in zip(layers[1:], layers))]


# %% one-array-for-all-steps: out= writes into the same array
def rollout_steps(layers):
    R = np.eye(layers.shape[-1])
    steps = []
    for A in layers:
        np.matmul(A, R.copy(), out=R)
        steps.append(R)
    return steps


# %% transposed: transposes from the right
def rollout_steps(layers):
    T = np.eye(layers.shape[-1])
    steps = []
    for A in layers:
        T = T @ A.T
        steps.append(T)
    return steps


# %% identity-added: half stays
def rollout_steps(layers):
    R = np.eye(layers.shape[-1])
    steps = []
    for A in layers:
        R = (R + A @ R) / 2
        steps.append(R)
    return steps


# %% order-reversed+identity-counted-as-a-step: from the right, from the identity
def rollout_steps(layers):
    steps = [np.eye(layers.shape[-1])]
    for A in layers:
        steps.append(steps[-1] @ A)
    return steps


# %% order-reversed+only-the-last-step: from the right, one matrix
def rollout_steps(layers):
    R = layers[0]
    for A in layers[1:]:
        R = R @ A
    return R


# %% order-reversed+identity-added: augmented, from the right
def rollout_steps(layers):
    R = np.eye(layers.shape[-1])
    steps = []
    for A in layers:
        R = R @ ((A + np.eye(len(A))) / 2)
        steps.append(R)
    return steps


# %% transposed+layers-stay-apart: the layers, read by columns
def rollout_steps(layers):
    return [A.T for A in layers]


# %% identity-counted-as-a-step+sum-for-product: a running sum from the identity
def rollout_steps(layers):
    eye = np.eye(layers.shape[-1])
    return np.concatenate([[eye], np.cumsum(layers, axis=0)])


# %% not-the-same-twice: steps=[] as a default
def rollout_steps(layers, steps=[]):
    R = np.eye(layers.shape[-1])
    for A in layers:
        R = A @ R
        steps.append(R)
    return steps[-len(layers) - 1 :]


# %% right-numbers-in-another-shape: side by side
def rollout_steps(layers):
    steps = [layers[0]]
    for A in layers[1:]:
        steps.append(A @ steps[-1])
    return np.vstack(steps)


# %% modifies-its-argument: written into the layers
def rollout_steps(layers):
    for l in range(1, len(layers)):
        layers[l] = layers[l] @ layers[l - 1]
    return layers


# %% ignores-its-argument: a result copied from the example
def rollout_steps(layers):
    return [[[1, 0, 0], [0, 1, 0], [1 / 2, 0, 1 / 2]], [[1, 0, 0], [1 / 4, 1 / 2, 1 / 4], [1 / 2, 0, 1 / 2]]]


# %% counterexample: one number for each step
def rollout_steps(layers):
    R = np.eye(layers.shape[-1])
    means = []
    for A in layers:
        R = A @ R
        means.append(R.mean())
    return means


# %% counterexample: the last step first
def rollout_steps(layers):
    steps = [layers[0]]
    for A in layers[1:]:
        steps.append(A @ steps[-1])
    return steps[::-1]


# %% counterexample: without the first step
def rollout_steps(layers):
    steps = [layers[0]]
    for A in layers[1:]:
        steps.append(A @ steps[-1])
    return steps[1:]


# %% counterexample: without the last step
def rollout_steps(layers):
    steps = [layers[0]]
    for A in layers[1:-1]:
        steps.append(A @ steps[-1])
    return np.array(steps)


# %% counterexample: the first layer twice
def rollout_steps(layers):
    steps = [layers[0]]
    for A in layers:
        steps.append(A @ steps[-1])
    return steps[1:]


# %% counterexample: three layers at most
def rollout_steps(layers):
    steps = [layers[0]]
    if len(layers) > 1:
        steps.append(layers[1] @ layers[0])
    if len(layers) > 2:
        steps.append(layers[2] @ layers[1] @ layers[0])
    return steps


# %% counterexample: five positions at most
def rollout_steps(layers):
    steps = np.zeros((len(layers), 5, 5))
    n = min(layers.shape[-1], 5)
    R = np.eye(n)
    for l, A in enumerate(layers):
        R = A[:n, :n] @ R
        steps[l, :n, :n] = R
    return steps[:, :n, :n]


# %% counterexample: the first axis comes last
def rollout_steps(layers):
    steps = [layers[0]]
    for A in layers[1:]:
        steps.append(A @ steps[-1])
    return np.stack(steps, axis=-1)


# %% counterexample: a single layer loses its axis
def rollout_steps(layers):
    if len(layers) == 1:
        return layers[0].T
    steps = [layers[0]]
    for A in layers[1:]:
        steps.append(A @ steps[-1])
    return steps


# %% counterexample: rounded to three digits
def rollout_steps(layers):
    steps = [layers[0]]
    for A in layers[1:]:
        steps.append(A @ steps[-1])
    return np.round(steps, 3)
