# %% [markdown]
# # Adding the identity
#
# ## What you will be able to do
#
# In {minutes} minutes, and a quiz of {quiz_minutes} after it. Then you can
#
# - say what a residual connection does to a layer's matrix, and why the diagonal of `A` does not do it already;
# - compute three formulas that all go by the name of rollout, and say which paths each of them counts;
# - tell when `(A + I) / 2` is the same as normalising `A + I`, and when it is not;
# - say how many attention hops a rollout counts, and which number you assumed on the way.
#
# Builds on lessons 01 and 02. **Run each cell with Shift+Enter**, from the top. The whole course on one page: the
# [cheat sheet](cheat_sheet.html).

# %%
from fractions import Fraction
from itertools import combinations

import numpy as np

from rollout_lab import add_identity, attend, fuse_heads
from rollout_lab import hop_distribution, rollout, rollout_steps
from rollout_lab.explorers import formula_comparison, own_sentence, residual_weight
from rollout_lab.figures import grouped_bars, heatmaps, lines
from rollout_lab.models import example_names, load_example, paper_example
from rollout_lab.quiz import compare, practice, predict, reveal

np.set_printoptions(precision=2, suppress=True)

# %% [markdown]
# ## The residual connection
#
# Let `x` be the states that enter a layer, one row a token. The attention part of the layer does not *replace* `x`. It adds to it:
#
#     output = x + Attention(x)
#
# That is the **residual connection**. `Attention(x)` is `A @ x @ W_V`: the weights `A` mix the *values*, and a learnt matrix `W_V` makes the
# values from the states. (An output projection, LayerNorm and an MLP follow; rollout leaves them out.)
#
# Rollout ignores the values, too. Leave `W_V` out, and the layer is `x + A @ x`: one matrix times `x`. With `I` the identity matrix, that
# matrix is the **augmented** attention `Â = A + I`.
#
# Below, two tokens have two features each. The first line is exact. The second says that leaving out `W_V` changes the result.

# %%
x = np.array([[1.0, 0.0], [2.0, 1.0]])
W_V = np.array([[0.0, 1.0], [-1.0, 0.0]])
attention, A = attend(x, x, x @ W_V)  # queries and keys are x itself
A_hat = A + np.eye(2)
print("x + A @ x        equals (A + I) @ x:", np.allclose(x + A @ x, A_hat @ x))
print("x + A @ x @ W_V  equals (A + I) @ x:", np.allclose(x + attention, A_hat @ x))

# %% [markdown]
# `A` has a diagonal of its own: a token reads itself, too. Is that the same thing? No. What comes through `A[i, i]` has gone
# through `W_V`; what comes through the residual has not. And the diagonal may be tiny, while the residual is always there.
#
# Here is a real sentence in MiniLM, six layers, heads averaged. Each line gives the smallest and the largest
# weight that a token has on itself. Look at the smallest.

# %%
example = load_example("question")
tokens, layers = example.tokens, fuse_heads(example.attentions)  # (L, N, N)
L, N = len(layers), len(tokens)
print(example.text, "->", *tokens)
for number, A in enumerate(layers, 1):
    own = A.diagonal()
    least, most = own.argmin(), own.argmax()
    print(f"layer {number}: from {own[least]:.2f} ({tokens[least]})", end=" ")
    print(f"to {own[most]:.2f} ({tokens[most]})")

# %%
practice("self-attention-is-not-the-residual")

# %% [markdown]
# ## Three formulas
#
# Write `R` for the rollout, `A_l` for the matrix of layer `l`, and `L` for the number of layers. Three formulas circulate, often in one breath:
#
# | name here | formula |
# |---|---|
# | `"none"` | `R = A_L @ ... @ A_1` |
# | `"recursion"` | `R_1 = A_1`, then `R_l = A_l @ (R_{l-1} + I)` |
# | `"identity"` | `R = (A_L + I) @ ... @ (A_1 + I)` |
#
# Two of them contain an `I`. Are those two the same? Take the paper example: in layer 1, C reads half from A; in layer 2, B reads half
# from C.

# %%
paper = paper_example()
A_1, A_2 = paper.attentions[:, 0]
heatmaps(
    [A_1, A_2],
    paper.tokens,
    titles=["A_1", "A_2"],
    title="In layer 1, C reads A; in layer 2, B reads C",
)

