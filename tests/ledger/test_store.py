"""The ledger's file: append-only, chained, safe with several writers, clear about what it refuses."""

from __future__ import annotations

import csv
import json
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from relcode.errors import DataError, LedgerError
from relcode.ledger import Ledger, LedgerMoved, NewEvent, write_events


def confirm(page: str, coder: str = "A") -> NewEvent:
    return NewEvent("confirm", "test", {"page": page, "batch": "b1", "coder": coder})


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db")


def tamper(ledger: Ledger, *statements: str) -> None:
    """Change the file behind relcode's back, as somebody with an SQLite shell could."""
    with sqlite3.connect(ledger.name) as connection:
        connection.execute("DROP TRIGGER events_refuse_update")
        connection.execute("DROP TRIGGER events_refuse_delete")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_what_is_appended_is_read_again_in_order(ledger: Ledger) -> None:
    assert ledger.append([confirm("p1"), confirm("p2")]) == 2
    assert ledger.append([confirm("p3")]) == 1
    events = list(Ledger(ledger.name).events())
    assert [(event.seq, event.payload["page"]) for event in events] == [(1, "p1"), (2, "p2"), (3, "p3")]
    assert [event.previous_hash for event in events[1:]] == [event.hash for event in events[:-1]]
    assert all(event.at.endswith("+00:00") for event in events)


def test_appending_nothing_writes_nothing(ledger: Ledger) -> None:
    assert ledger.append([]) == 0
    assert list(ledger.events()) == []
    assert ledger.verify() == []


def test_events_can_be_read_by_kind(ledger: Ledger) -> None:
    unconfirm = NewEvent("unconfirm", "test", confirm("p1").payload)
    ledger.append([confirm("p1"), unconfirm, confirm("p2")])
    assert [event.seq for event in ledger.events("confirm")] == [1, 3]
    assert [event.seq for event in ledger.events("confirm", "unconfirm")] == [1, 2, 3]
    assert list(ledger.events("page")) == []


def test_a_long_ledger_is_read_whole(ledger: Ledger) -> None:
    ledger.append([confirm(f"p{number}") for number in range(4100)])
    assert [event.seq for event in ledger.events()] == list(range(1, 4101))
    assert ledger.verify() == []


def test_any_text_survives(ledger: Ledger) -> None:
    odd = 'ümläut 😀 "quoted" \\ \u2028 \ud800 \0'
    event = confirm("p1")
    ledger.append([NewEvent(event.kind, event.actor, {**event.payload, "note": odd})])
    assert next(ledger.events()).payload["note"] == odd
    assert ledger.verify() == []


@pytest.mark.parametrize("verb", ["UPDATE events SET actor = 'x'", "DELETE FROM events"])
def test_the_database_refuses_change(ledger: Ledger, verb: str) -> None:
    ledger.append([confirm("p1")])
    with sqlite3.connect(ledger.name) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(verb)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE events SET payload = replace(payload, 'p2', 'p9') WHERE seq = 2", "event 2: its content"),
        ("UPDATE events SET at = '2020-01-01' WHERE seq = 2", "event 2: its content"),
        ("UPDATE events SET actor = 'other' WHERE seq = 2", "event 2: its content"),
        ("UPDATE events SET payload = 7 WHERE seq = 2", "event 2: its content"),
        ("DELETE FROM events WHERE seq = 2", "event 2: missing"),
        ("DELETE FROM events WHERE seq = 1", "event 1: missing"),
        ("DELETE FROM events WHERE seq = 3", "event 3: missing; the ledger ended with event 3"),
        ("UPDATE meta SET value = replace(value, '3 ', '2 ') WHERE key = 'head'", "event 3: is not the last"),
    ],
)
def test_verify_finds_a_changed_or_missing_row(ledger: Ledger, statement: str, fault: str) -> None:
    ledger.append([confirm("p1"), confirm("p2"), confirm("p3")])
    assert ledger.verify() == []
    tamper(ledger, statement)
    assert any(line.startswith(fault) for line in ledger.verify())


