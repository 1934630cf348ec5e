"""A logged-in Doccano session: the one module that imports doccano-client.

The client serves for what it does right (login, projects, label types, members). What moves many things goes through
its own HTTP session, with a time limit on every request and a check that the answer is data: Doccano answers an
unknown address with its web page and status 200.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from relcode.doccano.network import is_loopback
from relcode.errors import DoccanoError, RelcodeError
from relcode.project import Project

if TYPE_CHECKING:
    import requests

INSTALL = "Doccano support is not installed: python -m pip install 'relcode[doccano]'"
REQUEST_SECONDS = 60.0
TASK_SECONDS = 300.0


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
    from relcode.doccano.server import find_servers

    return find_servers(project.folder)


class DoccanoSession:
    """One account's session. Not for several threads at once: give each its own `clone`."""

    def __init__(self, url: str, username: str, client: Any) -> None:
        self.url = url
        self.username = username
        self.client = client
        self._http: requests.Session = client._base_repository._session

    def __repr__(self) -> str:
        return f"DoccanoSession({self.url!r}, {self.username!r})"

    def clone(self) -> DoccanoSession:
        """The same login on connections of its own."""
        other = DoccanoSession(self.url, self.username, _new_client(self.url, None))
        other._http.verify = self._http.verify
        other._http.headers.update(self._http.headers)
        other._http.cookies = self._http.cookies.copy()  # type: ignore[no-untyped-call]
        return other

    def get(self, path: str, **parameters: Any) -> Any:
        """GET `/v1/path`; the decoded JSON."""
        return self._request("GET", path, params=parameters)

    def post(self, path: str, body: Any = None) -> Any:
        """POST JSON to `/v1/path`; the decoded JSON, None where the answer is empty."""
        return self._request("POST", path, json=body)

    def delete(self, path: str, body: Any = None) -> None:
        """DELETE `/v1/path`."""
        self._request("DELETE", path, json=body)

    def upload(self, name: str, data: bytes) -> str:
        """Stage a file for an import; its upload id."""
        headers = {"content-type": None, "accept": "*/*"}
        response = self._send("POST", "fp/process/", files={"filepond": (name, data)}, headers=headers)
        if response.status_code >= 400 or not response.text or len(response.text) > 64:
            raise self._unexpected("fp/process/", response.status_code)
        return response.text

    def download(self, path: str, **parameters: Any) -> bytes:
        """GET a file."""
        response = self._send("GET", path, params=parameters, headers={"accept": "*/*"})
        if response.status_code >= 400 or response.headers.get("content-type", "").startswith("text/html"):
            raise self._unexpected(path, response.status_code)
        return response.content

    def wait(self, task_ids: list[str], *, seconds: float = TASK_SECONDS) -> list[Any]:
        """Wait for tasks of the worker; their results in order.

        Raises
        ------
        DoccanoError
            A task failed, or is not done in time: as a rule the worker is not running.
        """
        deadline, pause, results = time.monotonic() + seconds, 0.05, []
        for task_id in task_ids:
            while not (status := self.get(f"tasks/status/{task_id}"))["ready"]:
                if time.monotonic() > deadline:
                    raise DoccanoError(
                        f"The server at {self.url} did not finish a task within {seconds:.0f} seconds; its worker "
                        "seems not to run. Try `relcode doccano down`, then `relcode doccano up`, then this again."
                    )
                time.sleep(pause)
                pause = min(pause * 1.5, 1.0)
            if status.get("error"):
                raise DoccanoError(f"A task on the server at {self.url} failed; see the server's log, then try again.")
            results.append(status.get("result"))
        return results

    @contextlib.contextmanager
    def calling(self, what: str) -> Iterator[Any]:
        """Use the client for `what`; its errors become a DoccanoError without the server's words."""
        import requests

        try:
            yield self.client
        except RelcodeError:
            raise
        except requests.exceptions.ConnectionError as error:
            raise self._down(error) from error
        except requests.exceptions.RequestException as error:
            status = getattr(error.response, "status_code", "no answer")
            raise DoccanoError(f"The server at {self.url} refused to {what} ({status}).") from error
        except ValueError as error:
            raise DoccanoError(
                f"The server at {self.url} answered in an unexpected form when asked to {what}; relcode expects "
                "Doccano 1.8.4."
            ) from error

    def _request(self, method: str, path: str, **arguments: Any) -> Any:
        response = self._send(method, path, **arguments)
        if response.status_code == 403:
            raise DoccanoError(
                f"The server at {self.url} does not allow the account {self.username!r} to use {path}; "
                "it needs to be a member or the administrator."
            )
        if response.status_code >= 400:
            raise self._unexpected(path, response.status_code)
        if not response.content:
            return None
        if "json" not in response.headers.get("content-type", ""):
            raise self._unexpected(path, response.status_code)
        try:
            return response.json()
        except ValueError as error:
            raise self._unexpected(path, response.status_code) from error

    def _send(self, method: str, path: str, **arguments: Any) -> requests.Response:
        import requests

        try:
            return self._http.request(method, f"{self.url}/v1/{path}", **arguments)
        except requests.exceptions.ConnectionError as error:
            raise self._down(error) from error
        except requests.exceptions.Timeout as error:
            raise DoccanoError(
                f"The server at {self.url} did not answer within {REQUEST_SECONDS:.0f} seconds; try again when it is "
                "less busy."
            ) from error
        except requests.exceptions.RequestException as error:
            raise DoccanoError(f"Cannot talk to {self.url}: is that the address of a Doccano server?") from error

    def _down(self, error: Exception) -> DoccanoError:
        import requests

        if isinstance(error, requests.exceptions.SSLError):
            return DoccanoError(
                f"The server at {self.url} does not show a certificate for that address which is trusted here. Nothing was "
                'sent. Name the certificates to trust in relcode.toml: [doccano] ca = "FILE".'
            )
        return DoccanoError(
            f"No Doccano server answers at {self.url}. Start it (a project's own with `relcode doccano up`), or correct the "
            "address in relcode.toml."
        )

    def _unexpected(self, path: str, status: int) -> DoccanoError:
        return DoccanoError(
            f"The server at {self.url} answered {path} with status {status} in a form that Doccano 1.8.4 does not "
            "give; check the address, or start a server with `relcode doccano up`."
        )


