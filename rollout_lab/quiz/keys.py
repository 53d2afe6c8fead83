"""Sealed keys: everything needed to judge an answer, as one string that a notebook carries."""

from __future__ import annotations

import ast
import base64
import bz2
import functools
import json
from collections.abc import Mapping
from typing import Any


def seal(key: Mapping[str, Any]) -> str:
    """A key as one string that notebooks carry; the same key gives the same string everywhere.

    Sealing keeps the key from being read at a glance. It is no secret.

    >>> unseal(seal({"item": "q1"}))
    {'item': 'q1'}
    """
    text = json.dumps(key, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return base64.b64encode(bz2.compress(text.encode())).decode("ascii")


def unseal(sealed: str) -> dict[str, Any]:
    """The key in a sealed string; white space in the string does not count."""
    return json.loads(bz2.decompress(base64.b64decode("".join(sealed.split()))))


@functools.cache  # the same for the whole class
def key_in(source: str) -> dict[str, Any] | None:
    """The key that a hidden cell carries, or None if the cell does not call ``grade``."""
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except SyntaxError:
        return None
    for call in calls:
        if isinstance(call.func, ast.Name) and call.func.id == "grade" and len(call.args) == 3:
            return unseal(ast.literal_eval(call.args[2]))
    return None
