# %% [markdown]
# # One layer of attention

# %% [markdown]
# ## What you will be able to do
#
# In about 25 minutes, and a quiz of 20 after it. Then you can
#
# - compute a row of attention weights from a query and keys, and say why the scores are divided by √d;
# - read a map by row and by column, and find a sink in it;
# - say what the mean over heads keeps and what it hides;
# - say what the map of one layer cannot show, and why one looks across layers.
#
# Builds on `00_start_here`. **Run each cell with Shift+Enter**, from the top.

# %%
import numpy as np

from rollout_lab import attention_weights, fuse_heads, rollout_steps, softmax
from rollout_lab.explorers import attention_explorer
from rollout_lab.figures import heatmaps, lines, row_bars
from rollout_lab.models import example_names, load_example, paper_example
from rollout_lab.quiz import practice, predict, reveal

np.set_printoptions(precision=2, suppress=True, floatmode="fixed")

# %% [markdown]
# ## A real sentence
#
# The model is MiniLM: 6 layers of 12 heads. It has read this sentence, and each head has left a map.

# %%
example = load_example("negation")
layers, tokens = example.attentions, example.tokens
film, not_, good = (tokens.index(word) for word in ("film", "not", "good"))
print(example.text)
print("shape (layers, heads, positions, positions):", layers.shape)

# %%
predict(
    "01-good-reads",
    "In layer 1, averaged over its heads: which position does `good` read most?",
    options=["`[CLS]`", "`film`", "`not`", "`good` itself"],
)

# %% [markdown]
# Row `good` of the map: how `good` shares out its weight of 1.

# %%
A = fuse_heads(layers[0])  # layer 1: the mean over its heads, (N, N)
most = tokens[A[good].argmax()]
row_bars(A[good], tokens, title=f"In layer 1, good reads {most} most")

# %%
order = np.argsort(-A[good])[:3]
reveal("01-good-reads", ", ".join(f"`{tokens[j]}` {A[good, j]:.2f}" for j in order) + ".")

# %% [markdown]
# Choose a layer, a head and a token. Find a head in which `good` reads mostly `not`, and one in which it reads mostly `film`.

# %%
attention_explorer(layers, tokens, layer=1, head=0, query=good)  # head 0: the mean of all

# %% [markdown]
# One answer: look at the outlined row, one word read by three heads. In head 3 of layer 1 look at the other rows, too: every
# position reads the one before it.

# %%
chosen = [(1, 3), (4, 2), (6, 10)]  # (layer, head), counted from 1
heatmaps(
    [layers[layer - 1, head - 1] for layer, head in chosen],
    tokens,
    titles=[f"layer {layer}, head {head}" for layer, head in chosen],
    title="What good reads depends on the head",
    row=good,
)

# %% [markdown]
# ## From scores to weights
#
# In each head every position has a **query** `q` and a **key** `k`: two vectors of `d` numbers, computed from its state by matrices
# that the model has learnt. Three steps lead to the weight that position `i` gives to position `j`:
#
# 1. the dot product `q_i · k_j`;
# 2. the **score**: that number divided by √d;
# 3. the **softmax**: `e` to the power of each score, divided by their sum over the row.
#
# With its weights a position then mixes the **values**, a third vector of every position: that mixture is what it takes over. Rollout
# looks at the weights alone.
#
# **A whole example.** Three tokens A, B, C and d = 4, so √d = 2. B asks with `q = (1, 1, 1, 1)`. The keys are (1, 1, 1, 1) for A,
# (1, 1, 0, 0) for B and (1, −1, 1, −1) for C. Take paper and do the three steps, then compare.

# %%
keys = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [1, -1, 1, -1]])
query = np.array([1, 1, 1, 1])

dots = keys @ query
scores = dots / np.sqrt(4)
powers = np.exp(scores)
weights = powers / powers.sum()
for step, values in {"dot": dots, "score": scores, "power": powers, "weight": weights}.items():
    print(f"{step:8}", values, "  sum", round(values.sum(), 2))

