"""The ledger's file: SQLite through SQLAlchemy Core, written in whole transactions, chained by hashes."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, make_url

from relcode.errors import LedgerError
from relcode.ledger import views
from relcode.ledger.events import CODE, START_HASH, Event, NewEvent, canonical_payload, event_fault, event_hash
from relcode.records import Span

SCHEMA_VERSION = 1
_CHUNK = 2000
_SQLITE = b"SQLite format 3\0"
_metadata = sa.MetaData()
_events = sa.Table(
    "events",
    _metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, index=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)
_meta = sa.Table("meta", _metadata, sa.Column("key", sa.Text, primary_key=True), sa.Column("value", sa.Text))
_TRIGGERS = [
    f"CREATE TRIGGER events_refuse_{verb.lower()} BEFORE {verb} ON events "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    for verb in ("UPDATE", "DELETE")
]


class LedgerMoved(LedgerError):
    """Somebody else appended between reading and writing; nothing was written."""


class Ledger:
    """The append-only record of a project.

    Parameters
    ----------
    url_or_path
        A file, made if it does not exist yet (mode 0600; its folder must exist), or a `sqlite://` URL.
    busy_seconds
        How long to wait while another process writes.

    Raises
    ------
    LedgerError
        The file is no ledger, was made by a newer relcode, or cannot be opened.
    """

    def __init__(self, url_or_path: str | Path, *, busy_seconds: float = 30) -> None:
        self._url = _as_url(url_or_path)
        self.name = self._url.database or str(self._url)
        if "uri" not in self._url.query:
            self._touch(Path(self.name))
        engine = sa.create_engine(
            self._url, poolclass=sa.NullPool, hide_parameters=True, connect_args={"timeout": busy_seconds}
        )
        # SQLAlchemy's recipe for SQLite: the driver begins nothing, so that a writer can take the lock at once.
        sa.event.listen(engine, "connect", _set_up_connection)
        sa.event.listen(engine, "begin", _begin)
        self._reader = engine
        self._writer = engine.execution_options(relcode_writes=True)
        self._open_schema()

    def __repr__(self) -> str:
        return f"Ledger({self.name!r})"

    def append(self, events: Sequence[NewEvent], *, after: int | None = None) -> int:
        """Append events in one transaction, all or none; return how many.

        Parameters
        ----------
        after
            Number of the last event that the caller has read (of `head()`): whoever decides by what the ledger holds
            names it, so that two who decide at once do not both append.

        Raises
        ------
        LedgerMoved
            The ledger has grown beyond `after`; nothing was written. Read again, decide again.
        LedgerError
            An event has a fault (all are listed), or the file cannot be written.
        """
        faults = [f"event {number}: {fault}" for number, event in enumerate(events, 1) if (fault := event_fault(event))]
        if faults:
            raise LedgerError("Nothing was written to the ledger: the events have faults.", faults)
        if not events:
            return 0
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._guarded("write"), self._writer.begin() as connection:
            seq, previous = self._head(connection)
            if after is not None and seq != after:
                raise LedgerMoved(f"The ledger {self.name} has grown since it was read; nothing was written. Repeat.")
            rows = []
            for event in events:
                seq += 1
                row: dict[str, Any] = {
                    "at": at,
                    "kind": event.kind,
                    "actor": event.actor,
                    "payload": canonical_payload(event.payload),
                    "previous_hash": previous,
                }
                previous = event_hash(seq, **row)
                rows.append({"seq": seq, **row, "hash": previous})
            connection.execute(_events.insert(), rows)
            self._set_head(connection, seq, previous)
        return len(rows)

    def events(self, *kinds: str) -> Iterator[Event]:
        """All events in order, or those of some kinds; read in chunks, so that a long ledger needs little memory."""
        for row in self._rows(kinds):
            try:
                payload = json.loads(row["payload"])
            except (TypeError, ValueError):
                payload = None
            if not isinstance(payload, dict):
                raise LedgerError(
                    f"Event {row['seq']} of the ledger {self.name} was damaged. Run `relcode ledger verify`."
                )
            yield Event(**{**row, "payload": payload})

    def verify(self) -> list[str]:
        """Recompute the chain: one line for each row that was changed, is missing or stands in another place.

        Whoever rewrites every later row and the head as well is not found out: note the hash of `head()` elsewhere.
        """
        faults: list[str] = []
        seq, previous = 0, START_HASH
        for row in self._rows():
            if row["seq"] != seq + 1:
                faults.append(f"event {seq + 1}: missing; event {row['seq']} follows event {seq}")
            elif row["previous_hash"] != previous:
                faults.append(f"event {row['seq']}: does not follow the event before it; one of them was replaced")
            seq, previous = row["seq"], row["hash"]
            parts = {key: value for key, value in row.items() if key != "hash"}
            if not isinstance(row["payload"], str) or event_hash(**parts) != row["hash"]:
                faults.append(f"event {row['seq']}: its content is not what was written")
        head_seq, head_hash = self.head()
        if head_seq > seq:
            faults.append(f"event {seq + 1}: missing; the ledger ended with event {head_seq}")
        elif (head_seq, head_hash) != (seq, previous):
            faults.append(f"event {seq}: is not the last event on record ({head_seq})")
        return faults

    def head(self) -> tuple[int, str]:
        """Number and hash of the last event as recorded on writing (0 and zeros in an empty ledger)."""
        with self._guarded("read"), self._reader.begin() as connection:
            return self._head(connection)

    def labels(self, coder: str, *, batch: str | None = None, role: str | None = CODE) -> list[Span]:
        """A coder's current labels on pages of a role (None: of any), in ledger order; `source` is `coder:<name>`."""
        return views.current_labels(self.events("page", "label", "unlabel"), coder, batch=batch, role=role)

    def accepted(self) -> list[Span]:
        """The accepted labels, in ledger order; `source` is `accepted`, or `accepted:` and the policy that decided."""
        return views.current_accepted(self.events("accept", "unaccept"))

    def coders(self) -> list[str]:
        """Everyone to whom a page was pushed or who labelled or confirmed one, sorted."""
        return views.coders_named(self.events("page", "label", "unlabel", "confirm", "unconfirm"))

    def pages(
        self, coder: str | None = None, batch: str | None = None, *, role: str | None = CODE
    ) -> list[dict[str, Any]]:
        """The payloads of the pages pushed with a role (None: with any), in order."""
        return views.pushed_pages(self.events("page"), coder=coder, batch=batch, role=role)

    def confirmed_pages(self, coder: str) -> set[str]:
        """The pages that a coder has ticked as done."""
        return views.confirmed_pages(self.events("confirm", "unconfirm"), coder)

    def deid_record(self, session_id: str, session_sha256: str) -> bool:
        """Whether this very text is on record as de-identified, or was let through with a reason."""
        return views.is_deidentified(self.events("deid", "deid_override"), session_id, session_sha256)

    def _rows(self, kinds: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
        last = None
        while True:
            query = sa.select(_events).order_by(_events.c.seq).limit(_CHUNK)
            if last is not None:
                query = query.where(_events.c.seq > last)
            if kinds:
                query = query.where(_events.c.kind.in_(kinds))
            with self._guarded("read"), self._reader.begin() as connection:
                rows = [dict(row) for row in connection.execute(query).mappings()]
            yield from rows
            if len(rows) < _CHUNK:
                return
            last = rows[-1]["seq"]

    def _head(self, connection: Connection) -> tuple[int, str]:
        head = connection.scalar(sa.select(_meta.c.value).where(_meta.c.key == "head"))
        seq, _, last_hash = str(head).partition(" ")
        if not seq.isdigit():
            raise LedgerError(f"The ledger {self.name} does not say how it ends; it was damaged. Restore a copy.")
        return int(seq), last_hash

    def _set_head(self, connection: Connection, seq: int, last_hash: str) -> None:
        connection.execute(_meta.update().where(_meta.c.key == "head").values(value=f"{seq} {last_hash}"))

    def _open_schema(self) -> None:
        with self._guarded("open"):
            with self._reader.begin() as connection:
                tables = set(sa.inspect(connection).get_table_names())
            if not tables:
                self._make_schema()
            elif not {"events", "meta"} <= tables:
                raise LedgerError(f"{self.name} is no ledger: it is a database of something else.")
            with self._reader.begin() as connection:
                version = connection.scalar(sa.select(_meta.c.value).where(_meta.c.key == "schema_version"))
        if version is None or not str(version).isdigit():
            raise LedgerError(f"{self.name} is no ledger: it does not say which version of the format it has.")
        if int(version) > SCHEMA_VERSION:
            raise LedgerError(
                f"The ledger {self.name} has format {version}, made by a newer relcode; this one knows "
                f"{SCHEMA_VERSION}. Update relcode."
            )

    def _make_schema(self) -> None:
        with self._reader.connect() as connection:
            connection.exec_driver_sql("COMMIT")  # the mode cannot be changed within a transaction
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        with self._writer.begin() as connection:
            if sa.inspect(connection).get_table_names():
                return  # another process was first
            _metadata.create_all(connection)
            for trigger in _TRIGGERS:
                connection.exec_driver_sql(trigger)
            connection.execute(
                _meta.insert(),
                [{"key": "schema_version", "value": str(SCHEMA_VERSION)}, {"key": "head", "value": f"0 {START_HASH}"}],
            )

    def _touch(self, path: Path) -> None:
        """Make the file with mode 0600 before SQLite would make it with another; SQLite takes short files for empty."""
        try:
            with open(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "rb") as file:
                start = file.read(len(_SQLITE))
        except OSError as error:
            raise LedgerError(f"Cannot open the ledger {path}: {error.strerror}.") from error
        if start and start != _SQLITE:
            raise LedgerError(f"Cannot open the ledger {path}: {_reason('not a database')}")

    @contextlib.contextmanager
    def _guarded(self, what: str) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise LedgerError(f"Cannot {what} the ledger {self.name}: {_reason(str(error.orig))}") from error


def _as_url(url_or_path: str | Path) -> URL:
    text = str(url_or_path)
    if isinstance(url_or_path, Path) or "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except sa.exc.ArgumentError as error:
        raise LedgerError("The ledger's URL cannot be read; expected sqlite:///PATH.") from error
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise LedgerError(f"The ledger cannot lie in {url.get_backend_name()} yet: give a file or sqlite:///PATH.")
    return url


def _set_up_connection(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous=FULL")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("relcode_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _reason(driver_message: str) -> str:
    """What to do about a message of SQLite."""
    known = {
        "not a database": "the file is not a ledger (no SQLite database).",
        "locked": "another process has been writing to it for too long. Wait until it is done, then repeat.",
        "readonly": "it is read-only. Nothing was changed; make file and folder writable.",
        "disk is full": "the disk is full. Nothing was changed; free space, then repeat.",
        "unable to open": "the file or its folder cannot be opened or written.",
        "malformed": "the file is damaged. Restore a copy, then run `relcode ledger verify`.",
        "append-only": "the ledger is append-only.",
        "UNIQUE": "its last event is not the one on record. Run `relcode ledger verify`.",
    }
    return next((advice for word, advice in known.items() if word in driver_message), driver_message + ".")
