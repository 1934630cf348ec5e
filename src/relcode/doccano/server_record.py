"""What is known of one local server: `server.json` in its folder (mode 0600), with address, accounts and passwords."""

from __future__ import annotations

from pathlib import Path

import msgspec

from relcode.doccano.database import Database
from relcode.doccano.network import Network
from relcode.errors import DoccanoError
from relcode.provenance import reason_of, write_text

_REMEDY = "Move it away and run `relcode doccano up`: it makes new passwords; what was coded is kept."


class ServerInfo(msgspec.Struct, frozen=True):
    """Where a local server is, and its accounts (name -> password). `repr` shows no password.

    `coder` is whose server it is, None where one serves all.
    """

    url: str
    port: int
    admin: str
    secret_key: str
    accounts: dict[str, str]
    coder: str | None = None
    network: Network = Network()
    database: Database | None = None

    @property
    def admin_password(self) -> str:
        return self.accounts[self.admin]

    @property
    def ca(self) -> str | None:
        """The certificate to trust, None where the server speaks without TLS."""
        return self.network.certificate

    def of(self, coder: str) -> ServerInfo:
        """This server: it is the one of all coders."""
        return self

    def __repr__(self) -> str:
        return f"ServerInfo({self.url!r}, accounts {sorted(self.accounts)})"


class ServerStatus(msgspec.Struct, frozen=True):
    """What runs where. `running` means that web server and worker both do; `coder`: whose server it is, None for all.

    `strays` are further processes of the same folder. Without a `server.json`, address and passwords are None.
    """

    url: str | None
    running: bool
    web_pid: int | None
    worker_pid: int | None
    accounts: list[str]
    passwords_in: str | None
    coder: str | None = None
    strays: list[int] = []


def record_path(home: Path) -> Path:
    """The record of the server that lies in `home`."""
    return home / "server.json"


def read_record(home: Path) -> ServerInfo:
    """The record of the server that lies in `home`.

    Raises
    ------
    DoccanoError
        No server was ever started there, or its file cannot be read.
    """
    path = record_path(home)
    try:
        info = msgspec.json.decode(path.read_bytes(), type=ServerInfo)
    except FileNotFoundError:
        raise DoccanoError(f"No Doccano server was started in {home}; run `relcode doccano up`.") from None
    except OSError as error:
        raise DoccanoError(f"Cannot read {path}: {reason_of(error)}. {_REMEDY}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DoccanoError(f"{path} is not what `relcode doccano up` wrote. {_REMEDY}") from error
    if info.admin not in info.accounts:
        raise DoccanoError(f"{path} names no administrator's account. {_REMEDY}")
    return info


def write_record(home: Path, info: ServerInfo) -> None:
    """Write the record, readable by its owner alone."""
    write_text(record_path(home), msgspec.json.format(msgspec.json.encode(info)).decode(), mode=0o600)
