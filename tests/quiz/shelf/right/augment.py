# %% np.eye
def augment(attention):
    return attention + np.eye(len(attention))


# %% entry by entry
def augment(attention):
    N = len(attention)
    result = []
    for i in range(N):
        row = []
        for j in range(N):
            row.append(attention[i][j] + (1 if i == j else 0))
        result.append(row)
    return result


# %% on the diagonal of a float32 copy
def augment(attention):
    augmented = attention.astype(np.float32)
    augmented[np.diag_indices(len(augmented))] += 1
    return augmented


# %% every (N+1)-th entry of the flat copy
def augment(attention):
    flat = attention.flatten()
    flat[:: attention.shape[0] + 1] += 1.0
    return flat.reshape(attention.shape)


# %% fill_diagonal with what stands there and one more
def augment(attention):
    A = attention.copy()
    np.fill_diagonal(A, attention.diagonal() + 1)
    return A


# %% twice the average of two matrices
def augment(attention):
    return 2 * np.average([attention, np.eye(*attention.shape)], axis=0, weights=[1, 1])


# %% what it does to unit vectors: x + Attention(x)
def augment(attention):
    return np.column_stack([x + attention @ x for x in np.eye(len(attention))])


# %% unit vectors, row by row
def augment(attention):
    def unit(i):
        return [int(i == j) for j in range(len(attention))]

    return tuple(tuple(a + e for a, e in zip(row, unit(i))) for i, row in enumerate(attention))


# %% np.where and a mask
def augment(attention):
    i, j = np.indices(attention.shape)
    return np.where(i == j, attention + 1, attention)


# %% np.matrix
def augment(attention):
    return np.matrix(attention) + np.matrix(np.identity(len(attention)))


# %% a lambda and a diagonal of ones
augment = lambda A: A + np.diag(np.ones(A.shape[-1]))


# %% Kronecker's delta as a function, half precision returned
def augment(attention, delta=lambda i, j: (i == j).astype(float)):
    return np.float16(attention + np.fromfunction(delta, attention.shape))


# %% np.add into a new array, the identity by np.tri
def augment(attention):
    N = len(attention)
    return np.add(attention, np.tri(N) - np.tri(N, k=-1))
