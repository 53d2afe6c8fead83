# %% keepdims
def normalise_rows(weights):
    return weights / np.sum(weights, axis=1, keepdims=True)


# %% entry by entry
def normalise_rows(weights):
    result = []
    for row in weights:
        total = 0
        for entry in row:
            total += entry
        result.append([entry / total for entry in row])
    return result


# %% None for the lost axis
def normalise_rows(weights):
    return weights / weights.sum(axis=-1)[:, None]


# %% by the transpose
def normalise_rows(weights):
    return (weights.T / weights.sum(axis=1)).T


# %% reshaped sums
def normalise_rows(weights):
    sums = weights.sum(1).reshape(-1, 1)
    return np.divide(weights, sums)


# %% a diagonal matrix from the left
def normalise_rows(weights):
    return np.diag(1 / weights.sum(axis=1)) @ weights


# %% a system of equations
def normalise_rows(weights):
    return np.linalg.solve(np.diag(weights @ np.ones(len(weights))), weights)


# %% the norm of order 1
def normalise_rows(weights):
    return weights / np.linalg.norm(weights, ord=1, axis=1, keepdims=True)


# %% float32 and in place, on a copy
def normalise_rows(weights):
    W = weights.astype(np.float32)
    for i in range(len(W)):
        W[i] /= W[i].sum()
    return W


# %% einsum, half precision returned
def normalise_rows(weights):
    return np.float16(np.einsum("ij,i->ij", weights, 1 / np.einsum("ij->i", weights)))


# %% apply_along_axis
def normalise_rows(weights):
    return np.apply_along_axis(lambda row: row / row.sum(), 1, weights)


# %% fsum and tuples
from math import fsum


def normalise_rows(weights):
    return tuple(tuple(x / fsum(row) for x in row) for row in weights.tolist())


# %% np.matrix
def normalise_rows(weights):
    W = np.matrix(weights)
    return W / W.sum(axis=1)


# %% a cumulative sum, whose last column holds the sums
def normalise_rows(weights):
    return weights / weights.cumsum(axis=1)[:, -1:]
