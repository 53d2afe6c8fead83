"""How often does a method put its largest weight on the true source?"""

import numpy as np

from rollout_lab.rollout import FORMULAS, rollout
from rollout_lab.successors import alti, gradient_attention, value_norms

from .blank_out_study import t_interval


def reader_rows(attentions, reader):
    """What each method says that the reader draws from every position.

    Parameters
    ----------
    attentions : (L, n, H, N, N)
        As `PointerModel.run` gives them.
    reader : int
        The position whose row is read.

    Returns
    -------
    dict of name -> (n, N)
        The reader's row in every single layer ("layer 1", ...), heads averaged; the mean over all rows of
        every layer ("mean row, layer 1", ...), which does not look at the reader at all; and its row in the
        rollout by each of `FORMULAS`.

    Examples
    --------
    >>> rows = reader_rows(np.full((2, 1, 1, 3, 3), 1 / 3), reader=2)
    >>> list(rows)
    ['layer 1', 'layer 2', 'mean row, layer 1', 'mean row, layer 2', 'none', 'recursion', 'identity']
    """
    layers = np.asarray(attentions).mean(axis=2)
    rows = {f"layer {k}": A[:, reader] for k, A in enumerate(layers, 1)}
    rows |= {f"mean row, layer {k}": A.mean(axis=1) for k, A in enumerate(layers, 1)}
    return rows | {
        formula: rollout(layers, residual=formula, heads=None, queries=reader) for formula in FORMULAS
    }


def successor_rows(model, cases):
    """What the successors of rollout say that the reader draws from every position.

    Parameters
    ----------
    model : PointerModel
    cases : Cases
        n cases of its task.

    Returns
    -------
    dict of name -> (n, N)
        The reader's row by "gradient × attention", of the score of the model's own answer; by "ALTI"; by
        "value norms", rolled out with the identity at one half, and "value norms, last layer", of that layer
        alone. And a guess that looks at no attention: "longest input vector", the length of each position's
        embedding, without what is added for its place.

    Examples
    --------
    >>> from rollout_lab.models import load_pointer_model, sample_task
    >>> cases = sample_task("gate", 50, np.random.default_rng(1))
    >>> rows = successor_rows(load_pointer_model("gate"), cases)
    >>> float(finds_source(rows["gradient × attention"], cases).mean())
    1.0
    """
    reader, forward = cases.reader, model.forward(cases)
    blocks, gradients = model.blocks(cases, forward), model.attention_gradients(cases, forward)
    attentions = np.stack([block.attention for block in blocks])
    norms = [value_norms(block.attention, block.values, block.output) for block in blocks]
    return {
        "gradient × attention": gradient_attention(attentions, gradients)[:, reader],
        "ALTI": alti(blocks, queries=reader),
        "value norms": rollout(norms, heads=None, renormalize=True, queries=reader),
        "value norms, last layer": norms[-1][:, reader],
        "longest input vector": np.linalg.norm(cases.inputs @ model.weights["embedding"], axis=-1),
    }


def finds_source(rows, cases):
    """Whether a row puts its largest weight on the source.

    Parameters
    ----------
    rows : (n, N)
        One row of weights for each case.
    cases : Cases
        Every slot may be the answer; the reader itself does not count.

    Returns
    -------
    (n,) bool
        True where the source has more weight than every other slot. A tie is no find.

    Examples
    --------
    >>> from rollout_lab.models import sample_task
    >>> cases = sample_task("gate", 4, np.random.default_rng(0))
    >>> bool(finds_source(np.eye(11)[cases.source], cases).all())
    True
    >>> bool(finds_source(np.ones((4, 11)), cases).any())
    False
    """
    rows = np.array(rows, dtype=float)
    every = np.arange(len(rows))
    on_source = rows[every, cases.source]
    rows[every, cases.source] = -np.inf
    rows[:, cases.reader] = -np.inf
    return on_source > rows.max(axis=1)


def mean_and_interval(values, limits=(0, 1)):
    """The mean over seeds and its 95 % interval, by Student's t.

    Parameters
    ----------
    values : (seeds, ...)
        A share for each seed; fewer than two seeds raise ValueError.
    limits : (low, high)
        Where the interval is cut off: for shares at 0 and 1, for differences of shares at -1 and 1.

    Returns
    -------
    mean, low, high : each (...)
        It says how far other seeds would move the mean. Where all seeds agree its width is 0, which is not
        certainty: each seed's share rests on a finite number of cases.

    Examples
    --------
    >>> mean, low, high = mean_and_interval([0.2, 0.3, 0.4])
    >>> float(mean.round(3)), float(low.round(3)), float(high.round(3))
    (0.3, 0.052, 0.548)
    """
    values = np.atleast_1d(values)
    mean, low, high = t_interval(values, np.arange(len(values)))
    return np.asarray(mean)[()], np.clip(low, *limits), np.clip(high, *limits)
