# %% [markdown]
# # What rollout captures
#
# ## What you will be able to do
#
# In {minutes} minutes. Then you can
#
# - test a map on models whose true source is known, with a guess beside it;
# - say why attention weights alone cannot always find the source, and what values and gradients add;
# - compare the map of a causal model with its null, and with a blank-out of its words.
#
# Builds on lessons 01 to 03. **Run each cell with Shift+Enter.** The [cheat sheet](cheat_sheet.html) has the course on one page.

# %%
# Check yourself: what you missed before
from functools import reduce

import numpy as np
from IPython.display import Markdown, display

from rollout_lab import attention_weights, fuse_heads, gradient_attention, rollout, spearman
from rollout_lab.faithfulness import per_word
from rollout_lab.explorers import source_finder
from rollout_lab.figures import grouped_bars, lines
from rollout_lab.models import example_names, finds_source
from rollout_lab.models import load_example, load_pointer_model
from rollout_lab.models import mean_and_interval, paper_example, pointer_seeds
from rollout_lab.models import pointer_tasks, reader_rows, sample_task, successor_rows
from rollout_lab.quiz import check, practice, predict, reveal, review

np.set_printoptions(precision=2, suppress=True)

review("04")

# %% [markdown]
# ## A source that you know
#
# A map of a real sentence cannot be checked by looking at it: nobody knows what it should show. So begin where you do know.
#
# Each of three tokens holds a letter. C reads all of A, and B reads all of C, in both layers. If B says A's letter, then A is the
# **source** and C a **go-between**. Let the identity weigh $w$. Counted as in lesson 03, B draws $(1 - w)^2$ from A, $2w(1 - w)$ from C
# and $w^2$ from itself. At $w = \tfrac12$ the go-between leads, with ½ against ¼. Below which $w$ does A lead? Give the $w$ at which
# they tie.

# %%
tie = None  # your turn: solve (1 - w)² = 2w(1 - w)

check("04-tie", tie)

# %% [markdown]
# Now keep both maps as they are. A layer's *values* decide what a token hands on: what it fetched in layer 1, or the letter that it held
# from the start. Try both for layer 2.

# %%
tokens = paper_example().tokens
sharp = np.array([[1, 0, 0], [0, 0, 1], [1, 0, 0]])  # A reads A, B reads C, C reads A
held = np.eye(3)  # row j: the letter of token j
fetched = sharp @ held  # beside it, after layer 1
for story, handed_on in {"what C fetched": fetched, "C's own letter": held}.items():
    print(f"layer 2 hands on {story}: B says the letter of", end=" ")
    print(tokens[(sharp @ handed_on)[1].argmax()])

# %% [markdown]
# One time the source is A, the other time C, and every attention weight is the same. **So no formula on attention weights alone can be
# right both times.** What follows is this fact in trained models.
#
# ## Four tasks
#
# The course brings tiny transformers: 32 numbers a state, 2 heads, attention and residual connection, nothing else. The card `3:d→7` has
# number 3, holds the letter d and points to card 7. The question `?3` asks for the letter of the card that card 3 points to. The relay
# has letters only; at its end the capital must be named.
#
# Masks fix how the letter moves. In a **chase** cards see earlier cards only, and pointers lead to later ones. So the named card cannot
# fetch the letter: the question reads it from the source, in one hop. At the **gate** the question sees the named card alone, and that
# card must fetch the letter first. In the **relay** a far letter needs several hops.

# %%
tasks, rng = list(pointer_tasks()), np.random.default_rng(2024)  # training: other seeds
cases = {task: sample_task(task, 400, rng) for task in tasks}
models = {t: [load_pointer_model(t, seed) for seed in pointer_seeds(t)] for t in tasks}
answers = {task: [model.run(cases[task]) for model in models[task]] for task in tasks}

# %%
# Picture: a case of each task
for task in tasks:
    row, source = cases[task].tokens(0), cases[task].source[0]
    right = [(answer == cases[task].answer).mean() for answer, _ in answers[task]]
    print(f"{task}, {models[task][0].n_layers} layers: {' '.join(row)}")
    print(f"    source: {row[source]}; right answers: {np.mean(right):.1%} in", end=" ")
    print(f"{len(right)} models, worst {min(right):.1%}")

# %% [markdown]
# Is the source really the source? Change one letter, and run the model again.

