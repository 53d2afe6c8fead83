"""Widgets without a kernel: what each comes to is worked out at build, by Python, and lies beside the page.

A `Still` is what the page's script needs of one widget: its own script and style, the traits on which it
opens, and tables. An explorer's table says what each choice comes to, a question's what each answer is told.
So no formula and no judge is written a second time in JavaScript: the script looks up.

`asked` runs in the kernel that has run the notebook; all else runs where the site is built.
"""

import base64
import gzip
import io
import json
import math
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import permutations, product
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np
from PIL import Image

from rollout_lab._widget_output import BUNDLES, SavedAsHtml
from rollout_lab.explorers.browser_base import Live
from rollout_lab.explorers.head_view import HeadView
from rollout_lab.explorers.own_sentence import OwnSentence
from rollout_lab.explorers.widget_base import Stage, _offered
from rollout_lab.figures import Pictures
from rollout_lab.quiz.answers import NUMBER, POWER, Judged
from rollout_lab.quiz.checking import gap_item, judge_gap
from rollout_lab.quiz.kept_answers import MOST
from rollout_lab.quiz.predicting import revealed
from rollout_lab.quiz.schema import EntryTask, Gap, NumberTask, Task
from rollout_lab.quiz.widget import OptionsWidget, TaskWidget, _Asked, _marked

VERSION = 1
Still = dict[str, Any]

SCRIPTS = Path(__file__).parents[1] / "still"
"""The scripts of the pages, built from javascript/still."""

ANSWERS = 8_000
"""Answers that one table of an explorer may hold; with more choices, not all of them go together."""
FRAMES, ALONG = 40, 17
"""Pictures of an explorer that the kernel draws, and how many of them along one control."""
NUMBERS = 9
"""Numbers that somebody may be asked to type into one field."""


# Explorers


def _groups(choices: Mapping[str, Sequence[Any]], most: int) -> list[list[str]]:
    """The choices in groups, as large as a table of so many answers holds."""
    groups: list[list[str]] = []
    size = most + 1
    for name, values in choices.items():
        if size * len(values) > most:
            groups.append([])
            size = 1
        groups[-1].append(name)
        size *= len(values)
    return groups


def _block(
    choices: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any], answer: Any, by: Sequence[str]
) -> dict[str, Any]:
    """A table of what each choice by these names comes to, with the others fixed.

    Each field of an answer is a table of its own, over those names alone that it depends on.
    """
    settings = [dict(zip(by, values, strict=True)) for values in product(*(choices[name] for name in by))]
    answers = [answer(**fixed, **setting) for setting in settings]
    shape = [len(choices[name]) for name in by]
    fields = {}
    for name in answers[0]:
        texts = [_json(each[name]) for each in answers]
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        at = np.array([places[text] for text in texts]).reshape(shape)
        depends = []
        for axis, choice in enumerate(by):
            if (at == at.take([0], axis)).all():
                at = at.take([0], axis)
            else:
                depends.append(choice)
        flat, values = at.ravel().tolist(), [json.loads(text) for text in places]
        fields[name] = {"by": depends, "values": values} | (
            {} if flat == [*range(len(values))] else {"at": flat}
        )
    return {"fixed": dict(fixed), "by": list(by), "fields": fields}


def _blocks(
    choices: Mapping[str, Sequence[Any]], start: Mapping[str, Any], answer: Any, most: int
) -> list[Still]:
    return [
        _block(choices, {name: value for name, value in start.items() if name not in group}, answer, group)
        for group in _groups(choices, most)
    ]


def _live(widget: Live) -> Still:
    """An explorer that the browser draws."""
    choices = {name: [*values] for name, values in widget.choices.items()}
    start = dict(widget.chosen)
    if isinstance(widget, HeadView):  # a reader stands out, or a source
        alone = ("source", "query")
        blocks = [
            _block(choices, {other: None}, widget.answer, [name for name in choices if name != other])
            for other in alone
        ]
    else:
        blocks = _blocks(choices, start, widget.answer, ANSWERS)
    script = next(path.name for path in BUNDLES.glob("*.js") if path.read_text("utf-8") == str(widget._esm))
    traits = {"data": widget.data, "chosen": start, "pointed": {}, "shown": widget.shown}
    if isinstance(widget, HeadView):
        traits["weights"] = {"$bytes": base64.b64encode(widget.weights).decode("ascii")}
    return {"script": script, "style": "explorer.css", "traits": traits, "choices": choices, "blocks": blocks}


