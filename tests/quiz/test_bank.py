"""The items: their wording, their keys, and that every one of them judges as it says."""

import math
import re
import shutil
from collections import Counter

import numpy as np
import pytest

from rollout_lab.classroom.build.bank import define, load_course, option_orders, probe_arguments
from rollout_lab.quiz.comparing import is_right
from rollout_lab.quiz.form import FormError, check_function
from rollout_lab.quiz.in_lessons import practice_item, practice_names
from rollout_lab.quiz.running import call_on_probes
from rollout_lab.quiz.schema import _NEUTRAL, ItemError, Question
from rollout_lab.quiz.scoring import NO_ANSWER

from .judging import (
    BANK,
    BREAKS,
    COURSE,
    EXERCISES,
    QUESTIONS,
    ROOT,
    SEEDS,
    beliefs_of,
    check_sections,
    function_key,
    named,
    stub_of,
    verdict_on_choice,
    verdict_on_code,
)

OURS = [question for question in QUESTIONS if not question.commissioned]
PRACTICE = [item for item in map(practice_item, practice_names()) if isinstance(item, Question)]
SEED_TEXT = {
    "q1": (
        "Attention rollout accumulates attention:",
        "Within single layer",
        "Across multiple layers",
        "No accumulation",
        "Only at final layer",
    ),
    "q2": (
        "Rollout helps understand:",
        "Only layer 1",
        "Information flow through all layers",
        "No multi-hop",
        "Single token only",
    ),
    "q3": (
        "With residual connections, we add identity matrix to attention because:",
        "Attention is wrong",
        "Residual connections provide direct path (skip connections)",
        "No reason",
        "To make it faster",
    ),
    "q4": (
        "Rollout can capture multi-hop connections like:",
        "A → B directly",
        "A → C → B (through intermediate C)",
        "No hops",
        "Random hops",
    ),
    "q5": (
        "Rollout formula Rollout_l = A_l @ Rollout_{l-1} computes:",
        "Sum of attentions",
        "Matrix product to accumulate influence",
        "Average",
        "No product",
    ),
    "q6": (
        "A_l in rollout represents:",
        "Layer 1 only",
        "Attention matrix from layer l",
        "Loss",
        "Input",
    ),
    "q7": (
        "Rollout often better correlates with model output than single-layer because:",
        "It includes all layer information",
        "It's random",
        "It uses less computation",
        "No reason",
    ),
    "q8": (
        "For 12-layer model, rollout computes:",
        "1 matrix",
        "Product of 12 attention matrices",
        "12 separate attentions",
        "Sum of 12",
    ),
}
NO_BELIEF = {
    ("q3", "No reason"),
    ("q4", "No hops"),
    ("q5", "No product"),
    ("q6", "Loss"),
    ("q7", "It's random"),
    ("q7", "No reason"),
}
LAYERS = ("rollout_product", "rollout_steps", "strongest_path", "rollout_with_identity", "rollout_recursion")

each_question = pytest.mark.parametrize("question", **named(QUESTIONS))
each_exercise = pytest.mark.parametrize("exercise", **named(EXERCISES))
each_item = pytest.mark.parametrize("item", **named(list(COURSE.items.values())))


BELIEFS = [(item, belief) for item in COURSE.items.values() for belief in beliefs_of(item) if belief.name]
each_belief = pytest.mark.parametrize(
    ("item", "belief"), BELIEFS, ids=[f"{item.id}-{belief.name}" for item, belief in BELIEFS]
)


# The course


def test_the_assignments_ask_what_they_promise_in_their_order():
    assert {a.name: a.items for a in COURSE.assignments} == {
        "quiz1_single_layer_attention": (
            *("q1", "q6"),
            *("row_or_column", "mean_of_heads"),
            *("softmax", "attention_weights", "fuse_heads", "break_it_1"),
        ),
        "quiz2_matrix_product": (
            *("q2", "q4", "q5", "q8"),
            *("entry_of_r", "order_of_layers"),
            *("rollout_product", "rollout_steps", "strongest_path", "break_it_2"),
        ),
        "quiz3_identity_augmentation": (
            *("q3", "q7"),
            *("sum_of_a_row", "why_one_half"),
            *("augment", "normalise_rows", "rollout_with_identity", "rollout_recursion", "hop_distribution"),
            "break_it_3",
        ),
    }


