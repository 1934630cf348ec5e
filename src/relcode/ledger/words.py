"""Words of transcripts in the ledger: whose they are, whether they may leave, and events without them."""

from __future__ import annotations

from typing import Any

from relcode.ledger.store import Ledger


def without_words(value: Any) -> Any:
    """A payload without the words that its spans repeat; places and codes stay."""
    if isinstance(value, dict):
        return {key: without_words(inner) for key, inner in value.items() if key != "text"}
    if isinstance(value, list):
        return [without_words(inner) for inner in value]
    return value


def not_on_record(ledger: Ledger) -> list[str]:
    """The sessions whose words the ledger repeats and that are not on its record as de-identified, a line each.

    A session's pages name the text that they show: each of these texts must be on record, or let through by a person. A
    session that has labels and no page must be on record in some text.
    """
    texts: dict[str, set[str]] = {session_id: set() for session_id in ledger.sessions()}
    for event in ledger.events("page"):
        texts.setdefault(event.payload["session_id"], set()).add(event.payload["session_sha256"])
    known: dict[str, set[str]] = {}
    for event in ledger.events("deid", "deid_override"):
        known.setdefault(event.payload["session_id"], set()).add(event.payload["session_sha256"])
    return [
        f"session {session_id}: not on record as de-identified in the text that was coded"
        for session_id, shown in sorted(texts.items())
        if not (shown <= known.get(session_id, set()) and session_id in known)
    ]
