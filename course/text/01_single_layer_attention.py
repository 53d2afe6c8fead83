# %% [markdown]
# # One layer of attention
#
# ## What you will be able to do
#
# In {minutes} minutes, and a quiz of {quiz_minutes} after it. Then you can
#
# - compute a row of attention weights from a query and keys, and say why the scores are divided by $\sqrt d$;
# - read a map by row and by column, and find a sink in it;
# - say what the mean over heads keeps and what it hides;
# - say what the map of one layer cannot show.
#
# Builds on [lesson 00](00_start_here.ipynb). **Run each cell with Shift+Enter**, from the top. The course on one page: the
# [cheat sheet](cheat_sheet.html).
#
# ## A real sentence
#
# The model is MiniLM: 6 layers of 12 **heads**, attentions that work side by side. It has read “the film was not good at all.”, and each
# head gives us one map.

# %%
# Question: what does “good” read?
import numpy as np

from rollout_lab import attention_weights, fuse_heads, softmax
from rollout_lab.explorers import head_view, scores_to_weights
from rollout_lab.figures import heatmaps, lines
from rollout_lab.models import example_names, load_example, paper_example
from rollout_lab.quiz import break_it, check, practice, predict, reveal, review

np.set_printoptions(precision=2, suppress=True, floatmode="fixed")
example = load_example("negation")
attentions, tokens = example.attentions, example.tokens
film, not_, good = (tokens.index(word) for word in ("film", "not", "good"))
predict("01-good-reads")

# %% [markdown]
# Row “good” says how “good” shares out its weight of 1. `fuse_heads` averages the heads.

# %%
A = fuse_heads(attentions[0])  # layer 1: (N, N)
first, *others = np.argsort(-A[good])[:3]

# %%
# What came out
reveal(
    "01-good-reads",
    tokens[first],
    share=A[good, first],
    others=" and ".join(f"“{tokens[j]}” {A[good, j]:.2f}" for j in others),
)

# %% [markdown]
# Here are all heads of a layer. Point at a token on the right: the lines lead to what it reads. Choose a head by its little map.
#
# - Find a head in which “good” reads mostly “not”, and one in which it reads mostly “film”. Try other layers, too.
# - In layer 1, one head does the same thing at every position. Which head is it, and what does it do?

# %%
# Explorer: one layer, its heads side by side
head_view(attentions, tokens, layer=1, query=good)

# %%
# Check yourself: what you missed before
review("01")

# %% [markdown]
# ## From scores to weights
#
# A vector stands at every position: its **state**. From the state each head computes a **query** $q$ and a **key** $k$ of $d$ numbers, with
# matrices that the model has learnt. Three steps lead to the weight that position $i$ gives to position $j$:
#
# 1. the dot product $q_i \cdot k_j$: large where query and key point the same way;
# 2. the **score** $s_{ij} = q_i \cdot k_j / \sqrt d$;
# 3. the **softmax** over the row: $A[i, j] = e^{s_{ij}} \big/ \sum_m e^{s_{im}}$.
#
# Drag the query, and watch the row. Find a place where B reads more from itself than from A or C. Then move the temperature, which divides
# the scores: what happens?

# %%
# Explorer: drag a query, watch its row of weights
scores_to_weights()

# %% [markdown]
# **A whole example.** Three tokens A, B, C and $d = 4$, so $\sqrt d = 2$. B asks with $q = (1, 1, 1, 1)$. Do the three steps on paper, then
# compare.

# %%
keys = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [1, -1, 1, -1]])  # of A, B and C
query = np.array([1, 1, 1, 1])

dots = keys @ query
scores = dots / np.sqrt(4)
weights = np.exp(scores) / np.exp(scores).sum()
print("dots   ", dots)
print("scores ", scores)
print("weights", weights, "  library:", attention_weights([query], keys)[0])

# %% [markdown]
# **With a gap.** Now C asks with $q = (1, -1, 1, -1)$. Write its three weights, to two decimals.

# %%
weights_of_C = None  # your turn: [from A, from B, from C]

check("01-weights-of-c", weights_of_C)

# %% [markdown]
# Softmax sees only the *differences* between scores. If you add a number to all of them, nothing changes. If you multiply them, the row
# changes:

# %%
print("scores        ", softmax(scores))
print("scores + 100  ", softmax(scores + 100))
print("scores × 3    ", softmax(scores * 3))

# %% [markdown]
# That is why the scores are divided by $\sqrt d$. If the numbers in $q$ and $k$ are independent, with mean 0 and variance 1, then $q \cdot k$ has
# variance $d$. Without the division, a head with a large $d$ would have large scores, and nearly all weight would go to one key. (*Deeper*
# simulates it.)
#
# With its weights a position mixes the **values**, a third vector of every position. That mixture is what it takes over. Rollout looks at
# the weights alone.

