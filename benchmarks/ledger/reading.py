"""How long a ledger takes to be read: what is asked for alone, against all events with the views in Python.

    python benchmarks/ledger/reading.py [--events 300000] [--url postgresql://...]

Four coders, six batches; a page holds about fourteen labels, a tenth of them taken back. All words are invented. Prints
seconds (the best of three), and the ratio.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from relcode.ledger import Ledger, NewEvent, views

CODERS, BATCHES, LABELS_A_PAGE = ("A", "B", "C", "D"), 6, 14
WORDS = "I notice that something between us went quiet"


def history() -> Iterator[NewEvent]:
    """Pages with suggestions, their labels, and their ticks, without an end."""
    page = 0
    while True:
        page += 1
        coder, batch, session = CODERS[page % 4], f"batch-{page // 4 % BATCHES}", f"S{page // 40}"
        on = {"page": f"{page:064d}", "batch": batch, "coder": coder}
        spans = [
            {"session_id": session, "turn": turn, "start": 2, "end": 2 + len(WORDS), "text": WORDS, "code": "TSI"}
            | {"codebook": "relational-core@1.0.0", "source": f"coder:{coder}"}
            for turn in range(1, LABELS_A_PAGE + 1)
        ]
        pushed = {"session_id": session, "session_sha256": "0" * 64, "first_turn": 1, "last_turn": 15}
        shown = {"text_sha256": "1" * 64, "codebook": "relational-core@1.0.0", "suggestions": spans, "shown": True}
        yield NewEvent("page", "relcode push", {**on, **pushed, **shown})
        for span in spans:
            yield NewEvent("label", "relcode pull", {**on, "span": span, "provenance": "accepted", "at": None})
        yield NewEvent("unlabel", "relcode pull", {**on, "span": spans[0], "provenance": "removed"})
        yield NewEvent("confirm", "relcode pull", {**on, "at": None})


def seconds(call: Callable[[], Any]) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best


def questions(ledger: Ledger) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """What is asked: (from all events of the kinds, by columns and views)."""
    return {
        "labels of a coder": (
            lambda: views.current_labels(ledger.events("page", "label", "unlabel"), "A"),
            lambda: ledger.labels("A"),
        ),
        "labels of a coder's batch": (
            lambda: views.current_labels(ledger.events("page", "label", "unlabel"), "A", batch="batch-0"),
            lambda: ledger.labels("A", batch="batch-0"),
        ),
        "pages of a coder": (
            lambda: views.pushed_pages(ledger.events("page"), coder="A"),
            lambda: ledger.pages("A"),
        ),
        "confirmed pages": (
            lambda: views.confirmed_pages(ledger.events("confirm", "unconfirm"), "A"),
            lambda: ledger.confirmed_pages("A"),
        ),
        "coders": (
            lambda: views.coders_named(ledger.events("page", "label", "unlabel", "confirm", "unconfirm")),
            ledger.coders,
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--url", help="an empty PostgreSQL database; a file otherwise")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(asked.url or Path(folder) / "ledger.db")
        events, start = history(), time.perf_counter()
        for _ in range(0, asked.events, 5000):
            ledger.append(list(islice(events, 5000)))
        print(f"append, 5,000 at a time: {asked.events / (time.perf_counter() - start):,.0f} events a second")
        for name, (of_all, alone) in questions(ledger).items():
            same = of_all() == alone()
            slow, fast = seconds(of_all), seconds(alone)
            print(f"{name:28} all events {slow:7.3f} s   alone {fast:7.3f} s   {slow / fast:6.1f} times   same: {same}")
        print(f"verify: {seconds(ledger.verify):.2f} s")


if __name__ == "__main__":
    main()
