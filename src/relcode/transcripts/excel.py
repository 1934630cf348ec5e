"""Excel workbooks: the sheet that holds a transcript, its merged cells filled, its times as they are meant."""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from relcode.errors import TranscriptError
from relcode.transcripts.columns import Layout, lay_out
from relcode.transcripts.office import check_xml, office_parts
from relcode.transcripts.source import Reading, Source
from relcode.transcripts.tables import read_rows

_WITH_MERGED = 5_000_000  # bytes of a workbook up to which merged cells are looked for: that needs all of it in memory
Rows = list[list[str]]


@dataclass(frozen=True, repr=False)
class _Sheet:
    """A sheet's name and rows, and the cells merged downwards: column, first and last row (from 0)."""

    name: str
    rows: Rows
    merged: tuple[tuple[int, int, int], ...] = ()


def read_excel(source: Source) -> Reading:
    """Read the sheet named, else the first whose header names speaker and text, else the first that holds anything.

    Raises
    ------
    TranscriptError
        No workbook that can be read, no such sheet, or the faults of its rows.
    """
    path = source.path
    if "xl/workbook.xml" not in office_parts(path, source.data):
        raise TranscriptError(f"{path} is a zip archive, but no Excel workbook.")
    check_xml(path, source.data)
    sheets = _sheets(source)
    chosen, others = _choose(source, sheets)
    reading = read_rows(source, _filled(sheets[chosen], source))
    if len([sheet for sheet in sheets if sheet.rows]) > 1:
        also = f"; {others} further sheet(s) look like transcripts" if others else ""
        reading.doubts.append(f"sheet {chosen + 1} of {len(sheets)} was read{also}; choose with --sheet")
    return reading


def _sheets(source: Source) -> list[_Sheet]:
    import openpyxl

    whole = len(source.data) <= _WITH_MERGED
    try:
        book = openpyxl.load_workbook(io.BytesIO(source.data), read_only=not whole, data_only=True)
        sheets = [_read_sheet(sheet, whole) for sheet in book.worksheets]
        book.close()
    except Exception as error:  # openpyxl lets zip, XML and value errors through
        raise TranscriptError(
            f"{source.path} is no Excel workbook that can be read ({type(error).__name__})."
        ) from error
    if not sheets:
        raise TranscriptError(f"{source.path} has no sheet with cells.")
    return sheets


def _read_sheet(sheet: Any, with_merged: bool) -> _Sheet:
    rows = [[_cell_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    while rows and not any(rows[-1]):
        rows.pop()
    areas = sheet.merged_cells.ranges if with_merged else ()
    return _Sheet(sheet.title, rows, tuple((area.min_col - 1, area.min_row - 1, area.max_row - 1) for area in areas))


def _filled(sheet: _Sheet, source: Source) -> Rows:
    """The rows, where a speaker's cell that is merged over several rows stands in each; words are not repeated."""
    layout = lay_out(sheet.rows, source.options.columns)
    repeated = {layout.columns.get(what) for what in ("speaker", "session")} if isinstance(layout, Layout) else set()
    for column, first, last in sheet.merged:
        if column in repeated:
            for row in sheet.rows[first + 1 : last + 1]:
                row[column] = sheet.rows[first][column]
    return sheet.rows


def _choose(source: Source, sheets: Sequence[_Sheet]) -> tuple[int, int]:
    """The index of the sheet to read, and how many others look like transcripts."""
    wanted = source.options.sheet
    if wanted is not None:
        names = [sheet.name.strip().lower() for sheet in sheets]
        if wanted.strip().lower() in names:
            return names.index(wanted.strip().lower()), 0
        if wanted.isdecimal() and 1 <= int(wanted) <= len(sheets):
            return int(wanted) - 1, 0
        raise TranscriptError(
            f"{source.path} has no sheet as given with --sheet; expected a name, or 1 to {len(sheets)}."
        )
    layouts = [lay_out(sheet.rows, source.options.columns) if sheet.rows else [] for sheet in sheets]
    like = [
        i for i, layout in enumerate(layouts) if isinstance(layout, Layout) and not layout.proposed and _has(layout)
    ]
    filled = [index for index, sheet in enumerate(sheets) if sheet.rows]
    return (like or filled or [0])[0], max(len(like) - 1, 0)


def _has(layout: Layout) -> bool:
    return {"speaker", "text"} <= layout.columns.keys()


def _cell_text(cell: object) -> str:
    """A cell as text: whole numbers, which Excel keeps as 3.0, without a point; times as hh:mm:ss."""
    if cell is None:
        return ""
    if isinstance(cell, datetime.timedelta):
        return str(cell.total_seconds())
    if isinstance(cell, datetime.datetime):
        return f"{cell:%I:%M:%S %p}"  # a date with a time: the time of the day
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
