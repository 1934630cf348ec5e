"""The two processes of a local server: Doccano's web server and its worker; started, recognised, asked, stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from relcode.errors import DoccanoError

WEB_LOG, WORKER_LOG = "web.log", "worker.log"
_STOP_SECONDS = 15.0


class Size(NamedTuple):
    """How many requests a web server serves at once: processes and, in each, threads."""

    processes: int
    threads: int


FOR_ALL = Size(2, 8)
FOR_ONE_CODER = Size(1, 8)


def web_command(
    python: Path, backend: Path, home: Path, *, bind: str, tls: tuple[str, str] | None, size: Size
) -> list[str]:
    """Doccano's web server. `tls`: files of certificate and key. The log's path marks the process as this folder's."""
    # threads keep connections alive, which coders' many small requests need
    command = [str(python), "-m", "gunicorn.app.wsgiapp", "--chdir", str(backend), "--bind", bind]
    command += ["--worker-class", "relcode_gunicorn.Worker", "--logger-class", "relcode_gunicorn.Log"]
    command += ["--workers", str(size.processes), "--threads", str(size.threads)]
    command += ["--timeout", "600", "--keep-alive", "60", "--log-level", "error"]
    if tls is not None:
        command += ["--certfile", tls[0], "--keyfile", tls[1]]
    return [*command, "--error-logfile", str((home / WEB_LOG).absolute()), "config.wsgi"]


def worker_command(python: Path, backend: Path, home: Path) -> list[str]:
    """The worker that imports and exports."""
    command = [str(python), "-m", "celery", "--app=config", f"--workdir={backend}", "worker", "--pool=solo"]
    command += ["--without-gossip", "--without-mingle", "--loglevel=error"]
    return [*command, "--logfile", str((home / WORKER_LOG).absolute())]


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


def kill(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """End processes at once, with their children."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def stop(home: Path) -> bool:
    """Stop whatever runs for a folder, gently and then firmly; whether anything ran.

    It goes by command lines: a start that was killed may have left processes that no record names, and a web server
    whose first process was killed still has its others.
    """
    ran = False
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for group in (left := _groups(home)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, sign)
        ran = ran or bool(left)
        deadline = time.monotonic() + _STOP_SECONDS
        while _groups(home) and time.monotonic() < deadline:
            time.sleep(0.1)
    return ran


def _groups(home: Path) -> set[int]:
    """The process groups in which a web server or worker of a folder runs."""
    marks = _marks(home)
    shown = subprocess.run(["ps", "-A", "-ww", "-o", "pgid=,command="], capture_output=True, check=False)
    lines = (line.strip().partition(" ") for line in shown.stdout.decode(errors="replace").splitlines())
    return {int(group) for group, _, command in lines if any(mark in command for mark in marks)}


def _marks(home: Path) -> list[str]:
    """What stands in the command lines of a folder's processes and of no others."""
    return [
        f"{option} {(home / log).absolute()}"
        for option, log in (("--error-logfile", WEB_LOG), ("--logfile", WORKER_LOG))
    ]


def is_ours(pid: int, home: Path) -> bool:
    """Whether a live process is a server of this folder, by the log in its command line (ids are used again)."""
    if pid <= 0:
        return False
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a child of this very process would stay as a zombie
    shown = subprocess.run(["ps", "-ww", "-o", "stat=,command=", "-p", str(pid)], capture_output=True, check=False)
    line = shown.stdout.decode(errors="replace").strip()
    return bool(line) and not line.startswith("Z") and any(mark in line for mark in _marks(home))


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
