"""Turn Markdown, code and outputs into HTML that a page can show: nothing in it runs or loads."""

import html
import re
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from bleach.sanitizer import Cleaner
from latex2mathml.converter import convert
from markupsafe import Markup
from nbconvert.filters import Highlight2HTML, ansi2html, strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from . import limits
from .notes import plain
from .pictures import CannotBeShown, Pictures, ShownPictures

TEXT = (
    "a abbr b blockquote br code del div em h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre s span strong sub sup "
    "ul"
)
TABLES = "caption col colgroup table tbody td tfoot th thead tr details summary"
MATHEMATICS = (
    "math mrow mi mn mo mtext mspace ms mfrac msqrt mroot mstyle mpadded mphantom mover munder munderover "
    "msub msup msubsup mmultiscripts mtable mtr mtd menclose"
)
EVERYWHERE = {"class", "title"}  # no id: Formgrader finds its fields for points by ids
ATTRIBUTES = {
    "a": "href",
    "img": "src alt width height",
    "ol": "start",
    "td": "colspan rowspan align",
    "th": "colspan rowspan align scope",
    "math": "display xmlns",
    "mi": "mathvariant",
    "mo": "stretchy fence form separator accent lspace rspace minsize maxsize",
    "mspace": "width linebreak",
    "mfrac": "linethickness",
    "mstyle": "displaystyle scriptlevel",
    "mtable": "columnalign rowspacing columnspacing displaystyle",
}
CLOSE_THEMSELVES = "br hr img col wbr input meta link p li dt dd td th tr option"


class _Renderer(IPythonRenderer):
    """nbconvert's renderer with formulas as MathML, which every browser draws by itself."""

    def _embed_image_or_attachment(self, src: str) -> str:
        return src  # `ShownPictures` puts the picture in when the HTML is clean

    def block_math(self, body: str) -> str:
        return _mathml(body, "block")

    def inline_math(self, body: str) -> str:
        return _mathml(body, "inline")


def _mathml(latex: str, display: str) -> str:
    try:
        return convert(latex.strip(), display=display)
    except Exception:  # the library knows no common error; a student's formula may be anything
        return f"<code>{html.escape(latex)}</code>"


def or_as_text(render: Callable[..., str]) -> Callable[..., Markup]:
    """The same function, but what it fails on is shown as it was written, below a sentence that says so.

    >>> print(or_as_text(lambda text: 1 / 0)("<b>bold"))
    <p class="quiet">This is shown as it was written (division by zero):</p><pre>&lt;b&gt;bold</pre>
    """

    @wraps(render)
    def shown(text: Any, *more: Any, **named: Any) -> Markup:
        try:
            return Markup(render(text, *more, **named))
        except Exception as error:  # a student may have written anything, and the page must come all the same
            why = html.escape(plain(str(error) or type(error).__name__, most=100))
            title = f'<p class="quiet">This is shown as it was written ({why}):</p>'
            return Markup(f"{title}<pre>{html.escape(str(text)[: limits.TEXT])}</pre>")

    return shown


def markdown_html(text: str, attachments: Any = None) -> Markup:
    """A notebook's Markdown, with its cell's attachments, as HTML. Raises CannotBeShown if it is too long.

    >>> print(markdown_html("a *matrix* $R$ <iframe></iframe>"))
    <p>a <em>matrix</em> <math xmlns="..." display="inline"><mrow><mi>R</mi></mrow></math> </p>
    >>> print(markdown_html("![sketch](attachment:a.png)", {"a.png": {"image/png": "iVBORw0K"}}))
    <p><img src="data:image/png;base64,iVBORw0K" alt="sketch"></p>
    """
    pictures = Pictures(attachments)
    short = pictures.taken_out(text)
    _check_length(short, limits.DRAWN)
    renderer = _Renderer(escape=False, exclude_anchor_links=True)
    return harmless(MarkdownWithMath(renderer=renderer).render(short), pictures)


def inline_html(text: str) -> Markup:
    """A line of Markdown as HTML that can stand within a sentence or a heading.

    >>> inline_html("keeps `exp` within range")
    Markup('keeps <code>exp</code> within range')
    """
    return Markup(markdown_html(text).strip().removeprefix("<p>").removesuffix("</p>"))


def harmless(markup: str, pictures: Pictures | None = None) -> Markup:
    """HTML with text, pictures, tables and formulas kept, and all that could run or load taken out.

    Raises CannotBeShown if it is too long, or its elements are nested too deeply.

    >>> harmless('<b onclick="alert(1)">bold</b><iframe src="https://example.org"></iframe>')
    Markup('<b>bold</b>')
    """
    pictures = pictures or Pictures()
    short = pictures.taken_out(markup)
    _check_length(short, limits.HTML)
    if _depth(short) > limits.NESTING:
        raise CannotBeShown(f"its HTML is nested more than {limits.NESTING} deep")
    cleaner = Cleaner(
        tags={*TEXT.split(), *TABLES.split(), *MATHEMATICS.split()},
        attributes=_may_have,
        protocols={"http", "https", "mailto", "data", "attachment"},
        strip=True,
        strip_comments=True,
        filters=[partial(ShownPictures, pictures=pictures)],
    )
    return Markup(cleaner.clean(short))


def code_html(source: str, metadata: Any = None) -> str:
    """A code cell's source with its words coloured. Raises CannotBeShown if it is too long."""
    _check_length(source, limits.DRAWN)
    return Highlight2HTML(pygments_lexer="ipython3")(source)


def printed_html(text: str) -> str:
    """What code printed, with the colours of its escape sequences, if they can be read."""
    try:
        return ansi2html(text)
    except Exception:  # the filter takes any escape sequence for one that is well formed
        return html.escape(strip_ansi(text))


def _check_length(text: str, most: int) -> None:
    if len(text) > most:
        raise CannotBeShown(f"it is longer than {most} characters")


def _depth(markup: str) -> int:
    """How deep the elements of HTML lie in each other at most, those aside that close themselves."""
    depth = most = 0
    for closes, name in re.findall(r"<(/?)([a-z][a-z0-9]*)", markup, re.IGNORECASE):
        if name.lower() not in CLOSE_THEMSELVES.split():
            depth = max(0, depth - 1) if closes else depth + 1
            most = max(most, depth)
    return most


def _may_have(tag: str, name: str, value: str) -> bool:
    """Whether a tag may have this attribute; links lead out of the page, pictures lie in the notebook."""
    within = value.strip().lower().startswith(("data:", "attachment:"))
    known = name in EVERYWHERE or name in ATTRIBUTES.get(tag, "").split()
    return known and not (name == "href" and within)
