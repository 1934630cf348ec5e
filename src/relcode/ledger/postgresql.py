"""A ledger in a PostgreSQL database: by URL, the password from elsewhere, TLS to any other machine."""

from __future__ import annotations

import getpass
import ipaddress
import logging
import os
import re
import ssl
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from relcode.errors import LedgerError
from relcode.ledger.database import NO_ANSWER, Database

PASSWORD_VARIABLE = "RELCODE_LEDGER_PASSWORD"
_PORT = 5432
# What happened to a connection is said once, in words, by a LedgerError; the pool would print a traceback beside it.
logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
_OPTIONS = ("sslrootcert", "unix_sock")
_PASSWORD_FROM = f"The password is taken from {PASSWORD_VARIABLE} or ~/.pgpass."
_REASONS = {  # by SQLSTATE, the whole one before its class
    "3D000": "there is no such database on the server. Make it first: `createdb NAME`.",
    "42501": "the user has no right to do this. It must own the ledger's tables, or be allowed to make them.",
    "25006": "the database is read-only (a standby?). Nothing was changed.",
    "55P03": "another process has been writing to it for too long. Wait until it is done, then repeat.",
    "57014": "the server gave the statement up. Nothing was changed; repeat.",
    "23505": "its last event is not the one on record. Run `relcode ledger verify`.",
    "P0001": "the ledger is append-only.",
    "28": f"the server refuses the user or the password. {_PASSWORD_FROM}",
    "53": "the server has no disk space, memory or connection left. Nothing was changed; free some, then repeat.",
    "57": "the server is stopping or starting. Nothing was confirmed; repeat when it runs.",
    "58": "the server cannot read or write its files. Look into its log.",
    "XX": "the server says that its data are damaged. Look into its log; `relcode ledger restore` a backup.",
}


def connect(url: URL, *, busy_seconds: float) -> Database:
    """Prepare connections; the server is first asked when something is read.

    Raises
    ------
    LedgerError
        The URL is incomplete or has options that are not known, the driver is missing, or ~/.pgpass is open to others.
    """
    name = URL.create("postgresql", url.username, None, url.host, url.port, url.database).render_as_string()
    unknown = [option for option in url.query if option not in _OPTIONS]
    if unknown or not url.database:
        raise LedgerError(
            f"The ledger's URL {name} cannot be used; expected postgresql://USER@HOST/DATABASE, at most with "
            f"{' and '.join(_OPTIONS)}."
        )
    user = url.username or getpass.getuser()
    password = url.password or os.environ.get(PASSWORD_VARIABLE) or _from_pgpass(url, user)
    try:
        engine = sa.create_engine(
            URL.create("postgresql+pg8000", user, None, url.host or "localhost", url.port, url.database),
            hide_parameters=True,
            pool_size=1,
            pool_pre_ping=True,  # a server that was started again is simply used again
            connect_args={**_connect_arguments(url, busy_seconds), "password": password or ""},
        )
    except ModuleNotFoundError:
        raise LedgerError(
            f"The ledger {name} needs the driver of PostgreSQL: pip install 'relcode[postgresql]'."
        ) from None
    snapshot = engine.execution_options(isolation_level="REPEATABLE READ")
    return Database(name, engine, engine, snapshot, _reason)


def _connect_arguments(url: URL, busy_seconds: float) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "application_name": "relcode",
        "ssl_context": False if is_on_this_machine(url) else _verified_tls(url),
        # A commit that returned is on the server's disk, whatever the server's default is.
        "startup_params": {"synchronous_commit": "on", "lock_timeout": str(round(busy_seconds * 1000))},
    }
    if socket := url.query.get("unix_sock"):
        arguments["unix_sock"] = socket
    return arguments


def is_on_this_machine(url: URL) -> bool:
    """Whether a server is reached without a network: only then may the connection be a plain one."""
    host = url.host or "localhost"
    try:
        return "unix_sock" in url.query or host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _verified_tls(url: URL) -> ssl.SSLContext:
    own = url.query.get("sslrootcert")
    try:
        return ssl.create_default_context(cafile=None if own is None else str(own))
    except OSError as error:
        raise LedgerError(f"Cannot read the certificate {own} (sslrootcert in the ledger's URL): {error}.") from error


def _from_pgpass(url: URL, user: str) -> str | None:
    """The password in the file that PostgreSQL's own programs read: host:port:database:user:password."""
    path = Path(os.environ.get("PGPASSFILE") or "~/.pgpass").expanduser()
    try:
        if path.stat().st_mode & 0o077:
            raise LedgerError(f"{path} holds passwords and can be read by others: chmod 600 {path}")
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    wanted = (url.host or "localhost", str(url.port or _PORT), url.database, user)
    for line in lines:
        fields = [re.sub(r"\\(.)", r"\1", field) for field in re.findall(r"((?:\\.|[^:\\])*)(?::|$)", line)]
        if len(fields) > 4 and all(field in ("*", value) for field, value in zip(fields[:4], wanted, strict=True)):
            return fields[4]
    return None


def _reason(error: sa.exc.DBAPIError) -> str:
    """In words, from the state's code alone: what the server says beside it may quote a row."""
    told = error.orig.args[0] if error.orig is not None and error.orig.args else ""
    if isinstance(told, dict):
        state = str(told.get("C", ""))
        return _REASONS.get(state) or _REASONS.get(state[:2]) or f"the server refuses it (SQLSTATE {state})."
    if "SSL" in str(told) or "certificate" in str(error.orig.__cause__ if error.orig else ""):
        return "the server offers no TLS with a certificate that is trusted here; name its authority with sslrootcert."
    return NO_ANSWER
