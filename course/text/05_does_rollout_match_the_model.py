# %% [markdown]
# # Does rollout match the model?
#
# ## What you will be able to do
#
# In {minutes} minutes. Then you can
#
# - blank out a word, and say how far the model's output moves;
# - compute a rank correlation by hand, and say what it does not see;
# - test a map against the model and against guesses that never look at attention;
# - say which assumptions of rollout decide how well it matches here, and what its successors repair.
#
# Builds on lessons 01 to 03. **Run each cell with Shift+Enter.** The [cheat sheet](cheat_sheet.html) has the course on one page.

# %%
# Check yourself: what you missed before
import numpy as np
from IPython.display import Markdown, display

from rollout_lab import fuse_heads, rollout, spearman
from rollout_lab.explorers import match_with_model
from rollout_lab.faithfulness import blank_out, per_word, ranks
from rollout_lab.figures import lines, row_bars
from rollout_lab.models import Encoder, ModelNotFetched, example_names, load_example
from rollout_lab.models import paper_example
from rollout_lab.models.blank_out_study import GUESSES, load_blank_out
from rollout_lab.models.blank_out_study import load_study, t_interval
from rollout_lab.quiz import check, practice, predict, reveal, review

np.set_printoptions(precision=3, suppress=True)

review("05")

# %% [markdown]
# ## A claim to test
#
# [Lesson 03](03_identity_augmentation.ipynb) ended with a reason: rollout includes all layers and the residual path, so **one would expect**
# it to match the model better than a single layer. A reason is no result. Keep the prediction that you made there, or change it.

# %%
# Question: which map ranks the tokens most like blank-out?
predict("03-better-match")

# %% [markdown]
# ## Blank out a word
#
# **To blank out a word is to hide it, run the model again, and measure how far the output moves.** The word that moves it most mattered most.
#
# First on paper. Take row B of the rollout in the paper example (formula `"none"`), and let each token hold a number. B's output is the
# mixture that row B prescribes. Hiding a token takes its part out. In which order do the parts come, and in which the weights?

# %%
paper = paper_example()
row_B = rollout(paper.attentions, residual="none", queries=1)
held = np.array([4, 1, 0])  # what A, B and C hold
for token, weight, number in zip(paper.tokens, row_B, held, strict=True):
    print(f"without {token}, B loses {weight:.2f} · {number} = {weight * number:.2f}")

# %% [markdown]
# B has the largest weight, and A moves the output most. What was needed depends on what is handed on, too.
#
# **Your turn.** The weights stay. Let the tokens hold other numbers, so that hiding C moves B's output by 1, and hiding A or B by ½ each.

# %%
mine = None  # your turn: the three numbers held, for example [4, 1, 0]

check("05-held", mine)

# %%
# Check yourself: the order of need
practice("order-of-need")

# %% [markdown]
# Now the model. MiniLM turns a sentence into a vector, its **embedding**: the mean of all positions' last states. Sentences are compared by
# angle, so we measure the turn, **1 − cosine**: 0 where the embedding keeps its direction, 1 where it turns by a right angle.
#
# The sentence is a garden path: its verb is “man”, what the old do to the boats. Which word can the model least do without?

# %%
example, bundled = load_example("garden_path"), load_blank_out("garden_path")
words, moved = bundled.words, bundled.moved["mask"]["embedding"]
try:
    encode = Encoder.load().encode
    again = blank_out(encode, example.text, words)["embedding"]
    print(f"Computed now: off by at most {np.abs(again - moved).max():.4f} from the bundle")
except ModelNotFetched:
    print("The model is not here: this was bundled. Fetch it with")
    print("from rollout_lab.models import fetch_model; fetch_model()")
texts = [word.text for word in words]
row_bars(
    moved,
    texts,
    title=f"“{example.text}”: hiding “{texts[moved.argmax()]}” moves the model most",
    xlabel="turn of the embedding, 1 − cosine",
)

# %% [markdown]
# **How to hide:** by a *mask*, so that no position may read the word and its place stays empty; or by *removal*, so that the sentence closes
# up. **Which output:** the embedding, or the last state of `[CLS]` (`cls` in tables).

