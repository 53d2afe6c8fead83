# %% [markdown]
# # Rollout as a product of matrices
#
# ## What you will be able to do
#
# In about 30 minutes, and a quiz of 35 after it. Then you can
#
# - multiply the layers in the right order and say what one entry of the product means;
# - write an entry as a sum over paths, and find the heaviest of them;
# - read a row of `R` without mistaking it for a column;
# - show what many layers do to the rows, and say why that is a problem.
#
# Builds on `00_start_here` and `01_single_layer_attention`. **Run each cell with Shift+Enter**, from the top.

# %%
from itertools import product as pairs
from timeit import repeat

import numpy as np

from rollout_lab import fuse_heads, rollout, rollout_steps, softmax, top_paths
from rollout_lab.explorers import path_tracer, rollout_stepper, row_collapse
from rollout_lab.figures import grouped_bars, heatmaps, layered_graph, lines, row_bars
from rollout_lab.models import example_names, load_example, paper_example
from rollout_lab.quiz import practice, predict, reveal

np.set_printoptions(precision=2, suppress=True)

# %% [markdown]
# ## A product of layers
#
# Three tokens, two layers, one head each. In layer 1, C reads half of A. In layer 2, B reads half of C. Find these two cells.
# Then look at the outlined one, row B, column A: neither layer lets B read A.

# %%
paper = paper_example()
first, second = paper.attentions[:, 0].astype(float)
heatmaps(
    [first, second],
    paper.tokens,
    titles=["layer 1", "layer 2"],
    title="Neither layer links B to A",
    mark=(1, 0),
)

# %%
predict(
    "02-does-b-draw-from-a",
    "Neither layer lets B read A. After both layers, how much of position B comes from A?",
    options=["nothing", "one quarter", "one half", "all of it"],
)

# %% [markdown]
# Work it out by hand. In layer 2, B reads the positions `k` = A, B, C. What stands at `k` by then was made by layer 1. So multiply
# the two weights for each `k`, and add up.

# %%
for k, name in enumerate(paper.tokens):
    upper, lower = second[1, k], first[k, 0]
    print(f"B reads {upper:.2f} of {name}, which holds {lower:.2f} of A: {upper * lower:.2f}")

b_from_a = second[1] @ first[:, 0]
reveal("02-does-b-draw-from-a", f"{b_from_a:.2f} of B comes from A, all of it through C.")

# %% [markdown]
# That is one entry of a matrix product: row B of layer 2 times column A of layer 1. Do the same for every pair and you have the
# whole product.
#
# Write `A_l` for the matrix of layer `l` and `L` for the number of layers. **Rollout** is
#
#     R_1 = A_1
#     R_l = A_l @ R_{l-1}          so  R = A_L @ ... @ A_2 @ A_1
#
# `R[i, j]` is how much output position `i` draws from input position `j`. The library's `rollout` does this when you say
# `residual="none"`: attention alone. Lesson 03 adds what is missing.

# %%
R = second @ first
print(R)
print("the library agrees:", np.allclose(R, rollout(paper.attentions, residual="none")))

# %%
heatmaps(
    [second, first, R],
    paper.tokens,
    titles=["layer 2", "layer 1", "R"],
    between=["@", "="],
    title="A quarter of B comes from A",
    row=[1, None, 1],
)

# %% [markdown]
# The same, layer by layer. Press Next and watch row B. Then choose another row.

# %%
rollout_stepper(paper.attentions, paper.tokens, residual="none", layer=1, query=1)

# %% [markdown]
# Now a real sentence. MiniLM has six layers; the heads of each are averaged. Follow `is` through the first two layers. It draws more
# from `hat` than either layer says.

# %%
example = load_example("long_distance")
tokens = example.tokens
layers = fuse_heads(example.attentions).astype(float)  # (L, N, N)
verb, hat = tokens.index("is"), tokens.index("hat")
two = layers[1] @ layers[0]
print(example.text)
for name, matrix in [("layer 1", layers[0]), ("layer 2", layers[1]), ("both", two)]:
    print(f"{name}: is draws {matrix[verb, hat]:.3f} from hat")

# %% [markdown]
# By what way? The entry is a sum over the token in the middle. Expect one to stand out.

