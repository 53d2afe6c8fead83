"""Questions, exercises and practice: asking, checking the form, judging, keeping.

Lessons call ``practice``, ``predict``, ``reveal`` and ``check``. Quiz notebooks call ``choose``,
``check_choice``, ``check_function``, ``grade`` and ``self_check``.
"""

from .checking import check, compare
from .click_helper import choose
from .form import FormError, check_choice, check_function
from .grading import grade, self_check
from .in_lessons import practice
from .predicting import predict, reveal

__all__ = [
    "FormError",
    "check",
    "check_choice",
    "check_function",
    "choose",
    "compare",
    "grade",
    "practice",
    "predict",
    "reveal",
    "self_check",
]
