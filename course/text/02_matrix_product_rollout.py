# %% [markdown]
# # Rollout as a product of matrices
#
# ## What you will be able to do
#
# In {minutes} minutes, and a quiz of {quiz_minutes} after it. Then you can
#
# - multiply the layers in the right order, and say what one entry of the product means;
# - write an entry as a sum over paths, and find the strongest path;
# - read a row of $R$ without mistaking it for a column;
# - show what many layers do to the rows of $R$.
#
# Builds on lessons 00 and 01. Questions that you missed before come first. The folded sections, “Deeper”, are optional. The course on one
# page: the [cheat sheet](cheat_sheet.html).

# %%
# Check yourself: what you missed before
from rollout_lab.explorers import path_tracer, rollout_stepper, row_collapse
from rollout_lab.figures import heatmaps, layered_graph
from rollout_lab.quiz import break_it, check, practice, predict, reveal, review

review("02")

# %% [markdown]
# ## A product of layers
#
# Here again are three tokens and two layers. In layer 1, C reads half from A. In layer 2, B reads half from C. In no layer does B read A.
# How much of A arrives at B?
#
# Layer 2 reads what layer 1 has made. So multiply the two weights for each position in the middle, then add up.

# %%
from itertools import product as pairs

import numpy as np

from rollout_lab import fuse_heads, rollout, rollout_steps, spearman, top_paths
from rollout_lab.models import example_names, load_example, paper_example

paper = paper_example()
A_1, A_2 = paper.attentions[:, 0].astype(float)  # two layers, one head each
for k, name in enumerate(paper.tokens):
    print(f"A → {name} → B: {A_1[k, 0]} × {A_2[1, k]} = {A_1[k, 0] * A_2[1, k]}")

# %% [markdown]
# The sum, 0.25, is one entry of a matrix product: row B of layer 2 times column A of layer 1. Every other entry is made in the same way.
#
# **Rollout** starts with layer 1. Then it multiplies each further layer onto the left:
#
# $$R_1 = A_1, \qquad R_l = A_l R_{l-1},$$
#
# $$\text{so} \quad R = A_L \cdots A_2 A_1$$
#
# $R[i, j]$ says how much output $i$ draws from input $j$. `rollout` computes this product with `residual="none"`. Lesson 03 adds what is
# missing.

# %%
R = A_2 @ A_1
print(R)
print("the library agrees:", np.allclose(R, rollout(paper.attentions, residual="none")))

# %% [markdown]
# Look at row B. In both layers it holds no A. In $R$ it holds a quarter.

# %%
# Picture: the two layers and their product
heatmaps(
    [A_2, A_1, R],
    paper.tokens,
    titles=["A₂: layer 2", "A₁: layer 1", "R"],
    between=["@", "="],
    title="A quarter of “B” comes from “A”",
    xlabel="key or input j",
    ylabel="query or output i",
    row=[1, None, 1],
)

# %% [markdown]
# Press **Back** to see layer 1 alone, then **Next** to multiply layer 2 onto it. Follow the ribbons from B down to its sources. Then point
# at another output.

# %%
# Explorer: the product, layer by layer
rollout_stepper(paper.attentions, paper.tokens, residual="none", layer=2, query=1)

# %% [markdown]
# The same happens in a real sentence. How much does “is” draw from “hat”? Compare MiniLM's first two layers with their product.

# %%
example = load_example("long_distance")
tokens, layers = example.tokens, fuse_heads(example.attentions).astype(float)  # (L, N, N)
output, source = tokens.index("is"), tokens.index("hat")
print(example.text)
two = layers[1] @ layers[0]
for name, matrix in {"layer 1": layers[0], "layer 2": layers[1], "product": two}.items():
    print(f"{name}: {matrix[output, source]:.3f}")

# %% [markdown]
# The product holds more than either layer. Through which token does it come? The entry is a sum with one term per middle token. One term is
# much larger than the others.

# %%
terms = layers[1, output] * layers[0, :, source]
middle = tokens[terms.argmax()]
print(f"through “{middle}”: {terms.max() / terms.sum():.0%} of the entry")

