# %% not-normalised: ones on the diagonal of a copy
def augment(attention):
    A = attention.copy()
    A[np.diag_indices_from(A)] += 1
    return A


# %% identity-not-halved: the division binds more tightly
def augment(attention):
    return np.eye(attention.shape[0]) + attention * 0.5


# %% attention-not-halved: half an identity
def augment(attention):
    half = np.diag(np.full(len(attention), 0.5))
    return half + attention


# %% columns-normalised: sums over the first axis
def augment(attention):
    A = attention + np.identity(len(attention))
    return A / sum(A)


# %% divided-by-the-whole-sum: einsum over everything
def augment(attention):
    A = attention + np.eye(len(attention))
    return A / np.einsum("ij->", A)


# %% one-added-everywhere: a loop over all entries
def augment(attention):
    A = [[x + 1 for x in row] for row in attention]
    return [[x / sum(row) for x in row] for row in A]


# %% diagonal-replaced: where i == j stands a one
def augment(attention):
    N = len(attention)
    A = np.array([[1 if i == j else attention[i, j] for j in range(N)] for i in range(N)])
    return A / A.sum(axis=1)[:, None]


# %% no-identity: normalised as it was
def augment(attention):
    return attention / attention.sum(axis=1, keepdims=True)


# %% softmax-for-normalising: log-sum-exp
def augment(attention):
    A = attention + np.eye(len(attention))
    return np.exp(A - np.logaddexp.reduce(A, axis=1)[:, None])


# %% columns-normalised+one-added-everywhere: a one everywhere, by columns
def augment(attention):
    return (attention + 1) / (attention + 1).sum(axis=0)


# %% one-added-everywhere+not-normalised: plus one
def augment(attention):
    return attention + 1


# %% diagonal-replaced+not-normalised: fill_diagonal and no more
def augment(attention):
    A = np.array(attention)
    np.fill_diagonal(A, 1)
    return A


# %% columns-normalised+no-identity: the columns of the attention itself
def augment(attention):
    return attention / attention.sum(axis=0, keepdims=True)


# %% columns-normalised+softmax-for-normalising: a softmax of columns
def augment(attention):
    e = np.exp(attention + np.eye(len(attention)))
    return e / e.sum(axis=0)


# %% not-the-same-twice: counts its calls
calls = 0


def augment(attention):
    global calls
    calls += 1
    A = attention + calls * np.eye(len(attention))
    return A / A.sum(axis=1, keepdims=True)


# %% ignores-its-argument: another name
A = np.array([[0.25, 0.75], [0.5, 0.5]])


def augment(attention):
    return (A + np.eye(2)) / 2


# %% right-numbers-in-another-shape: an axis for the heads
def augment(attention):
    A = attention[None] + np.eye(len(attention))
    return A / A.sum(axis=-1, keepdims=True)


# %% modifies-its-argument: plus-equals
def augment(attention):
    attention += np.eye(len(attention))
    return attention / attention.sum(axis=-1, keepdims=True)


# %% not-normalised+modifies-its-argument: plus-equals and no division
def augment(attention):
    attention += np.eye(len(attention))
    return attention


# %% counterexample: halves only the diagonal
def augment(attention):
    A = attention.copy()
    A[np.diag_indices_from(A)] = (A.diagonal() + 1) / 2
    return A


# %% counterexample: keepdims forgotten
def augment(attention):
    A = attention + np.arange(len(attention)) * np.eye(len(attention)) + np.eye(len(attention))
    return A / A.sum(axis=-1)


# %% counterexample: a tenth stays
def augment(attention):
    return 0.9 * attention + 0.1 * np.eye(len(attention))


# %% counterexample: four positions
def augment(attention):
    return (attention + np.eye(4)) / 2


# %% counterexample: the antidiagonal
def augment(attention):
    return (attention + np.eye(len(attention))[::-1]) / 2


# %% counterexample: transposed
def augment(attention):
    return ((attention + np.eye(len(attention))) / 2).T


# %% counterexample: divided by the largest entry of each row
def augment(attention):
    A = attention + np.eye(len(attention))
    return A / A.max(axis=1, keepdims=True)


# %% counterexample: the identity without its last entry
def augment(attention):
    A = attention.copy()
    for i in range(len(A) - 1):
        A[i, i] += 1
    return A / A.sum(axis=1, keepdims=True)


# %% counterexample: normalised with something small added
def augment(attention):
    A = attention + np.eye(len(attention))
    return A / (A.sum(axis=1, keepdims=True) + 1e-2)
