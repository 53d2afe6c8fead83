"""The minutes that lessons announce are counted from their cells."""

import pytest

from rollout_lab.classroom.build.minutes import announced, core_minutes
from rollout_lab.classroom.build.notebooks import code, lesson_cells, lesson_notebook, markdown
from rollout_lab.classroom.build.repository import built_readme

from ..nbgrader_class import ROOT

TEXTS = ROOT / "course" / "text"
SETUP = code(
    "# Picture: nothing\nfrom rollout_lab.figures import lines\nfrom rollout_lab.explorers import overview"
)
SETUP["metadata"]["jupyter"] = {"source_hidden": True}


@pytest.mark.parametrize(
    ("cells", "minutes"),
    {
        "200 words": ([markdown("word " * 200)], 1),
        "formulas and what is folded": ([markdown("$a b c$ <details>word word</details>")], 0),
        "20 lines": ([code("x = 1\n\n" * 20)], 1),
        "a figure": ([SETUP, code("lines(1)")], 0.75 + 1 / 20),
        "an explorer that is folded": ([SETUP, SETUP | {"source": "overview(1, 2)"}], 2.5),
        "a practice item": ([code('practice("two-hops-of-four")')], 2 + 1 / 20),
        "a gap": ([code('check("not-declared", 1)')], 2.5 + 1 / 20),
        "a folded section": ([markdown("## Deeper: words"), markdown("word " * 200)], 0),
        "what follows it": ([markdown("## Deeper: words"), markdown("## Core\n" + "word " * 199)], 1),
    }.values(),
)
def test_each_kind_of_cell_takes_its_minutes(cells, minutes):
    assert core_minutes(cells) == pytest.approx(minutes)


@pytest.mark.parametrize("lesson", sorted(TEXTS.glob("*.py")), ids=lambda path: path.stem)
def test_a_lesson_its_row_in_the_readme_and_the_syllabus_state_what_is_counted(course, lesson):
    times = announced(course, lesson)
    notebook = lesson_notebook(lesson, times)
    assert f"In {times['minutes']} minutes" in notebook
    assert "{minutes}" not in notebook
    assert "{quiz_minutes}" not in notebook
    readme = (ROOT / "README.md").read_text("utf-8")
    assert readme == built_readme(ROOT)
    assert lesson.stem == "refresher" or f"| {', quiz '.join(times.values())} |" in readme


def test_what_only_asks_or_draws_is_folded_and_so_are_deeper_sections(tmp_path):
    text = "# %%\n# Question: what?\nask()\n\n# %%\nx = 1\n\n# %% [markdown]\n# ## Deeper: more\n"
    (tmp_path / "one.py").write_text(text, "utf-8")
    question, teaching, deeper = lesson_cells(tmp_path / "one.py")
    assert question["metadata"] == {"jupyter": {"source_hidden": True}}
    assert teaching["metadata"] == {}
    assert deeper["metadata"] == {"jp-MarkdownHeadingCollapsed": True}
