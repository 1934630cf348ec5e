"""Where the Doccano servers of a project are, and the administrator's sessions on them."""

from __future__ import annotations

import os
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from relcode.doccano.network import is_loopback
from relcode.doccano.server import find_servers
from relcode.doccano.session import DoccanoSession, connect
from relcode.errors import DoccanoError
from relcode.project import Project


class ServerAddress(Protocol):
    """Where a server is, and its administrator's account."""

    @property
    def url(self) -> str: ...
    @property
    def admin(self) -> str: ...
    @property
    def admin_password(self) -> str: ...
    @property
    def ca(self) -> str | None:
        """The file of certificates to trust, None for those that the system trusts."""


class Servers(Protocol):
    """Which server holds a coder's pages. One server for all is an answer for every coder."""

    def of(self, coder: str) -> ServerAddress:
        """The server of a coder (`consensus`: of the adjudicator)."""


class Address(NamedTuple):
    """The address of a server that relcode did not start; it serves all coders."""

    url: str
    admin: str
    admin_password: str
    ca: str | None = None

    def of(self, coder: str) -> Address:
        return self

    def __repr__(self) -> str:
        return f"Address({self.url!r}, {self.admin!r})"


def find_server(project: Project) -> Servers:
    """The servers of a project: the one named in relcode.toml (`doccano_url`), else what `doccano up` started.

    Raises
    ------
    DoccanoError
        There is none, the account of the named one is not in the environment, or transcripts would travel unencrypted.
    """
    if project.doccano_url:
        admin, password = os.environ.get("RELCODE_DOCCANO_USER"), os.environ.get("RELCODE_DOCCANO_PASSWORD")
        if not admin or not password:
            raise DoccanoError(
                f"relcode.toml names the Doccano server {project.doccano_url}; set RELCODE_DOCCANO_USER and "
                "RELCODE_DOCCANO_PASSWORD to its administrator's account."
            )
        parts = urlsplit(project.doccano_url)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise DoccanoError(
                f"{project.doccano_url} is another machine, and without https others on the network could read the "
                "transcripts. Give it a certificate, or reach it through a tunnel that ends at 127.0.0.1."
            )
        return Address(project.doccano_url, admin, password, project.doccano_ca)
    return find_servers(project.folder)


def connect_admin(server: ServerAddress) -> DoccanoSession:
    """Log in as the server's administrator."""
    return connect(server.url, server.admin, server.admin_password, admin=True, ca=server.ca)


class Admins:
    """The administrator's sessions on a project's servers, each logged in when first asked for and then kept."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._sessions: dict[str, DoccanoSession] = {}

    def of(self, coder: str) -> DoccanoSession:
        """The administrator's session on the server of a coder.

        Raises
        ------
        DoccanoError
            The coder has no server, or it cannot be logged into.
        """
        server = self._servers.of(coder)
        if server.url not in self._sessions:
            self._sessions[server.url] = connect_admin(server)
        return self._sessions[server.url]
