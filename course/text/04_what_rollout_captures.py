# %% [markdown]
# # What rollout captures
#
# ## What you will be able to do
#
# In {minutes} minutes. Then you can
#
# - test a map on models whose true source is known, with a guess beside it;
# - say why attention weights alone cannot always find it, and what values and gradients add;
# - compare the map of a causal model with its null, and with a blank-out.
#
# Builds on lessons 01 to 03. **Run each cell with Shift+Enter.** The [cheat sheet](cheat_sheet.html) has the course on one page.

# %%
# Check yourself: what you missed before
import inspect
from functools import reduce
from itertools import combinations

import numpy as np
from IPython.display import Markdown, display

from rollout_lab import attention_weights, fuse_heads, gradient_attention, rollout
from rollout_lab import simple_rollout, spearman
from rollout_lab.explorers import source_finder
from rollout_lab.faithfulness import per_word
from rollout_lab.figures import grouped_bars, lines
from rollout_lab.models import decoder_example_names, example_names, finds_source
from rollout_lab.models import load_decoder_example, load_decoder_positions, load_example
from rollout_lab.models import load_pointer_model, mean_and_interval, paper_example
from rollout_lab.models import pointer_seeds, pointer_tasks, reader_rows
from rollout_lab.models import sample_task, successor_rows
from rollout_lab.quiz import check, practice, predict, reveal, review

np.set_printoptions(precision=2, suppress=True)

review("04")

# %% [markdown]
# The library's own lines; compare them with yours from quiz 3.

# %%
print(inspect.getsource(simple_rollout))

# %% [markdown]
# ## A source that you know
#
# Nobody knows what the map of a real sentence should show. So begin where you know.
#
# Each of three tokens holds a letter. C reads all of A, and B reads all of C, in both layers. If B says A's letter, then A is the
# **source** and C a **go-between**. Let the identity weigh $w$. Counted as in [lesson 03](03_identity_augmentation.ipynb), B draws $(1 - w)^2$ from A, $2w(1 - w)$ from C
# and $w^2$ from itself. At $w = \tfrac12$ C leads. Below which $w$ does A lead? Give the $w$ at which they tie.

# %%
tie = None  # your turn: solve (1 - w)² = 2w(1 - w)

check("04-tie", tie)

# %% [markdown]
# Keep both maps. A layer's *values* decide what a token hands on: what it fetched in layer 1, or the letter that it held from the start.
# Try both for layer 2.

# %%
tokens = paper_example().tokens
sharp = np.array([[1, 0, 0], [0, 0, 1], [1, 0, 0]])  # A reads A, B reads C, C reads A
held = np.eye(3)  # row j: the letter of token j
fetched = sharp @ held  # beside it, after layer 1
for story, handed_on in {"what C fetched": fetched, "C's own letter": held}.items():
    print(f"layer 2 hands on {story}: B says the letter of", end=" ")
    print(tokens[(sharp @ handed_on)[1].argmax()])

# %% [markdown]
# The source is A one time and C the other, and every attention weight is the same. **So no formula on attention weights alone can be
# right both times.**
#
# ## Four tasks
#
# These tiny transformers have 32 numbers a state, 2 heads, attention and residual connection, nothing else. The card `3:d→7` has
# number 3, holds the letter d and points to card 7. The question `?3` asks for the letter of the card that card 3 points to. The relay
# has letters only; its last position must name the capital.
#
# Masks fix how the letter moves. In a **chase** cards see earlier cards only, and point to later ones. So the question itself reads the
# letter from the source, in one hop. At the **gate** the question sees the named card alone, and that card must fetch the letter first.
# In the **relay** a far letter needs several hops.

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
# Is it really the source? Change one letter and run again.

# %%
for task in tasks:
    some, slots = cases[task][:150], cases[task].letters.shape[1]
    other = (some.source + 1 + np.arange(len(some)) % (slots - 1)) % slots
    for place, slot in {"the source": some.source, "another place": other}.items():
        moved = some.with_letters_moved(slot)
        changed = np.mean([m.run(moved)[0] != m.run(some)[0] for m in models[task]])
        print(f"{task}: a new letter at {place} changes {changed:.1%} of the answers")

