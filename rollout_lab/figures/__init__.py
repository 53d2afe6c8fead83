"""Static figures of attention: each one says its finding in words, too.

Every function returns a `Figure`, a matplotlib figure without pyplot. `title` says the finding in a sentence;
`alt` replaces the computed text alternative. What does not fit together is refused with ValueError, TypeError
or IndexError.
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