# %%
via = layers[1][verb] * layers[0][:, hat]
print(f"via {tokens[via.argmax()]}: {via.max() / via.sum():.0%} of the entry")
layered_graph(
    layers[:2],
    tokens,
    paths=top_paths(layers[:2], verb, hat, k=3, residual="none"),
    residual="none",
    mark=(verb, hat),
    title="hat reaches is through bought",
)

# %% [markdown]
# ### Rows, not columns
#
# A row of `R` describes one *output*: what it is made of. Its weights sum to 1. A column describes one *input*: how much
# each output took from it. Nothing makes a column sum to 1, because many positions may read the same token.

# %%
R_real = rollout(layers, residual="none")
columns = R_real.sum(axis=0)
low, high = columns.argmin(), columns.argmax()
print("every row sums to 1:", np.allclose(R_real.sum(axis=1), 1))
print(f"column sums: from {columns[low]:.2f} ({tokens[low]}) to {columns[high]:.2f} ({tokens[high]})")

# %%
practice("read-r-by-row")

# %% [markdown]
# ## Paths and their weights
#
# Your sum had one term for each token in the middle: one for each **path** from A to B. It is the same at any depth:
#
#     R[i, j] = sum of A_L[i, k] · A_{L-1}[k, m] · ... · A_1[z, j]
#               over every choice of the positions k, m, ..., z in between
#
# A path takes one link in each layer and weighs the *product* of its links. An entry is the *sum* of its paths.
#
# In pictures, arrows follow the information: A → C → B. A `Path` in the library lists the output first, as the formula does.
# Positions count from 0, so `(1, 2, 0)` is B, C, A.

# %%
print(top_paths(paper.attentions, output=1, source=0, residual="none"))
layered_graph(
    paper.attentions,
    paper.tokens,
    paths=top_paths(paper.attentions, 1, 0, residual="none"),
    residual="none",
    title="One path leads from A to B: A → C → B",
    mark=(1, 0),
)

# %% [markdown]
# **Your turn, with gaps.** A third layer: A reads half of B, the others read themselves. How much of A's output comes
# from A's input? Two paths have a weight. One is worked out; fill in the other.

# %%
third = np.array([[1 / 2, 1 / 2, 0], [0, 1, 0], [0, 0, 1]])
stays = third[0, 0] * second[0, 0] * first[0, 0]  # A → A → A → A
goes_round = None  # your turn: A → C → B → A, one weight from each layer

# %%
entry = (third @ second @ first)[0, 0]
print(f"A → A → A → A weighs {stays:.3f}; the entry [A, A] of the product is {entry:.3f}")
if goes_round is None:
    print("Fill in goes_round, then run this cell again.")
else:
    agrees = np.isclose(stays + goes_round, entry)
    print("Yes, together they make up the entry." if agrees else "Not yet: 1/2 times ? times ?")

# %% [markdown]
# **Your own.** Change *one row* of one layer so that *half* of B comes from A, still with no direct link.

# %%
my_first, my_second = first.copy(), second.copy()
# your turn, for example: my_first[2] = [0, 1/2, 1/2]   (row C; a row must sum to 1)

# %%
mine = (my_second @ my_first)[1, 0]
direct = my_first[1, 0] > 0 or my_second[1, 0] > 0
fair = np.allclose([my_first.sum(1), my_second.sum(1)], 1)
print(f"B draws {mine:.2f} from A. Rows sum to 1: {fair}. A direct link: {direct}.")
done = np.isclose(mine, 0.5) and fair and not direct
print("That is it." if done else "Wanted: 0.50, rows that sum to 1, no direct link.")

# %% [markdown]
# In the real sentence every choice of tokens is a path, since softmax leaves no weight at 0. Three layers are few enough to list all
# paths of an entry and to check the formula.

# %%
N, L = len(tokens), len(layers)
paths = top_paths(layers[:3], verb, hat, k=N**2, residual="none")
three = rollout(layers[:3], residual="none")
agree = np.isclose(sum(path.weight for path in paths), three[verb, hat])
print(f"3 layers: {len(paths)} paths, their weights sum to the entry: {agree}")
print(f"{L} layers: {N ** (L - 1):,} paths behind each entry")

