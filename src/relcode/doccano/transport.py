"""What lies under a session: doccano-client's HTTP session with a time limit, and how a failed exchange is judged.

The one module that imports doccano-client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relcode.errors import DoccanoError

if TYPE_CHECKING:
    import requests

INSTALL = "Doccano support is not installed: python -m pip install 'relcode[doccano]'"
REQUEST_SECONDS = 60.0
_REASONS = {
    "disk is full": "its disk is full; free space there",
    "No space left": "its disk is full; free space there",
    "disk I/O error": "it cannot write to its disk, which may be full",
    "locked": "its database was locked for too long; repeat when it is less busy",
}


def check_length(response: requests.Response) -> None:
    """Refuse an answer that was cut off, which requests itself takes for a short one."""
    import requests

    announced = response.headers.get("content-length")
    if announced is not None and response.raw.tell() != int(announced):
        raise requests.exceptions.ConnectionError("cut off")


def never_left(error: Exception) -> bool:
    """Whether a request failed before the server could have seen it."""
    from urllib3.exceptions import NewConnectionError

    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)


def task_fault(error: Any) -> str:
    """What to do about a failed task; never the server's own words, which may hold a row."""
    words = str(error)
    return next((advice for word, advice in _REASONS.items() if word in words), "see its log, then try again")


def new_client(url: str, ca: str | None) -> Any:
    """A client of a server; `ca`: the file of certificates to trust, None for the system's own."""
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
