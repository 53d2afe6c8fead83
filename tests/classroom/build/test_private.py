"""An instructor's private build: what private.yml may say, and a class that is graded by it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from rollout_lab.classroom.build.bank import option_orders
from rollout_lab.classroom.build.private import class_course
from rollout_lab.classroom.build.repository import build_all
from rollout_lab.quiz.schema import ItemError

from ..nbgrader_class import ROOT, Classroom, fill_in, grade, read, right_answers, sources

QUIZ = "quiz1_single_layer_attention"
OWN = Path(__file__).parent / "my_items"
PRIVATE = f"""
seeds: {{options: 8, probes: 777}}
points: {{choice: 1.5, softmax: 4, causal_attention: 3}}
items: my_items
assignments:
  {QUIZ}: [q1, q6, my_question, softmax, causal_attention]
"""


def private_quizzes(folder: Path, plan: str = PRIVATE) -> Path:
    """A course's ``quizzes`` with a bank, own items and a private.yml."""
    quizzes = folder / "quizzes"
    shutil.copytree(ROOT / "quizzes" / "bank", quizzes / "bank")
    shutil.copytree(OWN, quizzes / "my_items")
    (quizzes / "private.yml").write_text(plan, "utf-8")
    return quizzes


def shown_keys(course):
    orders = option_orders(course, course.seeds["options"])
    return {item: "ABCD"[order.index(course.items[item].key)] for item, order in orders.items()}


def plan_of(course, name=QUIZ):
    (assignment,) = (a for a in course.assignments if a.name == name)
    return assignment


def hand_in(classroom: Classroom, student: str, answers: dict[str, str]) -> None:
    folder = classroom.course / "submitted" / student / QUIZ
    shutil.copytree(classroom.course / "release" / QUIZ, folder)
    fill_in(folder / f"{QUIZ}.ipynb", answers)


# What the file may say


def test_without_a_private_file_the_course_is_the_public_one(tmp_path, course):
    quizzes = private_quizzes(tmp_path)
    (quizzes / "private.yml").unlink()
    assert class_course(quizzes) == course


@pytest.mark.parametrize("plan", ["", "# nothing yet\n", "seeds:\n"])
def test_a_private_file_that_says_nothing_changes_nothing(tmp_path, course, plan):
    assert class_course(private_quizzes(tmp_path, plan)) == course


def test_points_are_by_item_where_they_are_given_by_item(tmp_path):
    private = class_course(private_quizzes(tmp_path))
    worth = {name: private.points(name) for name in plan_of(private).items}
    assert worth == {"q1": 1.5, "q6": 1.5, "my_question": 1.5, "softmax": 4.0, "causal_attention": 3.0}
    assert private.points("fuse_heads") == 2.0


