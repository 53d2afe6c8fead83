"""Widgets that are saved as HTML: a notebook of yesterday shows a picture or a text, never an error.

A widget's usual output is of the MIME type `application/vnd.jupyter.widget-view+json`: a reference to a model
in a kernel. Where that kernel is gone, JupyterLab and Notebook 7 write "Error displaying widget: model not
found" in its place; in a trusted notebook this type ranks before the HTML saved beside it. The remedy of
ipywidgets, to save all state in the notebook's metadata, is a setting that is off by default.

So these widgets leave the type out. The output is HTML alone, which every front end shows, trusted or not,
and a static page too. It carries the id of the live model, and a script that comes with the kernel's first
widget (`mount.js`) puts the live view in the place of the HTML for as long as the page lives. Nothing in
the file can fail, whoever saves it and when. Visual Studio Code and Google Colab keep HTML apart from
widgets; they get the usual type besides.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import anywidget

VIEW = "application/vnd.jupyter.widget-view+json"
MOST = 195_000
"""Bytes of HTML that one output may save."""

GO_ON = "Run this cell again to go on (in a new session, the cells above it first)."

BUNDLES = Path(__file__).parent / "bundles"
"""The widgets' scripts and styles, each in one file: a widget's script can import no other. `make javascript`
builds them from `javascript/`."""


class SavedAsHtml:
    """A widget that is displayed, and saved, as HTML. It comes before the widget's class among the bases."""

    model_id: str
    _displayed = False

    def saved_html(self) -> str:
        """Return the content of the output while no live view stands there."""
        raise NotImplementedError

    def saved_text(self) -> str:
        """Return the same for a front end without HTML."""
        raise NotImplementedError

    def save_again(self) -> None:
        """Bring the output that is saved up to date; the live view stays as it is."""
        if self._displayed:
            self._publish(update=True)

    def _ipython_display_(self) -> None:
        _ensure_mount()
        self._publish(update=False)
        self._displayed = True

    def _publish(self, *, update: bool) -> None:
        from IPython.display import display

        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True, display_id=self.model_id, update=update)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        html = f'<div data-rollout-view="{self.model_id}">{self.saved_html()}</div>'
        data, metadata = {"text/plain": self.saved_text(), "text/html": html}, {}
        if _keeps_html_apart():
            usual = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]  # of the widget's class
            usual, metadata = usual if isinstance(usual, tuple) else (usual, {})
            data = {VIEW: usual[VIEW], **data}
        return data, metadata


class Picture(Protocol):
    """What can be drawn as HTML, so many pixels an inch."""

    def html(self, dpi: float, /) -> str: ...


def picture_html(figure: Picture, dpis: Iterable[float] = (115, 90, 64, 40)) -> str:
    """Return a figure as HTML that is small enough to be saved, as sharp as that allows, "" if none is."""
    for dpi in dpis:
        picture = figure.html(dpi)
        if len(picture.encode()) <= MOST:
            return picture
    return ""


class _Mount(anywidget.AnyWidget):
    """The widget that puts live views in the place of saved HTML; one for all widgets of a kernel."""

    _esm = BUNDLES / "mount.js"


_mount: _Mount | None = None


def _ensure_mount() -> None:
    global _mount
    if _mount is None or _mount.comm is None:
        _mount = _Mount()


def _keeps_html_apart() -> bool:
    from IPython import get_ipython

    shell = get_ipython()
    in_vs_code = shell is not None and "__vsc_ipynb_file__" in shell.user_ns
    return in_vs_code or "google.colab" in sys.modules