@pytest.mark.parametrize("payload", ["'no JSON'", "'[1]'", "7", "''"])
def test_a_damaged_payload_is_named_and_not_repeated(ledger: Ledger, payload: str) -> None:
    ledger.append([confirm("p1"), confirm("p2")])
    tamper(ledger, f"UPDATE events SET payload = {payload} WHERE seq = 2")
    with pytest.raises(LedgerError, match="Event 2 of the ledger") as caught:
        list(ledger.events())
    assert "JSON" not in str(caught.value)


def test_a_ledger_without_its_end_is_refused(ledger: Ledger) -> None:
    tamper(ledger, "DELETE FROM meta WHERE key = 'head'")
    with pytest.raises(LedgerError, match="damaged"):
        ledger.append([confirm("p1")])


def test_verify_finds_two_rows_that_changed_places(ledger: Ledger) -> None:
    ledger.append([confirm("p1"), confirm("p2"), confirm("p3")])
    tamper(
        ledger,
        "UPDATE events SET seq = 99 WHERE seq = 1",
        "UPDATE events SET seq = 1 WHERE seq = 2",
        "UPDATE events SET seq = 2 WHERE seq = 99",
    )
    faults = ledger.verify()
    assert any(line.startswith("event 1:") for line in faults)
    assert any(line.startswith("event 2:") for line in faults)


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        (NewEvent("lable", "test", {}), "kind 'lable' is unknown"),
        (NewEvent("confirm", "test", {"page": "p"}), "lacks batch, coder"),
        (NewEvent("confirm", "test", {"page": {1}, "batch": "b", "coder": "A"}), "JSON"),
        (NewEvent("confirm", "test", {"page": float("nan"), "batch": "b", "coder": "A"}), "JSON"),
        (NewEvent("confirm", "test", {"page": "\ud800", "batch": "b\0", "coder": "A"}), "text without .* batch"),
        (NewEvent("confirm", "test", {"page": 7, "batch": "b", "coder": "A"}), "expected text .* page"),
        (
            NewEvent("label", "test", {"page": "p", "batch": "b", "coder": "A", "provenance": "added", "span": {}}),
            "contract form 2",
        ),
    ],
)
def test_a_faulty_event_is_refused_and_nothing_of_its_batch_is_written(
    ledger: Ledger, event: NewEvent, fault: str
) -> None:
    with pytest.raises(LedgerError, match=fault):
        ledger.append([confirm("p1"), event])
    assert list(ledger.events()) == []


