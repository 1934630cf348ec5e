"""A ledger's SQLite file: mode 0600, write-ahead log, every commit flushed to the disk."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection

from relcode.errors import LedgerError
from relcode.ledger.database import LOST, Database

_MODE_SECONDS = 10.0  # to wait for others who make the same ledger
_MAGIC = b"SQLite format 3\0"
_REASONS = {
    "not a database": "the file is not a ledger (no SQLite database).",
    "locked": "another process has been writing to it for too long. Wait until it is done, then repeat.",
    "readonly": "it is read-only. Nothing was changed; make file and folder writable.",
    "disk is full": "the disk is full. Nothing was changed; free space, then repeat.",
    "unable to open": "the file or its folder cannot be opened or written.",
    "malformed": "the file is damaged. Move it aside, then `relcode ledger restore` a backup.",
    "append-only": "the ledger is append-only.",
    "older relcode": "this relcode is older than the one that opened the ledger last. Update relcode.",
    "UNIQUE": "its last event is not the one on record. Run `relcode ledger verify`.",
}


def connect(url: URL, *, busy_seconds: float, create: bool) -> Database:
    """Open the file, made with mode 0600 where there is none (not for a URL of SQLite's own with `uri=true`)."""
    own = "uri" in url.query
    path = Path(unquote(str(url.database).removeprefix("file:")) if own else str(url.database))
    if not create and not path.is_file():
        raise LedgerError(f"There is no ledger {path}. {LOST}")
    _check_start(path, make=create and not own)
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True, connect_args={"timeout": busy_seconds})
    # SQLAlchemy's recipe for SQLite: the driver begins nothing, so that a writer can take the lock at once.
    sa.event.listen(engine, "connect", _set_up)
    sa.event.listen(engine, "begin", _begin)
    writer = engine.execution_options(relcode_writes=True)
    return Database(str(path), engine, writer, engine, _reason, path)


def use_write_ahead_log(database: Database) -> None:
    """Let readers and a writer work at once; the file remembers it, a backup put in its place does not."""
    ends = time.monotonic() + _MODE_SECONDS
    while True:
        try:
            with database.reader.connect() as connection:
                if connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
                    connection.exec_driver_sql("COMMIT")  # the mode cannot be changed within a transaction
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            return
        except sa.exc.OperationalError as error:
            # another process changes it: SQLite does not wait for that, as it does for one that writes
            if "locked" not in str(error.orig) or time.monotonic() > ends:
                raise
            time.sleep(0.02)


def copy_file(path: Path, to: Path) -> None:
    """Copy a ledger's file as it stands now, whoever writes meanwhile."""
    try:
        with (
            contextlib.closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=rw", uri=True)) as source,
            contextlib.closing(sqlite3.connect(to)) as target,
        ):
            source.backup(target)
    except sqlite3.Error as error:
        raise LedgerError(f"Cannot copy the ledger {path}: {reason_for(str(error))}") from None


def close_for_good(path: Path) -> None:
    """Make a ledger one file that needs none beside it, and wait until it is on the disk."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _check_start(path: Path, *, make: bool) -> None:
    """Refuse a file of something else (SQLite takes short ones for empty); make it with mode 0600 before SQLite would
    make it with another."""
    try:
        with open(os.open(path, os.O_CREAT | os.O_RDWR if make else os.O_RDONLY, 0o600), "rb") as file:
            start = file.read(len(_MAGIC))
    except OSError as error:
        raise LedgerError(f"Cannot open the ledger {path}: {error.strerror}.") from error
    if start and start != _MAGIC:
        raise LedgerError(f"Cannot open the ledger {path}: {_REASONS['not a database']}")


def _set_up(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA temp_store=MEMORY")  # sorting may not write words into a file for others to find


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("relcode_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _reason(error: sa.exc.DBAPIError) -> str:
    return reason_for(str(error.orig))


def reason_for(message: str) -> str:
    """What to do about a message of SQLite."""
    return next((advice for word, advice in _REASONS.items() if word in message), f"{message}.")