# %% [markdown]
# The library does the same for any number of queries at once:

# %%
attention_weights([query], keys)

# %% [markdown]
# **With a gap.** Now C asks with `q = (1, −1, 1, −1)`. Write its three weights to two decimals, then run both cells.

# %%
weights_of_C = None  # your turn: [from A, from B, from C]

# %%
wanted = attention_weights([[1, -1, 1, -1]], keys)[0]
if weights_of_C is None:
    print("Nothing to compare yet: put your three weights into the cell above.")
elif np.allclose(weights_of_C, wanted, atol=0.01):
    print("Yes:", wanted)
else:
    print("Not yet. The dot products are", keys @ [1, -1, 1, -1])
    print("Divide by 2, take powers of e, divide by their sum.")

# %% [markdown]
# **Your own.** Find a query with which B reads more from itself than from A or C. Zeros make all weights equal.

# %%
my_query = [0, 0, 0, 0]  # your turn
attention_weights([my_query], keys)

# %% [markdown]
# Softmax looks at differences between scores alone. Adding a number to all of them changes nothing; multiplying them does.

# %%
print("scores        ", softmax(scores))
print("scores + 100  ", softmax(scores + 100))
print("scores × 3    ", softmax(scores * 3))

# %% [markdown]
# ### Why √d?
#
# Let queries and keys be random, each number drawn with mean 0 and variance 1. We leave the division out.

# %%
predict(
    "01-root-d",
    "`d` grows from 4 to 256. What happens to the softmax of the undivided dot products?",
    options=[
        "Nothing: softmax normalises them",
        "The rows become more even",
        "One key gets nearly all the weight",
        "The rows no longer sum to 1",
    ],
)

# %% [markdown]
# **Entropy** measures how even a row is, in bits: 0 when one key has all the weight, log₂ 8 = 3 when eight keys share it equally.
# Look at the variance of the dot products, then at the two entropies.


# %%
def entropy(weights):
    return -(weights * np.log2(np.maximum(weights, 1e-30))).sum(axis=-1)


rng = np.random.default_rng(1)
sizes, raw, scaled = [4, 16, 64, 256], [], []
for d in sizes:
    q, k = rng.normal(size=(2000, 1, d)), rng.normal(size=(2000, 8, d))  # 8 keys for each query
    qk = q @ k.swapaxes(1, 2)
    raw.append(entropy(softmax(qk)).mean())
    scaled.append(entropy(attention_weights(q, k)).mean())
    print(f"d = {d:3}  variance {qk.var():6.1f}  entropy {raw[-1]:.2f}, with √d {scaled[-1]:.2f}")

# %%
lines(
    np.log2(sizes),
    {"q·k": raw, "q·k / √d": scaled},
    title="Without √d the rows sharpen as d grows",
    xlabel="log₂ d",
    ylabel="mean entropy of a row (bits)",
    ylim=(0, 3),
)

# %%
reveal(
    "01-root-d",
    f"one key gets nearly all the weight: the entropy falls from {raw[0]:.2f} to {raw[-1]:.2f} bits. "
    f"With √d it stays: {scaled[0]:.2f} and {scaled[-1]:.2f}.",
)

# %% [markdown]
# `q · k` is a sum of `d` products with variance 1 each, so its variance is `d`. Dividing by √d brings it back to 1.

# %%
practice("why-divide-by-root-d")

# %% [markdown]
# ## Queries read keys
#
# There may be more keys than queries. A translator that writes two words while it reads five makes a map of 2 rows and 5 columns.

# %%
W = attention_weights(rng.normal(size=(2, 16)), rng.normal(size=(5, 16)))
print(W, "shape", W.shape)
print("rows sum to   ", W.sum(axis=1))
print("columns sum to", W.sum(axis=0))

# %% [markdown]
# **A row belongs to the reader and sums to 1. A column belongs to what is read, and its sum can be anything from 0 to the number of readers.**
# In MiniLM the same positions read and are read, so its maps are square. They are not symmetric:

