"""The gate before reports and exports: closed for raw text in a project, a warning where there is no record."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relcode.cli.gate import check_text_may_leave
from relcode.deid import deidentify, override, record_deid
from relcode.errors import DeidError
from relcode.project import Project
from relcode.records import Session, Span
from relcode.spans import write_spans
from relcode.transcripts import read_sessions, write_session

NO_RECORD = "the transcripts lie in no project folder"


@pytest.fixture
def raw(session_of: Callable[..., Session]) -> Session:
    return session_of("T: I feel sad with you.", "C: Dr. Okafor said so.", dyad="D")


@pytest.fixture
def project(tmp_path: Path, raw: Session) -> Project:
    """A project that holds the session raw, off the record."""
    made = Project.create(tmp_path / "study")
    write_session(raw, made.transcripts)
    write_spans(tmp_path / "labels.jsonl", [Span("S1", 1, 0, 6, "I feel", "TSI", source="accepted")])
    return made


def clean(project: Project, raw: Session) -> None:
    result = deidentify([raw])
    write_session(result.sessions[0], project.transcripts)
    record_deid(result, project.open_ledger())


def audit(relcode: Callable[..., Any], source: object, tmp_path: Path, *more: object) -> Any:
    return relcode("audit", source, "--labels", tmp_path / "labels.jsonl", *more)


def test_in_a_project_the_report_of_raw_text_is_refused(
    relcode: Callable[..., Any], project: Project, raw: Session, tmp_path: Path
) -> None:
    out = tmp_path / "report.html"
    for more in (["--out", out], ["--json"]):
        done = audit(relcode, project.transcripts, tmp_path, *more)
        assert done.status == 1
        assert "may not stand in a report" in done.err
        assert "session S1: not on record" in done.err
        assert "Okafor" not in done.err
    assert not out.exists()
    clean(project, raw)
    done = audit(relcode, project.transcripts, tmp_path, "--out", out)
    assert done.status == 0, done.err
    assert NO_RECORD not in done.err
    assert "on the project’s record" in out.read_text(encoding="utf-8").replace("'", "’")


@pytest.mark.slow
def test_outside_of_any_project_the_report_says_that_there_is_no_record(
    relcode: Callable[..., Any], project: Project, raw: Session, tmp_path: Path
) -> None:
    write_session(raw, tmp_path / "plain")
    out = tmp_path / "report.html"
    done = audit(relcode, tmp_path / "plain", tmp_path, "--out", out)
    assert done.status == 0
    assert done.err.count(NO_RECORD) == 1
    assert NO_RECORD in out.read_text(encoding="utf-8")
    figures = audit(relcode, tmp_path / "plain", tmp_path, "--json")
    assert figures.status == 0
    assert json.loads(figures.out)["sessions"][0]["session_id"] == "S1"


def test_a_recorded_text_in_which_something_is_found_is_refused_by_turn_until_a_person_lets_it_pass(
    project: Project, raw: Session
) -> None:
    ledger = project.open_ledger()
    told = deidentify([raw])
    record_deid(type(told)((raw,), (), {}, {}), ledger)
    with pytest.raises(DeidError, match="may not stand in an export") as caught:
        check_text_may_leave([project.transcripts], [raw])
    assert caught.value.faults == ("session S1: still something found in turn 2",)
    override(raw, ledger, reason="read", actor="ben")
    assert check_text_may_leave([project.transcripts], [raw]) is None


def test_each_source_is_asked_of_its_own_project(tmp_path: Path, project: Project, raw: Session) -> None:
    write_session(Session("S2", raw.turns), tmp_path / "plain")
    other = Project.create(tmp_path / "other")
    result = deidentify([Session("S3", raw.turns)])
    write_session(result.sessions[0], other.transcripts)
    record_deid(result, other.open_ledger())
    both = [tmp_path / "plain", f"{other.transcripts}/*.jsonl"]
    assert NO_RECORD in str(check_text_may_leave(both, read_sessions(both)))
    with pytest.raises(DeidError, match="session S1: not on record"):
        check_text_may_leave([*both, project.transcripts], read_sessions([*both, project.transcripts]))


def test_a_link_into_a_project_does_not_lead_around_its_gate(tmp_path: Path, project: Project, raw: Session) -> None:
    link = tmp_path / "link"
    link.symlink_to(project.transcripts)
    with pytest.raises(DeidError, match="session S1"):
        check_text_may_leave([link], [raw])


def test_a_path_that_leads_out_of_a_project_does_not_lie_in_it(
    project: Project, raw: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.transcripts)
    assert NO_RECORD in str(check_text_may_leave(["../../plain"], [raw]))
    with pytest.raises(DeidError, match="session S1"):
        check_text_may_leave(["../transcripts"], [raw])
