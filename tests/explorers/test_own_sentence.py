"""A sentence of one's own: read where the model is, and a kind word where it is not."""

import sys
from importlib import import_module
from unittest.mock import Mock

import numpy as np
import pytest

from rollout_lab.explorers import own_sentence
from rollout_lab.explorers.hidden_words import Measured, hidden_words
from rollout_lab.faithfulness import Word
from rollout_lab.models import Encoder, ModelNotFetched, example_names, load_example
from rollout_lab.models.neighbours import wrong_neighbours

# The names that the package offers are the functions.
own_sentence_module = import_module("rollout_lab.explorers.own_sentence")

NOWHERE = "http://127.0.0.1:9/"  # the discard port: nothing answers there


@pytest.fixture(autouse=True)
def forgotten():
    own_sentence_module._encoder.cache_clear()
    yield
    own_sentence_module._encoder.cache_clear()


@pytest.fixture
def no_model(tmp_path, monkeypatch):
    """As on a machine where the model was never fetched and that is offline."""
    monkeypatch.setenv("ROLLOUT_LAB_CACHE", str(tmp_path))
    for name, value in {
        "INDEX_URL": NOWHERE,
        "RETRIES": "0",
        "NO_CACHE_DIR": "1",
        "CONFIG_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(f"PIP_{name}", value)


def type_in(widget, text):
    widget.field.value = text


@pytest.mark.parametrize("view", own_sentence_module.VIEWS)
def test_a_typed_sentence_opens_in_the_explorer_of_choice(model_folder, view):
    widget = own_sentence(view)
    before = widget.explorer.sentence
    type_in(widget, "The cat sat on the mat.")
    assert "your sentence “The cat sat on the mat.”, 9 tokens" in widget.sentence
    assert widget.explorer.sentence != before
    assert widget.rounded.layout.display == "none"
    tokens, attentions = own_sentence_module.compute("The cat sat on the mat.")
    assert widget.explorer.sentence == own_sentence_module.VIEWS[view][1](attentions, tokens).sentence
    assert widget.missing.layout.display == "none"


def test_what_is_shown_is_what_the_encoder_computes(model_folder):
    tokens, attentions = own_sentence_module.compute("The cat sat.")
    encoding = Encoder.load().encode("The cat sat.")
    assert tokens == encoding.tokens
    assert (attentions == encoding.attentions).all()


def test_the_view_changes_and_the_sentence_stays(model_folder):
    widget = own_sentence()
    type_in(widget, "The cat sat.")
    widget.view.value = "tracer"
    assert "your sentence “The cat sat.”" in widget.sentence
    assert widget.explorer.sentence.startswith("R[")


def test_a_bundled_sentence_takes_the_place_of_the_typed_one(model_folder):
    widget = own_sentence(text="The cat sat.")
    assert "your sentence" in widget.sentence
    assert widget.example.label == "your own, typed above"
    widget.example.value = "negation"
    assert f"the bundled sentence “{load_example('negation').text}”" in widget.sentence
    assert widget.field.value == ""
    widget.example.value = ""
    assert widget.example.value == "negation"


def test_running_the_cell_again_keeps_sentence_and_view(model_folder):
    widget = own_sentence()
    type_in(widget, "The cat sat.")
    widget.view.value = "stepper"
    again = own_sentence()
    assert (again.field.value, again.view.value) == ("The cat sat.", "stepper")
    assert again.explorer.sentence == widget.explorer.sentence
    assert own_sentence(key="another").field.value == ""


@pytest.mark.parametrize(("text", "said"), [("  ", "nothing to read"), ("word " * 40, "42 tokens")])
@pytest.mark.parametrize("view", ["attention", "blank-out"])
def test_what_cannot_be_drawn_is_refused_with_the_reason(model_folder, text, said, view):
    widget = own_sentence(view)
    type_in(widget, text)
    assert said in widget.sentence
    assert widget.explorer.sentence


def test_without_the_model_a_message_a_button_and_the_bundled_sentences(no_model):
    widget = own_sentence()
    type_in(widget, "The cat sat.")
    assert "83 MB" in widget.sentence
    assert widget.missing.layout.display == ""
    assert [name for _, name in widget.example.options] == ["", *example_names()]
    widget.example.value = "negation"
    assert load_example("negation").text in widget.sentence
    assert np.isfinite(widget.figure().get_figwidth())


def test_a_fetch_that_fails_says_why_and_can_be_tried_again(no_model):
    widget = own_sentence()
    type_in(widget, "The cat sat.")
    widget.fetch.click()
    assert widget.fetch.disabled
    assert "go on working" in widget.sentence
    widget.fetching.join(60)
    assert "could not download" in widget.sentence
    assert "bundled examples need no model" in widget.sentence
    assert "pip said" not in widget.sentence
    assert (widget.fetch.disabled, widget.fetch.description) == (False, "Try again")


def test_once_the_model_is_there_the_typed_sentence_is_read(model_folder, tmp_path, monkeypatch):
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("ROLLOUT_LAB_CACHE", str(tmp_path))
        widget = own_sentence()
        type_in(widget, "The cat sat.")
        assert "83 MB" in widget.sentence
    widget.fetch.click()
    widget.fetching.join(60)
    assert "your sentence “The cat sat.”" in widget.sentence
    assert widget.missing.layout.display == "none"


def test_in_a_browser_the_button_fetches_25_mb_at_once_without_a_thread(no_model, monkeypatch):
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr(own_sentence_module, "fetch_model", Mock(side_effect=ModelNotFetched("no site")))
    widget = own_sentence(text="The cat sat.")
    assert "25 MB" in widget.sentence
    assert "25 MB" in widget.fetch.description
    widget.fetch.click()
    assert widget.sentence == "The model is still missing: no site"
    assert (widget.fetching, widget.fetch.disabled) == (None, False)


def test_progress_is_shown_as_a_share():
    widget = own_sentence()
    widget._show_progress(20, 80)
    assert (widget.progress.value, widget.progress.description) == (0.25, "25%")


SCORES = {"rollout, recursion": 0.79, "layer 6 alone": 0.96, "guess by rarity": 0.68}


def test_blank_out_of_a_bundled_sentence_needs_no_model(no_model):
    explorer = own_sentence("blank-out", example="negation").explorer
    for score, rho in SCORES.items():
        explorer.choose(scored=score)
        assert f"rank correlation {rho:.2f}, 7 words" in explorer.sentence
    explorer.choose(output="cls", also=3)
    assert "6 words hidden one by one together with “not”. The state of [CLS] turns most" in explorer.sentence


@pytest.mark.parametrize(
    "choices", [{"scored": "ALTI"}, {"scored": "layer 3 alone", "output": "cls", "also": 4}]
)
def test_what_is_typed_is_measured_as_the_bundled_sentences_were(model_folder, choices):
    widget = own_sentence("blank-out", example="negation")
    widget.explorer.choose(**choices)
    bundled = widget.explorer.sentence
    type_in(widget, load_example("negation").text)
    widget.explorer.choose(**choices)
    assert "your sentence" in widget.sentence
    assert widget.explorer.sentence == bundled


def test_a_recorded_pair_needs_no_model_and_says_which_word_holds_it_together(no_model):
    case, other = wrong_neighbours()[:2]
    widget = own_sentence("blank-out", text=case.query, other=case.wrong)
    assert "ALTI" not in widget.explorer.choices["scored"]
    assert "Without “account” the texts are less alike. Without “delete” the texts are more alike." in (
        widget.explorer.sentence
    )
    for k in range(6):
        widget.explorer.choose(also=k)
    assert widget.explorer.choices["also"] == (-1, 0, 1, 2, 3, 4, 5)
    widget.explorer.choose(scored="layer 2 alone")
    widget.field.value, widget.other.value = other.query, other.wrong
    assert widget.explorer.values["scored"] == "layer 2 alone"
    assert [name for name, _ in widget.explorer.controls["also"].options] == ["two at once need the model"]
    widget.field.value = case.right  # recorded, but without its maps
    assert "83 MB" in widget.sentence
    widget.field.value, widget.other.value = case.query, "A text that nobody recorded."
    assert "83 MB" in widget.sentence
    assert widget.other.value
    widget.field.value, widget.other.value = "", other.wrong
    assert widget.sentence.startswith("Type the first text of the pair, too.")


@pytest.mark.parametrize(("sign", "how"), [(1, "less"), (-1, "more"), (0, "")])
def test_where_all_words_pull_one_way_the_other_way_is_not_told(sign, how):
    words = [Word(text, 0, 0, (k,)) for k, text in enumerate("abc")]
    text = Measured(words, {"map": np.eye(3)}, ("likeness",), lambda *_: sign * np.array([0.1, 0.2, 0.3]))
    told = hidden_words(text, None, "map").sentence.partition("puts first ")[2]
    assert told.partition(". ")[2].count("alike") == bool(how)
    assert how in told
    assert ".;" not in told
    assert ".." not in told


def test_a_pair_of_ones_own_and_too_few_words(model_folder):
    widget = own_sentence("blank-out", text="Keep the dog out of the kitchen.")
    widget.other.value = "Let the dog into the kitchen."
    assert "and “Let the dog into the kitchen.”" in widget.sentence
    assert widget.explorer.controls["output"].label.startswith("likeness")
    type_in(widget, "Two words")
    assert "at least three words" in widget.sentence


def test_without_widgets_the_picture_of_the_bundled_sentence_stands_in():
    bundle, _ = own_sentence("overview")._repr_mimebundle_()
    assert "<img alt=" in bundle["text/html"]
    assert load_example("coreference").text in bundle["text/plain"]


def test_an_unknown_view_or_example_is_refused():
    with pytest.raises(ValueError, match="view is 'film'; expected one of 'attention'"):
        own_sentence("film")
    with pytest.raises(ValueError, match="example is 'film'"):
        own_sentence(example="film")
