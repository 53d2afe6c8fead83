"""Hand-ins of another build: their letters are read by the text of the option, or refused with a reason."""

import ast
import contextlib
import copy
import itertools
import re
import shutil
import unicodedata

import nbformat
import pytest
import yaml
from msgspec.structs import replace
from nbformat.v4 import new_code_cell

from rollout_lab.classroom import limits
from rollout_lab.classroom.build.bank import option_orders, shown_options
from rollout_lab.classroom.build.private import class_course
from rollout_lab.classroom.build.quizzes import _statement, self_check_notebook, source_notebook
from rollout_lab.classroom.build.repository import build_all
from rollout_lab.classroom.report.class_report import report
from rollout_lab.classroom.submission import quiz_builds
from rollout_lab.classroom.submission.repair import GivenCell, forms, grade_id, repair
from rollout_lab.quiz.key import key_in
from rollout_lab.quiz.schema import ItemError, load_item
from rollout_lab.quiz.scoring import read_letter

from ..nbgrader_class import ROOT, Classroom, grade

QUIZ = "quiz2_matrix_product"
QUESTIONS = ("q2", "q4", "q5", "q8")
OURS = ("entry_of_r", "order_of_layers")
GUIDE = (ROOT / "quizzes" / "README.md").read_text("utf-8")
PRIVATE = re.search(r"```yaml\n(seeds: .*?)```", GUIDE, re.DOTALL)[1]
"""The guide's own private file."""
NOT_RELEASED = re.compile(r"### BEGIN .*?### END [A-Z ]+\n?", re.DOTALL)
LETTERS = [dict(zip(QUESTIONS, letters, strict=True)) for letters in ("ABCD", "BCDA", "CDAB", "DABC")]
"""Answers with which each letter is given to each question."""

# Hand-ins of one build, read by another: no process is started, and nothing is written


def built(course, *items, **seeds):
    """The course with other seeds, and with these items in place of its own."""
    items = {item.id: item for item in items}
    return replace(course, seeds={**course.seeds, **seeds}, items={**course.items, **items})


def reworded(question, old, new, **more):
    """A question with one of its options in other words."""
    assert old in [option.text for option in question.options]
    options = [replace(each, text=new, **more) if each.text == old else each for each in question.options]
    return replace(question, options=tuple(options))


def source(course, text=source_notebook):
    (assignment,) = (a for a in course.assignments if a.name == QUIZ)
    return nbformat.reads(text(course, assignment), as_version=4)


def cell_of(notebook, name):
    return next(cell for cell in notebook.cells if grade_id(cell) == name)


def handed_in(course, letters):
    """The notebook that students get, with letters for the questions."""
    notebook = source(course)
    for cell in notebook.cells:
        cell.source = NOT_RELEASED.sub("", cell.source).rstrip("\n")
    for name, letter in letters.items():
        cell = cell_of(notebook, name)
        cell.source = cell.source.replace('""', f'"{letter}"', 1)
    return notebook


def read_by(course, notebook, edited=()):
    """The text of the option that each question is answered with, by this build, and what is told.

    ``edited`` are the cells that are not as they were handed out.
    """
    quiz = source(course)
    given = [
        GivenCell(grade_id(cell), cell.cell_type, cell.source, dict(cell.metadata.nbgrader))
        for cell in quiz.cells
        if grade_id(cell)
    ]
    was = quiz_builds.seen(notebook.cells, [cell for cell in notebook.cells if grade_id(cell) not in edited])
    cells, _mended = repair(notebook.cells, given)
    cells, told = quiz_builds.read_by_text(cells, given, was)
    namespace, found = {"choose": lambda *_shown, **_options: None}, {}
    for cell in cells:
        name = grade_id(cell) or ""
        if name.startswith("test_q"):
            key = key_in(cell_of(quiz, name).source)
            letter = read_letter(namespace.get(f"answer_{key.item}"), list(key.options))
            found[key.item] = key.options[letter].text if letter else None
        elif cell.cell_type == "code" and re.search("^answer_|reletter", cell.source, re.MULTILINE):
            with contextlib.suppress(NameError):  # a cell of a self-check names the keys
                exec(quiz_builds.MAGIC.sub("", cell.source), namespace)
    return found, told


def chosen(course, letters):
    """The texts that these letters stand for in a build."""
    orders = option_orders(course, course.seeds["options"])
    return {
        name: shown_options(course.items[name], orders[name])[letter].text for name, letter in letters.items()
    }


