"""The click helper of the quiz notebooks: options as buttons above a record that is plain text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .keys import unseal
from .scoring import judge_choice, read_letter, render


def choose(item: str, answer: Any = "", *, keys: Mapping[str, str] | None = None, **options: str):
    """Show the options of a question as buttons; a click writes the letter into the cell.

    ``item`` is the question's id, ``answer`` the letter recorded so far (the cell assigns it to
    ``answer_<item>``), ``options`` are the texts by letter. With ``keys`` (sealed keys by item,
    in self-check notebooks) a click is judged at once. Returns the widget, or None where nobody
    could click: then the options are in the question's text.
    """
    if "NBGRADER_EXECUTION" in os.environ:
        return None
    from .widget import OptionsWidget

    letters = list(options)
    variable = f"answer_{item}"
    widget = OptionsWidget(
        label=f"Options of question {item}",
        options=list(options.items()),
        variable=variable,
        chosen=read_letter(answer, letters) or "",
    )
    widget.kind, widget.item, widget.how = "record", item, f'{variable} = "{letters[0]}"'
    widget.tell(*_said(widget, keys, item))

    def clicked(_change):
        _set_in_notebook(variable, widget.chosen)
        widget.tell(*_said(widget, keys, item))

    widget.observe(clicked, "clicks")
    return widget


_VERDICTS = {1.0: "right", 0.0: "wrong"}


def _said(widget, keys: Mapping[str, str] | None, item: str) -> tuple[str, str]:
    """What is said of the letter, and whether it is right where a key is there to tell."""
    chosen, variable = widget.chosen, widget.variable
    if not chosen:
        return f'Click an option, or write its letter yourself: `{variable} = "A"`', ""
    if widget.clicks and widget.written != chosen:
        record = (
            f'The cell could not be written from here. Write this line into it: `{variable} = "{chosen}"`'
        )
    else:
        record = f'The cell says `{variable} = "{chosen}"`. Save the notebook to keep it.'
    if keys is None:
        return record, ""
    judged = judge_choice(chosen, unseal(keys[item]))
    return f"{render(judged)}\n{record}", _VERDICTS.get(judged.credit, "partly")


def _set_in_notebook(variable: str, letter: str) -> None:
    """Give the running notebook the value that its cell now has, so that the check below sees it."""
    from IPython import get_ipython

    if (shell := get_ipython()) is not None:
        shell.user_ns[variable] = letter
