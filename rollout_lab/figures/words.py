"""Numbers and tokens in words, for labels and text alternatives."""

from collections import Counter
from itertools import groupby

import numpy as np


def number(value: float) -> str:
    """Two decimals where they suffice, two digits where the value is smaller."""
    size = abs(value)
    if size >= 100:
        return f"{value:.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 0.01 or size < 1e-9 else f"{value:#.2g}"


def tidy(value: float) -> str:
    """Three digits, without the noise of rounding."""
    if abs(value) >= 1000:
        return f"{float(value):.0f}"
    return np.format_float_positional(float(value), precision=3, fractional=False, trim="-")


def aligned(values) -> list[str]:
    """Tidy numbers as they stand in a column: all with as many decimals as the longest."""
    decimals = max((len(tidy(value).partition(".")[2]) for value in values), default=0)
    return [f"{value:.{decimals}f}" for value in values]


def count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def sentence(text: str | None) -> str:
    """Text as a sentence followed by a space; nothing stays nothing."""
    text = " ".join((text or "").split())
    return f"{text}{'' if text[-1] in '.!?:' else '.'} " if text else ""


def short(token: str, limit: int = 14) -> str:
    """A token as a label: on one line, and cut where it is long."""
    token = "↵".join(token.splitlines()) + ("↵" if token.endswith("\n") else "") if token else "∅"
    return token if len(token) <= limit else token[: limit - 1] + "…"


def distinct(tokens, *, brief: bool = False) -> list[str]:
    """Tokens as they can be spoken of: one that occurs twice gets its position."""
    occurs = Counter(tokens)
    position = subscript if brief else " (position {})".format
    return [token if occurs[token] == 1 else f"{token}{position(i)}" for i, token in enumerate(tokens)]


def largest(row, tokens, k: int) -> str:
    """The k largest entries of a row by token, without those that are next to nothing."""
    names, row = distinct(tokens), np.asarray(row)
    order = [j for j in np.argsort(-row, kind="stable")[:k] if row[j] >= 0.01 * row.max()]
    return ", ".join(f"“{names[j]}” {number(row[j])}" for j in order)


def row_sums(matrix) -> str:
    sums = np.asarray(matrix).sum(axis=-1)
    low, high = sums.min(), sums.max()
    if np.isclose(low, high, rtol=1e-3, atol=1e-3):
        return f"sum to {tidy(sums.mean())}"
    return f"sum to between {tidy(low)} and {tidy(high)}"


def route(positions, tokens, *, brief: bool = True) -> str:
    """A path as text, source first; layers in which it stays at a token are counted."""
    names = distinct(tokens, brief=brief)
    runs = [(names[position], len(list(run)) - 1) for position, run in groupby(reversed(positions))]
    return " → ".join(f"{name} (stays {stays})" if stays else name for name, stays in runs)


def subscript(index: int) -> str:
    """A number as it stands below a letter."""
    return str(index).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