# %%
for task in tasks:
    some, slots = cases[task][:150], cases[task].letters.shape[1]
    other = (some.source + 1 + np.arange(len(some)) % (slots - 1)) % slots
    for place, slot in {"the source": some.source, "another place": other}.items():
        changed = some.with_letters_moved(slot)
        share = [(m.run(changed)[0] != m.run(some)[0]).mean() for m in models[task]]
        print(f"{task}: a new letter at {place} changes {np.mean(share):.1%} of answers")

# %% [markdown]
# ## How often is the source found
#
# The last position is the **reader**: there the answer is read off. A method **finds** the source if the reader's row has more weight on
# it than on any other letter's place. (What the reader keeps of itself does not count.)

# %%
# Question: which method finds the source nearly always?
predict("04-which-method")

# %% [markdown]
# Beside the methods stand guesses. One is the mean of *all* rows of layer 1, which does not look at the reader. One uses no attention at
# all: how long is the vector of what stands there, before its position is added?

# %%
found = {}  # (task, method): a share for each seed
for task in tasks:
    some = cases[task]
    for model, (_, attentions) in zip(models[task], answers[task], strict=True):
        rows = reader_rows(attentions, some.reader)
        vectors = some.inputs @ model.weights["embedding"]
        rows["longest input vector"] = np.linalg.norm(vectors, axis=-1)
        for method, row in rows.items():
            found.setdefault((task, method), []).append(finds_source(row, some).mean())

# %%
# What came out
good, methods = {}, ["none", "recursion", "identity"]
last = {task: f"layer {models[task][0].n_layers}" for task in tasks}
for method in ("last layer", *methods):
    name = {task: last[task] if method == "last layer" else method for task in tasks}
    good[method] = [task for task in tasks if np.mean(found[task, name[task]]) >= 0.9]
best = max(good, key=lambda method: len(good[method]))
everywhere = [method for method in good if len(good[method]) == len(tasks)]
reveal("04-which-method", everywhere, best=f"“{best}”", n=len(good[best]))

# %% [markdown]
# Each entry below is a mean over eight models from different seeds, on 400 cases. In brackets: a 95 % interval for that mean, from how far
# the models differ (Student's $t$). Go through the columns: which guess comes near the bold entries, 0.90 or more?

# %%
# Picture: sources found, by method and task
GUESSES = ["mean row, layer 1", "longest input vector"]


def entry(task, method):
    if (task, method) not in found:
        return "–"
    mean, low, high = mean_and_interval(found[task, method])
    mark = "**" if mean >= 0.9 else ""
    return f"{mark}{mean:.2f}{mark} [{low:.2f}, {high:.2f}]"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    display(Markdown("\n".join(f"|{'|'.join(line)}|" for line in lines)))


layers = [f"layer {k}" for k in range(1, 5)]
rows = [[m, *(entry(t, m) for t in tasks)] for m in (*layers, *methods, *GUESSES)]
table(["", *tasks], [*rows, ["a place at random", *(f"{1 / cases[t].reader:.2f}" for t in tasks)]])


# %%
def difference(task, one, other):
    """How much more `one` finds than `other`, paired by seed, with a 95 % interval."""
    apart = np.subtract(found[task, one], found[task, other])
    return "{:+.2f} [{:+.2f}, {:+.2f}]".format(*mean_and_interval(apart, (-1, 1)))


for guess in GUESSES:
    print(f"relay, {guess} less “none”: {difference('relay', guess, 'none')}")

# %% [markdown]
# In the relay a guess beats every formula. The source is the capital; it has a vector of its own, and in layer 1 everybody reads it.
# So finding it there is no proof of tracing. In the other tasks both guesses fail. You can name the *best single layer* only if you
# know the answer.
#
# Now a case of the gate. The outlined column is the source; a dot marks each method's largest weight. On which card do most dots stand?


# %%
def one_case(task, case=0, seed=1):
    some, maps = cases[task], models[task][seed].maps(cases[task], case)
    where = {"query": some.reader, "source": int(some.source[case])}
    return source_finder(maps, some.tokens(case), weight=0.3, **where)


one_case("gate").figure()

# %% [markdown]
# And one of the chase. Move the weight to 0 and to 0.95: where does the dot of the last line go? Then try `one_case("relay", 7)`.

# %%
# Explorer: one case, by the weight of the identity
one_case("chase_3")

# %%
# Check yourself
practice("go-between-or-source")

# %% [markdown]
# ## A weight for the identity
#
# ½ is a choice. Is there a better one?

