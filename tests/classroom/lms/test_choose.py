"""Choosing the notebook that counts needs no course and no gradebook."""

from rollout_lab.classroom.lms.base import Person, Upload
from rollout_lab.classroom.lms.download import File, HandedIn, choose_notebook


def file(path: str, quiz: str | None = None, trouble: str | None = None) -> File:
    return File(f"ada_1_{path}", path, Upload("1", "ada", path), None, 10, quiz=quiz, trouble=trouble)


def choose(*files: File, **not_taken: list[str]):
    return choose_notebook(HandedIn(Person("1", "ada"), list(files), not_taken), "quiz1")


def test_the_newest_notebook_of_the_quiz_counts_and_the_others_are_named():
    old, new = file("old.ipynb", "quiz1"), file("new.ipynb", "quiz1")
    choice = choose(
        old, new, file("other.ipynb", "quiz2"), file("cut.ipynb", None, "breaks off"), file("a.py")
    )
    assert choice.notebook is new
    assert choice.not_taken == []
    assert choice.notes == [
        "ada: ada_1_new.ipynb counts, ada_1_old.ipynb stays in the download",
        "ada: ada_1_new.ipynb counts, ada_1_other.ipynb stays in the download",
        "ada: ada_1_new.ipynb counts, ada_1_cut.ipynb stays in the download (cut.ipynb breaks off)",
    ]


def test_the_only_notebook_that_may_be_the_quiz_counts():
    cut = file("cut.ipynb", None, "breaks off at line 1")
    choice = choose(file("other.ipynb", "quiz2"), cut)
    assert choice.notebook is cut
    assert choice.notes == ["ada: ada_1_cut.ipynb was taken for the quiz. It breaks off at line 1"]
    assert "holds none of the quiz's cells" in choose(file("a.ipynb")).notes[0]


def test_where_none_counts_each_file_is_named_with_the_reason():
    others = file("a.ipynb"), file("b.ipynb", None, "is a web page"), file("c.ipynb", "quiz2")
    choice = choose(*others, file("work.7z"), file("sorry.txt"), **{"as it is a link": ["ada_1_link"]})
    assert choice.notebook is None
    assert [line.partition(" ")[2] for line in choice.not_taken] == [
        "holds no cells of quiz1",
        "is a web page",
        "holds the cells of quiz2, not of quiz1",
        "is an archive that is not opened here: ask for the notebook itself, or for one zip file",
        "came without a notebook of the quiz",
        "is a link",
    ]
    assert choose().not_taken == ["ada handed in an archive without a file"]
