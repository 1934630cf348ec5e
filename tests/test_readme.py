"""The README's commands, run as they stand, and the demo, run as `make demo` runs it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
MAKE = {"make demo", "make test"}


def commands() -> list[str]:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    return [line for block in BLOCK.findall(text) for line in block.splitlines() if line.strip()]


def test_the_readme_names_the_two_commands_and_the_makefile_has_them() -> None:
    assert set(commands()) >= MAKE
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{command.removeprefix('make ')}:" in makefile for command in MAKE)


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.server
@pytest.mark.slow
def test_the_first_study_runs_as_written(tmp_path: Path) -> None:
    from relcode.deid import deidentify, move_spans
    from relcode.doccano.coding import enter_labels
    from relcode.doccano.projects import find_project
    from relcode.doccano.server import read_server
    from relcode.doccano.session import connect
    from relcode.ledger import CONSENSUS, Ledger
    from relcode.project import Project
    from relcode.spans import read_spans
    from relcode.transcripts import read_sessions

    examples = REPOSITORY / "examples"
    (tmp_path / "my-sessions").mkdir()
    for name in ("D1-T01-s03.jsonl", "D1-T01-s09.jsonl"):
        shutil.copy(examples / "corpus" / "transcripts" / name, tmp_path / "my-sessions")
    raw = read_sessions([tmp_path / "my-sessions"])
    named = {session.session_id for session in raw}

    moved = deidentify(raw)

    def code_as(account: str, labels: str, coder: str) -> None:
        project = Project.load(tmp_path / "study")
        info = read_server(project.folder)
        session = connect(info.url, account, info.accounts[account])
        spans = [s for s in read_spans(examples / "labels" / f"{labels}.jsonl") if s.session_id in named]
        project_id = find_project(session, "1", coder)
        assert project_id is not None
        enter_labels(session, project_id, Ledger(project.ledger_path).pages(coder, "1"), move_spans(spans, moved))

    try:
        for command in commands():
            if command in MAKE:
                continue
            if command.startswith("relcode pull"):
                code_as("anna", "coder_A", "anna")
                code_as("ben", "coder_B", "ben")
            if command.startswith("relcode adjudicate pull"):
                code_as("adjudicator", "accepted", CONSENSUS)
            result = subprocess.run(
                command, shell=True, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
            )
            assert result.returncode == 0, f"{command}\n{result.stderr}"
    finally:
        subprocess.run(
            ["relcode", "doccano", "down", "--project", "study"],
            cwd=tmp_path,
            env=environment(),
            check=False,
            capture_output=True,
        )
    report = (tmp_path / "study/reports/report.html").read_text(encoding="utf-8")
    assert "TSI" in report
    accepted = read_spans(tmp_path / "study/labels/accepted.jsonl", read_sessions([tmp_path / "study/transcripts"]))
    assert {span.session_id for span in accepted} == named


@pytest.mark.server
@pytest.mark.slow
def test_the_demo_ends_with_what_it_made(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "examples", tmp_path / "examples")
    try:
        result = subprocess.run(
            [sys.executable, "examples/demo.py"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
    finally:
        subprocess.run(
            [sys.executable, "-m", "relcode", "doccano", "down", "--project", "demo/study"],
            cwd=tmp_path,
            check=False,
            capture_output=True,
        )
    study = tmp_path / "demo/study"
    for name in ("reports/agreement.csv", "models/first/card.md", "reports/scores.parquet", "reports/report.html"):
        assert (study / name).is_file()
        assert any(name in line for line in result.stdout.splitlines())
    first = json.loads((study / "labels/accepted.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first["source"] == "accepted"
