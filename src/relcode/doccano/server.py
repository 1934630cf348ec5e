"""A project's local Doccano: one server for all coders, or one for each.

All lies in `.doccano/` of the project folder (mode 0700): the one server there, or each coder's in a folder of its own.
Doccano's projects are no wall between coders who call its interface; separate servers are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from relcode.doccano import instance
from relcode.doccano.database import database_of
from relcode.doccano.environment import ensure_environment
from relcode.doccano.instance import ADMIN, AS_BEFORE, Wanted
from relcode.doccano.server_record import ServerInfo, ServerStatus, read_record, record_path
from relcode.errors import DoccanoError, UsageError
from relcode.ledger import CONSENSUS

FOLDER = ".doccano"
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
    if separate := _separate(project_folder):
        raise DoccanoError(
            f"{project_folder} has a server for each coder ({', '.join(separate)}); start them with `relcode doccano up "
            f"--per-coder`. {_ANEW}"
        )
    environment = ensure_environment(say)
    return instance.start(project_folder / FOLDER, environment, accounts=coders, wanted=wanted)


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
    if record_path(project_folder / FOLDER).exists():
        raise DoccanoError(
            f"{project_folder} has one server for all coders; start it with `relcode doccano up`. {_ANEW}"
        )
    environment = ensure_environment(say)
    started = {}
    for number, name in enumerate([*coders, ADJUDICATOR]):
        own = msgspec.structs.replace(
            wanted,
            port=None if wanted.port is None else wanted.port + number,
            database=database_of(wanted.database, name),
        )
        home = project_folder / FOLDER / name
        started[name] = instance.start(home, environment, accounts=[name], coder=name, wanted=own)
    return started


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
    return [instance.status(home) for home in _homes(project_folder)]


def down(project_folder: Path) -> bool:
    """Stop all of the project's servers; whether anything ran. Data stays."""
    stopped = [instance.stop(home) for home in _homes(project_folder)]
    return any(stopped)


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


def _homes(project_folder: Path) -> list[Path]:
    folder = project_folder / FOLDER
    one = [folder] if record_path(folder).exists() else []
    return one + [folder / name for name in _separate(project_folder)]


def _separate(project_folder: Path) -> list[str]:
    """The names of those who have a server of their own."""
    return sorted(path.parent.name for path in (project_folder / FOLDER).glob("*/server.json"))