# %%
# Picture: the three strongest paths through two layers
layered_graph(
    layers[:2],
    tokens,
    paths=top_paths(layers[:2], output, source, k=3, residual="none"),
    residual="none",
    mark=(output, source),
    title=f"The strongest path from “hat” to “is” runs through “{middle}”",
)

# %% [markdown]
# ### Rows, not columns
#
# A row of $R$ describes one *output*: what it is made of. It sums to 1. A column describes one *input*: how much each output draws from it.
# Many outputs can draw from the same token, so a column may have any sum.

# %%
R_real = rollout(layers, residual="none")
columns = R_real.sum(axis=0)
print("every row sums to 1:", np.allclose(R_real.sum(axis=1), 1))
for j in (columns.argmax(), columns.argmin()):
    print(f"column “{tokens[j]}” sums to {columns[j]:.2f}")

# %%
# Check yourself: the sum of a column
practice("read-r-by-row")

# %%
# Check yourself: one input, many outputs
practice("who-draws-most")

# %% [markdown]
# ## Paths and their weights
#
# The sum above has one term for each token in the middle: one for each **path** from A to B. With more layers, the paths are longer:
#
# $$R[i, j] = \sum_{k, m, \ldots, z} A_L[i, k] \; A_{L-1}[k, m] \cdots A_1[z, j]$$
#
# The sum runs over every choice of the positions in between. A path takes one link in each layer, and its weight is the *product* of the
# weights of these links. An entry is the *sum* over its paths.
#
# Arrows follow the information: A → C → B. The library lists a path as the formula does, output first, and counts positions from 0: `(1, 2, 0)`
# is B, C, A.

# %%
print(top_paths(paper.attentions, output=1, source=0, residual="none"))

# %% [markdown]
# **With a gap.** Add a third layer: A reads half from B and half from itself, the others read themselves. Now two paths lead from A
# back to A. The path A → A → A → A weighs 1 · 1 · ½ = 0.5. What does A → C → B → A weigh?

# %%
A_3 = np.eye(3)
A_3[0] = [1 / 2, 1 / 2, 0]  # what A reads in layer 3, from A, B and C
goes_round = None  # your turn: one weight from each layer, such as A_1[2, 0]
check("02-goes-round", goes_round)

# %% [markdown]
# **Your own.** Go back to two layers. Change row C of layer 1 so that *half* of B comes from A. Layer 2 stays as it is.

# %%
row_C = None  # your turn: three weights, what C reads from A, B and C
check("02-half-from-a", row_C)

# %% [markdown]
# In the real sentence *every* choice of tokens is a path, because softmax leaves no weight at 0. For three layers you can list all paths.

# %%
N, L = len(tokens), len(layers)
paths = top_paths(layers[:3], output, source, k=N**2, residual="none")
three = rollout(layers[:3], residual="none")[output, source]
total = sum(path.weight for path in paths)
print(f"3 layers: {len(paths)} paths sum to {total:.4f}; the entry is {three:.4f}")
print(f"{L} layers: {N ** (L - 1):,} paths behind each entry")

# %% [markdown]
# ## The order matters
#
# The last layer stands on the left. Put a drop of dye into token A and follow it. The layer that acts first must stand next to the dye.

# %%
dye = np.array([1, 0, 0])  # all of it in A
print("after layer 1:", A_1 @ dye)
print("after layer 2:", A_2 @ (A_1 @ dye))
print("layers swapped:", A_1 @ (A_2 @ dye))

# %% [markdown]
# With the layers swapped, no dye reaches B. How much does the order matter on real attention? Take row `[CLS]` of the right product and of
# the reversed one. Compare them by Spearman's **rank correlation**: 1 means that both rank the tokens alike, 0 that one ranking tells nothing
# about the other, −1 that the ranking is turned round.

# %%
# Question: the right product and the reversed one
predict("02-reversed-order")


# %%
def right_against_reversed(name):
    attentions = load_example(name).attentions
    right = rollout(attentions, residual="none")[0]
    wrong = rollout(attentions[::-1], residual="none")[0]
    return spearman(right, wrong)


rho = np.array([right_against_reversed(name) for name in example_names()])