# %% [markdown]
# **A whole example: row B.** A row times a matrix mixes the rows of that matrix. Row B of `A_2` is (0, ½, ½).
#
# - `"none"`: half of row B of `A_1`, half of row C: ½ (0, 1, 0) + ½ (½, 0, ½) = **(¼, ½, ¼)**.
# - `"recursion"`: the same mixture of the rows of `A_1 + I`: ½ (0, 2, 0) + ½ (½, 0, 3/2) = **(¼, 1, ¾)**.
#
# The code agrees:


# %%
def fractions(row):
    return "  ".join(str(Fraction(float(weight))) for weight in row)


I = np.eye(3)
print("none:     ", fractions((A_2 @ A_1)[1]))
print("recursion:", fractions((A_2 @ (A_1 + I))[1]))

# %% [markdown]
# **With a gap: row B of `"identity"`.** Now row B of `A_2 + I` does the mixing, and it is (0, 3/2, ½):
#
# > 3/2 · (0, 2, 0) + 1/2 · ( ?, ?, ? ) = ( ?, ?, ? )

# %%
row_B = None  # your turn: for example [1/4, 1/2, 1/4]

names = ("none", "recursion", "identity")
on_paper = {n: rollout(paper.attentions, residual=n, normalize=False) for n in names}
compare(
    row_B,
    on_paper["identity"][1],
    hint="The open row is row C of A_1 + I. Write out both parts, then add.",
    beliefs=[(on_paper["recursion"][1], "That is the recursion: A_2 needs an I, too.")],
)

# %% [markdown]
# **Your own: row C in all three.** Row C of `A_2` is (0, 0, 1).

# %%
row_C = {"none": None, "recursion": None, "identity": None}  # your turn

for name in names:
    hint = "Which rows does it mix, of A_1 or of A_1 + I?"
    compare(row_C[name], on_paper[name][2], what=name, hint=hint)

# %% [markdown]
# Multiply the brackets out:
#
# - recursion: `A_2 @ (A_1 + I) = A_2 @ A_1 + A_2`
# - identity: `(A_2 + I) @ (A_1 + I) = A_2 @ A_1 + A_2 + A_1 + I`
#
# The recursion lacks `A_1` and `I`. Compare B's row in the three matrices, above all what B keeps of itself.

# %%
same = np.allclose(on_paper["recursion"], on_paper["identity"])
print("Is the recursion the identity form?", same)
heatmaps(
    list(on_paper.values()),
    paper.tokens,
    titles=names,
    row=1,
    title="Three formulas, three matrices (two layers, not normalised)",
    xlabel="input j",
    ylabel="output i",
)

# %% [markdown]
# Add up the numbers in any row: 1, 2 and 4. That is with two layers. Now guess for six.

# %%
predict(
    "03-row-sums",
    "Six layers, `A + I` multiplied as it stands. What does each row then sum to?",
    options=["1", "6", "7", "12", "64"],
)

# %%
sums = {}
for name in names:
    rows = rollout(layers, residual=name, normalize=False).sum(axis=-1)
    sums[name] = rows.mean()
    print(f"{name:>9}: {sums[name]:.3f}; all rows alike: {np.allclose(rows, sums[name])}")
reveal(
    "03-row-sums",
    f"{sums['identity']:.0f}, which is 2^{L}. The recursion gives {sums['recursion']:.0f}.",
)

# %% [markdown]
# Why these sums? Because of **which paths are counted**. Multiply all brackets out, for any `L`:
#
# - **identity**: in each layer you take either `A_l` or `I`. That makes one product for each *subset* of the layers, 2^L in all.
# - **recursion**: it unrolls to `A_L + A_L @ A_{L-1} + ... + A_L @ ... @ A_1`, which is L products. Read from the output down, a path
#   follows attention layer by layer; once it leaves the chain, it skips *all* the layers below.
#
# Every such product has rows that sum to 1, so the row sums count products. The next cell adds the products one by one, on the real
# sentence. Look for two `True`. It also says in what share of the products each layer takes part: compare the first layer with the last.


# %%
def chain(chosen):
    return rollout(layers[list(chosen)], residual="none") if chosen else np.eye(N)


subsets = [chosen for size in range(L + 1) for chosen in combinations(range(L), size)]
tops = [tuple(range(lowest, L)) for lowest in range(L)]
for name, counted in {"identity": subsets, "recursion": tops}.items():
    formula = rollout(layers, residual=name, normalize=False)
    agrees = np.allclose(sum(map(chain, counted)), formula, rtol=1e-4)
    part = np.array([np.mean([layer in one for one in counted]) for layer in range(L)])
    print(f"{name}: the sum of {len(counted)} products equals the formula: {agrees}")
    print(f"   share of the products with layer 1 to {L}:", part)

