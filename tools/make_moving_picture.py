"""Make README's moving picture, the first explorer of lesson 00: `python -m tools.make_moving_picture`."""

import io
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM_FLAGS, serve
from tests.browser.jupyterlab import Lab
from tests.needs import chromium

REPO = Path(__file__).parents[1]
MOVING = REPO / "docs" / "pictures" / "path_tracer.gif"
SLOWER = 12  # the browser's clock, so that each step of a movement can be taken
COLOURS = 48


def frames(page: Page) -> Iterator[tuple[Image.Image, int]]:
    """The explorer's pictures, and for how many milliseconds each stands."""
    view = page.locator(".jp-OutputArea .rollout-live").first
    names = view.locator("[aria-label^='Source ']")

    def now() -> Image.Image:
        page.wait_for_timeout(150)
        return Image.open(io.BytesIO(view.screenshot())).convert("RGB")

    count = names.count()
    for source in (1, 4, 6, count - 3, count - 2):
        names.nth(source).click()
        page.mouse.move(2, 2)
        yield now(), 2200 if source == count - 2 else 700
    for _turn in range(2):
        view.get_by_role("button", name="Follow upward").click()
        page.mouse.move(2, 2)
        while page.locator(".travellers circle").count():
            yield now(), 70
        yield now(), 1600
    residual = view.locator("select")
    for choice, stands in (("identity", 3200), ("none", 1500)):
        residual.select_option(value=choice)
        yield now(), stands


def slow_down(page: Page) -> None:
    """Let the page's clock run slower."""
    page.evaluate(
        """(slower) => {
            const clock = performance.now.bind(performance), next = window.requestAnimationFrame.bind(window);
            performance.now = () => clock() / slower;
            window.requestAnimationFrame = (draw) => next((time) => draw(time / slower));
        }""",
        SLOWER,
    )


def film(folder: Path) -> list[tuple[Image.Image, int]]:
    """The frames, from lesson 00 in a JupyterLab of its own."""
    for name in ("course", "quizzes"):
        shutil.copytree(REPO / name, folder / name, ignore=shutil.ignore_patterns("exchange", "*.db"))
    server = serve("start", folder, folder / "log")
    address = next(server)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
            page = browser.new_page(viewport={"width": 1180, "height": 1100}, device_scale_factor=1.5)
            lab = Lab(page, address, folder, "film")
            lab.open("00_start_here.ipynb")
            lab.run_cells(lambda cell: "path_tracer(attentions" in cell["source"])
            page.wait_for_selector(".rollout-graph")
            page.add_style_tag(content=".rollout-live .note { display: none }")
            slow_down(page)
            return list(frames(page))
    finally:
        server.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        pictures, stand = zip(*film(Path(folder)), strict=True)
    palette = pictures[len(pictures) // 2].quantize(COLOURS)
    first, *others = (each.quantize(palette=palette, dither=Image.Dither.NONE) for each in pictures)
    first.save(MOVING, save_all=True, append_images=others, duration=list(stand), loop=0, optimize=True)
    print(f"{MOVING.name}: {len(pictures)} frames, {MOVING.stat().st_size / 1e6:.2f} MB")
