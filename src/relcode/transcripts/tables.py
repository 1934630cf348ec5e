"""Tables (CSV, TSV, Excel): a row an utterance; which column holds what is shown, and can be said."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.columns import AS_GIVEN, BY_NAME, NAMES, Layout, delimiter_of, lay_out
from relcode.transcripts.roles import Utterance
from relcode.transcripts.source import Reading, Source
from relcode.transcripts.times import A_DAY, AN_HOUR, is_clock, seconds_of_range
from relcode.transcripts.times import seconds as seconds

_MOST_LISTED = 50
_LOOKED_AT = 300


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
    scale = _scale(rows, layout, reading.doubts)
    sessions, faults, unread = _utterances(path, rows, layout, scale)
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} row(s) that cannot be used:", _shortened(path, faults))
    if unread:
        reading.doubts.append(f"{unread} time(s) cannot be read; expected seconds, mm:ss or hh:mm:ss")
    of_the_day = _is_of_the_day(rows, layout)
    for name, utterances in sessions.items():
        key = name if name and not name.isdigit() else f"{path.stem}-{name}" if name else path.stem
        reading.utterances[key] = _from_the_first(utterances) if of_the_day else utterances
    reading.doubts += ["times of the day are counted from the first"] if of_the_day else []
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
        what for what in ("speaker", "text") if what in missing or not layout.why[what].startswith((BY_NAME, AS_GIVEN))
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
    path: Path, rows: Sequence[Sequence[str]], layout: Layout, scale: float
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
        t0, t1, wrong = _times(row, columns, scale)
        unread += wrong
        sessions.setdefault(session, []).append(Utterance(speaker, text, t0, t1, f"row {number}"))
    return sessions, faults, unread


def _times(row: Sequence[str], columns: Mapping[str, int], scale: float) -> tuple[float | None, float | None, int]:
    """Start and end in seconds, and how many of them cannot be read."""
    start, end = (row[columns[what]].strip() if what in columns else "" for what in ("t0", "t1"))
    if scale != 1.0:
        t0, t1 = (_scaled(cell, scale) for cell in (start, end))
    else:
        t0, t1 = seconds_of_range(start)
        t1 = seconds(end) if end else t1
    return t0, t1, sum(bool(cell) and cell != "nan" and t is None for cell, t in ((start, t0), (end, t1)))


def _scaled(cell: str, scale: float) -> float | None:
    number = _number(cell)
    return None if number is None or number < 0 else round(number * scale, 3)


def _number(cell: str) -> float | None:
    try:
        number = float(cell.replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _cells(rows: Sequence[Sequence[str]], layout: Layout) -> Iterator[str]:
    """The cells of the column of times that are not empty."""
    column = layout.columns.get("t0")
    first = 0 if layout.header is None else layout.header + 1
    if column is not None:
        yield from (row[column].strip() for row in islice(rows, first, None) if column < len(row) and row[column])


def _scale(rows: Sequence[Sequence[str]], layout: Layout, doubts: list[str]) -> float:
    """What a number in the column of times is, in seconds: 1, or a millisecond, or a day as Excel counts."""
    column = layout.columns.get("t0")
    header = rows[layout.header] if layout.header is not None else []
    name = header[column].strip().lower() if column is not None and column < len(header) else ""
    if name.endswith(("_ms", "(ms)", " ms", "msec", "millis")):
        return 0.001
    numbers = [_number(cell) for cell in islice(_cells(rows, layout), _LOOKED_AT)]
    known = [number for number in numbers if number is not None]
    rising = len(known) == len(numbers) and all(a <= b for a, b in pairwise(known))
    if len(known) > 3 and rising and 0 < max(known) < 1:
        doubts.append("times below 1 that rise were taken for Excel's parts of a day")
        return float(A_DAY)
    return 1.0


def _is_of_the_day(rows: Sequence[Sequence[str]], layout: Layout) -> bool:
    first = next(_cells(rows, layout), "")
    return is_clock(first) and (seconds(first) or 0) >= AN_HOUR


def _from_the_first(utterances: list[Utterance]) -> list[Utterance]:
    zero = next((utterance.t0 for utterance in utterances if utterance.t0 is not None), 0.0)

    def shifted(value: float | None) -> float | None:
        return None if value is None else round((value - zero) % A_DAY, 3)

    return [Utterance(u.mark, u.text, shifted(u.t0), shifted(u.t1), u.place) for u in utterances]


def _shortened(path: Path, faults: list[str]) -> list[str]:
    if len(faults) <= _MOST_LISTED:
        return faults
    kinds = Counter(fault.split(": ")[-1].split(" ", 2)[-1].split(";")[0] for fault in faults[_MOST_LISTED:])
    rest = ", ".join(f"{count} that `{kind}`" for kind, count in kinds.items())
    return [*faults[:_MOST_LISTED], f"{path}: {len(faults) - _MOST_LISTED} further row(s): {rest}"]
