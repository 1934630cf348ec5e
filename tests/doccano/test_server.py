"""The local Doccano server: started, looked at, killed, started again, stopped. A real one."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from relcode.doccano import server
from relcode.doccano.instance import Wanted
from relcode.doccano.session import connect
from relcode.errors import DoccanoError, UsageError

pytestmark = pytest.mark.server


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    server.down(tmp_path)


def pids(folder: Path) -> tuple[int, int]:
    """The web server's and the worker's process."""
    state = server.status(folder)
    assert state.web_pid is not None
    assert state.worker_pid is not None
    return state.web_pid, state.worker_pid


def test_up_again_is_no_new_start_and_adds_accounts(folder: Path) -> None:
    first = server.up(folder, coders=["anna"])
    started = pids(folder)
    second = server.up(folder, coders=["anna", "ben"])
    assert (pids(folder), second.url) == (started, first.url)
    assert second.accounts["anna"] == first.accounts["anna"]
    assert connect(second.url, "ben", second.accounts["ben"]).get("me")["username"] == "ben"
    with pytest.raises(DoccanoError, match="password"):
        connect(second.url, "ben", "wrong")


def test_an_account_that_is_closed_is_out_at_once_and_opens_with_another_password(folder: Path) -> None:
    first = server.up(folder, coders=["anna", "ben"])
    at_work = connect(first.url, "ben", first.accounts["ben"])
    server.close(folder, "ben")
    with pytest.raises(DoccanoError):
        at_work.get("me")
    assert connect(first.url, "anna", first.accounts["anna"]).get("me")["username"] == "anna"
    with pytest.raises(DoccanoError, match="no open account 'ben'"):
        server.close(folder, "ben")
    with pytest.raises(UsageError, match="relcode's own account"):
        server.close(folder, "admin")
    assert "ben" not in server.up(folder, coders=["anna"]).accounts  # it stays closed
    again = server.up(folder, coders=["anna", "ben"])
    assert again.accounts["ben"] != first.accounts["ben"]
    assert connect(again.url, "ben", again.accounts["ben"]).get("me")["username"] == "ben"
    with pytest.raises(DoccanoError, match="password"):
        connect(again.url, "ben", first.accounts["ben"])


def test_it_survives_a_kill_with_its_data(folder: Path) -> None:
    info = server.up(folder, coders=["anna"])
    admin = connect(info.url, info.admin, info.admin_password, admin=True)
    body = {
        "name": "kept",
        "description": "d",
        "project_type": "SequenceLabeling",
        "resourcetype": "SequenceLabelingProject",
    }
    project = admin.post("projects", {**body, "guideline": "g"})["id"]
    killed = pids(folder)
    for pid in killed:
        os.killpg(pid, signal.SIGKILL)
    time.sleep(0.5)
    assert not server.status(folder).running
    again = server.up(folder, coders=["anna"])
    assert (again.url, set(pids(folder)) & set(killed)) == (info.url, set())
    admin = connect(again.url, again.admin, again.admin_password, admin=True)
    assert admin.get(f"projects/{project}")["name"] == "kept"


def test_a_worker_killed_alone_is_seen_and_mended(folder: Path) -> None:
    info = server.up(folder)
    web, worker = pids(folder)
    os.killpg(worker, signal.SIGKILL)
    time.sleep(0.5)
    state = server.status(folder)
    assert (state.running, state.web_pid, state.worker_pid) == (False, web, None)
    assert server.up(folder).url == info.url  # its own web server, which still ran, was not in the way
    assert server.status(folder).running


def test_the_children_of_a_killed_master_are_no_second_server(folder: Path) -> None:
    info = server.up(folder)
    master = server.status(folder).web_pid
    assert master
    os.kill(master, signal.SIGKILL)  # its children run on for a while
    assert server.up(folder).url == info.url
    assert len(running(folder)) == 4  # the web server's master and its two children, the worker
    server.down(folder)
    assert running(folder) == []


def running(folder: Path) -> list[str]:
    """The command lines of the folder's processes."""
    shown = subprocess.run(["ps", "-A", "-ww", "-o", "stat=,command="], capture_output=True, text=True, check=True)
    return [line for line in shown.stdout.splitlines() if f"{folder}/{server.FOLDER}/w" in line and line[0] != "Z"]


def test_it_listens_on_this_machine_alone_and_keeps_its_files_private(folder: Path) -> None:
    info = server.up(folder)
    with urllib.request.urlopen(info.url, timeout=10) as page:
        assert b"doccano" in page.read()
    outward = next(
        (
            ip
            for *_, (ip, *_) in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
            if not ip.startswith("127.")
        ),
        None,
    )
    if outward is not None:
        with socket.socket() as probe:
            assert probe.connect_ex((outward, info.port)) != 0
    made = folder / server.FOLDER
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert stat.S_IMODE((made / "server.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((made / "db.sqlite3").stat().st_mode) == 0o600
    assert info.admin_password not in repr(info)


def test_a_busy_port_is_said_with_the_remedy(folder: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(DoccanoError, match=f"Port {port} cannot be used"):
            server.up(folder, wanted=Wanted(port=port))
    assert not server.status(folder).running


def test_down_twice_and_status_without_a_server(folder: Path) -> None:
    assert server.status(folder).url is None
    assert not server.down(folder)
    info = server.up(folder)
    assert server.down(folder)
    assert not server.down(folder)
    with pytest.raises(DoccanoError, match="doccano up"):
        connect(info.url, "admin", "x")


def test_a_process_that_names_the_folder_is_not_taken_for_a_server(folder: Path) -> None:
    server.up(folder)
    reader = subprocess.Popen(["tail", "-f", str(folder / server.FOLDER / "web.log")], start_new_session=True)
    try:
        assert server.down(folder)
        assert server.statuses(folder)[0].strays == []
        assert reader.poll() is None
    finally:
        reader.kill()
        reader.wait()


def test_a_folder_that_others_could_open_is_closed_and_that_is_said(folder: Path) -> None:
    made = folder / server.FOLDER
    made.mkdir()
    made.chmod(0o755)
    said: list[str] = []
    server.up(folder, say=said.append)
    assert [str(made) in line and "0755" in line for line in said] == [True]
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    server.up(folder, say=said.append)
    assert len(said) == 1


def test_a_server_whose_record_was_moved_away_is_shown_and_stopped(folder: Path) -> None:
    server.up(folder)
    web, worker = pids(folder)
    (folder / server.FOLDER / "server.json").unlink()
    state = server.statuses(folder)[0]
    assert (state.url, state.running, state.web_pid, state.worker_pid) == (None, False, web, worker)
    assert server.down(folder)
    assert server.statuses(folder) == []


def test_the_commands_start_and_stop_it(tmp_path: Path) -> None:
    def relcode(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "relcode", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert relcode("init", "study", "--coder", "anna").returncode == 0
    try:
        made = relcode("doccano", "up", "--project", "study")
        assert made.returncode == 0, made.stderr
        info = server.read_server(tmp_path / "study")
        assert all(password not in made.stderr + made.stdout for password in info.accounts.values())
        coder = connect(info.url, "anna", info.accounts["anna"])
        assert [project["name"] for project in coder.get("projects")["results"]] == ["relcode 1 anna"]
        assert "web server process" in relcode("doccano", "status", "--project", "study").stderr
    finally:
        assert relcode("doccano", "down", "--project", "study").returncode == 0
    assert "stopped" in relcode("doccano", "status", "--project", "study").stderr
