"""A local Doccano server of a project's own: start, look, stop. Loopback only; SQLite; a web server and a worker.

Everything lies in `.doccano/` of the project folder (mode 0700): database, uploads, logs, and `server.json` (mode 0600)
with address, process ids, accounts and generated passwords.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from relcode.doccano.accounts import ensure_accounts
from relcode.doccano.environment import backend_of, ensure_environment, python_of, template_of
from relcode.errors import DataError, DoccanoError
from relcode.provenance import reason_of, write_text

FOLDER = ".doccano"
ADMIN = "admin"
# written into the server's folder, where its processes find them
_MODULES = {"relcode_settings": "server_settings", "relcode_pages": "server_pages", "relcode_import": "server_import"}
_REMEDY = "Move it away and run `relcode doccano up`: it makes new passwords; what was coded is kept."
_START_SECONDS = 90.0
_STOP_SECONDS = 15.0


class ServerInfo(msgspec.Struct, frozen=True):
    """Where a local server is, and its accounts (name -> password). `repr` shows no password."""

    url: str
    port: int
    admin: str
    secret_key: str
    accounts: dict[str, str]
    web_pid: int = 0
    worker_pid: int = 0

    @property
    def admin_password(self) -> str:
        return self.accounts[self.admin]

    def __repr__(self) -> str:
        return f"ServerInfo({self.url!r}, accounts {sorted(self.accounts)})"


class ServerStatus(msgspec.Struct, frozen=True):
    """What runs where. `running` means that web server and worker both do."""

    url: str | None
    running: bool
    web_pid: int | None
    worker_pid: int | None
    accounts: list[str]
    passwords_in: str | None


def read_server(project_folder: Path) -> ServerInfo:
    """The local server of a project.

    Raises
    ------
    DoccanoError
        None was ever started here, or its file cannot be read.
    """
    path = _file(project_folder)
    try:
        info = msgspec.json.decode(path.read_bytes(), type=ServerInfo)
    except FileNotFoundError:
        raise DoccanoError(f"No Doccano server was started for {project_folder}; run `relcode doccano up`.") from None
    except OSError as error:
        raise DoccanoError(f"Cannot read {path}: {reason_of(error)}. {_REMEDY}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DoccanoError(f"{path} is not what `relcode doccano up` wrote. {_REMEDY}") from error
    if info.admin not in info.accounts:
        raise DoccanoError(f"{path} names no administrator's account. {_REMEDY}")
    return info


def up(
    project_folder: Path,
    *,
    coders: Iterable[str] = (),
    port: int | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> ServerInfo:
    """Start the server unless it runs; make missing accounts. Data of an earlier start is kept.

    Parameters
    ----------
    coders
        Accounts to make beside the administrator's.
    port
        The port wanted; without it the earlier one, or a free one.

    Raises
    ------
    DoccanoError
        The port is in use, the environment cannot be made, or the processes do not start; names the log.
    """
    environment = ensure_environment(say)
    folder = project_folder / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise DoccanoError(f"Cannot make {folder}: {reason_of(error)}. Move it away, or make room for it.") from error
    old = read_server(project_folder) if _file(project_folder).exists() else None
    accounts = dict(old.accounts) if old else {ADMIN: secrets.token_urlsafe(15)}
    for name in coders:
        accounts.setdefault(name, secrets.token_urlsafe(9))
    running = old is not None and status(project_folder).running
    if old is not None and running:
        if port not in (None, old.port):
            raise DoccanoError(f"The server runs already at {old.url}; `relcode doccano down` first to move it.")
        chosen = old.port
    else:
        if old is not None:
            down(project_folder)
        chosen = _choose_port(port, old.port if old else None)
    key = old.secret_key if old else secrets.token_urlsafe(40)
    info = ServerInfo(f"http://127.0.0.1:{chosen}", chosen, ADMIN, key, accounts)
    if old is not None and running:
        info = msgspec.structs.replace(info, web_pid=old.web_pid, worker_pid=old.worker_pid)
    try:
        variables = _prepare(folder, environment, info)
        ensure_accounts(python_of(environment), variables, accounts, folder, admin=ADMIN)
    except (OSError, sqlite3.Error) as error:
        why = reason_of(error) if isinstance(error, OSError) else error
        raise DoccanoError(f"Cannot write in {folder}: {why}. Free space or make it writable, then repeat.") from error
    if not running:
        info = _start(folder, environment, info, variables)
    write_text(_file(project_folder), msgspec.json.format(msgspec.json.encode(info)).decode(), mode=0o600)
    return info


def status(project_folder: Path) -> ServerStatus:
    """What runs where; a process counts only if it is the one that was started here."""
    path = _file(project_folder)
    if not path.exists():
        return ServerStatus(None, False, None, None, [], None)
    info = read_server(project_folder)
    web = info.web_pid if _is_ours(info.web_pid, path.parent) else None
    worker = info.worker_pid if _is_ours(info.worker_pid, path.parent) else None
    running = web is not None and worker is not None
    return ServerStatus(info.url, running, web, worker, sorted(info.accounts), str(path))


def down(project_folder: Path) -> bool:
    """Stop web server and worker, gently and then firmly; whether anything ran. Data stays."""
    if not _file(project_folder).exists():
        return False
    state = status(project_folder)
    pids = [pid for pid in (state.web_pid, state.worker_pid) if pid is not None]
    folder = project_folder / FOLDER
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, sign)
        deadline = time.monotonic() + _STOP_SECONDS
        while any(_is_ours(pid, folder) for pid in pids) and time.monotonic() < deadline:
            time.sleep(0.1)
        pids = [pid for pid in pids if _is_ours(pid, folder)]
    return bool(state.web_pid or state.worker_pid)


def _file(project_folder: Path) -> Path:
    return project_folder / FOLDER / "server.json"


def _prepare(folder: Path, environment: Path, info: ServerInfo) -> dict[str, str]:
    """Database, settings and folders; the variables that the server's processes get."""
    database = folder / "db.sqlite3"
    if not database.exists():
        beside = folder / "db.new"
        shutil.copyfile(template_of(environment), beside)
        with contextlib.closing(sqlite3.connect(beside)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        beside.chmod(0o600)
        beside.rename(database)
    for name in ("uploads", "media", "tmp"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    for module, source in _MODULES.items():
        write_text(folder / f"{module}.py", Path(__file__).with_name(f"{source}.py.txt").read_text(encoding="utf-8"))
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": os.environ.get("HOME", str(folder)),
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join([str(folder), str(backend_of(environment))]),
        "DJANGO_SETTINGS_MODULE": "relcode_settings",
        "STANDALONE": "True",
        "DEBUG": "False",
        "DATABASE_URL": f"sqlite:///{database.absolute()}",
        "CELERY_BROKER_URL": f"sqla+sqlite:///{(folder / 'queue.sqlite3').absolute()}",
        "MEDIA_ROOT": str((folder / "media").absolute()),
        "TMPDIR": str((folder / "tmp").absolute()),
        "SECRET_KEY": info.secret_key,
        "DOCCANO_PAGE_SIZE": "100",
    }


def _start(folder: Path, environment: Path, info: ServerInfo, variables: dict[str, str]) -> ServerInfo:
    python, backend = str(python_of(environment)), str(backend_of(environment))
    web_log, worker_log = folder / "web.log", folder / "worker.log"
    # gthread keeps connections alive, which coders' many small requests need; the project's path stands in both
    # command lines, by which `status` knows the processes again
    gunicorn = [python, "-m", "gunicorn.app.wsgiapp", "--chdir", backend, "--bind", f"127.0.0.1:{info.port}"]
    gunicorn += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--timeout", "600"]
    gunicorn += [
        "--keep-alive",
        "60",
        "--log-level",
        "error",
        "--error-logfile",
        str(web_log.absolute()),
        "config.wsgi",
    ]
    celery = [python, "-m", "celery", "--app=config", f"--workdir={backend}", "worker", "--pool=solo"]
    celery += ["--without-gossip", "--without-mingle", "--loglevel=error", "--logfile", str(worker_log.absolute())]
    web, worker = _spawn(gunicorn, variables, web_log), _spawn(celery, variables, worker_log)
    started = msgspec.structs.replace(info, web_pid=web.pid, worker_pid=worker.pid)
    try:
        write_text(folder / "server.json", msgspec.json.format(msgspec.json.encode(started)).decode(), mode=0o600)
    except DataError:  # nobody would find these two again
        for process in (web, worker):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        raise
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(info.url):
        if web.poll() is not None or worker.poll() is not None or time.monotonic() > deadline:
            down(folder.parent)
            log = web_log if web.poll() is not None else worker_log
            raise DoccanoError(f"The Doccano server did not start; its log is {log}.")
        time.sleep(0.1)
    return started


def _spawn(command: list[str], variables: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
        return subprocess.Popen(
            command,
            env=variables,
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/v1/me", timeout=10) as response:
            return bool(response.status)
    except urllib.error.HTTPError as error:
        return error.code == 403  # Doccano asks who is there
    except (urllib.error.URLError, OSError, json.JSONDecodeError):
        return False


def _choose_port(wanted: int | None, earlier: int | None) -> int:
    for port in (wanted, earlier, 0):
        if port is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except (OSError, OverflowError) as error:
                if port == wanted:
                    raise DoccanoError(
                        f"Port {port} cannot be used ({getattr(error, 'strerror', None) or 'not a port'}); name "
                        "another with --port, or none to take a free one."
                    ) from error
                continue
            return int(probe.getsockname()[1])
    raise DoccanoError("No free port was found on 127.0.0.1.")


def _is_ours(pid: int, folder: Path) -> bool:
    """Whether a live process is a server of this folder, by its command line (ids are used again)."""
    if pid <= 0:
        return False
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a child of this very process would stay as a zombie
    shown = subprocess.run(["ps", "-ww", "-o", "stat=,command=", "-p", str(pid)], capture_output=True, check=False)
    line = shown.stdout.decode(errors="replace").strip()
    return bool(line) and not line.startswith("Z") and str(folder.absolute()) in line