# %% [markdown]
# ## How often is the source found
#
# The last position is the **reader**: there the answer is read off. A method **finds** the source if the reader's row has more weight on
# it than on any other letter's place. (What the reader keeps of itself does not count.)

# %%
# Question: which method finds the source nearly always?
predict("04-which-method")

# %% [markdown]
# Beside the methods stand guesses. One is the mean of *all* rows of layer 1, whoever reads. One uses no attention: how long is the vector
# of what stands there, before its position is added?

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
# Each entry is a mean over eight models (seeds), on 400 cases. In brackets: its 95 % interval, from how far the models differ (Student's
# $t$). Bold: 0.90 or more. Does a guess come near?

# %%
# Picture: sources found, by method and task
GUESSES = ["mean row, layer 1", "longest input vector"]


def entry(task, method):
    if (task, method) not in found:
        return "–"
    mean, low, high = mean_and_interval(found[task, method])
    mark = "**" if mean >= 0.9 else ""
    return f"{mark}{mean:.2f}{mark} [{low:.2f},\u00a0{high:.2f}]"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    display(Markdown("\n".join(f"|{'|'.join(line)}|" for line in lines)))


layers = [f"layer {k}" for k in range(1, 5)]
rows = [[m, *(entry(t, m) for t in tasks)] for m in (*layers, *methods, *GUESSES)]
table(
    ["", *tasks],
    [*rows, ["a place at random", *(f"{1 / cases[t].reader:.2f}" for t in tasks)]],
)


# %%
def difference(task, one, other):
    """How much more `one` finds than `other`, paired by seed, with a 95 % interval."""
    apart = np.subtract(found[task, one], found[task, other])
    return "{:+.2f} [{:+.2f},\u00a0{:+.2f}]".format(*mean_and_interval(apart, (-1, 1)))


for guess in GUESSES:
    print(f"relay, {guess} less “none”: {difference('relay', guess, 'none')}")

# %% [markdown]
# In the relay the mean row beats “none”, the best of the three formulas, and nothing tells the length from “none”. The source is the
# capital: its vector stands out, and in layer 1 everybody reads it. So finding it proves no tracing. Elsewhere both find little.
#
# A case of the gate: the source is outlined; a dot marks each method's largest weight. On which card do most dots stand?


# %%
def one_case(task, case=0, seed=1):
    some, maps = cases[task], models[task][seed].maps(cases[task], case)
    where = {"query": some.reader, "source": int(some.source[case])}
    return source_finder(maps, some.tokens(case), weight=0.3, **where)


one_case("gate").figure()

# %% [markdown]
# And of the chase. Move the weight to 0 and to 0.95: where does the last dot go? Then try `one_case("relay", 7)`.

# %%
# Explorer: one case, by the weight of the identity
one_case("chase_3")

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
# A weight $w$ is a guess about **hops**: of $L$ layers, $(1 - w)L$ move the information. Without LayerNorm and MLP, and with the attention weights held fixed, the score
# of a letter is an exact sum over paths, *values included* (Elhage et al. 2021). `score_by_hops` sorts it by the number of hops; below
# is the mean number over the source's part.

# %%
hops = {task: [] for task in tasks}  # a mean number for each seed
for task in tasks:
    rows = np.arange(len(cases[task]))
    for model in models[task]:
        parts = model.score_by_hops(cases[task])[:, rows, cases[task].source].sum(axis=1)
        hops[task].append(parts @ np.arange(len(parts)) / parts.sum())

# %%
# Picture: hops, and the weights that find the source
rows = []
for task in tasks:
    L, (mean, low, high) = models[task][0].n_layers, mean_and_interval(hops[task], (0, 4))
    fits = weights[interval[task][0] >= 0.9]
    took = f"{mean:.2f} [{low:.2f}, {high:.2f}] of {L}"
    rows.append(
        [task, took, f"{1 - mean / L:.2f}", f"{fits.min():.2f} to {fits.max():.2f}"]
    )
table(["", "hops the answer took", "weight from hops", "weights that find 90 %"], rows)

