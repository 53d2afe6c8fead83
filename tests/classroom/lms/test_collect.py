"""rollout-lab collect: a download of Canvas or Moodle becomes a class's submissions."""

import json
import os
import resource
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from nbgrader.api import Gradebook

from rollout_lab import cli
from rollout_lab.classroom import limits
from rollout_lab.classroom.lms import BY_KEY, LMSS, recognise
from rollout_lab.classroom.lms.collect import collect, summary
from rollout_lab.classroom.nbgrader_course import CourseError

from ..nbgrader_class import Classroom, grade
from .downloads import DOWNLOADED, answered, canvas_name, encrypt, link, moodle_name, pack, unkind, zipped

QUIZ = "quiz1_single_layer_attention"
OTHER = "quiz2_matrix_product"


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    classroom = Classroom(tmp_path_factory.mktemp("released"))
    classroom.release(QUIZ)
    classroom.release(OTHER)
    return classroom


@pytest.fixture
def classroom(released, tmp_path):
    """A course of two quizzes in which nobody has handed in anything."""
    return released.copy_to(tmp_path)


@pytest.fixture(scope="module")
def right(released, tmp_path_factory, course, keys):
    """Quiz 1 as a student hands it in, all answers right."""
    return answered(released, tmp_path_factory.mktemp("right"), course, keys, QUIZ)


@pytest.fixture(scope="module")
def other(released, tmp_path_factory, course, keys):
    """Quiz 2, all answers right."""
    return answered(released, tmp_path_factory.mktemp("other"), course, keys, OTHER)


def edited(notebook: bytes, note: str) -> bytes:
    content = json.loads(notebook)
    content["cells"].append({"cell_type": "markdown", "id": "note", "metadata": {}, "source": note})
    return json.dumps(content).encode()


def files(classroom: Classroom, student: str, quiz: str = QUIZ) -> dict[str, bytes]:
    folder = classroom.course / "submitted" / student / quiz
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def everything(classroom: Classroom) -> dict[str, bytes]:
    folder = classroom.course / "submitted"
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def gradebook(classroom: Classroom) -> Gradebook:
    return Gradebook(f"sqlite:///{classroom.course}/gradebook.db", "attention_rollout")


def people(classroom: Classroom) -> dict[str, tuple]:
    with gradebook(classroom) as book:
        return {s.id: (s.first_name, s.last_name, s.email, s.lms_user_id) for s in book.students}


@pytest.mark.parametrize(
    ("lms", "name", "told"),
    [
        ("canvas", "lovelaceada_1042_987_quiz1.ipynb", ("1042", "lovelaceada", "quiz1.ipynb", False, 987)),
        ("canvas", "subs/o_hara_LATE_7_88_a_1_2_b (1).ipynb", ("7", "o_hara", "a_1_2_b (1).ipynb", True, 88)),
        ("canvas", "anon_x4Yz9_55_quiz1-3.ipynb", ("anon_x4Yz9", "", "quiz1-3.ipynb", False, 55)),
        ("canvas", "LATE_anon_x4Yz9_55_quiz1.ipynb", ("anon_x4Yz9", "", "quiz1.ipynb", True, 55)),
        ("canvas", "ángströmzoë_3_4_q.ipynb", ("3", "ángströmzoë", "q.ipynb", False, 4)),
        (
            "moodle",
            "Ada Lovelace_31_assignsubmission_file_/q/a.ipynb",
            ("31", "Ada Lovelace", "q/a.ipynb", False, 0),
        ),
        (
            "moodle",
            "Ada Lovelace_31_assignsubmission_file_a_b.ipynb",
            ("31", "Ada Lovelace", "a_b.ipynb", False, 0),
        ),
        (
            "moodle",
            "Ada Lovelace_31_assignsubmission_file/a.ipynb",
            ("31", "Ada Lovelace", "a.ipynb", False, 0),
        ),
        (
            "moodle",
            "Ada Lovelace_31_assignsubmission_file_/Bob_32_assignsubmission_file_/a.ipynb",
            ("31", "Ada Lovelace", "Bob_32_assignsubmission_file_/a.ipynb", False, 0),
        ),
        ("moodle", "Ada Lovelace_31_a_b.ipynb", ("31", "Ada Lovelace", "a_b.ipynb", False, 0)),
        ("moodle", "Ada Lovelace_31/a.ipynb", ("31", "Ada Lovelace", "a.ipynb", False, 0)),
        ("moodle", "Teilnehmer_31_assignsubmission_file_/a.ipynb", ("31", "Teilnehmer", "a.ipynb", False, 0)),
    ],
)
def test_a_name_tells_whose_file_it_is(lms, name, told):
    upload = BY_KEY[lms].read_name(name)
    assert (upload.number, upload.name, upload.path, upload.late, upload.order) == told
    assert recognise([name]) is BY_KEY[lms]