# %% [markdown]
# ## Rank correlation
#
# Weights and turns have different units, so compare their *order*. **Spearman's rank correlation** $\rho$ replaces each value
# by its rank, 1 for the smallest, and correlates the ranks: 1 for the same order, −1 for the opposite, 0 where one tells nothing about
# the other. While no two values are equal there is a short formula. With $d$ the difference of a word's two ranks, and $n$ words:
#
# $$\rho = 1 - \frac{6 \sum d^2}{n\,(n^2 - 1)}$$
#
# **Worked by hand**, for rollout with the identity. The embedding is a mean of all positions, so we read the mean of all rows of $R$.

# %%
layers = fuse_heads(example.attentions)
by_rollout = per_word(rollout(layers).mean(axis=0), words)
rank_R, rank_blank = ranks(by_rollout), ranks(moved)
for text, one, other in zip(texts, rank_R, rank_blank, strict=True):
    print(f"{text:6} ranks {one:.0f} and {other:.0f}, d² = {(one - other) ** 2:.0f}")
d2, n = ((rank_R - rank_blank) ** 2).sum(), len(texts)
print(f"1 - 6 · {d2:.0f} / ({n} · {n * n - 1}) = {1 - 6 * d2 / (n * (n * n - 1)):.2f}")
print(f"the library: {spearman(by_rollout, moved):.2f}")

# %% [markdown]
# **With a gap: the recursion.** These are its ranks. Fill in $\sum d^2$.

# %%
by_recursion = per_word(rollout(layers, residual="recursion").mean(axis=0), words)
print("ranks in R:        ", ranks(by_recursion))
print("ranks in blank-out:", rank_blank)

sum_of_d2 = None  # your turn
check("05-sum-of-d2", sum_of_d2)

# %% [markdown]
# **Your own: layer 1 alone.** Ranks, differences, $\rho$.

# %%
by_layer_1 = per_word(layers[0].mean(axis=0), words)
print("layer 1:  ", by_layer_1)
print("blank-out:", moved)

my_rho = None  # your turn
check("05-layer-1-alone", my_rho)

# %%
# Check yourself: ranks with a tie
practice("ranks-with-a-tie")

# %% [markdown]
# **One sentence shows nothing.** Two unrelated orders of $n$ words have a rank correlation of 0 only on average; their standard deviation is
# $1/\sqrt{n - 1}$. How wide is that for five words?

# %%
rng = np.random.default_rng(0)
by_chance = [spearman(rng.permutation(5), np.arange(5)) for _ in range(2000)]
print(f"five words at random: mean {np.mean(by_chance):.2f}, sd {np.std(by_chance):.2f}")

# %%
# Check yourself: first place or same order?
practice("first-place-or-same-order")

# %% [markdown]
# ## Four hundred sentences
#
# So we need many sentences, and different ones: sentences made from one template share its accidents. The bundled study takes as many from
# each of five sources, and hides every word in turn. **Content words** are nouns, verbs, adjectives and the like; the others, such as “the”
# and “of”, are **function words**.

# %%
study = load_study()
n_words, n_content, _ = study.n_words.mean(axis=0)
print(f"{len(study.sentences)} sentences, {n_words:.1f} words, {n_content:.1f} of content")
for source in dict.fromkeys(study.sources.tolist()):
    here = np.flatnonzero(study.sources == source)
    print(f"  {len(here)} from {source:9} {study.sentences[here[2]]}")

# %% [markdown]
# How sure is a mean? Sentences of one source are alike, so five sources are *five* values, not 400. In brackets stands a 95 % interval:
# Student's $t$ over the five sources' means.
#
# How high can a map get? Mask and removal are two ways to ask the model itself, so their correlation with each other is a ceiling.

# %%
said = study.in_words  # mean [low, high]
for reading in ("embedding", "cls"):
    print(f"{reading:9} mask against removal: {said('the other way', reading=reading)}")

# %% [markdown]
# Now your prediction. A map is read as the output is made: the embedding is held against the mean of all rows; the `[CLS]` state against the
# row of `[CLS]`. A word of several pieces gets their sum.

# %%
# What came out
four = {
    "layer 6": "last layer alone",
    "none": "rollout, none",
    "recursion": "rollout, recursion",
    "identity": "rollout, identity",
}
means = {method: study.interval(method)[0] for method in four}
each = "; ".join(f"{label} {said(method)}" for method, label in four.items())
lead, n = said(("recursion", "layer 6")), len(study.sentences)
reveal("03-better-match", max(means, key=means.get), means=each, lead=lead, n=n)

# %%
# Picture: the four means
row_bars(
    list(means.values()),
    list(four.values()),
    title="The usual rollout, with the identity, is far from the highest match",
    xlabel="mean rank correlation with blank-out",
)

