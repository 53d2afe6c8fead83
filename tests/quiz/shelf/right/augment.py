# %% half of each
def augment(attention):
    return (attention + np.eye(len(attention))) / 2


# %% entry by entry
def augment(attention):
    N = len(attention)
    result = []
    for i in range(N):
        row = []
        for j in range(N):
            row.append(attention[i][j] + (1 if i == j else 0))
        total = sum(row)
        result.append([entry / total for entry in row])
    return result


# %% on the diagonal of a float32 copy
def augment(attention):
    augmented = attention.astype(np.float32)
    augmented[np.diag_indices(len(augmented))] += 1
    return (augmented.T / augmented.sum(axis=1)).T


# %% every (N+1)-th entry of the flat copy
def augment(attention):
    flat = attention.flatten()
    flat[:: attention.shape[0] + 1] += 1.0
    square = flat.reshape(attention.shape)
    return square / square.sum(axis=1).reshape(-1, 1)


# %% the inverse of the matrix of row sums
def augment(attention):
    A = attention + np.identity(attention.shape[0])
    D = np.diag(A.sum(axis=1))
    return np.linalg.inv(D) @ A


# %% a system of equations in place of the inverse
def augment(attention):
    A = attention + np.diag(np.ones(attention.shape[0]))
    return np.linalg.solve(np.diag(A @ np.ones(len(A))), A)


# %% the average of two matrices
def augment(attention):
    return np.average([attention, np.eye(*attention.shape)], axis=0, weights=[1, 1])


# %% halfway from the attention to the identity
def augment(attention):
    identity = np.zeros(attention.shape)
    np.fill_diagonal(identity, 1)
    return attention + (identity - attention) / 2


# %% unit vectors, row by row
from math import fsum


def augment(attention):
    def unit(i):
        return [int(i == j) for j in range(len(attention))]

    def normalised(row):
        return tuple(x / fsum(row) for x in row)

    return tuple(normalised([a + e for a, e in zip(row, unit(i))]) for i, row in enumerate(attention))


# %% np.where and a mask
def augment(attention):
    i, j = np.indices(attention.shape)
    augmented = np.where(i == j, attention + 1, attention)
    return augmented / np.linalg.norm(augmented, ord=1, axis=1, keepdims=True)


# %% np.matrix
def augment(attention):
    A = np.matrix(attention) + np.matrix(np.eye(len(attention)))
    return A / A.sum(axis=1)


# %% two helpers and a composition
add_residual = lambda A: A + np.eye(A.shape[-1])
normalise = lambda A, axis=-1: A / A.sum(axis=axis, keepdims=True)
compose = lambda f, g: lambda x: f(g(x))
augment = compose(normalise, add_residual)


# %% Kronecker's delta as a function, half precision returned
def augment(attention, delta=lambda i, j: (i == j).astype(float)):
    A = attention + np.fromfunction(delta, attention.shape)
    return np.float16(np.einsum("ij,i->ij", A, 1 / np.einsum("ij->i", A)))