# %% [markdown]
# The weight from the hops fits all four tasks. But the spans are wide, and four points prove little. And how many layers moved the
# information is a fact about *model and task*: no attention map tells it.

# %% [markdown]
# ### The gate, case by case
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
# ## What values and gradients add
#
# Below, a token takes three parts, weight times value. The largest weight is on itself; the longest part comes from A. Which part makes up
# the sum? **ALTI** (Ferrando et al. 2022) asks how near each part $T_j$ comes to the whole $y$:
# $\max(0, \lVert y \rVert - \lVert y - T_j \rVert)$, where $\lVert \cdot \rVert$ adds up absolute values.

# %%
read = np.array([0.3, 0.3, 0.4])  # the weights on A, on B, on itself
values = np.array([[4.0, 0.0], [-3.0, 2.0], [0.75, 1.0]])  # a row for each of them
T = read[:, None] * values
y = T.sum(axis=0)
print("lengths of the parts:", np.linalg.norm(T, axis=1))

near = None  # your turn, for each row of T: np.maximum(0, ...)

check("04-nearness", near)

# %% [markdown]
# B takes away most of what A brings. Now trained models, and four methods that look further:
#
# - **value norms** (Kobayashi et al. 2020): the length of weight times value in place of $A$, with ½ for the identity;
# - **ALTI**: the old state is one more part of the new one, so no identity is added;
# - **gradient × attention** (Chefer et al. 2021): $R \leftarrow R + \bar A_l R$ from $R = I$. $\bar A_l$ is the mean over heads of
#   $\max(0, A \cdot \partial s / \partial A)$, and $s$ the score of the letter said. Multiplied out, this is
#   $(\bar A_L + I) \cdots (\bar A_1 + I)$: the identity form, not normalised;
# - the **path sum**: all of `score_by_hops`.

# %%
for task in tasks:
    print(f"{task}: {len(models[task])} models")
    for model in models[task]:
        rows = successor_rows(model, cases[task])
        rows["path sum"] = model.score_by_hops(cases[task]).sum(axis=0)
        for method in rows.keys() - {"longest input vector"}:
            hit = finds_source(rows[method], cases[task]).mean()
            found.setdefault((task, method), []).append(hit)

# %% [markdown]
# The last two know which letter the model says. So their guess may, too: any place with that letter. “Worst task”: the worst of four, seed
# by seed, so lower than the worst mean. The best weight was chosen on these very cases, which favours it.


# %%
# Picture: sources found with values and gradients
def entries(method):
    found["worst", method] = np.min([found[task, method] for task in tasks], axis=0)
    return [method, *(entry(task, method) for task in (*tasks, "worst"))]


best_weight = f"best weight, {best['weight']:.2f}"
found |= {(task, best_weight): curves[task][worst.argmax()] for task in tasks}
shown = ["identity", best_weight, "value norms", "ALTI", "gradient × attention", "path sum"]
same = [(cases[t].letters == cases[t].answer[:, None])[:, : cases[t].reader] for t in tasks]
guess = [
    "a place with that letter",
    *(f"{(1 / x.sum(axis=1)).mean():.2f}" for x in same),
    "",
]
table(["", *tasks, "worst task"], [*map(entries, shown), guess])
pairs = [
    (m, other)
    for other in (best_weight, "identity")
    for m in ("ALTI", "gradient × attention")
]
rows = [[task, *(difference(task, *pair) for pair in pairs)] for task in (*tasks, "worst")]
table(["", *(f"{method} less {other}" for method, other in pairs)], rows)

# %% [markdown]
# In the worst task ALTI and gradient × attention lead even the best weight. Value norms stay at 0 at the gate: length alone is no cure. And there
# is a price: in chase_2 both find *less* than the identity.
#
# Which score? Its unit is free. Multiply it by a constant (4 models a task):

# %%
for times in (0.1, 1, 10):
    print(f"× {times}:", end=" ")
    for task in tasks:
        hit = []
        for model, (_, maps) in zip(models[task][:4], answers[task], strict=False):
            slopes = times * model.attention_gradients(cases[task])
            R = gradient_attention(maps, slopes)[:, cases[task].reader]
            hit.append(finds_source(R, cases[task]).mean())
        print(f"{task} {np.mean(hit):.2f} ({min(hit):.2f}–{max(hit):.2f})", end="  ")
    print()