def test_in_each_quiz_the_commissioned_questions_come_first_in_their_order_and_two_of_ours_follow():
    for assignment in COURSE.assignments:
        items = [COURSE.items[name] for name in assignment.items]
        questions = [item for item in items if isinstance(item, Question)]
        assert questions == items[: len(questions)]
        commissioned = [question.id for question in questions if question.commissioned]
        assert commissioned == sorted(commissioned) == [q.id for q in questions[:-2]]
        assert not questions[-1].commissioned
    assert [q.id for q in QUESTIONS if q.commissioned] == list(SEED_TEXT)


def length(option):
    return len(option.text.replace("`", ""))


def test_in_questions_of_ours_the_key_is_seldom_the_longest_option_and_often_the_shortest():
    longest = shortest = 0
    for question in OURS:
        key = next(length(option) for option in question.options if option.letter == question.key)
        others = [length(option) for option in question.options if option.letter != question.key]
        longest += key > max(others)
        shortest += key < min(others)
    assert longest <= len(OURS) / 4 <= shortest
    assert len(OURS) == 6


def test_every_wrong_option_of_a_question_of_ours_is_a_belief():
    for question in OURS:
        assert all(option.name for option in question.options if option.letter != question.key)


def test_every_item_of_the_bank_is_asked_once():
    asked = Counter(name for assignment in COURSE.assignments for name in assignment.items)
    assert asked == Counter(COURSE.items.keys())


def test_a_question_is_worth_one_point_and_an_exercise_two_but_for_the_two_steps_of_one():
    assert {COURSE.points(question.id) for question in QUESTIONS} == {1.0}
    points = {exercise.id: COURSE.points(exercise.id) for exercise in EXERCISES}
    assert points == dict.fromkeys(points, 2.0) | {"augment": 1.0, "normalise_rows": 1.0}
    assert {COURSE.points(item.id) for item in BREAKS} == {1.0}


def test_a_course_that_asks_for_an_item_that_is_not_there_is_refused(tmp_path):
    bank = shutil.copytree(BANK, tmp_path / "bank")
    (bank / "q6.toml").unlink()
    with pytest.raises(ItemError, match=r"course\.toml: quiz1_.* asks for 'q6', but there is no q6\.toml"):
        load_course(bank)


def test_a_bank_that_holds_a_task_for_practice_is_refused(tmp_path):
    bank = shutil.copytree(BANK, tmp_path / "bank")
    shutil.copy(ROOT / "rollout_lab" / "quiz" / "practice" / "who-reads-whom.toml", bank)
    with pytest.raises(ItemError, match=r"who-reads-whom\.toml: kind \"entry\" is for practice alone"):
        load_course(bank)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "course_id =",
            "course =",
            r"must not contain {'course'}, but may contain course_id, subject, points",
        ),
        ('title = "Quiz 1: single-layer attention"', "", r"field assignments\[0\] must contain \['title'\]"),
        ("choice = 1", 'choice = "one"', r"field points\[...\] must be number"),
        ("choice = 1", "choice = 0", r"field points.choice: expected a number above 0, found 0"),
        ("[points]", "[points", "this is not valid TOML: .*line"),
    ],
)
def test_a_broken_plan_is_refused_with_its_field(tmp_path, old, new, message):
    bank = shutil.copytree(BANK, tmp_path / "bank")
    plan = (bank / "course.toml").read_text("utf-8")
    (bank / "course.toml").write_text(plan.replace(old, new, 1), "utf-8")
    with pytest.raises(ItemError, match=f"^course.toml: .*{message}"):
        load_course(bank)


def test_a_plan_from_before_courses_had_a_subject_is_read(tmp_path):
    bank = shutil.copytree(BANK, tmp_path / "bank")
    plan = (bank / "course.toml").read_text("utf-8")
    (bank / "course.toml").write_text(plan.replace('subject = "attention rollout"', ""), "utf-8")
    assert load_course(bank).assignments == COURSE.assignments


