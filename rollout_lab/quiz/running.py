"""Call a student's function and bring back what it came to, as data."""

import contextlib
import io
import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

import numpy as np

from .key import Call, Calls, Outcome

STOPPED = "it was stopped because it ran too long"
"""The error of a function whose calls were interrupted."""


class LibraryVersionUsed(BaseException):
    """The student's function called the library's own version of what is asked."""


@contextlib.contextmanager
def refuse_library(names: Sequence[str]) -> Iterator[list[str]]:
    """Raise LibraryVersionUsed when one of rollout_lab's functions `names` is called.

    Yields the list of names that were called, for a student's code may swallow the exception.
    """
    used: list[str] = []
    if not names:
        yield used
        return

    # Calls are watched, not imports, so it does not matter under what name the function came in.
    def watch(frame: FrameType, event: str, _argument: object) -> None:
        code, module = frame.f_code, str(frame.f_globals.get("__name__", ""))
        if event == "call" and code.co_name in names and module.split(".")[0] == "rollout_lab":
            used.append(code.co_name)
            raise LibraryVersionUsed(code.co_name)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield used
    finally:
        sys.setprofile(before)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep what the student's function prints or warns of out of the cell's output, where nbgrader reads."""
    logging_below = logging.root.manager.disable
    logging.disable()  # a handler made earlier holds the real stderr
    with (
        warnings.catch_warnings(action="ignore"),
        np.errstate(all="ignore"),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        try:
            yield
        finally:
            logging.disable(logging_below)


def in_words(error: BaseException) -> str:
    """The kind of an error and its message, which a student's own error may fail to give."""
    try:
        message = f"{type(error).__name__}: {error}"
    except BaseException:
        message = type(error).__name__
    return message[:200].encode("utf-8", "replace").decode("utf-8")


def call(
    function: Callable[..., Any], arguments: Sequence[Any], library_versions: Sequence[str] = ()
) -> Outcome:
    """Call `function` with arrays and plain numbers; whatever happens is an outcome, never an error."""
    copies = [np.array(a) if isinstance(a, np.ndarray) else a for a in arguments]
    used: list[str] = []
    try:
        with _silence(), refuse_library(library_versions) as used:
            outcome = _read(function(*copies))
    except BaseException as error:  # a student's SystemExit must not end the grading
        outcome = Outcome(error=in_words(error))
    if used:
        return Outcome(library=used[0])
    outcome.modified = any(not np.array_equal(a, c) for a, c in zip(arguments, copies, strict=True))
    return outcome


def _read(result: Any) -> Outcome:
    """Read a result as `np.asarray` does: any float type, a list or a tuple counts."""
    if result is None:
        return Outcome(error="the function returned None: does it end in return?")
    array = np.real_if_close(np.asarray(result), tol=1e-6)  # eigenvalues and Fourier transforms are complex
    if array.dtype == object:  # fractions, or integers beyond 64 bits
        try:
            array = array.astype(float)
        except (TypeError, ValueError):
            kind = type(result).__name__
            return Outcome(error=f"the result is of type {kind}, not an array, a list or a tuple of numbers")
    if array.dtype.kind not in "fiub":
        return Outcome(error=f"the result is not an array of real numbers but of dtype {array.dtype}")
    return Outcome(array.astype(float).tolist(), list(array.shape), half=array.dtype == np.float16)


def call_on_probes(function: Any, calls: Calls) -> list[Outcome]:
    """The outcomes of the student's function on the probes, in order. An interrupted call ends them all."""
    if function is None:
        return [Outcome(error=f"{calls.item}: it is not defined")]
    if not callable(function):
        return [Outcome(error=f"{calls.item}: it is a {type(function).__name__}, not a function")]
    outcomes: list[Outcome] = []
    for probe in calls.probes:
        outcomes.append(call(function, arguments_of(probe), calls.library_versions))
        if (outcomes[-1].error or "").startswith("KeyboardInterrupt"):
            return [Outcome(error=STOPPED)]
    return outcomes


def arguments_of(probe: Call) -> list[Any]:
    """A probe's arguments: a nested list is a float64 array, a number is itself."""
    return [np.array(a, dtype=float) if isinstance(a, list) else a for a in probe.arguments]
