"""Gain and agreement of a class come from files of strangers: read, bounded, escaped and counted."""

import json
import os
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from rollout_lab.classroom import limits
from rollout_lab.classroom.report.exported_answers import exported_answers
from rollout_lab.classroom.report.report_page import report_page
from rollout_lab.classroom.report.results import Answer, GradedItem, Results, StudentResult
from rollout_lab.quiz.export_answers import FILE

ITEM, BELIEF = "read-r-by-row", "columns-read-rows"


@pytest.fixture
def report(tmp_path):
    """What comes of the contents of files, one for each student; None for a student without one."""

    def exported(*contents):
        for number, content in enumerate(contents):
            folder = tmp_path / f"s{number}"
            folder.mkdir()
            if callable(content):
                content(folder / FILE)
            elif content is not None:
                text = content if isinstance(content, str) else json.dumps({"version": 1, "answers": content})
                (folder / FILE).write_text(text, "utf-8")
        marks = {"q2": Answer(0, 1)}
        students = [StudentResult(f"s{n}", f"Student {n}", "", 0, 0, marks) for n in range(len(contents))]
        results = Results("quiz", (GradedItem("q2", 1),), tuple(students), len(students), (), ())
        course = SimpleNamespace(submitted=lambda student, _assignment: tmp_path / student)
        found = exported_answers(course, results)
        # With one student the page draws no plots, which have tests of their own.
        alone = replace(results, students=tuple(students[:1]))
        return found, lambda: report_page(alone, found, lessons=None, today=date(2026, 11, 26))

    return exported


def answer(kind, right, item=ITEM, **replies):
    return {"kind": kind, "item": item, "right": right, "replies": replies}


def said(was, thought=""):
    return answer("practice", False) | {"replies": {BELIEF: {"was": was, "thought": thought}}}


def test_without_files_the_report_says_so_in_one_line(report):
    found, page = report(None, None)
    assert found.files == 0
    assert "No hand-in carries exported answers" in page()
    assert "Agreement" not in page()


def test_gain_is_that_of_students_who_answered_before_and_after(report):
    found, page = report(
        [answer("before", False), answer("after", True), answer("after", True, "heads-in-a-mean")],
        [answer("before", True), answer("after", True)],
        [answer("before", True)],
        "{",
    )
    assert "1 of these files cannot be read and is left out." in page()
    assert (found.files, found.students, found.before, found.after) == (4, 2, 0.5, 1.5)
    gain = {item.objective: (item.students, item.before, item.after) for item in found.items}
    assert gain["Tell a row of R, one output, from a column, one input."] == (2, 1, 2)
    assert gain["Say what the mean over heads keeps and what it hides."] == (0, 0, 0)
    assert "<strong>0.5 of 6 right before, 1.5 after</strong>" in page()


def test_agreement_counts_yes_and_shows_the_texts_of_no_as_text(report):
    hostile = "<script>alert(1)</script> =1+1 \x1b[31m\u202e" + "x" * 1000
    found, page = report([said("yes")], [said("no", hostile)], [said("no")])
    (each,) = found.agreement
    assert (each.item, each.belief, each.yes, each.of, len(each.thoughts)) == (ITEM, BELIEF, 1, 3, 1)
    assert len(each.thoughts[0]) == limits.THOUGHT
    assert "You read the column" in each.diagnosis
    assert "What the output at “keys” draws" in page()
    assert "&lt;script&gt;" in page()
    assert not any(bad in page() for bad in ("<script>", "\x1b", "\u202e", "x" * limits.THOUGHT))


def test_of_many_texts_some_are_shown_and_the_rest_is_counted(report):
    found, page = report(*([said("no", f"thought {n}")] for n in range(limits.THOUGHTS + 3)))
    assert (len(found.agreement[0].thoughts), found.agreement[0].more) == (limits.THOUGHTS, 3)
    assert "and 3 more" in page()


def pipe(path):
    os.mkfifo(path)


def link(path):
    path.symlink_to("/etc/passwd")


HOSTILE = {
    "no JSON": "{",
    "empty": "",
    "no text": "\0\0",
    "a list": "[]",
    "huge": json.dumps({"version": 1, "answers": []}) + " " * limits.EXPORT_BYTES,
    "deep": "[" * 100_000,
    "deep in a field that nobody knows": '{"version":1,"answers":[],"x":' + "[" * 100_000,
    "a newer version": '{"version":2,"answers":[]}',
    "wrong types": '{"version":1,"answers":[{"kind":"practice","item":7,"right":true}]}',
    "a kind that is none": '{"version":1,"answers":[{"kind":"../x","item":"a","right":true}]}',
    "an item that is a path": '{"version":1,"answers":[{"kind":"practice","item":"../../x","right":true}]}',
    "NaN": '{"version":1,"answers":[{"kind":"practice","item":"a","right":NaN}]}',
    "many entries": '{"version":1,"answers":['
    + ",".join(['{"kind":"gap","item":"a","right":true}'] * 1000)
    + "]}",
    "a pipe": pipe,
    "a link": link,
    "a folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_cannot_be_read_costs_nobody_anything(report, content):
    found, _page = report(content, [said("yes")])
    assert (found.files, found.unread, len(found.agreement)) == (2, 1, 1)


def test_an_entry_that_stands_twice_counts_once_and_unknown_diagnoses_are_only_counted(report):
    twice = [said("no", "first"), said("no", "second")]
    invented = answer("practice", False, "invented", **{"some-belief": {"was": "yes"}})
    found, page = report([*twice, invented])
    assert [each.thoughts for each in found.agreement] == [("second",)]
    assert found.unknown == 1
    assert "invented" not in page()
