"""Code a page in Doccano as a person does: in a browser, with mouse and keys. For tests with real coders' accounts.

Offsets are code points of the page's whole text, as the server holds it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from browser import ELEMENT, Browser, WebDriverError

ENTER = "\ue007"
_WAIT_SECONDS = 30.0
_CHOSEN = ".v-chip--active"  # in the list of codes
Found = TypeVar("Found")

# The text of a page is one SVG text element a line, whose id is `start:end` in the page's UTF-16 code units; lines far
# from the visible part do not exist, or lie far above as old ones to be used again. A point is taken a hair inside the
# first (or last) character that a person sees, so that the selection begins (ends) at its edge; in Hebrew and Arabic that
# is the right (left) one.
_POINT = """
  const [unit, atStart, scroll] = arguments;
  for (const line of document.querySelectorAll("#container text[id]")) {
    const [from, to] = line.id.split(":").map(Number);
    if (!line.firstChild || unit < from || unit >= to || line.getBoundingClientRect().top < -5000) continue;
    if (scroll) line.scrollIntoView({ block: "center" });
    const data = line.firstChild.data, at = unit - from;
    const seen = [...new Intl.Segmenter().segment(data)].find((one) => one.index <= at && at < one.index + one.segment.length);
    const range = document.createRange();
    range.setStart(line.firstChild, seen.index);
    range.setEnd(line.firstChild, seen.index + seen.segment.length);
    const { left, right, top, bottom } = range.getBoundingClientRect();
    const rightToLeft = /[\\u0590-\\u08ff]/.test(seen.segment);
    return [atStart === rightToLeft ? right - 1 : left + 1, (top + bottom) / 2].map(Math.round);
  }
  // lines are drawn a moment after they come into view: what was passed over by then is found the next time round
  const atEnd = window.scrollY + window.innerHeight >= document.documentElement.scrollHeight - 2;
  if (scroll && atEnd) window.scrollTo(0, 0);
  else if (scroll) window.scrollBy(0, window.innerHeight / 2);
  return null;"""

# The mark of a label: a group with its code, under the line that covers its words; `at` is where these begin.
_MARK = """
  const [code, unit] = arguments;
  for (const line of document.querySelectorAll("#container text[id]")) {
    const [from, to] = line.id.split(":").map(Number);
    if (!line.firstChild || unit < from || unit >= to || line.getBoundingClientRect().top < -5000) continue;
    const range = document.createRange();
    range.setStart(line.firstChild, unit - from);
    range.setEnd(line.firstChild, unit - from + 1);
    const at = range.getBoundingClientRect().left;
    const marks = [...line.closest("svg").querySelectorAll("g[style] > text")].filter((one) => one.textContent === code);
    const near = marks.find((one) => Math.abs(one.parentNode.getBoundingClientRect().left - at) < 6);
    if (near) line.scrollIntoView({ block: "center" });
    return near || null;
  }
  return null;"""

# How many requests for labels the page has had answered, once the last answer is a moment old and so has been drawn.
_ANSWERED = """
  performance.setResourceTimingBufferSize(100000);
  const answered = performance.getEntriesByType("resource")
    .filter((one) => /\\/examples\\/\\d+\\/spans(\\/\\d+)?$/.test(one.name) && one.responseEnd > 0);
  return answered.every((one) => one.responseEnd < performance.now() - 300) ? answered.length : 0;"""


class Drawn(NamedTuple):
    """A label to draw: code points of the page (end exclusive), and the code."""

    start: int
    end: int
    code: str


def sign_in(browser: Browser, url: str, account: str, password: str) -> None:
    """Sign in on Doccano's page."""
    browser.send("/url", {"url": f"{url}/auth"})
    for name, value in (("username", account), ("password", password)):
        field = _until(_by_css(browser, f"input[name={name}]"))
        browser.send(f"/element/{field[ELEMENT]}/value", {"text": value})
    browser.press(ENTER)
    _until(lambda: "/projects" in browser.run("return location.href"))


def open_page(browser: Browser, url: str, project_id: int, number: int) -> None:
    """Open page `number` (from 1) of a project and wait until its text and its labels stand there."""
    browser.send("/url", {"url": f"{url}/projects/{project_id}/sequence-labeling?page={number}"})
    _until(lambda: browser.run("return document.querySelector('#container text[id]') !== null"))
    _until(lambda: browser.run(_ANSWERED))


