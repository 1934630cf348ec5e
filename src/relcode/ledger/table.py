"""Reading and writing the events' table and its views, within a transaction that somebody else holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from relcode.errors import LedgerError
from relcode.ledger import schema
from relcode.ledger.columns import NUMBERS, TEXTS, columns_of
from relcode.ledger.events import Row, read_payload, read_span
from relcode.records import Span

_CHUNK = 2000
_DERIVED = (*TEXTS, *NUMBERS)
_events, _meta = schema.events, schema.meta
_INSERT_ALL = sa.text(
    f"INSERT INTO events ({', '.join(_events.c.keys())}) SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS rows("
    + ", ".join(f"{column.name} {'text' if isinstance(column.type, sa.Text) else 'bigint'}" for column in _events.c)
    + ")"
)


class EventTable:
    """The events of a ledger that messages call `name`, in a database of a version of the schema."""

    def __init__(self, name: str, version: int) -> None:
        self._name = name
        self._version = version

    @property
    def is_present_version(self) -> bool:
        """False for an older ledger that was not migrated: it lacks columns and views."""
        return self._version == schema.SCHEMA_VERSION

    def head(self, connection: Connection, *, lock: bool = False) -> tuple[int, str]:
        """Number and hash of the last event on record.

        With `lock` one transaction at a time passes here until it ends; SQLite holds its lock on the file already.
        """
        query = sa.select(_meta.c.value).where(_meta.c.key == "head")
        head = connection.scalar(query.with_for_update() if lock else query)
        seq, _, last_hash = str(head).partition(" ")
        if not seq.isdigit():
            raise LedgerError(f"The ledger {self._name} does not say how it ends; it was damaged. Restore a backup.")
        return int(seq), last_hash

    def insert(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Write rows and the new head; the lock on the head is held."""
        values = [{**row._asdict(), **columns_of(row.kind, read_payload(row.payload) or {})} for row in rows]
        if connection.dialect.name == "postgresql":  # there a statement a row is slow: one takes them all
            for start in range(0, len(values), _CHUNK):
                connection.execute(_INSERT_ALL, {"rows": json.dumps(values[start : start + _CHUNK])})
        else:
            connection.execute(_events.insert(), values)
        head = f"{rows[-1].seq} {rows[-1].hash}"
        connection.execute(_meta.update().where(_meta.c.key == "head").values(value=head))

    def stream(
        self,
        connect: Callable[[], AbstractContextManager[Connection]],
        *,
        derived: bool = False,
        kind: Sequence[str] = (),
        among: str | None = None,
        **equal: str | None,
    ) -> Iterator[tuple[Row, Mapping[str, Any]]]:
        """Rows in order, of some kinds, among those of a view, and with columns of some values (None: of any), with their
        derived columns if asked for.

        Their numbers are read first, so that each chunk between two of them is found by the primary key.
        """
        wanted = {key: value for key, value in equal.items() if value is not None}
        if wanted or among:
            self._check_version()
        conditions = [_events.c[key] == value for key, value in wanted.items()]
        conditions += [_events.c.kind.in_(kind)] if kind else []
        names = _DERIVED if derived and self.is_present_version else ()
        source = sa.table(among, sa.column("seq", sa.BigInteger)) if among else _events
        seq = source.c.seq
        with connect() as connection:
            numbers = connection.scalars(sa.select(seq).select_from(source).where(*conditions).order_by(seq)).all()
        asked_for = set(numbers) if among else None
        query = sa.select(*(_events.c[name] for name in (*Row._fields, *names))).where(*conditions)
        width = len(Row._fields)
        for start in range(0, len(numbers), _CHUNK):
            chunk = numbers[start : start + _CHUNK]
            between = query.where(_events.c.seq.between(chunk[0], chunk[-1])).order_by(_events.c.seq)
            with connect() as connection:
                found = connection.execute(between).all()
            for values in found:
                if asked_for is None or values.seq in asked_for:
                    yield Row(*values[:width]), dict(zip(names, values[width:], strict=True))

    def view(
        self, connection: Connection, name: str, *, field: str, order: str, equal: Mapping[str, str | None]
    ) -> Sequence[Any]:
        """Number and one field of the rows of a view with columns of some values (None: of any), in an order."""
        self._check_version()
        column: dict[str, sa.ColumnClause[Any]] = {each: sa.column(each) for each in ("seq", field, order, *equal)}
        query = sa.select(column["seq"], column[field]).select_from(sa.table(name, *column.values()))
        query = query.where(*(column[key] == value for key, value in equal.items() if value is not None))
        return connection.execute(query.order_by(column[order])).all()

    def distinct(self, connection: Connection, name: str, kinds: Sequence[str]) -> list[str]:
        """Whatever a column holds in events of these kinds, sorted."""
        self._check_version()
        column = _events.c[name]
        query = sa.select(column).distinct().where(column.is_not(None), _events.c.kind.in_(kinds))
        return sorted(map(str, connection.scalars(query)))

    def payload(self, row: Any) -> dict[str, Any]:
        """The payload of a row that has a number and a payload."""
        payload = read_payload(row.payload)
        if payload is None:
            raise self._damaged(row)
        return payload

    def span(self, row: Any, source: str) -> Span:
        """The span in the payload of such a row, with a source."""
        span = read_span(row.payload)
        if span is None:
            raise self._damaged(row)
        return msgspec.structs.replace(span, source=source)

    def _damaged(self, row: Any) -> LedgerError:
        return LedgerError(f"Event {row.seq} of the ledger {self._name} was damaged. Run `relcode ledger verify`.")

    def _check_version(self) -> None:
        if not self.is_present_version:
            raise LedgerError(
                f"The ledger {self._name} has an older format ({self._version}). It gets the present one when the "
                "project's commands use it as the project's ledger.db."
            )
