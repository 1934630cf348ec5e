"""What a coder has been given for calibration, and the accepted labels against which it is read."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec

from relcode.ledger import CALIBRATION, Ledger
from relcode.records import Span

BATCH = "calibration-"
Text = tuple[str, str]  # session id, hash of its text


class Attempt(msgspec.Struct, frozen=True):
    """The calibration pages of one batch. `pages`: the manifest entries; `confirmed`: those that the coder has ticked."""

    batch: str
    pages: list[dict[str, Any]]
    confirmed: set[str]
    labels: list[Span]

    @property
    def complete(self) -> bool:
        """Whether every page was confirmed."""
        return all(entry["page"] in self.confirmed for entry in self.pages)

    def __repr__(self) -> str:
        return f"Attempt({self.batch!r}, {len(self.pages)} pages, {len(self.labels)} labels)"


class Standard(msgspec.Struct, frozen=True):
    """The accepted labels of the sessions that are settled: text -> labels."""

    accepted: dict[Text, list[Span]]

    def __repr__(self) -> str:
        return f"Standard({len(self.accepted)} sessions)"

    def covers(self, entry: dict[str, Any]) -> bool:
        """Whether a page is of a session that is settled, in the very text."""
        return (entry["session_id"], entry["session_sha256"]) in self.accepted

    def labels(self, entry: dict[str, Any]) -> list[Span]:
        """The accepted labels on a page."""
        own = self.accepted[entry["session_id"], entry["session_sha256"]]
        return [span for span in own if entry["first_turn"] <= span.turn <= entry["last_turn"]]


def calibration_attempts(ledger: Ledger, coder: str) -> list[Attempt]:
    """A coder's calibration pages by batch, in the order in which they were given."""
    by_batch: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in ledger.pages(coder, role=CALIBRATION):
        by_batch[entry["batch"]].append(entry)
    ticked = ledger.confirmed_pages(coder)
    return [
        Attempt(
            batch,
            pages,
            ticked & {entry["page"] for entry in pages},
            ledger.labels(coder, batch=batch, role=CALIBRATION),
        )
        for batch, pages in by_batch.items()
    ]


def read_standard(ledger: Ledger) -> Standard:
    """The accepted labels of every settled session; one without any is a session coded as bearing nothing."""
    by_session: dict[str, list[Span]] = defaultdict(list)
    for span in ledger.accepted():
        by_session[span.session_id].append(span)
    texts = [(event.payload["session_id"], event.payload["session_sha256"]) for event in ledger.events("adjudicated")]
    return Standard({(session_id, sha): by_session[session_id] for session_id, sha in texts})


def seen_turns(ledger: Ledger, coder: str) -> dict[str, set[int]]:
    """The turns of each session that a coder was given, or is planned to be given, for whatever purpose."""
    seen: dict[str, set[int]] = defaultdict(set)
    planned = [
        each
        for event in ledger.events("plan")
        for each in event.payload.get("assignments", ())
        if each["coder"] == coder
    ]
    for entry in [*ledger.pages(coder, role=None), *planned]:
        seen[entry["session_id"]].update(range(entry["first_turn"], entry["last_turn"] + 1))
    return seen


def next_batch(attempts: list[Attempt]) -> str:
    """The name of the next attempt: `calibration-1`, `calibration-2` ..."""
    numbers = [attempt.batch.removeprefix(BATCH) for attempt in attempts if attempt.batch.startswith(BATCH)]
    return f"{BATCH}{max((int(number) for number in numbers if number.isdigit()), default=0) + 1}"
