"""nbgrader's settings for a student's feedback page, and where the page's links lead."""

from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import pass_context
from markupsafe import Markup
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import ClearHiddenTests, GetGrades
from nbgrader.utils import is_locked
from traitlets import List, Unicode

from rollout_lab.classroom import limits
from rollout_lab.classroom.notes import plain
from rollout_lab.classroom.pages import TEMPLATES
from rollout_lab.classroom.safe_html import code_html, harmless, markdown_html, or_as_text, printed_html
from rollout_lab.quiz.names import item_of
from rollout_lab.quiz.scoring import RECORD

FROM_FEEDBACK_TO_LAB = "../../../../lab/tree"  # JupyterLab shows `files/ASSIGNMENT/feedback/TIME/PAGE.html`

Resources = dict[str, Any]


def verdict_in(outputs: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The verdict recorded in a graded cell's outputs (see `scoring.recorded`), None if there is none."""
    records = (output["data"].get(RECORD) for output in outputs if "data" in output)
    return next((record for record in records if isinstance(record, Mapping)), None)


def lesson_link(anchor: str, lessons: str = FROM_FEEDBACK_TO_LAB) -> str:
    """Where a link leads to a section's lesson, but not to the section: JupyterLab cannot open one there."""
    return f"{lessons}/{str(anchor).partition('#')[0]}.ipynb"


@pass_context
def markdown2html(context: Mapping[str, Any], text: str, attachments: Any = None) -> Markup:
    """nbconvert's filter of this name: Markdown with the pictures that were pasted into its cell."""
    cell = context.get("cell") or {}
    return or_as_text(markdown_html)(text, attachments or cell.get("attachments"))


class ShowableCells(Preprocessor):
    """Leave of a notebook what a page can show: outputs may hold anything, and cells be without number."""

    enabled = True

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        room = limits.PAGE
        for cell in nb.cells:
            room -= min(len(cell.source), limits.DRAWN)
            if room < 0 and "nbgrader" not in cell.metadata:
                cell.source = f"This cell is not shown: all cells have more than {limits.PAGE} characters."
            cell.metadata.pop("raw_mimetype", None)
            for output in cell.get("outputs", ()):
                if "data" in output:
                    texts = {k: v for k, v in output.data.items() if isinstance(v, str) or k == RECORD}
                    sizes = output.get("metadata", {}).items()
                    output.data = NotebookNode(texts)
                    output.metadata = NotebookNode({k: v for k, v in sizes if isinstance(v, Mapping)})
        return nb, resources


class GetGradesAndName(GetGrades):
    """nbgrader's `GetGrades`; `resources.nbgrader.name` is the student's name, or the id without one."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        nb, resources = super().preprocess(nb, resources)
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            student = gradebook.find_student(names["student"])
            name = " ".join(filter(None, [student.first_name, student.last_name]))
        names["name"] = plain(name or names["student"])
        return nb, resources


class ClearHiddenTestsOnly(ClearHiddenTests):
    """nbgrader's `ClearHiddenTests` for the instructor's cells: a student's may hold half of the marks."""

    display_data_priority = List(Unicode(), config=True)  # nbconvert sets it, and warns where it is unknown

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        return super().preprocess_cell(cell, resources, index) if is_locked(cell) else (cell, resources)


class FeedbackExporter(HTMLExporter):
    """nbconvert's exporter under a name of its own: nbgrader sets the template of the plain one."""


def configure(config: Any) -> None:
    """Configure nbgrader's feedback page: a student's own work and its diagnosis."""
    config.GenerateFeedback.preprocessors = [GetGradesAndName, ClearHiddenTestsOnly]
    config.GenerateFeedback.exporter_class = FeedbackExporter
    config.FeedbackExporter.template_name = "course_feedback"
    config.FeedbackExporter.extra_template_basedirs = [str(TEMPLATES)]
    # Formgrader's: there too, nothing that a student has written runs in the instructor's browser.
    config.HTMLExporter.sanitize_html = True
    config.HTMLExporter.preprocessors = [ShowableCells]
    config.HTMLExporter.filters = {
        "markdown2html": markdown2html,
        "clean_html": or_as_text(harmless),
        "highlight_code": or_as_text(code_html),
        "ansi2html": printed_html,
        "verdict_in": verdict_in,
        "lesson_link": lesson_link,
        "item_of": item_of,
    }
