"""Pages for people to read, on a screen or on paper: one file each, nothing from the internet, no script."""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import partial, wraps
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from bleach.html5lib_shim import Filter
from bleach.sanitizer import Cleaner
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from latex2mathml.converter import convert
from markupsafe import Markup
from nbconvert.filters import Highlight2HTML, ansi2html, strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from . import limits
from .notes import plain

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
EVERYWHERE = {"class", "title"}  # no id: Formgrader finds its fields for points by ids
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
CLOSE_THEMSELVES = "br hr img col wbr input meta link p li dt dd td th tr option"


class _Renderer(IPythonRenderer):
    """nbconvert's renderer with formulas as MathML, which every browser draws by itself.

    Pictures keep their addresses: what these stand for is put in when the HTML is clean.
    """

    def _embed_image_or_attachment(self, src: str) -> str:
        return src

    def block_math(self, body: str) -> str:
        return _mathml(body, "block")

    def inline_math(self, body: str) -> str:
        return _mathml(body, "inline")


def _mathml(latex: str, display: str) -> str:
    try:
        return convert(latex.strip(), display=display)
    except Exception:  # the library knows no common error; a student's formula may be anything
        return f"<code>{html.escape(latex)}</code>"


MISSING = "the notebook does not hold it"


class CannotBeShown(ValueError):
    """What a page cannot show as its author meant it; the message says why."""


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
            why = plain(str(error) or type(error).__name__, most=100)
            said = f'<p class="quiet">This is shown as it was written ({html.escape(why)}):</p>'
            return Markup(f"{said}<pre>{html.escape(str(text)[: limits.TEXT])}</pre>")

    return shown


class _Pictures:
    """The pictures that lie in a text, or beside it in a notebook's cell: taken out of it, and put back.

    ``attachments`` are the cell's: names with what they hold by type, or whatever a student put there.
    """

    IN_TEXT = re.compile(r"data:image/[\w.+-]+;base64,[A-Za-z0-9+/=\n]{100,}")

    def __init__(self, attachments: Any):
        self.room = limits.PICTURES_BYTES
        self.taken: list[str] = []
        held = attachments.items() if isinstance(attachments, Mapping) else ()
        self.attached = {_name(str(name)): _address(bundle) for name, bundle in held}

    def taken_out(self, text: str) -> str:
        """The text with a short address in the place of each picture: no parser is made for megabytes."""
        return self.IN_TEXT.sub(self._take, text)

    def _take(self, found: re.Match[str]) -> str:
        self.taken.append(found[0])
        return f"data:image/taken,{len(self.taken) - 1}"

    def at(self, address: str) -> str:
        """What an address stands for, as a ``data:`` address. Raises CannotBeShown if the page has it not."""
        kind, _colon, name = address.strip().partition(":")
        if kind.lower() == "attachment":
            found = self.attached.get(_name(name), MISSING)
        elif number := re.fullmatch(r"data:image/taken,(\d+)", address.strip()):
            found = self.taken[int(number[1])] if int(number[1]) < len(self.taken) else MISSING
        elif address.strip().lower().startswith("data:image/"):
            found = address.strip()
        else:
            raise CannotBeShown("this page shows only pictures that the notebook holds")
        if not found.startswith("data:"):
            raise CannotBeShown(found)
        self.room -= len(found)
        if self.room < 0:
            raise CannotBeShown(f"the pictures of a cell are larger than {limits.PICTURES_BYTES // 2**20} MB")
        return found


def _address(bundle: Any) -> str:
    """The picture in an attachment as a ``data:`` address, or why there is none."""
    kinds = [kind for kind in bundle if str(kind).startswith("image/")] if isinstance(bundle, Mapping) else []
    if not kinds:
        return MISSING
    kind = min(kinds, key=lambda kind: "svg" not in kind)
    try:
        data = "".join(bundle[kind])  # a text, or its lines
        is_source = data.lstrip().startswith("<")
        raw = data.encode() if is_source else base64.b64decode("".join(data.split()), validate=True)
    except (ValueError, TypeError) as error:
        return f"what the notebook holds of it is broken: {error}"
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"


def _name(written: str) -> str:
    """The name of an attachment: front ends write blanks and accents in several ways."""
    return unicodedata.normalize("NFC", unquote(written)).strip()


class _ShownPictures(Filter):
    """Puts each picture into the page, or says in its place that it is missing."""

    def __init__(self, source: Any, pictures: _Pictures):
        super().__init__(source)
        self.pictures = pictures

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for token in super().__iter__():
            if token.get("name") != "img":
                yield token
                continue
            given = {name: html.unescape(value) for (_space, name), value in token["data"].items()}
            address = given.get("src", "")
            try:
                token["data"][None, "src"] = self.pictures.at(address)
                token["data"].setdefault((None, "alt"), "Picture without a description")
                yield token
            except CannotBeShown as why:
                alt, name = given.get("alt", ""), unquote(address).removeprefix("attachment:")
                yield {"type": "Characters", "data": f"[Picture {plain(f'{alt} ({name})', most=80)}: {why}]"}


def markdown_html(text: str, attachments: Any = None) -> Markup:
    """Markdown, as notebooks write it, as HTML without anything that could run.

    ``attachments`` are those of the notebook's cell. Raises CannotBeShown if the text is too long.

    >>> print(markdown_html("a *matrix* $R$ <iframe></iframe>"))
    <p>a <em>matrix</em> <math xmlns="..." display="inline"><mrow><mi>R</mi></mrow></math> </p>
    >>> print(markdown_html("![sketch](attachment:a.png)", {"a.png": {"image/png": "iVBORw0K"}}))
    <p><img src="data:image/png;base64,iVBORw0K" alt="sketch"></p>
    """
    pictures = _Pictures(attachments)
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


def harmless(markup: str, pictures: _Pictures | None = None) -> Markup:
    """HTML with text, pictures, tables and formulas kept, and all that could run or load taken out.

    Raises CannotBeShown if it is too long, or its elements are nested too deeply.

    >>> harmless('<b onclick="alert(1)">bold</b><iframe src="https://example.org"></iframe>')
    Markup('<b>bold</b>')
    """
    pictures = pictures or _Pictures({})
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
        filters=[partial(_ShownPictures, pictures=pictures)],
    )
    return Markup(cleaner.clean(short))


def code_html(source: str, metadata: Any = None) -> str:
    """A code cell's source with its words coloured. Raises CannotBeShown if it is too long.

    ``metadata`` of the cell may name another language, of which nothing here makes use.
    """
    _check_length(source, limits.DRAWN)
    return Highlight2HTML(pygments_lexer="ipython3")(source)


def printed_html(text: str) -> str:
    """What code printed, with the colours that it asked for in a terminal's way, if they can be read."""
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
    known = name in EVERYWHERE or name in ATTRIBUTES.get(tag, set())
    return known and not (name == "href" and within)


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
