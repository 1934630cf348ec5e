"""What the ledger says of coders' pages, read once for a whole pull and kept up to date as events are appended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from relcode.doccano.quarantine import Open, fault_key
from relcode.ledger import Ledger, NewEvent
from relcode.records import Span

Key = tuple[str, int, int, int, str]
Held = Mapping[Key, tuple[str, Span]]  # label -> kind of its last event, span
Round = tuple[str, str]  # batch, coder
_KINDS = ("page", "label", "unlabel", "confirm", "unconfirm", "quarantine", "release")


class Recorded:
    """Pages, labels, ticks and open faults, by coder; `seq` is the last event that they rest on."""

    def __init__(self, ledger: Ledger) -> None:
        self.refresh(ledger)

    def refresh(self, ledger: Ledger) -> None:
        """Read all of it anew."""
        self.seq = ledger.head()[0]
        self.pages: dict[Round, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.held: dict[tuple[str, str], dict[Key, tuple[str, Span]]] = defaultdict(dict)
        self.ticked: set[tuple[str, str]] = set()
        self.open: Open = {}
        self.moves: Counter[Round] = Counter()  # events of a pull, by round: shows that another pull was at work
        for event in ledger.events(*_KINDS):
            if event.seq > self.seq:
                break
            self._fold(event.kind, event.payload)

    def appended(self, events: Sequence[NewEvent]) -> None:
        """Take in events that were appended right after `seq`."""
        for event in events:
            self._fold(event.kind, event.payload)
        self.seq += len(events)

    def labels_of(self, batch: str, coder: str) -> set[Key]:
        """The labels that stand on a round's pages."""
        return {
            key
            for page in self.pages[batch, coder]
            for key, (kind, _) in self.held.get((coder, page), {}).items()
            if kind == "label"
        }

    def _fold(self, kind: str, payload: dict[str, Any]) -> None:
        batch, coder, page = payload["batch"], payload["coder"], payload["page"]
        if kind == "page":
            self.pages[batch, coder][page] = payload
            return
        self.moves[batch, coder] += 1
        if kind in ("label", "unlabel"):
            span = msgspec.convert(payload["span"], Span)
            self.held[coder, page][span.key] = (kind, span)
        elif kind in ("confirm", "unconfirm"):
            (self.ticked.add if kind == "confirm" else self.ticked.discard)((coder, page))
        elif kind == "quarantine":
            self.open[fault_key(payload)] = payload
        else:
            self.open.pop(fault_key(payload), None)
