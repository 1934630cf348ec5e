"""The README's commands, run as they stand, and the demo, run as `make demo` runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from relcode.spans import read_spans
from relcode.transcripts import read_sessions
from written_commands import run_block, sh_blocks, stand_in, stopped_doccano

REPOSITORY = Path(__file__).parents[1]
MAKE = {"make demo", "make test"}


def commands() -> list[str]:
    return [line for block in sh_blocks(REPOSITORY / "README.md") for line in block.splitlines() if line.strip()]


def test_the_readme_names_the_two_commands_and_the_makefile_has_them() -> None:
    assert set(commands()) >= MAKE
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{command.removeprefix('make ')}:" in makefile for command in MAKE)


@pytest.mark.server
@pytest.mark.slow
def test_the_first_study_runs_as_written(tmp_path: Path) -> None:
    sessions = tmp_path / "my-sessions"
    sessions.mkdir()
    for name in ("D1-T01-s03.jsonl", "D1-T01-s09.jsonl"):
        shutil.copy(REPOSITORY / "examples" / "corpus" / "transcripts" / name, sessions)
    named = {session.session_id for session in read_sessions([sessions])}
    study = tmp_path / "study"
    with stopped_doccano(study):
        for command in commands():
            if command in MAKE:
                continue
            if command.startswith("relcode pull"):
                stand_in("anna", study, sessions)
                stand_in("ben", study, sessions)
            if command.startswith("relcode adjudicate pull"):
                stand_in("adjudicator", study, sessions)
            run_block(command, tmp_path)
    report = (tmp_path / "study/reports/report.html").read_text(encoding="utf-8")
    assert "TSI" in report
    accepted = read_spans(tmp_path / "study/labels/accepted.jsonl", read_sessions([tmp_path / "study/transcripts"]))
    assert {span.session_id for span in accepted} == named


@pytest.mark.server
@pytest.mark.slow
def test_the_demo_ends_with_what_it_made(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "examples", tmp_path / "examples")
    with stopped_doccano(tmp_path / "demo/study"):
        result = subprocess.run(
            [sys.executable, "examples/demo.py"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
    study = tmp_path / "demo/study"
    for name in ("reports/agreement.csv", "models/first/card.md", "reports/scores.parquet", "reports/report.html"):
        assert (study / name).is_file()
        assert any(name in line for line in result.stdout.splitlines())
    first = json.loads((study / "labels/accepted.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first["source"] == "accepted"
