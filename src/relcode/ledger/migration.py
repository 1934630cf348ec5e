"""Opening a ledger's tables: made where there are none, brought to the present version where they are older.

Versions: 1, the events; 2, columns taken from their payloads, and views.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from relcode.errors import LedgerError
from relcode.ledger import schema, sqlite
from relcode.ledger.columns import columns_of
from relcode.ledger.database import LOST, Database
from relcode.ledger.events import START_HASH, read_payload
from relcode.provenance import written_beside

_CHUNK = 2000
_MAKING = 7_305_241  # an advisory lock of PostgreSQL: who makes or migrates tables there


def open_schema(database: Database, *, create: bool, migrate: bool) -> int:
    """Make or migrate what is needed; the version that the ledger then has.

    Raises
    ------
    LedgerError
        There is no ledger and none may be made, the database holds something else or is of a newer relcode, or the
        migration failed: then the ledger is as it was.
    """
    with database.read("open") as connection:
        tables = set(sa.inspect(connection).get_table_names())
    if not tables and not create:
        raise LedgerError(f"{database.name} is empty and no ledger. {LOST}")
    if not tables:
        _make(database)
    elif not {"events", "meta"} <= tables:
        raise LedgerError(f"{database.name} is no ledger: it is a database of something else.")
    version = _version(database)
    if not migrate:
        return version
    if not database.is_postgresql:
        with suppress(sa.exc.DBAPIError):  # in use, or read-only: it works as it is
            sqlite.use_write_ahead_log(database)
    if version < schema.SCHEMA_VERSION:
        _migrate(database)
    return schema.SCHEMA_VERSION


def _version(database: Database) -> int:
    with database.read("open") as connection:
        version = connection.scalar(sa.select(schema.meta.c.value).where(schema.meta.c.key == "schema_version"))
    if version is None or not str(version).isdigit():
        raise LedgerError(f"{database.name} is no ledger: it does not say which version of the format it has.")
    if int(version) > schema.SCHEMA_VERSION:
        raise LedgerError(
            f"The ledger {database.name} has format {version}, made by a newer relcode; this one knows "
            f"{schema.SCHEMA_VERSION}. Update relcode."
        )
    return int(version)


def _make(database: Database) -> None:
    if not database.is_postgresql:
        sqlite.use_write_ahead_log(database)
    with database.write("make") as connection:
        _lock(connection)
        if sa.inspect(connection).get_table_names():
            return  # another process was first
        if database.is_postgresql and connection.exec_driver_sql("SHOW fsync").scalar() != "on":
            raise LedgerError(
                f"The server of {database.name} runs with fsync off: it may lose what it confirmed. Turn it on."
            )
        schema.make(connection, head=f"0 {START_HASH}")


def _migrate(database: Database) -> None:
    """Bring a ledger to the present version in one transaction; of a file a copy is kept beside it."""
    with database.write("migrate") as connection:
        _lock(connection)
        version = int(
            str(connection.scalar(sa.select(schema.meta.c.value).where(schema.meta.c.key == "schema_version")))
        )
        if version >= schema.SCHEMA_VERSION:
            return  # another process was first
        if database.path is not None:
            # The lock on writing is held, so that the copy holds all that was ever written in the old version.
            with written_beside(_name_beside(database.path, version), mode=0o600) as beside:
                sqlite.copy_file(database.path, beside)
                sqlite.close_for_good(beside)
        for step in range(version, schema.SCHEMA_VERSION):
            _STEPS[step](connection)
        connection.execute(
            schema.meta.update().where(schema.meta.c.key == "schema_version").values(value=str(schema.SCHEMA_VERSION))
        )


def _to_version_2(connection: Connection) -> None:
    # There was no version 1 on PostgreSQL.
    for column in schema.events.columns:
        if column.nullable:
            kind = column.type.compile(connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE events ADD COLUMN {column.name} {kind}")
    for verb in ("update", "delete"):
        connection.exec_driver_sql(f"DROP TRIGGER events_refuse_{verb}")
    _fill_columns(connection)
    for index in schema.events.indexes:
        index.create(connection, checkfirst=True)
    schema.make_triggers_and_views(connection)


def _fill_columns(connection: Connection) -> None:
    table, last = schema.events, 0
    query = sa.select(table.c.seq, table.c.kind, table.c.payload).order_by(table.c.seq).limit(_CHUNK)
    update = table.update().where(table.c.seq == sa.bindparam("number"))
    while rows := connection.execute(query.where(table.c.seq > last)).all():
        last = rows[-1].seq
        # A damaged payload has no columns: it stays for `verify` to find.
        found = [(row.seq, columns_of(row.kind, read_payload(row.payload) or {})) for row in rows]
        connection.execute(update, [{"number": seq, **columns} for seq, columns in found])


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MAKING})")


def _name_beside(path: Path, version: int) -> Path:
    """`ledger.format-1.db`, or with a number where there is one already: a copy is never written over."""
    names = (path.with_name(f"{path.stem}.format-{version}{'' if n == 1 else f'-{n}'}{path.suffix}") for n in count(1))
    return next(name for name in names if not name.exists())


_STEPS: dict[int, Callable[[Connection], None]] = {1: _to_version_2}
