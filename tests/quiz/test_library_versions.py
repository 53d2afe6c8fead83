"""The library's own version of what is asked is no answer in any disguise; its other functions are."""

import pytest

import rollout_lab

from .judging import COURSE, EXERCISES, named, verdict_on_function
from .shelves import right_answers

LIBRARY = {
    "softmax": lambda scores: rollout_lab.softmax(scores),
    "attention_weights": lambda query, key: rollout_lab.attend(query, key, key)[1],
    "fuse_heads": lambda attention: rollout_lab.rollout([attention], residual="none"),
    "rollout_product": lambda layers: rollout_lab.rollout(layers, residual="none"),
    "rollout_steps": lambda layers: rollout_lab.rollout_steps(layers, residual="none"),
    "strongest_path": lambda layers, output, source: (
        rollout_lab.top_paths(layers, output, source, 1, residual="none")[0].positions
    ),
    "augment": lambda attention: rollout_lab.add_identity(attention, weight=None),
    "normalise_rows": lambda weights: rollout_lab.rollout([weights], residual="none", renormalize=True),
    "rollout_with_identity": lambda layers: rollout_lab.rollout(layers),
    "rollout_recursion": lambda layers: rollout_lab.rollout(layers, residual="recursion", normalize=False),
    "hop_distribution": lambda n_layers: rollout_lab.hop_distribution(n_layers),
}


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_the_librarys_own_version_is_refused_and_is_right_otherwise(exercise):
    verdict = verdict_on_function(exercise.id, LIBRARY[exercise.id])
    assert (verdict.credit, verdict.misconception) == (0.0, "library-version")
    assert any(f"rollout_lab's own {name}," in verdict.message for name in exercise.library_versions)


@pytest.mark.parametrize("exercise", **named(EXERCISES))
def test_library_versions_are_names_that_the_library_offers(exercise):
    assert exercise.library_versions
    assert set(exercise.library_versions) <= set(rollout_lab.__all__)


def test_attention_weights_may_call_the_librarys_softmax_as_its_statement_says():
    assert "the one of `rollout_lab`" in " ".join(COURSE.items["attention_weights"].statement.split())
    (answer,) = (a for a in right_answers("attention_weights") if "from rollout_lab import softmax" in a.code)
    assert verdict_on_function("attention_weights", answer.function()).right
