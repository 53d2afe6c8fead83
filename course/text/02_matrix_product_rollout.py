# %% [markdown]
# # Rollout as a product of matrices
#
# ## What you will be able to do
#
# In {minutes} minutes, and a quiz of {quiz_minutes} after it. Then you can
#
# - multiply the layers in the right order and say what one entry of the product means;
# - write an entry as a sum over paths, and find the heaviest of them;
# - read a row of `R` without mistaking it for a column;
# - show what many layers do to the rows, and say why that is a problem.
#
# Builds on lessons 00 and 01. **Run each cell with Shift+Enter**, from the top. The whole course on one page: the
# [cheat sheet](cheat_sheet.html).

# %%
from itertools import product as pairs

import numpy as np

from rollout_lab import fuse_heads, rollout, rollout_steps, spearman, top_paths
from rollout_lab.explorers import path_tracer, rollout_stepper, row_collapse
from rollout_lab.figures import heatmaps, layered_graph, lines, row_bars
from rollout_lab.models import example_names, load_example, paper_example
from rollout_lab.quiz import compare, practice, predict, reveal

np.set_printoptions(precision=2, suppress=True)

# %% [markdown]
# ## A product of layers
#
# Lesson 01 ended with three tokens and two layers. In layer 1, C reads half from A. In layer 2, B reads half from C. Neither layer lets
# B read A, and yet something of A arrives at B. How much? Do it once in full:
#
# In layer 2, B reads the positions `k` = A, B, C. What stands at `k` by then was made by layer 1. So multiply the two weights for each
# `k`, and add up.

# %%
paper = paper_example()
first, second = paper.attentions[:, 0].astype(float)
for k, name in enumerate(paper.tokens):
    upper, lower = second[1, k], first[k, 0]
    print(f"{upper:.2f} from {name}, which holds {lower:.2f} of A: {upper * lower:.2f}")
print("sum:", second[1] @ first[:, 0])

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
#
# Look at row B. On the left it holds no A, on the right a quarter.

# %%
R = second @ first
print("the library agrees:", np.allclose(R, rollout(paper.attentions, residual="none")))
heatmaps(
    [second, first, R],
    paper.tokens,
    titles=["layer 2", "layer 1", "R"],
    between=["@", "="],
    title="A quarter of B comes from A",
    xlabel="key or input j",
    ylabel="query or output i",
    row=[1, None, 1],
)

# %% [markdown]
# The same, layer by layer. Follow the ribbons from B down to its sources. Press Back to see layer 1 alone, then Next to multiply layer 2 onto
# it. Then point at another output token.

# %%
rollout_stepper(paper.attentions, paper.tokens, residual="none", layer=2, query=1)

# %% [markdown]
# Now a real sentence. MiniLM has six layers; the heads of each are averaged. Compare row `is`, column `hat` in the first two layers with
# their product: it is larger than either.

# %%
example = load_example("long_distance")
tokens = example.tokens
layers = fuse_heads(example.attentions).astype(float)  # (L, N, N)
N, L = len(tokens), len(layers)
verb, hat = tokens.index("is"), tokens.index("hat")
two = layers[1] @ layers[0]
print(example.text)
for name, matrix in {"layer 1": layers[0], "layer 2": layers[1], "both": two}.items():
    print(f"{name}: {matrix[verb, hat]:.3f}")

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
    title=f"hat reaches is through {tokens[via.argmax()]}",
)

# %% [markdown]
# ### Rows, not columns
#
# A row of `R` describes one *output*: what it is made of. Its weights sum to 1. A column describes one *input*: how much
# each output took from it. Nothing makes a column sum to 1, because many positions may draw on the same token.

# %%
R_real = rollout(layers, residual="none")
columns = R_real.sum(axis=0)
low, high = columns.argmin(), columns.argmax()
print("every row sums to 1:", np.allclose(R_real.sum(axis=1), 1))
print(f"column sums: from {columns[low]:.2f} ({tokens[low]})", end=" ")
print(f"to {columns[high]:.2f} ({tokens[high]})")

# %%
practice("read-r-by-row")

# %%
practice("who-draws-most")

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
# Positions count from 0, so `(1, 2, 0)` is B, C, A. Find that path in the picture, from the bottom up.

# %%
paths = top_paths(paper.attentions, output=1, source=0, residual="none")
print(paths)
layered_graph(
    paper.attentions,
    paper.tokens,
    paths=paths,
    residual="none",
    title="One path leads from A to B: A → C → B",
    mark=(1, 0),
)