# %% [markdown]
# Three formulas, three answers. The usual one, with the identity, comes third; the bare product turns the order round.
#
# And what did you expect in [lesson 00](00_start_here.ipynb), before you knew any formula?

# %%
# What came out
_, low, high = study.interval(("identity", "layer 6"))
nearer = "rollout" if low > 0 else "the last layer" if high < 0 else "neither"
both_means = {"rollout": means["identity"], "last": means["layer 6"]}
reveal("00-what-the-model-used", nearer, n=n, **both_means)

# %% [markdown]
# ## Guesses that never look
#
# Rollout with the identity lies well above 0. But before you look inside a model, you know that articles matter less than nouns.

# %%
# Question: does a guess by rarity match worse or better?
predict("05-guess")

# %%
# What came out
by_guess, by_map = (study.interval(method)[0] for method in ("rarity", "identity"))
reveal("05-guess", by_guess - by_map, rarity=said("rarity"), rollout=said("identity"))

# %%
guesses = {
    "rarity": "rarer words matter more",
    "content word": "content words matter more",
    "input norm": "longer input vectors matter more",
    "word length": "longer words matter more",
    "place": "later words matter more",
    "identity": "rollout, identity",
}
both = {"all words": {}, "content words": {"words": "content"}}
display(Markdown(study.table(guesses, both)))
for guess in list(guesses)[:-1]:
    leads = (said((guess, "identity"), **which) for which in both.values())
    print(f"{guess:12} less rollout:", "; ".join(leads))

# %% [markdown]
# The last lines are differences on the same sentences. An interval on one side of 0 is a difference that you may speak of.
#
# Over all words, four of the five guesses beat rollout: whatever tells content words from function words does well. **Among content words
# alone** they lose most of it, and rollout does not. That is the harder and fairer test.

# %%
# Check yourself: a guess that wins
practice("a-guess-that-wins")

# %% [markdown]
# ## One repair at a time
#
# Change one assumption of rollout, and hold the others.

# %%
# Question: which repair lifts the match most?
predict("05-which-repair")

# %%
# What came out
repairs = ("measured weight", "from layer 2", "recursion")
gains = {method: study.interval(method)[0] - means["identity"] for method in repairs}
each = "; ".join(f"{method} {gain:+.2f}" for method, gain in gains.items())
lead = said(("measured weight", "from layer 2"))
reveal("05-which-repair", max(gains, key=gains.get), gains=each, lead=lead)

# %% [markdown]
# **The weight of the residual.** One half was assumed. [Lesson 03](03_identity_augmentation.ipynb) measured the residual's share; here it is
# for the 400 sentences. Then the identity gets every weight from 0 to 1. Where does the curve cross 0, and where is it at the measured share?

# %%
print("measured share, layers 1 to 6:", study.residual_share.mean(axis=0))
print("sd between sentences:         ", study.residual_share.std(axis=0))

# %%
# Picture: the match by the identity's weight
weights = np.round(np.linspace(0, 1, 11), 1)
methods = ["none", *(f"weight {w}" for w in weights[1:-1]), "layers averaged"]
curves = {label: study.interval(methods, **which) for label, which in both.items()}
lines(
    weights,
    {label: mean for label, (mean, _, _) in curves.items()},
    bands={label: (low, high) for label, (_, low, high) in curves.items()},
    title="The weight of the identity decides the match, even its sign",
    xlabel="weight of the identity (last point: just below 1, the mean of all layers)",
    ylabel="mean rank correlation",
)

# %% [markdown]
# So let each row have its own measured share. But how much a token keeps is itself a message about it. Add a guess from the shares and *no
# map at all*: their product over six layers.

# %%
shares = {
    "measured weight": "measured weight",
    "kept share": "its shares, no map",
    ("measured weight", "kept share"): "the map adds",
}
for label, which in both.items():
    for method, name in shares.items():
        print(f"{label:14}{name:19}{study.by_source(method, **which)}")

# %% [markdown]
# The shares alone come close. The map adds a little over all words, more among content words.
#
# **The layers that are let in.** Start the product one layer later each time. Beside it, each layer alone. Which layer spoils it?

