# %% functools.reduce
from functools import reduce


def rollout_product(layers):
    return reduce(lambda R, A: A @ R, layers)


# %% three nested loops
def rollout_product(layers):
    L, N, _ = layers.shape
    R = [[float(i == j) for j in range(N)] for i in range(N)]
    for l in range(L):
        S = [[0.0] * N for _ in range(N)]
        for i in range(N):
            for j in range(N):
                for k in range(N):
                    S[i][j] += layers[l][i][k] * R[k][j]
        R = S
    return R


# %% recursion from the top
def rollout_product(layers):
    if len(layers) == 1:
        return layers[0].tolist()
    return layers[-1] @ rollout_product(layers[:-1])


# %% one einsum for all layers
def rollout_product(layers):
    operands = []
    for position, A in enumerate(layers[::-1]):
        operands += [A, [position, position + 1]]
    return np.einsum(*operands, [0, len(layers)], optimize=True)


# %% all paths at once: a tensor with an axis for each level
def rollout_product(layers):
    paths = layers[-1]
    for A in layers[-2::-1]:
        paths = paths[..., np.newaxis] * A
    between = tuple(range(1, len(layers)))
    return paths.sum(axis=between)


# %% from the last layer to the first
def rollout_product(layers):
    R = np.identity(layers.shape[1])
    for A in reversed(layers):
        R = np.dot(R, A)
    return R


# %% transposes, turned back at the end
def rollout_product(layers):
    columns = np.eye(layers.shape[-1], dtype=np.float32)
    for A in layers:
        columns = columns @ A.T.astype(np.float32)
    return columns.T


# %% divide and conquer
def rollout_product(layers):
    if len(layers) <= 1:
        return layers[0]
    middle = len(layers) // 2
    return rollout_product(layers[middle:]) @ rollout_product(layers[:middle])


# %% one big nilpotent matrix, raised to the power L
def rollout_product(layers):
    L, N, _ = layers.shape
    big = np.zeros(((L + 1) * N, (L + 1) * N))
    for l, A in enumerate(layers):
        big[(l + 1) * N : (l + 2) * N, l * N : (l + 1) * N] = A
    return np.linalg.matrix_power(big, L)[L * N :, :N]


# %% a linear system whose solution is the stream of all levels
def rollout_product(layers):
    L, N, _ = layers.shape
    system = np.eye((L + 1) * N)
    for l in range(L):
        system -= np.kron(np.eye(L + 1)[:, [l + 1]] @ np.eye(L + 1)[[l]], layers[l])
    inputs = np.vstack([np.eye(N), np.zeros((L * N, N))])
    return np.linalg.solve(system, inputs)[-N:]


# %% exact fractions
from fractions import Fraction


def rollout_product(layers):
    exact = np.vectorize(Fraction, otypes=[object])
    R = exact(layers[0])
    for A in layers[1:]:
        R = exact(A) @ R
    return R


# %% np.matrix and its star
def rollout_product(layers):
    R = np.matrix(layers[0])
    for A in layers[1:]:
        R = np.matrix(A) * R
    return R


# %% one input position at a time, pushed upwards
def rollout_product(layers):
    columns = []
    for source in range(layers.shape[-1]):
        share = np.zeros(layers.shape[-1])
        share[source] = 1
        for A in layers:
            share = A.dot(share)
        columns.append(share)
    return np.column_stack(columns)


# %% sparse dictionaries
from collections import defaultdict


def rollout_product(layers):
    N = layers.shape[-1]
    table = np.zeros((N, N))
    for output in range(N):
        mass = {output: 1.0}
        for A in layers[::-1]:
            below = defaultdict(float)
            for position, weight in mass.items():
                for k in A[position].nonzero()[0]:
                    below[k] += weight * A[position, k]
            mass = below
        for source, weight in mass.items():
            table[output, source] = weight
    return table


# %% in logarithms
def rollout_product(layers):
    logs = np.log(layers)
    R = logs[0]
    for A in logs[1:]:
        R = np.logaddexp.reduce(A[:, :, None] + R[None], axis=1)
    return np.exp(R)


# %% an accumulator with operators, prints what it does
import operator


class Product:
    def __init__(self, matrix):
        self.matrix = matrix

    def __rmatmul__(self, other):
        print("multiplying", other.shape)
        return Product(np.matmul(other, self.matrix))

    __array_ufunc__ = None


def rollout_product(layers, start=1):
    R = Product(layers[0])
    for A in layers[start:]:
        R = operator.matmul(A, R)
    return R.matrix


# %% a list used as a stack
def rollout_product(layers):
    stack = list(layers)
    while len(stack) > 1:
        first, second = stack.pop(0), stack.pop(0)
        stack.insert(0, second @ first)
    return stack[0]


# %% a copy written over in place, returned in half precision
def rollout_product(layers):
    R = layers[0].copy()
    for A in layers[1:]:
        R[...] = A @ R
    return R.astype(np.half)
