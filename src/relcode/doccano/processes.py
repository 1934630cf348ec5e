"""The two processes of a local server: Doccano's web server and its worker; started, recognised, asked, stopped."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from relcode.errors import DoccanoError
from relcode.provenance import hash_text

WEB_LOG, WORKER_LOG = "web.log", "worker.log"
_STOP_SECONDS = 15.0
_WEB_MARK, _WORKER_MARK = "--name", "--hostname"  # what both programs take as a name that matters to nobody
# a line of `ps`: process, group, user, and somewhere in the command line the mark
_LINE = re.compile(rf"\s*(\d+)\s+(\d+)\s+(\d+)\s.* ({_WEB_MARK}|{_WORKER_MARK}) (relcode-[0-9a-f]{{16}}) ")


class Size(NamedTuple):
    """How many requests a web server serves at once: processes and, in each, threads."""

    processes: int
    threads: int


FOR_ALL = Size(2, 8)
FOR_ONE_CODER = Size(1, 8)


class Process(NamedTuple):
    """A live process of a server: its id, its group (one a web server and one a worker) and which of the two it is."""

    pid: int
    group: int
    web: bool


class Found(NamedTuple):
    """What runs of one folder's server."""

    processes: tuple[Process, ...] = ()

    @property
    def web(self) -> list[int]:
        """The web server's first process; more than one where something was started twice."""
        return [one.pid for one in self.processes if one.web and one.pid == one.group]

    @property
    def worker(self) -> list[int]:
        return [one.pid for one in self.processes if not one.web and one.pid == one.group]

    @property
    def whole(self) -> bool:
        """Whether one web server and one worker run."""
        return len(self.web) == len(self.worker) == 1

    @property
    def groups(self) -> set[int]:
        return {one.group for one in self.processes}


def web_command(
    python: Path, backend: Path, home: Path, *, bind: str, tls: tuple[str, str] | None, size: Size
) -> list[str]:
    """Doccano's web server. `tls`: files of certificate and key."""
    # threads keep connections alive, which coders' many small requests need
    command = [str(python), "-m", "gunicorn.app.wsgiapp", "--chdir", str(backend), "--bind", bind]
    command += ["--worker-class", "relcode_gunicorn.Worker", "--logger-class", "relcode_gunicorn.Log"]
    command += ["--workers", str(size.processes), "--threads", str(size.threads)]
    command += ["--timeout", "600", "--keep-alive", "60", "--log-level", "error"]
    if tls is not None:
        command += ["--certfile", tls[0], "--keyfile", tls[1]]
    return [*command, _WEB_MARK, _mark(home), "--error-logfile", str((home / WEB_LOG).absolute()), "config.wsgi"]


def worker_command(python: Path, backend: Path, home: Path) -> list[str]:
    """The worker that imports and exports."""
    command = [str(python), "-m", "celery", "--app=config", f"--workdir={backend}", "worker", "--pool=solo"]
    command += ["--without-gossip", "--without-mingle", "--loglevel=error"]
    return [*command, _WORKER_MARK, _mark(home), "--logfile", str((home / WORKER_LOG).absolute())]


def spawn(command: list[str], variables: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a process of its own session; what it writes goes to `log` (mode 0600), and all that it makes is private."""
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
        return subprocess.Popen(
            command,
            env=dict(variables),
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            umask=0o077,
        )


def find(homes: Iterable[Path]) -> dict[Path, Found]:
    """What runs of the servers of folders, by command line: so nothing that runs is missed for want of a record.

    Ids alone would not do: they are used again, and whoever starts a process may be killed before noting its id.

    Raises
    ------
    DoccanoError
        The system does not tell.
    """
    marks = {_mark(home): home for home in homes}
    found: dict[Path, list[Process]] = {home: [] for home in marks.values()}
    try:
        shown = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,pgid=,uid=,command="], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise DoccanoError("Cannot see which processes run: the system's command `ps` fails or is missing.") from error
    for line in shown.stdout.decode(errors="replace").splitlines():
        told = _LINE.match(line)
        if told is not None and told[5] in marks and int(told[3]) == os.getuid():
            found[marks[told[5]]].append(Process(int(told[1]), int(told[2]), told[4] == _WEB_MARK))
    return {home: Found(tuple(processes)) for home, processes in found.items()}


def stop(homes: Sequence[Path]) -> None:
    """Stop all processes of folders, gently and then firmly.

    Raises
    ------
    DoccanoError
        Some do not end.
    """
    left = _groups(homes)
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if not left:
            break
        for group in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, sign)
        deadline = time.monotonic() + _STOP_SECONDS
        while (left := _groups(homes)) and time.monotonic() < deadline:
            time.sleep(0.1)
    if left:
        ids = ", ".join(str(group) for group in sorted(left))
        raise DoccanoError(f"Process(es) {ids} of the Doccano server do not end; end them, or restart the machine.")


def _groups(homes: Iterable[Path]) -> set[int]:
    return {group for found in find(homes).values() for group in found.groups}


def _mark(home: Path) -> str:
    """Names a folder in a command line. Not by its path: `ps` shows that in the letters of the caller's language."""
    return f"relcode-{hash_text(str(home.resolve()))[:16]}"


def answers(url: str, ca: str | None) -> bool:
    """Whether Doccano answers at an address.

    Raises
    ------
    DoccanoError
        Its certificate is not for this address, or `ca` does not vouch for it.
    """
    context = ssl.create_default_context(cafile=ca) if ca else None
    # an empty handler of proxies: nothing of this is for a proxy that the environment names
    handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)]
    try:
        with urllib.request.build_opener(*handlers).open(f"{url}/v1/me", timeout=10) as response:
            return bool(response.status)
    except urllib.error.HTTPError as error:
        return error.code == 403  # Doccano asks who is there
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            raise DoccanoError(
                f"The certificate {ca} does not do for {url}: {error.reason.verify_message}. Expected one whose subject "
                "alternative names hold that address, self-signed or with its whole chain."
            ) from error
        return False
    except OSError:
        return False
