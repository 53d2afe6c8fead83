# %% row by row, in plain Python
import math


def softmax(scores):
    if scores.ndim > 1:
        return [softmax(row) for row in scores]
    top = max(scores)
    exponentials = [math.exp(s - top) for s in scores]
    total = sum(exponentials)
    return [e / total for e in exponentials]


# %% log-sum-exp
def softmax(scores):
    """p = exp(s - log sum exp s)"""
    return np.exp(scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True))


# %% everything in float32, as on a graphics card
def softmax(scores):
    x = scores.astype(np.float32)
    x = np.exp(x - x.max(-1, keepdims=True))
    return x / x.sum(-1, keepdims=True)


# %% index loops over all leading axes
def softmax(scores):
    result = np.empty(scores.shape)
    n = scores.shape[-1]
    for index in np.ndindex(scores.shape[:-1]):
        biggest = scores[index][0]
        for j in range(1, n):
            if scores[index][j] > biggest:
                biggest = scores[index][j]
        total = 0.0
        for j in range(n):
            result[index + (j,)] = np.exp(scores[index][j] - biggest)
            total += result[index + (j,)]
        for j in range(n):
            result[index + (j,)] /= total
    return result


# %% a helper for one row, applied along the axis
def _shares(row):
    e = np.exp(row - np.max(row))
    return e / np.sum(e)


def softmax(scores):
    return np.apply_along_axis(_shares, -1, scores)


# %% an object that can be called
class Softmax:
    def __init__(self, axis):
        self.axis = axis
        self.calls = 0

    def __call__(self, scores):
        self.calls += 1
        z = scores - np.amax(scores, axis=self.axis, keepdims=True)
        return np.exp(z) / np.exp(z).sum(axis=self.axis, keepdims=True)


softmax = Softmax(-1)


# %% np.vectorize with a signature
softmax = np.vectorize(lambda row: np.exp(row - row.max()) / np.exp(row - row.max()).sum(), signature="(n)->(n)")


# %% each weight against all others: 1 / sum of exp(s_k - s_j)
def softmax(scores):
    differences = scores[..., None, :] - scores[..., :, None]
    return 1 / np.exp(differences).sum(axis=-1)


# %% the Decimal module, whose exp never overflows
from decimal import Decimal


def softmax(scores):
    def weights(numbers):
        if isinstance(numbers[0], list):
            return [weights(inner) for inner in numbers]
        powers = [Decimal(s).exp() for s in numbers]
        return tuple(float(p / sum(powers)) for p in powers)

    return weights(scores.tolist())


# %% one pass with a running maximum and a running sum
def softmax(scores):
    top = np.full(scores.shape[:-1], -np.inf)
    total = np.zeros(scores.shape[:-1])
    for s in np.moveaxis(scores, -1, 0):
        new = np.maximum(top, s)
        total = total * np.exp(top - new) + np.exp(s - new)
        top = new
    return np.exp(scores - top[..., np.newaxis]) / total[..., np.newaxis]


# %% the axes turned round, so that the last one comes first
def softmax(scores):
    s = scores.T
    e = np.exp(s - s.max(axis=0))
    return (e / e.sum(axis=0)).T


# %% in place, on a copy
def softmax(scores):
    out = scores.copy()
    out -= out.max(axis=-1, keepdims=True)
    np.exp(out, out=out)
    out /= np.einsum("...j->...", out)[..., None]
    return out


# %% talks while it works
import warnings


def softmax(scores: np.ndarray, verbose: bool = True) -> np.ndarray:
    if np.abs(scores).max() > 700:
        warnings.warn("large scores, shifting them")
    if verbose:
        print("shape:", scores.shape)
    highest = np.sort(scores, axis=-1)[..., -1:]
    exponentials = np.exp(scores - highest)
    weights = exponentials / exponentials.sum(axis=-1, keepdims=True)
    if verbose:
        print("sums:", weights.sum(axis=-1))
    return weights


# %% SciPy where it is installed
try:
    from scipy.special import softmax as _softmax
except ImportError:

    def _softmax(x, axis):
        e = np.exp(x - x.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)


def softmax(scores):
    return _softmax(scores, axis=-1)


# %% the result in half precision
def softmax(scores):
    weights = np.exp(scores - scores.max(axis=-1)[..., None])
    weights = weights / weights.sum(axis=-1)[..., None]
    return np.float16(weights)


# %% flattened to a table first
def softmax(scores):
    table = scores.reshape(-1, scores.shape[-1])
    rows = []
    for row in table:
        e = np.exp(row - max(row))
        rows.append(e / sum(e))
    return np.array(rows).reshape(scores.shape)


# %% a function that makes the function
def along(axis):
    shift = lambda x: x - x.max(axis=axis, keepdims=True)
    normalise = lambda x: x / x.sum(axis=axis, keepdims=True)
    return lambda scores: normalise(np.exp(shift(scores)))


softmax = along(-1)