# %%
print(f"A[good, not] = {A[good, not_]:.2f}   good reads this much from not")
print(f"A[not, good] = {A[not_, good]:.2f}   not reads this much from good")

# %% [markdown]
# **With a gap.** How much does `not` read from `film`? Replace None by an expression in `A`.

# %%
not_from_film = None  # your turn: A[..., ...]

# %%
if not_from_film is None:
    print("Nothing to compare yet: fill the gap above.")
elif np.isclose(not_from_film, A[not_, film]):
    print(f"Yes: {not_from_film:.2f}. The reader comes first.")
elif np.isclose(not_from_film, A[film, not_]):
    print("That is what film reads from not. The reader comes first: A[reader, read].")
else:
    print("Not yet. The names film, not_ and good hold the positions.")

# %%
practice("reading-a-row")

# %% [markdown]
# ### A column above all others
#
# The mean of a column is the share of all attention that its position receives; an even share is 1/N. Here it is for all bundled
# sentences. The band reaches from the lowest to the highest of them.

# %%
shares = {"[CLS]": [], "[SEP]": [], "mean of the others": [], "even share 1/N": []}
for name in example_names():
    received = load_example(name).attentions.mean(axis=(1, 2))  # over heads and readers: (L, N)
    shares["[CLS]"].append(received[:, 0])
    shares["[SEP]"].append(received[:, -1])
    shares["mean of the others"].append(received[:, 1:-1].mean(axis=1))
    shares["even share 1/N"].append(np.full(len(received), 1 / received.shape[1]))
mean = {name: np.mean(values, axis=0) for name, values in shares.items()}

# %%
lines(
    range(1, 7),
    mean,
    bands={"[CLS]": (np.min(shares["[CLS]"], axis=0), np.max(shares["[CLS]"], axis=0))},
    title=f"[CLS] is a sink (mean of {len(example_names())} sentences)",
    xlabel="layer",
    ylabel="share of all attention",
    ylim=(0, 1),
)

# %%
sink, others = mean["[CLS]"], mean["mean of the others"]
print(f"[CLS] receives {sink.min():.0%} to {sink.max():.0%} of a layer's attention,")
print(f"a position between the marks {others.min():.1%} to {others.max():.1%}.")

# %% [markdown]
# A position that most others read a lot, though it has little to say, is an **attention sink**. One explanation: a row must sum to 1, so a
# head that finds nothing to read has to put its weight somewhere (Clark et al. 2019, on `[SEP]` in BERT; Xiao et al. 2024, on the
# first tokens of causal models). A large column alone does not show that a position matters.

# %% [markdown]
# ## Many heads, one matrix
#
# A layer of MiniLM has 12 maps; rollout wants one and usually takes their mean. First look at how different they are.

# %%
heatmaps(
    layers[0],
    tokens,
    titles=[f"head {h}" for h in range(1, 13)],
    title="The twelve heads of layer 1 read in different ways",
    ticks=False,
    per_row=6,
)

# %% [markdown]
# How different, in a number? The **distance** of two rows is half the sum of |p − q| (*total variation*). It is the weight that would have
# to move to turn one row into the other: 0 for equal rows, 1 for rows without overlap.
#
# On paper: one head's row is (1, 0, 0), another's (0, 0, 1). Their distance is ½ · (1 + 0 + 1) = 1. Their mean (½, 0, ½) is at distance
# ½ from either: **it looks like neither.**


# %%
def distance(p, q):
    return np.abs(p - q).sum(axis=-1) / 2


print("two heads", distance(np.array([1, 0, 0]), np.array([0, 0, 1])))
print("a head and the mean", distance(np.array([1, 0, 0]), np.array([0.5, 0, 0.5])))

# %%
for number, heads in enumerate(layers, 1):
    between = distance(heads[:, None], heads[None]).mean(axis=-1)  # (12, 12), mean over the rows
    pairs = between[np.triu_indices(12, k=1)]
    print(f"layer {number}: two heads are {pairs.mean():.2f} apart on average, at most {pairs.max():.2f}")

# %% [markdown]
# Now the mean. What is left of head 3's diagonal on the right?

