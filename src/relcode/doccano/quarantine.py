"""What a pull could not use, set aside until it is put right: in the ledger, by place and reason, without words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from relcode.ledger import Ledger, NewEvent

ACTOR = "relcode pull"
Open = dict[tuple[Any, ...], dict[str, Any]]
_SAME = ("coder", "page", "what", "code", "turn", "start", "end")


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a page, or with a label on it.

    `what`: `page-missing`, `page-twice`, `page-foreign`, `text-changed`, `unknown-code`, `impossible-offset`,
    `wrong-speaker` or `no-turn`. `start` and `end` are offsets in the turn where there is one, else in the page (code
    points, or code units where they are no code points). `by`, `at`: who set the label, and when.
    """

    what: str
    why: str
    code: str | None = None
    turn: int | None = None
    start: int | None = None
    end: int | None = None
    by: str | None = None
    at: str | None = None


def fault_key(payload: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes two faults the same."""
    return tuple(payload.get(key) for key in _SAME)


def quarantined(ledger: Ledger, *, batch: str | None = None) -> list[dict[str, Any]]:
    """Everything that is set aside and not put right yet, in the order in which it was found."""
    found: Open = {}
    for event in ledger.events("quarantine", "release"):
        if event.kind == "quarantine":
            found[fault_key(event.payload)] = event.payload
        else:
            found.pop(fault_key(event.payload), None)
    return [payload for payload in found.values() if batch in (None, payload["batch"])]


def payload_of(fault: Fault, place: Mapping[str, Any]) -> dict[str, Any]:
    """The event's payload; `place`: the page's batch, coder, page and, where it is in the manifest, its turns."""
    return dict(place) | msgspec.structs.asdict(fault)


def quarantine_events(found: Iterable[dict[str, Any]], already: Iterable[dict[str, Any]]) -> list[NewEvent]:
    """The events that bring the record from what was open `already` to what was `found` now."""
    now = {fault_key(payload): payload for payload in found}
    before = {fault_key(payload): payload for payload in already}
    events = [NewEvent("quarantine", ACTOR, payload) for key, payload in now.items() if key not in before]
    return events + [NewEvent("release", ACTOR, payload) for key, payload in before.items() if key not in now]


def quarantine_line(payload: Mapping[str, Any]) -> str:
    """One line for people: where, and what is wrong."""
    if "session_id" not in payload:
        return f"{payload['page']}: {payload['why']}"
    return f"session {payload['session_id']}, turns {payload['first_turn']} to {payload['last_turn']}: {payload['why']}"
