"""What a student's process says, reduced to what it may say: plain data of known form and size.

Everything here takes whatever JSON can hold and gives back something harmless.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

import numpy as np

from rollout_lab.quiz.running import Outcome

from . import limits

SHOWN = ("text/plain", "image/png", "image/jpeg")
"""What a cell may show. HTML and scripts would run in the browser of whoever reads the notebook."""

FLAGS = ("modified", "half")
"""What else an outcome may say of a result."""


def text(raw: Any, most: int = limits.TEXT) -> str:
    """A text that can be written in UTF-8, not longer than ``most``.

    >>> text("a\\ud800b"), text(12)
    ('a?b', '')
    """
    return raw[:most].encode("utf-8", "replace").decode("utf-8") if isinstance(raw, str) else ""


def outputs(raw: Any) -> list[dict[str, Any]]:
    """The outputs of a cell in nbformat's form; what cannot be shown safely is left out.

    >>> outputs([{"output_type": "display_data", "data": {"text/plain": "x", "text/html": "<b>x</b>"}}])
    [{'output_type': 'display_data', 'data': {'text/plain': 'x'}, 'metadata': {}}]
    """
    shown = [_output(each) for each in raw[: limits.OUTPUTS]] if isinstance(raw, list) else []
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
        name, value = text(raw.get("ename"), 200), text(raw.get("evalue"), 2000)
        return {"output_type": kind, "ename": name, "evalue": value, "traceback": lines}
    return None


def _shown(mime: str, raw: Any) -> str:
    if mime == "text/plain":
        return text(raw)
    try:
        return base64.b64encode(base64.b64decode("".join(raw.split()), validate=True)).decode("ascii")
    except (AttributeError, ValueError, binascii.Error):
        return ""


def outcomes(raw: Any) -> list[Outcome]:
    """What the calls of a function came to."""
    return [_outcome(each) for each in raw[: limits.OUTCOMES]] if isinstance(raw, list) else []


def _outcome(raw: Any) -> Outcome:
    """One outcome: numbers of the shape that they are said to have, or an error in one line.

    >>> _outcome({"value": [[1, 2]], "shape": [1, 2], "right": True})
    {'value': [[1.0, 2.0]], 'shape': [1, 2]}
    """
    if isinstance(raw, dict):
        for kind in ("library", "error"):
            if kind in raw:
                return {kind: " ".join(text(raw[kind], 200).split())}
        try:
            array = np.array(raw["value"], dtype=float).reshape(raw["shape"])
            outcome: Outcome = {"value": array.tolist(), "shape": list(array.shape)}
            return {**outcome, **{flag: True for flag in FLAGS if raw.get(flag) is True}}
        except (KeyError, TypeError, ValueError, OverflowError):
            pass
    return {"error": "what came back from the call was no result"}
