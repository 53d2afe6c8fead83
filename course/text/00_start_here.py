# %% [markdown]
# # Start here: who holds the letter?
#
# Ten cards lie on a table. `8:c→9` is card 8: it holds the letter c and points to card 9. The question `?8` asks: **which letter is on
# the card that card 8 points to?** A small transformer of two layers was trained on such questions. Here it answers d, the letter of
# card 9, and that is right. But the question may look at card 8 only, never at card 9. How did the d get there?
#
# The input is at the bottom, the output on top. Follow the thick line. **Shift+Enter** runs a cell: press it twice, and the picture comes
# alive. Then point at other cards.

# %%
# Explorer: how did the letter reach the question?
from itertools import permutations

import numpy as np

from rollout_lab import fuse_heads, rollout
from rollout_lab.explorers import overview, path_tracer
from rollout_lab.figures import grouped_bars
from rollout_lab.models import example_names, load_example, load_pointer_model
from rollout_lab.models import paper_example, sample_task
from rollout_lab.quiz import before, practice, predict, progress_overview, reveal

cards = sample_task("gate", 1, np.random.default_rng(1))  # the first case that is drawn
prediction, attentions = load_pointer_model("gate").run(cards)
attentions, tokens = attentions[:, 0], cards.tokens()
question, source, via = cards.reader, cards.source[0], cards.via[0]
path_tracer(attentions, tokens, output=question, source=source, k=1, residual="none")

# %% [markdown]
# ## What you will be able to do
#
# In {minutes} minutes. Then you can
#
# - say in one sentence what attention rollout computes;
# - read the matrix of a layer, $A_l$, and the rollout $R$;
# - run, restart and save a lesson.
#
# You need NumPy and the matrix product. The optional [refresher](refresher.ipynb) tests both, and your installation. The course on one
# page: the [cheat sheet](cheat_sheet.html).
#
# ## Rollout in one picture
#
# A layer's **attention matrix**, its *map*, says who reads whom: $A_l[i, j]$ is how much position $i$ reads from position $j$ in layer
# $l$. In layer 1 card 8 reads card 9. In layer 2 the question reads card 8. Neither layer links the question to card 9. **Attention
# rollout** multiplies the maps, the last layer on the left, and asks: *after all layers, how much has output $i$ drawn from input $j$?*
#
# $$R = A_2 A_1 \qquad\text{and for } L \text{ layers}\qquad R = A_L \cdots A_2 A_1$$
#
# What does the question draw from card 9?

# %%
A_1, A_2 = fuse_heads(attentions)  # a layer has two maps, its heads: take their mean
R = A_2 @ A_1
print("the model answers", "abcdefghij"[prediction[0]])
for name, matrix in {"layer 1": A_1, "layer 2": A_2, "R": R}.items():
    print(f"{name}: {matrix[question, source]:.2f}")

# %% [markdown]
# **$R$ shows what no layer shows.** Does such a map tell what a model *used*? Guess now; lesson 05 measures it in a language model.

# %%
# Question: does the map tell what the model used?
predict("00-what-the-model-used")

# %% [markdown]
# ### A surprise
#
# A layer also hands on what it received: this is the *residual connection*. Rollout usually counts it in, and calls the layer's matrix
# $\hat A_l$ then. Which card leads in which map?

# %%
# Picture: the row of the question in three maps
grouped_bars(
    {
        "layer 2 alone": A_2[question],
        "R": R[question],
        "R, with the residual": rollout(attentions)[question],
    },
    tokens,
    title="With the residual counted in, another card leads",
    xlabel="input card",
)

# %% [markdown]
# With the residual, card 8 leads, though it only passed the letter on. Card 9, the source, has less than half as much. The question keeps
# a quarter for itself. Lesson 03 says why. Lesson 04 counts which map finds the source.
#
# ### A real sentence
#
# MiniLM is a language model of six layers. Here are its maps of a sentence, and their product $R$. (`[CLS]` and `[SEP]` are marks that it
# puts around every text.) Point at a word: what does its row of $R$ draw from?

# %%
# Explorer: six layers and their product
example = load_example("negation")
good = example.tokens.index("good")
overview(example.attentions, example.tokens, query=good, residual=False)

# %%
# Question: how often does R show what no layer shows?
predict("00-above-every-layer")

# %%
# What came out
pairs, found = 0, []
for name in example_names():
    example = load_example(name)
    A = fuse_heads(example.attentions)
    above = rollout(A, residual="none") > A.max(axis=0)
    words = [k for k, token in enumerate(example.tokens) if token[-1].isalpha()]
    for i, j in permutations(words, 2):
        pairs += 1
        if above[i, j]:
            found.append(f"“{example.tokens[j]}”")
reveal(
    "00-above-every-layer",
    len(found) / pairs,
    n=len(found),
    pairs=pairs,
    words=", ".join(set(found)),
)

# %% [markdown]
# So a sentence is not a row of cards. What is rollout good for there, and what not?
#
# ## The matrix of a layer
#
# **$A_l[i, j]$ says how much query position $i$ reads from key position $j$.** The row belongs to the reader, the column to what is read.

# %%
# Question: what sums to 1?
predict("00-sums-to-one")

# %% [markdown]
# Here is a layer small enough for paper. C reads half from A and half from itself: $A_1[\text{C}, \text{A}] = \tfrac12$.
#
# | $A_1$ | A | B | C |
# |---|---|---|---|
# | **A** | 1 | 0 | 0 |
# | **B** | 0 | 1 | 0 |
# | **C** | ½ | 0 | ½ |