def _stage(stage: Stage) -> Still:
    """An explorer whose pictures the kernel draws: some of them, and controls that choose among these."""
    controls, choices, note = [], {}, ""
    start = stage.values
    for name, control in stage.controls.items():
        offered, texts = list(_offered(control)), {}
        menu = isinstance(control, ipywidgets.Dropdown)
        if menu:
            texts = {value: text for text, value in control.options}
        elif isinstance(control, ipywidgets.FloatSlider):
            texts = {value: format(value, control.readout_format) for value in offered}
        choices[name] = offered
        options = [(texts.get(value, str(value)), value) for value in offered]
        controls.append([name, "menu" if menu else "slider", control.description, options])
    whole = np.prod([len(values) for values in choices.values()]) <= FRAMES
    if not whole:
        note = "The controls move one at a time here. The live edition moves them together"
        note += ", in every step." if max(map(len, choices.values())) > ALONG else "."
    for control in [] if whole else controls:
        choices[control[0]] = few = _few(choices[control[0]], start[control[0]])
        control[3] = [option for option in control[3] if option[1] in few]
    data = {
        "label": str(stage.key[0]),
        "controls": [each for each in controls if len(each[3]) > 1],
        "note": note,
    }

    def answer(**values: Any) -> dict[str, Any]:
        figure = stage.draw(**values)
        drawn = figure.figures if isinstance(figure, Pictures) else (figure,)
        pictures = {f"picture{place}": _small(each.html(100)) for place, each in enumerate(drawn)}
        return {"status": figure.alt.split("\n")[0], **pictures}

    blocks = _blocks(choices, start, answer, FRAMES if whole else ALONG)
    shown = {"values": start, **answer(**start)}
    traits = {"data": data, "chosen": start, "pointed": {}, "shown": shown}
    return {
        "script": "frames.js",
        "style": "explorer.css",
        "traits": traits,
        "choices": choices,
        "blocks": blocks,
        "resets": not whole,
    }


def _few(values: list[Any], start: Any) -> list[Any]:
    """So many of the values as there are to be pictures, the start among them."""
    if len(values) <= ALONG:
        return values
    places = {*np.linspace(0, len(values) - 1, ALONG - 1).round().astype(int).tolist(), values.index(start)}
    return [values[place] for place in sorted(places)]


def webp(picture: bytes, most: float = math.inf) -> bytes:
    """A picture in fewer bytes, without loss unless these were more than `most`: a photograph's."""
    image = Image.open(io.BytesIO(picture))
    for how in ({"lossless": True, "quality": 90}, {"quality": 80}):
        small = io.BytesIO()
        image.save(small, "webp", method=4, **how)
        if small.tell() <= most:
            break
    return small.getvalue()


def _small(html: str) -> str:
    """A figure's HTML with its picture in fewer bytes."""

    def smaller(found: re.Match[str]) -> str:
        small = base64.b64encode(webp(base64.b64decode(found[1]), 40_000)).decode("ascii")
        return f'src="data:image/webp;base64,{small}"'

    return re.sub(r'src="data:image/png;base64,([^"]+)"', smaller, html)


# Questions

UNREAD, LARGE = "#", "1e999"
"""No number, in whose place the page puts what was typed, and too large a one."""


def _numbers(
    told: Mapping[Any, Judged], near: Callable[[Any], list[list[tuple[float, float]]]], **others: Judged
) -> dict[str, Any]:
    """The table of what is typed as numbers: their places lie between bounds that Python has found.

    The first of the answers whose bounds hold all numbers is told; `others` are told of what fits none.
    The page reads spellings with the patterns of `read_number`.
    """
    rows = list(dict.fromkeys([*told.values(), *others.values()]))
    return {
        "rows": _rows(rows),
        "near": [[rows.index(judged), near(answer)] for answer, judged in told.items()],
        "others": {name: rows.index(judged) for name, judged in others.items()},
        "read": {"number": NUMBER, "power": POWER},
    }


def _near(answer: float, tolerance: float) -> tuple[float, float]:
    """The numbers that Python takes for this one."""
    return _between(
        lambda x: abs(x - answer) <= tolerance or x == answer, answer - tolerance, answer + tolerance
    )