# %%
heatmaps(
    [layers[0, 2], layers[0, 5], A],
    tokens,
    titles=["head 3", "head 6", "mean of 12 heads"],
    title="Averaging blurs what single heads do",
    row=good,
)

# %% [markdown]
# Two facts hold for the mean of any heads: its rows sum to 1, and none is sharper than the heads' rows are on average.

# %%
of_heads, of_mean = entropy(layers[0]), entropy(A)  # (12, N) and (N,): how even each row is
print("rows sum to 1:", np.allclose(A.sum(axis=-1), 1, atol=1e-5))
print("never sharper:", bool((of_mean >= of_heads.mean(axis=0)).all()))
print(f"entropy of a row: {of_heads.mean():.2f} bits in a head, {of_mean.mean():.2f} bits in the mean")

# %%
practice("heads-in-a-mean")

# %% [markdown]
# ## What one layer cannot show
#
# ### Only direct links
#
# Two layers of one head. In layer 1, C reads half from A. In layer 2, B reads half from C. Look for a layer in which B reads A.

# %%
paper = paper_example()
first, second = paper.attentions[:, 0]
heatmaps([first, second], paper.tokens, titles=["layer 1", "layer 2"], title="No layer links B to A")

# %% [markdown]
# Yet A reaches B. After layer 1, half of C's state comes from A. In layer 2, B takes half from that state. So a quarter of B's comes from A:

# %%
a, b, c = 0, 1, 2
print("B reads A, layer 1 and layer 2:", first[b, a], second[b, a])
print("A through C to B:", second[b, c] * first[c, a])

# %% [markdown]
# **With a gap.** B has something of the old C, too. Which two entries give it?

# %%
old_C_in_B = None  # your turn: second[..., ...] * first[..., ...]

# %%
if old_C_in_B is None:
    print("Nothing to compare yet: fill the gap above.")
elif np.isclose(old_C_in_B, second[b, c] * first[c, c]):
    print(f"Yes: {old_C_in_B}. B reads half from C, and C kept half of itself.")
else:
    print("Not yet. How much of its old self did C keep in layer 1, and how much of C does B read?")

# %%
practice("two-links-in-order")

# %% [markdown]
# ### Position j at layer 5 is not token j any more
#
# The axes of every map are labelled with words. From layer 2 on these labels mislead: a layer reads **states**, and the layers below have
# mixed other words into them. Two sentences that differ in one word show it.

# %%
big, small = load_example("coreference"), load_example("coreference_swapped")
print(big.text, small.text, sep="\n")
changed = [j for j, (x, y) in enumerate(zip(big.tokens, small.tokens, strict=True)) if x != y]
same = [j for j in range(len(big.tokens)) if j not in changed]
print("They differ at", changed, "and agree at the other", len(same), "positions.")

# %%
predict(
    "01-one-word",
    "Take the changed word's row and column out of every map and let the rows sum to 1 again. "
    "In which layers do the maps of the two sentences still differ?",
    options=["In none", "In all layers", "In all but layer 1", "In layer 1 alone"],
)

# %% [markdown]
# If every position held its own word alone, the maps would be equal in all layers. For each position we take the distance between
# its rows in the two sentences, mean over the heads. Look at layer 1, then at the rest.


# %%
def without_changed(attentions):
    kept = attentions[..., same, :][..., same]
    return kept / kept.sum(axis=-1, keepdims=True)


differ = distance(without_changed(big.attentions), without_changed(small.attentions))
differ = differ.mean(axis=1)  # over heads: (layers, positions)
lines(
    range(1, 7),
    {"largest": differ.max(axis=1), "mean": differ.mean(axis=1), "smallest": differ.min(axis=1)},
    title="One word changes, and from layer 2 on all the others read differently",
    xlabel="layer",
    ylabel="distance, over 14 positions",
)

# %%
reveal(
    "01-one-word",
    f"in all but layer 1. There the distance is {differ[0].max():.0e} at most, a rounding error. "
    f"From layer 2 on it is small but nowhere 0: {differ[1:].min():.4f} to {differ[1:].max():.2f}.",
)

