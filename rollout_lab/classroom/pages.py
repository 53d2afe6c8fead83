"""Pages for people to read, on a screen or on paper: one file each, nothing from the internet, no script."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import bleach
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from latex2mathml.converter import convert
from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

TEMPLATES = Path(__file__).with_name("templates")
TEXT = (
    "a abbr b blockquote br code del div em h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre s span strong sub sup "
    "ul"
)
TABLES = "caption col colgroup table tbody td tfoot th thead tr details summary"
MATHEMATICS = (
    "math mrow mi mn mo mtext mspace ms mfrac msqrt mroot mstyle mpadded mphantom mover munder munderover "
    "msub msup msubsup mmultiscripts mtable mtr mtd menclose"
)
EVERYWHERE = {"class", "id", "title"}
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "math": {"display", "xmlns"},
    "mi": {"mathvariant"},
    "mo": {"stretchy", "fence", "form", "separator", "accent", "lspace", "rspace", "minsize", "maxsize"},
    "mspace": {"width", "linebreak"},
    "mfrac": {"linethickness"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtable": {"columnalign", "rowspacing", "columnspacing", "displaystyle"},
}


class _Renderer(IPythonRenderer):
    """nbconvert's renderer with formulas as MathML, which every browser draws by itself."""

    def block_math(self, body: str) -> str:
        return _mathml(body, "block")

    def inline_math(self, body: str) -> str:
        return _mathml(body, "inline")


def _mathml(latex: str, display: str) -> str:
    try:
        return convert(latex.strip(), display=display)
    except Exception:  # the library knows no common error; a student's formula may be anything
        return f"<code>{html.escape(latex)}</code>"


def markdown_html(text: str) -> Markup:
    """Markdown, as notebooks write it, as HTML without anything that could run.

    >>> print(markdown_html("a *matrix* $R$ <iframe></iframe>"))
    <p>a <em>matrix</em> <math xmlns="..." display="inline"><mrow><mi>R</mi></mrow></math> </p>
    """
    renderer = _Renderer(escape=False, exclude_anchor_links=True)
    return harmless(MarkdownWithMath(renderer=renderer).render(text))


def inline_html(text: str) -> Markup:
    """A line of Markdown as HTML that can stand within a sentence or a heading.

    >>> inline_html("keeps `exp` within range")
    Markup('keeps <code>exp</code> within range')
    """
    return Markup(markdown_html(text).strip().removeprefix("<p>").removesuffix("</p>"))


def harmless(markup: str) -> Markup:
    """HTML with text, pictures, tables and formulas kept, and all that could run or load taken out.

    >>> harmless('<b onclick="alert(1)">bold</b><iframe src="https://example.org"></iframe>')
    Markup('<b>bold</b>')
    """
    tags = {*TEXT.split(), *TABLES.split(), *MATHEMATICS.split()}
    protocols = {"http", "https", "mailto", "data"}
    return Markup(bleach.clean(markup, tags, _may_have, protocols, strip=True, strip_comments=True))


def _may_have(tag: str, name: str, value: str) -> bool:
    """Whether a tag may have this attribute; pictures must be in the page, links lead out of it."""
    within = value.strip().lower().startswith("data:")
    known = name in EVERYWHERE or name in ATTRIBUTES.get(tag, set())
    return known and {"src": within, "href": not within}.get(name, True)


def page(template: str, **values: Any) -> str:
    """The page that ``template`` (``folder/name.html.j2`` in ``templates/``) makes of the values."""
    places = [TEMPLATES, TEMPLATES / "course_page"]
    environment = Environment(
        loader=FileSystemLoader(places),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"markdown": markdown_html, "inline": inline_html}
    return environment.get_template(template).render(**values)
