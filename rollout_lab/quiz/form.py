"""Form checks, visible to the student: the form of an answer, and a function on one small worked example."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .breaking import broken_promise, read_input
from .comparing import same
from .explaining import not_written
from .key import Call, Input, Outcome
from .names import answer_name
from .running import arguments_of, call
from .scoring import is_blank, read_letter

PASSED = "Form checked. Correctness is graded after you hand in."


class FormError(Exception):
    """An answer cannot be graded as it stands; the message says what to do."""

    def _render_traceback_(self) -> list[str]:
        """IPython's hook: the message alone, in lines short enough for nbgrader's Validate window."""
        lines = f"{type(self).__name__}: {self}".splitlines()
        return [wrapped for line in lines for wrapped in textwrap.wrap(line, 83) or [""]]


def check_choice(item: str, namespace: Mapping[str, Any], letters: str = "ABCD") -> None:
    """Raise FormError unless `answer_<item>` in `namespace` is one of the letters.

    `namespace` is the notebook's `globals()`.

    >>> check_choice("q1", {"answer_q1": "b)"})
    Form checked. Correctness is graded after you hand in.
    """
    name = answer_name(item)
    example = f'{name} = "{letters[0]}"'
    assignment = re.compile(rf"^\s*{name}\s*=\s*(.*)$", re.MULTILINE)
    history = namespace.get("In")  # a student may have called the identity matrix In
    cells = [cell for cell in history if isinstance(cell, str)] if isinstance(history, list) else []
    records = (record for cell in reversed(cells) for record in assignment.findall(cell))
    typed = re.fullmatch(r"([A-Za-z])\s*(#.*)?", next(records, ""))
    answer = namespace.get(name)
    # A bare letter that names no variable has failed, so that the variable still holds an older answer.
    if typed and (read_letter(answer, letters) is None or typed[1] not in namespace):
        raise FormError(
            f"{item}: the letter {typed[1]} needs quotation marks: Python takes a bare {typed[1]} for "
            f'the name of a variable. Write {name} = "{typed[1].upper()}" and run the cell again.'
        )
    if name not in namespace:
        raise FormError(
            f"{item}: {name} is not defined. Run the answer cell above, with a line like {example}"
        )
    if is_blank(answer):
        raise FormError(
            f"{item} is not answered yet. Run the answer cell and click an option, or write a letter, "
            f"like this: {example}"
        )
    if read_letter(answer, letters) is None:
        raise FormError(
            f"{item}: {name} must be one of the letters {', '.join(letters)} in quotation marks, "
            f"found {answer!r:.80}. Write for example {example}"
        )
    print(PASSED)


@np.errstate(all="ignore")
def check_function(
    item: str,
    namespace: Mapping[str, Any],
    *,
    arguments: Sequence[Any],
    expected: Any,
    library_versions: Sequence[str] = (),
) -> None:
    """Raise FormError unless the function `item` is defined and gets one small example right.

    `arguments` are the example's arguments (an array, or a nested list to be read as one, or a
    number), `expected` its result. Right means close, as `comparing.same` says.

    >>> check_function("double", {"double": lambda x: 2 * x}, arguments=[[1.0, 2.0]], expected=[2, 4])
    Form checked. Correctness is graded after you hand in.
    """
    function = namespace.get(item)
    if function is None:
        raise FormError(
            f"{item}: no function of this name is defined. Run the cell above, with def {item}(...)"
        )
    if not callable(function):
        raise FormError(
            f"{item}: this is of type {type(function).__name__}, not a function. Write def {item}(...)"
        )
    arguments = arguments_of(Call(list(arguments)))
    outcome = call(function, arguments, library_versions)
    if outcome.library is not None:
        raise FormError(
            f"{item} calls rollout_lab's own {outcome.library}, which is what you are asked to write. "
            "Write it with NumPy."
        )
    if not_written([outcome]):
        raise FormError(
            f"{item} is not written yet. Replace the line raise NotImplementedError by your own code."
        )
    given = [np.array2string(a, separator=", ") if isinstance(a, np.ndarray) else repr(a) for a in arguments]
    asked = f"{item}({', '.join(given)})"
    if outcome.error is not None:
        raise FormError(f"{asked} failed. {outcome.error}")
    expected = np.asarray(expected, dtype=float)
    if (shape := tuple(outcome.shape)) != expected.shape:
        raise FormError(f"{asked} returned an array of shape {shape}, expected {expected.shape}")
    if not same(outcome, Outcome(expected, outcome.shape)):
        found = np.array(outcome.value)
        raise FormError(f"{asked} returned\n{found}\nexpected\n{expected}\nWork it out on paper once.")
    if outcome.modified:
        raise FormError(f"{item} changes the array it is given. Work on a copy: write R = R + I, not R += I.")
    print(PASSED)


def check_input(item: str, namespace: Mapping[str, Any], **promised: Any) -> None:
    """Raise FormError unless the array `item` keeps what is promised; whether it breaks anything is not said.

    `promised` are the fields of `key.Input`.

    >>> promised = {"name": "x", "least": [1], "most": [3], "low": 0, "high": 9}
    >>> check_input("break_it", {"break_it": [1, 2]}, **promised)
    Form checked. Correctness is graded after you hand in.
    """
    if namespace.get(item) is None:
        raise FormError(
            f"{item} is not answered yet. Write your input in place of None and run the cell again."
        )
    if promise := broken_promise(read_input(namespace[item]), Input(**promised)):
        raise FormError(f"{item}: {promise}.")
    print(PASSED)