# %% [markdown]
# A path of $k$ hops grows with the $k$-th power of the constant. So it is a hidden weight of the identity, and nobody tells you which is right.
#
# Only the path sum is right in both of your stories of layer 2: it follows the values from input to output. (ALTI takes one layer at a
# time, and gives both stories the same map.) But it is exact only because these models have no LayerNorm and no MLP.

# %%
# Check yourself
practice("go-between-or-source")

# %% [markdown]
# ## A causal model
#
# In a model that writes text each token reads itself and *earlier* tokens. Its matrices are zero above the diagonal, and so are their
# products. Take attention with **no preference at all**: row $i$, counted from 1, gives $1/i$ to each token that it may read.


# %%
def uniform_causal(N):
    return np.tri(N) / np.arange(1, N + 1)[:, None]


# %%
# Question: what share of the last row is on token 1?
predict("04-uniform-causal")

# %%
null, shares = [uniform_causal(64)] * 24, {}
for L in (6, 12, 24):
    shares[L] = [rollout(null[:L], residual=name)[-1, 0] for name in ("identity", "none")]

# %%
# What came out
reveal("04-uniform-causal", shares[12][0])
for L, (identity, none) in shares.items():
    print(f"{L} layers: {identity:.0%} on token 1 with the identity, {none:.0%} without")

# %% [markdown]
# The identity delays this and does not stop it: for a causal $A$ whose rows sum to 1, $(A + I)/2$ is causal and its rows sum to 1. So a causal
# map needs a **null**: uniform attention with the same mask, depth and identity.
#
# ### A real decoder
#
# SmolLM2-135M-Instruct has 30 layers. We wrote thirty prompts before we asked it, and keep those that it completes rightly. Each begins with
# the same token, `<|endoftext|>`. The residual's measured share is that of [lesson 03](03_identity_augmentation.ipynb).

# %%
prompts = [load_decoder_example(name) for name in decoder_example_names()]
capital = prompts[0]
print(f"{len(prompts)} prompts, completed rightly. {capital.text} →{capital.answer}")
shares = [example.residual_share.mean() for example in prompts]
print(f"measured share: mean {np.mean(shares):.2f}, least of a prompt {min(shares):.2f}")

# %%
# Question: and if the identity weighs as measured?
predict("04-measured-share")


# %%
def last_rows(maps, share):
    """The last row of maps (30, N, N), by several weights; share is (30, N, 1)."""
    by_layer = share.mean(axis=1, keepdims=True)
    token, layer = ((1 - s) * maps + s * np.eye(maps.shape[-1]) for s in (share, by_layer))
    return {
        "identity, ½": rollout(maps, heads=None, queries=-1),
        "measured by token": rollout(token, residual="none", heads=None, queries=-1),
        "measured by layer": rollout(layer, residual="none", heads=None, queries=-1),
        "recursion": rollout(maps, residual="recursion", heads=None, queries=-1),
        "last layer": maps[-1, -1],
    }


own = [last_rows(e.attentions[:, 0], e.residual_share[..., None]) for e in prompts]
uniform = [np.stack([uniform_causal(len(e.tokens))] * 30) for e in prompts]
nulls = [
    last_rows(A, e.residual_share[..., None]) for A, e in zip(uniform, prompts, strict=True)
]


def over_kinds(values, limits=(-1, 1)):
    """Mean and 95 % interval over the kinds of prompts: within one they are alike."""
    kinds = np.array([example.kind for example in prompts])
    means = [np.mean(np.array(values)[kinds == kind]) for kind in dict.fromkeys(kinds)]
    return "{:.2f} [{:.2f},\u00a0{:.2f}]".format(*mean_and_interval(means, limits))


# %%
# What came out
ends = [np.mean([row["measured by token"][0] for row in rows]) for rows in (own, nulls)]
reveal("04-measured-share", ends[0], null=ends[1])