def test_an_own_item_stands_in_the_place_of_one_of_the_bank(tmp_path):
    quizzes = private_quizzes(tmp_path, "items: my_items")
    text = (OWN / "my_question.toml").read_text("utf-8")
    (quizzes / "my_items" / "q1.toml").write_text(text.replace('id = "my_question"', 'id = "q1"'), "utf-8")
    assert class_course(quizzes).items["q1"].stem.startswith("Row 3 of a rollout matrix")
    assert "q1" in plan_of(class_course(quizzes)).items


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ("seeds: [", "private.yml: this is not valid YAML"),
        ("- seeds", "private.yml: expected names with values, .* found \\['seeds'\\]"),
        (
            "sedes: {options: 1}",
            "there is no 'sedes' here; expected one of seeds, points, items, assignments",
        ),
        ("seeds: 3", "field seeds: expected names with values"),
        ("seeds: {option: 3}", "field seeds: there is no 'option' here; expected one of options, probes"),
        ("seeds: {options: 3.0}", r"field seeds.options: expected a whole number from 0, found 3\.0"),
        ("seeds: {options: yes}", "field seeds.options: expected a whole number from 0, found True"),
        ("seeds: {probes: -1}", "field seeds.probes: expected a whole number from 0, found -1"),
        ("seeds: {probes: '1'}", "field seeds.probes: expected a whole number from 0, found '1'"),
        (
            "points: {q99: 1}",
            r"field points.q99: expected a kind \(choice, function, break\) or the id of an item",
        ),
        ("points: {q1: 0}", "field points.q1: expected a number above 0, found 0"),
        ("points: {q1: .nan}", "field points.q1: expected a number above 0, found nan"),
        ("points: {q1: two}", "field points.q1: expected a number above 0, found 'two'"),
        ("points: {1: 2}", "field points: there is no 1 here; expected a name"),
        ("items: nowhere", "field items: expected a folder beside this file .* found 'nowhere'"),
        ("items: [a]", r"field items: expected a folder beside this file .* found \['a'\]"),
        ("assignments: {quiz9: [q1]}", "field assignments: there is no 'quiz9' here; expected one of quiz1_"),
        (f"assignments: {{{QUIZ}: q1}}", f"field assignments.{QUIZ}: expected a list of item names"),
        (f"assignments: {{{QUIZ}: []}}", f"field assignments.{QUIZ}: expected a list of item names"),
        (f"assignments: {{{QUIZ}: [q1, 2]}}", f"field assignments.{QUIZ}: expected a list of item names"),
        (
            f"assignments: {{{QUIZ}: [my_question]}}",
            "asks for 'my_question', but there is no my_question.toml",
        ),
        (f"assignments: {{{QUIZ}: [q1, q1]}}", f"{QUIZ} asks for 'q1' twice"),
    ],
)
def test_what_a_private_file_cannot_say_is_named(tmp_path, plan, message):
    with pytest.raises(ItemError, match=f"^private.yml: .*{message.removeprefix('private.yml: ')}"):
        class_course(private_quizzes(tmp_path, plan))


@pytest.mark.parametrize(
    ("item", "old", "new", "message"),
    [
        ("my_question", 'key = "C"', 'key = "E"', "my_question.toml: field key is 'E'"),
        ("my_question", "minutes = 1", "minuts = 1", "my_question.toml: .*minutes"),
        (
            "causal_attention",
            "np.tril(np.exp",
            "np.tril(np.expp",
            r"does not pass it: causal_attention[\s\S]* no attribute 'expp'",
        ),
        ("causal_attention", "0.75]]", "0.5]]", "field example: the reference does not pass it"),
        (
            "causal_attention",
            "size=(3, 3)",
            "size=(0, 0)",
            r"probes\[1\]: expected a result of the reference",
        ),
        ("causal_attention", "size=(3, 3)", "sise=(3, 3)", "its code does not run: .*sise"),
        (
            "causal_attention",
            "    return np.tril(everything / everything.sum(axis=-1, keepdims=True))",
            "    return np.tril(everything) / np.tril(everything).sum(axis=-1, keepdims=True)",
            r"misconceptions\[1\].code: expected probes that tell it from the reference",
        ),
    ],
)
def test_what_is_wrong_in_an_own_item_is_named(tmp_path, item, old, new, message):
    quizzes = private_quizzes(tmp_path)
    path = quizzes / "my_items" / f"{item}.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ItemError, match=message):
        class_course(quizzes)


def test_questions_with_two_options_are_shown_as_evenly_as_can_be(tmp_path):
    quizzes = private_quizzes(tmp_path, f"items: my_items\nassignments: {{{QUIZ}: [q1, t1, t2, t3]}}")
    text = (OWN / "my_question.toml").read_text("utf-8")
    two = text[: text.index('[[options]]\nletter = "C"')].replace('key = "C"', 'key = "B"')
    two = two[: two.index('misconception = "the-rest')]
    for name in ("t1", "t2", "t3"):
        (quizzes / "my_items" / f"{name}.toml").write_text(two.replace("my_question", name), "utf-8")
    private = class_course(quizzes)
    keys = shown_keys(private)
    assert {keys[name] for name in ("t1", "t2", "t3")} == {"A", "B"}
    assert keys["q1"] in "CD"


# A class that is graded by it


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """A clone with a private build, in which quiz 1 is released, and git looks on."""
    folder = tmp_path_factory.mktemp("private")
    shutil.copy(ROOT / ".gitignore", folder)
    quizzes = private_quizzes(folder)
    classroom = Classroom(folder)
    shutil.copytree(ROOT / "quizzes" / "self_check", quizzes / "self_check")
    git(folder, "init", "--quiet")
    git(folder, "add", "quizzes")
    built = build_all(folder)
    assert [Path(line.split(":")[0]).parts[1] for line in built] == ["private_source"] * 3
    classroom.release(QUIZ)
    return classroom


