"""Local Doccano servers, each in one folder: start, look, stop.

Everything of a server lies in its folder (mode 0700): database, uploads, logs, and `server.json` (mode 0600), which is
written before any process starts. Which processes run is never read from a file but asked of the system. So a start or
stop that is killed at any point is put right by the next.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import stat
import time
from collections.abc import Callable, Container, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from relcode.doccano import processes
from relcode.doccano.accounts import close_account, ensure_accounts
from relcode.doccano.database import Database
from relcode.doccano.environment import backend_of, python_of
from relcode.doccano.network import Network, choose_port
from relcode.doccano.processes import Found
from relcode.doccano.server_record import ServerInfo, ServerStatus, read_record, record_path, write_record
from relcode.doccano.server_setup import clear_exports, prepare, set_up_postgresql, variables
from relcode.errors import DataError, DoccanoError
from relcode.provenance import reason_of

ADMIN = "admin"
_START_SECONDS = 180.0
_STOPPING = "stopping"  # a file: what still runs has been told to end, and is not to be taken for a server that runs


class Wanted(msgspec.Struct, frozen=True):
    """How a server is to run. What is None stays as it was at the last start, or takes its default."""

    port: int | None = None
    network: Network | None = None
    database: Database | None = None


AS_BEFORE = Wanted()


class Order(NamedTuple):
    """A server to start, with the accounts to make beside the administrator's. `coder`: whose it is, None for all."""

    home: Path
    accounts: Sequence[str]
    coder: str | None = None
    wanted: Wanted = AS_BEFORE


class _Plan(NamedTuple):
    home: Path
    info: ServerInfo
    running: bool


def start(
    orders: Sequence[Order], environment: Path, say: Callable[[str], None] = lambda line: None
) -> list[ServerInfo]:
    """Start the servers that do not run, all at once; make missing accounts. Data of an earlier start is kept.

    What is left of a start or stop that was cut short is stopped first. One caller at a time.

    Raises
    ------
    DoccanoError
        A server runs otherwise than is wanted, or cannot be started: names the log. The others run.
    """
    plans = _plan(orders, say)
    faults: dict[Path, DataError] = {}
    for step in (_launch, _wait_for):  # all are launched before any is waited for
        for plan in plans:
            if plan.home in faults:
                continue
            try:
                step(plan, environment)
            except DataError as error:
                faults[plan.home] = error
                if not plan.running:
                    stop([plan.home])
    if faults:
        message = f"{len(faults)} of {len(orders)} servers did not start; the others run:"
        raise _together(list(faults.values()), message)
    return [plan.info for plan in plans]


def status(home: Path, found: Found | None = None) -> ServerStatus:
    """What runs where. `found`: what runs in that folder, where it was asked already."""
    found = processes.find([home])[home] if found is None else found
    path = record_path(home)
    info = read_record(home) if path.exists() else None
    web, worker = next(iter(found.web), None), next(iter(found.worker), None)
    strays = sorted(found.groups - {web, worker})
    if info is None:
        return ServerStatus(None, False, web, worker, [], None, strays=strays)
    running = _runs(home, found)
    return ServerStatus(info.url, running, web, worker, sorted(info.accounts), str(path), info.coder, strays)


def stop(homes: Sequence[Path]) -> bool:
    """Stop all processes of servers at once, gently and then firmly; whether anything ran. Data stays.

    Raises
    ------
    DoccanoError
        Some do not end.
    """
    running = [home for home, found in processes.find(homes).items() if found.groups]
    for home in running:
        with contextlib.suppress(OSError):  # such as a full disk, on which a server must be stopped above all
            (home / _STOPPING).touch(mode=0o600)
    processes.stop(running)
    return bool(running)


def close(home: Path, name: str, environment: Path) -> None:
    """Shut an account of a server, which may run or not, and forget its password.

    Raises
    ------
    DoccanoError
        There is no such account, or it cannot be shut: names the log.
    """
    info = read_record(home)
    left = {account: password for account, password in info.accounts.items() if account != name}
    if len(left) == len(info.accounts):
        raise DoccanoError(f"The server at {info.url} has no open account {name!r}; it has: {', '.join(sorted(left))}.")
    prepare(home, environment, info)
    close_account(python_of(environment), variables(home, environment, info), name, home)
    write_record(home, msgspec.structs.replace(info, accounts=left))


