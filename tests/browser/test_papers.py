"""The instructor's papers on the screen: accessible, and with nothing from elsewhere."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from rollout_lab.classroom.build.bank import load_course
from rollout_lab.classroom.build.papers import papers

from .conftest import ROOT

PAGES = papers(load_course(ROOT / "quizzes" / "bank"), ROOT / "course" / "text")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_paper_is_accessible_and_asks_nothing_of_other_places(chromium, tmp_path, name, scheme):
    path = tmp_path / name
    path.write_text(PAGES[name], "utf-8")
    context = chromium.new_context(color_scheme=scheme)
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.goto(path.as_uri())
    violations = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in violations] == []
    assert asked == [path.as_uri()]
    page.emulate_media(media="print")
    wide = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert wide, "nothing runs over the paper's edge"
    context.close()
