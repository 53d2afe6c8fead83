# %% [markdown]
# # What rollout captures
#
# ## What you will be able to do
#
# In {minutes} minutes. Then you can
#
# - test a map on models whose true source is known, and say how often each method finds it;
# - derive on paper when a rollout points at a go-between instead of the source;
# - say what fusing heads and discarding low weights do to a rollout;
# - compare a causal map with its null, and keep padding out of a map.
#
# Builds on lessons 01 to 03. **Run each cell with Shift+Enter**, from the top. The whole course on one page: the
# [cheat sheet](cheat_sheet.html).

# %%
import inspect
from functools import reduce

import numpy as np
from IPython.display import Markdown, display

from rollout_lab import attention_weights, fuse_heads, hop_distribution, rollout
from rollout_lab import simple_rollout, spearman, top_paths
from rollout_lab.explorers import source_finder
from rollout_lab.figures import grouped_bars, heatmap, heatmaps, layered_graph, lines
from rollout_lab.models import example_names, load_example, paper_example
from rollout_lab.models import finds_source, load_pointer_model, mean_and_interval
from rollout_lab.models import pointer_seeds, pointer_tasks, reader_rows, sample_task
from rollout_lab.quiz import check, practice, predict, reveal, review

np.set_printoptions(precision=2, suppress=True)

# %%
# Check yourself: what you missed before
review("04")

# %% [markdown]
# In quiz 3 you wrote a rollout. These are the library's own lines, the formula as the paper has it. Compare them with yours.

# %%
print(inspect.getsource(simple_rollout))

# %% [markdown]
# `rollout`, which you call below, gives the same. It also takes attention in every form in which models give it, and refuses what is none.
#
# ## A source that you know
#
# A map of a real sentence cannot be checked by looking at it: nobody knows what it should show. So begin where you do know.
#
# Each of three tokens holds a letter. Sharpen the paper example: C reads all of A, and B all of C, in both layers. Suppose that B ends up
# saying A's letter. It can have come on one path only: A → C in layer 1, C → B in layer 2. So A is the **source** and C a **go-between**.

# %%
tokens = paper_example().tokens
sharp = np.array([[1, 0, 0], [0, 0, 1], [1, 0, 0]])  # A reads A, B reads C, C reads A
layers = np.array([sharp, sharp])
heatmap(sharp, tokens, title="Both layers: B reads C, and C reads A", mark=[(1, 2), (2, 0)])

# %%
# Question: what does B draw most from?
predict("04-go-between")

# %%
R = rollout(layers)
drawn = dict(zip(tokens, R[1], strict=True))

# %%
# What came out
most = max(drawn, key=drawn.get) if np.ptp(R[1]) else "all"
reveal(
    "04-go-between", most, shares=", ".join(f"{x:.2f} from {t}" for t, x in drawn.items())
)

# %% [markdown]
# **Worked by hand.** In each layer a path takes attention or stays, half and half. From B down, that makes four paths of weight ¼:
#
# | layer 2 | layer 1 | ends at |
# |---|---|---|
# | attention: B ← C | attention: C ← A | A |
# | attention: B ← C | stays | C |
# | stays | attention: B ← C | C |
# | stays | stays | B |
#
# Two of the four end at C. So C gets ½ and A gets ¼. Without the identity no path stays:

# %%
print("without the identity B draws", rollout(layers, residual="none")[1], "from A, B, C")

# %% [markdown]
# **With a gap.** Let the identity weigh $w$, attention $1 - w$. Then B draws $(1 - w)^2$ from A, $2w(1 - w)$ from C and $w^2$ from
# itself. Below which $w$ does A, the source, lead C? Put in the $w$ at which they tie.

# %%
tie = None  # your turn: solve (1 - w)² = 2w(1 - w)

check("04-tie", tie)

# %% [markdown]
# ### The same maps, another source
#
# Keep both maps as they are. A layer's *values* decide what a token hands on: what it fetched in layer 1, or the letter that it held from the
# start. Try both for layer 2.

# %%
held = np.eye(3)  # row j: the letter of token j
fetched = sharp @ held  # beside it, after layer 1
for story, handed_on in {"what C fetched": fetched, "C's own letter": held}.items():
    print(f"the values of layer 2 hand on {story}: B says the letter of", end=" ")
    print(tokens[(sharp @ handed_on)[1].argmax()])

