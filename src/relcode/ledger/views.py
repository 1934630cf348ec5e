"""What holds now, read off the events: a later event undoes an earlier one, and nothing is ever changed.

All functions take events in ledger order and never alter them. They say what the SQL views of `schema.py` say, which
are what the ledger reads: a property test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import msgspec

from relcode.errors import LedgerError
from relcode.ledger.events import CODE, Event, role_of
from relcode.records import Span


def standing_labels(
    events: Iterable[Event], coder: str | None = None, *, batch: str | None = None, role: str | None = CODE
) -> list[tuple[Event, Span]]:
    """The labels (of one coder, one batch; None: of any) that were set and not taken back, with the event that set
    each, in that order.

    A label lives on its page: taking it back on one page leaves the same span of another page or batch. `events` may
    hold those of the pages: labels on pages that were pushed last with another role than the one asked for are left out
    (of none, with `role=None`). A page that was not pushed counts as one to be coded. `source` is `coder:<name>`.
    """
    held: dict[tuple[Hashable, ...], tuple[Event, Span]] = {}
    roles: dict[tuple[Hashable, ...], str] = {}
    for event in events:
        payload = event.payload
        if event.kind == "page":
            roles[_page(payload)] = role_of(payload)
        if event.kind not in ("label", "unlabel") or coder not in (None, payload["coder"]):
            continue
        if batch not in (None, payload["batch"]):
            continue
        span = span_of(event, f"coder:{payload['coder']}")
        place = (*_page(payload), span.key)
        if event.kind == "unlabel":
            held.pop(place, None)
        else:
            held.setdefault(place, (event, span))
    return [label for place, label in held.items() if role in (None, roles.get(place[:3], CODE))]


def current_labels(
    events: Iterable[Event], coder: str, *, batch: str | None = None, role: str | None = CODE
) -> list[Span]:
    """A coder's standing labels; the same span on two pages is given once."""
    return once(span for _, span in standing_labels(events, coder, batch=batch, role=role))


def once(spans: Iterable[Span]) -> list[Span]:
    """Each label once: where it stands first, as it is said last."""
    return list({span.key: span for span in spans}.values())


def standing_accepted(events: Iterable[Event]) -> list[tuple[Event, Span]]:
    """The labels that were accepted and not taken back, with the event that accepted each; `source` is `accepted`."""
    held: dict[Hashable, tuple[Event, Span]] = {}
    for event in events:
        if event.kind in ("accept", "unaccept"):
            span = span_of(event, "accepted")
            if event.kind == "unaccept":
                held.pop(span.key, None)
            else:
                held.setdefault(span.key, (event, span))
    return list(held.values())


def current_accepted(events: Iterable[Event]) -> list[Span]:
    """The accepted labels, in order."""
    return [span for _, span in standing_accepted(events)]


def standing_ticks(events: Iterable[Event]) -> list[Event]:
    """The events by which pages were ticked as done that are not unticked since."""
    held: dict[Hashable, Event] = {}
    for event in events:
        if event.kind == "confirm":
            held.setdefault(_page(event.payload), event)
        elif event.kind == "unconfirm":
            held.pop(_page(event.payload), None)
    return list(held.values())


def confirmed_pages(events: Iterable[Event], coder: str) -> set[str]:
    """The pages that a coder has ticked as done, and not unticked."""
    return {event.payload["page"] for event in standing_ticks(events) if event.payload["coder"] == coder}


def standing_pages(events: Iterable[Event]) -> list[Event]:
    """The pages pushed, in the order in which they were first; one pushed again stands as it was pushed last."""
    return list({_page(event.payload): event for event in events if event.kind == "page"}.values())


def pushed_pages(
    events: Iterable[Event], *, coder: str | None = None, batch: str | None = None, role: str | None = CODE
) -> list[dict[str, Any]]:
    """The payloads of the pages pushed (of one coder, one batch, one role; None: of any), in order."""
    payloads = [event.payload for event in standing_pages(events)]
    return [
        payload
        for payload in payloads
        if coder in (None, payload["coder"]) and batch in (None, payload["batch"]) and role in (None, role_of(payload))
    ]


def coders_named(events: Iterable[Event]) -> list[str]:
    """Everyone to whom a page was pushed or who labelled or confirmed one, sorted."""
    return sorted({event.payload["coder"] for event in events if "coder" in event.payload})


def is_deidentified(events: Iterable[Event], session_id: str, session_sha256: str) -> bool:
    """Whether this very text of the session is on record as de-identified, or was let through with a reason."""
    wanted = (session_id, session_sha256)
    return any(
        (event.payload["session_id"], event.payload["session_sha256"]) == wanted
        for event in events
        if event.kind in ("deid", "deid_override")
    )


def span_of(event: Event, source: str) -> Span:
    """The span of an event, with a source.

    Raises
    ------
    LedgerError
        There is none.
    """
    try:
        span = msgspec.convert(event.payload["span"], Span)
    except (KeyError, msgspec.ValidationError):
        raise LedgerError(
            f"Event {event.seq} ({event.kind}) of the ledger holds no span of contract form 2. "
            "Run `relcode ledger verify`."
        ) from None
    return msgspec.structs.replace(span, source=source)


def _page(payload: Mapping[str, Any]) -> tuple[Hashable, ...]:
    return payload["batch"], payload["coder"], payload["page"]
