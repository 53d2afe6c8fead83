"""The widgets of questions and tasks: what a student does reaches the kernel, whose words come back."""

from __future__ import annotations

import json
import re
from html import escape

import anywidget
import traitlets

from rollout_lab._widget_output import BUNDLES, GO_ON, SavedAsHtml

from .schema import Task

_SIGNS = {"right": "✓", "wrong": "✗", "partly": "◐", "": ""}


class _Asked(SavedAsHtml, anywidget.AnyWidget):
    """What is common to whatever asks: the question, and what the kernel says of the last answer.

    ``lead`` and ``question`` stand above; ``status`` is what is said, one thing a line; ``verdict`` is
    "right", "wrong" or "partly", "" where nobody judges the answer. ``answered`` counts the answers that the
    kernel has seen: a browser that has given more of them shows none of its words. ``how`` is Python with
    which one answers where no widget is shown. ``kind`` and ``item`` name what is asked.
    """

    lead = traitlets.Unicode().tag(sync=True)
    question = traitlets.Unicode().tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    verdict = traitlets.Enum(list(_SIGNS), "").tag(sync=True)
    answered = traitlets.Int().tag(sync=True)

    kind, item, how = "", "", ""
    count = ""  # the name of the trait that counts answers

    def tell(self, status: str, verdict: str = "") -> None:
        """Say something of the answer that was given last."""
        with self.hold_sync():
            self.status, self.verdict, self.answered = status, verdict, getattr(self, self.count)
        self.save_again()

    def saved_text(self) -> str:
        return repr(self)

    def saved_html(self) -> str:
        lead = f"<strong>{_marked(self.lead)}</strong> " if self.lead else ""
        question = f"<p>{lead}{_marked(self.question)}</p>" if self.question else ""
        said = f"{_SIGNS[self.verdict]} {self.status}".strip().split("\n") if self._is_answered() else []
        data = f'data-kind="{self.kind}" data-item="{escape(self.item)}" data-verdict="{self.verdict}"'
        return (
            f'<section class="rollout-question" {data}>'
            f"{question}{self._body()}{''.join(f'<p>{_marked(line)}</p>' for line in said)}"
            f"<p>{GO_ON} Without buttons: <code>{escape(self.how)}</code></p></section>"
        )

    def _is_answered(self) -> bool:
        raise NotImplementedError

    def _asked_text(self) -> list[str]:
        return [f"{self.lead} {self.question}".strip()] if self.question else []

    def _body(self) -> str:
        raise NotImplementedError


class OptionsWidget(_Asked):
    """Options as buttons, with a line of text below that says what a click came to.

    ``variable`` names the variable to which the cell assigns the letter; "" for none. ``chosen``
    is the letter last clicked, ``written`` the letter that stands in the cell thanks to a click,
    ``clicks`` counts, so that a second click on the same option is seen too.
    """

    _esm = BUNDLES / "options.js"
    _css = BUNDLES / "options.css"
    count, kind = "clicks", "choice"

    label = traitlets.Unicode().tag(sync=True)
    options = traitlets.List().tag(sync=True)
    variable = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    written = traitlets.Unicode().tag(sync=True)
    clicks = traitlets.Int().tag(sync=True)

    def __repr__(self) -> str:
        """What a front end without widgets shows."""
        lines = [f"{letter}) {text}" for letter, text in self.options]
        chosen = [f"Your answer: {self.chosen}"] if self.chosen else []
        how = ["To answer, run this line with your letter:", self.how] if self.how else []
        return "\n".join([*(self._asked_text() or [self.label]), *lines, *chosen, self.status, *how])

    def _is_answered(self) -> bool:
        return bool(self.chosen)

    def _body(self) -> str:
        def item(letter: str, text: str) -> str:
            mine = letter == self.chosen
            mark = f" <em>({_SIGNS[self.verdict]} your answer)</em>".replace("( ", "(") if mine else ""
            chosen = ' data-chosen="true"' if mine else ""
            return f'<li data-letter="{letter}"{chosen}><strong>{letter})</strong> {_marked(text)}{mark}</li>'

        items = "".join(item(letter, text) for letter, text in self.options)
        return f'<ul style="list-style:none" data-chosen="{self.chosen}">{items}</ul>'


