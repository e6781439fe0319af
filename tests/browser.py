"""A browser without a screen: what a page becomes in it, what it complains of, and what it asks the network for.

Chromium is steered through its own protocol, over a pair of pipes; it has no way to any host, and is ended when done.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import selectors
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

PROGRAM = "chromium"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-default-browser-check"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--disable-dev-shm-usage", "--metrics-recording-only", "--no-pings", "--mute-audio", "--hide-scrollbars"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe"),
)
ASKING, TELLING = 3, 4
"""Descriptors on which Chromium reads what it is asked and writes what it tells."""

FREE_FROM = 10
"""Descriptors from which copies do not get into the way of those two."""

LIMIT = 120.0
"""Seconds after which a browser that does not answer is taken for hung."""

PIECE = 1 << 20


class Browser:
    """A running Chromium whose own files lie in ``folder``; use it in a ``with`` statement."""

    def __init__(self, folder: Path) -> None:
        asked, self._ask = _pipe()
        self._tell, told = _pipe()

        def connect() -> None:
            os.dup2(asked, ASKING)
            os.dup2(told, TELLING)

        self._process = subprocess.Popen(
            [PROGRAM, *FLAGS, f"--user-data-dir={folder}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(ASKING, TELLING),
            preexec_fn=connect,
            start_new_session=True,
        )
        os.close(asked)
        os.close(told)
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(self._tell, selectors.EVENT_READ)
        self._rest = b""
        self._count = 0
        self._events: list[dict[str, Any]] = []

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._waiting.close()
        os.close(self._ask)
        os.close(self._tell)

    def open(self, page: Path, *, width: int = 1200, height: int = 900) -> Page:
        """``page`` in a tab of its own, loaded, in a window of so many pixels."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        tab = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        opened = Page(self, tab)
        for domain in ("Page", "Runtime", "Network", "Log"):
            opened.ask(f"{domain}.enable")
        opened.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        opened.ask("Page.navigate", url=page.resolve().as_uri())
        self.wait("Page.loadEventFired", tab)
        return opened

    def ask(self, method: str, tab: str | None = None, **given: Any) -> dict[str, Any]:
        """The answer to a request; AssertionError if the browser refuses it or does not answer."""
        self._count += 1
        request = {"id": self._count, "method": method, "params": given, **({"sessionId": tab} if tab else {})}
        os.write(self._ask, json.dumps(request).encode() + b"\0")
        while True:
            message = self._next()
            if message.get("id") == self._count:
                assert "error" not in message, f"{method}: {message['error']}"
                answer: dict[str, Any] = message["result"]
                return answer
            self._events.append(message)

    def wait(self, method: str, tab: str) -> None:
        """Wait until the browser tells of an event, unless it has told of it already."""
        while not any(self.events(method, tab)):
            self._events.append(self._next())

    def events(self, method: str, tab: str) -> list[dict[str, Any]]:
        """What the browser has told of in a tab."""
        return [e["params"] for e in self._events if e.get("method") == method and e.get("sessionId") == tab]

    def _next(self) -> dict[str, Any]:
        """The next message; TimeoutError when none comes."""
        deadline = time.monotonic() + LIMIT
        while b"\0" not in self._rest:
            if not self._waiting.select(deadline - time.monotonic()):
                raise TimeoutError(f"{PROGRAM} does not answer")
            piece = os.read(self._tell, PIECE)
            if not piece:
                raise TimeoutError(f"{PROGRAM} ended, exit code {self._process.poll()}")
            self._rest += piece
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message


class Page:
    """A page in a tab."""

    def __init__(self, browser: Browser, tab: str) -> None:
        self._browser, self._tab = browser, tab

    def ask(self, method: str, **given: Any) -> dict[str, Any]:
        """The answer to a request about this tab."""
        return self._browser.ask(method, self._tab, **given)

    def run(self, script: str) -> Any:
        """What the body of an asynchronous function of JavaScript returns in the page, as plain values."""
        told = self.ask(
            "Runtime.evaluate", expression=f"(async () => {{ {script} }})()", awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    @property
    def complaints(self) -> list[str]:
        """Errors on the console, exceptions that no one caught, and what the browser itself finds wrong."""
        events, tab = self._browser.events, self._tab
        logged = [e for e in events("Runtime.consoleAPICalled", tab) if e["type"] in ("error", "assert")]
        found = [" ".join(str(v.get("value", v.get("description"))) for v in e["args"]) for e in logged]
        found += [str(e["exceptionDetails"]) for e in events("Runtime.exceptionThrown", tab)]
        entries = (e["entry"] for e in events("Log.entryAdded", tab))
        return found + [str(entry["text"]) for entry in entries if entry["level"] == "error"]

    @property
    def requests(self) -> list[str]:
        """Every address that the page has asked for, its own included; data within the page is no address."""
        sent = self._browser.events("Network.requestWillBeSent", self._tab)
        return [e["request"]["url"] for e in sent if not e["request"]["url"].startswith("data:")]

    def picture(self, *, whole: bool = False) -> bytes:
        """The window as PNG, or the whole page."""
        return base64.b64decode(self.ask("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    def paper(self) -> bytes:
        """The page as it is printed, PDF on A4."""
        told = self.ask("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, printBackground=True)
        return base64.b64decode(told["data"])


def _pipe() -> tuple[int, int]:
    """Both ends of a pipe, out of the way of the descriptors that the browser uses."""
    ends = os.pipe()
    reading, writing = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, FREE_FROM) for end in ends)
    for end in ends:
        os.close(end)
    return reading, writing
