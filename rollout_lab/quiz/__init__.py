"""Questions, exercises and practice: asking, checking the form, judging, keeping.

Lessons call ``break_it``, ``practice``, ``predict``, ``reveal`` and ``compare``. Quiz notebooks call
``choose``, ``check_choice``, ``check_function``, ``check_input``, ``grade`` and ``self_check``.
"""

from .breaking_in_lessons import break_it
from .click_helper import choose
from .form import FormError, check_choice, check_function, check_input
from .grading import grade, self_check
from .in_lessons import compare, practice, predict, reveal

__all__ = [
    "FormError",
    "break_it",
    "check_choice",
    "check_function",
    "check_input",
    "choose",
    "compare",
    "grade",
    "practice",
    "predict",
    "reveal",
    "self_check",
]
