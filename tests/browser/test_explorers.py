"""Every explorer and every kind of task in JupyterLab, in one notebook: by mouse and by keyboard."""

import statistics
from functools import partial

import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from rollout_lab.attention import attention_weights

from .conftest import SCREENSHOTS
from .jupyterlab import Lab

SETUP = """
import numpy as np
from rollout_lab import explorers
from rollout_lab.models.photograph import load_photograph
from rollout_lab.quiz import practice

def plain_picture(layers):  # what anybody would write: the redraws of the explorers are timed beside it
    import io, ipywidgets
    from matplotlib.figure import Figure
    slider, image = ipywidgets.IntSlider(min=0, max=5), ipywidgets.Image(format="png")
    def draw(_change=None):
        figure, picture = Figure(), io.BytesIO()
        figure.add_subplot().imshow(layers[slider.value].mean(axis=0))
        figure.savefig(picture, format="png")
        image.value = picture.getvalue()
    draw()
    slider.observe(draw, "value")
    return ipywidgets.VBox([slider, image])

maps = np.random.default_rng(0).dirichlet(np.full(20, 0.3), size=(6, 12, 20)).astype(np.float32)
words = [f"word{i}" for i in range(20)]
"""
KEYS = [(2.0, 1.0), (-1.0, 1.0), (1.0, -2.0)]  # of A, B and C
LIVE = ("path_tracer", "rollout_stepper")
MATRICES = ("formula_comparison", "overview", "residual_weight")
OF_A_SENTENCE = (*MATRICES, "row_collapse", "source_finder")
OF_A_STUDY = {"match_with_model": "", "patch_explorer": "load_photograph()"}
STAGED = (*OF_A_SENTENCE, *OF_A_STUDY)
EXPLORERS = (*LIVE, "head_view", "scores_to_weights", *STAGED)
STEPS = {
    "match_with_model": 3,
    "overview": 19,
    "patch_explorer": 19,
    "residual_weight": 20,
    "source_finder": 19,
}
CELLS = [
    SETUP,
    *(f"explorers.{name}(maps, words)" for name in LIVE + OF_A_SENTENCE),
    "explorers.head_view(maps, words, query=3)",
    *(f"explorers.{name}({data})" for name, data in OF_A_STUDY.items()),
    "explorers.scores_to_weights()",
    "explorers.own_sentence('overview')",
    "plain_picture(maps)",
    *(f"practice('{name}')" for name in ("fill-in-a-product", "factors-in-order", "who-reads-whom")),
]

# What of a cell's output is the picture, and what says it.
SEEN = """(cell) => {
    const graph = cell.querySelector(".rollout-graph");
    const drawn = graph
        ? graph.querySelector(".ribbons").innerHTML + (graph.querySelector(".paths")?.innerHTML ?? "")
            + [...cell.querySelectorAll(".matrix")].map((matrix) => matrix.innerHTML).join("")
        : [...cell.querySelectorAll("img")].map((image) => image.src).join("")
            + (cell.querySelector(".rollout-live .picture")?.innerHTML ?? "").replaceAll(' class=""', "");
    const lines = [...cell.querySelectorAll("[role=status]")];
    return { drawn, said: lines.map((line) => line.textContent).join(" ") };
}"""
# From each key pressed to the first frame in which the picture has changed and is decoded.
WATCH = f"""(cell) => {{
    const seen = {SEEN};
    let before = seen(cell).drawn, began = 0;
    window.moves = [];
    window.addEventListener("keydown", () => {{ began = performance.now(); }}, true);
    new MutationObserver(async () => {{
        const now = seen(cell).drawn;
        if (now === before || !began) return;
        before = now;
        const start = began;
        began = 0;
        await Promise.all([...cell.querySelectorAll("img")].map((image) => image.decode().catch(() => null)));
        requestAnimationFrame(() => window.moves.push(performance.now() - start));
    }}).observe(cell, {{ subtree: true, childList: true, attributes: true, characterData: true }});
}}"""