# %% [markdown]
# **With a gap.** A third layer: A reads half from B and half from itself, the others read themselves. How much of A's output comes
# from A's input? Two paths have a weight. One is worked out; find the other's.

# %%
third = np.array([[1 / 2, 1 / 2, 0], [0, 1, 0], [0, 0, 1]])
stays = third[0, 0] * second[0, 0] * first[0, 0]  # A → A → A → A
goes_round = None  # your turn: A → C → B → A, one weight from each layer

entry = (third @ second @ first)[0, 0]
print(f"A → A → A → A weighs {stays:.3f}; the entry [A, A] is {entry:.3f}")
compare(goes_round, entry - stays, hint="1/2 times ? times ?, one link in each layer.")

# %% [markdown]
# **Your own.** Change *one row* of one layer so that *half* of B comes from A, still with no direct link.

# %%
my_first, my_second = first.copy(), second.copy()
# your turn, for example: my_first[2] = [0, 1/2, 1/2]   (row C; a row must sum to 1)

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
every_pair = fuse_heads([b @ a for a in one for b in other])
same_number = fuse_heads(other @ one)
print("product of means = mean over all pairs of heads:", np.allclose(two, every_pair))
print(f"same-number products differ by up to {abs(two - same_number).max():.3f}")

# %% [markdown]
# So fusing first is a choice, and the mean is one way to fuse: it counts every head alike.

# %%
practice("entry-of-two-layers")

# %% [markdown]
# ## The order matters
#
# The last layer stands on the left. Put a drop of dye into token A and follow it. The layer that acts first must stand
# next to the dye. In the last line the layers stand the other way round: look at what B draws from A.

# %%
dye = np.array([1, 0, 0])  # all of it in A
after_1 = first @ dye
after_2 = second @ after_1
print("after layer 1:", after_1, "  after layer 2:", after_2)
print("the same as R @ dye:", np.allclose(after_2, (second @ first) @ dye))
print("row B of layer 1 @ layer 2:", (first @ second)[1])

# %% [markdown]
# The order is easily mistaken. Does it matter on real attention? Compare row `[CLS]` of the right product and of the reversed one
# by **rank correlation** (Spearman's): 1 means the same order of tokens, 0 that one order tells nothing about the other, −1 the opposite order.

# %%
predict(
    "02-reversed-order",
    "What is the mean rank correlation of the two `[CLS]` rows, over all sentences?",
    options=[
        "about 1: the order hardly matters",
        "about 0.5",
        "about 0",
        "about −1: turned round",
    ],
)

# %% [markdown]
# Look at the mean, and at the scatter: two *unrelated* orders of `N` tokens have rank correlations with mean 0 and standard
# deviation 1/√(N − 1). (Some of the sentences are near twins, as the two on coreference are, so they count for fewer than they are.)


# %%
def right_against_reversed(name):
    attentions = load_example(name).attentions
    right = rollout(attentions, residual="none")[0]
    wrong = rollout(attentions[::-1], residual="none")[0]
    return spearman(right, wrong)


rho = np.array([right_against_reversed(name) for name in example_names()])
sizes = np.array([len(load_example(name).tokens) for name in example_names()])
by_chance = np.sqrt(np.mean(1 / (sizes - 1)))
order_matters = f"mean {rho.mean():.2f}, standard deviation {rho.std(ddof=1):.2f}"
reveal("02-reversed-order", f"{order_matters}. Unrelated orders: 0 and {by_chance:.2f}.")

# %%
values = ", ".join(f"{name} {r:.2f}" for name, r in zip(example_names(), rho, strict=True))
row_bars(
    rho,
    example_names(),
    title="Reversing the layers reorders the row of [CLS]",
    xlabel="rank correlation, right against reversed order",
    alt=f"A bar for each sentence: {values}",
)

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
# from its row of the *last* layer and go down, a row times a matrix each time. That is about `L·N²` multiplications
# instead of `L·N³`. `queries=` does this.

# %%
row, whole = (rollout(layers, residual="none", queries=q) for q in (verb, None))
print("the same row:", np.allclose(row, whole[verb]))
print(f"about {L * N**2:,} multiplications for one row, {L * N**3:,} for all {N}")

# %%
practice("factors-in-order")

# %% [markdown]
# ## The strongest path
#
# Which of its paths carries most of an entry? A tempting rule is *greedy*: start at the output and take the largest weight in each layer.
# Try it. Layer 2: B reads 0.6 from itself and 0.4 from C. Layer 1: B reads 0.5 from A, C reads 0.9 from A. The greedy rule goes to B
# first, since 0.6 is more than 0.4. Is that the heavier path?

