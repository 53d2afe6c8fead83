"""Questions, exercises and practice: asking, checking the form, judging, keeping.

Lessons call ``practice``, ``break_it``, ``predict``, ``reveal``, ``check``, ``review``, ``before``, ``after``
and ``progress_overview``. Quiz notebooks call ``choose``, ``check_choice``, ``check_function``,
``check_input``, ``grade`` and ``self_check``. Anybody may call ``your_answers``, ``export_answers`` and
``was_that_it``.
"""

from .before_and_after import after, before
from .breaking_in_lessons import break_it
from .checking import check, compare
from .click_helper import choose
from .export_answers import export_answers
from .form import FormError, check_choice, check_function, check_input
from .grading import grade, self_check
from .in_lessons import practice
from .predicting import predict, reveal
from .progress_overview import progress_overview
from .review import review
from .was_that_it import was_that_it
from .your_answers import your_answers

__all__ = [
    "FormError",
    "after",
    "before",
    "break_it",
    "check",
    "check_choice",
    "check_function",
    "check_input",
    "choose",
    "compare",
    "export_answers",
    "grade",
    "practice",
    "predict",
    "progress_overview",
    "reveal",
    "review",
    "self_check",
    "was_that_it",
    "your_answers",
]
