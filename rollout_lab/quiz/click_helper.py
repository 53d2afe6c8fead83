"""The click helper of the quiz notebooks: options as buttons above a record that is plain text."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .answers import Judged
from .grading import CANNOT_BE_CHECKED, judge, keep_self_check
from .key import UnreadableKey, unseal
from .names import answer_name
from .scoring import read_letter, render

if TYPE_CHECKING:
    from .widget import OptionsWidget


def choose(
    item: str, answer: Any = "", *, keys: Mapping[str, str] | None = None, **options: str
) -> OptionsWidget | None:
    """Show the options of a question as buttons; a click writes the letter into the cell.

    Parameters
    ----------
    item : str
        The question's id.
    answer : str
        The letter recorded so far, which the cell assigns to `answer_<item>`.
    keys : mapping, optional
        Sealed keys by item, in self-check notebooks: with them a click is judged at once.
    **options : str
        The options' texts by letter.

    Returns
    -------
    OptionsWidget or None
        None where nobody could click: the options are in the call.
    """
    if "NBGRADER_EXECUTION" in os.environ:
        return None
    from .widget import OptionsWidget

    letters = list(options)
    variable = answer_name(item)
    widget = OptionsWidget(
        label=f"Options of question {item}",
        options=list(options.items()),
        variable=variable,
        chosen=read_letter(answer, letters) or "",
    )
    widget.kind, widget.item, widget.how = "record", item, f'{variable} = "{letters[0]}"'
    if keys is not None:
        widget.kept_as = f"self-check-{item}"
        widget.told_of = lambda letter: _verdict(item, letter, keys)[0]
    widget.tell(*_message(widget, keys))

    def clicked(_change: object) -> None:
        from IPython import get_ipython

        if (shell := get_ipython()) is not None:  # the check below is to see what the cell now says
            shell.user_ns[variable] = widget.chosen
        widget.tell(*_message(widget, keys))

    widget.observe(clicked, "clicks")
    return widget


def _message(widget: OptionsWidget, keys: Mapping[str, str] | None) -> Judged:
    """The message on the letter chosen, and what it shows where a key is there to tell."""
    chosen, line, item = widget.chosen, f'{widget.variable} = "{widget.chosen or "A"}"', widget.item
    if not chosen:
        return Judged(f"Click an option, or write its letter yourself: `{line}`")
    record = f"The cell says `{line}`. Save the notebook to keep it."
    if widget.clicks and widget.written != chosen:
        record = f"The cell could not be written from here. Write this line into it: `{line}`"
    if keys is None:
        return Judged(record)
    told, keep = _verdict(item, chosen, keys)
    return told._replace(feedback=f"{told.feedback}\n{record}", belief=keep())


def _verdict(item: str, letter: str, keys: Mapping[str, str]) -> tuple[Judged, Callable[[], str]]:
    """What the sealed key tells of a letter, and what keeps it: that returns the belief which it shows."""
    try:
        sealed = keys.get(item, "")
        key = unseal(sealed)
    except UnreadableKey as error:
        return Judged(CANNOT_BE_CHECKED.format(item, error)), lambda: ""
    verdict = judge(item, {answer_name(item): letter}, key)
    mark = {1.0: "right", 0.0: "wrong"}.get(verdict.credit, "partly")
    return Judged(render(verdict), mark), lambda: keep_self_check(verdict, key, sealed)
