"""What a hidden cell and a self-check cell call: judge the answers in the notebook's own process.

nbgrader reads a score from the cell's output. ``grade`` therefore never raises, prints to
standard output only and returns a builtin float.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from .keys import unseal
from .running import collect, in_words
from .schema import LETTERS
from .scoring import Verdict, judge_choice, judge_function, read_letter, recorded, render, wrapped


@np.errstate(all="ignore")  # a cell may have said np.seterr(all="raise"), and that goes for its process
def judge(item: str, namespace: Mapping[str, Any], key: Mapping[str, Any]) -> Verdict:
    """The verdict on the answer to ``item`` in ``namespace``, by an unsealed key; it never raises."""
    try:
        if key["kind"] == "choice":
            return judge_choice(namespace.get(f"answer_{item}"), key)
        return judge_function(collect(namespace.get(item), key), key)
    except BaseException as error:  # an answer that breaks the judge must not break the grading
        return Verdict(0.0, "an answer that could not be read", in_words(error))


def grade(item: str, namespace: Mapping[str, Any], sealed: str) -> float:
    """The points that the answer to ``item`` earns, as a builtin float; prints what the student reads.

    ``namespace`` is the notebook's ``globals()``, ``sealed`` the item's sealed key.
    """
    key = unseal(sealed)
    verdict = judge(item, namespace, key)
    print(wrapped(render(verdict, key["points"])))
    _show(recorded(verdict, key["points"]))
    return float(verdict.credit * key["points"])


def reletter(item: str, namespace: dict[str, Any], letters: Mapping[str, str]) -> None:
    """Give the answer to ``item`` in ``namespace`` the letter that its option has in the quiz as it is now.

    A cell that grading adds calls it, where a notebook shows the options in another order. ``letters`` maps
    its letters to those of now; one that is not among them was no option.

    >>> notebook = {"answer_mine": "b)"}
    >>> reletter("mine", notebook, {"A": "B", "B": "A"})
    Your answer B is A in the quiz as it is now.
    >>> notebook
    {'answer_mine': 'A'}
    """
    variable = f"answer_{item}"
    letter = read_letter(namespace.get(variable), LETTERS)
    if letter is not None:
        namespace[variable] = letters.get(letter)
        print(f"Your answer {letter} is {letters.get(letter, 'no option')} in the quiz as it is now.")


def _show(data: Mapping[str, Any]) -> None:
    """Add an output with this data to the cell that runs, if one does."""
    from IPython import get_ipython
    from IPython.display import publish_display_data

    if get_ipython() is not None:
        with contextlib.suppress(Exception):  # a student's cell may have broken it; the score must stand
            publish_display_data(dict(data))


def self_check(item: str, namespace: Mapping[str, Any], keys: Mapping[str, str]) -> None:
    """Print at once what grading would say; ``keys`` maps items to sealed keys."""
    print(wrapped(render(judge(item, namespace, unseal(keys[item])))))