@pytest.mark.parametrize("lms", LMSS, ids=lambda lms: lms.key)
def test_every_lms_knows_its_own_names(lms):
    assert lms.read_name(lms.example).path == "quiz.ipynb"
    assert recognise([lms.example]) is lms


def test_names_of_neither_lms_and_texts_typed_into_a_page_are_told_apart():
    assert recognise(["quiz1.ipynb", "notes/readme.txt"]) is None
    assert BY_KEY["moodle"].typed.fullmatch("Ada Lovelace_31_assignsubmission_onlinetext_/onlinetext.html")
    assert BY_KEY["canvas"].typed.fullmatch("lovelaceada_1042_text.html")
    assert not any(lms.typed.fullmatch("lovelaceada_1042_987_text.html.ipynb") for lms in LMSS)


def test_a_canvas_download_is_collected_graded_and_known_to_the_gradebook(classroom, tmp_path, right):
    with gradebook(classroom) as book:
        book.update_or_create_assignment(QUIZ, duedate="2026-11-19 12:00:00 UTC")
    with (classroom.course / "nbgrader_config.py").open("a") as settings:
        settings.write(
            "\nfrom nbgrader.plugins import LateSubmissionPlugin\n"
            "class HalfAPoint(LateSubmissionPlugin):\n"
            "    def late_submission_penalty(self, student, score, seconds): return 0.5\n"
            "c.AssignLatePenalties.plugin_class = HalfAPoint\n"
        )
    uploads = [
        (canvas_name("Lovelace, Ada", 1042, 900, f"{QUIZ}.ipynb"), right),
        (canvas_name("Ångström, Zoë", 1043, 901, f"{QUIZ}-2.ipynb", late=True), right),
        (canvas_name("李, 小龙", 1044, 902, "my answers (1).ipynb"), right),
    ]
    done = collect(classroom.course, pack(tmp_path / "submissions.zip", uploads, marked=False))
    assert (done.assignment, done.lms) == (QUIZ, "canvas")
    assert done.collected == ["lovelaceada-1042", "ångströmzoë-1043", "李小龙-1044"]
    assert done.left == []
    assert files(classroom, "lovelaceada-1042") == {f"{QUIZ}.ipynb": right}
    local = DOWNLOADED.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    assert files(classroom, "ångströmzoë-1043")["timestamp.txt"].decode() == local
    assert done.late == [
        f"ångströmzoë-1043: {local}, when it was downloaded: Canvas does not tell the hand-in's time"
    ]
    assert people(classroom)["ångströmzoë-1043"] == (None, "ångströmzoë", None, "1043")

    ada, zoe, li = grade(classroom.course, QUIZ).now
    assert ada.score == li.score == ada.max_score
    assert zoe.score == zoe.max_score - 0.5