@pytest.fixture(scope="module")
def lab(chromium, student_address, released):
    """The notebook with all of them, run once."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, released / "my-course" / "explorers.ipynb")
    SCREENSHOTS.mkdir(exist_ok=True)
    context = chromium.new_context(viewport={"width": 1280, "height": 1000}, locale="en-GB")
    lab = Lab(context.new_page(), student_address, SCREENSHOTS, "explorers")
    lab.open("explorers.ipynb")
    lab.run_all()
    assert lab.failures() == []
    yield lab
    lab.close()
    context.close()


def cell_of(lab, name: str):
    cell = lab.cell(f"{name}(")
    cell.locator(".rollout-live, .rollout-lab-stage").first.wait_for()
    cell.locator(".ribbons path, img, .numbers td").first.wait_for(state="attached")
    cell.locator("[role=status]:not(:empty)").first.wait_for(state="attached")  # it is said after it is drawn
    return cell


def seen(cell) -> dict:
    return cell.evaluate(SEEN)


def changed(lab, cell, before: dict, timeout: float = 15_000) -> dict:
    """What is seen once picture and sentence differ from before; between two sentences there is none."""
    lab.page.wait_for_function(
        f"([cell, before]) => {{ const now = ({SEEN})(cell);"
        " return now.said && now.drawn !== before.drawn && now.said !== before.said; }",
        arg=[cell.element_handle(), before],
        timeout=timeout,
    )
    return seen(cell)


def changed_by(lab, cell, before: dict, *moves) -> dict:
    """What is seen after the first of the moves that changes it: at the end of a slider one does nothing."""
    for move in moves[:-1]:
        move()
        try:
            return changed(lab, cell, before, timeout=2000)
        except PlaywrightTimeout:
            continue
    moves[-1]()
    return changed(lab, cell, before)


def token(cell, role: str, i: int):
    return cell.get_by_role("radio", name=f"{role} word{i}", exact=True)


def focus_first_control(cell) -> tuple[str, str]:
    """Focus what moves the picture, and name the keys that move it forth and back."""
    slider = cell.get_by_role("slider")
    handle = cell.locator(".plane .handle")
    if handle.count() or slider.count():
        (handle if handle.count() else slider.first).focus()
        return "ArrowRight", "ArrowLeft"
    cell.locator("select").first.focus()
    return "ArrowDown", "ArrowUp"


@pytest.mark.parametrize("name", STAGED)
def test_an_explorer_moves_by_mouse_and_by_keyboard_and_keeps_its_state(lab, name):
    cell = cell_of(lab, name)
    before = seen(cell)
    track, box = cell.locator(".noUi-base, input[type=range]"), cell.get_by_role("checkbox")
    if track.count():
        place = track.first.bounding_box()
        clicks = [
            partial(
                lab.page.mouse.click, place["x"] + part * place["width"], place["y"] + place["height"] / 2
            )
            for part in (0.85, 0.15)
        ]
        by_mouse = changed_by(lab, cell, before, *clicks)
    elif box.count():
        by_mouse = changed_by(lab, cell, before, box.first.click)
    else:
        # The list that a click opens is the system's own: the choice is made as if from it.
        by_mouse = changed_by(lab, cell, before, partial(cell.locator("select").last.select_option, index=1))
    lab.page.mouse.move(5, 5)
    keys = focus_first_control(cell)
    by_keyboard = changed_by(lab, cell, by_mouse, *(partial(lab.page.keyboard.press, key) for key in keys))
    assert run_again(lab, name) == by_keyboard


def run_again(lab, name: str) -> dict:
    old = cell_of(lab, name).locator(".rollout-live, .rollout-lab-stage").first.element_handle()
    lab.run_cells(lambda cell: f"{name}(" in cell["source"])
    lab.page.wait_for_function("(old) => !old.isConnected", arg=old)
    return seen(cell_of(lab, name))


@pytest.mark.parametrize(("name", "other"), [("path_tracer", "Source"), ("rollout_stepper", "Source")])
def test_a_graph_lights_up_under_the_pointer_and_stays_where_it_is_clicked(lab, name, other):
    cell = cell_of(lab, name)
    chosen = seen(cell)
    token(cell, "Output", 17).locator(".name").hover()
    pointed = changed(lab, cell, chosen)
    lab.page.mouse.move(5, 5)
    assert changed(lab, cell, pointed) == chosen
    token(cell, "Output", 17).locator(".name").click()
    assert changed(lab, cell, chosen) == pointed
    token(cell, other, 3).locator(".name").click()
    clicked = changed(lab, cell, pointed)
    lab.page.mouse.move(5, 5)
    lab.page.wait_for_timeout(200)
    assert seen(cell) == clicked
    assert run_again(lab, name) == clicked
    lab.screenshot(name)


@pytest.mark.parametrize("name", LIVE)
def test_a_graph_is_worked_by_keyboard_alone_and_jupyterlab_takes_no_key(lab, name):
    cell = cell_of(lab, name)
    cells = len(lab.cells())
    cell.locator("select").first.focus()
    while lab.page.evaluate("document.activeElement.getAttribute('role')") != "radio":
        lab.page.keyboard.press("Tab")
    before = seen(cell)
    said = set()
    for key in ("Home", "ArrowRight", "ArrowRight", "End", "ArrowLeft", "ArrowDown", "ArrowRight"):
        lab.page.keyboard.press(key)
        lab.page.wait_for_timeout(200)
        said.add(seen(cell)["said"])
    assert len(said) >= 5
    after = changed(lab, cell, before)
    label = "document.activeElement.getAttribute('aria-label')"
    assert lab.page.evaluate(label).startswith("Source word")
    assert token(cell, "Output", 18).get_attribute("aria-checked") == "true"
    for key in ("b", "a", "j"):  # in JupyterLab: a new cell below, one above, the next cell
        lab.page.keyboard.press(key)
    assert len(lab.cells()) == cells
    assert seen(cell) == after
    assert lab.page.evaluate(label).startswith("Source word")


@pytest.mark.parametrize("name", MATRICES)
def test_a_row_is_read_under_the_pointer_and_stays_where_it_is_clicked(lab, name):
    cell = cell_of(lab, name)
    chosen, caption = seen(cell), cell.locator(".numbers caption")
    box = cell.locator(".matrix").last.locator("g").first.bounding_box()
    x, y = box["x"] + 0.3 * box["width"], box["y"] + 7.5 / 20 * box["height"]
    lab.page.mouse.move(x, y)
    pointed = changed(lab, cell, chosen)
    assert caption.inner_text() == "The row of “word7”"
    lab.page.mouse.move(5, 5)
    assert changed(lab, cell, pointed) == chosen
    lab.page.mouse.click(x, y)
    lab.page.mouse.move(5, 5)
    lab.page.wait_for_timeout(200)
    assert caption.inner_text() == "The row of “word7”"
    sums = [float(text) for text in cell.locator("tfoot .number").all_inner_texts()]
    assert sums == [pytest.approx(1, abs=0.01)] * len(sums)
    lab.screenshot(name)


def test_a_query_is_dragged_and_moved_by_keys_and_its_weights_are_the_librarys(lab):
    cell = cell_of(lab, "scores_to_weights")
    handle, goal = cell.get_by_role("slider", name="Query of B"), cell.locator(".goal")
    box = cell.locator(".plane").bounding_box()
    start = seen(cell)
    assert goal.inner_text().startswith("Can you find")
    handle.locator(".dot").hover()
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.4 * box["height"], steps=5)
    lab.page.mouse.up()
    lab.page.mouse.move(5, 5)
    dragged = changed(lab, cell, start)
    assert goal.inner_text().startswith("✓ Here “B” reads more from itself")
    lab.page.keyboard.press("ArrowUp")  # the focus is where the pointer was
    lab.page.keyboard.press("Shift+ArrowRight")
    changed(lab, cell, dragged)
    place = [
        float(text) for text in handle.get_attribute("aria-valuetext").replace("−", "-")[2:].split(", y ")
    ]
    shown = [float(text) for text in cell.locator("tbody td:last-child .number").all_inner_texts()]
    np.testing.assert_allclose(shown, attention_weights([place], KEYS)[0], atol=0.0051)
    kept = seen(cell)
    assert run_again(lab, "scores_to_weights") == kept


def test_no_graph_is_cut_to_the_size_of_another_one(lab):
    """What cuts a graph is found by its id in the whole page, and each view numbers from the start."""
    clips = [cell_of(lab, name).locator(".rollout-graph clipPath").get_attribute("id") for name in LIVE]
    assert len(set(clips)) == len(LIVE)


def test_the_tracer_tells_one_path_from_the_others(lab):
    cell = cell_of(lab, "path_tracer")
    whole = seen(cell)["said"]
    second = cell.locator(".list button").nth(1)
    second.focus()
    lab.page.wait_for_timeout(100)
    told = seen(cell)["said"]
    assert told != whole
    factors, weight = told.split(": ")[-1].split(",")[0].split(" = ")
    product = 1.0
    for factor in factors.split(" × "):
        product *= float(factor)
    assert product == pytest.approx(float(weight), rel=0.02)
    assert cell.locator(".paths.one .path.out .weights text").count() == 6
    second.evaluate("(button) => button.blur()")
    lab.page.wait_for_timeout(100)
    assert seen(cell)["said"] == whole


def test_information_is_seen_to_move_upward_unless_motion_is_unwanted(lab):
    cell = cell_of(lab, "path_tracer")
    follow, dots = cell.locator(".act"), cell.locator(".travellers circle")
    lab.page.emulate_media(reduced_motion="no-preference")
    follow.click()
    dots.first.wait_for()
    early = float(dots.first.get_attribute("cy"))
    lab.page.wait_for_timeout(400)
    assert float(dots.first.get_attribute("cy")) < early
    lab.page.wait_for_function("() => !document.querySelector('.travellers circle')")
    lab.page.emulate_media(reduced_motion="reduce")
    follow.click()
    lab.page.wait_for_timeout(200)
    assert dots.count() == 0


def test_next_multiplies_one_layer_more_and_stops_at_the_last(lab):
    cell = cell_of(lab, "rollout_stepper")
    button = cell.get_by_role("button", name="Next")
    titles = set()
    for _ in range(6):
        titles.add(cell.locator(".matrix .title").last.text_content())
        if button.get_attribute("aria-disabled") == "false":
            before = seen(cell)
            button.press("Enter")
            changed(lab, cell, before)
    assert "R₆ = Â₆ @ R₅" in titles
    assert len(titles) >= 4
    button.press("Enter")  # at the last layer it stays, and so does the focus
    assert lab.page.evaluate("document.activeElement.textContent") == "Next ▶"
    assert button.get_attribute("aria-disabled") == "true"
    lab.screenshot("stepper")


@pytest.mark.parametrize("name", ["plain_picture", *EXPLORERS])
def test_twenty_keys_bring_twenty_new_pictures(lab, name, record_property):
    cell = lab.cell("plain_picture(maps)") if name == "plain_picture" else cell_of(lab, name)
    cell.locator("img, .ribbons path, .numbers td").first.wait_for(state="attached")
    cell.evaluate(WATCH)
    times = twenty_moves(lab, cell, name)
    assert len(times) == 20
    record_property(f"{name}: median of 20 redraws, ms", statistics.median(times))  # `make bench` reads it


def twenty_moves(lab, cell, name: str) -> list[float]:
    """Milliseconds from a key to the new picture, twenty times, always to what was not seen lately."""
    if name in LIVE or name == "head_view":
        token(cell, "Source", 5).locator(".name").click()
        token(cell, "Output" if name in LIVE else "Reader", 0).locator(".name").click()
        lab.page.mouse.move(5, 5)
        forth, back = ("ArrowRight", "ArrowLeft") if name in LIVE else ("ArrowDown", "ArrowUp")
        steps = 20  # after the last token comes the first
    else:
        forth, back = focus_first_control(cell)
        steps = STEPS.get(name, 5)
        lab.page.keyboard.press("Home")
    lab.page.wait_for_timeout(600)
    lab.page.evaluate("() => { window.moves.length = 0; }")
    for move in range(20):
        lab.page.keyboard.press(forth if move // steps % 2 == 0 else back)
        lab.page.wait_for_function("(n) => window.moves.length > n", arg=move)
    return lab.page.evaluate("window.moves")


def numbers(cell) -> list[float]:
    return [float(text.removeprefix("< ")) for text in cell.locator(".shares .number").all_inner_texts()]


def test_the_head_view_shows_the_lines_and_the_numbers_of_what_is_pointed_at(lab):
    maps = np.random.default_rng(0).dirichlet(np.full(20, 0.3), size=(6, 12, 20)).astype(np.float32)
    cell = cell_of(lab, "head_view")
    token(cell, "Reader", 3).locator(".name").click()
    chosen = seen(cell)
    token(cell, "Reader", 17).locator(".name").hover()
    pointed = changed(lab, cell, chosen)
    row = maps[0].mean(axis=0)[17]
    assert numbers(cell) == pytest.approx(sorted(row, reverse=True), abs=1e-3)
    assert cell.locator(".shares li").first.inner_text().endswith(f"word{row.argmax()}")
    assert cell.locator(".sum").inner_text() == "sum 1.00"
    cell.get_by_role("radio", name="head 7", exact=True).hover()
    changed(lab, cell, pointed)
    assert numbers(cell) == pytest.approx(sorted(maps[0, 6, 3], reverse=True), abs=1e-3)
    lab.page.mouse.move(5, 5)
    lab.page.wait_for_function(
        "([cell, drawn]) => (" + SEEN + ")(cell).drawn === drawn",
        arg=[cell.element_handle(), chosen["drawn"]],
    )
    token(cell, "Source", 5).locator(".name").hover()
    changed(lab, cell, chosen)
    assert numbers(cell) == pytest.approx(sorted(maps[0].mean(axis=0)[:, 5], reverse=True), abs=1e-3)
    lab.screenshot("head_view")


def test_the_head_view_is_worked_by_keyboard_alone(lab):
    cell = cell_of(lab, "head_view")
    cells, label = len(lab.cells()), "document.activeElement.getAttribute('aria-label')"
    lab.page.mouse.move(5, 5)
    fade = cell.get_by_role("checkbox", name="Fade the sinks")
    fade.focus()
    steps = {
        "Space": "are faded.",
        "Tab": "",
        "End": "head 12,",
        "ArrowLeft": "head 11,",
        "Shift+Tab": "",
        "Shift+Tab ": "",
        "ArrowRight": "In layer 2, head 11,",
        "Tab ": "",
        "Tab  ": "",
        "Tab   ": "word0” is read most by",
        "ArrowDown": "word1” is read most by",
        "ArrowRight ": "word0” reads most from",
        "ArrowUp": "word19” reads most from",
        "Escape": "positions read most from",
    }
    for key, said in steps.items():
        lab.page.keyboard.press(key.strip())
        cell.locator(".status").filter(has_text=said).wait_for()
    assert fade.is_checked()
    assert cell.locator(".links:not(.behind) path").count() >= 20
    assert lab.page.evaluate(label) == "Reader word19"
    for key in ("b", "a", "j"):
        lab.page.keyboard.press(key)
    assert len(lab.cells()) == cells
    assert lab.page.evaluate(label) == "Reader word19"


def test_a_typed_sentence_goes_through_the_model(lab, model_folder):
    cell = cell_of(lab, "own_sentence")
    before = seen(cell)
    cell.get_by_label("Your sentence").fill("The keys to the cabinet are lost.")
    lab.page.keyboard.press("Enter")
    # The picture comes first, then what is said of it.
    cell.get_by_text("your sentence “The keys to the cabinet are lost.”, 10 tokens").wait_for()
    changed(lab, cell, before)


def answer_of(lab, name: str):
    cell = lab.cell(name)
    cell.locator(".rollout-task").wait_for()
    return cell, cell.locator(".rollout-options-status")


def said(lab, status, start: str) -> str:
    status.get_by_text(start).first.wait_for()
    return status.inner_text()


def test_a_number_is_typed_into_its_matrix(lab):
    cell, status = answer_of(lab, "fill-in-a-product")
    field = cell.get_by_role("textbox", name="Entry of P @ Q, row 0, column 1")
    field.fill("a lot")
    lab.page.keyboard.press("Enter")
    said(lab, status, "“a lot” is no number")
    field.fill("0.75")
    cell.get_by_role("button", name="Check").click()
    assert "The left factor gives the row" in said(lab, status, "Not yet.")
    field.fill("3/8")
    lab.page.keyboard.press("Enter")
    said(lab, status, "Right.")


def test_pieces_are_brought_into_order_by_keyboard_and_by_mouse(lab):
    cell, status = answer_of(lab, "factors-in-order")
    pieces = cell.locator(".pieces li .piece")
    assert pieces.all_inner_texts() == ["A_2", "A_4", "A_1", "A_3"]
    cell.get_by_role("button", name="Move down: A_2").focus()
    lab.page.keyboard.press("Enter")
    lab.page.keyboard.press("Enter")
    assert pieces.all_inner_texts() == ["A_4", "A_1", "A_2", "A_3"]
    assert cell.locator(".spoken").inner_text() == "A_2 is now number 3 of 4."
    cell.get_by_role("button", name="Check").click()
    said(lab, status, "Not yet.")
    items = cell.locator(".pieces li")
    items.nth(3).drag_to(items.nth(1))
    items.nth(2).drag_to(items.nth(3))
    assert pieces.all_inner_texts() == ["A_4", "A_3", "A_2", "A_1"]
    cell.get_by_role("button", name="Check").click()
    said(lab, status, "Right.")


def test_an_entry_is_pointed_at_by_mouse_and_by_keyboard(lab):
    cell, status = answer_of(lab, "who-reads-whom")
    cell.get_by_role("gridcell", name="row C, column B").click()
    assert "The reader comes first" in said(lab, status, "Not yet.")
    for key in ("ArrowUp", "ArrowRight", "ArrowRight", "Enter"):
        lab.page.keyboard.press(key)
    said(lab, status, "Right.")
    assert cell.get_by_role("gridcell", selected=True).get_attribute("aria-label") == "row B, column C: 0.1"


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_no_serious_violation_in_the_course_s_own_widgets(lab, theme):
    lab.command("apputils:change-theme", theme=theme)
    lab.page.wait_for_timeout(800)
    # All cells at once: usually JupyterLab holds only those in view.
    lab.page.evaluate(
        """() => {
            const notebook = window.jupyterapp.shell.currentWidget.content;
            notebook.notebookConfig = { ...notebook.notebookConfig, windowingMode: "none" };
        }"""
    )
    staged = len(STAGED) - len(MATRICES) + 1  # and the sentence of one's own, which holds an overview
    roots = {".rollout-live": len(LIVE + MATRICES) + 3, ".rollout-lab-stage": staged, ".rollout-task": 3}
    for root, count in roots.items():
        lab.page.locator(root).nth(count - 1).wait_for()
    result = Axe().run(lab.page, context={"include": [[root] for root in roots]})
    assert result.response["passes"]
    found = [
        f"{violation['id']}: {violation['help']}: {[node['target'] for node in violation['nodes']][:3]}"
        for violation in result.response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert found == []
    lab.cell("path_tracer(")
    lab.screenshot(f"explorers_{theme.split()[-1].lower()}")


def test_nothing_went_wrong_on_the_way(lab):
    assert lab.errors == []
    assert lab.failures() == []


def test_every_explorer_is_tried_here():
    from rollout_lab import explorers

    # `attention_explorer` opens the head view.
    assert {*EXPLORERS, "own_sentence", "attention_explorer"} == set(explorers.__all__)
