"""A backup is whole or there is none; restoring gives back and never takes away."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from relcode.errors import LedgerError
from relcode.ledger import Ledger, NewEvent
from relcode.ledger.backup import back_up, open_backup, restore
from relcode.project import Project


def confirm(page: str) -> NewEvent:
    return NewEvent("confirm", "test", {"page": page, "batch": "b1", "coder": "A"})


@pytest.fixture
def ledger(ledger_url: str) -> Ledger:
    ledger = Ledger(ledger_url)
    ledger.append([confirm("p1"), confirm("p2")])
    return ledger


def test_a_backup_holds_every_event_with_its_hash(ledger: Ledger, tmp_path: Path) -> None:
    assert back_up(ledger, tmp_path / "safe" / "copy.db") == ledger.head()
    copy = tmp_path / "safe" / "copy.db"
    assert list(open_backup(copy).rows()) == list(ledger.rows())
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [path.name for path in copy.parent.iterdir()] == ["copy.db"]


def test_an_older_backup_is_replaced_and_a_longer_one_never(ledger: Ledger, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    back_up(ledger, copy)
    ledger.append([confirm("p3")])
    assert back_up(ledger, copy)[0] == 3
    shorter = Ledger(tmp_path / "shorter.db")
    shorter.append_rows(row for row in ledger.rows() if row.seq < 3)
    with pytest.raises(LedgerError, match="holds event 3, which the ledger"):
        back_up(shorter, copy)
    assert open_backup(copy).head()[0] == 3
    (tmp_path / "notes.txt").write_text("some notes")
    with pytest.raises(LedgerError, match="not a ledger"):
        back_up(ledger, tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "some notes"


WRITER = """
import sys
from relcode.ledger import Ledger, NewEvent
ledger, number = Ledger(sys.argv[1]), 0
while True:
    number += 1
    ledger.append([NewEvent("confirm", "x", {"page": str(number), "batch": "b", "coder": "B"})] * 7)
    print(number, flush=True)
