"""`relcode train` in a project: what the ledger accepted is learned from, and what it did not is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relcode.adjudication import settle
from relcode.codebook import Codebook
from relcode.codebook.write import write_codebook
from relcode.ledger import Ledger, NewEvent
from relcode.project import Project
from relcode.provenance import hash_session
from relcode.records import Session, Span
from relcode.spans import write_spans
from relcode.transcripts import write_session

pytestmark = pytest.mark.slow  # models are trained, or pages made

Run = Callable[..., Any]


def coding(session: Session, coder: str, spans: Iterable[Span], *, last: int = 33, **more: Any) -> list[NewEvent]:
    """A page of the first turns, coded and confirmed by one coder."""
    page = {
        "page": f"{session.session_id}-{coder}", "batch": "one", "coder": coder, "session_id": session.session_id,
        "session_sha256": hash_session(session), "first_turn": 1, "last_turn": last, "text_sha256": "",
        "codebook": "small@1.0.0", "suggestions": [], "shown": True, "session_turns": 33, **more,
    }  # fmt: skip
    where = {key: page[key] for key in ("page", "batch", "coder")}
    labels = [
        {
            **where,
            "span": msgspec.to_builtins(msgspec.structs.replace(own, codebook=page["codebook"])),
            "provenance": "added",
        }
        for own in spans
        if own.session_id == session.session_id and own.turn <= last
    ]
    return [
        NewEvent("page", "test", page),
        *(NewEvent("label", "test", label) for label in labels),
        NewEvent("confirm", "test", where),
    ]


@pytest.fixture
def project(
    tmp_path: Path, small_study: Callable[..., Any], small: Codebook, monkeypatch: pytest.MonkeyPatch
) -> Project:
    """Five sessions: three coded by ana, one by her and ben but in part, one by nobody."""
    project = Project.create(tmp_path / "study", coders=["ana", "ben"], codebook="small")
    write_codebook(small, project.codebooks / "small.yaml")
    study = small_study(5)
    for session in study.sessions:
        write_session(session, project.transcripts)
    ledger = project.open_ledger()
    for session in study.sessions[:3]:
        ledger.append(coding(session, "ana", study.labels))
    fourth = study.sessions[3]
    ledger.append(coding(fourth, "ana", study.labels, last=11))
    ledger.append(coding(fourth, "ben", [own for own in study.labels if own.code != "TSI"], last=11))
    monkeypatch.chdir(project.folder)
    return project


def ledger_of(project: Project) -> Ledger:
    return project.open_ledger()


def test_a_project_learns_from_what_its_ledger_accepted(relcode: Run, project: Project) -> None:
    settle(ledger_of(project), policy="agreed")
    done = relcode("train", "--json")
    assert done.status == 0, done.err
    card = json.loads(done.out)
    entries = {entry["session_id"]: entry for entry in card["training"]["sessions"]}
    assert set(entries) == {"S1", "S2", "S3", "S4"}
    assert "coded_turns" not in entries["S1"]
    disputed = 2  # turns that ana gave TSI and ben did not
    assert entries["S4"]["coded_turns"] == 11 - disputed
    assert set(card["training"]["labels"]) == {"accepted", "accepted:single"}
    assert (
        "session S4 is coded in part (9 turns count): turns 12 to 33: with no coder; turns 1, 11: in dispute"
        in done.err
    )
    assert "1 of 5 transcript(s) have no label" in done.err
    assert (project.models / "small" / card["id"] / "card.html").is_file()


def test_what_two_coders_gave_is_the_ceiling(relcode: Run, project: Project) -> None:
    card = json.loads(relcode("train", "--json").out)
    ceiling = {row["code"]: row for row in card["coder_ceiling"]["turn"]["codes"]}
    assert card["coder_ceiling"]["of"].startswith("one coder against another")
    assert (card["coder_ceiling"]["sessions"], ceiling["TSI"]["recall"], ceiling["ASK"]["f1"]) == (1, 0.0, 1.0)


def test_named_files_go_before_the_ledger(relcode: Run, project: Project, small_study: Callable[..., Any]) -> None:
    write_spans(project.labels / "own.jsonl", small_study(5).only("S4", "S5").labels)
    card = json.loads(relcode("train", "--labels", "labels/own.jsonl", "--json").out)
    assert [entry["session_id"] for entry in card["training"]["sessions"]] == ["S4", "S5"]
    assert "coder_ceiling" not in card


def test_sessions_held_out_are_named_by_their_transcripts(relcode: Run, project: Project) -> None:
    done = relcode("train", "--held-out", "transcripts/S3.jsonl", "--json")
    assert done.status == 0, done.err
    card = json.loads(done.out)
    assert [entry["session_id"] for entry in card["held_out"]["sessions"]] == ["S3"]
    assert "S3" not in {entry["session_id"] for entry in card["training"]["sessions"]}


def test_a_changed_transcript_is_refused(relcode: Run, project: Project, small_study: Callable[..., Any]) -> None:
    first = small_study(5).sessions[0]
    turns = (*first.turns[:-1], msgspec.structs.replace(first.turns[-1], text="Something else."))
    (project.transcripts / "S1.jsonl").unlink()
    write_session(Session("S1", turns, first.metadata), project.transcripts)
    done = relcode("train")
    assert done.status == 1
    assert "session S1: its transcript has changed since it was coded" in done.err
    assert "Something" not in done.err
    assert not any(project.models.iterdir())


def test_another_version_is_refused_with_the_way_out(
    relcode: Run, project: Project, small_study: Callable[..., Any]
) -> None:
    study = small_study(5)
    ledger_of(project).append(coding(study.sessions[4], "ana", study.labels, codebook="small@0.9.0"))
    done = relcode("train")
    assert done.status == 1
    assert "labels of small@0.9.0: the model is of small@1.0.0" in done.err
    assert "relcode codebook migrate" in done.err


def test_nothing_accepted_is_said(
    relcode: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: Project
) -> None:
    empty = Project.create(tmp_path / "empty", codebook="small")
    (empty.codebooks / "small.yaml").write_bytes((project.codebooks / "small.yaml").read_bytes())
    for path in project.transcripts.iterdir():
        (empty.transcripts / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(empty.folder)
    done = relcode("train")
    assert done.status == 1
    assert "The ledger has accepted nothing that was coded with small" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--teach", "m"), "--teach MODEL and --unlabelled SRC belong together"),
        (("--unlabelled", "transcripts"), "--teach MODEL and --unlabelled SRC belong together"),
        (("--base", "somewhere"), "--kind linear goes without --base"),
    ],
)
def test_a_wrong_call_is_refused(relcode: Run, project: Project, arguments: tuple[str, ...], said: str) -> None:
    done = relcode("train", *arguments)
    assert done.status == 2
    assert said in done.err


def test_outside_of_a_project_all_must_be_named(relcode: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = relcode("train", "--labels", "l.jsonl")
    assert (done.status, "name --transcripts, --labels and --codebook" in done.err) == (2, True)


def test_a_model_teaches_another(relcode: Run, project: Project, small_study: Callable[..., Any]) -> None:
    study = small_study(7)
    for session in study.sessions[5:]:
        write_session(session, project.folder / "more")
    assert relcode("train", "--out", "models/teacher").status == 0
    done = relcode("train", "--teach", "models/teacher", "--unlabelled", "more", "--json")
    assert done.status == 0, done.err
    teacher = json.loads(done.out)["teacher"]
    assert ([entry["session_id"] for entry in teacher["sessions"]], teacher["knew_dyads"]) == (["S6", "S7"], 4)


def test_two_files_that_differ_about_a_session_are_refused(
    relcode: Run, project: Project, small_study: Callable[..., Any]
) -> None:
    labels = small_study(5).labels
    write_spans(project.labels / "a.jsonl", labels)
    write_spans(project.labels / "b.jsonl", [own for own in labels if own.session_id == "S2"][1:])
    done = relcode("train", "--labels", "labels/a.jsonl", "--labels", "labels/b.jsonl")
    assert done.status == 1
    assert "session S2: labels/a.jsonl and labels/b.jsonl differ in 1 label(s)" in done.err
