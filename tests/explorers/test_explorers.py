"""What every explorer promises, whichever it is."""

import html
import re
from importlib import import_module, reload

import numpy as np
import pytest

from rollout_lab import explorers
from rollout_lab.explorers import widget_base
from rollout_lab.figures import Figure, Pictures
from rollout_lab.models import load_example, paper_example
from rollout_lab.models.photograph import load_photograph

# Explorers of other data than a sentence's attention, with that data. `own_sentence` has tests of its own.
TAKES = {"match_with_model": (), "patch_explorer": (load_photograph(),), "scores_to_weights": ()}
EVERY = [name for name in explorers.__all__ if name != "own_sentence"]
OF_A_SENTENCE = [name for name in EVERY if name not in TAKES]


def attention(layers=3, heads=2, n=5, seed=0):
    return np.random.default_rng(seed).dirichlet(np.full(n, 0.4), size=(layers, heads, n)).astype(np.float32)


def words(n=5):
    return [f"word{i}" for i in range(n)]


def build(name, *arguments, **options):
    return getattr(explorers, name)(*(arguments or TAKES.get(name, (attention(), words()))), **options)


def other_value(explorer, name):
    """A value that a user can move this choice to."""
    offered = explorer.choices[name]
    return offered[(offered.index(explorer.values[name]) + 1) % len(offered)]


def move_all(explorer):
    for name in explorer.choices:
        explorer.choose(**{name: other_value(explorer, name)})


def seen(explorer):
    """The picture: that of a widget drawn in the browser is what it is told to draw."""
    return explorer.picture.value if isinstance(explorer, widget_base.Stage) else explorer.shown


EVERY_CHOICE = [(name, choice) for name in EVERY for choice in build(name).choices]


@pytest.mark.parametrize("name", EVERY)
def test_an_explorer_opens_with_a_picture_and_a_sentence(name):
    explorer = build(name)
    assert explorer.figure().html().count("<img alt=") >= 1
    assert explorer.sentence.endswith(".")


@pytest.mark.parametrize(("name", "choice"), EVERY_CHOICE)
def test_every_choice_changes_the_picture_and_the_sentence(name, choice):
    explorer = build(name)
    picture, sentence = seen(explorer), explorer.sentence
    explorer.choose(**{choice: other_value(explorer, choice)})
    assert seen(explorer) != picture
    assert explorer.sentence != sentence


@pytest.mark.parametrize("name", EVERY)
def test_what_is_not_on_offer_cannot_be_chosen(name):
    explorer = build(name)
    for choice in explorer.choices:
        with pytest.raises(ValueError, match=f"{choice} is 'nonsense'; expected one of"):
            explorer.choose(**{choice: "nonsense"})
    with pytest.raises(KeyError):
        explorer.choose(colour="red")


@pytest.mark.parametrize("name", EVERY)
def test_the_sentence_is_the_text_alternative_of_the_picture(name):
    explorer = build(name)
    move_all(explorer)
    if "source" in explorer.choices and None in explorer.choices["source"]:
        explorer.choose(source=None)  # the stepper's figure shows whole rows
    alternatives = re.findall(r'<img alt="([^"]*)"', explorer.figure().html())
    assert html.unescape(alternatives[0]) == explorer.sentence
    assert all(alternatives)


@pytest.mark.parametrize("name", EVERY)
def test_what_was_chosen_survives_running_the_cell_again(name):
    first = build(name)
    move_all(first)
    again = build(name)
    assert again.values == first.values
    assert seen(again) == seen(first)
    assert build(name, key="another").values != first.values
    if name in OF_A_SENTENCE:
        assert build(name, attention(n=4), words(4)).values != first.values


@pytest.mark.parametrize("name", EVERY)
def test_an_explorer_nobody_touched_opens_where_its_cell_says(name):
    build(name)
    assert build(name).values == build(name).values


@pytest.mark.parametrize("name", EVERY)
def test_the_static_figure_is_the_picture_as_it_stands(name):
    explorer = build(name)
    before = explorer.figure().alt
    move_all(explorer)
    figure = explorer.figure()
    assert isinstance(figure, (Figure, Pictures))
    assert figure.alt != before
    if isinstance(explorer, widget_base.Stage):
        assert figure.html(widget_base.DPI) == explorer.picture.value