# %%
# What came out
lengths = np.array([len(load_example(name).tokens) for name in example_names()])
by_chance = np.sqrt(np.mean(1 / (lengths - 1)))
reveal("02-reversed-order", rho.mean(), n=len(rho), sd=rho.std(ddof=1), by_chance=by_chance)

# %% [markdown]
# A wrong order is easy to miss: in both products the rows sum to 1. So test your code on layers that give another result when swapped.

# %%
# Check yourself: two layers in order
practice("which-layer-first")

# %%
# Break it: layers multiplied in the order of reading
break_it("first-layer-on-the-left")

# %% [markdown] tags=["deeper"]
# ## Deeper: an entry by hand, brackets, cost, and layers that hide the order

# %%
# Check yourself: an entry by hand
practice("entry-of-two-layers")

# %% [markdown]
# You may not swap the factors, but you may bracket them as you like: $(A_3 A_2) A_1 = A_3 (A_2 A_1)$. For one output, start from its row of
# the *last* layer and go down: a row times a matrix, layer by layer. That takes about $L N^2$ multiplications, not $L N^3$. `queries=` does
# this.

# %%
row = rollout(layers, residual="none", queries=output)
print("the same row:", np.allclose(row, R_real[output]))
print(f"about {L * N**2:,} multiplications for one row, {L * N**3:,} for all {N}")

# %% [markdown]
# Symmetric layers hide a wrong order: their reversed product is the transpose of the right one. In an example as regular as this, the two are
# equal.

# %%
even = np.array([[2, 1, 1], [1, 2, 1], [1, 1, 2]]) / 4
steady = np.array([[8, 1, 1], [1, 8, 1], [1, 1, 8]]) / 10
print("symmetric, both orders equal:", np.allclose(steady @ even, even @ steady))
print("A_1 and A_2, both orders equal:", np.allclose(A_2 @ A_1, A_1 @ A_2))

# %%
# Check yourself: four layers in order
practice("factors-in-order")

# %% [markdown] tags=["deeper"]
# ## Deeper: the heads, a choice made before the product

# %% [markdown]
# We averaged the heads of each layer, then multiplied. The product of these means averages *every* choice of one head in each layer: a path may
# change heads on its way. You might instead multiply head 1 by head 1, head 2 by head 2, and average then. That is another matrix. It
# forbids what the model allows: every head reads the whole state below, whichever head wrote it.

# %%
one, other = example.attentions[:2].astype(float)  # (heads, N, N) each
every_pair = fuse_heads([b @ a for a in one for b in other])
same_number = fuse_heads(other @ one)
print("product of means = mean over all pairs of heads:", np.allclose(two, every_pair))
print(f"same-number products differ by up to {abs(two - same_number).max():.3f}")

# %% [markdown]
# ## The strongest path
#
# Which of the paths behind an entry weighs most? A tempting rule is *greedy*: start at the output, and take the largest weight in each layer.
# Try it on two other layers. In layer 2, B reads 0.6 from itself and 0.4 from C. So the greedy rule goes to B. Is that the stronger path?
# (“Stays 1” in the picture: one more layer at the same position.)

# %%
lower = np.array([[1, 0, 0], [0.5, 0.5, 0], [0.9, 0, 0.1]])  # layer 1
upper = np.array([[1, 0, 0], [0, 0.6, 0.4], [0, 0, 1]])  # layer 2
for k, name in [(1, "B"), (2, "C")]:
    low, up = lower[k, 0], upper[1, k]
    print(f"A → {name} → B: {low} × {up} = {low * up:.2f}, weakest link {min(low, up)}")

# %%
# Picture: both paths from A to B
layered_graph(
    [lower, upper],
    paper.tokens,
    paths=top_paths([lower, upper], output=1, source=0, residual="none"),
    residual="none",
    mark=(1, 0),
    title="The path “A” → “C” → “B” is stronger than “A” → “B” → “B”",
)

# %% [markdown]
# The greedy rule takes the weaker path. So does a rule that compares the weakest links. Only the product of all links decides.
#
# Back to the sentence. In two layers, the strongest path from “hat” to “is” ran through “bought”. Now take all six.