# Anchors


@each_item
def test_every_lesson_anchor_names_a_section_that_exists(item):
    check_sections(item)


@each_item
def test_no_item_sends_its_reader_to_a_lesson_that_comes_later(item):
    (lesson,) = (a.lesson for a in COURSE.assignments if item.id in a.items)
    assert max(item.lesson, *(belief.lesson for belief in beliefs_of(item))).split("#")[0] <= lesson


# The questions


def test_the_seeds_eight_questions_keep_their_wording():
    kept = {q.id: (q.stem, *(option.text for option in q.options)) for q in QUESTIONS if q.commissioned}
    assert kept == SEED_TEXT


def test_the_keys_are_the_seeds():
    assert "".join(COURSE.items[f"q{number}"].key for number in range(1, 9)) == "BBBBBBAB"


@each_question
def test_the_key_earns_the_point_and_is_explained(question):
    verdict = verdict_on_choice(question.id, question.key)
    assert verdict.right
    assert verdict.message == question.explanation.strip()


@each_question
def test_every_other_option_earns_its_credit_and_gets_its_own_diagnosis(question):
    for option in question.options:
        if option.letter != question.key:
            verdict = verdict_on_choice(question.id, option.letter)
            assert verdict.credit == option.misconception.credit < 1
            assert verdict.misconception == option.misconception.name
            assert verdict.message == option.misconception.diagnosis.strip()


def test_options_that_carry_no_belief_get_words_of_their_own_and_no_name():
    nameless = {
        (question.id, option.text)
        for question in QUESTIONS
        for option in question.options
        if option.misconception is not None and option.misconception.name is None
    }
    assert nameless == NO_BELIEF


@pytest.mark.parametrize("question", list(QUESTIONS) + PRACTICE, ids=lambda question: question.id)
def test_no_option_gets_the_words_of_another_or_is_left_to_the_general_ones(question):
    said = [option.misconception.diagnosis for option in question.options if option.misconception]
    assert len(set(said)) == len(said)
    assert _NEUTRAL not in said


def test_the_doubt_that_lesson_5_confirms_is_not_sent_away():
    said = verdict_on_choice("q7", "D").message
    assert "lesson 05" in said.casefold()
    assert "doubt" in said


def test_one_matrix_is_half_right_and_nothing_else_is():
    credits = {
        (question.id, option.text): option.misconception.credit
        for question in QUESTIONS
        for option in question.options
        if option.misconception is not None and option.misconception.credit
    }
    assert credits == {("q8", "1 matrix"): 0.5}


def test_question_7_asks_for_the_reason_offered_outside_its_stem():
    note = COURSE.items["q7"].note
    assert "reason that one would offer" in note
    assert "lesson 05" in note
    assert [question.id for question in QUESTIONS if question.note] == ["q7"]


@each_item
def test_every_item_has_a_hint(item):
    assert all(hint.strip() for hint in item.hints)
    assert item.hints


@pytest.mark.parametrize("seed", [COURSE.seeds["options"], COURSE.seeds["self_check"], *range(50)])
def test_the_shown_keys_are_balanced_over_the_letters(seed):
    orders = option_orders(COURSE, seed)
    shown = {name: "ABCD"[order.index(COURSE.items[name].key)] for name, order in orders.items()}
    assert sorted(Counter(shown.values()).values()) == [3, 3, 4, 4]
    assert Counter(shown[name] for name in SEED_TEXT) == dict.fromkeys("ABCD", 2)
    assert all("".join(sorted(order)) == "ABCD" for order in orders.values())
    for assignment in COURSE.assignments:
        letters = Counter(shown[name] for name in assignment.items if name in shown)
        assert max(letters.values()) <= math.ceil(letters.total() / 4)


@pytest.mark.parametrize(
    ("seed", "orders"),
    [
        ("options", "DBCA DACB BADC CBDA BACD ADCB DCAB CABD"),
        ("self_check", "CABD BADC BACD ACBD ACDB DBCA DBCA DBAC"),
    ],
)
def test_commissioned_questions_keep_the_order_of_options_that_they_had_before_questions_of_ours(
    seed, orders
):
    now = option_orders(COURSE, COURSE.seeds[seed])
    assert " ".join(now[f"q{number}"] for number in range(1, 9)) == orders


