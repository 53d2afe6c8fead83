# %% binomial coefficients
from math import comb


def hop_distribution(n_layers):
    return [comb(n_layers, k) / 2**n_layers for k in range(n_layers + 1)]


# %% exact fractions
from fractions import Fraction
import math


def hop_distribution(n_layers):
    return tuple(Fraction(math.comb(n_layers, k), 2**n_layers) for k in range(n_layers + 1))


# %% layer by layer, in float32
def hop_distribution(n_layers):
    hops = np.zeros(n_layers + 1, dtype=np.float32)
    hops[0] = 1
    for _ in range(n_layers):
        hops = 0.5 * hops + 0.5 * np.concatenate([[0], hops[:-1]])
    return hops


# %% recursion
def hop_distribution(n_layers):
    if n_layers == 0:
        return [1.0]
    below = hop_distribution(n_layers - 1)
    return [(stay + hop) / 2 for stay, hop in zip(below + [0], [0] + below)]


# %% a polynomial
def hop_distribution(n_layers):
    return (np.poly1d([0.5, 0.5]) ** n_layers).coeffs


# %% logarithms of factorials
from math import exp, lgamma, log


def hop_distribution(n_layers):
    L = n_layers
    return [exp(lgamma(L + 1) - lgamma(k + 1) - lgamma(L - k + 1) - L * log(2)) for k in range(L + 1)]


# %% a matrix of transitions, raised to the power L
def hop_distribution(n_layers):
    size = n_layers + 1
    step = np.eye(size) / 2 + np.eye(size, k=1) / 2
    return np.linalg.matrix_power(step, n_layers)[0]


# %% Fourier transform of one layer
def hop_distribution(n_layers):
    one_layer = np.zeros(n_layers + 1)
    one_layer[:2] = 0.5
    if n_layers == 1:
        return one_layer
    return np.fft.ifft(np.fft.fft(one_layer) ** n_layers).real


# %% each from the one before
def hop_distribution(n_layers):
    p = 0.5**n_layers
    result = []
    for k in range(n_layers + 1):
        result.append(p)
        p = p * (n_layers - k) / (k + 1)
    return result


# %% Pascal's triangle in whole numbers
def hop_distribution(n_layers):
    row = [1]
    for _ in range(n_layers):
        row = [1] + [a + b for a, b in zip(row, row[1:])] + [1]
    total = sum(row)
    return [entry / total for entry in row]


# %% reduce and convolve
from functools import reduce


def hop_distribution(n_layers):
    return reduce(np.convolve, [np.array([0.5, 0.5])] * n_layers)


# %% a Counter of walkers
from collections import Counter


def hop_distribution(n_layers):
    walkers = Counter({0: 1})
    for _layer in range(n_layers):
        moved = Counter()
        for hops, number in walkers.items():
            moved[hops] += number
            moved[hops + 1] += number
        walkers = moved
    everyone = walkers.total()
    return np.array([walkers[k] / everyone for k in range(n_layers + 1)])


# %% float factorials with np.prod
def hop_distribution(n_layers):
    def choose(k):
        return np.prod(np.arange(n_layers, n_layers - k, -1.0) / np.arange(k, 0, -1.0))

    half = [choose(k) * 0.5**n_layers for k in range(n_layers // 2 + 1)]
    return half + half[: (n_layers + 1) // 2][::-1]


# %% SciPy where it is installed
try:
    from scipy.stats import binom

    def hop_distribution(n_layers):
        return binom.pmf(np.arange(n_layers + 1), n_layers, 0.5)

except ImportError:
    from math import comb

    def hop_distribution(n_layers):
        return np.array([comb(n_layers, k) for k in range(n_layers + 1)]) * 0.5**n_layers


# %% the Decimal module, half precision returned
from decimal import Decimal, getcontext


def hop_distribution(n_layers: int) -> np.ndarray:
    getcontext().prec = 40
    half = Decimal("0.5")
    hops = [Decimal(1)]
    for _ in range(n_layers):
        hops = [half * (a + b) for a, b in zip([*hops, 0], [0, *hops])]
    return np.array([float(p) for p in hops], dtype=np.float16)


# %% a cache of all that was ever computed
KNOWN = {0: (1.0,)}


def hop_distribution(n_layers):
    if n_layers not in KNOWN:
        below = hop_distribution(n_layers - 1)
        KNOWN[n_layers] = tuple(
            ((below[k - 1] if k > 0 else 0) + (below[k] if k < n_layers else 0)) / 2
            for k in range(n_layers + 1)
        )
    return KNOWN[n_layers]
