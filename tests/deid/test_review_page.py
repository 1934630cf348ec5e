"""The page of the review in a real browser: Chromium, driven by chromedriver; left out where they are not installed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from browser import Browser, needs_browser
from relcode.deid import Decision, Finding, deidentify, new_decisions, read_decisions
from relcode.deid.review import render_review
from relcode.records import Session

pytestmark = [pytest.mark.server, needs_browser]


HOSTILE = "</script><img src=x onerror='document.title=1'> 😀 Casimir\u2028 \u05e9\u05dc\u05d5\u05dd met a glassblower. {{ 7*7 }}"


@pytest.fixture
def sessions(session_of: Callable[..., Session]) -> list[Session]:
    return [
        session_of(f"C: {HOSTILE}", "T: Zorblax? And Casimir?", session_id="A<b>", dyad="D"),
        session_of("C: The glassblower, Casimir.", "T: Yes.", session_id="B", dyad="D"),
    ]


def findings_in(sessions: list[Session]) -> list[Finding]:
    """Three times Casimir, and a doubt: Zorblax."""
    found = []
    for session in sessions:
        for turn in session.turns:
            for words, probability in (("Zorblax", 0.3), ("Casimir", 0.9)):
                with contextlib.suppress(ValueError):
                    start = turn.text.index(words)
                    place = (session.session_id, turn.turn, start, start + len(words))
                    found.append(Finding(*place, "NAME", probability, "rule", words))
    return found


def open_page(browser: Browser, tmp_path: Path, sessions: list[Session], *decisions: Decision) -> None:
    page = tmp_path / "review.html"
    page.write_text(render_review(sessions, findings_in(sessions), decisions, who="anna"), encoding="utf-8")
    browser.send("/url", {"url": page.as_uri()})


def save(browser: Browser, tmp_path: Path) -> list[Decision]:
    saved = tmp_path / "deid-review.jsonl"
    saved.unlink(missing_ok=True)
    browser.press("s")
    ends = time.monotonic() + 20
    while not (saved.exists() and saved.stat().st_size) and time.monotonic() < ends:
        time.sleep(0.05)
    assert saved.exists(), sorted(path.name for path in tmp_path.iterdir())
    decisions, faults = read_decisions(saved)
    assert faults == []
    return decisions


def select_words(browser: Browser, words: str) -> None:
    """Drag the mouse over the middle of some words, as a person does who does not aim at their ends."""
    script = """
      for (const turn of document.querySelectorAll(".words")) {
        const walker = document.createTreeWalker(turn, NodeFilter.SHOW_TEXT);
        for (let node; (node = walker.nextNode());) {
          const at = node.data.indexOf(arguments[0]);
          if (at < 0) continue;
          turn.scrollIntoView({ block: "center" });
          const range = document.createRange();
          range.setStart(node, at + 2);
          range.setEnd(node, at + arguments[0].length - 2);
          const { left, right, top, bottom } = range.getBoundingClientRect();
          return [left, right, (top + bottom) / 2].map(Math.round);
        }
      }"""
    left, right, height = browser.run(script, words)
    browser.drag((left, height), (right, height))


def undone(browser: Browser) -> bool:
    """Whether the page would ask before it closes."""
    script = (
        "const e = new Event('beforeunload', { cancelable: true }); window.dispatchEvent(e); return e.defaultPrevented"
    )
    return bool(browser.run(script))


def severe(browser: Browser) -> list[str]:
    log = browser.send("/se/log", {"type": "browser"})
    return [entry["message"] for entry in log if entry["level"] == "SEVERE"]


def test_what_is_decided_on_the_page_is_what_deid_then_does(
    browser: Browser, tmp_path: Path, sessions: list[Session]
) -> None:
    open_page(browser, tmp_path, sessions)
    assert browser.text("#what") == "Zorblax"  # doubts first
    assert not undone(browser)
    browser.press("a")  # the doubt is a name; then the first Casimir
    assert browser.text("#what") == "Casimir"
    browser.press("rR")  # not here; and nowhere for this client
    select_words(browser, "glassblower")
    assert browser.until("#selected", "glass") == "glassblower"
    browser.press("9A")
    assert browser.text("#count") == "4 of 4 findings decided; 2 added"
    assert undone(browser)
    decisions = save(browser, tmp_path)
    assert not undone(browser)
    fresh, faults = new_decisions(decisions, [], sessions)
    assert faults == []
    assert {(d.decision, d.scope, d.label, d.who) for d in fresh} == {
        ("accept", "here", "NAME", "anna"),
        ("reject", "here", "NAME", "anna"),
        ("reject", "client", "NAME", "anna"),
        ("add", "client", "OTHER_ID", "anna"),
    }
    texts = [turn.text for session in deidentify(sessions, decisions=fresh).sessions for turn in session.turns]
    assert texts == [
        HOSTILE.replace("glassblower", "[OTHER_ID_1]"),
        "[NAME_1]? And Casimir?",
        "The [OTHER_ID_1], Casimir.",
        "Yes.",
    ]
    assert browser.run("return document.title") == "Review of identifiers: 2 sessions"
    assert browser.run("return document.querySelectorAll('img').length") == 0
    assert severe(browser) == []


def test_nothing_is_kept_by_the_browser_and_a_saved_file_brings_it_back(
    browser: Browser, tmp_path: Path, sessions: list[Session]
) -> None:
    open_page(browser, tmp_path, sessions)
    browser.press("aA")
    saved = save(browser, tmp_path)
    file = tmp_path / "deid-review.jsonl"
    stale = msgspec.structs.replace(saved[0], turn_sha256="0" * 64)
    file.write_bytes(file.read_bytes() + msgspec.json.encode(stale) + b"\n{}\nno\n")
    browser.send("/refresh")
    assert browser.text("#count").startswith("0 of 4")
    browser.send(f"/element/{browser.find('#load')}/value", {"text": str(file)})
    assert browser.until("#count", "4 of 4").startswith("4 of 4")
    assert browser.text("#said").startswith("2 decision(s) loaded. Not used: line 3, 4, 5 ")
    assert sorted(save(browser, tmp_path), key=str) == sorted(saved, key=str)


def test_what_was_decided_before_can_be_taken_back(browser: Browser, tmp_path: Path, sessions: list[Session]) -> None:
    open_page(browser, tmp_path, sessions)
    browser.press("jR")
    (before,) = save(browser, tmp_path)
    open_page(browser, tmp_path, sessions, before)
    assert browser.text("#count").startswith("3 of 4")
    browser.press("ju")
    assert browser.text("#count").startswith("0 of 4")
    (after,) = save(browser, tmp_path)
    assert (after.decision, after.slot) == ("withdraw", before.slot)
    assert new_decisions([after], [before], sessions)[0] == [after]


def test_the_list_can_be_narrowed(browser: Browser, tmp_path: Path, sessions: list[Session]) -> None:
    open_page(browser, tmp_path, sessions)
    choose = (
        "const s = document.getElementById(arguments[0]); s.value = arguments[1]; s.dispatchEvent(new Event('change'))"
    )
    listed = "return [...document.querySelectorAll('#groups .w')].map((row) => row.textContent)"
    assert browser.run(listed) == ["Zorblax", "Casimir"]
    for name, value, expected in (
        ("kind", "doubt", ["Zorblax"]),
        ("kind", "sure", ["Casimir"]),
        ("kind", "added", []),
        ("kind", "all", ["Zorblax", "Casimir"]),
        ("order", "often", ["Casimir", "Zorblax"]),
        ("where", "1", ["Casimir"]),
        ("where", "", ["Casimir", "Zorblax"]),
        ("label", "PHONE", []),
        ("label", "NAME", ["Casimir", "Zorblax"]),
    ):
        browser.run(choose, name, value)
        assert browser.run(listed) == expected, (name, value)
    browser.run("document.getElementById('open').click()")
    browser.run("document.querySelector('#groups button').click()")
    browser.press("R")
    assert browser.run(listed) == ["Zorblax"]


@pytest.mark.parametrize("lines", [[], ["C: Yes."]])
def test_without_findings_the_page_says_so(
    browser: Browser, tmp_path: Path, session_of: Callable[..., Session], lines: list[str]
) -> None:
    sessions = [session_of(*lines)] if lines else []
    open_page(browser, tmp_path, sessions)
    assert browser.text("#what").startswith("The detectors found nothing")
    browser.press("jkarARu1n")
    assert browser.text("#count") == "0 of 0 findings decided; 0 added"
    assert severe(browser) == []


def test_every_field_and_button_has_a_name(browser: Browser, tmp_path: Path, sessions: list[Session]) -> None:
    open_page(browser, tmp_path, sessions)
    unnamed = """return [...document.querySelectorAll("input, select, button")].filter((one) =>
      !(one.labels && one.labels.length) && !one.textContent.trim() && !one.getAttribute("aria-label")).map((one) => one.id)"""
    assert browser.run(unnamed) == []