# %%
# Question: does one weight suit each task?
predict("04-one-weight")


# %%
def share_found(task, **options):
    """A share for each seed; the options are those of rollout."""
    rows = [rollout(A, queries=cases[task].reader, **options) for _, A in answers[task]]
    return [finds_source(row, cases[task]).mean() for row in rows]


weights = np.linspace(0, 0.95, 20)
curves = {task: [share_found(task, residual=w) for w in weights] for task in tasks}

# %%
# What came out
interval = {task: mean_and_interval(np.transpose(curves[task])) for task in tasks}
worst = np.min([mean for mean, _, _ in interval.values()], axis=0)
fit, best = weights[worst >= 0.9], {"weight": weights[worst.argmax()], "worst": worst.max()}
reveal("04-one-weight", fit, fit=len(fit), tried=len(weights), **best)

# %%
# Picture: sources found, by the weight of the identity
lines(
    weights,
    {task: mean for task, (mean, _, _) in interval.items()},
    bands={task: (low, high) for task, (_, low, high) in interval.items()},
    title="No weight of the identity suits all four tasks (8 models each)",
    xlabel="weight of the identity",
    ylabel="source found, share of cases",
    ylim=(0, 1.02),
)

# %% [markdown]
# A weight $w$ is a guess about **hops**: of $L$ layers, $(1 - w)L$ move the information
# ([lesson 03](03_identity_augmentation.ipynb)). Here you can check it. Without LayerNorm and MLP, and with the attention weights held
# fixed, the score of a letter is an exact sum over paths, *values included* (Elhage et al. 2021). `score_by_hops` sorts that sum by the
# number of hops; `hops` is the mean number over the source's part.

# %%
hops = {task: [] for task in tasks}  # a mean number for each seed
for task in tasks:
    rows = np.arange(len(cases[task]))
    for model in models[task]:
        parts = model.score_by_hops(cases[task])[:, rows, cases[task].source].sum(axis=1)
        hops[task].append(parts @ np.arange(len(parts)) / parts.sum())

# %%
# Picture: the hops that the answer took, and the weights that find it
rows = []
for task in tasks:
    L, (mean, low, high) = models[task][0].n_layers, mean_and_interval(hops[task], (0, 4))
    fits = weights[interval[task][0] >= 0.9]
    took = f"{mean:.2f} [{low:.2f}, {high:.2f}] of {L}"
    rows.append([task, took, f"{1 - mean / L:.2f}", f"{fits.min():.2f} to {fits.max():.2f}"])
table(["", "hops the answer took", "weight from hops", "weights that find 90 %"], rows)

# %% [markdown]
# The weight from the hops fits all four tasks. But the spans are wide, and four points prove little. And how many layers moved the
# information is a fact about *model and task*, which no attention map tells.
#
# ## What values and gradients add
#
# An attention weight says how much of a value is taken. It does not say what that value does to the sum. Below, a token takes three
# parts, weight times value. It reads itself most, and the part from A is the longest. Which part makes up the sum? **ALTI** (Ferrando
# et al. 2022) asks how near each part $T_j$ comes to the whole $y$: $\max(0, \lVert y \rVert - \lVert y - T_j \rVert)$, where
# $\lVert \cdot \rVert$ adds up absolute values.

# %%
read = np.array([0.3, 0.3, 0.4])  # the weights on A, on B, on itself
values = np.array([[4.0, 0.0], [-3.0, 2.0], [0.75, 1.0]])  # a row for each of them
T = read[:, None] * values
y = T.sum(axis=0)
print("lengths of the parts:", np.linalg.norm(T, axis=1))

near = None  # your turn, for each row of T: np.maximum(0, ...)

check("04-nearness", near)

# %% [markdown]
# B takes away most of what A brings, so neither is near. Back to the trained models. Four methods look further than the map:
#
# - **value norms** (Kobayashi et al. 2020): the length of weight times value in place of $A$, and ½ for the identity;
# - **ALTI**: a token's old state is one more part of its new state, so no identity is added;
# - **gradient × attention** (Chefer et al. 2021): $R \leftarrow R + \bar A_l R$ from $R = I$. Here $\bar A_l$ is the mean over heads of
#   $\max(0, A\, \partial s / \partial A)$, and $s$ is the score of the letter that the model says;
# - the **path sum**: `score_by_hops`, added up over all numbers of hops.
#
# The update of Chefer et al. multiplies out to $(\bar A_L + I) \cdots (\bar A_1 + I)$: the identity form, not normalised.

