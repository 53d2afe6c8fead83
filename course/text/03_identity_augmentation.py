# %% [markdown]
# # Adding the identity
#
# ## What you will be able to do
#
# In {minutes} minutes, and a quiz of {quiz_minutes} after it. Then you can
#
# - say what a residual connection does to a layer's matrix;
# - compute three formulas that are all called rollout, and say which paths each counts;
# - normalise a layer, and say why;
# - say how often a path goes through attention (its *hops*), and what rollout assumes about it.
#
# Builds on lessons 00 to 02. The course on one page: the [cheat sheet](cheat_sheet.html).

# %%
# Check yourself: what you missed before
from itertools import combinations

import numpy as np

from rollout_lab import add_identity, attend, fuse_heads
from rollout_lab import hop_distribution, rollout, rollout_steps
from rollout_lab.explorers import formula_comparison, residual_weight
from rollout_lab.figures import grouped_bars, lines
from rollout_lab.models import example_names, load_example
from rollout_lab.models import load_pointer_model, sample_task
from rollout_lab.quiz import after, break_it, check, practice, predict
from rollout_lab.quiz import progress_overview, reveal, review

np.set_printoptions(precision=2, suppress=True)

review("03")

# %% [markdown]
# ## The residual connection
#
# Let $x$ be the states that enter a layer, one row for each token. Attention does not *replace* $x$. It adds to $x$:
#
# $$\text{output} = x + \text{Attention}(x)$$
#
# $$\text{Attention}(x) = A\,x\,W_V$$
#
# Adding $x$ is the **residual connection**. $W_V$ is the learnt matrix that makes values from the states. Rollout leaves $W_V$ out, and what
# follows (output projection, LayerNorm, MLP). Then the layer is $x + A\,x = (A + I)\,x$. One matrix stands for it:
#
# $$\hat A_l = A_l + I$$
#
# Below are two tokens of two numbers each. Is $(A + I)\,x$ what the layer does, without $W_V$ and with it?

# %%
x = np.array([[1.0, 0.0], [2.0, 1.0]])
W_V = np.array([[0.0, 1.0], [-1.0, 0.0]])
attention, A = attend(x, x, x @ W_V)  # queries and keys are x itself
one_matrix = (A + np.eye(2)) @ x
print("x + A @ x        equals (A + I) @ x:", np.allclose(x + A @ x, one_matrix))
print("x + A @ x @ W_V  equals (A + I) @ x:", np.allclose(x + attention, one_matrix))

# %% [markdown]
# With $W_V$ the one matrix is an approximation. And is the $I$ needed? $A$ has a diagonal already, for a token reads itself, too. That is not
# the residual: what comes through $A[i, i]$ has gone through $W_V$, and $A[i, i]$ may be tiny. In a real sentence, how little does a token
# read itself?

# %%
example = load_example("question")
tokens, layers = example.tokens, fuse_heads(example.attentions)  # (L, N, N)
L, N = len(layers), len(tokens)
print(example.text, "->", *tokens)
for number, A in enumerate(layers, 1):
    least = A.diagonal().argmin()
    print(f"layer {number}: “{tokens[least]}” reads itself: {A[least, least]:.2f}")

# %%
# Check yourself: what is left of a state?
practice("self-attention-is-not-the-residual")