def connect(url: str, username: str, password: str, *, admin: bool = False, ca: str | None = None) -> DoccanoSession:
    """Log in.

    Parameters
    ----------
    admin
        The account must be an administrator's.
    ca
        File of the certificates to trust, None for those that the system trusts.

    Raises
    ------
    DoccanoError
        The extra is not installed, no server answers, it is no Doccano, it refuses the password, or (`admin`) the
        account is not an administrator's.
    """
    url = url.rstrip("/")
    client = _new_client(url, ca)
    session = DoccanoSession(url, username, client)
    response = session._send("POST", "auth/login/", json={"username": username, "password": password})
    if response.status_code in (400, 401, 403):
        raise DoccanoError(
            f"The server at {url} does not accept the password of {username!r}; `relcode doccano status` shows the "
            "accounts of the local server."
        )
    if response.status_code >= 400 or "json" not in response.headers.get("content-type", ""):
        raise session._unexpected("auth/login/", response.status_code)
    session._http.headers.update({"X-CSRFToken": str(dict(session._http.cookies).get("csrftoken"))})
    me = session.get("me") if admin else {}
    if admin and not (isinstance(me, dict) and me.get("username") == username):
        raise session._unexpected("me", 200)
    if admin and not me.get("is_superuser") and not me.get("is_staff"):
        raise DoccanoError(
            f"The account {username!r} on {url} is not an administrator's, and so cannot make projects; use the "
            "account that `relcode doccano up` made."
        )
    return session


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


def _new_client(url: str, ca: str | None) -> Any:
    try:
        import requests.adapters
        from doccano_client import DoccanoClient
    except ImportError as error:
        raise DoccanoError(INSTALL) from error

    class TimedAdapter(requests.adapters.HTTPAdapter):
        def send(self, request: Any, *arguments: Any, **options: Any) -> requests.Response:
            options["timeout"] = options.get("timeout") or REQUEST_SECONDS
            return super().send(request, *arguments, **options)

    client = DoccanoClient(url)
    http: requests.Session = client._base_repository._session
    # A proxy that the environment names would get to see the transcripts; passwords of ~/.netrc are none of ours.
    http.trust_env = False
    http.verify = ca or True
    for scheme in ("http://", "https://"):
        http.mount(scheme, TimedAdapter())
    return client
