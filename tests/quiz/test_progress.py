"""What is kept stays in the working copy, and without one as long as the kernel."""

import os

import pytest

from rollout_lab.quiz import progress
from rollout_lab.quiz.progress import keep, kept


@pytest.fixture
def working_copy(tmp_path, monkeypatch):
    (tmp_path / ".rollout-lab").mkdir()
    (tmp_path / "lessons").mkdir()
    monkeypatch.chdir(tmp_path / "lessons")
    monkeypatch.setattr(progress, "_memory", {})
    monkeypatch.setattr(progress, "_unwritten", set())
    return tmp_path


def new_kernel(monkeypatch):
    monkeypatch.setattr(progress, "_memory", {})


def test_what_was_kept_outlives_the_kernel(working_copy, monkeypatch):
    keep("prediction-01-scores", "about ½, “half”")
    new_kernel(monkeypatch)
    assert kept("prediction-01-scores") == "about ½, “half”"


def test_each_name_has_a_file_of_its_own_beside_the_notebooks(working_copy):
    keep("one", 1)
    keep("two", {"chosen": "B", "right": True})
    answers = working_copy / ".rollout-lab" / "answers"
    assert sorted(path.name for path in answers.iterdir()) == ["one.json", "two.json"]
    assert (kept("one"), kept("two")) == (1, {"chosen": "B", "right": True})


def test_a_later_value_takes_the_place_of_an_earlier_one(working_copy):
    keep("one", 1)
    keep("one", 2)
    assert kept("one") == 2


def test_nothing_kept_is_none(working_copy):
    assert kept("never") is None


def test_a_file_that_cannot_be_read_counts_as_none(working_copy, monkeypatch):
    keep("one", 1)
    new_kernel(monkeypatch)
    (working_copy / ".rollout-lab" / "answers" / "one.json").write_text('{"cut', "utf-8")
    assert kept("one") is None


@pytest.fixture
def unwritable(working_copy):
    answers = working_copy / ".rollout-lab" / "answers"
    answers.write_text("no folder")  # a file in its place stops everybody, an administrator too
    return answers


def test_what_cannot_be_written_is_kept_for_the_kernel_and_a_sentence_says_why_and_what_to_do(unwritable):
    said = keep("one", 1)
    assert str(unwritable) in said
    assert "File exists" in said
    assert "--target" in said
    assert kept("one") == 1


def test_what_could_be_written_is_not_spoken_of(working_copy):
    assert keep("one", 1) is None


def test_a_later_value_that_could_not_be_written_counts_until_one_can(working_copy):
    assert keep("one", 1) is None
    file = working_copy / ".rollout-lab" / "answers" / "one.json"
    file.unlink()
    file.mkdir()  # nothing can take its place
    assert keep("one", 2) is not None
    assert kept("one") == 2
    file.rmdir()
    assert keep("one", 3) is None
    assert kept("one") == 3


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here to stand for a full disk")
def test_a_full_disk_is_named_and_nothing_half_written_stays(working_copy):
    keep("one", 1)
    answers = working_copy / ".rollout-lab" / "answers"
    (answers / f"two.{os.getpid()}.part").symlink_to("/dev/full")
    said = keep("two", 2)
    assert "No space left on device" in said
    assert "Make room" in said
    assert [path.name for path in answers.iterdir()] == ["one.json"]


def test_where_even_the_folder_is_gone_nothing_fails(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    new_kernel(monkeypatch)
    assert "Not kept" in keep("one", 1)
    assert kept("one") == 1


def test_outside_a_working_copy_it_is_kept_for_the_kernel_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    new_kernel(monkeypatch)
    keep("one", 1)
    assert kept("one") == 1
    assert list(tmp_path.iterdir()) == []
    new_kernel(monkeypatch)
    assert kept("one") is None


def test_in_a_browser_the_folder_is_made_at_the_top_and_a_quiz_finds_it_too(tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "site_folder", lambda: tmp_path)
    for place in ("drive", "self_check"):
        (tmp_path / place).mkdir()
        monkeypatch.chdir(tmp_path / place)
        new_kernel(monkeypatch)
        assert kept("practice-one") == (None if place == "drive" else 1)
        assert keep("practice-one", 1) is None
    assert "this browser" in progress.where_kept()
    (tmp_path / ".rollout-lab" / "answers" / "practice-two.json").mkdir()
    assert "private window" in keep("practice-two", 1)