# %% [markdown]
# One time the source is A, the other time C, and every attention weight is the same. **So no formula on attention weights alone can be
# right both times.** Without the identity you find A, with it C. What follows is this fact in trained models.
#
# ## Four tasks
#
# The course brings tiny transformers for four tasks: 32 numbers a state, 2 heads, attention and residual connection, nothing else. The card
# `3:d→7` has number 3, holds the letter d and points to card 7. The question `?3` asks for the letter of the card that card 3
# points to. The relay has letters only; at its end the capital must be named. A **slot** is a place that holds a letter: a card, or a
# position of the relay.
#
# All letters are drawn at random, each on its own. So nothing but the source tells the answer, and a guess is right one time in ten.

# %%
tasks, rng = list(pointer_tasks()), np.random.default_rng(2024)  # training: other seeds
cases = {task: sample_task(task, 400, rng) for task in tasks}
models = {t: [load_pointer_model(t, seed) for seed in pointer_seeds(t)] for t in tasks}
answers = {task: [model.run(cases[task]) for model in models[task]] for task in tasks}
for task, says in pointer_tasks().items():
    row, source = cases[task].tokens(0), cases[task].source[0]
    right = [(answer == cases[task].answer).mean() for answer, _ in answers[task]]
    print(f"{task}: {says}\n    {' '.join(row)}   source: {row[source]}")
    print(f"    {models[task][0].n_layers} layers; right: {np.mean(right):.1%}", end=" ")
    print(f"(worst of {len(right)} models {min(right):.1%})")

# %% [markdown]
# Masks fix how the letter moves. In a chase a card sees only earlier cards, and pointers lead to later ones: the named card cannot fetch the
# letter, so the question reads it from the source. At the gate the question sees the named card alone: that card must fetch the letter
# first. In the relay a far letter needs several hops.
#
# Is the source really the source? Change one letter and run the model again.

# %%
for task in tasks:
    some = cases[task][:150]
    slots = some.letters.shape[1]
    other = (some.source + 1 + np.arange(len(some)) % (slots - 1)) % slots
    changed = {"the source": [], "another slot": []}
    for model in models[task]:
        for place, slot in zip(changed, (some.source, other), strict=True):
            moved, _ = model.run(some.with_letters_moved(slot))
            changed[place].append((moved != model.run(some)[0]).mean())
    said = [f"at {place} {np.mean(share):.1%}" for place, share in changed.items()]
    print(f"{task}: another letter changes the answer", ", ".join(said))

# %% [markdown]
# It is. (The pointer of the card that the question names matters, too: it is the address. We ask where the **letter** stood.)
#
# Here is a case of the relay. Follow the capital upwards.

# %%
# Picture: a case of the relay
relay = cases["relay"]
far = int(np.argmin(relay.source))  # a case with its source far from the end
maps, ends = models["relay"][0].maps(relay, far), (relay.reader, int(relay.source[far]))
layered_graph(
    maps,
    relay.tokens(far),
    paths=top_paths(maps, *ends, k=1, residual="none"),
    residual="none",
    mark=ends,
    threshold=0.3,
    title="A far letter reaches the end of the row by a hop in every layer",
)

# %% [markdown]
# ## How often is the source found
#
# Call the last position the **reader**: there the answer is read off. A method **finds** the source if the reader's row has more weight on it than
# on any other slot. (What the reader keeps of itself does not count.) The methods: each single layer; the three formulas; and, as a
# baseline that does not even look at the reader, the mean of all rows of a layer.

# %%
# Question: which method finds the source nearly always?
predict("04-which-method")

# %%
found = {}  # (task, method): a share for each seed
for task in tasks:
    for _, attentions in answers[task]:
        for method, rows in reader_rows(attentions, cases[task].reader).items():
            share = finds_source(rows, cases[task]).mean()
            found.setdefault((task, method), []).append(share)
methods = [method for task, method in found if task == "relay"]  # it has the most layers

# %% [markdown]
# Each entry is the mean over models that were trained from different seeds. In brackets: a 95 % interval for that mean, from how far the
# models differ (Student's t). Bold: 0.90 or more. Go through the columns: what is bold there?


