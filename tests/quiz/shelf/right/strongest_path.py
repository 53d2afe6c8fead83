# %% all paths, one after another
from itertools import product
from math import prod


def strongest_path(layers, output, source):
    N = layers.shape[-1]

    def weight(path):
        return prod(A[i, j] for A, i, j in zip(layers[::-1], path, path[1:]))

    candidates = ((output, *between, source) for between in product(range(N), repeat=len(layers) - 1))
    return max(candidates, key=weight)


# %% dynamic programming from the source, in logarithms and float32
def strongest_path(layers, output, source):
    costs = -np.log(np.float32(layers))
    cost = costs[0][:, source]
    back = []
    for layer in costs[1:]:
        total = layer + cost
        back.insert(0, total.argmin(axis=1))
        cost = total.min(axis=1)
    path = [output]
    for choice in back:
        path.append(choice[path[-1]])
    return path + [source]


# %% recursion with a cache
from functools import cache


def strongest_path(layers, output, source):
    @cache
    def best(position, level):
        """Weight and path of the best way from a position above this level down to the source."""
        if level == 0:
            return layers[0][position][source], (position, source)
        options = []
        for below in range(layers.shape[1]):
            weight, path = best(below, level - 1)
            options.append((layers[level][position][below] * weight, (position,) + path))
        return max(options)

    return best(output, len(layers) - 1)[1]


# %% from the top down, the best path to each position
def strongest_path(layers, output, source):
    best = {output: (1.0, [output])}
    for A in layers[::-1]:
        best = {
            k: max(((w * A[path[-1], k], path + [k]) for w, path in best.values()), key=lambda pair: pair[0])
            for k in range(len(A))
        }
    return best[source][1]


# %% Dijkstra with a heap
import heapq


def strongest_path(layers, output, source):
    L, N = layers.shape[0], layers.shape[1]
    queue = [(-1.0, (output,))]
    done = set()
    while queue:
        weight, path = heapq.heappop(queue)
        state = (len(path) - 1, path[-1])
        if state in done:
            continue
        done.add(state)
        if state == (L, source):
            return path
        if state[0] < L:
            for k in range(N):
                heapq.heappush(queue, (weight * layers[L - len(path), path[-1], k], path + (k,)))


# %% a tensor of all paths and its largest entry
def strongest_path(layers, output, source):
    L = len(layers)
    if L == 1:
        return np.array([output, source])
    weights = layers[-1][output]
    for A in layers[-2:0:-1]:
        weights = weights[..., None] * A
    weights = weights * layers[0][:, source]
    return np.array([output, *np.unravel_index(weights.argmax(), weights.shape), source])


# %% depth first, with pruning
def strongest_path(layers, output, source):
    L, N = len(layers), len(layers[0])
    best = {"weight": -1.0, "path": None}

    def walk(path, weight):
        if weight <= best["weight"]:
            return
        level = L - len(path)
        if level < 0:
            if path[-1] == source:
                best["weight"], best["path"] = weight, path
            return
        for k in sorted(range(N), key=lambda k: -layers[level][path[-1]][k]):
            walk(path + [k], weight * layers[level][path[-1]][k])

    walk([output], 1.0)
    return best["path"]


# %% Viterbi tables, floats returned
def strongest_path(layers, output, source):
    L, N, _ = layers.shape
    score = np.zeros((L + 1, N))
    came_from = np.zeros((L + 1, N), dtype=int)
    score[0, output] = 1
    for step in range(L):
        for j in range(N):
            for i in range(N):
                candidate = score[step, i] * layers[L - 1 - step, i, j]
                if candidate > score[step + 1, j]:
                    score[step + 1, j] = candidate
                    came_from[step + 1, j] = i
    path = np.zeros(L + 1)
    path[L] = source
    for step in range(L, 0, -1):
        path[step - 1] = came_from[step, int(path[step])]
    return path


# %% exact fractions, later candidates win ties
from fractions import Fraction


def strongest_path(layers, output, source):
    def join(upper, A):
        N = len(A)
        result = {}
        for j in range(N):
            for i, (weight, path) in upper.items():
                w = weight * Fraction(float(A[i, j]))
                if j not in result or w >= result[j][0]:
                    result[j] = (w, [*path, j])
        return result

    table = {output: (Fraction(1), [output])}
    for A in reversed(list(layers)):
        table = join(table, A)
    return table[source][1]


# %% meeting in the middle
def strongest_path(layers, output, source):
    def grow(paths, matrices):
        for M in matrices:
            paths = [
                max((w * M[p[-1], k], (*p, k)) for w, p in paths)
                for k in range(layers.shape[-1])
            ]
        return paths

    half = len(layers) // 2
    upper = grow([(1.0, (output,))], layers[half:][::-1])
    lower = grow([(1.0, (source,))], np.swapaxes(layers[:half], 1, 2))
    pairs = [(u * v, p, q) for u, p in upper for v, q in lower if p[-1] == q[-1]]
    _weight, p, q = max(pairs)
    return [int(x) for x in p + q[-2::-1]]


# %% max-product matrices for all pairs, then a walk along the best values
def strongest_path(layers, output, source):
    best = [np.where(np.eye(layers.shape[-1], dtype=bool), 1.0, 0.0)]
    for A in layers:
        best.append((A[:, :, None] * best[-1][None]).max(axis=1))
    path = [output]
    for l in range(len(layers), 0, -1):
        through = layers[l - 1][path[-1]] * best[l - 1][:, source]
        path.append(through.argmax())
    return tuple(float(p) for p in path)


# %% every partial path kept and sorted
def strongest_path(layers, output, source):
    paths = [([source], 1.0)]
    for number, A in enumerate(layers, start=1):
        tops = [output] if number == len(layers) else range(len(A))
        longer = [([top] + p, A[top, p[0]] * w) for p, w in paths for top in tops]
        paths = sorted(longer, key=lambda pair: pair[1])
    return paths[-1][0]


# %% logarithms with something tiny added against log(0)
def strongest_path(layers, output, source):
    cost = -np.log(layers + 1e-12)
    best = {source: (0.0, [source])}
    for A in cost:
        best = {i: min((A[i, p[0]] + w, [i] + p) for w, p in best.values()) for i in range(len(A))}
    return best[output][1]
