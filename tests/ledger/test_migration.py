"""A ledger of version 1 becomes one of the present version: wholly or not at all, and a copy of it is kept."""

from __future__ import annotations

import json
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from relcode.errors import LedgerError
from relcode.ledger import Ledger, NewEvent
from relcode.ledger.backup import open_backup
from relcode.ledger.events import START_HASH, Row

# The tables as version 1 made them.
VERSION_1 = """
CREATE TABLE events (
    seq INTEGER NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL, payload TEXT NOT NULL,
    previous_hash TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (seq)
);
CREATE TABLE meta ("key" TEXT NOT NULL, value TEXT, PRIMARY KEY ("key"));
CREATE INDEX ix_events_kind ON events (kind);
CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER events_refuse_delete BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""
SPAN = {"session_id": "S1", "turn": 2, "start": 0, "end": 4, "text": "Come", "code": "TSI"}
ON_PAGE = {"coder": "A", "batch": "b1", "page": "p1"}


def history() -> list[NewEvent]:
    page = {
        **ON_PAGE,
        "session_id": "S1",
        "session_sha256": "0",
        "first_turn": 1,
        "last_turn": 9,
        "text_sha256": "1",
        "codebook": "relational-core@1.0.0",
        "suggestions": [SPAN],
        "shown": True,
    }
    return [
        NewEvent("deid", "x", {"session_id": "S1", "session_sha256": "0", "findings": 0, "mode": "tag"}),
        NewEvent("page", "x", page),
        NewEvent("label", "x", {**ON_PAGE, "span": SPAN, "provenance": "accepted"}),
        NewEvent("label", "x", {**ON_PAGE, "span": {**SPAN, "start": 1}, "provenance": "added"}),
        NewEvent("unlabel", "x", {**ON_PAGE, "span": {**SPAN, "start": 1}, "provenance": "removed"}),
        NewEvent("confirm", "x", ON_PAGE),
        NewEvent("confirm", "x", {**ON_PAGE, "page": "half \ud800 and nul \0"}),
    ]


def make_version_1(path: Path, events: list[NewEvent]) -> list[Row]:
    rows, previous = [], START_HASH
    for seq, event in enumerate(events, 1):
        rows.append(Row.of(event, seq=seq, at="2026-01-02T03:04:05.678+00:00", previous_hash=previous))
        previous = rows[-1].hash
    path.touch(0o600)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executescript(VERSION_1)
    connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    meta = [("schema_version", "1"), ("head", f"{len(rows)} {previous}")]
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta)
    connection.commit()
    connection.close()
    return rows


@pytest.fixture
def old(tmp_path: Path) -> Path:
    make_version_1(tmp_path / "ledger.db", history())
    return tmp_path / "ledger.db"


def version(path: Path) -> str:
    connection = sqlite3.connect(path)
    found: str = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()[0]
    connection.close()
    return found


def test_an_old_ledger_is_migrated_when_opened_and_says_the_same(old: Path) -> None:
    rows = list(open_backup(old).rows())
    ledger = Ledger(old)
    assert version(old) == "2"
    assert list(ledger.rows()) == rows
    assert ledger.verify() == []
    assert [span.start for span in ledger.labels("A")] == [0]
    assert len(ledger.confirmed_pages("A")) == 2
    assert ledger.deid_record("S1", "0")
    ledger.append([NewEvent("confirm", "x", {**ON_PAGE, "page": "p2"})])
    assert Ledger(old).verify() == []


def test_a_copy_of_the_old_version_is_kept_beside_it_and_never_written_over(old: Path) -> None:
    rows = list(open_backup(old).rows())
    before = old.with_name("ledger.format-1.db")
    before.write_text("something else")
    Ledger(old)
    copy = old.with_name("ledger.format-1-2.db")
    assert before.read_text() == "something else"
    assert (version(copy), stat.S_IMODE(copy.stat().st_mode)) == ("1", 0o600)
    assert list(open_backup(copy).rows()) == rows
    assert open_backup(copy).verify() == []
    Ledger(old)
    assert len(list(old.parent.glob("ledger.format-1*"))) == 2


def test_an_old_ledger_that_is_only_looked_into_stays_as_it_is(old: Path) -> None:
    before = old.read_bytes()
    ledger = open_backup(old)
    assert ledger.verify() == []
    assert len(list(ledger.events("label"))) == 2
    with pytest.raises(LedgerError, match="older format"):
        ledger.labels("A")
    assert old.read_bytes() == before
    assert [path.name for path in old.parent.iterdir()] == ["ledger.db"]


def test_a_damaged_payload_is_kept_and_found_after_the_migration(old: Path) -> None:
    connection = sqlite3.connect(old)
    connection.executescript("DROP TRIGGER events_refuse_update; UPDATE events SET payload = 'no JSON' WHERE seq = 3")
    trigger = "CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'x'); END"
    connection.execute(trigger)
    connection.close()
    assert [fault[:8] for fault in Ledger(old).verify()] == ["event 3:"]


MIGRATE = """
import os, signal, sys
import sqlalchemy as sa
from relcode.ledger import Ledger
path, word = sys.argv[1:]
def strike(*told):
    if word and told[2].startswith(word):
        os.kill(os.getpid(), signal.SIGKILL)
