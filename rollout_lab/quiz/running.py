"""Call a student's function and bring back what it came to, as data."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

Outcome = dict[str, Any]
"""What one call came to: ``{"value": nested list, "shape": list}``, ``{"error": text}`` or
``{"library": name}``; with ``"modified": True`` if the call changed one of its arguments, and
``"half": True`` if the result came in half precision. Where the call was made a second time for
whoever reads the verdict, ``"seen"`` is what it came to then."""


STOPPED = "it was stopped because it ran too long"
"""The error of a function whose calls were interrupted."""


class LibraryVersionUsed(BaseException):
    """The student's function called the library's own version of what is asked."""


@contextlib.contextmanager
def refuse_library(names: Sequence[str]) -> Iterator[list[str]]:
    """Raise LibraryVersionUsed when one of rollout_lab's functions ``names`` is called.

    Calls are watched, not imports, so it does not matter under what name the function came in.
    Yields the list of names that were called, for a student's code may swallow the exception.
    """
    used: list[str] = []
    if not names:
        yield used
        return

    def watch(frame, event, _argument):
        code = frame.f_code
        if event == "call" and code.co_name in names and _module(frame).split(".")[0] == "rollout_lab":
            used.append(code.co_name)
            raise LibraryVersionUsed(code.co_name)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield used
    finally:
        sys.setprofile(before)


def _module(frame) -> str:
    return str(frame.f_globals.get("__name__", ""))


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep what the student's function prints or warns of out of the cell's output, where nbgrader reads."""
    logging_below = logging.root.manager.disable
    logging.disable()  # a handler made earlier holds the real stderr
    with (
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logging.disable(logging_below)


def in_words(error: BaseException) -> str:
    """The kind of an error and what it says, which a student's own error may fail to do.

    >>> in_words(KeyError("x"))
    "KeyError: 'x'"
    """
    try:
        said = f"{type(error).__name__}: {error}"
    except BaseException:
        said = type(error).__name__
    return said[:200].encode("utf-8", "replace").decode("utf-8")


def call(function: Callable, arguments: Sequence[Any], library_versions: Sequence[str] = ()) -> Outcome:
    """What ``function(*arguments)`` comes to, as data; it never raises.

    ``arguments`` are arrays or plain numbers; the function gets copies, so that a changed
    argument is seen and does no harm.
    """
    copies = [np.array(a) if isinstance(a, np.ndarray) else a for a in arguments]
    used: list[str] = []
    try:
        with _silence(), refuse_library(library_versions) as used:
            outcome = _read(function(*copies))
    except BaseException as error:  # a student's SystemExit must not end the grading
        outcome = {"error": in_words(error)}
    if used:
        return {"library": used[0]}
    if any(not np.array_equal(a, c) for a, c in zip(arguments, copies, strict=True)):
        outcome["modified"] = True
    return outcome


def _read(result: Any) -> Outcome:
    """A result as data: any float type, a list or a tuple counts, read as ``np.asarray`` reads it."""
    if result is None:
        return {"error": "the function returned None: does it end in return?"}
    array = np.real_if_close(np.asarray(result), tol=1e-6)  # eigenvalues and Fourier transforms are complex
    if array.dtype == object:  # fractions, or integers beyond 64 bits
        try:
            array = array.astype(float)
        except (TypeError, ValueError):
            kind = type(result).__name__
            return {"error": f"the result is of type {kind}, not an array, a list or a tuple of numbers"}
    if array.dtype.kind not in "fiub":
        return {"error": f"the result is not an array of real numbers but of dtype {array.dtype}"}
    outcome = {"value": array.astype(float).tolist(), "shape": list(array.shape)}
    return {**outcome, "half": True} if array.dtype == np.float16 else outcome


def collect(function: Callable | None, key: Mapping[str, Any]) -> list[Outcome]:
    """The outcomes of the student's function on the key's probes, in order.

    A call that is interrupted (by the student or by a time limit) ends the collection.
    """
    if not callable(function):
        missing = function is None
        found = "it is not defined" if missing else f"it is a {type(function).__name__}, not a function"
        return [{"error": f"{key['item']}: {found}"}]
    outcomes: list[Outcome] = []
    for probe in key["probes"]:
        outcomes.append(call(function, arguments_of(probe), key["library_versions"]))
        if outcomes[-1].get("error", "").startswith("KeyboardInterrupt"):
            return [{"error": STOPPED}]
    return outcomes


def arguments_of(probe: Mapping[str, Any]) -> list[Any]:
    """A probe's arguments: a nested list is a float64 array, a number is itself."""
    return [np.array(a, dtype=float) if isinstance(a, list) else a for a in probe["arguments"]]