# %%
# Question: the strongest path through six layers
predict("02-strongest-path")

# %%
strongest = top_paths(layers, output, source, k=4, residual="none")
way = [f"“{tokens[k]}”" for k in reversed(strongest[0].positions)]
stops = [tokens[k] for k in strongest[0].positions[1:-1]]
most = max(stops, key=stops.count)
share = strongest[0].weight / R_real[output, source]

# %%
# What came out
reveal("02-strongest-path", most, way=" → ".join(way), share=share)

# %% [markdown]
# Follow the four strongest paths from the bottom up. Do all of them make the same stops?

# %%
# Picture: the four strongest paths through six layers
layered_graph(
    layers,
    tokens,
    paths=strongest,
    residual="none",
    mark=(output, source),
    title=f"The strongest path from “hat” to “is” runs through “{most}”",
)

# %% [markdown]
# Is this pair special? Try three others: click an output at the top and a source at the bottom. Then set **Residual** to
# “A + I, normalised”, which lesson 03 explains. Do the strongest paths change?

# %%
# Explorer: the paths behind any entry
path_tracer(layers, tokens, output=output, source=tokens.index("book"), residual="none")

# %% [markdown]
# Now take every pair of positions in all 16 sentences, without the first position. How many strongest paths stop at that same token? And what
# share of its entry does a strongest path carry?


# %%
def strongest_paths(residual):
    for name in example_names():
        layers = fuse_heads(load_example(name).attentions).astype(float)
        R = rollout(layers, residual=residual)
        for i, j in pairs(range(1, len(R)), repeat=2):
            path = top_paths(layers, i, j, k=1, residual=residual)[0]
            yield 0 in path.positions[1:-1], path.weight / R[i, j]


# %%
for residual in ("none", "identity"):
    passes, shares = np.transpose(list(strongest_paths(residual)))
    print(f"{residual}: {passes.sum():.0f} of {len(passes)} pass “{most}”")
    print(f"  share: median {np.median(shares):.0%}, at most {shares.max():.0%}")

# %% [markdown]
# Without the residual connection, every one of these strongest paths passes the sink of lesson 01, `[CLS]`. With $A + I$, many do not. So
# read a strongest path with care: it is usually a small part of its entry, and a sink can attract it whatever the sentence says.

# %%
# Check yourself: an entry, a path, a link
practice("what-a-path-weighs")

# %% [markdown] tags=["deeper"]
# ## Deeper: how the strongest path is found

# %% [markdown]
# You need not try all $N^{L-1}$ paths. Suppose that the strongest path to B ends with C → B. Then its lower part is the strongest path to C: a
# stronger one would make the whole stronger. So go up layer by layer, and keep for *every* position the strongest path that ends there. This
# is *dynamic programming* (Viterbi 1967).

# %%
best = np.eye(N)[source]  # the weight of the strongest path to each position
for A in layers:
    best = (A * best).max(axis=1)
print(f"layer by layer: {best[output]:.2e}, by top_paths: {strongest[0].weight:.2e}")

# %% [markdown]
# ## What depth does to the rows
#
# How different are the rows of $R$? We use the distance between two rows from lesson 01: the share of their weight that lies on different
# tokens. Here it is for the two rows of layer 1 that differ most.


# %%
def largest_distance(R):
    return max(np.abs(p - q).sum() / 2 for p in R for q in R)


steps = rollout_steps(layers, residual="none")
print(f"after layer 1: {largest_distance(steps[0]):.2f}")

# %%
# Question: the two rows that differ most, after six layers
predict("02-rows-after-six")

# %%
apart = [largest_distance(step) for step in steps]

# %%
# What came out
each = ", ".join(f"{distance:.3f}" for distance in apart)
reveal("02-rows-after-six", apart[-1], each=each, of_cls=steps[-1][:, 0].mean())

# %% [markdown]
# Look down each column: how much does its colour change from row to row?

# %%
# Picture: R after one, three and six layers
heatmaps(
    steps[[0, 2, 5]],
    tokens,
    titles=["after layer 1", "after layer 3", "after layer 6"],
    title=f"The rows lie {apart[0]:.2f}, then {apart[2]:.2f}, then {apart[5]:.3f} apart",
    xlabel="input j",
    ylabel="output i",
)

