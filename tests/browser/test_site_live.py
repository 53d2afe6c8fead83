"""The live edition in Chromium: every lesson runs, answers are judged and kept, and no other host is asked.

One server and one browser, which is closed once. Names of other hosts lead nowhere in it.
"""

import functools
import re
import time

import pytest

from .. import needs
from .conftest import CHROMIUM_FLAGS, ROOT, SCREENSHOTS
from .jupyterlab import CONTROLS, NOT_OURS, Lab, turn

pytestmark = pytest.mark.needs("live")
SITE = ROOT / "build" / "site"
LESSON, QUIZ = "01_single_layer_attention", "self_check/quiz1_single_layer_attention"
OTHERS = [
    "00_start_here",
    "02_matrix_product_rollout",
    "03_identity_augmentation",
    "04_what_rollout_captures",
]
OTHERS += ["05_does_rollout_match_the_model", "06_applications_and_limits", "refresher"]
OTHERS += ["self_check/quiz2_matrix_product", "self_check/quiz3_identity_augmentation"]
PAIRS = [
    OTHERS[i : i + 2] for i in range(0, len(OTHERS), 2)
]  # two cores start two kernels in the time of one
WRONG = "def softmax(scores):\n    return np.exp(scores) / np.exp(scores).sum()"
RIGHT = "def softmax(scores):\n    e = np.exp(scores - scores.max(axis=-1, keepdims=True))\n"
RIGHT += "    return e / e.sum(axis=-1, keepdims=True)"


class Live(Lab):
    """A page of the live edition. JupyterLite asks its server for folders and files that are not there."""

    def __init__(self, page, address, name):
        super().__init__(page, address, SCREENSHOTS, name)
        page.set_default_timeout(180_000)
        page.on("console", self._forgive)

    def _forgive(self, message):
        place = message.location.get("url", "")
        if "404" in message.text and ("/api/contents/" in place or any(word in place for word in NOT_OURS)):
            self.errors.remove(message.text)

    def start(self, notebook):
        self.began = time.monotonic()
        self.page.goto(f"{self.address}/notebooks/index.html?path={notebook}.ipynb", wait_until="commit")
        return self

    def run_when_ready(self):
        self.wait_for_kernel()
        self.ready = time.monotonic() - self.began
        self.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")

    def failures(self):
        """Without the progress that a computation prints where it takes long."""
        return [line for line in super().failures() if not re.fullmatch(r"stderr: \w+: 100%\n", line)]

    def write(self, text, source):
        """Replace the source of the first cell that holds the text, and run that cell."""
        self.page.evaluate(
            """async ([index, source]) => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                notebook.activeCellIndex = index;
                notebook.widgets[index].model.sharedModel.setSource(source);
                await window.jupyterapp.commands.execute("notebook:run-cell");
            }""",
            [next(i for i, cell in enumerate(self.cells()) if text in cell["source"]), source],
        )

    def turn_explorers(self):
        """Turn a control of each explorer; the number of explorers."""
        self.page.evaluate("window.jupyterapp.commands.execute('notebook:expand-all-headings')")
        found = 0
        for source in [cell["source"] for cell in self.cells() if cell["source"].startswith("# Explorer:")]:
            explorer = self.cell(source).locator(".jp-Cell-outputArea")
            if explorer.locator(CONTROLS).count():
                turn(explorer.locator(CONTROLS).first, explorer)
                found += 1
        return found

    def printed(self, text):
        return "".join(
            output.get("text", "")
            for cell in self.cells()
            for output in cell["outputs"]
            if text in cell["source"]
        )


