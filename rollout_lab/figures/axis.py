"""From values to inches along one side of a frame, with ticks at round numbers."""

import numpy as np
from matplotlib.ticker import MaxNLocator


class Axis:
    """Values `low` to `high` laid over `length` inches that start at `start`."""

    def __init__(self, low: float, high: float, *, start: float, length: float, log: bool = False):
        if log and low <= 0:
            raise ValueError(f"a logarithmic axis needs values above 0, found {low:g}.")
        self.low, self.high = float(low), float(high if high > low else low + 1)
        self.start, self.length, self.log = start, length, log

    def at(self, values):
        """Where values lie, in inches."""
        scale = np.log10 if self.log else np.asarray
        low, high = scale(self.low), scale(self.high)
        return self.start + self.length * (scale(np.asarray(values, dtype=float)) - low) / (high - low)

    def ticks(self, most: int = 5) -> list[tuple[float, str]]:
        """Round values within the axis and how they are written, about `most` intervals of them."""
        if self.log:
            decades = 10.0 ** np.arange(np.floor(np.log10(self.low)), np.ceil(np.log10(self.high)) + 1)
            values = np.unique(np.outer(decades, (1, 2, 5) if len(decades) <= 3 else (1,)))
        else:
            locator = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10])
            values = np.asarray(locator.tick_values(self.low, self.high))
        slack = 1e-9 * (self.high - self.low)
        inside = values[(values >= self.low - slack) & (values <= self.high + slack)]
        return [(float(value), f"{value:g}") for value in np.round(inside, 12) + 0.0]