# %%
def entry(task, method):
    if (task, method) not in found:
        return "–"
    mean, low, high = mean_and_interval(found[task, method])
    mark = "**" if mean >= 0.9 else ""
    return f"{mark}{mean:.2f}{mark} [{low:.2f}, {high:.2f}]"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    display(Markdown("\n".join(f"|{'|'.join(line)}|" for line in lines)))


chance = ["a slot at random", *(f"{1 / cases[task].reader:.2f}" for task in tasks)]
table(["method", *tasks], [*([m, *(entry(t, m) for t in tasks)] for m in methods), chance])

# %%
last = {task: f"layer {models[task][0].n_layers}" for task in tasks}
good = {m: [t for t in tasks if np.mean(found.get((t, m), 0)) >= 0.9] for m in methods}
good["last layer"] = [t for t in tasks if np.mean(found[t, last[t]]) >= 0.9]

# %%
# What came out
best = max(good, key=lambda method: len(good[method]))
everywhere = [method for method in good if len(good[method]) == len(tasks)]
reveal("04-which-method", everywhere, best=f"“{best}”", n=len(good[best]))

# %%
for method in ("none", "recursion", "identity"):
    print(f"{method}: 90 % or more in", ", ".join(good[method]) or "no task")

# %% [markdown]
# Do the seeds agree? Look for the rows in which dark and bright stand side by side.

# %%
# Picture: sources found, by seed
shown = {
    "last layer": last,
    **{m: dict.fromkeys(tasks, m) for m in ("none", "recursion", "identity")},
}
heatmaps(
    [[found[task, method[task]] for method in shown.values()] for task in tasks],
    list(shown),
    columns=[str(seed) for seed in pointer_seeds("gate")],
    titles=tasks,
    title="What finds the source depends on the task more than on the seed",
    xlabel="seed",
    ylabel="method",
    per_row=2,
    vmax=1.0,
    annotate=True,
)

# %% [markdown]
# Read such a table with care. You can name the *best single layer* only if you know the answer. And a width of zero says that the seeds
# agree, not that the method never fails.
#
# Now a single case of the gate. The outlined column is the source; a dot marks each method's largest weight. On which card do most dots stand?


# %%
def one_case(task, case=0, seed=1):
    some, maps = cases[task], models[task][seed].maps(cases[task], case)
    return source_finder(
        maps, some.tokens(case), query=some.reader, source=int(some.source[case])
    )


one_case("gate").figure()

# %% [markdown]
# And one of the chase. Move the weight to 0 and to 0.95: where does the dot of the last line go? Then try other cases, such as `one_case("relay", 7)`.

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
    """One share for each seed; the options are those of rollout."""
    rows = [rollout(A, queries=cases[task].reader, **options) for _, A in answers[task]]
    return [finds_source(row, cases[task]).mean() for row in rows]


weights = np.linspace(0, 0.95, 20)
curves = {task: [share_found(task, residual=w) for w in weights] for task in tasks}

interval = {task: mean_and_interval(np.transpose(curves[task])) for task in tasks}

# %%
# What came out
worst = np.min([mean for mean, _, _ in interval.values()], axis=0)
fit, best = weights[worst >= 0.9], {"weight": weights[worst.argmax()], "worst": worst.max()}
reveal("04-one-weight", fit, fit=len(fit), tried=len(weights), **best)

# %%
# Picture: sources found, by the weight of the identity
lines(
    weights,
    {task: mean for task, (mean, _, _) in interval.items()},
    bands={task: (low, high) for task, (_, low, high) in interval.items()},
    title="No weight of the identity suits all four tasks",
    xlabel="weight of the identity",
    ylabel="source found, share of cases",
    ylim=(0, 1.02),
)

# %%
fits = {task: weights[mean >= 0.9] for task, (mean, _, _) in interval.items()}
span = {task: f"{good.min():.2f} to {good.max():.2f}" for task, good in fits.items()}
for task in tasks:
    print(f"{task}: 90 % or more from weight {span[task]}")

