"""The ledger: whole transactions, chained by hashes, in an SQLite file or a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from relcode.errors import LedgerError
from relcode.ledger import schema, views
from relcode.ledger.chain import chain_faults
from relcode.ledger.database import open_database
from relcode.ledger.events import CODE, Event, NewEvent, Row, event_fault
from relcode.ledger.migration import open_schema
from relcode.ledger.table import EventTable
from relcode.records import Span

_CHUNK = 2000
_OF_CODERS = ("page", "label", "unlabel", "confirm", "unconfirm")
_WITH_WORDS = ("page", "label", "unlabel", "accept", "unaccept", "review")


class LedgerMoved(LedgerError):
    """Somebody else appended between reading and writing; nothing was written."""


class Ledger:
    """The append-only record of a project.

    Parameters
    ----------
    url_or_path
        A file (mode 0600; its folder must exist), or a URL: `sqlite:///PATH`, `postgresql://USER@HOST/DATABASE`.
    busy_seconds
        How long to wait while another process writes.
    create
        Make a ledger where there is none: no file, an empty one, an empty database.
    migrate
        Bring a ledger of an older format to the present one. Without that, such a ledger can be verified and its events
        read, nothing else.

    Raises
    ------
    LedgerError
        There is no ledger, or something else; it was made by a newer relcode, or cannot be opened or migrated.
    """

    def __init__(
        self, url_or_path: str | Path, *, busy_seconds: float = 30, create: bool = True, migrate: bool = True
    ) -> None:
        self._database = open_database(url_or_path, busy_seconds=busy_seconds, create=create)
        self.name = self._database.name
        self._read: Callable[[], AbstractContextManager[Connection]] = self._database.read
        self._table = EventTable(self.name, open_schema(self._database, create=create, migrate=migrate))

    def __repr__(self) -> str:
        return f"Ledger({self.name!r})"

    @property
    def path(self) -> Path | None:
        """The file that it lies in; None for one on a server."""
        return self._database.path

    def append(self, events: Sequence[NewEvent], *, after: int | None = None) -> int:
        """Append events in one transaction, all or none; return how many. When it returns they are on the disk.

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
            An event has a fault (all are listed), or the ledger cannot be written. Where a server was lost at the very
            end, nothing is confirmed: whether it took the events in is seen by reading.
        """
        faults = [f"event {number}: {fault}" for number, event in enumerate(events, 1) if (fault := event_fault(event))]
        if faults:
            raise LedgerError("Nothing was written to the ledger: the events have faults.", faults)
        if not events:
            return 0
        with self._database.write() as connection:
            seq, previous = self._table.head(connection, lock=True)
            if after is not None and seq != after:
                raise LedgerMoved(f"The ledger {self.name} has grown since it was read; nothing was written. Repeat.")
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            rows: list[Row] = []
            for event in events:
                rows.append(Row.of(event, seq=seq + 1, at=at, previous_hash=previous))
                seq, previous = rows[-1].seq, rows[-1].hash
            self._table.insert(connection, rows)
        return len(rows)

    def append_rows(self, rows: Iterable[Row]) -> int:
        """Append rows of another copy of this ledger as they stand there, hashes included, all or none; how many.

        Raises
        ------
        LedgerError
            A row is not as it was written, or does not follow the last event here.
        """
        count, left = 0, iter(rows)
        with self._database.write() as connection:
            seq, previous = self._table.head(connection, lock=True)
            while chunk := list(islice(left, _CHUNK)):
                for row in chunk:
                    if (row.seq, row.previous_hash) != (seq + 1, previous) or not row.is_as_written():
                        raise LedgerError(f"Event {row.seq} does not follow event {seq} of the ledger {self.name}.")
                    seq, previous = row.seq, row.hash
                self._table.insert(connection, chunk)
                count += len(chunk)
        return count

    def events(
        self, *kinds: str, coder: str | None = None, batch: str | None = None, session_id: str | None = None
    ) -> Iterator[Event]:
        """All events in order, or those of some kinds, of a coder, a batch, a session; read in chunks, so that a long
        ledger needs little memory."""
        found = self._table.stream(self._read, kind=kinds, coder=coder, batch=batch, session_id=session_id)
        for row, _ in found:
            payload = self._table.payload(row)
            yield Event(row.seq, row.at, row.kind, row.actor, payload, row.previous_hash, row.hash)

    def standing(self, view: str) -> Iterator[Event]:
        """The events that a view of the database (`current_labels` ...) shows, in order."""
        for row, _ in self._table.stream(self._read, among=view):
            payload = self._table.payload(row)
            yield Event(row.seq, row.at, row.kind, row.actor, payload, row.previous_hash, row.hash)

    def rows(self) -> Iterator[Row]:
        """All events in order, as they stand in the database."""
        return (row for row, _ in self._table.stream(self._read))

    @contextmanager
    def at_this_moment(self) -> Iterator[Ledger]:
        """This ledger for reading alone, as it is now and stays within the block, whoever writes meanwhile."""
        with self._database.look() as connection:
            still = copy(self)
            still._read = lambda: nullcontext(connection)
            yield still

    def verify(self, noted_head: str | None = None) -> list[str]:
        """Recompute the chain: one line for each row that was changed, is missing or stands in another place, and for
        each trigger, view or index that is gone.

        Whoever rewrites every later row and the head as well is found out only by `noted_head`: the hash of an event
        (such as that of `head()`) that was noted elsewhere.
        """
        with self._database.look() as connection:
            found = self._table.stream(lambda: nullcontext(connection), derived=True)
            faults = chain_faults(found, self._table.head(connection), noted_head=noted_head)
            return faults + (schema.faults(connection) if self._table.is_present_version else [])

    def head(self) -> tuple[int, str]:
        """Number and hash of the last event as recorded on writing (0 and zeros in an empty ledger)."""
        with self._read() as connection:
            return self._table.head(connection)

    def labels(self, coder: str, *, batch: str | None = None, role: str | None = CODE) -> list[Span]:
        """A coder's current labels on pages of a role (None: of any), in ledger order; `source` is `coder:<name>`."""
        rows = self._view("current_labels", coder=coder, batch=batch, role=role)
        return views.once(self._table.span(row, f"coder:{coder}") for row in rows)

    def accepted(self) -> list[Span]:
        """The accepted labels, in ledger order; `source` is `accepted`, or `accepted:` and the policy that decided."""
        return [views.as_accepted(self._table.span(row)) for row in self._view("current_accepted")]

    def coders(self) -> list[str]:
        """Everyone to whom a page was pushed or who labelled or confirmed one, sorted."""
        return self._named("coder", _OF_CODERS)

    def sessions(self) -> list[str]:
        """The sessions of which the ledger repeats words: those with pages, labels, accepted labels or reviews, sorted."""
        return self._named("session_id", _WITH_WORDS)

    def pages(
        self, coder: str | None = None, batch: str | None = None, *, role: str | None = CODE
    ) -> list[dict[str, Any]]:
        """The payloads of the pages pushed with a role (None: with any), in order; a page pushed again stands as it was
        pushed last."""
        rows = self._view("pushed_pages", order="first_seq", coder=coder, batch=batch, role=role)
        return [self._table.payload(row) for row in rows]

    def confirmed_pages(self, coder: str) -> set[str]:
        """The pages that a coder has ticked as done."""
        return {row.page for row in self._view("confirmed_pages", field="page", coder=coder)}

    def deid_record(self, session_id: str, session_sha256: str) -> bool:
        """Whether this very text is on record as de-identified, or was let through with a reason."""
        records = self.events("deid", "deid_override", session_id=session_id)
        return views.is_deidentified(records, session_id, session_sha256)

    def _named(self, column: str, kinds: Sequence[str]) -> list[str]:
        with self._read() as connection:
            return self._table.distinct(connection, column, kinds)

    def _view(self, name: str, *, field: str = "payload", order: str = "seq", **equal: str | None) -> Sequence[Any]:
        with self._read() as connection:
            return self._table.view(connection, name, field=field, order=order, equal=equal)
