"""Blank-out on a model small enough to compute by hand, words and their tokens, and rank correlation."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rollout_lab import spearman
from rollout_lab.faithfulness import FUNCTION_WORDS, blank_out, per_word, ranks, words_of


def tokenize(text):
    """Letters and signs one by one, as if each were a piece of a word."""
    return ["[CLS]", *re.findall(r"\S", text.lower()), "[SEP]"]


def encode(text, keep=None):
    """A model that adds up its tokens' vectors: a points east, b north, everything else nowhere.

    The sentence's vector starts from (1, 0). The first token's state counts only b, and its place.
    """
    tokens = tokenize(text)
    keep = np.ones(len(tokens), dtype=bool) if keep is None else keep
    seen = [(place, token) for place, (token, kept) in enumerate(zip(tokens, keep, strict=True)) if kept]
    embedding = np.array(
        [1.0 + sum(token == "a" for _, token in seen), sum(token == "b" for _, token in seen)]
    )
    cls = np.array([1.0, sum(place for place, token in seen if token == "b")])
    states = np.zeros((2, len(tokens), 2))
    states[-1, 0] = cls
    return SimpleNamespace(embedding=embedding, hidden_states=states)


def turn(u, v):
    return 1 - np.dot(u, v) / (np.linalg.norm(u) * np.linalg.norm(v))


class TestBlankOut:
    def test_by_mask_is_one_minus_cosine_to_the_output_without_the_word(self):
        moved = blank_out(encode, "aa c b", words_of("aa c b", tokenize))
        assert moved["embedding"] == pytest.approx([turn((3, 1), (1, 1)), 0, turn((3, 1), (3, 0))])
        assert moved["cls"] == pytest.approx([0, 0, turn((1, 4), (1, 0))])

    def test_by_removal_the_rest_of_the_text_closes_up(self):
        moved = blank_out(encode, "aa c b", words_of("aa c b", tokenize), how="removal")
        # Without "aa" the b stands in place 2, without "c" in place 3.
        assert moved["cls"] == pytest.approx(
            [turn((1, 4), (1, 2)), turn((1, 4), (1, 3)), turn((1, 4), (1, 0))]
        )
        assert moved["embedding"] == pytest.approx([turn((3, 1), (1, 1)), 0, turn((3, 1), (3, 0))])

    def test_hides_only_the_words_that_are_given(self):
        words = words_of("a b a", tokenize)
        every, one = blank_out(encode, "a b a", words), blank_out(encode, "a b a", words[1:2])
        for output in every:
            assert one[output] == pytest.approx(every[output][1:2])

    def test_refuses_an_unknown_way(self):
        with pytest.raises(ValueError, match="how='delete' is unknown; expected one of 'mask', 'removal'"):
            blank_out(encode, "a b", words_of("a b", tokenize), how="delete")

    def test_refuses_to_remove_a_second_word_which_would_only_be_masked(self):
        with pytest.raises(ValueError, match='can only be masked; expected how="mask"'):
            blank_out(encode, "a b", words_of("a b", tokenize), how="removal", also=(1,))


class TestWords:
    def test_have_the_positions_of_their_tokens_and_their_place_in_the_text(self):
        text = "Hi, Jo: go!"
        words = words_of(text, tokenize)
        assert [word.text for word in words] == ["Hi", "Jo", "go"]
        assert [text[word.start : word.stop] for word in words] == ["Hi", "Jo", "go"]
        tokens = tokenize(text)
        assert ["".join(tokens[p] for p in word.positions) for word in words] == ["hi", "jo", "go"]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("I don't know", ["I", "don't", "know"]),
            ("a well-known man's hat", ["a", "well-known", "man's", "hat"]),
            ("“So”, she said…", ["So", "she", "said"]),
            ("It costs 3,000 or 2.5.", ["It", "costs", "3,000", "or", "2.5"]),
            ("one, two (three)", ["one", "two", "three"]),
            ("yes — no", ["yes", "no"]),
            ("cafe\u0301s", ["cafe\u0301s"]),
            ("...", []),
        ],
    )
    def test_are_what_one_would_call_words(self, text, expected):
        assert [word.text for word in words_of(text, tokenize)] == expected

    def test_come_with_the_signs_where_asked(self):
        words = words_of("Hi, Jo!", tokenize, signs=True)
        assert [word.text for word in words] == ["Hi", ",", "Jo", "!"]
        assert [word.is_sign for word in words] == [False, True, False, True]
        assert not words[1].is_content
        assert [word for word in words if not word.is_sign] == words_of("Hi, Jo!", tokenize)

    def test_that_do_not_make_up_the_text_are_refused(self):
        def merges_over_spaces(text):
            return ["[CLS]", text.replace(" ", ""), "[SEP]"]

        with pytest.raises(ValueError, match=r"have the tokens \['ab', 'cd'\], but the text has \['abcd'\]"):
            words_of("ab cd", merges_over_spaces)

    @pytest.mark.parametrize("word", ["The", "of", "not", "don't", "He'll", "CAN’T", "themselves", "there's"])
    def test_of_the_closed_classes_are_function_words(self, word):
        assert not words_of(word, tokenize)[0].is_content

    @pytest.mark.parametrize("word", ["cat", "Anna", "runs", "never", "seven", "7", "man's", "well-known"])
    def test_of_the_open_classes_are_content_words(self, word):
        assert words_of(word, tokenize)[0].is_content

    def test_no_function_word_is_written_in_capitals_or_holds_a_space(self):
        assert all(word == word.lower().strip() and word for word in FUNCTION_WORDS)

    def test_get_the_sum_over_their_tokens(self):
        words = words_of("ab. c", tokenize)
        np.testing.assert_allclose(per_word(np.arange(6.0), words), [1 + 2, 4])
        np.testing.assert_allclose(per_word(np.arange(12.0).reshape(2, 6), words), [[3, 4], [15, 10]])


values = st.lists(st.integers(-5, 5), min_size=3, max_size=12).filter(lambda xs: len(set(xs)) > 1)


class TestSpearman:
    @given(st.data())
    def test_is_scipy_s_with_ties_and_without(self, data):
        a = data.draw(values)
        b = data.draw(
            st.lists(st.integers(-5, 5), min_size=len(a), max_size=len(a)).filter(lambda xs: len(set(xs)) > 1)
        )
        assert spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)

    @given(values)
    def test_ranks_are_scipy_s(self, a):
        np.testing.assert_array_equal(ranks(a), stats.rankdata(a))

    @given(values, st.data())
    def test_sees_the_order_alone(self, a, data):
        b = data.draw(st.permutations(a))
        assert spearman(np.exp(a), b) == pytest.approx(spearman(a, b))
        assert spearman(a, b) == pytest.approx(spearman(b, a))
        assert spearman(np.negative(a), b) == pytest.approx(-spearman(a, b))

    def test_is_one_for_the_same_order_and_minus_one_for_the_opposite(self):
        assert spearman([1, 2, 9], [0.1, 0.2, 0.3]) == pytest.approx(1)
        assert spearman([1, 2, 9], [0.3, 0.2, 0.1]) == pytest.approx(-1)

    def test_by_hand(self):
        # Ranks 1 2 3 4 and 2 1 4 3: four differences of 1, so 1 - 6·4 / (4·15).
        assert spearman([10, 20, 30, 40], [2, 1, 4, 3]) == pytest.approx(1 - 24 / 60)

    @pytest.mark.parametrize(
        ("a", "b", "message"),
        [
            ([1, 2], [1, 2, 3], r"a has shape \(2,\) and b has shape \(3,\)"),
            ([1], [1], "at least 2"),
            ([[1, 2]], [[1, 2]], "expected two flat lists"),
            ([1, float("nan")], [1, 2], r"a holds NaN at \[1\]"),
            ([1, 2, 3], [7, 7, 7], "b holds 7 3 times, which is no order"),
        ],
    )
    def test_refuses_what_has_no_rank_correlation(self, a, b, message):
        with pytest.raises(ValueError, match=message):
            spearman(a, b)

    def test_refuses_what_is_no_number(self):
        with pytest.raises(TypeError, match="a has dtype"):
            spearman(["x", "y"], [1, 2])
