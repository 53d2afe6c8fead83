"""The main road, once for every assignment: from generating to the student's feedback page."""

import csv
import html
import json
import re

import pytest

from rollout_lab.classroom.build.bank import option_orders
from rollout_lab.classroom.build.repository import build_all
from rollout_lab.quiz.schema import BreakIt, Exercise, Question
from rollout_lab.quiz.sections import read_again

from .nbgrader_class import ROOT, grade, read, right_answers, sources

ASSIGNMENTS = ["quiz1_single_layer_attention", "quiz2_matrix_product", "quiz3_identity_augmentation"]
pytestmark = pytest.mark.xdist_group("pipeline")


def wrong_answers(course, keys, assignment):
    """For every item its misconceptions as answers: [(item, answer, misconception), ...] by round."""
    orders = option_orders(course, course.seeds["options"])
    rounds = []
    for name in assignment.items:
        item = course.items[name]
        if isinstance(item, Question):
            beliefs = [
                ("ABCD"[orders[name].index(option.letter)], option.misconception)
                for option in item.options
                if option.misconception is not None
            ]
        elif isinstance(item, BreakIt):
            inputs = {each.shows: f"{name} = {each.input}" for each in item.non_solutions}
            beliefs = [(inputs[belief.name], belief) for belief in item.misconceptions]
        else:
            beliefs = [(belief.code, belief) for belief in item.misconceptions]
        for number, (answer, belief) in enumerate(beliefs):
            if number == len(rounds):
                rounds.append({})
            rounds[number][name] = (answer, belief)
    return rounds


def words(text: str) -> str:
    """A text with white space folded, so that wrapped lines can be found."""
    return " ".join(text.split())


def seen(page: str) -> str:
    """What a page shows: its text without the markup."""
    return words(html.unescape(re.sub(r"<(style|script).*?</\1>|<[^>]+>", "", page, flags=re.DOTALL)))


@pytest.fixture(scope="module", params=ASSIGNMENTS)
def graded(request, classroom, course, keys):
    """A class that handed in everything there is to hand in, graded, with the feedback fetched."""
    assignment = next(a for a in course.assignments if a.name == request.param)
    release = classroom.release(assignment.name)
    answers = {"blank": {}, "right": right_answers(course, keys, assignment)}
    beliefs = wrong_answers(course, keys, assignment)
    for number, answered in enumerate(beliefs):
        answers[f"belief{number}"] = {item: answer for item, (answer, _belief) in answered.items()}
    for student, given in answers.items():
        classroom.hand_in(student, assignment.name, given)
    classroom.collect(assignment.name)
    for student in answers:
        classroom.autograde(assignment.name, student)
    with classroom.api.gradebook as gradebook:
        gradebook.update_or_create_student("right", first_name="Ada", last_name="<b>Lovelace")
    pages = {student: classroom.feedback(assignment.name, student).read_text("utf-8") for student in answers}
    return assignment, release, beliefs, pages


def test_right_answers_earn_every_point(graded, classroom, course):
    assignment, *_ = graded
    assert classroom.scores(assignment.name, "right") == {i: course.points(i) for i in assignment.items}


def test_a_blank_quiz_earns_nothing(graded, classroom):
    assignment, *_ = graded
    assert classroom.scores(assignment.name, "blank") == dict.fromkeys(assignment.items, 0.0)


def test_each_misconception_earns_its_credit_and_gets_its_diagnosis(graded, classroom, course):
    assignment, _release, beliefs, pages = graded
    for number, answered in enumerate(beliefs):
        scores = classroom.scores(assignment.name, f"belief{number}")
        page = seen(pages[f"belief{number}"])
        for item, (_answer, belief) in answered.items():
            credit = getattr(belief, "credit", 0)  # an input that breaks nothing earns nothing
            assert scores[item] == credit * course.points(item), (item, belief.name)
            assert words(belief.diagnosis) in page, (item, belief.name)


def test_feedback_says_whose_it_is_and_for_which_quiz(graded):
    assignment, _release, _beliefs, pages = graded
    for student, name in {"right": "Ada <b>Lovelace", "blank": "blank"}.items():
        assert f"<title>Feedback: {assignment.name}, {html.escape(name)}</title>" in pages[student]
        assert f"Feedback: {assignment.name} {name}: " in seen(pages[student])


def test_making_feedback_warns_of_nothing(graded, classroom):
    assignment, *_ = graded
    done = classroom.api.generate_feedback(assignment.name, "right", force=True)
    said = [line for line in done["log"].splitlines() if "INFO" not in line]
    assert [line for line in said if "Removing existing assignment" not in line] == []


