# %% [markdown]
# # One layer of attention
#
# ## What you will be able to do
#
# In about 25 minutes, and a quiz of 20 after it. Then you can
#
# - compute a row of attention weights from a query and keys, and say why the scores are divided by √d;
# - read a map by row and by column, and find a sink in it;
# - say what the mean over heads keeps and what it hides;
# - say what the map of one layer cannot show, and why one looks across layers.
#
# Builds on lesson 00. **Run each cell with Shift+Enter**, from the top.

# %%
import numpy as np

from rollout_lab import attention_weights, fuse_heads, rollout, softmax
from rollout_lab.explorers import head_view
from rollout_lab.figures import heatmaps, lines, row_bars
from rollout_lab.models import example_names, load_example, paper_example
from rollout_lab.quiz import compare, practice, predict, reveal

np.set_printoptions(precision=2, suppress=True, floatmode="fixed")

# %% [markdown]
# ## A real sentence
#
# The model is MiniLM: 6 layers of 12 heads. It has read this sentence, and each head has left a map.

# %%
example = load_example("negation")
attentions, tokens = example.attentions, example.tokens
film, not_, good = (tokens.index(word) for word in ("film", "not", "good"))
print(example.text)
print("shape (layers, heads, positions, positions):", attentions.shape)

# %%
predict(
    "01-good-reads",
    "In layer 1, averaged over its heads: which position does `good` read most?",
    options=["`[CLS]`", "`film`", "`not`", "`good` itself"],
)

# %% [markdown]
# Row `good` of the map shows how `good` shares out its weight of 1. Look for the longest bar, then for the second.

# %%
A = fuse_heads(attentions[0])  # layer 1: the mean over its heads, (N, N)
order = np.argsort(-A[good])[:3]
reveal("01-good-reads", ", ".join(f"`{tokens[j]}` {A[good, j]:.2f}" for j in order) + ".")
row_bars(A[good], tokens, title=f"In layer 1, good reads {tokens[order[0]]} most")

# %% [markdown]
# Point at a token on the right: its lines lead to what it reads. Point at one on the left: they lead to who reads it. The little maps are
# the heads. Find a head in which `good` reads mostly `not`, and one in which it reads mostly `film`.

# %%
head_view(attentions, tokens, layer=1, query=good)

# %% [markdown]
# One answer: look at the outlined row, one word read by three heads. In head 3 of layer 1 look at the other rows, too: every
# position reads the one before it. (`[CLS]` has none before it and reads itself.)

