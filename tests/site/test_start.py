"""The start page: what README says, no answer before the guess, and links that lead somewhere."""

import re

import pytest
from bs4 import BeautifulSoup

pytest.importorskip("nbclient")
from edition import start

from rollout_lab.classroom.build.repository import built_readme

README = built_readme(start.ROOT)
KNOWN = {"repository": "https://host.example/us/lab", "website": "https://us.example/lab"}


def page(live=False, repository="", website=""):
    text = start.page(live, repository, website, opening='alt=""', answer='alt=""')
    return BeautifulSoup(text, "html.parser")


def plain(markdown):
    return re.sub(r"[\s*^]+", "", markdown)


def test_the_page_says_of_the_course_what_the_readme_says():
    told = plain(page().get_text())
    surprises = re.findall(r"(?ms)^- (\*\*.+?)(?=\n- |\n\n)", README[: README.index("```")])
    assert len(surprises) == 2
    assert [each for each in surprises if plain(each) not in told] == []
    assert "No class has been measured yet (n = 0)" in page().get_text()
    rows = re.findall(r"(?m)^\| (0\d|00–03) \|.*\| (.+?) \|$", README)
    assert len(rows) == 8
    assert [row for row in rows if plain(row[1]) not in told] == []


def test_the_tracer_opens_on_something_else_than_the_answer_and_settles_the_guess():
    case, widget = start.cards(), start.opening(start.cards())
    opened = widget.shown
    assert (widget.values["output"], widget.values["source"]) != (case.question, case.source)
    # The bars of an output's row, and of a source's column, are in sight as well.
    assert widget.values["output"] != case.question
    assert widget.values["source"] != case.source
    shown = page()
    entry = {name: int(shown.select_one(".guesses")[f"data-{name}"]) for name in ("output", "source")}
    answer = widget.answer(**entry, k=1, residual="none")["status"]
    assert answer != opened["status"]
    (number,) = re.findall(r"= (0\.\d+) is one single path", answer)
    assert number in shown.select_one("#told").get_text()
    (right,) = [each for each in shown.select("[data-guess]") if each["data-guess"] == "Yes."]
    assert abs(start.GUESSES["all"][0] - float(number)) < 0.1
    assert right.get_text() == start.GUESSES["all"][1]
    counted = widget.answer(**entry, k=1, residual="identity")["status"]
    assert re.findall(r"= (0\.\d+) is", counted)[0] in shown.select_one("#also").get_text()
    for number in re.findall(r"0\.\d+", shown.select_one("#told").get_text()):
        assert number not in " ".join(each["content"] for each in shown.select("meta[content]"))


def test_both_sentences_draw_more_from_the_cup_though_it_means_the_box_in_one():
    looks = [each["data-look"] for each in page().select("option[data-look]")[1:]]
    assert ["means the cup" in each for each in looks] == [True, False]
    for look in looks:
        cup, box = map(float, re.findall(r"0\.\d+", look))
        assert cup > box


@pytest.mark.parametrize("known", [{}, KNOWN], ids=["unknown", "known"])
@pytest.mark.parametrize("live", [False, True])
def test_links_are_relative_and_those_that_need_an_address_are_there_with_it(known, live):
    shown = page(live, **known)
    links = [each.get("href") or each["src"] for each in shown.select("[href], [src]")]
    far = [each for each in links if re.match(r"[a-z]+:|/", each)]
    allowed = ("https://doi.org/", *known.values())
    assert [each for each in far if not each.startswith(allowed)] == []
    assert any(each.startswith("live/") for each in links) == live
    assert ("git clone https://host.example/us/lab" in shown.get_text()) == bool(known)
    assert bool(shown.select("link[rel=canonical]")) == bool(known)
    picture = shown.select_one("meta[property='og:image']")["content"]
    assert picture == ("https://us.example/lab/" if known else "") + "start/preview.png"
    assert shown.select("a[href='']") == []
    assert "$" not in shown.get_text()