def test_collecting_twice_changes_nothing_and_a_later_download_updates(classroom, tmp_path, right):
    first = pack(tmp_path / "first.zip", [(canvas_name("Lovelace, Ada", 1, 10, "q.ipynb"), right)])
    later_work = edited(right, "better")
    uploads = [
        (canvas_name("Lovelace, Ada", 1, 20, "q-1.ipynb"), later_work),
        (canvas_name("Hopper, Grace", 2, 21, "q.ipynb"), right),
    ]
    second = pack(tmp_path / "second.zip", uploads)
    collect(classroom.course, first)
    before = everything(classroom), people(classroom)
    again = collect(classroom.course, first)
    assert (again.collected, again.up_to_date) == ([], ["lovelaceada-1"])
    assert (everything(classroom), people(classroom)) == before

    done = collect(classroom.course, second)
    assert done.collected == ["hoppergrace-2", "lovelaceada-1"]
    assert files(classroom, "lovelaceada-1")[f"{QUIZ}.ipynb"] == later_work
    aside = classroom.course / "downloaded" / QUIZ / "replaced" / "lovelaceada-1" / "1"
    assert (aside / f"{QUIZ}.ipynb").read_bytes() == right
    assert str(aside) in done.replaced[0]

    older = collect(classroom.course, first)
    assert older.collected == []
    assert "what a later download brought stays" in older.notes[0]
    assert files(classroom, "lovelaceada-1")[f"{QUIZ}.ipynb"] == later_work
    kept = classroom.course / "downloaded" / QUIZ / "archive"
    assert {p.name: p.read_bytes() for p in kept.iterdir()} == {
        p.name: p.read_bytes() for p in (first, second)
    }


def test_what_the_instructor_mended_by_hand_stays(classroom, tmp_path, right):
    archive = pack(tmp_path / "s.zip", [(canvas_name("Lovelace, Ada", 1, 10, "q.ipynb"), b"{")])
    collect(classroom.course, archive, QUIZ)
    path = classroom.course / "submitted" / "lovelaceada-1" / QUIZ / f"{QUIZ}.ipynb"
    path.write_bytes(right)
    collect(classroom.course, archive, QUIZ)
    assert path.read_bytes() == right


def test_of_several_uploads_the_newest_counts_and_the_others_are_named(classroom, tmp_path, right, other):
    newest = edited(right, "newest")
    uploads = [
        (canvas_name("Lovelace, Ada", 1, 30, f"{QUIZ}-1.ipynb"), newest),
        (canvas_name("Lovelace, Ada", 1, 9, f"{QUIZ}.ipynb"), right),
        (canvas_name("Lovelace, Ada", 1, 31, "wrong quiz.ipynb"), other),
        (canvas_name("Lovelace, Ada", 1, 32, "helpers.py"), b"x = 1"),
        (canvas_name("Lovelace, Ada", 1, 33, "timestamp.txt"), b"1999-01-01 00:00:00 UTC"),
    ]
    done = collect(classroom.course, pack(tmp_path / "s.zip", uploads), QUIZ)
    assert files(classroom, "lovelaceada-1") == {f"{QUIZ}.ipynb": newest, "helpers.py": b"x = 1"}
    notes = "\n".join(done.notes)
    assert "lovelaceada_1_30_" in notes
    assert f"lovelaceada_1_9_{QUIZ}.ipynb stays in the download" in notes
    assert "wrong quiz.ipynb stays in the download" in notes


@pytest.mark.parametrize("folders", [True, False])
def test_a_moodle_download_is_collected_in_either_of_its_forms(classroom, tmp_path, right, folders):
    uploads = [
        (moodle_name("Ada Lovelace", 31, "quiz1.ipynb", folders=folders), right),
        (moodle_name("Zoë O'Hara-Ångström", 32, "Copy of quiz.ipynb", folders=folders), right),
        ("Zoë O'Hara-Ångström_32_assignsubmission_onlinetext_/onlinetext.html", b"<p>hello</p>"),
    ]
    done = collect(classroom.course, pack(tmp_path / "moodle.zip", uploads))
    assert (done.lms, done.collected) == ("moodle", ["Ada-Lovelace", "Zoë-O-Hara-Ångström"])
    assert len(done.left) == 1
    assert "typed into the page" in done.left[0]
    assert people(classroom)["Ada-Lovelace"] == ("Ada", "Lovelace", None, None)
    assert files(classroom, "Ada-Lovelace") == {f"{QUIZ}.ipynb": right}
    assert any("tells no times" in note for note in done.notes)