def test_the_self_check_copies_show_another_order_than_the_graded_quizzes():
    graded, self_check = (option_orders(COURSE, COURSE.seeds[name]) for name in ("options", "self_check"))
    assert graded != self_check


# Diagnoses


@each_belief
def test_a_diagnosis_is_short_speaks_to_its_reader_and_names_no_letter(item, belief):
    text = " ".join(belief.diagnosis.split())
    assert re.search(r"\b[Yy]our?\b", text)
    assert not re.search(r"\b([Oo]ption|[Aa]nswer|[Ll]etter|[Cc]hoice) [A-H]\b|\b[A-H]\)", text)
    assert 1 < len(re.findall(r"[.?!](?=\s|$)", text)) <= 4, text
    assert len(text) < 420


def test_no_two_misconceptions_share_a_diagnosis_unless_they_share_a_name():
    names = {}
    for _item, belief in BELIEFS:
        names.setdefault(belief.diagnosis, set()).add(belief.name)
    assert all(len(shared) == 1 for shared in names.values())


# The exercises


@each_exercise
def test_the_statement_says_what_may_be_tested(exercise):
    statement = " ".join(exercise.statement.split())
    assert f"`{exercise.id}(" in statement
    assert "any float type, a list or a tuple" in statement or exercise.id == "strongest_path"
    assert "relative 1e-4" in statement
    if exercise.id != "hop_distribution":
        assert "float64 NumPy array" in statement
        assert "must not be modified" in statement
    if exercise.id in LAYERS:
        assert "`L` is 1 to 6, `N` is 1 to 8" in statement
        assert "weights may be 0" in statement


def promised(name, arguments):
    """Whether arguments lie within what the statement of an exercise promises."""
    if name == "softmax":
        (scores,) = arguments
        return scores.ndim >= 1 and np.abs(scores).max() <= 1e4
    if name == "attention_weights":
        query, key = arguments
        same_d = query.ndim == key.ndim == 2 and query.shape[1] == key.shape[1]
        return same_d and query.shape[1] <= 100 and max(np.abs(query).max(), np.abs(key).max()) <= 10
    if name == "hop_distribution":
        return isinstance(arguments[0], int) and 1 <= arguments[0] <= 60
    layers = arguments[0]
    if name == "normalise_rows":
        N = len(layers)
        return (
            layers.shape == (N, N) and 1 <= N <= 8 and (layers >= 0).all() and (layers.sum(axis=1) > 0).all()
        )
    square = layers.shape[-1] == layers.shape[-2]
    stochastic = (layers >= 0).all() and np.allclose(layers.sum(axis=-1), 1)
    if name not in LAYERS:
        return square and stochastic and layers.ndim == {"augment": 2, "fuse_heads": 3}[name]
    small = layers.ndim == 3 and 1 <= len(layers) <= 6 and 1 <= layers.shape[-1] <= 8
    ends = all(isinstance(end, int) and 0 <= end < layers.shape[-1] for end in arguments[1:])
    return square and stochastic and small and ends


@each_exercise
def test_probes_keep_to_what_the_statement_promises(exercise):
    for seed in range(20):
        for position, probe in enumerate(exercise.probes):
            arguments = probe_arguments(probe.arguments, seed + 1000 * position)
            assert promised(exercise.id, arguments), (probe, seed)


@pytest.mark.parametrize("name", LAYERS)
def test_a_single_layer_and_three_or_more_layers_are_probed(name):
    probes = COURSE.items[name].probes
    depths = {len(probe_arguments(probe.arguments, 0)[0]) for probe in probes}
    assert {1, 6} <= depths
    assert depths & {3, 4, 5}


@each_exercise
@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_earns_full_marks(exercise, seed):
    verdict = verdict_on_code(exercise.id, exercise.starter + exercise.reference, seed)
    assert verdict.right, verdict
    assert verdict.message == exercise.explanation.strip()


