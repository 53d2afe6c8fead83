"""Act in JupyterLab as a person would, and wait for what a person would wait for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

# JupyterLab itself logs these in a fresh environment; they say nothing about the course.
NOT_OURS = ("favicon", "apple-touch-icon")


CONTROLS = ".controls select, .controls input, .widget-dropdown select, .noUi-handle"
SHOWN = """(element) => {
    const copy = element.cloneNode(true);
    for (const control of copy.querySelectorAll(".controls, .widget-inline-hbox")) control.remove();
    return copy.innerHTML;
}"""


def turn(control, explorer) -> None:
    """Choose the next of a control, or the one before at its end; wait for another picture or sentence."""
    before = explorer.evaluate(SHOWN)
    if control.evaluate("e => e.tagName") == "SELECT":
        control.evaluate("e => e.selectedIndex = (e.selectedIndex + 1) % e.length")
        control.dispatch_event("change")
    elif control.get_attribute("type") == "checkbox":
        control.click()
    else:
        at_end = control.evaluate("e => (e.value ?? e.ariaValueNow) === (e.max ?? e.ariaValueMax)")
        control.press("ArrowLeft" if at_end else "ArrowRight")
    changed = f"([explorer, before]) => ({SHOWN})(explorer) !== before"
    control.page.wait_for_function(changed, arg=[explorer.element_handle(), before])


class Lab:
    """A page with JupyterLab in it."""

    def __init__(self, page, address: str, screenshots: Path, name: str):
        self.page, self.address, self.screenshots, self.name = page, address, screenshots, name
        self.errors: list[str] = []
        page.set_default_timeout(30_000)
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self._note("error", str(error)))

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and not any(word in text for word in NOT_OURS):
            self.errors.append(text)

    def open(self, path: str = "", *, ready: str = "#jp-main-dock-panel") -> None:
        """Open JupyterLab, with the notebook at ``path`` if one is given, and wait until it can run cells."""
        self.page.goto(f"{self.address}/lab/tree/{path}?reset" if path else f"{self.address}/lab?reset")
        self.page.wait_for_selector(ready)
        if path:
            self.wait_for_kernel()

    def wait_for_kernel(self) -> None:
        self.page.wait_for_function(
            """() => {
                const panel = window.jupyterapp?.shell.currentWidget;
                const session = panel?.sessionContext;
                const kernel = session?.session?.kernel;
                return session?.isReady && kernel?.connectionStatus === "connected"
                    && kernel.status === "idle" && panel.content.widgets.length > 1;
            }"""
        )

    def command(self, name: str, **arguments: Any) -> None:
        self.page.evaluate(
            "([name, args]) => window.jupyterapp.commands.execute(name, args)", [name, arguments]
        )

    def run_all(self) -> None:
        """Run all cells and wait until the last one is done."""
        self.command("notebook:run-all-cells")
        self.wait_until_run()

    def run_cells(self, wanted: Callable[[dict[str, Any]], bool]) -> None:
        """Run the cells for which ``wanted`` holds, in order."""
        for index, cell in enumerate(self.cells()):
            if wanted(cell):
                self.page.evaluate(
                    """async (index) => {
                        window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
                        await window.jupyterapp.commands.execute("notebook:run-cell");
                    }""",
                    index,
                )

    def wait_until_run(self) -> None:
        self.page.wait_for_function(
            """() => {
                const panel = window.jupyterapp.shell.currentWidget;
                const done = (cell) => cell.model.type !== "code" || cell.model.executionCount !== null
                    || !cell.model.sharedModel.getSource().trim();
                const { kernel } = panel.sessionContext.session;
                return kernel.status === "idle" && panel.content.widgets.every(done);
            }"""
        )

    def save(self) -> None:
        self.command("docmanager:save")
        self.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")

    def restart_kernel(self) -> None:
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
        self.wait_for_kernel()

    def cells(self) -> list[dict[str, Any]]:
        """The notebook's cells as the front end holds them: source, outputs and nbgrader's grade id."""
        return self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.widgets.map((cell) => {
                const json = cell.model.toJSON();
                return {
                    type: cell.model.type,
                    source: cell.model.sharedModel.getSource(),
                    outputs: json.outputs ?? [],
                    id: json.metadata?.nbgrader?.grade_id ?? null,
                };
            })"""
        )

    def cell(self, text: str):
        """The first cell whose source holds ``text``, scrolled into view."""
        index = next(number for number, cell in enumerate(self.cells()) if text in cell["source"])
        self.page.evaluate(
            """async (index) => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                notebook.activeCellIndex = index;
                await notebook.scrollToItem(index, "center");
            }""",
            index,
        )
        cell = self.page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{index}']")
        cell.wait_for()
        return cell

    def failures(self) -> list[str]:
        """The errors and warnings that cells printed."""
        return [
            f"{output.get('ename', 'stderr')}: {output.get('evalue', output.get('text'))}"
            for cell in self.cells()
            for output in cell["outputs"]
            if output["output_type"] == "error" or output.get("name") == "stderr"
        ]

    def screenshot(self, name: str = "") -> Path:
        path = self.screenshots / f"{name or self.name}.png"
        self.page.screenshot(path=path)
        return path

    def close(self) -> None:
        """Keep a last picture, and shut the kernels down, so that the next test has the machine to itself."""
        self.screenshot(f"{self.name}_end")
        self.page.evaluate("async () => { await window.jupyterapp?.serviceManager.sessions.shutdownAll(); }")