# %% [markdown]
# ### The heads: a choice made before the product
#
# We averaged the heads of each layer, then multiplied. The product of means is the mean over *every* choice of one head in each layer:
# a path may change heads on its way. You might multiply head 1 by head 1, head 2 by head 2, and average then. That gives another
# matrix, and forbids what the model allows: every head reads the whole state below, whichever head wrote it.

# %%
one, other = example.attentions[:2].astype(float)  # (heads, N, N) each
every_pair = np.mean([b @ a for a in one for b in other], axis=0)
same_number = (other @ one).mean(axis=0)
print("product of means = mean over all pairs of heads:", np.allclose(two, every_pair))
print(f"difference from the mean of same-number products: up to {abs(two - same_number).max():.3f}")

# %% [markdown]
# So fusing first is a choice, and the average is one way to fuse: it counts every head alike.

# %% [markdown]
# ## The order matters
#
# The last layer stands on the left. Put a drop of dye into token A and follow it. The layer that acts first must stand
# next to the dye.

# %%
dye = np.array([1, 0, 0])  # all of it in A
after_1 = first @ dye
after_2 = second @ after_1
print("after layer 1:", after_1, "  after layer 2:", after_2)
print("the same as R @ dye:", np.allclose(after_2, (second @ first) @ dye))
print("row B of layer 1 @ layer 2:", (first @ second)[1], "  the link A → C → B is lost")

# %% [markdown]
# Tutorials disagree on the order. Does it matter on real attention? Compare row `[CLS]` of the right product and of the reversed one
# by **rank correlation**: 1 means the same order of tokens, 0 that one order tells nothing about the other, −1 the opposite order.

# %%
predict(
    "02-reversed-order",
    f"Over the {len(example_names())} bundled sentences, what is the mean rank correlation of the two [CLS] rows?",
    options=[
        "about 1: the order hardly matters",
        "about 0.5",
        "about 0: unrelated",
        "about −1: turned round",
    ],
)


# %%
def rank_correlation(a, b):
    ranks = np.argsort(np.argsort([a, b], axis=1), axis=1)  # no two weights are equal here
    return np.corrcoef(ranks)[0, 1]


def cls_rows(name):
    attentions = load_example(name).attentions
    return rollout(attentions, residual="none")[0], rollout(attentions[::-1], residual="none")[0]


rho = np.array([rank_correlation(*cls_rows(name)) for name in example_names()])
order_matters = f"mean {rho.mean():.2f}, standard deviation {rho.std(ddof=1):.2f}, n = {len(rho)}"
reveal("02-reversed-order", f"{order_matters}; from {rho.min():.2f} to {rho.max():.2f}.")

# %%
by_name = dict(zip(example_names(), rho, strict=True))
row_bars(
    rho,
    example_names(),
    title=f"Reversing the layers reorders the row of [CLS]: {order_matters}",
    xlabel="rank correlation, right against reversed order",
    alt="A bar for each sentence: " + ", ".join(f"{name} {r:.2f}" for name, r in by_name.items()),
)

# %% [markdown]
# Is that scatter large? Rank correlations of two *unrelated* orders of `N` tokens have mean 0 and standard deviation 1/√(N − 1). (Some
# sentences are near twins, as the two on coreference are. So 16 counts them generously.)

# %%
sizes = np.array([len(load_example(name).tokens) for name in example_names()])
print(f"unrelated orders would give: mean 0, standard deviation {np.sqrt(np.mean(1 / (sizes - 1))):.2f}")

# %% [markdown]
# Both products have rows that sum to 1, and both look plausible. So test your code on layers where the order shows. Symmetric layers
# hide it: their reversed product is the transpose, and in examples as even as this one the same matrix.

# %%
even = np.array([[2, 1, 1], [1, 2, 1], [1, 1, 2]]) / 4
steady = np.array([[8, 1, 1], [1, 8, 1], [1, 1, 8]]) / 10
print("symmetric layers, both orders equal:", np.allclose(steady @ even, even @ steady))
print("paper example, both orders equal:   ", np.allclose(second @ first, first @ second))

# %%
practice("which-layer-first")