# %%
layer_1 = np.array([[1, 0, 0], [0.5, 0.5, 0], [0.9, 0, 0.1]])
layer_2 = np.array([[1, 0, 0], [0, 0.6, 0.4], [0, 0, 1]])
for k, name in [(1, "B"), (2, "C")]:
    up, low = layer_2[1, k], layer_1[k, 0]
    print(f"A → {name} → B: {low} × {up} = {low * up:.2f}   weakest link {min(low, up)}")
layered_graph(
    [layer_1, layer_2],
    paper.tokens,
    paths=top_paths([layer_1, layer_2], output=1, source=0, residual="none"),
    residual="none",
    mark=(1, 0),
    title="A → C → B is heavier than A → B → B",
)

# %% [markdown]
# The greedy rule ends on the lighter path. So does the rule "take the path whose weakest link is strongest". Only the product of all
# links decides.
#
# With `N` tokens and `L` layers there are `N^(L-1)` paths to an entry. No need to try them all. If the best path to B ends with C → B,
# then its lower part must be the best path to C: a better one would make the whole better. So go up layer by layer, and keep for *every*
# position the best path that ends there. This is *dynamic programming* (Viterbi 1967).
#
# Back to the sentence. Through two layers, `hat` reached `is` by way of `bought`.

# %%
predict(
    "02-strongest-path",
    "Over all six layers: where does the strongest path from `hat` to `is` pass?",
    options=[
        "`bought`, as in the first two layers",
        "`hat` itself, until the last layer",
        "`[CLS]`",
        "`is` itself, after layer 1",
    ],
)

# %% [markdown]
# Follow the four strongest paths from the bottom up. Where do they spend the middle layers?

# %%
strongest = top_paths(layers, verb, hat, k=4, residual="none")
way = " → ".join(f"`{tokens[k]}`" for k in reversed(strongest[0].positions))
share = strongest[0].weight / R_real[verb, hat]
reveal("02-strongest-path", f"{way}. It carries {share:.0%} of the entry.")
layered_graph(
    layers,
    tokens,
    paths=strongest,
    residual="none",
    mark=(verb, hat),
    title="Over six layers the strongest paths from hat to is run through [CLS]",
)

# %% [markdown]
# Is that peculiar to this pair? Click another output at the top, another source at the bottom. Can you find a strongest path that avoids
# `[CLS]`?

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
print(f"{sum(passes)} of {len(passes)} strongest paths pass [CLS]")
print(f"share of the entry: median {np.median(shares):.0%},", end=" ")
print(f"from {min(shares):.0%} to {max(shares):.0%}")

# %% [markdown]
# Lesson 01 showed `[CLS]` as an attention sink. Without the residual connection the product sends the strongest paths through it. So read
# a strongest path with care: it mostly carries a minor part of its entry, and a sink can own it whatever the sentence says.

# %%
practice("what-a-path-weighs")

# %% [markdown]
# ## When every row becomes the same
#
# Each output position has its own row of `R`. How different are the rows after six layers?

# %%
predict(
    "02-rows-after-six",
    "Take the two most different rows of the six-layer `R`. "
    "How much of their weight lies on different tokens?",
    options=[
        "about as much as in layer 1",
        "about half as much",
        "about a tenth",
        "less than a hundredth",
    ],
)

# %% [markdown]
# The measure is lesson 01's distance of two rows. Look for stripes: when all rows agree, every column has one colour from top to bottom.


# %%
def largest_distance(matrix):
    return max(np.abs(p - q).sum() / 2 for p in matrix for q in matrix)


steps = rollout_steps(example.attentions, residual="none").astype(float)
apart = ", ".join(f"{largest_distance(step):.3f}" for step in steps)
of_cls = f"`[CLS]` has {R_real[:, 0].min():.3f} to {R_real[:, 0].max():.3f} of a row"
reveal("02-rows-after-six", f"after layers 1 to {L}: {apart}. After six, {of_cls}.")
heatmaps(
    steps[[0, 2, 5]],
    tokens,
    titles=["after layer 1", "after layer 3", "after layer 6"],
    title="Without the residual connection the rows of R become the same",
    xlabel="input j",
    ylabel="output i",
)