def test_times_that_lie_apart_are_those_of_the_hand_ins(classroom, tmp_path, right):
    times = [DOWNLOADED - timedelta(days=2), DOWNLOADED]
    uploads = [
        (moodle_name(name, n, "q.ipynb"), right) for n, name in enumerate(["Ada Lovelace", "Grace Hopper"])
    ]
    collect(classroom.course, pack(tmp_path / "moodle.zip", uploads, times))
    for student, time in zip(["Ada-Lovelace", "Grace-Hopper"], times, strict=True):
        stamp = files(classroom, student)["timestamp.txt"].decode()
        assert datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC) == time.astimezone(UTC)


def test_moodle_s_worksheet_tells_when_each_was_handed_in(classroom, tmp_path, right):
    with gradebook(classroom) as book:
        book.update_or_create_assignment(QUIZ, duedate="2026-11-18 12:00:00 UTC")
    archive = pack(
        tmp_path / "moodle.zip",
        [
            (moodle_name(name, n, "q.ipynb"), right)
            for n, name in [(31, "Ada Lovelace"), (32, "Grace Hopper")]
        ],
    )
    sheet = (
        'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Last modified (submission)"\r\n'
    )
    sheet += 'Participant 31,"Ada Lovelace",ada@example.org,,,8.00,"Tuesday, 17 November 2026, 9:05 PM"\r\n'
    sheet += 'Participant 32,"Grace Hopper",grace@example.org,,,8.00,"Friday, 20 November 2026, 9:05 AM"\r\n'
    (tmp_path / "sheet.csv").write_text(sheet, "utf-8")
    assert "--roster" in collect(classroom.course, archive).notes[0]
    assert "timestamp.txt" not in files(classroom, "Grace-Hopper")
    done = collect(classroom.course, archive, roster=tmp_path / "sheet.csv")
    at = datetime(2026, 11, 20, 9, 5).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    assert done.late == [f"Grace-Hopper: {at}"]
    assert files(classroom, "Grace-Hopper")["timestamp.txt"].decode() == at
    assert "timestamp.txt" in files(classroom, "Ada-Lovelace")
    before = everything(classroom)
    collect(classroom.course, archive, roster=tmp_path / "sheet.csv")
    assert everything(classroom) == before


def test_students_of_one_name_stay_apart_and_stay_the_same(classroom, tmp_path, right):
    canvas = [(canvas_name("Lovelace, Ada", n, 10 + n, "q.ipynb"), edited(right, str(n))) for n in (1, 2)]
    done = collect(classroom.course, pack(tmp_path / "canvas.zip", canvas))
    assert done.collected == ["lovelaceada-1", "lovelaceada-2"]

    one = [(moodle_name("Grace Hopper", 31, "q.ipynb"), edited(right, "31"))]
    both = [*one, (moodle_name("Grace Hopper", 30, "q.ipynb"), edited(right, "30"))]
    collect(classroom.course, pack(tmp_path / "one.zip", one))
    done = collect(classroom.course, pack(tmp_path / "both.zip", both))
    assert done.collected == ["Grace-Hopper-30"]
    assert "there are several Grace Hopper" in done.notes[0]
    assert files(classroom, "Grace-Hopper")[f"{QUIZ}.ipynb"] == edited(right, "31")
    assert files(classroom, "Grace-Hopper-30")[f"{QUIZ}.ipynb"] == edited(right, "30")


def test_a_moodle_student_has_another_number_in_the_next_quiz_and_is_the_same(
    classroom, tmp_path, right, other
):
    collect(classroom.course, pack(tmp_path / "1.zip", [(moodle_name("Ada Lovelace", 31, "q.ipynb"), right)]))
    done = collect(
        classroom.course, pack(tmp_path / "2.zip", [(moodle_name("Ada Lovelace", 77, "q.ipynb"), other)])
    )
    assert (done.assignment, done.collected) == (OTHER, ["Ada-Lovelace"])