# %% [markdown]
# ### Brackets do not matter: one row is cheap
#
# You may not swap the factors, but you may bracket them as you like: `(A_3 @ A_2) @ A_1 = A_3 @ (A_2 @ A_1)`. For one output, start
# from its row of the *last* layer and go down, a row times a matrix each time. With `N` tokens that is about `L · N²` multiplications
# instead of `L · N³`. `queries=` does this.
#
# On random attention, compare the count with the clock. Expect the clock to gain less: both ways must read every weight.

# %%
rng = np.random.default_rng(0)
for n in (64, 256):
    random_layers = softmax(rng.normal(size=(12, n, n)).astype(np.float32))
    all_rows = min(repeat(lambda A=random_layers: rollout(A, residual="none"), number=1, repeat=5))
    one_row = min(repeat(lambda A=random_layers: rollout(A, residual="none", queries=0), number=1, repeat=5))
    print(f"N = {n}: all rows take {n} times the multiplications, {all_rows / one_row:.1f} times the time")
one = rollout(random_layers, residual="none", queries=0)
print("the same row:", np.allclose(one, rollout(random_layers, residual="none")[0]))

# %% [markdown]
# ## The strongest path
#
# Which of its paths carries most of an entry? A tempting rule is *greedy*: start at the output and take the largest weight in each layer.
# Try it. Layer 2: B reads 0.6 of itself and 0.4 of C. Layer 1: B reads 0.5 of A, C reads 0.9 of A.

# %%
layer_1 = np.array([[1, 0, 0], [0.5, 0.5, 0], [0.9, 0, 0.1]])
layer_2 = np.array([[1, 0, 0], [0, 0.6, 0.4], [0, 0, 1]])
for k, name in [(1, "B"), (2, "C")]:
    upper, lower = layer_2[1, k], layer_1[k, 0]
    print(f"A → {name} → B: {lower} × {upper} = {lower * upper:.2f}    weakest link {min(lower, upper)}")

# %% [markdown]
# The greedy rule takes B, since 0.6 is more than 0.4, and ends on the lighter path. So does the rule "take the path whose weakest link
# is strongest". Only the product of all links decides.

# %%
routes = top_paths([layer_1, layer_2], output=1, source=0, residual="none")
layered_graph(
    [layer_1, layer_2],
    paper.tokens,
    paths=routes,
    residual="none",
    mark=(1, 0),
    title=f"A → C → B is heavier than A → B → B; together they make {sum(p.weight for p in routes):.2f}",
)

# %% [markdown]
# With `N` tokens and `L` layers there are `N^(L-1)` paths to an entry. No need to try them all. If the best path to B ends with C → B,
# then its lower part must be the best path to C: a better one would make the whole better. So go up layer by layer, and keep for *every*
# position the best path that ends there. This is *dynamic programming* (Viterbi 1967).
#
# **Your turn.** Let B read a share `x` of itself and `1 - x` of C. At which `x` do the two paths tie? (From one half up to
# there, greedy goes wrong.)

# %%
my_x = None  # your turn: solve 0.5 x = 0.9 (1 - x)

# %%
if my_x is None:
    print("Fill in my_x, then run this cell again.")
else:
    print(f"A → B → B weighs {0.5 * my_x:.3f}, A → C → B {0.9 * (1 - my_x):.3f}.", end=" ")
    print("Here they tie." if np.isclose(0.5 * my_x, 0.9 * (1 - my_x), atol=0.005) else "They should tie.")

# %% [markdown]
# Back to the sentence. Through two layers, `hat` reached `is` by way of `bought`.

# %%
predict(
    "02-strongest-path",
    "Through all six layers, over which token does the strongest path from `hat` to `is` run?",
    options=[
        "bought, as in the first two layers",
        "hat itself, until the last layer",
        "[CLS]",
        "is itself, after layer 1",
    ],
)

# %%
strongest = top_paths(layers, verb, hat, k=4, residual="none")
route = " → ".join(tokens[k] for k in reversed(strongest[0].positions))
share = strongest[0].weight / R_real[verb, hat]
reveal("02-strongest-path", f"{route}. It carries {share:.0%} of the entry; all other paths share the rest.")