# %%
# Picture: token 1 in eighteen prompts of six kinds
rows = []
for name in own[0]:
    rows.append(
        [name, *(over_kinds([row[name][0] for row in each]) for each in (own, nulls))]
    )
table(["", "on token 1", "its null"], rows)

# %% [markdown]
# With ½ the map says what its null says. (Means over kinds; the reveal has the mean over prompts.)
#
# Wu et al. (2025, Theorem 4.1) prove, without the residual, that with depth all ends at token 1. Herasimchyk et al. (2026) weigh the residual
# “by layer”: then influence need not collapse, and is often largest at *both* ends. They model other models' attention; try it on real maps,
# of 23 texts of 256 tokens. Influence, as they measure it: the length of the gradient of the likeliest token's probability by each embedding.

# %%
# Picture: two sides, on 23 texts
long = load_decoder_positions()
influence = long.gradient / long.gradient.sum(axis=1, keepdims=True)
row, A = np.eye(256)[-1], uniform_causal(256)
for share in long.attention_share[::-1]:  # the null, from the last layer down
    row = (1 - share) * row + share * row @ A
sides = {"influence": influence, "by layer": long.measured}
for name, each in {"½": long.identity, **sides}.items():
    first = mean_and_interval(each[:, 0].astype(float))
    print("token 1, {}: {:.2f} [{:.2f}, {:.2f}]".format(name, *first))
print(f"token 1, its null: {row[0]:.2f}")
rho = [spearman(a, b) for a, b in zip(long.measured[:, 1:], influence[:, 1:], strict=True)]
said = "{:.2f} [{:.2f}, {:.2f}]".format(*mean_and_interval(rho, (-1, 1)))
print(f"place by place, by layer and influence: rank correlation {said}, {len(rho)} texts")
sides["its null"] = row[None]
by_17 = {name: each[:, 1:].reshape(-1, 15, 17).mean(axis=2) for name, each in sides.items()}
lines(
    10 + 17 * np.arange(15),
    {name: each.mean(axis=0) for name, each in by_17.items()},
    bands={name: (each.min(axis=0), each.max(axis=0)) for name, each in by_17.items()},
    title="Without token 1, rollout by layer has a U, as influence has",
    xlabel="position, in steps of 17",
    ylabel="share, least to most of 23 texts",
    logy=True,
)

# %% [markdown]
# Both are right about something. With ½, token 1 has it all. “By layer” it has less, and the rest is a U. But token 1 still has most of
# the row, and little influence; and within a text the two do not rank the other places alike.
#
# Token 1 lies far *above* its null: it is a **sink**, where heads leave attention that they have no use for (Xiao et al. 2024). Does it hand on as
# much as it is read?


# %%
# Picture: the sink, layer by layer
def on_token_1(maps):
    return np.array([each[:, 1:, 0].mean(axis=1) for each in maps])


sinks = {
    "attention": on_token_1([e.attentions[:, 0] for e in prompts]),
    "weight × value": on_token_1([e.value_norms[:, 0] for e in prompts]),
    "null": on_token_1(uniform),
}
more = (sinks["attention"] - sinks["weight × value"]).mean(axis=0) > 0
lines(
    range(1, 31),
    {name: each.mean(axis=0) for name, each in sinks.items()},
    bands={name: (each.min(axis=0), each.max(axis=0)) for name, each in sinks.items()},
    title=f"In {more.sum()} of 30 layers token 1 is read more than it hands on",
    xlabel="layer",
    ylabel="share, least to most of 18 prompts",
    ylim=(0, 1),
)

# %% [markdown]
# Which words matter? **Blank out** one: no later token may read it. How far does the answer's log-probability fall?

# %%
# Picture: what the answer loses with each word
words = capital.words[:-1]  # the last one reads the answer off: it stays
fall = capital.blank_out["mask"][:-1]
of_words = {"blank-out": fall} | {
    m: per_word(own[0][m], words) for m in ("last layer", "recursion")
}
grouped_bars(
    {name: each / each.max() for name, each in of_words.items()},
    [word.text for word in words],
    title="“Berlin” and “France” carry the answer “Germany”",
    xlabel="word of the prompt",
    ylabel="share of the largest",
)


