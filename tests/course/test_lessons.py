"""Every lesson and every self-check quiz runs from top to bottom as it is handed out."""

import ast
import json
import re
from pathlib import Path

import nbclient
import nbformat
import pytest

from rollout_lab.quiz.in_lessons import practice_item, practice_names

ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / "course").glob("*.ipynb"))
SELF_CHECKS = sorted((ROOT / "quizzes" / "self_check").glob("*.ipynb"))


def name(path):
    return path.stem


def sources(path):
    return ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]


def test_the_first_four_lessons_are_there():
    assert [path.stem for path in LESSONS][:4] == [
        "00_start_here",
        "01_single_layer_attention",
        "02_matrix_product_rollout",
        "03_identity_augmentation",
    ]


@pytest.mark.parametrize("path", LESSONS + SELF_CHECKS, ids=name)
def test_a_notebook_runs_from_top_to_bottom_without_an_error(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(
        notebook,
        timeout=60,
        resources={"metadata": {"path": str(tmp_path)}},
        allow_errors=path in SELF_CHECKS,
    ).execute()
    printed = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    # What a self-check copy may stumble on is an exercise that is not written yet, and that says so.
    assert not [o for o in printed if o.output_type == "error" and o.ename != "NotImplementedError"]
    assert not [o.text for o in printed if o.get("name") == "stderr"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_a_lesson_opens_with_what_one_learns_and_ends_with_summary_and_sources(path):
    text = "\n".join(sources(path))
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings[0] == "What you will be able to do"
    assert re.search(r"\b\d+ minutes\b|\b\d+ min\b", text)
    for needed in ("Summary", "Sources") if path.stem != "00_start_here" else ():
        assert needed in headings
    if path.stem != "00_start_here":
        summary = text[text.index("## Summary") :].lower()
        assert all(word in summary for word in ("exact", "assumed", "measured"))


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_a_lesson_asks_for_predictions_has_an_explorer_and_practice(path):
    text = "\n".join(sources(path))
    assert len(set(re.findall(r'practice\("([a-z0-9-]+)"\)', text))) >= 2
    assert "explorers" in text
    if path.stem != "00_start_here":
        predicted = re.findall(r'predict\(\s*"([a-z0-9-]+)"', text)
        assert len(predicted) >= 2
        assert set(re.findall(r'reveal\(\s*"([a-z0-9-]+)"', text)) <= set(predicted)


def test_every_practice_item_is_asked_in_a_lesson_and_every_one_asked_is_there():
    asked = set(re.findall(r'practice\("([a-z0-9-]+)"\)', "\n".join("\n".join(sources(p)) for p in LESSONS)))
    assert asked == set(practice_names())
    assert all(practice_item(each).stem for each in asked)


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_a_lesson_fits_a_screen_cell_by_cell(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    assert max(map(len, code)) <= 25
    assert [line for cell in code for line in cell if len(line.rstrip("\n")) > 92] == []


def test_a_prediction_that_a_later_lesson_reopens_offers_the_same_options():
    calls = [
        node
        for path in LESSONS
        for source in sources(path)
        if "predict(" in source
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "predict"
    ]
    options = {}
    for call in calls:
        given = next(keyword.value for keyword in call.keywords if keyword.arg == "options")
        options.setdefault(call.args[0].value, []).append(ast.unparse(given))
    assert len(options["03-better-match"]) == 2
    assert all(len(set(offered)) == 1 for offered in options.values())