# %%
layered_graph(
    layers,
    tokens,
    paths=strongest,
    residual="none",
    mark=(verb, hat),
    title="Over six layers the strongest paths from hat to is run through [CLS]",
)

# %% [markdown]
# Is that peculiar to this pair? Choose other outputs and sources. Can you find a strongest path that avoids `[CLS]`?

# %%
path_tracer(layers, tokens, output=verb, source=tokens.index("book"), residual="none")

# %% [markdown]
# Now try all pairs of tokens in all bundled sentences, `[CLS]` itself left out. Look at two shares: of the paths that pass `[CLS]`, and
# of an entry that its strongest path carries.

# %%
passes, shares = [], []
for name in example_names():
    attentions = load_example(name).attentions
    R_one = rollout(attentions, residual="none")
    for i, j in pairs(range(1, len(R_one)), repeat=2):
        best = top_paths(attentions, i, j, k=1, residual="none")[0]
        passes.append(0 in best.positions[1:-1])
        shares.append(best.weight / R_one[i, j])
print(f"{np.mean(passes):.0%} of {len(passes)} strongest paths pass [CLS]")
print(f"share of the entry: median {np.median(shares):.0%}, from {min(shares):.0%} to {max(shares):.0%}")

# %% [markdown]
# `[CLS]` is an **attention sink**: most positions leave much of their attention there. Without the residual connection the product sends
# nearly everything through it. So read a strongest path with care: it mostly carries a minor part of its entry, and a sink can own it
# whatever the sentence says.

# %%
practice("what-a-path-weighs")

# %% [markdown]
# ## When every row becomes the same
#
# Each output position has its own row of `R`. How different are the rows after six layers?

# %%
predict(
    "02-rows-after-six",
    "Take the two most different rows of the six-layer R. How much of their weight lies on different tokens?",
    options=["about as much as in layer 1", "about half as much", "about a tenth", "less than a hundredth"],
)


# %%
def largest_difference(matrix):
    """The share of weight that the two most different rows put on different tokens, 0 to 1."""
    return max(abs(a - b).sum() / 2 for a in matrix for b in matrix)


steps = rollout_steps(example.attentions, residual="none").astype(float)
apart = [largest_difference(step) for step in steps]
reveal("02-rows-after-six", "after layers 1 to 6: " + ", ".join(f"{value:.3f}" for value in apart))

# %% [markdown]
# Look for stripes: when all rows agree, every column has one colour from top to bottom.

# %%
heatmaps(
    steps[[0, 2, 5]],
    tokens,
    titles=["after layer 1", "after layer 3", "after layer 6"],
    title="Without the residual connection the rows of R become the same",
)

# %% [markdown]
# Why? Row `i` of `A_l @ R_{l-1}` is a *weighted average of the rows* of `R_{l-1}`. Averages lie no further apart than what was averaged.
# So the *gap* of a column, its largest entry minus its smallest, can never grow. That is exact, for any layers. How fast it shrinks
# depends on the attention: not at all if every token reads only itself.


# %%
def column_gaps(name):
    R_by_layer = rollout_steps(load_example(name).attentions.astype(float), residual="none")
    return R_by_layer.max(axis=1) - R_by_layer.min(axis=1)  # (layers, columns)


growth = max(np.diff(column_gaps(name), axis=0).max() for name in example_names())
print(f"largest change of a column's gap from one layer to the next: {growth:.1e}; none grows: {growth <= 0}")

# %% [markdown]
# When all rows agree, the matrix has **rank one**. Tending there with depth is called **over-smoothing**. Singular values measure how near
# a matrix is: the second divided by the first is 0 at rank one. Below is that ratio by depth, over the bundled sentences, and for each
# layer alone as a comparison.


# %%
def second_to_first(matrices):
    values = np.linalg.svd(matrices, compute_uv=False)
    return values[..., 1] / values[..., 0]


by_sentence = [load_example(name).attentions.astype(float) for name in example_names()]
product = np.array([second_to_first(rollout_steps(a, residual="none")) for a in by_sentence])
alone = np.array([second_to_first(a.mean(axis=1)) for a in by_sentence])
for depth, ratio in enumerate(product.T, start=1):
    print(f"depth {depth}: mean {ratio.mean():.4f}, sd {ratio.std(ddof=1):.4f}, n = {len(ratio)}")
