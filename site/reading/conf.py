"""Sphinx's settings for the reading edition."""

import os
import re
from html import escape

from docutils import nodes
from edition.executed import NEEDS_LIVE
from edition.reading import doors
from edition.settings import ROOT, address
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxTranslator

project = "Attention rollout"
author = "The rollout-lab authors"
copyright = "the rollout-lab authors; text CC BY 4.0, code BSD-3-Clause"  # Sphinx's name
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_static", "_templates"]
templates_path = ["_templates"]
language = "en"

html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["reading.css"]
html_favicon = str(ROOT / "site" / "start" / "favicon.svg")
html_domain_indices = False
html_js_files = ["reading.js"]
html_baseurl = f"{website}/read/" if (website := address("website")) else ""
html_copy_source = html_show_sourcelink = html_use_index = False
html_math_renderer = "mathml"
html_theme_options = {"sidebar_hide_name": False}
_parts = ["brand.html", "search.html", "scroll-start.html", "navigation.html", "scroll-end.html"]
html_sidebars = {"**": ["start.html", *(f"sidebar/{part}" for part in _parts)]}
pygments_style, pygments_dark_style = "a11y-high-contrast-light", "a11y-high-contrast-dark"

nb_execution_mode = "off"
nb_merge_streams = True
nb_render_markdown_format = "myst"  # the others know no tables, or no formulas
myst_enable_extensions = ["dollarmath", "html_image"]
myst_heading_anchors = 4
myst_dmath_double_inline = True

default_role = "code"
napoleon_google_docstring = False
napoleon_use_rtype = napoleon_use_param = False
napoleon_custom_sections = ["Source"]
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_default_options = {"exclude-members": "__weakref__, __new__, __init__, set"}


def inline_math(self: SphinxTranslator, node: nodes.math) -> None:
    """A formula in a line of text, as MathML: browsers draw it themselves."""
    self.body.append(f'<span class="formula">{convert(node.astext())}{escape(node.get("then", ""))}</span>')
    raise nodes.SkipNode


def hold_marks(app: Sphinx, doctree: nodes.document) -> None:
    """Keep a formula and the mark that follows it on one line."""
    for formula in doctree.findall(nodes.math):
        after = formula.next_node(descend=False, siblings=True)
        if isinstance(after, nodes.Text) and (mark := re.match(r"[.,;:!?)\]]+", after.astext())):
            formula["then"] = mark[0]
            after.parent.replace(after, nodes.Text(after.astext()[mark.end() :]))


def cite(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """A docstring's line \"Source: ...\" as a section, which ends the section before it."""
    for i in reversed(range(len(lines))):
        if lines[i].startswith("Source: "):
            lines[i : i + 1] = ["Source", "------", lines[i].removeprefix("Source: ")]


def set_apart(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """A parameter's table below the parameter's name, not behind it."""
    for i in reversed(range(len(lines))):
        if table := re.match(r"( *)(.* -- )(=+ [= ]+)$", lines[i]):
            lines[i : i + 1] = [table[1] + table[2], "", " " * _indent(lines[i + 1]) + table[3]]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def display_math(self: SphinxTranslator, node: nodes.math_block) -> None:
    """A formula on a line of its own."""
    self.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>\n')
    raise nodes.SkipNode


def fold_deeper(app: Sphinx, doctree: nodes.document) -> None:
    """Fold the sections that go deeper, as the notebook does."""
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        if title and title.astext().startswith("Deeper"):
            opened = (
                '<details class="deeper"><summary>Open this section: it is not needed further on</summary>'
            )
            section.insert(1, nodes.raw("", opened, format="html"))
            section.append(nodes.raw("", "</details>", format="html"))


def described(doctree: nodes.document) -> str:
    """The first words of a page, at most 160 characters."""
    words = " ".join(node.astext() for node in list(doctree.findall(nodes.paragraph))[:4]).split()
    text = ""
    for word in words:
        if len(f"{text} {word}") > 158:
            return f"{text} …"
        text = f"{text} {word}".strip()
    return text


def _levelled(markup: str) -> str:
    """HTML in which captions of lists of pages have the level that a heading needs."""
    return markup.replace('class="caption" role="heading"', 'class="caption" role="heading" aria-level="2"')


def complete(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Give a page its description, its preview, its doors, and the script that moves its widgets."""
    if doctree is None:
        return
    body, title = context["body"], re.sub("<[^>]+>", "", context["title"])
    meta = {"og:title": title, "og:description": described(doctree), "og:type": "article"}
    if website:
        picture = re.search(r'src="(?:\.\./)*(_static/pictures/[^"]+|_images/[^"]+)"', body)
        meta |= {"og:url": f"{html_baseurl}{page}.html"}
        if picture:
            meta["og:image"] = f"{html_baseurl}{picture[1]}"
    tags = [f'<meta name="description" content="{escape(meta["og:description"])}">']
    tags += [f'<meta property="{name}" content="{escape(value)}">' for name, value in meta.items()]
    folder, name = f"{'../' * page.count('/')}_static/still", page.rpartition("/")[2]
    if os.path.exists(os.path.join(app.srcdir, "_static", "still", f"{name}.still")):
        live = f"../../live/notebooks/index.html?path={page.removeprefix('lessons/')}.ipynb"
        live = live if os.environ.get("READ_LIVE") else ""
        still = f'src="{folder}/still.js" data-still="{folder}/{name}.still" data-live="{live}"'
        tags.append(f'<script type="module" {still}></script>')
        body = body.replace(
            NEEDS_LIVE, f'<a href="{live}">the live edition</a>' if live else "a notebook that runs"
        )
    context["metatags"] = context.get("metatags", "") + "\n".join(tags)
    above = doors(page, address("repository"), live=bool(os.environ.get("READ_LIVE")))
    context["body"] = _levelled(body.replace("</h1>", f"</h1>\n{above}", 1))
    context["furo_navigation_tree"] = _levelled(context["furo_navigation_tree"])


def setup(app: Sphinx) -> None:
    """Connect what is above."""
    app.add_html_math_renderer("mathml", (inline_math, None), (display_math, None))
    app.connect("doctree-read", fold_deeper)
    app.connect("doctree-read", hold_marks)
    app.connect("autodoc-process-docstring", cite, priority=400)  # before Napoleon
    app.connect("autodoc-process-docstring", set_apart, priority=600)  # after it
    app.connect("html-page-context", complete, priority=900)  # after the theme
