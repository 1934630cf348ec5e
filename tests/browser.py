"""A real browser for tests: Chromium, driven by chromedriver over the WebDriver protocol (W3C)."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element in the WebDriver protocol
AXE = Path(__file__).parent / "data" / "axe" / "axe.min.js"
needs_browser = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="needs Chromium and chromedriver (apt install chromium-driver)"
)


class WebDriverError(Exception):
    """The browser could not do what it was told: no such element, covered by another, a script's error ..."""


class Browser:
    """The few commands of the WebDriver protocol (W3C) that the tests need."""

    def __init__(self, address: str, downloads: Path) -> None:
        self.address = address
        arguments = ["--headless=new", "--disable-gpu", "--window-size=1300,850"]
        arguments += ["--no-sandbox"] if os.geteuid() == 0 else []
        options = {"binary": CHROMIUM, "args": arguments, "prefs": {"download.default_directory": str(downloads)}}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        self.session = ""
        self.session = "/session/" + self.send("/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def send(self, path: str, body: Any = None, method: str = "POST") -> Any:
        data = None if method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.address + self.session + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise WebDriverError(f"{value['error']}: {value['message'].splitlines()[0]}") from None

    def run(self, script: str, *arguments: object) -> Any:
        return self.send("/execute/sync", {"script": script, "args": list(arguments)})

    def text(self, css: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).textContent", css))

    def until(self, css: str, start: str) -> str:
        """The text of an element, once it begins so, or after five seconds as it is."""
        ends = time.monotonic() + 5
        while not (text := self.text(css)).startswith(start) and time.monotonic() < ends:
            time.sleep(0.02)
        return text

    def press(self, keys: str) -> None:
        steps = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.send("/actions", {"actions": [{"type": "key", "id": "keys", "actions": steps}]})

    def find(self, css: str) -> str:
        return str(self.send("/element", {"using": "css selector", "value": css})[ELEMENT])

    def violations(self) -> list[Any]:
        """What axe-core finds on the page against WCAG 2.1, levels A and AA, and its best practices."""
        self.run(AXE.read_text(encoding="utf-8"))
        script = """
          const done = arguments[arguments.length - 1];
          const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
          axe.run(document, { runOnly: tags }).then(
            (found) => done(found.violations.map((each) => [each.id, each.nodes.slice(0, 3).map((node) => node.html)])),
            (error) => done([String(error)]));"""
        found: list[Any] = self.send("/execute/async", {"script": script, "args": []})
        return found

    def severe(self) -> list[str]:
        """What the browser's console was told that is an error: a fault in a script, a thing that could not be fetched."""
        log = self.send("/se/log", {"type": "browser"})
        return [entry["message"] for entry in log if entry["level"] == "SEVERE"]

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        steps: list[dict[str, Any]] = [
            {"type": "pointerMove", "x": start[0], "y": start[1]},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerMove", "x": end[0], "y": end[1], "duration": 50},
            {"type": "pointerUp", "button": 0},
        ]
        self.send("/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": steps}]})


def started_driver() -> tuple[subprocess.Popen[str], str]:
    """A driver and its port. It wants one port on two addresses, and now and then one of them is taken: then it ends."""
    for _ in range(5):
        driver = subprocess.Popen([str(DRIVER), "--port=0"], stdout=subprocess.PIPE, text=True)
        assert driver.stdout is not None
        for line in driver.stdout:
            match = re.search(r"successfully on port (\d+)", line)
            if match:
                return driver, match[1]
        driver.wait()
    pytest.fail("chromedriver does not start")


@contextlib.contextmanager
def opened_browser(downloads: Path) -> Iterator[Browser]:
    """A browser of its own, without anybody's cookies; closed at the end of the block."""
    driver, port = started_driver()
    with driver:
        try:
            made = Browser(f"http://127.0.0.1:{port}", downloads)
            try:
                yield made
            finally:
                made.send("", method="DELETE")
        finally:
            driver.terminate()
