"""Explain results that match no known misconception: by a counterexample above all."""

import builtins
import re
import textwrap
from collections.abc import Sequence

import numpy as np

from .comparing import is_path, is_right, weight_of_path
from .key import FunctionKey, Outcome, Probe
from .running import arguments_of

_FEW = 64


def explain(outcomes: Sequence[Outcome], right: Sequence[bool], key: FunctionKey) -> str:
    """What is wrong with a function that is not right in every call, for a reason not known."""
    wrong = [(o, p) for o, p, ok in zip(outcomes, key.probes, right, strict=True) if not ok]
    parts = [f"It is right in {sum(right)} of {len(right)} calls."]
    # Either a counterexample or the kind of one error, never both. Of hidden calls a student reads only the
    # kind of an error and the promises that are broken: with their arguments the test would be told.
    if example := counterexample(wrong, key):
        parts += ["A small one in which it is not:", example]
    else:
        parts += ["The small ones that may be shown are among them."]
        if kinds := [outcome.error.split(":")[0] for outcome, _probe in wrong if outcome.error is not None]:
            # Its text stays hidden, and a name of the student's own: they might repeat the call's arguments.
            kind = kinds[0] if hasattr(builtins, kinds[0]) else "an error"
            parts.append(f"One of the others ended with {kind}.")
    parts.append("What the statement promises and your function does not keep:")
    parts += [f"- {text}" for text in dict.fromkeys(key.promises[p.promise] for _o, p in wrong)]
    return "\n".join([*parts, *_nearness(wrong, key)])


def explain_failure(outcomes: Sequence[Outcome], key: FunctionKey) -> str:
    """What to say of a function that came to no result in any call."""
    if len(outcomes) != len(key.probes):
        error = next((outcome.error for outcome in outcomes if outcome.error), "it was not run")
        return f"{error[0].upper()}{error[1:]}{'' if error.endswith('.') else '.'}"
    if not_written(outcomes):
        return "It is not written yet."
    parts = ["Every call of it fails."]
    if example := counterexample(list(zip(outcomes, key.probes, strict=True)), key):
        parts.append(f"For example:\n{example}")
        if "failed with\n    NameError" in example:
            parts.append("Is the name made in a cell that is gone? Restart the kernel and run all cells.")
    return "\n".join(parts)


def not_written(outcomes: Sequence[Outcome]) -> bool:
    """Whether the calls end as the stub does that students get."""
    return any((outcome.error or "").startswith("NotImplementedError") for outcome in outcomes)


def counterexample(calls: Sequence[tuple[Outcome, Probe]], key: FunctionKey) -> str | None:
    """The first call that may be shown and is wrong: its arguments, what came back and what was expected."""
    for judged, probe in calls:
        # What it came to before any hidden call was made: the one that is judged may bring arguments out.
        outcome = judged.seen or judged
        if probe.shown and not is_right(outcome, probe, key):
            return _show(outcome, probe, key)
    return None


def _show(outcome: Outcome, probe: Probe, key: FunctionKey) -> str:
    return "\n".join([_call(probe, key), *beside_expected(outcome, probe, key.compare)])


def beside_expected(
    outcome: Outcome, probe: Probe, compare: str, labels: tuple[str, str] = ("returned", "expected")
) -> list[str]:
    """What a call came to and what it should have, in lines, with digits enough to tell them apart."""
    expected, lines = probe.expected, []
    digits = next((d for d in (4, 6, 8) if _numbers(outcome, d) != _numbers(expected, d)), 4)
    for label, result, other in zip(labels, (outcome, expected), (expected, outcome), strict=True):
        if result.error is not None:
            lines += ["failed with", indented(result.error)]
            continue
        if other.error is None and result.shape != other.shape:
            label += f" an array of shape {tuple(result.shape)}"
        lines += [label, indented(_numbers(result, digits))]
        if compare == "path":
            lines.append(indented(_weight(result, probe)))
    return lines


def _call(probe: Probe, key: FunctionKey) -> str:
    arguments = [array_text(a, 4) if isinstance(a, np.ndarray) else repr(a) for a in arguments_of(probe)]
    inside = ",\n".join(arguments)
    return f"{key.item}(\n{indented(inside)}\n)" if "\n" in inside else f"{key.item}({inside})"


def _numbers(result: Outcome, digits: int) -> str:
    return array_text(np.array(result.value), digits) if result.error is None else result.error


def array_text(array: np.ndarray, digits: int) -> str:
    """An array as nested lists, a row a line, its numbers in columns."""
    if array.size > _FEW:
        return "(too many numbers to show)"
    width = max((len(f"{x:.{digits}g}") for x in array.ravel().tolist()), default=0)
    text = np.array2string(
        array,
        separator=", ",
        max_line_width=90,
        threshold=_FEW,
        formatter={"all": lambda x: f"{x:.{digits}g}".rjust(width)},
    )
    return re.sub(r"\n\n+", "\n", text)


def _weight(result: Outcome, probe: Probe) -> str:
    layers, output, source = arguments_of(probe)
    if not is_path(result, probe):
        count = len(layers) + 1
        return f"which is not a list of {count} positions that starts at {output} and ends at {source}"
    return f"a path whose weights multiply to {weight_of_path(layers, result.value):.4g}"


def _nearness(wrong: Sequence[tuple[Outcome, Probe]], key: FunctionKey) -> list[str]:
    """A line about results that are all nearly right, as rounding makes them."""
    pairs = [
        (np.array(np.nan if o.error is not None else o.value), np.array(p.expected.value)) for o, p in wrong
    ]
    near = all(a.shape == b.shape and np.allclose(a, b, rtol=2e-2, atol=2e-3) for a, b in pairs)
    if not near or key.compare == "path":
        return []
    error = max(np.abs(a - b).max() for a, b in pairs)
    return [
        f"All your numbers are near: none is off by more than {error:.1g}. The comparison allows a relative "
        "1e-4. Do you round, draw at random, add something small, or stop early?"
    ]


def indented(text: str) -> str:
    return textwrap.indent(text, "    ")
