"""Notebooks of every shape: what nbformat can read comes of each, and the answers are in it."""

import copy
import json

import nbformat
import pytest
from nbformat import from_dict

from rollout_lab.classroom import limits
from rollout_lab.classroom.grade.validate import _given_cells
from rollout_lab.classroom.submission.find_notebook import FoundNotebook, find_notebook
from rollout_lab.classroom.submission.notebook_format import normalise_notebook
from rollout_lab.classroom.submission.reading import NotANotebook, grade_ids, read_notebook
from rollout_lab.classroom.submission.repair import grade_id, repair, same_text

from ..nbgrader_class import read
from .broken import FILE, QUIZ, find

OTHER_TYPES = [None, 7, -1.5, "x", True, [], {}, [[]], {"x": None}, "\ud800", "x\0", "9" * 5000]
"""What stands in the place of a value of the notebook, one at a time."""

LONG = "x" * 10**6


@pytest.fixture(scope="module")
def right(answered):
    return read(answered.course / "release" / QUIZ / FILE)


@pytest.fixture(scope="module")
def one_of_each(right):
    """A few cells that have all that cells can have, with right answers to q1 and softmax."""
    names = ["setup", "statement_q1", "q1", "check_q1", "test_q1", "softmax", "test_softmax"]
    cells = [copy.deepcopy(right["cells"][find(right, name)]) for name in names]
    cells[1]["attachments"] = {"sketch.png": {"image/png": "iVBORw0KGgo="}}
    cells[1]["metadata"] |= {"tags": ["a"], "jupyter": {"source_hidden": True}}
    data = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": ["1"]}}
    cells[2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "1"}, data]
    return {**right, "cells": cells}


def places(value, path=()):
    """The paths to all values within a JSON value."""
    within = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in within:
        yield (*path, key)
        yield from places(each, (*path, key))


def with_another(notebook, path, value):
    changed = copy.deepcopy(notebook)
    *parents, last = path
    place = changed
    for key in parents:
        place = place[key]
    place[last] = value
    return changed


def brought_into_shape(notebook: dict, given) -> list[dict]:
    """The cells that nbgrader gets to grade: valid, and saved and read again as a file."""
    normalised, notes = normalise_notebook(read_notebook(json.dumps(notebook).encode()))
    assert all(isinstance(sentence, str) and sentence.endswith(".") for sentence in notes)
    nbformat.validate(json.loads(json.dumps(normalised, ensure_ascii=False).encode()))
    cells, mended = repair(from_dict(normalised)["cells"], given)
    assert all(map(str, mended))
    return cells