# %% [markdown]
# ### Why: count the hops
#
# A weight $w$ is a guess about **hops**: of $L$ layers, $(1 - w)L$ move the information ([lesson 03](03_identity_augmentation.ipynb)). Here the guess can be checked. These models have
# no LayerNorm and no MLP. So, with the attention weights held fixed, the score of a letter is an exact sum over paths, *values included*
# (Elhage et al. 2021). `score_by_hops` sorts that sum by the number of hops; the cell takes the source's part.


# %%
def hops_of_the_answer(task):
    rows, source, shares = np.arange(len(cases[task])), cases[task].source, []
    for model in models[task]:
        by_hops = model.score_by_hops(cases[task])[:, rows, source].sum(axis=1)
        shares.append(by_hops / by_hops.sum())
    return np.mean(shares, axis=0)


hops = {task: hops_of_the_answer(task) for task in tasks}
for task, share in hops.items():
    print(f"{task}: over 0, 1, ... hops {share}", end="   ")
    print(f"½ assumes {hop_distribution(len(share) - 1)}")

# %% [markdown]
# (A share may lie below 0: what comes on such paths speaks against the right letter.)
#
# Now compare. "Weight that fits" is the $w$ at which $(1 - w)L$ equals the hops that the answer took. The last column is what you measured.

# %%
rows = []
for task, share in hops.items():
    L, mean = len(share) - 1, share @ np.arange(len(share))
    rows.append([task, f"{mean:.2f} of {L}", f"{1 - mean / L:.2f}", span[task]])
table(["task", "hops the answer took", "weight that fits", "weights that find 90 %"], rows)

# %% [markdown]
# So the right weight follows from how many layers moved the information. That is a fact about the *model and the task*, and no attention map
# tells it.
#
# ### The gate: everything moves
#
# On paper the go-between got ½. In a trained gate the question sees one card, so its row is the same in both layers. Let the named card read the
# source with weight $a$ and itself with $s$. Then the reader's row has $2w(1 - w) + (1 - w)^2 s$ at the go-between and $(1 - w)^2 a$ at the source.
# The source leads if
#
#     (1 - w) (a - s) > 2w
#
# That needs $w$ below ⅓, even for $a = 1$. At $w = \tfrac12$ the go-between has ½ or more. Does this account for *every* case?

# %%
gate, agree, go_between = cases["gate"], [], []
every = np.arange(len(gate))
for _, attentions in answers["gate"]:
    card = fuse_heads(attentions[0])[every, gate.via]  # row of the named card, layer 1
    a, s = card[every, gate.source], card[every, gate.via]
    for w in (0.1, 0.2, 0.3, 0.33):
        row = rollout(attentions, residual=w, queries=gate.reader)
        agree.append(finds_source(row, gate) == ((1 - w) * (a - s) > 2 * w))
    go_between.append(rollout(attentions, queries=gate.reader)[every, gate.via])
print(f"the rule is right about the find: {np.mean(agree):.2%} of {np.size(agree)} times")
print(f"least weight of the go-between at w = ½: {np.min(go_between):.3f}")

# %%
# Check yourself
practice("tie-at-the-gate")

# %% [markdown]
# ### The chase: the letter waits
#
# In the chase with two layers the letter stays on its card through layer 1, carried by the residual connection. What that card *reads* meanwhile is of no
# use to anybody, so training leaves it to chance. `"none"` has no residual and follows that reading. It should find the source where the source
# card happens to read itself most. Does it, and is that why the seeds differ?

# %%
chase = cases["chase_2"]
by_seed = {"source's weight on itself": [], "found by none": [], "as foretold": []}
every = np.arange(len(chase))
for _, attentions in answers["chase_2"]:
    card = fuse_heads(attentions[0])[every, chase.source]  # row of the source, layer 1
    hit = finds_source(rollout(attentions, residual="none", queries=-1), chase)
    by_seed["source's weight on itself"].append(card[every, chase.source].mean())
    by_seed["found by none"].append(hit.mean())
    by_seed["as foretold"].append((hit == (card.argmax(axis=1) == chase.source)).mean())
for name, shares in by_seed.items():
    print(f"{name:>25}, by seed: {np.array(shares)}")

# %% [markdown]
# ### The relay: near and far
#
# A near letter can come in one hop, a far one needs four. Which formula should do well where?

