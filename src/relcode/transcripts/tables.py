"""Tables (CSV, TSV, Excel): a row an utterance; which column holds what is shown, and can be said."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.columns import AS_GIVEN, BY_NAME, NAMES, Layout, delimiter_of, lay_out
from relcode.transcripts.roles import Utterance
from relcode.transcripts.source import Reading, Source
from relcode.transcripts.times import A_DAY, AN_HOUR, is_clock, seconds_of_range
from relcode.transcripts.times import seconds as seconds

_MOST_LISTED = 50


class UnknownColumnsError(TranscriptError):
    """The columns of speaker or text are not known by name; `proposed`: what -> number from 1, for the user to confirm."""

    def __init__(self, message: str, faults: Iterable[str], proposed: Mapping[str, int]) -> None:
        super().__init__(message, faults)
        self.proposed = dict(proposed)


def read_csv(source: Source) -> Reading:
    """Read comma-, semicolon-, tab- or bar-separated rows; see `read_rows`."""
    return read_rows(source, csv_rows(source.path, source.text()))


def read_rows(source: Source, rows: Sequence[Sequence[str]]) -> Reading:
    """Read a table: session -> utterances in the order of the rows.

    Several rows of one utterance (one an annotator, as in AnnoMI-full) count once, by their utterance id. A column
    `turn` is no such id: a turn may have several rows.

    Raises
    ------
    UnknownColumnsError
        Speaker or text are not known by their names; says what is proposed and how to confirm it.
    TranscriptError
        Every row with too few or too many cells, without a speaker, or with other words than an earlier row of the same
        utterance.
    """
    path = source.path
    if not any(map(any, rows)):
        raise TranscriptError(f"{path} is an empty table; expected a header row and a row an utterance.")
    layout = layout_of(path, rows, source.options.columns)
    reading = Reading(columns=layout.described(rows))
    above = sum(any(row) for row in rows[: layout.header or 0])
    reading.doubts += [f"{above} row(s) above the header were passed over"] if above else []
    reading.doubts += ["the table has no header row"] if layout.header is None else []
    sessions, faults, unread = _utterances(path, rows, layout)
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} row(s) that cannot be used:", _shortened(path, faults))
    if unread:
        reading.doubts.append(f"{unread} time(s) cannot be read; expected seconds, mm:ss or hh:mm:ss")
    header = rows[layout.header] if layout.header is not None else []
    for name, utterances in sessions.items():
        key = name if name and not name.isdigit() else f"{path.stem}-{name}" if name else path.stem
        reading.utterances[key] = _in_seconds(utterances, layout, header, rows, reading.doubts)
    return reading


def layout_of(path: Path, rows: Sequence[Sequence[str]], given: Mapping[str, str]) -> Layout:
    """Which column holds what.

    Raises
    ------
    UnknownColumnsError
        Not known by their names, nor said by the user.
    TranscriptError
        Columns that the user names and no header has.
    """
    layout = lay_out(rows, given)
    if isinstance(layout, list):
        raise TranscriptError(f"{path}: the columns are not as --column says:", [f"{path}: {what}" for what in layout])
    missing = [what for what in ("speaker", "text") if what not in layout.columns]
    if not missing and not layout.proposed:
        return layout
    found = {what: index + 1 for what, index in layout.columns.items()}
    unknown = [
        what
        for what in ("speaker", "text")
        if what in missing or not layout.why[what].startswith((BY_NAME, AS_GIVEN))
    ]
    proposal = "" if missing else " ".join(f"--column {what}={found[what]}" for what in ("speaker", "text"))
    faults = [f"{path}: no column for {what}; {_advice(what, found, layout, proposal)}" for what in unknown]
    raise UnknownColumnsError(
        f"{path}: the table has no column named for {' and '.join(unknown)}.", faults, {} if missing else found
    )


def csv_rows(path: Path, text: str) -> list[list[str]]:
    """The rows of a CSV or TSV file; what parts the cells is told from its first lines.

    Raises
    ------
    TranscriptError
        Quotation marks without their partner, by line.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text[:65536]), strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        raise TranscriptError(f"{path}:{reader.line_num}: no valid table: {error}; check quotation marks.") from error


def _advice(what: str, found: Mapping[str, int], layout: Layout, proposal: str) -> str:
    expected = f"expected one named {', '.join(NAMES[what][:6])} ..."
    if not proposal or what not in found:
        return f"{expected}, or say --column {what}=NAME"
    return f"column {found[what]} may be it: {layout.why[what]}; confirm with {proposal}, or rename it ({expected})"


