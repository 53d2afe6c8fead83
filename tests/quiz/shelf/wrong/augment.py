# %% normalised-though-not-asked: the average of both
def augment(attention):
    A = attention + np.identity(attention.shape[0])
    return A / A.sum(axis=1)[:, None]


# %% attention-halved: the division binds more tightly
def augment(attention):
    return np.eye(attention.shape[0]) + attention * 0.5


# %% identity-halved: half an identity
def augment(attention):
    half = np.diag(np.full(len(attention), 0.5))
    return half + attention


# %% one-added-everywhere: a loop over all entries
def augment(attention):
    return [[x + 1 for x in row] for row in attention]


# %% diagonal-replaced: where i == j stands a one
def augment(attention):
    N = len(attention)
    return np.array([[1 if i == j else attention[i, j] for j in range(N)] for i in range(N)])


# %% no-identity: a copy
def augment(attention):
    return np.array(attention)


# %% columns-for-rows: indices the other way round
def augment(attention):
    N = len(attention)
    return [[attention[j, i] + (i == j) for j in range(N)] for i in range(N)]


# %% identity-alone: np.identity
def augment(attention):
    return np.identity(attention.shape[0])


# %% normalised-though-not-asked+one-added-everywhere: plus one, divided
def augment(attention):
    return (attention + 1) / (attention + 1).sum(axis=1, keepdims=True)


# %% normalised-though-not-asked+diagonal-replaced: fill_diagonal, divided
def augment(attention):
    A = np.array(attention)
    np.fill_diagonal(A, 1)
    return A / A.sum(axis=1, keepdims=True)


# %% normalised-though-not-asked+attention-halved: a third and two thirds
def augment(attention):
    return attention / 3 + np.eye(len(attention)) * 2 / 3


# %% diagonal-replaced+columns-for-rows: the transpose with a diagonal of ones
def augment(attention):
    A = attention.T.copy()
    np.fill_diagonal(A, 1)
    return A


# %% not-the-same-twice: counts its calls
calls = 0


def augment(attention):
    global calls
    calls += 1
    return attention + calls * np.eye(len(attention))


# %% ignores-its-argument: another name
A = np.array([[0.25, 0.75], [0.5, 0.5]])


def augment(attention):
    return A + np.eye(2)


# %% right-numbers-in-another-shape: an axis for the heads
def augment(attention):
    return attention[None] + np.eye(len(attention))


# %% modifies-its-argument: plus-equals
def augment(attention):
    attention += np.eye(len(attention))
    return attention


# %% normalised-though-not-asked+modifies-its-argument: plus-equals and a division
def augment(attention):
    attention += np.eye(len(attention))
    return attention / attention.sum(axis=-1, keepdims=True)


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
    return attention + np.eye(4)


# %% counterexample: the antidiagonal
def augment(attention):
    return attention + np.eye(len(attention))[::-1]


# %% counterexample: columns normalised
def augment(attention):
    A = attention + np.eye(len(attention))
    return A / A.sum(axis=0)


# %% counterexample: divided by the largest entry of each row
def augment(attention):
    A = attention + np.eye(len(attention))
    return A / A.max(axis=1, keepdims=True)


# %% counterexample: the identity without its last entry
def augment(attention):
    A = attention.copy()
    for i in range(len(A) - 1):
        A[i, i] += 1
    return A


# %% counterexample: something small added everywhere
def augment(attention):
    return attention + np.eye(len(attention)) + 1e-2
