# %% [markdown]
# # Start here
#
# ## What you will be able to do
#
# In {minutes} minutes. Then you can
#
# - say in one sentence what attention rollout computes;
# - read the matrix of one layer, `A_l`;
# - run, restart and save a lesson, and get a fresh copy of it;
# - tell whether your matrix algebra is ready for lesson 02.
#
# You need Python with NumPy and the matrix product. **Run each cell with Shift+Enter**, from the top.

# %%
import numpy as np

from rollout_lab import fuse_heads, rollout, top_paths
from rollout_lab.explorers import overview
from rollout_lab.figures import heatmap, heatmaps, layered_graph
from rollout_lab.models import load_example, paper_example
from rollout_lab.quiz import practice, predict, reveal

# %% [markdown]
# ## Rollout in one picture
#
# A language model has read this sentence in six layers. In each of them every position takes in something from the others.
# **Attention rollout asks: after all layers, how much has each output position drawn from each input word?**

# %%
example = load_example("negation")
attentions, tokens = example.attentions, example.tokens
good, not_ = tokens.index("good"), tokens.index("not")
print(example.text)
print(tokens)

# %% [markdown]
# `[CLS]` and `[SEP]` are marks that the model puts around every text.
#
# In the picture the input is at the bottom and the output on top. Look for the thick lines: three paths by which `not` can
# reach `good`. A path goes up one layer at a time. At each layer it stays where it is (dashed) or moves to a position that reads it.

# %%
count = len(tokens) ** (len(attentions) - 1)
layered_graph(
    attentions,
    tokens,
    title=f"The three strongest of {count:,} paths from not to good",
    paths=top_paths(attentions, good, not_, k=3),
    mark=(good, not_),
)

# %% [markdown]
# A path's weight is the product of the weights along it. Rollout adds up **all** paths from one input to one output. That
# sum is one entry of a matrix `R`. Here are all its entries, beside the map of the last layer alone.
#
# Look at the outlined row `good`, drawn again as bars. On the left: what `good` reads in the last layer. On the right: what it
# has drawn from the input words through all six.

# %%
last = fuse_heads(attentions[-1])  # the mean over the layer's 12 heads
R = rollout(attentions)
heatmaps(
    [last, R],
    tokens,
    titles=["A₆: the last layer alone", "R: all six layers"],
    title="Rollout turns six maps into one",
    xlabel="key or input j",
    ylabel="query or output i",
    row=good,
)

# %% [markdown]
# The bright column is `[CLS]`, a *sink* that lesson 01 measures. Row `good` of `R` does not single out `not`. Whether `R` is right about what
# the model uses is another question; lesson 05 tests it.
#
# Now choose an output position yourself and see what it draws on. (Â, with a hat, is a layer with its residual connection
# counted in: lesson 03.)

# %%
overview(attentions, tokens, query=good)

# %% [markdown]
# ## The matrix of a layer
#
# `A_l` is the attention matrix of layer `l`. **`A_l[i, j]` says how much query position `i` reads from key position `j`.** Here is a
# layer small enough for paper, with three tokens A, B and C.

# %%
predict(
    "00-sums-to-one",
    "Position `i` has a weight of 1 to share out among what it reads. What sums to 1?",
    options=["Every row", "Every column", "Both", "The whole matrix"],
)

# %% [markdown]
# Look at the last row: C reads half from A and half from itself. The outlined entry is `A_1[C, A]`.

# %%
paper = paper_example()
A_1 = paper.attentions[0, 0]  # layer 1 and its only head
heatmap(A_1, paper.tokens, title="In layer 1, C reads half from A", mark=(2, 0))

# %%
reveal("00-sums-to-one", f"rows sum to {A_1.sum(axis=1)}, columns to {A_1.sum(axis=0)}.")
print("The real maps have shape (layers, heads, positions, positions):", attentions.shape)
print("All their rows sum to 1:", np.allclose(attentions.sum(axis=-1), 1, atol=1e-5))

# %%
practice("who-reads-whom")