# %% [markdown]
# ## Three formulas
#
# Three formulas go by the name of rollout, and they are easily confused:
#
# | name | formula |
# |---|---|
# | `"none"` | $R = A_L \cdots A_2 A_1$ |
# | `"recursion"` | $R_1 = A_1$, then $R_l = A_l\,(R_{l-1} + I)$ |
# | `"identity"` | $R = \hat A_L \cdots \hat A_2 \hat A_1$, with $\hat A_l = A_l + I$ |
#
# The identity form, normalised, is the rollout of Abnar and Zuidema (2020). The recursion is in the text that this course is based on; we
# found it in no paper.
#
# Two of them contain an $I$. Are they the same? Take the two layers of lesson 02: in layer 1, C reads half from A; in layer 2, B reads half
# from C.
#
# **A whole example: row B.** A row times a matrix mixes the rows of that matrix. Row B of $A_2$ is $(0, \tfrac12, \tfrac12)$.
#
# - `"none"`: half of rows B and C of $A_1$: $\frac12 (0, 1, 0) + \frac12 (\frac12, 0, \frac12)$ $= (\frac14, \frac12, \frac14)$.
# - `"recursion"`: the same mixture of the rows of $A_1 + I$: $\frac12 (0, 2, 0) + \frac12 (\frac12, 0, \frac32)$ $= (\frac14, 1, \frac34)$.
#
# **With a gap: row B of `"identity"`, as written.** Now row B of $A_2 + I$ does the mixing:
#
# $$\tfrac32\,(0, 2, 0) + \tfrac12\,(\,?, ?, ?\,) = (\,?, ?, ?\,)$$

# %%
row_B = None  # your turn: for example [1/4, 1/2, 1/4]

check("03-row-b", row_B)

# %% [markdown]
# ### Which paths are counted
#
# With two layers, row B sums to 1, 2 and 4. Now take six layers.

# %%
# Question: the row sum of six layers
predict("03-row-sums")

# %%
names = ("none", "recursion", "identity")
as_written = {n: rollout(layers, residual=n, normalize=False) for n in names}
sums = {name: R.sum(axis=-1) for name, R in as_written.items()}
none, recursion, identity = (sums[name].mean() for name in names)
reveal("03-row-sums", identity, none=none, recursion=recursion)
print("all rows alike:", all(np.ptp(each) < 0.001 for each in sums.values()))

# %% [markdown]
# Multiply the brackets out, and each row sum becomes a count:
#
# - **identity**: in each layer you take either $A_l$ or $I$. That makes one product for each *subset* of the layers, $2^L$ in all.
# - **recursion**: it becomes $A_L + A_L A_{L-1} + \dots$ $+ A_L \cdots A_2 A_1$. These are $L$ products. Read from the output down, a path
#   follows attention layer by layer. Once it leaves attention, it skips *all* the layers below.
#
# The rows of every such product sum to 1, so the row sum is the number of products. The recursion is a small, one-sided part of the identity
# form: every one of its products holds the last layer, and only one holds layer 1. (*Deeper* adds all products.)
#
# What does `[CLS]` draw from the others? Look at “keys”.

# %%
# Picture: the row of [CLS] in three formulas
cls = {name: rollout(layers, residual=name, queries=0) for name in names}
cls["layer 6 alone"] = layers[-1][0]
grouped_bars(
    {name: row[1:] for name, row in cls.items()},
    tokens[1:],
    title="“keys” leads the row of “[CLS]” in one formula and trails in another",
    xlabel="input j",
)

# %% [markdown]
# So the formula decides the order. Set “Layers multiplied” to 1: which two of the three are now the same? Then set the rows to “as written”,
# and watch their sums as you add layers.

# %%
# Explorer: the three formulas, layer by layer
formula_comparison(example.attentions, tokens, query=0)

# %%
# Break it: the identity mixed in once
break_it("identity-at-the-end")

# %% [markdown]
# ## Deeper: row C on your own, and all products one by one

# %% [markdown]
# Work out row C in all three formulas, as written. Row C of $A_2$ is $(0, 0, 1)$.

# %%
row_C = [
    [None, None, None],  # none
    [None, None, None],  # recursion
    [None, None, None],  # identity
]
check("03-row-c", row_C)

# %%
# Check yourself: are two of them the same?
practice("recursion-is-not-the-identity-form")

# %%
# Check yourself: the row sum of a recursion
practice("row-sum-of-a-recursion")

# %% [markdown]
# Add the products one by one. Is the sum the formula? In what share of the products does each layer take part?


