"""The report's page in a real browser: Chromium, driven by chromedriver; left out where they are not installed."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from browser import Browser, needs_browser
from relcode.audit import audit, render_report
from relcode.codebook import Codebook
from relcode.ledger.reviews import Mark, read_marks
from relcode.records import Session, Span

pytestmark = [pytest.mark.server, needs_browser]

Coded = Callable[..., tuple[Session, list[Span]]]
RIGHT, LEFT, DOWN, HOME, END, ENTER, ESCAPE = "\ue014", "\ue012", "\ue015", "\ue011", "\ue010", "\ue007", "\ue00c"
HOSTILE = (
    "</script><img src=x onerror='document.title=1'><b>bold</b> 😀 \u2028 \u05e9\u05dc\u05d5\u05dd {{ 7*7 }} &amp;"
)
ROUND = [
    "T: I am moved by zebras. | TSI HN",
    "C: Thanks, marmalade. | WARM",
    "T: What is that like? | INQ META",
    "C: You push me. | RUP.confrontation",
    "T: I pushed. | REP.immediate",
    "C: It is hard. | COOP",
]


class Opened:
    """A page in the browser, and what it was made of."""

    def __init__(self, browser: Browser, folder: Path, codebook: Codebook) -> None:
        self.browser, self.folder, self.codebook = browser, folder, codebook
        self.sessions: list[Session] = []

    def show(self, *made: tuple[Session, list[Span]], redact: bool = False, source: str = "accepted") -> None:
        self.sessions = [session for session, _ in made]
        labels = [span for _, spans in made for span in spans]
        result = audit(self.sessions, self.codebook, labels=labels, source=source)
        page = self.folder / "report.html"
        html = render_report(result, self.sessions, self.codebook, labels=labels, redact=redact)
        page.write_text(html, encoding="utf-8")
        self.browser.send("/url", {"url": page.as_uri()})
        self.until("return Boolean(document.documentElement.dataset.ready)")

    def until(self, script: str, *arguments: object) -> Any:
        """What a script gives, once that is something, or after ten seconds as it is."""
        ends = time.monotonic() + 10
        while not (found := self.browser.run(script, *arguments)) and time.monotonic() < ends:
            time.sleep(0.02)
        return found

    def head(self, start: str) -> str:
        return self.browser.until("#panel-head", start)

    def texts(self, css: str) -> list[str]:
        found: list[str] = self.browser.run(
            "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent)", css
        )
        return found

    def click(self, css: str, number: int = 0) -> None:
        self.browser.run("document.querySelectorAll(arguments[0])[arguments[1]].click()", css, number)

    def focus(self, turn: int) -> None:
        """Put the focus on a turn in the map; counted from 1."""
        self.browser.run("document.querySelectorAll('#map .turn')[arguments[0] - 1].focus()", turn)

    def saved(self) -> list[Mark]:
        """Save the marks on the page; what `relcode pull --review` reads of the file."""
        file = self.folder / "review.jsonl"
        file.unlink(missing_ok=True)
        # A click of the mouse: a second download that no person asked for is refused by the browser.
        self.browser.send(f"/element/{self.browser.find('#save')}/click")
        ends = time.monotonic() + 20
        while not (file.exists() and file.stat().st_size) and time.monotonic() < ends:
            time.sleep(0.05)
        return read_marks(file, self.sessions)

    def warns(self) -> bool:
        """Whether the page would ask before it closes."""
        script = (
            "const e = new Event('beforeunload', { cancelable: true }); dispatchEvent(e); return e.defaultPrevented"
        )
        return bool(self.browser.run(script))


@pytest.fixture
def page(browser: Browser, tmp_path: Path, codebook: Codebook) -> Opened:
    return Opened(browser, tmp_path, codebook)


def test_the_map_has_a_strip_for_each_turn_and_arrow_keys_go_from_turn_to_turn(page: Opened, coded: Coded) -> None:
    page.show(coded(*ROUND * 20))
    assert page.browser.run("return document.querySelectorAll('#map .turn').length") == 120
    assert page.browser.run("return document.querySelectorAll('#map [tabindex=\"0\"]').length") == 1
    page.focus(3)
    assert page.head("S1, turn 3").endswith("turn 3, therapist")
    page.browser.press(RIGHT + RIGHT + LEFT)
    assert page.head("S1, turn 4") == "S1, turn 4, client"
    assert [text.split()[0] for text in page.texts(".context .who")] == ["2", "3", "4", "5", "6"]
    assert page.texts(".context mark") == ["You push me."]
    page.browser.press(END)
    assert page.head("S1, turn 120").startswith("S1, turn 120")
    page.browser.press(HOME + DOWN)
    assert int(page.head("S1, turn").split()[2].strip(",")) > 20  # the row below
    page.browser.press(ENTER)
    assert page.browser.run("return document.activeElement.id") == "panel-head"
    assert page.browser.severe() == []


def test_pointing_at_a_turn_shows_its_words_and_codes_and_a_click_opens_it(page: Opened, coded: Coded) -> None:
    page.show(coded(*ROUND * 5))
    page.browser.run("document.getElementById('map').scrollIntoView()")
    script = """const box = document.querySelectorAll('#map .turn')[1].querySelector('.ground').getBoundingClientRect();
      return [box.left + box.width / 2, box.top + 10].map(Math.round)"""
    left, top = page.browser.run(script)
    steps: list[dict[str, Any]] = [{"type": "pointerMove", "x": left, "y": top}]
    pointer = {"type": "pointer", "id": "mouse", "actions": steps}
    page.browser.send("/actions", {"actions": [pointer]})
    assert page.browser.text("#tip") == "turn 2, client · 2 wordsWARMThanks, marmalade."
    steps += [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
    page.browser.send("/actions", {"actions": [pointer]})
    assert page.head("S1, turn 2") == "S1, turn 2, client"


def test_ruptures_are_joined_to_the_repair_that_meets_them(page: Opened, coded: Coded) -> None:
    page.show(coded(*ROUND * 3, "C: You again. | RUP.withdrawal", "T: Hm.", "C: No. | COOP"))
    count = "return document.querySelectorAll(arguments[0]).length"
    assert page.browser.run(count, "#map .rupture") == 4
    assert page.browser.run(count, "#map .rupture.unmet") == 1
    assert page.browser.run(count, "#map .arc") == page.browser.run(count, "#map .repair") == 3
    first, *_ = page.until("return [...document.querySelectorAll('#episodes > li')].map((each) => each.textContent)")
    assert first.startswith("turn 19: RUP.withdrawal; no repair coded within five turns (2")
    assert first.endswith("19 C You again.20 T Hm.21 C No.")
    page.browser.run("document.getElementById('map').scrollIntoView()")
    page.browser.send(f"/element/{page.browser.find('#map .rupture.unmet')}/click")
    assert page.head("S1, turn 19") == "S1, turn 19, client"
    page.browser.send(f"/element/{page.browser.find('#map .repair')}/click")
    assert page.head("S1, turn 5") == "S1, turn 5, therapist"


def test_every_number_opens_the_turns_behind_it(page: Opened, coded: Coded) -> None:
    page.show(*(coded(*ROUND * 20, session_id=name) for name in ("S1", "S2")))
    page.click(".card button.open", 0)
    assert page.head("Self-involving statements (TSI) among TSI and self-disclosures (TSD): 40").endswith(": 40 turns")
    assert page.texts(".found button.open")[:2] == ["S1, turn 1 T", "S1, turn 7 T"]
    page.click(".found button.open", 30)
    assert page.head("S2, turn 61") == "S2, turn 61, therapist"
    assert page.browser.run("return document.getElementById('session').value") == "1"
    page.click("#back")
    assert page.head("Self").endswith("40 turns")
    opened = page.browser.run(
        """const found = [];
        for (const each of document.querySelectorAll("[data-list]")) found.push([each.dataset.label, each.textContent]);
        return found"""
    )
    assert len(opened) > 50
    for number, (label, text) in enumerate(opened[:12]):
        page.click("[data-list]", number)
        head = page.head(label)
        assert head.rsplit(": ", 1)[1] in text.replace("\u00a0", " "), label
    assert page.browser.severe() == []


def test_filters_by_code_speaker_and_words(page: Opened, coded: Coded) -> None:
    page.show(coded(*ROUND * 10))
    left = "return document.querySelectorAll('#map .turn:not(.dim)').length"
    page.click('#codes button[title="name of META"]')
    assert page.browser.run(left) == 10
    assert page.browser.text("#shown") == "10 of 60 turns shown."
    page.focus(3)
    page.browser.press(RIGHT)  # to the next that is shown
    assert page.head("S1, turn 9") == "S1, turn 9, therapist"
    page.click('#codes button[title="name of COOP"]')
    assert page.browser.run(left) == 20
    page.browser.run(
        "const s = document.getElementById('speaker'); s.value = 'C'; s.dispatchEvent(new Event('change'))"
    )
    assert page.browser.run(left) == 10
    page.click("#clear")
    assert page.browser.run(left) == 60
    page.browser.run(
        "const w = document.getElementById('words'); w.value = 'ZEBRA'; w.dispatchEvent(new Event('input'))"
    )
    assert page.browser.run(left) == 10
    page.browser.run("document.getElementById('transcript').open = true")
    shown = "return [...document.querySelectorAll('#turns li')].filter((li) => getComputedStyle(li).display !== 'none').length"
    assert page.until(shown) == 10


def test_marks_are_saved_as_spans_that_pull_takes_in(page: Opened, coded: Coded) -> None:
    page.show(coded("C: Hm.", f"T: {HOSTILE} | TSI META", *ROUND * 5))
    assert not page.warns()
    page.focus(2)
    assert page.texts(".judged > li .small") == ["accepted label"] * 2
    page.click('.judged [data-code="TSI"] [data-judgement="wrong"]')
    page.browser.run(
        """const remark = document.querySelector('.judged [data-code="TSI"] input');
        remark.value = arguments[0]; remark.dispatchEvent(new Event('input'))""",
        "It is a <b>disclosure</b>.",
    )
    page.click('.judged [data-code="META"] [data-judgement="right"]')
    assert page.browser.text("#marked") == "2 codes marked: 1 wrong, 1 right; not saved yet."
    assert page.warns()
    wrong, right = page.saved()
    assert not page.warns()
    assert "saved as review.jsonl" in page.browser.text("#marked")
    assert (wrong.session_id, wrong.turn, wrong.code, wrong.judgement) == ("S1", 2, "TSI", "wrong")
    assert (wrong.text, wrong.remark, wrong.of) == (HOSTILE, "It is a <b>disclosure</b>.", ("accepted",))
    assert (right.code, right.judgement, right.codebook) == ("META", "right", "small@1.0.0")
    page.click('.judged [data-code="META"] [data-judgement="right"]')  # taken back
    page.click('.judged [data-code="TSI"] [data-judgement="right"]')  # changed
    (changed,) = page.saved()
    assert (changed.code, changed.judgement) == ("TSI", "right")
    assert page.browser.severe() == []


def test_offsets_are_code_points_also_after_an_emoji(page: Opened, coded: Coded, codebook: Codebook) -> None:
    session, labels = coded("T: 😀😀 I am moved. Yes.", *ROUND * 5)
    label = Span("S1", 1, 3, 14, "I am moved.", "TSI", "small@1.0.0", "coder:ana")
    page.show((session, [label, *labels]))
    page.focus(1)
    assert page.texts(".context mark") == ["I am moved."]
    assert page.texts(".judged .small") == ["coder ana"]
    page.click('.judged [data-judgement="wrong"]')
    (mark,) = page.saved()
    assert (mark.start, mark.end, mark.text) == (3, 14, "I am moved.")


def test_a_machines_reasons_and_probability_stand_beside_its_code(page: Opened, coded: Coded) -> None:
    session, _ = coded(*ROUND * 5)
    made = Span("S1", 1, 0, 5, "I am ", "TSI", "small@1.0.0", "cues", 0.83, ("own-reaction", "you-target"))
    page.show((session, [made]))
    page.focus(1)
    assert page.texts(".judged .small") == [
        "suggested by the codebook's cues, probability 0.83; because of own-reaction, you-target"
    ]


def test_a_hostile_transcript_is_text_everywhere(page: Opened, coded: Coded) -> None:
    name = '"><script>document.title=2</script>'
    lines = [f"T: {HOSTILE} | TSI REP.immediate", f"C: {HOSTILE} | RUP.withdrawal"] * 25
    page.show(
        coded(*lines, session_id=name, therapist="<img src=x>", dyad="<b>D"), source="<script>document.title=3</script>"
    )
    page.focus(1)
    page.click(".card button.open")
    page.browser.run("document.getElementById('transcript').open = true")
    page.until("return document.querySelectorAll('#turns li').length")
    assert HOSTILE in page.browser.text("#turns")
    assert page.browser.run("return document.querySelectorAll('img, b:not(li > b)').length") == 0
    assert page.browser.run("return document.title") == f"Audit of session {name}"
    assert page.browser.severe() == []


def test_a_page_without_words_shows_numbers_and_codes_and_its_marks_can_be_taken_in(page: Opened, coded: Coded) -> None:
    page.show(coded(*ROUND * 10), redact=True)
    page.focus(1)
    page.browser.run("document.getElementById('transcript').open = true")
    page.until("return document.querySelectorAll('#turns li').length")
    said = page.browser.run("return document.body.innerText")
    assert "zebras" not in said
    assert "marmalade" not in said
    assert page.texts(".context .who")[0] == "1 T · 5 words · TSI, HN"
    page.click('.judged [data-judgement="wrong"]')
    (mark,) = page.saved()
    assert '"text":""' in (page.folder / "review.jsonl").read_text(encoding="utf-8")
    assert mark.text == "I am moved by zebras."  # from the transcript, whose hash the mark names


def test_sessions_of_a_caseload_are_gone_through_by_keys_list_and_table(page: Opened, coded: Coded) -> None:
    made = [
        coded(*ROUND * (5 + n), session_id=f"S{n}", dyad=f"D{n % 3}", therapist="T01", session_number=n)
        for n in range(6)
    ]
    page.show(*made)
    title = "return document.querySelector('#map svg').getAttribute('aria-label')"
    assert page.browser.run(title).endswith("session S0")
    page.click("#session-after")
    assert page.until(title + ".endsWith('session S1')")
    page.click("#groups ~ .scroll [data-session]", 4)
    assert page.until(title + ".endsWith('session S4')")
    assert page.until("return document.activeElement.getAttribute('aria-label')").startswith("turn 1, therapist")
    page.browser.run("document.getElementById('episodes-here').click()")
    here = (
        "return [...document.querySelectorAll('#episodes button')].every((each) => each.textContent.startsWith('S4'))"
    )
    assert page.until(here)
    assert page.browser.severe() == []


def test_on_a_narrow_screen_the_panel_opens_below_and_escape_gives_the_focus_back(page: Opened, coded: Coded) -> None:
    page.browser.send("/window/rect", {"width": 700, "height": 900})
    page.show(coded(*ROUND * 20))
    visible = "return getComputedStyle(document.getElementById('panel')).display !== 'none'"
    assert not page.browser.run(visible)
    page.focus(5)
    page.browser.press(ENTER)
    assert page.browser.run(visible)
    page.browser.press(ESCAPE)
    assert not page.browser.run(visible)
    assert page.browser.run("return document.activeElement.dataset.t") == "4"
    assert page.browser.run("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1300, 700])
def test_axe_finds_nothing_against_wcag_2_1_aa(page: Opened, coded: Coded, width: int) -> None:
    page.browser.send("/window/rect", {"width": width, "height": 900})
    made = [
        coded(*ROUND * 12, session_id=f"S{n}", dyad=f"D{n // 3}", therapist="T1", session_number=n) for n in range(6)
    ]
    page.show(*made)
    assert page.browser.violations() == []
    page.browser.run("for (const each of document.querySelectorAll('details')) each.open = true")
    page.focus(1)
    page.click('.judged [data-judgement="wrong"]')
    assert page.browser.violations() == []
    page.click(".card button.open")
    page.head("Self")
    assert page.browser.violations() == []


def test_a_machines_report_has_no_violation_either(page: Opened, coded: Coded) -> None:
    session, labels = coded(*ROUND * 12)
    made = [Span(*x.key[:4], x.text, x.code, x.codebook, "cues", 0.5) for x in labels]
    page.show((session, made), source="cues")
    assert page.browser.violations() == []


def test_print_has_all_tables_and_charts_and_no_button(page: Opened, coded: Coded) -> None:
    page.show(coded(*ROUND * 60))
    page.focus(1)
    unfolded = """
      let found = null;
      addEventListener('beforeprint', () => {
        found = [...document.querySelectorAll('details.table')].every((each) => each.open);
      });
      dispatchEvent(new Event('beforeprint'));
      const columns = document.querySelectorAll('#map svg').length;
      dispatchEvent(new Event('afterprint'));
      return [found, columns, [...document.querySelectorAll('details.table')].some((each) => each.open)]"""
    assert page.browser.run(unfolded) == [True, 9, False]  # 360 turns, rows of 40
    options = {"page": {"width": 21, "height": 29.7}, "background": True}
    (page.folder / "page.pdf").write_bytes(base64.b64decode(page.browser.send("/print", options)))
    if shutil.which("pdftotext"):
        made = subprocess.run(["pdftotext", "-layout", page.folder / "page.pdf", "-"], capture_output=True, text=True)
        for expected in ("Balances and densities", "Therapist codes", "Client's turn before (-1)", "Glossary"):
            assert expected in made.stdout
        for unwanted in ("Show all", "Save marks", "Turns in context"):
            assert unwanted not in made.stdout


def test_an_hour_of_600_turns_can_be_used_within_a_second_and_a_half(page: Opened, coded: Coded) -> None:
    talk = " ".join(["So I was thinking about what you said, and how it felt to me then."] * 2)
    lines = [f"{line.partition(' | ')[0]} {talk} | {line.partition(' | ')[2]}" for line in ROUND * 100]
    page.show(coded(*lines))
    assert page.browser.run("return document.querySelectorAll('#map .turn').length") == 600
    assert int(page.browser.run("return document.documentElement.dataset.ready")) < 1500
    script = "const at = performance.now(); document.querySelectorAll('#map .turn')[500].focus(); return performance.now() - at"
    assert page.browser.run(script) < 200
    assert page.head("S1, turn 501") == "S1, turn 501, therapist"


@pytest.mark.parametrize("lines", [[], ["T: Hm."] * 5, ["C: It rains. | COOP"] * 30])
def test_short_one_sided_and_empty_sessions_have_a_page_that_works(
    page: Opened, coded: Coded, lines: list[str]
) -> None:
    page.show(coded(*lines))
    assert page.browser.run("return document.querySelectorAll('#map .turn').length") == len(lines)
    if lines:
        page.focus(1)
        assert page.head("S1, turn 1").startswith("S1, turn 1")
    assert page.browser.severe() == []
    assert json.dumps(page.browser.violations()) == "[]"
