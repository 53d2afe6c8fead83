# %% keepdims-forgotten: np.sum over axis 1
def normalise_rows(weights):
    sums = np.sum(weights, axis=1)
    return weights / sums


# %% columns-normalised: Python's own sum
def normalise_rows(weights):
    return weights / sum(weights)


# %% rows-always-sum-to-two: half of each
def normalise_rows(weights):
    return 0.5 * weights


# %% divided-by-the-whole-sum: einsum over everything
def normalise_rows(weights):
    return weights / np.einsum("ij->", weights)


# %% divided-by-the-number-of-positions: by the shape
def normalise_rows(weights):
    return weights / weights.shape[1]


# %% largest-weight-made-one: row by row
def normalise_rows(weights):
    return np.array([row / max(row) for row in weights])


# %% length-for-sum: the root of the squares
def normalise_rows(weights):
    return weights / np.sqrt((weights**2).sum(axis=1))[:, None]


# %% softmax-for-normalising: log-sum-exp
def normalise_rows(weights):
    return np.exp(weights - np.logaddexp.reduce(weights, axis=1)[:, None])


# %% identity-added: augments first
def normalise_rows(weights):
    A = weights + np.identity(len(weights))
    return (A.T / A.sum(axis=1)).T


# %% columns-normalised+identity-added: A + I, by columns
def normalise_rows(weights):
    A = weights + np.eye(len(weights))
    return A / A.sum(axis=0)


# %% columns-normalised+softmax-for-normalising: a softmax of columns
def normalise_rows(weights):
    return np.exp(weights) / np.exp(weights).sum(axis=0)


# %% columns-normalised+largest-weight-made-one: the largest entry of each column
def normalise_rows(weights):
    return weights / weights.max(axis=0)


# %% identity-added+rows-always-sum-to-two: the formula for A
def normalise_rows(weights):
    return (weights + np.eye(len(weights))) / 2


# %% modifies-its-argument: divides in place
def normalise_rows(weights):
    weights /= weights.sum(axis=1, keepdims=True)
    return weights


# %% right-numbers-in-another-shape: a list of one
def normalise_rows(weights):
    return [weights / weights.sum(axis=1, keepdims=True)]


# %% not-the-same-twice: remembers the largest sum
seen = [0.0]


def normalise_rows(weights):
    seen.append(seen[-1] + weights.sum())
    return weights / weights.sum(axis=1, keepdims=True) + seen[-2]


# %% ignores-its-argument: a matrix from the lesson
W = np.array([[0.25, 0.75], [0.5, 0.5]])


def normalise_rows(weights):
    return W / W.sum(axis=1, keepdims=True)


# %% counterexample: the sum of the first row for all
def normalise_rows(weights):
    return weights / weights[0].sum()


# %% counterexample: without the diagonal
def normalise_rows(weights):
    off = weights * (1 - np.eye(len(weights)))
    return off / (off.sum(axis=1, keepdims=True) + 1e-9)


# %% counterexample: the mean of each row
def normalise_rows(weights):
    return weights / weights.mean(axis=1, keepdims=True)


# %% counterexample: something small added
def normalise_rows(weights):
    return weights / (weights.sum(axis=1, keepdims=True) + 1e-2)


# %% counterexample: rounded to two digits
def normalise_rows(weights):
    return np.round(weights / weights.sum(axis=1, keepdims=True), 2)


# %% counterexample: from the lowest to the highest
def normalise_rows(weights):
    low = weights.min(axis=1, keepdims=True)
    return (weights - low) / (np.ptp(weights, axis=1, keepdims=True) + 1e-9)


# %% counterexample: transposed
def normalise_rows(weights):
    return (weights / weights.sum(axis=1, keepdims=True)).T