def test_the_lms_s_list_gives_names_and_tells_who_is_in_the_gradebook_already(classroom, tmp_path, right):
    with gradebook(classroom) as book:
        book.add_student("alovelace", first_name="Augusta")
        book.add_student("ghopper", email="grace@example.org")
    table = "Student,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (5)\n    Points Possible,,,,,8.00\n"
    table += '"Lovelace, Ada",1042,,alovelace,A,\n"Noether, Emmy",1044,,enoether,A,\n'
    (tmp_path / "grades.csv").write_text(table, "utf-8")
    uploads = [
        (canvas_name("Lovelace, Ada", 1042, 1, "q.ipynb"), right),
        (canvas_name("Noether, Emmy", 1044, 2, "q.ipynb"), right),
    ]
    archive = pack(tmp_path / "s.zip", uploads)
    done = collect(classroom.course, archive, roster=tmp_path / "grades.csv")
    assert done.collected == ["alovelace", "Noether-Emmy-1044"]
    assert people(classroom)["alovelace"] == ("Ada", "Lovelace", None, "1042")
    assert people(classroom)["Noether-Emmy-1044"][:2] == ("Emmy", "Noether")

    sheet = "Identifier,Full name,Email address,Status,Grade\n"
    sheet += (
        "Participant 31,Grace Hopper,grace@example.org,,\nParticipant 32,Grace Hopper,other@example.org,,\n"
    )
    (tmp_path / "moodle.csv").write_text(sheet, "utf-8")
    both = [(moodle_name("Grace Hopper", n, "q.ipynb"), edited(right, str(n))) for n in (31, 32)]
    done = collect(classroom.course, pack(tmp_path / "m.zip", both), roster=tmp_path / "moodle.csv")
    assert done.collected == ["ghopper", "Grace-Hopper-32"]
    assert people(classroom)["Grace-Hopper-32"][2] == "other@example.org"
    assert "The email tells them apart" in done.notes[0]
    assert not any("--roster" in note for note in done.notes[:1])


def test_what_should_not_or_cannot_be_taken_is_named_and_the_rest_is_collected(classroom, tmp_path, right):
    bomb = bytes(65 * 2**20)
    zero = canvas_name("Zero, Zed", 5, 16, "q.ipynb")
    uploads = [
        (canvas_name("Lovelace, Ada", 1, 10, "q.ipynb"), right),
        ("../../evil_2_11_q.ipynb", right),
        ("/etc/evil_3_12_q.ipynb", right),
        (canvas_name("Bomb, Bob", 4, 13, "q.ipynb"), bomb),
        (zero, right),
        (canvas_name("Nested, Nan", 6, 17, "work.zip"), zipped([("../out.py", b""), ("a/q.ipynb", right)])),
        (canvas_name("Nested, Ned", 7, 18, "work.zip"), b"this is no zip file"),
        ("__MACOSX/._lovelaceada_1_10_q.ipynb", b"clutter"),
    ]
    archive = pack(tmp_path / "s.zip", uploads)
    link(archive, canvas_name("Link, Lou", 8, 19, "q.ipynb"), "/etc/passwd")
    encrypt(archive, zero)
    done = collect(classroom.course, archive)
    assert done.collected == ["lovelaceada-1", "nestednan-6"]
    assert files(classroom, "nestednan-6") == {
        f"{QUIZ}.ipynb": right,
        "left-out.txt": b"left out, as it leads out of its folder: nestednan_6_17_work.zip/../out.py\n",
    }
    left = "\n".join([*done.left, *done.notes])
    for named in (
        "../../evil_2_11_q.ipynb leads out of its folder",
        "/etc/evil_3_12_q.ipynb leads out of its folder",
        "bombbob_4_13_q.ipynb is larger than 64 MB",
        "zerozed_5_16_q.ipynb is encrypted",
        "nestednan-6: left out, as it leads out of its folder: nestednan_6_17_work.zip/../out.py",
        "nestedned_7_18_work.zip is no zip file that can be read",
        "linklou_8_19_q.ipynb is a link to another file",
    ):
        assert named in left
        assert named in summary(done)
    assert "__MACOSX" not in summary(done)
    assert sorted(p.name for p in (classroom.course / "submitted").iterdir()) == [
        "lovelaceada-1",
        "nestednan-6",
    ]


