"""Explorers, predictions and practice move on the pages to read, with no kernel and no other host."""

import gzip
import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from rollout_lab.quiz.checking import gap_item

from .jupyterlab import CONTROLS, turn

pytestmark = pytest.mark.needs("site")
SITE = (Path(__file__).parents[2] / "build" / "site").resolve()
STILLS = SITE / "read" / "_static" / "still"
LESSONS = sorted(path.stem for path in (SITE / "read" / "lessons").glob("*.html"))
FIRST, THIRD = "lessons/00_start_here", "lessons/03_identity_augmentation"


UNFOLD = """addEventListener("DOMContentLoaded", () => {
  for (const section of document.querySelectorAll("details.deeper")) section.open = true;
});"""


@pytest.fixture
def read(chromium, site_address):
    """Opens a page, unfolded, once its widgets are there; in the end nothing was logged and no host asked."""
    context, wrong = chromium.new_context(viewport={"width": 1280, "height": 900}, has_touch=True), []
    context.set_default_timeout(10_000)

    def only_here(route):
        here = route.request.url.startswith(site_address)
        wrong.extend([] if here else [route.request.url])
        route.continue_() if here else route.abort()

    context.route("**/*", only_here)
    context.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    context.on("weberror", lambda error: wrong.append(str(error.error)))

    def open_page(name, scheme="light"):
        page = context.new_page()
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.add_init_script(UNFOLD)
        page.goto(f"{site_address}read/{name}.html")
        page.wait_for_function(
            "() => [...document.querySelectorAll('[data-rollout-view]')].every((e) => e.dataset.still)"
        )
        return page

    yield open_page
    context.close()
    assert wrong == []


def explorers(name):
    """The places of a lesson's explorers, by what its page carries."""
    there = json.loads(gzip.decompress((STILLS / f"{name}.still").read_bytes()))["widgets"]
    return [place for place, widget in there.items() if "blocks" in widget]


def question(page, item):
    """The widget of a question on a page, by its item."""
    name = page.url.rpartition("/")[2].removesuffix(".html")
    there = json.loads(gzip.decompress((STILLS / f"{name}.still").read_bytes()))["widgets"]
    (place,) = [place for place, widget in there.items() if widget.get("kept") == item]
    return page.locator(f'[data-rollout-view="{place}"]')


@pytest.mark.parametrize("name", [name for name in LESSONS if name != "refresher"])
def test_each_control_of_each_explorer_moves_what_is_shown(read, name):
    page = read(f"lessons/{name}")
    assert explorers(name)
    for place in explorers(name):
        widget = page.locator(f'[data-rollout-view="{place}"] .rollout-live')
        controls = widget.locator(CONTROLS)
        assert controls.count()
        for control in controls.all():
            alone = "is one single path" in widget.inner_text()  # there is no second path to show
            if not (alone and "Paths" in control.locator("..").inner_text()):
                turn(control, widget)


def test_a_path_is_followed_by_mouse_and_by_keyboard(read):
    page = read(FIRST)
    tracer = page.locator('[data-rollout-view="w1"]')
    said = tracer.locator(".status")
    expect(said).to_contain_text("R[?8, 9:d→0]")
    tracer.get_by_role("radio", name="Source 5:b→9").locator(".name").hover()
    expect(said).to_contain_text("5:b→9]")
    page.mouse.move(0, 0)
    expect(said).to_contain_text("R[?8, 9:d→0]")
    tracer.get_by_role("radio", name="Source 8:c→9").locator(".name").click()
    expect(said).to_contain_text("8:c→9]")
    tracer.get_by_role("combobox").focus()  # from here on by keyboard alone
    role = "document.activeElement.getAttribute('aria-label')"
    for _tab in range(8):
        page.keyboard.press("Tab")
        if str(page.evaluate(role)).startswith("Source"):
            break
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("9:d→0]")


def test_a_path_is_followed_by_touch_on_a_phone(read):
    page = read(FIRST)
    page.set_viewport_size({"width": 390, "height": 844})
    tracer = page.locator('[data-rollout-view="w1"]')
    tracer.get_by_role("radio", name="Source 8:c→9").locator(".name").tap()
    expect(tracer.locator(".status")).to_contain_text("8:c→9]")
    question(page, "prediction-00-sums-to-one").get_by_role("button", name=re.compile("Every row")).tap()
    expect(page.locator('[data-rollout-reveal="00-sums-to-one"] .told')).to_contain_text(
        "✓ As you predicted."
    )


def test_a_prediction_is_kept_set_beside_what_came_out_and_mended(read):
    page = read(FIRST)
    outcome = page.locator('[data-rollout-reveal="00-sums-to-one"]')
    told = outcome.locator(".told")
    expect(told).to_be_hidden()
    asked = question(page, "prediction-00-sums-to-one")
    asked.get_by_role("button", name=re.compile("Every column")).click()
    expect(asked.get_by_role("status")).to_contain_text("Kept.")
    expect(told).to_contain_text("You predicted: Every column")
    expect(told).to_contain_text("✗ Not what you predicted.")
    lesson = told.get_by_role("link").first
    assert lesson.get_attribute("href").endswith(".html") or ".html#" in lesson.get_attribute("href")
    asked.get_by_role("button", name=re.compile("Every row")).press("Enter")
    expect(told).to_contain_text("✓ As you predicted.")
    page.reload()
    expect(told).to_contain_text("✓ As you predicted.")
    page.get_by_role("button", name="Forget them").click()
    expect(told).to_be_hidden()


