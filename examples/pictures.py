"""`make pictures`: run the tutorial's commands as they stand, and take its pictures from what runs.

The study is made in a folder of its own, which goes afterwards; the pictures are written to `docs/pictures/`.
Needs Chromium and chromedriver; with Pillow the pictures are made smaller.
"""

from __future__ import annotations

import base64
import io
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

from browser import CHROMIUM, DRIVER, Browser, opened_browser  # noqa: E402
from coding_page import open_page, sign_in  # noqa: E402
from relcode.doccano.server import read_server  # noqa: E402
from written_commands import run_block, sh_blocks, stopped_doccano  # noqa: E402

PICTURES = REPOSITORY / "docs" / "pictures"
WIDTH, HEIGHT = 1280, 800  # CSS pixels of what the window shows
LARGEST = 200_000  # bytes a picture
COLOURS = 64
PAGE_IN_DOCCANO, PAST_CONTEXT = 14, 330  # in the middle of a session; CSS pixels from its top to what is to be coded
SESSION, TURN = "D1-T01-s09", 88


def main() -> None:
    if not (CHROMIUM and DRIVER):
        sys.exit("The pictures need Chromium and chromedriver (apt install chromium chromium-driver).")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "relcode").symlink_to(REPOSITORY)
        with stopped_doccano(folder / "study"), opened_browser(folder) as browser:
            for block in sh_blocks(REPOSITORY / "docs" / "tutorial.md"):
                print(block, end="", flush=True)
                run_block(block, folder)
                for command, take in AFTER.items():
                    if command in block:
                        take(browser, folder)


def deid_review(browser: Browser, folder: Path) -> None:
    show(browser, folder / "review.html")
    browser.press("j")  # the next finding, with its words
    keep(browser, "deid-review")


def doccano(browser: Browser, folder: Path) -> None:
    fit_window(browser, HEIGHT)
    server = read_server(folder / "study")
    sign_in(browser, server.url, "anna", server.accounts["anna"])
    open_page(browser, server.url, 1, PAGE_IN_DOCCANO)
    browser.run("window.scrollBy(0, arguments[0])", PAST_CONTEXT)
    keep(browser, "doccano")


def reliability(browser: Browser, folder: Path) -> None:
    show(browser, folder / "study/reports/reliability.html", height=640)
    keep(browser, "reliability")
    browser.run("document.querySelector('#codes').scrollIntoView()")
    keep(browser, "reliability-codes")


def report(browser: Browser, folder: Path) -> None:
    show(browser, folder / "study/reports/report.html", height=880)
    until(browser, "return Boolean(document.documentElement.dataset.ready)")
    keep(browser, "report")
    open_turn(browser)
    browser.run("document.querySelector('#map-head').scrollIntoView()")
    keep(browser, "session-map")


def open_turn(browser: Browser) -> None:
    """Choose a session and a turn in the report's map; a session is unpacked first, so that its turns come a moment later."""
    browser.run(
        """const chooser = document.querySelector("#session");
        chooser.value = [...chooser.options].find((one) => one.textContent === arguments[0]).value;
        chooser.dispatchEvent(new Event("change"));""",
        SESSION,
    )
    until(
        browser,
        f"""document.querySelectorAll("#map .turn")[{TURN - 1}].focus();
        return document.querySelector("#panel-head").textContent.startsWith("{SESSION}, turn {TURN}");""",
    )


def model_card(browser: Browser, folder: Path) -> None:
    show(browser, folder / "study/models/first/card.html")
    keep(browser, "model-card")


AFTER: dict[str, Callable[[Browser, Path], None]] = {
    "relcode deid review": deid_review,
    "relcode push": doccano,
    "relcode agreement": reliability,
    "relcode audit": report,
    "relcode train": model_card,
}


def show(browser: Browser, page: Path, *, height: int = HEIGHT) -> None:
    fit_window(browser, height)
    browser.send("/url", {"url": page.as_uri()})
    until(browser, "return document.readyState === 'complete'")


def fit_window(browser: Browser, height: int) -> None:
    """Make the window so large that it shows WIDTH x `height`; its frame differs from browser to browser."""
    browser.send("/window/rect", {"width": WIDTH, "height": height})
    inner = browser.run("return [innerWidth, innerHeight]")
    browser.send("/window/rect", {"width": 2 * WIDTH - inner[0], "height": 2 * height - inner[1]})


def until(browser: Browser, script: str) -> None:
    ends = time.monotonic() + 20
    while not browser.run(script):
        if time.monotonic() > ends:
            sys.exit(f"The page did not get there: {script}")
        time.sleep(0.05)


def keep(browser: Browser, name: str) -> None:
    """Write what the window shows to `docs/pictures/`."""
    time.sleep(0.5)  # what fades in has done so
    picture = smaller(base64.b64decode(browser.send("/screenshot", method="GET")))
    if len(picture) > LARGEST:
        sys.exit(f"{name}.png has {len(picture)} bytes, more than {LARGEST}; with Pillow installed it is smaller.")
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / f"{name}.png").write_bytes(picture)
    print(f"docs/pictures/{name}.png: {len(picture)} bytes", flush=True)


def smaller(picture: bytes) -> bytes:
    """The same in few colours, if Pillow is here."""
    try:
        from PIL import Image
    except ImportError:
        return picture
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