# %% [markdown]
# Layer 1 reads the words, every later layer reads mixtures. That much is exact. To say **how much** of a word is left at its position takes an
# assumption. Rollout's is that the residual connection keeps half of each state. The share measured in this sentence is larger: ‖x‖ / (‖x‖ + ‖y‖),
# with x the state carried past a layer and y what the layer's attention adds. So try both. (Lessons 02 and 03 explain the computation.)

# %%
share = float(example.residual_share.mean())
words = slice(1, -1)  # without [CLS] and [SEP]
own = {
    name: [R.diagonal()[words].mean() for R in rollout_steps(layers, residual=residual)]
    for name, residual in {"residual ½": 0.5, f"residual {share:.2f}, measured": share}.items()
}
lines(
    range(1, 7),
    own,
    title="Rollout's estimate: how much of a word is left at its own position",
    xlabel="after layer",
    ylabel="mean share of its own word",
    ylim=(0, 1),
)

# %%
for name, values in own.items():
    print(f"{name}: in the states that layer 5 reads, a position's own word has {values[3]:.0%}")

# %%
practice("position-after-layers")

# %% [markdown]
# ### Which layer would you show?
#
# In which layers does `good` read more from `not`, in which more from `film`?

# %%
means = np.stack([fuse_heads(layer) for layer in layers])
lines(
    range(1, 7),
    {"not": means[:, good, not_], "film": means[:, good, film]},
    title="The layers do not agree on what good reads",
    xlabel="layer",
    ylabel="weight in row good",
)

# %%
wins = means[:, good, not_] > means[:, good, film]
for word, which in {"not": wins, "film": ~wins}.items():
    print(f"more from {word}: layers", ", ".join(map(str, np.flatnonzero(which) + 1)))

# %% [markdown]
# Whoever shows one layer has chosen the answer, and no single layer can show a route through two. So one looks **across layers**:
# rollout follows the mixtures upwards, from the words to the output.

# %% [markdown]
# ## Summary
#
# - **Exact.** A row is a softmax of scores `q · k / √d` and sums to 1; columns need not. The mean over heads has rows that sum to
#   1 and is never sharper than the heads on average. A layer links only what it links directly, and every layer after the first reads mixtures.
# - **Assumed.** That the mean may stand for the heads. That a weight tells how much is taken over, whatever the values are. That the
#   residual keeps half of each state.
# - **Measured here.** In MiniLM two heads of a layer differ in a good part of their weight. `[CLS]` receives several times an even
#   share in every layer. The layers disagree on what `good` reads.

# %% [markdown]
# ## Sources
#
# - A. Vaswani, N. Shazeer, N. Parmar, J. Uszkoreit, L. Jones, A. N. Gomez, Ł. Kaiser and I. Polosukhin (2017). Attention Is All You Need.
#   *Advances in Neural Information Processing Systems 30*. Section 3.2: scaled dot-product attention, why √d, heads.
# - K. Clark, U. Khandelwal, O. Levy and C. D. Manning (2019). What Does BERT Look At? An Analysis of BERT's Attention. *Proceedings of the
#   2019 ACL Workshop BlackboxNLP*. Heads that read the previous token, attention to `[SEP]`.
# - G. Xiao, Y. Tian, B. Chen, S. Han and M. Lewis (2024). Efficient Streaming Language Models with Attention Sinks. *ICLR 2024*.
# - G. Brunner, Y. Liu, D. Pascual, O. Richter, M. Ciaramita and R. Wattenhofer (2020). On Identifiability in Transformers. *ICLR 2020*. How
#   words mix in the hidden states.
# - S. Abnar and W. Zuidema (2020). Quantifying Attention Flow in Transformers. *Proceedings of ACL 2020*.
#
# **Next:** quiz 1, in `self_check/quiz1_single_layer_attention.ipynb`, or through the Assignment List when your instructor has released it.
# Then lesson `02_matrix_product_rollout`.
