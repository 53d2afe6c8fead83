"""Attention flow as it came out where SciPy was there, for kernels that have none."""

from importlib.resources import files
from typing import NamedTuple

import numpy as np

_FILE = files(__package__) / "data" / "applications" / "flows.npz"
RANDOM_DEPTHS = range(1, 8)


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
