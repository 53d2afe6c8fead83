"""The reading edition as it is built: links, keys, other hosts, a phone's width, axe in light and dark."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

from ..classroom.build.test_student_bundle import secrets_of_the_bank, squeezed

pytestmark = pytest.mark.needs("site")
READ = (Path(__file__).parents[2] / "build" / "site" / "read").resolve()
PAGES = ["index", "guide", "cheat_sheet", "api/rollout", "self_check/quiz1_single_layer_attention"]
PAGES += ["lessons/01_single_layer_attention", "lessons/04_what_rollout_captures"]


@pytest.fixture(scope="module")
def pages():
    return {path: BeautifulSoup(path.read_text("utf-8"), "html.parser") for path in READ.rglob("*.html")}


def test_every_link_leads_somewhere_and_every_file_lies_in_the_site(pages):
    assert len(pages) > 25
    wrong = []
    for path, page in pages.items():
        for element in page.select("[href], [src]"):
            link = urlsplit(element.get("href") or element["src"])
            if link.scheme or link.netloc:
                wrong += [(path.name, link.geturl())] * (element.name != "a" and link.scheme != "data")
                continue
            target = (path.parent / unquote(link.path)).resolve() if link.path else path
            there = target.exists() and not (
                link.fragment and target in pages and not pages[target].find(id=unquote(link.fragment))
            )
            wrong += [] if there else [(path.name, link.geturl())]
    assert wrong == []


def test_no_page_holds_a_key_or_a_solution(pages):
    texts = {path.name: squeezed(page.get_text()) for path, page in pages.items()}
    texts["search"] = squeezed((READ / "searchindex.js").read_text("utf-8"))
    found = [
        (n, what) for n, text in texts.items() for what, key in secrets_of_the_bank().items() if key in text
    ]
    assert found == []


def test_a_page_with_its_pictures_is_below_two_megabytes_and_each_picture_says_what_it_shows(pages):
    for path, page in pages.items():
        assert not page.select("img:not([alt])"), path
        pictures = {image["src"] for image in page.select("img[src]") if "data:" not in image["src"]}
        size = path.stat().st_size + sum((path.parent / name).stat().st_size for name in pictures)
        assert size < 2_000_000, path


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_fit_a_phone_ask_no_other_host_and_axe_finds_nothing_serious(chromium, theme):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=theme)
    page, wrong = context.new_page(), []
    page.on("request", lambda request: wrong.append(request.url) if request.url.startswith("http") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    for name in PAGES:
        page.goto(f"{READ.as_uri()}/{name}.html")
        if (width := page.evaluate("document.documentElement.scrollWidth")) > 390:
            wrong.append((name, width))
        violations = Axe().run(page).response["violations"]
        wrong += [
            (name, v["id"], v["nodes"][0]["html"])
            for v in violations
            if v["impact"] in ("serious", "critical")
        ]
    context.close()
    assert wrong == []