print("each further layer shrinks it to:", (product[:, 1:] / product[:, :-1]).mean(axis=0))

# %%
lines(
    np.arange(1, L + 1),
    {"product so far": product.mean(axis=0), "layer alone": alone.mean(axis=0)},
    logy=True,
    bands={
        "product so far": (product.min(axis=0), product.max(axis=0)),
        "layer alone": (alone.min(axis=0), alone.max(axis=0)),
    },
    title="The product tends to rank one; single layers do not",
    xlabel="layer",
    ylabel="second / first singular value",
)

# %% [markdown]
# Theory says that it can be worse. Dong et al. (2021) prove a *doubly* exponential collapse for networks of pure attention, where each
# layer computes its weights from states that have collapsed already. Our weights come from a model with residual connections; multiplying
# them shrinks the ratio by a factor a layer.
#
# Change the depth: from which on can you no longer tell the rows of the left matrix apart? (The right one has what lesson 03 adds.)

# %%
row_collapse(example.attentions, tokens)

# %% [markdown]
# What does it mean? Whichever output you ask about, this `R` gives the same answer, and half of it is the sink.

# %%
grouped_bars(
    {name: R_real[tokens.index(name)] for name in ("is", "hat", "book")},
    tokens,
    title="Three outputs, one row: this R no longer tells them apart",
)

# %% [markdown]
# Blame the *product*, not the model. The model adds each layer's input back; this product leaves that out. Lesson 03 puts it in.

# %%
practice("every-row-the-same")

# %% [markdown]
# ## Summary
#
# **Exact**, for any attention:
#
# - `R = A_L @ ... @ A_1`, last layer leftmost. Another order is in general another matrix, another bracketing is not.
# - `R[i, j]` is the sum over all paths from `j` to `i`; a path weighs the product of its links.
# - Rows sum to 1, columns need not. The gap of a column never grows with depth.
# - One row takes about `L · N²` multiplications, all rows `L · N³`.
#
# **Assumed**:
#
# - The heads of a layer count alike and are averaged first.
# - What is read is handed on in proportion to its weight: no residual connection, no values, no MLP.
#
# **Measured here**, on MiniLM:

# %%
print(f"- reversed order, rank correlation of the [CLS] rows: {order_matters}")
print(f"- strongest paths that pass [CLS]: {np.mean(passes):.0%} of {len(passes)} pairs")
first_last = product[:, [0, -1]].mean(axis=0)
print("- second / first singular value: {:.2f} after 1 layer, {:.4f} after {}".format(*first_last, L))

# %% [markdown]
# ## Sources
#
# - S. Abnar, W. Zuidema (2020). Quantifying Attention Flow in Transformers. *ACL 2020*. Rollout, as a product of layers.
# - Y. Dong, J.-B. Cordonnier, A. Loukas (2021). Attention Is Not All You Need: Pure Attention Loses Rank Doubly
#   Exponentially with Depth. *ICML 2021*. The same collapse in the states of a network without skip connections.
# - E. Seneta (1981). *Non-negative Matrices and Markov Chains*, 2nd edition. Springer. Products of row-stochastic matrices.
# - H. Shi et al. (2022). Revisiting Over-smoothing in BERT from the Perspective of Graph. *ICLR 2022*.
# - G. Xiao, Y. Tian, B. Chen, S. Han, M. Lewis (2024). Efficient Streaming Language Models with Attention Sinks.
#   *ICLR 2024*. The name attention sink.
# - A. Viterbi (1967). Error Bounds for Convolutional Codes and an Asymptotically Optimum Decoding Algorithm. *IEEE Transactions on
#   Information Theory* 13(2). Finding the best path layer by layer.
# - W. Wang et al. (2020). MiniLM: Deep Self-Attention Distillation for Task-Agnostic Compression of Pre-Trained
#   Transformers. *NeurIPS 2020*. The model family whose attention you saw.
#
# **Next:** quiz 2 (35 minutes) in `self_check/quiz2_matrix_product.ipynb`, or through the Assignment List when an instructor has
# released it; then lesson 03, which adds the residual connection.
