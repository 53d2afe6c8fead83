"""A class whose misconceptions are known, graded for real; and the same class many times over."""

import shutil
from pathlib import Path
from uuid import uuid4

from nbgrader.api import Grade, Student, SubmittedAssignment, SubmittedNotebook

from rollout_lab.classroom.build.bank import Course, option_orders

from .nbgrader_class import ROOT, Classroom, grade, right_answers

QUIZ = "quiz2_matrix_product"
NAMES = {
    "ada": ("Ada", "Lovelace"),
    "bob": ("<b>Bob</b>", "& Söhne"),
    "=cyd": ("Cyd", "O'Hara"),
    "oda": ("Oda", "<i>Nobel</i>"),
}
BELIEFS = {
    "ada": {},
    "bob": {"q5": "sum-for-product", "rollout_product": "sum-for-product", "q8": "sum-for-product"},
    "=cyd": {"q5": "sum-for-product", "strongest_path": "greedy-from-the-top"},
    "dan": {"rollout_steps": "sum-for-product", "rollout_product": "order-reversed"},
    "eve": {"rollout_product": "order-reversed", "q8": "result-without-the-computation"},
    "fay": {"rollout_product": "order-reversed", "rollout_steps": "order-reversed"},
    "gus": {"q4": None, "q5": None},  # the options that stand for no idea
    "hal": {"rollout_product": "identity-added", "q2": "direct-links-only", "q4": "direct-links-only"},
    "ivy": {"strongest_path": "greedy-from-the-top"},
    "joe": {"rollout_product": "order-reversed"},  # set aside: full points by hand
    "kim": {"q2": "one-layer-is-enough"},  # under plain nbgrader autograde
}
OWN_ANSWERS = {
    "gus": {
        "strongest_path": "def strongest_path(layers, output, source):\n    return [output] * 99",
        "break_it_2": "break_it_2 = np.eye(3)[None]",
    },
    "ivy": {
        "rollout_product": "from rollout_lab import rollout\n\n\ndef rollout_product(layers):\n"
        '    return rollout(layers, residual="none", heads=None)'
    },
    "joe": {"q2": "Z"},
    "kim": {
        "break_it_2": "break_it_2 = 'a matrix'",
        "rollout_product": "def rollout_product(layers):\n    R = layers[0].copy()\n"
        "    for A in layers[1:]:\n        R = R @ A\n    layers *= 2\n    return R",
    },
}
"""No misconception, the library's own, no option at all, two mistakes at once, inputs that break nothing."""

BLANK, LATE, BY_PLAIN_NBGRADER = "leo", "dan", "kim"
NOT_GRADED, MISSING = "pat", ("nan", "oda")


def answers_of_class(course: Course, keys: dict[str, str]) -> dict[str, dict[str, str]]:
    """What each student of the class hands in."""
    orders = option_orders(course, course.seeds["options"])
    right = right_answers(course, keys, QUIZ)

    def answer(item: str, belief: str | None) -> str:
        if item not in orders:
            return next(each.code for each in course.items[item].misconceptions if each.name == belief)
        wrong = [option for option in course.items[item].options if option.misconception]
        option = next(each for each in wrong if each.misconception.name == belief)
        return "ABCD"[orders[item].index(option.letter)]

    given = {
        student: right
        | {item: answer(item, name) for item, name in held.items()}
        | OWN_ANSWERS.get(student, {})
        for student, held in BELIEFS.items()
    }
    return given | {BLANK: {}}


def graded_class(folder: Path, answers: dict[str, dict[str, str]]) -> Classroom:
    """A class of a dozen that was graded; one more handed in later, and two are missing."""
    classroom = Classroom(folder)
    shutil.copytree(ROOT / "course", folder / "course")
    classroom.release(QUIZ)
    for student, given in answers.items():
        classroom.lay_submission(student, QUIZ, given)
    grade(classroom.course, QUIZ, students=[each for each in answers if each != BY_PLAIN_NBGRADER])
    classroom.autograde(QUIZ, BY_PLAIN_NBGRADER)
    classroom.lay_submission(NOT_GRADED, QUIZ, {})
    with classroom.api.gradebook as book:
        for student in (*answers, NOT_GRADED, *MISSING):
            first, last = NAMES.get(student, (None, None))
            book.update_or_create_student(student, first_name=first, last_name=last)
        book.find_grade("test_rollout_product", QUIZ, QUIZ, "joe").manual_score = 2
        book.find_grade("test_q8", QUIZ, QUIZ, "bob").manual_score = 0.5
        book.find_submission_notebook(QUIZ, QUIZ, LATE).late_submission_penalty = 1.5
        book.db.commit()
    return classroom


def multiply(classroom: Classroom, students: int) -> None:
    """Fill the class up to so many graded students with copies of the graded ones: notebooks and scores."""
    autograded = classroom.course / "autograded"
    originals = sorted(path.name for path in autograded.iterdir())
    with classroom.api.gradebook as book:
        pattern = {student: book.find_submission(QUIZ, student) for student in originals}
        columns = [column.name for column in Grade.__table__.columns]
        people, submissions, notebooks, grades = [], [], [], []
        for number in range(students - len(originals)):
            submission = pattern[originals[number % len(originals)]]
            student, ids = f"u{number:04}", (uuid4().hex, uuid4().hex)
            people.append({"id": student, "first_name": f"Given{number:04}", "last_name": "Family"})
            submissions.append(
                {"id": ids[0], "assignment_id": submission.assignment_id, "student_id": student}
            )
            (notebook,) = submission.notebooks
            notebooks.append({"id": ids[1], "assignment_id": ids[0], "notebook_id": notebook.notebook_id})
            for each in notebook.grades:
                copied = {name: getattr(each, name) for name in columns}
                grades.append(copied | {"id": uuid4().hex, "notebook_id": ids[1]})
            shutil.copytree(autograded / submission.student_id, autograded / student)
        for kind, rows in (
            (Student, people),
            (SubmittedAssignment, submissions),
            (SubmittedNotebook, notebooks),
            (Grade, grades),
        ):
            book.db.bulk_insert_mappings(kind, rows)
        book.db.commit()
