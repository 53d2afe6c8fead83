"""Static figures of attention: each one says its finding in words, too.

Every function returns a `Figure`, an ordinary matplotlib figure with a text alternative in `.alt`. In a
notebook it shows itself as an `<img alt=...>` on white, so that it reads in light and dark themes and in a
screen reader. Nothing here touches pyplot: no global state, nothing to close.

Of every function `title` says the finding, as a sentence, and `alt` replaces the computed text alternative.
What does not fit together is refused with ValueError, TypeError or IndexError.
"""

from .bars import grouped_bars, row_bars
from .curves import lines
from .graph import layered_graph
from .matrices import heatmap, heatmaps
from .patches import patch_maps
from .picture import Figure, Pictures, side_by_side

__all__ = [
    "Figure",
    "Pictures",
    "grouped_bars",
    "heatmap",
    "heatmaps",
    "layered_graph",
    "lines",
    "patch_maps",
    "row_bars",
    "side_by_side",
]
