"""What a student has in a notebook never costs the page: the feedback page, and Formgrader's view of it."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.server_extensions.formgrader.handlers import template_path
from traitlets.config import Config

from rollout_lab.classroom import limits
from rollout_lab.classroom.feedback import FeedbackExporter, configure
from rollout_lab.classroom.pages import markdown_html

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
    names = {"student": "ada", "assignment": "quiz1", "notebook": "quiz1"}
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
    assert f"[Picture a &lt; b attachment:a.png: {why}" in said
    assert "<em>after</em>" in said


@pytest.mark.parametrize("address", ["plot.png", "../../secret.png", "https://example.org/a.png"])
def test_a_picture_that_lies_elsewhere_is_named_and_not_loaded(exporters, address):
    for page in pages(exporters, new_markdown_cell(f'![plan]({address}) <img src="{address}">')):
        assert page.count(f"{address}: this page shows only pictures that the notebook holds]") == 2
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
    monkeypatch.setattr(limits, "MARKDOWN", 20)
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