@pytest.fixture(scope="module")
def other(course):
    """The guide's own private build: the same questions, their options in other orders."""
    return built(course, **yaml.safe_load(PRIVATE)["seeds"])


WAYS = []


def way(function):
    WAYS.append(function)
    return function


@way
def as_it_was_handed_out(notebook):
    pass


@way
def handed_out_before_there_were_fingerprints(notebook):
    for cell in notebook.cells:
        cell.metadata.pop("rollout_lab", None)


@way
def fingerprint_damaged(notebook):
    for cell, wrong in zip(notebook.cells, itertools.cycle([7, ["x"], {"build": None}, {}, {"build": [1]}])):
        cell.metadata["rollout_lab"] = wrong


@way
def typed_by_hand_and_the_buttons_deleted(notebook):
    for name in QUESTIONS:
        cell = cell_of(notebook, name)
        cell.source = cell.source.splitlines()[0]


@way
def typed_by_hand_in_a_notebook_without_fingerprints(notebook):
    typed_by_hand_and_the_buttons_deleted(notebook)
    handed_out_before_there_were_fingerprints(notebook)


@way
def reformatted(notebook):
    for name in QUESTIONS:
        cell = cell_of(notebook, name)
        cell.source = ast.unparse(ast.parse(cell.source))


@way
def with_magics_and_shell_commands(notebook):
    for name in QUESTIONS:
        cell = cell_of(notebook, name)
        cell.source = f"%%time\n%matplotlib inline\n  !ls\n{cell.source}\nhelp_me = choose"


@way
def through_an_editor_with_other_characters_and_line_ends(notebook):
    for cell in notebook.cells:
        text = unicodedata.normalize("NFD", cell.source)
        cell.source = text.replace("    ", "\t").replace("\n", " \t\r\n") + "\r\n"


@way
def answer_cells_copied_below(notebook):
    notebook.cells += copy.deepcopy([cell_of(notebook, name) for name in QUESTIONS])


@way
def answer_cells_written_anew(notebook):
    for name in QUESTIONS:
        cell_of(notebook, name).metadata.clear()


@way
def letters_in_cells_of_their_own(notebook):
    for name in QUESTIONS:
        cell = cell_of(notebook, name)
        first, rest = cell.source.split("\n", 1)
        cell.source = f'answer_{name} = ""\n{rest}'
        notebook.cells.insert(notebook.cells.index(cell) + 1, new_code_cell(first))


@way
def letters_in_another_dress(notebook):
    for name in QUESTIONS:
        cell = cell_of(notebook, name)
        cell.source = re.sub(r'= "(.)"', lambda letter: f'= " {letter[1].lower()})"', cell.source, count=1)


@way
def letters_worked_out(notebook):
    for name in QUESTIONS:
        cell = cell_of(notebook, name)
        cell.source = re.sub(r'= "(.)"', r'= "x\1"[-1]', cell.source, count=1)


@way
def answer_cells_turned_into_markdown(notebook):
    for name in QUESTIONS:
        cell_of(notebook, name).cell_type = "markdown"


@way
def in_reverse_order(notebook):
    notebook.cells.reverse()


@way
def statements_deleted(notebook):
    notebook.cells = [c for c in notebook.cells if not (grade_id(c) or "").startswith("statement_")]


@pytest.mark.parametrize("handled", WAYS, ids=lambda way: way.__name__)
def test_a_letter_of_another_build_means_the_option_that_stood_beside_it(course, other, handled):
    for letters, (then, now) in itertools.product(LETTERS, ((course, other), (other, course))):
        notebook = handed_in(then, letters)
        handled(notebook)
        found, told = read_by(now, notebook)
        assert found == chosen(then, letters)
        assert len(told) == 1
        assert told[0].startswith(
            ", ".join(QUESTIONS + OURS) + ": this notebook shows other options than the quiz does now"
        )


@pytest.mark.parametrize("handled", WAYS, ids=lambda way: way.__name__)
def test_nothing_is_said_of_a_hand_in_of_this_build(course, handled):
    notebook = handed_in(course, LETTERS[0])
    handled(notebook)
    cells = len(notebook.cells)
    found, told = read_by(course, notebook)
    assert (found, told) == (chosen(course, LETTERS[0]), [])
    assert len(notebook.cells) == cells