# %% [markdown]
# ## How to work here
#
# | you want to | do this |
# |---|---|
# | run a cell | **Shift+Enter**. `[*]` means it is running, a number means it is done |
# | stop a cell that takes too long | the ■ button |
# | begin again | *Kernel → Restart Kernel and Run All Cells*. The text you typed stays, the variables go |
# | save | **Ctrl+S** (⌘S on a Mac). JupyterLab also saves every two minutes |
# | get a fresh copy of a lesson | `from rollout_lab.working_copy import fresh_copy`, then `fresh_copy("01")` |
#
# You work in a folder of your own, **`my-course/`** unless you named another: write into it as you like. **No update overwrites it.** A newer
# version of a lesson is laid beside yours, with `new-version` in its name; a fresh copy has `fresh` in its name.
#
# Your predictions and your answers to *Check yourself* are kept there as small files, in `.rollout-lab/answers`. They stay on
# this machine and nobody grades them. When you open a lesson again tomorrow, you see pictures, questions and your answers as they were
# saved. They do not move: **run the cells again, from the top, to go on**, and buttons and answers are back. The same holds after you
# restarted the kernel: what you click in an output from before is not kept, and it says so.
#
# ### Is everything here?
#
# Each package should show a version.

# %%
import platform
from importlib.metadata import PackageNotFoundError, version

print(f"{'Python':11} {platform.python_version()}")
for name in ("numpy", "matplotlib", "ipywidgets", "anywidget"):
    try:
        print(f"{name:11} {version(name)}")
    except PackageNotFoundError:
        print(f"{name:11} is missing. What to do says:")
        print("    from rollout_lab.doctor import diagnose; diagnose(student=True)")

# %% [markdown]
# Move the slider. The text below it should follow. If you see no slider, go on all the same: every widget has a picture or a text
# that says the same, and every question can be answered in code; the line for it stands below the question.

# %%
from rollout_lab.explorers.slider import slider_check

slider_check()

# %%
from rollout_lab.models import ModelNotFetched, model_path

try:
    model_path()
    print("The language model is here: you can run sentences of your own through it.")
except ModelNotFetched:
    print("The language model (83 MB) is not here yet. Lessons 00 to 03 do without it.")
    print("To fetch it, run this in a cell of its own:")
    print("    from rollout_lab.models import fetch_model; fetch_model()")

# %% [markdown]
# ## Check your matrices
#
# Five short questions. Answer them from memory: a wrong answer tells you what to look at in the refresher below.

# %%
practice("shape-of-a-product")

# %%
practice("row-of-a-product")

# %%
practice("order-of-factors")

# %%
practice("row-sums-of-a-product")

# %%
practice("multiplying-by-identity")

# %% [markdown]
# ## A matrix refresher
#
# All five right? Skip this section. Otherwise unfold it.
#
# <details>
# <summary><b>A product of two 2 by 2 matrices, by hand</b></summary>
#
# Take `P = [[1/2, 1/2], [0, 1]]` and `Q = [[1, 0], [1/4, 3/4]]`.
#
# **Row `i` of `P @ Q` mixes the rows of `Q`, with row `i` of `P` as the weights.**
#
# - Row 0 of `P` is (½, ½). So row 0 of the product is ½ · (1, 0) + ½ · (¼, ¾) = (⅝, ⅜).
# - Row 1 of `P` is (0, 1). So row 1 of the product is 0 · (1, 0) + 1 · (¼, ¾) = (¼, ¾).
#
# **Shapes.** `(n, m) @ (m, k)` gives `(n, k)`: the inner axes must agree, and they are summed over.
#
# **Row sums.** The rows of `P` and of `Q` sum to 1 and hold nothing negative: both are *row-stochastic*. So each row of the product is
# a mixture of rows that sum to 1, with weights that sum to 1. It sums to 1 itself: ⅝ + ⅜ = 1.
#
# **Order.** In `Q @ P` the rows of `Q` are the weights and the rows of `P` are mixed. Row 0 is 1 · (½, ½) + 0 · (0, 1) = (½, ½),
# not (⅝, ⅜).
#
# **Identity.** Row `i` of `I` takes all of row `i` and nothing else, so `I @ P = P` and `P @ I = P`. Do not confuse `@` with `*`, which
# multiplies entry by entry: `I * P` keeps the diagonal alone.
#
# </details>
#
# The same in NumPy:

# %%
P = np.array([[1 / 2, 1 / 2], [0, 1]])
Q = np.array([[1, 0], [1 / 4, 3 / 4]])
print("P @ Q =", (P @ Q).tolist(), " rows sum to", (P @ Q).sum(axis=1))
print("Q @ P =", (Q @ P).tolist(), " rows sum to", (Q @ P).sum(axis=1))
print("same?  ", np.allclose(P @ Q, Q @ P), "   I @ P is P:", np.allclose(np.eye(2) @ P, P))

# %%
practice("fill-in-a-product")

# %% [markdown]
# ## Notation and glossary
#
# Nothing to learn by heart here: come back when you need it.
#
# | symbol | meaning |
# |---|---|
# | `L`, `H`, `N` | number of layers, of heads in a layer, of positions (tokens) |
# | `A_l`, or `A` for any layer | the attention matrix of layer `l`, shape `(N, N)` once its heads are averaged |
# | `A[i, j]` | how much **query position `i` reads from key position `j`**; each row sums to 1 |
# | `I` | the identity matrix |
# | `Â_l` | the layer with the residual connection counted in: lesson 03 |
# | `R` | the rollout, shape `(N, N)` |
# | `R[i, j]` | how much **output position `i` draws from input position `j`** |
# | `R = A_L @ ... @ A_1` | **the last layer stands on the left**, the first on the right |
# | A → C → B | arrows follow the information, from source to output: C reads A, then B reads C |
#
# On paper layers and heads count from 1. In code indices count from 0: `attentions[0]` is layer 1.
#
# | word | what it means here |
# |---|---|
# | query | the vector with which a position asks; it belongs to the reader, row `i` |
# | key | the vector by which a position is found; it belongs to what is read, column `j` |
# | value | the vector that is handed over when a position is read |
# | head | one of several attentions that work side by side in a layer |
# | layer | one step of the model: every position reads others, then is processed further |
# | residual connection | a layer adds what it computes to what it received: `x + Attention(x)` |
# | row-stochastic | no entry is negative and every row sums to 1 |
# | attention sink | a position that most others read a lot, though it has little to say |
# | over-smoothing | more and more layers make the rows of `R` alike |
# | path | one link in each layer, from an input position up to an output position; it weighs the product of its links |
# | rollout | one matrix for all layers: the product of their attention matrices, with or without residual |
# | blank-out | hide one token and measure how much the output changes |
# | faithfulness | whether an explanation agrees with what the model really uses |

# %% [markdown]
# ## Summary
#
# - **Exact.** An entry of the rollout is a sum over paths, and a path's weight is a product. Products of row-stochastic matrices are
#   row-stochastic, and their order matters.
# - **Assumed.** That heads may be averaged, that the residual carries half of each layer, and that a weight tells how much is taken
#   over whatever the values are. The lessons open these one by one.
# - **Measured here.** In one sentence and one model: through all layers `good` draws most from `[CLS]`, and `not` does not stand out.

# %% [markdown]
# ## Sources
#
# - S. Abnar and W. Zuidema (2020). Quantifying Attention Flow in Transformers. *Proceedings of ACL 2020*. Attention rollout.
# - A. Vaswani, N. Shazeer, N. Parmar, J. Uszkoreit, L. Jones, A. N. Gomez, Ł. Kaiser and I. Polosukhin (2017). Attention Is All You Need.
#   *Advances in Neural Information Processing Systems 30*. The transformer: queries, keys, values, heads.
# - W. Wang, F. Wei, L. Dong, H. Bao, N. Yang and M. Zhou (2020). MiniLM: Deep Self-Attention Distillation for Task-Agnostic Compression of
#   Pre-Trained Transformers. *Advances in Neural Information Processing Systems 33*. The model family behind the maps; the model here is
#   all-MiniLM-L6-v2, trained further for sentence embeddings.
#
# **Next:** open `01_single_layer_attention.ipynb`. There is no quiz after this one.