# %%
# What came out
first = paper_example().attentions[0, 0]  # layer 1 and its only head
sums = {"row": first.sum(axis=1), "column": first.sum(axis=0)}
which = [name for name, each in sums.items() if np.allclose(each, 1)]
rows, columns = (", ".join(f"{each:g}" for each in axis) for axis in sums.values())
reveal("00-sums-to-one", which, rows=rows, columns=columns)

# %%
# Check yourself
practice("who-reads-whom")

# %% [markdown]
# ## Before you begin
#
# Six questions on what the lessons teach: **guess quickly**. At the end of lesson 03 you answer six like them and see what you gained.

# %%
# Check yourself: six questions to begin with
before()

# %% [markdown]
# ## How to work here
#
# <details>
# <summary><b>Stop, restart, save, get a fresh copy: unfold it when you need it</b></summary>
#
# | you want to | do this |
# |---|---|
# | run a cell | **Shift+Enter**. `[*]` means it is running, a number means it is done |
# | see code that is folded away | click what stands in its place |
# | see the other lessons, and close their list again | click the folder at the left edge, or press **Ctrl+B** |
# | stop a cell that takes too long | the ■ button |
# | begin again | *Kernel → Restart Kernel and Run All Cells*. Your text stays, the variables go |
# | save | **Ctrl+S** (⌘S on a Mac), before you close the lesson |
# | get a fresh copy of a lesson | `from rollout_lab.working_copy import fresh_copy`, then `fresh_copy("01")` |
#
# </details>
#
# When you open a lesson tomorrow, you see it as it was saved. **Run its cells again, from the top**, and buttons and answers are back.
# Where is your work?
#
# - **On your computer** it is in a folder of your own, `my-course/`. **No update overwrites it**: a newer version of a lesson is laid
#   beside yours, with `new-version` in its name.
# - **In a browser, on the course's site,** the browser keeps it, for this site alone. *It may delete it*, when room is short or when you
#   clear the site's data. So download your answers now and then.
#
# What you have done so far, and your answers as one file, to take along or to delete:

# %%
# Picture: your progress
progress_overview()

# %%
# Explorer: all your answers in one file
from rollout_lab.quiz import your_answers

your_answers()

# %% [markdown]
# ## Notation and glossary
#
# <details>
# <summary><b>Nothing to learn by heart: unfold it when you need it</b></summary>
#
# | symbol | meaning |
# |---|---|
# | $L$, $H$, $N$ | number of layers, of heads in a layer, of positions (tokens) |
# | $A_l$, or $A$ for any layer | the attention matrix, or map, of layer $l$, shape $(N, N)$ once its heads are averaged |
# | $A[i, j]$ | how much **query position $i$ reads from key position $j$**; each row sums to 1 |
# | $\hat A_l = A_l + I$ | the layer with the residual connection counted in: lesson 03 |
# | $R$, $R[i, j]$ | the rollout, shape $(N, N)$; how much **output position $i$ draws from input position $j$** |
# | $R = A_L \cdots A_2 A_1$ | **the last layer stands on the left**, the first on the right |
# | A → C → B | arrows follow the information, from source to output: C reads A, then B reads C |
#
# On paper layers and heads count from 1. In code indices count from 0: `attentions[0]` is layer 1.
#
# | word | what it means here |
# |---|---|
# | query | the vector with which a position asks; it belongs to the reader, row $i$ |
# | key | the vector by which a position is found; it belongs to what is read, column $j$ |
# | value | the vector that a position hands over when it is read |
# | head | one of several attentions that work side by side in a layer |
# | layer | one step of the model: every position reads others, then is processed further |
# | state | the vector that stands at a position between two layers |
# | residual connection | a layer adds what it computes to what it received: $x + \text{Attention}(x)$ |
# | output projection, LayerNorm, MLP | steps of a layer after its heads; rollout leaves them out |
# | row-stochastic | no entry is negative and every row sums to 1 |
# | attention sink | a position that most others read a lot |
# | over-smoothing | more and more layers make the rows of $R$ alike |
# | path | one link in each layer, from an input position up to an output position; it weighs the product of its links |
# | hop | a link that goes through attention; the others go through the residual connection |
# | blank-out | hide one token and measure how much the output changes |
# | faithfulness | whether an explanation agrees with what the model really uses |
#
# </details>
#
# ## Summary
#
# - **Exact.** $R$ is a product of the layers' matrices, the last layer on the left. $R[i, j]$ can be large where $A_l[i, j]$ is 0 in every
#   layer.
# - **Assumed.** That heads may be averaged, that the residual carries half of each layer, and that a weight tells how much is taken over,
#   whatever the values are.
# - **Measured here.** In one case of a trained model, $R$ names the card that holds the letter. With the residual, the card in between
#   comes first. In 16 sentences, MiniLM's $R$ hardly ever links two words more strongly than every layer does.
#
# ## Sources
#
# - S. Abnar and W. Zuidema (2020). Quantifying Attention Flow in Transformers. *ACL 2020*.
# - A. Vaswani, N. Shazeer, N. Parmar, J. Uszkoreit, L. Jones, A. N. Gomez, Ł. Kaiser and I. Polosukhin (2017). Attention Is All You Need.
#   *NeurIPS 2017*.
# - W. Wang et al. (2020). MiniLM: Deep Self-Attention Distillation for Task-Agnostic Compression of
#   Pre-Trained Transformers. *NeurIPS 2020*. The family of the model; ours is all-MiniLM-L6-v2, trained further for sentence embeddings.
#
# **Next:** [lesson 01](01_single_layer_attention.ipynb).
