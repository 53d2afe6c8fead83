"""Find what gives an answer away in a lesson that has run: between question and reveal, or before a gap.

In sight are sources with their comments and titles, and all that is printed or shown, text alternatives too.
"""

import inspect
import json
import re

import nbformat
import numpy as np

from rollout_lab.quiz.checking import _flat, gap_item
from rollout_lab.quiz.predicting import prediction_item, prediction_names
from rollout_lab.quiz.schema import normal_text

CALL = re.compile(r"^\s*(predict|reveal|check)\(\s*[\"']([a-z0-9-]+)[\"']", re.MULTILINE)
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:/\d+)?%?(?![\w%]|\.\d)")


def calls(cell):
    """What a cell asks, reveals and checks: pairs of a function's name and an item's id."""
    return CALL.findall(cell.source) if cell.cell_type == "code" else []


def plain(text):
    """Text without what sets it: case, line ends, code's backticks, quotation marks, kinds of minus."""
    return re.sub(r"[`“”*]", "", normal_text(text)).casefold().replace("−", "-").replace("½", "1/2")


def shown(cell):
    """What a cell prints and shows, as text; of a figure its text alternative."""
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        yield from (text for text in (output.get("text"), data.get("text/markdown")) if text)
        if "text/markdown" not in data and "text/plain" in data:
            yield data["text/plain"]


def given_away(cells, items=None):
    """What stands between a question and its reveal, or before a gap: triples of id, what and where."""
    items = items or {name: prediction_item(name) for name in prediction_names()}
    return [*_before_reveals(cells, items), *_before_gaps(cells)]


def _before_reveals(cells, items):
    open_questions = {}
    for cell in cells:
        revealed = [name for what, name in calls(cell) if what == "reveal"]
        for texts in open_questions.values():
            texts.append(plain(cell.source))
            texts += [plain(text) for text in shown(cell) if not revealed]
        for name in revealed:
            comes_out = next((text for text in shown(cell) if "**What comes out:**" in text), "")
            texts = open_questions.pop(name, [])
            if name in items:
                yield from ((name, *each) for each in answers_in(texts, items[name], comes_out))
        open_questions |= {name: [] for what, name in calls(cell) if what == "predict"}


def answers_in(texts, item, comes_out=""):
    """The right option's words, and the numbers that come out, wherever they stand in texts.

    A text that has the words of every option tells nothing, nor do numbers that the question itself names.
    """
    words = {option.letter: plain(option.text) for option in item.options}
    right = words.pop(item.key)
    known = plain(" ".join([item.stem, *words.values()]))
    said = {*NUMBER.findall(f"{known} {right}")}
    first, three = right.split()[0].strip(",:"), " ".join(right.split()[:3])
    telling = [right, *(each for each in (three, first) if len(each) > 4 and each not in known)]
    outcome = plain(comes_out.partition("**What comes out:**")[2].partition("\n\n")[0])
    numbers = {each for each in NUMBER.findall(outcome) if re.search(r"\.\d\d|\d%", each)} - said
    if NUMBER.fullmatch(right):
        numbers.add(right)
    for text in texts:
        of_all = all(other in text for other in words.values())
        if len(telling[-1]) > 3 and telling[-1] in text and not of_all:
            yield telling[-1], text
        for number in numbers.intersection(NUMBER.findall(text)):
            yield number, text


def _before_gaps(cells):
    section = []
    for cell in cells:
        if cell.cell_type == "markdown" and re.search(r"^##", cell.source, re.MULTILINE):
            section = []
        section.append(cell)
        for name in (name for what, name in calls(cell) if what == "check"):
            key = list(_flat(gap_item(name).key))
            for text in (plain(text) for each in section for text in (each.source, *shown(each))):
                if _holds(text, key):
                    yield name, str(key), text
            for text in cell.metadata.get("solutions", ()):
                yield name, text, cell.source


def _holds(text, key):
    """Whether the numbers of a key stand in a text one after the other, as they would be printed."""
    numbers = NUMBER.findall(re.sub(r"[\[\](),]+", " ", text))
    if all(each == int(each) for each in key):
        return False  # whole numbers stand anywhere
    same = [[_is(number, each) for number in numbers] for each in key]
    return any(all(row[k + i] for i, row in enumerate(same)) for k in range(len(numbers) - len(key) + 1))


def _is(text, value):
    if text.endswith("%"):
        return round(100 * value) == float(text[:-1])
    if "/" in text:
        over, under = map(int, text.split("/"))
        return under != 0 and np.isclose(over / under, value)
    decimals = len(text.partition(".")[2])
    return (decimals > 1 or value in (0, 1)) and round(value, decimals) == float(text)


def solutions(gap, before, key, names):
    """Expressions of a gap's cell, and names given in the cells before it, whose value is the key."""
    import ast  # this function runs in the lesson's kernel
    import contextlib
    import io

    import numpy as np

    def is_key(code):
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
            value = np.asarray(eval(code, names), dtype=float)
            return value.shape == np.shape(key) and np.allclose(value, key, rtol=0, atol=1e-3)
        return False

    found = []
    for node in ast.walk(ast.parse(gap)):
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if (
            isinstance(node, ast.expr)
            and called not in ("check", "compare", "print")
            and is_key(ast.unparse(node))
        ):
            found.append(ast.unparse(node))
    stored = {
        node.id
        for node in ast.walk(ast.parse(before))
        if isinstance(getattr(node, "ctx", None), ast.Store) and isinstance(node, ast.Name)
    }
    return found + sorted(filter(is_key, stored))


def with_probes(notebook):
    """The notebook with a cell after each gap that evaluates what stands there."""
    cells, before = [], ""
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type == "markdown" and re.search(r"^##", cell.source, re.MULTILINE):
            before = ""
        for name in (name for what, name in calls(cell) if what == "check"):
            key = json.loads(json.dumps(gap_item(name).key))
            call = f"solutions({cell.source!r}, {before!r}, {key!r}, globals())"
            source = f"import json\n{inspect.getsource(solutions)}\nprint(json.dumps({call}))"
            cells.append(nbformat.v4.new_code_cell(source, metadata={"probe": True}))
        before += f"{cell.source}\n" if cell.cell_type == "code" else ""
    notebook.cells = cells
    return notebook


def without_probes(notebook):
    """The notebook that has run, what its probes found in the metadata of the gaps' cells."""
    cells = []
    for cell in notebook.cells:
        if cell.metadata.get("probe"):
            printed = "".join(output.text for output in cell.outputs)  # it may come in pieces
            cells[-1].metadata.setdefault("solutions", []).extend(json.loads(printed))
        else:
            cells.append(cell)
    notebook.cells = cells
    return notebook