# %% [markdown]
# So the recursion is a small part of the identity form, and a lopsided one: it uses the last layer always and the first one rarely. You can
# see it in the sentence. Below is what `[CLS]`, a position often read as standing for the whole sentence, draws from the other tokens.
# (What it draws from itself would flatten the other bars; it is left out.) Look at `keys`.

# %%
cls = {name: rollout(example.attentions, residual=name, queries=0) for name in names}
for name, row in cls.items():
    order = [tokens[j] for j in np.argsort(-row[1:]) + 1]
    print(f"{name:>9}: keys is number {order.index('keys') + 1} of {len(order)}:", *order)
last = layers[-1][0, 1:]
print(f"layer {L} alone: [CLS] reads most from {tokens[last.argmax() + 1]}, itself aside")
grouped_bars(
    {name: row[1:] for name, row in cls.items()},
    tokens[1:],
    title="keys leads the [CLS] row in one formula and trails in another",
    xlabel="input j",
)

# %% [markdown]
# In the last layer `[CLS]` reads `keys` more than any other token but itself, and the recursion leans on the last layer. Same sentence, same weights:
# the formula decides the order.
#
# The explorer has the three matrices in full. Set "Layers multiplied" to 1: two of the three are now the same. Which two, and where has the `I`
# gone? Then set the rows to "as written" and follow their sums as you add layers.

# %%
formula_comparison(example.attentions, tokens, query=0)

# %%
practice("recursion-is-not-the-identity-form")

# %%
practice("row-sum-of-a-recursion")

# %% [markdown]
# ## Normalising
#
# Rows that sum to 64 are hard to read as shares. So the rows are divided by their sums: for `"identity"` in each layer, before the product; for
# `"recursion"` in the final `R`, once. Each row of `A` sums to 1 (`A` is **row-stochastic**), each row of `A + I` to 2, and normalising is halving:
# `(A + I) / 2`, the form of Abnar and Zuidema (2020). Look at what B draws from A on paper now:

# %%
for name in names:
    print(f"{name:>9}: row B =", fractions(rollout(paper.attentions, residual=name)[1]))
once = rollout(layers, residual="recursion", normalize=False) / L
agrees = np.allclose(once, rollout(layers, residual="recursion"))
print("recursion: dividing by L at the end is normalising:", agrees)

# %% [markdown]
# Halving is right only if the rows sum to 1. A mean over heads keeps that. The maximum or the minimum over heads does not, and a widely used
# implementation for vision models offers both (Gildenblat 2020). For one layer, compare halving with normalising:

# %%
for how in ("mean", "max", "min"):
    halved = add_identity(fuse_heads(example.attentions[0], how))
    normalised = rollout(example.attentions[:1], heads=how)
    print(f"{how:>4}: halving is normalising: {np.allclose(halved, normalised)}", end="; ")
    print(f"halved rows sum to {halved.sum(-1).min():.2f} to {halved.sum(-1).max():.2f}")

# %%
predict(
    "03-max-heads",
    "Take the maximum over twelve heads, not the mean, and normalise `A + I`. "
    "What is the identity's share of a row then?",
    options=["still one half", "larger than one half", "smaller than one half"],
)

# %% [markdown]
# Once you normalise, the identity's share of a row is 1 / (1 + the row sum of `A`). The figure shows it by layer, averaged over the rows of a
# sentence and over all bundled sentences. The shading spans the sentences. Look at how far max and min lie from ½.


# %%
def identitys_share(attentions, how):
    return (1 / (1 + fuse_heads(attentions, how).sum(axis=-1))).mean(axis=-1)  # (L,)


bundled = [load_example(name).attentions for name in example_names()]
shares = {
    how: np.array([identitys_share(attentions, how) for attentions in bundled])
    for how in ("mean", "max", "min")
}
means = {how: each.mean(axis=0) for how, each in shares.items()}
spans = {how: f"{mean.min():.2f} to {mean.max():.2f}" for how, mean in means.items()}
reveal("03-max-heads", f"smaller: {spans['max']} by layer. With min it is {spans['min']}.")