def test_an_outcome_is_read_without_a_prediction(read):
    page = read(FIRST)
    outcome = page.locator('[data-rollout-reveal="00-above-every-layer"]')
    outcome.get_by_text("Show what came out").click()
    expect(outcome.locator(".told")).to_contain_text("What comes out: 2 of 970 pairs")


def test_an_outcome_knows_what_was_predicted_on_another_page(read):
    page = read(FIRST)
    question(page, "prediction-00-what-the-model-used").get_by_role("button").nth(1).click()
    page = read("lessons/05_does_rollout_match_the_model")
    outcome = page.locator('[data-rollout-reveal="00-what-the-model-used"] .told')
    expect(outcome).to_contain_text("You predicted: Both equally well")


def test_a_number_is_diagnosed_mended_and_kept_and_the_thought_is_asked_for(read):
    page = read(THIRD)
    asked = question(page, "practice-row-sum-of-a-recursion")
    field, status = asked.get_by_role("textbox").first, asked.get_by_role("status").first
    field.fill("many")
    field.press("Enter")
    expect(status).to_contain_text("“many” is no number.")
    field.fill(" 1,0 ")
    asked.get_by_role("button", name="Check").click()
    expect(status).to_contain_text("Not yet.")
    expect(status.get_by_role("link")).to_have_attribute("href", re.compile(r"\.html#"))
    asked.get_by_role("button", name="Yes").click()
    expect(asked).to_contain_text("Kept in this browser, for you alone.")
    field.fill("500 %")
    field.press("Enter")
    expect(status).to_contain_text("Right.")
    page.reload()
    expect(status).to_contain_text("Right.")


def test_a_choice_a_gap_and_a_self_check_are_judged_and_code_says_that_it_needs_python(read):
    page = read("lessons/02_matrix_product_rollout")
    asked = question(page, "practice-which-layer-first")
    said = []
    for button in asked.locator("button[data-letter]").all():
        button.click()
        said.append(asked.get_by_role("status").first.inner_text())
    assert sorted(text.split(".")[0].lstrip("✓✗ ") for text in said) == ["Not yet"] * (len(said) - 1) + [
        "Right"
    ]
    gap = question(page, "gap-02-half-from-a")
    gap.get_by_role("textbox").first.fill(", ".join(map(str, gap_item("02-half-from-a").key)))
    gap.get_by_role("button", name="Check").click()
    expect(gap.get_by_role("status").first).to_contain_text("Yes, that agrees.")
    assert "Your turn: put" not in page.locator("article").inner_text()
    page = read("self_check/quiz1_single_layer_attention")
    assert answered(question(page, "self-check-q1")) == ["Not yet", "Not yet", "Not yet", "Right"]
    expect(page.get_by_text("Python judges it at once. That needs")).to_have_count(4)


def answered(asked):
    """What each letter of a question is told first, sorted."""
    said = []
    for button in asked.locator("button[data-letter]").all():
        button.click()
        said.append(asked.get_by_role("status").first.inner_text().split(".")[0].lstrip("✓✗ "))
    return sorted(said)


def test_widgets_follow_the_dark_theme(read):
    ink = {}
    for scheme in ("light", "dark"):
        page = read(FIRST, scheme)
        assert page.locator("body").get_attribute("data-jp-theme-light") == str(scheme == "light").lower()
        ink[scheme] = page.locator(".rollout-live .status").first.evaluate("e => getComputedStyle(e).color")
    assert sum(channels(ink["dark"])) > 500 > 200 > sum(channels(ink["light"]))


@pytest.mark.parametrize(("name", "scheme"), [(FIRST, "light"), (THIRD, "dark")])
def test_what_moves_fits_a_phone_and_axe_finds_nothing_serious(read, name, scheme):
    page = read(name, scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


def channels(colour):
    return [int(each) for each in re.findall(r"\d+", colour)[:3]]


@pytest.mark.parametrize("name", LESSONS)
def test_a_page_with_all_that_moves_it_is_below_two_megabytes(name):
    page = SITE / "read" / "lessons" / f"{name}.html"
    there = page.read_text("utf-8")
    files = [page.parent / picture for picture in set(re.findall(r'<img[^>]*src="([^":]+)"', there))]
    files += [page, *STILLS.glob("*.js"), *STILLS.glob("*.css"), STILLS / f"{name}.still"]
    assert sum(path.stat().st_size for path in files) < 2_000_000
    assert len(files) > 10


@pytest.mark.parametrize("name", LESSONS)
def test_no_page_asks_to_write_into_a_cell(name):
    there = (SITE / "read" / "lessons" / f"{name}.html").read_text("utf-8")
    assert "put your answer in" not in " ".join(there.split())