def test_no_hand_in_costs_another_and_what_was_not_taken_is_told_to_both(classroom, tmp_path, right):
    kinds = unkind(right, QUIZ)
    times = [DOWNLOADED - timedelta(days=n) for n in range(len(kinds) + 1)]
    sources = [canvas_name(name.partition(".")[0], n, n, name) for n, name in enumerate(kinds)]
    uploads = [(source, content) for source, (content, _said) in zip(sources, kinds.values(), strict=True)]
    honest = canvas_name("zz", 99, 99, "q.ipynb")
    done = collect(classroom.course, pack(tmp_path / "s.zip", [*uploads, (honest, right)], times))
    told = summary(done)
    for source, (_content, said) in zip(sources, kinds.values(), strict=True):
        assert said.replace("SOURCE", source) in told, source
        (student,) = [s for s in done.collected if source.startswith(s.rpartition("-")[0] + "_")] or [None]
        if student:
            laid = files(classroom, student)
            assert laid[f"{QUIZ}.ipynb"] == right
            assert laid.keys() >= {"timestamp.txt"}
            assert ("left-out.txt" in laid) == bool(said), source
            assert said.replace("SOURCE", source)[:60] in laid.get("left-out.txt", b"").decode(), source
        else:
            assert said, source
    assert done.collected[-1] == "zz-99"
    assert len(done.collected) == 15
    assert "\x1b" not in told


def test_what_lay_beside_the_notebook_lies_beside_it_again(classroom, tmp_path, right):
    work = [("work/q.ipynb", right), ("work/helper.py", b"x = 1"), ("work/data/a.csv", b""), ("b.py", b"")]
    archive = pack(tmp_path / "s.zip", [(canvas_name("Lovelace, Ada", 1, 10, "work.zip"), zipped(work))])
    collect(classroom.course, archive)
    assert files(classroom, "lovelaceada-1").keys() == {f"{QUIZ}.ipynb", "helper.py", "data/a.csv", "b.py"}


def test_the_newest_notebook_is_taken_whatever_was_handed_in_before(classroom, tmp_path, right, monkeypatch):
    data = zipped([("a.bin", os.urandom(2000))])
    uploads = [
        (canvas_name("Lovelace, Ada", 1, 10, "data.zip"), data),
        (canvas_name("Lovelace, Ada", 1, 11, "q.ipynb"), right),
    ]
    archive = pack(tmp_path / "s.zip", uploads)
    monkeypatch.setattr(limits, "ARCHIVES_BYTES", len(data) - 1)
    done = collect(classroom.course, archive)
    assert done.collected == ["lovelaceada-1"]
    assert "is one archive too many" in done.notes[0]
    assert "one archive too many" in files(classroom, "lovelaceada-1")["left-out.txt"].decode()
    shutil.rmtree(classroom.course / "submitted")
    monkeypatch.setattr(limits, "ARCHIVES_BYTES", len(data))
    collect(classroom.course, archive)
    assert files(classroom, "lovelaceada-1").keys() == {f"{QUIZ}.ipynb", "a.bin"}