# %%
distance, near_far = relay.reader - relay.source, {}
for _, attentions in answers["relay"]:
    rows = reader_rows(attentions, relay.reader)
    for method in ("layer 4", "none", "identity"):
        hit = finds_source(rows[method], relay)
        share = [hit[distance == d].mean() for d in range(1, 12)]
        near_far.setdefault(method, []).append(share)
lines(
    range(1, 12),
    {method: np.mean(shares, axis=0) for method, shares in near_far.items()},
    title="The identity finds near letters and loses far ones",
    xlabel="distance of the source from the reader",
    ylabel="source found",
    ylim=(0, 1.02),
)

# %%
# Check yourself
practice("go-between-or-source")

# %% [markdown]
# ## Heads
#
# Every method above averaged the heads first. That is a choice. By hand: in layer 1, head 1 lets C read A. In layer 2, head 2 lets B
# read C. All else reads itself. How much does B draw from A, the first number?

# %%
stay = np.eye(3)
c_reads_a, b_reads_c = stay.copy(), stay.copy()
c_reads_a[2], b_reads_c[1] = [1, 0, 0], [0, 0, 1]
one, two = np.array([c_reads_a, stay]), np.array([stay, b_reads_c])  # (heads, N, N)
print("product of the means: ", (two.mean(axis=0) @ one.mean(axis=0))[1])
print("mean of same-number products:", (two @ one).mean(axis=0)[1])

# %% [markdown]
# Multiplying head by head loses A. A model does not: each head reads the whole state below, whichever head wrote it. So heads are fused
# first, and the price is that all count alike.
#
# Maximum and minimum fuse otherwise, and lesson 03 showed that they shift the identity's share. Look at each row from left to right:


# %%
def written(shares):
    return "{:.2f} [{:.2f}, {:.2f}]".format(*mean_and_interval(shares))


ways = ("min", "mean", "max")
rows = [[task, *(written(share_found(task, heads=how)) for how in ways)] for task in tasks]
table(["identity, heads fused by", *ways], rows)

# %% [markdown]
# In the chases, where a larger $w$ helped, the minimum does best and the maximum worst. In the relay, where a smaller one helped, it is the other
# way round. (At the gate neither changes the question's row: both its heads read the same single card.) So fusing acts like a change of $w$,
# under another name.
#
# ### Discarding low weights
#
# A widely copied implementation (Gildenblat 2020) sets the lowest 90 % of each layer's weights to zero before it adds the identity. Is it noise
# that goes? Let it compete.


# %%
def discarding(layers, share, reader):
    """The reader's row of layers (L, ..., N, N), the lowest share of each set to 0."""
    cut = np.quantile(layers.reshape(*layers.shape[:-2], -1), share, axis=-1)[
        ..., None, None
    ]
    augmented = np.where(layers >= cut, layers, 0) + np.eye(layers.shape[-1])
    augmented /= augmented.sum(axis=-1, keepdims=True)
    return reduce(lambda R, A: A @ R, augmented)[..., reader, :]


for task in tasks:
    said = []
    for share in (0, 0.5, 0.8, 0.9):
        rows = [
            discarding(A.mean(axis=2), share, cases[task].reader) for _, A in answers[task]
        ]
        said.append(f"{np.mean([finds_source(row, cases[task]) for row in rows]):.2f}")
    print(f"{task}: discarding 0, 50, 80, 90 % finds", ", ".join(said))

# %% [markdown]
# No task gains much. And in a real model? Compare row `[CLS]` with and without discarding, over the bundled sentences, by rank correlation
# (1: the same order of tokens).

# %%
real = [fuse_heads(load_example(name).attentions).astype(float) for name in example_names()]
for share in (0.25, 0.5, 0.75):
    pairs = [(discarding(A, 0, 0)[1:], discarding(A, share, 0)[1:]) for A in real]
    rho, gone = [spearman(*pair) for pair in pairs], [(b == 0).mean() for _, b in pairs]
    spread = f"sd {np.std(rho, ddof=1):.2f}, n = {len(rho)}"
    print(
        f"discarding {share:.0%}: rank correlation {np.mean(rho):.2f} ({spread})", end="; "
    )
    print(f"{np.mean(gone):.0%} end at exactly 0")

