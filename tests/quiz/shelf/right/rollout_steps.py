# %% itertools.accumulate
from itertools import accumulate


def rollout_steps(layers):
    return list(accumulate(layers, lambda R, A: A @ R))


# %% room made beforehand, filled by index
def rollout_steps(layers):
    steps = np.zeros_like(layers)
    steps[0] = layers[0]
    for l in range(1, layers.shape[0]):
        steps[l] = np.dot(layers[l], steps[l - 1])
    return steps


# %% a generator function
def rollout_steps(layers):
    def climb():
        R = np.eye(layers.shape[-1])
        for A in layers:
            R = A @ R
            yield R

    return np.stack(tuple(climb()))


# %% each step from scratch
from functools import reduce


def rollout_steps(layers):
    return tuple(reduce(lambda R, A: A @ R, layers[:n]).tolist() for n in range(1, len(layers) + 1))


# %% written over a float32 copy
def rollout_steps(layers):
    steps = layers.astype(np.float32)
    for l in range(1, len(steps)):
        steps[l] = steps[l] @ steps[l - 1]
    return steps


# %% recursion that returns a longer list each time
def rollout_steps(layers):
    if len(layers) == 1:
        return [layers[0]]
    before = rollout_steps(layers[:-1])
    return before + [layers[-1] @ before[-1]]


# %% loops over indices
def rollout_steps(layers):
    L, N = len(layers), len(layers[0])
    R = [[[0.0 for _ in range(N)] for _ in range(N)] for _ in range(L)]
    for l in range(L):
        for i in range(N):
            for j in range(N):
                if l == 0:
                    R[l][i][j] = layers[l][i][j]
                else:
                    R[l][i][j] = sum(layers[l][i][k] * R[l - 1][k][j] for k in range(N))
    return R


# %% einsum for each step, kept in a dictionary
def rollout_steps(layers):
    R = {1: layers[0]}
    for l in range(2, len(layers) + 1):
        R[l] = np.einsum("ik,kj->ij", layers[l - 1], R[l - 1])
    return [R[l] for l in sorted(R)]


# %% a ufunc made of the product, accumulated
def rollout_steps(layers):
    stack = np.empty(len(layers), dtype=object)
    stack[:] = list(layers)
    follow = np.frompyfunc(lambda R, A: A @ R, 2, 1)
    return np.array(list(follow.accumulate(stack, dtype=object)))


# %% the first column of blocks of an inverse
def rollout_steps(layers):
    L, N, _ = layers.shape
    lower = np.zeros((L + 1, N, L + 1, N))
    for l in range(L):
        lower[l + 1, :, l, :] = layers[l]
    size = (L + 1) * N
    everything = np.linalg.inv(np.eye(size) - lower.reshape(size, size))
    return everything.reshape(L + 1, N, L + 1, N)[1:, :, 0, :]


# %% from the outputs down, for every level anew
def rollout_steps(layers):
    steps = []
    for top in range(len(layers)):
        R = layers[top]
        for below in range(top - 1, -1, -1):
            R = R @ layers[below]
        steps.append(R)
    return np.asarray(steps)


# %% columns of shares, put together at the end, half precision returned
def rollout_steps(layers):
    shares = [np.eye(layers.shape[1])[:, [j]] for j in range(layers.shape[2])]
    history = []
    for A in layers:
        shares = [A @ column for column in shares]
        history.append(np.hstack(shares))
    return np.array(history, dtype=np.half)


# %% an object that remembers within a call only
class Rollout:
    def __init__(self):
        self.steps = None

    def __call__(self, layers):
        self.steps = []
        R = None
        for A in layers:
            R = A if R is None else A @ R
            self.steps.append(R)
        return self.steps


rollout_steps = Rollout()


# %% appending with a walrus, and a print for each step
def rollout_steps(layers):
    R = np.eye(len(layers[0]))
    steps = [R := A @ R for A in layers]
    for number, step in enumerate(steps, 1):
        print(f"R_{number} has rows that sum to {step.sum(axis=1)}")
    return steps