# %%
# Check yourself
practice("why-divide-by-root-d")

# %%
# Check yourself
practice("weight-from-scores")

# %% [markdown]
# ## Queries read keys
#
# **A row belongs to the reader and sums to 1. A column belongs to what is read, and its sum can be anything from 0 to the number of
# readers.** Maps are square, but not symmetric:

# %%
print("rows sum to   ", A.sum(axis=1))
print("columns sum to", A.sum(axis=0))
print(f"“good” from “not”: {A[good, not_]:.2f}, “not” from “good”: {A[not_, good]:.2f}")

# %%
# Check yourself
practice("reading-a-row")

# %% [markdown]
# ### A column above all others
#
# The mean of a column is the share of all attention that its position receives. How many times an even share, $1/N$, does `[CLS]` receive?
# The cell averages over the 16 sentences that come with the course.

# %%
times = []
for name in example_names():
    maps = fuse_heads(load_example(name).attentions)  # (L, N, N)
    times.append(maps[:, :, 0].mean(axis=1) * maps.shape[1])
mean = np.mean(times, axis=0)
print("layers 1 to 6:", mean)

# %% [markdown]
# A position that most others read a lot is an **attention sink**. One explanation: a row must sum to 1, so a head that finds nothing to
# read has to put its weight somewhere (Clark et al. 2019, on `[SEP]` in BERT; Xiao et al. 2024, on the first tokens of causal models).
# **A large column alone does not show that a position matters.** The head view above can fade sinks.
#
# ## Many heads, one matrix
#
# A layer of MiniLM has 12 maps. Rollout wants one, and usually takes their mean. What is lost? One head's row is $(1, 0, 0)$, another's
# $(0, 0, 1)$. Their mean is $(\tfrac12, 0, \tfrac12)$. **It looks like neither.** Now real heads. Head 3 reads the token before each position:
# follow its bright line. What is left of that line in the mean?

# %%
# Picture: two heads and the mean of all
heatmaps(
    [attentions[0, 2], attentions[0, 5], A],
    tokens,
    titles=["head 3", "head 6", "mean of 12 heads"],
    title="Averaging blurs what single heads do",
    row=good,
)

# %%
# Check yourself
practice("heads-in-a-mean")

# %%
# Check yourself
practice("mean-of-two-heads")

# %% [markdown]
# ## What one layer cannot show
#
# ### Only direct links
#
# Here are two layers of one head each, and nothing else: no residual connection, no values. Look for a layer in which B reads A.

# %%
# Picture: two layers of three tokens
paper = paper_example()
A_1, A_2 = paper.attentions[:, 0]
heatmaps(
    [A_1, A_2],
    paper.tokens,
    titles=["layer 1", "layer 2"],
    title="In layer 1, “C” reads “A”; in layer 2, “B” reads “C”",
)

# %% [markdown]
# There is none. Yet A reaches B. After layer 1, half of C's state comes from A. In layer 2, B takes half of its state from C:

# %%
a, b, c = 0, 1, 2
print(f"A through C to B: {A_2[b, c]} × {A_1[c, a]} = {A_2[b, c] * A_1[c, a]}")

# %% [markdown]
# **With a gap.** What is all of B's state made of? Say how much comes from A, from B and from C, as they were before layer 1.

# %%
made_of = None  # your turn: [from A, from B, from C]

check("01-row-of-b", made_of)

# %%
# Check yourself
practice("two-links-in-order")

# %% [markdown]
# ### Does position $j$ still hold token $j$?
#
# The axes of every map are labelled with words. But a layer reads states. Where do the labels mislead? Two sentences differ in one word:

# %%
big, small = load_example("coreference"), load_example("coreference_swapped")
print(big.text, small.text, sep="\n")
same = [j for j in range(len(big.tokens)) if big.tokens[j] == small.tokens[j]]

# %%
# Question: where do the maps still differ?
predict("01-one-word")

# %% [markdown]
# The **distance** of two rows $p$ and $q$ is half the sum of $|p - q|$ (*total variation*): the weight that would have to move to turn one
# row into the other. The next cell removes the changed word from all maps and measures the distance at every other position.


# %%
def distance(p, q):
    return np.abs(p - q).sum(axis=-1) / 2


def without_changed(attentions):
    kept = attentions[..., same, :][..., same]
    return kept / kept.sum(axis=-1, keepdims=True)


differ = distance(without_changed(big.attentions), without_changed(small.attentions))
differ = differ.mean(axis=1)  # over heads: (layers, positions)

