"""Judging reads data: letters, and what calls came to."""

import functools
import math
import warnings

import numpy as np
import pytest
from msgspec.structs import replace

from rollout_lab.quiz.key import Outcome, Probe
from rollout_lab.quiz.running import call_on_probes
from rollout_lab.quiz.scoring import (
    Verdict,
    is_blank,
    judge_choice,
    judge_function,
    read_letter,
    render,
    wrapped,
)

from .judging import COURSE, choice_key, function_key, verdict_on_choice, verdict_on_function

# Choices


@pytest.mark.parametrize(
    "answer",
    [
        *(
            "B",
            "b",
            "B)",
            " B ",
            "(b)",
            "b.",
            "B:",
            "B>",
            "\tb)\n",
            "[B]",
            "'B'",
            "\u201cB\u201d",
            "B,",
            "**B**",
        ),
        *("\uff22", "\uff42\uff09", "\u24b7", "\ufeffB", "B\u200b", "\u200fB", "\u00a0B", "B\0"),
    ],
    ids=ascii,
)
def test_a_letter_counts_in_any_dress(answer):
    assert read_letter(answer, "ABCD") == "B"
    assert verdict_on_choice("q1", answer).right


@pytest.mark.parametrize(
    "answer",
    [
        "E",
        "AB",
        "A or B",
        "BB",
        "A/B",
        "B)" + " and perhaps A" * 9,
        "\u0412",  # the third letter on a Russian keyboard
        "1",
        "ß",
        3,
        2.0,
        True,
        ["B"],
        ("B",),
        {"B": 1},
        b"B",
        np.array(["B", "A"]),
        len,
    ],
    ids=repr,
)
def test_what_is_no_letter_earns_nothing_and_does_no_harm(answer):
    assert read_letter(answer, "ABCD") is None
    verdict = verdict_on_choice("q1", answer)
    assert (verdict.credit, verdict.misconception) == (0.0, None)
    assert "No option was chosen" in verdict.message
    assert len(verdict.answer) <= 80


@pytest.mark.parametrize("answer", [None, "", "   "])
def test_a_blank_is_no_answer(answer):
    assert is_blank(answer)
    assert verdict_on_choice("q1", answer).answer == "no answer"


@pytest.mark.parametrize("answer", [0, False, "A", [], np.zeros(2)])
def test_anything_else_is_no_blank(answer):
    assert not is_blank(answer)


def test_a_verdict_repeats_the_option_that_was_shown_under_the_letter():
    key = choice_key("q1", "CABD")
    assert judge_choice("A", key).answer == "A) No accumulation"
    assert judge_choice("A", key).misconception == "a-map-is-only-read"
    assert judge_choice("C", key).right


# Functions


def right_softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def test_results_within_the_tolerance_are_right_and_beyond_it_wrong():
    for error, credit in [(0, 1.0), (5e-5, 1.0), (-5e-5, 1.0), (3e-4, 0.0), (-3e-4, 0.0)]:
        function = lambda scores, error=error: right_softmax(scores) * (1 + error)  # noqa: E731
        assert verdict_on_function("softmax", function).credit == credit


def test_a_shape_that_only_broadcasts_to_the_right_one_is_not_right():
    verdict = verdict_on_function("softmax", lambda scores: right_softmax(scores)[None])
    assert (verdict.credit, verdict.misconception) == (0.5, "right-numbers-in-another-shape")


def test_an_unknown_mistake_is_told_which_promises_it_breaks_and_which_it_keeps():
    def no_vectors(scores):
        return right_softmax(scores) if scores.ndim == 2 else scores * 0

    verdict = verdict_on_function("softmax", no_vectors)
    assert (verdict.credit, verdict.misconception) == (0.0, None)
    assert "right in 6 of 11" in verdict.message
    assert "- any number of axes" in verdict.message
    assert "- scores from" not in verdict.message


def test_a_misconception_is_named_only_if_every_call_shows_it():
    def sometimes(scores):
        e = np.exp(scores - scores.max(axis=0, keepdims=True))
        return right_softmax(scores) * 0.9 if scores.ndim == 3 else e / e.sum(axis=0, keepdims=True)

    assert verdict_on_function("softmax", sometimes).misconception is None


def test_two_misconceptions_at_once_are_both_told_and_each_takes_its_share():
    cases = {
        "overflow+exponential-not-normalised": (np.exp, 0.25),
        "softmax-over-everything+overflow": (lambda scores: np.exp(scores) / np.exp(scores).sum(), 0.0),
    }
    beliefs = {belief.name: belief for belief in COURSE.items["softmax"].misconceptions}
    for names, (function, credit) in cases.items():
        verdict = verdict_on_function("softmax", function)
        assert (verdict.misconception, verdict.credit) == (names, credit)
        assert "Two mistakes at once" in verdict.message
        for name in names.split("+"):
            assert f"- {beliefs[name].diagnosis.strip()}" in verdict.message


def test_right_results_that_cost_the_argument_earn_half_and_are_told():
    def in_place(scores):
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        return scores

    verdict = verdict_on_function("softmax", in_place)
    assert (verdict.credit, verdict.misconception) == (0.5, "modifies-its-argument")


