"""Attention flow as it came out where SciPy was there, for kernels that have none."""

from importlib.resources import files
from typing import NamedTuple

import numpy as np

from rollout_lab.attention import softmax
from rollout_lab.flow import attention_flow
from rollout_lab.rollout import add_identity

_FILE = files(__package__) / "data" / "applications" / "flows.npz"
RANDOM_DEPTHS, RANDOM_SEEDS, RANDOM_TOKENS = range(1, 8), range(3), 6


class RecordedFlows(NamedTuple):
    """`to_cls`: by the name of a bundled sentence, the flow from each input to output `[CLS]`, `(N,)`;
    `saturated`: by number of layers of random attention, the share of flows that equal
    min(1, what the input can send up through layer 1), over seeds 0 to 2 and 6 tokens.
    """

    to_cls: dict[str, np.ndarray]
    saturated: dict[int, float]


def recorded_flows():
    """The bundled flows, as `RecordedFlows`.

    >>> recorded_flows().saturated[1]
    0.0
    """
    with _FILE.open("rb") as file, np.load(file) as stored:
        kept = {name: stored[name] for name in stored.files}
    saturated = dict(zip(RANDOM_DEPTHS, kept.pop("saturated").tolist(), strict=True))
    return RecordedFlows(kept, saturated)


def random_layers(depth, seed):
    """Attention `(depth, 6, 6)` that means nothing: the softmax of normally distributed scores."""
    return softmax(np.random.default_rng(seed).normal(size=(depth, RANDOM_TOKENS, RANDOM_TOKENS)))


def saturated_share(attentions):
    """Of the flows through fused layers `(L, N, N)`, the share that the output makes no difference to.

    These equal the least of 1 and what the input can send up through layer 1. Raises `ModuleNotFoundError`
    without SciPy.
    """
    sent_up = add_identity(attentions[0]).sum(axis=0)
    flows = attention_flow(attentions, heads=None)
    return float(np.isclose(flows, np.minimum(1, sent_up), atol=1e-4).mean())