def draw(browser: Browser, text: str, label: Drawn, *, key: str | None = None) -> None:
    """Select words with the mouse and give them a code: with its key pressed before, or from the list that opens."""
    before = _until(lambda: browser.run(_ANSWERED))
    if key is not None:
        _until(lambda: _is_chosen(browser, key))
    start, end = _units(text, label.start), _units(text, label.end)
    _point(browser, start, at_start=True, scroll=True)
    to = _point(browser, end - 1, at_start=False)
    browser.drag(_point(browser, start, at_start=True), to)
    if key is None:
        _choose(browser, label.code)
    else:
        _let_go(browser)
    _until(lambda: browser.run(_ANSWERED) > before)


def _is_chosen(browser: Browser, key: str) -> bool:
    """Whether a code is chosen, after its key was pressed: once more where a menu that was closing has taken it."""
    if _by_css(browser, _CHOSEN)() is None:
        browser.press(key)
        time.sleep(0.3)
    return _by_css(browser, _CHOSEN)() is not None


def _let_go(browser: Browser) -> None:
    """Click the code that a key has chosen, as its key does not: the next words are not of that code by themselves."""
    # it may lie under the bar at the top
    browser.run("document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })", _CHOSEN)
    _click(browser, _by_css(browser, _CHOSEN))
    _until(lambda: browser.run("return document.querySelector(arguments[0]) === null", _CHOSEN))


def relabel(browser: Browser, text: str, label: Drawn, code: str) -> None:
    """Give a label that stands there another code, by its mark."""
    _open_mark(browser, text, label)
    before = _until(lambda: browser.run(_ANSWERED))
    _choose(browser, code)
    _until(lambda: browser.run(_ANSWERED) > before)


def delete(browser: Browser, text: str, label: Drawn) -> None:
    """Delete a label that stands there, by its mark."""
    before = _until(lambda: browser.run(_ANSWERED))
    _open_mark(browser, text, label)
    _click(browser, _by_css(browser, ".menuable__content__active .v-chip__close"))
    _until(lambda: browser.run(_ANSWERED) > before)


def confirm(browser: Browser) -> None:
    """Tick the page as done."""
    _click(browser, _by_css(browser, ".toolbar-control button"))
    _until(lambda: _is_confirmed(browser))


def code_page(
    browser: Browser, url: str, project_id: int, number: int, text: str, labels: Iterable[Drawn], *, done: bool = True
) -> None:
    """Open page `number` (from 1), draw labels on it, and confirm it unless it is confirmed. Sign in before.

    Parameters
    ----------
    text
        The page's whole text.
    done
        Whether to confirm.
    """
    open_page(browser, url, project_id, number)
    for label in labels:
        draw(browser, text, label)
    if done and not _is_confirmed(browser):
        confirm(browser)


def _units(text: str, offset: int) -> int:
    return len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2


def _point(browser: Browser, unit: int, *, at_start: bool, scroll: bool = False) -> tuple[int, int]:
    x, y = _until(lambda: browser.run(_POINT, unit, at_start, scroll))
    return x, y


def _is_confirmed(browser: Browser) -> bool:
    """By the sign on the first button: a tick, where it was a cross."""
    return str(browser.run("return document.querySelector('.toolbar-control path').getAttribute('d')")).startswith(
        "M21,7L9,19"
    )


def _mark(browser: Browser, text: str, label: Drawn) -> dict[str, str] | None:
    found: dict[str, str] | None = browser.run(_MARK, label.code, _units(text, label.start))
    return found


def _open_mark(browser: Browser, text: str, label: Drawn) -> None:
    _point(browser, _units(text, label.start), at_start=True, scroll=True)  # a line far down is not drawn before
    _click(browser, lambda: _mark(browser, text, label))
    _until(lambda: browser.run("return document.querySelector('.menuable__content__active') !== null"))


def _choose(browser: Browser, code: str) -> None:
    script = """return [...document.querySelectorAll('.menuable__content__active [role=menuitem] .v-list-item__title')].find(
      (one) => one.textContent.trim() === arguments[0])"""
    _click(browser, lambda: browser.run(script, code))


def _by_css(browser: Browser, css: str) -> Callable[[], dict[str, str] | None]:
    return lambda: browser.run("return document.querySelector(arguments[0])", css)


def _click(browser: Browser, find: Callable[[], dict[str, str] | None]) -> None:
    """Click on an element once it is there and lies open; menus move while they unfold."""

    def clicked() -> bool:
        element = find()
        with contextlib.suppress(WebDriverError):
            if element is not None:
                browser.send(f"/element/{element[ELEMENT]}/click")
                return True
        return False

    _until(clicked)


def _until(look: Callable[[], Found | None]) -> Found:
    """What `look` finds, once it finds something."""
    ends = time.monotonic() + _WAIT_SECONDS
    while not (found := look()):
        assert time.monotonic() < ends, "Doccano's page did not get there in time"
        time.sleep(0.05)
    return found
