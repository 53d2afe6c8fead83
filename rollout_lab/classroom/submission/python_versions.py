"""The gap between the version of Python that a notebook was written with and the one that ran it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

# How errors begin that an older Python may raise where a newer one would not.
NEWER = re.compile(
    r"SyntaxError: |ImportError: cannot import name |AttributeError: module .* has no attribute "
)


@dataclass(frozen=True)
class Gap:
    """A notebook was written with a newer Python than the one that ran it, both as in "3.13"."""

    written: str
    graded: str

    def explains(self, error: str) -> bool:
        """Whether an error, name and message, may come from the gap."""
        return NEWER.match(error) is not None

    @property
    def for_student(self) -> str:
        return (
            f"Your notebook was saved with Python {self.written} and graded with Python {self.graded}, which "
            "does not know all of the newer one. If this runs for you, tell your instructor."
        )

    def for_instructor(self, names: Iterable[str]) -> str:
        return (
            f"{', '.join(names)}: written with Python {self.written}, and Python {self.graded} could not run "
            f"it. To grade with the newer one: rollout-lab grade --python /path/to/python{self.written}"
        )


def version_gap(metadata: Mapping[str, Any], graded: str) -> Gap | None:
    """The gap, if any, between the Python that a notebook's metadata name and the one that ran it."""
    info = metadata.get("language_info")
    written, own = _minor(info.get("version") if isinstance(info, Mapping) else None), _minor(graded)
    if written is None or own is None or written <= own:
        return None
    return Gap(*(".".join(map(str, each)) for each in (written, own)))


def _minor(version: Any) -> tuple[int, int] | None:
    match = re.match(r"3\.(\d{1,3})\b", version) if isinstance(version, str) else None
    return (3, int(match[1])) if match else None


def tell_student(cell: NotebookNode, gap: Gap | None) -> bool:
    """Note in a cell's outputs that the gap may explain its error; returns whether it may."""
    errors = [output for output in cell.get("outputs", []) if output["output_type"] == "error"]
    if gap is None or not any(gap.explains(f"{each['ename']}: {each['evalue']}") for each in errors):
        return False
    cell.outputs.append(new_output("stream", name="stdout", text=gap.for_student + "\n"))
    return True
