"""Tables (CSV, TSV, Excel): a row an utterance, columns found by their names."""

from __future__ import annotations

import csv
import io
import math
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
    "end": ("t1", "end", "end_time"),
    "utterance": ("utterance_id", "utterance_number", "utt_id"),
    "annotator": ("annotator_id", "annotator", "coder_id", "rater_id"),
}
_STAMP = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)")


def read_table(path: Path, text: str | None) -> dict[str, list[Utterance]]:
    """Read a table: session id -> utterances in the order of the rows.

    `text` is the decoded file, None for Excel. Several rows of one utterance (one an annotator, as in
    AnnoMI-full) count once, by their utterance id. A column `turn` is no such id: a turn may have several rows.

    Raises
    ------
    TranscriptError
        Columns that are missing; every row with too few or too many cells, without a speaker, or with other words than
        an earlier row of the same utterance.
    """
    rows = _excel_rows(path) if text is None else csv_rows(path, text)
    if not rows:
        raise TranscriptError(f"{path} is an empty table; expected a header row and a row an utterance.")
    columns = _find_columns(path, rows[0])
    sessions: dict[str, list[Utterance]] = {}
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    faults: list[str] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        if len(row) <= max(columns.values()) or any(row[len(rows[0]) :]):
            expected = f"expected {len(rows[0])} (words that hold the delimiter stand in quotation marks)"
            faults.append(f"{path}: row {number} has {len(row)} cells; {expected}")
            continue
        cell = {name: row[column] for name, column in columns.items()}
        session = cell.get("session", "").strip()
        if cell.get("utterance", "").strip():
            said = (cell["speaker"], cell["text"])
            first = seen.setdefault((session, cell["utterance"]), said)
            if first is not said:
                if first != said:
                    faults.append(f"{path}: row {number} has other words than an earlier row of the same utterance")
                continue
        if not cell["speaker"].strip() and cell["text"].strip():
            faults.append(f"{path}: row {number} names no speaker")
            continue
        times = seconds(cell.get("time")), seconds(cell.get("end"))
        sessions.setdefault(session, []).append(Utterance(cell["speaker"], cell["text"], *times, f"row {number}"))
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} row(s) that cannot be used:", faults)
    return sessions


def columns_by_name(header: Sequence[str]) -> dict[str, int]:
    """Which column holds what (session, speaker, text, time ...), as far as their names are known."""
    names = [name.strip().lower().replace(" ", "_") for name in header]
    return {
        what: names.index(next(name for name in wanted if name in names))
        for what, wanted in _COLUMNS.items()
        if any(name in names for name in wanted)
    }


def _find_columns(path: Path, header: Sequence[str]) -> dict[str, int]:
    found = columns_by_name(header)
    missing = [what for what in ("speaker", "text") if what not in found]
    if missing:
        raise TranscriptError(
            f"{path}: the table has no column for {' and '.join(missing)}.",
            [f"{path}: no column for {what}; expected one named {', '.join(_COLUMNS[what])}" for what in missing],
        )
    return found


def csv_rows(path: Path, text: str) -> list[list[str]]:
    """The rows of a CSV or TSV file; commas, semicolons or tabs part the cells, as in the first line."""
    first = text.split("\n", 1)[0]
    delimiter = max("\t,;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        raise TranscriptError(f"{path}:{reader.line_num}: no valid table: {error}; check quotation marks.") from error


def _excel_rows(path: Path) -> list[list[str]]:
    import openpyxl

    from relcode.transcripts.word import office_parts

    if "xl/workbook.xml" not in office_parts(path, path.read_bytes()):
        raise TranscriptError(f"{path} is a zip archive, but no Excel workbook.")
    try:
        with path.open("rb") as file:  # by its content, whatever the name ends in
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            rows = [[_cell_text(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
            book.close()
    except Exception as error:  # openpyxl lets zip, XML and value errors through
        raise TranscriptError(f"{path} is no Excel workbook that can be read ({type(error).__name__}).") from error
    return rows


def _cell_text(cell: object) -> str:
    """Excel keeps whole numbers as 3.0."""
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def seconds(stamp: str | None) -> float | None:
    """A time in seconds from `hh:mm:ss`, `mm:ss` or a number; None where it is none of them."""
    if not stamp:
        return None
    match = _STAMP.match(stamp.strip())
    if match:
        hours, minutes, seconds = match.groups()
        return round(int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", ".")), 3)
    try:
        number = round(float(stamp), 3)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None
