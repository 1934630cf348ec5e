"""Recomputing a ledger's chain: every row is what was written, in its place, and none is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from relcode.ledger.columns import columns_of
from relcode.ledger.events import START_HASH, Row, read_payload

Written = tuple[Row, Mapping[str, Any]]  # a row and its derived columns (empty in a ledger that has none)


def chain_faults(rows: Iterable[Written], head: tuple[int, str], *, noted_head: str | None = None) -> list[str]:
    """One line for each row that was changed, is missing or stands in another place, and for the end on record.

    Whoever rewrites every later row and the head as well is found out by `noted_head` alone, the hash of an event that
    was noted elsewhere.
    """
    faults: list[str] = []
    seq, previous, noted_found = 0, START_HASH, noted_head in (None, START_HASH)
    for row, columns in rows:
        if row.seq != seq + 1:
            faults.append(f"event {seq + 1}: missing; event {row.seq} follows event {seq}")
        elif row.previous_hash != previous:
            faults.append(f"event {row.seq}: does not follow the event before it; one of them was replaced")
        seq, previous = row.seq, row.hash
        noted_found = noted_found or row.hash == noted_head
        if not row.is_as_written():
            faults.append(f"event {row.seq}: its content is not what was written")
        elif columns and dict(columns) != columns_of(row.kind, read_payload(row.payload) or {}):
            faults.append(f"event {row.seq}: its columns are not those of its content")
    if head[0] > seq:
        faults.append(f"event {seq + 1}: missing; the ledger ended with event {head[0]}")
    elif head != (seq, previous):
        faults.append(f"event {seq}: is not the last event on record ({head[0]})")
    if not noted_found:
        faults.append("the noted head: no event has this hash; events were removed or replaced since it was noted")
    return faults
