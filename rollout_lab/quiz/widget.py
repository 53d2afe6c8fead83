"""The widgets of questions and tasks: what a student does reaches the kernel, whose words come back."""

import json
import re
from collections.abc import Callable
from html import escape
from typing import Any

import anywidget
import traitlets
from msgspec import to_builtins

from rollout_lab._widget_output import BUNDLES, GO_ON, SavedAsHtml

from .answers import Judged
from .kept_answers import MOST, Reply, keep_reply, kept_answer
from .schema import EntryTask, Matrix, OrderTask, Task
from .sections import LINK
from .was_that_it import WAS_THAT_IT, how_to_reply

_SIGNS = {"right": "✓", "wrong": "✗", "partly": "◐", "": ""}


class _Asked(SavedAsHtml, anywidget.AnyWidget):
    """A question, and what the kernel says about the last answer.

    `answered` counts the answers that the kernel has seen: a browser that has given more of them shows no
    feedback. `how` is Python that answers where no widget is shown. `kind` and `item` name what is asked.

    Under the diagnosis of a `belief` it asks whether that was the thought. `reply` and `thought` are what the
    student said, `replies` counts that, and `thanks` is the kernel's answer to it. The reply is kept with the
    answer, under the name `kept_as`.
    """

    lead = traitlets.Unicode().tag(sync=True)
    question = traitlets.Unicode().tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    verdict = traitlets.Enum(list(_SIGNS), "").tag(sync=True)
    answered = traitlets.Int().tag(sync=True)

    belief = traitlets.Unicode().tag(sync=True)
    reply = traitlets.Enum(["yes", "no"], None, allow_none=True).tag(sync=True)
    thought = traitlets.Unicode().tag(sync=True)
    replies = traitlets.Int().tag(sync=True)
    thanks = traitlets.Unicode().tag(sync=True)
    longest_thought = traitlets.Int(MOST).tag(sync=True)

    kept_as = ""
    told_of: Callable[[Any], Judged] | None = None
    """What an answer is told, without keeping it: a page without a kernel asks for it ahead."""
    kind, item, how = "", "", ""
    answer, count = "", ""  # the names of the traits that hold the last answer and count all

    def tell(self, status: str, verdict: str = "", belief: str = "") -> None:
        """Show feedback on the last answer."""
        answer = kept_answer(self.kept_as) if belief and self.kept_as else None
        reply = answer.replies.get(belief) if answer else None
        with self.hold_sync():
            self.status, self.verdict, self.answered = status, verdict, getattr(self, self.count)
            self.belief = belief if self.kept_as else ""
            self.reply, self.thought = (reply.was, reply.thought) if reply else (None, "")
            self.thanks = ""
        self.save_again()

    @traitlets.observe("replies")
    def _replied(self, _change: object) -> None:
        if self.belief and self.reply:
            reply = Reply("no", self.thought[:MOST]) if self.reply == "no" else Reply("yes")
            note = keep_reply(self.kept_as, self.belief, reply)
            self.thanks = note or "Kept, for you alone. Thank you."
            self.save_again()

    def _asked_of_the_diagnosis(self) -> list[str]:
        """What a front end without widgets shows below the diagnosis of a belief."""
        if not self.belief:
            return []
        said = f" You said: {self.reply}." if self.reply else f" {how_to_reply(self.item)}"
        return [f"{WAS_THAT_IT}{said}", *([f"You thought: {self.thought}"] if self.thought else [])]

    def saved_text(self) -> str:
        return repr(self)

    def saved_html(self) -> str:
        lead = f"<strong>{_marked(self.lead)}</strong> " if self.lead else ""
        question = f"<p>{lead}{_marked(self.question)}</p>" if self.question else ""
        lines = f"{_SIGNS[self.verdict]} {self.status}".strip().split("\n") if self._is_answered() else []
        lines += self._asked_of_the_diagnosis()
        data = f'data-kind="{self.kind}" data-item="{escape(self.item)}" data-verdict="{self.verdict}"'
        return (
            f'<section class="rollout-question" {data}>'
            f"{question}{self._body()}{''.join(f'<p>{_marked(line)}</p>' for line in lines)}"
            f"<p>{GO_ON} Without buttons: <code>{escape(self.how)}</code></p></section>"
        )

    def _is_answered(self) -> bool:
        return getattr(self, self.answer) not in (None, "")

    def _asked_text(self) -> list[str]:
        return [f"{self.lead} {self.question}".strip()] if self.question else []

    def _body(self) -> str:
        raise NotImplementedError