def test_an_answer_cell_pasted_from_a_self_check_or_an_older_notebook_is_read_by_its_own_options(
    course, other
):
    for pasted in (source(course, self_check_notebook), handed_in(other, {})):
        notebook = handed_in(course, LETTERS[0])
        (cell,) = (cell for cell in pasted.cells if cell.source.startswith('answer_q5 = ""'))
        cell_of(notebook, "q5").source = cell.source.replace('""', '"A"')
        found, told = read_by(course, notebook)
        (first,) = re.findall(r'A="(.*)"', cell.source)
        assert found == chosen(course, LETTERS[0]) | {"q5": first}
        assert [line.split(":")[0] for line in told] == ["q5"]


def test_of_two_answer_cells_the_one_that_ran_last_tells_the_options(course, other):
    notebook = handed_in(course, LETTERS[0])
    older = cell_of(handed_in(other, LETTERS[1]), "q4").source
    place = notebook.cells.index(cell_of(notebook, "q4"))
    for index, expected in ((place + 1, chosen(other, LETTERS[1])), (place, chosen(course, LETTERS[0]))):
        both = copy.deepcopy(notebook)
        both.cells.insert(index, new_code_cell(older))
        assert read_by(course, both)[0]["q4"] == expected["q4"]


def test_changed_options_make_one_choice_whatever_the_key(course):
    texts = [chosen(course, {"q5": letter})["q5"] for letter in "ABCD"]
    edits = {
        "one text at every letter": (["A", "B", "C", "D"], lambda _n, _text: texts[2], texts[2]),
        "texts that changed places": (["A"], lambda n, _text: texts[(n + 1) % 4], texts[1]),
        "a remark at another option": (["B"], lambda n, text: text + " (no!)" * (n == 0), texts[1]),
        "a remark at the chosen option": (["B"], lambda n, text: text + " (yes!)" * (n == 1), texts[1]),
    }
    for letters, edit, expected in edits.values():
        for letter in letters:
            notebook = handed_in(course, {"q5": letter})
            cell = cell_of(notebook, "q5")
            for number, text in enumerate(texts):
                cell.source = cell.source.replace(
                    f'{"ABCD"[number]}="{text}"', f"{'ABCD'[number]}={edit(number, text)!r}"
                )
            assert read_by(course, notebook)[0]["q5"] == expected


def test_options_may_hold_any_characters(course, other):
    text = 'Größe "l" = $\\\\frac{1}{2}$, \\\\d **é** \\u2019 `x`\\n  and more'
    old = chosen(course, {"q5": "A"})["q5"]
    then, now = (built(each, reworded(each.items["q5"], old, text)) for each in (course, other))
    for handled in WAYS:
        notebook = handed_in(then, LETTERS[0] | {"q5": "A"})
        handled(notebook)
        found, told = read_by(now, notebook)
        assert (found["q5"], len(told)) == (text, 1)


def test_a_cell_that_is_not_read_counts_as_one_whose_letter_is_not_known(course, other, monkeypatch):
    now = built(other, reworded(other.items["q5"], chosen(course, {"q5": "B"})["q5"], "Something else"))
    for unread in ("files = !ls\n", "a = (\n% 2)\n", "#" * limits.READ_FOR_LETTERS + "\n"):
        notebook = handed_in(course, {"q5": "C"})
        cell_of(notebook, "q5").source = unread + cell_of(notebook, "q5").source
        assert "shows B)" in refused(now, notebook)


def test_a_letter_that_was_no_option_of_the_notebook_is_none(course, other):
    notebook = handed_in(course, {"q2": "E", "q4": "Z", "q5": "none of them", "q8": ""})
    assert read_by(other, notebook)[0] == dict.fromkeys(QUESTIONS)


def refused(course, notebook, **options):
    with pytest.raises(quiz_builds.UnreadLetter) as refusal:
        read_by(course, notebook, **options)
    return str(refusal.value)


def test_an_option_that_was_reworded_is_refused_until_the_item_names_its_old_words(course, other):
    old = chosen(course, {"q5": "B"})["q5"]
    notebook = handed_in(course, {"q2": "A", "q5": "B"})
    for build in (course, other):
        now = built(build, reworded(build.items["q5"], old, "Something else"))
        assert refused(now, copy.deepcopy(notebook)).startswith(
            f"q5: this notebook shows B) “{old}”, which is no option of the quiz as it is now. If it was "
            'only reworded, add formerly = ["..."] with the old words to that option in q5.toml'
        )
        item = reworded(build.items["q5"], old, "Something else", formerly=("Long ago", old))
        found, told = read_by(built(build, item), copy.deepcopy(notebook))
        assert (found["q2"], found["q5"]) == (chosen(course, {"q2": "A"})["q2"], "Something else")
        assert "q5: this notebook asks in other words than the quiz does now" in " ".join(told)


