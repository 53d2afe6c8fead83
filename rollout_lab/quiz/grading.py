"""What a hidden cell and a self-check cell call: judge the answers in the notebook's own process.

nbgrader reads a score from the cell's output. `grade` therefore never raises, prints to standard output only
and returns a builtin float.
"""

import contextlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from .breaking import judge_break, read_input
from .key import BreakKey, ChoiceKey, Key, UnreadableKey, unseal
from .names import answer_name
from .running import call_on_probes, in_words
from .schema import LETTERS
from .scoring import Verdict, judge_choice, judge_function, read_letter, recorded, render, wrapped

NOT_GRADED = (
    "NOT GRADED: {}.\nThe 0 points of this cell say nothing about your answer, which stays as it is. "
    "Show this to your instructor."
)
CANNOT_BE_CHECKED = "{} cannot be checked: {}."


@np.errstate(all="ignore")  # a cell may have said np.seterr(all="raise"), and that goes for its process
def judge(item: str, namespace: Mapping[str, Any], key: Key) -> Verdict:
    """Judge the answer to `item` in `namespace`; it never raises."""
    try:
        if isinstance(key, ChoiceKey):
            return judge_choice(namespace.get(answer_name(item)), key)
        if isinstance(key, BreakKey):
            return judge_break(read_input(namespace.get(item)), key)
        return judge_function(call_on_probes(namespace.get(item), key), key)
    except BaseException as error:  # an answer that breaks the judge must not break the grading
        return Verdict(0.0, "an answer that could not be read", in_words(error))


def grade(item: str, namespace: Mapping[str, Any], sealed: str) -> float:
    """Print what the student reads of the answer to `item`, and return the points that it earns.

    Parameters
    ----------
    item : str
        The id of a question or an exercise.
    namespace : mapping
        The notebook's `globals()`.
    sealed : str
        The item's sealed key. One that is damaged, or of a newer version than this library knows, earns
        0 points and is told as what it is.

    Returns
    -------
    float
        A builtin float, which nbgrader reads.
    """
    try:
        key = unseal(sealed)
    except UnreadableKey as error:
        print(wrapped(NOT_GRADED.format(error)))
        return 0.0
    verdict = judge(item, namespace, key)
    print(wrapped(render(verdict, key.points)))
    from IPython import get_ipython
    from IPython.display import publish_display_data

    if get_ipython() is not None:
        with contextlib.suppress(Exception):  # a student's cell may have broken it; the score must stand
            publish_display_data(recorded(verdict, key.points))
    return float(verdict.credit * key.points)


def reletter(item: str, namespace: dict[str, Any], letters: Mapping[str, str]) -> None:
    """Give the answer to `item` in `namespace` the letter that its option has in the quiz as it is now.

    A cell that grading adds calls it, where a notebook shows the options in another order. `letters` maps
    its letters to those of now; one that is not among them was no option.

    >>> notebook = {"answer_mine": "b)"}
    >>> reletter("mine", notebook, {"A": "B", "B": "A"})
    Your answer B is A in the quiz as it is now.
    >>> notebook
    {'answer_mine': 'A'}
    """
    variable = answer_name(item)
    letter = read_letter(namespace.get(variable), LETTERS)
    if letter is not None:
        namespace[variable] = letters.get(letter)
        print(f"Your answer {letter} is {letters.get(letter, 'no option')} in the quiz as it is now.")


def self_check(item: str, namespace: Mapping[str, Any], keys: Mapping[str, str]) -> None:
    """Print at once what grading would say; `keys` maps items to sealed keys."""
    try:
        print(wrapped(render(judge(item, namespace, unseal(keys.get(item, ""))))))
    except UnreadableKey as error:
        print(wrapped(CANNOT_BE_CHECKED.format(item, error)))