# %%
# Picture: the first layer that is let in
starts = ["identity", *(f"from layer {layer}" for layer in range(2, 7))]
alone = [f"layer {layer}" for layer in range(1, 7)]
lines(
    range(1, 7),
    {
        "rollout, embedding": study.interval(starts)[0],
        "alone, embedding": study.interval(alone)[0],
        "rollout, [CLS]": study.interval(starts, reading="cls")[0],
        "alone, [CLS]": study.interval(alone, reading="cls")[0],
    },
    title="Without layer 1 the match jumps, above all for “[CLS]”",
    xlabel="rollout: first layer let in; alone: this layer",
    ylabel="mean rank correlation",
)

# %% [markdown]
# What does `[CLS]` read in layer 1? Its mean weight on a word of each kind, in the bundled sentences (interval: $t$ over sentences):

# %%
kinds = {"function": [], "content": []}  # a mean for each sentence
for other in example_names():
    rows = fuse_heads(load_example(other).attentions)[:, 0]  # what [CLS] reads, by layer
    for kind, read in kinds.items():
        some = [
            w for w in load_blank_out(other).words if w.is_content == (kind == "content")
        ]
        read.append(per_word(rows, some).mean(axis=1))
for kind, read in kinds.items():
    print(f"{kind:8} words, layers 1 to 6:", np.mean(read, axis=0))
less = np.subtract(kinds["function"], kinds["content"])
for layer in (1, 6):
    apart = "{:+.3f} [{:+.3f}, {:+.3f}]".format(*t_interval(less[:, layer - 1], range(16)))
    print(f"layer {layer}, function less content: {apart} ({len(less)} sentences)")

# %% [markdown]
# In layer 1 `[CLS]` reads function words most, in layer 6 content words. And every path's last link towards the input is in layer 1,
# or skips it.
#
# **What is carried.** Rollout counts weights. The model adds vectors: position $i$ gets $A[i, j]$ times what position $j$ hands on, its value
# $v_j$. So weigh each link by the length of what it carries (Kobayashi et al. 2020):
#
# $$A[i, j] \quad\text{becomes}\quad \lVert A[i, j]\, v_j \rVert$$
#
# with the heads added before the length is taken. **GlobEnc** (Modarressi et al. 2022) adds the residual and both LayerNorms. **ALTI**
# (Ferrando et al. 2022) asks how near each part comes to the whole sum. Both then multiply the layers, as rollout does.

# %% [markdown]
# ## All together
#
# All maps, with the guesses below them. Which line would you choose for the embedding over all words, and which for `[CLS]` (`cls`) among
# content words?

# %%
BY_VALUE = "value norms, last layer"
maps = {
    "identity": "rollout, identity",
    "recursion": "rollout, recursion",
    "measured weight": "measured weight",
    "measured weight, from layer 3": "— from layer 3",
    "layer 6": "last layer alone",
    "value norms": "value norms, rollout",
    BY_VALUE: "value norms, last layer",
    "GlobEnc": "GlobEnc",
    "GlobEnc, from layer 3": "— from layer 3",
    "ALTI": "ALTI",
}
others = {
    "kept share": "*no map: product of the shares*",
    "rarity": "*no model: rarer words*",
    "input norm": "*no attention: input vectors*",
    "the other way": "*the model itself, by removal*",
}
columns = {
    f"{reading}, {label.split()[0]}": {**which, "reading": reading}
    for reading in ("embedding", "cls")
    for label, which in both.items()
}
display(Markdown(study.table(maps | others, columns)))

# %% [markdown]
# Beware of ourselves: with this many maps, word sets, readings and ways to hide, something wins by luck. So let one half of each source's
# sentences (its 1st, 3rd, 5th, ...) *choose* the map with the highest mean, and the other half *tell*.

# %%
choosing, telling = study.half("choosing"), study.half("telling")
candidates = [method for method in study.methods if method not in GUESSES]
print(f"{len(candidates)} maps, {len(choosing.sentences)} sentences choose, as many tell")
for heading, which in columns.items():
    best = candidates[int(np.argmax(choosing.interval(candidates, **which)[0]))]
    print(f"{heading}: “{best}”, chosen at {choosing.in_words(best, **which)}")
    print("   told at         ", telling.by_source(best, **which))
    print("   less last layer ", telling.by_source((best, "layer 6"), **which))
    print("   less it by value", telling.by_source((best, BY_VALUE), **which))

# %% [markdown]
# Now take the last layer away from every line, in the telling half. (Of 48 intervals two or three miss the truth by luck: do not speak of one
# that ends next to 0. And we had seen all sentences before: the halves test luck with sentences, not with this model.)

