"""The report on a class as an instructor opens it: a dozen students, and a thousand."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from rollout_lab.classroom.build.bank import load_course, option_orders
from rollout_lab.classroom.report.class_report import report

from ..classroom import known_class
from ..classroom.nbgrader_class import ROOT
from .conftest import SCREENSHOTS


@pytest.fixture(scope="module")
def dozen(tmp_path_factory):
    course = load_course(ROOT / "quizzes" / "bank")
    orders = option_orders(course, course.seeds["options"])
    keys = {item: "ABCD"[order.index(course.items[item].key)] for item, order in orders.items()}
    answers = known_class.answers_of_class(course, keys)
    return known_class.graded_class(tmp_path_factory.mktemp("dozen"), answers)


@pytest.fixture(scope="module")
def pages(dozen, tmp_path_factory):
    """The page files by how many students they tell of."""
    many = dozen.copy_to(tmp_path_factory.mktemp("thousand"))
    known_class.multiply(many, 1000)
    return {n: report(c.course, known_class.QUIZ).page for n, c in ((12, dozen), (1000, many))}


@pytest.fixture(params=[(12, "light"), (12, "dark"), (1000, "light"), (1000, "dark")], ids=str)
def page(chromium, pages, request):
    """A page opened from disk; whatever it asks for or complains of is noted."""
    students, scheme = request.param
    context = chromium.new_context(color_scheme=scheme)
    page = context.new_page()
    page.said = []
    page.on("request", lambda asked: page.said.append(asked.url))
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.file = pages[students]
    page.goto(page.file.as_uri())
    page.name = f"report-{students}-{scheme}.png"
    yield page
    context.close()


def test_the_page_is_accessible_when_unfolded_and_needs_nothing_from_elsewhere(page):
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / page.name, full_page=True)
    assert page.locator("details").count() > 0
    for summary in page.locator("summary").all()[:12]:  # the tables of a thousand students are all alike
        summary.click()
    assert page.locator("details[open]").count() == min(page.locator("details").count(), 12)
    violations = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in violations] == []
    assert page.said == [page.file.as_uri()]
    assert page.locator("script").count() == 0


def test_plots_have_a_name_and_tell_their_numbers(page):
    plots = page.get_by_role("img")
    assert plots.count() == 2
    for plot, name in zip(
        plots.all(), ("How many students have which score", "How each item was answered"), strict=True
    ):
        assert plot.get_attribute("aria-labelledby") == plot.locator("title").get_attribute("id")
        assert plot.locator("title").text_content() == name
        assert len(re.findall(r"\d+", plot.locator("desc").text_content())) >= 5
        assert page.get_by_role("img", name=name).count() == 1


def test_plots_take_the_colours_of_the_theme(page):
    ink = page.evaluate("getComputedStyle(document.body).color")
    axis = page.locator("svg text").first
    assert axis.evaluate("element => getComputedStyle(element).fill") == ink
    bar = page.locator("#scores-patch_1 path, #scores-patch_2 path").first
    link = page.locator("nav a").first.evaluate("element => getComputedStyle(element).color")
    assert bar.evaluate("element => getComputedStyle(element).fill") == link


def test_what_is_folded_unfolds_by_keyboard(page):
    for _step in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    folded = page.locator("details:has(summary:focus)")
    assert folded.get_attribute("open") is None
    page.keyboard.press("Enter")
    assert folded.get_attribute("open") is not None
    assert folded.locator("table").is_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_not_wider_than_the_window(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_links_within_the_page_lead_somewhere(page):
    links = {link.get_attribute("href") for link in page.locator("a").all()}
    within = {link for link in links if link.startswith("#")}
    assert {"#reteach", "#items", "#item-q2", "#shared-sum-for-product"} <= within
    assert [link for link in within if page.locator(f"[id='{link[1:]}']").count() != 1] == []


def test_on_paper_the_names_begin_on_a_page_of_their_own(page):
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    for name in ("groups", "students"):
        part = page.locator(f"section[aria-labelledby={name}]")
        assert part.evaluate("element => getComputedStyle(element).breakBefore") == "page"