# %%
# What came out
layers = [1 + layer for layer in range(6) if differ[layer].max() > 1e-5]
reveal(
    "01-one-word",
    layers,
    first=differ[0].max(),
    least=differ[1:].min(),
    most=differ[1:].max(),
)

# %% [markdown]
# So **position $j$ at layer 5 is not token $j$ any more**: every layer above the first reads mixtures. How much of the word is left there is
# another question. (Brunner et al. 2020 find both in BERT: strong mixing, and states that still tell their word.)
# [Lesson 03](03_identity_augmentation.ipynb) makes an assumption about it.

# %%
# Check yourself
practice("position-after-layers")

# %% [markdown]
# ### Which layer would you show?
#
# Does “good” read more from “not” or from “film”? Look where the two lines cross.

# %%
# Picture: two weights of row “good”, layer by layer
by_layer = fuse_heads(attentions)  # the mean of each layer, (L, N, N)
lines(
    range(1, 7),
    {"“not”": by_layer[:, good, not_], "“film”": by_layer[:, good, film]},
    title="The layers do not agree on what “good” reads",
    xlabel="layer",
    ylabel="weight in row “good”",
)

# %% [markdown]
# If you show a single layer, your choice of layer decides the answer. And no single layer can show a path through two. So look **across
# layers**: rollout follows the mixtures from the words up to the output.

# %% [markdown]
# ## Deeper: why the square root, and how far heads are apart

# %% [markdown]
# **The square root.** *Entropy* measures how even a row is, in bits: 0 when one key has all the weight, $\log_2 8 = 3$ when eight keys share it
# equally. Compare the two entropies: without the division and with it.


# %%
def entropy(weights):
    return -(weights * np.log2(np.maximum(weights, 1e-30))).sum(axis=-1)


rng = np.random.default_rng(1)
for d in (4, 16, 64, 256):
    q, k = rng.normal(size=(2000, 1, d)), rng.normal(size=(2000, 8, d))  # 8 keys a query
    qk = q @ k.swapaxes(1, 2)
    bits = [entropy(each).mean() for each in (softmax(qk), attention_weights(q, k))]
    spread = f"d = {d:3}: variance {qk.var():6.1f}"
    print(f"{spread}; entropy {bits[0]:.2f} without √d, {bits[1]:.2f} with it")

# %%
# Check yourself
practice("steps-of-attention")

# %% [markdown]
# **The heads.** How far apart are two heads of a layer, averaged over the positions? And is a mean of rows ever sharper than the rows are on
# average, is its entropy ever lower?

# %%
for number, heads in enumerate(attentions, 1):
    apart = distance(heads[:, None], heads[None]).mean(axis=-1)[np.triu_indices(12, k=1)]
    blurred = (entropy(heads.mean(axis=0)) >= entropy(heads).mean(axis=0)).all()
    far = f"{apart.mean():.2f} apart, at most {apart.max():.2f}"
    print(f"layer {number}: heads are {far}; never sharper: {blurred}")

# %%
# Break it: one softmax for two heads
break_it("mean-of-scores-or-of-weights")

# %% [markdown]
# ## Summary
#
# - **Exact.** A row is a softmax of scores $q \cdot k / \sqrt d$ and sums to 1; columns need not. The mean over heads has rows that sum to 1.
#   A layer links only what it links directly, and every layer after the first reads mixtures.
# - **Assumed.** That the mean may stand for the heads. That a weight tells how much is taken over, whatever the values are.
# - **Measured here.** In one sentence, the heads of a layer read different things, and the layers disagree on what “good” reads. Over 16
#   sentences `[CLS]` receives about 3 to 7 times an even share, by layer.

# %% [markdown]
# ## Sources
#
# - A. Vaswani et al. (2017). Attention Is All You Need. *NeurIPS 2017*. Section 3.2.
# - K. Clark, U. Khandelwal, O. Levy and C. D. Manning (2019). What Does BERT Look At? An Analysis of BERT's Attention. *BlackboxNLP at ACL
#   2019*.
# - G. Xiao, Y. Tian, B. Chen, S. Han and M. Lewis (2024). Efficient Streaming Language Models with Attention Sinks. *ICLR 2024*.
# - G. Brunner, Y. Liu, D. Pascual, O. Richter, M. Ciaramita and R. Wattenhofer (2020). On Identifiability in Transformers. *ICLR 2020*.
#
# **Next:** [quiz 1](self_check/quiz1_single_layer_attention.ipynb) ({quiz_minutes} minutes), or in the Assignment List once your instructor has
# released it. Then [lesson 02](02_matrix_product_rollout.ipynb).