# %%
less = {
    (method, "layer 6"): label
    for method, label in (maps | others).items()
    if method not in ("layer 6", "the other way")
}
display(Markdown(telling.table(less, columns)))
edge = said(("recursion", "layer 6"), **columns["cls, content"])
print("recursion less last layer, cls, content, all 400 sentences:", edge)
print("less the shares without a map, all words (embedding; cls):")
for method in ("layer 6", BY_VALUE, "GlobEnc, from layer 3", "ALTI"):
    leads = (
        telling.in_words((method, "kept share"), reading=r) for r in ("embedding", "cls")
    )
    print(f"  {method:23}", "; ".join(leads))

# %% [markdown]
# **What survives.** The usual ½ stays behind the last layer in every column. The measured weight leads it in one, and is behind in three. Over
# all words GlobEnc from layer 3 and ALTI lead it. So does the last layer itself, weighed by value: the output is made of what is carried.
# GlobEnc and ALTI lead the strongest guess, too, the shares without a map; the last layer alone does not.
#
# **What falls.** Among content words nothing in the table leads the last layer. And do not call the recursion (`cls`, content) behind: over
# all sentences its interval holds 0.
#
# **What decides** is not the formula's name, but what the residual keeps, which layers are let in, what is carried, which words count, and
# which output and row you read. Mask or removal hardly matters (*Deeper*).
#
# So what of Q7 in quiz 3? “It includes all layer information” is a *reason to expect* a better match. It comes if that information is weighed
# rightly.
#
# Can you turn a minus into a plus, and back? Vary the weight, the first layer, the last layer. Then take one source at a time.

# %%
# Explorer: the match with the model
match_with_model()

# %% [markdown]
# ## Deeper: beside the paper's table
#
# Abnar and Zuidema (2020) tested rollout on a model of 6 layers that predicts the number of a verb. Their Table 1: rank correlation with
# blank-out, mean ± standard deviation over 2000 sentences; raw attention of each layer, and rollout up to it. (Read in a transcript,
# `viktor-shcherb/msc_thesis` on GitHub; we could not open the paper.)

# %%
table_1 = {
    "raw": "+.69±.27 +.10±.43 -.11±.49 -.09±.52 +.20±.45 +.29±.39",
    "rollout": "+.32±.26 +.38±.27 +.51±.26 +.62±.26 +.70±.25 +.71±.24",
}
ours = {"raw": alone, "rollout": [*(f"to layer {n}" for n in range(1, 6)), "identity"]}
for name, row in table_1.items():
    rho = [study.correlations(method) for method in ours[name]]
    print("paper ", name, row)
    print("MiniLM", name, *(f"{each.mean():+.2f}±{each.std():.2f}" for each in rho))

# %%
# Picture: the paper and MiniLM, by layer
paper_means = {
    name: [float(m.split("±")[0]) for m in row.split()] for name, row in table_1.items()
}
lines(
    range(1, 7),
    {
        **{f"paper, {name}": means for name, means in paper_means.items()},
        **{f"MiniLM, {name}": study.interval(methods)[0] for name, methods in ours.items()},
    },
    title="In the paper rollout leads from layer 2 on; here it does not",
    xlabel="layer (rollout: up to this layer)",
    ylabel="rank correlation with blank-out",
    ylim=(-0.25, 1),
)

# %% [markdown]
# Another model, the same formula: the match is no law. But look at the paper's layer 1: raw .69, rollout .32. There rollout is
# $(A + I)/2$. That halves a row and adds ½ to the output's own entry; the other tokens keep their order. **The formula alone cannot make
# this difference.** What can? Compare the order before and after, in three readings of our layer 1:

# %%
alike = {"row of [CLS], others": [], "row of [CLS], all": [], "maximum of a column": []}
for other in example_names():
    A = fuse_heads(load_example(other).attentions[0].astype(float))
    half = (A + np.eye(len(A))) / 2
    pairs_1 = (A[0, 1:], half[0, 1:]), (A[0], half[0]), (A.max(axis=0), half.max(axis=0))
    for rhos, pair in zip(alike.values(), pairs_1, strict=True):
        rhos.append(spearman(*pair))
for name, rhos in alike.items():
    print(f"{name:22} {np.mean(rhos):.2f}, lowest {min(rhos):.2f} (n = {len(rhos)})")

