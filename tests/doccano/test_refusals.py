"""What the real server, or starting one, can refuse: each time one message that names the remedy."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from relcode.deid import record_deid
from relcode.deid.replace import DeidResult
from relcode.doccano import instance, processes, server
from relcode.doccano.session import connect
from relcode.errors import DataError
from relcode.project import Project
from relcode.records import Session
from relcode.transcripts import write_session

pytestmark = pytest.mark.server

SECRET = "zanzibar"
Run = Callable[..., Any]


@pytest.fixture
def study(
    tmp_path: Path,
    doccano_server: SimpleNamespace,
    session_of: Callable[..., Session],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A project with one recorded session that uses the running server; no coder has an account there."""
    project = Project.create(tmp_path / "study", coders=["nobody"], doccano_url=doccano_server.url)
    session = session_of(f"T: I feel sad with you, {SECRET}.", "C: Yes.")
    write_session(session, project.transcripts)
    record_deid(DeidResult((session,), (), {}, {}), project.open_ledger())
    monkeypatch.setenv("RELCODE_DOCCANO_USER", doccano_server.admin)
    monkeypatch.setenv("RELCODE_DOCCANO_PASSWORD", doccano_server.admin_password)
    return project.folder


def refused(run: Run, *arguments: str, names: str, remedy: str) -> None:
    done = run(*arguments)
    assert done.status == 1
    assert done.err.splitlines()[-1].startswith("relcode: ")
    assert "Traceback" not in done.err
    assert SECRET not in done.err + done.out
    assert names in done.err
    assert remedy in done.err


def test_a_wrong_password(relcode: Run, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELCODE_DOCCANO_PASSWORD", "open-sesame-1")
    done = relcode("push", "--project", str(study))
    assert "open-sesame-1" not in done.err
    refused(relcode, "push", "--project", str(study), names="password of 'admin'", remedy="relcode doccano status")


def test_a_coder_without_an_account_and_nothing_is_recorded(relcode: Run, study: Path) -> None:
    before = Project.load(study).open_ledger().head()
    refused(relcode, "push", "--project", str(study), names="no account 'nobody'", remedy="relcode doccano up")
    assert Project.load(study).open_ledger().head() == before


def test_nothing_was_pushed_yet(relcode: Run, study: Path) -> None:
    refused(relcode, "pull", "--project", str(study), "--batch", "x", names="batch 'x'", remedy="relcode push")


def test_an_account_that_is_no_administrators(
    relcode: Run, study: Path, doccano_server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = server.up(doccano_server.folder, coders=["clumsy"])
    monkeypatch.setenv("RELCODE_DOCCANO_USER", "clumsy")
    monkeypatch.setenv("RELCODE_DOCCANO_PASSWORD", info.accounts["clumsy"])
    refused(relcode, "push", "--project", str(study), names="'clumsy'", remedy="not an administrator's")


def test_a_busy_port(relcode: Run, tmp_path: Path) -> None:
    project = Project.create(tmp_path / "own")
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = str(busy.getsockname()[1])
        refused(
            relcode,
            *("doccano", "up", "--project", str(project.folder), "--port", port),
            names=f"Port {port} cannot be used",
            remedy="name another with --port",
        )
    assert not (project.folder / server.FOLDER / "server.json").exists()


def test_a_file_in_place_of_the_uploads_folder(relcode: Run, tmp_path: Path) -> None:
    project = Project.create(tmp_path / "own")
    (project.folder / server.FOLDER).mkdir()
    (project.folder / server.FOLDER / "uploads").write_text("")
    up = ("doccano", "up", "--project", str(project.folder))
    refused(relcode, *up, names=".doccano", remedy="make it writable")


def test_no_process_starts_when_its_record_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare = instance.prepare

    def prepare_and_obstruct(home: Path, *arguments: Any) -> None:
        prepare(home, *arguments)
        (home / "server.json").mkdir()

    monkeypatch.setattr(instance, "prepare", prepare_and_obstruct)
    with pytest.raises(DataError, match="it is a folder"):
        server.up(tmp_path)
    assert not processes.find([tmp_path / server.FOLDER])[tmp_path / server.FOLDER].groups


def test_a_lost_server_file_is_made_anew_with_new_passwords(tmp_path: Path) -> None:
    try:
        first = server.up(tmp_path, coders=["anna"])
        server.down(tmp_path)
        (tmp_path / server.FOLDER / "server.json").unlink()
        second = server.up(tmp_path, coders=["anna"])
        assert second.accounts["anna"] != first.accounts["anna"]
        assert connect(second.url, "anna", second.accounts["anna"]).get("me")["username"] == "anna"
    finally:
        server.down(tmp_path)


def test_garbage_in_the_server_file_is_mended_as_the_message_says(relcode: Run, tmp_path: Path) -> None:
    project = Project.create(tmp_path / "own")
    path = project.folder / server.FOLDER / "server.json"
    try:
        server.up(project.folder)
        server.down(project.folder)
        path.write_text(json.dumps({"url": 1}))
        refused(relcode, "doccano", "up", "--project", str(project.folder), names="server.json", remedy="Move it away")
        shutil.move(path, tmp_path / "away.json")
        assert relcode("doccano", "up", "--project", str(project.folder)).status == 0
    finally:
        server.down(project.folder)
