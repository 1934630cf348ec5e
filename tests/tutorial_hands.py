"""What the tutorial's reader does by hand, in a real browser: the review of names, two pages of coding, one dispute.

What is coded by hand is such that the stand-in's counts stay those of the page: for every suggestion deleted a label is added.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import coding_page
from browser import Browser
from coding_page import Drawn
from relcode.doccano.listing import list_examples
from relcode.doccano.server import read_server
from relcode.doccano.session import connect
from written_commands import run_block

MISSED, ITS_SESSION = "Dana", "D2-T02-s05"
_WHERE = """
  const chooser = document.querySelector("#session");
  chooser.value = [...chooser.options].find((one) => one.textContent.startsWith(arguments[0])).value;
  chooser.dispatchEvent(new Event("change"));
  for (const turn of document.querySelectorAll("#turns .words")) {
    const at = turn.textContent.indexOf(arguments[1]);
    if (at < 0 || turn.querySelector("mark")) continue;
    turn.scrollIntoView({ block: "center" });
    const range = document.createRange();
    range.setStart(turn.firstChild, at);
    range.setEnd(turn.firstChild, at + arguments[1].length);
    const { left, right, top, bottom } = range.getBoundingClientRect();
    return [left + 1, right - 1, (top + bottom) / 2].map(Math.round);
  }"""


def review(browser: Browser, folder: Path) -> None:
    """Step 4: select a name that was missed, and save; the two commands that are left out today leave no trace of her."""
    browser.send("/url", {"url": (folder / "review.html").as_uri()})
    left, right, height = browser.run(_WHERE, ITS_SESSION, MISSED)
    browser.drag((left, height), (right, height))
    assert browser.until("#selected", MISSED) == MISSED
    for button in ("#addAll", "#save"):
        _click(browser, button)
    saved = folder / "deid-review.jsonl"
    ends = time.monotonic() + 20
    while not (saved.is_file() and saved.stat().st_size) and time.monotonic() < ends:
        time.sleep(0.05)
    run_block("relcode deid review raw --take deid-review.jsonl", folder)
    run_block("relcode deid raw --out study/transcripts --decisions deid-decisions.jsonl", folder)
    written = list((folder / "study/transcripts").glob("D2-*.jsonl"))
    assert written
    assert [path.name for path in written if MISSED in path.read_text(encoding="utf-8")] == []
    (folder / "deid-decisions.jsonl").unlink()  # the page's figures are without decisions


def code(browser: Browser, folder: Path) -> None:
    """Step 7: on two pages delete, change and add, by list and by key, and tick; the ledger then has them."""
    text = _opened(browser, folder, "anna", project=1)
    coding_page.delete(browser, text, _drawn(text, "Has it stopped?", "QUEST"))
    coding_page.delete(browser, text, _drawn(text, "It's sort of spitting.", "HN"))
    coding_page.relabel(browser, text, _drawn(text, "It's an umbrella.", "OTHER"), "INFO")
    coding_page.draw(browser, text, _drawn(text, "Um, how are you?", "HN"), key="h")
    coding_page.draw(browser, text, _drawn(text, "Sorry.\n", "RUP.withdrawal"))
    coding_page.confirm(browser)
    coding_page.open_page(browser, read_server(folder / "study").url, 1, 2)
    coding_page.confirm(browser)
    said = run_block("relcode pull --project study", folder)
    assert "anna (1): 2 of 81 page(s) confirmed" in said
    assert "2 added, 2 confirm, 2 rejected, 1 relabelled" in said


def settle(browser: Browser, folder: Path) -> None:
    """Step 9: of the first dispute one label is deleted, and the reason given; that page waits no more."""
    text = _opened(browser, folder, "adjudicator", project=3)
    coding_page.delete(browser, text, _drawn(text, "Leave it, then, and shout if you get cold.", "OTHER"))
    reason = _drawn(text, "Leave it, then, and shout if you get cold.", "why.near-miss")
    coding_page.draw(browser, text, reason, key="2")
    coding_page.confirm(browser)
    said = run_block("relcode adjudicate pull --project study --out early.jsonl", folder)
    assert "D1-T01-s03: not settled; 5 of 6 page(s) in dispute wait" in said


BY_HAND: dict[str, Callable[[Browser, Path], None]] = {
    "relcode deid review": review,
    "relcode push": code,
    "relcode adjudicate push": settle,
}


def _opened(browser: Browser, folder: Path, account: str, *, project: int) -> str:
    """Sign in, open the first page of a project; its text."""
    server = read_server(folder / "study")
    coding_page.sign_in(browser, server.url, account, server.accounts[account])
    coding_page.open_page(browser, server.url, project, 1)
    return list_examples(connect(server.url, server.admin, server.accounts[server.admin]), project)[0].text


def _drawn(text: str, words: str, code: str) -> Drawn:
    start = text.index(words)
    return Drawn(start, start + len(words.rstrip()), code)


def _click(browser: Browser, css: str) -> None:
    browser.send(f"/element/{browser.find(css)}/click")
