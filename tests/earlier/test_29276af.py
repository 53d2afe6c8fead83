"""What people have of commit 29276af goes on working: lessons, self-checks, hand-ins, answers, settings."""

import base64
import bz2
import importlib
import inspect
import json
import pkgutil
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbgrader.api import Gradebook

from rollout_lab._earlier_names import IN_TOOLS, MOVED
from rollout_lab.classroom.submission.quiz_builds import fingerprint
from rollout_lab.quiz import practice, progress, self_check
from rollout_lab.quiz.sections import read_again
from rollout_lab.working_copy import fresh_copy, prepare

from ..classroom.nbgrader_class import Classroom, grade_flags
from ..warm_commands import KERNELS, warm_kernels

ROOT = Path(__file__).parents[2]
ARCHIVE = Path(__file__).with_name("29276af.tar.xz")
with tarfile.open(ARCHIVE) as archive:
    NAMES = archive.getnames()
LESSONS = [name for name in NAMES if re.fullmatch(r"my-course/\d\d_.*\.ipynb", name)]
UNANSWERED = [name for name in NAMES if re.fullmatch(r"(my-course/self_check|class/release)/.*\.ipynb", name)]
SELF_CHECKS = [name for name in NAMES if name.startswith("self_checks/")]
QUIZZES = ["quiz1_single_layer_attention", "quiz2_matrix_product", "quiz3_identity_augmentation"]
STUDENTS = ["right", "wrong"]


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    """A folder with everything in it."""
    folder = tmp_path_factory.mktemp("earlier")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module", autouse=True)
def kernels(tmp_path_factory):
    preload = (*KERNELS, "rollout_lab.explorers", "rollout_lab.figures")
    with warm_kernels(tmp_path_factory.mktemp("kernels"), preload):
        yield


def run(path, folder=None):
    """The notebook after every cell of it has run, in its own folder or in another one."""
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(folder or path.parent)}}
    NotebookClient(notebook, timeout=60, resources=where, allow_errors=True).execute()
    return notebook


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


