"""What a student has in a notebook never costs the page: the feedback page, and Formgrader's view of it."""

import base64
from urllib.parse import quote

import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from nbgrader.server_extensions.formgrader.handlers import template_path
from traitlets.config import Config

from rollout_lab.classroom import limits
from rollout_lab.classroom.report.feedback import ClearHiddenTestsOnly, FeedbackExporter, configure
from rollout_lab.classroom.safe_html import markdown_html

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP8z4APMOGVHbHSAEEsAROxCnMTAAAAAElFTkSuQmCC"
SHOWN = f'src="data:image/png;base64,{PNG}"'
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(scope="module")
def exporters():
    """The exporters of the feedback page and of Formgrader, with the course's settings."""
    config = Config()
    configure(config)
    formgrader = Config(config)
    formgrader.HTMLExporter.template_name = "formgrade"
    formgrader.HTMLExporter.extra_template_basedirs = [template_path]
    return [FeedbackExporter(config=config), HTMLExporter(config=formgrader)]


def pages(exporters, *cells, **metadata) -> list[str]:
    """The notebook as the student sees it, and as Formgrader shows it."""
    notebook = new_notebook(cells=[new_markdown_cell("the first cell"), *cells], metadata=metadata)
    names = {"student": "ada", "assignment": "quiz1", "notebook": "quiz1", "name": "Ada"}
    names |= {"score": 1, "max_score": 2, "late_penalty": 0}
    resources = {"nbgrader": names, "metadata": {"path": "."}, "index": 0, "total": 1, "base_url": ""}
    return [each.from_notebook_node(notebook.copy(), resources=dict(resources))[0] for each in exporters]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("image.png", "image.png"),
        ("my%20sketch%20(1).png", "my sketch (1).png"),
        ("my%20sketch.png", "my%20sketch.png"),
        (quote("Skizze-ü.png"), "Skizze-u\u0308.png"),
        ("李.png", "李.png"),
        ("a&b.png", "a&b.png"),
    ],
)
def test_a_picture_pasted_into_a_cell_is_on_both_pages(exporters, written, kept):
    cell = new_markdown_cell(
        f'![my sketch](attachment:{written})\n\nand <img width="30" src="attachment:{written}">',
        attachments={"other.png": {"image/png": "AAAA"}, kept: {"image/png": PNG}},
    )
    for page in pages(exporters, cell):
        assert page.count(SHOWN) == 2
        assert 'alt="my sketch"' in page
        assert 'width="30"' in page


@pytest.mark.parametrize("kind", ["image/jpeg", "image/gif", "image/webp", "image/svg+xml"])
def test_a_picture_may_be_of_any_kind(exporters, kind):
    cell = new_markdown_cell("![a](attachment:a)", attachments={"a": {kind: PNG}})
    assert all(f"data:{kind};base64,{PNG}" in page for page in pages(exporters, cell))


def test_a_drawing_is_shown_as_a_picture_so_that_no_script_of_it_runs(exporters):
    attachments = {"a.svg": {"image/svg+xml": SVG}}
    for page in pages(exporters, new_markdown_cell("![a](attachment:a.svg)", attachments=attachments)):
        assert "alert(1)" not in page
        assert f'src="data:image/svg+xml;base64,{base64.b64encode(SVG.encode()).decode()}"' in page


@pytest.mark.parametrize(
    ("attachments", "why"),
    [
        (None, "the notebook does not hold it"),
        ({}, "the notebook does not hold it"),
        (7, "the notebook does not hold it"),
        ({"other.png": {"image/png": PNG}}, "the notebook does not hold it"),
        ({"a.png": {}}, "the notebook does not hold it"),
        ({"a.png": 7}, "the notebook does not hold it"),
        ({"a.png": {"text/plain": PNG}}, "the notebook does not hold it"),
        ({"a.png": {"image/png": "no base64!"}}, "what the notebook holds of it is broken"),
        ({"a.png": {"image/png": 7}}, "what the notebook holds of it is broken"),
    ],
)
def test_a_picture_that_is_missing_or_broken_is_named_in_its_place(exporters, attachments, why):
    said = markdown_html("before ![a < b](attachment:a.png) *after*", attachments)
    assert f"[Picture a &lt; b (a.png): {why}" in said
    assert "<em>after</em>" in said


@pytest.mark.parametrize("address", ["plot.png", "../../secret.png", "https://example.org/a.png"])
def test_a_picture_that_lies_elsewhere_is_named_and_not_loaded(exporters, address):
    for page in pages(exporters, new_markdown_cell(f'![plan]({address}) <img src="{address}">')):
        assert page.count(f"({address}): this page shows only pictures that the notebook holds]") == 2
        assert f'src="{address}"' not in page


def test_pictures_written_into_the_text_or_an_output_are_shown(exporters):
    large = base64.b64encode(bytes(2**20)).decode()
    html = f'<img alt="a" src="data:image/png;base64,{base64.encodebytes(bytes(300)).decode()}">'
    cells = [
        new_markdown_cell(f"![a](data:image/png;base64,{large})"),
        new_code_cell(outputs=[new_output("display_data", {"text/html": html})]),
    ]
    student, formgrader = pages(exporters, *cells)
    assert f"data:image/png;base64,{large}" in student
    assert f"data:image/png;base64,{large}" in formgrader
    assert base64.encodebytes(bytes(300)).decode().strip() in formgrader