class Browser:
    """Chromium with a profile on disk; what its pages ask of other hosts is noted."""

    def __init__(self, playwright, profile, address):
        self.address, self.outside = address, []
        self.start = functools.partial(
            playwright.chromium.launch_persistent_context,
            profile,
            executable_path=needs.chromium(),
            args=[*CHROMIUM_FLAGS, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
            viewport={"width": 1280, "height": 900},
            locale="en-GB",
        )
        self.open()

    def open(self):
        self.context = self.start()
        self.context.on("request", lambda request: self._note(request.url))

    def _note(self, url):
        host = re.match(r"\w+://[^/]+/", self.address)[
            0
        ]  # it is asked at its root, too, whether it keeps files
        if not url.startswith((host, "blob:", "data:")):
            self.outside.append(url)

    def page(self, notebook):
        return Live(self.context.new_page(), self.address, notebook.replace("/", "_")).start(notebook)


@pytest.fixture(scope="module")
def browser(playwright, tmp_path_factory, site_address):
    SCREENSHOTS.mkdir(exist_ok=True)
    browser = Browser(playwright, tmp_path_factory.mktemp("profile"), f"{site_address}live")
    yield browser
    browser.context.close()


def run_both(browser, names):
    pages = [browser.page(name) for name in names]
    for page in pages:
        page.run_when_ready()
    for page in pages:
        page.wait_until_run()
    return pages


def test_the_text_is_there_and_says_what_is_waited_for_before_python_has_started(browser):
    page = browser.page("00_start_here")
    page.page.get_by_text("Python starts in this browser").wait_for()
    said = time.monotonic() - page.began
    page.page.frame_locator("#meanwhile").get_by_role("heading", level=1).wait_for()
    text = time.monotonic() - page.began
    page.screenshot("live_meanwhile")
    page.page.locator(".jp-Notebook h1").first.wait_for()
    notebook = time.monotonic() - page.began
    page.page.locator("#meanwhile").wait_for(state="detached")
    assert page.page.get_by_text("Python starts in this browser").is_visible()
    href = page.page.get_by_role("link", name="Or only read").get_attribute("href")
    assert (SITE / "live" / "notebooks" / href).resolve() == SITE / "read" / "lessons" / "00_start_here.html"
    painted = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    assert page.page.evaluate(painted) < 3000
    page.screenshot("live_starting")
    page.wait_for_kernel()
    python = time.monotonic() - page.began
    page.run_cells(lambda cell: "# Explorer: how did the letter" in cell["source"])
    page.cell("# Explorer: how did the letter").locator(".rollout-graph").first.wait_for()
    first = time.monotonic() - page.began
    times = {"line": said, "text": text, "notebook": notebook, "Python": python, "first output": first}
    print("", *(f"{what} after {seconds:.1f} s" for what, seconds in times.items()), sep="\n")
    page.page.get_by_text("Python is ready").wait_for(state="hidden")
    assert page.errors == []
    page.page.close()


@pytest.mark.parametrize("names", PAIRS, ids=" and ".join)
def test_notebooks_run_to_their_end_without_an_error(browser, names):
    for page in run_both(browser, names):
        assert page.failures() == []
        page.screenshot(f"live_{page.name}")
        assert bool(page.turn_explorers()) != page.name.startswith("self_check")
        assert page.errors == []
        print(f"\n{page.name}: Python after {page.ready:.0f} s")
        page.page.close()
    assert browser.outside == []


@pytest.fixture(scope="module")
def lesson_and_quiz(browser):
    """Both run to their end, as the others above."""
    return run_both(browser, [LESSON, QUIZ])


@pytest.fixture
def lesson(lesson_and_quiz):
    return lesson_and_quiz[0]


@pytest.fixture
def quiz(lesson_and_quiz):
    return lesson_and_quiz[1]


def test_an_explorer_moves_by_mouse_and_by_keyboard(lesson):
    assert lesson.failures() == []
    cell = lesson.cell("head_view(")
    slider, numbers, status = (
        cell.get_by_role("slider").first,
        cell.locator(".shares"),
        cell.locator(".status"),
    )
    before = numbers.inner_text()
    slider.focus()
    lesson.page.keyboard.press("ArrowRight")
    status.filter(has_text="In layer 2").wait_for()
    by_keys = numbers.inner_text()
    box = slider.bounding_box()
    lesson.page.mouse.click(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    status.filter(has_text="In layer 6").wait_for()
    assert len({before, by_keys, numbers.inner_text()}) == 3
    # Nothing chosen is None there too, though JavaScript's null is none of Python's own.
    cell.get_by_role("radio").nth(3).click()
    lesson.page.keyboard.press("Escape")
    status.filter(has_text="positions read most from").wait_for()
    assert cell.locator(".unanswered").count() == 0


def test_a_prediction_is_answered_wrong_diagnosed_and_mended(lesson):
    for letter, said in (("B", "You expected “good” to read the noun"), ("A", "✓ As you predicted")):
        question = lesson.cell('predict("01-good-reads"')
        question.locator(f"button[data-letter={letter}]").click()
        question.get_by_text("Kept. Go on").wait_for()
        lesson.page.locator(f"[data-letter={letter}][aria-pressed=true]").first.wait_for()
        lesson.run_cells(lambda cell: cell["source"].startswith('# What came out\nreveal(\n    "01-good'))
        lesson.cell("tokens[first],").get_by_text(said).first.wait_for()


def test_a_practice_item_is_answered_wrong_diagnosed_and_mended_and_its_link_opens_the_section(lesson):
    cell = lesson.cell('practice("reading-a-row"')
    cell.locator("button[data-letter=A]").click()
    cell.get_by_text("You read the map by columns").wait_for()
    cell.get_by_role("link", name="Queries read keys").filter(visible=True).click()
    heading = lesson.page.get_by_role("heading", name="Queries read keys")
    lesson.page.wait_for_function(
        "heading => Math.abs(heading.getBoundingClientRect().top - 120) < 90", arg=heading.element_handle()
    )
    cell = lesson.cell('practice("reading-a-row"')
    cell.locator("button[data-letter=B]").click()
    cell.get_by_text("✓ Right.").wait_for()
    with lesson.page.context.expect_page() as opened:
        lesson.cell("](00_start_here.ipynb)").get_by_role("link", name="lesson 00").first.click()
    assert opened.value.url == f"{lesson.address}/notebooks/index.html?path=00_start_here.ipynb"
    opened.value.close()
    assert lesson.errors == []


def test_a_written_function_is_answered_wrong_diagnosed_and_mended(quiz):
    assert quiz.failures() == []
    for source, said in ((WRONG, "Your whole array sums to 1"), (RIGHT, "Right.\n")):
        quiz.write("def softmax(", source)
        quiz.run_cells(lambda cell: cell["source"].startswith('self_check("softmax"'))
        quiz.page.wait_for_timeout(300)
        assert said in quiz.printed('self_check("softmax"')
    assert quiz.errors == []


def test_answers_are_there_after_a_restart_of_the_browser_and_a_phone_scrolls_no_page_sideways(
    lesson, browser
):
    assert browser.outside == []
    browser.context.close()
    browser.open()
    page = browser.page(LESSON)
    page.page.set_viewport_size({"width": 390, "height": 844})
    page.run_when_ready()
    page.wait_until_run()
    pressed = page.cell('practice("reading-a-row"').locator("[aria-pressed=true]").first
    assert pressed.get_attribute("data-letter") == "B"
    pressed = page.cell('predict("01-good-reads"').locator("[aria-pressed=true]").first
    assert pressed.get_attribute("data-letter") == "A"
    assert page.page.evaluate("document.documentElement.scrollWidth") <= 390
    page.screenshot("live_phone")
    assert page.failures() == []
    assert page.errors == []
    assert browser.outside == []
