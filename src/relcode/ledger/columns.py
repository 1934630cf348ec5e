"""Columns of the events' table that repeat a part of the payload, so that reading needs no payload of other events.

They are derived and never the record itself: `verify` holds them against the payload, from which they can be made again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from relcode.ledger.events import role_of

TEXTS = ("coder", "batch", "page", "role", "session_id", "code", "provenance", "decision")
NUMBERS = ("turn", "span_start", "span_end")
_LARGEST = 2**63


def columns_of(kind: str, payload: Mapping[str, Any]) -> dict[str, str | int | None]:
    """The derived columns of an event: the session of a span or of the event itself, the role of a page alone."""
    found = payload.get("span")
    span = found if isinstance(found, dict) else {}
    return {
        "coder": _text(payload.get("coder")),
        "batch": _text(payload.get("batch")),
        "page": _text(payload.get("page")),
        "role": _text(role_of(payload)) if kind == "page" else None,
        "session_id": _text(span.get("session_id", payload.get("session_id"))),
        "code": _text(span.get("code")),
        "provenance": _text(payload.get("provenance")),
        "decision": _text(payload.get("decision")),
        "turn": _number(span.get("turn")),
        "span_start": _number(span.get("start")),
        "span_end": _number(span.get("end")),
    }


def _text(value: Any) -> str | None:
    """As text that each database can hold: half a surrogate pair and NUL are written as escapes."""
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _number(value: Any) -> int | None:
    return value if type(value) is int and -_LARGEST <= value < _LARGEST else None