def sources(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def unexplained(notebook, number="NN"):
    """The errors that do not say, in one sentence, how to get a fresh copy of this lesson."""
    errors = [output for output in outputs(notebook) if output.output_type == "error"]
    return [each for each in errors if f"fresh {number}" not in each.evalue or "\n" in each.evalue.strip()]


def printed(cell):
    return "".join(output.get("text", "") for output in cell.get("outputs", ()))


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_runs_and_shows_the_predictions_that_were_kept(earlier, name):
    path = earlier / name
    notebook = run(path)
    assert not unexplained(notebook, path.name[:2])
    assert not [output.text for output in outputs(notebook) if output.get("name") == "stderr"]
    shown = [output.data.get("text/markdown", "") for output in outputs(notebook) if "data" in output]
    asked = re.findall(r'reveal\(\s*"([a-z0-9-]+)"', "\n".join(sources(path)))
    assert asked
    assert [text.split("\n")[0] for text in shown if "What comes out" in text] == [
        f"**You predicted:** {kept(earlier, f'prediction-{each}')}" for each in asked
    ]


def kept(earlier, name):
    return json.loads((earlier / "my-course/.rollout-lab/answers" / f"{name}.json").read_text("utf-8"))


def test_practice_items_show_the_answers_that_were_kept(earlier, monkeypatch):
    monkeypatch.chdir(earlier / "my-course")
    monkeypatch.setattr(progress, "_memory", {})  # what other tests of this process could not write
    monkeypatch.setattr(progress, "_unwritten", set())
    lessons = "\n".join(source for name in LESSONS for source in sources(earlier / name))
    asked = re.findall(r'practice\("([a-z0-9-]+)"\)', lessons)
    assert len(asked) > 30
    for name in asked:
        widget, answer = practice(name), kept(earlier, f"practice-{name}")
        shown = widget.given if "given" in answer else widget.chosen
        assert shown == answer.get("given", answer.get("chosen")), name
        assert widget.status.startswith("Right." if answer["right"] else "Not yet."), name


@pytest.mark.parametrize("name", UNANSWERED)
def test_a_quiz_that_nobody_has_answered_stumbles_on_what_is_not_written_and_nothing_else(earlier, name):
    errors = [output for output in outputs(run(earlier / name)) if output.output_type == "error"]
    assert bool(errors) == ("self_check" not in name)  # a self-check says in print what is not written
    assert {each.ename for each in errors} <= {"FormError", "NotImplementedError"}
    assert all("not" in each.evalue for each in errors)


@pytest.mark.parametrize("name", SELF_CHECKS)
def test_a_self_check_says_of_each_answer_what_it_said(earlier, name):
    notebook = run(earlier / name)
    assert [output for output in outputs(notebook) if output.output_type == "error"] == []
    for before, now in zip(nbformat.read(earlier / name, as_version=4).cells, notebook.cells, strict=True):
        if before.source.startswith("self_check("):
            assert words(printed(now)) == words(printed(before))
            assert printed(now).startswith("Right.") == ("/right/" in name)


def test_a_newer_lesson_is_laid_beside_the_older_one_and_a_fresh_copy_can_be_had(
    earlier, tmp_path, monkeypatch
):
    copy = tmp_path / "my-course"
    shutil.copytree(earlier / "my-course", copy)
    for folder in ("course", "quizzes/self_check"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    before = {name: (copy / Path(name).name).read_bytes() for name in LESSONS}
    assert prepare(copy, tmp_path).newer
    assert before == {name: (copy / Path(name).name).read_bytes() for name in LESSONS}
    monkeypatch.chdir(copy)
    (lesson,) = ROOT.glob("course/01_*.ipynb")
    assert fresh_copy("01").read_bytes() == lesson.read_bytes()


def marked(folder, quiz, student):
    """What a graded quiz says of each item: its points, and the text without the option's letter."""
    path = folder / "autograded" / student / quiz / f"{quiz}.ipynb"
    tests = [
        (cell.metadata.nbgrader.grade_id.removeprefix("test_"), cell)
        for cell in nbformat.read(path, as_version=4).cells
        if cell.metadata.get("nbgrader", {}).get("grade_id", "").startswith("test_")
    ]
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        notebook = gradebook.find_submission_notebook(quiz, quiz, student)
        points = {grade.name: grade.score for grade in notebook.grades}
    return {item: [points[f"test_{item}"], words(printed(cell))] for item, cell in tests}


def words(text):
    """A text without the option's letter, and with today's name for the section that is to be read again."""
    text = " ".join(re.sub(r"answered: [A-D]\)", "answered:", text).split())
    return re.sub(
        r'Read again: lesson (\w+), section "([^"]+)"\.',
        lambda found: read_again(f"{found[1]}#{found[2].replace(' ', '-')}"),
        text,
    )


def expected(earlier, quiz, student):
    found = json.loads((earlier / "scores.json").read_text("utf-8"))[quiz][student]
    return {item: [points, words(text)] for item, (points, text) in found.items()}


def succeeds(done):
    assert done.returncode == 0, done.stdout + done.stderr


TODAYS, ITS_OWN = "today's", "its own"


@pytest.fixture(scope="module", params=[TODAYS, ITS_OWN])
def graded(request, earlier, tmp_path_factory, commands):
    """The hand-ins, graded now in a course built today, and in the one that released them."""
    folder = tmp_path_factory.mktemp("class")
    if request.param == TODAYS:
        classroom = Classroom(folder)
        folder = classroom.course
        shutil.copytree(earlier / "class" / "submitted", folder / "submitted")
        for quiz in QUIZZES:
            classroom.release(quiz)
    else:
        shutil.copytree(earlier / "class", folder, dirs_exist_ok=True)
    for quiz in QUIZZES:
        succeeds(commands.run("rollout-lab", "grade", quiz, *grade_flags(), cwd=folder))
    return request.param, folder


ADDED_OR_ASKED_OTHERWISE = {(QUIZZES[2], "right"): {"augment": 0.5}}  # it asks for A + I, undivided, since


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize("quiz", QUIZZES)
def test_a_hand_in_earns_what_it_earned_and_is_told_the_same(earlier, graded, quiz, student):
    whose, folder = graded
    found, before = marked(folder, quiz, student), expected(earlier, quiz, student)
    earned = {item: points for item, (points, _text) in before.items()}
    if whose == TODAYS:
        earned |= dict.fromkeys(found.keys() - before.keys(), 0.0) | ADDED_OR_ASKED_OTHERWISE.get(
            (quiz, student), {}
        )
    assert {item: points for item, (points, _text) in found.items()} == earned
    assert [item for item in before if whose == ITS_OWN and found[item] != before[item]] == []


def test_a_class_in_mid_term_keeps_the_items_that_it_has_by_the_commands_of_the_guide(
    earlier, tmp_path, commands
):
    guide = (ROOT / "quizzes" / "README.md").read_text("utf-8")
    section = guide.partition("### A class in mid-term")[2]
    keep, _pull, again = re.search(r"^```text\n(.*?)^```$", section, re.M | re.S)[1].partition("git pull\n")
    quiz, folder = QUIZZES[2], tmp_path / "class"
    shutil.copytree(earlier / "class", folder)

    def run_each(lines):
        for line in lines.strip().splitlines():
            command = line.split()
            if command[0] == "rollout-lab":
                command += grade_flags()
            run_it = (
                commands.run if command[0] != "cp" else lambda *words, cwd: subprocess.run(words, cwd=cwd)
            )
            done = run_it(*command, cwd=folder)
            succeeds(done)
        return done.stdout

    run_each(f"rollout-lab grade {quiz}\n{keep}")
    shutil.copytree(ROOT / "quizzes" / "source", folder / "source", dirs_exist_ok=True)
    assert "source has changed" not in run_each(f"rollout-lab grade {quiz} --force")
    assert commands.run("nbgrader", "generate_assignment", quiz, "--force", cwd=folder).returncode
    assert quiz in again
    run_each(again)
    for student in STUDENTS:
        assert marked(folder, quiz, student) == expected(earlier, quiz, student)


def test_what_asks_the_same_has_the_fingerprint_that_it_had_and_shows_its_options_once(earlier):
    def statements(folder, quiz):
        read = nbformat.read(folder / "source" / quiz / f"{quiz}.ipynb", as_version=4)
        named = [cell for cell in read.cells if "nbgrader" in cell.metadata]
        return {cell.metadata.nbgrader.grade_id: cell.source for cell in named}

    asked_otherwise = []
    for quiz in QUIZZES:
        before, now = statements(earlier / "class", quiz), statements(ROOT / "quizzes", quiz)
        for name in [name for name in before if name.startswith("statement_")]:
            if fingerprint(before[name]) != fingerprint(now[name]):
                asked_otherwise.append(name.removeprefix("statement_"))
            seen, answer = now[name].split("<!--")[0], now[name.removeprefix("statement_")]
            for option in re.findall(r"^- \*\*[A-H]\)\*\* (.*)$", before[name], re.MULTILINE):
                assert option not in seen
                assert f"{json.dumps(option, ensure_ascii=False)},\n" in answer
    assert asked_otherwise == ["augment", "rollout_with_identity", "hop_distribution"]


def test_plain_nbgrader_grades_a_hand_in_as_before(earlier, tmp_path, commands):
    shutil.copytree(earlier / "class", tmp_path, dirs_exist_ok=True)
    succeeds(commands.run("nbgrader", "autograde", QUIZZES[1], "--student", "wrong", cwd=tmp_path))
    assert marked(tmp_path, QUIZZES[1], "wrong") == expected(earlier, QUIZZES[1], "wrong")


def test_every_module_is_found_under_the_name_that_it_had(earlier):
    for path in json.loads((earlier / "modules.json").read_text("utf-8")):
        name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        _package, _, short = name.partition(".")
        if short not in IN_TOOLS:
            module = importlib.import_module(name)
            moved = short in MOVED and not (ROOT / path).exists()
            now = f"rollout_lab.{MOVED[short]}" if moved else name
            assert module is sys.modules[now]
            assert module.__spec__.name == module.__name__ == now
        elif not (ROOT / path).exists():
            with pytest.raises(ImportError, match=rf"^{name} has left the package: .*tools"):
                importlib.import_module(name)


def test_every_function_is_called_as_it_was_called(earlier):
    refused = []
    for name, parameters in json.loads((earlier / "call_forms.json").read_text("utf-8")).items():
        accepts = inspect.signature(pkgutil.resolve_name(name)).bind
        by_name = {each: None for each, kind, _required in parameters if kind == "KEYWORD_ONLY"}
        by_place = [each for each, kind, _required in parameters if kind == "POSITIONAL_OR_KEYWORD"]
        required = {each: None for each, kind, needed in parameters if needed and "VAR" not in kind}
        for places, names in (
            (by_place, by_name),
            ((), {**dict.fromkeys(by_place), **by_name}),
            ((), required),
        ):
            try:
                accepts(*places, **names)
            except TypeError as error:
                refused.append((name, str(error)))
    assert refused == []


NAMED_IN_SETTINGS = {
    "feedback": ["configure"],
    "preprocessors": ["CheckPrivateBuild", "ExecuteSayingVersions", "RepairCells"],
    "validating": ["install"],
    "exchange": ["CollectFilesOnly"],
}
"""What copies of nbgrader's settings import from `rollout_lab.classroom`, by module."""


def test_settings_of_nbgrader_find_what_they_import():
    for module, names in NAMED_IN_SETTINGS.items():
        assert [
            name
            for name in names
            if not hasattr(importlib.import_module(f"rollout_lab.classroom.{module}"), name)
        ] == []


def test_moved_modules_are_imported_in_every_form_without_a_word():
    code = r"""
import pickle, sys
import rollout_lab.explorers.match as match
import rollout_lab.explorers.glance
from rollout_lab.explorers import live, overview
from rollout_lab.figures import sheet
from rollout_lab.models.flows import recorded_flows
assert match is sys.modules["rollout_lab.explorers.match_with_model"]
assert pickle.loads(b"crollout_lab.explorers.match\nmatch_with_model\n.") is match.match_with_model
assert overview is rollout_lab.explorers.overview is rollout_lab.explorers.glance.overview
assert callable(overview) and callable(rollout_lab.rollout)
"""
    done = subprocess.run([sys.executable, "-Walways", "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def damaged(sealed):
    return sealed.replace("\n", "")[:-40]


def of_a_newer_version(sealed):
    key = json.loads(bz2.decompress(base64.b64decode(sealed)))
    return base64.b64encode(bz2.compress(json.dumps(key | {"version": 99}).encode())).decode()


@pytest.mark.parametrize("change", [damaged, of_a_newer_version])
def test_a_key_that_cannot_be_read_says_how_to_get_one_that_can(earlier, change, capsys):
    path = earlier / "my-course" / "self_check" / f"{QUIZZES[0]}.ipynb"
    namespace = {"answer_q1": "A"}
    exec(next(source for source in sources(path) if "keys = {" in source), namespace)
    self_check("q1", namespace, {"q1": change(namespace["keys"]["q1"])})
    assert "rollout-lab fresh 01" in words(capsys.readouterr().out)


def test_a_lesson_runs_in_a_folder_that_is_no_working_copy(earlier, tmp_path):
    notebook = run(earlier / LESSONS[0], tmp_path)
    assert not unexplained(notebook)
    assert "**You made no prediction**" in str(outputs(notebook))
    assert list(tmp_path.iterdir()) == []