# %% [markdown]
# A row keeps its order; here even with its own entry, which was the largest already. The *maximum of a column* does not: there the diagonal
# decides. Of the authors' scripts for other models, `compute_corel_distilbert_sst.py` reads maps so, `run_bert_sv.py` reads rows. How Table
# 1 was read we do not know.

# %% [markdown]
# ## Deeper: other readings, and the first place
#
# Many read the `[CLS]` row for the embedding, too. Do commas and full stops count as words? And if words are removed, not masked?

# %%
readings = {
    "all rows": {},
    "the [CLS] row": {"reading": "embedding by [CLS]"},
    "all rows, with signs": {"words": "with signs"},
    "all rows, by removal": {"how": "removal"},
}
few = ("identity", "measured weight", "layer 6", BY_VALUE, "rarity")
display(Markdown(study.table({name: name for name in few}, readings)))

# %% [markdown]
# How often does a method put blank-out's first word first, in the telling half?

# %%
for method, label in (maps | others).items():
    mean, low, high = t_interval(telling.hits(method), telling.sources)
    print(f"{label.strip('*'):32} {mean:4.0%} [{low:4.0%}, {high:4.0%}]")

# %% [markdown]
# ## Deeper: flow, the paper's second method
#
# **Attention flow** takes the layered token graph with capacities $(A + I)/2$ and asks for the *maximum flow* from an input to an output. In the
# paper's Table 1 it ends at .70.

# %%
for method in ("flow", "layer 1", "identity", "rarity"):
    print(f"{method:9} embedding {said(method)}, [CLS] {said(method, reading='cls')}")

# %% [markdown]
# Flow looks like layer 1. How much of the other five layers is in it? Take half of layer 1's row `[CLS]` away from the flow to `[CLS]`.

# %%
rest = []
for other in example_names():
    layer_1 = fuse_heads(load_example(other).attentions[0].astype(float))
    flow = load_blank_out(other).flow[0, 1:]  # from attention_flow, bundled
    rest.append(flow - layer_1[0, 1:] / 2)
spread = max(map(np.ptp, rest))
print(f"{len(rest)} sentences: the rest differs between tokens by {spread:.6f} at most")
print("the rest itself, sentence by sentence:", np.array([each[0] for each in rest]))

# %% [markdown]
# **Here the flow to `[CLS]` is half of layer 1's weight plus a constant.** So over tokens the order is that of layer 1. A word of several pieces gets the
# constant once for each; hence the two lines above differ. [Lesson 06](06_applications_and_limits.ipynb) shows why.

# %% [markdown]
# ## Summary
#
# **Exact:**
#
# - Spearman's $\rho$ compares orders, ties sharing a rank. It says nothing about sizes, and little about the first place.
# - How positions are mixed does not say what was needed: that depends on what is handed on.
#
# **Assumed:**
#
# - Blank-out is the model's own answer. It hides one word at a time: two words that say the same are each missed little.
# - Rollout: ½ for the residual, averaged heads, values ignored. You repaired the first; its successors repair the last.
#
# **Measured here** (MiniLM, the embedding, all words; run the next cell):

# %%
for method in ("identity", "layer 6", "measured weight", BY_VALUE, "rarity", "kept share"):
    print(f"{method:24} {said(method)}")
print(f"n = {len(study.sentences)} sentences from 5 sources; t intervals over the 5 means")

# %% [markdown]
# ## Sources
#
# - S. Abnar and W. Zuidema (2020). Quantifying Attention Flow in Transformers. *ACL 2020*. Code: `samiraabnar/attention_flow` on GitHub.
# - J. Ferrando, G. I. Gállego and M. R. Costa-jussà (2022). Measuring the Mixing of Contextual Information in the Transformer. *EMNLP 2022*. ALTI.
# - G. Kobayashi, T. Kuribayashi, S. Yokoi and K. Inui (2020). Attention is Not Only a Weight. *EMNLP 2020*.
# - A. Modarressi, M. Fayyaz, Y. Yaghoobzadeh and M. T. Pilehvar (2022). GlobEnc. *NAACL 2022*.
# - M. D. Zeiler and R. Fergus (2014). Visualizing and Understanding Convolutional Networks. *ECCV 2014*.
# - The sentences: WordNet 3.0; The World Factbook; Python 3.11's documentation; The Jargon File 4.4.7; Bierce, The Devil's Dictionary.
#
# **Next:** no quiz here. [Lesson 06](06_applications_and_limits.ipynb) puts rollout to use, on your own sentence too.
