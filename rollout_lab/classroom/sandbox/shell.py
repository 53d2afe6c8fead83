"""IPython as a notebook's kernel has it, without its sockets; what a cell shows is kept in `OUTPUTS`."""

import asyncio
import base64
import contextlib
import io
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from rollout_lab.classroom import limits

from . import sanitize


class Outputs(list[dict[str, Any]]):
    """What the current cell has shown, as nbformat's outputs. What is too much is left out: `cut`."""

    def __init__(self) -> None:
        self.text_left, self.pictures_left = limits.PRINTED_IN_ALL, limits.PICTURES_IN_ALL
        self.begin()

    def begin(self) -> None:
        self.cut = False
        self.restart()

    def restart(self) -> None:
        self.clear()
        self.text = min(limits.PRINTED, self.text_left)
        self.pictures = min(limits.PICTURES, self.pictures_left)
        self.named: dict[str, dict[str, Any]] = {}

    def end(self) -> None:
        """Take what the cell has shown off what the notebook may show."""
        if len(self) > limits.OUTPUTS:
            self[-1]["name"] = "stdout"  # now that no print can be added to it
        self.text_left -= min(limits.PRINTED, self.text_left) - self.text
        self.pictures_left -= min(limits.PICTURES, self.pictures_left) - self.pictures

    def _fit(self, text: str) -> str:
        kept = text[: self.text]
        self.text -= len(kept)
        if kept != text:
            kept += "" if self.cut and not kept else "\n[The output is longer than this and was cut here.]\n"
            self.cut = True
        return kept

    def _fit_picture(self, data: dict[str, str], mime: str) -> None:
        size = len(data[mime]) * 3 // 4 - data[mime][-2:].count("=")
        if size <= self.pictures:
            self.pictures -= size
            return
        self.cut = True
        data["text/plain"] = (
            f"[A picture of {size / 1e6:.3g} MB was left out here: the pictures of a cell may have "
            f"{limits.PICTURES / 1e6:g} MB, those of a notebook {limits.PICTURES_IN_ALL / 1e6:g} MB. "
            "Your answer is not affected.]"
        )
        del data[mime]

    def add(self, output: dict[str, Any]) -> None:
        if len(self) < limits.OUTPUTS:
            self.append(output)
        elif len(self) == limits.OUTPUTS:
            self.cut = True
            text = "[The cell has more outputs than these; the others were left out.]\n"
            self.append({"output_type": "stream", "name": "end", "text": text})

    def print(self, name: str, text: str) -> int:
        kept = self._fit(text)
        if kept and self and self[-1].get("name") == name:
            self[-1]["text"] += kept
        elif kept:
            self.add({"output_type": "stream", "name": name, "text": kept})
        return len(text)

    def show(self, kind: str, data: Mapping[str, Any], display_id: str = "", update: bool = False) -> None:
        kept: dict[str, str] = {}
        for mime in sanitize.SHOWN:
            value = data.get(mime)
            if isinstance(value, bytes):
                value = base64.b64encode(value).decode("ascii")
            if isinstance(value, str):
                kept[mime] = self._fit(value) if mime == "text/plain" else value
        for mime in [mime for mime in kept if mime != "text/plain"]:
            self._fit_picture(kept, mime)
        if update:  # of an earlier cell's output there is nothing here that could change
            self.named.get(display_id, {}).update(data=kept)
            return
        self.add(output := {"output_type": kind, "data": kept})
        self.named[display_id] = output

    def fail(self, name: str, message: str, traceback: list[str]) -> None:
        name, message = name[: limits.ERROR_NAME], message[: limits.ERROR]
        traceback = [self._fit(line) for line in traceback]
        self.add({"output_type": "error", "ename": name, "evalue": message, "traceback": traceback})


OUTPUTS = Outputs()


class Printed(io.TextIOBase):
    """Standard output or standard error of the cells."""

    encoding = "utf-8"

    def __init__(self, name: str) -> None:
        self.name = name

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return {"stdout": 1, "stderr": 2}[self.name]

    def write(self, text: str) -> int:
        return OUTPUTS.print(self.name, str(text))


class Displayed(DisplayPublisher):
    def publish(
        self, data: Any, *_more: Any, transient: Any = None, update: Any = False, **_others: Any
    ) -> None:
        OUTPUTS.show("display_data", data, str((transient or {}).get("display_id")), update)

    def clear_output(self, wait: Any = False) -> None:
        OUTPUTS.restart()


class Result(DisplayHook):
    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        OUTPUTS.show("execute_result", format_dict)

    def finish_displayhook(self) -> None:
        self._is_active = False


class Shell(InteractiveShell):
    displayhook_class = Type(Result)
    display_pub_class = Type(Displayed)

    @contextlib.contextmanager
    def _tee(self, channel: Any) -> Iterator[None]:
        """IPython keeps all that is printed a second time; here one time must do."""
        yield

    def should_run_async(self, *cell: Any, **more: Any) -> bool:
        """A loop runs while a cell does, as in a notebook's kernel: `asyncio.get_running_loop()` finds it.

        A cell within a cell, as `%%capture` runs it, is in that loop already.
        """
        return asyncio._get_running_loop() is None or super().should_run_async(*cell, **more)

    def init_magics(self) -> None:
        super().init_magics()  # type: ignore[no-untyped-call]  # as IPython has it
        for name in ("autosave", "clear", "connect_info", "less", "man", "more", "qtconsole", "subshell"):
            # A kernel's, for its front end. (Of this IPython's decorator mypy takes the wrong signature.)
            self.register_magic_function(lambda line: None, "line", name)  # type: ignore[arg-type]

    def end_script_loop(self) -> None:
        """End the thread that `%%bash` leaves behind: a copy would wait for it for ever."""
        scripts = self.magics_manager.registry.get("ScriptMagics")
        if loop := getattr(scripts, "event_loop", None):
            scripts.event_loop = None
            loop.call_soon_threadsafe(loop.stop)
            for each in threading.enumerate():
                if getattr(getattr(each, "_target", None), "__self__", None) is loop:
                    each.join(1)

    def enable_gui(self, gui: Any = None) -> None:
        """`%matplotlib inline` asks for it; figures are shown in any case."""

    def ask_exit(self) -> None:
        """`exit()` in a cell does not end the notebook."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        OUTPUTS.fail(str(etype.__name__), str(evalue), [str(line) for line in stb])


def make_shell() -> Shell:
    settings = Config()
    settings.HistoryManager.enabled = False  # it keeps a file, and a thread that no copy would have
    return Shell.instance(config=settings)