@pytest.mark.parametrize(
    ("limit", "enough", "work", "said"),
    [
        ("FILE_BYTES", 40_000, [("q.ipynb", None), ("a.txt", bytes(40_000))], "is larger than 0 MB"),
        ("FILES", 3, [("q.ipynb", None), ("a.txt", b""), ("b.txt", b"")], "holds more than 2 files"),
        ("HAND_IN_FILES", 2, [("q.ipynb", None), ("a.txt", b"")], "as 500 files are taken"),
        ("FILES_BYTES", 5, [("q.ipynb", None), ("a.txt", b"12345")], "other files 16 MB"),
        ("DEPTH", 2, [("q.ipynb", None), ("a/b/c.txt", b"")], "as folders may be 10 deep"),
        ("PATH", 40, [("q.ipynb", None), ("a/" + "b" * 38, b"")], "a path 300 characters long"),
    ],
)
def test_each_limit_of_a_hand_in_holds(classroom, tmp_path, right, monkeypatch, limit, enough, work, said):
    content = zipped([(name, right if given is None else given) for name, given in work])
    archive = pack(tmp_path / "s.zip", [(canvas_name("Ada", 1, 10, "work.zip"), content)])
    monkeypatch.setattr(limits, limit, enough - 1)
    done = collect(classroom.course, archive, QUIZ)
    assert said in "\n".join([*done.left, *done.notes])
    shutil.rmtree(classroom.course / "submitted", ignore_errors=True)
    monkeypatch.setattr(limits, limit, enough)
    done = collect(classroom.course, archive, QUIZ)
    assert said not in "\n".join([*done.left, *done.notes])
    assert len(files(classroom, "ada-1")) == len(work)


def test_notebooks_are_looked_at_to_the_limits_the_newest_first(classroom, tmp_path, right, monkeypatch):
    uploads = [(canvas_name("Ada", 1, n, f"q-{n}.ipynb"), edited(right, str(n))) for n in (10, 11, 12)]
    archive = pack(tmp_path / "s.zip", uploads)
    size = len(uploads[0][1])
    for limit, enough, said in (
        ("HAND_IN_FILES", 3, "as 500 files are taken"),
        ("NOTEBOOKS_BYTES", 3 * size, "as notebooks may have 64 MB together"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(limits, limit, enough - 1)
            done = collect(classroom.course, archive, QUIZ)
            assert f"ada-1: left out, {said}" in "\n".join(done.notes)
            assert files(classroom, "ada-1")[f"{QUIZ}.ipynb"] == uploads[-1][1]
            shutil.rmtree(classroom.course / "submitted")
            patch.setattr(limits, limit, enough)
            assert said not in "\n".join(collect(classroom.course, archive, QUIZ).notes)
            shutil.rmtree(classroom.course / "submitted")


def test_a_disk_that_takes_no_more_leaves_nothing_half_laid(classroom, tmp_path, right):
    work = zipped([("q.ipynb", right), ("a.bin", bytes(2 * 2**20)), ("b.py", b"")])
    uploads = [
        (canvas_name("Ada", 1, 10, "q.ipynb"), right),
        (canvas_name("Bob", 2, 11, "work.zip"), work),
        (canvas_name("Cyd", 3, 12, "q.ipynb"), right),
    ]
    archive = pack(tmp_path / "s.zip", uploads)
    earlier = pack(tmp_path / "r.zip", [(canvas_name("Bob", 2, 1, "q.ipynb"), right)])
    collect(classroom.course, earlier)
    _soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, hard))
    try:
        with pytest.raises(
            CourseError, match=r"bob could not be collected: .*File too large.* Collect again"
        ):
            collect(classroom.course, archive)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (_soft, hard))
    assert {path.name for path in (classroom.course / "submitted").iterdir()} == {"ada-1", "bob-2"}
    assert files(classroom, "bob-2").keys() == {f"{QUIZ}.ipynb"}
    done = collect(classroom.course, archive)
    assert (done.collected, done.up_to_date) == (["bob-2", "cyd-3"], ["ada-1"])
    left = {path.name for path in (classroom.course / "downloaded" / QUIZ).iterdir()}
    assert left == {"archive", "students.csv", "replaced"}
    assert files(classroom, "bob-2").keys() == {f"{QUIZ}.ipynb", "a.bin", "b.py"}


