"""Small functions of several rooms by example."""

import pytest

from rollout_lab.classroom.lms.students import slug
from rollout_lab.classroom.report.feedback import lesson_link
from rollout_lab.classroom.report.plots import name_of
from rollout_lab.classroom.report.report_page import in_words
from rollout_lab.classroom.report.results import _words
from rollout_lab.classroom.submission.folder import LINK, choose_files, is_clutter, left_out_notes
from rollout_lab.classroom.submission.notebook_format import clean, normalise_notebook
from rollout_lab.classroom.submission.python_versions import Gap, version_gap
from rollout_lab.classroom.submission.quiz_builds import fingerprint
from rollout_lab.classroom.submission.reading import is_notebook_name, quiz_of
from rollout_lab.classroom.submission.repair import forms, line_feeds, same_text

FILES = [("data/big.bin", 10**9), ("helper.py", 200), ("quiz.ipynb", 900), (".git/HEAD", 20)]
QUESTION = "## Question 3\n\n*Say why. (1 point)*\n\n> We add it because:\n\n- **A)** No reason"
QUIZZES = {"quiz1": {"setup", "q1"}, "quiz2": {"setup", "q2"}}
UNREADABLE = {"cells": [{"cell_type": "code", "source": None, "metadata": {}}, 7]}


def written_with(version):
    return {"language_info": {"name": "python", "version": version}}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (slug("../Zoë O'Hara, 李"), "Zoë-O-Hara-李"),
        (lesson_link("02_matrix#the-order-matters", "../course"), "../course/02_matrix.ipynb"),
        (name_of((0.5, 1.0, 3)), "0.5–<1"),
        (name_of((4.0, float("inf"), 3)), "4"),
        (in_words("sum-for-product"), "Sum for product"),
        (_words(QUESTION), "*Say why. (1 point)*\n\n> We add it because:"),
        (choose_files(FILES)[0], ["quiz.ipynb", "helper.py"]),
        (is_clutter("__pycache__"), True),
        (is_clutter("cache.py"), False),
        (left_out_notes({LINK: ["a", "b"]}), ["left out, as links to other files are not followed: a, b"]),
        (clean("x = 1\0  # \ud800"), "x = 1  # �"),
        (version_gap(written_with("3.13.0"), "3.11.7"), Gap(written="3.13", graded="3.11")),
        (version_gap(written_with("3.11.2"), "3.11.7"), None),
        (is_notebook_name("QUIZ.IPYNB"), True),
        (is_notebook_name("quiz.ipynb.txt"), True),
        (is_notebook_name("._quiz.ipynb"), False),
        (is_notebook_name("data.json"), False),
        (quiz_of({"setup", "q1"}, QUIZZES), "quiz1"),
        (line_feeds("a\r\nb\rc"), "a\nb\nc"),
        (forms("if x:\r\n\ty = 1 \r\n")[-1], "if x:\n    y = 1"),
        (same_text("if x:\n    y = 'a'", "if x:\r\n\ty = ‘a’"), True),
        (same_text("if x:\n    y = 1", "if x:\ny = 1"), False),
    ],
)
def test_a_small_function_does_what_its_name_says(result, expected):
    assert result == expected


def test_what_is_no_cell_or_has_no_text_is_named():
    notebook, mended = normalise_notebook(UNREADABLE)
    assert notebook["cells"][0]["source"] == ""
    assert mended == [
        "The text of cell 1 could not be read.",
        "What stood for cell 2 is no cell: it was left out.",
    ]


def test_the_fingerprint_of_a_build_stands_for_the_words_but_not_for_the_points():
    one, two = (f"## Exercise\n\n*Add. ({n} points)*\n\nWrite `add`." for n in (1, 2))
    assert fingerprint(one) == fingerprint(two)
    assert fingerprint(one) != fingerprint(two + " Fast.")
