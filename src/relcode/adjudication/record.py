"""What the ledger says of coding and of decisions, read once: whoever decides by it names how far he had read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from relcode.ledger import CONSENSUS, Ledger
from relcode.ledger.views import confirmed_pages, pushed_pages
from relcode.records import Span

Key = tuple[str, int, int, int, str]
_KINDS = ("page", "plan", "label", "unlabel", "confirm", "unconfirm", "accept", "reject", "unaccept", "adjudicated")


@dataclass(frozen=True)
class Record:
    """A reading of the ledger.

    Attributes
    ----------
    head
        Number of the last event when the reading began.
    pages
        Payloads of the pages with role `code`, the adjudicator's too, in order.
    planned
        (batch, assignment) of every plan of a batch, role `code` alone.
    confirmed
        Coder -> pages ticked.
    labels
        (coder, page) -> label -> (span, provenance), as they stand.
    decided
        Session -> label -> (`accept` or `reject`, payload), as it stands.
    settled
        (session, hash of its text, codebook) of the sessions closed.
    """

    head: int
    pages: list[dict[str, Any]]
    planned: list[tuple[str, dict[str, Any]]]
    confirmed: dict[str, set[str]]
    labels: dict[tuple[str, str], dict[Key, tuple[Span, str]]]
    decided: dict[str, dict[Key, tuple[str, dict[str, Any]]]]
    settled: set[tuple[str, str, str]]

    @cached_property
    def entries(self) -> dict[tuple[str, str], dict[str, Any]]:
        """(coder, page) -> payload of the page."""
        return {(entry["coder"], entry["page"]): entry for entry in self.pages}

    @cached_property
    def consensus(self) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
        """(batch, session, hash of its text) -> the adjudicator's pages."""
        found: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
        for entry in self.pages:
            if entry["coder"] == CONSENSUS:
                found[entry["batch"], entry["session_id"], entry["session_sha256"]].append(entry)
        return found


def read_record(ledger: Ledger) -> Record:
    """Read the ledger."""
    head = ledger.head()[0]
    events = list(ledger.events(*_KINDS))
    labels: dict[tuple[str, str], dict[Key, tuple[Span, str]]] = defaultdict(dict)
    decided: dict[str, dict[Key, tuple[str, dict[str, Any]]]] = defaultdict(dict)
    for event in events:
        payload = event.payload
        if event.kind in ("label", "unlabel"):
            span = msgspec.convert(payload["span"], Span)
            held = labels[payload["coder"], payload["page"]]
            if event.kind == "label":
                held.setdefault(span.key, (span, payload["provenance"]))
            else:
                held.pop(span.key, None)
        elif event.kind in ("accept", "reject", "unaccept"):
            span = msgspec.convert(payload["span"], Span)
            if event.kind == "unaccept":
                decided[span.session_id].pop(span.key, None)
            else:
                decided[span.session_id][span.key] = (event.kind, payload)
    ticking = [event for event in events if event.kind in ("confirm", "unconfirm")]
    return Record(
        head=head,
        pages=pushed_pages(event for event in events if event.kind == "page"),
        planned=[
            (event.payload["batch"], assignment)
            for event in events
            if event.kind == "plan"
            for assignment in event.payload.get("assignments", ())
            if assignment.get("role", "code") == "code"
        ],
        confirmed={coder: confirmed_pages(ticking, coder) for coder in {event.payload["coder"] for event in ticking}},
        labels=labels,
        decided=decided,
        settled={
            (event.payload["session_id"], event.payload["session_sha256"], event.payload["codebook"])
            for event in events
            if event.kind == "adjudicated"
        },
    )