# %% [markdown]
# Taking noise away would leave the order much as it was. **Discarding is another method, not denoising.** It has a threshold to choose, and what
# it drops may be the way the information took.
#
# The same code normalises with `a / a.sum(dim=-1)`. PyTorch, like NumPy, lines these row sums up with the *columns*. On paper: the second
# row of `a` sums to ½, so the second *column* is doubled.

# %%
a = np.array([[0.5, 0.5, 0], [0, 0.5, 0], [0.5, 0, 0.5]])
print("a / a.sum(-1): rows sum to", (a / a.sum(axis=-1)).sum(axis=-1))
print("with keepdims: rows sum to", (a / a.sum(axis=-1, keepdims=True)).sum(axis=-1))
layer = load_example("coreference").attentions[0]
for how in ("mean", "max"):
    a = (fuse_heads(layer, how) + np.eye(layer.shape[-1])) / 2
    wrong = (a / a.sum(axis=-1)).sum(axis=-1)
    print(f"a real layer, {how} heads: rows sum to {wrong.min():.2f} to {wrong.max():.2f}")

# %% [markdown]
# While all rows sum to 1, as with mean heads and nothing discarded, the slip does not show. Print the row sums of your own code.

# %%
# Check yourself
practice("what-fusing-does")

# %% [markdown]
# ## Causal masks
#
# In a model that writes text each token reads itself and *earlier* tokens only. Its matrices are zero above the diagonal, and so is any product
# of them.
#
# Take attention with **no preference at all**: row $i$, counted from 1, gives $1/i$ to each token that it may read.


# %%
def uniform_causal(N):
    return np.tri(N) / np.arange(1, N + 1)[:, None]


null = uniform_causal(64)
R = rollout([null] * 12)
print("still zero above the diagonal:", np.allclose(np.triu(R, k=1), 0))

# %%
# Question: what share of the last row is on token 1?
predict("04-uniform-causal")

# %%
depths = (1, 2, 3, 6, 9, 12, 18, 24)
on_first = {
    name: np.array([rollout([null] * L, residual=name, queries=-1)[0] for L in depths])
    for name in ("none", "identity")
}

# %%
# What came out
reveal("04-uniform-causal", on_first["identity"][depths.index(12)])

# %%
for name, share in on_first.items():
    at = {L: share[depths.index(L)] for L in (6, 12, 24)}
    print(f"{name}:", ", ".join(f"{x:.0%} after {L} layers" for L, x in at.items()))

# %%
# Picture: the weight on token 1, by depth
lines(
    depths,
    on_first,
    title="With uniform causal attention, token 1 swallows the rollout",
    xlabel="layers",
    ylabel="weight of the last row on token 1",
    ylim=(0, 1.02),
)

# %% [markdown]
# Why? Token 1 can read only itself. A path that gets there never leaves, and each layer sends more. Where every row keeps some weight on
# earlier tokens, all of it ends there: Wu et al. (2025, Theorem 4.1) prove it for attention without the residual connection.
#
# So a causal map needs a **null**: uniform attention with the same mask, depth and length. The chase is a causal model. Take the cases in which
# the question does not name card 0. No pointer leads to that card, so it has no part in the answer. Its weight, all the same:

# %%
for task in ("chase_2", "chase_3"):
    unnamed, N = cases[task].via != 0, cases[task].reader + 1
    for name in ("none", "identity"):
        R = [rollout(A, residual=name, queries=-1)[unnamed, 0] for _, A in answers[task]]
        means = np.mean(R, axis=1)  # one for each seed
        nothing = rollout([uniform_causal(N)] * len(answers[task][0][1]), residual=name)[
            -1, 0
        ]
        print(f"{task}, {name}: card 0 gets {means.mean():.2f}", end=" ")
        print(f"({means.min():.2f} to {means.max():.2f}), the null gives it {nothing:.2f}")

# %% [markdown]
# A card without any part in the answer has weight, and less than the mask alone would give it.
#
# A map can also lie *above* its null. MiniLM reads both ways; cut its maps to look causal: zero above the diagonal, rows normalised. That is no real
# causal model. It shows what a **sink** at position 1 adds, where heads leave attention that they have no use for (Xiao et al. 2024).

