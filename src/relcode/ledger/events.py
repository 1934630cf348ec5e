"""Events: what the ledger holds, how one is checked and hashed, and how events are written to a file.

Payloads by kind (further keys are allowed; those listed must be there):
`plan` says who codes what in a batch; `page` is a page pushed to a coder; `label` and `unlabel` are a coder's span set
and taken back; `confirm` and `unconfirm` a coder's tick at a page; `quarantine` and `release` set aside what a pull
could not use, until it is put right; `deid` and `deid_override` let a session pass the gate; `accept` and `unaccept` are
decisions of the adjudication, `reject` one against a label that a coder gave; `adjudicated` closes a session. `review` is
what a reviewer says of a code afterwards (`reviews`). `certify` says that a coder may code with a code,
`decertify` takes it back.

A page has a `role`, `code` where none is named. Labels of pages with another role are no codings of the session: they
are read by asking for that role, and never counted beside the others.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from relcode.errors import LedgerError
from relcode.provenance import hash_text, written_beside
from relcode.records import Span

CONSENSUS = "consensus"  # under this coder's name the pages and labels of the consensus project stand
CODE = "code"  # a page to be coded
RECODE = "recode"  # a page that its coder coded before, given again unmarked, to see how steady a coder is
CALIBRATION = "calibration"  # a page with accepted labels, to be coded blind by somebody who is to be certified
WHY = "why."  # so begin the names under which the adjudicator draws reasons; they are no codes
REASONS = {
    "rule": "A decision rule of the codebook decides.",
    "near-miss": "It looks like the code and is not it, or the reverse: an example of the codebook says so.",
    "boundary": "The code is right; the words are other ones.",
    "context": "It can be decided only from what was said before or after.",
    "oversight": "A coder overlooked it, or slipped.",
    "unclear": "The codebook does not decide it: for its next version.",
    "other": "Another reason.",
}
_CODED = ("page", "batch", "coder")
_NAMES = ("actor", "reviewer", *_CODED, "session_id", "code")
_DECISION = ("span", "decision", "reason", "coders")
_CERTIFIED = ("coder", "code", "codebook", "coefficient", "value", "threshold", "instances")
KINDS: dict[str, tuple[str, ...]] = {
    "page": (
        *_CODED,
        "session_id",
        "session_sha256",
        "first_turn",
        "last_turn",
        "text_sha256",
        "codebook",
        "suggestions",
        "shown",
    ),
    "plan": ("batch", "coders", "assignments"),
    "label": (*_CODED, "span", "provenance"),
    "unlabel": (*_CODED, "span", "provenance"),
    "confirm": _CODED,
    "unconfirm": _CODED,
    "quarantine": (*_CODED, "what", "why"),
    "release": (*_CODED, "what"),
    "deid": ("session_id", "session_sha256", "findings", "mode"),
    "deid_override": ("session_id", "session_sha256", "reason"),
    "accept": _DECISION,
    "unaccept": _DECISION,
    "reject": _DECISION,
    "review": ("reviewer", "judgement", "of", "span"),
    "adjudicated": ("session_id", "session_sha256", "codebook"),
    "certify": _CERTIFIED,
    "decertify": _CERTIFIED,
}
START_HASH = "0" * 64


class NewEvent(msgspec.Struct, frozen=True):
    """An event to be appended. `actor`: who or what caused it (a person, `relcode pull` ...)."""

    kind: str
    actor: str
    payload: dict[str, Any]

    def __repr__(self) -> str:
        return f"NewEvent({self.kind!r})"


class Event(msgspec.Struct, frozen=True):
    """An event of the ledger. `seq` counts from 1; `at` is the time of writing, ISO 8601 in UTC."""

    seq: int
    at: str
    kind: str
    actor: str
    payload: dict[str, Any]
    previous_hash: str
    hash: str

    def __repr__(self) -> str:
        return f"Event({self.seq}, {self.kind!r})"


class Row(NamedTuple):
    """An event as it stands in the database: the payload is the very text that its hash covers."""

    seq: int
    at: str
    kind: str
    actor: str
    payload: str
    previous_hash: str
    hash: str

    def __repr__(self) -> str:
        return f"Row({self.seq}, {self.kind!r})"

    @classmethod
    def of(cls, event: NewEvent, *, seq: int, at: str, previous_hash: str) -> Row:
        """The row of a new event that follows the one with `previous_hash`."""
        payload = canonical_payload(event.payload)
        return cls(
            seq,
            at,
            event.kind,
            event.actor,
            payload,
            previous_hash,
            event_hash(seq, at, event.kind, event.actor, payload, previous_hash),
        )

    def is_as_written(self) -> bool:
        """Whether the row has the hash that its content has."""
        return isinstance(self.payload, str) and event_hash(*self[:-1]) == self.hash


def canonical_payload(payload: dict[str, Any] | list[Any]) -> str:
    """A payload (or a part of one) as JSON in one form only: keys sorted, no spaces, ASCII.

    Raises
    ------
    ValueError, TypeError
        Something in it is no JSON value (NaN, infinity, a set, an object).
    """
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), allow_nan=False)


def read_payload(text: object) -> dict[str, Any] | None:
    """The payload that a text says; None where it was damaged."""
    try:
        payload = msgspec.json.decode(text) if isinstance(text, str) else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        payload = _read_slowly(str(text))
    return payload if isinstance(payload, dict) else None


class _WithSpan(msgspec.Struct):
    span: Span


_span_decoder = msgspec.json.Decoder(_WithSpan)


def read_span(text: str) -> Span | None:
    """The span in the payload that a text says; None where there is none or it was damaged."""
    try:
        return _span_decoder.decode(text).span
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError):
        payload = read_payload(text) or {}
    try:
        return msgspec.convert(payload.get("span"), Span)
    except msgspec.ValidationError:
        return None


def _read_slowly(text: str) -> Any:
    """As `read_payload`, also half of a surrogate pair, which is no valid text but was let in."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def role_of(page: Mapping[str, Any]) -> str:
    """What a page was pushed for."""
    return str(page.get("role", CODE))


