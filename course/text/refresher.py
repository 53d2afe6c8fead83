# %% [markdown]
# # Refresher: matrices, and is everything here?
#
# ## What you will be able to do
#
# In {minutes} minutes, less if you skip what you know. Then you can
#
# - multiply two small matrices by hand, and say what a row of the product is made of;
# - tell whether this machine has all that the lessons need.
#
# This notebook is optional. Come here before [lesson 00](00_start_here.ipynb) or from any lesson. The whole course on one page: the
# [cheat sheet](cheat_sheet.html).

# %%
import numpy as np

from rollout_lab.quiz import practice

# %% [markdown]
# ## Check your matrices
#
# Five short questions. Answer them from memory. A wrong answer tells you what to look at in the next section.

# %%
# Check yourself
practice("shape-of-a-product")

# %%
# Check yourself
practice("row-of-a-product")

# %%
# Check yourself
practice("order-of-factors")

# %%
# Check yourself
practice("row-sums-of-a-product")

# %%
# Check yourself
practice("multiplying-by-identity")

# %% [markdown]
# ## A matrix refresher
#
# All five right? Skip this section.
#
# Take
#
# $$P = \begin{pmatrix} \tfrac12 & \tfrac12 \\ 0 & 1 \end{pmatrix} \qquad Q = \begin{pmatrix} 1 & 0 \\ \tfrac14 & \tfrac34 \end{pmatrix}$$
#
# **Row $i$ of $PQ$ mixes the rows of $Q$, with row $i$ of $P$ as the weights.**
#
# - Row 0 of $P$ is $(\tfrac12, \tfrac12)$. So row 0 of the product is
#   $\tfrac12 \cdot (1, 0) + \tfrac12 \cdot (\tfrac14, \tfrac34) = (\tfrac58, \tfrac38)$.
# - Row 1 of $P$ is $(0, 1)$. So row 1 of the product is $0 \cdot (1, 0) + 1 \cdot (\tfrac14, \tfrac34) = (\tfrac14, \tfrac34)$.
#
# **Shapes.** $(n, m)$ times $(m, k)$ gives $(n, k)$: the inner axes must agree, and they are summed over.
#
# **Row sums.** The rows of $P$ and of $Q$ sum to 1 and hold nothing negative: both are *row-stochastic*. So each row of the product is a
# mixture of rows that sum to 1, with weights that sum to 1. It sums to 1 itself: $\tfrac58 + \tfrac38 = 1$.
#
# **Order.** In $QP$ the rows of $Q$ are the weights and the rows of $P$ are mixed. Row 0 is
# $1 \cdot (\tfrac12, \tfrac12) + 0 \cdot (0, 1) = (\tfrac12, \tfrac12)$, not $(\tfrac58, \tfrac38)$.
#
# **Identity.** Row $i$ of $I$ takes all of row $i$ and nothing else, so $IP = P$ and $PI = P$. Do not confuse `@` with `*`, which
# multiplies entry by entry: `I * P` keeps the diagonal alone.
#
# The same in NumPy:

# %%
P = np.array([[1 / 2, 1 / 2], [0, 1]])
Q = np.array([[1, 0], [1 / 4, 3 / 4]])
print("P @ Q =", (P @ Q).tolist(), " rows sum to", (P @ Q).sum(axis=1))
print("Q @ P =", (Q @ P).tolist(), " rows sum to", (Q @ P).sum(axis=1))
print("same?  ", np.allclose(P @ Q, Q @ P), "   I @ P is P:", np.allclose(np.eye(2) @ P, P))

# %%
# Check yourself
practice("fill-in-a-product")

# %% [markdown]
# ## Is everything here?
#
# The next cell looks at your installation and says how to mend what is missing.

# %%
from rollout_lab.doctor import diagnose

diagnose(student=True)

# %% [markdown]
# Move the slider. The text below it should follow. If you see no slider, go on all the same: every widget has a picture or a text that
# says the same, and every question can be answered in code. The line for that stands below the question.

# %%
# Explorer: a slider to try
from rollout_lab.explorers.slider import slider_check

slider_check()

# %% [markdown]
# To run sentences of your own you need the language model (83 MB; on the course's website 25 MB). Lessons 00 to 03 do without it.

# %%
from rollout_lab.models import ModelNotFetched, model_path

try:
    model_path()
    print("The language model is here: you can run sentences of your own through it.")
except ModelNotFetched:
    print("The language model is not here yet. To fetch it, run this in a cell of its own:")
    print("    from rollout_lab.models import fetch_model; fetch_model()")

# %% [markdown]
# **Next:** [lesson 00](00_start_here.ipynb), or where you came from.
