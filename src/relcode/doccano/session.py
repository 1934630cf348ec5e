"""A logged-in Doccano session.

doccano-client serves for what it does right (login, projects, label types, members). What moves many things goes through
its own HTTP session, with a time limit on every request and a check that the answer is data: Doccano answers an
unknown address with its web page and status 200.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from relcode.doccano.transport import REQUEST_SECONDS, check_length, never_left, new_client, task_fault
from relcode.errors import DoccanoError, RelcodeError

if TYPE_CHECKING:
    import requests

RETRY_SECONDS = 30.0  # how long a server that answered before may be away: a restart takes about ten seconds
IDLE_SECONDS = 120.0  # a task that shows no progress for so long is lost: Doccano says "not ready" for ever
OWN = "relcode/"  # addresses that relcode's own server alone has begin so
_AWAY = (502, 503, 504)  # from what stands before a server that restarts
_ALWAYS = ("GET", "DELETE", "PATCH")  # may be repeated without another effect
_LOGGED_OUT = ("Invalid token.", "Authentication credentials were not provided.", "CSRF Failed")


class ServerAway(DoccanoError):
    """No server answers at an address, or not in time."""


class TaskLost(DoccanoError):
    """A task of the worker that neither ends nor moves."""


class DoccanoSession:
    """One account's session. Not for several threads at once: give each its own `clone`.

    What may be repeated is repeated while a server that has answered before is away, for `RETRY_SECONDS`; an account
    that was logged out (in the browser, which deletes its token) is logged in again.
    """

    def __init__(self, url: str, username: str, password: str, client: Any) -> None:
        self.url = url
        self.username = username
        self.client = client
        self._password = password
        self.own: bool | None = None  # whether the server is one that relcode started; None: not known yet
        self._answered = False
        self._http: requests.Session = client._base_repository._session

    def __repr__(self) -> str:
        return f"DoccanoSession({self.url!r}, {self.username!r})"

    def clone(self) -> DoccanoSession:
        """The same login on connections of its own."""
        other = DoccanoSession(self.url, self.username, self._password, new_client(self.url, None))
        other._http.verify = self._http.verify
        other._http.headers.update(self._http.headers)
        other._http.cookies = self._http.cookies.copy()  # type: ignore[no-untyped-call]
        other._answered = self._answered
        return other

    def log_in(self) -> None:
        """Log in, also again.

        Raises
        ------
        DoccanoError
            No server answers, it is no Doccano, or it refuses the password.
        """
        self._http.cookies.clear()
        self._http.headers.pop("X-CSRFToken", None)
        body = {"username": self.username, "password": self._password}
        response = self._send("POST", "auth/login/", json=body, repeatable=True)
        if response.status_code in (400, 401, 403):
            raise DoccanoError(
                f"The server at {self.url} does not accept the password of {self.username!r}; `relcode doccano "
                "status` shows the accounts of the local server."
            )
        if response.status_code >= 400 or "json" not in response.headers.get("content-type", ""):
            raise self._unexpected("auth/login/", response.status_code)
        self._http.headers.update({"X-CSRFToken": str(dict(self._http.cookies).get("csrftoken"))})

    def get(self, path: str, **parameters: Any) -> Any:
        """GET `/v1/path`; the decoded JSON."""
        return self._request("GET", path, params=parameters)

    def post(self, path: str, body: Any = None, *, repeatable: bool = False) -> Any:
        """POST JSON to `/v1/path`; the decoded JSON, None where the answer is empty.

        `repeatable`: sending it twice does no harm, so that it may be sent again when the answer was lost.
        """
        return self._request("POST", path, json=body, repeatable=repeatable)

    def delete(self, path: str, body: Any = None) -> None:
        """DELETE `/v1/path`."""
        self._request("DELETE", path, json=body)

    def upload(self, name: str, data: bytes) -> str:
        """Stage a file for an import; its upload id."""
        headers = {"content-type": None, "accept": "*/*"}
        response = self._sent("POST", "fp/process/", files={"filepond": (name, data)}, headers=headers, repeatable=True)
        if response.status_code >= 400 or not response.text or len(response.text) > 64:
            raise self._unexpected("fp/process/", response.status_code)
        return response.text

    def download(self, path: str, **parameters: Any) -> bytes:
        """GET a file."""
        response = self._sent("GET", path, params=parameters, headers={"accept": "*/*"})
        if response.status_code >= 400 or response.headers.get("content-type", "").startswith("text/html"):
            raise self._unexpected(path, response.status_code)
        return response.content

    def lines(self, path: str) -> list[bytes] | None:
        """GET the lines of an address that not every server has; None where there is none."""
        response = self._sent("GET", path, headers={"accept": "*/*"})
        web_page = response.headers.get("content-type", "").startswith("text/html")
        # Doccano answers an unknown address with its web page; 1.8.5 from PyPI has none, and answers with status 500
        absent = response.status_code == 404 or (web_page and (response.status_code < 500 or path.startswith(OWN)))
        if path.startswith(OWN):
            self.own = not absent
        if absent:
            return None
        if response.status_code >= 400:
            raise self._refused(path, response)
        return response.content.splitlines()

    def wait(self, task_ids: list[str], *, progress: Callable[[], object] = lambda: None) -> list[Any]:
        """Wait for tasks of the worker; their results in order.

        Parameters
        ----------
        progress
            Asked now and then; as long as its answer changes, the tasks are at work and are waited for.

        Raises
        ------
        DoccanoError
            A task failed; `TaskLost`: nothing has moved for `IDLE_SECONDS`, as a rule because the worker is not running.
        """
        seen, moved, pause, results = progress(), time.monotonic(), 0.05, []
        for task_id in task_ids:
            while not (status := self.get(f"tasks/status/{task_id}"))["ready"]:
                if time.monotonic() > moved + IDLE_SECONDS:
                    raise TaskLost(
                        f"The server at {self.url} did nothing for {IDLE_SECONDS:.0f} seconds; its worker seems not "
                        "to run, or its disk is full. Free space if it is, then try `relcode doccano down`, `relcode "
                        "doccano up`, and this again."
                    )
                time.sleep(pause)
                pause = min(pause * 1.5, 0.5)
                if pause >= 0.5 and (now := progress()) != seen:
                    seen, moved = now, time.monotonic()
            if status.get("error"):
                raise DoccanoError(f"A task on the server at {self.url} failed: {task_fault(status['error'])}.")
            results.append(status.get("result"))
            moved, pause = time.monotonic(), 0.05
        return results

    @contextlib.contextmanager
    def calling(self, what: str) -> Iterator[Any]:
        """Use the client for `what`; its errors become a DoccanoError without the server's words."""
        import requests

        self.get("me")  # logs in again where needed, which the client does not
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
        response = self._sent(method, path, **arguments)
        if response.status_code >= 400:
            raise self._refused(path, response)
        if not response.content:
            return None
        if "json" not in response.headers.get("content-type", ""):
            raise self._unexpected(path, response.status_code)
        try:
            return response.json()
        except ValueError as error:
            raise self._unexpected(path, response.status_code) from error

    def _sent(self, method: str, path: str, **arguments: Any) -> requests.Response:
        """Send, and once more after a new login where the server does not know this one any more."""
        response = self._send(method, path, **arguments)
        if response.status_code in (401, 403) and any(said in response.text[:300] for said in _LOGGED_OUT):
            self.log_in()
            response = self._send(method, path, **arguments)
        return response

    def _send(self, method: str, path: str, *, repeatable: bool = False, **arguments: Any) -> requests.Response:
        """Send; while a server that answered before is away, again and again what may be repeated or never left."""
        import requests

        repeatable = repeatable or method in _ALWAYS
        deadline, pause = time.monotonic() + RETRY_SECONDS, 0.2
        while True:
            last = time.monotonic() > deadline or not self._answered
            try:
                response = self._http.request(method, f"{self.url}/v1/{path}", **arguments)
                check_length(response)
            except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
                if last or not (repeatable or never_left(error)):
                    raise self._down(error) from error
            except requests.exceptions.Timeout as error:
                if last or not repeatable:
                    raise ServerAway(
                        f"The server at {self.url} did not answer within {REQUEST_SECONDS:.0f} seconds; try again "
                        "when it is less busy."
                    ) from error
            except requests.exceptions.RequestException as error:
                raise DoccanoError(f"Cannot talk to {self.url}: is that the address of a Doccano server?") from error
            else:
                self._answered = True
                if last or not repeatable or response.status_code not in _AWAY:
                    return response
            time.sleep(pause)
            pause = min(pause * 2, 3.0)

    def _down(self, error: Exception) -> DoccanoError:
        import requests

        if isinstance(error, requests.exceptions.SSLError):
            return DoccanoError(
                f"The server at {self.url} does not show a certificate for that address which is trusted here. Nothing was "
                'sent. Name the certificates to trust in relcode.toml: [doccano] ca = "FILE".'
            )
        return ServerAway(
            f"No Doccano server answers at {self.url}. Start it (a project's own with `relcode doccano up`), or correct the "
            "address in relcode.toml."
            + (" It answered until now: what was done stays; repeat the command to go on." if self._answered else "")
        )

    def _refused(self, path: str, response: requests.Response) -> DoccanoError:
        if response.status_code == 403:
            return DoccanoError(
                f"The server at {self.url} does not allow the account {self.username!r} to use {path}; "
                "it needs to be a member or the administrator."
            )
        if response.status_code >= 500:
            return DoccanoError(
                f"The server at {self.url} failed at {path} (status {response.status_code}): its disk may be full or "
                "its database locked. See its log, then repeat."
            )
        return self._unexpected(path, response.status_code)

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
    session = DoccanoSession(url, username, password, new_client(url, ca))
    session.log_in()
    me = session.get("me") if admin else {}
    if admin and not (isinstance(me, dict) and me.get("username") == username):
        raise session._unexpected("me", 200)
    if admin and not me.get("is_superuser") and not me.get("is_staff"):
        raise DoccanoError(
            f"The account {username!r} on {url} is not an administrator's, and so cannot make projects; use the "
            "account that `relcode doccano up` made."
        )
    return session
