"""The items that lessons ask, which come with the library: a folder of TOML files for each use."""

from functools import cache
from importlib import resources
from typing import Literal

from .schema import Item, load_item

Folder = Literal["practice", "predictions", "gaps", "breaks", "after"]
_ONE: dict[Folder, str] = {
    "practice": "practice item",
    "predictions": "prediction",
    "gaps": "gap",
    "breaks": "function to break",
    "after": "question",
}


def bundled_names(folder: Folder) -> list[str]:
    names = (file.name for file in (resources.files(__package__) / folder).iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


@cache
def bundled_item(folder: Folder, name: str) -> Item:
    """An item. Raises ValueError, with the names there are, if there is none of this name."""
    file = resources.files(__package__) / folder / f"{name}.toml"
    if not file.is_file():
        there_are = ", ".join(bundled_names(folder))
        raise ValueError(f"there is no {_ONE[folder]} {name!r}; there are: {there_are}")
    return load_item(file)
