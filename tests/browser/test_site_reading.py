"""The pages to read as they are built: links, keys, other hosts, a phone, the keyboard, print, axe."""

import re
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

from ..classroom.build.test_student_bundle import secrets_of_the_bank, squeezed

pytestmark = pytest.mark.needs("site")
SITE = (Path(__file__).parents[2] / "build" / "site").resolve()
READ = SITE / "read"
KINDS = ["index", "search", "guide", "cheat_sheet", "api/figures", "teaching/02"]
KINDS += ["self_check/quiz1_single_layer_attention", "lessons/01_single_layer_attention"]
"""A page of each kind."""


@pytest.fixture(scope="module")
def pages():
    """All pages but those of the live edition, which JupyterLite makes."""
    files = (path for path in SITE.rglob("*.html") if "live" not in path.relative_to(SITE).parts)
    return {path: BeautifulSoup(path.read_text("utf-8"), "html.parser") for path in files}


@pytest.fixture(scope="module")
def identifiers(pages):
    return {path: {element["id"] for element in page.select("[id]")} for path, page in pages.items()}


@pytest.fixture
def opened(chromium, site_address, request):
    """Opens a page of the reading edition; at the end nothing has gone wrong in it."""
    options = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}
    context = chromium.new_context(**options | getattr(request, "param", {}))
    page, wrong = context.new_page(), []
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: wrong.append((page.url, str(error))))
    page.on("console", lambda said: said.type == "error" and wrong.append((page.url, said.text)))

    def ours_alone(route):
        if not route.request.url.startswith(site_address):
            wrong.append((page.url, route.request.url))
            return route.abort()
        return route.continue_()

    context.route(re.compile("^(http|ws)"), ours_alone)

    def open_page(name):
        page.goto(f"{site_address}read/{name}.html")
        return page

    yield open_page
    context.close()
    assert wrong == []


def test_every_link_leads_somewhere_and_every_file_lies_in_the_site(pages, identifiers):
    assert len(pages) > 25
    wrong = []
    for path, page in pages.items():
        for element in page.select("[href], [src]"):
            link = urlsplit(element.get("href") or element["src"])
            if link.scheme or link.netloc:
                ours = element.name == "a" or link.scheme == "data" or element.get("rel") == ["canonical"]
                wrong += [] if ours else [(path.name, link.geturl())]
                continue
            target = (path.parent / unquote(link.path)).resolve() if link.path else path
            target /= "index.html" if target.is_dir() else ""
            there = target.exists() and SITE in target.parents
            there &= not link.fragment or unquote(link.fragment) in identifiers.get(target, {link.fragment})
            notebook = parse_qs(link.query).get("path", [""])[0]
            there &= not notebook or (SITE / "live" / "files" / notebook).exists()
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


def test_a_page_says_in_its_head_what_it_is_and_in_which_language(pages):
    for path, page in pages.items():
        assert page.html["lang"] == "en", path
        if path.name == "404.html":
            continue
        assert page.select_one('meta[name="viewport"]'), path
        assert page.select_one('link[rel~="icon"]'), path
        assert page.select_one('meta[name="description"]') or path.name == "search.html", path
    titles = Counter(page.title.get_text() for page in pages.values())
    assert [title for title, times in titles.items() if times > 1] == []


def test_no_page_shows_markup_that_was_not_understood(pages):
    marks = re.compile(r"\| ?-{3}|\|—|\*\*[A-Z]|={8}|\$\\|Shift\+Enter\b.{0,9}, from the top")
    for path, page in pages.items():
        for code in page.select("pre, code, script, style"):
            code.decompose()
        assert not marks.search(page.get_text()), path


def test_on_a_phone_no_page_is_wider_than_the_screen(opened):
    too_wide = []
    for path in sorted(READ.rglob("*.html")):
        page = opened(path.relative_to(READ).with_suffix("").as_posix())
        widths = page.evaluate(
            "[document.documentElement, document.querySelector('.content')].map(e => e.scrollWidth)"
        )
        too_wide += [(path.name, widths)] if max(widths) > 390 else []
    assert too_wide == []


@pytest.mark.parametrize(
    ("opened", "rules"),
    [({"color_scheme": "light"}, {}), ({"color_scheme": "dark"}, {"runOnly": ["color-contrast"]})],
    indirect=["opened"],
    ids=["light", "dark"],
)
def test_axe_finds_nothing_serious(opened, rules):
    wrong = []
    for name in KINDS:
        for each in (
            Axe().run(opened(name), options={"resultTypes": ["violations"]} | rules).response["violations"]
        ):
            if each["impact"] in ("serious", "critical"):
                wrong.append((name, each["id"], each["nodes"][0]["html"]))
    assert wrong == []


def test_what_a_finger_navigates_with_is_large_enough(opened):
    page = opened("lessons/02_matrix_product_rollout")
    small = """selector => [...document.querySelectorAll(selector)].filter(e => e.checkVisibility())
        .map(e => [e.outerHTML.slice(0, 99), e.getBoundingClientRect()])
        .filter(([, box]) => box.width < 44 || box.height < 44)"""
    assert page.evaluate(small, ".mobile-header :is(a, label, button), .doors a, .related-pages a") == []
    assert page.evaluate(small.replace("44", "24"), "summary") == []
    page.get_by_role("button", name="Pages").click()
    page.locator(".sidebar-drawer a").first.wait_for()
    assert page.evaluate(small, ".sidebar-drawer :is(a, label, input[type=search])") == []


def test_the_keyboard_alone_opens_the_menu_and_skips_it(opened):
    page = opened("lessons/01_single_layer_attention")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("skip-to-content")
    page.keyboard.press("Tab")
    menu = page.get_by_role("button", name="Pages")
    assert menu.get_attribute("aria-expanded") == "false"
    assert menu.evaluate("menu => menu === document.activeElement")
    page.keyboard.press("Enter")
    assert menu.get_attribute("aria-expanded") == "true"
    assert page.evaluate("!!document.activeElement.closest('.sidebar-drawer')")
    page.keyboard.press("Escape")
    assert menu.get_attribute("aria-expanded") == "false"
    assert menu.evaluate("menu => menu === document.activeElement")
    reached = 'document.activeElement.closest("article")'
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate(f"!!{reached}"):
            break
    assert page.evaluate(f"!!{reached}"), "the closed menu takes the keyboard"


def test_a_search_by_keyboard_finds_a_lesson(opened):
    page = opened("search")
    page.locator(".search-here input").focus()
    page.keyboard.type("attention sink")
    page.keyboard.press("Enter")
    found = page.locator("#search-results li a[href*='lessons/']").first
    found.wait_for()
    found.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/lessons/*.html*")


@pytest.mark.parametrize("opened", [{"color_scheme": "dark"}], indirect=True)
def test_print_is_light_has_the_folded_sections_and_the_cheat_sheet_on_one_page(opened):
    page = opened("lessons/01_single_layer_attention")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.body.dataset.jpThemeLight") == "true"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("details.deeper:not([open])").count()
    assert not page.locator(".sidebar-drawer, .is-read, details.hide").locator("visible=true").count()
    sheet = opened("cheat_sheet").pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