# %%
for task in tasks:
    some, reader = cases[task], cases[task].reader
    for model, (_, attentions) in zip(models[task], answers[task], strict=True):
        slopes = model.attention_gradients(some)
        rows = successor_rows(model, some) | {
            "the same, score × 0.1": gradient_attention(attentions, 0.1 * slopes)[:, reader],
            "the same, score × 10": gradient_attention(attentions, 10 * slopes)[:, reader],
            "path sum": model.score_by_hops(some).sum(axis=0),
        }
        for method in rows.keys() - {"longest input vector"}:
            hit = finds_source(rows[method], some).mean()
            found.setdefault((task, method), []).append(hit)

# %% [markdown]
# Two of them know which letter the model says. So their guess may know it, too: any place that holds this letter.

# %%
# Picture: sources found with values and gradients
def with_worst(method):
    worst = min(np.mean(found[task, method]) for task in tasks)
    return [method, *(entry(task, method) for task in tasks), f"{worst:.2f}"]


best_weight = f"weight {best['weight']:.2f}, the best of {len(weights)}"
found |= {(task, best_weight): curves[task][worst.argmax()] for task in tasks}
successors = ["value norms", "ALTI", "gradient × attention"]
successors += ["the same, score × 0.1", "the same, score × 10", "path sum"]
same = [(cases[t].letters == cases[t].answer[:, None])[:, : cases[t].reader] for t in tasks]
chance = [(1 / each.sum(axis=1)).mean() for each in same]
guess = ["guess: a place with the letter said", *(f"{x:.2f}" for x in [*chance, min(chance)])]
table(["", *tasks, "worst task"], [*map(with_worst, ["identity", best_weight, *successors]), guess])

# %%
for task in tasks:
    for other in ("identity", "ALTI"):
        said = difference(task, "gradient × attention", other)
        print(f"{task}, gradient × attention less {other}: {said}")

# %% [markdown]
# Read the last column first. ALTI and gradient × attention do better than any weight of the identity. But value norms stay at 0 at the
# gate, so lengths alone are no cure.
#
# - There is a price. In chase_2 the identity finds more than gradient × attention does, and more than ALTI.
# - Multiply the score by a constant, and gradient × attention finds other sources. A path of $k$ hops grows with the $k$-th power: the
#   constant is a hidden weight of the identity. Nobody tells you the right one.
# - Only the path sum finds nearly all. It follows the values from input to output, and so it tells your two stories of layer 2 apart.
#   It is exact because these models have no LayerNorm and no MLP. A real model has both.

# %% [markdown]
# ## Deeper: the gate and the chase, case by case
#
# At the gate the question sees one card, so its row is the same in both layers. Let the named card read the source with weight $a$ and
# itself with $s$. The reader's row has $2w(1 - w) + (1 - w)^2 s$ at the go-between and $(1 - w)^2 a$ at the source. So the source leads if
#
# $$(1 - w)(a - s) > 2w$$
#
# Does this account for *every* case?

# %%
gate, agree, every = cases["gate"], [], np.arange(400)
for _, attentions in answers["gate"]:
    card = fuse_heads(attentions[0])[every, gate.via]  # row of the named card, layer 1
    a, s = card[every, gate.source], card[every, gate.via]
    for w in (0.1, 0.2, 0.3, 0.33):
        row = rollout(attentions, residual=w, queries=gate.reader)
        agree.append(finds_source(row, gate) == ((1 - w) * (a - s) > 2 * w))
print(f"the rule is right about the find: {np.mean(agree):.2%} of {np.size(agree)} times")

# %%
# Check yourself
practice("tie-at-the-gate")

# %% [markdown]
# In chase_2 the letter stays on its card through layer 1, carried by the residual connection. What that card *reads* meanwhile is of no
# use to anybody, so training leaves it to chance. `"none"` has no residual and follows that reading. So it should find the source
# exactly where the source's card reads itself most. Is that why the seeds differ?

# %%
chase, shares = cases["chase_2"], []
for _, attentions in answers["chase_2"]:
    card = fuse_heads(attentions[0])[every, chase.source]  # row of the source, layer 1
    hit = finds_source(rollout(attentions, residual="none", queries=-1), chase)
    foretold = card.argmax(axis=1) == chase.source
    shares.append([card[every, chase.source].mean(), hit.mean(), (hit == foretold).mean()])
