"""A photograph in a vision transformer: its attention maps, and what greying out each patch changes.

Computed by `python -m tools.make_photograph`, which says from what.
"""

from dataclasses import dataclass, fields, replace
from importlib.resources import files

import numpy as np

_FILE = files(__package__) / "data" / "applications" / "photograph.npz"


@dataclass(frozen=True, eq=False)
class Trials:
    """How well several maps rank the patches, on several photographs.

    Fields: `inputs`, names of n inputs; `methods`, names of m maps; `rho` `(n, m)`, the rank correlation of
    each map with `Photograph.moved_cls`; `largest`, `largest_in_layer_1` and `largest_in_layer_12` `(n,)`,
    the patch with the largest weight in the [CLS] row of the rollout and of these layers, `largest_moved`
    the one that turns [CLS] furthest when it is greyed out; `share` `(n,)`, the first one's share of all
    patches in the rollout; `n_patches` `(n,)`; `boxes` `(n, 3)`, left, top and side of the square that was
    cut out, in pixels of the photograph.
    """

    inputs: tuple[str, ...]
    methods: tuple[str, ...]
    rho: np.ndarray
    largest: np.ndarray
    largest_in_layer_1: np.ndarray
    largest_in_layer_12: np.ndarray
    largest_moved: np.ndarray
    share: np.ndarray
    n_patches: np.ndarray
    boxes: np.ndarray

    @property
    def photographs(self):
        """The photograph that each input was cut from."""
        return tuple(name.split(",")[0] for name in self.inputs)

    def slide(self):
        """The crops of the coffee cup at 140 pixels alone, from the left one to the right one: `Trials`."""
        chosen = [k for k, name in enumerate(self.inputs) if name.startswith("coffee, 140")]
        chosen.sort(key=lambda k: self.boxes[k, 0])
        names = {field.name for field in fields(self)} - {"inputs", "methods"}
        rows = {name: getattr(self, name)[chosen] for name in names}
        return replace(self, inputs=tuple(self.inputs[k] for k in chosen), **rows)

    def corners(self, patches):
        """Left and top edge of a patch of each input, in pixels of its photograph: `(n, 2)`."""
        columns = np.sqrt(self.n_patches).round().astype(int)
        place = np.stack([patches % columns, patches // columns], axis=1)
        return self.boxes[:, :2] + place * (self.boxes[:, 2] / columns)[:, None]

    def places(self, patches):
        """How many different places of one photograph these are; two less than a patch apart are one.

        >>> slide = load_photograph().trials.slide()
        >>> len(slide.inputs), slide.places(slide.largest), slide.places(slide.largest_moved)
        (9, 5, 5)
        """
        found: list[np.ndarray] = []
        side = (self.boxes[:, 2] / np.sqrt(self.n_patches)).max()
        for corner in self.corners(patches):
            if all(np.abs(corner - other).max() >= side for other in found):
                found.append(corner)
        return len(found)


@dataclass(frozen=True, eq=False)
class Photograph:
    """A photograph cut into P patches, row by row, with what a vision transformer made of it.

    Fields: `pixels` `(140, 140, 3)` uint8; `grid`, rows and columns of patches; `tokens`, `[CLS]`, then a
    name for each patch, `"row,column"` from 0; `attentions` `(12, 1, 1 + P, 1 + P)` float32, averaged over
    six heads (stored in half precision, rows divided by their sums); `importance` `(P,)`, the model's output:
    how important each patch is to a viewer, from 0 to 1; `moved_cls` `(P,)`, how far the last [CLS] state
    turns (1 - cosine) when a patch is greyed out; `moved_output` `(P,)`, how much `importance` changes on
    average over the other patches; `residual_share` `(12,)`, as in `Encoding`, averaged over tokens;
    `trials`, the same comparison on more photographs.
    """

    pixels: np.ndarray
    grid: tuple[int, int]
    tokens: tuple[str, ...]
    attentions: np.ndarray
    importance: np.ndarray
    moved_cls: np.ndarray
    moved_output: np.ndarray
    residual_share: np.ndarray
    trials: Trials


def load_photograph():
    """The bundled photograph of a coffee cup, as a `Photograph`.

    >>> photograph = load_photograph()
    >>> photograph.attentions.shape, photograph.tokens[:3]
    ((12, 1, 101, 101), ('[CLS]', '0,0', '0,1'))
    """
    with _FILE.open("rb") as file, np.load(file) as stored:
        kept = {name: stored[name] for name in stored.files}
    rows, columns = (int(n) for n in kept.pop("grid"))
    attentions = kept.pop("attentions").astype(np.float32)
    trials = {
        name.removeprefix("trials_"): kept.pop(name) for name in list(kept) if name.startswith("trials_")
    }
    for names in ("inputs", "methods"):
        trials[names] = tuple(trials[names].tolist())
    return Photograph(
        grid=(rows, columns),
        tokens=("[CLS]", *(f"{row},{column}" for row in range(rows) for column in range(columns))),
        attentions=attentions / attentions.sum(axis=-1, keepdims=True),
        trials=Trials(**trials),
        **kept,
    )
