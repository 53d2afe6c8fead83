# %% wrong-axis: columns, by way of the transpose
def softmax(scores):
    e = np.exp((scores - np.amax(scores, 0)).T)
    return (e / e.sum(axis=-1, keepdims=True)).T if scores.ndim == 1 else (e / e.sum(-1)[..., None]).T


# %% softmax-over-everything: one long list of numbers
def softmax(scores):
    numbers = [float(s) for s in scores.flat]
    weights = [np.exp(s - max(numbers)) for s in numbers]
    return np.array([w / sum(weights) for w in weights]).reshape(scores.shape)


# %% overflow: powers of e
def softmax(scores):
    powers = np.e**scores
    return np.einsum("...j,...->...j", powers, 1 / powers.sum(-1))


# %% one-maximum-for-all-rows: sorted to find it
def softmax(scores):
    biggest = sorted(scores.ravel())[-1]
    powers = np.exp(scores - biggest)
    return powers / np.sum(powers, -1)[..., np.newaxis]


# %% axis-counted-from-the-front: axis 1, by log-sum-exp
def softmax(scores):
    return np.exp(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True))


# %% keepdims-forgotten: subtracted with np.subtract
def softmax(scores):
    powers = np.exp(np.subtract(scores, np.max(scores, -1)))
    return np.divide(powers, np.sum(powers, -1))


# %% no-exponential: shares of the raw scores
def softmax(scores):
    return np.apply_along_axis(lambda row: row / sum(row), -1, scores)


# %% exponential-not-normalised: relative to the best
def softmax(scores):
    return 1 / np.exp(scores.max(-1)[..., None] - scores)


# %% winner-takes-all: a comparison with the maximum
def softmax(scores):
    return (scores == scores.max(axis=-1)[..., None]).astype(float)


# %% wrong-axis+overflow: columns, without a shift
def softmax(scores):
    return np.exp(scores) / sum(np.exp(scores))


# %% softmax-over-everything+overflow: the one-liner
def softmax(scores):
    return np.exp(scores) / np.sum(np.exp(scores))


# %% overflow+axis-counted-from-the-front: axis 1, without a shift
def softmax(scores):
    e = np.exp(scores)
    total = np.add.reduce(e, axis=1)
    return e / np.expand_dims(total, 1)


# %% overflow+keepdims-forgotten: the shortest one
softmax = lambda s: np.exp(s) / np.exp(s).sum(-1)


# %% overflow+exponential-not-normalised: only exp
softmax = np.exp


# %% not-the-same-twice: random noise
def softmax(scores):
    e = np.exp(scores - scores.max(-1, keepdims=True)) + 0.01 * np.random.rand(*scores.shape)
    return e / e.sum(-1, keepdims=True)


# %% not-the-same-twice: right on the first call only
first = True


def softmax(scores):
    global first
    e = np.exp(scores - scores.max(-1, keepdims=True))
    if first:
        first = False
        return e / e.sum(-1, keepdims=True)
    return e


# %% ignores-its-argument: a variable of the notebook
x = np.array([[1.0, 2.0], [3.0, 5.0]])


def softmax(scores):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# %% right-numbers-in-another-shape: one axis too many in front
def softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return [e / e.sum(axis=-1, keepdims=True)]


# %% modifies-its-argument: shifts the scores themselves
def softmax(scores):
    scores -= scores.max(axis=-1, keepdims=True)
    e = np.exp(scores)
    return e / e.sum(axis=-1, keepdims=True)


# %% wrong-axis+modifies-its-argument: in place, along the columns
def softmax(scores):
    scores -= scores.max(axis=0)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=0)
    return scores


# %% counterexample: rounded to three digits
def softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.round(e / e.sum(axis=-1, keepdims=True), 3)


# %% counterexample: vectors and matrices only
def softmax(scores):
    if scores.ndim == 1:
        e = np.exp(scores - scores.max())
        return e / e.sum()
    result = np.zeros(scores.shape)
    for i in range(scores.shape[0]):
        e = np.exp(scores[i] - scores[i].max())
        result[i] = e / e.sum()
    return result


# %% counterexample: up to three axes
def softmax(scores):
    s = scores.reshape((1,) * (3 - scores.ndim) + scores.shape)
    out = np.array([[np.exp(row - row.max()) / np.exp(row - row.max()).sum() for row in block] for block in s])
    return out.reshape(scores.shape)


# %% counterexample: large scores cut off at 700
def softmax(scores):
    e = np.exp(np.clip(scores, -700, 700))
    return e / e.sum(axis=-1, keepdims=True)


# %% counterexample: something small added to the sum
def softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / (e.sum(axis=-1, keepdims=True) + 1e-3)


# %% base-two: powers of two
def softmax(scores):
    e = 2 ** (scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# %% counterexample: the mean subtracted in place of the maximum
def softmax(scores):
    e = np.exp(scores - scores.mean(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# %% counterexample: the logarithm of it
def softmax(scores):
    return scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True)


# %% counterexample: whole numbers
def softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return (e / e.sum(axis=-1, keepdims=True)).astype(int)


# %% counterexample: the smallest score gets most
def softmax(scores):
    e = np.exp(scores.min(axis=-1, keepdims=True) - scores)
    return e / e.sum(axis=-1, keepdims=True)


# %% counterexample: computed in half precision throughout
def softmax(scores):
    s = scores.astype(np.float16)
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# %% counterexample: remembers the result by the shape
results = {}


def softmax(scores):
    if scores.shape not in results:
        e = np.exp(scores - scores.max(axis=-1, keepdims=True))
        results[scores.shape] = e / e.sum(axis=-1, keepdims=True)
    return results[scores.shape]
