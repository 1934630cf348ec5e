"""The whole ledger as tables for other programs: CSV or parquet, a file each."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from relcode.ledger.columns import NUMBERS, TEXTS, columns_of
from relcode.ledger.events import CODE, Event, canonical_payload, role_of
from relcode.ledger.store import Ledger
from relcode.ledger.words import without_words
from relcode.provenance import written_beside

FORMATS = ("csv", "parquet")
_CHUNK = 5000
_TYPES = {
    **dict.fromkeys((*NUMBERS, "seq", "first_turn", "last_turn", "findings", "start", "end", "instances"), pa.int64()),
    **dict.fromkeys(("shown", "confirmed", "standing"), pa.bool_()),
    **dict.fromkeys(("score", "value", "threshold"), pa.float64()),
}
_WHO = ("seq", "at", "actor")
_PAGE = ("coder", "batch", "page", "role")
_SPAN = ("session_id", "turn", "span_start", "span_end", "text", "code", "codebook", "score")
Record = dict[str, Any]


def _events(ledger: Ledger) -> Iterator[Record]:
    for event in ledger.events():
        payload = {"payload": event.payload, "previous_hash": event.previous_hash, "hash": event.hash}
        yield _who(event) | {"kind": event.kind} | columns_of(event.kind, event.payload) | payload


def _pages(ledger: Ledger) -> Iterator[Record]:
    confirmed = _ticked(ledger)
    for event in ledger.standing("pushed_pages"):
        yield event.payload | _who(event) | {"role": role_of(event.payload), "confirmed": _key(event) in confirmed}


def _labels(ledger: Ledger) -> Iterator[Record]:
    confirmed, roles = _ticked(ledger), _roles(ledger)
    for event in ledger.standing("current_labels"):
        on_page = {"role": roles.get(_key(event), CODE), "confirmed": _key(event) in confirmed}
        yield event.payload | _spread(event) | _who(event) | _coded(event) | on_page


def _confirmations(ledger: Ledger) -> Iterator[Record]:
    standing, roles = {event.seq for event in ledger.standing("confirmed_pages")}, _roles(ledger)
    for event in ledger.events("confirm", "unconfirm"):
        more = {"kind": event.kind, "role": roles.get(_key(event), CODE), "standing": event.seq in standing}
        yield event.payload | _who(event) | _coded(event) | more


def _decisions(ledger: Ledger) -> Iterator[Record]:
    standing = {event.seq for event in ledger.standing("current_accepted")}
    for event in ledger.events("accept", "unaccept", "reject"):
        more = {"kind": event.kind, "standing": event.seq in standing}
        yield event.payload | _spread(event) | _who(event) | more


def _quarantine(ledger: Ledger) -> Iterator[Record]:
    roles = _roles(ledger)
    for event in ledger.events("quarantine", "release"):
        yield event.payload | _who(event) | {"kind": event.kind, "role": roles.get(_key(event), CODE)}


def _reviews(ledger: Ledger) -> Iterator[Record]:
    events = list(ledger.events("review"))
    last = {(event.payload["reviewer"], canonical_payload(_place(event))): event.seq for event in events}
    for event in events:
        standing = last[event.payload["reviewer"], canonical_payload(_place(event))] == event.seq
        yield event.payload | _spread(event) | _who(event) | {"standing": standing}


def _certificates(ledger: Ledger) -> Iterator[Record]:
    for event in ledger.events("certify", "decertify"):
        yield event.payload | _who(event) | {"kind": event.kind}


def _deid(ledger: Ledger) -> Iterator[Record]:
    for event in ledger.events("deid", "deid_override"):
        yield event.payload | _who(event) | {"kind": event.kind}


# name -> (columns, what gives its rows)
TABLES: dict[str, tuple[Sequence[str], Callable[[Ledger], Iterable[Record]]]] = {
    "events": ((*_WHO, "kind", *TEXTS, *NUMBERS, "payload", "previous_hash", "hash"), _events),
    "pages": (
        (
            *(*_WHO, *_PAGE, "confirmed", "shown", "session_id", "session_sha256", "first_turn", "last_turn"),
            *("text_sha256", "codebook", "suggestions"),
        ),
        _pages,
    ),
    "labels": ((*_WHO, *_PAGE, "given_by", "given_at", "confirmed", "provenance", *_SPAN), _labels),
    "confirmations": ((*_WHO, "kind", *_PAGE, "given_by", "given_at", "standing"), _confirmations),
    "quarantine": ((*_WHO, "kind", *_PAGE, "session_id", "what", "code", "turn", "start", "end", "why"), _quarantine),
    "decisions": ((*_WHO, "kind", "standing", "decision", "reason", "coders", *_SPAN), _decisions),
    "reviews": ((*_WHO, "reviewer", "standing", "judgement", "of", "remark", *_SPAN), _reviews),
    "certificates": (
        (*_WHO, "kind", "coder", "code", "codebook", "coefficient", "value", "threshold", "instances"),
        _certificates,
    ),
    "deid": ((*_WHO, "kind", "session_id", "session_sha256", "mode", "findings", "labels", "reason"), _deid),
}


def write_tables(ledger: Ledger, folder: Path, *, form: str = "csv", words: bool = True) -> dict[str, int]:
    """Write every table to `folder/NAME.csv` (or `.parquet`), mode 0600, all of one moment; how many rows each has.

    Lists and objects stand as JSON. Nothing is replaced unless all could be written.

    Parameters
    ----------
    words
        False leaves out the words of transcripts (`text`, also within payloads); the hashes are then those of the
        events with their words, and cannot be recomputed from the table.

    Raises
    ------
    DataError
        A file cannot be written.
    """
    counts = {}
    with ledger.at_this_moment() as still, ExitStack() as files:
        for name, (columns, rows_of) in TABLES.items():
            beside = files.enter_context(written_beside(folder / f"{name}.{form}", mode=0o600))
            kept = [column for column in columns if words or column != "text"]
            rows = ([_cell(row.get(column), words) for column in kept] for row in rows_of(still))
            counts[name] = (_write_csv if form == "csv" else _write_parquet)(beside, kept, rows)
    return counts


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[list[Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        for row in rows:
            table.writerow([json.dumps(cell) if isinstance(cell, bool) else cell for cell in row])
            count += 1
    return count


def _write_parquet(path: Path, columns: Sequence[str], rows: Iterable[list[Any]]) -> int:
    schema = pa.schema([(column, _TYPES.get(column, pa.string())) for column in columns])
    count, left = 0, iter(rows)
    with pq.ParquetWriter(path, schema) as file:
        while chunk := list(islice(left, _CHUNK)):
            arrays = [
                pa.array(cells, field.type) for cells, field in zip(zip(*chunk, strict=True), schema, strict=True)
            ]
            file.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(chunk)
    return count


def _cell(value: Any, words: bool) -> Any:
    if isinstance(value, dict | list):
        return canonical_payload(value if words else without_words(value))
    # Half of a surrogate pair cannot stand in a file.
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _who(event: Event) -> Record:
    return {"seq": event.seq, "at": event.at, "actor": event.actor}


def _coded(event: Event) -> Record:
    """Who did it in Doccano, and when: `at` is the time of the pull."""
    return {"given_by": event.payload.get("by"), "given_at": event.payload.get("at")}


def _spread(event: Event) -> Record:
    span = event.payload["span"]
    return {**span, "span_start": span["start"], "span_end": span["end"]}


def _place(event: Event) -> Record:
    return {name: event.payload["span"][name] for name in ("session_id", "turn", "start", "end", "code")}


def _key(event: Event) -> tuple[str, str, str]:
    return event.payload["batch"], event.payload["coder"], event.payload["page"]


def _ticked(ledger: Ledger) -> set[tuple[str, str, str]]:
    return {_key(event) for event in ledger.standing("confirmed_pages")}


def _roles(ledger: Ledger) -> dict[tuple[str, str, str], str]:
    return {_key(event): role_of(event.payload) for event in ledger.standing("pushed_pages")}
