import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import rollout_lab.models
from rollout_lab.models import example_names, load_example, paper_example
from tools.make_examples import DATA, make_examples

SPECIAL = {"[CLS]", "[SEP]"}
SIGNS = set(".,!?")


@pytest.mark.parametrize("name", example_names())
class TestEveryExample:
    def test_has_a_map_for_every_layer_and_head_over_its_tokens(self, name):
        example = load_example(name)
        n = len(example.tokens)
        assert example.name == name
        assert example.attentions.shape == (6, 12, n, n)
        assert example.attentions.dtype == np.float32
        assert example.residual_share.shape == (6, n)
        assert (example.tokens[0], example.tokens[-1]) == ("[CLS]", "[SEP]")

    def test_has_rows_that_sum_to_one(self, name):
        np.testing.assert_allclose(load_example(name).attentions.sum(axis=-1), 1, atol=1e-6)

    def test_is_small_enough_to_read_and_says_what_it_teaches_in_one_sentence(self, name):
        example = load_example(name)
        assert len(example.tokens) <= 16
        assert example.teaches.endswith(".")
        assert ". " not in example.teaches

    def test_is_what_the_encoder_computes(self, name, encoder):
        example, encoding = load_example(name), encoder.encode(load_example(name).text)
        assert example.tokens == encoding.tokens
        np.testing.assert_allclose(example.attentions, encoding.attentions, atol=2e-6)
        np.testing.assert_allclose(example.residual_share, encoding.residual_share, atol=1e-5)


def test_there_are_at_least_twelve_examples_within_the_promised_size():
    files = {path.stem for path in DATA.glob("*.npz")}
    assert files == set(example_names())
    assert len(files) >= 12
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 1.5e6


def test_changing_an_example_does_not_change_the_next_one():
    first = load_example("negation").attentions
    first[:] = 0
    assert load_example("negation").attentions.sum() > 0


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"no example is called 'negatoin'; expected one of: .*negation"):
        load_example("negatoin")