def _percent(share: float, tolerance: float) -> tuple[float, float]:
    """The numbers that Python takes for this share, in percent."""
    ends = (100 * (share - tolerance), 100 * (share + tolerance))
    return _between(lambda x: abs(x / 100 - share) <= tolerance, *ends)


def _between(test: Callable[[float], bool], low: float, high: float) -> tuple[float, float]:
    """The outermost numbers, about `low` and `high`, that pass."""
    ends = []
    for end, inside, outside in ((low, math.inf, -math.inf), (high, -math.inf, math.inf)):
        while test(math.nextafter(end, outside)):
            end = math.nextafter(end, outside)
        while not test(end):
            end = math.nextafter(end, inside)
        ends.append(end)
    return ends[0], ends[1]


def _rows(judged: Iterable[Judged]) -> list[list[str]]:
    return [list(each) for each in judged]


def _judge_of_options(widget: OptionsWidget, told_of: Callable[[Any], Judged]) -> Still:
    letters = [letter for letter, _text in widget.options]
    rows = _rows(map(told_of, letters))
    return {"rows": rows, "exact": {_json(letter): place for place, letter in enumerate(letters)}}


def _judge_of_task(item: Task, told_of: Callable[[Any], Judged]) -> Still:
    answers: list[Any] = [item.key, *(each.answer for each in item.misconceptions)]
    if isinstance(item, NumberTask):
        return _numbers(
            {answer: told_of(repr(answer)) for answer in answers},
            lambda answer: [[_near(answer, item.tolerance)]],
            otherwise=told_of(repr(2 * max(map(abs, answers)) + item.tolerance + 1)),
            unread=told_of(UNREAD),
            large=Judged(told_of(LARGE).feedback.replace(LARGE, UNREAD)),
            empty=told_of(""),
        ) | {"count": 1, "alone": True}
    if isinstance(item, EntryTask):
        (matrix,) = item.matrices
        answers += product(range(len(matrix.rows)), range(len(matrix.columns)))
    else:  # and one order that no belief explains
        known = {*map(tuple, answers)}
        answers += [next(order for order in permutations(range(len(item.key))) if order not in known)]
    told = {_json(list(each)): told_of(list(each)) for each in answers}
    rows = list(dict.fromkeys(told.values()))
    exact = {answer: rows.index(judged) for answer, judged in told.items()}
    return {"rows": _rows(rows), "exact": exact, "otherwise": [*exact.values()][-1]}


def _question(widget: _Asked) -> Still | None:
    if (told_of := widget.told_of) is None:
        return None
    names = ["lead", "question", "status", "verdict", "answered", "belief", "reply", "thought", "replies"]
    names += ["thanks", "longest_thought", widget.answer, widget.count]
    if isinstance(widget, OptionsWidget):
        kind, judge = "options", _judge_of_options(widget, told_of)
        names += ["label", "options", "written"]
    else:
        assert isinstance(widget, TaskWidget)
        kind, judge = "task", _judge_of_task(widget._item, told_of)
        names += ["task"]
    traits = {name: getattr(widget, name) for name in names} | {"variable": ""}  # there is no cell
    if widget.kind == "record":  # what it says of the cell, too
        traits["status"] = "Choose an option."
    return {
        "script": f"{kind}.js",
        "style": f"{kind}.css",
        "traits": traits,
        "judge": judge,
        "counter": widget.count,
        "answer": widget.answer,
        "kept": widget.kept_as or f"prediction-{widget.item}",
        **({"predicts": widget.item} if widget.kind == "prediction" else {}),
    }


def gap(name: str) -> Still | None:
    """A gap as a field to type into, where no code can be run."""
    item = gap_item(name)
    judge = judge_of_gap(item)
    if judge is None:
        return None
    count = judge["count"]
    several = f"Your {count} numbers{', row by row' if np.ndim(item.key) == 2 else ''}"
    asked = "Work it out on paper or in your own Python, type it here, then Check."
    task: Still = {
        "kind": "number",
        "pieces": [],
        "matrices": [],
        "asked": asked,
        "label": "Your number" if count == 1 else several,
        "size": 8 if count == 1 else 30,
    }
    return {
        "script": "task.js",
        "style": "task.css",
        "traits": {
            "lead": "Your turn.",
            "question": f"{item.asked[0].upper()}{item.asked[1:]}?",
            "status": asked,
            "verdict": "",
            "answered": 0,
            "belief": "",
            "reply": None,
            "thought": "",
            "replies": 0,
            "thanks": "",
            "longest_thought": MOST,
            "task": task,
            "given": None,
            "tries": 0,
        },
        "judge": judge,
        "counter": "tries",
        "answer": "given",
        "kept": f"gap-{name}",
    }


