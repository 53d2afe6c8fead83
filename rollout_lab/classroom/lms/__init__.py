"""Hand-ins from learning management systems (LMSs) and scores back to them. Each LMS is a file, listed here."""

from __future__ import annotations

from collections.abc import Iterable

from .base import LMS as LMS
from .canvas import CANVAS
from .moodle import MOODLE

LMSS: tuple[LMS, ...] = (MOODLE, CANVAS)
"""Where a name is in the form of several, the first takes it."""

BY_KEY = {lms.key: lms for lms in LMSS}


def recognise(names: Iterable[str]) -> LMS | None:
    """The LMS in whose form most names are; None if none is."""
    names = list(names)
    for rank in range(max(len(lms.forms) for lms in LMSS)):
        fitting = {
            lms: sum(
                form.fullmatch(name) is not None for form in lms.forms[rank : rank + 1] for name in names
            )
            for lms in LMSS
        }
        best = max(LMSS, key=fitting.__getitem__)
        if fitting[best]:
            return best
    return None


def either(form: str) -> str:
    """The LMSs in words, each in a form with its fields.

    >>> either("{name} ({key})")
    'Canvas (canvas) or Moodle (moodle)'
    """
    *most, last = sorted(
        form.format(name=lms.name, key=lms.key, example=lms.example, table=lms.table) for lms in LMSS
    )
    return f"{', '.join(most)} or {last}"