# %%
def agreement(example, row, place=False):
    """Rank correlation of a row with blank-out, or the place: all words but the last."""
    score, fall = per_word(row, example.words[:-1]), example.blank_out["mask"][:-1]
    return spearman(score, np.arange(len(score)) if place else fall)


def content_then_later(example):
    row = np.arange(len(example.tokens), dtype=float)
    for word in example.words:
        row[list(word.positions)] += 100 * word.is_content
    return row


def gradient_row(example):
    start = np.eye(len(example.tokens))
    return reduce(lambda R, A: R + A @ R, example.gradient_attention, start)[-1]


guess = [agreement(example, content_then_later(example)) for example in prompts]

# %% [markdown]
# Does a map lead the guess: *content words first, of these the later*? (We made it after we had seen simpler guesses on these prompts.)

# %%
# Picture: agreement with blank-out, in eighteen prompts of six kinds
maps = {name: [row[name] for row in own] for name in own[0]}
maps["value norms, last layer"] = [e.value_norms[-1, 0, -1] for e in prompts]
maps["gradient × attention"] = list(map(gradient_row, prompts))
rows = [["guess", over_kinds(guess), "", "", ""]]
for name, each in maps.items():
    agrees = list(map(agreement, prompts, each))
    rows.append([name, over_kinds(agrees), over_kinds(np.subtract(agrees, guess), (-2, 2))])
    pairs = list(zip(prompts, each, nulls, strict=True))
    rows[-1].append(over_kinds([agreement(e, row, place=True) for e, row, _ in pairs]))
    if name in nulls[0]:
        less = [agreement(e, row - null[name], place=True) for e, row, null in pairs]
        rows[-1].append(over_kinds(less))
head = [
    "",
    "with blank-out",
    "less the guess",
    "with the place",
    "less its null, with the place",
]
table(head, [row + [""] * (len(head) - len(row)) for row in rows])

# %% [markdown]
# No map leads that guess for sure. And what does a null subtract? The mask. With ½ nothing else is left: the row ranks the words by their
# place; less its null, the other way round. A null cannot take out the sink, which is in the weights, nor put back what the product has
# drained. (Lan et al. 2025 find rollout diffuse in deep decoders. Here it stands on token 1.)

# %%
# Check yourself
practice("first-token-of-a-causal-map")

# %% [markdown]
# ## Deeper: heads and low weights
#
# Every map above averaged the heads first. In layer 1, head 1 lets C read A. In layer 2, head 2 lets B read C. All else reads itself. How
# much does B draw from A, the first number?

# %%
stay = np.eye(3)
c_reads_a, b_reads_c = stay.copy(), stay.copy()
c_reads_a[2], b_reads_c[1] = [1, 0, 0], [0, 0, 1]
one, two = np.array([c_reads_a, stay]), np.array([stay, b_reads_c])  # (heads, N, N)
print("product of the means: ", (two.mean(axis=0) @ one.mean(axis=0))[1])
print("mean of same-number products:", (two @ one).mean(axis=0)[1])

# %% [markdown]
# In a model each head reads the whole state below. So heads are fused first, and all count the same. Maximum and minimum shift the
# identity's share, too. Which differences hold?

# %%
for task in tasks:
    found |= {(task, how): share_found(task, heads=how) for how in ("min", "mean", "max")}
    print(f"{task}: min less mean {difference(task, 'min', 'mean')},", end=" ")
    print(f"max less mean {difference(task, 'max', 'mean')}")

# %% [markdown]
# The maximum costs sources in the chases and gains some in the relay, as less identity would. The minimum leads in neither chase for sure.
#
# SmolLM2's nine heads share three sets of keys and values (*grouped queries*). Each still has a map of its own. Are the maps of a group alike?