# %%
def product(chosen):
    return rollout(layers[list(chosen)], residual="none") if chosen else np.eye(N)


subsets = [chosen for size in range(L + 1) for chosen in combinations(range(L), size)]
from_the_top = [tuple(range(lowest, L)) for lowest in range(L)]
for name, counted in {"identity": subsets, "recursion": from_the_top}.items():
    agrees = np.allclose(sum(map(product, counted)), as_written[name], rtol=1e-4)
    part = np.array([np.mean([layer in one for one in counted]) for layer in range(L)])
    print(f"{name}: the sum of {len(counted)} products is the formula: {agrees}")
    print(f"  share with layer 1 to {L}:", part)

# %% [markdown]
# ## Normalising
#
# The formulas above are as written. A second step makes shares of the rows again: **divide each row by its sum.** Why?
#
# 1. *To read shares.* If each row of $A$ sums to 1 ($A$ is **row-stochastic**), then dividing means halving: $(A + I)/2$, the form of Abnar
#    and Zuidema. Halve every layer, or divide $R$ by $2^L$ at the end.
# 2. *To let no row count more than another.* With the maximum over the heads instead of the mean, the rows of $A$ have different sums. A token
#    with a larger sum would count more in all layers above. So divide each row by its own sum, in each layer, before the product.
#
# The recursion has no $\hat A_l$. Its rows are divided once, at the end: by $L$, if the rows of $A$ sum to 1.

# %%
# Check yourself: normalise by hand
practice("normalise-by-hand")

# %% [markdown]
# ## Deeper: the maximum or the minimum over the heads

# %% [markdown]
# A widely used implementation for vision models lets you choose the mean, the maximum or the minimum over the heads (Gildenblat 2020).
# That choice changes something else, too.

# %%
# Question: the identity's share with max heads
predict("03-max-heads")


# %%
def identitys_share(attentions, how):
    return (1 / (1 + fuse_heads(attentions, how).sum(axis=-1))).mean(axis=-1)  # (L,)


bundled = [load_example(name).attentions for name in example_names()]  # 16 sentences
ways = ("mean", "max", "min")
shares = {how: np.array([identitys_share(a, how) for a in bundled]) for how in ways}
by_layer = {how: each.mean(axis=0) for how, each in shares.items()}
reveal("03-max-heads", by_layer["max"].mean(), max=by_layer["max"], min=by_layer["min"])

# %%
# Picture: the identity's share by layer
lines(
    range(1, L + 1),
    by_layer,
    bands={how: (each.min(axis=0), each.max(axis=0)) for how, each in shares.items()},
    title="Only averaged heads leave the identity one half",
    xlabel="layer",
    ylabel="the identity's share",
    ylim=(0, 1),
)

# %% [markdown]
# The bands span the 16 sentences. So a choice about *heads* also changes the weight of the *residual*. If somebody finds that the maximum
# works better than the mean, ask which of the two changes did it.

# %% [markdown]
# Does it matter whether you divide the rows in each layer, or those of $R$ once, at the end?

# %%
for how in ("mean", "max"):
    augmented = add_identity(fuse_heads(example.attentions[0], how), weight=None)  # A + I
    print(f"{how}: rows of A + I in layer 1 sum to")
    print("   ", augmented.sum(axis=-1))
    at_the_end = rollout(example.attentions, heads=how, normalize=False)
    at_the_end /= at_the_end.sum(axis=-1)[:, None]
    same = np.allclose(at_the_end, rollout(example.attentions, heads=how), atol=1e-5)
    print("    dividing R once, at the end, is the same:", same)

# %% [markdown]
# ## How many hops
#
# With $(A + I)/2$, each layer is like the toss of a coin. Either the path goes through attention: a **hop**, even if the token reads itself.
# Or it stays where it is. Every subset of layers weighs the same, $2^{-L}$.
#
# **With a gap.** With three layers each subset weighs $\tfrac18$. One subset has no hop, so $\tfrac18$ of a row of $R$ comes along paths
# without a hop. What share comes along paths with exactly *one* hop?

