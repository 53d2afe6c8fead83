"""All answers leave in one file, come back from it, and go; a stranger's file does no harm."""

import bz2
import json
from base64 import b64encode

import pytest

from rollout_lab.quiz import practice, predict, progress, progress_overview, review, was_that_it, your_answers
from rollout_lab.quiz.in_lessons import practice_item, practice_names
from rollout_lab.quiz.progress import all_kept, keep, kept
from rollout_lab.quiz.your_answers import FILE, MOST_ANSWERS, MOST_BYTES, add_answers, answers_as_text

VALUES = ("Z", 7, [99], [-1, 0], [[]], {"a": 1}, "<script>", "9" * 5000, True)


@pytest.fixture(autouse=True)
def work(tmp_path, monkeypatch):
    (tmp_path / ".rollout-lab").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "_memory", {})
    monkeypatch.setattr(progress, "_unwritten", set())
    practice("read-r-by-row", "A")
    was_that_it("read-r-by-row", "no", "mine")
    predict("01-good-reads", answer="B")
    keep("prediction-older", "about ½")
    return tmp_path


def file_of(**answers):
    return json.dumps({"version": 1, "answers": answers}).encode()


def click(widget, **request):
    widget.request = {"n": 1, **request}
    return widget.reply


def test_what_was_downloaded_and_deleted_comes_back_whole_and_in_order(monkeypatch):
    before = {name: kept(name) for name in all_kept()}
    widget = your_answers()
    file = click(widget, do="download")["text"]
    assert click(widget, do="delete")["said"].startswith("Deleted: 3 answers.")
    monkeypatch.setattr(progress, "_memory", {})
    assert all_kept() == []
    assert click(widget, do="add", text=file)["said"].startswith("Added: 3 answers.")
    assert {name: kept(name) for name in all_kept()} == before
    assert widget.there == "3 answers"


def test_without_widgets_the_same_is_a_call(work, capsys):
    your_answers(save=True)
    your_answers(delete=True)
    your_answers(add=FILE)
    said = capsys.readouterr().out
    assert f"Written: {FILE}, beside this notebook, with 3 answers." in said
    assert len(all_kept()) == 3


def test_an_answer_that_is_here_stays_and_that_is_said():
    other = file_of(**{"practice-read-r-by-row": {"chosen": "B", "right": True}, "gap-new": {"right": True}})
    assert add_answers(other) == (
        "Added: 1 answer. Left as they are here: 1. To have the file's instead, delete yours first. "
        "Run the cells of a lesson again to see them there."
    )
    assert kept("practice-read-r-by-row")["chosen"] == "A"
    assert "replies" in kept("practice-read-r-by-row")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "does not hold your answers"),
        (b"\xff\x00", "does not hold your answers"),
        (b'{"version": 1, "answers": []}', "does not hold your answers"),
        (b'{"version": 1, "answers": {"a": ' + b"[" * 100_000, "does not hold your answers"),
        (b'{"version": 2, "answers": {}}', "a newer version"),
        (b" " * (MOST_BYTES + 1), "larger than 1000 kB"),
        (file_of(**{f"gap-{k}": {} for k in range(MOST_ANSWERS + 1)}), "more than 1000 answers"),
    ],
    ids=["empty", "bytes", "list", "deep", "newer", "large", "many"],
)
def test_a_file_that_is_none_is_refused_whole_and_why_is_said(content, why):
    before = all_kept()
    said = add_answers(content)
    assert said.startswith("Nothing added: ")
    assert why in said
    assert all_kept() == before


def test_no_name_becomes_a_path_and_no_key_unpacks_to_more_than_a_key(work):
    bomb = b64encode(bz2.compress(b"0" * 50_000_000)).decode()
    names = ["../x", "practice-../../x", "practice-x/y", "practice-x\n", "manifest", "practice-" + "x" * 200]
    values = [
        {"right": "yes"},
        {"replies": {"b": {"was": "perhaps"}}},
        {"sealed": bomb},
        {"sealed": "no key"},
        5,
    ]
    answers = {name: {"right": True} for name in names}
    answers |= {f"self-check-{k}": value for k, value in enumerate(values)}
    answers["prediction-odd"] = {"letter": "ABC", "text": ""}
    everything = sorted(work.rglob("*"))
    assert "no answers of this course: 12." in add_answers(file_of(**answers))
    assert sorted(work.rglob("*")) == everything


@pytest.mark.parametrize("value", VALUES, ids=lambda value: str(value)[:9])
def test_whatever_was_given_every_item_still_opens(value, monkeypatch):
    monkeypatch.setattr("IPython.display.display", lambda *_values, **_options: None)
    your_answers(delete=True)
    for field in ("given", "chosen"):
        add_answers(
            file_of(**{f"practice-{name}": {field: value, "right": False} for name in practice_names()})
        )
        for name in practice_names():
            widget = practice(name)
            assert "<script>" not in widget.saved_html()
            assert practice_item(name).stem.strip()[:20] in repr(widget)
        review()
        repr(progress_overview())
        your_answers(delete=True)
    assert json.loads(answers_as_text())["answers"] == {}
