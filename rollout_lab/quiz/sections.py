"""Name the section of a lesson that is worth reading again, and link to it."""

import json
import re
from functools import cache
from importlib import resources
from pathlib import Path
from urllib.parse import quote

TITLES = "sections.json"
"""The titles of the lessons' sections by anchor; `rollout-lab build` writes it."""

LINK = re.compile(r"\[([^\]]+)\]\(((?:\.\./)?\w+\.ipynb#[^)\s]+)\)")
"""A Markdown link to a section, with its text and its address as groups."""


def without_links(text: str) -> str:
    """Text for a front end that shows no links."""
    return LINK.sub(r"\1", text)


@cache
def _titles() -> dict[str, str]:
    return json.loads((resources.files(__package__) / TITLES).read_text("utf-8"))


def read_again(anchor: str) -> str:
    """What to read again, in words.

    >>> read_again("02_matrix_product_rollout#the-order-matters")
    'Read again: lesson 02, “The order matters”.'
    """
    return f"Read again: {_named(anchor)}."


def read_again_link(anchor: str) -> str:
    """The same with a Markdown link that opens the section, where the lesson lies here or one folder above.

    >>> read_again_link("02_matrix_product_rollout#the-order-matters")
    'Read again: lesson 02, “The order matters”.'
    """
    notebook = f"{anchor.split('#')[0]}.ipynb"
    title = _titles().get(anchor)
    path = next((path for path in (notebook, f"../{notebook}") if Path(path).is_file()), None)
    if title is None or path is None:
        return read_again(anchor)
    heading = quote(title.replace(" ", "-"), safe=",")  # as JupyterLab names a heading
    return f"Read again: [{_named(anchor)}]({path}#{heading})."


def _named(anchor: str) -> str:
    lesson, section = anchor.split("#")
    number = re.match(r"[0-9]+(?=_)", lesson)
    title = _titles().get(anchor, section.replace("-", " "))
    return f"{f'lesson {number[0]}' if number else f'the {lesson}'}, “{title}”"
