"""Sanitise messages from the sandbox: whatever JSON can hold becomes data of known form and size."""

import base64
import binascii
import json
import math
from collections.abc import Collection
from typing import Any

import msgspec
import numpy as np

from rollout_lab.classroom import limits
from rollout_lab.quiz.key import Outcome

from .protocol import Event

SHOWN = ("text/plain", "image/png", "image/jpeg")
"""What a cell may show. HTML and scripts would run in the browser of whoever reads the notebook."""


def event(line: bytes) -> Event | None:
    """The event in a line, None if it holds none. Raises ValueError for one that would take much memory."""
    if sum(map(line.count, (b",", b":", b"[", b"{"))) > limits.VALUES:
        raise ValueError("a line holds more values than one may")
    try:
        return msgspec.convert(json.loads(line), Event)  # json, for msgspec takes no NaN for a number
    except (ValueError, RecursionError):
        return None


def text(raw: Any, most: int = limits.TEXT) -> str:
    """A text that can be written in UTF-8, not longer than `most`."""
    return raw[:most].encode("utf-8", "replace").decode("utf-8") if isinstance(raw, str) else ""


def outputs(raw: Any) -> list[dict[str, Any]]:
    """The outputs of a cell in nbformat's form; what cannot be shown safely is left out."""
    shown = map(_output, raw[: limits.OUTPUTS + 1] if isinstance(raw, list) else [])
    return [each for each in shown if each is not None]


def _output(raw: Any) -> dict[str, Any] | None:
    if not isinstance(raw, dict):
        return None
    kind = raw.get("output_type")
    if kind == "stream" and raw.get("name") in ("stdout", "stderr"):
        return {"output_type": kind, "name": raw["name"], "text": text(raw.get("text"))}
    if kind in ("display_data", "execute_result") and isinstance(raw.get("data"), dict):
        data = {mime: _shown(mime, raw["data"][mime]) for mime in SHOWN if mime in raw["data"]}
        return {"output_type": kind, "data": {k: v for k, v in data.items() if v}, "metadata": {}}
    if kind == "error":
        lines = raw.get("traceback")
        lines = [text(line) for line in lines[: limits.OUTPUTS]] if isinstance(lines, list) else []
        name, value = text(raw.get("ename"), limits.ERROR_NAME), text(raw.get("evalue"), limits.ERROR)
        return {"output_type": kind, "ename": name, "evalue": value, "traceback": lines}
    return None


def _shown(mime: str, raw: Any) -> str:
    if mime == "text/plain":
        return text(raw)
    try:
        return base64.b64encode(base64.b64decode("".join(raw.split()), validate=True)).decode("ascii")
    except (AttributeError, ValueError, binascii.Error):
        return ""


def outcomes(raw: Any, library_versions: Collection[str] = ()) -> list[Outcome]:
    """What the calls of a function came to; `library_versions` are the names that one may have called."""
    if not isinstance(raw, list):
        return []
    return [_outcome(each, library_versions) for each in raw[: limits.OUTCOMES]]


def _outcome(raw: Any, library_versions: Collection[str]) -> Outcome:
    """One outcome: numbers of the shape that they are said to have, or an error in one line."""
    if isinstance(raw, dict):
        if raw.get("library") in list(library_versions):
            return Outcome(library=raw["library"])
        if raw.get("error") is not None:
            return Outcome(error=" ".join(text(raw["error"], limits.ERROR_OF_A_CALL).split()))
        try:
            if numbers(raw["shape"]) > limits.NUMBERS:
                raise ValueError  # no numbers are needed for a shape like (10**9, 0), but lists are
            array = np.array(raw["value"], dtype=float).reshape(raw["shape"])
            modified, half = raw.get("modified") is True, raw.get("half") is True
            return Outcome(array.tolist(), list(array.shape), modified=modified, half=half)
        except (KeyError, TypeError, ValueError, OverflowError):
            pass
    return Outcome(error="what came back from the call was no result")


def numbers(shape: Any) -> int:
    """How much room an array of this shape takes as lists, in numbers. Raises ValueError for no shape."""
    sides = shape if isinstance(shape, list) and len(shape) <= 64 else [-1]  # NumPy's most
    if not all(type(side) is int and 0 <= side <= limits.NUMBERS for side in sides):
        raise ValueError(f"{shape!r:.80} is no shape")
    return math.prod(side or 1 for side in sides)
