"""A table of metadata: what sessions' own files do not say (dyad, therapist, client, session number)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from relcode.errors import TranscriptError
from relcode.records import Session
from relcode.transcripts.encoding import decode
from relcode.transcripts.files import read_bytes
from relcode.transcripts.tables import csv_rows


def read_metadata(path: Path) -> dict[str, dict[str, Any]]:
    """Read a table of metadata: session id -> the other columns that are not empty.

    Raises
    ------
    TranscriptError
        The file cannot be read or has no column `session_id`; every row without a session, or with one named before.
    """
    header, *rows = csv_rows(path, decode(path, read_bytes(path)).text) or [[]]
    names = [name.strip() for name in header]
    if "session_id" not in names:
        raise TranscriptError(f"{path}: expected a table with a column session_id.")
    found: dict[str, dict[str, Any]] = {}
    faults: list[str] = []
    for number, row in enumerate(rows, start=2):
        if not any(row):
            continue
        values: dict[str, Any] = {name: cell for name, cell in zip(names, row, strict=False) if name and cell}
        session_id = values.pop("session_id", "").strip()
        if not session_id or session_id in found or any(row[len(names) :]):
            what = "has more cells than the header" if session_id and session_id not in found else None
            what = what or ("names a session that stands there before" if session_id else "names no session")
            faults.append(f"{path}: row {number} {what}; expected a row a session")
            continue
        if re.fullmatch(r"[0-9]+", values.get("session_number", "")):
            values["session_number"] = int(values["session_number"])
        found[session_id] = values
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} row(s) that cannot be used:", faults)
    return found


def with_metadata(session: Session, extra: dict[str, dict[str, Any]]) -> Session:
    """The session with what a table of metadata says of it; the file's own header wins."""
    added = extra.get(session.session_id)
    return Session(session.session_id, session.turns, {**added, **session.metadata}) if added else session