def test_file_and_its_companions_are_private(ledger: Ledger) -> None:
    ledger.append([confirm("p1")])
    for path in Path(ledger.name).parent.glob("ledger.db*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_url_names_the_same_file(tmp_path: Path) -> None:
    Ledger(f"sqlite:///{tmp_path}/ledger.db").append([confirm("p1")])
    assert len(list(Ledger(tmp_path / "ledger.db").events())) == 1


@pytest.mark.parametrize("url", ["postgresql://host/db", "sqlite://", "nonsense://"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(LedgerError):
        Ledger(url)


def test_a_file_that_is_no_ledger_is_refused_and_left(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are notes and no database at all, " * 100)
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="not a ledger"):
        Ledger(path)
    assert path.read_bytes() == before


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE people (name TEXT)")
    with pytest.raises(LedgerError, match="something else"):
        Ledger(tmp_path / "other.db")


def test_a_folder_or_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="directory"):
        Ledger(tmp_path)
    with pytest.raises(LedgerError, match="No such file"):
        Ledger(tmp_path / "missing" / "ledger.db")


def test_a_newer_format_is_refused(ledger: Ledger) -> None:
    tamper(ledger, "UPDATE meta SET value = '3' WHERE key = 'schema_version'")
    with pytest.raises(LedgerError, match="Update relcode"):
        Ledger(ledger.name)


def test_a_locked_ledger_is_an_error_in_one_sentence_and_can_still_be_read(ledger: Ledger) -> None:
    ledger.append([confirm("p1")])
    other = sqlite3.connect(ledger.name, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    impatient = Ledger(ledger.name, busy_seconds=0.1)
    with pytest.raises(LedgerError, match="another process") as caught:
        impatient.append([confirm("secret words")])
    assert "secret" not in str(caught.value)
    assert "secret" not in str(caught.value.__cause__)
    assert len(list(impatient.events())) == 1
    other.close()
    assert impatient.append([confirm("p2")]) == 1


def test_a_read_only_ledger_can_be_read_and_not_written(ledger: Ledger) -> None:
    ledger.append([confirm("p1")])
    reader = Ledger(f"sqlite:///file:{ledger.name}?mode=ro&uri=true")
    assert len(list(reader.events())) == 1
    with pytest.raises(LedgerError, match="read-only"):
        reader.append([confirm("p2")])


def test_a_full_disk_leaves_the_ledger_as_it_was(ledger: Ledger) -> None:
    ledger.append([confirm("p1")])

    def fill(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    sa.event.listen(sa.Engine, "connect", fill)
    try:
        with pytest.raises(LedgerError, match="disk is full"):
            ledger.append([confirm(f"p{number}" * 50) for number in range(500)])
    finally:
        sa.event.remove(sa.Engine, "connect", fill)
    assert [event.payload["page"] for event in ledger.events()] == ["p1"]
    assert ledger.verify() == []


def test_repr_shows_no_content(ledger: Ledger) -> None:
    ledger.append([confirm("secret")])
    assert "secret" not in repr(next(ledger.events())) + repr(confirm("secret")) + repr(ledger)


def test_export_holds_every_event(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append([confirm("ü, \n1"), confirm("p2")])
    assert write_events(tmp_path / "all.jsonl", ledger.events()) == 2
    assert write_events(tmp_path / "all.csv", ledger.events()) == 2
    lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
    with (tmp_path / "all.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [line["payload"]["page"] for line in lines] == ["ü, \n1", "p2"]
    assert [json.loads(row["payload"])["page"] for row in rows] == ["ü, \n1", "p2"]
    assert [row["hash"] for row in rows] == [line["hash"] for line in lines]
    assert stat.S_IMODE((tmp_path / "all.csv").stat().st_mode) == 0o600


def test_export_refuses_other_forms(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\.jsonl or \.csv"):
        write_events(tmp_path / "all.xlsx", ledger.events())


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "relcode", "ledger", *arguments], cwd=cwd, capture_output=True, text=True
    )


@pytest.mark.slow
def test_the_command_verifies_and_exports(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append([confirm("p1"), confirm("p2")])
    good = run("verify", ledger.name, "--json", cwd=tmp_path)
    assert (good.returncode, json.loads(good.stdout)["faults"]) == (0, [])
    assert run("export", ledger.name, "--out", "all.csv", cwd=tmp_path).returncode == 0
    assert (tmp_path / "all.csv").read_text().count("\n") == 3
    tamper(ledger, "DELETE FROM events WHERE seq = 1")
    bad = run("verify", ledger.name, cwd=tmp_path)
    assert bad.returncode == 1
    assert "event 1: missing" in bad.stderr
    missing = run("verify", "other.db", cwd=tmp_path)
    assert missing.returncode == 1
    assert not (tmp_path / "other.db").exists()


def test_an_append_that_names_what_it_read_is_refused_once_the_ledger_has_grown(ledger: Ledger) -> None:
    ledger.append([confirm("p1")], after=0)
    with pytest.raises(LedgerMoved, match="has grown"):
        ledger.append([confirm("p2")], after=0)
    ledger.append([confirm("p2")], after=1)
    assert ledger.head()[0] == 2
    assert ledger.verify() == []
