"""course/README.md shows each lesson as it is now, and documents link to the addresses that are known."""

import re
import shutil

import pytest
from PIL import Image

from rollout_lab.classroom.build.gallery import ALT, CELL, WORDS, built_gallery, gallery
from rollout_lab.classroom.build.repository import Addresses, addressed, addresses, built_citation

from ..nbgrader_class import ROOT


def test_every_lesson_is_shown_in_order():
    assert [each.name for each in gallery(ROOT)] == [
        path.stem for path in sorted((ROOT / "course" / "text").glob("[0-9]*.py"))
    ]


@pytest.mark.parametrize("lesson", gallery(ROOT), ids=lambda lesson: lesson.name)
def test_a_picture_is_what_its_cell_draws_now_and_has_a_text_alternative(lesson):
    with Image.open(ROOT / lesson.picture) as picture:
        assert picture.info[CELL] == lesson.cell, "draw it anew: python -m tools.make_gallery"
        assert len(picture.info[ALT]) > 20
    page = built_gallery(ROOT)
    assert f"]({lesson.name}.ipynb)" in page
    assert f'src="../{lesson.picture.as_posix()}"' in page


def test_a_picture_that_no_cell_draws_and_one_that_is_not_there_are_named(tmp_path):
    for folder in ("course/text", "quizzes/bank"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    with pytest.raises(FileNotFoundError, match=r"00\.png is missing; make it with python -m tools"):
        built_gallery(tmp_path)
    words = tmp_path / WORDS
    words.write_text(words.read_text("utf-8").replace("Picture: the four means", "Picture: no such"), "utf-8")
    with pytest.raises(
        ValueError, match=r"0 cells of 05_does_rollout_match_the_model begin with '# Picture: no"
    ):
        gallery(tmp_path)


def test_links_are_there_once_their_addresses_are_known():
    readme = (ROOT / "README.md").read_text("utf-8")
    known = Addresses("https://host.example/us/lab", "https://us.example/lab")
    text = addressed(readme, known)
    assert "\ngit clone https://host.example/us/lab rollout-lab && cd rollout-lab\nmake lab " in text
    assert "](https://us.example/lab/)" in text
    assert addressed(text, known) == text
    assert addressed(text, Addresses("", "")) == addressed(readme, Addresses("", ""))


def test_the_citation_gains_them_too_and_what_is_no_address_is_refused(tmp_path):
    for name in ("CITATION.cff", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    for address in ("https://host.example/us/lab", ""):
        new = re.sub(r'(?m)^repository = ".*"', f'repository = "{address}"', settings)
        (tmp_path / "pyproject.toml").write_text(new, "utf-8")
        text = built_citation(tmp_path)
        (tmp_path / "CITATION.cff").write_text(text, "utf-8")
        assert (f'repository-code: "{address}"\n' in text) == bool(address)
    for wrong in ("us/lab", "https://host.example/", "https://a b"):
        (tmp_path / "pyproject.toml").write_text(
            settings.replace('repository = ""', f'repository = "{wrong}"')
        )
        with pytest.raises(
            ValueError, match=r"repository is .*; expected an address that begins with https://"
        ):
            addresses(tmp_path)