# %%
lines(
    range(1, L + 1),
    means,
    bands={how: (each.min(axis=0), each.max(axis=0)) for how, each in shares.items()},
    title="Only averaged heads leave the identity one half",
    xlabel="layer",
    ylabel="the identity's share",
    ylim=(0, 1),
)

# %% [markdown]
# So a choice about *heads* quietly moves the weight of the *residual*. If you read that max works better than mean, ask which of the two did it.

# %%
practice("normalise-by-hand")

# %% [markdown]
# ## How many hops
#
# With `(A + I) / 2`, each layer is the toss of a coin: on one side the path goes through attention (a **hop**, even if the token reads itself), on the
# other it stays where it is. All subsets weigh the same, 2^-L. So the number of hops follows from tossing `L` coins: the binomial distribution with
# probability ½.
#
# `hop_distribution` gives it exactly; the simulation tosses one coin a layer, many times over. Look at where the middle is.

# %%
coins = np.random.default_rng(0).integers(0, 2, size=(10_000, L))
tossed = np.bincount(coins.sum(axis=1), minlength=L + 1) / len(coins)
exact = hop_distribution(L)
average = exact @ np.arange(L + 1)
grouped_bars(
    {"hop_distribution": exact, f"{len(coins):,} runs of coins": tossed},
    [str(hops) for hops in range(L + 1)],
    title=f"Through {L} layers a rollout counts {average:.0f} hops on average, not {L}",
    xlabel="attention hops on the path",
    ylabel="share of a row of R",
)

# %% [markdown]
# **With a gap.** Three layers. What share of a row of `R` comes along paths with exactly one hop? Count the subsets with one layer, out of all.

# %%
one_hop_of_three = None  # your turn: a number such as 1/2
compare(
    one_hop_of_three,
    hop_distribution(3)[1],
    hint="How many subsets have one of the three layers? How many subsets are there?",
    beliefs=[
        (
            1 / 3,
            "There are more than three subsets: count those with 0, 2 and 3 layers, too.",
        )
    ],
)

# %% [markdown]
# Paths without a hop keep the rows apart: position `i` draws at least 2^-L from its own token. Without the identity the rows collapse into one, as you
# saw in lesson 02. Compare the *gap*, the largest difference between any two rows in any column. The identity slows the collapse; it does not stop it.

# %%
depths = {n: rollout_steps(example.attentions, residual=n) for n in ("identity", "none")}
gaps = {name: np.ptp(steps, axis=1).max(axis=-1) for name, steps in depths.items()}
for name, gap in gaps.items():
    print(f"{name:>8}: gap {gap[0]:.2f} after 1 layer, {gap[-1]:.4f} after {L}")
least = depths["identity"][-1].diagonal().min()
print(f"least weight on oneself: {least:.3f}, of it {2.0**-L:.3f} = 2^-{L} without a hop")

# %% [markdown]
# **One half is a choice.** Nothing in `output = x + Attention(x)` says that the two parts are equally large. Give the identity any weight `w` from 0 to 1:
# `(1 - w) · A + w · I`. At 0 you have the plain product; at 1 every token stays itself; at ½ the identity form. On average `(1 - w) · L` hops remain.
#
# The weight changes the order of the tokens in the `[CLS]` row. The figure leaves out what `[CLS]` keeps and divides up the rest. Look at where
# `keys` overtakes `?`.

# %%
ends = {0: rollout(layers, residual="none"), 0.5: rollout(layers), 1: np.eye(N)}
agree = [np.allclose(rollout(layers, residual=w), R) for w, R in ends.items()]
print("w = 0 is the product, ½ the identity form, 1 the identity:", agree)
weights = np.linspace(0, 0.95, 20)
rows = np.array([rollout(layers, residual=w, queries=0) for w in weights])
rest = rows / rows[:, 1:].sum(axis=1, keepdims=True)
lines(
    weights,
    {token: rest[:, tokens.index(token)] for token in ("[SEP]", "keys", "?", "the")},
    title="With more identity, keys overtakes the and ?",
    xlabel="weight w of the identity",
    ylabel="share of the rest of the [CLS] row",
)

# %% [markdown]
# Move the slider yourself. At which weight does the matrix look like one column, and at which like a diagonal? How many hops are left?

# %%
residual_weight(example.attentions, tokens, query=0)

# %% [markdown]
# Which weight is right for this model? One measure compares lengths: ‖x‖ / (‖x‖ + ‖y‖), with `x` the state that is carried past a layer and
# `y` what the layer's attention adds. Is it near ½?

