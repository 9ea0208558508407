"""Pages in a real Chromium that tests click, type and look at: driven by its devtools protocol over a pipe."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chromium import browser

SECONDS = 60.0
"""The longest that anything may take."""

_OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
    "--hide-scrollbars",
)


class Page:
    """One tab; `said` are its console messages and errors, `requested` the addresses that it asked for."""

    def __init__(self, reads: int, writes: int) -> None:
        self._reads, self._writes, self._buffer, self._sent = reads, writes, b"", 0
        self._session: str | None = None
        self._events: list[Mapping[str, Any]] = []
        self.said: list[str] = []
        self.requested: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM", "Performance"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """A command of the protocol, and what it returns."""
        self._sent += 1
        message: dict[str, Any] = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writes, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == message["id"]:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]

    def open(self, path: Path, fragment: str = "") -> float:
        """Go to a file; return after how many milliseconds its `load` event had ended."""
        self.said.clear()
        self.requested.clear()
        self._events.clear()
        moved = self.call("Page.navigate", url=path.as_uri() + fragment)
        # Within the page that is open, nothing is loaded.
        while "loaderId" in moved and not any(event["method"] == "Page.loadEventFired" for event in self._events):
            self._message()
        timing = "performance.getEntriesByType('navigation')[0]"
        while not (ended := float(self.js(f"{timing}.loadEventEnd"))):
            time.sleep(0.01)
        return ended

    def processor_seconds(self) -> float:
        """What the tab has taken of the processors so far: what else the machine does changes little of it."""
        metrics = self.call("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) for each in metrics if each["name"] == "ProcessTime")

    def js(self, expression: str) -> Any:
        """The value of an expression of JavaScript, awaited where it is a promise."""
        done = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def size(self, width: int, height: int = 900, *, phone: bool = False) -> None:
        """Make the window so many pixels wide."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)

    def media(self, media: str = "screen", **features: str) -> None:
        """Show it as on paper (`print`), or with other preferences: `prefers_color_scheme="dark"`."""
        given = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.call("Emulation.setEmulatedMedia", media=media, features=given)

    def click(self, selector: str) -> None:
        """Click at the middle of an element, as a person does."""
        place = self.js(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'center'}); const r = e.getClientRects()[0];"
            "return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)
        self.js("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def key(self, key: str) -> None:
        """Press a key."""
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        code = {"Enter": 13, "Tab": 9}.get(key, ord(key[0]))
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **text)

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """A PNG of the window, or of the whole page."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))

    def _message(self) -> Mapping[str, Any]:
        until = time.monotonic() + SECONDS
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._reads], [], [], max(until - time.monotonic(), 0))
            assert ready, "the browser says nothing more"
            part = os.read(self._reads, 1 << 20)
            assert part, "the browser has ended"
            self._buffer += part
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: Mapping[str, Any] = json.loads(line)
        self._take(message)
        return message

    def _take(self, message: Mapping[str, Any]) -> None:
        parameters = message.get("params", {})
        match message.get("method"):
            case "Runtime.consoleAPICalled":
                self.said.append(str([each.get("value") for each in parameters["args"]]))
            case "Runtime.exceptionThrown":
                self.said.append(str(parameters["exceptionDetails"]))
            case "Log.entryAdded":
                self.said.append(parameters["entry"]["text"])
            case "Network.requestWillBeSent":
                self.requested.append(parameters["request"]["url"])
            case None:
                return
        self._events.append({"method": message["method"]})


@contextmanager
def page(folder: Path) -> Iterator[Page]:
    """A tab of a browser of its own, which is ended afterwards."""
    program = browser()
    assert program
    (from_us, to_it), (from_it, to_us) = os.pipe(), os.pipe()

    def connect() -> None:
        # Out of the way first: one of them may have the number of another.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (from_us, to_us)]
        for end, number in zip(ends, (3, 4), strict=True):
            os.dup2(end, number)

    options = [*_OPTIONS, f"--user-data-dir={folder / 'profile'}", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with (folder / "chromium.log").open("wb") as log:
        process = subprocess.Popen(
            [program, *options, "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            pass_fds=(3, 4),
            preexec_fn=connect,
            start_new_session=True,
            env={**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")},
        )
    os.close(from_us)
    os.close(to_us)
    try:
        yield Page(from_it, to_it)
    finally:
        os.close(to_it)
        os.close(from_it)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(SECONDS)
