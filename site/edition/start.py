"""The start page: one path tracer with one question, what the course is, and the ways into it.

README says what the page says about the course, its surprises and its minutes: the page takes it from there.
"""

import html
import io
import re
import shutil
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from rollout_lab._widget_output import BUNDLES
from rollout_lab.classroom.build.repository import built_readme
from rollout_lab.explorers.path_tracer import PathTracer, path_tracer
from rollout_lab.figures import Figure, layered_graph
from rollout_lab.figures.words import tidy
from rollout_lab.models import load_example, load_pointer_model, sample_task
from rollout_lab.rollout import rollout

from . import still
from .settings import ROOT, address

BY_HAND = ROOT / "site" / "start"
SENTENCES = {"coreference": "cup", "coreference_swapped": "box"}
"""The bundled sentences that the page offers after the cards, and what “it” means in each."""
GUESSES = {"nothing": (0.0, "Nothing"), "half": (0.5, "About half"), "all": (1.0, "Nearly all")}
"""What may be guessed, as a share and in words."""


class Cards(NamedTuple):
    """The question of lesson 00: the maps of a model that was asked for the letter on a card."""

    attentions: np.ndarray
    tokens: tuple[str, ...]
    question: int
    source: int
    via: int
    letter: str

    def shares(self, residual: str) -> np.ndarray:
        """What the question draws from each card, by this formula."""
        return rollout(self.attentions, residual=residual, queries=self.question)


@cache
def cards() -> Cards:
    """The cards on which lesson 00 opens."""
    task = sample_task("gate", 1, np.random.default_rng(1))
    prediction, attentions = load_pointer_model("gate").run(task)
    letter = "abcdefghij"[prediction[0]]
    return Cards(attentions[:, 0], task.tokens(), task.reader, task.source[0], task.via[0], letter)


def opening(case: Cards) -> PathTracer:
    """The tracer as it opens: on another output than the question, whose bars would answer it."""
    drawn = rollout(case.attentions, residual="none", queries=case.via)
    source = int(np.argmax(np.delete(drawn, case.source)))
    source += source >= case.source
    return path_tracer(
        case.attentions, case.tokens, output=case.via, source=source, k=1, residual="none", key="start"
    )


def stills() -> dict[str, dict[str, Any]]:
    """What the page carries of each sentence, by name."""
    found = {"cards": {"widgets": {"w1": still.still_of(opening(cards()))}, "reveals": {}}}
    for name in SENTENCES:
        tokens = load_example(name).tokens
        found[name] = still.tracer(name, output=tokens.index("it"), source=tokens.index("cup"))
    return found


def page(live: bool, repository: str, website: str, **pictures: str) -> str:
    """The start page's HTML; a link that needs an address, or the live edition, is left out without it."""
    template = Template((BY_HAND / "index.html").read_text("utf-8"))
    text = template.substitute(slots(built_readme(ROOT), live, repository, website), **pictures)
    return re.sub(r"\n\s*\n(?=<)", "\n", text)


def slots(readme: str, live: bool, repository: str, website: str) -> dict[str, str]:
    """What stands in the template's slots, as HTML."""
    case = cards()
    alone, counted = case.shares("none"), case.shares("identity")
    leader = int(np.argmax(counted))
    name, via, source = (html.escape(case.tokens[k]) for k in (case.question, case.via, case.source))
    lead = html.escape(case.tokens[leader])
    told = (
        f"The question draws <strong>{tidy(alone[case.source])}</strong> of 1 from card "
        f"<code>{source}</code>. In layer 1 card <code>{via}</code> reads it; in layer 2 the question reads "
        f"card <code>{via}</code>. Neither layer links the two. Their product does."
    )
    right = min(GUESSES, key=lambda each: abs(GUESSES[each][0] - alone[case.source]))
    also = (
        f"Card <code>{source}</code> has only <strong>{tidy(counted[case.source])}</strong> now. Card "
        f"<code>{lead}</code> leads with <strong>{tidy(counted[leader])}</strong>, though it only passed the "
        "letter on. Both maps are called rollout. Which one shows what the model used?"
    )
    surprises, unknown = said_in(readme)
    rows = lessons(readme)
    return {
        "canonical": f'<link rel="canonical" href="{html.escape(website)}/">' if website else "",
        "address": f'<meta property="og:url" content="{html.escape(website)}/">' if website else "",
        "picture": html.escape(f"{website}/start/preview.png" if website else "start/preview.png"),
        "question": name,
        "via": via,
        "source": source,
        "letter": case.letter,
        "passing": case.tokens[case.via].split(":")[1][0],
        "via_number": case.tokens[case.via].split(":")[0],
        "source_number": case.tokens[case.source].split(":")[0],
        "told": told,
        "also": also,
        "guesses": "\n".join(guess(each, each == right) for each in GUESSES),
        "entry": f'data-output="{case.question}" data-source="{case.source}"',
        "offered": "\n".join(offered(each) for each in SENTENCES),
        "first_minutes": rows[0][2].split(",")[0],
        "course_minutes": next(minutes for number, _, minutes in rows if "–" in number),
        "course_lessons": next(number for number, _, _ in rows if "–" in number),
        "lessons": "\n".join(listed(*row) for row in rows if "–" not in row[0]),
        "surprises": "\n".join(f"<li>{each}</li>" for each in surprises),
        "unknown": unknown,
        "live": go("live/notebooks/index.html?path=00_start_here.ipynb", "Run it here") if live else "",
        "live_words": " Or run and change them: Python starts in this browser, the first time slowly."
        if live
        else "",
        "clone": f"git clone {html.escape(repository)} rollout-lab\ncd rollout-lab\n" if repository else "",
        "where": "" if repository else " In the folder of the course, type:",
        "repository": f'<a class="go" href="{html.escape(repository)}">The repository</a>'
        if repository
        else "",
        "report": f' <a href="{html.escape(repository)}/issues">Tell us what you saw.</a>'
        if repository
        else "",
    }