# %% [markdown]
# Whichever output you ask about, this `R` gives the same answer, and half of it is the sink.
#
# Why? Row `i` of `A_l @ R_{l-1}` is a *weighted average of the rows* of `R_{l-1}`. Averages lie no further apart than what was averaged.
# So the *gap* of a column, its largest entry minus its smallest, can never grow. That is exact, for any layers. How fast it shrinks
# depends on the attention: not at all if every token reads only itself.


# %%
def column_gaps(name):
    R_by_layer = rollout_steps(load_example(name).attentions.astype(float), residual="none")
    return R_by_layer.max(axis=1) - R_by_layer.min(axis=1)  # (layers, columns)


growth = max(np.diff(column_gaps(name), axis=0).max() for name in example_names())
print(f"largest change of a gap, layer to layer: {growth:.1e}; none grows: {growth <= 0}")

# %% [markdown]
# When all rows agree, the matrix has **rank one**. Tending there with depth is called **over-smoothing** (Shi et al. 2022). Singular values
# measure how near a matrix is: the second divided by the first is 0 at rank one. Look at that ratio of the product, against each
# layer's alone. The bands span the bundled sentences.


# %%
def second_to_first(matrices):
    values = np.linalg.svd(matrices, compute_uv=False)
    return values[..., 1] / values[..., 0]


bundled = [load_example(name).attentions.astype(float) for name in example_names()]
products = [second_to_first(rollout_steps(a, residual="none")) for a in bundled]
alone = [second_to_first(fuse_heads(a)) for a in bundled]
ratios = {"product so far": np.array(products), "layer alone": np.array(alone)}
lines(
    np.arange(1, L + 1),
    {name: each.mean(axis=0) for name, each in ratios.items()},
    logy=True,
    bands={name: (each.min(axis=0), each.max(axis=0)) for name, each in ratios.items()},
    title="The product tends to rank one; single layers do not",
    xlabel="layer",
    ylabel="second / first singular value",
)

# %% [markdown]
# Theory says that it can be worse. Dong et al. (2021) prove a *doubly* exponential collapse for networks of pure attention, where each
# layer computes its weights from states that have collapsed already. Our weights come from a model with residual connections; the
# product shrinks the ratio by a factor a layer:

# %%
product = ratios["product so far"]  # (sentences, layers)
factors = (product[:, 1:] / product[:, :-1]).mean(axis=0)
print("each further layer multiplies it by", factors)

# %% [markdown]
# Change the depth: from which on can you no longer tell the rows of the left matrix apart? (The right one has what lesson 03 adds.)

# %%
row_collapse(example.attentions, tokens)

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
# - One row takes about `L·N²` multiplications, all rows `L·N³`.
#
# **Assumed**:
#
# - The heads of a layer count alike and are averaged first.
# - What is read is handed on in proportion to its weight: no residual connection, no values, no MLP.
#
# **Measured here**, on MiniLM:

# %%
print(f"reversed order, rank correlation of the [CLS] rows: {order_matters}")
print(f"strongest paths that pass [CLS]: {sum(passes)} of {len(passes)} pairs")
early, late = product[:, 0].mean(), product[:, -1].mean()
print(f"second / first singular value: {early:.2f} after 1 layer, {late:.4f} after {L}")

# %% [markdown]
# ## Sources
#
# - S. Abnar and W. Zuidema (2020). Quantifying Attention Flow in Transformers. *Proceedings of ACL 2020*. Rollout, as a product of layers.
# - Y. Dong, J.-B. Cordonnier and A. Loukas (2021). Attention Is Not All You Need: Pure Attention Loses Rank Doubly
#   Exponentially with Depth. *ICML 2021*. The same collapse in the states of a network without skip connections.
# - E. Seneta (1981). *Non-negative Matrices and Markov Chains*, 2nd edition. Springer. Products of row-stochastic matrices.
# - H. Shi, J. Gao, H. Xu, X. Liang, Z. Li, L. Kong, S. M. S. Lee and J. T. Kwok (2022). Revisiting Over-smoothing in BERT from the
#   Perspective of Graph. *ICLR 2022*.
# - A. Viterbi (1967). Error Bounds for Convolutional Codes and an Asymptotically Optimum Decoding Algorithm. *IEEE Transactions on
#   Information Theory* 13(2). Finding the best path layer by layer.
#
# **Next:** quiz 2 ({quiz_minutes} minutes) in `self_check/quiz2_matrix_product.ipynb`, or in the Assignment List once your instructor has
# released it. Then lesson 03, `03_identity_augmentation.ipynb`, which adds the residual connection.
