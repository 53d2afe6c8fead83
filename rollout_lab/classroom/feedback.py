"""How nbgrader makes a student's feedback page: its settings, and where the page's links lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import pass_context
from markupsafe import Markup
from nbconvert.exporters import HTMLExporter
from nbgrader.preprocessors import ClearHiddenTests, GetGrades

from rollout_lab.quiz.scoring import RECORD

from .pages import TEMPLATES, harmless, markdown_html, or_as_text

FROM_FEEDBACK_TO_LAB = "../../../../lab/tree"
"""From ``files/ASSIGNMENT/feedback/TIME/PAGE.html``, where JupyterLab shows the page, to the working copy."""


def verdict_in(outputs: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """What a graded cell's outputs tell of its verdict (see ``scoring.recorded``), None if nothing."""
    records = (output["data"][RECORD] for output in outputs if RECORD in output.get("data", {}))
    return next(records, None)


def lesson_link(anchor: str, lessons: str = FROM_FEEDBACK_TO_LAB) -> str:
    """Where a link leads to the lesson of a section, from a page that finds the lessons in ``lessons``.

    Without the section: JupyterLab cannot open a lesson there.

    >>> lesson_link("02_matrix_product_rollout#the-order-matters", "../course")
    '../course/02_matrix_product_rollout.ipynb'
    """
    lesson, _section = anchor.split("#")
    return f"{lessons}/{lesson}.ipynb"


@pass_context
def markdown2html(context: Mapping[str, Any], text: str, attachments: Any = None) -> Markup:
    """nbconvert's filter of this name: Markdown with the pictures that were pasted into its cell."""
    cell = context.get("cell") or {}
    return or_as_text(markdown_html)(text, attachments or cell.get("attachments"))


class FeedbackExporter(HTMLExporter):
    """nbconvert's exporter under a name of its own: nbgrader sets the template of the plain one."""


def configure(config: Any) -> None:
    """Set nbgrader up: feedback has its own page, with a student's own work and its diagnosis.

    Formgrader uses the plain exporter: there too, formulas need no internet, and nothing that a student
    has written into a notebook runs in the instructor's browser.
    """
    config.GenerateFeedback.preprocessors = [GetGrades, ClearHiddenTests]
    config.GenerateFeedback.exporter_class = FeedbackExporter
    config.FeedbackExporter.template_name = "course_feedback"
    config.FeedbackExporter.extra_template_basedirs = [str(TEMPLATES)]
    config.HTMLExporter.sanitize_html = True
    config.HTMLExporter.filters = {
        "markdown2html": markdown2html,
        "clean_html": or_as_text(harmless),
        "verdict_in": verdict_in,
        "lesson_link": lesson_link,
    }
