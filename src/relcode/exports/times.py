"""Formats that cannot be written without times."""

from __future__ import annotations

from relcode.exports.errors import ExportError
from relcode.records import Session

_SHOWN = 8


def check_times(session: Session, what: str) -> None:
    """Refuse a session with turns whose start is not known.

    Raises
    ------
    ExportError
        Naming the turns.
    """
    untimed = [turn.turn for turn in session.turns if turn.t0 is None]
    if untimed:
        shown = ", ".join(map(str, untimed[:_SHOWN])) + (" ..." if len(untimed) > _SHOWN else "")
        raise ExportError("", [f"turn {shown}: {what} need the time of each turn; export as txt, csv, docx or cha"])
