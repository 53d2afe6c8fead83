"""What is taken of a hand-in's folder: what counts, what is left out, and what is said of it."""

import os
import socket
from pathlib import Path

import pytest

from rollout_lab.classroom import limits
from rollout_lab.classroom.submission.folder import Submission, choose_files, read_left_out, read_submission

QUIZ = "quiz.ipynb"


def lay(folder: Path, **files: int) -> None:
    for name, size in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.truncate(size)


def test_a_file_that_is_too_large_is_named_and_costs_no_other():
    taken, left = choose_files(
        [("a.bin", 17 * 2**20), ("helper.py", 200), (QUIZ, 9000), ("b.csv", 15 * 2**20)], QUIZ
    )
    assert taken == [QUIZ, "helper.py", "b.csv"]
    assert list(left.values()) == [["a.bin"]]


@pytest.mark.parametrize(("name", "most"), [("data.csv", "FILES_BYTES"), ("other.ipynb", "NOTEBOOKS_BYTES")])
def test_files_may_be_as_large_as_the_limit_and_no_larger(name, most):
    most = getattr(limits, most)
    assert choose_files([(name, most)])[0] == [name]
    assert choose_files([(name, most + 1)])[0] == []
    assert choose_files([(f"1{name}", most // 2), (f"2{name}", most // 2 + 1)])[0] == [f"1{name}"]


def test_as_many_files_are_taken_as_the_limit_says_the_nearest_first(tmp_path):
    files = {f"data/{number:04}": 0 for number in range(limits.HAND_IN_FILES - 2)}
    lay(tmp_path, **files, **{QUIZ: 9, "lib/helper.py": 9})
    assert read_submission(tmp_path, QUIZ).left_out == ()
    lay(tmp_path, **{"data/9999": 1})
    submission = read_submission(tmp_path, QUIZ)
    assert len(submission.files) == limits.HAND_IN_FILES
    assert {QUIZ, "lib/helper.py"} < set(submission.files)
    (said,) = submission.left_out
    assert f"{limits.HAND_IN_FILES} files" in said
    assert said.endswith(": data/9999")


def test_folders_may_be_as_deep_as_the_limit_and_no_deeper(tmp_path):
    at_most = "d/" * limits.DEPTH + "file"
    lay(tmp_path, **{at_most: 1})
    assert read_submission(tmp_path).files == (at_most,)
    lay(tmp_path, **{f"d/{at_most}": 1})
    submission = read_submission(tmp_path)
    assert submission.files == (at_most,)
    assert submission.left_out[0].endswith(": " + "d/" * limits.DEPTH + "d")
    assert choose_files([(f"d/{at_most}", 1)])[0] == []


def test_a_path_may_be_as_long_as_the_limit_and_no_longer():
    folder = "f" * 200
    longest = f"{folder}/{'n' * (limits.PATH - len(folder) - 1)}"
    assert choose_files([(longest, 1), (f"{longest}n", 1)])[0] == [longest]


def test_no_more_is_looked_at_than_the_limit_says_but_the_notebook_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "LOOKED_AT", 3)
    lay(tmp_path, a=1, b=1, **{QUIZ: 1})
    assert read_submission(tmp_path, QUIZ).files == (QUIZ, "a", "b")
    lay(tmp_path, c=1, d=1)
    submission = read_submission(tmp_path, QUIZ)
    assert QUIZ in submission.files
    assert any(said.endswith(": the rest") for said in submission.left_out)


def test_what_programs_leave_behind_counts_for_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "HAND_IN_FILES", 2)
    clutter = [".ipynb_checkpoints/quiz-checkpoint.ipynb", "__pycache__/a.pyc", ".git/HEAD", "x/.DS_Store"]
    environments = ["env/pyvenv.cfg", "env/lib/a.py", "my conda/conda-meta/history", "my conda/lib/a.py"]
    files = dict.fromkeys([*clutter, *environments, "feedback/a.html", QUIZ, "helper.py"], 1)
    lay(tmp_path, **files)
    (tmp_path / "env" / "link").symlink_to("/etc/passwd")
    assert choose_files(files.items(), QUIZ, ["feedback"]) == ([QUIZ, "helper.py"], {})
    assert read_submission(tmp_path, QUIZ, ["feedback"]) == Submission(tmp_path, (QUIZ, "helper.py"), ())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="makes a pipe")
def test_links_pipes_and_sockets_are_named_and_never_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a socket's path may not be long
    lay(Path("in"), **{QUIZ: 1})
    os.mkfifo("in/pipe")
    os.mkfifo("in/left-out.txt")
    for number in range(3000):
        os.symlink("/etc/passwd", f"in/link{number}")
    os.symlink(".", "in/self")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("in/socket")
        submission = read_submission(Path("in"), QUIZ)
    assert submission.files == (QUIZ,)
    assert sorted(said.split(": ")[1] for said in submission.left_out) == [
        "left-out.txt, pipe, socket",
        "link0, link1, link10, link100, link1000 and 2996 more",
    ]
    assert submission.hash(b"")


def test_a_folder_in_the_place_of_a_file_that_counts_is_left_out(tmp_path):
    lay(tmp_path, **{f"{QUIZ}/a": 1, "timestamp.txt/b": 1, "c/timestamp.txt": 1})
    assert read_submission(tmp_path, QUIZ).files == ("c/timestamp.txt",)
    assert choose_files([("a", 1), ("a/b", 1)])[0] == ["a"]


def test_the_copy_holds_what_was_taken_and_says_what_was_not(tmp_path):
    lay(tmp_path / "in", **{QUIZ: 3, "lib/helper.py": 2, "big.bin": limits.FILES_BYTES + 1})
    (tmp_path / "in" / "left-out.txt").write_text("secret.zip is encrypted\n")
    read_submission(tmp_path / "in", QUIZ).copy_to(tmp_path / "out")
    assert {str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file()} == {
        QUIZ,
        "lib/helper.py",
        "left-out.txt",
    }
    first, second = read_left_out(tmp_path / "out")
    assert first == "secret.zip is encrypted"
    assert read_submission(tmp_path / "out").left_out == ()
    assert second.endswith(": big.bin")


def test_the_fingerprint_stands_for_names_contents_and_version(tmp_path):
    lay(tmp_path, **{QUIZ: 1})
    seen = [read_submission(tmp_path, QUIZ).hash(version) for version in (b"1", b"2")]
    (tmp_path / QUIZ).write_bytes(b"x")
    seen.append(read_submission(tmp_path, QUIZ).hash(b"1"))
    (tmp_path / QUIZ).rename(tmp_path / "other.ipynb")
    seen.append(read_submission(tmp_path, QUIZ).hash(b"1"))
    assert len(set(seen)) == 4


def test_a_name_can_be_whatever_the_system_allows(tmp_path):
    names = [b"caf\xe9.py", b"a\nb\x1b[2J", b"=1+1", "ü".encode()]
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).touch()
    submission = read_submission(tmp_path)
    assert len(submission.files) == 4
    submission.copy_to(tmp_path / "out")
    assert sorted(os.listdir(os.fsencode(tmp_path / "out"))) == sorted(names)
