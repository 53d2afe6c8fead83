"""What a hidden cell and a self-check cell call: judge the answers in the notebook's own process.

nbgrader reads a score from the cell's output. `grade` therefore never raises, prints to standard output only
and returns a builtin float.
"""

import contextlib
from collections.abc import Mapping
from statistics import mode
from typing import Any

import numpy as np

from .breaking import judge_break, read_input
from .kept_answers import KeptAnswer, keep_answer
from .key import BreakKey, ChoiceKey, FunctionKey, Key, UnreadableKey, unseal
from .names import answer_name
from .running import call_on_probes, in_words
from .schema import LETTERS
from .scoring import (
    NO_ANSWER,
    Verdict,
    judge_choice,
    judge_function,
    read_letter,
    recorded,
    render,
    wrapped,
)
from .was_that_it import WAS_THAT_IT, how_to_reply

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
    """Print at once what grading would say, and keep it; `keys` maps items to sealed keys."""
    try:
        key = unseal(keys.get(item, ""))
    except UnreadableKey as error:
        print(wrapped(CANNOT_BE_CHECKED.format(item, error)))
        return
    verdict = judge(item, namespace, key)
    print(wrapped(render(verdict)))
    belief = keep_self_check(verdict, key, keys[item])
    if belief and isinstance(key, FunctionKey):  # under a question the click helper asks
        ask_was_that_it(item, belief)


def keep_self_check(verdict: Verdict, key: Key, sealed: str) -> str:
    """Keep whether a self-check was right; return the one belief that it shows, "" for none or two."""
    beliefs: dict[str | None, str] = {}
    if isinstance(key, ChoiceKey):
        beliefs = {option.misconception: option.lesson for option in key.options.values()}
    elif isinstance(key, FunctionKey):
        beliefs = {each.name: each.lesson for each in key.misconceptions}
    lessons = [lesson for lesson in beliefs.values() if lesson]
    name = verdict.misconception or ""
    belief = name if name in beliefs else ""
    if verdict.answer != NO_ANSWER:
        lesson = (mode(lessons) if lessons else verdict.lesson).partition("#")[0]
        again = sealed if isinstance(key, ChoiceKey) and key.stem else ""
        answer = KeptAnswer(right=verdict.right, belief=belief, lesson=lesson, sealed=again)
        keep_answer(f"self-check-{key.item}", answer)
    return belief


def ask_was_that_it(item: str, belief: str) -> None:
    """Ask below a printed diagnosis whether that was the thought: by buttons where there can be any."""
    from IPython import get_ipython

    if get_ipython() is None:
        print(f"{WAS_THAT_IT} {how_to_reply(item)}")
        return
    from IPython.display import display

    from .widget import OptionsWidget

    widget = OptionsWidget(label=f"The diagnosis of {item}")
    widget.item, widget.kept_as, widget.how = item, f"self-check-{item}", f'was_that_it("{item}", "yes")'
    widget.tell("The diagnosis above is a guess at what you thought.", "", belief)
    display(widget)