# %%
one_hop = None  # your turn: a number such as 1/2

check("03-one-hop-of-three", one_hop)

# %% [markdown]
# In general, count the ways to choose $k$ of $L$ layers:
#
# $$P(k \text{ hops}) = \binom{L}{k}\, 2^{-L}$$
#
# That makes $L/2$ hops on average.

# %%
# Picture: how many hops through six layers
exact = hop_distribution(L)
grouped_bars(
    {f"{L} layers": exact},
    [str(hops) for hops in range(L + 1)],
    title=f"{L} layers, and {exact @ np.arange(L + 1):.0f} hops on average",
    xlabel="attention hops on the path",
    ylabel="share of a row of R",
)

# %% [markdown]
# ### Why the card in between came first
#
# Now the surprise of lesson 00. The letter needs a hop in *both* layers: source → card in between → question. Count the four subsets of two
# layers:
#
# - two hops: *one* subset. So the source gets at most $\tfrac14$.
# - one hop, in either layer: *two* subsets. The question reads only the card in between, so both end there: $\tfrac12$.
# - no hop: *one* subset. The question keeps $\tfrac14$.
#
# Counting alone puts the card in between first. Does the trained model come near to it, over 400 cases?

# %%
cards = sample_task("gate", 400, np.random.default_rng(0))
prediction, maps = load_pointer_model("gate").run(cards)
rows, case = rollout(maps, queries=cards.reader), np.arange(400)
places = {"source": cards.source, "in between": cards.via, "question": cards.reader}
for who, place in places.items():
    weight = rows[case, place]
    print(f"{who:>10}: mean {weight.mean():.2f}, largest {weight.max():.2f}")

# %% [markdown]
# ### One half is a choice
#
# Nothing in $x + \text{Attention}(x)$ says that the two parts are equally large. Give the identity any weight $w$ from 0 to 1:
# $(1 - w)\,A + w\,I$. At 0 you have the product without residual, at ½ the identity form, at 1 every token keeps to itself. On average
# $(1 - w)\,L$ hops remain.
#
# The weight also changes the *order*. Here is what `[CLS]` draws from the others, as shares. At which weight does “keys” pass “?” for the
# first time?

# %%
weights = np.linspace(0, 0.95, 20)
rows = np.array([rollout(layers, residual=w, queries=0)[1:] for w in weights])  # no [CLS]

# %%
# Picture: the row of [CLS], by the identity's weight
rest = rows / rows.sum(axis=1)[:, None]
lines(
    weights,
    {f"“{t}”": rest[:, tokens.index(t) - 1] for t in ("[SEP]", "keys", "?", "the")},
    title="With more identity, “keys” overtakes “the” and “?”",
    xlabel="weight w of the identity",
    ylabel="share of the rest of the row",
)

# %% [markdown]
# Which weight is right for this model? One measure compares lengths: $\lVert x \rVert / (\lVert x \rVert + \lVert y \rVert)$, with $x$ the
# state that enters and $y$ what attention adds. (Kobayashi et al. 2021 set what *other* tokens add against what is kept, and count what a
# token reads of itself as kept. We found no paper with our simpler form.)

# %%
sentences = [load_example(name) for name in example_names()]
measured = np.array([each.residual_share.mean(axis=1) for each in sentences])
print("measured share by layer:", measured.mean(axis=0))
print(f"{len(sentences)} sentences: mean {measured.mean():.2f}, least {measured.min():.2f}")

# %% [markdown]
# By this measure, ½ gives attention too much; at the measured mean, “keys” has overtaken “?”. Until lesson 05 tests it, ½ is an assumption.

# %% [markdown]
# ## Deeper: the weight by hand, and more on hops

# %% [markdown]
# Move the slider. At which weight does the matrix look like one column, and at which like a diagonal?

