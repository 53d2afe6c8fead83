"""Runs a notebook, or takes what an earlier run of the same notebook and library gave.

Afterwards the kernel is asked for what moves its widgets without it, and the outputs are made ready for
that: where a widget stands, its page's script finds `data-rollout-view`; where a prediction's outcome was
printed, it is folded away until a reader asks for it or has predicted; and what only a kernel can do says so.
"""

import hashlib
import html
import json
import os
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from rollout_lab._widget_output import GO_ON
from rollout_lab.quiz.checking import _YOUR_TURN, gap_item, gap_names
from rollout_lab.quiz.scoring import WIDTH, wrapped

from . import still
from .settings import ROOT

KEPT = ROOT / "build" / "executed"
ASK = """
import sys
sys.path.insert(0, {site!r})
from edition.still import asked
asked({gaps!r}, {result!r})
"""
CHECK = re.compile(r'\bcheck\(\s*"([\w-]+)"')
REVEAL = re.compile(r'\breveal\(\s*"([\w-]+)"')
VIEW = re.compile(r'(?s)^<div data-rollout-view="(\w+)">(.*)</div>$')
ONLY_HERE = re.compile(
    rf"(?:<em>(?:As it was when the cell ran\. )?)?{re.escape(GO_ON)}(?:</em>)?"
    "(?: Without buttons:.*?</code>(?=</p>))?"
)
"""What an output says of its cell, which cannot be run on a page."""
NEEDS_LIVE = "<span data-rollout-live>the live edition</span>"
"""In whose place a page has a link, where there is a live edition."""
LIVE_ONLY = {
    "self_check": "Here you write code, and Python judges it at once. That needs {}.",
    "break_it": "Here you change numbers, and both functions answer at once. That needs {}.",
    "progress_overview": "The table of what you have answered needs {}.",
    "review": "A second try at what you have missed needs {}.",
    "after": "The table with your answers before and after needs {}.",
    "slider_check": "A slider that Python answers needs {}.",
}
"""What is said below cells that call these functions, where a page can only show what they came to."""


def executed(path: Path) -> tuple[nbformat.NotebookNode, dict[str, Any]]:
    """The notebook with its outputs, and what moves its widgets without a kernel."""
    kept = KEPT / f"{path.stem}-{_digest(path)}.json"
    if not kept.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        for old in KEPT.glob(f"{path.stem}-*"):
            old.unlink()
        kept.write_text(json.dumps(_run(path)), "utf-8")
    notebook, found = json.loads(kept.read_text("utf-8"))
    notebook = nbformat.from_dict(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    return notebook, _prepared(notebook, found)


def _run(path: Path) -> tuple[nbformat.NotebookNode, dict[str, Any]]:
    notebook = nbformat.read(path, as_version=4)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "stills.json")
        gaps = sorted(
            {name for cell in notebook.cells for name in CHECK.findall(cell.source)} & {*gap_names()}
        )
        ask = ASK.format(site=str(ROOT / "site"), gaps=gaps, result=str(result))
        notebook.cells.append(nbformat.v4.new_code_cell(ask))
        NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
            store_widget_state=False,
        ).execute()
        notebook.cells.pop()
        return notebook, json.loads(result.read_text("utf-8"))


def joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Outputs with what a kernel printed in one go, and sent in two, in one piece again."""
    found: list[nbformat.NotebookNode] = []
    for output in outputs:
        before = found[-1] if found else None
        if before and output.output_type == "stream" == before.output_type and output.name == before.name:
            before.text += output.text
        else:
            found.append(output)
    return found


def _prepared(notebook: nbformat.NotebookNode, found: dict[str, Any]) -> dict[str, Any]:
    """What the page carries, as still.js reads it; the outputs name it."""
    stills: dict[str, Any] = {}

    def place(still: Any, markup: str) -> str:
        name = f"w{len(stills) + 1}"
        stills[name] = still
        return f'<div data-rollout-view="{name}">{markup}</div>'

    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        reveals = iter(REVEAL.findall(cell.source))
        only_live = next((name for name in LIVE_ONLY if re.search(rf"\b{name}\(", cell.source)), "")
        outputs = []
        for output in cell.outputs:
            data = output.get("data", {})
            markup = data.get("text/html", "")
            if view := VIEW.match(markup.strip()):
                inner = ONLY_HERE.sub("", view[2]).replace("<p></p>", "")
                if still := found["stills"].get(view[1]):
                    data["text/html"] = place(still, inner)
                elif "your_answers(" in cell.source:
                    data["text/html"] = "<div data-still-forget></div>"
                else:
                    data["text/html"] = inner
            elif data.get("text/markdown", "").startswith("**You ") and (name := next(reveals, "")):
                told = found["reveals"][name][""]
                outputs.append(_output(_folded(name, told)))
                continue
            outputs.append(output)
        for name in filter(found["gaps"].__contains__, CHECK.findall(cell.source)):
            outputs = [left for each in outputs if (left := _without_turn(each, name))]
            field = found["gaps"][name]
            there = _said("What you work out here is more than a field holds. To have it judged needs {}.")
            outputs.append(_output(place(field, f"<p>{field['traits']['question']}</p>") if field else there))
        if only_live:
            asked = [one for one in outputs if "rollout-question" in one.get("data", {}).get("text/html", "")]
            outputs = [*asked, _output(_said(LIVE_ONLY[only_live]))]
        cell.outputs = outputs
    return {"widgets": stills, "reveals": found["reveals"]}


def _output(markup: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("display_data", {"text/html": markup, "text/plain": ""})


def _said(words: str) -> str:
    return f'<p class="rollout-live-only">{words.format(NEEDS_LIVE)}</p>'


def _folded(name: str, told: str) -> str:
    return (
        f'<details data-rollout-reveal="{html.escape(name)}"><summary>Show what came out</summary>'
        f'<div class="told">{told}</div></details>'
    )


def _without_turn(output: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode | None:
    """A printed output without the line that asks to fill a gap in; None if nothing is left."""
    if output.output_type != "stream":
        return output
    turn = wrapped(f"{gap_item(name).asked}: {_YOUR_TURN}", WIDTH)
    output.text = output.text.replace(f"{turn}\n", "")
    return output if output.text.strip() else None


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes() + _library().encode()).hexdigest()[:16]


@cache
def _library() -> str:
    """A digest of all that the library's folder holds, and of what is asked of the kernel."""
    digest = hashlib.sha256()
    for path in [*sorted((ROOT / "rollout_lab").rglob("*")), Path(still.__file__)]:
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()