for name, share in zip(("weight on itself", "found", "foretold"), np.transpose(shares)):
    print(f"{name:>16}, by seed: {share}")

# %% [markdown]
# ## A causal model
#
# In a model that writes text each token reads itself and *earlier* tokens. Its matrices are zero above the diagonal, and so is any product
# of them. Take attention with **no preference at all**: row $i$, counted from 1, gives $1/i$ to each token that it may read.

# %%
def uniform_causal(N):
    return np.tri(N) / np.arange(1, N + 1)[:, None]


# %%
# Question: what share of the last row is on token 1?
predict("04-uniform-causal")

# %%
null = uniform_causal(64)
first = {L: [rollout([null] * L, residual=r)[-1, 0] for r in ("identity", "none")] for L in (6, 12, 24)}

# %%
# What came out
reveal("04-uniform-causal", first[12][0])
for L, (identity, none) in first.items():
    print(f"{L} layers: {identity:.0%} on token 1 with the identity, {none:.0%} without")

# %% [markdown]
# Token 1 can read only itself. A path that gets there never leaves, and each layer sends more. Wu et al. (2025, Theorem 4.1) prove for
# attention without residual that all of it ends there. The identity delays this and does not stop it: $(A + I)/2$ of a causal model is
# again causal, and its rows sum to 1. So a causal map needs a **null**: uniform attention with the same mask, depth and identity.
#
# Now a real model: SmolLM2-135M, 30 layers.

# %%
pass

# %% [markdown]
# ## Deeper: heads and low weights
#
# Every map above averaged the heads first. By hand: in layer 1, head 1 lets C read A. In layer 2, head 2 lets B read C. All else reads
# itself. How much does B draw from A, the first number?

# %%
stay = np.eye(3)
c_reads_a, b_reads_c = stay.copy(), stay.copy()
c_reads_a[2], b_reads_c[1] = [1, 0, 0], [0, 0, 1]
one, two = np.array([c_reads_a, stay]), np.array([stay, b_reads_c])  # (heads, N, N)
print("product of the means: ", (two.mean(axis=0) @ one.mean(axis=0))[1])
print("mean of same-number products:", (two @ one).mean(axis=0)[1])

# %% [markdown]
# Multiplying head by head loses A. A model does not: each head reads the whole state below, whichever head wrote it. So heads are fused
# first. The price: every head counts the same.
#
# Maximum and minimum fuse otherwise, and shift the identity's share (lesson 03). Which differences hold?

# %%
for task in tasks:
    found |= {(task, how): share_found(task, heads=how) for how in ("min", "mean", "max")}
    print(f"{task}: min less mean {difference(task, 'min', 'mean')},", end=" ")
    print(f"max less mean {difference(task, 'max', 'mean')}")

# %% [markdown]
# The maximum costs sources in the chases. In the relay both cost or gain as a change of $w$ would. The minimum's lead in the chases holds 0, so it is none.
#
# A widely copied implementation (Gildenblat 2020) sets the lowest weights of each layer to zero before it adds the identity. Is it noise
# that goes? Compare row `[CLS]` with and without, over the bundled sentences.


# %%
def discarding(layers, share):
    """The rollout of layers (L, N, N), the lowest share of the weights of each set to 0."""
    cut = np.quantile(layers, share, axis=(1, 2), keepdims=True)
    augmented = np.where(layers >= cut, layers, 0) + np.eye(layers.shape[-1])
    augmented /= augmented.sum(axis=-1, keepdims=True)
    return reduce(lambda R, A: A @ R, augmented)


real = [fuse_heads(load_example(name).attentions).astype(float) for name in example_names()]
for share in (0.25, 0.5, 0.9):
    rho = [spearman(discarding(A, 0)[0, 1:], discarding(A, share)[0, 1:]) for A in real]
    spread = f"sd {np.std(rho, ddof=1):.2f}, {len(rho)} sentences"
    print(f"discarding {share:.0%}: rank correlation {np.mean(rho):.2f} ({spread})")

# %% [markdown]
# Taking noise away would leave the order much as it was. **Discarding is another method, not denoising.** The same code normalises with
# `a / a.sum(dim=-1)`: that lines the row sums up with the *columns*. Print the row sums of your own code.

# %%
a = np.array([[0.5, 0.5, 0], [0, 0.5, 0], [0.5, 0, 0.5]])
print("a / a.sum(-1): rows sum to", (a / a.sum(axis=-1)).sum(axis=-1))
print("with keepdims: rows sum to", (a / a.sum(axis=-1, keepdims=True)).sum(axis=-1))

