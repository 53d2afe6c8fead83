"""The widget of `your_answers`: buttons to download all answers, add those of a file, and delete them."""

import re
from typing import Any

import anywidget
import traitlets

from rollout_lab._widget_output import BUNDLES, GO_ON, SavedAsHtml

from .your_answers import (
    FILE,
    MOST_BYTES,
    add_answers,
    answers_as_text,
    delete_answers,
    in_words,
    kept_values,
)

_HOW = "`your_answers(save=True)`, `your_answers(add='FILE')`, `your_answers(delete=True)`"


class AnswersWidget(SavedAsHtml, anywidget.AnyWidget):
    """Three buttons. The browser sends what it wants as `request`, the kernel answers in `reply`.

    Both have a number `n`, by which the browser knows that the reply is to its last request.
    """

    _esm = BUNDLES / "your_answers.js"
    _css = BUNDLES / "task.css"

    request = traitlets.Dict().tag(sync=True)
    reply = traitlets.Dict().tag(sync=True)
    there = traitlets.Unicode().tag(sync=True)
    file = traitlets.Unicode(FILE).tag(sync=True)
    most = traitlets.Int(MOST_BYTES).tag(sync=True)

    def __init__(self) -> None:
        super().__init__(there=in_words(len(kept_values())))

    @traitlets.observe("request")
    def _requested(self, change: Any) -> None:
        wanted, text = change["new"].get("do"), ""
        said = "Nothing was done."
        if wanted == "download":
            text = answers_as_text()
            said = f"Downloaded as {FILE}: {in_words(len(kept_values()))}. Keep the file in a safe place."
        elif wanted == "add":
            said = add_answers(str(change["new"].get("text", "")).encode(errors="replace"))
        elif wanted == "delete":
            said = delete_answers()
        self.there = in_words(len(kept_values()))
        self.reply = {"n": change["new"].get("n"), "said": said, "text": text}
        self.save_again()

    def saved_text(self) -> str:
        return f"Kept here: {self.there}.\nWithout buttons: {_HOW}"

    def __repr__(self) -> str:
        return self.saved_text()

    def saved_html(self) -> str:
        calls = re.sub("`([^`]*)`", r"<code>\1</code>", _HOW)
        return f"<p>Kept here: {self.there}.</p><p>{GO_ON} Without buttons: {calls}</p>"
