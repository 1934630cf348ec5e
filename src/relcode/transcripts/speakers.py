"""Tables of speakers: who is the therapist, who a client, for a whole corpus of files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from relcode.errors import TranscriptError, UsageError
from relcode.provenance import write_text
from relcode.transcripts.encoding import decode
from relcode.transcripts.files import read_bytes
from relcode.transcripts.roles import NOBODY, Declared, role_word
from relcode.transcripts.tables import csv_rows

_ROLE = re.compile(r"([TC])([1-9][0-9]?)?", re.IGNORECASE)
_EXPECTED = "expected T, C, a numbered one such as C2, a word such as therapist, or none"
COLUMNS = ("session", "mark", "role")


@dataclass(frozen=True, repr=False)
class AskedMark:
    """A mark whose role has to be said: session, mark as it stands in the file, proposed role, and how they talk."""

    session: str
    mark: str
    proposed: str
    talk: str


def read_speakers(path: Path) -> tuple[Declared, ...]:
    """Read a table with the columns `mark`, `role` and, where names are not everybody's, `session`.

    `T` and `C` are the next therapist and client of the session, in the order of the rows; a numbered role (`T1`, `C2`) is
    this very speaker, so that two spellings of a name can be one; `none` leaves a mark's words out. Rows that have a
    session hold there before rows for all.

    Raises
    ------
    TranscriptError
        The file cannot be read, columns are missing; every row without a mark or role, by number.
    """
    header, *rows = csv_rows(path, decode(path, read_bytes(path)).text) or [[]]
    names = [name.strip().lower() for name in header]
    if not {"mark", "role"} <= set(names):
        raise TranscriptError(
            f"{path}: expected a table with the columns mark and role, and session where they differ."
        )
    found: list[Declared] = []
    faults: list[str] = []
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        cells = dict(zip(names, (cell.strip() for cell in row), strict=False))
        role = _role(cells.get("role", ""))
        if not cells.get("mark"):
            faults.append(f"{path}: row {number} names no mark")
        elif role is None:
            faults.append(f"{path}: row {number} has no role that is known; {_EXPECTED}")
        else:
            found.append(Declared(cells["mark"], role, cells.get("session") or None))
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} row(s) that cannot be used:", faults)
    return tuple(found)


def write_speakers(path: Path, asked: Iterable[AskedMark]) -> int:
    """Write a table for the user to correct, readable by them alone: it holds names. The number of rows is returned.

    Raises
    ------
    UsageError
        The file is there: it may hold answers.
    DataError
        It cannot be written.
    """
    if path.exists():
        raise UsageError(
            f"{path} is there already, and may hold answers; give another name, or use it with --speakers."
        )
    rows = [(mark.session, mark.mark, mark.proposed, mark.talk) for mark in asked]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow((*COLUMNS, "proposed_because"))
    writer.writerows(rows)
    write_text(path, written.getvalue(), mode=0o600)
    return len(rows)


def _role(cell: str) -> str | None:
    if cell.lower() == NOBODY:
        return NOBODY
    match = _ROLE.fullmatch(cell)
    return cell.upper() if match else role_word(cell) if cell else None