def _utterances(
    path: Path, rows: Sequence[Sequence[str]], layout: Layout
) -> tuple[dict[str, list[Utterance]], list[str], int]:
    """Utterances of each session, faults, and how many times could not be read."""
    columns = layout.columns
    width = len(rows[layout.header]) if layout.header is not None else max(columns.values()) + 1
    sessions: dict[str, list[Utterance]] = {}
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    faults: list[str] = []
    unread = 0
    first = 0 if layout.header is None else layout.header + 1
    for number, row in enumerate(rows[first:], start=first + 1):
        if not any(row):
            continue
        if len(row) <= max(columns.values()) or (layout.header is not None and any(row[width:])):
            expected = f"expected {width} (words that hold the delimiter stand in quotation marks)"
            faults.append(f"{path}: row {number} has {len(row)} cells; {expected}")
            continue
        speaker, text = row[columns["speaker"]], row[columns["text"]]
        session = row[columns["session"]].strip() if "session" in columns else ""
        utterance = row[columns["utterance"]].strip() if "utterance" in columns else ""
        if utterance:
            said = (speaker, text)
            before = seen.setdefault((session, utterance), said)
            if before is not said:
                if before != said:
                    faults.append(f"{path}: row {number} has other words than an earlier row of the same utterance")
                continue
        if not speaker.strip():
            if text.strip():
                faults.append(f"{path}: row {number} names no speaker")
            continue
        t0, t1, wrong = _times(row, columns)
        unread += wrong
        sessions.setdefault(session, []).append(Utterance(speaker, text, t0, t1, f"row {number}"))
    return sessions, faults, unread


def _times(row: Sequence[str], columns: Mapping[str, int]) -> tuple[float | None, float | None, int]:
    start, end = (row[columns[what]].strip() if what in columns else "" for what in ("t0", "t1"))
    t0, t1 = seconds_of_range(start)
    t1 = seconds(end) if end else t1
    wrong = (bool(start) and t0 is None and start != "nan") + (bool(end) and t1 is None and end != "nan")
    return t0, t1, wrong


def _in_seconds(
    utterances: list[Utterance], layout: Layout, header: Sequence[str], rows: Sequence[Sequence[str]], doubts: list[str]
) -> list[Utterance]:
    """Times as seconds from the start, where the column counts milliseconds, parts of a day or the time of the day."""
    if "t0" not in layout.columns:
        return utterances
    column = layout.columns["t0"]
    name = header[column].strip().lower() if column < len(header) else ""
    times = [utterance.t0 for utterance in utterances if utterance.t0 is not None]
    first = next((row[column] for row in rows[(layout.header or 0) + 1 :] if column < len(row) and row[column]), "")
    scale, zero = 1.0, 0.0
    if name.endswith(("_ms", "(ms)", " ms", "msec", "millis")):
        scale = 0.001
    elif len(times) > 3 and max(times) < 1 and ":" not in first and all(a <= b for a, b in pairwise(times)):
        scale = float(A_DAY)
        doubts.append("times below 1 that rise were taken for Excel's parts of a day")
    elif times and times[0] >= AN_HOUR and is_clock(first):
        zero = times[0]
        doubts.append("times of the day are counted from the first")
    if scale == 1.0 and not zero:
        return utterances
    return [Utterance(u.mark, u.text, *_shifted(u.t0, u.t1, scale, zero), u.place) for u in utterances]


def _shifted(t0: float | None, t1: float | None, scale: float, zero: float) -> tuple[float | None, float | None]:
    def shift(value: float | None) -> float | None:
        return None if value is None else round(value * scale - zero if not zero else (value - zero) % A_DAY, 3)

    return shift(t0), shift(t1)


def _shortened(path: Path, faults: list[str]) -> list[str]:
    if len(faults) <= _MOST_LISTED:
        return faults
    kinds = Counter(fault.split(": ")[-1].split(" ", 2)[-1].split(";")[0] for fault in faults[_MOST_LISTED:])
    rest = ", ".join(f"{count} that `{kind}`" for kind, count in kinds.items())
    return [*faults[:_MOST_LISTED], f"{path}: {len(faults) - _MOST_LISTED} further row(s): {rest}"]
