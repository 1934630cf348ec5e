"""A server for each coder: separate accounts, databases and keys; a whole round of coding over them."""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from relcode.doccano import server
from relcode.doccano.addresses import Admins, find_server
from relcode.doccano.coding import enter_labels
from relcode.doccano.projects import find_project
from relcode.doccano.session import connect
from relcode.errors import DoccanoError, UsageError
from relcode.ledger import CONSENSUS
from relcode.project import Project
from relcode.records import Session, Span
from relcode.transcripts import write_session


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "study"
    server.down(tmp_path / "study")


def code(project: Project, coder: str, spans: list[Span]) -> None:
    """Enter labels with the coder's own account on the coder's own server, and confirm."""
    info = server.find_servers(project.folder).of(coder)
    account = server.ADJUDICATOR if coder == CONSENSUS else coder
    session = connect(info.url, account, info.accounts[account])
    project_id = find_project(session, "1", coder)
    assert project_id is not None
    enter_labels(session, project_id, project.open_ledger().pages(coder, "1"), spans)


@pytest.mark.server
@pytest.mark.slow
def test_a_round_of_coding_over_three_servers(
    folder: Path, relcode: Callable[..., Any], session_of: Callable[..., Session]
) -> None:
    def run(*arguments: object) -> Any:
        done = relcode(*arguments, "--project", folder)
        assert done.status == 0, done.err
        return done

    relcode("init", folder, "--coder", "anna", "--coder", "ben")
    project = Project.load(folder)
    session = session_of("T: I feel sad with you.", "C: Yes \U0001f642, so do I.")
    write_session(session, folder.parent)
    assert relcode("deid", folder.parent / "S1.jsonl", "--out", project.transcripts).status == 0
    run("doccano", "up", "--per-coder")
    servers = server.find_servers(folder)
    infos = {name: servers.of(name) for name in ("anna", "ben", CONSENSUS)}
    assert {name: sorted(info.accounts) for name, info in infos.items()} == {
        "anna": ["admin", "anna"],
        "ben": ["admin", "ben"],
        CONSENSUS: ["adjudicator", "admin"],
    }
    for field in ("url", "secret_key", "admin_password"):
        assert len({getattr(info, field) for info in infos.values()}) == 3
    with pytest.raises(DoccanoError, match="password"):
        connect(infos["ben"].url, "anna", infos["anna"].accounts["anna"])

    assert stat.S_IMODE((folder / server.FOLDER).stat().st_mode) == 0o700
    mixed = relcode("doccano", "up", "--project", folder)
    assert (mixed.status, "a server for each coder (adjudicator, anna, ben)" in mixed.err) == (1, True)

    both = Span("S1", 1, 0, 6, "I feel", "TSI")
    run("push")
    code(project, "anna", [both])
    code(project, "ben", [])
    before = {state.coder: state.web_pid for state in server.statuses(folder)}
    assert before["ben"] is not None
    os.killpg(before["ben"], signal.SIGKILL)
    time.sleep(0.5)
    status = run("doccano", "status").err.splitlines()
    assert [line.split(" at ")[0] for line in status] == [
        f"Doccano of {name}" for name in ("adjudicator", "anna", "ben")
    ]
    assert ["web server stopped" in line for line in status] == [False, False, True]
    pulled = relcode("pull", "--project", folder)
    assert pulled.status == 1
    assert "anna (1): 1 of 1 page(s) confirmed" in pulled.err
    assert f"- ben (1): No Doccano server answers at {infos['ben'].url}" in pulled.err
    run("doccano", "up", "--per-coder")
    after = {state.coder: state.web_pid for state in server.statuses(folder)}
    assert [coder for coder in after if after[coder] != before[coder]] == ["ben"]  # the others were left alone
    run("pull")
    run("adjudicate", "push")
    code(project, CONSENSUS, [both])
    run("adjudicate", "pull")
    assert (project.labels / "accepted.jsonl").read_text().count('"TSI"') == 1
    run("doccano", "down")
    assert "web server process" not in run("doccano", "status").err


class OneServer:
    """Stands for a server of all coders, and counts how often it is asked for."""

    def __init__(self, info: Any) -> None:
        self.info = info
        self.asked: list[str] = []

    def of(self, coder: str) -> Any:
        self.asked.append(coder)
        return self.info


@pytest.mark.server
def test_one_server_of_all_is_logged_into_once(doccano_server: Any) -> None:
    servers = OneServer(server.read_server(doccano_server.folder))
    admins = Admins(servers)
    assert admins.of("anna") is admins.of("ben")
    assert servers.asked == ["anna", "ben"]


@pytest.mark.server
def test_one_server_of_all_is_not_split_in_silence(doccano_server: Any) -> None:
    with pytest.raises(DoccanoError, match="one server for all coders"):
        server.up_per_coder(doccano_server.folder, coders=["anna"])


def test_without_any_server_the_remedy_is_said(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "study", coders=["anna"])
    with pytest.raises(DoccanoError, match="relcode doccano up"):
        find_server(project)
    assert server.statuses(project.folder) == []


@pytest.mark.parametrize("name", ["admin", "Admin", "adjudicator", "consensus"])
def test_a_coder_does_not_get_an_account_of_relcodes_own(name: str) -> None:
    with pytest.raises(UsageError, match="choose another"):
        server.check_names(["anna", name])
    server.check_names(["anna", name + "2"])