def go(address: str, words: str) -> str:
    """A link that looks like a button."""
    return f'<a class="go" href="{html.escape(address)}">{words}</a>'


def guess(name: str, right: bool) -> str:
    """The button of a guess."""
    verdict = "Yes." if right else "No."
    return f'<button type="button" data-guess="{verdict}">{GUESSES[name][1]}</button>'


def offered(name: str) -> str:
    """A bundled sentence in the menu, and what its map says of “it”."""
    example = load_example(name)
    drawn = rollout(example.attentions, queries=example.tokens.index("it"))
    cup, box = (tidy(drawn[example.tokens.index(word)]) for word in ("cup", "box"))
    look = (
        f"In this sentence “it” means the {SENTENCES[name]}. With the residual, “it” draws {cup} from “cup” "
        f"and {box} from “box”. Does the map follow the meaning? Compare the other sentence."
    )
    return f'<option value="{name}" data-look="{look}">{html.escape(example.text)}</option>'


def lessons(readme: str) -> list[tuple[str, str, str]]:
    """Number, title and minutes of each row in README's table of lessons."""
    return re.findall(r"(?m)^\| (\d\d(?:–\d\d)?) \| (.+?) \| (.+?) \|$", readme)


def listed(number: str, title: str, minutes: str) -> str:
    """A lesson in the list, linked to its page."""
    page = next((ROOT / "course").glob(f"{number}_*.ipynb")).stem
    return (
        f'<li><a href="read/lessons/{page}.html"><b>{number}</b> {marked(title)}</a> '
        f"<span>{html.escape(minutes)} min</span></li>"
    )


def said_in(readme: str) -> tuple[list[str], str]:
    """README's two surprises, and the first of what is not known, as HTML."""
    point = r"(?ms)^- (\*\*.+?)(?=\n- |\n\n|\n```)"
    surprises = re.findall(point, readme[: readme.index("```")])
    unknown = re.findall(point, readme[readme.index("## What we do not know") :])
    return [marked(each) for each in surprises], marked(unknown[0])


def marked(text: str) -> str:
    """Markdown's bold, italics and powers as HTML; a lesson that is named leads to its page."""
    text = html.escape(" ".join(text.split()), quote=False)
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
    text = re.sub(r"\^\*(\w)\*", r"<sup><i>\1</i></sup>", text)
    text = re.sub(r"\*(\w+)\*", r"<i>\1</i>", text)

    def linked(match: re.Match[str]) -> str:
        page = next((ROOT / "course").glob(f"{match[1]}_*.ipynb")).stem
        return f'<a href="read/lessons/{page}.html">lesson {match[1]}</a>'

    return re.sub(r"lesson (\d\d)\b", linked, text)


def _drawn(widget: PathTracer, path: Path, **values: Any) -> str:
    """Write a static figure of the tracer; its text alternative and size as attributes."""
    figure = widget.draw(**{**widget.values, **values})
    wide, high = _small(figure.png(120), path)
    return f'alt="{html.escape(figure.alt)}" width="{round(wide * 0.8)}" height="{round(high * 0.8)}"'


def _small(png: bytes, path: Path) -> tuple[int, int]:
    """Write a picture of few colours; returns its size in pixels."""
    with Image.open(io.BytesIO(png)) as picture:
        picture.quantize(48, dither=Image.Dither.NONE).save(path, "png", optimize=True)
        return picture.size


def preview(path: Path) -> None:
    """The picture that stands beside a link to the page, with the question and not the answer."""
    case = cards()
    graph = layered_graph(case.attentions, case.tokens, residual="none", title="")
    with Image.open(io.BytesIO(graph.png(160))) as drawn:
        figure = Figure(figsize=(12, 6.3), facecolor="white")
        figure.text(0.05, 0.86, "Does the map show what the model used?", size=31, weight="bold")
        figure.text(0.05, 0.77, "Attention rollout: an interactive course. Guess first, then look.", size=19)
        axes = figure.add_axes((0.05, 0.04, 0.9, 0.68))
        axes.imshow(drawn)
        axes.axis("off")
        _small(figure.png(100), path)


def build(site: Path) -> None:
    """Write the start page, what it loads, and the page for addresses that lead nowhere."""
    folder = site / "start"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    scripts = (
        ROOT / "javascript" / "still" / "start.js",
        still.SCRIPTS / "still.js",
        BUNDLES / "path_tracer.js",
    )
    for path in (BY_HAND / "start.css", BY_HAND / "favicon.svg", BUNDLES / "explorer.css", *scripts):
        shutil.copy(path, folder)
    for name, carried in stills().items():
        still.write(carried, folder / f"{name}.still")
    widget, case = opening(cards()), cards()
    first = _drawn(widget, folder / "opening.png")
    settled = _drawn(widget, folder / "answer.png", output=case.question, source=case.source)
    preview(folder / "preview.png")
    website = address("website")
    live = (site / "live" / "notebooks" / "index.html").exists()
    text = page(live, address("repository"), website, opening=first, answer=settled)
    (site / "index.html").write_text(text, "utf-8")
    lost = Template((BY_HAND / "404.html").read_text("utf-8"))
    (site / "404.html").write_text(lost.substitute(home=html.escape(f"{website or '.'}/")), "utf-8")