def test_an_option_that_was_reworded_harms_nobody_who_chose_another_or_none(course, other):
    old = chosen(course, {"q5": "B"})["q5"]
    now = built(other, reworded(other.items["q5"], old, "Something else"))
    for letters in ({"q5": "C"}, {}):
        assert read_by(now, handed_in(course, letters))[0]["q5"] == chosen(course, letters).get("q5")


def test_a_question_that_was_replaced_under_its_name_is_refused(course):
    now = built(course, replace(course.items["q2"], id="q5"))
    for also in ((), ("statement_q5",)):
        said = refused(now, handed_in(course, {"q5": "B", "q4": "A"}), edited=also)
        assert said.startswith("q5: this notebook shows B)")
    found, _told = read_by(now, handed_in(course, {"q4": "A"}))
    assert found == chosen(course, {"q4": "A"}) | dict.fromkeys(("q2", "q5", "q8"))


def test_several_letters_that_cannot_be_read_are_named_together(course):
    now = built(course, replace(course.items["q2"], id="q5"), replace(course.items["q2"], id="q8"))
    assert refused(now, handed_in(course, LETTERS[0])).endswith("(likewise q8)")


def without_options(notebook, name, *, statement=True):
    cell = cell_of(notebook, name)
    cell.source = cell.source.splitlines()[0]
    if not statement:
        notebook.cells.remove(cell_of(notebook, f"statement_{name}"))
    return notebook


def test_a_letter_whose_options_are_nowhere_is_told_by_the_fingerprint(course, other):
    notebook = without_options(handed_in(course, LETTERS[0]), "q5", statement=False)
    assert read_by(course, copy.deepcopy(notebook)) == (chosen(course, LETTERS[0]), [])
    assert refused(other, notebook) == (
        "q5: this notebook is of another build of the quiz, and does not tell what stood beside the letter "
        "C. Ask the student to answer in the new notebook"
    )


def test_without_a_fingerprint_the_other_questions_tell_whether_it_is_this_build(course, other):
    notebook = without_options(handed_in(course, LETTERS[0]), "q5", statement=False)
    handed_out_before_there_were_fingerprints(notebook)
    assert read_by(course, copy.deepcopy(notebook)) == (chosen(course, LETTERS[0]), [])
    assert "does not tell what stood beside the letter C" in refused(other, notebook)


def test_an_answer_cell_of_one_build_below_the_question_of_another_is_refused_if_it_shows_no_options(
    course, other
):
    for now in (course, other):
        notebook = without_options(handed_in(course, LETTERS[0]), "q5")
        cell_of(notebook, "q5").metadata.rollout_lab = cell_of(source(other), "q5").metadata.rollout_lab
        assert "does not tell what stood beside the letter C" in refused(now, notebook)


def test_a_statement_that_was_written_on_still_tells_the_options(course, other):
    notebook = without_options(handed_in(course, LETTERS[0]), "q5")
    cell = cell_of(notebook, "statement_q5")
    cell.source = cell.source.replace("- **C)**", "I think that C it is:\n\n- **C)**")
    found, _told = read_by(other, notebook, edited=("statement_q5",))
    assert found == chosen(course, LETTERS[0])


def test_points_hidden_calls_and_hints_make_no_other_build(course):
    exercise, question = course.items["rollout_product"], course.items["q5"]
    now = replace(
        built(
            course,
            replace(exercise, hints=("Another hint.",), difficulty=3, objective="Another."),
            replace(question, minutes=9, hints=()),
            probes=4,
        ),
        worth={"choice": 3, "function": 5, "break": 2},
    )
    assert read_by(now, handed_in(course, LETTERS[0])) == (chosen(course, LETTERS[0]), [])
    for name in ("rollout_product", "q5"):
        assert (
            cell_of(source(now), name).metadata.rollout_lab
            == cell_of(source(course), name).metadata.rollout_lab
        )


def test_an_item_that_asked_in_other_words_is_judged_as_it_is_now_and_that_is_said(course):
    exercise, question = course.items["rollout_product"], course.items["q5"]
    now = built(
        course,
        replace(exercise, statement=exercise.statement + "\n\nWork fast."),
        replace(question, stem=question.stem + " Mind:"),
    )
    said = (
        "q5, rollout_product: this notebook asks in other words than the quiz does now. The answer was "
        "judged by what the quiz asks now."
    )
    for left in (True, False):
        notebook = handed_in(course, LETTERS[0])
        if not left:  # then the fingerprints tell
            statements_deleted(notebook)
        assert read_by(now, notebook) == (chosen(course, LETTERS[0]), [said])
    notebook = handed_in(course, LETTERS[0])
    handed_out_before_there_were_fingerprints(notebook)
    assert read_by(now, notebook) == (chosen(course, LETTERS[0]), [said])


