"""What holds now, read off the events: a later event undoes an earlier one, and nothing is ever changed.

All functions take events in ledger order and never alter them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import msgspec

from relcode.errors import LedgerError
from relcode.ledger.events import CODE, Event
from relcode.records import Span


def current_labels(
    events: Iterable[Event], coder: str, *, batch: str | None = None, role: str | None = CODE
) -> list[Span]:
    """A coder's labels that were set and not taken back, in the order in which they were set.

    `events` may hold those of the pages: labels on pages of another role than the one asked for are left out (of none,
    with `role=None`). A page that was not pushed counts as one to be coded.

    A label lives on its page: taking it back on one page leaves the same span of another page or batch. The same
    span on two pages is given once. `source` is `coder:<name>`.
    """
    held: dict[Hashable, Span] = {}
    roles: dict[str, str] = {}
    for event in events:
        payload = event.payload
        if event.kind == "page":
            roles[payload["page"]] = role_of(payload)
        if event.kind not in ("label", "unlabel") or payload["coder"] != coder:
            continue
        if batch is not None and payload["batch"] != batch:
            continue
        span = _span(event, f"coder:{coder}")
        if role not in (None, roles.get(payload["page"], CODE)):
            continue
        place = (payload["batch"], payload["page"], span.key)
        if event.kind == "unlabel":
            held.pop(place, None)
        else:
            held.setdefault(place, span)
    return list({span.key: span for span in held.values()}.values())


def current_accepted(events: Iterable[Event]) -> list[Span]:
    """The accepted labels: accepted and not taken back, in order; `source` is `accepted`, or `accepted:` and how, where
    no person and no agreement of coders decided."""
    held: dict[Hashable, Span] = {}
    for event in events:
        if event.kind in ("accept", "unaccept"):
            span = _span(event, "accepted")
            source = str(event.payload["span"].get("source", ""))
            if source.startswith("accepted:"):
                span = msgspec.structs.replace(span, source=source)
            if event.kind == "unaccept":
                held.pop(span.key, None)
            else:
                held.setdefault(span.key, span)
    return list(held.values())


def confirmed_pages(events: Iterable[Event], coder: str) -> set[str]:
    """The pages that a coder has ticked as done, and not unticked."""
    held: set[str] = set()
    for event in events:
        if event.kind in ("confirm", "unconfirm") and event.payload["coder"] == coder:
            (held.add if event.kind == "confirm" else held.discard)(event.payload["page"])
    return held


def role_of(page: Mapping[str, Any]) -> str:
    """What a page was pushed for."""
    return str(page.get("role", CODE))


def pushed_pages(
    events: Iterable[Event], *, coder: str | None = None, batch: str | None = None, role: str | None = CODE
) -> list[dict[str, Any]]:
    """The payloads of the pages pushed (of one coder, one batch, one role; None: of any), in order; a page pushed again
    stands as it was pushed last."""
    pages: dict[Hashable, dict[str, Any]] = {}
    for event in events:
        payload = event.payload
        wanted = coder in (None, payload.get("coder")) and batch in (None, payload.get("batch"))
        if event.kind == "page" and wanted and role in (None, role_of(payload)):
            pages[payload["batch"], payload["coder"], payload["page"]] = payload
    return list(pages.values())


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


def _span(event: Event, source: str) -> Span:
    try:
        span = msgspec.convert(event.payload["span"], Span)
    except (KeyError, msgspec.ValidationError) as error:
        raise LedgerError(
            f"Event {event.seq} ({event.kind}) of the ledger holds no span of contract form 2. "
            "Run `relcode ledger verify`."
        ) from error
    return msgspec.structs.replace(span, source=source)
