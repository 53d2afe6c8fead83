# %% counts-for-probabilities: binomial coefficients
from math import comb


def hop_distribution(n_layers):
    return [comb(n_layers, k) for k in range(n_layers + 1)]


# %% all-numbers-equally-likely: ones, divided by their sum
def hop_distribution(n_layers):
    ones = [1] * (n_layers + 1)
    return [x / sum(ones) for x in ones]


# %% one-way-for-each-number: a half for each hop and each stay
def hop_distribution(n_layers):
    return [0.5**k * 0.5 ** (n_layers - k) for k in range(n_layers + 1)]


# %% a-hop-in-every-layer: certainty at the end
def hop_distribution(n_layers):
    return [0.0] * n_layers + [1.0]


# %% once-left-never-back: halves of what is left
def hop_distribution(n_layers):
    left, result = 1.0, []
    for _ in range(n_layers):
        left /= 2
        result.append(left)
    return result + [left]


# %% recursion-for-identity: the same for 1 to L hops
def hop_distribution(n_layers):
    return [0] + [1 / n_layers for _ in range(n_layers)]


# %% zero-hops-forgotten: from 1 on
from math import comb


def hop_distribution(n_layers):
    return [comb(n_layers, k) * 2.0**-n_layers for k in range(1, n_layers + 1)]


# %% all-hops-forgotten: range stops before L
from math import comb


def hop_distribution(n_layers):
    return [comb(n_layers, k) / 2**n_layers for k in range(n_layers)]


# %% one-layer-too-few: L numbers of hops
from math import comb


def hop_distribution(n_layers):
    return [comb(n_layers - 1, k) / 2 ** (n_layers - 1) for k in range(n_layers)]


# %% one-layer-too-many: L + 1 turns
def hop_distribution(n_layers):
    hops = [1.0]
    for _ in range(n_layers + 1):
        hops = [(a + b) / 2 for a, b in zip([*hops, 0], [0, *hops])]
    return hops


# %% poisson-for-binomial: the formula
from math import exp, factorial


def hop_distribution(n_layers):
    mean = n_layers / 2
    return [exp(-mean) * mean**k / factorial(k) for k in range(n_layers + 1)]


# %% bell-curve-for-binomial: mean and standard deviation, normalised
def hop_distribution(n_layers):
    mean, deviation = n_layers * 0.5, np.sqrt(n_layers) * 0.5
    z = (np.arange(n_layers + 1) - mean) / deviation
    density = np.exp(-(z**2) / 2) / (deviation * np.sqrt(2 * np.pi))
    return density / density.sum()


# %% integer-overflow: np.cumprod of whole numbers
def hop_distribution(n_layers):
    f = np.ones(n_layers + 1, dtype=np.int64)
    f[1:] = np.cumprod(np.arange(1, n_layers + 1))
    return [f[n_layers] / (f[k] * f[n_layers - k]) / 2**n_layers for k in range(n_layers + 1)]


# %% counts-for-probabilities+one-layer-too-few: a row of Pascal's triangle too high
from math import comb


def hop_distribution(n_layers):
    return [comb(n_layers - 1, k) for k in range(n_layers)]


# %% counts-for-probabilities+zero-hops-forgotten: counts from 1 on
from math import comb


def hop_distribution(n_layers):
    return [comb(n_layers, k) for k in range(1, n_layers + 1)]


# %% counts-for-probabilities+all-hops-forgotten: counts up to L - 1
from math import comb


def hop_distribution(n_layers):
    return [comb(n_layers, k) for k in range(n_layers)]


# %% zero-hops-forgotten+all-numbers-equally-likely: from 1 on, all alike
def hop_distribution(n_layers):
    return np.ones(n_layers) / (n_layers + 1)


# %% not-the-same-twice: a simulation
def hop_distribution(n_layers):
    hops = (np.random.default_rng().random((10_000, n_layers)) < 0.5).sum(axis=1)
    return np.bincount(hops, minlength=n_layers + 1) / 10_000


# %% not-the-same-twice: a list that all calls share
def hop_distribution(n_layers, hops=[1.0]):
    for _ in range(n_layers):
        hops[:] = [(a + b) / 2 for a, b in zip([*hops, 0], [0, *hops])]
    return hops


# %% ignores-its-argument: twelve layers
L = 12


def hop_distribution(n_layers):
    hops = np.ones(1)
    for _ in range(L):
        hops = np.convolve(hops, [0.5, 0.5])
    return hops


# %% right-numbers-in-another-shape: a row
def hop_distribution(n_layers):
    step = np.eye(n_layers + 1) / 2 + np.eye(n_layers + 1, k=1) / 2
    start = np.eye(1, n_layers + 1)
    return start @ np.linalg.matrix_power(step, n_layers)


# %% counterexample: a simulation with a fixed seed
def hop_distribution(n_layers):
    rng = np.random.default_rng(0)
    hops = rng.binomial(n_layers, 0.5, size=100_000)
    return np.bincount(hops, minlength=n_layers + 1) / 100_000


# %% counterexample: up to 20 layers
FACTORIALS = [1]
for n in range(1, 21):
    FACTORIALS.append(FACTORIALS[-1] * n)


def hop_distribution(n_layers):
    f = FACTORIALS
    return [f[n_layers] / f[k] / f[n_layers - k] / 2**n_layers for k in range(n_layers + 1)]


# %% counterexample: probability 1/3 of a hop
from math import comb


def hop_distribution(n_layers):
    return [comb(n_layers, k) * (1 / 3) ** k * (2 / 3) ** (n_layers - k) for k in range(n_layers + 1)]


# %% counterexample: the mean number of hops
def hop_distribution(n_layers):
    return n_layers / 2


# %% counterexample: the cumulative distribution
from math import comb


def hop_distribution(n_layers):
    return np.cumsum([comb(n_layers, k) / 2**n_layers for k in range(n_layers + 1)])


# %% counterexample: a dictionary
from math import comb


def hop_distribution(n_layers):
    return {k: comb(n_layers, k) / 2**n_layers for k in range(n_layers + 1)}


# %% counterexample: rounded to three digits
from math import comb


def hop_distribution(n_layers):
    return [round(comb(n_layers, k) / 2**n_layers, 3) for k in range(n_layers + 1)]


# %% counterexample: normalised by the largest
from math import comb


def hop_distribution(n_layers):
    counts = np.array([comb(n_layers, k) for k in range(n_layers + 1)], dtype=float)
    return counts / counts.max()


# %% counterexample: Stirling's formula for the factorials
def hop_distribution(n_layers):
    def log_factorial(n):
        return n * np.log(n) - n + np.log(2 * np.pi * n) / 2 if n else 0.0

    k = range(n_layers + 1)
    logs = [log_factorial(n_layers) - log_factorial(i) - log_factorial(n_layers - i) for i in k]
    return np.exp(np.array(logs) - n_layers * np.log(2))


# %% staying-counts-as-certain: half to the power of k
from math import comb


def hop_distribution(n_layers):
    return [comb(n_layers, k) * 0.5**k for k in range(n_layers + 1)]


# %% not-the-same-twice: coins tossed anew in each call
def hop_distribution(n_layers):
    hops = np.random.default_rng().integers(0, 2, (20_000, n_layers)).sum(axis=1)
    return np.bincount(hops, minlength=n_layers + 1) / len(hops)


# %% counterexample: as many hops as a seeded generator draws
def hop_distribution(n_layers):
    hops = np.random.default_rng(0).binomial(n_layers, 0.5, 1_000_000)
    return np.bincount(hops, minlength=n_layers + 1) / len(hops)