"""


def test_a_backup_is_whole_while_others_write(ledger: Ledger, ledger_url: str, tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, ledger_url], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.readline()
    try:
        for number in range(4):
            count, head = back_up(ledger, tmp_path / f"copy{number}.db")
            assert count % 7 == 2
            assert ledger.verify(head) == []
    finally:
        writer.kill()
        writer.wait()


def test_a_lost_ledger_is_restored_and_a_shorter_one_completed(ledger: Ledger, tmp_path: Path) -> None:
    copy, lost = tmp_path / "copy.db", tmp_path / "lost.db"
    back_up(ledger, copy)
    assert restore(copy, lost) == 2
    assert list(Ledger(lost).rows()) == list(ledger.rows())
    ledger.append([confirm("p3")])
    back_up(ledger, copy)
    assert restore(copy, lost) == 1
    assert restore(copy, lost) == 0
    assert Ledger(lost).head() == ledger.head()
    assert Ledger(lost).verify() == []
    assert stat.S_IMODE(lost.stat().st_mode) == 0o600


@pytest.mark.server
def test_a_file_is_restored_into_a_database(postgres_url: str, tmp_path: Path) -> None:
    file = Ledger(tmp_path / "ledger.db")
    file.append([confirm("p1"), confirm("p2")])
    back_up(file, tmp_path / "copy.db")
    assert restore(tmp_path / "copy.db", postgres_url) == 2
    assert list(Ledger(postgres_url, create=False).rows()) == list(file.rows())
    assert Ledger(postgres_url).verify() == []


def test_events_that_the_backup_lacks_are_never_overwritten(ledger: Ledger, ledger_url: str, tmp_path: Path) -> None:
    back_up(ledger, tmp_path / "copy.db")
    ledger.append([confirm("p3")])
    target = ledger_url if ledger.path is None else ledger.path
    with pytest.raises(LedgerError, match=r"holds event 3, which the backup .* lacks"):
        restore(tmp_path / "copy.db", target)
    other = Ledger(tmp_path / "other.db")
    other.append([confirm("p1")])
    with pytest.raises(LedgerError, match="holds event 1, which the backup"):
        restore(tmp_path / "copy.db", tmp_path / "other.db")
    assert (ledger.head()[0], other.head()[0]) == (3, 1)


def change(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript("DROP TRIGGER events_refuse_update; DROP TRIGGER events_refuse_delete; " + statement)
    connection.close()


def test_a_damaged_ledger_is_neither_backed_up_nor_restored_over(tmp_path: Path) -> None:
    path, copy = tmp_path / "ledger.db", tmp_path / "copy.db"
    ledger = Ledger(path)
    ledger.append([confirm("p1"), confirm("p2")])
    back_up(ledger, copy)
    before = copy.read_bytes()
    change(path, "UPDATE events SET actor = 'other' WHERE seq = 2")
    with pytest.raises(LedgerError, match="holds event 2"):
        back_up(ledger, copy)
    with pytest.raises(LedgerError, match=r"no backup was made.*\n.*event 2: its content"):
        back_up(ledger, tmp_path / "new.db")
    with pytest.raises(LedgerError, match=r"holds event 2.*move it aside"):
        restore(copy, path)
    change_back = "UPDATE events SET actor = 'test' WHERE seq = 2; DELETE FROM events WHERE seq = 2"
    connection = sqlite3.connect(path)
    connection.executescript(change_back)
    connection.close()
    with pytest.raises(LedgerError, match="damaged; nothing was changed"):
        restore(copy, path)
    assert copy.read_bytes() == before
    assert not (tmp_path / "new.db").exists()
    path.replace(tmp_path / "damaged.db")
    assert restore(copy, path) == 2


def test_a_damaged_backup_is_not_restored(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.append([confirm("p1"), confirm("p2")])
    copy = tmp_path / "copy.db"
    back_up(ledger, copy)
    change(copy, "UPDATE events SET actor = 'other' WHERE seq = 1")
    with pytest.raises(LedgerError, match="nothing was restored"):
        restore(copy, tmp_path / "lost.db")
    assert not (tmp_path / "lost.db").exists()


def test_what_a_lost_file_left_beside_it_is_not_read_into_the_new_one(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.append([confirm("p1")])
    back_up(ledger, tmp_path / "copy.db")
    (tmp_path / "lost.db-wal").write_bytes(b"remains")
    assert restore(tmp_path / "copy.db", tmp_path / "lost.db") == 1
    assert (tmp_path / "lost.db-wal.lost").read_bytes() == b"remains"
    assert Ledger(tmp_path / "lost.db").verify() == []


def test_a_noted_head_tells_a_ledger_that_was_written_anew(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.append([confirm("p1"), confirm("p2")])
    noted = ledger.head()[1]
    ledger.append([confirm("p3")])
    assert ledger.verify(noted) == []
    forged = Ledger(tmp_path / "forged.db")
    forged.append([confirm("p1"), confirm("p9"), confirm("p3")])
    assert forged.verify() == []
    assert [fault.partition(":")[0] for fault in forged.verify(noted)] == ["the noted head"]


def test_the_commands_back_up_restore_and_compare_a_noted_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, relcode: Any
) -> None:
    project = Project.create(tmp_path / "study")
    project.open_ledger().append([confirm("p1")])
    monkeypatch.chdir(project.folder)
    head = project.open_ledger().head()[1]
    assert head in relcode("ledger", "backup", "--out", "../copy.db").err
    project.ledger_path.unlink()
    assert "relcode ledger restore" in relcode("ledger", "verify").err
    assert "1 event(s) restored" in relcode("ledger", "restore", "../copy.db").err
    assert relcode("ledger", "verify", "--head", head).status == 0
    assert relcode("ledger", "verify", "--head", "0" * 63 + "1").status == 1
    assert relcode("ledger", "verify", "--head", "abc").status == 2
    assert "There is no backup" in relcode("ledger", "restore", "../nothing.db").err
    project.ledger_path.write_bytes(b"")
    assert "empty and no ledger" in relcode("ledger", "verify").err
    assert relcode("ledger", "restore", "../copy.db").status == 0
