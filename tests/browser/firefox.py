"""Firefox as Debian has it, driven by WebDriver BiDi: no driver, no build of its own."""

import json
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import websocket

SETTINGS = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "ui.prefersReducedMotion": 1,
}
"""Settings with which it does not ask other hosts of its own accord."""


class Firefox:
    """A headless Firefox with one page, in a profile of its own."""

    def __init__(self, path: str) -> None:
        self.errors: list[str] = []
        self.requests: list[str] = []
        self._calls = 0
        self._profile = tempfile.mkdtemp()
        lines = [f'user_pref("{name}", {json.dumps(value)});\n' for name, value in SETTINGS.items()]
        Path(self._profile, "user.js").write_text("".join(lines), "utf-8")
        command = [path, "--headless", "--no-remote", "--profile", self._profile, "--remote-debugging-port=0"]
        log = Path(self._profile, "log")
        with log.open("wb") as said:
            self._process = subprocess.Popen(command, stdout=said, stderr=said)
        for _attempt in range(300):
            if found := re.search(
                r"WebDriver BiDi listening on (ws://\S+)", log.read_text("utf-8", "replace")
            ):
                break
            assert self._process.poll() is None, log.read_text("utf-8", "replace")
            time.sleep(0.1)
        else:
            raise AssertionError(f"no Firefox after half a minute:\n{log.read_text('utf-8', 'replace')}")
        self._socket = websocket.create_connection(f"{found[1]}/session", suppress_origin=True, timeout=60)
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self._page = self.call("browsingContext.getTree")["contexts"][0]["context"]

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask for one thing and wait for the answer; what happens meanwhile is noted."""
        self._calls += 1
        self._socket.send(json.dumps({"id": self._calls, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._calls:
                assert message["type"] == "success", message
                return message["result"]
            self._note(message.get("method", ""), message.get("params", {}))

    def _note(self, event: str, told: dict[str, Any]) -> None:
        if event == "network.beforeRequestSent":
            self.requests.append(told["request"]["url"])
        elif event == "log.entryAdded" and told["level"] == "error":
            self.errors.append(told["text"])

    def open(self, address: str) -> None:
        """Open a page and wait until it has loaded."""
        self.call("browsingContext.navigate", context=self._page, url=address, wait="complete")

    def resize(self, width: int, height: int) -> None:
        """Give the page a screen of this size, in CSS pixels."""
        size = {"width": width, "height": height}
        self.call("browsingContext.setViewport", context=self._page, viewport=size)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression of JavaScript in the page: a number, a string, true or false."""
        target = {"context": self._page}
        answer = self.call("script.evaluate", expression=expression, target=target, awaitPromise=True)
        assert answer["type"] == "success", answer
        return answer["result"].get("value")

    def wait_for(self, expression: str, seconds: float = 15) -> None:
        """Wait until an expression is true in the page. Raises AssertionError when it does not become so."""
        end = time.monotonic() + seconds
        while not self.evaluate(f"Boolean({expression})"):
            assert time.monotonic() < end, f"not true after {seconds} s: {expression}"
            time.sleep(0.1)

    def press(self, selector: str) -> None:
        """Press the mouse on the middle of the first element that is in sight and has this selector."""
        found = f"[...document.querySelectorAll({selector!r})].find((e) => e.checkVisibility())"
        self.evaluate(f"{found}.scrollIntoView({{ block: 'center', behavior: 'instant' }})")
        x, y = (
            round(self.evaluate(f"(box => box.{side} + box.{length} / 2)({found}.getBoundingClientRect())"))
            for side, length in (("left", "width"), ("top", "height"))
        )
        steps = [{"type": "pointerMove", "x": x, "y": y}]
        steps += [{"type": f"pointer{way}", "button": 0} for way in ("Down", "Up")]
        mouse = {"type": "pointer", "id": "mouse", "actions": steps}
        self.call("input.performActions", context=self._page, actions=[mouse])

    def close(self) -> None:
        """End it, and leave nothing behind."""
        try:
            self.call("browser.close")
            self._socket.close()
            self._process.wait(20)
        finally:
            self._process.kill()
            self._process.wait()
            shutil.rmtree(self._profile, ignore_errors=True)
