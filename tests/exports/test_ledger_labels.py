"""Labels out of a project's ledger: accepted ones and each coder's own, through the gate, in the formats of exports."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lxml import etree

from relcode.deid import deidentify, record_deid
from relcode.ledger import Ledger, NewEvent
from relcode.project import Project
from relcode.records import Session, Span, Turn
from relcode.transcripts import write_session

BOOK = "relational-core@1.0.0"
SESSIONS = [
    Session("S1", (Turn(1, "T", "I felt shut out \U0001f642."), Turn(2, "C", "Oh."))),
    Session("S2", (Turn(1, "T", "And now?"), Turn(2, "C", "Yes."))),
]
TSI, TSD = ("S1", 1, 0, 15, "TSI"), ("S1", 1, 7, 17, "TSD")


def span(key: tuple[str, int, int, int, str], source: str) -> Span:
    session_id, turn, start, end, code = key
    session = next(session for session in SESSIONS if session.session_id == session_id)
    return Span(session_id, turn, start, end, session.turns[turn - 1].text[start:end], code, BOOK, source)


Key = tuple[str, int, int, int, str]


def push(ledger: Ledger, coder: str, session_id: str, turns: tuple[int, int], *keys: Key, confirm: bool = True) -> None:
    """A page of some turns of a session, with what its coder set."""
    first, last = turns
    common = {"page": f"{coder}/{session_id}/{first}", "batch": "1", "coder": coder}
    entry = common | {"session_id": session_id, "session_sha256": "0", "first_turn": first, "last_turn": last}
    entry |= {"text_sha256": "0", "codebook": BOOK, "suggestions": [], "shown": True}
    events = [NewEvent("page", "test", entry)]
    for key in keys:
        body = {"span": msgspec.to_builtins(span(key, f"coder:{coder}")), "provenance": "added"}
        events.append(NewEvent("label", "test", common | body))
    ledger.append([*events, *([NewEvent("confirm", "test", common)] if confirm else [])])


@pytest.fixture
def study(tmp_path: Path) -> Project:
    """Two sessions; `ana` has done both, `ben` the first and half of the second; of the first a label is accepted."""
    project = Project.create(tmp_path / "study", coders=["ana", "ben"])
    for session in SESSIONS:
        write_session(session, project.transcripts)
    ledger = project.open_ledger()
    record_deid(deidentify(SESSIONS), ledger)
    push(ledger, "ana", "S1", (1, 2), TSI)
    push(ledger, "ana", "S2", (1, 2), ("S2", 1, 0, 3, "TSD"))
    push(ledger, "ben", "S1", (1, 2), TSI, TSD)
    push(ledger, "ben", "S2", (1, 1), ("S2", 1, 4, 7, "TSD"))
    push(ledger, "ben", "S2", (2, 2), confirm=False)
    decided = {"decision": "agreed", "reason": "", "coders": ["ana", "ben"]}
    closed = {"session_id": "S1", "session_sha256": "0", "codebook": BOOK}
    accept = {"span": msgspec.to_builtins(span(TSI, "accepted")), **decided}
    ledger.append([NewEvent("accept", "test", accept), NewEvent("adjudicated", "test", closed)])
    return project


def exported(relcode: Any, study: Project, to: str, *whose: str) -> tuple[Path, str]:
    options = [word for name in whose for word in ("--ledger", name)]
    out = study.folder.parent / "out"
    done = relcode("export", study.transcripts, *options, "--to", to, "--out", out)
    assert done.status == 0, done.err
    return out, done.err


def rows(path: Path) -> set[tuple[str, ...]]:
    with path.open(newline="", encoding="utf-8") as file:
        return {(row["session_id"], row["code"], row["text"], row["source"]) for row in csv.DictReader(file)}


IN_ANA = {("S1", "TSI", "I felt shut out", "coder:ana"), ("S2", "TSD", "And", "coder:ana")}
IN_BEN = {("S1", "TSI", "I felt shut out", "coder:ben"), ("S1", "TSD", "shut out \U0001f642", "coder:ben")}
ACCEPTED = {("S1", "TSI", "I felt shut out", "accepted")}


@pytest.mark.parametrize(
    ("whose", "expected"),
    [
        (["accepted"], ACCEPTED),
        (["coder:ana"], IN_ANA),
        (["coder:ben"], IN_BEN),  # nothing of the session that ben has not confirmed
        (["coders"], IN_ANA | IN_BEN),
        (["coders", "coder:ana", "accepted"], ACCEPTED | IN_ANA | IN_BEN),
    ],
)
def test_whose_labels_are_written(
    relcode: Any, study: Project, whose: list[str], expected: set[tuple[str, ...]]
) -> None:
    out, said = exported(relcode, study, "csv", *whose)
    assert rows(out / "labels.csv") == expected
    assert ("session S2: coder:ben has not confirmed every page" in said) == bool({"coders", "coder:ben"} & set(whose))


@pytest.mark.slow  # looks through all codebooks
def test_each_coder_is_a_user_of_the_refi_qda_project(relcode: Any, study: Project) -> None:
    out, _ = exported(relcode, study, "qdpx", "accepted", "coders")
    with zipfile.ZipFile(out / "labels.qdpx") as archive:
        project = etree.fromstring(archive.read("project.qde"))
    names = {user.get("guid"): user.get("name") for user in project.iter("{*}User")}
    given = [names[coding.get("creatingUser")] for coding in project.iter("{*}Coding")]
    assert sorted(given) == ["accepted", "ana", "ana", "ben", "ben"]


@pytest.mark.parametrize("whose", ["coder:cleo", "coder:consensus", "ana"])
def test_who_is_not_in_the_ledger_is_refused_with_those_who_are(relcode: Any, study: Project, whose: str) -> None:
    done = relcode("export", study.transcripts, "--ledger", whose, "--to", "csv", "--out", study.folder.parent / "out")
    assert done.status == 2
    assert f"--ledger {whose}: expected accepted, coders, coder:ana, coder:ben" in done.err
    assert not (study.folder.parent / "out").exists()


def test_transcripts_outside_a_project_have_no_ledger(tmp_path: Path, relcode: Any) -> None:
    source = write_session(SESSIONS[0], tmp_path / "in")
    done = relcode("export", source, "--ledger", "accepted", "--to", "csv", "--out", tmp_path / "out")
    assert done.status == 2
    assert "one project folder" in done.err


def test_transcripts_that_have_changed_do_not_get_the_labels_of_the_old_ones(relcode: Any, study: Project) -> None:
    changed = Session("S1", (Turn(1, "T", "We felt shut out."), *SESSIONS[0].turns[1:]))
    write_session(changed, study.transcripts)
    record_deid(deidentify([changed]), study.open_ledger())
    out = study.folder.parent / "out"
    done = relcode("export", study.transcripts, "--ledger", "accepted", "--to", "csv", "--out", out)
    assert done.status == 1
    assert "session S1, turn 1: the words at offsets 0 to 15" in done.err
    assert "shut" not in done.err
    assert not out.exists()


def test_the_gate_is_asked_before_labels_of_the_ledger_leave(relcode: Any, study: Project) -> None:
    other = Session("S3", (Turn(1, "T", "Yes."),))
    write_session(other, study.transcripts)
    done = relcode(
        "export", study.transcripts, "--ledger", "accepted", "--to", "csv", "--out", study.folder.parent / "out"
    )
    assert done.status == 1
    assert "session S3: not on record" in done.err
