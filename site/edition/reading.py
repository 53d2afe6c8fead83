"""The reading edition: the executed lessons and what belongs to them, as Sphinx pages in `build/site/read`.

The sources of Sphinx are written to `build/reading`: notebooks with their outputs, Markdown with its links
turned into links between pages, a page of the library's reference for each room. `site/reading` holds what is
written by hand.
"""

import base64
import hashlib
import html
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from rollout_lab.classroom.build.private import FILE as PRIVATE

from . import still
from .executed import executed
from .settings import ROOT, address

BY_HAND = ROOT / "site" / "reading"
SOURCES = ROOT / "build" / "reading"
REFERENCE = {
    "": "Attention and rollout",
    "models": "Models and example sentences",
    "figures": "Figures",
    "explorers": "Explorers",
    "quiz": "Questions in lessons",
}
"""The rooms whose public names have a page, by title."""
KEYS = re.compile(r"(?s)^keys = \{\n.*?\n\}$", re.MULTILINE)
PICTURE = re.compile(r'<img ([^>]*?)src="data:image/(png|jpeg);base64,([^"]+)"')
LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\((?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?\)")
HREF = re.compile(r'(href=\\?"|\]\()([^":#()\\]+\.(?:ipynb|html|md))(#[^")\\]*)?')
"""A link in HTML or in Markdown, in JSON too."""

SPOKEN = {
    r" ?\*\*Run each cell with Shift\+Enter\.?\*\*(, from the top\.)?": "",
    r"\*\*Shift\+Enter\*\* runs a cell: [^.]*\. Then point": "Then point",
    r"Run the cell and click": "Click",
    r"After lesson `(\w+)`": r"After lesson [`\1`](../\1.ipynb)",
    r"Run the next two cells first\.": "",
}
"""What a notebook says to whoever runs it, and a page to whoever reads it."""

EDITED = {"github.com": "edit/main", "gitlab.com": "-/edit/main", "codeberg.org": "_edit/main"}
"""Where hosts of repositories let a file be edited."""
MADE_FROM = {
    r"course/(\w+)\.ipynb": r"course/text/\1.py",
    r"course/cheat_sheet\.html": "tools/make_cheat_sheet.py",
    r"README\.md": "site/reading/index.md",
    r"quizzes/self_check/.*": "",
}
"""The text of which a page's file is built, "" where it is more than one."""


class PrivateBank(ValueError):
    """There is an instructor's private build here, and the site is public."""


def pages(root: Path = ROOT) -> dict[str, str]:
    """The page of each file that has one: names in Sphinx, by paths in the repository."""
    found = {
        f"course/{path.name}": f"lessons/{path.stem}" for path in sorted((root / "course").glob("*.ipynb"))
    }
    for path in sorted((root / "quizzes" / "self_check").glob("*.ipynb")):
        found[f"quizzes/self_check/{path.name}"] = f"self_check/{path.stem}"
    for path in sorted((root / "docs" / "teaching").glob("*.md")):
        name = "index" if path.stem == "README" else path.stem
        found[f"docs/teaching/{path.name}"] = f"teaching/{name}"
    return found | {
        "course/cheat_sheet.html": "cheat_sheet",
        "quizzes/README.md": "guide",
        "CHANGELOG.md": "changelog",
        "README.md": "index",
    }


def place(target: str, file: str) -> str:
    """Where a link in a file of the repository leads, as a path in the repository.

    A student's copy of the course has the self-checks beside the lessons.
    """
    path = os.path.normpath(os.path.join(os.path.dirname(file), target)).replace(os.sep, "/")
    if path.startswith("course/self_check/"):
        return path.replace("course", "quizzes", 1)
    # A self-check's page names a lesson as the student's copy has it, one folder above.
    return (
        path.replace("quizzes/", "course/", 1) if re.fullmatch(r"quizzes/\w+\.(ipynb|html)", path) else path
    )


def relinked(text: str, file: str, known: dict[str, str], repository: str = "") -> str:
    """Markdown of a file of the repository with its links turned into links to pages.

    What has no page is linked where the repository's address is known; elsewhere the link's words stay.
    """

    def turned(match: re.Match[str]) -> str:
        words, target, anchor = match[1], match[2], match[3] or ""
        path = place(target, file)
        if path in known:
            here = os.path.dirname(known[file])
            return f"[{words}]({os.path.relpath(known[path], here or '.')}{_suffix(path)}{anchor})"
        return f"[{words}]({repository}/blob/HEAD/{path}{anchor})" if repository else words

    return LINK.sub(turned, text)


def _suffix(path: str) -> str:
    return ".ipynb" if path.endswith(".ipynb") else ".md"


def relinked_html(markup: str, file: str, known: dict[str, str]) -> str:
    """HTML of a notebook's page with its links to notebooks leading to pages and to their headings."""

    def turned(match: re.Match[str]) -> str:
        path = place(match[2], file)
        if path not in known:
            return match[0]
        here = os.path.dirname(known[file])
        anchor = f"#{_heading(match[3])}" if match[3] else ""
        return f"{match[1]}{os.path.relpath(known[path], here or '.')}.html{anchor}"

    return HREF.sub(turned, markup)


def _heading(anchor: str) -> str:
    """The anchor that Sphinx gives the heading which JupyterLab knows by this one."""
    return re.sub(r"[^a-z0-9]+", "-", unquote(html.unescape(anchor)).lower()).strip("-")


def apart(markup: str, pictures: Path, up: str) -> str:
    """HTML whose pictures are files of their own, which a browser loads when they come into sight."""

    def turned(match: re.Match[str]) -> str:
        data = still.webp(base64.b64decode(match[3]), 300_000)
        name = f"{hashlib.sha256(data).hexdigest()[:16]}.webp"
        (pictures / name).write_bytes(data)
        return f'<img {match[1]}loading="lazy" decoding="async" src="{up}_static/pictures/{name}"'

    return PICTURE.sub(turned, markup)


def for_readers(text: str) -> str:
    """A notebook's Markdown without what only somebody who runs it can do."""
    for said, read in SPOKEN.items():
        text = re.sub(said, read, text)
    return text


def page_of_notebook(notebook: Any, file: str, known: dict[str, str], pictures: Path) -> Any:
    """An executed notebook as its page shows it: folded code folded, no key, links to pages."""
    up = "../" * known[file].count("/")
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = relinked(for_readers(cell.source), file, known, address("repository"))
            continue
        if cell.cell_type != "code":
            continue
        cell.source = KEYS.sub("keys = ...  # the notebook has them", cell.source)
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.metadata.tags = [*cell.metadata.get("tags", []), "hide-input"]
            title = cell.source.splitlines()[0].lstrip("# ")
            cell.metadata.mystnb = dict.fromkeys(("code_prompt_show", "code_prompt_hide"), f"Code: {title}")
        for output in cell.outputs:
            if "text/html" in output.get("data", {}):
                markup = relinked_html(output.data["text/html"], file, known)
                output.data["text/html"] = apart(markup, pictures, up)
    return notebook


def cheat_sheet_page(sheet: str) -> str:
    """The cheat sheet's own HTML and print style as a page."""
    title = re.findall(r"<h1>(.*?)</h1>", sheet)[0]
    body = re.findall(r"(?s)</h1>(.*)</main>", sheet)[0]
    blocks = re.sub(r"\n\s*\n", "\n", body).strip()  # a blank line would end the HTML
    return f'# {html.unescape(title)}\n\n<div class="cheat-sheet">\n{blocks}\n</div>\n'


def doors(page: str, repository: str = "", *, live: bool = False) -> str:
    """What stands below a page's title: links to the page elsewhere, and how a lesson's code can be changed.

    Elsewhere is live in the browser where the site has that part, and where the repository's address is known
    its text there; Colab and Binder open what lies on GitHub.
    """
    file = next((file for file, name in pages().items() if name == page), "")
    links, note = [], ""
    if file.endswith(".ipynb"):
        name = page.removeprefix("lessons/")
        what = "lesson" if name != page else "quiz"
        note = f"Here the {what}’s cells have been run. To change its code, run it on your own machine"
        if live:
            up = "../" * (page.count("/") + 1)
            links.append((f"{up}live/notebooks/index.html?path={name}.ipynb", f"Run this {what}"))
            note += ", or live in your browser"
        note += "."
        if owner := repository.partition("://github.com/")[2]:
            links += [
                (f"https://colab.research.google.com/github/{owner}/blob/HEAD/{file}", "Open in Colab"),
                (f"https://mybinder.org/v2/gh/{owner}/HEAD?labpath={quote(file, safe='')}", "Open in Binder"),
            ]
            note += f" In Colab, run <code>%pip install git+{html.escape(repository)}</code> first."
    source = next(
        (re.sub(made, text, file) for made, text in MADE_FROM.items() if re.fullmatch(made, file)), file
    )
    edited = EDITED.get(urlsplit(repository).netloc)
    if source and edited:
        links.append((f"{repository}/{edited}/{source}", "Edit"))
    items = "".join(f'<a href="{html.escape(href)}">{words}</a>' for href, words in links)
    nav = f'<nav class="doors" aria-label="This page elsewhere">{items}</nav>' if items else ""
    return nav + (f'<p class="is-read">{note}</p>' if note else "")


def reference_pages() -> dict[str, str]:
    """The pages of the reference, in reStructuredText, by name: what each room offers."""
    texts = {}
    for room, title in REFERENCE.items():
        module = f"rollout_lab.{room}".rstrip(".")
        library = import_module(module)
        lines = [title, "=" * len(title), "", f".. automodule:: {module}", "   :no-members:", ""]
        for name in library.__all__:
            offered = getattr(library, name)
            if inspect.ismodule(offered):
                continue
            kind = "autofunction"
            if inspect.isclass(offered):
                kind = "autoexception" if issubclass(offered, BaseException) else "autoclass"
            lines += [f".. {kind}:: {module}.{name}", *["   :members:"] * (kind == "autoclass"), ""]
        texts[f"api/{room or 'rollout'}"] = "\n".join(lines)
    return texts


def lessons_table(readme: str) -> str:
    """The README's table of lessons and minutes, each row linked to its page."""
    table = re.search(r"(?m)^\|.*lesson.*minutes.*\|\n(?:\|.*\|\n?)+", readme)
    if not table:
        raise ValueError("README.md has no table of lessons and minutes")
    rows = table[0].splitlines()
    names = {name[8:10]: name for name in pages().values() if re.match(r"lessons/\d\d_", name)}

    def linked(row: str) -> str:
        number, title, *rest = (part.strip() for part in row.strip("|").split("|"))
        if number in names:
            title = f"[{title}]({names[number]}.ipynb)"
        return f"| {number} | {title} | {' | '.join(rest)} |"

    return "\n".join([rows[0].replace("| |", "| no. |", 1), rows[1], *map(linked, rows[2:])])


def write_sources(root: Path, sources: Path) -> None:
    """Write all that Sphinx reads. Raises PrivateBank where there is an instructor's private build."""
    if (root / "quizzes" / PRIVATE).exists():
        raise PrivateBank(
            f"Here is an instructor's private build, quizzes/{PRIVATE}. The site is public: "
            "make it in a clone without one."
        )
    shutil.rmtree(sources, ignore_errors=True)
    shutil.copytree(BY_HAND, sources, ignore=shutil.ignore_patterns("__pycache__"))
    pictures = sources / "_static" / "pictures"
    pictures.mkdir(parents=True)
    still.copy_scripts(sources / "_static" / "still")
    known, repository = pages(root), address("repository")
    for name, text in reference_pages().items():
        _write(sources / f"{name}.rst", text)
    for file, name in known.items():
        if file.endswith(".md") and file != "README.md":
            text = relinked((root / file).read_text("utf-8"), file, known, repository)
            if name == "teaching/index":
                text += "\n```{toctree}\n:hidden:\n:glob:\n\n0*\nwith-ai-assistants\n```\n"
            _write(sources / f"{name}.md", text)
    _write(
        sources / "cheat_sheet.md", cheat_sheet_page((root / "course/cheat_sheet.html").read_text("utf-8"))
    )
    index = (sources / "index.md").read_text("utf-8")
    table = lessons_table((root / "README.md").read_text("utf-8"))
    _write(sources / "index.md", index.replace("{lessons}", table))
    for file, (notebook, stills) in _run(root, [file for file in known if file.endswith(".ipynb")]):
        page = page_of_notebook(notebook, file, known, pictures)
        _write(sources / f"{known[file]}.ipynb", json.dumps(page, ensure_ascii=False))
        there = relinked_html(json.dumps(stills, ensure_ascii=False), file, known)
        still.write(json.loads(there), sources / "_static" / "still" / f"{Path(file).stem}.still")


def _run(root: Path, files: list[str]) -> Iterable[tuple[str, tuple[Any, dict[str, Any]]]]:
    """Every notebook executed, in the folders of a student's copy: links name files that are there."""
    copy = root / "build" / "course"
    shutil.rmtree(copy, ignore_errors=True)
    (copy / "self_check").mkdir(parents=True)
    places = [copy / file.removeprefix("course/").removeprefix("quizzes/") for file in files]
    for file, path in zip(files, places, strict=True):
        shutil.copy(root / file, path)
    shutil.copy(root / "course" / "cheat_sheet.html", copy)
    with ThreadPoolExecutor(2) as pool:
        yield from zip(files, pool.map(executed, places), strict=True)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def build(site: Path, root: Path = ROOT) -> None:
    """Build the reading edition into `site/read`, and the sitemap where the site's address is known.

    Raises PrivateBank, or CalledProcessError when Sphinx warns of anything: a link that leads nowhere, say.
    """
    write_sources(root, SOURCES)
    read = site / "read"
    shutil.rmtree(read, ignore_errors=True)
    live = (site / "live" / "notebooks" / "index.html").exists()
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-j", "2", "-q", "-W", "--keep-going"]
    command += ["-d", str(root / "build" / "doctrees"), str(SOURCES), str(read)]
    settings = {
        "READ_LIVE": "yes" if live else "",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "site"), str(ROOT)]),
    }
    subprocess.run(command, check=True, env=os.environ | settings)
    (read / "objects.inv").unlink(missing_ok=True)
    shutil.rmtree(site / "jupyter_execute", ignore_errors=True)  # MyST-NB's copies
    if website := address("website"):
        _write(site / "sitemap.xml", sitemap(website, sorted(read.rglob("*.html")), site))


def sitemap(website: str, files: Iterable[Path], site: Path) -> str:
    """The addresses of pages for search engines."""
    names = [path.relative_to(site).as_posix() for path in files if path.name != "search.html"]
    names = ["", *names]  # the start page first
    lines = "".join(f"<url><loc>{html.escape(f'{website}/{name}')}</loc></url>\n" for name in names)
    head = '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return f"{head}{lines}</urlset>\n"