class OptionsWidget(_Asked):
    """Options as buttons, with a line of text below that says what a click came to.

    `variable` names the variable, if any, to which the cell assigns the letter; `written` is the letter that
    stands in the cell thanks to a click. `clicks` counts, so that a second click on an option is seen too.
    """

    _esm = BUNDLES / "options.js"
    _css = BUNDLES / "options.css"
    answer, count, kind = "chosen", "clicks", "choice"

    label = traitlets.Unicode().tag(sync=True)
    options: traitlets.List[tuple[str, str]] = traitlets.List().tag(sync=True)
    variable = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    written = traitlets.Unicode().tag(sync=True)
    clicks = traitlets.Int().tag(sync=True)

    def __repr__(self) -> str:
        """What a front end without widgets shows."""
        lines = [f"{letter}) {text}" for letter, text in self.options]
        chosen = [f"Your answer: {self.chosen}"] if self.chosen else []
        how = [f"To answer, run this line{' with your letter' if lines else ''}:", self.how]
        said = [self.status, *self._asked_of_the_diagnosis()]
        return "\n".join([*(self._asked_text() or [self.label]), *lines, *chosen, *said, *how])

    def _body(self) -> str:
        items = ""
        for letter, text in self.options:
            chosen = mark = ""
            if letter == self.chosen:
                chosen, sign = ' data-chosen="true"', f"{_SIGNS[self.verdict]} ".lstrip()
                mark = f" <em>({sign}your answer)</em>"
            items += (
                f'<li data-letter="{letter}"{chosen}><strong>{letter})</strong> {_marked(text)}{mark}</li>'
            )
        return f'<ul style="list-style:none" data-chosen="{self.chosen}">{items}</ul>'


_TASKS = {  # what is asked, and Python that answers
    "number": ("Type your number and press Enter, or Check.", '{call}({id!r}, "1/4")'),
    "order": (
        "Bring the pieces into order, then Check.",
        "{call}({id!r}, {places})  # the places of the pieces above, counted from 0, in your order",
    ),
    "entry": (
        "Click the entry, or go there with the arrow keys and press Enter.",
        "{call}({id!r}, [0, 1])  # row and column, counted from 0",
    ),
}


class TaskWidget(_Asked):
    """A number to type, pieces to bring into order or an entry to point at, and what that came to.

    `given` is text or a list of places; `tries` counts, so that the same answer given again is seen too.
    """

    _esm = BUNDLES / "task.js"
    _css = BUNDLES / "task.css"
    answer, count = "given", "tries"

    task = traitlets.Dict().tag(sync=True)
    given = traitlets.Any().tag(sync=True)
    tries = traitlets.Int().tag(sync=True)

    def __init__(self, item: Task, call: str = "practice", **traits: Any) -> None:
        self._item, self.kind, self.item = item, item.kind, item.id
        self._pieces = item.pieces if isinstance(item, OrderTask) else ()
        asked, how = _TASKS[item.kind]
        self.how = how.format(call=call, id=item.id, places=list(range(len(self._pieces))))
        matrices = [to_builtins(matrix) | {"hole": matrix.hole()} for matrix in item.matrices]
        task = {"kind": item.kind, "pieces": self._pieces, "matrices": matrices, "asked": asked}
        super().__init__(task=task, given=None, status=asked, question=item.stem, **traits)

    def __repr__(self) -> str:
        """What a front end without widgets shows."""
        lines = [f"{place}: {piece}" for place, piece in enumerate(self._pieces)]
        for matrix in self._item.matrices:
            lines += [f"{matrix.name}, columns {', '.join(matrix.columns)}"]
            rows = zip(matrix.rows, matrix.values, strict=True)
            lines += [f"  {row}: {'  '.join(values)}" for row, values in rows]
        answered = [f"Your answer: {self.given}", self.status] if self._is_answered() else []
        answered += self._asked_of_the_diagnosis()
        return "\n".join(
            [*self._asked_text(), *lines, *answered, "To answer, run this line with your answer:", self.how]
        )

    def _body(self) -> str:
        body = "".join(map(_table, self._item.matrices))
        if self._pieces:
            order = self.given or range(len(self._pieces))
            pieces = (f'<li data-place="{k}">{_marked(self._pieces[k])}</li>' for k in order)
            body += f"<ol>{''.join(pieces)}</ol>"
        elif self._is_answered():
            words = str(self.given)
            if isinstance(self._item, EntryTask):
                (matrix,), (i, j) = self._item.matrices, self.given
                words = f"row {matrix.rows[i]}, column {matrix.columns[j]}"
            given = escape(json.dumps(self.given, default=str))
            body += f'<p>Your answer: <strong data-given="{given}">{escape(words)}</strong></p>'
        return body


def _table(matrix: Matrix) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in matrix.columns)
    rows = ""
    for name, values in zip(matrix.rows, matrix.values, strict=True):
        cells = "".join(f"<td>{escape(value)}</td>" for value in values)
        rows += f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
    head = f"<thead><tr><td></td>{head}</tr></thead>"
    return f"<table><caption>{_marked(matrix.name)}</caption>{head}<tbody>{rows}</tbody></table>"


def _marked(text: str) -> str:
    """Text in which `code` stands between backticks, with Markdown's links, as HTML."""
    marked = re.sub("`([^`]*)`", r"<code>\1</code>", escape(text, quote=False))
    return LINK.sub(r'<a href="\2">\1</a>', marked)