# %%
chosen = [(1, 3), (4, 2), (6, 10)]  # (layer, head), counted from 1
heatmaps(
    [attentions[layer - 1, head - 1] for layer, head in chosen],
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
steps = {"dot": dots, "score": scores, "power": powers, "weight": weights}
for step, values in steps.items():
    print(f"{step:8}", values, "  sum", round(values.sum(), 2))
print("library ", attention_weights([query], keys)[0])

# %% [markdown]
# **With a gap.** Now C asks with `q = (1, −1, 1, −1)`. Write its three weights, to two decimals.

# %%
weights_of_C = None  # your turn: [from A, from B, from C]

dots_of_C = keys @ [1, -1, 1, -1]
compare(
    weights_of_C,
    softmax(dots_of_C / 2),
    hint=f"The dot products are {dots_of_C}. Halve, take powers of e, divide by their sum.",
    beliefs=[(softmax(dots_of_C), "You left out the division by √d = 2.")],
)

# %% [markdown]
# **Your own.** Find a query with which B reads more from itself than from A or C. Zeros make all weights equal.

# %%
my_query = [0, 0, 0, 0]  # your turn
print("B reads from A, B, C:", attention_weights([my_query], keys)[0])

# %% [markdown]
# Softmax looks at the differences between scores alone. Adding a number to all of them changes nothing; multiplying them does.

# %%
print("scores        ", softmax(scores))
print("scores + 100  ", softmax(scores + 100))
print("scores × 3    ", softmax(scores * 3))

# %% [markdown]
# ### Why √d?
#
# Let queries and keys be random, each number drawn with mean 0 and variance 1. Then `q · k` is a sum of `d` products with variance 1
# each, so its variance is `d`. What does that do to the softmax?
#
# **Entropy** measures how even a row is, in bits: 0 when one key has all the weight, log₂ 8 = 3 when eight keys share it equally.
# Look at the variance, then at the two entropies: without the division and with it.


# %%
def entropy(weights):
    return -(weights * np.log2(np.maximum(weights, 1e-30))).sum(axis=-1)


rng = np.random.default_rng(1)
sizes, raw, scaled = [4, 16, 64, 256], [], []
for d in sizes:
    q, k = rng.normal(size=(2000, 1, d)), rng.normal(size=(2000, 8, d))  # 8 keys a query
    qk = q @ k.swapaxes(1, 2)
    raw.append(entropy(softmax(qk)).mean())
    scaled.append(entropy(attention_weights(q, k)).mean())
    print(f"d = {d:3}: variance {qk.var():6.1f}, divided by √d {(qk / d**0.5).var():.1f}")

# %%
lines(
    np.log2(sizes),
    {"q · k": raw, "q · k / √d": scaled},
    title="Without √d one key gets nearly all the weight as d grows",
    xlabel="log₂ d",
    ylabel="mean entropy of a row (bits)",
    ylim=(0, 3),
)

# %%
practice("why-divide-by-root-d")

# %%
practice("weight-from-scores")

# %%
practice("steps-of-attention")

# %% [markdown]
# ## Queries read keys
#
# There may be more keys than queries. A translator that writes two words while it reads five makes a map of 2 rows and 5 columns.
# Look at the sums.

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

# %%
practice("reading-a-row")

# %% [markdown]
# ### A column above all others
#
# The mean of a column is the share of all attention that its position receives; an even share is 1/N. Here it is for all bundled
# sentences. Compare `[CLS]` with the even share.

# %%
shares = {"[CLS]": [], "[SEP]": [], "mean of the others": [], "even share 1/N": []}
for name in example_names():
    maps = fuse_heads(load_example(name).attentions)
    received = maps.mean(axis=1)  # over readers: (L, N)
    shares["[CLS]"].append(received[:, 0])
    shares["[SEP]"].append(received[:, -1])
    shares["mean of the others"].append(received[:, 1:-1].mean(axis=1))
    shares["even share 1/N"].append(np.full(len(received), 1 / received.shape[1]))
mean = {name: np.mean(values, axis=0) for name, values in shares.items()}
times = mean["[CLS]"] / mean["even share 1/N"]
print(f"[CLS] receives {times.min():.1f} to {times.max():.1f} times an even share.")

# %% [markdown]
# The same as a picture. The band reaches from the lowest to the highest of the sentences.

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
    attentions[0],
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
# ½ from either: **it looks like neither.** Now the real heads, pair by pair, mean over the rows:


# %%
def distance(p, q):
    return np.abs(np.subtract(p, q)).sum(axis=-1) / 2


one, other, mean_row = [1, 0, 0], [0, 0, 1], [0.5, 0, 0.5]
print("on paper:", distance(one, other), "and to the mean", distance(one, mean_row))
for number, heads in enumerate(attentions, 1):
    apart = distance(heads[:, None], heads[None]).mean(axis=-1)[np.triu_indices(12, k=1)]
    print(f"layer {number}: heads are {apart.mean():.2f} apart, at most {apart.max():.2f}")

# %% [markdown]
# The mean of any heads has rows that sum to 1, and none is sharper than the heads' rows are on average: its entropy is at least theirs.
# What is left of head 3's diagonal on the right?

# %%
print("rows of the mean sum to 1:", np.allclose(A.sum(axis=-1), 1, atol=1e-5))
print("never sharper:", bool((entropy(A) >= entropy(attentions[0]).mean(axis=0)).all()))
heatmaps(
    [attentions[0, 2], attentions[0, 5], A],
    tokens,
    titles=["head 3", "head 6", "mean of 12 heads"],
    title="Averaging blurs what single heads do",
    row=good,
)

# %%
practice("heads-in-a-mean")

# %%
practice("mean-of-two-heads")

# %% [markdown]
# ## What one layer cannot show
#
# ### Only direct links
#
# Two layers of one head. In layer 1, C reads half from A. In layer 2, B reads half from C. Look for a layer in which B reads A.

# %%
paper = paper_example()
first, second = paper.attentions[:, 0]
heatmaps(
    [first, second],
    paper.tokens,
    titles=["layer 1", "layer 2"],
    title="No layer links B to A",
)

# %% [markdown]
# Yet A reaches B. After layer 1, half of C's state comes from A. In layer 2, B takes half from that state. So a quarter of B's comes from A:

# %%
a, b, c = 0, 1, 2
through_C = second[b, c] * first[c, a]
print(f"A through C to B: {second[b, c]} × {first[c, a]} = {through_C}")

# %% [markdown]
# **With a gap.** B has something of the old C, too. How much? Multiply two weights as above.

# %%
old_C_in_B = None  # your turn: second[..., ...] * first[..., ...]
compare(
    old_C_in_B,
    rollout(paper.attentions, residual="none")[b, c],  # lesson 02 says how
    hint="How much of its old self did C keep in layer 1, and how much of C does B read?",
    beliefs=[(second[b, c], "That is what B reads of C. Half of it was A's by then.")],
)

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
same = [j for j in range(len(big.tokens)) if big.tokens[j] == small.tokens[j]]
print("They agree at", len(same), "of", len(big.tokens), "positions.")

# %%
predict(
    "01-one-word",
    "Take the changed word's row and column out of every map and let the rows sum to 1 "
    "again. In which layers do the maps of the two sentences still differ?",
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
reveal(
    "01-one-word",
    f"in all but layer 1. There the distance is {differ[0].max():.0e} at most, a rounding "
    f"error. From layer 2 on it is small but nowhere 0: {differ[1:].min():.4f} to "
    f"{differ[1:].max():.2f}.",
)

# %%
lines(
    range(1, 7),
    {
        "largest": differ.max(axis=1),
        "mean": differ.mean(axis=1),
        "smallest": differ.min(axis=1),
    },
    title="One word changes; from layer 2 on all others read differently",
    xlabel="layer",
    ylabel=f"distance, over {len(same)} positions",
)

# %% [markdown]
# Layer 1 reads the words, every later layer reads mixtures. How much of a word is left at its position is another question: it takes an
# assumption about what a layer keeps. Lesson 03 makes one.

# %%
practice("position-after-layers")

# %% [markdown]
# ### Which layer would you show?
#
# In which layers does `good` read more from `not`, in which more from `film`? Look where the two lines cross.

# %%
layers = fuse_heads(attentions)  # the mean of each layer, (L, N, N)
lines(
    range(1, 7),
    {"not": layers[:, good, not_], "film": layers[:, good, film]},
    title="The layers do not agree on what good reads",
    xlabel="layer",
    ylabel="weight in row good",
)

# %% [markdown]
# Whoever shows one layer has chosen the answer, and no single layer can show a path through two. So one looks **across layers**:
# rollout follows the mixtures upwards, from the words to the output.

# %% [markdown]
# ## Summary
#
# - **Exact.** A row is a softmax of scores `q · k / √d` and sums to 1; columns need not. The mean over heads has rows that sum to
#   1 and is never sharper than the heads on average. A layer links only what it links directly, and every layer after the first reads mixtures.
# - **Assumed.** That the mean may stand for the heads. That a weight tells how much is taken over, whatever the values are.
# - **Measured here.** In one sentence, two heads of a layer differ in a good part of their weight, and the layers disagree on what `good`
#   reads. In all bundled sentences `[CLS]` receives a multiple of an even share.

# %% [markdown]
# ## Sources
#
# - A. Vaswani, N. Shazeer, N. Parmar, J. Uszkoreit, L. Jones, A. N. Gomez, Ł. Kaiser and I. Polosukhin (2017). Attention Is All You Need.
#   *Advances in Neural Information Processing Systems 30*. Section 3.2: scaled dot-product attention, why √d, heads.
# - K. Clark, U. Khandelwal, O. Levy and C. D. Manning (2019). What Does BERT Look At? An Analysis of BERT's Attention. *Proceedings of the
#   2019 ACL Workshop BlackboxNLP*. Heads that read the previous token, attention to `[SEP]`.
# - G. Xiao, Y. Tian, B. Chen, S. Han and M. Lewis (2024). Efficient Streaming Language Models with Attention Sinks. *ICLR 2024*. The name
#   attention sink.
# - G. Brunner, Y. Liu, D. Pascual, O. Richter, M. Ciaramita and R. Wattenhofer (2020). On Identifiability in Transformers. *ICLR 2020*. How
#   words mix in the hidden states.
#
# **Next:** quiz 1 (20 minutes) in `self_check/quiz1_single_layer_attention.ipynb`, or in the Assignment List once your instructor has
# released it. Then lesson 02, `02_matrix_product_rollout.ipynb`.
