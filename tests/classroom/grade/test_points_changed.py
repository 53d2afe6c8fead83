"""Points changed in one place after a class was graded, and the class graded again."""

import functools
import json
import shutil

import pytest

from rollout_lab.classroom.build.repository import build_all
from rollout_lab.classroom.grade.assignment import summary

from ..nbgrader_class import ROOT, Classroom, grade, read, right_answers

QUIZ = "quiz1_single_layer_attention"
WRONG = "def softmax(scores):\n    return scores"
OVERFLOWS = "def softmax(scores):\n    e = np.exp(scores)\n    return e / e.sum(axis=-1, keepdims=True)"

BLANK = f"{QUIZ}.ipynb is blank: nothing was written into its answer cells"


def change_points(classroom, where, what, instead):
    path = classroom.course / where
    text = path.read_text("utf-8") if path.exists() else ""
    assert what in text
    path.write_text(text.replace(what, instead, 1), "utf-8")
    build_all(classroom.folder)


@pytest.fixture(scope="module")
def generate(commands):
    """nbgrader's own command, as an instructor types it in quizzes/."""
    return functools.partial(_generate, commands)


def _generate(commands, classroom, *flags):
    done = commands.run("nbgrader", "generate_assignment", QUIZ, *flags, cwd=classroom.course)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def graded(tmp_path_factory, course, keys):
    """A class of four, graded; dan has a score and a comment by hand, ada an extra point."""
    folder = tmp_path_factory.mktemp("points")
    shutil.copytree(ROOT / "quizzes" / "bank", folder / "quizzes" / "bank")
    classroom = Classroom(folder)
    classroom.release(QUIZ)
    right = right_answers(course, keys, QUIZ)
    classroom.lay_submission("ada", QUIZ, right)
    classroom.lay_submission("bob", QUIZ, {})
    classroom.lay_submission("cyd", QUIZ, right | {"softmax": OVERFLOWS})
    classroom.lay_submission("dan", QUIZ, right | {"softmax": WRONG})
    grade(classroom.course, QUIZ)
    with classroom.api.gradebook as gradebook:
        gradebook.find_grade("test_softmax", QUIZ, QUIZ, "dan").manual_score = 1.5
        gradebook.find_comment("softmax", QUIZ, QUIZ, "dan").manual_comment = "Nearly."
        gradebook.find_grade("test_fuse_heads", QUIZ, QUIZ, "ada").extra_credit = 1
        gradebook.db.commit()
    return classroom


def test_changed_points_count_once_the_quiz_is_generated_anew(graded, generate, course):
    before = {student: graded.scores(QUIZ, student) for student in ("ada", "bob", "cyd", "dan")}
    assert before["cyd"]["softmax"] == 1
    change_points(graded, "bank/course.toml", "function = 2", "function = 3\nsoftmax = 5")

    # Built, but not generated: nothing changes, and the instructor is told what is missing.
    told = summary(grade(graded.course, QUIZ))
    assert "0 graded, 0 not graded, 4 up to date" in told
    assert f"run first: nbgrader generate_assignment {QUIZ} --force" in told
    assert "Skipping existing assignment" in generate(graded)
    assert {student: graded.scores(QUIZ, student) for student in before} == before

    generate(graded, "--force")
    done = grade(graded.course, QUIZ)
    assert {each.student: each.changes for each in done.now} == {
        "ada": ["test_softmax: 2 → 5", "test_attention_weights: 2 → 3", "test_fuse_heads: 2 → 3"],
        "bob": [],
        "cyd": ["test_softmax: 1 → 2.5", "test_attention_weights: 2 → 3", "test_fuse_heads: 2 → 3"],
        "dan": ["test_attention_weights: 2 → 3", "test_fuse_heads: 2 → 3"],
    }
    assert {each.student: each.notes for each in done.now if each.notes} == {"bob": [BLANK]}
    assert {each.max_score for each in done.now} == {1 + 1 + 1 + 1 + 5 + 3 + 3 + 1}
    assert {each.student: each.score for each in done.now} == {"ada": 17, "bob": 0, "cyd": 13.5, "dan": 12.5}
    assert "generate_assignment" not in summary(done)

    with graded.api.gradebook as gradebook:
        kept = gradebook.find_grade("test_softmax", QUIZ, QUIZ, "dan")
        assert (kept.auto_score, kept.manual_score, kept.score, kept.max_score) == (0, 1.5, 1.5, 5)
        assert gradebook.find_comment("softmax", QUIZ, QUIZ, "dan").comment == "Nearly."
        assert gradebook.find_grade("test_fuse_heads", QUIZ, QUIZ, "ada").extra_credit == 1
        assert gradebook.find_assignment(QUIZ).max_score == 16


def test_points_in_a_private_file_are_changed_the_same_way(graded, generate):
    change_points(graded, "private.yml", "", "points: {softmax: 8}\n")
    generate(graded, "--force")
    done = grade(graded.course, QUIZ)
    changed = {each.student: [c for c in each.changes if "softmax" in c] for each in done.now}
    assert changed["ada"] == ["test_softmax: 5 → 8"]
    assert changed["cyd"] == ["test_softmax: 2.5 → 4"]
    assert graded.scores(QUIZ, "dan")["softmax"] == 1.5


def test_a_statement_of_before_is_brought_up_to_date_and_one_that_was_edited_is_told(graded):
    path = graded.course / "submitted" / "bob" / QUIZ / f"{QUIZ}.ipynb"
    notebook = read(path)
    statement = next(
        cell for cell in notebook["cells"] if "statement_softmax" in json.dumps(cell["metadata"])
    )
    assert "2 points" in "".join(statement["source"])
    statement["source"] = "My own wording"
    path.write_text(json.dumps(notebook), "utf-8")
    done = {each.student: each for each in grade(graded.course, QUIZ, force=True).now}
    changed = "What the quiz itself says had been changed in statement_softmax: the original stands again."
    assert done["bob"].notes == [BLANK, changed]
    assert done["ada"].notes == []
    for student in ("ada", "bob"):
        autograded = graded.course / "autograded" / student / QUIZ / f"{QUIZ}.ipynb"
        (text,) = (
            "".join(cell["source"])
            for cell in read(autograded)["cells"]
            if "statement_softmax" in json.dumps(cell["metadata"])
        )
        assert "(8 points" in text


def test_a_copy_of_a_locked_cell_never_becomes_a_hidden_test(graded):
    path = graded.course / "submitted" / "bob" / QUIZ / f"{QUIZ}.ipynb"
    notebook = read(path)
    position = next(
        i for i, cell in enumerate(notebook["cells"]) if "test_softmax" in json.dumps(cell["metadata"])
    )
    notebook["cells"].insert(position, {**notebook["cells"][position], "id": "a-copy"})
    path.write_text(json.dumps(notebook), "utf-8")
    grade(graded.course, QUIZ, students=["bob"])
    autograded = read(graded.course / "autograded" / "bob" / QUIZ / f"{QUIZ}.ipynb")
    assert sum('grade("softmax"' in "".join(cell["source"]) for cell in autograded["cells"]) == 1
