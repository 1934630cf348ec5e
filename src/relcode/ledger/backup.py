"""Backups: a ledger as one SQLite file, verified; and restoring from one what a ledger has lost, never more."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

from relcode.errors import LedgerError
from relcode.ledger import sqlite
from relcode.ledger.store import Ledger
from relcode.provenance import written_beside


def open_backup(path: Path) -> Ledger:
    """Open a ledger's file to look into it, of whatever version: it is not changed.

    Raises
    ------
    LedgerError
        There is none, or the file is no ledger.
    """
    return Ledger(path, create=False, migrate=False)


def back_up(ledger: Ledger, out: Path) -> tuple[int, str]:
    """Write all events to one SQLite file (mode 0600) while others may write; number and hash of its last event.

    The file is verified before it takes its name. An older backup of the same ledger is replaced.

    Raises
    ------
    LedgerError
        The ledger is damaged, or `out` holds something other than an older state of it; nothing was written.
    DataError
        The file cannot be written.
    """
    if out.is_file() and out.stat().st_size:
        number = _first_unknown(open_backup(out), ledger)
        if number is not None:
            raise LedgerError(
                f"{out} holds event {number}, which the ledger {ledger.name} lacks or has otherwise; it was left as it "
                "is. Choose another name, and look into it: a ledger never gets shorter."
            )
    with written_beside(out, mode=0o600) as beside:
        if ledger.path is None:
            with ledger.at_this_moment() as still:
                Ledger(beside).append_rows(still.rows())
        else:
            sqlite.copy_file(ledger.path, beside)
        sqlite.close_for_good(beside)
        copy = open_backup(beside)
        if faults := copy.verify():
            raise LedgerError(
                f"The ledger {ledger.name} is not as it was written; no backup was made. Keep the older ones:", faults
            )
        return copy.head()


def restore(backup: Path, url_or_path: str | Path) -> int:
    """Bring a ledger that is lost, empty or shorter to the state of a backup; how many events it lacked.

    Raises
    ------
    LedgerError
        The backup is damaged, or the ledger is, or holds an event that the backup lacks or has otherwise (its number is
        named): nothing was changed.
    """
    source = open_backup(backup)
    if faults := source.verify():
        raise LedgerError(f"The backup {backup} is not as it was written; nothing was restored:", faults)
    if isinstance(url_or_path, Path):
        _set_aside_remains(url_or_path)
    ledger = Ledger(url_or_path)
    advice = (
        "make a new database and write its URL into relcode.toml"
        if ledger.path is None
        else f"move it aside (mv {ledger.path} {ledger.path}.damaged)"
    )
    if (number := _first_unknown(ledger, source)) is not None:
        raise LedgerError(
            f"The ledger {ledger.name} holds event {number}, which the backup {backup} lacks or has otherwise; nothing was "
            f"changed. If the ledger is damaged (`relcode ledger verify`), {advice}; then restore."
        )
    if faults := ledger.verify():
        raise LedgerError(f"The ledger {ledger.name} is damaged; nothing was changed. First {advice}:", faults)
    there = ledger.head()[0]
    return ledger.append_rows(row for row in source.rows() if row.seq > there)


def _first_unknown(ledger: Ledger, other: Ledger) -> int | None:
    """Number of the first event of a ledger that another lacks or has otherwise; None where it is its beginning."""
    with ledger.at_this_moment() as ours, other.at_this_moment() as theirs:
        for row, twin in zip_longest(ours.rows(), theirs.rows()):
            if row is None:
                return None
            if row != twin:
                return int(row.seq)
    return None


def _set_aside_remains(path: Path) -> None:
    """What stood beside a file that is gone belongs to that one: SQLite would read it into the new one."""
    if path.exists() and path.stat().st_size:
        return
    for companion in (f"{path}-wal", f"{path}-shm"):
        if Path(companion).exists():
            Path(companion).replace(f"{companion}.lost")