def test_an_entry_whose_bytes_were_damaged_stops_no_other(classroom, tmp_path, right):
    uploads = [
        (canvas_name("Lovelace, Ada", 1, 10, "q.ipynb"), right),
        (canvas_name("B", 2, 11, "q.ipynb"), right),
    ]
    archive = pack(tmp_path / "s.zip", uploads)
    raw = bytearray(archive.read_bytes())
    raw[200:260] = bytes(60)
    archive.write_bytes(raw)
    done = collect(classroom.course, archive)
    assert done.collected == ["b-2"]
    assert "lovelaceada_1_10_q.ipynb cannot be unpacked" in done.left[0]


def test_a_notebook_of_another_quiz_or_of_none_is_not_taken_unless_it_is_the_only_one(
    classroom, tmp_path, right, other
):
    plain = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
    uploads = [
        (canvas_name("A", 1, 10, "q.ipynb"), right),
        (canvas_name("B", 2, 11, "q.ipynb"), right),
        (canvas_name("C", 3, 12, "q.ipynb"), other),
        (canvas_name("D", 4, 13, "from scratch.ipynb"), plain),
        (canvas_name("E", 5, 14, "one.ipynb"), plain),
        (canvas_name("E", 5, 15, "two.ipynb"), plain),
        (canvas_name("F", 6, 16, "cut.ipynb"), right[: len(right) // 2]),
        (canvas_name("G", 7, 17, "sorry.txt"), b"I could not finish."),
    ]
    done = collect(classroom.course, pack(tmp_path / "s.zip", uploads))
    assert done.assignment == QUIZ
    assert done.collected == ["a-1", "b-2", "d-4", "f-6"]
    notes, left = "\n".join(done.notes), "\n".join(done.left)
    assert "from scratch.ipynb was taken for the quiz. It holds none of the quiz's cells" in notes
    assert "cut.ipynb was taken for the quiz. It breaks off at line 1" in notes
    assert f"c_3_12_q.ipynb holds the cells of {OTHER}, not of {QUIZ}" in left
    assert f"e_5_14_one.ipynb holds no cells of {QUIZ}" in left
    assert "g_7_17_sorry.txt came without a notebook of the quiz" in left


def test_a_download_that_is_none_is_refused_with_what_to_do(classroom, tmp_path, right):
    (tmp_path / "page.zip").write_text("<html>Please log in</html>")
    with pytest.raises(CourseError, match=r"page.zip is no zip file .*Download the submissions again"):
        collect(classroom.course, tmp_path / "page.zip")
    with pytest.raises(CourseError, match=r"is a folder: .*Zip it again"):
        collect(classroom.course, tmp_path)
    with pytest.raises(CourseError, match=r"holds quiz1.ipynb\. Expected names .*--lms"):
        collect(classroom.course, pack(tmp_path / "a.zip", [("quiz1.ipynb", right)]))
    with pytest.raises(CourseError, match=r"no notebook of a quiz .*Name the assignment"):
        collect(classroom.course, pack(tmp_path / "b.zip", [("ada_1_2_a.txt", b"")]))
    with pytest.raises(CourseError, match="nbgrader generate_assignment quiz9"):
        collect(classroom.course, pack(tmp_path / "c.zip", [("ada_1_2_a.ipynb", right)]), "quiz9")
    assert not (classroom.course / "submitted").exists()


def test_the_command_tells_what_it_did(classroom, tmp_path, right, capsys):
    archive = pack(tmp_path / "s.zip", [("sub/lovelaceada_LATE_1_2_q.ipynb", right), ("readme.md", b"")])
    assert cli.main(["collect", str(archive), "--course", str(classroom.course)]) == 0
    said = capsys.readouterr().out
    assert (
        f"{QUIZ}, from Canvas: 1 collected, 1 late, 0 replaced, 0 up to date before, 1 not understood."
        in said
    )
    assert "has no due date in the gradebook" in said
    assert "readme.md is not named in Canvas's way" in said
    assert cli.main(["collect", str(tmp_path / "no.zip"), "--course", str(classroom.course)]) == 1
    assert "no.zip" in capsys.readouterr().err