def test_an_item_that_is_not_asked_any_more_is_named(course):
    (quiz,) = (a for a in course.assignments if a.name == QUIZ)
    shorter = replace(quiz, items=tuple(name for name in quiz.items if name not in ("q4", "rollout_steps")))
    now = replace(course, assignments=(shorter,))
    found, told = read_by(now, handed_in(course, LETTERS[0]))
    assert found == {name: text for name, text in chosen(course, LETTERS[0]).items() if name != "q4"}
    assert told[-1:] == ["q4, rollout_steps: not asked by the quiz as it is now."]


def test_a_fingerprint_says_nothing_that_a_student_does_not_see(course):
    """Other keys and other seeds with the same order of options make the same."""
    question = course.items["q5"]
    key = next(option for option in question.options if option.letter == question.key)
    wrong = next(option for option in question.options if option.letter != question.key)
    belief, giver = ("name", "diagnosis", "lesson", "credit"), {key.letter: wrong, wrong.letter: key}
    options = [
        replace(option, **{part: getattr(giver.get(option.letter, option), part) for part in belief})
        for option in question.options
    ]
    orders = option_orders(course, course.seeds["options"])
    lied = replace(question, key=wrong.letter, options=tuple(options))
    assert _statement(lied, "T", course, orders, 1) == _statement(question, "T", course, orders, 9).replace(
        "9 points", "1 point"
    )
    notebook = source(course)
    for name in QUESTIONS:
        shown = cell_of(notebook, f"statement_{name}").source
        assert cell_of(notebook, name).metadata.rollout_lab == {"build": quiz_builds.fingerprint(shown)}


def test_a_question_in_a_million_blanks_is_read_like_any_other_or_passed_over(course, other):
    for blanks in (" " * limits.READ_FOR_LETTERS, " " * 1_000_000, "\n \t" * 300_000):
        notebook = handed_in(course, LETTERS[0])
        cell_of(notebook, "statement_q5").source += f"{blanks}x"
        assert read_by(other, notebook, edited=("statement_q5",))[0] == chosen(course, LETTERS[0])
        assert forms(f"{blanks}x")[-1].endswith("x")


def test_code_that_nobody_can_read_is_passed_over(monkeypatch):
    call = 'choose("q2", answer_q2, A="one")'
    for code in (
        "answer_q2 = " + "-" * 50_000 + "1",
        "choose" + ".a" * 40_000,
        "choose(:",
        "choose\0",
        "choose(*a, **b)",
    ):
        (says,) = (says for _cell, says in quiz_builds._written([new_code_cell(code)]))
        assert says.calls == {}
    cells = [new_code_cell(f"#{'x' * 50}\n{call}"), new_code_cell(call)]
    for room, read in ((len(cells[0].source), [1, 0]), (len(cells[0].source) - 1, [0, 1])):
        monkeypatch.setattr(limits, "READ_FOR_LETTERS", room)
        assert [len(says.calls) for _cell, says in quiz_builds._written(cells)] == read


def test_an_item_whose_options_read_the_same_is_not_built(tmp_path):
    text = (ROOT / "quizzes" / "bank" / "q5.toml").read_text("utf-8")
    first, second, *_others = re.findall(r'^text = "(.*)"$', text, re.MULTILINE)
    for changed in (
        text.replace(f'text = "{second}"', f'text = " {first}\\n"'),
        text.replace(f'text = "{second}"', f'text = "{second}"\nformerly = ["{first}"]'),
    ):
        (tmp_path / "q5.toml").write_text(changed, "utf-8")
        with pytest.raises(ItemError, match=f"q5.toml: field options: the text '{first}' stands twice"):
            load_item(tmp_path / "q5.toml")


# A class for real: handed out and graded, then built with other seeds, and graded again


CLASS = "quiz1_single_layer_attention"

LOUD = {"right": [], "wrong": ["cell 4 showed more than is kept; the rest was left out"], "torn": []}
"""Who handed in a cell, the fourth of their notebook, that prints too much, and what is to be said of it."""


