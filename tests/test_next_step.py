"""A whole study by what `relcode status` says alone: each command that it names is pasted into a shell, as it stands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relcode.deid import deidentify, record_deid
from relcode.project import Project
from relcode.transcripts import read_sessions, write_session

EXAMPLES = Path(__file__).parents[1] / "examples"
SESSIONS = ("D1-T01-s03", "D2-T02-s12", "D3-T01-s08")
Command = Callable[..., Any]


def next_of(relcode: Command, *words: object) -> tuple[str, str]:
    step = json.loads(relcode("status", "--json", *words).out)["next"]
    return step["command"], step["why"]


def test_a_new_study_is_told_to_import(relcode: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Project.create(tmp_path / "my study")
    command, why = next_of(relcode, "--project", "my study")
    assert command == "relcode import RAW --out 'my study-raw'"
    assert "RAW is their file or folder" in why


def test_the_raw_transcripts_are_named_where_they_are_known(
    relcode: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sessions").mkdir()
    project = Project.create(tmp_path / "study", raw=tmp_path / "sessions")
    monkeypatch.chdir(project.folder)
    assert next_of(relcode)[0] == f"relcode import {tmp_path / 'sessions'} --out ../study-raw"


def test_what_is_imported_is_to_be_deidentified_and_what_is_not_on_record_to_be_checked(
    relcode: Command, session_of: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project.create(tmp_path / "study", coders=["anna"])
    monkeypatch.chdir(tmp_path)
    session = session_of("T: I feel sad with you.", "C: Yes.")
    write_session(session, tmp_path / "study-raw")
    assert next_of(relcode, "--project", "study")[0] == "relcode deid study-raw --out study/transcripts"
    write_session(session, project.transcripts)
    command, why = next_of(relcode, "--project", "study")
    assert command == "relcode deid study/transcripts --check"
    assert "1 session(s) are not on record" in why


def test_a_study_without_coders_is_told_where_to_name_them(
    relcode: Command, session_of: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project.create(tmp_path / "study")
    monkeypatch.chdir(project.folder)
    found = deidentify([session_of("T: I feel sad with you.", "C: Yes.")])
    write_session(found.sessions[0], project.transcripts)
    record_deid(found, project.open_ledger())
    command, why = next_of(relcode)
    assert (command, "relcode.toml" in why) == ("", True)
    text = (project.folder / "relcode.toml").read_text()
    (project.folder / "relcode.toml").write_text(text.replace("coders = []", 'coders = ["anna"]'))
    assert next_of(relcode)[0] == "relcode preannotate transcripts --out suggestions/cues.jsonl"
    assert "           relcode preannotate" in relcode("status").out


@pytest.mark.server
@pytest.mark.slow
def test_a_study_is_done_by_the_commands_that_status_names(tmp_path: Path) -> None:
    from relcode.deid import move_spans
    from relcode.doccano.coding import enter_labels
    from relcode.doccano.projects import find_project
    from relcode.doccano.server import read_server
    from relcode.doccano.session import connect
    from relcode.ledger import CONSENSUS
    from relcode.spans import read_spans

    raw = tmp_path / "my sessions"
    raw.mkdir()
    for name in SESSIONS:
        shutil.copy(EXAMPLES / "corpus" / "transcripts" / f"{name}.jsonl", raw)
    moved = deidentify(read_sessions([raw]))
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def shell(command: str) -> str:
        done = subprocess.run(
            command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        return done.stdout

    def code_as(account: str, labels: str, coder: str) -> None:
        project = Project.load(tmp_path / "study")
        info = read_server(project.folder)
        session = connect(info.url, account, info.accounts[account])
        spans = [s for s in read_spans(EXAMPLES / "labels" / f"{labels}.jsonl") if s.session_id in SESSIONS]
        project_id = find_project(session, "1", coder)
        assert project_id is not None
        enter_labels(session, project_id, project.open_ledger().pages(coder, "1"), move_spans(spans, moved))

    books = "".join(f" --codebook {name}" for name in ("relational-core", "rupture-repair", "client-process", "ccrt"))
    shell(f"relcode init study --coder anna --coder ben --raw 'my sessions'{books}")
    done: list[str] = []
    try:
        while len(done) < 30:
            step = json.loads(shell("relcode status --project study --json"))["next"]
            command = step["command"]
            if not command:
                break
            assert command not in done, f"{command} is named a second time: {step['why']}"
            if command.startswith("relcode pull"):
                code_as("anna", "coder_A", "anna")
                code_as("ben", "coder_B", "ben")
            if command.startswith("relcode adjudicate pull"):
                code_as("adjudicator", "accepted", CONSENSUS)
            shell(command)
            done.append(command)
    finally:
        subprocess.run(["relcode", "doccano", "down", "--project", "study"], cwd=tmp_path, env=environment, check=False)
    (folder,) = (tmp_path / "study/models").glob("*/relational-core*")
    model = folder.name
    at = "--project study"
    assert done == [
        f"relcode import '{raw}' --out study-raw",
        "relcode deid study-raw --out study/transcripts",
        "relcode preannotate study/transcripts --out study/suggestions/cues.jsonl",
        f"relcode doccano up {at}",
        f"relcode push {at}",
        f"relcode pull {at}",
        f"relcode agreement --html study/reports/reliability.html {at}",
        f"relcode adjudicate push {at}",
        f"relcode adjudicate pull --out study/labels/accepted.jsonl {at}",
        "relcode audit study/transcripts --labels study/labels/accepted.jsonl --out study/reports/report.html",
        "(cd study && relcode train)",
        f"relcode models promote {model} --store study/models",
        f"relcode score study/transcripts --model study/models/{folder.parent.name}/{model} --out study/reports/scores.parquet",
    ]
    assert "Nothing is waiting" in step["why"]
