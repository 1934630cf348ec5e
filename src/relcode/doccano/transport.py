"""What lies under a session: doccano-client's HTTP session with a time limit, and how a failed exchange is judged.

The one module that imports doccano-client.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from relcode.errors import DoccanoError

if TYPE_CHECKING:
    import requests

CLIENT = "doccano-client==1.2.8"
# spaCy for Python 3.13 needs pydantic 2, and doccano-client says that it needs pydantic 1: pip installs no two such packages
# together unless it is told to look at one of them alone. It runs with the pydantic 1 that pydantic 2 holds (`_pydantic_1`).
CLIENT_APART = sys.version_info >= (3, 13)
INSTALL_COMMAND = "python -m pip install 'relcode[doccano]'" + (
    f" && python -m pip install --no-deps {CLIENT}" if CLIENT_APART else ""
)
INSTALL = f"Doccano support is not installed: {INSTALL_COMMAND}"
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
    """doccano-client for a server; `ca`: the file of certificates to trust, the system's if None."""
    try:
        import requests.adapters

        client_class = _client_class()
    except ImportError as error:
        raise DoccanoError(INSTALL) from error

    class TimedAdapter(requests.adapters.HTTPAdapter):
        def send(self, request: Any, *arguments: Any, **options: Any) -> requests.Response:
            options["timeout"] = options.get("timeout") or REQUEST_SECONDS
            return super().send(request, *arguments, **options)

    client = client_class(url)
    http: requests.Session = client._base_repository._session
    # A proxy that the environment names would get to see the transcripts; passwords of ~/.netrc are none of ours.
    http.trust_env = False
    http.verify = ca or True
    for scheme in ("http://", "https://"):
        http.mount(scheme, TimedAdapter())
    return client


@cache
def _client_class() -> Any:
    with _pydantic_1():
        from doccano_client import DoccanoClient

        return DoccanoClient


@contextlib.contextmanager
def _pydantic_1() -> Iterator[None]:
    """Let what is imported in the block have pydantic 1, also where pydantic 2 is installed, which holds it as `pydantic.v1`.

    What others have imported, or import later, stays pydantic 2.
    """
    import pydantic

    if pydantic.VERSION.startswith("1."):
        yield
        return
    for name in ("pydantic.v1", "pydantic.v1.types"):
        importlib.import_module(name)
    second = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "pydantic"}
    first = {name.replace(".v1", "", 1): module for name, module in second.items() if name.startswith("pydantic.v1")}
    sys.modules.update(first)
    try:
        yield
    finally:
        for name in first:
            sys.modules.pop(name)
        sys.modules.update(second)