@each_exercise
def test_the_stub_earns_nothing(exercise):
    verdict = verdict_on_code(exercise.id, stub_of(exercise))
    assert (verdict.credit, verdict.answer) == (0, NO_ANSWER)
    assert "not written yet" in verdict.message


@each_exercise
def test_there_are_at_least_six_misconceptions(exercise):
    assert len(exercise.misconceptions) >= 6


@each_exercise
@pytest.mark.parametrize("seed", SEEDS)
def test_every_misconception_earns_its_credit_and_gets_its_own_diagnosis_and_no_others(exercise, seed):
    for belief in exercise.misconceptions:
        verdict = verdict_on_code(exercise.id, belief.code, seed)
        assert (verdict.misconception, verdict.credit) == (
            belief.name if belief.counted else None,
            belief.credit,
        )
        assert verdict.message == belief.diagnosis.strip()
        assert verdict.credit < 1


def test_the_formula_as_written_is_diagnosed_earns_half_and_counts_as_no_belief():
    uncounted = [(e.id, b.name) for e in EXERCISES for b in e.misconceptions if not b.counted]
    assert uncounted == [("rollout_with_identity", "as-written")]
    code = "def rollout_with_identity(layers):\n    R = np.eye(layers.shape[-1])\n    for A in layers:\n"
    for step, credit, names in [("R + A @ R", 0.5, None), ("R + R @ A", 0.0, "order-reversed")]:
        verdict = verdict_on_code("rollout_with_identity", f"{code}        R = {step}\n    return R\n")
        assert (verdict.credit, verdict.misconception) == (credit, names)
        assert "the formula as written, not yet normalised" in verdict.message


def test_part_of_the_points_is_one_half():
    assert {getattr(belief, "credit", 0.0) for _item, belief in BELIEFS} == {0.0, 0.5}


def divided_by_row_sums(result, *_arguments):
    return result / result.sum(axis=-1, keepdims=True)


def transposed(result, *_arguments):
    return np.swapaxes(result, -1, -2)


MENDED_BY = {
    ("softmax", "exponential-not-normalised"): divided_by_row_sums,
    ("attention_weights", "transposed"): transposed,
    ("fuse_heads", "sum-over-heads"): divided_by_row_sums,
    ("fuse_heads", "transposed"): transposed,
    ("fuse_heads", "sum-divided-by-positions"): divided_by_row_sums,
    ("rollout_product", "transposed"): transposed,
    ("rollout_steps", "transposed"): transposed,
    ("rollout_steps", "identity-counted-as-a-step"): lambda steps, _layers: steps[1:],
    ("strongest_path", "source-first"): lambda path, *_arguments: path[::-1],
    ("strongest_path", "output-left-out"): lambda path, _layers, output, _source: [output, *path],
    ("strongest_path", "counted-from-one"): lambda path, *_arguments: path - 1,
    ("strongest_path", "ends-left-out"): lambda path, _layers, *ends: [ends[0], *path, ends[1]],
    ("augment", "normalised-though-not-asked"): lambda A, _attention: 2 * A,
    ("rollout_with_identity", "as-written"): divided_by_row_sums,
    ("rollout_with_identity", "transposed"): transposed,
    ("rollout_recursion", "identity-left-on-top"): lambda R, _layers: R - np.eye(len(R)),
    ("rollout_recursion", "normalised-though-not-asked"): lambda R, layers: R * len(layers),
    ("rollout_recursion", "transposed"): transposed,
    ("hop_distribution", "counts-for-probabilities"): divided_by_row_sums,
    ("hop_distribution", "zero-hops-forgotten"): lambda hops, _n: [1 - hops.sum(), *hops],
    ("hop_distribution", "all-hops-forgotten"): lambda hops, _n: [*hops, 1 - hops.sum()],
}
"""How the result of a belief that earns half becomes the right one."""
SLIPS_OF_PYTHON = {
    ("softmax", "overflow"),
    ("softmax", "one-maximum-for-all-rows"),
    ("softmax", "axis-counted-from-the-front"),
    ("softmax", "keepdims-forgotten"),
    ("normalise_rows", "keepdims-forgotten"),
    ("attention_weights", "overflow"),
    ("rollout_steps", "one-array-for-all-steps"),
    ("hop_distribution", "integer-overflow"),
}


