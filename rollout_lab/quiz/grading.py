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
from .scoring import Verdict, judge_choice, judge_function, recorded, render, wrapped


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