def event_hash(seq: int, at: str, kind: str, actor: str, payload: str, previous_hash: str) -> str:
    """SHA-256 over all that a row says, and over the hash of the row before it."""
    return hash_text(json.dumps([seq, at, kind, actor, payload, previous_hash], separators=(",", ":")))


def event_fault(event: NewEvent) -> str | None:
    """What is wrong with a new event, without quoting any value; None where it may be appended."""
    required = KINDS.get(event.kind)
    if required is None:
        return f"kind {event.kind!r} is unknown; known are {', '.join(KINDS)}"
    missing = [key for key in required if key not in event.payload]
    if missing:
        return f"{event.kind}: the payload lacks {', '.join(missing)}"
    if "span" in required:
        try:
            msgspec.convert(event.payload["span"], Span)
        except msgspec.ValidationError as error:
            return f"{event.kind}: the span is not of contract form 2: {error}"
    try:
        canonical_payload(event.payload)
    except (TypeError, ValueError):
        return f"{event.kind}: the payload holds something that JSON cannot say"
    span = event.payload["span"] if "span" in required else {}
    names = {"actor": event.actor, **span, **event.payload}
    if wrong := [key for key in _NAMES if key in names and not _is_name(names[key])]:
        return f"{event.kind}: expected text without NUL or half a surrogate pair as {', '.join(wrong)}"
    return None


def _is_name(value: object) -> bool:
    """Whether a value is text that every database can hold in a column of its own."""
    return isinstance(value, str) and not any(each == "\0" or "\ud800" <= each <= "\udfff" for each in value)


def write_events(path: Path, events: Iterable[Event]) -> int:
    """Write events to a `.jsonl` or `.csv` file (mode 0600: they may repeat words of transcripts); return how many.

    In CSV the payload stands as JSON in one column.

    Raises
    ------
    LedgerError
        The file's name ends otherwise.
    """
    if path.suffix not in (".jsonl", ".csv"):
        raise LedgerError(f"Cannot export the ledger to {path}: expected a name that ends in .jsonl or .csv.")
    count = 0
    fields = Event.__struct_fields__
    with written_beside(path, mode=0o600) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        if path.suffix == ".csv":
            table.writerow(fields)
        for event in events:
            if path.suffix == ".csv":
                row = msgspec.structs.asdict(event) | {"payload": canonical_payload(event.payload)}
                table.writerow([row[field] for field in fields])
            else:
                file.write(json.dumps(msgspec.structs.asdict(event), sort_keys=False) + "\n")
            count += 1
    return count
