"""Tables (CSV, TSV, Excel): a row an utterance, columns found by their names."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.roles import Utterance

_COLUMNS = {
    "session": ("session_id", "transcript_id", "session", "transcript", "conversation_id", "conv_id", "dialogue_id"),
    "speaker": ("speaker", "interlocutor", "role", "who", "participant", "type"),
    "text": ("text", "utterance_text", "utterance", "content", "transcript_text", "words", "sentence", "vol_text"),
    "time": ("t0", "timestamp", "start", "start_time", "time", "timespan"),
    "utterance": ("utterance_id", "turn", "line", "utterance_number", "volley_number"),
}
_STAMP = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)")


def read_table(path: Path, text: str | None) -> dict[str, list[Utterance]]:
    """Read a table: session id -> utterances in the order of the rows.

    `text` is the decoded file, None for Excel. Several rows of one utterance (one an annotator, as in
    AnnoMI-full) count once, by their utterance id.

    Raises
    ------
    TranscriptError
        Columns that are missing; every row with too few cells or without a speaker.
    """
    rows = _excel_rows(path) if text is None else _csv_rows(path, text)
    if not rows:
        raise TranscriptError(f"{path} is an empty table; expected a header row and a row an utterance.")
    columns = _find_columns(path, rows[0])
    sessions: dict[str, list[Utterance]] = {}
    seen: set[tuple[str, str]] = set()
    faults: list[str] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        if len(row) <= max(columns.values()):
            faults.append(f"{path}: row {number} has {len(row)} cells; expected {len(rows[0])}")
            continue
        cell = {name: row[column] for name, column in columns.items()}
        session = cell.get("session", "")
        if "utterance" in cell and "session" in cell:
            key = (session, cell["utterance"])
            if key in seen:
                continue
            seen.add(key)
        if not cell["speaker"].strip() and cell["text"].strip():
            faults.append(f"{path}: row {number} names no speaker")
            continue
        sessions.setdefault(session, []).append(Utterance(cell["speaker"], cell["text"], _seconds(cell.get("time"))))
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} row(s) that cannot be used:", faults)
    return sessions


def _find_columns(path: Path, header: Sequence[str]) -> dict[str, int]:
    names = [name.strip().lower().replace(" ", "_") for name in header]
    found = {
        what: names.index(next(name for name in wanted if name in names))
        for what, wanted in _COLUMNS.items()
        if any(name in names for name in wanted)
    }
    missing = [what for what in ("speaker", "text") if what not in found]
    if missing:
        raise TranscriptError(
            f"{path}: the table has no column for {' and '.join(missing)}.",
            [f"{what}: expected a column named {', '.join(_COLUMNS[what])}" for what in missing],
        )
    return found


def _csv_rows(path: Path, text: str) -> list[list[str]]:
    first = text.split("\n", 1)[0]
    delimiter = max("\t,;", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise TranscriptError(f"{path} is no valid table: {error}.") from error


def _excel_rows(path: Path) -> list[list[str]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        rows = [
            ["" if cell is None else str(cell) for cell in row]
            for row in book.worksheets[0].iter_rows(values_only=True)
        ]
        book.close()
    except Exception as error:  # openpyxl lets zip, XML and value errors through
        raise TranscriptError(f"{path} is no Excel workbook that can be read ({type(error).__name__}).") from error
    return rows


def _seconds(stamp: str | None) -> float | None:
    if not stamp:
        return None
    match = _STAMP.match(stamp.strip())
    if match:
        hours, minutes, seconds = match.groups()
        return round(int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", ".")), 3)
    try:
        return round(float(stamp), 3)
    except ValueError:
        return None
