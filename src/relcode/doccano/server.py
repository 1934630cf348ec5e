"""A project's local Doccano: one server for all coders, or one for each.

All lies in `.doccano/` of the project folder (mode 0700): the one server there, or each coder's in a folder of its own.
Doccano's projects are no wall between coders who call its interface; separate servers are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from relcode.doccano import instance, processes
from relcode.doccano.database import database_of
from relcode.doccano.environment import ensure_environment
from relcode.doccano.instance import ADMIN, AS_BEFORE, Order, Wanted
from relcode.doccano.locks import exclusive
from relcode.doccano.processes import WEB_LOG
from relcode.doccano.server_record import ServerInfo, ServerStatus, read_record, record_path
from relcode.errors import DoccanoError, UsageError
from relcode.ledger import CONSENSUS

FOLDER = ".doccano"
LOCK_SECONDS = 300.0  # longer than a start takes that finds its environment made
ADJUDICATOR = "adjudicator"
_RESERVED = (ADMIN, ADJUDICATOR, CONSENSUS)
_ANEW = "To change, pull everything, run `relcode doccano down`, move .doccano away, start anew, and push the next batch there."


class ServerPerCoder(NamedTuple):
    """A server for each coder and one for the adjudicator."""

    servers: Mapping[str, ServerInfo]

    def of(self, coder: str) -> ServerInfo:
        """The server of a coder (`consensus`: of the adjudicator).

        Raises
        ------
        DoccanoError
            The coder has none.
        """
        name = ADJUDICATOR if coder == CONSENSUS else coder
        if name not in self.servers:
            raise DoccanoError(
                f"There is no server of {name!r}; name the coder in relcode.toml and run `relcode doccano up --per-coder`."
            )
        return self.servers[name]

    def __repr__(self) -> str:
        return f"ServerPerCoder({sorted(self.servers)})"


def up(
    project_folder: Path,
    *,
    coders: Iterable[str] = (),
    wanted: Wanted = AS_BEFORE,
    say: Callable[[str], None] = lambda line: None,
) -> ServerInfo:
    """Start the one server of all coders unless it runs; make missing accounts. Data of an earlier start is kept.

    Parameters
    ----------
    coders
        Accounts to make beside the administrator's.

    Raises
    ------
    DoccanoError
        There is a server for each coder; the port is in use, the environment cannot be made, or the processes do not
        start: names the log.
    """
    instance.make_private(project_folder / FOLDER, say)
    with _alone(project_folder):
        if separate := _separate(project_folder):
            raise DoccanoError(
                f"{project_folder} has a server for each coder ({', '.join(separate)}); start them with `relcode doccano up "
                f"--per-coder`. {_ANEW}"
            )
        order = Order(project_folder / FOLDER, tuple(coders), wanted=wanted)
        return instance.start([order], ensure_environment(say), say)[0]


def up_per_coder(
    project_folder: Path,
    *,
    coders: Iterable[str],
    wanted: Wanted = AS_BEFORE,
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, ServerInfo]:
    """Start a server for each coder and one for the adjudicator, each with a database, port, key and accounts of its own.

    Parameters
    ----------
    wanted
        A port is the first coder's; the others take the following ones. A database's URL holds `{coder}`.

    Returns
    -------
    dict
        Name (`adjudicator` for the consensus project) -> its server.

    Raises
    ------
    DoccanoError
        As `up`, or there is one server for all.
    """
    orders = []
    for number, name in enumerate([*coders, ADJUDICATOR]):
        own = msgspec.structs.replace(
            wanted,
            port=None if wanted.port is None else wanted.port + number,
            database=database_of(wanted.database, name),
        )
        orders.append(Order(project_folder / FOLDER / name, (name,), name, own))
    instance.make_private(project_folder / FOLDER, say)
    with _alone(project_folder):
        if record_path(project_folder / FOLDER).exists():
            raise DoccanoError(
                f"{project_folder} has one server for all coders; start it with `relcode doccano up`. {_ANEW}"
            )
        started = instance.start(orders, ensure_environment(say), say)
    return {order.home.name: info for order, info in zip(orders, started, strict=True)}


def read_server(project_folder: Path) -> ServerInfo:
    """The one server of all coders.

    Raises
    ------
    DoccanoError
        None was ever started here, or its file cannot be read.
    """
    if separate := _separate(project_folder):
        raise DoccanoError(f"{project_folder} has a server for each coder ({', '.join(separate)}), none for all.")
    return read_record(project_folder / FOLDER)


def find_servers(project_folder: Path) -> ServerInfo | ServerPerCoder:
    """The project's local servers, as `push` and `pull` ask for them.

    Raises
    ------
    DoccanoError
        None was ever started here, or a file cannot be read.
    """
    if separate := _separate(project_folder):
        return ServerPerCoder({name: read_record(project_folder / FOLDER / name) for name in separate})
    return read_record(project_folder / FOLDER)


def status(project_folder: Path) -> ServerStatus:
    """What runs of the one server of all coders."""
    return instance.status(project_folder / FOLDER)


def statuses(project_folder: Path) -> list[ServerStatus]:
    """What runs where, a line a server; empty where none was ever started."""
    found = processes.find(_folders(project_folder))
    return [instance.status(home, found[home]) for home in found if record_path(home).exists() or found[home].groups]


def down(project_folder: Path) -> bool:
    """Stop all of the project's servers, with what a start that was cut short has left; whether anything ran. Data stays.

    Raises
    ------
    DoccanoError
        A process does not end, or another start or stop is at work and lasts.
    """
    if not (project_folder / FOLDER).is_dir():
        return False
    with _alone(project_folder):
        return instance.stop(_folders(project_folder))


def close(project_folder: Path, coder: str) -> None:
    """Shut a coder's account: nobody signs in with it any more. Labels stay, and are pulled as before.

    The next start makes a new password for a coder that it is told of.

    Raises
    ------
    UsageError
        It is the administrator's account.
    DoccanoError
        No server was ever started here, or for that coder; it has no such account, or the account cannot be shut.
    """
    if coder == ADMIN:
        raise UsageError(f"{ADMIN} is relcode's own account; without it nothing is pushed or pulled.")
    with _alone(project_folder):
        home = project_folder / FOLDER
        instance.close(home / coder if _separate(project_folder) else home, coder, ensure_environment())


def check_names(coders: Iterable[str]) -> None:
    """Refuse coders whose names are those of accounts that relcode makes itself.

    Raises
    ------
    UsageError
        A coder would get the administrator's or the adjudicator's account.
    """
    if taken := [name for name in coders if name.lower() in _RESERVED]:
        raise UsageError(
            f"{', '.join(taken)}: relcode itself makes accounts of these names ({', '.join(_RESERVED)}); choose another for "
            "the coder."
        )


@contextlib.contextmanager
def _alone(project_folder: Path) -> Iterator[None]:
    """Be the only one that starts or stops servers of this project."""
    busy = (
        f"Another `relcode doccano up` or `down` of {project_folder} is at work and did not end within "
        f"{LOCK_SECONDS:.0f} seconds; repeat when it is done."
    )
    with exclusive(project_folder, seconds=LOCK_SECONDS, busy=busy):
        yield


def _folders(project_folder: Path) -> list[Path]:
    """The folders in which a server was ever started: with a record, or (where that was moved away) with a log."""
    folder = project_folder / FOLDER
    homes = {path.parent for name in ("server.json", WEB_LOG) for path in folder.glob(f"*/{name}")}
    return [folder, *sorted(homes)] if folder.is_dir() else []


def _separate(project_folder: Path) -> list[str]:
    """The names of those who have a server of their own."""
    return sorted(path.parent.name for path in (project_folder / FOLDER).glob("*/server.json"))