def test_the_pictures_of_one_cell_have_room_to_the_limit(exporters, monkeypatch):
    cell = new_markdown_cell("![a](attachment:a) " * 3, attachments={"a": {"image/png": PNG}})
    monkeypatch.setattr(limits, "PICTURES_BYTES", 3 * len(f"data:image/png;base64,{PNG}"))
    assert all(page.count(SHOWN) == 3 for page in pages(exporters, cell))
    monkeypatch.setattr(limits, "PICTURES_BYTES", limits.PICTURES_BYTES - 1)
    for page in pages(exporters, cell):
        assert page.count(SHOWN) == 2
        assert "the pictures of a cell are larger than" in page


def test_a_text_is_drawn_to_the_limit_and_shown_as_written_above_it(exporters, monkeypatch):
    monkeypatch.setattr(limits, "DRAWN", 20)
    for page in pages(exporters, new_markdown_cell("*a* <script>aaaaaaaa")):
        assert "<em>a</em>" in page
    for page in pages(exporters, new_markdown_cell("*a* <script>aaaaaaaaa"), new_markdown_cell("*b*")):
        assert "This is shown as it was written (it is longer than 20 characters)" in page
        assert "<pre>*a* &lt;script&gt;aaaaaaaaa</pre>" in page
        assert "<em>b</em>" in page


def test_html_is_drawn_to_a_depth_and_shown_as_written_below_it(exporters):
    deep = limits.NESTING
    for page in pages(exporters, new_markdown_cell("<b>" * deep + "x" + "</b>" * deep)):
        assert "<b>" * deep in page
    for page in pages(exporters, new_markdown_cell("<b>" * (deep + 1) + "x" + "</b>" * (deep + 1))):
        assert f"its HTML is nested more than {deep} deep" in page
        assert "<b>" * 2 not in page


def test_code_is_coloured_to_the_limit_and_shown_as_written_above_it(exporters, monkeypatch):
    monkeypatch.setattr(limits, "DRAWN", 20)
    for page in pages(exporters, new_code_cell("x" * 20, metadata={"magics_language": 7})):
        assert f'<span class="n">{"x" * 20}</span>' in page
    for page in pages(exporters, new_code_cell("<b>" * 7)):
        assert f"<pre>{'&lt;b&gt;' * 7}</pre>" in page


def test_own_cells_are_shown_to_the_limit_and_the_quiz_s_cells_above_it_too(exporters, monkeypatch):
    cells = [new_markdown_cell("*first*"), new_code_cell("last = 1"), new_markdown_cell("*quiz*")]
    cells[2].metadata = {"nbgrader": {"locked": True, "solution": False, "grade": False}}
    monkeypatch.setattr(limits, "PAGE", len("the first cell*first*last = 1"))
    for page in pages(exporters, *cells):
        assert "This cell is not shown" not in page
    monkeypatch.setattr(limits, "PAGE", limits.PAGE - 1)
    for page in pages(exporters, *cells):
        assert "<em>first</em>" in page
        assert "<em>quiz</em>" in page
        assert "last" not in page


def test_html_of_an_output_is_drawn_to_the_limit_and_shown_as_written_above_it(exporters, monkeypatch):
    monkeypatch.setattr(limits, "HTML", 40)
    drawn, written = (
        pages(exporters, new_code_cell(outputs=[new_output("display_data", {"text/html": html})]))[1]
        for html in ("<b>a</b>".ljust(40), "<b>a</b>".ljust(41))
    )
    assert "<b>a</b>" in drawn
    assert "it is longer than 40 characters" in written
    assert "<pre>&lt;b&gt;a&lt;/b&gt;" in written


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", text="\x1b[38;2;1mx \x1b[48mshown"),
        new_output("stream", text="\x1b[999;;m shown \x1b[38;5m"),
        new_output("error", traceback=["\x1b[48;2m", "shown"]),
        new_output("display_data", {"text/plain": "shown", "application/vnd.jupyter.widget-view+json": 7}),
        new_output("display_data", {"image/png": "shown"}, metadata={"image/png": 7, "filenames": 7}),
    ],
)
def test_no_output_costs_the_page(exporters, output):
    cells = [new_code_cell("x", outputs=[output]), new_raw_cell("y", metadata={"raw_mimetype": 7})]
    for page in pages(exporters, *cells):
        assert "shown" in page


def test_half_a_mark_of_the_hidden_tests_in_a_student_s_cell_costs_nothing():
    mark = "### BEGIN HIDDEN TESTS\nx = 1"
    own = new_code_cell(mark)
    test = new_code_cell(
        f"{mark}\n### END HIDDEN TESTS", metadata={"nbgrader": {"locked": True, "grade": True}}
    )
    notebook, _resources = ClearHiddenTestsOnly().preprocess(new_notebook(cells=[own, test]), {})
    assert [cell.source for cell in notebook.cells] == [mark, ""]


def test_nothing_of_a_student_s_is_taken_for_formgrader_s_field_for_points(exporters):
    cell = new_markdown_cell('<div class="nbgrader_cell"><b id="test_q1">shown</b></div>')
    for page in pages(exporters, cell):
        assert "<b>shown</b>" in page
        assert 'id="test_q1"' not in page
