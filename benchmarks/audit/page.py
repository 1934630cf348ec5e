"""The report of a large caseload: how long it takes to make, how large the file is, how soon it can be used.

Sessions of 600 turns are dealt out anew from stretches of the example corpus, with its labels: they measure size and
time, nothing else. Run from the repository: `python benchmarks/audit/page.py [SESSIONS]`; the last figure needs Chromium
and chromedriver.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import msgspec

from relcode.audit import audit, render_report
from relcode.codebook import codebooks_named, load_codebook
from relcode.records import Session, Span, Turn
from relcode.spans import read_labels
from relcode.transcripts import read_sessions

REPOSITORY = Path(__file__).parents[2]
CORPUS = REPOSITORY / "examples" / "corpus"
TURNS, DYADS, THERAPISTS = 600, 60, 6


def dealt(sessions: list[Session], labels: list[Span], number: int) -> tuple[list[Session], list[Span]]:
    """So many sessions of 600 turns, and their labels."""
    given = defaultdict(list)
    for label in labels:
        given[label.session_id, label.turn].append(label)
    generator = random.Random(1)
    made: list[Session] = []
    spans: list[Span] = []
    for row in range(number):
        turns: list[Turn] = []
        while len(turns) < TURNS:
            for turn in (source := generator.choice(sessions)).turns[: TURNS - len(turns)]:
                place = len(turns) + 1
                turns.append(Turn(place, turn.speaker, turn.text))
                for label in given[source.session_id, turn.turn]:
                    spans.append(msgspec.structs.replace(label, session_id=f"X{row:03}", turn=place))
        dyad = row % DYADS
        about = {"dyad": f"D{dyad}", "client": f"C{dyad}", "therapist": f"T{dyad % THERAPISTS}"}
        made.append(Session(f"X{row:03}", tuple(turns), about | {"session_number": row // DYADS + 1}))
    return made, spans


def seconds_until_ready(page: Path) -> float | None:
    """From opening the page to a map that answers; None without a browser."""
    sys.path.insert(0, str(REPOSITORY / "tests"))
    from browser import CHROMIUM, DRIVER, opened_browser

    if not (CHROMIUM and DRIVER):
        return None
    with opened_browser(page.parent) as browser:
        browser.send("/url", {"url": page.as_uri()})
        while not (ready := browser.run("return document.documentElement.dataset.ready")):
            time.sleep(0.02)
    return int(ready) / 1000


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    originals = read_sessions([CORPUS / "transcripts"])
    labels = read_labels(CORPUS / "labels" / "accepted.jsonl", originals)
    codebook = load_codebook("+".join(codebooks_named(labels)))
    sessions, spans = dealt(originals, labels, number)
    words = sum(len(turn.text.split()) for session in sessions for turn in session.turns)
    print(f"{number} sessions, {number * TURNS} turns, {words} words, {len(spans)} labels")
    start, busy = time.perf_counter(), time.process_time()
    result = audit(sessions, codebook, labels=spans, source="benchmark")
    print(f"audit: {time.perf_counter() - start:.1f} s, {time.process_time() - busy:.1f} s of processor time")
    html = render_report(result, sessions, codebook, labels=spans)
    print(f"with the page: {time.perf_counter() - start:.1f} s, {time.process_time() - busy:.1f} s of processor time")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        page.write_text(html, encoding="utf-8")
        print(f"file: {page.stat().st_size / 1e6:.1f} MB")
        ready = seconds_until_ready(page)
        print("no browser here" if ready is None else f"ready in the browser: {ready:.2f} s")


if __name__ == "__main__":
    main()
