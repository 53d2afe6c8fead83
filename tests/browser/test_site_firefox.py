"""The pages to read in Firefox: they open, ask nobody else, move, answer, follow the theme, fit a phone."""

import pytest

from .. import needs
from .firefox import Firefox

pytestmark = pytest.mark.needs("site")


@pytest.fixture(scope="module")
def browser():
    browser = Firefox(needs.firefox())
    yield browser
    browser.close()


@pytest.fixture
def firefox(browser, site_address):
    """At the end of a test no page has logged an error or asked another host."""
    browser.errors.clear()
    browser.requests.clear()
    browser.resize(1280, 900)
    yield browser
    browser.evaluate("localStorage.clear()")
    server = site_address.removesuffix("site/")  # JupyterLite asks for its own heartbeat at the root
    asked = [url for url in browser.requests if url.startswith("http") and not url.startswith(server)]
    assert (browser.errors, asked) == ([], [])


MOVED = "[...document.querySelectorAll('[data-rollout-view]')].every((e) => e.dataset.still)"


def test_a_lesson_opens_with_its_formulas_pictures_and_explorers(firefox, site_address):
    firefox.open(f"{site_address}read/lessons/00_start_here.html")
    assert firefox.evaluate("document.title").startswith("Start here")
    firefox.wait_for(MOVED)
    assert firefox.evaluate("document.querySelector('math').getBoundingClientRect().width") > 5
    firefox.evaluate("document.querySelectorAll('img').forEach((image) => { image.loading = 'eager'; })")
    firefox.wait_for("[...document.images].every((image) => image.complete && image.naturalWidth)")


def test_an_explorer_moves_and_a_prediction_is_kept(firefox, site_address):
    firefox.open(f"{site_address}read/lessons/00_start_here.html")
    firefox.wait_for(MOVED)
    said = "document.querySelector('[data-rollout-view] .rollout-live').innerText"
    before = firefox.evaluate(said)
    firefox.evaluate(
        "(choice => { choice.selectedIndex = (choice.selectedIndex + 1) % choice.length;"
        "choice.dispatchEvent(new Event('change', { bubbles: true })); })"
        "(document.querySelector('[data-rollout-view] select'))"
    )
    firefox.wait_for(f"{said} !== {before!r}")
    firefox.press("[data-rollout-view] button[data-letter='B']")
    firefox.wait_for(
        "document.querySelector('button[data-letter=B]').getAttribute('aria-pressed') === 'true'"
    )
    firefox.open(f"{site_address}read/lessons/00_start_here.html")
    firefox.wait_for(MOVED)
    firefox.wait_for(
        "document.querySelector('button[data-letter=B]').getAttribute('aria-pressed') === 'true'"
    )


@pytest.mark.needs("live")
def test_a_live_lesson_comes_to_its_first_explorer(firefox, site_address):
    firefox.open(f"{site_address}live/notebooks/index.html?path=00_start_here.ipynb")
    kernel = "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel"
    firefox.wait_for(f"{kernel}?.connectionStatus === 'connected' && {kernel}.status === 'idle'", 150)
    for _ in range(2):
        firefox.evaluate("void window.jupyterapp.commands.execute('notebook:run-cell-and-select-next')")
    firefox.wait_for("document.querySelector('.jp-OutputArea-output .rollout-live svg')", 90)


def test_the_theme_that_is_chosen_reaches_the_figures(firefox, site_address):
    firefox.open(f"{site_address}read/lessons/01_single_layer_attention.html")
    theme = "document.body.dataset.theme + document.body.dataset.jpThemeLight"
    seen = {firefox.evaluate(theme)}
    for _ in range(2):
        firefox.press(".theme-toggle")
        seen.add(firefox.evaluate(theme))
    assert seen >= {"darkfalse", "lighttrue"}


@pytest.mark.parametrize("name", ["index", "cheat_sheet", "guide", "lessons/04_what_rollout_captures"])
def test_a_page_fits_a_phone_in_firefox_too(firefox, site_address, name):
    firefox.resize(390, 844)
    firefox.open(f"{site_address}read/{name}.html")
    assert firefox.evaluate("document.querySelector('.content').scrollWidth") <= 390
    assert firefox.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_search_finds_in_firefox_too(firefox, site_address):
    firefox.open(f"{site_address}read/search.html?q=softmax")
    firefox.wait_for("document.querySelector('#search-results li a')")