def stands_before(cells, text: str, name: str) -> bool:
    """Whether code with this text runs before the quiz's cell of this name."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    test = next(number for number, cell in enumerate(code) if grade_id(cell) == name)
    return any(cell["source"] == text for cell in code[:test])


def test_whatever_value_has_another_type_the_answers_run_before_their_tests(one_of_each):
    given = _given_cells(from_dict(one_of_each)["cells"], ours=True)
    answers = {name: one_of_each["cells"][find(one_of_each, name)]["source"] for name in ("q1", "softmax")}
    paths = list(places(one_of_each))
    assert len(paths) > 100
    for path in paths:
        if path[0] == "cells" and len(path) == 1:
            continue
        for value in [*OTHER_TYPES, LONG] if path[-1] in ("source", "id", "name") else OTHER_TYPES:
            cells = brought_into_shape(with_another(one_of_each, path, value), given)
            for name, text in answers.items():
                position = find(one_of_each, name)
                intact = path[:2] != ("cells", position) or (len(path) > 2 and path[2] != "source")
                assert not intact or stands_before(cells, text, f"test_{name}"), (path, value)


@pytest.mark.parametrize("value", OTHER_TYPES)
def test_what_holds_no_list_of_cells_is_refused_in_words(right, value):
    if value == [] or value == [[]]:
        assert (
            normalise_notebook(read_notebook(json.dumps({**right, "cells": value}).encode()))[0]["cells"]
            == []
        )
    else:
        with pytest.raises(NotANotebook, match=r"holds no list of cells\. Ask the student"):
            read_notebook(json.dumps({**right, "cells": value}).encode())
    assert grade_ids({"cells": None, "worksheets": value}) == set()


def test_pictures_pasted_into_a_cell_stay(one_of_each):
    normalised, notes = normalise_notebook(one_of_each)
    assert normalised["cells"][1]["attachments"] == {"sketch.png": {"image/png": "iVBORw0KGgo="}}
    assert notes == []
    one_of_each = copy.deepcopy(one_of_each)
    one_of_each["cells"][1]["attachments"] = {"a": 7, "b": {"image/png": ["iVBO", "Rw0KGgo="]}}
    normalised, notes = normalise_notebook(one_of_each)
    assert normalised["cells"][1]["attachments"] == {"b": {"image/png": "iVBORw0KGgo="}}
    assert notes == ["A picture or file pasted into cell 2 could not be read."]


def test_a_byte_order_mark_before_a_cell_is_taken_out_in_silence(one_of_each):
    marked = copy.deepcopy(one_of_each)
    for cell in marked["cells"]:
        cell["source"] = ["\ufeff", *cell["source"]]
    assert normalise_notebook(marked) == normalise_notebook(one_of_each)


def test_many_cells_that_are_none_are_told_of_in_one_sentence():
    _normalised, notes = normalise_notebook({"cells": [7] * 100})
    assert notes == ["What stood for cells 1, 2, 3, 4, 5, 6, 7, 8 and 92 more is no cell: it was left out."]


def test_text_in_another_encoding_without_a_mark_is_read(right):
    for encoding in ("utf-16-le", "utf-16-be", "utf-32"):
        assert read_notebook(json.dumps(right).encode(encoding)) == right


@pytest.fixture
def submitted(tmp_path):
    """What is found of a quiz in a folder with these files."""

    def found(quizzes=None, **files: object) -> FoundNotebook:
        for name, content in files.items():
            path = tmp_path / name.replace("__", ".")
            path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        known = quizzes or {QUIZ: {"setup", "q1", "test_q1"}, "quiz2": {"setup", "q2"}}
        return find_notebook(tmp_path, FILE, QUIZ, known)

    return found


OWN = FILE.replace(".", "__")


@pytest.mark.parametrize(
    ("limit", "size", "reason"),
    [
        (
            "NOTEBOOK_BYTES",
            lambda n: len(json.dumps(n)),
            r"has \d+ MB, more than the \d+ MB that a notebook may",
        ),
        ("NOTEBOOK_VALUES", lambda n: sum(map(json.dumps(n).count, "[{,")), r"holds more than \d+ values"),
        ("CELLS", lambda n: len(n["cells"]), r"has more than \d+ cells: ask the student"),
        (
            "SOURCES",
            lambda n: sum(len(c["source"]) for c in normalise_notebook(n)[0]["cells"]),
            r"has more than \d+ characters in its cells",
        ),
    ],
)
def test_a_notebook_above_a_limit_is_refused_in_words_and_one_at_it_is_read(
    one_of_each, submitted, monkeypatch, limit, size, reason
):
    monkeypatch.setattr(limits, limit, size(one_of_each))
    assert submitted(**{OWN: one_of_each}).notes == []
    monkeypatch.setattr(limits, limit, size(one_of_each) - 1)
    with pytest.raises(NotANotebook, match=f"{FILE} {reason}"):
        submitted(**{OWN: one_of_each})


def test_the_notebooks_that_are_not_looked_at_are_counted(one_of_each, submitted, monkeypatch):
    monkeypatch.setattr(limits, "NOTEBOOKS", 2)
    assert submitted(**{OWN: one_of_each, "a__ipynb": {}, "b__ipynb": {}}).notes == []
    notes = "of 3 notebooks beside it 1 were not looked at: they are too many or too large"
    assert submitted(c__ipynb={}).notes == [notes]


def test_notebooks_that_are_too_large_together_are_not_looked_at(one_of_each, submitted, monkeypatch):
    size = len(json.dumps(one_of_each))
    monkeypatch.setattr(limits, "NOTEBOOK_BYTES", size)
    assert submitted(b__ipynb=one_of_each).notes[0].startswith("b.ipynb, which holds the quiz's cells")
    with pytest.raises(NotANotebook, match=r"a\.ipynb is JSON but no .*; b\.ipynb was not looked at\)"):
        submitted(a__ipynb={})


def test_what_editors_change_in_a_long_cell_is_a_change(monkeypatch):
    monkeypatch.setattr(limits, "COMPARED", 4)
    assert same_text("abc ", "abc")
    assert not same_text("abcd ", "abcd")


TIMES = {
    b"": False,
    b"\n": False,
    b"python": False,
    b"7": False,
    b"\xff\xfe\0": False,
    b"99999-01-01 00:00:00 UTC": False,
    b"9999-12-31 23:59:59 -1200": False,
    b"2026-01-01 10:00 999999999": False,
    b"2026 " * 100: False,
    b"2026-01-05 10:00:00 UTC" + b" " * 200 + b"x": False,
    b"2026-01-05 10:00:00 UTC": True,
    b"2026-01-05 10:00:00.123 Europe/Berlin": True,
    b"2026-01-05T10:00:00+05:30": True,
}


@pytest.mark.parametrize(("written", "is_a_time"), TIMES.items())
def test_a_time_that_cannot_be_read_is_left_out_and_told(one_of_each, submitted, written, is_a_time):
    found = submitted(**{OWN: one_of_each, "timestamp__txt": written})
    assert found.left_out == (() if is_a_time else ("timestamp.txt",))
    assert [each.startswith("timestamp.txt tells no time: it is not known when") for each in found.notes] == (
        [] if is_a_time else [True]
    )


def test_a_quiz_whose_cells_all_are_another_s_too_is_graded_under_its_name(one_of_each, submitted):
    twins = {QUIZ: {"setup", "q1", "test_q1"}, "make-up": {"setup", "q1", "test_q1"}}
    assert submitted(twins, **{OWN: one_of_each}).notes == []


def test_names_of_files_are_plain_in_what_is_said(one_of_each, submitted):
    found = submitted(**{"\x1b[2J\u202egpj__ipynb": one_of_each})
    first = r"\x1b[2J\u202egpj.ipynb, which holds the quiz's cells, was taken for it"
    assert found.notes[0].startswith(first)
    assert json.loads(found.content)["metadata"]["rollout_lab_mended"] == found.notes