# %%
print("measured share, by layer:", example.residual_share.mean(axis=1))
of_all = [load_example(name).residual_share.mean() for name in example_names()]
print(f"mean over {len(of_all)} sentences: {np.mean(of_all):.2f}")

# %% [markdown]
# By this measure ½ gives attention too much. Lesson 05 tests what that does to the match with the model. Until then, ½ is an assumption.

# %%
practice("two-hops-of-four")

# %% [markdown]
# ## Why one would expect a better match
#
# Is such an `R` closer to what the model does than one layer's map? There are two reasons to expect it:
#
# 1. `R` includes the information of *all* layers. The last layer's map does not.
# 2. `R` includes the residual path, which the model has and the bare product lacks.
#
# The first can be seen. Replace layer 1 with uniform attention and hold the other maps fixed: what moves?

# %%
changed = layers.copy()
changed[0] = 1 / N
print(f"the last layer's map moves by {np.abs(changed[-1] - layers[-1]).max():.3f}")
for name in names:
    before, after = (rollout(these, residual=name) for these in (layers, changed))
    print(f"R, {name}: moves by up to {np.abs(after - before).max():.3f}")

# %% [markdown]
# **That is a reason to expect a better match. It is not a law.** `R` is arithmetic on attention weights. To include more is not yet to weigh it rightly: values are
# left out, and ½ was assumed. Whether `R` matches the model can be tested: blank out a token, run the model again, see how far its output moves. Lesson 05 runs that
# test and opens your answer again.

# %%
predict(
    "03-better-match",
    "Blank out each token in turn and measure how far MiniLM's output moves. "
    "Which map ranks the tokens most like that?",
    options=[
        "the last layer's attention alone",
        "rollout, none",
        "rollout, recursion",
        "rollout, identity",
        "all about equally well",
    ],
)

# %%
practice("large-weight-is-not-need")

# %% [markdown]
# ### A sentence of your own
#
# Type a sentence, or choose one of the bundled ones. Which paths lie behind the entry you care about? If the model is not here yet, the button
# fetches it.

# %%
own_sentence("tracer")

# %% [markdown]
# ## Summary
#
# **Exact** (path arithmetic, checked above):
#
# - `"none"` counts 1 product, `"recursion"` L, `"identity"` 2^L; for row-stochastic layers these are the row sums. The recursion is not the identity form.
# - `(A + I) / 2` is the normalised `A + I` if and only if the rows of `A` sum to 1. With the mean over heads they do, with max and min in general they do not.
# - With weight `w` on the identity, the hops are binomial: `(1 - w) · L` on average, `L / 2` for the usual ½.
#
# **Assumed:**
#
# - Residual and attention weigh the same, ½ each.
# - Heads are averaged before the layers are multiplied.
# - Values, the output projection, LayerNorm and the MLP are ignored.
#
# **Measured here**, on MiniLM:

# %%
keys = tokens.index("keys")
places = {name: 1 + sum(row[1:] > row[keys]).item() for name, row in cls.items()}
print(f"place of keys in the [CLS] row, of {N - 1}:", places)
print(f"identity's share, by layer: {spans['max']} (max heads), {spans['min']} (min heads)")
without, with_I = gaps["none"][-1], gaps["identity"][-1]
print(f"gap between rows: {without:.4f} without the identity, {with_I:.2f} with it")
print(f"residual's share of the lengths: {np.mean(of_all):.2f}")

# %% [markdown]
# ## Sources
#
# - S. Abnar and W. Zuidema (2020). Quantifying Attention Flow in Transformers. *Proceedings of ACL 2020*. Section 3: rollout and the form ½ A + ½ I.
# - J. Gildenblat (2020). Exploring Explainability for Vision Transformers. Blog post, with the code vit-explain.
# - K. He, X. Zhang, S. Ren and J. Sun (2016). Deep Residual Learning for Image Recognition. *CVPR 2016*. The residual connection.
# - A. Veit, M. Wilber and S. Belongie (2016). Residual Networks Behave Like Ensembles of Relatively Shallow Networks. *Advances in Neural Information
#   Processing Systems 29*. The subset view, and binomial path lengths.
#
# **Next:** quiz 3 ({quiz_minutes} minutes) in `self_check/quiz3_identity_augmentation.ipynb`, or in the Assignment List once your instructor has released it. Then the second
# afternoon: `04_what_rollout_captures.ipynb`.
