"""A team codes four sessions in two batches while its programs and its server are killed at random a hundred times.

Three coders and an adjudicator, each with an account on a real server; the commands are those that people type. With
`-s` it tells what was killed when. RELCODE_TEAM_SEED draws another schedule, RELCODE_TEAM_KILLS another number of kills.
"""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import CHROMIUM, DRIVER, opened_browser
from relcode.doccano import server
from relcode.doccano.addresses import connect_admin
from relcode.ledger import Ledger
from team.kills import Harness, Task
from team.oracle import accepted_faults, confirmed_labels, ledger_faults, server_faults
from team.page import code_first_page
from team.study import ADJUDICATOR, BATCHES, CODERS, CONSENSUS, SESSIONS, TeamStudy

pytestmark = pytest.mark.server

# of a hundred kills: in the making of the study, and in each phase of a batch
_SHARES = {
    "setup": 4,
    "plan": 1,
    "push": 9,
    "coding": 18,
    "pull": 8,
    "adjudicate push": 4,
    "adjudication": 4,
    "adjudicate pull": 4,
}


@pytest.fixture
def study(tmp_path: Path) -> Iterator[TeamStudy]:
    made = TeamStudy(tmp_path, int(os.environ.get("RELCODE_TEAM_SEED", "1")))
    yield made
    server.down(made.folder)


def test_every_confirmed_label_is_in_the_ledger_exactly_once(study: TeamStudy, tmp_path: Path) -> None:
    began = time.monotonic()
    wanted = int(os.environ.get("RELCODE_TEAM_KILLS", "100"))
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    harness = Harness(
        outputs, random.Random(study.seed), server_pids=lambda: _server_pids(study), start_server=study.start_server()
    )
    shares = {phase: -(-share * wanted // 100) for phase, share in _SHARES.items()}
    try:
        for task in [*study.setup(), study.start_server()]:
            harness.run("setup", lambda round_, task=task: [task], -(-shares["setup"] // 4), targets=False)
        for batch in BATCHES:
            _code_batch(harness, study, batch, shares)
    finally:
        print(f"\nseed {study.seed}, {time.monotonic() - began:.0f} seconds", *harness.tally.lines(), sep="\n")
    _check_end(study)
    assert harness.tally.faults == []
    assert harness.tally.total >= wanted
    assert harness.tally.phases() >= {
        "setup",
        *(f"{phase}, batch {batch}" for phase in _SHARES if phase != "setup" for batch in BATCHES),
    }


def _code_batch(harness: Harness, study: TeamStudy, batch: str, shares: dict[str, int]) -> None:
    def run(phase: str, tasks: object) -> None:
        harness.run(f"{phase}, batch {batch}", tasks, shares[phase])

    def code(round_: int) -> list[Task]:
        return [*(study.code(coder, batch, round_) for coder in CODERS), *study.pull(batch)]

    run("plan", lambda round_: [study.plan(batch)])
    run("push", lambda round_: study.push(batch))
    if batch == "1":
        for coder in CODERS:
            _code_in_browser(study, coder, batch, coder)
    run("coding", code)
    run("pull", lambda round_: study.pull(batch, at_once=2))
    run("adjudicate push", lambda round_: study.adjudicate("push", batch))
    if batch == "1":
        _code_in_browser(study, ADJUDICATOR, batch, CONSENSUS)
    run("adjudication", lambda round_: [study.code(ADJUDICATOR, batch, round_)])
    run("adjudicate pull", lambda round_: study.adjudicate("pull", batch, at_once=2))


def _code_in_browser(study: TeamStudy, account: str, batch: str, coder: str) -> None:
    """The first page of somebody's, by a person at Doccano's page; left out where there is no browser."""
    if not (CHROMIUM and DRIVER):
        print(f"{account} codes no page in a browser: there is no Chromium with chromedriver here")
        return
    with opened_browser(study.folder.parent) as browser:
        spans = study.labels_of(account, 0)
        code_first_page(browser, study.folder, account, batch, spans, study.journal, coder=coder)


def _check_end(study: TeamStudy) -> None:
    ledger = Ledger(study.folder / "ledger.db")
    expected = confirmed_labels(study.journal)
    faults = ledger_faults(ledger.events(), expected)
    faults += accepted_faults(ledger, SESSIONS, CODERS, expected)
    faults += server_faults(connect_admin(server.read_server(study.folder)), ledger, expected)
    assert faults == []
    head = ledger.head()
    for batch in BATCHES:
        repeated = [
            study.plan(batch),
            *study.push(batch),
            *study.pull(batch),
            *study.adjudicate("push", batch),
            *study.adjudicate("pull", batch),
        ]
        for task in repeated:
            _run(task)
    assert ledger.head() == head
    _run(study.relcode("ledger verify", study.folder / "ledger.db", usual_seconds=1))
    _run(study.relcode("doccano down", "--project", study.folder, usual_seconds=1))
    shown = subprocess.run(["ps", "-A", "-ww", "-o", "command="], capture_output=True, text=True, check=True)
    assert not [line for line in shown.stdout.splitlines() if str(study.folder / server.FOLDER) in line]


def _run(task: Task) -> None:
    done = subprocess.run(task.command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{task}: {done.stderr}"


def _server_pids(study: TeamStudy) -> tuple[int, int]:
    state = server.status(study.folder)
    return state.web_pid or 0, state.worker_pid or 0
