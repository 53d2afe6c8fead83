"""The sealed key of an item: all that is needed to judge an answer, as one string that a notebook carries."""

from __future__ import annotations

import ast
import base64
import bz2
import functools
import json
from collections.abc import Sequence
from typing import Any

import msgspec

VERSION = 2
"""The newest version of the keys that `seal` writes: 2 for a `BreakKey`, which older libraries do not know,
1 for the others. Keys without one were sealed before keys had versions."""

MOST = 2_000_000
"""Bytes that a key holds at most, unsealed."""

_FRESH = "`rollout-lab fresh 01`, with its name, or `fresh_copy('01')` of rollout_lab.working_copy"


class UnreadableKey(ValueError):
    """A sealed key cannot be read; the message says why and what to do."""


class Outcome(msgspec.Struct, omit_defaults=True):
    """What a call came to: a `value` (a nested list) and its `shape`, an `error`, or a call of the `library`.

    `modified` says that the call changed one of its arguments, `half` that the result came in half precision.
    `seen` is what the call came to when it was made a second time for whoever reads the verdict.
    """

    value: Any = None
    shape: list[int] = []
    error: str | None = None
    library: str | None = None
    modified: bool = False
    half: bool = False
    seen: Outcome | None = None


Digest = list[int | float] | None
"""What stands for a misconceived result: its shape and one weighted sum, None for an error."""


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """The arguments of one call, as nested lists and numbers; feedback may show it only if it is `shown`."""

    arguments: list[Any]
    shown: bool = False


class Calls(msgspec.Struct, frozen=True, kw_only=True):
    """What a function is called with: the part of its key that a student's process may know."""

    item: str
    probes: Sequence[Call]
    library_versions: Sequence[str] = ()


class Probe(Call, frozen=True, kw_only=True, omit_defaults=True):
    """A call with its expected outcome, and the promise of the statement that it tests."""

    promise: str
    expected: Outcome


class Belief(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A misconception of an exercise, with the digest of what it makes of each probe.

    What is not `counted` is diagnosed like one, and a verdict does not name it.
    """

    name: str
    credit: float
    diagnosis: str
    lesson: str
    results: list[Digest]
    counted: bool = True


class Pair(msgspec.Struct, frozen=True):
    """Two misconceptions at once, by name, with the digest of what they make of each probe."""

    names: tuple[str, str]
    results: list[Digest]


class KeyOption(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An option of a question; `formerly` are the words that it had in earlier notebooks."""

    text: str
    right: bool
    formerly: list[str] = []
    credit: float = 0.0
    misconception: str | None = None
    diagnosis: str = ""
    lesson: str = ""


class ChoiceKey(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="choice"
):
    """The key of a question: its options by the letters under which the notebook shows them.

    The key in a self-check has the question's `stem` too, so that it can be asked again elsewhere.
    """

    item: str
    points: float
    explanation: str
    options: dict[str, KeyOption]
    stem: str = ""
    commissioned: bool = False


class FunctionKey(Calls, frozen=True, kw_only=True, tag_field="kind", tag="function"):
    """The key of an exercise; `compare` is `"close"` for numbers, `"path"` for any heaviest path."""

    points: float
    compare: str
    lesson: str
    explanation: str
    promises: dict[str, str]
    probes: list[Probe]
    misconceptions: list[Belief]
    pairs: list[Pair] = []

    def __post_init__(self) -> None:
        names = {belief.name for belief in self.misconceptions}
        if unknown := {probe.promise for probe in self.probes} - self.promises.keys():
            raise ValueError(f"there are no promises {sorted(unknown)}")
        if unknown := {name for pair in self.pairs for name in pair.names} - names:
            raise ValueError(f"there are no misconceptions {sorted(unknown)}")
        results = [each.results for each in self.misconceptions] + [each.results for each in self.pairs]
        if any(len(each) != len(self.probes) for each in results):
            raise ValueError(f"a misconception has not one result for each of {len(self.probes)} probes")


class Input(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an input must be: the `least` and the `most` of each side, and the range of its numbers.

    If it is `square`, its last two sides are equal; if `stochastic`, every row sums to 1.
    """

    name: str
    least: list[int]
    most: list[int]
    square: bool = False
    low: float
    high: float
    stochastic: bool = False


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Why an input breaks nothing: the expression `when` is true of it."""

    name: str
    when: str
    diagnosis: str
    lesson: str


class BreakKey(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="break"):
    """The key of an input to be found: the code of `function`, `right` and `wrong`, which the judge runs."""

    item: str
    points: float
    lesson: str
    explanation: str
    function: str
    right: str
    wrong: str
    compare: str
    input: Input
    after: list[int]
    agreements: list[Agreement]
    otherwise: str


Key = ChoiceKey | FunctionKey | BreakKey


def seal(key: Key) -> str:
    """Seal a key: the same key gives the same string everywhere.

    Sealing keeps the key from being read at a glance. It is no secret.
    """
    version = 2 if isinstance(key, BreakKey) else 1
    data = {"version": version, **msgspec.to_builtins(key)}
    # Not msgspec's own JSON: it writes null for a number that is NaN.
    text = json.dumps(data, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return base64.b64encode(bz2.compress(text.encode())).decode("ascii")


def unseal(sealed: str) -> Key:
    """Read a sealed key; white space in the string does not count. Raises UnreadableKey."""
    item = "an item"
    try:
        packed = bz2.BZ2Decompressor()
        text = packed.decompress(base64.b64decode("".join(sealed.split())), MOST)
        if not packed.eof:
            raise EOFError(f"it is cut off, or holds more than {MOST} bytes")
        data = json.loads(text)
        item, version = data["item"], data.get("version", 0)
        if version > VERSION:
            raise UnreadableKey(
                f"the key of {item} is of version {version}, and this rollout_lab reads keys up to version "
                f"{VERSION}. Update rollout_lab, or get a copy of this notebook that fits it: {_FRESH}"
            )
        return msgspec.convert(data, Key)
    except UnreadableKey:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, OSError, EOFError) as error:
        raise UnreadableKey(
            f"the key of {item} is damaged ({error}). Get a fresh copy of this notebook: {_FRESH}; "
            "whoever grades generates the quiz again"
        ) from error


@functools.cache  # the same for the whole class
def key_in(source: str) -> Key | None:
    """The key that a hidden cell carries, None if the cell does not call `grade`. Raises UnreadableKey."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    for call in ast.walk(tree):
        match call:
            case ast.Call(func=ast.Name(id="grade"), args=[_, _, sealed]):
                return unseal(str(sealed.value) if isinstance(sealed, ast.Constant) else "")
    return None