def test_feedback_shows_the_students_own_answer_and_the_lesson_to_read(graded, course):
    _assignment, _release, beliefs, pages = graded
    for item, (answer, belief) in beliefs[0].items():
        page = seen(pages["belief0"])
        assert (f'answer_{item} = "{answer}"' if len(answer) == 1 else words(answer)) in page
        assert read_again(belief.lesson) in page


def test_neither_release_nor_feedback_holds_a_key_a_hidden_test_or_a_probe(graded, classroom, course):
    assignment, release, _beliefs, pages = graded
    source = classroom.course / "source" / assignment.name / f"{assignment.name}.ipynb"
    hidden = {k: v for k, v in sources(read(source)).items() if k.startswith("test_")}
    secrets = {"HIDDEN TESTS", "BEGIN SOLUTION", "unseal", "grade("}
    for text in hidden.values():
        secrets.update(line for line in text.splitlines() if len(line) >= 60)
    published = {path.name: path.read_text("utf-8") for path in release.rglob("*") if path.is_file()}
    published |= {f"feedback of {student}": page for student, page in pages.items()}
    for where, text in published.items():
        for secret in secrets:
            assert secret not in text, (where, secret)
    released = words(published[f"{assignment.name}.ipynb"])
    for item in assignment.items:
        if isinstance(course.items[item], Exercise):
            assert words(course.items[item].reference) not in words(
                "\n".join(sources(read(release / f"{assignment.name}.ipynb")).values())
            )
    assert len(hidden) == len(assignment.items)
    assert released


def test_a_blank_quiz_does_not_validate_and_says_what_is_missing(graded, classroom):
    assignment, release, *_ = graded
    result = classroom.validate(release / f"{assignment.name}.ipynb")
    errors = [failed["raw_error"] for failed in result["failed"]]
    assert len(errors) == len(assignment.items)
    for item, error in zip(assignment.items, errors, strict=True):
        assert item in error
        assert "not answered yet" in error or "not written yet" in error
        assert "Traceback" not in error


def test_a_quiz_with_right_answers_validates(graded, classroom):
    assignment, *_ = graded
    notebook = classroom.students / "right" / assignment.name / f"{assignment.name}.ipynb"
    assert classroom.validate(notebook) == {}


def test_the_scores_are_exported(graded, classroom, commands, tmp_path):
    assignment, *_ = graded
    target = tmp_path / "grades.csv"
    commands.run("nbgrader", "export", "--to", str(target), cwd=classroom.course).check_returncode()
    with target.open() as file:
        rows = {
            row["student_id"]: row for row in csv.DictReader(file) if row["assignment"] == assignment.name
        }
    assert float(rows["right"]["score"]) == float(rows["right"]["max_score"]) > 0
    assert float(rows["blank"]["score"]) == 0


def test_a_copied_cell_does_not_stop_the_grading(classroom, course, keys):
    assignment = course.assignments[0]
    if not (classroom.course / "release" / assignment.name).exists():
        classroom.release(assignment.name)
    path = classroom.fetch("copier", assignment.name)
    notebook = read(path)
    cells = notebook["cells"]
    position = next(
        i for i, c in enumerate(cells) if c["metadata"].get("nbgrader", {}).get("grade_id") == "q1"
    )
    cells[position]["source"] = f'answer_q1 = "{keys["q1"]}"'
    cells.insert(position + 1, {**cells[position], "id": "a-copy"})
    path.write_text(json.dumps(notebook), "utf-8")
    classroom.submit("copier", assignment.name)
    classroom.collect(assignment.name)
    classroom.autograde(assignment.name, "copier")
    assert classroom.scores(assignment.name, "copier")["q1"] == course.points("q1")


def test_the_committed_source_is_what_the_items_build():
    assert build_all(ROOT, check=True) == []


def test_rollout_lab_grade_comes_to_the_same_scores_and_the_same_words(graded, classroom):
    assignment, _release, _beliefs, pages = graded
    folder = classroom.course / "autograded"

    def verdicts(student):
        notebook = read(folder / student / assignment.name / f"{assignment.name}.ipynb")
        return {
            grade_id: "".join("".join(output.get("text", "")) for output in cell["outputs"])
            for cell in notebook["cells"]
            if (grade_id := cell["metadata"].get("nbgrader", {}).get("grade_id", "")).startswith("test_")
        }

    plain = {student: verdicts(student) for student in pages}
    done = grade(classroom.course, assignment.name, students=list(pages), force=True)
    blank = [f"{assignment.name}.ipynb is blank: nothing was written into its answer cells"]
    assert [(each.student, each.changes, each.notes) for each in done.now] == [
        (s, [], blank if s == "blank" else []) for s in sorted(pages)
    ]
    for student, said in plain.items():
        assert len(said) == len(assignment.items)
        assert verdicts(student) == said, student
