"""The database of a local server: a SQLite file in its folder by default, or a PostgreSQL named by URL.

The password of PostgreSQL never stands in a URL or a command line: it comes from the environment and is kept in
`server.json` (mode 0600), from where the server's processes get it as libpq's own variable.
"""

from __future__ import annotations

import os
from urllib.parse import parse_qs, urlsplit, urlunsplit

import msgspec

from relcode.doccano.network import is_loopback
from relcode.errors import UsageError

PASSWORD_VARIABLE = "RELCODE_DOCCANO_DATABASE_PASSWORD"
CODER = "{coder}"


class Database(msgspec.Struct, frozen=True):
    """A PostgreSQL database: its URL without the password, and the password. `repr` does not show it."""

    url: str
    password: str = ""

    def __repr__(self) -> str:
        return f"Database({self.url!r})"


def check_database(url: str, *, per_coder: bool) -> Database:
    """The database of `--database-url`, with the password of the environment.

    Raises
    ------
    UsageError
        It is no URL of a PostgreSQL database, holds a password, would send transcripts unencrypted over a network, or
        does not name one database a coder where each has a server.
    """
    expected = "--database-url: expected postgresql://USER@HOST:PORT/DATABASE"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise UsageError(f"{expected}.") from None
    if parts.scheme not in ("postgresql", "postgres") or not parts.username or len(parts.path) < 2:
        raise UsageError(f"{expected}.")
    faults = []
    if parts.password is not None:
        faults.append(
            f"--database-url holds a password, which is now in your shell's history: change it, and give the new one in "
            f"the environment as {PASSWORD_VARIABLE}"
        )
    if per_coder != (CODER in parts.path):
        faults.append(
            f"--database-url: with --per-coder each coder needs a database of their own; write {CODER} in its name"
            if per_coder
            else f"--database-url: {CODER} stands for the coder's name, with --per-coder alone"
        )
    ssl_mode = parse_qs(parts.query).get("sslmode", [""])[-1]
    local = _is_local(parts.hostname or "")
    if not local and ssl_mode in ("disable", "allow", "prefer"):
        faults.append(f"--database-url: sslmode={ssl_mode} could send transcripts unencrypted over the network")
    if faults:
        raise UsageError("; ".join(faults) + ".")
    if not ssl_mode:
        # Doccano asks for TLS unless a mode is named. On one machine there is nothing to hide from; over a network the
        # server must prove that it is the one named (`sslrootcert=FILE` in the URL names who vouches for it).
        mode = "sslmode=disable" if local else "sslmode=verify-full"
        parts = parts._replace(query="&".join(part for part in (parts.query, mode) if part))
    return Database(urlunsplit(parts), os.environ.get(PASSWORD_VARIABLE, ""))


def database_of(database: Database | None, coder: str | None) -> Database | None:
    """The database of one coder's server."""
    if database is None or coder is None:
        return database
    return msgspec.structs.replace(database, url=database.url.replace(CODER, coder))


def _is_local(host: str) -> bool:
    return not host or "%2f" in host.lower() or is_loopback(host)
