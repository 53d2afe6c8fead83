# %% greedy-from-the-top: heaviest link after heaviest link
def strongest_path(layers, output, source):
    here = output
    path = [here]
    for l in range(len(layers) - 1, 0, -1):
        row = list(layers[l][here])
        here = row.index(max(row))
        path.append(here)
    path.append(source)
    return path


# %% greedy-from-the-bottom: who reads most from here?
def strongest_path(layers, output, source):
    here, path = source, [source]
    for A in layers[: len(layers) - 1]:
        here = int(np.argmax(A.T[here]))
        path.insert(0, here)
    return [output] + path


# %% sum-along-the-path: all paths, compared by their sums
from itertools import product


def strongest_path(layers, output, source):
    def total(path):
        return sum(A[i, j] for A, i, j in zip(layers[::-1], path, path[1:]))

    between = product(range(layers.shape[-1]), repeat=len(layers) - 1)
    return max(((output, *b, source) for b in between), key=total)


# %% weakest-link-counts: all paths, compared by their smallest weight
from itertools import product


def strongest_path(layers, output, source):
    def weakest(path):
        return min(A[i, j] for A, i, j in zip(layers[::-1], path, path[1:]))

    between = product(range(layers.shape[-1]), repeat=len(layers) - 1)
    return max(((output, *b, source) for b in between), key=weakest)


# %% best-position-at-each-level: the entries of two products
def strongest_path(layers, output, source):
    L, N, _ = layers.shape
    below = [np.eye(N)[:, source]]
    for A in layers:
        below.append(A @ below[-1])
    above = np.eye(N)[output]
    path = [output]
    for l in range(L - 1, 0, -1):
        above = above @ layers[l]
        path.append((above * below[l]).argmax())
    return path + [source]


# %% source-first: not turned round at the end
def strongest_path(layers, output, source):
    best = {source: (1.0, [source])}
    for A in layers:
        best = {i: max((A[i, p[-1]] * w, p + [i]) for w, p in best.values()) for i in range(len(A))}
    return best[output][1]


# %% output-left-out: only the positions that are reached
from itertools import product
from math import prod


def strongest_path(layers, output, source):
    def weight(steps):
        return prod(A[i, j] for A, i, j in zip(layers[::-1], (output, *steps), steps))

    between = product(range(layers.shape[-1]), repeat=len(layers) - 1)
    return list(max(((*b, source) for b in between), key=weight))


# %% order-reversed: the first link through the first layer
from itertools import product
from math import prod


def strongest_path(layers, output, source):
    def weight(path):
        return prod(A[i, j] for A, i, j in zip(layers, path, path[1:]))

    between = product(range(layers.shape[-1]), repeat=len(layers) - 1)
    return max(((output, *b, source) for b in between), key=weight)


# %% columns-for-rows: the indices swapped
from itertools import product
from math import prod


def strongest_path(layers, output, source):
    def weight(path):
        return prod(A[j, i] for A, i, j in zip(layers[::-1], path, path[1:]))

    between = product(range(layers.shape[-1]), repeat=len(layers) - 1)
    return max(((output, *b, source) for b in between), key=weight)


# %% source-ignored: the heaviest from the output to anywhere
def strongest_path(layers, output, source):
    best = {output: (1.0, [output])}
    for A in layers[::-1]:
        best = {k: max((w * A[p[-1], k], p + [k]) for w, p in best.values()) for k in range(len(A))}
    return max(best.values())[1]


# %% identity-added: all paths through augmented layers
from itertools import product
from math import prod


def strongest_path(layers, output, source):
    def weight(path):
        return prod((A[i, j] + (i == j)) / 2 for A, i, j in zip(layers[::-1], path, path[1:]))

    between = product(range(layers.shape[-1]), repeat=len(layers) - 1)
    return max(((output, *b, source) for b in between), key=weight)


# %% order-reversed+greedy-from-the-top: heaviest links, from the first layer on
def strongest_path(layers, output, source):
    path = [output]
    for A in layers[:-1]:
        path.append(A[path[-1]].argmax())
    return path + [source]


# %% source-first+order-reversed: from the source through the first layer's rows
def strongest_path(layers, output, source):
    best = {output: (1.0, [output])}
    for A in layers:
        best = {j: max((w * A[p[-1], j], p + [j]) for w, p in best.values()) for j in range(len(A))}
    return best[source][1][::-1]


# %% source-first+sum-along-the-path: sums, from the source upwards
def strongest_path(layers, output, source):
    best = {source: (0.0, [source])}
    for A in layers:
        best = {i: max((A[i, p[-1]] + w, p + [i]) for w, p in best.values()) for i in range(len(A))}
    return best[output][1]