def test_half_is_earned_by_what_one_last_step_would_mend_and_by_slips_of_python():
    halves = {(item.id, belief.name) for item, belief in BELIEFS if item.kind == "function" and belief.credit}
    assert halves == MENDED_BY.keys() | SLIPS_OF_PYTHON


def calls_of(name, misconception):
    """What the implementation of a misconception comes to in each call, beside the call."""
    (code,) = (belief.code for belief in COURSE.items[name].misconceptions if belief.name == misconception)
    key = function_key(name)
    return zip(call_on_probes(define(code, name), key), key.probes, strict=True)


@pytest.mark.parametrize(("name", "belief"), MENDED_BY)
def test_the_last_step_mends_what_earns_half(name, belief):
    for outcome, probe in calls_of(name, belief):
        mended = MENDED_BY[name, belief](np.array(outcome.value), *probe.arguments)
        np.testing.assert_allclose(mended, probe.expected.value, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("name", "belief"), sorted(SLIPS_OF_PYTHON))
def test_a_slip_of_python_that_earns_half_is_right_in_some_calls(name, belief):
    kept = [is_right(outcome, probe, function_key(name)) for outcome, probe in calls_of(name, belief)]
    assert True in kept
    assert False in kept


def worked_example(exercise):
    """The example's arguments and result, read as a notebook cell reads them."""
    return eval(exercise.example.arguments, {"np": np}), eval(exercise.example.expected, {"np": np})


@each_exercise
def test_the_worked_example_is_small_and_right_to_the_last_digit(exercise):
    arguments, expected = worked_example(exercise)
    arrays = [np.array(a, dtype=float) if isinstance(a, list) else a for a in arguments]
    result = define(exercise.starter + exercise.reference, exercise.id)(*arrays)
    np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-15)
    assert max(np.size(array) for array in [*arrays, expected]) <= 18


@each_exercise
def test_the_form_check_passes_the_reference_and_refuses_the_stub(exercise, capsys):
    arguments, expected = worked_example(exercise)
    example = {"arguments": arguments, "expected": expected, "library_versions": exercise.library_versions}
    reference = define(exercise.starter + exercise.reference, exercise.id)
    check_function(exercise.id, {exercise.id: reference}, **example)
    assert "Form checked" in capsys.readouterr().out
    stub = define(stub_of(exercise), exercise.id)
    with pytest.raises(FormError, match="not written yet"):
        check_function(exercise.id, {exercise.id: stub}, **example)


def example_result(name, misconception):
    exercise = COURSE.items[name]
    (belief,) = (b for b in exercise.misconceptions if b.name == misconception)
    arrays = [np.array(a, dtype=float) if isinstance(a, list) else a for a in worked_example(exercise)[0]]
    return np.asarray(define(belief.code, name)(*arrays))


def test_the_numbers_in_the_hints_are_what_the_slips_give():
    assert example_result("attention_weights", "no-scaling")[0, 0] == pytest.approx(0.82, abs=0.005)
    assert example_result("rollout_product", "order-reversed")[1].tolist() == [0, 0.5, 0.5]
    assert example_result("rollout_with_identity", "order-reversed")[1].tolist() == [0, 0.75, 0.25]
    assert example_result("normalise_rows", "keepdims-forgotten")[2].tolist() == [1 / 4, 2, 1 / 2]
    assert example_result("normalise_rows", "columns-normalised")[2] == pytest.approx([1 / 4, 2 / 3, 2 / 3])
    assert example_result("rollout_with_identity", "as-written").sum(axis=1).tolist() == [4, 4, 4]
    assert example_result("rollout_recursion", "starts-at-the-identity").sum(axis=1).tolist() == [3, 3, 3]
    assert example_result("rollout_recursion", "identity-for-recursion").sum(axis=1).tolist() == [4, 4, 4]
    assert example_result("strongest_path", "greedy-from-the-top").tolist() == [0, 0, 2]
    assert example_result("strongest_path", "greedy-from-the-bottom").tolist() == [0, 2, 2]