# %%
# Check yourself
practice("what-fusing-does")

# %% [markdown]
# ## Deeper: padding
#
# Sentences of a batch are filled up to one length with `[PAD]`. A **key mask** hides the pads: no query may read them. Take four layers
# of random attention over six positions, the last two of them pads. How much do the words' rows of $R$ draw from pads?

# %%
rng = np.random.default_rng(1)
word = np.array([True, True, True, True, False, False])
query, key = rng.normal(size=(2, 4, 6, 8))  # 4 layers, 6 positions, vectors of length 8
padded = {
    "with the mask": rollout(attention_weights(query, key, mask=word)),
    "without": rollout(attention_weights(query, key)),
}
for name, R in padded.items():
    print(f"{name}: words draw {R[word][:, ~word].sum(axis=1)} from pads")

# %% [markdown]
# Exactly 0, at any depth: a path to a pad would need a link from a word to a pad. So check `R[word][:, ~word]` whenever you roll out a batch.
#
# **Your own.** Can you repair it afterwards? Cut the pads out of the rollout without mask, then divide the rows by their sums.

# %%
mine = None  # your turn: start from padded["without"][:4, :4]

check("04-cut-out-pads", mine)

# %%
# What came out
cut_out = padded["without"][:4, :4]
cut_out = cut_out / cut_out.sum(axis=1, keepdims=True)
apart = np.abs(cut_out - padded["with the mask"][:4, :4]).max()
print(f"Cut out afterwards, it still differs from masking by up to {apart:.2f}:")
print("the words' rows still hold what came through pads.")

# %%
# Check yourself
practice("pads-in-a-map")

# %% [markdown]
# ## Summary
#
# **Exact** (checked above):
#
# - Two sharp hops through two layers: the go-between gets $2w(1 - w)$, the source $(1 - w)^2$.
# - Two models with the same attention maps can have different sources. No formula on attention alone is right for both.
# - Products of causal matrices are causal, and token 1 keeps what reaches it, with the identity too.
#
# **Assumed**:
#
# - A weight $w$ for the identity: a guess about the number of hops. In gradient × attention the unit of the score plays its part.
# - Heads that count alike, and weights that tell how much is taken over, whatever the values are.
#
# **Measured here** (tiny models, eight seeds a task, held-out cases, and one decoder; others may turn out otherwise):

# %%
# What came out
for task in tasks:
    said = [f"{m} {np.mean(found[task, m]):.2f}" for m in (*methods, *successors[1:3], *GUESSES)]
    print(f"- {task}: {', '.join(said)}")

# %% [markdown]
# The moral is not that rollout wins, nor that it fails. It finds the source where its guess about the hops fits the way that the
# information took. On a real model you do not know that way. So put guesses beside the map, and test it.

# %% [markdown]
# ## Sources
#
# - S. Abnar, W. Zuidema (2020). Quantifying Attention Flow in Transformers. *ACL 2020*. Rollout with ½ for the residual connection.
# - H. Chefer, S. Gur, L. Wolf (2021). Generic Attention-model Explainability for Interpreting Bi-Modal and Encoder-Decoder Transformers. *ICCV 2021*. Equations 5 and 6.
# - N. Elhage et al. (2021). A Mathematical Framework for Transformer Circuits. *Transformer Circuits Thread*. Attention-only models as a sum over paths.
# - J. Ferrando, G. I. Gállego, M. R. Costa-jussà (2022). Measuring the Mixing of Contextual Information in the Transformer. *EMNLP 2022*. ALTI.
# - J. Gildenblat (2020). Exploring Explainability for Vision Transformers. Blog post, with the code vit-explain; the normalisation is its issue 16.
# - G. Kobayashi, T. Kuribayashi, S. Yokoi, K. Inui (2020). Attention is Not Only a Weight: Analyzing Transformers with Vector Norms. *EMNLP 2020*.
# - X. Wu, Y. Wang, S. Jegelka, A. Jadbabaie (2025). On the Emergence of Position Bias in Transformers. *ICML 2025*. Theorem 4.1.
# - G. Xiao, Y. Tian, B. Chen, S. Han, M. Lewis (2024). Efficient Streaming Language Models with Attention Sinks. *ICLR 2024*.
#
# **Next:** [lesson 05](05_does_rollout_match_the_model.ipynb) asks whether rollout matches a real model. There is no quiz after this lesson.
