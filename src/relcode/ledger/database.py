"""Where a ledger lies: an SQLite file or a PostgreSQL database, opened so that what is confirmed is on disk."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url

from relcode.errors import LedgerError

NO_ANSWER = "the server does not answer. Is it running, and are host and port right? Nothing was confirmed."
LOST = (
    "A lost ledger is not made anew in silence: restore a backup with `relcode ledger restore`; a new project is made "
    "with `relcode init`."
)


@dataclass(frozen=True, repr=False)
class Database:
    """An opened database.

    `name` is what messages show: a path, or a URL without its password; `path` is that of a file. `reason` puts a
    driver's error into words for a person: it never quotes a row.
    """

    name: str
    reader: Engine
    writer: Engine
    snapshot: Engine
    reason: Callable[[sa.exc.DBAPIError], str]
    path: Path | None = None

    @property
    def is_postgresql(self) -> bool:
        return self.path is None

    @contextlib.contextmanager
    def read(self, what: str = "read") -> Iterator[Connection]:
        with self._guarded(what), self.reader.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self, what: str = "write") -> Iterator[Connection]:
        """One transaction, all or nothing; other writers wait until it ends."""
        with self._guarded(what), self.writer.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def look(self, what: str = "read") -> Iterator[Connection]:
        """A state that stays the same for as long as it is read, whoever writes meanwhile."""
        with self._guarded(what), self.snapshot.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _guarded(self, what: str) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            # `from None`: a driver's message may quote the row that it refused.
            raise LedgerError(f"Cannot {what} the ledger {self.name}: {self.reason(error)}") from None
        except ConnectionError:  # of a server that dies, the driver lets the socket's own error through
            raise LedgerError(f"Cannot {what} the ledger {self.name}: {NO_ANSWER}") from None


def open_database(url_or_path: str | Path, *, busy_seconds: float, create: bool) -> Database:
    """Open a file or URL; no table is read or made.

    Raises
    ------
    LedgerError
        The URL is of no database that a ledger can lie in, or the file cannot be opened, or is missing and may not be
        made.
    """
    from relcode.ledger import postgresql, sqlite

    url = _as_url(url_or_path)
    if url.get_backend_name() == "postgresql":
        return postgresql.connect(url, busy_seconds=busy_seconds)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        return sqlite.connect(url, busy_seconds=busy_seconds, create=create)
    raise LedgerError(
        f"The ledger cannot lie in {url.get_backend_name()}: give a file, sqlite:///PATH or postgresql://HOST/DATABASE."
    )


def _as_url(url_or_path: str | Path) -> URL:
    text = str(url_or_path)
    if isinstance(url_or_path, Path) or "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        return make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise LedgerError(
            "The ledger's URL cannot be read; expected sqlite:///PATH or postgresql://HOST/DATABASE."
        ) from None