@pytest.fixture(scope="module")
def regraded(tmp_path_factory, commands, course, keys):
    """The class, scores before and what was told after the guide's own private file was written."""
    folder = tmp_path_factory.mktemp("builds")
    shutil.copytree(ROOT / "quizzes" / "bank", folder / "quizzes" / "bank")
    classroom = Classroom(folder)
    classroom.release(CLASS)
    (classroom.course / "private.yml").write_text(PRIVATE, "utf-8")
    orders = option_orders(class_course(classroom.course), yaml.safe_load(PRIVATE)["seeds"]["options"])
    (classroom.course / "private.yml").unlink()
    later = {name: "ABCD"[orders[name].index(course.items[name].key)] for name in ("q1", "q6")}
    right = {name: keys[name] for name in ("q1", "q6")}
    assert later["q6"] != right["q6"], "choose seeds that show another order"
    given = {"right": right, "wrong": right | {"q6": later["q6"]}, "torn": right}

    for student, answers in given.items():
        path = classroom.lay_submission(student, CLASS, answers)
        if LOUD[student]:
            notebook = nbformat.read(path, as_version=4)
            notebook.cells.insert(3, new_code_cell(f"print({limits.PRINTED + 1} * '-')"))
            nbformat.write(notebook, path)
    grade(classroom.course, CLASS)
    before = {student: classroom.scores(CLASS, student) for student in given}
    notebook = nbformat.read(path, as_version=4)  # torn hands in once more, with q6 alone
    nbformat.write(without_options(notebook, "q6", statement=False), path)
    (classroom.course / "private.yml").write_text(PRIVATE, "utf-8")
    build_all(folder)
    generated = commands.run("nbgrader", "generate_assignment", CLASS, "--force", cwd=classroom.course)
    assert generated.returncode == 0, generated.stderr
    done = grade(classroom.course, CLASS)
    classroom.must(classroom.api.autograde(CLASS, "wrong", force=True))
    return classroom, before, done


def test_no_score_changes_when_a_quiz_gets_other_seeds_and_the_instructor_is_told(regraded):
    classroom, before, done = regraded
    assert {student: classroom.scores(CLASS, student) for student in before} == before
    assert [before["right"][name] for name in ("q1", "q6")] == [1, 1]
    assert [before["wrong"][name] for name in ("q1", "q6")] == [1, 0]
    notes = {each.student: each.notes for each in done.now}
    for student in ("right", "wrong"):
        line, *others = notes[student]
        assert line.startswith(
            "q6, row_or_column, mean_of_heads: this notebook shows other options than the quiz does now"
        )
        assert others == LOUD[student]
    assert [each.changes for each in done.now] == [[]] * 3


def test_a_hand_in_that_cannot_be_read_keeps_its_scores_of_before_and_says_why(regraded):
    _classroom, _before, done = regraded
    reason, kept = next(each.notes for each in done.now if each.student == "torn")
    assert re.fullmatch(
        "NOT GRADED: q6: this notebook is of another build of the quiz, and does not tell what stood beside "
        "the letter [A-D]. Ask the student to answer in the new notebook",
        reason,
    )
    assert kept == "the gradebook keeps the scores of the earlier submission"


def test_student_and_report_are_told_the_option_that_was_chosen(regraded, course):
    classroom, *_ = regraded
    classroom.must(classroom.api.generate_feedback(CLASS, "right"))
    (page,) = (classroom.course / "feedback" / "right").rglob("*.html")
    text = page.read_text("utf-8")
    assert (
        "q6, row_or_column, mean_of_heads: this notebook shows other options than the quiz does now" in text
    )
    right = {
        name: next(o.text for o in course.items[name].options if o.letter == course.items[name].key)
        for name in ("q1", "q6")
    }
    for name in right:
        assert re.search(rf"You answered: [A-D]\) {right[name]}", text)
    results = report(classroom.course, CLASS).results
    for student in results.students:
        for name in right:
            said = student.answers[name].option
            assert (said[3:] == right[name]) == ((student.id, name) != ("wrong", "q6"))


def test_nbgrader_keeps_the_fingerprint_of_an_answer_cell(regraded):
    classroom, *_ = regraded
    for place in ("release", "autograded/right"):
        notebook = nbformat.read(classroom.course / place / CLASS / f"{CLASS}.ipynb", as_version=4)
        builds_of = [cell_of(notebook, name).metadata.rollout_lab.build for name in ("q1", "q6", "softmax")]
        assert len(set(builds_of)) == 3