_ASKED = {
    "number": "Type your number and press Enter, or Check.",
    "order": "Bring the pieces into order, then Check.",
    "entry": "Click the entry, or go there with the arrow keys and press Enter.",
}
_EXAMPLES = {
    "number": '"1/4"',
    "order": "{places}",
    "entry": "[0, 1]",
}
_REMARKS = {
    "number": "",
    "order": "  # the places of the pieces above, counted from 0, in your order",
    "entry": "  # row and column, counted from 0",
}


class TaskWidget(_Asked):
    """A number to type, pieces to bring into order or an entry to point at, and what that came to.

    ``given`` is what the student gave last: text, or a list of places; ``tries`` counts, so that the same
    answer given again is seen too.
    """

    _esm = BUNDLES / "task.js"
    _css = BUNDLES / "task.css"
    count = "tries"

    task = traitlets.Dict().tag(sync=True)
    given = traitlets.Any().tag(sync=True)
    tries = traitlets.Int().tag(sync=True)

    def __init__(self, item: Task, **traits):
        self._item, self.kind, self.item = item, item.kind, item.id
        example = _EXAMPLES[item.kind].format(places=list(range(len(item.pieces))))
        self.how = f"practice({item.id!r}, {example}){_REMARKS[item.kind]}"
        matrices = [vars(matrix) | {"hole": matrix.hole()} for matrix in item.matrices]
        task = {"kind": item.kind, "pieces": item.pieces, "matrices": matrices, "asked": _ASKED[item.kind]}
        super().__init__(task=task, given=None, status=_ASKED[item.kind], question=item.stem, **traits)

    def __repr__(self) -> str:
        """What a front end without widgets shows."""
        lines = [f"{place}: {piece}" for place, piece in enumerate(self._item.pieces)]
        for matrix in self._item.matrices:
            lines += [f"{matrix.name}, columns {', '.join(matrix.columns)}"]
            lines += [
                f"  {row}: {'  '.join(values)}"
                for row, values in zip(matrix.rows, matrix.values, strict=True)
            ]
        said = [f"Your answer: {self.given}", self.status] if self._is_answered() else []
        return "\n".join(
            [*self._asked_text(), *lines, *said, "To answer, run this line with your answer:", self.how]
        )

    def _is_answered(self) -> bool:
        return self.given is not None

    def _body(self) -> str:
        parts = [_table(matrix) for matrix in self._item.matrices]
        if self._item.pieces:
            order = self.given or range(len(self._item.pieces))
            pieces = (f'<li data-place="{k}">{_marked(self._item.pieces[k])}</li>' for k in order)
            parts.append(f"<ol>{''.join(pieces)}</ol>")
        elif self.given is not None:
            given = escape(json.dumps(self.given, default=str))
            words = escape(self._given_in_words())
            parts.append(f'<p>Your answer: <strong data-given="{given}">{words}</strong></p>')
        return "".join(parts)

    def _given_in_words(self) -> str:
        if self._item.kind == "number":
            return str(self.given)
        (matrix,), (i, j) = self._item.matrices, self.given
        return f"row {matrix.rows[i]}, column {matrix.columns[j]}"


def _table(matrix) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in matrix.columns)
    rows = ""
    for name, values in zip(matrix.rows, matrix.values, strict=True):
        cells = "".join(f"<td>{escape(value)}</td>" for value in values)
        rows += f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
    head = f"<thead><tr><td></td>{head}</tr></thead>"
    return f"<table><caption>{_marked(matrix.name)}</caption>{head}<tbody>{rows}</tbody></table>"


def _marked(text: str) -> str:
    """Text in which `code` stands between backticks, as HTML."""
    return re.sub("`([^`]*)`", r"<code>\1</code>", escape(text, quote=False))