# %% [markdown]
# This is what the *product* does, not the model. The model adds each layer's input back; the product leaves that out. Lesson 03 puts it in.

# %%
# Check yourself: 24 layers
practice("every-row-the-same")

# %% [markdown] tags=["deeper"]
# ## Deeper: rank one

# %% [markdown]
# The *gap* of a column is its largest entry minus its smallest. From layer to layer, a gap can never grow (Seneta 1981). How fast it shrinks
# depends on the attention: not at all if every token reads only itself.


# %%
def growth_of_gaps(name):
    R_by_layer = rollout_steps(load_example(name).attentions.astype(float), residual="none")
    return np.diff(R_by_layer.max(axis=1) - R_by_layer.min(axis=1), axis=0)  # (L - 1, N)


growth = max(growth_of_gaps(name).max() for name in example_names())
print(f"largest change of a gap: {growth:.1e}; none grows: {growth <= 0}")

# %% [markdown]
# When all rows agree, the matrix has **rank one**: its second singular value is 0. When more layers push the product towards rank one, this is
# called over-smoothing (Shi et al. 2022). In our product, each layer multiplies the ratio of the second to the first singular value by about
# a third, and the last layer by less:

# %%
bundled = [load_example(name).attentions.astype(float) for name in example_names()]
products = [rollout_steps(attentions, residual="none") for attentions in bundled]
singular = [np.linalg.svd(product, compute_uv=False) for product in products]
ratio = np.array([values[:, 1] / values[:, 0] for values in singular])
print("second / first singular value, mean by layer:")
print(ratio.mean(axis=0).round(4))
print("factor from layer to layer:", (ratio[:, 1:] / ratio[:, :-1]).mean(axis=0).round(2))

# %% [markdown]
# Change the depth. From which layer on do all rows of the left matrix look the same? (The right matrix has what lesson 03 adds.)

# %%
# Explorer: the rows of R against depth
row_collapse(example.attentions, tokens)

# %% [markdown]
# In theory the collapse can be faster. Dong et al. (2021) prove a *doubly* exponential one for networks of attention alone: there each layer
# computes its weights from states that have already come together. Our weights come from a model with residual connections.

# %% [markdown]
# ## Summary
#
# **Exact**, for any attention:
#
# - $R = A_L \cdots A_2 A_1$, last layer leftmost. Another order is in general another matrix.
# - $R[i, j]$ is the sum over all paths from $j$ to $i$. A path weighs the product of its links.
# - Rows sum to 1, columns need not. More layers never move the rows further apart.
#
# **Assumed**:
#
# - The heads of a layer count alike and are averaged first.
# - What is read is handed on in proportion to its weight: no residual connection, no values.
#
# **Measured here**, on MiniLM:

# %%
print(f"reversed order, mean rank correlation of the [CLS] rows: {rho.mean():.2f}")
print(f"“hat” to “is”, strongest path: {share:.0%} of the entry")
print(f"rows differ by up to {apart[0]:.2f} after layer 1, {apart[-1]:.3f} after layer {L}")

# %% [markdown]
# **Next:** [quiz 2](self_check/quiz2_matrix_product.ipynb) ({quiz_minutes} minutes), or the Assignment List once your instructor has
# released it. Then [lesson 03](03_identity_augmentation.ipynb).
#
# ## Sources
#
# - S. Abnar and W. Zuidema (2020). Quantifying Attention Flow in Transformers. *ACL 2020*.
# - Y. Dong, J.-B. Cordonnier and A. Loukas (2021). Attention Is Not All You Need: Pure Attention Loses Rank Doubly
#   Exponentially with Depth. *ICML 2021*.
# - E. Seneta (1981). *Non-negative Matrices and Markov Chains*, 2nd edition. Springer.
# - H. Shi et al. (2022). Revisiting Over-smoothing in BERT from the Perspective of Graph. *ICLR 2022*.
# - A. Viterbi (1967). Error Bounds for Convolutional Codes and an Asymptotically Optimum Decoding Algorithm. *IEEE Transactions on
#   Information Theory* 13(2).