def git(folder, *arguments):
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def test_the_private_class_is_graded_by_its_own_keys_and_points(classroom, course):
    private = class_course(classroom.course)
    assignment, keys, public = plan_of(private), shown_keys(private), shown_keys(course)
    other = [item for item in ("q1", "q6") if keys[item] != public[item]]
    assert other, "choose a seed that shows another order"
    right = right_answers(private, keys, assignment)
    hand_in(classroom, "right", right)
    hand_in(classroom, "copier", right | {item: public[item] for item in ("q1", "q6")})
    late_mask = private.items["causal_attention"].misconceptions[1]
    hand_in(classroom, "masker", right | {"causal_attention": late_mask.code, "my_question": "A"})
    done = grade(classroom.course, QUIZ)
    assert [each.notes for each in done.now] == [[], [], []]
    full = {"q1": 1.5, "q6": 1.5, "my_question": 1.5, "softmax": 4, "causal_attention": 3}
    assert classroom.scores(QUIZ, "right") == full
    assert classroom.scores(QUIZ, "copier") == full | dict.fromkeys(other, 0)
    expected = 1.5 if keys["my_question"] == "A" else 0
    assert classroom.scores(QUIZ, "masker") == full | {"causal_attention": 1.5, "my_question": expected}
    page = classroom.course / "autograded" / "masker" / QUIZ / f"{QUIZ}.ipynb"
    assert "You hid the later keys after the rows were divided" in page.read_text("utf-8").replace("\\n", " ")


def test_the_hidden_calls_are_drawn_from_the_private_seed(classroom):
    private, public = (
        sources(read(classroom.course / name / QUIZ / f"{QUIZ}.ipynb"))["test_softmax"]
        for name in ("private_source", "source")
    )
    assert private != public


def test_the_private_quiz_that_students_get_holds_no_key(classroom):
    notebook = read(classroom.course / "release" / QUIZ / f"{QUIZ}.ipynb")
    text = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    assert "Row 3 of a rollout matrix" in text
    assert 'answer_my_question = ""' in text
    for secret in ("visible_share", "grade(", "SOLUTION", "leaves 0.78", "You added up"):
        assert secret not in text


def test_git_sees_nothing_of_the_private_build(classroom):
    assert (classroom.course / "gradebook.db").exists()
    untracked = git(classroom.folder, "status", "--porcelain", "--untracked-files=all").splitlines()
    own = ("exchange/", "students/", ".gitignore")  # of the test's classroom
    assert [line for line in untracked if line.startswith("??") and not line[3:].startswith(own)] == []


def test_whether_the_public_notebooks_are_current_does_not_depend_on_the_private_file(classroom):
    (classroom.course / "private.yml").write_text("nonsense", "utf-8")
    try:
        assert build_all(classroom.folder, check=True) == []
    finally:
        (classroom.course / "private.yml").write_text(PRIVATE, "utf-8")


@pytest.mark.parametrize("what", ["private.yml", "my_items/my_question.toml"])
def test_a_quiz_is_not_generated_from_a_build_that_is_out_of_date(classroom, what):
    path = classroom.course / what
    text = path.read_text("utf-8")
    path.write_text(text.replace("softmax: 4", "softmax: 5").replace("It has none", "There is none"), "utf-8")
    try:
        result = classroom.api.generate_assignment(QUIZ)
        assert not result["success"]
        assert "is not what private.yml makes by now. Run: rollout-lab build" in result["log"]
    finally:
        path.write_text(text, "utf-8")
    classroom.must(classroom.api.generate_assignment(QUIZ))


def test_a_private_file_without_a_build_never_releases_the_public_quiz(tmp_path, capfd):
    private_quizzes(tmp_path)
    classroom = Classroom(tmp_path)
    assert (
        "private.yml is there, but private_source is not. Build it: rollout-lab build"
        in capfd.readouterr().err
    )
    result = classroom.api.generate_assignment(QUIZ)
    assert not result["success"]
    assert "private_source" in result["log"]
    assert not (classroom.course / "release" / QUIZ).exists()