# %% output-left-out+greedy-from-the-top: greedy, and the output is not listed
def strongest_path(layers, output, source):
    path, here = [], output
    for A in layers[:0:-1]:
        here = A[here].argmax()
        path.append(here)
    return path + [source]


# %% source-first+greedy-from-the-top: greedy, and turned round
def strongest_path(layers, output, source):
    path = [output]
    for A in layers[:0:-1]:
        path.append(A[path[-1]].argmax())
    return [source] + path[::-1]


# %% right-numbers-in-another-shape: a list of one path
from itertools import product
from math import prod


def strongest_path(layers, output, source):
    paths = [(output, *b, source) for b in product(range(layers.shape[-1]), repeat=len(layers) - 1)]
    weights = [prod(A[i, j] for A, i, j in zip(layers[::-1], p, p[1:])) for p in paths]
    return [paths[int(np.argmax(weights))]]


# %% modifies-its-argument: logarithms written over the layers
def strongest_path(layers, output, source):
    np.log(layers, out=layers)
    best = {source: (0.0, [source])}
    for A in layers:
        best = {i: max((A[i, p[0]] + w, [i] + p) for w, p in best.values()) for i in range(len(A))}
    return best[output][1]


# %% ignores-its-argument: the answer to the example
def strongest_path(layers, output, source):
    return [0, 1, 2]


# %% not-the-same-twice: the best of a few random paths
def strongest_path(layers, output, source):
    weight, best = -1, None
    for _ in range(3):
        path = [output, *np.random.randint(0, layers.shape[-1], len(layers) - 1), source]
        w = np.prod([A[i, j] for A, i, j in zip(layers[::-1], path, path[1:])])
        if w > weight:
            weight, best = w, path
    return best


# %% counterexample: the weight in place of the path
def strongest_path(layers, output, source):
    best = layers[0][:, source]
    for A in layers[1:]:
        best = (A * best).max(axis=1)
    return best[output]


# %% counterexample: weight and path
def strongest_path(layers, output, source):
    best = {output: (1.0, [output])}
    for A in layers[::-1]:
        best = {k: max((w * A[p[-1], k], p + [k]) for w, p in best.values()) for k in range(len(A))}
    return best[source]


# %% counted-from-one: positions as people count
def strongest_path(layers, output, source):
    best = {output: (1.0, [output])}
    for A in layers[::-1]:
        best = {k: max((w * A[p[-1], k], p + [k]) for w, p in best.values()) for k in range(len(A))}
    return [k + 1 for k in best[source][1]]


# %% counterexample: two layers only
def strongest_path(layers, output, source):
    through = layers[1][output] * layers[0][:, source]
    return [output, through.argmax(), source]


# %% counterexample: only paths that never come back to a position
from itertools import permutations
from math import prod


def strongest_path(layers, output, source):
    others = [k for k in range(layers.shape[-1]) if k not in (output, source)]
    best, found = -1, [output] * len(layers) + [source]
    for between in permutations(others, len(layers) - 1):
        path = (output, *between, source)
        w = prod(A[i, j] for A, i, j in zip(layers[::-1], path, path[1:]))
        if w > best:
            best, found = w, path
    return found


# %% counterexample: a beam of one
def strongest_path(layers, output, source):
    path = [output]
    R = layers[0]
    below = [R]
    for A in layers[1:-1]:
        R = A @ R
        below.append(R)
    for l in range(len(layers) - 1, 0, -1):
        path.append((layers[l][path[-1]] * below[l - 1][:, source]).argmax())
    return path + [source]


# %% counterexample: logarithms with something small added
def strongest_path(layers, output, source):
    cost = -np.log(layers + 0.05)
    best = {source: (0.0, [source])}
    for A in cost:
        best = {i: min((A[i, p[0]] + w, [i] + p) for w, p in best.values()) for i in range(len(A))}
    return best[output][1]


# %% counterexample: the last position is the best one, whatever the source
def strongest_path(layers, output, source):
    best = {output: (1.0, [output])}
    for A in layers[::-1]:
        best = {k: max((w * A[p[-1], k], p + [k]) for w, p in best.values()) for k in range(len(A))}
    return max(best.values())[1][:-1] + [source]


# %% ends-left-out: what lies between
def strongest_path(layers, output, source):
    best = {output: (1.0, [output])}
    for A in layers[::-1]:
        best = {k: max((w * A[p[-1], k], p + [k]) for w, p in best.values()) for k in range(len(A))}
    return best[source][1][1:-1]


# %% counterexample: the logarithm of zero is an error
import math


def strongest_path(layers, output, source):
    best = {source: (0.0, [source])}
    for A in layers:
        best = {
            i: max((math.log(A[i, p[0]]) + w, [i] + p) for w, p in best.values()) for i in range(len(A))
        }
    return best[output][1]