# %%
example = load_example("coreference")
cut = np.tril(fuse_heads(example.attentions).astype(float))
cut /= cut.sum(axis=-1, keepdims=True)
at_null = rollout([uniform_causal(len(example.tokens))] * len(cut), queries=-1)
at_last = rollout(cut, queries=-1)
grouped_bars(
    {"MiniLM, cut": at_last, "null": at_null},
    example.tokens,
    title=f"Token 1 gets {at_last[0]:.0%}; with no preference, {at_null[0]:.0%}",
    xlabel="input j",
)

# %%
# Check yourself
practice("first-token-of-a-causal-map")

# %% [markdown]
# ## Padding
#
# Sentences of a batch are filled up to one length with `[PAD]`. A **key mask** hides the pads: no query may read them. (Pads have rows of their
# own; nobody reads those.)
#
# Take four layers of random attention over six positions, the last two of them pads. How much do the words' rows of $R$ draw from pads?

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
print("exactly 0 with the mask:", (padded["with the mask"][word][:, ~word] == 0).all())

# %%
# Picture: the two rollouts
names = ["t1", "t2", "t3", "t4", "[PAD]", "[PAD]"]
heatmaps(
    list(padded.values()),
    names,
    titles=list(padded),
    title="Under a key mask no pad leaks into a word's row",
    xlabel="input j",
    ylabel="output i",
)

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
print(f"Cut out afterwards, it still differs from masking by up to {apart:.2f}.")

# %% [markdown]
# It cannot be repaired: the words' rows still hold what came *through* pads.

# %%
# Check yourself
practice("pads-in-a-map")

# %% [markdown]
# ## Summary
#
# **Exact** (path arithmetic, checked above):
#
# - Two sharp hops through two layers: the go-between gets $2w(1 - w)$, the source $(1 - w)^2$. At $w = \tfrac12$ that is ½ against ¼.
# - Two models with the same attention maps can have different sources. No formula on attention alone is right for both.
# - Products of causal matrices are causal, and token 1 keeps what reaches it. Under a key mask pads leak exactly 0 into words' rows.
# - The product of mean heads is not the mean of same-number products.
#
# **Assumed**:
#
# - A weight $w$ for the identity, which is a guess about the number of hops.
# - Heads that count alike, and weights that tell how much is taken over, whatever the values are.
#
# **Measured here** (tiny models, eight seeds a task, held-out cases; another task may turn out otherwise):

# %%
print("Share of cases in which the source was found:")
for task in tasks:
    said = [f"{name} {np.mean(found[task, m[task]]):.2f}" for name, m in shown.items()]
    print(f"- {task}: {', '.join(said)}; 0.90 or more by weights {span[task]}")
at_12 = on_first["identity"][depths.index(12)]
print(f"Uniform causal attention, 64 tokens, 12 layers, identity: {at_12:.0%} on token 1")

# %% [markdown]
# The moral is not that rollout wins, nor that it fails. It finds the source where its guess about the hops fits the way that the information took. On a
# real model you do not know that way. So report the baselines, and test the map.

# %% [markdown]
# ## Sources
#
# - S. Abnar, W. Zuidema (2020). Quantifying Attention Flow in Transformers. *ACL 2020*. Rollout with ½ for the residual connection.
# - N. Elhage et al. (2021). A Mathematical Framework for Transformer Circuits. *Transformer Circuits Thread*. Attention-only models as a sum over paths.
# - J. Gildenblat (2020). Exploring Explainability for Vision Transformers. Blog post, with the code vit-explain; the normalisation is its issue 16.
# - X. Wu, Y. Wang, S. Jegelka, A. Jadbabaie (2025). On the Emergence of Position Bias in Transformers. *ICML 2025*. Theorem 4.1.
# - G. Xiao, Y. Tian, B. Chen, S. Han, M. Lewis (2024). Efficient Streaming Language Models with Attention Sinks. *ICLR 2024*.
# - W. Wang et al. (2020). MiniLM: Deep Self-Attention Distillation for Task-Agnostic Compression of Pre-Trained Transformers. *NeurIPS 2020*.
#
# **Next:** [lesson 05](05_does_rollout_match_the_model.ipynb) asks whether rollout matches a real model. There is no quiz after this lesson.