def make_private(folder: Path, say: Callable[[str], None]) -> None:
    """Make a folder that nobody else may look into; close one that others could.

    Raises
    ------
    DoccanoError
        It cannot be made or closed.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & 0o077:
            folder.chmod(0o700)
            say(f"{folder} was open to other accounts of this machine (mode {mode:04o}); it is closed now (0700).")
    except OSError as error:
        raise DoccanoError(
            f"Cannot make {folder}, readable by you alone: {reason_of(error)}. Move it away, or make room for it."
        ) from error


def _plan(orders: Sequence[Order], say: Callable[[str], None]) -> list[_Plan]:
    """How each server is to run; what runs otherwise than as a whole server with a record is stopped."""
    for order in orders:
        make_private(order.home, say)
    old = {order.home: read_record(order.home) if record_path(order.home).exists() else None for order in orders}
    running = {home for home, found in processes.find(old).items() if old[home] is not None and _runs(home, found)}
    stop([home for home in old if home not in running])
    plans: list[_Plan] = []
    faults: list[DataError] = []
    for order in orders:
        others = {info.port for home, info in old.items() if info is not None and home != order.home}
        taken = others | {plan.info.port for plan in plans}
        try:
            info = _renewed(old[order.home], order, running=order.home in running, taken=taken)
            plans.append(_Plan(order.home, info, order.home in running))
        except DataError as error:
            faults.append(error)
    if faults:
        raise _together(faults, "No server was started:")
    return plans


def _runs(home: Path, found: Found) -> bool:
    return found.whole and not (home / _STOPPING).exists()


def _together(faults: Sequence[DataError], message: str) -> DataError:
    lines = list(dict.fromkeys(str(fault) for fault in faults))
    return faults[0] if len(lines) == 1 else DoccanoError(message, lines)


def _renewed(old: ServerInfo | None, order: Order, *, running: bool, taken: Container[int]) -> ServerInfo:
    """The record as it is to be: what is wanted, else what was, else the default."""
    known = dict(old.accounts) if old else {ADMIN: secrets.token_urlsafe(15)}
    for name in order.accounts:
        known.setdefault(name, secrets.token_urlsafe(9))
    wanted = order.wanted
    network = wanted.network or (old.network if old else Network())
    database = _kept_database(old, wanted.database)
    if old is not None and running:
        if wanted.port not in (None, old.port) or network != old.network or database != old.database:
            raise DoccanoError(f"The server runs already at {old.url}; `relcode doccano down` first to change it.")
        return msgspec.structs.replace(old, accounts=known)
    port = choose_port(network, wanted.port, old.port if old else None, taken=taken)
    key = old.secret_key if old else secrets.token_urlsafe(40)
    return ServerInfo(network.url(port), port, ADMIN, key, known, coder=order.coder, network=network, database=database)


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


def _launch(plan: _Plan, environment: Path) -> None:
    """Write what a server needs, and start its processes unless they run."""
    home, info, running = plan
    environ = variables(home, environment, info)
    try:
        prepare(home, environment, info)
        if not running:
            clear_exports(home)
            if info.database is not None:
                set_up_postgresql(home, environment, info)
        write_record(home, info)
        if not running:
            (home / _STOPPING).unlink(missing_ok=True)
            _spawn(home, environment, info)
        ensure_accounts(python_of(environment), environ, info.accounts, home, admin=ADMIN)
    except (OSError, sqlite3.Error) as error:
        why = reason_of(error) if isinstance(error, OSError) else error
        raise DoccanoError(f"Cannot write in {home}: {why}. Free space or make it writable, then repeat.") from error


def _spawn(home: Path, environment: Path, info: ServerInfo) -> None:
    python, backend = python_of(environment), backend_of(environment)
    network = info.network
    tls = (network.certificate, network.key) if network.certificate and network.key else None
    size = processes.FOR_ALL if info.coder is None else processes.FOR_ONE_CODER
    web = processes.web_command(python, backend, home, bind=network.bind(info.port), tls=tls, size=size)
    environ = variables(home, environment, info)
    processes.spawn(web, environ, home / processes.WEB_LOG)
    processes.spawn(processes.worker_command(python, backend, home), environ, home / processes.WORKER_LOG)


def _wait_for(plan: _Plan, _: Path) -> None:
    """Wait until a server answers."""
    home, info, running = plan
    deadline = time.monotonic() + _START_SECONDS
    while not processes.answers(info.url, info.ca):
        found = processes.find([home])[home]
        if not found.whole or time.monotonic() > deadline:
            log = home / (processes.WORKER_LOG if found.web and not found.worker else processes.WEB_LOG)
            what = "runs but does not answer; stop it with `relcode doccano down`" if running else "did not start"
            raise DoccanoError(f"The Doccano server {what}; its log is {log}.")
        time.sleep(0.2)