def test_examples_need_no_more_than_numpy():
    code = (
        "import sys; from rollout_lab.models import load_example; load_example('negation');"
        "print(*sorted({'matplotlib', 'tqdm', 'filelock', 'urllib.request', 'rollout_lab.models.encoder'}"
        " & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


def test_an_unknown_attribute_of_the_room_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_thing"):
        rollout_lab.models.no_such_thing  # noqa: B018
    assert "load_example" in dir(rollout_lab.models)


def test_the_bundle_can_be_made_anew_and_drops_what_is_no_longer_listed(encoder, tmp_path: Path):
    (tmp_path / "sentences.toml").write_text('[greeting]\ntext = "Hello."\nteaches = "A greeting."\n')
    (tmp_path / "stale.npz").touch()
    assert make_examples(tmp_path) == [tmp_path / "greeting.npz"]
    assert {path.name for path in tmp_path.iterdir()} == {"sentences.toml", "greeting.npz"}
    with np.load(tmp_path / "greeting.npz") as stored:
        assert stored["tokens"].tolist() == ["[CLS]", "hello", ".", "[SEP]"]


class TestThePaperExample:
    def test_has_rows_that_sum_to_exactly_one(self):
        example = paper_example()
        assert example.tokens == ("A", "B", "C")
        assert example.attentions.shape == (2, 1, 3, 3)
        assert (example.attentions.sum(axis=-1) == 1).all()

    def test_links_b_to_a_through_c_and_in_no_single_layer(self):
        first, second = paper_example().attentions[:, 0]
        a, b, c = range(3)
        assert first[c, a] == second[b, c] == 0.5
        assert first[b, a] == second[b, a] == 0
        assert (second @ first)[b, a] == 0.25

    def test_shows_that_the_order_of_the_layers_matters(self):
        first, second = paper_example().attentions[:, 0]
        assert (first @ second)[1, 0] == 0


class TestWhatAnExampleTeachesHoldsInItsMaps:
    """One test for each claim of `data/sentences.toml`; layers and heads are counted from 1 there."""

    def test_word_order(self):
        assert draws("word_order", 1, "bites", "dog") > draws("word_order", 1, "bites", "man")
        assert draws("word_order_swapped", 1, "bites", "man") > draws("word_order_swapped", 1, "bites", "dog")

    @pytest.mark.parametrize("name", ["word_order", "word_order_swapped"])
    def test_head_3_of_layer_1_reads_the_token_before(self, name):
        assert np.diagonal(load_example(name).attentions[0, 2], offset=-1).min() > 0.99

    def test_negation(self):
        assert draws("negation", 1, "good", "not") > draws("negation", 1, "good", "film")
        assert draws("negation", 4, "good", "film") > draws("negation", 4, "good", "not")

    @pytest.mark.parametrize("name", ["coreference", "coreference_swapped"])
    def test_coreference_reads_the_cup_whatever_is_meant(self, name):
        assert favourite(name, 6, "it") == "cup"

    def test_coreference_differs_in_one_word(self):
        pair = (load_example(name).tokens for name in ("coreference", "coreference_swapped"))
        assert [words for words in zip(*pair, strict=True) if len(set(words)) > 1] == [("big", "small")]

    def test_agreement(self):
        tokens = load_example("agreement").tokens
        assert tokens[tokens.index("are") - 1] == "cabinet"
        assert draws("agreement", 1, "are", "cabinet") > draws("agreement", 1, "are", "keys")
        assert draws("agreement", 4, "are", "keys") > draws("agreement", 4, "are", "cabinet")

    @pytest.mark.parametrize("layer", range(1, 7))
    def test_garden_path(self, layer):
        assert draws("garden_path", layer, "man", "old") > draws("garden_path", layer, "man", "boats")

    @pytest.mark.parametrize("layer", [4, 6])
    def test_long_distance(self, layer):
        tokens = load_example("long_distance").tokens
        book, verb = tokens.index("book"), tokens.index("is")
        row = fused("long_distance", layer)[verb]
        assert verb - book - 1 == 8
        assert row[book] > row[book + 1 : verb].max()

    @pytest.mark.parametrize("layer", [1, 6])
    def test_two_senses_of_bank(self, layer):
        assert favourite("bank_river", layer, "bank") == "river"
        assert favourite("bank_money", layer, "bank") == "cash"

    def test_repeated_word(self):
        head = load_example("repeated_word").attentions[2, 9]
        tokens = load_example("repeated_word").tokens
        for word in ("more", "you"):
            first = tokens.index(word)
            second = tokens.index(word, first + 1)
            assert head[second].argmax() == first
        assert tokens.count("the") == 2

    def test_list(self):
        tokens = load_example("list").tokens
        nouns = [tokens.index(word) for word in ("apples", "milk", "salt", "bread")]
        alike = np.corrcoef(fused("list", 6)[:, 1:])
        assert alike[np.ix_(nouns, nouns)].min() > 0.8
        assert alike[np.ix_(nouns, [tokens.index("we"), tokens.index("bought")])].max() < 0

    def test_question(self):
        assert favourite("question", 6, "where") == "keys"

    def test_punctuation(self):
        received = load_example("punctuation").attentions.mean(axis=(1, 2))
        assert (received[1:, 0] > 0.48).all()
        assert received[1:, 1:].max() < 0.1

    def test_word_pieces(self):
        tokens = load_example("word_pieces").tokens
        assert tokens[2:5] == ("ax", "##olo", "##tl")
        assert tokens[5:8] == ("reg", "##row", "##s")

    def test_two_steps(self):
        example = load_example("two_steps")
        row = fused("two_steps", 6)[example.tokens.index("europe")]
        france = [row[j] for j, token in enumerate(example.tokens) if token == "france"]
        assert row[example.tokens.index("paris")] > sum(france)


def fused(name, layer):
    return load_example(name).attentions[layer - 1].mean(axis=0)


def draws(name, layer, reader, source):
    tokens = load_example(name).tokens
    return fused(name, layer)[tokens.index(reader), tokens.index(source)]


def favourite(name, layer, reader):
    """The word that `reader` draws most from; signs, special tokens and `reader` itself are no candidates."""
    tokens = load_example(name).tokens
    row = fused(name, layer)[tokens.index(reader)]
    ranked = [tokens[j] for j in np.argsort(-row)]
    return next(token for token in ranked if token not in SPECIAL | SIGNS | {reader})