# %%
below, alike = np.tril_indices(len(capital.tokens), -1), []
for layer in capital.heads:
    group, across = [], []
    for a, b in combinations(range(9), 2):
        rho = spearman(layer[a][below], layer[b][below])
        (group if a // 3 == b // 3 else across).append(rho)
    alike.append([np.mean(group), np.mean(across)])
(group, across), more = np.mean(alike, axis=0), sum(g > a for g, a in alike)
print(f"rank correlation in a group {group:.2f}, across {across:.2f};", end=" ")
print(f"larger in {more} of {len(alike)} layers (one prompt)")

# %% [markdown]
# A widely copied implementation (Gildenblat 2020) sets the lowest weights of each layer to zero first. Is it noise that goes? Compare row
# `[CLS]` of the bundled sentences with and without.


# %%
def discarding(layers, share):
    """The rollout of layers (L, N, N), the lowest share of the weights of each set to 0."""
    cut = np.quantile(layers, share, axis=(1, 2), keepdims=True)
    augmented = np.where(layers >= cut, layers, 0) + np.eye(layers.shape[-1])
    augmented /= augmented.sum(axis=-1, keepdims=True)
    return reduce(lambda R, A: A @ R, augmented)


real = [fuse_heads(load_example(name).attentions).astype(float) for name in example_names()]
for share in (0.25, 0.5, 0.75):
    rho = [spearman(discarding(A, 0)[0, 1:], discarding(A, share)[0, 1:]) for A in real]
    spread = f"sd {np.std(rho, ddof=1):.2f}, {len(rho)} sentences"
    print(f"discarding {share:.0%}: rank correlation {np.mean(rho):.2f} ({spread})")

# %% [markdown]
# If the low weights did not matter, the order would stay. **Discarding is another method, and no cell says a better one.** The same code divides by `a.sum(dim=-1)`, which
# lines the row sums up with the *columns*:

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
# In a batch, short sentences are filled up with `[PAD]`. A **key mask** hides the pads: no query may read them. How much do the words' rows
# of $R$ draw from pads, in random attention?

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
# Exactly 0, at any depth. Check `R[word][:, ~word]` of every batch.
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
# - Models with the same maps can have different sources. No formula on attention alone is right for all.
# - A product of causal matrices is causal, and token 1 keeps what reaches it, with the identity too.
#
# **Assumed**: a weight $w$, which is a guess about hops (in gradient × attention, the unit of the score); heads that count alike.
#
# **Measured here** (8 models a task, 400 held-out cases; one decoder, 18 prompts):

# %%
# What came out
table(["sources found", "worst task"], [[m, entry("worst", m)] for m in shown])
on_first = over_kinds([row["measured by layer"][0] for row in own])
print(f"SmolLM2, residual measured by layer: token 1 gets {on_first} of the last row")

# %% [markdown]
# Rollout finds the source where its guess about the hops fits how the information moved. On a real model you do not know that. Put guesses
# beside the map, and test it.

# %% [markdown]
# ## Sources
#
# - S. Abnar, W. Zuidema (2020). Quantifying Attention Flow in Transformers. *ACL*.
# - H. Chefer et al. (2021). Generic Attention-model Explainability for Interpreting Bi-Modal and Encoder-Decoder Transformers. *ICCV*.
# - N. Elhage et al. (2021). A Mathematical Framework for Transformer Circuits. *Transformer Circuits Thread*.
# - J. Ferrando et al. (2022). Measuring the Mixing of Contextual Information in the Transformer. *EMNLP*.
# - J. Gildenblat (2020). Exploring Explainability for Vision Transformers. Blog post with code; the normalisation is issue 16.
# - H. Herasimchyk et al. (2026). A Structural Theory of Position Bias in Transformers (version 1: A Residual-Aware Theory ...). arXiv 2602.16837.
# - G. Kobayashi et al. (2020). Attention is Not Only a Weight: Analyzing Transformers with Vector Norms. *EMNLP*.
# - T. Lan et al. (2025). Attention Consistency for LLMs Explanation. arXiv 2509.17178.
# - X. Wu et al. (2025). On the Emergence of Position Bias in Transformers. *ICML*.
# - G. Xiao et al. (2024). Efficient Streaming Language Models with Attention Sinks. *ICLR*.
#
# **Next:** [lesson 05](05_does_rollout_match_the_model.ipynb) asks whether rollout matches a real model.