def judge_of_gap(item: Gap) -> dict[str, Any] | None:
    """The table of a gap: which numbers, by their place, are near those of the key and of each belief."""
    key = np.array(item.key, dtype=float)
    if key.size > NUMBERS:
        return None
    numbers, tolerance = key.ravel().tolist(), item.tolerance
    answers = [key, *(np.array(each.answer, dtype=float) for each in item.misconceptions)]
    near = [[[_near(x, tolerance)] for x in answer.ravel().tolist()] for answer in answers]
    if 0 <= key.min() <= key.max() <= 1 < 100 * (key.max() - tolerance):
        answers.append(100 * key)
        near.append([[_percent(x, tolerance)] for x in numbers])
    answers.append(key.round(1))
    tenths = [x / 10 for x in range(int(10 * key.min()) - 2, int(10 * key.max()) + 3)]
    near.append([[(each, each) for each in tenths if abs(each - x) < 0.0501] for x in numbers])
    told = {place: judge_gap(item, answer) for place, answer in enumerate(answers)}
    counts = {
        f"{n} numbers": judge_gap(item, [0.5] * n if n > 1 else 0.5) for n in range(1, 13) if n != key.size
    }
    return _numbers(
        told,
        near.__getitem__,
        otherwise=judge_gap(item, key + 7.77 + 100 * key.max()),
        unread=judge_gap(item, UNREAD),
        large=judge_gap(item, LARGE),
        empty=judge_gap(item, UNREAD),
        **counts,
    ) | {"count": int(key.size)}


# What a page carries


def still_of(widget: Any) -> Still | None:
    """What a page needs of a widget, None if it cannot move there."""
    if isinstance(widget, OwnSentence):
        inner = still_of(widget.explorer)
        if inner and "note" in inner["traits"]["data"]:
            inner["traits"]["data"]["note"] += " A text of your own needs it, too."
        return inner
    if isinstance(widget, Live):
        return _live(widget)
    if isinstance(widget, Stage):
        return _stage(widget)
    return _question(widget) if isinstance(widget, _Asked) else None


def asked(gaps: Iterable[str], result: str) -> None:
    """In the kernel, after the last cell: write what moves the widgets that were displayed into a file."""
    from ipywidgets.widgets.widget import _instances

    shown = [each for each in _instances.values() if isinstance(each, SavedAsHtml) and each._displayed]
    reveals = {
        name: {letter: _html(lines) for letter, lines in told.items()} for name, told in revealed().items()
    }
    stills = {each.model_id: still_of(each) for each in shown}
    found = {"stills": stills, "gaps": {name: gap(name) for name in gaps}, "reveals": reveals}
    Path(result).write_text(_json(found), "utf-8")


def _html(lines: Iterable[str]) -> str:
    """The lines of a revealed prediction, in Markdown, as HTML."""
    text = "".join(f"<p>{_marked(line)}</p>" for line in lines).replace(", then run this cell again", "")
    strong = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"\*([^*\s][^*]*)\*", r"<em>\1</em>", strong)


def write(stills: Mapping[str, Any], path: Path) -> None:
    """Write what a page carries into one file beside it."""
    data = _json({"version": VERSION, **stills}).encode("utf-8")
    path.write_bytes(gzip.compress(data, 9, mtime=0))


def copy_scripts(folder: Path) -> None:
    """Put the page's scripts, and the widgets' scripts and styles, into one folder of a site."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in (*BUNDLES.iterdir(), *SCRIPTS.iterdir()):
        if source.name not in ("mount.js", "status.js", "status.css"):
            shutil.copy(source, folder / source.name)


def tracer(name: str = "coreference", **start: Any) -> dict[str, Any]:
    """The path tracer of one bundled sentence as the only widget of a page: `w1`."""
    from rollout_lab.explorers.path_tracer import path_tracer
    from rollout_lab.models import load_example

    example = load_example(name)
    widget = path_tracer(example.attentions, example.tokens, **start)
    return {"widgets": {"w1": {**_live(widget), "sentence": name}}, "reveals": {}}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else list(value)