sa.event.listen(sa.Engine, "before_cursor_execute", strike)
Ledger(path)
"""
MIGRATE_OFTEN = """
import os, signal, sqlite3, sys
import sqlalchemy as sa
from relcode.ledger import Ledger
from relcode.ledger.backup import open_backup
path, count = sys.argv[1], 0
def strike(*_):
    global count
    count -= 1
    if count == 0:
        os.kill(os.getpid(), signal.SIGKILL)
def migrate_and_be_killed_at(number):
    global count
    if (pid := os.fork()) == 0:
        count = number
        sa.event.listen(sa.Engine, "before_cursor_execute", strike)
        sa.event.listen(sa.Engine, "commit", strike)
        Ledger(path)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == signal.SIGKILL
number = 1
while migrate_and_be_killed_at(number):
    version = sqlite3.connect(path).execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    assert version == ("1",) and open_backup(path).verify() == [], number
    number += 1
print(number)
"""


@pytest.mark.slow
def test_a_migration_that_is_killed_at_any_statement_has_not_happened(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    rows = make_version_1(path, history())
    done = subprocess.run([sys.executable, "-c", MIGRATE_OFTEN, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30
    assert version(path) == "2"
    assert Ledger(path).verify() == []
    assert list(Ledger(path).rows()) == rows


@pytest.mark.parametrize("word", ["CREATE VIEW", "UPDATE meta"])
def test_a_migration_that_is_killed_late_has_not_happened(old: Path, word: str) -> None:
    done = subprocess.run([sys.executable, "-c", MIGRATE, str(old), word])
    assert done.returncode == -signal.SIGKILL
    assert version(old) == "1"
    assert Ledger(old).verify() == []
    assert version(old) == "2"


def test_two_processes_migrate_at_once(old: Path) -> None:
    processes = [subprocess.Popen([sys.executable, "-c", MIGRATE, str(old), ""]) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert Ledger(old).verify() == []
    assert len(list(old.parent.glob("ledger.format-1*"))) == 1


@pytest.mark.parametrize(
    ("column", "value"), [("coder", "'B'"), ("coder", "NULL"), ("span_start", "7"), ("role", "'recode'")]
)
def test_verify_finds_a_column_that_says_other_than_the_payload(old: Path, column: str, value: str) -> None:
    ledger = Ledger(old)
    connection = sqlite3.connect(old)
    trigger: Any = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'events_refuse_update'").fetchone()[0]
    connection.execute("DROP TRIGGER events_refuse_update")
    connection.execute(f"UPDATE events SET {column} = {value} WHERE seq = 3")
    connection.execute(trigger)
    connection.commit()
    connection.close()
    assert ledger.verify() == ["event 3: its columns are not those of its content"]


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DROP TRIGGER events_refuse_delete", "trigger events_refuse_delete: missing"),
        ("DROP INDEX ix_events_coder", "index ix_events_coder: missing"),
        ("DROP VIEW current_labels", "view current_labels: missing"),
        (
            "DROP VIEW current_accepted; CREATE VIEW current_accepted AS SELECT * FROM events WHERE 0",
            "view current_accepted: its content is not what relcode made",
        ),
    ],
)
def test_verify_finds_what_is_gone_of_the_tables_guards_and_views(old: Path, statement: str, fault: str) -> None:
    ledger = Ledger(old)
    connection = sqlite3.connect(old)
    connection.executescript(statement)
    connection.close()
    assert ledger.verify() == [fault]


def test_a_program_of_version_1_that_still_runs_cannot_write_what_would_not_be_read(old: Path) -> None:
    Ledger(old)
    connection = sqlite3.connect(old)
    row = (8, "at", "confirm", "x", json.dumps(ON_PAGE), "0", "1")
    with pytest.raises(sqlite3.IntegrityError, match="older relcode"):
        connection.execute(
            "INSERT INTO events (seq, at, kind, actor, payload, previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?)", row
        )
    connection.close()