# %%
# Explorer: the identity's weight
residual_weight(example.attentions, tokens, query=0)

# %%
# Check yourself: two hops of four
practice("two-hops-of-four")

# %% [markdown]
# Paths without a hop keep the rows of $R$ apart: each position draws at least $2^{-L}$ from its own token. In lesson 02, without residual, the
# rows became almost the same. On all 16 sentences the identity slows this down and does not stop it. Look at the largest *gap* of a column,
# the difference between its largest entry and its smallest:

# %%
for name in ("identity", "none"):
    steps = [rollout_steps(each.attentions, residual=name) for each in sentences]
    gaps = np.array([np.ptp(R, axis=1).max(axis=-1) for R in steps])  # (sentences, L)
    by_depth = " ".join(f"{gap:.3f}" for gap in gaps.mean(axis=0))
    print(f"{name:>8}: mean gap by layer {by_depth}")
    print(f"{'':>10}after the last {gaps[:, -1].min():.4f} to {gaps[:, -1].max():.4f}")

# %% [markdown]
# ## Why one would expect a better match
#
# Is $R$ closer to the model than one layer's map? Two reasons to expect it:
#
# 1. $R$ includes *all* layers. The last layer's map does not.
# 2. $R$ includes the residual connection. The model has it, and the product without residual lacks it.
#
# **That is a reason to expect a better match. It is not a law.** Including more layers does not mean weighting them correctly: values are left
# out, and ½ is assumed. You can test it: hide a token (**blank-out**), run the model again, and see how far its output moves. Lesson 05 does
# that, and comes back to your answer.

# %%
# Question: which map matches the model best?
predict("03-better-match")

# %%
# Check yourself: what does a large weight show?
practice("large-weight-is-not-need")

# %% [markdown]
# ## Summary
#
# **Exact** (checked above):
#
# - $\hat A_l = A_l + I$ stands for $x + A_l\,x$.
# - `"none"` counts 1 product, `"recursion"` $L$, `"identity"` $2^L$. For row-stochastic layers these are the row sums.
# - Halving $A + I$ normalises it if and only if the rows of $A$ sum to 1. With averaged heads they do.
# - With weight $w$ on the identity, the hops are binomial: $(1 - w)\,L$ on average, $L/2$ for ½.
#
# **Assumed:**
#
# - Residual and attention weigh ½ each.
# - Heads are averaged first.
# - Values, output projection, LayerNorm and MLP are left out.
#
# **Measured here**: in one sentence, the formula decides the order of the tokens. On average, MiniLM's residual is longer than what attention
# adds. Among the cards of lesson 00, the one in between comes first.
#
# Now the six questions of lesson 00 in other numbers, and your gain.

# %%
# Check yourself: the same six, in other numbers
after()

# %%
# Check yourself: how far you have come
progress_overview()

# %% [markdown]
# ## Sources
#
# - S. Abnar and W. Zuidema (2020). Quantifying Attention Flow in Transformers. *ACL 2020*. Section 3.
# - J. Gildenblat (2020). Exploring Explainability for Vision Transformers. Blog post.
# - K. He, X. Zhang, S. Ren and J. Sun (2016). Deep Residual Learning for Image Recognition. *CVPR 2016*.
# - G. Kobayashi, T. Kuribayashi, S. Yokoi and K. Inui (2021). Incorporating Residual and Normalization Layers into Analysis of Masked
#   Language Models. *EMNLP 2021*.
# - A. Veit, M. Wilber and S. Belongie (2016). Residual Networks Behave Like Ensembles of Relatively Shallow Networks. *NeurIPS
#   2016*. The subset view, and binomial path lengths.
#
# **Next:** [quiz 3](self_check/quiz3_identity_augmentation.ipynb) ({quiz_minutes} minutes), or the Assignment List once your instructor has
# released it. Then
# [lesson 04](04_what_rollout_captures.ipynb).
