"""One local Doccano server in one folder: start, look, stop.

Everything of it lies in that folder (mode 0700): database, uploads, logs, and `server.json` (mode 0600).
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from relcode.doccano import processes
from relcode.doccano.accounts import ensure_accounts
from relcode.doccano.database import Database
from relcode.doccano.environment import backend_of, python_of
from relcode.doccano.network import Network, choose_port
from relcode.doccano.server_record import ServerInfo, ServerStatus, read_record, record_path, write_record
from relcode.doccano.server_setup import clear_exports, prepare, set_up_postgresql, variables
from relcode.errors import DataError, DoccanoError
from relcode.provenance import reason_of

ADMIN = "admin"
_START_SECONDS = 180.0


class Wanted(msgspec.Struct, frozen=True):
    """How a server is to run. What is None stays as it was at the last start, or takes its default."""

    port: int | None = None
    network: Network | None = None
    database: Database | None = None


AS_BEFORE = Wanted()


def start(
    home: Path, environment: Path, *, accounts: Iterable[str], coder: str | None = None, wanted: Wanted = AS_BEFORE
) -> ServerInfo:
    """Start the server of a folder unless it runs; make missing accounts. Data of an earlier start is kept.

    Parameters
    ----------
    accounts
        To make beside the administrator's.
    coder
        Whose server it is, None where it serves all.

    Raises
    ------
    DoccanoError
        It runs otherwise than is wanted, or cannot be started; names the log.
    """
    try:
        for folder in (home.parent, home):
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise DoccanoError(f"Cannot make {home}: {reason_of(error)}. Move it away, or make room for it.") from error
    old = read_record(home) if record_path(home).exists() else None
    running = old is not None and status(home).running
    if not running:
        processes.stop(home)  # a part that still runs holds the port and the database
    info = _renewed(old, accounts, coder, wanted, running=running)
    try:
        prepare(home, environment, info)
        if not running:
            clear_exports(home)
            if info.database is not None:
                set_up_postgresql(home, environment, info)
        ensure_accounts(python_of(environment), variables(home, environment, info), info.accounts, home, admin=ADMIN)
    except (OSError, sqlite3.Error) as error:
        why = reason_of(error) if isinstance(error, OSError) else error
        raise DoccanoError(f"Cannot write in {home}: {why}. Free space or make it writable, then repeat.") from error
    if not running:
        return _launch(home, environment, info)
    write_record(home, info)
    return info


def status(home: Path) -> ServerStatus:
    """What runs where; a process counts only if it is the one that was started here."""
    path = record_path(home)
    if not path.exists():
        return ServerStatus(None, False, None, None, [], None)
    info = read_record(home)
    web, worker = (pid if processes.is_ours(pid, home) else None for pid in (info.web_pid, info.worker_pid))
    running = web is not None and worker is not None
    return ServerStatus(info.url, running, web, worker, sorted(info.accounts), str(path), info.coder)


def stop(home: Path) -> bool:
    """Stop web server and worker, gently and then firmly; whether anything ran. Data stays."""
    ran = processes.stop(home)
    status(home)  # what this very process had started would stay as a zombie
    return ran


def _renewed(
    old: ServerInfo | None, accounts: Iterable[str], coder: str | None, wanted: Wanted, *, running: bool
) -> ServerInfo:
    """The record as it is to be: what is wanted, else what was, else the default."""
    known = dict(old.accounts) if old else {ADMIN: secrets.token_urlsafe(15)}
    for name in accounts:
        known.setdefault(name, secrets.token_urlsafe(9))
    network = wanted.network or (old.network if old else Network())
    database = _kept_database(old, wanted.database)
    if old is not None and running:
        if wanted.port not in (None, old.port) or network != old.network or database != old.database:
            raise DoccanoError(f"The server runs already at {old.url}; `relcode doccano down` first to change it.")
        return msgspec.structs.replace(old, accounts=known)
    port = choose_port(network, wanted.port, old.port if old else None)
    key = old.secret_key if old else secrets.token_urlsafe(40)
    return ServerInfo(network.url(port), port, ADMIN, key, known, coder=coder, network=network, database=database)


def _kept_database(old: ServerInfo | None, wanted: Database | None) -> Database | None:
    """The database wanted, unless what was coded lies in another one."""
    if old is None or wanted is None:
        return wanted or (old.database if old else None)
    if old.database is None or old.database.url != wanted.url:
        there = old.database.url if old.database else "SQLite"
        raise DoccanoError(
            f"This server's data lies in {there}, and would be missing in {wanted.url}. Pull everything, stop it with "
            "`relcode doccano down`, move the folder .doccano away, start anew, and push the next batch there."
        )
    return wanted if wanted.password else old.database


def _launch(home: Path, environment: Path, info: ServerInfo) -> ServerInfo:
    python, backend = python_of(environment), backend_of(environment)
    network = info.network
    tls = (network.certificate, network.key) if network.certificate and network.key else None
    size = processes.FOR_ALL if info.coder is None else processes.FOR_ONE_CODER
    web_line = processes.web_command(python, backend, home, bind=network.bind(info.port), tls=tls, size=size)
    environ = variables(home, environment, info)
    web_log, worker_log = home / processes.WEB_LOG, home / processes.WORKER_LOG
    web = processes.spawn(web_line, environ, web_log)
    worker = processes.spawn(processes.worker_command(python, backend, home), environ, worker_log)
    started = msgspec.structs.replace(info, web_pid=web.pid, worker_pid=worker.pid)
    try:
        write_record(home, started)
        deadline = time.monotonic() + _START_SECONDS
        while not processes.answers(info.url, info.ca):
            if web.poll() is not None or worker.poll() is not None or time.monotonic() > deadline:
                log = web_log if web.poll() is not None else worker_log
                raise DoccanoError(f"The Doccano server did not start; its log is {log}.")
            time.sleep(0.1)
    except DataError:  # without a record, nobody would find these two again
        processes.kill((web, worker))
        raise
    return started