@pytest.mark.parametrize("name", EVERY)
def test_without_widgets_the_picture_stands_in_and_without_pictures_the_sentence(name):
    explorer = build(name)
    bundle, _ = explorer._repr_mimebundle_()
    assert set(bundle) == {
        "text/plain",
        "text/html",
    }  # a reference to the kernel's model would be an error tomorrow
    assert explorer.figure().html(widget_base.DPI) in bundle["text/html"]
    assert "Run this cell again" in bundle["text/html"]
    assert 'data-explorer="' in bundle["text/html"]
    assert bundle["text/plain"] == explorer.sentence


@pytest.mark.parametrize("name", OF_A_SENTENCE)
def test_what_is_saved_is_small_and_shows_a_picture_at_twenty_tokens_too(name):
    bundle, _ = build(name, attention(12, 12, 24), words(24))._repr_mimebundle_()
    assert len(bundle["text/html"].encode()) <= 200_000
    assert "<img alt=" in bundle["text/html"]


@pytest.mark.parametrize("name", [name for name in EVERY if isinstance(build(name), widget_base.Stage)])
def test_every_control_has_a_label_that_is_not_cut_off_and_a_key(name):
    for control in build(name).controls.values():
        assert control.description
        assert control.tabbable is not False
        assert control.style.description_width == "initial"


@pytest.mark.parametrize("name", OF_A_SENTENCE)
@pytest.mark.parametrize("example", [paper_example(), load_example("coreference")], ids=lambda e: e.name)
def test_an_explorer_shows_the_bundled_examples_within_a_cell(name, example):
    figure = build(name, example.attentions, example.tokens).figure()
    for each in getattr(figure, "figures", [figure]):
        assert each.get_size_inches()[0] * 96 <= 820


@pytest.mark.parametrize(
    ("name", "data"),
    list(TAKES.items())
    + [
        (name, (attention(layers, 1, n), words(n)))
        for name in OF_A_SENTENCE
        for layers, n in [(1, 1), (1, 2), (2, 2), (14, 3), (2, 24)]
    ],
)
def test_an_explorer_takes_extreme_sizes_and_the_ends_of_every_choice(name, data):
    explorer = build(name, *data)
    for choice, offered in explorer.choices.items():
        for value in (offered[-1], offered[0]):
            explorer.choose(**{choice: value})
    assert explorer.sentence


@pytest.mark.parametrize("name", OF_A_SENTENCE)
def test_an_explorer_takes_every_form_of_attention(name):
    maps = attention()
    usual = seen(build(name, maps, words()))
    assert seen(build(name, list(maps), words())) == usual
    assert seen(build(name, [layer[None] for layer in maps], tuple(words()))) == usual
    fused = maps.mean(axis=1)
    assert build(name, fused, words()).sentence == build(name, list(fused), words()).sentence


@pytest.mark.parametrize("name", OF_A_SENTENCE)
def test_an_explorer_refuses_what_does_not_fit(name):
    with pytest.raises(ValueError, match="5 positions, but there are 4 tokens"):
        build(name, attention(), words(4))
    with pytest.raises(ValueError, match="batch of 2 sentences"):
        build(name, [np.stack([layer, layer]) for layer in attention()], words())
    with pytest.raises(ValueError, match="sums to"):
        build(name, attention() * 2, words())
    with pytest.raises(TypeError, match="one string"):
        build(name, attention(), "ABCDE")


@pytest.mark.parametrize("name", OF_A_SENTENCE)
def test_the_data_are_not_modified(name):
    maps = attention()
    before = maps.copy()
    move_all(build(name, maps, words()))
    assert (maps == before).all()


@pytest.mark.parametrize("name", OF_A_SENTENCE)
def test_every_move_redraws_at_twenty_tokens(name):
    explorer = build(name, attention(6, 12, 20), words(20))
    choices = list(explorer.choices)
    for move in range(4):
        choice, before = choices[move % len(choices)], seen(explorer)
        explorer.choose(**{choice: other_value(explorer, choice)})
        assert seen(explorer) != before


@pytest.mark.parametrize("name", explorers.__all__)
def test_the_name_is_the_function_whatever_was_imported_before(name):
    module = import_module(f"rollout_lab.explorers.{name}")
    assert getattr(explorers, name) is getattr(module, name)
    assert getattr(reload(explorers), name) is getattr(module, name)
