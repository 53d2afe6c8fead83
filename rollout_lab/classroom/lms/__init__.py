"""Hand-ins from learning management systems (LMSs), and scores back to them. Each LMS is a file."""

from collections.abc import Iterable

from .base import LMS
from .brightspace import Brightspace
from .canvas import Canvas
from .moodle import Moodle

LMSS: tuple[LMS, ...] = (
    Brightspace(),
    Moodle(),
    Canvas(),  # last: names in Moodle's form may be in Canvas's too
)

BY_KEY = {lms.key: lms for lms in LMSS}


def recognise(names: Iterable[str]) -> LMS | None:
    """The LMS in whose form most names are; None if none is."""
    names = list(names)
    for rank in range(max(len(lms.forms) for lms in LMSS)):
        forms = [(lms, form) for lms in LMSS for form in lms.forms[rank : rank + 1]]
        fitting = [(sum(form.fullmatch(name) is not None for name in names), lms) for lms, form in forms]
        most, best = max(fitting, key=lambda each: each[0])
        if most:
            return best
    return None


def either(form: str) -> str:
    """The LMSs in words, each in a form: `either("{0.name}")` is "Canvas, ... or Moodle"."""
    *most, last = sorted(form.format(lms) for lms in LMSS)
    return f"{', '.join(most)} or {last}"
