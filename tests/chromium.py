"""A headless Chromium that shows a page of ours and tells all that happens in it.

Spoken to by the DevTools protocol over two pipes: JSON messages, each ended by a zero byte.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    "--headless --no-sandbox --no-first-run --remote-debugging-pipe --window-size=920,560"
    " --disable-quic --disable-background-networking --disable-component-update --disable-sync"
    " --disable-dev-shm-usage --use-angle=swiftshader --enable-unsafe-swiftshader"
)
PATIENCE = 120.0  # seconds for what takes one where nothing else runs
# The browser's end of the pipes must be its files number 3 and 4.
LAUNCH = "import os, sys; r, w = map(int, sys.argv[1:3]); os.dup2(r, 13); os.dup2(w, 14); "
LAUNCH += "os.dup2(13, 3); os.dup2(14, 4); os.execv(sys.argv[3], sys.argv[3:])"


class Browser:
    """One page of a browser of its own; `events` is all that it reported."""

    def __init__(self, folder: Path) -> None:
        assert PROGRAM is not None
        reads, self._to = os.pipe()
        self._from, writes = os.pipe()
        command = [PROGRAM, *FLAGS.split(), f"--user-data-dir={folder}", "about:blank"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, str(reads), str(writes), *command],
            pass_fds=(reads, writes),
            stderr=subprocess.DEVNULL,
        )
        os.close(reads)
        os.close(writes)
        self._received = b""
        self._count = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Browser:
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        found = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = found["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._session = None
        try:
            self.ask("Browser.close")
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
        os.close(self._to)
        os.close(self._from)

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Give an order and wait for its answer."""
        self._count += 1
        order: dict[str, Any] = {"id": self._count, "method": method, "params": params}
        if self._session is not None:
            order["sessionId"] = self._session
        message = json.dumps(order).encode() + b"\0"
        while message:
            message = message[os.write(self._to, message) :]
        while True:
            answer = self._message()
            if answer.get("id") == self._count:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def _message(self) -> dict[str, Any]:
        end = monotonic() + PATIENCE
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._from], [], [], max(0.0, end - monotonic()))
            piece = os.read(self._from, 1 << 16) if ready else b""
            assert piece, "the browser does not answer"
            self._received += piece
        text, _, self._received = self._received.partition(b"\0")
        found: dict[str, Any] = json.loads(text)
        if "method" in found:
            self.events.append(found)
        return found

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression, a promise's when it is kept."""
        found = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def wait(self, script: str) -> Any:
        """The value of the expression as soon as it is true."""
        end = monotonic() + PATIENCE
        while not (value := self.evaluate(script)):
            assert monotonic() < end, f"never true: {script}"
            sleep(0.02)
        return value

    def open(self, page: Path) -> None:
        """Show a file, and wait until it says that it is drawn."""
        self.ask("Page.navigate", url=page.as_uri())
        self.wait("document.body?.dataset.drawn")

    def point(self, x: float, y: float, click: bool = False) -> None:
        """Move the mouse there, and click."""
        self.mouse("mouseMoved", x, y)
        if click:
            self.mouse("mousePressed", x, y)
            self.mouse("mouseReleased", x, y)

    def drag(self, x: float, y: float, across: float, down: float) -> None:
        """Press the button of the mouse, move, let go."""
        self.point(x, y)
        self.mouse("mousePressed", x, y)
        for share in (0.5, 1.0):
            self.mouse("mouseMoved", x + share * across, y + share * down, held=True)
        self.mouse("mouseReleased", x + across, y + down)

    def mouse(self, kind: str, x: float, y: float, held: bool = False) -> None:
        """One event of the mouse; `held` where its button is down on the way."""
        pressed = kind != "mouseMoved"
        button = {"button": "left", "clickCount": 1} if pressed or held else {}
        buttons = int(held or kind == "mousePressed")
        self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, buttons=buttons, **button)

    def press(self, selector: str) -> None:
        """Click in the middle of an element."""
        box = self.evaluate(
            f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        self.point(box[0], box[1], click=True)

    def of(self, *methods: str) -> list[dict[str, Any]]:
        """The events of these kinds."""
        return [event["params"] for event in self.events if event["method"] in methods]

    def complaints(self) -> list[Any]:
        """Errors in the console, and exceptions."""
        logged = [one["entry"] for one in self.of("Log.entryAdded")]
        return [
            *[entry for entry in logged if entry["level"] == "error"],
            *[one for one in self.of("Runtime.consoleAPICalled") if one["type"] != "log"],
            *self.of("Runtime.exceptionThrown"),
        ]

    def requests(self) -> list[str]:
        """What was asked for: the page itself first."""
        return [one["request"]["url"] for one in self.of("Network.requestWillBeSent")]

    def picture(self) -> bytes:
        """What is seen, as PNG."""
        from base64 import b64decode

        return b64decode(self.ask("Page.captureScreenshot")["data"])