def test_not_a_number_is_never_right():
    verdict = verdict_on_function("softmax", lambda scores: scores * np.nan)
    assert verdict.credit == 0


def test_a_misconception_that_costs_the_argument_besides_earns_half_of_its_share_and_is_told_both():
    def in_place(scores):
        scores -= scores.max(axis=-1, keepdims=True)
        return np.exp(scores, out=scores)

    verdict = verdict_on_function("softmax", in_place)
    assert verdict.misconception == "exponential-not-normalised+modifies-its-argument"
    assert verdict.credit == 0.25
    assert "do not divide by the row's sum" in verdict.message
    assert "changes the array" in verdict.message


@pytest.mark.parametrize("outcomes", [[], [Outcome(error="x")], [Outcome(1.0)]])
def test_outcomes_that_are_too_few_earn_nothing(outcomes):
    assert judge_function(outcomes, function_key("softmax")).credit == 0


def test_judging_warns_of_nothing_whatever_comes_back():
    strange = [np.inf, -np.inf, np.nan, 1e308, -1e308, 5e-324]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("softmax", "strongest_path"):
            for value in strange:
                fill = functools.partial(lambda value, *arguments: np.full(arguments[0].shape, value), value)
                assert verdict_on_function(name, fill).credit == 0
                ends = functools.partial(lambda value, layers, *_: [value] * (len(layers) + 1), value)
                assert verdict_on_function(name, ends).credit == 0


def test_credits_are_builtin_floats():
    halves = lambda scores: np.exp(scores - scores.max(axis=-1, keepdims=True))  # noqa: E731
    for verdict in (
        verdict_on_choice("q8", "A"),
        verdict_on_choice("q8", "B"),
        verdict_on_choice("q8", None),
        verdict_on_function("softmax", right_softmax),
        verdict_on_function("softmax", halves),
        verdict_on_function("softmax", None),
    ):
        assert type(verdict.credit) is float


# Paths

PLAIN = np.array(
    [[[1, 0, 0], [0.5, 0.5, 0], [0.25, 0.5, 0.25]], [[0, 0, 1], [0, 0.75, 0.25], [0, 0.25, 0.5]]]
)


def path_verdict(layers, output, source, best, answer):
    key = function_key("strongest_path")
    arguments, expected = [layers.tolist(), output, source], Outcome(best, [len(best)])
    probe = Probe(promise=next(iter(key.promises)), arguments=arguments, expected=expected)
    key = replace(key, probes=[probe], misconceptions=[], pairs=[])
    return judge_function(call_on_probes(lambda *_: answer, key), key)


@pytest.mark.parametrize("answer", [[1, 1, 0], [1.0, 1.0, 0.0], (1, 1, 0), np.array([1, 1, 0], np.int8)])
def test_a_heaviest_path_is_right_as_integers_or_whole_floats(answer):
    assert path_verdict(PLAIN, 1, 0, [1, 1, 0], answer).right


def test_any_of_two_tied_paths_is_right():
    layers = np.array([[[0.5, 0.5], [0.25, 0.75]], [[0.25, 0.75], [1 / 3, 2 / 3]]])
    for answer in ([1, 0, 0], [1, 1, 0]):
        assert math.prod((layers[1, 1, answer[1]], layers[0, answer[1], 0])) == pytest.approx(1 / 6)
        assert path_verdict(layers, 1, 0, [1, 0, 0], answer).right


@pytest.mark.parametrize(
    "answer",
    [
        [1, 2, 0],
        [1, 1, 1],
        [0, 2, 0],
        [1, 1],
        [1, 1, 0, 0],
        [[1, 1, 0]],
        [1, 1.2, 0],
        [1, 7, 0],
        [1, -2, 0],
        1,
    ],
    ids=repr,
)
def test_a_lighter_path_other_ends_another_length_or_no_position_is_wrong(answer):
    assert path_verdict(PLAIN, 1, 0, [1, 1, 0], answer).credit == 0


def test_a_position_counted_from_the_end_is_no_position():
    assert PLAIN[1, 1, -2] == PLAIN[1, 1, 1]
    assert path_verdict(PLAIN, 1, 0, [1, 1, 0], [1, -2, 0]).credit == 0


# What the student reads


def test_a_verdict_reads_as_mark_answer_reason_and_lesson():
    text = render(verdict_on_choice("q8", "A"), 1.0)
    first, second, *_, last = text.splitlines()
    assert first == "Partly right: 0.5 of 1 points."
    assert second == "You answered: A) 1 matrix"
    assert last == "Read again: lesson 02, “A product of layers”."


def test_what_is_printed_fits_a_notebooks_output():
    text = render(verdict_on_choice("q8", "A"), 1.0)
    assert max(map(len, text.splitlines())) > 100
    assert max(map(len, wrapped(text).splitlines())) <= 100
    assert wrapped(text).split() == text.split()
    assert wrapped("- a line that is too long", width=16) == "- a line that is\n  too long"


def test_a_right_answer_is_sent_to_no_lesson():
    text = render(verdict_on_choice("q8", "B"), 1.0)
    assert text.startswith("Right: 1 of 1 points.")
    assert "Read again" not in text


def test_without_points_only_the_mark_is_shown():
    assert render(Verdict(0.0, "no answer", "Nothing.")).startswith("Not yet.\n")
