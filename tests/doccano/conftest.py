"""Real Doccano servers for the tests of a run: relcode's own, and one as Doccano itself comes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

PASSWORD = "Quiet-harbour-41"
ACCOUNTS = """
import django, json, sys
django.setup()
from django.contrib.auth import get_user_model
users = get_user_model().objects
users.create_superuser("root", password=sys.argv[1])
for name in sys.argv[2:]:
    users.create_user(name, password=sys.argv[1])
"""


@pytest.fixture(scope="session")
def doccano_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A running server with `url`, `admin`, `admin_password` and `folder` (a project's folder)."""
    from relcode.doccano import server

    folder: Path = tmp_path_factory.mktemp("server")
    info = server.up(folder)
    yield SimpleNamespace(url=info.url, admin=info.admin, admin_password=info.admin_password, folder=folder)
    server.down(folder)


class PlainServer:
    """Doccano with its own settings, as somebody else may run it; the worker can be killed and started."""

    def __init__(self, environment: Path, folder: Path) -> None:
        from relcode.doccano.environment import backend_of, python_of, template_of

        self.python, self.backend = str(python_of(environment)), str(backend_of(environment))
        self.folder = folder
        self.admin, self.admin_password = "root", PASSWORD
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.variables = {
            "PATH": os.environ.get("PATH", ""),
            "LANG": "C.UTF-8",
            "PYTHONPATH": self.backend,
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "STANDALONE": "True",
            "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
            "CELERY_BROKER_URL": f"sqla+sqlite:///{folder / 'queue.sqlite3'}",
            "MEDIA_ROOT": str(folder / "media"),
            "TMPDIR": str(folder),
            "SECRET_KEY": "for tests alone",
        }
        if template_of(environment).exists():
            shutil.copyfile(template_of(environment), folder / "db.sqlite3")
        else:
            for command in ("migrate", "create_roles"):
                manage = [self.python, f"{self.backend}/manage.py", command]
                subprocess.run(manage, env=self.variables, check=True, capture_output=True)
        accounts = [self.python, "-c", ACCOUNTS, PASSWORD, "ana", "ben"]
        subprocess.run(accounts, env=self.variables, check=True, capture_output=True)
        web = ["gunicorn.app.wsgiapp", "--chdir", self.backend, "--bind", f"127.0.0.1:{self.port}", "--threads", "4"]
        self.web = self._spawn([*web, "config.wsgi"])
        self.start_worker()
        while not self._answers():
            assert self.web.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)

    def start_worker(self) -> None:
        celery = ["celery", "--app=config", f"--workdir={self.backend}", "worker", "--pool=solo"]
        self.worker = self._spawn([*celery, "--without-gossip", "--without-mingle"])

    def kill_worker(self) -> None:
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()

    def stop(self) -> None:
        for process in (self.web, self.worker):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _spawn(self, module: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [self.python, "-m", *module], env=self.variables, stdout=log, stderr=log, start_new_session=True
            )

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/v1/me", timeout=10)
        except urllib.error.HTTPError as error:
            return error.code == 403
        except (urllib.error.URLError, OSError, json.JSONDecodeError):
            return False
        return True


@pytest.fixture(scope="session")
def plain_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlainServer]:
    """A Doccano 1.8.4 that relcode did not start; accounts root, ana and ben, all with `PASSWORD`."""
    from relcode.doccano.environment import ensure_environment

    server = PlainServer(ensure_environment(), tmp_path_factory.mktemp("plain"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def assigning_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlainServer]:
    """A Doccano 1.8.5 or later, from the environment that a variable names; the test is passed over without it."""
    named = os.environ.get("RELCODE_TEST_DOCCANO_185")
    if not named:
        pytest.skip("RELCODE_TEST_DOCCANO_185 names no environment with Doccano 1.8.5")
    server = PlainServer(Path(named), tmp_path_factory.mktemp("assigning"))
    yield server
    server.stop()


class Proxy:
    """Passes connections on to a server, and cuts those of which `cut(bytes so far)` says so."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.cut_after: Iterator[int | None] = iter(())
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            limit = next(self.cut_after, None)
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            both = (client, server)
            passed = [0]
            for source, sink in (both, both[::-1]):
                threading.Thread(target=self._pass, args=(source, sink, both, passed, limit), daemon=True).start()

    def _pass(
        self,
        source: socket.socket,
        sink: socket.socket,
        both: tuple[socket.socket, socket.socket],
        passed: list[int],
        limit: int | None,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                passed[0] += len(data)
                if limit is not None and passed[0] > limit:
                    self.cuts += 1
                    break
                sink.sendall(data)
        for end in both:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy_to() -> Iterator[object]:
    """Make a proxy before the port of a server."""
    made: list[Proxy] = []

    def make(port: int) -> Proxy:
        made.append(Proxy(port))
        return made[-1]

    yield make
    for proxy in made:
        proxy.close()
