"""Every lesson and every self-check quiz runs from top to bottom as it is handed out."""

import ast
import json
import re
import tarfile
from pathlib import Path

import nbclient
import nbformat
import pytest
from msgspec.structs import replace

from rollout_lab.quiz.checking import gap_item, gap_names
from rollout_lab.quiz.in_lessons import practice_item, practice_names
from rollout_lab.quiz.predicting import prediction_item, prediction_names
from rollout_lab.quiz.schema import LETTERS, Expected

from .giving_away import calls, given_away, shown, solutions, with_probes, without_probes

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


REVEALED_LATER = {"00-what-the-model-used": "05", "03-better-match": "05"}
"""The lessons that reveal what an earlier one has asked; they may ask once more."""

IN_SIGHT_FOR_A_REASON = {
    ("03-better-match", "rollout, recursion"): "a table names the four maps, the last layer's in other words",
    (
        "03-better-match",
        "0.50",
    ): "a loss on paper, a spread of chance; what comes out is the end of an interval",
    ("06-wrong-neighbour", "account"): "the maps are asked first, and the options are words of their axes",
}


each_lesson = pytest.mark.parametrize("path", LESSONS, ids=name)


def run(notebook, folder):
    where = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(notebook, timeout=60, resources=where, allow_errors=True).execute()
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


@pytest.mark.parametrize("path", SELF_CHECKS, ids=name)
def test_a_self_check_runs_from_top_to_bottom_without_an_error(path, tmp_path):
    printed = run(nbformat.read(path, as_version=4), tmp_path)
    # What a self-check copy may stumble on is an exercise that is not written yet, and that says so.
    assert not [o for o in printed if o.output_type == "error" and o.ename != "NotImplementedError"]
    assert not [o.text for o in printed if o.get("name") == "stderr"]
    assert list(tmp_path.iterdir()) == []


@each_lesson
def test_a_lesson_runs_gives_nothing_away_and_comes_out_as_its_predictions_say(path, tmp_path):
    answers = tmp_path / ".rollout-lab" / "answers"
    answers.mkdir(parents=True)
    for item in map(prediction_item, prediction_names()):
        right = next(option.text for option in item.options if option.letter == item.key)
        (answers / f"prediction-{item.id}.json").write_text(json.dumps({"letter": item.key, "text": right}))
    kept = sorted(answers.iterdir())
    notebook = with_probes(nbformat.read(path, as_version=4))
    printed = run(notebook, tmp_path)
    assert not [output for output in printed if output.output_type == "error"]
    assert not [output.text for output in printed if output.get("name") == "stderr"]
    assert [list(tmp_path.iterdir()), sorted(answers.iterdir())] == [[answers.parent], kept]
    cells = without_probes(notebook).cells
    wrong = [
        item
        for cell in cells
        for what, item in calls(cell)
        if what == "reveal" and "✓ **As you predicted.**" not in "".join(shown(cell))
    ]
    assert wrong == []
    found = [each for each in given_away(cells) if each[:2] not in IN_SIGHT_FOR_A_REASON]
    assert found == []


@each_lesson
def test_a_lesson_asks_each_of_its_predictions_and_gaps_once_and_no_others(path):
    number = path.stem[:2]
    found = [call for cell in nbformat.read(path, as_version=4).cells for call in calls(cell)]
    later = {each for each, lesson in REVEALED_LATER.items() if lesson == number}
    expected = [("check", each) for each in gap_names() if each[:2] == number]
    expected += [("predict", each) for each in prediction_names() if each[:2] == number]
    expected += [
        ("reveal", each) for each in prediction_names() if REVEALED_LATER.get(each, each[:2]) == number
    ]
    assert sorted(each for each in found if each[0] != "predict" or each[1] not in later) == sorted(expected)
    assert len(found) == len(set(found))


GAVE_AWAY = {
    "01-one-word": "C",
    "02-strongest-path": "C",
    "03-max-heads": "C",
    "04-which-method": "E",
    "05-which-repair": "A",
    "06-photograph": "D",
}
"""What stood between question and reveal in 29276af, and the letter that came out."""


def test_what_earlier_lessons_gave_away_is_found_out():
    found = set()
    with tarfile.open(ROOT / "tests" / "earlier" / "29276af.tar.xz") as archive:
        lessons = [name for name in archive.getnames() if re.fullmatch(r"my-course/\d\d_.*ipynb", name)]
        texts = [archive.extractfile(name).read().decode() for name in lessons]
    for text in texts:
        cells, items = nbformat.reads(text, as_version=4).cells, {}
        sources = [cell.source for cell in cells if any(what == "predict" for what, _ in calls(cell))]
        for call in (ast.parse(source).body[-1].value for source in sources):
            asked, question = map(ast.literal_eval, call.args)
            options = zip(LETTERS, ast.literal_eval(call.keywords[0].value), strict=False)
            options = tuple(Expected(letter=letter, text=text, value=text) for letter, text in options)
            item = replace(prediction_item("01-good-reads"), id=asked, stem=question, options=options)
            items[asked] = replace(item, key=GAVE_AWAY.get(asked, "A"))
        found |= {name for name, *_ in given_away(cells, items)}
    assert found >= GAVE_AWAY.keys()


def test_a_gap_that_gives_its_solution_away_is_found_out():
    key = gap_item("06-value-of-c").key
    open_gap = 'value_of_C = None  # your turn\ncheck("06-value-of-c", value_of_C)'
    as_before = f"{open_gap}\nright = -(1 / 4 * 2 + 1 / 2 * 1) / (1 / 4)"
    names = {"value_of_C": None, "check": lambda *_: None, "right": key}
    assert solutions(open_gap, "", key, names) == []
    assert sorted(solutions(as_before, "", key, names)) == ["-(1 / 4 * 2 + 1 / 2 * 1) / (1 / 4)", "right"]
    assert solutions(open_gap, "right = compute()", key, names) == ["right"]
    cells = [nbformat.v4.new_markdown_cell("## Tie"), nbformat.v4.new_code_cell('check("04-tie", None)')]
    assert given_away(cells) == []
    for words in ("The weight is 1/3.", "It is 0.33, or 33%."):
        told = [cells[0], nbformat.v4.new_markdown_cell(words), cells[1]]
        assert [each for each, *_ in given_away(told)] == ["04-tie"]


@pytest.mark.parametrize("path", LESSONS[:-1], ids=name)  # the refresher is none
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


@pytest.mark.parametrize("path", LESSONS[:-1], ids=name)
def test_a_lesson_asks_for_predictions_has_an_explorer_and_practice(path):
    text = "\n".join(sources(path))
    assert len(re.findall(r'^(?:practice\("[a-z0-9-]+"|before\()', text, re.MULTILINE)) >= 2
    assert "explorers" in text
    assert len(re.findall(r"^predict\(", text, re.MULTILINE)) >= 2


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
